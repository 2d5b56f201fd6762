"""`tf.debugging.assert_shapes`: lengths that tensors must have, and share."""

from __future__ import annotations

from typing import Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dimension import Dimension
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.array.shape_values import shape
from graphmode.ops.control.assertions import assert_rank, assert_rank_at_least
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.grouping import group
from graphmode.ops.math.comparison import equal

_ANY_LENGTH = (None, ".")
_ANY_AXES = (..., "*")
_SEVERAL: tuple[type[Any], ...] = (str, list, tuple)


def _is_one_of(value: Any, marks: tuple[Any, ...]) -> bool:
    return isinstance(value, str | None | type(...)) and value in marks


def _words(lengths: Any) -> list[Any]:
    words = lengths if isinstance(lengths, _SEVERAL) else [lengths]
    return [word.value if isinstance(word, Dimension) else word for word in words]


def assert_shapes(
    shapes: Any,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """Refuse tensors whose lengths are not as said.

    Parameters
    ----------
    shapes : dict, or list of pairs
        Tensors, each with a list of words for its lengths: a number, a name (the same length
        wherever it stands), None or ``"."`` for any length; as the first word ``...`` or ``"*"``
        for any number of axes.
    data : list, optional
        What the error shows instead of the tensor and its shape.
    summarize : int
        How many elements of each (3).
    message : str, optional
        Shown first.

    Returns
    -------
    Operation
        Make what depends on it wait: ``with tf.control_dependencies([...]):``.

    Raises
    ------
    ValueError
        If the static shapes do not fit.
    InvalidArgumentError
        When it runs, if the shapes do not fit.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     x, y = tf.zeros([3, 4]), tf.zeros([4, 2])
    ...     check = tf.debugging.assert_shapes([(x, ("N", "D")), (y, ("D", 2))])
    """
    with name_scope(name, "assert_shapes", [shapes, data]):
        pairs = list(shapes.items() if isinstance(shapes, nest.DICT) else shapes)
        said = [(convert_to_tensor(tensor), _words(lengths)) for tensor, lengths in pairs]
        checks = [_rank_check(x, words, data, summarize, message) for x, words in said]
        known: dict[Any, tuple[Any, str]] = {}
        for x, words in said:
            for axis, word in _axes(words):
                if _is_one_of(word, _ANY_LENGTH):
                    continue
                if isinstance(word, int):
                    wanted, origin = word, "Specified explicitly"
                elif word in known:
                    wanted, origin = known[word]
                else:
                    place = f"Specified by tensor {x.name} dimension {axis}"
                    known[word] = _length(x, axis), place
                    continue
                checks.append(_length_check(x, axis, wanted, origin, data, summarize, message))
        return group(*[check for check in checks if check is not None])


def _axes(words: list[Any]) -> list[tuple[int, Any]]:
    """Each word with its axis, counted from the end after a mark for any number of axes."""
    if words and _is_one_of(words[0], _ANY_AXES):
        return [(i - len(words), words[i]) for i in range(1, len(words))]
    return list(enumerate(words))


def _rank_check(x: Tensor, words: list[Any], data: Any, summarize: Any, message: Any) -> Any:
    for i, word in enumerate(words):
        if i and _is_one_of(word, _ANY_AXES):
            raise ValueError(
                f"{_begin(message)}Tensor {x.name} specified shape index {i}.  Symbol `...` or `*` "
                "for a variable number of unspecified dimensions is only allowed as the first entry"
            )
    if words and _is_one_of(words[0], _ANY_AXES):
        return assert_rank_at_least(x, len(words) - 1, data, summarize, message)
    return assert_rank(x, len(words), data, summarize, message)


def _begin(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _length(x: Tensor, axis: int) -> Any:
    static = None if x.dims is None else x.dims[axis]
    return shape(x)[axis] if static is None else static


def _length_check(
    x: Tensor, axis: int, wanted: Any, origin: str, data: Any, summarize: Any, message: Any
) -> Any:
    found = _length(x, axis)
    if isinstance(found, int) and isinstance(wanted, int):
        if found == wanted:
            return None
        raise ValueError(
            f"{_begin(message)}{origin}.  Tensor {x.name} dimension {axis} must have size "
            f"{wanted}.  Received size {found}, shape {x.shape}"
        )
    if data is None:
        data = [
            message or "", origin, f"Tensor {x.name} dimension", axis, "must have size", wanted,
            "Received shape: ", shape(x),
        ]  # fmt: skip
    return Assert(equal(found, wanted), data, summarize=summarize)
