"""Models in folders: a SavedModel for who serves it, ``model.json`` for who takes it up again.

Nothing is pickled. ``model.json`` holds the class, its parameters, what `fit` found and the
versions; large arrays lie beside it in ``arrays.npz``, the variables where a SavedModel has them.
"""

from __future__ import annotations

import json
import platform
import shutil
import uuid
import zipfile
import zlib
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse

import graphmode as tf
from graphmode.models.notices import warn
from graphmode.models.parameters import accepts, rules

if TYPE_CHECKING:
    from graphmode.models.base import Model

FORMAT = 1
"""Of ``model.json``; a newer one is refused."""

CARD = "model.json"
ARRAYS = "arrays.npz"

# Of one fit, not of the model.
_NOT_KEPT = ("callbacks", "checkpoint_dir", "resume", "log_dir", "warm_start", "verbose", "mesh")
_MADE = ("graph_", "session_", "network_", "_saver_of_all", "_made_with")
_INLINE = 64


def save(model: Model, folder: str | Path, metrics: Any, data: Any) -> None:
    """Write a fitted model: aside first, then in the place of what lay there.

    Parameters
    ----------
    model : Model
    folder : str or Path
    metrics : dict of str to float or None
    data : str, dict as JSON has it, or None

    Raises
    ------
    OSError
        The old model is as it was.
    """
    target = Path(folder).expanduser()
    if target.resolve() == Path.cwd():
        raise ValueError(f"{str(folder)!r} is where the program runs: name a folder of its own")
    if target.is_file():
        raise FileExistsError(f"{target} is a file; a model is saved to a folder")
    if target.exists() and not (target / CARD).exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} holds files that are no model: choose another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f"{target.name}.part{uuid.uuid4().hex[:8]}")
    try:
        _write(model, aside, metrics, data)
        _replace(target, aside)
    except tf.errors.OpError as error:
        raise OSError(_said_of(error.message, aside, target)) from error
    except OSError as error:
        error.filename = None if error.filename is None else str(target)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _said_of(text: str, aside: Path, target: Path) -> str:
    """What went wrong with a file that nobody but us has heard of."""
    reason = text.partition("; ")[2] if text.startswith(str(aside)) else text
    kept = f" ({target} is as it was)" if target.exists() else ""
    return f"{target}: {reason}{kept}"


def _replace(target: Path, new: Path) -> None:
    """Put a folder in the place of another one, which is there until that is done."""
    if not target.exists():
        new.rename(target)
        return
    old = target.with_name(f"{target.name}.old{uuid.uuid4().hex[:8]}")
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write(model: Model, folder: Path, metrics: Any, data: Any) -> None:
    inputs, outputs = model._signature()
    with model.graph_.as_default():
        tf.saved_model.simple_save(model.session_, str(folder), inputs, outputs)
    arrays: dict[str, np.ndarray] = {}
    kept = {n: v for n, v in model.get_params(deep=False).items() if n not in _NOT_KEPT}
    parameters, dropped = _packed_parameters(kept, arrays)
    made_with, _ = _packed_parameters(model._changed_parameters(), arrays)
    fitted = {
        name: _packed(value, name, arrays)
        for name, value in vars(model).items()
        if name not in _MADE and name not in rules(type(model))
    }
    card = {
        "format": FORMAT,
        "class": type(model).__name__,
        "parameters": parameters,
        "parameters not kept": dropped,
        "network made with": made_with,
        "fitted": fitted,
        "metrics": _packed(metrics, "metrics", arrays),
        "data": data,
        "versions": _versions(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if arrays:
        np.savez_compressed(folder / ARRAYS, **arrays)  # pyright: ignore[reportArgumentType]
    text = json.dumps(card, indent=1, ensure_ascii=False, allow_nan=True)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def _packed_parameters(
    values: dict[str, Any], arrays: dict[str, np.ndarray]
) -> tuple[dict[str, Any], list[str]]:
    """Parameters as JSON has them, and the names of those that it has not."""
    packed, dropped = {}, []
    for name, value in values.items():
        try:
            packed[name] = _packed(value, name, arrays)
        except TypeError:
            dropped.append(name)
    return packed, dropped


def _versions() -> dict[str, str]:
    return {
        "graphmode": tf.release,
        "jax": version("jax"),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def read_card(folder: str | Path) -> dict[str, Any]:
    """What ``model.json`` says.

    Raises
    ------
    ValueError
        If `folder` is no folder of a model, or one of a newer format.
    """
    path = Path(folder).expanduser() / CARD
    if not path.is_file():
        what = "has no model.json" if path.parent.is_dir() else "is no folder"
        raise ValueError(f"{folder} is no model: it {what}. `Model.save(folder)` writes one")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        known = int(card["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error}") from None
    if known > FORMAT:
        raise ValueError(
            f"{folder} was written by graphmode {card.get('versions', {}).get('graphmode')} "
            f"(format {known}); this is {tf.release}, which reads formats up to {FORMAT}"
        )
    return card


def load(folder: str | Path, expected: type[Model] | None = None) -> Any:
    """Read a model that `Model.save` wrote, of whatever class it is.

    Parameters
    ----------
    folder : str or Path
    expected : type, optional
        The class of models that it must be of.

    Returns
    -------
    Model
        As it was saved, fitted.

    Raises
    ------
    ValueError
        If it is no folder of a model, is damaged, of another class, or of a newer format.
    """
    card = read_card(folder)
    cls = getattr(import_module("graphmode.models"), str(card.get("class")), None)
    if cls is None:
        raise ValueError(f"{folder} is a {card.get('class')}: graphmode.models has no such class")
    if expected is not None and not issubclass(cls, expected):
        raise ValueError(f"{folder} is a {cls.__name__}, not a {expected.__name__}")
    place = Path(folder).expanduser()
    try:
        arrays = _read_arrays(place / ARRAYS)
        parameters, fitted, made_with = (
            {name: _unpacked(value, arrays) for name, value in card.get(part, {}).items()}
            for part in ("parameters", "fitted", "network made with")
        )
        model = _made(cls, parameters, fitted, made_with)
        reader = tf.train.load_checkpoint(str(place / "variables" / "variables"))
        values = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
        dropped = card.get("parameters not kept", [])
        if dropped:
            values = _beside_new_ones(model, values, dropped)
        with model.graph_.as_default():
            missing = sorted({v.op.name for v in tf.global_variables()} - values.keys())
        if missing:
            wrote = card.get("versions", {}).get("graphmode")
            raise ValueError(
                f"{folder} was written by graphmode {wrote}, whose {cls.__name__} has no "
                f"{', '.join(missing)}; this is {tf.release}: train it again"
            )
        model._set_variables(values)
    except (KeyError, TypeError, AttributeError, OSError, tf.errors.OpError) as error:
        text = getattr(error, "message", None) or str(error)
        raise ValueError(f"{folder} is damaged: {text}") from error
    return model


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.exists():
        return {}
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return dict(stored)
    except (ValueError, EOFError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise OSError(f"{ARRAYS} is no NumPy archive any more ({error})") from None


def _beside_new_ones(
    model: Model, values: dict[str, np.ndarray], dropped: list[str]
) -> dict[str, np.ndarray]:
    """The values of variables, and first values where other parameters ask for other variables."""
    names = ", ".join(dropped)
    warn(
        f"{type(model).__name__}: {names} could not be kept in {CARD}. What was learned is there; "
        "training further begins with the default and its own state"
    )
    with model.graph_.as_default():
        model.session_.run(tf.global_variables_initializer())
    return model._variables() | values


def _made(
    cls: type[Model],
    parameters: dict[str, Any],
    fitted: dict[str, Any],
    made_with: dict[str, Any],
) -> Any:
    known = rules(cls)
    unknown = sorted(parameters.keys() - known.keys())
    if unknown:
        raise ValueError(f"{cls.__name__} of this version has no parameter {', '.join(unknown)}")
    model = cls(**{name: v for name, v in parameters.items() if accepts(known[name], v)})
    vars(model).update(fitted)
    model._made_with = {**model._of_the_network(), **made_with, "mesh": model.mesh}
    model._make()
    return model


# ---- values as JSON ------------------------------------------------------------------------------


def _packed(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """A value as JSON has it; of what JSON has not, an object with one key that begins with ``$``.

    Raises
    ------
    TypeError
        If it is nothing that can be written.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        value = np.asarray(value)
    if isinstance(value, np.ndarray):
        return _packed_array(value, name, arrays)
    if scipy.sparse.issparse(value):
        rows: Any = scipy.sparse.csr_matrix(value)
        parts = {part: getattr(rows, part) for part in ("data", "indices", "indptr")}
        packed = {p: _packed(array, f"{name}.{p}", arrays) for p, array in parts.items()}
        return {"$rows": packed | {"shape": list(rows.shape)}}
    if isinstance(value, tuple):
        return {"$tuple": [_packed(v, f"{name}.{i}", arrays) for i, v in enumerate(value)]}
    if isinstance(value, list):
        return [_packed(entry, f"{name}.{i}", arrays) for i, entry in enumerate(value)]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"$dict": {k: _packed(v, f"{name}.{k}", arrays) for k, v in value.items()}}
    if isinstance(value, dict):
        pairs = [(_packed(k, name, arrays), _packed(v, name, arrays)) for k, v in value.items()]
        return {"$pairs": pairs}
    raise TypeError(f"{name} of type {type(value).__name__} cannot be written to {CARD}")


def _packed_array(value: np.ndarray, name: str, arrays: dict[str, np.ndarray]) -> Any:
    if value.dtype == object:
        return {"$objects": [_packed(entry, name, arrays) for entry in value.tolist()]}
    if value.size > _INLINE:
        arrays[name] = value
        return {"$stored": name}
    return {"$array": [str(value.dtype), value.tolist()]}


def _unpacked(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_unpacked(entry, arrays) for entry in value]
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "$array":
        array = np.array(inner[1], dtype=inner[0])
        return array if array.ndim else array[()]
    if kind == "$stored":
        return arrays[inner]
    if kind == "$objects":
        array = np.empty(len(inner), dtype=object)
        array[:] = [_unpacked(entry, arrays) for entry in inner]
        return array
    if kind == "$tuple":
        return tuple(_unpacked(entry, arrays) for entry in inner)
    if kind == "$dict":
        return {key: _unpacked(entry, arrays) for key, entry in inner.items()}
    if kind == "$pairs":
        return {_unpacked(key, arrays): _unpacked(entry, arrays) for key, entry in inner}
    if kind == "$rows":
        parts = [_unpacked(inner[part], arrays) for part in ("data", "indices", "indptr")]
        return scipy.sparse.csr_matrix(tuple(parts), shape=inner["shape"])
    raise KeyError(f"a value of kind {kind}")
