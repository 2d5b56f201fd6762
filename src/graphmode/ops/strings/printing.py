"""`tf.print`: values of tensors, written when the graph runs."""

from __future__ import annotations

import itertools
import logging
import os
import pprint
import sys
from pathlib import Path
from typing import Any

import numpy as np

from graphmode.framework import nest, shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.strings.templates import string_format

_LEVELS: dict[Any, str] = {
    "info": "info", "warning": "warning", "warn": "warning", "error": "error",
    logging.INFO: "info", logging.WARNING: "warning", logging.ERROR: "error",
}  # fmt: skip
_FILE = "file://"


def _scalar(op):
    shape_rules.with_rank(op.inputs[0].dims, 0)
    return []


@op("PrintV2", "string -> ", shape=_scalar, effect="host")
def _print(input, *, output_stream: str = "stderr", end: str = "\n"):
    stream, ending = (
        text.decode() if isinstance(text, bytes) else text for text in (output_stream, end)
    )
    shown = np.asarray(input).item().decode(errors="replace") + ending
    if stream.startswith(_FILE):
        with Path(stream[len(_FILE) :]).open("a") as file:
            file.write(shown)
        return []
    if stream not in ("stdout", "stderr", "log(info)", "log(warning)", "log(error)"):
        raise invalid(f"Unknown output stream: {stream}")
    # Looked up now: a notebook and a test put others in their place.
    out = sys.stdout if stream == "stdout" else sys.stderr
    out.write(shown)
    out.flush()
    return []


def _stream_of(output_stream: Any) -> str:
    if isinstance(output_stream, str) and output_stream.startswith(_FILE):
        return output_stream
    for known, word in ((sys.stdout, "stdout"), (sys.stderr, "stderr")):
        if output_stream is known:
            return word
    named = getattr(output_stream, "__name__", output_stream)  # tf.logging's functions, or levels
    if named in _LEVELS:
        return f"log({_LEVELS[named]})"
    raise ValueError(
        f"Unsupported output stream, logging level, or file.{output_stream}. Supported streams are "
        "sys.stdout, sys.stderr, tf.logging.info, tf.logging.warning, tf.logging.error. File needs "
        "to be in the form of 'file://<filepath>'."
    )


def _is_tensor(value: Any) -> bool:
    return isinstance(value, (Tensor, SparseTensor)) or hasattr(value, "_as_graph_element")


def _mark(inputs: Any) -> str:
    """A text that stands in none of the inputs."""
    rest = " ".join(
        pprint.pformat(nest.map_structure(lambda x: "" if _is_tensor(x) else x, value))
        for value in inputs
    )
    marks = itertools.chain(["{}"], (f"{{{i}}}" for i in itertools.count()))
    return next(mark for mark in marks if mark not in rest)


def _template(value: Any, mark: str) -> tuple[str, list[Any]]:
    """The text of one input, with a mark for each tensor; the tensors."""
    if isinstance(value, str):
        return value, []
    tensors: list[Any] = []
    texts: list[Any] = []
    for leaf in nest.flatten(value):
        if isinstance(leaf, SparseTensor):
            tensors += [leaf.indices, leaf.values, leaf.dense_shape]
            texts.append(f"SparseTensor(indices={mark}, values={mark}, shape={mark})")
        elif hasattr(leaf, "_parts"):
            parts = leaf._parts()
            tensors += parts
            rows = len(parts) - 1
            texts.append(f"RaggedTensor(row_splits={mark}, values=" * rows + mark + ")" * rows)
        elif _is_tensor(leaf):
            tensors.append(leaf)
            texts.append(mark)
        else:
            texts.append(leaf)
    return pprint.pformat(nest.pack_sequence_as(value, texts)), tensors


def print_v2(
    *inputs: Any,
    output_stream: Any = None,
    summarize: int = 3,
    sep: str = " ",
    end: str = os.linesep,
    name: str | None = None,
) -> Operation:
    """Print `inputs` whenever the operation that this gives runs.

    Parameters
    ----------
    *inputs : Tensor, SparseTensor, value, or nested lists, tuples and dicts of them
        Of any dtype and shape.
    output_stream : optional
        `sys.stdout`, `sys.stderr` (so by default), `tf.logging.info`, `warning` or `error`, or the
        name of a file, ``"file://..."``, to which it is appended.
    summarize : int
        How many entries are shown at each end of an axis; -1 for all.
    sep : str
        What stands between inputs.
    end : str
        What stands after the last.

    Returns
    -------
    Operation
        To be run, or a control dependency of what is.

    Raises
    ------
    ValueError
        For another stream.

    Notes
    -----
    TF ops StringFormat and PrintV2.

    Examples
    --------
    >>> import sys
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     sess.run(tf.print("x =", tf.range(4), {"b": 2.5}, output_stream=sys.stdout))
    x = [0 1 2 3] {'b': 2.5}
    """
    stream = _stream_of(sys.stderr if output_stream is None else output_stream)
    single = inputs[0] if len(inputs) == 1 else None
    if (
        isinstance(single, Tensor)
        and single.dims == ()
        and single.dtype.base_dtype.name == "string"
    ):
        text: Any = single
    else:
        mark = _mark(inputs)
        parts = [_template(value, mark) for value in inputs]
        template = sep.join(text for text, _ in parts).replace(f"'{mark}'", mark)
        tensors = [tensor for _, found in parts for tensor in found]
        text = string_format(
            template, tensors, mark, summarize, name=f"{name}_format" if name else None
        )
    return _print(text, output_stream=stream, end=end, name=name)
