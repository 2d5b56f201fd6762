"""Static shapes: TensorFlow 1's `TensorShape`, unknown parts included.

Inside, a shape is a tuple of int or None, or None when even the rank is unknown; `Dimension`
objects are made only when a program looks at them.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Self, overload

from graphmode.framework.dimension import Dimension, as_size
from graphmode.framework.nest import LISTS
from graphmode.framework.proto.messages import protobuf

Dims = tuple[int | None, ...] | None
_new = object.__new__


class TensorShape:
    """The shape of a tensor as far as it is known while the graph is built.

    Parameters
    ----------
    dims : iterable of (int, None or Dimension), int, TensorShape, TensorShapeProto, or None
        None: the rank is unknown. A single int makes a vector shape.

    Raises
    ------
    TypeError
        If `dims` holds something that is not a size.
    ValueError
        If a size is negative.

    Examples
    --------
    >>> TensorShape([3, None])
    TensorShape([Dimension(3), Dimension(None)])
    >>> print(TensorShape([3, None]), TensorShape(None))
    (3, ?) <unknown>
    """

    __slots__ = ("_dims",)

    def __init__(self, dims: Any) -> None:
        self._dims: Dims
        if type(dims) in LISTS:
            for size in dims:
                if size is not None and (type(size) is not int or size < 0):
                    dims = [as_size(size) for size in dims]
                    break
            self._dims = tuple(dims)
        else:
            self._dims = _dims_of(dims)

    @classmethod
    def _of(cls, dims: Dims) -> Self:
        """Wrap a tuple of int or None (or None) that is known to be right."""
        shape = _new(cls)
        shape._dims = dims
        return shape

    @property
    def dims(self) -> list[Dimension] | None:
        """List of `Dimension`, or None when the rank is unknown."""
        return None if self._dims is None else [Dimension(size) for size in self._dims]

    @property
    def rank(self) -> int | None:
        """Number of axes, or None."""
        return None if self._dims is None else len(self._dims)

    @property
    def ndims(self) -> int | None:
        """Number of axes, or None."""
        return None if self._dims is None else len(self._dims)

    def as_list(self) -> list[Any]:
        """Return the sizes as a list of int or None.

        Returns
        -------
        list of int or None

        Raises
        ------
        ValueError
            If the rank is unknown.
        """
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def as_proto(self) -> Any:
        """Return the shape as a TensorShapeProto."""
        message = protobuf("tensor_shape").TensorShapeProto
        if self._dims is None:
            return message(unknown_rank=True)
        sizes = [-1 if size is None else size for size in self._dims]
        return message(dim=[message.Dim(size=size) for size in sizes])

    def num_elements(self) -> int | None:
        """Return the product of the sizes, or None when one of them is unknown."""
        if self._dims is None:
            return None
        sizes = [size for size in self._dims if size is not None]
        return math.prod(sizes) if len(sizes) == len(self._dims) else None

    def is_fully_defined(self) -> bool:
        """Whether every size is known."""
        return self._dims is not None and None not in self._dims

    def is_compatible_with(self, other: Any) -> bool:
        """Whether one concrete shape could be both it and `other`."""
        a, b = self._dims, as_shape(other)._dims
        if a is None or b is None:
            return True
        return len(a) == len(b) and all(
            x is None or y is None or x == y for x, y in zip(a, b, strict=True)
        )

    def merge_with(self, other: Any) -> TensorShape:
        """Return what is known from both shapes.

        Parameters
        ----------
        other : TensorShape, or what converts to one

        Returns
        -------
        TensorShape

        Raises
        ------
        ValueError
            If they cannot be the same.

        Examples
        --------
        >>> import graphmode as tf
        >>> print(tf.TensorShape([None, 3]).merge_with([2, None]))
        (2, 3)
        """
        other = as_shape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        if self._dims is None:
            return other
        if other._dims is None:
            return self
        return TensorShape._of(
            tuple(y if x is None else x for x, y in zip(self._dims, other._dims, strict=True))
        )

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """Return the shape that keeps the sizes on which it and `other` agree."""
        other = as_shape(other)
        if self._dims is None or other._dims is None or len(self._dims) != len(other._dims):
            return TensorShape._of(None)
        pairs = zip(self._dims, other._dims, strict=True)
        return TensorShape._of(tuple(x if x == y else None for x, y in pairs))

    def concatenate(self, other: Any) -> TensorShape:
        """Return its sizes and then those of `other`; unknown if either rank is unknown."""
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return TensorShape._of(None)
        return TensorShape._of(self._dims + other._dims)

    def with_rank(self, rank: int) -> TensorShape:
        """Return the shape, its rank now known.

        Parameters
        ----------
        rank : int

        Returns
        -------
        TensorShape

        Raises
        ------
        ValueError
            If it has another rank.
        """
        if self._dims is None:
            return unknown_shape(rank)
        if len(self._dims) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """Return the shape, if its rank is not too low.

        Parameters
        ----------
        rank : int

        Returns
        -------
        TensorShape

        Raises
        ------
        ValueError
            If its rank is known and below `rank`.
        """
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """Return the shape, if its rank is not too high.

        Parameters
        ----------
        rank : int

        Returns
        -------
        TensorShape

        Raises
        ------
        ValueError
            If its rank is known and above `rank`.
        """
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_has_rank(self, rank: int) -> None:
        """Refuse a shape of another rank.

        Parameters
        ----------
        rank : int

        Raises
        ------
        ValueError
            If the rank is known and not `rank`.
        """
        if self._dims is not None and len(self._dims) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other: Any) -> None:
        """Refuse a shape of another rank.

        Parameters
        ----------
        other : TensorShape, or what converts to one

        Raises
        ------
        ValueError
            If both ranks are known and differ.
        """
        other = as_shape(other)
        if self._dims is not None and other._dims is not None and self.rank != other.rank:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_is_compatible_with(self, other: Any) -> None:
        """Refuse a shape that cannot be the same.

        Parameters
        ----------
        other : TensorShape, or what converts to one

        Raises
        ------
        ValueError
            If ranks, or sizes, are known and differ.
        """
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def assert_is_fully_defined(self) -> None:
        """Refuse a shape of which a size is unknown.

        Raises
        ------
        ValueError
            If one is.
        """
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __iter__(self) -> Iterator[Dimension]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return map(Dimension, self._dims)

    @overload
    def __getitem__(self, key: int) -> Dimension: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: int | slice) -> Dimension | TensorShape:
        if self._dims is not None:
            if isinstance(key, slice):
                return TensorShape._of(self._dims[key])
            try:
                return Dimension(self._dims[key])
            except IndexError:
                raise IndexError(
                    f"axis {key} of shape {self}, which has {len(self._dims)} axes"
                ) from None
        if not isinstance(key, slice):
            return Dimension(None)
        if key.step is not None:
            raise ValueError("Steps are not yet handled")
        start = 0 if key.start is None else key.start
        if key.stop is None or start < 0 or key.stop < 0:
            return TensorShape._of(None)  # how many are left depends on the rank
        return unknown_shape(key.stop - start)

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return as_shape(other).concatenate(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not TensorShape:
            try:
                other = TensorShape(other)
            except TypeError:
                return NotImplemented
        return self._dims == other._dims

    def __hash__(self) -> int:
        return hash(self._dims)

    def __repr__(self) -> str:
        return f"TensorShape({self.dims})"

    def __str__(self) -> str:
        if self._dims is None:
            return "<unknown>"
        sizes = ["?" if size is None else str(size) for size in self._dims]
        return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorShape, (self._dims,)


def _dims_of(dims: Any) -> Dims:
    """Convert what is neither list nor tuple to a tuple of int or None, or to None."""
    if dims is None:
        return None
    if isinstance(dims, TensorShape):
        return dims._dims
    if hasattr(dims, "unknown_rank") and hasattr(dims, "dim"):  # TensorShapeProto
        if dims.unknown_rank:
            return None
        return tuple(None if axis.size == -1 else as_size(axis.size) for axis in dims.dim)
    try:
        sizes = iter(dims)
    except TypeError:
        return (as_size(dims),)
    checked: list[int | None] = []
    for size in sizes:
        try:
            checked.append(as_size(size))
        except TypeError as error:
            raise TypeError(
                f"Failed to convert '{dims!r}' to a shape: '{size!r}' could not be converted to a "
                "dimension. A shape should either be single dimension (e.g. 10), or an iterable "
                "of dimensions (e.g. [1, 10, None])."
            ) from error
    return tuple(checked)


def as_shape(shape: Any) -> TensorShape:
    """Return `shape` as a `TensorShape`."""
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """Return one axis of a shape as a `Dimension`, unknown when the rank is.

    Parameters
    ----------
    shape : TensorShape
    index : int

    Returns
    -------
    Dimension
    """
    return shape[index]


def unknown_shape(rank: int | None = None, ndims: int | None = None) -> TensorShape:
    """A shape of which at most the rank is known.

    Parameters
    ----------
    rank, ndims : int, optional
        How many axes, by either name; unknown without one.

    Returns
    -------
    TensorShape
    """
    rank = ndims if rank is None else rank
    return TensorShape._of(None if rank is None else (None,) * rank)


def scalar() -> TensorShape:
    """Return the shape ()."""
    return TensorShape._of(())


def vector(length: int | None) -> TensorShape:
    """Return the shape ``(length,)`` of a vector; `length` is an int or None."""
    return TensorShape([length])


def matrix(rows: int | None, cols: int | None) -> TensorShape:
    """Return the shape of a matrix.

    Parameters
    ----------
    rows, cols : int or None

    Returns
    -------
    TensorShape
    """
    return TensorShape([rows, cols])


def broadcast_dims(a: Dims, b: Dims) -> Dims:
    """Broadcast two static shapes given as tuples.

    Axes are aligned at the end. 1 stretches to the other size; unknown with 1 is unknown; unknown
    with n > 1 is n, since nothing else could be valid.

    Parameters
    ----------
    a, b : tuple of (int or None), or None
        None: the rank is unknown.

    Returns
    -------
    tuple of (int or None), or None

    Raises
    ------
    ValueError
        If no completion of the shapes can be broadcast.

    Notes
    -----
    The rule of TensorFlow's `broadcast_static_shape`.

    Examples
    --------
    >>> broadcast_dims((2, None), (1, 3))
    (2, 3)
    """
    if a == b or b == ():
        return a
    if a is None or b is None:
        return None
    first, second = a, b
    if len(a) < len(b):
        a, b = b, a
    lead = len(a) - len(b)
    sizes = list(a[:lead])
    for x, y in zip(a[lead:], b, strict=True):
        if x == y or y == 1:
            sizes.append(x)
        elif x == 1:
            sizes.append(y)
        elif x is None or y is None:
            known = x or y  # with 0 the unknown one is 0 or 1; TensorFlow leaves it open
            sizes.append(known or None)
        else:
            raise ValueError(
                "Incompatible shapes for broadcasting. Two shapes are compatible if for each "
                "dimension pair they are either equal or one of them is 1. Received: "
                f"{TensorShape._of(first)} and {TensorShape._of(second)}."
            )
    return tuple(sizes)
