"""`tf.slice`: the part of a tensor from a position on, of a given size.

A position may be a value that exists only while a program runs. Where the *length* of the result
does not depend on it, the slice stays inside the compiled program; otherwise the position is
demanded as a host value. The same holds for `tf.strided_slice`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.framework.shape_rules import dims_text
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.attr_kinds import PythonObject
    from graphmode.framework.operation import Tensor


def known_elements(tensor):
    """The elements of a 1-D integer tensor, None for each that only the run knows.

    Unlike `constant_dims`, which describes a shape, a negative element is itself.
    """
    value = constant_value(tensor)
    if value is not None:
        return tuple(np.ravel(value).tolist())
    if tensor.op.type == "Pack":
        scalars = [constant_value(t) for t in tensor.op.inputs]
        return tuple(None if s is None else int(s) for s in scalars)
    n = tensor.dims[0] if tensor.dims else None
    return None if n is None else (None,) * n


def _slice_shape(op):
    tensor, begin, size = op.inputs
    starts, lengths = known_elements(begin), known_elements(size)
    op.attrs["_known_begin"] = starts
    if starts is not None and lengths is not None and len(starts) != len(lengths):
        raise ValueError(
            f"Dimension 0 in both shapes must be equal, but are {len(starts)} and {len(lengths)}. "
            f"Shapes are [{len(starts)}] and [{len(lengths)}]."
        )
    dims = tensor.dims
    rank = next((len(v) for v in (starts, lengths) if v is not None), None)
    if dims is not None and rank is not None and rank != len(dims):
        raise ValueError(f"Shape must be rank {rank} but is rank {len(dims)}")
    if lengths is None:
        return [None if dims is None else (None,) * len(dims)]
    if constant_value(size) is None:
        return [constant_dims(size)]
    unknown = (None,) * len(lengths)
    entries = zip(dims or unknown, starts or unknown, lengths, strict=True)
    return [tuple(_slice_length(i, *entry) for i, entry in enumerate(entries))]


def _slice_length(axis, dim, start, length):
    if length == -1:
        if dim is not None and start is not None and start > dim:
            raise ValueError(f"Negative dimension size caused by subtracting {start} from {dim}")
        return None if dim is None or start is None or start < 0 else dim - start
    return length  # TensorFlow leaves it to the run to refuse one that is too long


def _slice_statics(op):
    """`begin` must be known only where it decides a length: beside a size of -1."""
    starts, lengths = op.attrs["_known_begin"], known_elements(op.inputs[2])
    if starts is None or lengths is None:
        return (1, 2)
    for start, length in zip(starts, lengths, strict=True):
        if start is None and (length is None or length < 0):
            return (1, 2)
    return (2,)


def _slice_lengths(input, begin, size, known):
    """The length along each axis; of a traced `begin` only the known elements are read."""
    starts = known if xp.is_traced(begin) else begin.tolist()
    rank = len(input.shape)
    if begin.shape != (rank,) or size.shape != (rank,):
        raise invalid(
            f"Expected begin and size arguments to be 1-D tensors of size {rank}, but got shapes "
            f"{dims_text(begin.shape)} and {dims_text(size.shape)} instead."
        )
    return [
        dim - start if length == -1 else length
        for dim, start, length in zip(input.shape, starts, size.tolist(), strict=True)
    ]


def _slice_check(input, begin, size, *, _known_begin):
    lengths = np.array(_slice_lengths(input, begin, size, _known_begin), np.int64)
    room = np.array(input.shape, np.int64) - lengths
    return xp.all((begin >= 0) & (begin <= room))


@op(
    "Slice",
    "T, Index, Index -> T",
    shape=_slice_shape,
    static=_slice_statics,
    check=_slice_check,
    checked=lambda op: constant_value(op.inputs[1]) is None,
    T=ANY,
    Index=INDEX,
    cheap=True,
)
def _slice(input, begin, size, *, _known_begin: PythonObject = None):
    if xp.is_traced(begin):
        import jax

        lengths = _slice_lengths(input, begin, size, _known_begin)
        return jax.lax.dynamic_slice(input, list(begin), lengths)
    starts, lengths = begin.tolist(), _slice_lengths(input, begin, size, None)
    for i, (dim, start, length) in enumerate(zip(input.shape, starts, lengths, strict=True)):
        if not 0 <= start <= dim:
            text = f"Expected begin[{i}] in [0, {dim}], but got {start}"
        elif not 0 <= length <= dim - start:
            text = f"Expected size[{i}] in [0, {dim - start}], but got {length}"
        else:
            continue
        raise invalid(text)
    return input[tuple(slice(s, s + n) for s, n in zip(starts, lengths, strict=True))]


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """The part of `input_` of shape `size` that starts at `begin`.

    Parameters
    ----------
    input_ : Tensor, of any dtype
    begin, size : Tensor, int32 or int64, 1-D
        One entry for each axis. A size of -1: all that is left.

    Returns
    -------
    Tensor
        Of the dtype of `input_`.

    Raises
    ------
    InvalidArgumentError
        If the part does not lie inside `input_`, when it runs.

    Notes
    -----
    TF op Slice.
    """
    return _slice(input_, begin, size, name=name)
