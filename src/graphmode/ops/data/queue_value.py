"""The queue behind a queue op: a resource that a session keeps, for any number of threads."""

from __future__ import annotations

import contextlib
import contextvars
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.dtypes import word_of
from graphmode.framework.errors import CancelledError, OutOfRangeError, invalid
from graphmode.ops.data.waiting import Changed, Turn, turn, wait_for

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from graphmode.framework.dtypes import DType

    Element = tuple[np.ndarray, ...]

_failure: contextvars.ContextVar[tuple[BaseException, bool] | None] = contextvars.ContextVar(
    "failure", default=None
)


@contextlib.contextmanager
def closed_by(error: BaseException | None, raised_elsewhere: bool = False) -> Generator[None]:
    """A block in which a queue is closed since what fills it has failed with `error`.

    Who takes what is not there gets it; if it is `raised_elsewhere`, an OutOfRangeError that tells.
    """
    token = _failure.set(None if error is None else (error, raised_elsewhere))
    try:
        yield
    finally:
        _failure.reset(token)


class Queue:
    """Elements, each a tuple of arrays, in the order in which they came: a FIFOQueue.

    Who takes or gives several elements gets them one after the other as they come or fit, and
    others of its kind wait for their turn. What a taker has taken that gives up goes back.

    Parameters
    ----------
    name : str
        As errors say it: '_0_fifo_queue'.
    dtypes : sequence of DType
    shapes : sequence of tuple, or None
        Of the parts of an element, -1 where a length may differ; None: any.
    capacity : int
        The largest number of elements; negative: no bound.
    """

    kind = "FIFOQueue"

    def __init__(
        self,
        name: str,
        dtypes: Sequence[DType],
        shapes: Sequence[tuple[int, ...]] | None,
        capacity: int,
    ) -> None:
        self._name = name
        self._called = f"{self.kind} '{name}'"
        self.dtypes = list(dtypes)
        self._shapes = list(shapes) if shapes else None
        self._asked = capacity
        self._capacity = capacity if capacity >= 0 else float("inf")
        self._elements: Any = deque()
        self._changed = Changed()
        self._giving, self._taking = Turn(self._changed), Turn(self._changed)
        self.closed = False
        self._gives_up = False
        self._cancelled = False
        self._failure: tuple[BaseException, bool] | None = None

    def __repr__(self) -> str:
        return f"<{self._called}>"

    def count(self) -> int:
        """The number of elements."""
        return len(self._elements)

    # What makes a kind of queue: where an element is put, which is next, how many may be taken.

    def _put(self, element: Element) -> None:
        self._elements.append(element)

    def _next(self) -> Element:
        return self._elements.popleft()

    def _put_back(self, taken: list[Element]) -> None:
        self._elements.extendleft(reversed(taken))

    def _ready(self) -> int:
        """How many elements may be taken of a queue that is not closed."""
        return len(self._elements)

    def close(self, cancel_pending_enqueues: bool) -> None:
        """Take no more elements. Who waits for room gives up at once, or has its turn before.

        Raises
        ------
        CancelledError
            If it is closed already.
        """
        if cancel_pending_enqueues:
            with self._changed:
                self.closed = self._gives_up = True
                self._failure = self._failure or _failure.get()
                self._changed.notify_all()
            return
        with turn(self._giving, self._is_full), self._changed:
            if self.closed:
                raise CancelledError(None, None, f"Queue '{self._name}' is already closed.")
            self.closed, self._failure = True, _failure.get()
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
        with turn(self._giving, self._is_full), self._changed:
            if self.closed:
                raise CancelledError(None, None, f"{self._called} is closed.")
            for element in elements:
                wait_for(self._changed, self._can_give, self._is_full)
                if self._gives_up or self._cancelled:
                    raise CancelledError(None, None, "Enqueue operation was cancelled")
                self._put(element)
                self._changed.notify_all()

    def give_one(self, components: Sequence[Any]) -> None:
        """Add one element, of copies of `components`; waits for room.

        Raises
        ------
        CancelledError
            If the queue or the session is closed.
        InvalidArgumentError
            If a part has another shape.
        """
        # What was fed may change; a text may come without its array.
        parts = zip(components, self.dtypes, strict=True)
        self.give([tuple(np.array(part, dtype.numpy_dtype) for part, dtype in parts)])

    def give_rows(self, components: Sequence[np.ndarray]) -> None:
        """Add the rows of `components`, an element each; waits for room.

        Raises
        ------
        CancelledError
            If the queue or the session is closed.
        InvalidArgumentError
            If they are not equally many, or have another shape.
        """
        n = len(components[0])
        if self._shapes is not None:
            for i, (part, dims) in enumerate(zip(components, self._shapes, strict=False)):
                _require_shape(i, part.shape, (n, *dims))
        for i, part in enumerate(components):
            if len(part) != n:
                raise invalid(
                    "All input tensors must have the same size in the 0th dimension. Component "
                    f"{i} has {len(part)}, and should have {n}"
                )
        components = [part.copy() for part in components]  # what was fed may change
        self.give([tuple(part[i, ...] for part in components) for i in range(n)])

    def _is_full(self) -> str:
        return f"{self._called} is full, its capacity is {self._asked}"

    def _can_give(self) -> bool:
        return len(self._elements) < self._capacity or self._gives_up or self._cancelled

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

        def has_few() -> str:
            found = self.count() + len(taken)
            kept = found - len(taken) - self._ready()
            stay = f" of which {kept} stay in it until it is closed" if kept > 0 else ""
            return f"{self._called} has {found} elements{stay}, {n} asked for"

        with turn(self._taking, has_few), self._changed:
            try:
                while len(taken) < n:
                    wait_for(self._changed, self._can_take, has_few)
                    if self._cancelled:
                        raise CancelledError(None, None, "Dequeue operation was cancelled")
                    if self.closed and len(taken) + len(self._elements) < n:
                        self._put_back(taken)
                        taken.clear()
                        if not (up_to and self._elements):
                            raise self._none_left(n)
                        n = len(self._elements)
                    taken.append(self._next())
                    self._changed.notify_all()
            except BaseException:  # of an interrupt, too, what was taken is not lost
                self._put_back(taken)
                raise
        return taken

    def _can_take(self) -> bool:
        return self.closed or self._cancelled or self._ready() > 0

    def _none_left(self, n: int) -> BaseException:
        told = ""
        if self._failure is not None:
            error, raised_elsewhere = self._failure
            if not raised_elsewhere:
                return error.with_traceback(None)
            told = f"\n  it was closed after {type(error).__name__}: {error}"
        return OutOfRangeError(
            None,
            None,
            f"{self._called} is closed and has insufficient elements (requested {n}, current size "
            f"{len(self._elements)}){told}",
        )

    def require_same(self, like: Queue) -> None:
        """Refuse to be the queue that another op of one shared name describes.

        Parameters
        ----------
        like : Queue
            Such a queue.

        Raises
        ------
        InvalidArgumentError
        """
        if self.kind != like.kind:
            raise invalid(f"Shared queue '{self._name}' is a {self.kind}, not a {like.kind}")
        self._require("capacity", "was", f"{self._asked}", f"{like._asked}")
        self._require("component types", "were", _names(self.dtypes), _names(like.dtypes))
        self._require("component shapes", "were", _texts(self._shapes), _texts(like._shapes))

    def _require(self, what: str, verb: str, have: str, requested: str, called: str = "") -> None:
        if have != requested.removesuffix("."):
            raise invalid(
                f"Shared queue '{self._name}' has {what} {have} but requested {called or what} "
                f"{verb} {requested}\n  fix: give both the same arguments, or another shared_name"
            )

    def stacked(self, elements: list[Element]) -> Element:
        """Elements along a new first dimension."""
        if not elements:
            return self.empty()
        return tuple(np.stack(parts) for parts in zip(*elements, strict=True))

    def require_shapes(self) -> None:
        """Refuse to stack elements whose shapes may differ.

        Raises
        ------
        InvalidArgumentError
        """
        if self._shapes is None:
            raise invalid(
                f"{self.kind}'s DequeueMany and DequeueUpTo require the components to have "
                "specified shapes.\n  fix: shapes= of the queue"
            )

    def empty(self) -> Element:
        """No elements, stacked."""
        shapes: Any = self._shapes
        return tuple(
            np.empty((0, *(max(length, 0) for length in dims)), dtype.numpy_dtype)
            for dtype, dims in zip(self.dtypes, shapes, strict=True)
        )

    def _check(self, element: Element) -> None:
        for i, (part, dims) in enumerate(zip(element, self._shapes or (), strict=False)):
            _require_shape(i, part.shape, dims)


def _require_shape(i: int, shape: tuple[int, ...], dims: tuple[int, ...]) -> None:
    if not _fits(shape, dims):
        raise invalid(
            f"Shape mismatch in tuple component {i}. Expected {_text(dims)}, got {_text(shape)}"
        )


def _fits(shape: tuple[int, ...], dims: tuple[int, ...]) -> bool:
    return len(shape) == len(dims) and all(
        length in (-1, n) for n, length in zip(shape, dims, strict=True)
    )


def _names(dtypes: list[DType]) -> str:
    return ", ".join(map(word_of, dtypes))


def _texts(shapes: Any) -> str:
    return "[" + ",".join(map(_text, shapes or ())) + "]"


def _text(dims: Any) -> str:
    return "[" + ",".join("?" if n < 0 else str(n) for n in dims) + "]"


def queue_of(handle: Any) -> Queue:
    """The queue of a handle, the value of a tensor of dtype resource.

    Raises
    ------
    InvalidArgumentError
        If it is the handle of something else.
    """
    queue = handle.item() if isinstance(handle, np.ndarray) else handle
    if not isinstance(queue, Queue):
        raise invalid(f"the handle is no queue's: it is that of {queue!r}")
    return queue
