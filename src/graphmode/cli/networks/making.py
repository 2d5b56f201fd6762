"""What trained networks make: pictures of themselves, texts, reconstructions."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from graphmode import viz
from graphmode.cli.networks.asking import test_part
from graphmode.cli.networks.saying import number, say
from graphmode.files.whole import write_whole
from graphmode.models.data.reading import read_input
from graphmode.models.folders import Opened, opened
from graphmode.models.pictures import some_of

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_SHOWN = 10
_TREES_LOOKED_AT = 100
_OF_PICTURES = ("filters", "manifold", "reconstructions", "samples")

# ---- draw ----------------------------------------------------------------------------------------


def draw(folder: Path, what: str | None, output: Path | None) -> None:
    """Write a picture of a model, or say which there are.

    Raises
    ------
    ValueError
        If the folder is no model, or this model cannot be drawn so.
    OSError
        If the file cannot be written.
    """
    found = opened(folder)
    ways = _ways(found)
    if what == "manifold" and hasattr(found.model, "draw_manifold"):
        ways[what] = lambda path: found.model.draw_manifold(path=str(path))  # which says why not
    if what is None:
        typer.echo(f"{folder} can be drawn as {', '.join(ways)}")
        return
    if what not in ways:
        raise ValueError(
            f"{folder} ({found.entry.class_name}) has no {what} to draw; it has {', '.join(ways)}"
        )
    endings = (".svg",) if what == "graph" else (".png", ".svg", ".pdf")
    path = output or Path(f"{folder.name}-{what}{endings[0]}")
    if path.suffix.lower() not in endings:
        raise ValueError(f"{path}: {what} is drawn as {', '.join(endings)}")
    ways[what](path)
    say("drawn", str(path))


def _ways(found: Opened) -> dict[str, Callable[[Path], Any]]:
    """What can be drawn of a model, and what draws it to a file."""
    model = found.model
    ways: dict[str, Callable[[Path], Any]] = {
        name.removeprefix("draw_"): _own_way(found, getattr(model, name))
        for name in dir(model)
        if name.startswith("draw_")
    }
    if "filters" not in ways and _first_weights(found) is not None:
        ways["filters"] = lambda path: _draw_filters(found, path)
    recipe = found.asked and found.asked.recipe
    if recipe and not recipe.image_shape:
        ways = {name: way for name, way in ways.items() if name not in _OF_PICTURES}
    if not model.history_:
        ways.pop("curve", None)
    if "manifold" in ways and model._n_features_out != 2:
        del ways["manifold"]
    ways["graph"] = lambda path: write_whole(path, viz.graph_svg(model.graph_).encode())
    return dict(sorted(ways.items()))


def _own_way(found: Opened, method: Any) -> Callable[[Path], Any]:
    """A method of the model; one that draws rows is given some that it was not trained with.

    It is given all of them, and what is true of them, where it asks for `y`.
    """

    def drawn(path: Path) -> None:
        asked = inspect.signature(method).parameters
        if "y" in asked:
            part = test_part(found)[1]
            method(part.X, part.y, path=str(path))
        elif found.entry.kind == "trees":
            method([_most_varied(test_part(found)[1].X[:_TREES_LOOKED_AT])], path=str(path))
        elif "X" in asked:
            method(test_part(found)[1].first(_MOST_SHOWN).X, path=str(path))
        else:
            method(path=str(path))

    return drawn


def _most_varied(trees: list[str]) -> str:
    """The tree with the most different labels."""
    return max(trees, key=lambda tree: len(set(re.findall(r"\((\d+)", tree))))


def _first_weights(found: Opened) -> np.ndarray | None:
    """The weights of the first layer, [pixels, units], if the input is pictures."""
    recipe = found.asked and found.asked.recipe
    if not recipe or recipe.image_shape is None:
        return None
    for values in found.model._variables().values():
        if values.ndim == 2 and values.shape[0] == recipe.n_features:
            return values
    return None


def _draw_filters(found: Opened, path: Path) -> None:
    weights: Any = _first_weights(found)
    shape = found.recipe.image_shape or []
    filters = _as_pictures(weights.T[:100], shape)
    title = f"weights of {some_of(len(filters), weights.shape[1])} units of the first layer"
    viz.tile_images(filters, title=title, path=path)


def _as_pictures(rows: np.ndarray, image_shape: Any) -> np.ndarray:
    pictures = rows.reshape(-1, *image_shape)
    return pictures[..., 0] if image_shape[-1] == 1 else pictures


# ---- generate ------------------------------------------------------------------------------------


@dataclass
class Sampling:
    """The options of ``graphmode generate``."""

    prompt: str = ""
    length: int = 200
    temperature: float = 1.0
    top_k: int | None = None
    stop: str | None = None
    seed: int = 0
    stream: bool = False


def generate(folder: Path, sampling: Sampling) -> None:
    """Write how a model of texts goes on after a prompt.

    Raises
    ------
    ValueError
        If the folder is no model of texts, or the prompt holds what it never met.
    """
    found = opened(folder)
    found.check_can("generate")
    text = found.model.generate(
        sampling.prompt,
        length=sampling.length,
        temperature=sampling.temperature,
        top_k=sampling.top_k,
        stop=sampling.stop,
        seed=sampling.seed,
        stream=sampling.stream,
    )
    sys.stdout.write(sampling.prompt)
    for part in text if sampling.stream else [text]:
        sys.stdout.write(part)
        sys.stdout.flush()
    sys.stdout.write("\n")


# ---- reconstruct ---------------------------------------------------------------------------------


def reconstruct(folder: Path, source: str, output: Path | None) -> None:
    """Write pictures, and what a model makes of them, as one picture.

    Raises
    ------
    ValueError
        If the folder is no model that reconstructs, or the input is no pictures.
    OSError
        If the file cannot be written.
    """
    found = opened(folder)
    found.check_can("reconstruct")
    recipe = found.recipe
    if recipe.image_shape is None:
        raise ValueError(f"{folder} was not trained with pictures: predict gives its codes")
    part, said = read_input(source, recipe)
    shown = part.first(_MOST_SHOWN)
    again = found.model.reconstruct(shown.X)
    pair = [np.clip(_as_pictures(rows, recipe.image_shape), 0, 1) for rows in (shown.X, again)]
    path = output or Path(f"{folder.name}-reconstruction.png")
    viz.plot_reconstructions(*pair, path=path)
    for line in said:
        say("", line)
    squared: np.ndarray = (pair[0] - pair[1]) ** 2
    error = float(squared.mean())
    say("drawn", f"{path}: {some_of(len(shown), len(part))}, mean squared error {number(error)}")
