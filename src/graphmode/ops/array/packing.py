"""Lists that hold tensors: `Pack`, and the tensor that such a list becomes."""

from __future__ import annotations

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import convert, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dimension import Dimension
from graphmode.framework.dtypes import ANY, resource
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.ops import xp

_cast = late("graphmode.ops.math.casts", "cast")

_PLAIN = frozenset((int, float, bool, complex, str, bytes, type(None), np.ndarray, Dimension))


def is_symbolic(value) -> bool:
    """Whether `value` becomes a tensor by other means than an array."""
    kind = type(value)
    if kind is Tensor:
        return True
    if kind in _PLAIN or isinstance(value, np.generic | list | tuple):
        return False
    return convert.has_conversion(value)


def holds_tensor(value) -> bool:
    """Whether nested lists hold something that is no plain value but becomes a tensor."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(item)
        elif is_symbolic(item):
            return True
    return False


def _dtype_within(value):
    """The dtype of the first tensor inside nested lists, if there is one."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(reversed(item))
        elif is_symbolic(item):
            return item.dtype.base_dtype
    return None


def _packed_lengths(op, parts):
    if op.attrs["axis"] != 0 or any(isinstance(part, tuple) for part in parts):
        return None
    return tuple(parts)


@op(
    "Pack",
    "T*N -> T",
    shape=lambda op: _pack_shape(op),
    T=ANY | {resource},
    known_dims=_packed_lengths,
    cheap=True,
    joins=lambda op: (len(op.inputs), op.attrs["axis"], False),
)
def pack(values, *, axis: int = 0):
    """The tensors of `values` stacked along a new axis: the node behind `stack`.

    Parameters
    ----------
    values : list of Tensor, of any dtype
        Of one shape and dtype.
    axis : int
        Where the new axis goes.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        If the shapes differ.

    Notes
    -----
    TF op Pack.
    """
    dims = values[0].shape
    if any(value.shape != dims for value in values):
        i = next(i for i, value in enumerate(values) if value.shape != dims)
        raise invalid(
            "Shapes of all inputs must match: values[0].shape = "
            f"{shape_rules.dims_text(dims)} != values[{i}].shape = "
            f"{shape_rules.dims_text(values[i].shape)}"
        )
    if not dims and values[0].dtype != object and not xp.is_traced(values):
        return np.array(values, values[0].dtype)
    return xp.stack(values, axis)


def _pack_shape(op):
    (dims,) = shape_rules.same(op)
    if dims is None:
        return [None]
    axis, rank = op.attrs["axis"], len(dims) + 1
    if not -rank <= axis < rank:
        raise ValueError(f"axis = {axis} not in [{-rank}, {rank})")
    axis = axis + rank if axis < 0 else axis
    return [(*dims[:axis], len(op.inputs), *dims[axis:])]


def _pack_list(value, dtype=None, name=None, as_ref=False):
    """Convert a list or tuple that holds tensors: Pack, level by level."""
    del as_ref
    inferred = _dtype_within(value)
    if inferred is None:
        return NotImplemented
    return _packed(value, dtype or inferred, name or "packed", dtype is not None)


def _packed(value, dtype, name, casts):
    graph = get_default_graph()
    with graph.name_scope(name) as scope:
        items = []
        for i, item in enumerate(value):
            if isinstance(item, list | tuple):
                if holds_tensor(item):
                    items.append(_packed(item, dtype, str(i), casts))
                    continue
                graph.unique_name(str(i))  # TensorFlow looked inside, in a scope of this name
            if isinstance(item, np.ndarray | np.generic) and item.dtype != dtype.numpy_dtype:
                item = item.astype(dtype.numpy_dtype)
            tensor = convert_to_tensor(item, name=str(i)) if is_symbolic(item) else None
            if tensor is None:
                tensor = convert_to_tensor(item, dtype=dtype, name=str(i))
            elif tensor.dtype.base_dtype is not dtype:
                if casts:
                    items.append(_cast(tensor, dtype))
                    continue
                raise TypeError(
                    "Cannot convert a list containing a tensor of dtype "
                    f"{tensor.dtype.base_dtype!r} to {dtype!r} (Tensor is: {tensor!r})"
                )
            items.append(tensor)
        return pack(items, name=scope)


convert.register_tensor_conversion_function((list, tuple), _pack_list, 99)
