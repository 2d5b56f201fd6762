"""`graphmode models NAME`: the page of a model."""

from __future__ import annotations

import inspect
import shutil
import textwrap
from typing import TYPE_CHECKING

import typer

from graphmode import models
from graphmode.cli.networks.saying import number, say, settings, written
from graphmode.models.catalog import FORMATS, entry_of
from graphmode.models.data import named
from graphmode.models.parameters import described, parameter_texts, rules

if TYPE_CHECKING:
    from graphmode.models.catalog import CatalogEntry

# What the command line sets itself, or a text cannot say.
_NOT_SET = ("callbacks", "checkpoint_dir", "resume", "log_dir", "verbose", "warm_start", "mesh")


def show_page(name: str) -> None:
    """Write the page of a model: what it learns from, its parameters, how to run it.

    Raises
    ------
    ValueError
        If there is no such model.
    """
    entry = entry_of(name)
    cls = getattr(models, entry.class_name)
    typer.echo(f"{entry.name}: {entry.idea}\n")
    say("class", f"graphmode.models.{entry.class_name}")
    say("data", FORMATS[entry.kind])
    say("sets", ", ".join(named.names_for(entry.kind)) or "none comes with graphmode")
    minutes = "a few seconds" if entry.minutes < 0.5 else f"some {entry.minutes:g} min"
    published = entry.published
    about = "about " if published.is_about else ""
    value = f"{published.measure} {about}{number(published.value)}"
    begin = "to beat" if published.is_baseline else "expected"
    say(begin, f"{value} on {entry.data}, in {minutes}")
    say("", published.source)
    say("settings", settings(entry.run) or "the defaults")
    typer.echo("\nparameters (--set name=value) and their defaults\n")
    defaults = inspect.signature(cls).parameters
    texts = parameter_texts(cls)
    annotations = rules(cls)
    names = [name for name in annotations if name not in _NOT_SET]
    for name in sorted(names, key=lambda name: name in rules(models.Model)):
        text, rule = texts.get(name, ""), described(annotations[name])
        if not text or "'" in rule:  # of a choice the words that may be said
            text = f"{rule}. {text}" if text else rule
        _say_parameter(f"{name}={written(defaults[name].default)}", text)
    typer.echo("\nfor example\n")
    for line in _examples(entry):
        typer.echo(f"  {line}")


def _say_parameter(setting: str, text: str) -> None:
    width = min(100, shutil.get_terminal_size((100, 24)).columns)
    start = f"  {setting:<26}  "
    lines = textwrap.wrap(text, max(30, width - len(start))) or [""]
    typer.echo(f"{start}{lines[0]}".rstrip())
    for line in lines[1:]:
        typer.echo(f"{'':<{len(start)}}{line}")


def _examples(entry: CatalogEntry) -> list[str]:
    own = {
        "numbers": "--data prices.csv --label price",
        "labels": "--data flowers.csv --label species",
        "rows": "--data pictures/",
        "text": "--data book.txt",
        "ratings": "--data ratings.csv",
        "trees": "--data trees.txt",
    }[entry.kind]
    return [
        f"graphmode train {entry.name} --quick",
        f"graphmode train {entry.name} {own} -o mine",
        "graphmode evaluate mine",
    ]
