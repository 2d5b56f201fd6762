"""What is given: feeds resolved to tensors, checked, and made arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import make_array
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph


def feed_tensors(graph: Graph, key: Any) -> list[Tensor]:
    """The tensors that a key of a feed_dict stands for: one, its parts, or its leaves.

    Raises
    ------
    TypeError
        If `key` is no tensor of `graph`, with TensorFlow's words.
    """
    if isinstance(key, SparseTensor | IndexedSlices):
        parts = (key.indices, key.values, key.dense_shape)
        if isinstance(key, IndexedSlices):
            parts = (key.values, key.indices, key.dense_shape)
        return [part for part in parts if part is not None]
    if hasattr(key, "_parts"):  # a ragged tensor
        return key._parts()
    if nest.is_nested(key):
        return [tensor for leaf in nest.flatten(key) for tensor in feed_tensors(graph, leaf)]
    try:
        tensor = graph.as_graph_element(key, allow_operation=False)
    except (TypeError, ValueError, KeyError) as error:
        raise TypeError(f"Cannot interpret feed_dict key as Tensor: {error.args[0]}") from None
    if not graph.is_feedable(tensor):
        raise ValueError(f"Tensor {tensor} may not be fed.")
    return [tensor]


def leaves_to_feed(key: Any, value: Any, n: int) -> list[Any]:
    """The leaves of `value`, which is given for a nested `key` of `n` tensors.

    Raises
    ------
    ValueError
        If it has another number of them.
    """
    leaves = nest.flatten(value)
    if len(leaves) != n:
        raise ValueError(
            f"Could not flatten dictionary. Key had {n} elements, but value had {len(leaves)} "
            f"elements.\n  key: {', '.join(getattr(k, 'name', str(k)) for k in nest.flatten(key))}"
            f"\n  value: {', '.join(map(_kind_of, leaves))}"
            "\n  fix: feed one value for each tensor of the key, nested like it"
        )
    return leaves


class Feed:
    """One tensor to feed: what its last value was like, which the next one mostly is, too."""

    __slots__ = ("_dtype", "_shape", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self._dtype = tensor.dtype.base_dtype.numpy_dtype
        self._shape: Any = None

    def array(self, value: Any) -> np.ndarray:
        """`feed_array` of the tensor."""
        known = type(value) is np.ndarray and value.shape == self._shape
        if known and value.dtype == self._dtype and self._dtype.kind != "O":
            return value
        array = feed_array(self.tensor, value)
        self._shape = array.shape
        return array


def feed_array(tensor: Tensor, value: Any) -> np.ndarray:
    """`value` as the array to feed for `tensor`: its dtype, a shape that fits.

    Raises
    ------
    TypeError, ValueError
        If it does not fit, with TensorFlow's words.
    """
    dtype = tensor.dtype.base_dtype
    if type(value) is not np.ndarray or value.dtype != dtype.numpy_dtype or dtype is dtypes.string:
        array = _converted(tensor, value, dtype)
    else:
        array = value
    dims = tensor.dims
    if dims is not None and not _fits(array.shape, dims):
        raise ValueError(
            f"Cannot feed value of shape {array.shape} for Tensor '{tensor.name}', which has "
            f"shape '{tensor.shape}'" + _shape_fix(array, dims) + _made_at(tensor)
        )
    return array


def _shape_fix(array: np.ndarray, dims: tuple[int | None, ...]) -> str:
    """What makes the value that is fed one of the shape `dims`, where that can be said."""
    shape = array.shape
    if _fits(shape, dims[1:]) and dims[0] in (None, 1):
        fix = "np.expand_dims(value, 0) is a batch of one"
    elif _fits(shape, dims[:-1]) and dims[-1] == 1:
        fix = "value.reshape(-1, 1)" if len(shape) == 1 else "np.expand_dims(value, -1)"
    elif _fits(shape, dims[:-1]) and _are_classes(array, dims[-1]):
        fix = f"if these are the numbers of classes: np.eye({dims[-1]})[value], or tf.one_hot"
    elif shape and shape[-1] == 1 and _fits(shape[:-1], dims):
        fix = "np.squeeze(value, -1)"
    elif len(shape) == len(dims) and _fits(shape[::-1], dims):
        fix = "np.transpose(value)"
    elif dims.count(None) <= 1 and _fills(array.size, dims):
        fix = f"value.reshape({[-1 if d is None else d for d in dims]})"
    else:
        return ""
    return f"\n  fix: {fix}"


def _are_classes(array: np.ndarray, n: int | None) -> bool:
    """Whether the numbers of an array may be those of `n` classes."""
    if n is None or array.dtype.kind not in "iuf":
        return False
    return bool(((array >= 0) & (array < n) & (array == np.floor(array))).all())


def _fits(shape: tuple[int, ...], dims: tuple[int | None, ...]) -> bool:
    return len(shape) == len(dims) and all(
        d is None or d == n for d, n in zip(dims, shape, strict=True)
    )


def _fills(size: int, dims: tuple[int | None, ...]) -> bool:
    known = math.prod(d for d in dims if d is not None)
    return size == known if None not in dims else known > 0 and size > 0 and size % known == 0


def _converted(tensor: Tensor, value: Any, dtype: dtypes.DType) -> np.ndarray:
    if isinstance(value, Tensor):
        raise TypeError(
            "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include "
            "Python scalars, strings, lists, numpy ndarrays. For reference, the tensor object was "
            f"{value} which was passed to the feed with key {tensor}. Run it first: "
            f"feed sess.run({value.op.name}) instead."
        )
    if dtype is dtypes.string:
        return make_array(value, dtype)
    if type(value) is int and dtype.is_integer and not dtype.min <= value <= dtype.max:
        raise TypeError(
            f"Type of feed value {value} with type {type(value)} is not compatible with Tensor "
            f"type {dtype.name}. Try explicitly setting the type of the feed tensor to a larger "
            f"type (e.g. int64)." + _made_at(tensor)
        )
    try:
        return np.asarray(value, dtype=dtype.numpy_dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise type(error)(
            f"Cannot feed {_kind_of(value)} for Tensor '{tensor.name}', which has dtype "
            f"{dtype.name} and shape '{tensor.shape}': {error}"
            + (_WORDS_FIX if _has_words(value) else "")
            + _made_at(tensor)
        ) from None


_WORDS_FIX = (
    "\n  fix: feed numbers (of words, their places in a vocabulary), or make it of tf.string"
)


def _has_words(value: Any) -> bool:
    """Whether texts are fed for numbers."""
    return any(isinstance(leaf, str | bytes) for leaf in nest.flatten(value)) or (
        isinstance(value, _ARRAY) and value.dtype.kind in "SU"
    )


_ARRAY: type[Any] = np.ndarray


def _kind_of(value: Any) -> str:
    if isinstance(value, _ARRAY):
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    return f"{value!r:.60}" if isinstance(value, str | int | float) else f"a {type(value).__name__}"


def _made_at(tensor: Tensor) -> str:
    site = tensor.op.site
    return "" if site is None else f"\n  created at {site.short()}   {site.source}"
