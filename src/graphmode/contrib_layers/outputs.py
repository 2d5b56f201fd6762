"""The outputs of contrib's layers: collected under a name, and found again."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import add_to_collections, get_collection, get_default_graph
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import as_shape


def collect_named_outputs(collections: Any, alias: str, outputs: Tensor) -> Tensor:
    """Add `outputs` to `collections`, if there are any, under the name `alias`.

    Parameters
    ----------
    collections : str, list of str or None
    alias : str
    outputs : Tensor, of any dtype

    Returns
    -------
    Tensor
        `outputs` itself.
    """
    if collections:
        append_tensor_alias(outputs, alias)
        add_to_collections(collections, outputs)
    return outputs


def append_tensor_alias(tensor: Tensor, alias: str) -> Tensor:
    """Give `tensor` another name, without the '/' at its end: one more in ``tensor.aliases``.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    alias : str

    Returns
    -------
    Tensor
        `tensor` itself.
    """
    marked: Any = tensor
    marked.aliases = [*getattr(tensor, "aliases", ()), alias.removesuffix("/")]
    return tensor


def get_tensor_aliases(tensor: Tensor) -> list[str]:
    """The names that `tensor` was given, or its own."""
    return getattr(tensor, "aliases", None) or [tensor.op.name]


def gather_tensors_aliases(tensors: list[Tensor]) -> list[str]:
    """The names of all `tensors`."""
    return [alias for tensor in tensors for alias in get_tensor_aliases(tensor)]


def convert_collection_to_dict(
    collection: str, clear_collection: bool = False
) -> dict[str, Tensor]:
    """The tensors of a collection by their other names.

    Parameters
    ----------
    collection : str
    clear_collection : bool
        Empty it.

    Returns
    -------
    dict of str to Tensor
    """
    found = {
        alias: tensor
        for tensor in get_collection(collection)
        for alias in get_tensor_aliases(tensor)
    }
    if clear_collection:
        get_default_graph().clear_collection(collection)
    return found


def last_dimension(shape: Any, min_rank: int = 1) -> int:
    """The last length of a static shape.

    Parameters
    ----------
    shape : TensorShape or sequence of int
    min_rank : int
        The lowest rank that is accepted.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it is unknown, or the rank is below `min_rank`.
    """
    shape = as_shape(shape)
    if shape.ndims is None:
        raise ValueError("dims of shape must be known but is None")
    if shape.ndims < min_rank:
        raise ValueError(f"rank of shape must be at least {min_rank} not: {shape.ndims}")
    length = shape.as_list()[-1]
    if length is None:
        raise ValueError("last dimension shape must be known but is None")
    return length


def n_positive_integers(n: Any, value: Any) -> tuple[int, ...]:
    """`value`, one positive int or `n` of them, as `n` of them.

    Parameters
    ----------
    n : int
        At least 1.
    value : int, sequence of int, or TensorShape

    Returns
    -------
    tuple of int

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if not isinstance(n, int):
        raise ValueError("n must be an integer")
    if n < 1:
        raise ValueError("n must be positive")
    if isinstance(value, int):
        found = (value,) * n
    else:
        try:
            found = tuple(int(length) for length in value)
        except (TypeError, ValueError):
            raise ValueError(
                f"values must be either a single integer or an iterable of integers, not {value}"
            ) from None
    if len(found) != n or min(found) < 1:
        raise ValueError(f"values must be {n} positive integers, not {value}")
    return found


def two_element_tuple(int_or_tuple: Any) -> tuple[int, ...]:
    """`int_or_tuple`, one positive int or two, as two: `n_positive_integers` of 2."""
    return n_positive_integers(2, int_or_tuple)
