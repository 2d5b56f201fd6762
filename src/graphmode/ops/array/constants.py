"""Constants and their kin: placeholders, fills, identities, and lists that hold tensors."""

from __future__ import annotations

import numpy as np

from graphmode.framework import convert, dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor, make_array
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.dtypes import ANY, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import Dimension, TensorShape, as_shape
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import xp

_CONSTANT_LIMIT = 1000  # elements: larger zeros and ones are filled when they run


@op("Const", "-> dtype", shape=lambda op: [op.attrs["value"].shape], role="constant")
def const(*, value, dtype):
    """The attribute `value`: the node behind `constant`.

    Parameters
    ----------
    value : array, of any dtype
    dtype : DType

    Returns
    -------
    Tensor, `dtype`
    """
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
        If `value` does not fit `dtype` or has more elements than `shape`, or holds a tensor.
    """
    if holds_tensor(value):
        raise TypeError(
            "Expected any non-tensor type, but got a tensor instead.\n"
            "  fix: tf.stack or tf.convert_to_tensor makes one tensor of a list of tensors"
        )
    array = make_array(value, None if dtype is None else dtypes.as_dtype(dtype))
    if shape is not None:
        array = _filled(array, tuple(int(d) for d in as_shape(shape).as_list()), verify_shape)
    elif isinstance(value, np.ndarray):
        array = array.copy()  # the caller may go on writing to it
    return const(value=array, dtype=dtypes.as_dtype(array.dtype), name=name)


def _filled(array: np.ndarray, shape: tuple[int, ...], verify: bool) -> np.ndarray:
    size = int(np.prod(shape, dtype=np.int64))
    if array.size > size:
        raise ValueError(f"Too many elements provided. Takes at most {size}, but got {array.size}.")
    if verify and array.shape != shape:
        raise TypeError(f"Expected Tensor's shape: {shape}, but got {array.shape}.")
    flat = array.ravel()
    if 0 < array.size < size:
        flat = np.concatenate([flat, np.repeat(flat[-1:], size - array.size)])
    return flat.reshape(shape).copy()


# ---- placeholders --------------------------------------------------------------------------------


@op("Placeholder", "-> dtype", shape=shape_rules.from_attr, effect="host", role="placeholder")
def _placeholder(*, dtype, shape=None):
    raise NotImplementedError("a plan takes the values of placeholders from its feeds")


def placeholder(dtype, shape=None, name=None):
    """A tensor whose value must be fed.

    Parameters
    ----------
    dtype : DType
    shape : sequence of int or None, optional
        None for a length that may vary; no shape at all lets any rank be fed.

    Returns
    -------
    Tensor, `dtype`

    Notes
    -----
    TF op Placeholder.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     x = tf.placeholder(tf.float32, [None, 2])
    ...     print(sess.run(x * 2, {x: [[1, 2], [3, 4]]}))
    [[2. 4.]
     [6. 8.]]
    """
    return _placeholder(dtype=dtype, shape=as_shape(shape), name=name or "Placeholder")


def _default_shape(op):
    (dims,) = shape_rules.from_attr(op)
    shape_rules.merge(op.inputs[0].dims, dims)
    return [dims]


@op("PlaceholderWithDefault", "dtype -> dtype", shape=_default_shape, dtype=ANY, role="placeholder")
def _placeholder_with_default(input, *, shape):
    return input


def placeholder_with_default(input, shape, name=None):
    """A tensor with the value of `input`, unless another one is fed.

    Parameters
    ----------
    input : Tensor or value, of any dtype
        The value that is taken when none is fed.
    shape : sequence of int or None
        What may be fed: less specific than the shape of `input`, or equal to it.

    Returns
    -------
    Tensor
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `input` does not have that shape.

    Notes
    -----
    TF op PlaceholderWithDefault.
    """
    return _placeholder_with_default(input, shape=as_shape(shape), name=name)


# ---- identities ----------------------------------------------------------------------------------


@op(
    "Identity",
    "T -> T",
    shape=shape_rules.unchanged,
    T=(*ANY, dtypes.variant),
    cheap=True,
    reshapes=True,
)
def _identity(input):
    return input


def identity(input, name=None):
    """A tensor with the value of `input`, of any dtype.

    Of a SparseTensor or IndexedSlices, part by part. TF op Identity.
    """
    if isinstance(input, IndexedSlices):
        with name_scope(name, "Identity"):
            dense = input.dense_shape
            return IndexedSlices(
                _identity(input.values),
                _identity(input.indices),
                None if dense is None else _identity(dense),
            )
    if isinstance(input, SparseTensor):
        with name_scope(name, "Identity"):
            return SparseTensor(
                _identity(input.indices), _identity(input.values), _identity(input.dense_shape)
            )
    return _identity(input, name=name)


@op("IdentityN", "[T] -> [T]", shape=lambda op: [t.dims for t in op.inputs])
def identity_n(input):
    """The tensors of the list `input`, of any dtypes and shapes, as they are."""
    return input


@op("StopGradient", "T -> T", shape=shape_rules.unchanged, T=ANY, cheap=True)
def stop_gradient(input):
    """The value of `input`, of any dtype, through which no gradient flows. TF op StopGradient.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     x = tf.constant(3.0)
    ...     print(sess.run(tf.gradients(x * tf.stop_gradient(x), x)[0]))
    3.0
    """
    return input


@op("PreventGradient", "T -> T", shape=shape_rules.unchanged, T=ANY)
def _prevent_gradient(input, *, message=""):
    return input


def prevent_gradient(input, message="", name=None):
    """The value of `input`, through which asking for a gradient is an error.

    Parameters
    ----------
    input : Tensor, of any dtype
    message : str
        What the error says.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Notes
    -----
    TF op PreventGradient.
    """
    return _prevent_gradient(input, message=message, name=name)


@op("GuaranteeConst", "T -> T", shape=shape_rules.unchanged, T=ANY)
def guarantee_const(input):
    """The value of `input`, of any dtype, which the caller promises not to change between runs.

    Notes
    -----
    TF op GuaranteeConst.
    """
    return input


# ---- fills ---------------------------------------------------------------------------------------


def _fill_shape(op):
    dims = op.inputs[1].dims
    if dims is not None and len(dims):
        raise ValueError(f"Shape must be rank 0 but is rank {len(dims)}")
    return shape_rules.from_value(0)(op)


@op("Fill", "index_type, T -> T", shape=_fill_shape, static=("dims",), T=ANY, index_type=INDEX)
def fill(dims, value):
    """A tensor of shape `dims`, every element `value`.

    Parameters
    ----------
    dims : Tensor, int32 or int64, 1-D
    value : Tensor, scalar, of any dtype

    Returns
    -------
    Tensor
        Of the dtype of `value`.

    Raises
    ------
    InvalidArgumentError
        If a length is negative.

    Notes
    -----
    TF op Fill.
    """
    shape = tuple(dims.tolist())
    if shape and min(shape) < 0:
        raise invalid(f"Dimension {min(shape)} must be >= 0")
    return xp.full(shape, value, dtype=value.dtype)


def zeros(shape, dtype=dtypes.float32, name=None):
    """A tensor of zeros (False, empty strings).

    Parameters
    ----------
    shape : sequence of int, TensorShape or Tensor, int32 or int64, 1-D
    dtype : DType

    Returns
    -------
    Tensor, `dtype`, of that shape

    Raises
    ------
    TypeError, ValueError
        If a size in `shape` is None, of a list or of a TensorShape.
    """
    return _filled_with(shape, dtype, 0, name or "zeros")


def ones(shape, dtype=dtypes.float32, name=None):
    """A tensor of ones (True).

    Parameters
    ----------
    shape : sequence of int, TensorShape or Tensor, int32 or int64, 1-D
    dtype : DType

    Returns
    -------
    Tensor, `dtype`, of that shape

    Raises
    ------
    TypeError, ValueError
        If a size in `shape` is None, of a list or of a TensorShape.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.ones([2, 3], tf.int32)))
    [[1 1 1]
     [1 1 1]]
    """
    return _filled_with(shape, dtype, 1, name or "ones")


def _filled_with(shape, dtype, value, name):
    dtype = dtypes.as_dtype(dtype).base_dtype
    value = _scalar(value, dtype)
    dims = _python_dims(shape)
    if dims is None:
        _refuse_unknown_size(shape)
    if dims is not None and int(np.prod(dims, dtype=np.int64)) < _CONSTANT_LIMIT:
        value = value if 0 not in dims else np.empty(dims, dtype.numpy_dtype)
        return constant(value, dtype, shape=dims, name=name)
    with name_scope(name) as scope:
        if dims is not None:
            shape = convert_to_tensor(TensorShape(dims), name="shape_as_tensor")
        elif not isinstance(shape, Tensor):
            shape = convert_to_tensor(
                shape, dtype=None if holds_tensor(shape) else dtypes.int32, name="packed"
            )
        return fill(shape, constant(value, dtype, name="Const"), name=scope)


def _scalar(value, dtype):
    if dtype is dtypes.string:
        return ""
    return bool(value) if dtype.is_bool else value


def _refuse_unknown_size(shape) -> None:
    """Raise TensorFlow's error for a shape with None, and say what to write instead."""
    sizes = shape.dims if isinstance(shape, TensorShape) else shape
    if not isinstance(sizes, list | tuple):
        return
    sizes = [size.value if isinstance(size, Dimension) else size for size in sizes]
    if all(size is not None for size in sizes):  # not `in`: == of a tensor
        return
    fix = (
        f"The shape {sizes} cannot be filled: None is a size that is not known yet. "
        "Where it is the size of a tensor x, use tf.shape(x)[0] in its place."
    )
    if isinstance(shape, TensorShape):
        raise ValueError(f"Cannot convert a partially known TensorShape {shape} to a Tensor. {fix}")
    raise TypeError(f"Expected int32, but got None of type 'NoneType'. {fix}")


def _python_dims(shape) -> tuple[int, ...] | None:
    """`shape` as ints when it holds no tensor."""
    if isinstance(shape, int | np.integer | Dimension):
        shape = [shape]
    if isinstance(shape, Tensor):
        return None
    try:
        dims = [int(d) for d in shape]
    except TypeError:
        return None
    return tuple(dims)


@op("ZerosLike", "T -> T", shape=shape_rules.unchanged, T=ANY)
def _zeros_like(x):
    if x.dtype == object:
        return np.full(x.shape, b"", object)
    return xp.zeros_like(x)


def zeros_like(tensor, dtype=None, name=None, optimize=True):
    """A tensor of zeros with the shape of another one.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    dtype : DType, optional
        Of the result; that of `tensor` if not given.
    optimize : bool
        Make a constant where the shape is known.

    Returns
    -------
    Tensor
        Of the shape of `tensor`.

    Notes
    -----
    TF op ZerosLike.
    """
    if isinstance(tensor, Tensor) or not holds_tensor(tensor):
        with name_scope(name, "zeros_like") as scope:
            tensor = convert_to_tensor(tensor, name="tensor")
            wanted = tensor.dtype if dtype is None else dtypes.as_dtype(dtype)
            if optimize and tensor.dims is not None and None not in tensor.dims:
                return zeros(tensor.dims, wanted, name=scope)
            if wanted.base_dtype is tensor.dtype.base_dtype:
                return _zeros_like(tensor, name=scope)
            return _like(tensor, wanted, 0, scope)
    return zeros_like(convert_to_tensor(tensor), dtype, name, optimize)


def ones_like(tensor, dtype=None, name=None, optimize=True):
    """A tensor of ones with the shape of another one.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    dtype : DType, optional
        Of the result; that of `tensor` if not given.
    optimize : bool
        Make a constant where the shape is known.

    Returns
    -------
    Tensor
        Of the shape of `tensor`.
    """
    with name_scope(name, "ones_like") as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        wanted = tensor.dtype if dtype is None else dtypes.as_dtype(dtype)
        return _like(tensor, wanted, 1, scope)


def _like(tensor, dtype, value, scope):
    from graphmode.ops.array.shaping import shape

    dtype = dtype.base_dtype
    return fill(shape(tensor), constant(_scalar(value, dtype), dtype, name="Const"), name=scope)


# ---- lists that hold tensors ---------------------------------------------------------------------

_PLAIN = frozenset((int, float, bool, complex, str, bytes, type(None), np.ndarray, Dimension))


def _is_symbolic(value) -> bool:
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
        elif _is_symbolic(item):
            return True
    return False


def _dtype_within(value):
    """The dtype of the first tensor inside nested lists, if there is one."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(reversed(item))
        elif _is_symbolic(item):
            return item.dtype.base_dtype
    return None


@op(
    "Pack",
    "T*N -> T",
    shape=lambda op: _pack_shape(op),
    T=ANY,
    cheap=True,
    joins=lambda op: (len(op.inputs), op.attrs["axis"], False),
)
def pack(values, *, axis=0):
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
    if not dims and not xp.is_traced(values):
        return np.array(values, values[0].dtype)
    return xp.stack(values, axis)


def _pack_shape(op):
    (dims,) = shape_rules.same(op)
    if dims is None:
        return [None]
    axis, rank = op.attrs["axis"], len(dims) + 1
    if not -rank <= axis < rank:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
    axis = axis + rank if axis < 0 else axis
    return [(*dims[:axis], len(op.inputs), *dims[axis:])]


def _pack_list(value, dtype=None, name=None, as_ref=False):
    """Convert a list or tuple that holds tensors: Pack, level by level."""
    del as_ref
    inferred = _dtype_within(value)
    if inferred is None:
        return NotImplemented
    return _packed(value, dtype or inferred, name or "packed")


def _packed(value, dtype, name):
    graph = get_default_graph()
    with graph.name_scope(name) as scope:
        items = []
        for i, item in enumerate(value):
            if isinstance(item, list | tuple):
                if holds_tensor(item):
                    items.append(_packed(item, dtype, str(i)))
                    continue
                graph.unique_name(str(i))  # TensorFlow looked inside, in a scope of this name
            if isinstance(item, np.ndarray | np.generic) and item.dtype != dtype.numpy_dtype:
                item = item.astype(dtype.numpy_dtype)
            tensor = convert_to_tensor(item, name=str(i)) if _is_symbolic(item) else None
            if tensor is None:
                tensor = convert_to_tensor(item, dtype=dtype, name=str(i))
            elif tensor.dtype.base_dtype is not dtype:
                raise TypeError(
                    "Cannot convert a list containing a tensor of dtype "
                    f"{tensor.dtype.base_dtype!r} to {dtype!r} (Tensor is: {tensor!r})"
                )
            items.append(tensor)
        return pack(items, name=scope)


def _dense_rows(slices, dtype=None, name=None, as_ref=False):
    """Convert IndexedSlices: a dense tensor in which repeated rows have been added up."""
    del as_ref
    if dtype is not None and not dtype.is_compatible_with(slices.dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype "
            f"{slices.dtype.name}"
        )
    if slices.dense_shape is None:
        raise ValueError(
            "Tensor conversion requested for IndexedSlices without dense_shape: "
            f"{slices.values.name}"
        )
    from graphmode.ops.array.indexing import dense_rows

    return dense_rows(slices, name=name)


convert.register_tensor_conversion_function((list, tuple), _pack_list, 99)
convert.register_tensor_conversion_function(IndexedSlices, _dense_rows, 99)
