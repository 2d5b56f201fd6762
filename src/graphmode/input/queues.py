"""Queues: elements that some runs put in and others take out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import DType, as_dtype
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.joining import stack
from graphmode.ops.data import queues

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor


class QueueBase:
    """What all queues do.

    Parameters
    ----------
    dtypes : list of DType
        Of the parts of an element.
    shapes : list of TensorShape
        Of the parts of an element; None each where it may differ.
    names : list of str, optional
        Of the parts: elements are dictionaries then.
    queue_ref : Tensor, resource
        The handle.

    Raises
    ------
    ValueError
        If there are not as many shapes or names as dtypes.
    """

    def __init__(self, dtypes: Any, shapes: Any, names: Any, queue_ref: Any) -> None:
        if shapes and len(shapes) != len(dtypes):
            raise ValueError("Queue shapes must have the same length as dtypes")
        if names is not None and len(names) != len(dtypes):
            raise ValueError("Queue names must have the same length as dtypes")
        self._dtypes: list[DType] = dtypes
        self._shapes: list[TensorShape] = shapes or [TensorShape(None)] * len(dtypes)
        self._has_shapes = bool(shapes)
        self._names: list[str] | None = names
        self._queue_ref: Tensor = queue_ref
        self._name = queue_ref.op.name.rpartition("/")[2]

    @staticmethod
    def from_list(index: Any, queues: Any) -> QueueBase:
        """The queue of a list that a tensor chooses in each run.

        Parameters
        ----------
        index : Tensor or int, int32 scalar
        queues : list of QueueBase
            Of the same dtypes and names.

        Returns
        -------
        QueueBase
            Its shapes are known where those of all are the same.

        Raises
        ------
        TypeError
            If `queues` is no list of queues, or they differ.
        """
        if not _are_queues(queues):
            raise TypeError("A list of queues expected")
        every: list[QueueBase] = queues
        first = every[0]
        for what in ("dtypes", "names"):
            if any(getattr(queue, what) != getattr(first, what) for queue in every):
                raise TypeError(f"Queues do not have matching component {what}.")
        shapes = [
            functools.reduce(_common, parts)
            for parts in zip(*(queue.shapes for queue in every), strict=True)
        ]
        chosen = gather(stack([queue.queue_ref for queue in every]), index)
        return QueueBase(first.dtypes, shapes, first.names, chosen)

    @property
    def queue_ref(self) -> Tensor:
        """The handle, a tensor of dtype resource."""
        return self._queue_ref

    @property
    def name(self) -> str:
        """The name of the op that made it."""
        return self._queue_ref.op.name

    @property
    def dtypes(self) -> list[DType]:
        """The dtypes of the parts of an element."""
        return self._dtypes

    @property
    def shapes(self) -> list[TensorShape]:
        """The shapes of the parts of an element."""
        return self._shapes

    @property
    def names(self) -> list[str] | None:
        """The names of the parts of an element, or None."""
        return self._names

    def _parts(self, vals: Any) -> list[Any]:
        """The parts of an element that was given in any of its forms."""
        if isinstance(vals, nest.DICT):
            if not self._names:
                raise ValueError("Queue must have names to enqueue a dictionary")
            if sorted(self._names) != sorted(vals):
                raise ValueError(
                    "Keys in dictionary to enqueue do not match names of Queue.  Dictionary: "
                    f"({sorted(vals)}), Queue: ({sorted(self._names)})"
                )
            return [vals[name] for name in self._names]
        if self._names:
            raise ValueError("You must enqueue a dictionary in a Queue with names")
        return list(vals) if isinstance(vals, nest.LISTS) else [vals]

    def _tensors(self, vals: Any) -> list[Tensor]:
        single = len(self._dtypes) == 1 and not isinstance(vals, nest.DICT)
        parts = [vals] if single and not _is_one(vals) else self._parts(vals)
        if len(parts) != len(self._dtypes):
            raise ValueError(
                f"{self._name} has {len(self._dtypes)} components, got {len(parts)} to enqueue"
            )
        return [
            convert_to_tensor(part, dtype=dtype, name=f"component_{i}")
            for i, (part, dtype) in enumerate(zip(parts, self._dtypes, strict=True))
        ]

    def enqueue(self, vals: Any, name: str | None = None) -> Operation:
        """Add one element; the run waits while the queue is full.

        Parameters
        ----------
        vals : Tensor, list of Tensor, or dict
            Its parts, of the queue's dtypes and shapes.

        Returns
        -------
        Operation

        Raises
        ------
        ValueError
            If they are not the parts of an element.
        CancelledError
            When it runs, if the queue or the session is closed.
        """
        with name_scope(name, f"{self._name}_enqueue", [self._queue_ref]) as scope:
            tensors = self._tensors(vals)
            for tensor, shape in zip(tensors, self._shapes, strict=True):
                tensor.shape.assert_is_compatible_with(shape)
            return queues.enqueue_op(self._queue_ref, tensors, name=scope)

    def enqueue_many(self, vals: Any, name: str | None = None) -> Operation:
        """Add several elements; the run waits until all have found room.

        Parameters
        ----------
        vals : Tensor, list of Tensor, or dict
            As for `enqueue`, each of shape [n, ...]: the elements along the first dimension.

        Returns
        -------
        Operation

        Raises
        ------
        ValueError
            If they are not the parts of elements.
        CancelledError
            When it runs, if the queue or the session is closed.
        """
        with name_scope(name, f"{self._name}_EnqueueMany", [self._queue_ref]) as scope:
            tensors = self._tensors(vals)
            for tensor, shape in zip(tensors, self._shapes, strict=True):
                rows = tensor.shape.with_rank_at_least(1)
                rows[1:].assert_is_compatible_with(shape)
            return queues.enqueue_many_op(self._queue_ref, tensors, name=scope)

    def _given(self, tensors: list[Tensor], leading: Sequence[Any] | None) -> Any:
        for tensor, shape in zip(tensors, self._shapes, strict=True):
            if self._has_shapes:
                tensor.set_shape(shape if leading is None else TensorShape(leading) + shape)
        if self._names:
            return dict(zip(self._names, tensors, strict=True))
        return tensors[0] if len(tensors) == 1 else tensors

    def dequeue(self, name: str | None = None) -> Any:
        """Take the next element; the run waits until there is one.

        Returns
        -------
        Tensor, list of Tensor, or dict

        Raises
        ------
        OutOfRangeError
            When it runs, if the queue is closed and empty.
        """
        tensors = queues.dequeue_op(
            self._queue_ref, component_types=self._dtypes, name=name or f"{self._name}_Dequeue"
        )
        return self._given(tensors, None)

    def dequeue_many(self, n: Any, name: str | None = None) -> Any:
        """Take the next `n` elements, stacked along a new first dimension.

        Parameters
        ----------
        n : int, or Tensor, int32, scalar

        Returns
        -------
        Tensor, list of Tensor, or dict

        Raises
        ------
        OutOfRangeError
            When it runs, if the queue is closed and has not as many.
        """
        name = name or f"{self._name}_DequeueMany"
        tensors = queues.dequeue_many_op(
            self._queue_ref, n, component_types=self._dtypes, name=name
        )
        return self._given(tensors, [n if isinstance(n, int) else None])

    def dequeue_up_to(self, n: Any, name: str | None = None) -> Any:
        """Take the next `n` elements, stacked; of a closed queue those that are left.

        Parameters
        ----------
        n : int, or Tensor, int32, scalar

        Returns
        -------
        Tensor, list of Tensor, or dict

        Raises
        ------
        OutOfRangeError
            When it runs, if the queue is closed and empty.
        """
        tensors = queues.dequeue_up_to_op(
            self._queue_ref,
            n,
            component_types=self._dtypes,
            name=name or f"{self._name}_DequeueUpTo",
        )
        return self._given(tensors, [None])

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Operation:
        """Take no more elements: later `enqueue` fail, `dequeue` go on until it is empty.

        Parameters
        ----------
        cancel_pending_enqueues : bool
            Whether those that wait for room fail, too.

        Returns
        -------
        Operation
        """
        return queues.close_op(
            self._queue_ref, cancel_pending_enqueues, name=name or f"{self._name}_Close"
        )

    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether it has been closed.

        Returns
        -------
        Tensor, bool, scalar
        """
        return queues.is_closed_op(self._queue_ref, name=name or f"{self._name}_Is_Closed")

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements in it.

        Returns
        -------
        Tensor, int32, scalar
        """
        return queues.size_op(self._queue_ref, name=name or f"{self._name}_Size")


def _are_queues(given: Any) -> bool:
    return issubclass(type(given), list) and bool(given) and all(map(_is_queue, given))


def _is_queue(given: Any) -> bool:
    return isinstance(given, QueueBase)


def _is_one(vals: Any) -> bool:
    """Whether the part of an element of one part stands in a list."""
    return isinstance(vals, nest.LISTS) and len(vals) == 1


class FIFOQueue(QueueBase):
    """A queue whose elements come out in the order in which they went in.

    It lives in a session: each session has its own.

    Parameters
    ----------
    capacity : int
        The largest number of elements; negative: no bound.
    dtypes : DType or list of DType
        Of the parts of an element.
    shapes : shape or list of shapes, optional
        Of the parts, fully known; without them elements cannot be taken several at a time.
    names : str or list of str, optional
        Of the parts: elements are dictionaries then.
    shared_name : str, optional
        Queues of one name are the same queue.

    Raises
    ------
    ValueError
        If there are not as many shapes or names as dtypes.

    Examples
    --------
    ::

        queue = tf.FIFOQueue(100, [tf.float32, tf.int32], shapes=[[784], []])
        put = queue.enqueue([image, label])
        images, labels = queue.dequeue_many(50)
    """

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str | None = "fifo_queue",
    ) -> None:
        kinds = as_dtypes(dtypes)
        dims = as_shapes(shapes, len(kinds))
        words = as_names(names, len(kinds))
        ref = queues.fifo_queue_op(
            component_types=kinds,
            shapes=dims,
            capacity=capacity,
            shared_name=shared_name or "",
            name=name,
        )
        super().__init__(kinds, dims, words, ref)


def as_dtypes(given: Any) -> list[DType]:
    """The dtypes of the parts of an element, of one or of a list."""
    return [as_dtype(d) for d in (given if isinstance(given, nest.LISTS) else [given])]


def as_shapes(given: Any, n: int, may_differ: bool = False) -> list[TensorShape]:
    """The shapes of the `n` parts of an element; none at all if `given` is None.

    Raises
    ------
    ValueError
        If there are not as many, or lengths are unknown that may not be.
    """
    if given is None:
        return []
    if n == 1 and not (isinstance(given, nest.LISTS) and _holds_shapes(given)):
        given = [given]
    shapes = [as_shape(shape) for shape in given]
    if len(shapes) != n:
        raise ValueError("Queue shapes must have the same length as dtypes")
    if may_differ and any(shape.dims is None for shape in shapes):
        raise ValueError(f"All shapes must have a defined rank: {shapes}")
    if not may_differ and not all(shape.is_fully_defined() for shape in shapes):
        raise ValueError(
            f"All shapes must be fully defined: {shapes}\n  fix: tensor.set_shape(...) of what is "
            "put in, images resized to one size, or a queue that pads (dynamic_pad=True of "
            "tf.train.batch)"
        )
    return shapes


def _holds_shapes(given: Sequence[Any]) -> bool:
    """Whether it is a list of shapes, and not one shape."""
    return any(isinstance(item, list | tuple | TensorShape) for item in given)


def as_names(given: Any, n: int) -> list[str] | None:
    """The names of the `n` parts of an element, or None.

    Raises
    ------
    ValueError
        If there are not as many.
    """
    if given is None:
        return None
    names = [given] if isinstance(given, str) else list(given)
    if len(names) != n:
        raise ValueError("List of names must have the same length as the list of dtypes")
    return names


def _common(a: TensorShape, b: TensorShape) -> TensorShape:
    """What is known of a shape that is one of two."""
    if a.dims is None or b.dims is None or len(a.dims) != len(b.dims):
        return TensorShape(None)
    return TensorShape(
        [n if n == m else None for n, m in zip(a.as_list(), b.as_list(), strict=True)]
    )
