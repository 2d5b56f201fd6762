"""`graphmode.export`: a trained graph, written for another system."""

from __future__ import annotations

import difflib
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.framework.defaults import default_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphmode.deploy.trained import Named, Trained
    from graphmode.runtime.session import Session

_of_session = late("graphmode.deploy.trained", "of_session")
_opened = late("graphmode.deploy.trained", "opened")
_stablehlo = late("graphmode.deploy.stablehlo", "write")
_onnx = late("graphmode.deploy.onnx_file", "write")
_frozen = late("graphmode.deploy.frozen", "write_frozen")
_saved_model = late("graphmode.deploy.frozen", "write_saved_model")
_lite = late("graphmode.deploy.frozen", "write_for_lite")

ENDINGS = {
    "savedmodel": "-savedmodel",
    "frozen": ".pb",
    "stablehlo": "-stablehlo",
    "onnx": ".onnx",
    "tflite-ready": "-tflite-ready",
}
"""Of each format, how the name ends that `graphmode export` chooses. Without a dot: a folder."""


MOST_BYTES = 2**31 - 2**24
"""Of weights, with room for the graph: neither protocol buffers nor `jax.export` write 2 GiB."""


def export(
    path: str | Path,
    to: str,
    *,
    inputs: Named | None = None,
    outputs: Named | None = None,
    session: Session | None = None,
    source: str | Path | None = None,
    signature: str | None = None,
    tags: str | None = None,
    constants: Mapping[Any, Any] | None = None,
    batch: int | None = None,
    shapes: Mapping[str, Sequence[int | None]] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write what a trained graph computes in the format of another system.

    Parameters
    ----------
    path : str or Path
        The file (``frozen``, ``onnx``) or the folder (all others) to write.
    to : {"savedmodel", "frozen", "stablehlo", "onnx", "tflite-ready"}
        The format.
    inputs, outputs : dict of str to Tensor, or list of Tensor, of any dtype and shape, optional
        What goes in and comes out, or its name in the graph, by the names that it has elsewhere;
        those of a list are called as their op. Without inputs: the placeholders that the outputs
        need. Of a SavedModel in place of its signature.
    session : Session, optional
        Holds the values of the variables; the default session if not given.
    source : str or Path, optional
        In place of a session: a SavedModel, a model that `graphmode.models` saved, or a checkpoint
        with its ``.meta``.
    signature : str, optional
        Of a SavedModel: ``serving_default`` if not given, or the only one.
    tags : str, optional
        Of a SavedModel, with commas between them: ``serve`` if not given.
    constants : dict of Tensor or str to number or array, of any dtype and shape, optional
        Placeholders that are no inputs any more: ``{keep_prob: 1.0}``.
    batch : int, optional
        The first dimension of inputs where their placeholder has None. Any number of rows goes in
        if not given, and one where the format fixes shapes (``tflite-ready``).
    shapes : dict of str to list of int or None, optional
        Of inputs whose placeholders leave other lengths open: ``{"words": [None, 20]}``.
    overwrite : bool
        Whether to write over what is at `path`.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    ValueError
        If there is no such format or signature, no output is named, or a tensor is not there.
    UnimplementedError
        If an op cannot be a part of what is written (it handles texts, runs Python, draws random
        numbers), with the line that made it.
    FileExistsError
        If there is something at `path`.
    ImportError
        If the format needs a package that is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import graphmode as tf
    >>> x = tf.placeholder(tf.float32, [None, 2], name="x")
    >>> y = tf.matmul(x, tf.Variable([[1.0], [2.0]]))
    >>> with tf.Session() as sess, tempfile.TemporaryDirectory() as folder:
    ...     sess.run(tf.global_variables_initializer())
    ...     written = tf.export(folder + "/sum", "stablehlo", inputs={"x": x}, outputs={"y": y})
    ...     print(sorted(file.name for file in written.iterdir()))
    ['load.py', 'model.stablehlo']
    """
    target = checked_target(path, to, overwrite)
    if batch is not None and batch < 1:
        raise ValueError(f"batch is {batch}: it counts rows, 1 or more")
    if source is not None:
        if session is not None:
            raise ValueError("give a session or a source, not both")
        with _opened(source, signature, tags, inputs, outputs, constants) as trained:
            trained.fix_shapes(shapes or {})
            return write(trained, target, to, batch)
    session = session or default_session()
    if session is None:
        raise ValueError(
            "no session holds the values: export inside `with tf.Session()`, or give session= or "
            "source="
        )
    if signature is not None or tags is not None:
        raise ValueError("signature and tags are of a SavedModel: give source=, or outputs=")
    trained = _of_session(session, inputs, outputs, constants or {})
    trained.fix_shapes(shapes or {})
    return write(trained, target, to, batch)


def checked_target(path: str | Path, to: str, overwrite: bool = False) -> Path:
    """`path` as what may be written.

    Raises
    ------
    ValueError
        If there is no format `to`.
    FileExistsError
        If there is something already.
    """
    if to not in ENDINGS:
        near = difflib.get_close_matches(str(to), ENDINGS, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no format {to!r}: {', '.join(ENDINGS)}.{hint}")
    target = Path(path).expanduser()
    if target.resolve() == Path.cwd():
        raise FileExistsError(f"{str(path)!r} is where the program runs: name a path of its own")
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} is there: name another path, or say overwrite")
    return target


def write(trained: Trained, target: Path, to: str, batch: int | None) -> Path:
    """Write `trained` aside first, then in the place of what lies at `target`.

    Raises
    ------
    ValueError
        If the format takes the shapes of the placeholders, and others are asked for, or cannot hold
        as many weights.
    """
    if to in ("savedmodel", "frozen") and (trained.shapes or batch is not None):
        raise ValueError(
            f"{to} keeps the shapes of the placeholders: batch and shapes are for stablehlo, onnx "
            "and tflite-ready"
        )
    n_bytes = trained.weights_bytes()
    if n_bytes > MOST_BYTES and (to != "savedmodel" or trained.constants):
        raise ValueError(
            f"the weights are {n_bytes / 2**30:.2f} GiB, and what has them in one message ({to}"
            f"{' with constants' if to == 'savedmodel' else ''}) holds less than 2.\n"
            "  fix: export a savedmodel, which has them beside the graph"
        )
    writers: dict[str, Callable[[Path], None]] = {
        "savedmodel": lambda path: _saved_model(trained, path),
        "frozen": lambda path: _frozen(trained, path),
        "stablehlo": lambda path: _stablehlo(trained, path, batch),
        "onnx": lambda path: _onnx(trained, path, batch),
        "tflite-ready": lambda path: _lite(trained, path, batch),
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f"{target.name}.part{uuid.uuid4().hex[:8]}")
    try:
        writers[to](aside)
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        raise ImportError("ONNX needs the package onnx: pip install 'graphmode[onnx]'") from None
    else:
        if target.is_dir():
            shutil.rmtree(target)
        elif aside.is_dir():  # it takes the place of no file by itself
            target.unlink(missing_ok=True)
        aside.replace(target)
    finally:
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        aside.unlink(missing_ok=True)
    return target
