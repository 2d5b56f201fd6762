"""Accumulators of gradients: workers add what they compute, and one takes the mean of enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import FLOATS, NUMBERS, DType, as_dtype, int64
from graphmode.framework.errors import invalid
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.ops.data import accumulators
from graphmode.ops.math.casts import cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Operation, Tensor


class TakenRows(NamedTuple):
    """What `SparseConditionalAccumulator.take_grad` gives."""

    indices: Tensor
    values: Tensor
    shape: Tensor


class ConditionalAccumulatorBase:
    """What both kinds of accumulators do.

    A gradient counts if the step that it was computed at is not before that of the accumulator.
    Taking waits for enough of them, and brings the accumulator to the next step.

    Parameters
    ----------
    dtype : DType
        Of the gradients.
    shape : shape, optional
        Of the gradients, as far as it is known.
    accumulator_ref : Tensor, resource
        The handle.
    """

    _set_step = staticmethod(accumulators.set_global_step_op)
    _count = staticmethod(accumulators.num_accumulated_op)

    def __init__(self, dtype: Any, shape: Any, accumulator_ref: Any) -> None:
        self._dtype = as_dtype(dtype)
        self._shape = as_shape(shape)
        self._accumulator_ref: Tensor = accumulator_ref
        self._name = accumulator_ref.op.name.rpartition("/")[2]

    @property
    def accumulator_ref(self) -> Tensor:
        """The handle, a tensor of dtype resource."""
        return self._accumulator_ref

    @property
    def name(self) -> str:
        """The name of the op that made it, without scopes."""
        return self._name

    @property
    def dtype(self) -> DType:
        """The dtype of the gradients."""
        return self._dtype

    def num_accumulated(self, name: str | None = None) -> Tensor:
        """How many gradients have been added since the last ones were taken.

        Returns
        -------
        Tensor, int32, scalar
        """
        return self._count(self._accumulator_ref, name=name or f"{self._name}_NumAccumulated")

    def set_global_step(self, new_global_step: Any, name: str | None = None) -> Operation:
        """Set its step: gradients of earlier ones do not count from then on.

        Parameters
        ----------
        new_global_step : Tensor or int, integer scalar

        Returns
        -------
        Operation
        """
        step = cast(convert_to_tensor(new_global_step), int64)
        return self._set_step(self._accumulator_ref, step, name=name)


def _made(
    make: Callable[..., Tensor],
    dtype: Any,
    shape: Any,
    shared_name: str | None,
    reduction_type: str,
    name: str | None,
) -> Tensor:
    kind = as_dtype(dtype)
    if reduction_type not in ("MEAN", "SUM"):
        raise ValueError(
            f"Attr 'reduction_type' of '{name}' passed string '{reduction_type}' not in: "
            '"MEAN", "SUM".'
        )
    if kind not in NUMBERS:
        raise TypeError(f"Value passed to parameter 'dtype' has DataType {kind.name}: no number")
    if kind not in FLOATS:
        raise invalid(f"accumulators add up floating gradients, not {kind.name}")
    return make(
        dtype=kind,
        shape=as_shape(shape),
        shared_name=shared_name or "",
        reduction_type=reduction_type,
        name=name,
    )


class ConditionalAccumulator(ConditionalAccumulatorBase):
    """Adds up gradients of one tensor until enough of one step are there.

    It lives in a session: each session has its own.

    Parameters
    ----------
    dtype : DType, floating
    shape : shape, optional
        Of the gradients, as far as it is known.
    shared_name : str, optional
        Accumulators of one name are the same.
    reduction_type : {"MEAN", "SUM"}
        What `take_grad` gives.

    Raises
    ------
    TypeError, ValueError, InvalidArgumentError
        If `dtype` is not floating, or `reduction_type` none of these.

    Examples
    --------
    ::

        mean = tf.ConditionalAccumulator(tf.float32, shape=w.shape)
        send = mean.apply_grad(gradient, local_step=global_step)   # each worker
        step = optimizer.apply_gradients([(mean.take_grad(4), w)])  # waits for four of them
    """

    def __init__(
        self,
        dtype: Any,
        shape: Any = None,
        shared_name: str | None = None,
        name: str | None = "conditional_accumulator",
        reduction_type: str = "MEAN",
    ) -> None:
        make = accumulators.accumulator_op
        ref = _made(make, dtype, shape, shared_name, reduction_type, name)
        super().__init__(dtype, shape, ref)

    def apply_grad(self, grad: Any, local_step: Any = 0, name: str | None = None) -> Operation:
        """Add a gradient, unless `local_step` is before the step of the accumulator.

        Parameters
        ----------
        grad : Tensor
            Of the dtype and shape of the accumulator.
        local_step : Tensor or int, integer scalar
            The step that it was computed at.

        Returns
        -------
        Operation

        Raises
        ------
        ValueError
            If its dtype or shape is another one.
        InvalidArgumentError
            When it runs, if its shape is, or that of the others.
        """
        gradient = convert_to_tensor(grad, dtype=self._dtype)
        gradient.shape.assert_is_compatible_with(self._shape)
        step = cast(convert_to_tensor(local_step), int64)
        return accumulators.apply_gradient_op(self._accumulator_ref, step, gradient, name=name)

    def take_grad(self, num_required: Any, name: str | None = None) -> Tensor:
        """The mean of the gradients, when there are `num_required`; the run waits for them.

        All that are there count, and none of them any more. The step is one more then.

        Parameters
        ----------
        num_required : Tensor or int, int32 scalar

        Returns
        -------
        Tensor
            Of the dtype and shape of the accumulator.

        Raises
        ------
        InvalidArgumentError
            When it runs, if `num_required` is not positive.
        """
        taken = accumulators.take_gradient_op(
            self._accumulator_ref, num_required, dtype=self._dtype, name=name
        )
        taken.set_shape(self._shape)
        return taken


class SparseConditionalAccumulator(ConditionalAccumulatorBase):
    """Adds up some rows of gradients, those of a gather, until enough of one step are there.

    The mean of a row is that of the gradients that have it.

    Parameters
    ----------
    dtype : DType, floating
    shape : shape, optional
        Of the whole gradients, as far as it is known.
    shared_name : str, optional
        Accumulators of one name are the same.
    reduction_type : {"MEAN", "SUM"}
        What `take_grad` gives.

    Raises
    ------
    TypeError, ValueError, InvalidArgumentError
        If `dtype` is not floating, or `reduction_type` none of these.
    """

    _set_step = staticmethod(accumulators.sparse_set_global_step_op)
    _count = staticmethod(accumulators.sparse_num_accumulated_op)

    def __init__(
        self,
        dtype: Any,
        shape: Any = None,
        shared_name: str | None = None,
        name: str | None = "sparse_conditional_accumulator",
        reduction_type: str = "MEAN",
    ) -> None:
        make = accumulators.sparse_accumulator_op
        ref = _made(make, dtype, shape, shared_name, reduction_type, name)
        super().__init__(dtype, shape, ref)

    def apply_indexed_slices_grad(
        self, grad: IndexedSlices, local_step: Any = 0, name: str | None = None
    ) -> Operation:
        """`apply_grad` of an IndexedSlices.

        Parameters
        ----------
        grad : IndexedSlices
            Of the dtype of the accumulator.
        local_step : Tensor or int, integer scalar

        Returns
        -------
        Operation
        """
        return self.apply_grad(grad.indices, grad.values, grad.dense_shape, local_step, name)

    def apply_grad(
        self,
        grad_indices: Any,
        grad_values: Any,
        grad_shape: Any = None,
        local_step: Any = 0,
        name: str | None = None,
    ) -> Operation:
        """Add rows of a gradient, unless `local_step` is before the step of the accumulator.

        Parameters
        ----------
        grad_indices : Tensor, integer [n]
            Which rows; of one that comes twice the sum counts.
        grad_values : Tensor [n, ...]
            The rows, of the dtype of the accumulator.
        grad_shape : Tensor, integer vector, optional
            Of the whole gradient.
        local_step : Tensor or int, integer scalar
            The step that it was computed at.

        Returns
        -------
        Operation

        Raises
        ------
        InvalidArgumentError
            When it runs, if the parts do not fit each other, the accumulator or what it has.
        """
        return accumulators.sparse_apply_gradient_op(
            self._accumulator_ref,
            cast(convert_to_tensor(local_step), int64),
            cast(convert_to_tensor(grad_indices), int64),
            convert_to_tensor(grad_values, dtype=self._dtype),
            cast(convert_to_tensor([] if grad_shape is None else grad_shape), int64),
            has_known_shape=grad_shape is not None,
            name=name,
        )

    def take_grad(self, num_required: Any, name: str | None = None) -> TakenRows:
        """The mean rows, when there are `num_required` gradients; the run waits for them.

        Parameters
        ----------
        num_required : Tensor or int, int32 scalar

        Returns
        -------
        indices : Tensor, int64 [n]
            Ascending.
        values : Tensor [n, ...]
            Of the dtype of the accumulator.
        shape : Tensor, int64 vector
            Of the whole; -1 where it is not known.

        Raises
        ------
        InvalidArgumentError
            When it runs, if `num_required` is not positive.
        """
        taken = accumulators.sparse_take_gradient_op(
            self._accumulator_ref, num_required, dtype=self._dtype, name=name
        )
        return TakenRows(*taken)

    def take_indexed_slices_grad(self, num_required: Any, name: str | None = None) -> IndexedSlices:
        """`take_grad` as an IndexedSlices.

        Parameters
        ----------
        num_required : Tensor or int, int32 scalar

        Returns
        -------
        IndexedSlices
        """
        indices, values, shape = self.take_grad(num_required, name)
        if self._shape.ndims:
            values.set_shape(TensorShape([None, *self._shape.as_list()[1:]]))
        return IndexedSlices(values=values, indices=indices, dense_shape=shape)
