"""Arrays as messages: a small one stands in its frame, a large one follows it in pieces.

Pieces are bytes as they lie in memory, without a message around them: they are copied once where
they are cut off and once where they are put together, and the memory they go to is known before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from graphmode.cluster.cluster_spec import TaskName
from graphmode.framework import dtypes
from graphmode.framework.errors import DataLossError, ResourceExhaustedError, UnimplementedError
from graphmode.ops.control.tensor_list_value import TensorList

_LIST, _GROWING, _NOTHING, _HELD = 1, 2, 3, 4
"""The kinds of messages that are no array: lists of tensors, what is not in one, and what stands
for a value that a task holds."""
PIECE = 1 << 19
"""Bytes: how long a piece is. Of 1 MB or 256 kB an array of 4 MB takes longer."""
_INLINE = 1 << 16
"""Bytes: how much of an array may stand in a frame; of all together 16 times as much."""


class Held(NamedTuple):
    """What stands for a value that a task holds until others have fetched it."""

    task: TaskName
    key: str


class Packing:
    """Writes arrays into one frame, and what has to follow it."""

    def __init__(self) -> None:
        self._room = 16 * _INLINE
        self._large: list[np.ndarray] = []

    def add(self, field: Any, value: Any) -> None:
        """Write `value` as the `Array` message `field`.

        Raises
        ------
        UnimplementedError
            If it is no array and no list of tensors: a resource.
        """
        if isinstance(value, Held):
            field.kind, field.key = _HELD, value.key
            field.job, field.index = value.task
            return
        if isinstance(value, TensorList):
            field.kind = _GROWING if value.grows else _LIST
            for element in value.elements:
                if element is None:
                    field.items.add(kind=_NOTHING)
                else:
                    self.add(field.items.add(), element)
            return
        array = as_array(value)
        dtype = dtypes.as_dtype(array.dtype) if array.dtype != object else dtypes.string
        field.dtype = dtype.as_datatype_enum
        if array.shape:
            field.shape.extend(array.shape)
        if dtype is dtypes.string:
            array = _joined(array)
        if array.nbytes <= min(_INLINE, self._room):
            self._room -= array.nbytes
            field.content = array.tobytes()
        else:
            field.follows = array.nbytes
            self._large.append(_bytes_of(array))

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to follow."""
        return not self._large

    def pieces(self) -> Iterable[bytes]:
        """What follows the frame."""
        for content in self._large:
            for start in range(0, content.size, PIECE):
                yield content[start : start + PIECE].tobytes()


def unpacked(fields: Iterable[Any], next_piece: Callable[[bool], bytes]) -> list[Any]:
    """What `Array` messages say, whose pieces `next_piece` gives in order.

    `next_piece` is told whether another one follows, which may come meanwhile. Each array has
    memory of its own.

    Raises
    ------
    DataLossError
        If the bytes are not those of such an array.
    ResourceExhaustedError
        If there is not as much memory.
    """
    return [_value_of(field, next_piece) for field in fields]


def _value_of(field: Any, next_piece: Callable[[bool], bytes]) -> Any:
    if field.kind == _NOTHING:
        return None
    if field.kind == _HELD:
        return Held(TaskName(field.job, field.index), field.key)
    if field.kind:
        items = unpacked(field.items, next_piece)
        return TensorList(items, None, len(items), field.kind == _GROWING)
    return _array_of(field, _content(field, next_piece) if field.follows else field.content)


def as_array(value: Any) -> Any:
    """`value`, which a run has given: an array or a scalar, of bytes too, or a list of tensors."""
    if type(value) is np.ndarray:
        return value
    if isinstance(value, TensorList):
        return value.mapped(np.asarray)
    if isinstance(value, bytes):
        return np.array(value, object)
    array = np.asarray(value)
    if array.dtype == object and not isinstance(value, np.ndarray):
        raise UnimplementedError(
            None, None, f"a {type(value).__name__} cannot go from one task of a cluster to another"
        )
    return array


def _bytes_of(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _joined(array: np.ndarray) -> np.ndarray:
    """Strings as their lengths and then all of them."""
    texts = [text if isinstance(text, bytes) else _encoded(text) for text in array.reshape(-1)]
    lengths = np.array([len(text) for text in texts], "<i8").tobytes()
    return np.frombuffer(b"".join([lengths, *texts]), np.uint8)


def _encoded(text: Any) -> bytes:
    if isinstance(text, str):
        return text.encode()
    raise UnimplementedError(
        None, None, f"a {type(text).__name__} cannot go from one task of a cluster to another"
    )


def _content(field: Any, next_piece: Callable[[bool], bytes]) -> np.ndarray:
    try:
        content = np.empty(field.follows, np.uint8)
    except MemoryError as error:
        raise ResourceExhaustedError(
            None, None, f"an array of {field.follows} bytes was sent, for which there is no memory"
        ) from error
    at = 0
    while at < content.size:
        piece = np.frombuffer(next_piece(content.size - at > PIECE), np.uint8)
        if not 0 < piece.size <= content.size - at:
            raise DataLossError(
                None, None, f"a piece of {piece.size} bytes came where {content.size - at} were due"
            )
        content[at : at + piece.size] = piece
        at += piece.size
    return content


def _array_of(field: Any, content: bytes | np.ndarray) -> np.ndarray:
    shape = tuple(field.shape)
    try:
        dtype = dtypes.as_dtype(field.dtype)
        if dtype is dtypes.string:
            return _divided(content, shape)
        array = np.frombuffer(content, dtype.as_numpy_dtype).reshape(shape)
    except (TypeError, ValueError) as error:
        raise DataLossError(
            None, None,
            f"a damaged array was sent: {len(content)} bytes are no array of shape {shape} and "
            f"dtype number {field.dtype}",
        ) from error  # fmt: skip
    return array if field.follows else array.copy()


def _divided(content: bytes | np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    n = int(np.prod(shape))
    ends = 8 * n + np.cumsum(np.frombuffer(content[: 8 * n], "<i8"))
    joined = bytes(content)
    if len(ends) != n or (joined[8 * n :] if not n else ends[-1] != len(joined)):
        raise ValueError
    array = np.empty(n, object)
    start = 8 * n
    for i, end in enumerate(ends.tolist()):
        array[i] = joined[start:end]
        start = end
    return array.reshape(shape)


def packed_graph(field: Any, graph: bytes) -> Packing:
    """A serialized graph as the `Array` message `field`."""
    packing = Packing()
    packing.add(field, np.frombuffer(graph, np.uint8))
    return packing
