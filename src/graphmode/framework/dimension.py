"""`Dimension`, one length of a static shape, which may be unknown, and its arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_Compute = Callable[[int, int], int]
_Compare = Callable[[int, int], bool]


def _no_true_division(left: str, right: str) -> str:
    return f"unsupported operand type(s) for /: '{left}' and '{right}', please use // instead"


def as_size(value: Any) -> int | None:
    """Check one size and return it as int or None."""
    if type(value) is int:
        size = value
    elif value is None:
        return None
    elif type(value) is Dimension:
        return value.value
    else:
        try:
            size = int(value.__index__())
        except AttributeError:
            raise TypeError(
                "Dimension value must be integer or None or have an __index__ method, "
                f"got value '{value!r}' with type '{type(value)!r}'"
            ) from None
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


def _arithmetic(compute: _Compute) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Method pair (self op other, other op self) that gives a Dimension."""

    def forward(self: Dimension, other: Any) -> Dimension:
        try:
            size = as_size(other)
        except TypeError:
            return NotImplemented
        if self.value is None or size is None:
            return Dimension(None)
        return Dimension(compute(self.value, size))

    def backward(self: Dimension, other: Any) -> Dimension:
        try:
            size = as_size(other)
        except TypeError:
            return NotImplemented
        if self.value is None or size is None:
            return Dimension(None)
        return Dimension(compute(size, self.value))

    return forward, backward


def _equality(compute: _Compare) -> Callable[..., Any]:
    """Method that compares, gives None when a size is unknown, and lets Python decide the rest."""

    def compare(self: Dimension, other: Any) -> bool | None:
        try:
            size = as_size(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self.value is None or size is None else compute(self.value, size)

    return compare


def _ordering(compute: _Compare) -> Callable[..., Any]:
    """Method that compares, gives None when a size is unknown, and raises on anything else."""

    def compare(self: Dimension, other: Any) -> bool | None:
        size = as_size(other)
        return None if self.value is None or size is None else compute(self.value, size)

    return compare


class Dimension:
    """The size of one axis: an int >= 0, or None while unknown.

    Arithmetic with an unknown size is unknown; a comparison with one is None. Not hashable: an
    unknown size does not even equal itself.

    Parameters
    ----------
    value : int, None, Dimension, or anything with ``__index__``

    Raises
    ------
    TypeError
        If `value` is not an integer.
    ValueError
        If `value` is negative.

    Examples
    --------
    >>> Dimension(3) * 2 + Dimension(1)
    Dimension(7)
    >>> Dimension(3) + None
    Dimension(None)
    """

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = as_size(value)

    @property
    def value(self) -> Any:
        """The size, or None."""
        return self._value

    def is_compatible_with(self, other: Any) -> bool:
        """Whether it and `other` may be the same size: they are equal, or one is unknown."""
        size = as_size(other)
        return self._value is None or size is None or self._value == size

    def assert_is_compatible_with(self, other: Any) -> None:
        """Refuse another size.

        Parameters
        ----------
        other : Dimension, int or None

        Raises
        ------
        ValueError
            If both are known and differ.
        """
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {other} are not compatible")

    def merge_with(self, other: Any) -> Dimension:
        """Return what is known from both.

        Parameters
        ----------
        other : Dimension, int or None

        Returns
        -------
        Dimension

        Raises
        ------
        ValueError
            If both are known and differ.
        """
        self.assert_is_compatible_with(other)
        return Dimension(other if self._value is None else self._value)

    __add__, __radd__ = _arithmetic(lambda a, b: a + b)
    __sub__, __rsub__ = _arithmetic(lambda a, b: a - b)
    __mul__, __rmul__ = _arithmetic(lambda a, b: a * b)
    __floordiv__, __rfloordiv__ = _arithmetic(lambda a, b: a // b)
    __mod__, __rmod__ = _arithmetic(lambda a, b: a % b)
    __eq__ = _equality(lambda a, b: a == b)
    __ne__ = _equality(lambda a, b: a != b)
    __lt__ = _ordering(lambda a, b: a < b)
    __le__ = _ordering(lambda a, b: a <= b)
    __gt__ = _ordering(lambda a, b: a > b)
    __ge__ = _ordering(lambda a, b: a >= b)

    def __repr__(self) -> str:
        return f"Dimension({self._value})"

    def __str__(self) -> str:
        return "?" if self._value is None else str(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __int__(self) -> Any:
        return self._value

    def __index__(self) -> Any:
        return self._value

    def __reduce__(self) -> tuple[Any, ...]:
        return Dimension, (self._value,)

    def __truediv__(self, other: object) -> Any:
        raise TypeError(_no_true_division("Dimension", type(other).__name__))

    def __rtruediv__(self, other: object) -> Any:
        raise TypeError(_no_true_division(type(other).__name__, "Dimension"))


def as_dimension(value: Any) -> Dimension:
    """Return `value` as a `Dimension`."""
    return value if isinstance(value, Dimension) else Dimension(value)


def dimension_value(dimension: Any) -> Any:
    """Return the int or None that a Dimension holds; `dimension` may be an int or None as well."""
    return dimension.value if isinstance(dimension, Dimension) else dimension
