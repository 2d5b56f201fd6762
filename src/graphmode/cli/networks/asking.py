"""`graphmode evaluate` and `graphmode predict`: a trained model meets other rows."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from graphmode.cli.networks.saying import number, say, table, unit_of
from graphmode.files.whole import write_whole
from graphmode.models.data.parts import DataError, Part
from graphmode.models.data.ratings import read_pairs
from graphmode.models.data.reading import read_data, read_input
from graphmode.models.data.texts import read_trees
from graphmode.models.folders import Opened, opened
from graphmode.models.measures import measured

if TYPE_CHECKING:
    from collections.abc import Sequence


def evaluate(folder: Path, data: str | None, as_json: bool) -> None:
    """Measure a model on data that it was not trained with.

    Raises
    ------
    ValueError
        If the folder is no model, or the data cannot be used.
    """
    found = opened(folder)
    source, part, said = test_part(found, data)
    _check_labels(found, part, source)
    is_of_ratings = hasattr(found.model, "recommend")
    metrics: dict[str, Any]
    if is_of_ratings:  # with what popularity and biases alone would have told
        metrics = found.model.evaluate(part.X, part.y)
    else:
        metrics = measured(found.model, found.entry.measures, part)
    if as_json:
        known = {"model": found.entry.class_name, "data": source, "n": len(part)}
        typer.echo(json.dumps(known | metrics))
        return
    n_epochs = found.model.n_iter_
    epochs = f"{n_epochs} epoch{'' if n_epochs == 1 else 's'}"
    say("model", f"{folder}: {found.entry.class_name}, {epochs}")
    say("data", f"{source}: {len(part):,} {unit_of(found.entry)} to test")
    for line in said:
        say("", line)
    if is_of_ratings:
        _say_beside_baselines(metrics)
        return
    width = max(10, *(len(name) + 2 for name in metrics))
    for name, value in metrics.items():
        say(name, number(value), width)
    if found.entry.kind == "labels":
        _say_confused(found.model, part)


def _say_beside_baselines(metrics: dict[str, Any]) -> None:
    """What a recommender reached, beside two that know no taste."""
    simple = {name: metrics.pop(name) for name in ("popularity", "bias")}
    counts = {name: metrics.pop(name) for name in list(metrics) if name.startswith("n_")}
    relevant = metrics.pop("relevant")
    rows = [
        [name, number(value), *(_number_of(other, name) for other in simple.values())]
        for name, value in metrics.items()
    ]
    table(["", "model", *simple], rows)
    texts = [f"{n:,} {name.removeprefix('n_')}" for name, n in counts.items()]
    typer.echo(f"over {', '.join(texts)}; relevant is {number(relevant)} or more")


def _number_of(measures: dict[str, float], name: str) -> str:
    return number(measures[name]) if name in measures else ""


def test_part(found: Opened, data: str | None = None) -> tuple[str, Part, list[str]]:
    """Rows to ask about: those that were set aside when the model was trained, or other data.

    Parameters
    ----------
    found : Opened
    data : str, optional

    Returns
    -------
    source : str
    part : Part
    said : list of str

    Raises
    ------
    ValueError
        If nobody has said which data, or they cannot be used.
    """
    asked = found.asked
    if data is None and asked is None:
        raise DataError(f"{found.folder} does not say what it was trained on: give --data")
    is_own = asked is not None and data in (None, asked.source)
    if asked is not None and (is_own or asked.recipe is None):
        read = read_data(
            data or asked.source,
            found.entry,
            label=asked.label,
            without=asked.without,
            seed=asked.seed,
        )
        if is_own or read.whole is None:
            return data or asked.source, read.test, [] if is_own else read.said
        return str(data), read.whole, read.said_of_whole
    source = str(data)
    part, said = read_input(source, found.recipe, needs_labels=found.entry.kind != "rows")
    return source, part, said


def _check_labels(found: Opened, part: Part, source: str) -> None:
    if found.entry.kind != "labels":
        return
    unknown = np.setdiff1d(_as_known(part.y, found.model.classes_), found.model.classes_)
    if unknown.size:
        raise DataError(
            f"{source} has labels that were not in the training: {_listed(unknown)}; the model "
            f"knows {_listed(found.model.classes_)}"
        )


def _as_known(labels: Any, classes: np.ndarray) -> np.ndarray:
    """Labels that are texts or numbers, as the classes are."""
    labels = np.asarray(labels)
    return labels.astype(str) if classes.dtype.kind == "U" else labels


def _listed(labels: np.ndarray) -> str:
    shown = ", ".join(map(str, labels[:10].tolist()))
    return shown + (f", ... ({len(labels)})" if len(labels) > 10 else "")


def _say_confused(model: Any, part: Part) -> None:
    """The pairs of classes that are most often taken for each other."""
    predicted = model.predict(part.X)
    wrong = predicted != part.y
    if not wrong.any():
        return
    pairs, counts = np.unique(
        np.stack([part.y[wrong].astype(str), predicted[wrong].astype(str)], 1),
        axis=0,
        return_counts=True,
    )
    most = np.argsort(-counts, kind="stable")[:3]
    texts = [f"{pairs[i][0]} for {pairs[i][1]} ({counts[i]})" for i in most]
    say("mistaken", f"{int(wrong.sum()):,}; most often {', '.join(texts)}")


# ---- predict -------------------------------------------------------------------------------------


def predict(folder: Path, source: str, output: Path | None) -> None:
    """Write what a model says of each row, as csv.

    Raises
    ------
    ValueError
        If the folder is no model, or the input cannot be used.
    OSError
        If the file cannot be written.
    """
    found = opened(folder)
    found.check_can("predict")
    if found.entry.kind == "ratings":
        part, said = read_pairs(_there(source))
        told = found.model.predict(part.X)
        header = ["user", "item", "prediction"]
        rows = [[*pair, f"{x:.6g}"] for pair, x in zip(part.X.tolist(), told, strict=True)]
    elif found.entry.kind == "trees":
        part, said = Part(read_trees(_there(source))), []
        header, rows = _predicted(found.model, part)
    else:
        part, said = read_input(source, found.recipe)
        header, rows = _predicted(found.model, part)
    names = part.names or range(1, len(part) + 1)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([("row" if part.names is None else "file"), *header])
    writer.writerows([name, *row] for name, row in zip(names, rows, strict=True))
    if output is None:
        for line in said:
            typer.echo(line, err=True)
        sys.stdout.write(file.getvalue())
        return
    write_whole(output, file.getvalue().encode())
    for line in said:
        say("", line)
    say("written", f"{len(part):,} predictions in {output}")


def _there(source: str) -> Path:
    path = Path(source).expanduser()
    if not path.is_file():
        raise DataError(f"there is no file {source}")
    return path


def _predicted(model: Any, part: Part) -> tuple[list[str], list[Sequence[Any]]]:
    """The columns of a prediction, and its rows."""
    if hasattr(model, "predict_proba"):
        probabilities = model.predict_proba(part.X)
        best = probabilities.argmax(1)
        likely = probabilities[np.arange(len(best)), best]
        rows = zip(model.classes_[best].tolist(), (f"{p:.4f}" for p in likely), strict=True)
        return ["prediction", "probability"], list(rows)
    if hasattr(model, "predict"):
        values = np.asarray(model.predict(part.X)).reshape(len(part), -1)
        header = ["prediction"] if values.shape[1] == 1 else _numbered("prediction", values)
    else:
        values = np.asarray(model.transform(part.X)).reshape(len(part), -1)
        header = _numbered("hidden", values)
    return header, [[f"{value:.6g}" for value in row] for row in values]


def _numbered(name: str, values: np.ndarray) -> list[str]:
    return [f"{name}{i}" for i in range(1, values.shape[1] + 1)]
