"""From Python values to arrays (`make_array`) and to tensors (`convert_to_tensor`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dimension import Dimension
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.nest import LISTS
from graphmode.framework.nodes import add_node
from graphmode.framework.op_def import op_def_of
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from graphmode.framework.dtypes import DType


_ARRAY: type[Any] = np.ndarray
_ARRAYS: tuple[type[Any], ...] = (np.ndarray, np.generic)


def make_array(value: Any, dtype: DType | None = None) -> NDArray[Any]:
    """The array that TensorFlow makes of a Python value, a list or a NumPy array.

    Python floats become float32 and Python ints int32 (int64 when they do not fit); arrays keep
    their dtype. With `dtype`, Python values must fit it: 1.5 is no int32.

    Raises
    ------
    TypeError, ValueError
        If an element does not fit `dtype`, or `value` is ragged or None.
    """
    if value is None:
        raise ValueError("None values not supported.")
    if isinstance(value, _ARRAYS):
        array = np.asarray(value)
        if dtype is not None:
            target = dtype.numpy_dtype
            if dtype is dtypes.string:
                return _string_array(array)
            if array.dtype == target:
                return array
            if array.dtype.kind in "OSU":
                return _checked_array(array.tolist(), dtype)
            return array.astype(target)
        return _string_array(array) if array.dtype.kind in "OSU" else array
    if isinstance(value, TensorShape):
        if not value.is_fully_defined():
            raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {value}")
        array = np.array(value.as_list(), np.int64)
        largest = int(array.max(initial=0))
        if dtype is None:
            dtype = dtypes.int32 if largest < 2**31 else dtypes.int64
        _check_holds_lengths(dtype)
        if dtype is dtypes.int32 and largest >= 2**31:
            raise ValueError(
                f"Cannot convert a TensorShape to dtype int32; a dimension is too large ({largest})"
            )
        return array.astype(dtype.numpy_dtype)
    if isinstance(value, Dimension):
        value = value.value
        if value is None:
            raise ValueError("Cannot convert an unknown Dimension to a Tensor: ?")
        if dtype is not None:
            _check_holds_lengths(dtype)
    if dtype is not None:
        return _checked_array(value, dtype)
    array = _regular_array(value)
    kind = array.dtype.kind
    if kind == "f" and array.dtype == np.float64:
        return array.astype(np.float32)
    if kind in "iu" and array.dtype.itemsize == 8:
        narrow = array.astype(np.int32)
        return narrow if np.array_equal(narrow, array) else array
    return _string_array(array) if kind in "OSU" else array


def _check_holds_lengths(dtype: DType) -> None:
    if dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype: {dtype}")


def _regular_array(value: Any) -> NDArray[Any]:
    if isinstance(value, LISTS):
        flat = _leaves(value)
        kinds = {isinstance(leaf, str | bytes) for leaf in flat}
        if len(kinds) == 2:
            raise TypeError(
                f"Failed to convert elements of {value!r} to Tensor: numbers and strings in one "
                "list. Consider casting elements to a supported type."
            )
        if any(leaf is None for leaf in flat):
            raise ValueError(f"None values not supported. (in {value!r})")
        if kinds == {True}:
            return _text_array(value)
    elif isinstance(value, str | bytes):
        return np.array(value, object)
    array = _dense(value)
    if array.dtype == object and not isinstance(value, str | bytes):
        leaves = _leaves(value)
        if any(isinstance(leaf, Dimension) for leaf in leaves):
            if any(isinstance(leaf, Dimension) and leaf.value is None for leaf in leaves):
                raise ValueError(
                    f"Cannot convert a partially known TensorShape to a Tensor: {value}"
                )
            return array.astype(np.int64)
        leaf = next(iter(leaves), value)
        if hasattr(leaf, "op_def"):
            raise TypeError(
                f"Can't convert Operation '{leaf.name}' to Tensor (target dtype=None, name=None, "
                "as_ref=False)\nAn operation has no value; its tensors are in its `outputs`."
            )
        if not isinstance(leaf, str | bytes):
            raise TypeError(
                f"Failed to convert object of type {type(leaf).__name__} to Tensor. "
                f"Contents: {leaf!r}. Consider casting elements to a supported type."
                f"{fix_no_tensor(leaf)}"
            )
    return array


def fix_no_tensor(value: Any) -> str:
    """The line that says what to do with what is no tensor, if its class knows."""
    fix = getattr(value.__class__, "_fix_no_tensor", "")
    return f"\n  fix: {fix}" if fix else ""


def _text_array(value: Any) -> NDArray[Any]:
    """A list of text as objects: NumPy's own arrays of text lose zero bytes at the end."""
    array = np.array(value, object)
    if any(isinstance(v, LISTS) for v in array.ravel().tolist()):
        raise _ragged(value)
    return array


def _dense(value: Any) -> NDArray[Any]:
    try:
        return np.array(value)
    except ValueError:
        if not isinstance(value, LISTS):
            raise
        raise _ragged(value) from None


def _ragged(value: Any) -> ValueError:
    """What is said of lists of different lengths: how far they agree, and the first of them."""
    wanted: list[int] = []
    got: list[int] = []
    rows: list[Any] = [value]
    first: Any = value
    while isinstance(first, LISTS):
        wanted.append(len(first))
        first = first[0] if first else None
    while all(isinstance(row, LISTS) and len(row) == len(rows[0]) for row in rows):
        got.append(len(rows[0]))
        rows = [item for row in rows for item in row]
        if not rows:
            break
    return ValueError(
        f"Argument must be a dense tensor: {value!r} - got shape {got}, but wanted {wanted}."
    )


def _leaves(value: Any) -> list[Any]:
    stack: list[Any] = [value]
    leaves: list[Any] = []
    while stack:
        item = stack.pop()
        if isinstance(item, LISTS):
            stack.extend(item)
        else:
            leaves.append(item)
    return leaves


def _string_array(array: NDArray[Any]) -> NDArray[Any]:
    """Strings are arrays of bytes objects, text in UTF-8."""
    flat = [v.encode() if isinstance(v, str) else v for v in array.ravel().tolist()]
    wrong = next((v for v in flat if not isinstance(v, bytes)), None)
    if wrong is not None:
        raise TypeError(f"Expected string, got {wrong!r} of type '{type(wrong).__name__}' instead.")
    result = np.empty(len(flat), object)
    result[:] = flat
    return result.reshape(array.shape)


def _checked_array(value: Any, dtype: DType) -> NDArray[Any]:
    """`value` as `dtype`, refusing what TensorFlow refuses: 1.5 for an int, text for a number."""
    if dtype is dtypes.string:
        return _string_array(np.array(value, dtype=object))
    if not isinstance(value, LISTS):
        _check_leaf(value, dtype)
    elif not all(type(v) is float or type(v) is int for v in value) or not dtype.is_floating:
        for leaf in _leaves(value):
            _check_leaf(leaf, dtype)
    try:
        return np.array(value, dtype=dtype.numpy_dtype)
    except OverflowError as error:
        array = np.array(value)
        if dtype.is_unsigned and array.dtype.kind == "i" and array.max() <= dtype.max:
            return array.astype(dtype.numpy_dtype)  # -1 is the greatest number, as in C
        raise ValueError(f"{value!r} does not fit in {dtype.name}: {error}") from None


def _check_leaf(leaf: Any, dtype: DType) -> None:
    given: Any = leaf
    if isinstance(leaf, bool):
        fits = True  # a Python bool is a number, too
    elif isinstance(leaf, np.bool_):
        fits = dtype.is_bool
    elif isinstance(leaf, int | np.integer):
        fits = not dtype.is_bool
    elif isinstance(leaf, float | np.floating):
        fits = dtype.is_floating or dtype.is_complex
    elif isinstance(leaf, complex | np.complexfloating):
        fits = dtype.is_complex
    elif isinstance(leaf, _ARRAY):
        fits = True
    elif isinstance(leaf, Dimension):
        fits = leaf.value is not None
    else:
        fits = type(leaf).__module__ == "ml_dtypes"
    if leaf is None:
        raise ValueError("None values not supported.")
    if not fits:
        raise TypeError(
            f"Expected {dtype.name}, got {leaf!r} of type '{type(given).__name__}' instead."
        )


# ---- tensors ------------------------------------------------------------------------------------

_conversions: list[tuple[int, type | tuple[type, ...], Callable[..., Any]]] = []


def register_tensor_conversion_function(
    base_type: type | tuple[type, ...], conversion_func: Callable[..., Any], priority: int = 100
) -> None:
    """Let objects of `base_type` stand wherever a tensor is expected.

    Parameters
    ----------
    base_type : type or tuple of type
    conversion_func : callable
        ``conversion_func(value, dtype=None, name=None, as_ref=False)`` gives a Tensor, or
        NotImplemented to pass the value on.
    priority : int
        Lower is asked first.
    """
    _conversions.append((priority, base_type, conversion_func))
    _conversions.sort(key=lambda entry: entry[0])


def has_conversion(value: Any) -> bool:
    """Whether a conversion is registered for objects such as `value`."""
    return any(isinstance(value, base_type) for _, base_type, _ in _conversions)


def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    name: str | None = None,
    as_ref: bool = False,
    preferred_dtype: Any = None,
    dtype_hint: Any = None,
) -> Tensor:
    """Convert `value` to a Tensor: tensors pass, variables give their value, the rest a constant.

    Parameters
    ----------
    value : Tensor, Variable, array, number, string, list or registered type
        Of any dtype.
    dtype : DType, optional
        The dtype the result must have.
    name : str, optional
        The name of a new constant.
    as_ref : bool
        Give a variable itself, not its value.
    preferred_dtype, dtype_hint : DType, optional
        Tried first when `dtype` is not given. `dtype_hint` is the new name.

    Returns
    -------
    Tensor

    Raises
    ------
    TypeError, ValueError
        If `value` cannot be converted, or has another dtype.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     print(tf.convert_to_tensor([1, 2], preferred_dtype=tf.float32).dtype)
    <dtype: 'float32'>
    """
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype)
    if isinstance(value, Tensor):
        if dtype is not None and not dtype.is_compatible_with(value.dtype):
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype "
                f"{value.dtype.name}: {value!r}"
            )
        return value
    for _, base_type, conversion in _conversions:
        if isinstance(value, base_type):
            result = conversion(value, dtype=dtype, name=name, as_ref=as_ref)
            if result is not NotImplemented:
                return result
    preferred = preferred_dtype or dtype_hint
    if dtype is None and preferred is not None:
        try:
            return _constant(_owned(make_array(value, dtypes.as_dtype(preferred)), value), name)
        except (TypeError, ValueError):
            pass  # only a preference
    return _constant(_owned(make_array(value, dtype), value), name)


def _owned(array: NDArray[Any], value: Any) -> NDArray[Any]:
    """`array`, copied if the caller, who may go on writing to `value`, sees the same memory."""
    shared = isinstance(value, _ARRAY) and np.may_share_memory(array, value)
    return array.copy() if shared else array


def _constant(array: NDArray[Any], name: str | None) -> Tensor:
    attrs = {"value": array, "dtype": dtypes.as_dtype(array.dtype)}
    return add_node(get_default_graph(), op_def_of("Const"), [], attrs, name or "Const").outputs[0]


def convert_to_tensor_or_indexed_slices(
    value: Any, dtype: Any = None, name: str | None = None
) -> Tensor | IndexedSlices | None:
    """As `convert_to_tensor`, but IndexedSlices and None pass.

    Parameters
    ----------
    value : Tensor, IndexedSlices, None, or what `convert_to_tensor` takes
        Of any dtype.
    dtype : DType, optional
        The dtype the result must have.

    Returns
    -------
    Tensor, IndexedSlices or None
    """
    if value is None or isinstance(value, IndexedSlices):
        return value
    return convert_to_tensor(value, dtype=dtype, name=name)


def convert_n_to_tensor(
    values: Iterable[Any], dtype: Any = None, name: str | None = None
) -> list[Tensor]:
    """`convert_to_tensor` of several values.

    Parameters
    ----------
    values : list
        What `convert_to_tensor` takes.
    dtype : DType, optional
        The dtype the results must have.
    name : str, optional
        The i-th is called ``name_i``.

    Returns
    -------
    list of Tensor
    """
    return [
        convert_to_tensor(value, dtype=dtype, name=None if name is None else f"{name}_{i}")
        for i, value in enumerate(values)
    ]
