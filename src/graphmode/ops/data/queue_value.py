"""The queue behind a queue op: a resource that a session keeps, for any number of threads."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import CancelledError, OutOfRangeError, invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Dims

    Element = tuple[np.ndarray, ...]


class Queue:
    """Elements, each a tuple of arrays, in the order in which they came.

    Who takes or gives several elements gets them one after the other as they come or fit, and
    others of its kind wait for their turn. What a cancelled taker has taken goes back.

    Parameters
    ----------
    kind, name : str
        As errors say them: FIFOQueue '_0_fifo_queue'.
    dtypes : sequence of DType
    shapes : sequence of tuple, or None
        Of the parts of an element; None: any.
    capacity : int
        The largest number of elements; negative: no bound.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        dtypes: Sequence[DType],
        shapes: Sequence[Dims] | None,
        capacity: int,
    ) -> None:
        self._called = f"{kind} '{name}'"
        self._kind = kind
        self.dtypes = list(dtypes)
        self._shapes = list(shapes) if shapes else None
        self._capacity = capacity if capacity >= 0 else float("inf")
        self._elements: deque[Element] = deque()
        self._changed = threading.Condition()
        self._giving, self._taking = threading.Lock(), threading.Lock()
        self.closed = False
        self._gives_up = False
        self._cancelled = False

    def __repr__(self) -> str:
        return f"<{self._called}>"

    def size(self) -> int:
        """The number of elements."""
        return len(self._elements)

    def close(self, cancel_pending_enqueues: bool) -> None:
        """Take no more elements; those that wait for room give up, too, if they are to."""
        with self._changed:
            self.closed = True
            self._gives_up = self._gives_up or cancel_pending_enqueues
            self._changed.notify_all()

    def cancel(self) -> None:
        """Wake everybody who waits: the session is closed."""
        with self._changed:
            self._cancelled = True
            self._changed.notify_all()

    def give(self, elements: Sequence[Element]) -> None:
        """Add elements; waits for room.

        Raises
        ------
        CancelledError
            If the queue or the session is closed.
        InvalidArgumentError
            If a part has another shape.
        """
        for element in elements:
            self._check(element)
        with self._giving, self._changed:
            if self.closed:
                raise CancelledError(None, None, f"{self._called} is closed.")
            for element in elements:
                self._changed.wait_for(
                    lambda: (
                        len(self._elements) < self._capacity or self._gives_up or self._cancelled
                    )
                )
                if self._gives_up or self._cancelled:
                    raise CancelledError(None, None, "Enqueue operation was cancelled")
                self._elements.append(element)
                self._changed.notify_all()

    def take(self, n: int, up_to: bool = False) -> list[Element]:
        """The next `n` elements; fewer if the queue is closed and `up_to` allows it.

        Raises
        ------
        OutOfRangeError
            If the queue is closed and has not as many.
        CancelledError
            If the session is closed.
        """
        taken: list[Element] = []
        with self._taking, self._changed:
            while len(taken) < n:
                self._changed.wait_for(lambda: self._elements or self.closed or self._cancelled)
                if self._elements and not self._cancelled:
                    taken.append(self._elements.popleft())
                    self._changed.notify_all()
                elif up_to and taken and not self._cancelled:
                    break
                else:
                    self._elements.extendleft(reversed(taken))
                    raise self._none_left(n)
        return taken

    def _none_left(self, n: int) -> CancelledError | OutOfRangeError:
        if self._cancelled:
            return CancelledError(None, None, "Dequeue operation was cancelled")
        return OutOfRangeError(
            None,
            None,
            f"{self._called} is closed and has insufficient elements (requested {n}, current size "
            f"{len(self._elements)})",
        )

    def require_shapes(self) -> None:
        """Refuse to stack elements whose shapes may differ.

        Raises
        ------
        InvalidArgumentError
        """
        if self._shapes is None:
            raise invalid(
                f"{self._kind}'s DequeueMany and DequeueUpTo require the components to have "
                "specified shapes.\n  fix: shapes= of the queue"
            )

    def empty(self) -> Element:
        """No elements, stacked."""
        shapes: Any = self._shapes
        return tuple(
            np.empty((0, *dims), dtype.numpy_dtype)
            for dtype, dims in zip(self.dtypes, shapes, strict=True)
        )

    def _check(self, element: Element) -> None:
        for i, (part, dims) in enumerate(zip(element, self._shapes or (), strict=False)):
            if part.shape != dims:
                raise invalid(
                    f"Shape mismatch in tuple component {i}. Expected {_text(dims)}, got "
                    f"{_text(part.shape)}"
                )


def _text(dims: Any) -> str:
    return "[" + ",".join(map(str, dims)) + "]"


def queue_of(handle: np.ndarray) -> Queue:
    """The queue of a handle, the value of a tensor of dtype resource."""
    return handle.item()
