"""`graphmode train`: read, fit, measure, save, and say what was expected."""

from __future__ import annotations

import math
import shutil
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphmode import models
from graphmode.cli.networks.saying import number, say, settings, unit_of
from graphmode.models import saving
from graphmode.models.catalog import CatalogEntry, entry_of
from graphmode.models.data.parts import Data
from graphmode.models.data.reading import read_data
from graphmode.models.folders import Asked
from graphmode.models.measures import measured
from graphmode.models.parameters import read_settings, rules


@dataclass
class Wishes:
    """The options of ``graphmode train``."""

    data: str | None = None
    output: Path | None = None
    settings: list[str] = field(default_factory=list[str])
    epochs: int | None = None
    label: str | None = None
    without: list[str] = field(default_factory=list[str])
    seed: int = 0
    resume: bool = False
    tensorboard: bool = False
    quick: bool = False


def train(name: str, wishes: Wishes) -> None:
    """Train a model and write its folder.

    Raises
    ------
    ValueError
        If a name, a setting or the data is wrong.
    OSError
        If the folder cannot be written.
    """
    entry = entry_of(name)
    cls = getattr(models, entry.class_name)
    given = read_settings(cls, wishes.settings)
    if wishes.epochs is not None:
        given["max_iter"] = wishes.epochs
    folder = wishes.output or Path(f"{entry.name}-model")
    _check_place(folder)
    source = wishes.data or entry.data
    data = read_data(source, entry, label=wishes.label, without=wishes.without, seed=wishes.seed)
    model = _resumed(folder, cls, given) if wishes.resume else None
    n_rows = entry.quick_rows if wishes.quick else None
    learned = data.train.first(n_rows)
    say("model", f"{entry.class_name}: {entry.idea}")
    say("data", _described(entry, source, learned, data))
    for line in data.said:
        say("", line)
    if model is None:
        parameters = {**entry.run, **(entry.quick if wishes.quick else {})}
        if source != entry.data:
            named = parameters | given
            is_free = not given.keys() & {"max_iter", "batch_size"} and not wishes.quick
            if data.recipe is not None and is_free:
                parameters |= _enough_steps(cls(**named), len(learned))
            elif hasattr(cls, "generate") and "batch_size" not in given:
                parameters |= _fewer_streams(cls(**named), learned.X)
        parameters |= given
        model = cls(**{"random_state": wishes.seed} | parameters)
        say("settings", settings(parameters) or "the model's own (graphmode models NAME)")
    else:
        say("resumed", f"{folder} after epoch {model.n_iter_}")
    checkpoints = folder.with_name(f"{folder.name}.epochs")
    is_long = len(learned) * model._n_epochs() > _SOON_DONE or checkpoints.exists()
    model.set_params(
        verbose=1,
        checkpoint_dir=str(checkpoints) if is_long else None,
        resume=wishes.resume and not hasattr(model, "session_"),
        log_dir=f"{folder}.log" if wishes.tensorboard else None,
    )
    _fit(model, learned, data)
    if not model.n_iter_:
        raise ValueError("interrupted before the first epoch ended: nothing was learned")
    try:
        metrics, problem = measured(model, entry.measures, data.test), None
    except ValueError as error:  # no reason to lose what was learned
        metrics, problem = {}, error
    _save(model, folder, entry, wishes, source, data, metrics)
    shutil.rmtree(checkpoints, ignore_errors=True)
    is_full = not (given or wishes.quick) and model.n_iter_ >= model._n_epochs()
    if problem is not None:
        say("test", f"not measured: {problem}")
    _say_result(entry, wishes, folder, model, metrics, data, is_full)


def _fit(model: Any, learned: Any, data: Data) -> None:
    validation = data.validation
    known = {} if validation is None else {"validation": validation.X}
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", UserWarning)
        model.fit(learned.X, learned.y, **known)
    for warning in {str(w.message): w for w in warned if w.category is UserWarning}:
        say("warning", warning)


def _enough_steps(model: Any, n_rows: int) -> dict[str, int]:
    """Smaller batches and more epochs, where a model's own would be a few steps only."""
    batch_size = min(model.batch_size, max(8, n_rows // 20))
    n_epochs = math.ceil(_FEWEST_STEPS / math.ceil(n_rows / batch_size))
    if n_epochs <= model.max_iter:
        return {}
    return {"batch_size": batch_size, "max_iter": max(model.max_iter, min(n_epochs, _MOST_EPOCHS))}


def _fewer_streams(model: Any, text: str) -> dict[str, int]:
    """Fewer pieces of a text side by side, where an epoch would have few steps."""
    most = max(1, len(model._tokens(text)) // (_FEWEST_BATCHES * model._setting("seq_length")))
    return {"batch_size": most} if most < model.batch_size else {}


_FEWEST_BATCHES = 10
_FEWEST_STEPS = 3000
_MOST_EPOCHS = 300
_SOON_DONE = 300_000  # rows: what is trained in seconds need not be resumed


def _check_place(folder: Path) -> None:
    """Refuse a place that could not be written to before hours of training, not after."""
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file: -o takes a folder")
    if folder.exists() and not (folder / saving.CARD).exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} holds files that are no model: choose another with -o")
    folder.parent.mkdir(parents=True, exist_ok=True)
    probe = folder.with_name(f"{folder.name}.epochs")
    is_new = not probe.exists()
    probe.mkdir(exist_ok=True)
    if is_new:
        probe.rmdir()


def _resumed(folder: Path, cls: Any, given: dict[str, Any]) -> Any:
    """The model that goes on; None where it is one that was never finished."""
    if folder.with_name(f"{folder.name}.epochs").exists():
        return None
    if not (folder / saving.CARD).exists():
        raise ValueError(f"nothing to resume: neither {folder} nor {folder}.epochs is there")
    model = saving.load(folder, cls)
    of_network = sorted(given.keys() - rules(models.Model).keys() | {"optimizer"} & given.keys())
    changed = [name for name in of_network if getattr(model, name) != given[name]]
    if changed:
        raise ValueError(
            f"{folder} is made: {', '.join(changed)} cannot be another. Train anew, without "
            "--resume"
        )
    model.set_params(**given, warm_start=True)
    left = model._n_epochs() - model.n_iter_
    if left < 1:
        raise ValueError(
            f"{folder} has {model.n_iter_} epochs: --epochs {model.n_iter_ * 2} goes on to there"
        )
    return model.set_params(max_iter=left)


def _save(
    model: Any,
    folder: Path,
    entry: CatalogEntry,
    wishes: Wishes,
    source: str,
    data: Data,
    metrics: dict[str, float],
) -> None:
    if model.warm_start:
        model.set_params(max_iter=model.n_iter_)
    place = Path(source).expanduser()
    asked = Asked(
        model=entry.name,
        source=str(place.resolve()) if place.exists() and wishes.data else source,
        label=wishes.label,
        without=wishes.without,
        seed=wishes.seed,
        recipe=data.recipe,
    )
    model.save(folder, metrics=metrics, data=asked.to_json())


def _described(entry: CatalogEntry, source: str, learned: Any, data: Data) -> str:
    of = f" of {len(data.train):,}" if len(learned) < len(data.train) else ""
    unit = unit_of(entry)
    text = f"{source}: {len(learned):,}{of} {unit} to train with, {len(data.test):,} to test"
    recipe = data.recipe
    if recipe is None:
        return text
    if recipe.image_shape is not None:
        height, width, channels = recipe.image_shape
        return f"{text}; pictures of {width} x {height}" + (" in colour" if channels > 1 else "")
    return f"{text}; {recipe.n_features} features"


def _say_result(
    entry: CatalogEntry,
    wishes: Wishes,
    folder: Path,
    model: Any,
    metrics: dict[str, float],
    data: Data,
    is_full: bool,
) -> None:
    expected = entry.published
    texts = [f"{name} {number(value)}" for name, value in metrics.items()]
    if metrics:
        n_tested = f"{len(data.test):,} {unit_of(entry)}"
        say("test", f"{', '.join(texts)}  ({n_tested} that were not learned from)")
    if metrics and wishes.data in (None, entry.data):
        about = "about " if expected.is_about else ""
        of = "" if is_full or expected.is_baseline else " of the full run"
        value = f"{expected.measure} {about}{number(expected.value)}"
        say("to beat" if expected.is_baseline else "expected", f"{value}{of}: {expected.source}")
        say("got", f"{expected.measure} {number(metrics[expected.measure])}")
    say("saved", str(folder))
    if wishes.tensorboard:
        say("log", f"tensorboard --logdir {folder}.log")
    is_table = data.recipe is not None and data.recipe.image_shape is None
    commands = (c for method, c in _NEXT.items() if hasattr(model, method) and not is_table)
    say("next", f"graphmode {next(commands, 'evaluate {}').format(folder)}")


_NEXT = {
    "recommend": "recommend {} --user ...",
    "generate": "generate {} --prompt '...'",
    "sample": "draw {} samples",
    "draw_words": "draw {} words",
}
"""The command that shows best what a model learned, by the method that it needs."""
