"""`Barrier`: gathers the parts of elements, which come from several places, by their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework.inference import constant_value
from graphmode.framework.shapes import TensorShape
from graphmode.input.queues import as_dtypes, as_shapes
from graphmode.ops.data import barriers

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor


class Taken(NamedTuple):
    """What `Barrier.take_many` gives."""

    indices: Tensor
    keys: Tensor
    values: list[Tensor]


class Barrier:
    """Elements of several parts, each of which is given by itself, under the key of the element.

    Elements that have all parts are taken in the order in which the first part of each came. It
    lives in a session: each session has its own.

    Parameters
    ----------
    types : DType or list of DType
        Of the parts of an element.
    shapes : shape or list of shapes, optional
        Of the parts, as far as they are known.
    shared_name : str, optional
        Barriers of one name are the same.

    Raises
    ------
    ValueError
        If there are not as many shapes as types, or a part would be empty.

    Examples
    --------
    ::

        barrier = data_flow_ops.Barrier((tf.string, tf.int32), shapes=((), ()))
        put_words = barrier.insert_many(0, keys=["a", "b"], values=["hello", "world"])
        put_counts = barrier.insert_many(1, keys=["b", "a"], values=[2, 1])
        indices, keys, (words, counts) = barrier.take_many(2)
    """

    def __init__(
        self,
        types: Any,
        shapes: Any = None,
        shared_name: str | None = None,
        name: str | None = "barrier",
    ) -> None:
        self._types = as_dtypes(types)
        dims = as_shapes(shapes, len(self._types), may_differ=True)
        for i, shape in enumerate(dims):
            if shape.num_elements() == 0:
                raise ValueError(
                    f"Empty tensors are not supported, but received shape '{shape}' at index {i}"
                )
        self._shapes = dims or [TensorShape(None)] * len(self._types)
        self._barrier_ref: Tensor = barriers.barrier_op(
            component_types=self._types,
            shapes=self._shapes,
            shared_name=shared_name or "",
            name=name,
        )
        self._name = self._barrier_ref.op.name.rpartition("/")[2]

    @property
    def barrier_ref(self) -> Tensor:
        """The handle, a tensor of dtype resource."""
        return self._barrier_ref

    @property
    def name(self) -> str:
        """The name of the op that made it."""
        return self._barrier_ref.op.name

    def insert_many(
        self, component_index: int, keys: Any, values: Any, name: str | None = None
    ) -> Operation:
        """Give several elements one of their parts.

        Parameters
        ----------
        component_index : int
            Which part.
        keys : Tensor, string [n]
            Of the elements; they begin with their first part.
        values : Tensor [n, ...]
            Of the dtype and shape of the part.

        Returns
        -------
        Operation

        Raises
        ------
        InvalidArgumentError
            When it runs, if there is no such part, an element has it already, or it does not fit.
            No element has got it then.
        CancelledError
            When it runs, if the barrier is closed and an element would begin.
        """
        return barriers.insert_many_op(
            self._barrier_ref,
            keys,
            values,
            component_index=component_index,
            name=name or f"{self._name}_BarrierInsertMany",
        )

    def take_many(
        self,
        num_elements: Any,
        allow_small_batch: bool = False,
        timeout: int | None = None,
        name: str | None = None,
    ) -> Taken:
        """Take whole elements, stacked; the run waits until there are as many.

        Parameters
        ----------
        num_elements : int, or Tensor, int32 scalar
        allow_small_batch : bool
            Whether a closed barrier gives those that are left.
        timeout : int, optional
            Kept and without effect, as in TensorFlow: give ``timeout_in_ms`` to the run.

        Returns
        -------
        indices : Tensor, int64 [num_elements]
            Which insertion began each element, from -2**63 on.
        keys : Tensor, string [num_elements]
        values : list of Tensor
            Each of shape [num_elements, ...].

        Raises
        ------
        OutOfRangeError
            When it runs, if the barrier is closed and will not have as many.
        """
        indices, keys, *values = barriers.take_many_op(
            self._barrier_ref,
            num_elements,
            component_types=self._types,
            allow_small_batch=allow_small_batch,
            timeout_ms=-1 if timeout is None else timeout,
            name=name or f"{self._name}_BarrierTakeMany",
        )
        known = None if allow_small_batch else constant_value(indices.op.inputs[1])
        rows = TensorShape([None if known is None else int(known)])
        for tensor in (indices, keys):
            tensor.set_shape(rows)
        for tensor, shape in zip(values, self._shapes, strict=True):
            tensor.set_shape(rows.concatenate(shape))
        return Taken(indices, keys, values)

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Operation:
        """Begin no more elements; those that are begun may still get their parts.

        Parameters
        ----------
        cancel_pending_enqueues : bool
            Whether those that are begun are given up, too.

        Returns
        -------
        Operation
        """
        return barriers.close_op(
            self._barrier_ref,
            cancel_pending_enqueues=cancel_pending_enqueues,
            name=name or f"{self._name}_BarrierClose",
        )

    def ready_size(self, name: str | None = None) -> Tensor:
        """The number of elements that have all parts.

        Returns
        -------
        Tensor, int32, scalar
        """
        name = name or f"{self._name}_BarrierReadySize"
        return barriers.ready_size_op(self._barrier_ref, name=name)

    def incomplete_size(self, name: str | None = None) -> Tensor:
        """The number of elements of which parts are missing.

        Returns
        -------
        Tensor, int32, scalar
        """
        name = name or f"{self._name}_BarrierIncompleteSize"
        return barriers.incomplete_size_op(self._barrier_ref, name=name)
