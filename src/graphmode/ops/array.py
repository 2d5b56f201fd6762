"""Constants, placeholders, shapes, and the ops that move elements without changing them."""

from __future__ import annotations

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor, make_array
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.inference import constant_dims
from graphmode.framework.op_def import ANY, INDEX, op
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.ops import xp


@op("Const", "-> dtype", shape=lambda op: [op.attrs["value"].shape])
def const(*, value, dtype):
    return value


def constant(value, dtype=None, shape=None, name="Const", verify_shape=False):
    """A tensor with a value that does not change.

    Parameters
    ----------
    value : number, string, list or array
    dtype : dtype, optional
        By default float32 for Python floats, int32 for ints, an array's own dtype.
    shape : sequence of int, optional
        A shorter `value` is filled up with its last element.
    verify_shape : bool
        Refuse a `value` of another shape instead.

    Returns
    -------
    Tensor

    Raises
    ------
    TypeError, ValueError
        If `value` does not fit `dtype` or has more elements than `shape`.
    """
    array = make_array(value, None if dtype is None else dtypes.as_dtype(dtype))
    if shape is not None:
        array = _filled(array, tuple(int(d) for d in as_shape(shape).as_list()), verify_shape)
    elif isinstance(value, np.ndarray):
        array = array.copy()  # the caller may go on writing to it
    return const(value=array, dtype=dtypes.as_dtype(array.dtype), name=name)


def _filled(array: np.ndarray, shape: tuple[int, ...], verify: bool) -> np.ndarray:
    size = int(np.prod(shape, dtype=np.int64))
    if array.size > size:
        raise ValueError(
            f"Too many elements provided. Needed at most {size}, but received {array.size}"
        )
    if verify and array.shape != shape:
        raise TypeError(f"Expected Tensor's shape: {shape}, got {array.shape}.")
    flat = array.ravel()
    if 0 < array.size < size:
        flat = np.concatenate([flat, np.repeat(flat[-1:], size - array.size)])
    return flat.reshape(shape).copy()


@op("Placeholder", "-> dtype", shape=shape_rules.from_attr, effect="host")
def _placeholder(*, dtype, shape=None):
    described = TensorShape(shape) if not isinstance(shape, TensorShape) else shape
    raise InvalidArgumentError(
        None,
        None,
        f"You must feed a value for placeholder tensor with dtype {dtype.name} and shape "
        f"{described}\n  fix: add it to feed_dict",
    )


def placeholder(dtype, shape=None, name=None):
    """A tensor whose value must be fed.

    Parameters
    ----------
    dtype : dtype
    shape : sequence of int or None, optional
        None for a length that may vary; no shape at all lets any rank be fed.
    """
    return _placeholder(dtype=dtype, shape=as_shape(shape), name=name or "Placeholder")


@op("Identity", "T -> T", shape=shape_rules.unchanged, T=ANY)
def identity(input):
    """A tensor with the value of `input`."""
    return input


@op("StopGradient", "T -> T", shape=shape_rules.unchanged, T=ANY)
def stop_gradient(input):
    """The value of `input`, through which no gradient flows."""
    return input


@op(
    "Shape",
    "T -> out_type",
    shape=lambda op: [(None if op.inputs[0].dims is None else len(op.inputs[0].dims),)],
    T=ANY,
    out_type=INDEX,
)
def _shape(input, *, out_type=dtypes.int32):
    return np.array(input.shape, out_type.numpy_dtype)


def _reshape_shape(op):
    wanted = constant_dims(op.inputs[1])
    dims = op.inputs[0].dims
    if wanted is None:
        return [None]
    value = op.inputs[1]
    from graphmode.framework.inference import constant_value

    known = constant_value(value)
    if known is None or dims is None or None in dims:
        return [wanted]
    size = int(np.prod(dims, dtype=np.int64))
    free = [i for i, d in enumerate(known) if d == -1]
    rest = int(np.prod([d for d in known if d != -1], dtype=np.int64))
    if len(free) > 1:
        raise ValueError("Only one input size may be -1, not both " + " and ".join(map(str, free)))
    fits = size % rest == 0 if free and rest else size == rest or (bool(free) and size == 0)
    if not fits:
        raise ValueError(
            f"Cannot reshape a tensor with {size} elements to shape {list(known)} ({rest} elements)"
        )
    if free:
        wanted = (
            tuple(size // rest if i in free else d for i, d in enumerate(wanted))
            if rest
            else wanted
        )
    return [wanted]


@op(
    "Reshape",
    "T, Tshape -> T",
    shape=_reshape_shape,
    static=("shape",),
    T=ANY,
    Tshape=INDEX,
)
def reshape(tensor, shape):
    """`tensor` with its elements, in row-major order, in another shape.

    One length of `shape` may be -1: what is left.
    """
    wanted = tuple(int(d) for d in shape)
    try:
        return xp.reshape(tensor, wanted)
    except (ValueError, TypeError):
        size = int(np.prod(tensor.shape, dtype=np.int64))
        raise InvalidArgumentError(
            None,
            None,
            f"Input to reshape is a tensor with {size} values, but the requested shape "
            f"{list(wanted)} has {abs(int(np.prod(wanted, dtype=np.int64)))}: input is "
            f"{tuple(tensor.shape)}",
        ) from None


@op(
    "Fill",
    "index_type, T -> T",
    shape=shape_rules.from_value(0),
    static=("dims",),
    T=ANY,
    index_type=INDEX,
)
def fill(dims, value):
    """A tensor of shape `dims`, every element `value`."""
    return xp.full(tuple(int(d) for d in dims), value, dtype=value.dtype)


def shape(input, name=None, out_type=dtypes.int32):
    """The shape of `input` as a 1-D tensor; a constant where it is fully known."""
    tensor = convert_to_tensor(input)
    out_type = dtypes.as_dtype(out_type)
    if tensor.dims is not None and None not in tensor.dims:
        return constant(list(tensor.dims), out_type, shape=[len(tensor.dims)], name=name or "Shape")
    return _shape(tensor, out_type=out_type, name=name)


def zeros(shape, dtype=dtypes.float32, name=None):
    """A tensor of zeros (False, empty strings)."""
    return _filled_with(shape, dtype, 0, name or "zeros")


def ones(shape, dtype=dtypes.float32, name=None):
    """A tensor of ones (True)."""
    return _filled_with(shape, dtype, 1, name or "ones")


def _filled_with(shape, dtype, value, name):
    dtype = dtypes.as_dtype(dtype).base_dtype
    if dtype is dtypes.string:
        value = ""
    elif dtype.is_bool:
        value = bool(value)
    dims = constant_dims(convert_to_tensor(shape)) if not isinstance(shape, (list, tuple)) else None
    if isinstance(shape, (list, tuple)) and all(isinstance(d, (int, np.integer)) for d in shape):
        dims = tuple(int(d) for d in shape)
    if dims is not None and None not in dims and int(np.prod(dims, dtype=np.int64)) < 1000:
        return constant(value, dtype, shape=dims, name=name)
    from graphmode.framework.graph import name_scope

    with name_scope(name) as scope:
        dims = convert_to_tensor(shape, dtype=None, name="shape_as_tensor")
        return fill(dims, constant(value, dtype, name="Const"), name=scope)
