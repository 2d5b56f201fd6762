"""`Optimizer`: from a loss to the operation that takes one step of training.

An optimizer is a subclass with an update law: it makes its slots in `_create_slots`, its
hyperparameters in `_prepare`, and one update in `_apply_dense` or `_apply_sparse` for each
variable.
"""

# pyright: reportPrivateUsage=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graphmode._addresses.late import late
from graphmode.autodiff.gradients import gradients
from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor, convert_to_tensor_or_indexed_slices
from graphmode.framework.default_graph import GraphKeys, get_default_graph, name_scope
from graphmode.framework.defaults import defaults
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.nodes import handle_of
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import array, math
from graphmode.ops.control.grouping import group, tuple_
from graphmode.ops.state import variable_ops
from graphmode.training.slots import (
    create_slot,
    create_slot_with_initializer,
    create_zeros_slot,
)
from graphmode.variables.collections import trainable_variables
from graphmode.variables.variable import Variable

_explained_cuts = late("graphmode.autodiff.cuts", "explained_cuts")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmode.framework.dtypes import DType

Gradient = Tensor | IndexedSlices


def sums_repeated_rows(apply_sparse: Callable[..., Any]) -> Callable[..., Any]:
    """Mark an `_apply_sparse` that takes gradients whose rows repeat.

    Any other one, such as a subclass's own, is given each row once.
    """
    apply_sparse.sums_repeated_rows = True  # type: ignore[attr-defined]
    return apply_sparse


class Optimizer:
    """What all optimizers share.

    Parameters
    ----------
    use_locking : bool
        Recorded in the graph. A run is the only writer of its session.
    name : str
        The scope of the update's operations, and the name of the slots.

    Raises
    ------
    ValueError
        If `name` is empty.
    """

    GATE_NONE: ClassVar[int] = 0
    GATE_OP: ClassVar[int] = 1
    GATE_GRAPH: ClassVar[int] = 2

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots: dict[str, dict[tuple[Any, ...], Variable]] = {}
        self._non_slot_dict: dict[tuple[Any, ...], Variable] = {}

    def get_name(self) -> str:
        """The name that its operations and slots go by."""
        return self._name

    # ---- a step of training -----------------------------------------------------------------

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Sequence[Any] | None = None,
        gate_gradients: Any = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Operation:
        """An operation that takes one step: `compute_gradients`, then `apply_gradients`.

        Parameters
        ----------
        loss : Tensor, floating
            The sum of its elements is made smaller.
        global_step : Variable, optional
            Grows by one with each step.
        var_list : list of Variable, optional
            By default `GraphKeys.TRAINABLE_VARIABLES`.
        gate_gradients, aggregation_method, colocate_gradients_with_ops : optional
            As for `compute_gradients`.
        name : str, optional
            Of the operation; the optimizer's by default.
        grad_loss : Tensor, optional
            The gradient of `loss`, of its shape; ones by default.

        Returns
        -------
        Operation

        Raises
        ------
        ValueError
            If there is no variable, or `loss` depends on none of them through differentiable ops.
        """
        grads_and_vars = self.compute_gradients(
            loss,
            var_list=var_list,
            gate_gradients=gate_gradients,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
            grad_loss=grad_loss,
        )
        if all(grad is None for grad, _ in grads_and_vars):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not "
                f"support gradients, between variables {[str(v) for _, v in grads_and_vars]} and "
                f"loss {loss}." + _explained_cuts(loss, [var for _, var in grads_and_vars])
            )
        return self.apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Sequence[Any] | None = None,
        gate_gradients: Any = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Gradient | None, Any]]:
        """The gradients of `loss`, each paired with its variable.

        Parameters
        ----------
        loss : Tensor, floating, or callable that gives one
        var_list : list of Variable or Tensor, optional
            Floating. By default `GraphKeys.TRAINABLE_VARIABLES`.
        gate_gradients : {GATE_NONE, GATE_OP, GATE_GRAPH}
            With `GATE_GRAPH` no gradient is used before all are there. Values do not depend on it.
        aggregation_method, colocate_gradients_with_ops : optional
            As for `tf.gradients`.
        grad_loss : Tensor, optional
            The gradient of `loss`, of its shape; ones by default.

        Returns
        -------
        list of (gradient, variable)
            The gradient is None where `loss` does not depend on the variable.

        Raises
        ------
        ValueError
            If there is no variable, `loss` is not floating, or `gate_gradients` is another value.
        """
        if callable(loss):
            loss = loss()
        gates = (Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH)
        if gate_gradients not in gates:
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, "
                f"Optimizer.GATE_GRAPH.  Not {gate_gradients}"
            )
        self._assert_valid_dtypes([loss])
        if grad_loss is not None:
            self._assert_valid_dtypes([grad_loss])
        var_list = trainable_variables() if var_list is None else list(_flatten(var_list))
        targets = [_target(var) for var in var_list]
        if not var_list:
            raise ValueError("No variables to optimize.")
        grads = gradients(
            loss,
            targets,
            grad_ys=grad_loss,
            gate_gradients=gate_gradients == Optimizer.GATE_OP,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
        )
        if gate_gradients == Optimizer.GATE_GRAPH:
            grads = tuple_(grads)
        grads_and_vars = list(zip(grads, var_list, strict=True))
        self._assert_valid_dtypes([var for grad, var in grads_and_vars if grad is not None])
        return grads_and_vars

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None
    ) -> Operation:
        """An operation that changes the variables by their gradients.

        Parameters
        ----------
        grads_and_vars : iterable of (gradient, variable)
            As `compute_gradients` gives it; variables whose gradient is None stay as they are.
        global_step : Variable, optional
            Grows by one, after the variables have changed.
        name : str, optional
            Of the operation; the optimizer's by default.

        Returns
        -------
        Operation
            One step of training.

        Raises
        ------
        TypeError
            If a gradient is no tensor.
        ValueError
            If there is no variable, or no gradient.
        NotImplementedError
            If a "variable" is a tensor, which cannot change.
        """
        pairs = [(_as_gradient(grad), var) for grad, var in grads_and_vars]
        if defaults.replicas is not None:
            return defaults.replicas.apply_gradients(self, pairs, global_step, name)
        if not pairs:
            raise ValueError("No variables provided.")
        for _, var in pairs:
            _target(var)
        var_list = [var for grad, var in pairs if grad is not None]
        if not var_list:
            raise ValueError(
                f"No gradients provided for any variable: {[str(var) for _, var in pairs]}."
            )
        graph = get_default_graph()
        with graph.control_dependencies(None):
            self._create_slots(var_list)
        with name_scope(name, self._name) as scope:
            self._prepare()
            updates: list[Any] = []
            for grad, var in pairs:
                if grad is not None:
                    with name_scope("update_" + var.op.name), graph.colocate_with(var.op):
                        updates.append(self._update(grad, var))
            if global_step is None:
                step = self._finish(updates, scope)
            else:
                with (
                    graph.control_dependencies([self._finish(updates, "update")]),
                    graph.colocate_with(global_step.op),
                ):
                    step = _one_more(global_step, scope)
        if isinstance(step, Tensor):
            step = step.op
        train_ops = graph.get_collection_ref(GraphKeys.TRAIN_OP)
        if step not in train_ops:
            train_ops.append(step)
        return step

    def _update(self, grad: Gradient, var: Any) -> Operation | Tensor:
        if not isinstance(var, Variable):
            raise NotImplementedError("Trying to update a Tensor ", var)
        if isinstance(grad, IndexedSlices):
            if var.constraint is not None:
                raise RuntimeError("Cannot use a constraint function on a sparse variable.")
            if handle_of(var) is not None:
                return self._resource_apply_sparse_duplicate_indices(grad.values, var, grad.indices)
            return self._apply_sparse_duplicate_indices(grad, var)
        by_handle = handle_of(var) is not None
        update = (self._resource_apply_dense if by_handle else self._apply_dense)(grad, var)
        if var.constraint is None:
            return update
        with get_default_graph().control_dependencies([update]):
            return var.assign(var.constraint(var))

    # ---- what a subclass says ---------------------------------------------------------------

    def _valid_dtypes(self) -> set[DType]:
        """The dtypes that losses, variables and gradients may have."""
        return {dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64}

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        """Make the slots of `var_list`."""

    def _prepare(self) -> None:
        """Make the tensors of the hyperparameters, inside the update's name scope."""

    def _apply_dense(self, grad: Tensor, var: Variable) -> Operation | Tensor:
        """An operation that changes `var` by the gradient `grad`, of its shape and dtype."""
        raise NotImplementedError

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Operation | Tensor:
        """As `_apply_dense` for a gradient of some rows, none of which repeats."""
        raise NotImplementedError

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Variable):
        """As `_apply_sparse` for a gradient whose rows may repeat: each row counts by its sum."""
        if not getattr(self._apply_sparse, "sums_repeated_rows", False):
            grad = _with_unique_rows(grad)
        return self._apply_sparse(grad, var)

    def _resource_apply_dense(self, grad: Tensor, handle: Any) -> Operation | Tensor:
        """As `_apply_dense`, for the resource variable `handle`."""
        return self._apply_dense(grad, handle)

    def _resource_apply_sparse(
        self, grad: Tensor, handle: Any, indices: Tensor
    ) -> Operation | Tensor:
        """As `_apply_sparse`, for the rows `indices` of the resource variable `handle`."""
        return self._apply_sparse(IndexedSlices(grad, indices), handle)

    def _resource_apply_sparse_duplicate_indices(self, grad: Tensor, handle: Any, indices: Tensor):
        """As `_resource_apply_sparse` for rows that may repeat: each counts by its sum."""
        slices = IndexedSlices(grad, indices)
        own = type(self)._resource_apply_sparse is Optimizer._resource_apply_sparse
        if not (own and getattr(self._apply_sparse, "sums_repeated_rows", False)):
            slices = _with_unique_rows(slices)
        return self._resource_apply_sparse(slices.values, handle, slices.indices)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Operation:
        """The operation, called `name_scope`, that stands for all the updates."""
        return group(*update_ops, name=name_scope)

    def _assert_valid_dtypes(self, tensors: Iterable[Any]) -> None:
        valid = self._valid_dtypes()
        for tensor in tensors:
            dtype = tensor.dtype.base_dtype
            if dtype not in valid:
                raise ValueError(
                    f"Invalid type {dtype!r} for {tensor.name}, expected: {list(valid)}."
                )

    def _call_if_callable(self, param: Any):
        return param() if callable(param) else param

    # ---- slots ------------------------------------------------------------------------------

    def get_slot(self, var: Any, name: str) -> Variable | None:
        """The slot `name` of `var`, None if there is none. `get_slot_names` lists the names."""
        return self._slots.get(name, {}).get(_key(var))

    def get_slot_names(self) -> list[str]:
        """The names of the kinds of variables it keeps beside each trained one, sorted."""
        return sorted(self._slots)

    def variables(self) -> list[Variable]:
        """The optimizer's own variables in the default graph, by name."""
        graph = get_default_graph()
        own = list(self._non_slot_dict.values())
        own += [slot for named in self._slots.values() for slot in named.values()]
        return sorted((v for v in own if v.graph is graph), key=lambda v: v.name)

    def _slot_dict(self, slot_name: str) -> dict[tuple[Any, ...], Variable]:
        return self._slots.setdefault(slot_name, {})

    def _get_or_make_slot(self, var: Any, val: Any, slot_name: str, op_name: str) -> Variable:
        """The slot `slot_name` of `var`, made from the tensor `val` if it is not there."""
        slots = self._slot_dict(slot_name)
        key = _key(var)
        if key not in slots:
            slots[key] = create_slot(var, val, op_name)
        return slots[key]

    def _get_or_make_slot_with_initializer(
        self, var: Any, initializer: Any, shape: Any, dtype: Any, slot_name: str, op_name: str
    ) -> Variable:
        """The slot `slot_name` of `var`, made by an initializer if it is not there."""
        slots = self._slot_dict(slot_name)
        key = _key(var)
        if key not in slots:
            slots[key] = create_slot_with_initializer(var, initializer, shape, dtype, op_name)
        return slots[key]

    def _zeros_slot(self, var: Any, slot_name: str, op_name: str) -> Variable:
        """The slot `slot_name` of `var`, made of zeros if it is not there."""
        slots = self._slot_dict(slot_name)
        key = _key(var)
        if key not in slots:
            slots[key] = create_zeros_slot(var, op_name)
        return slots[key]

    # ---- variables of the optimizer that belong to no other one -----------------------------

    def _create_non_slot_variable(
        self, initial_value: Any, name: str, colocate_with: Any
    ) -> Variable:
        key = (name, colocate_with.graph)
        if key not in self._non_slot_dict:
            with colocate_with.graph.colocate_with(colocate_with.op):
                self._non_slot_dict[key] = Variable(
                    initial_value,
                    name=name,
                    trainable=False,
                    use_resource=handle_of(colocate_with) is not None,
                )
        return self._non_slot_dict[key]

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Variable | None:
        return self._non_slot_dict.get((name, graph))

    def _non_slot_variables(self) -> list[Variable]:
        return list(self._non_slot_dict.values())


def _key(var: Any) -> tuple[Any, ...]:
    return (var.op.graph, var.op.name)


def _flatten(value: Any) -> Iterable[Any]:
    if isinstance(value, nest.LISTS):
        for item in value:
            yield from _flatten(item)
    else:
        yield value


def _target(var: Any) -> Tensor:
    """The tensor by which a gradient is taken."""
    if isinstance(var, Variable):
        return var._ref()
    if isinstance(var, Tensor):
        return var
    raise NotImplementedError("Trying to optimize unsupported type ", var)


def _one_more(global_step: Any, name: str) -> Any:
    """The operation, called `name`, that counts a step of training."""
    handle = handle_of(global_step)
    if handle is None:
        return variable_ops.assign_add(global_step, 1, name=name)
    one = convert_to_tensor(1, dtype=global_step.dtype)
    return variable_ops.assign_add(handle, one, name=name)


def _as_gradient(grad: Any) -> Gradient | None:
    try:
        return convert_to_tensor_or_indexed_slices(grad)
    except TypeError:
        raise TypeError(
            f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {grad}"
        ) from None


def _with_unique_rows(grad: IndexedSlices) -> IndexedSlices:
    """`grad` with each row once, its values added up."""
    rows, position = array.unique(grad.indices)
    summed = math.unsorted_segment_sum(grad.values, position, array.shape(rows)[0])
    return IndexedSlices(summed, rows, grad.dense_shape)


def hyperparameter(value: Any, name: str) -> Tensor:
    """The tensor of a learning rate and its like: a number, a tensor, or a callable for one."""
    return convert_to_tensor(value() if callable(value) else value, name=name)


def as_dtype_of(value: Any, var: Variable) -> Tensor:
    """`value` in the dtype of `var`."""
    return math.cast(value, var.dtype.base_dtype)
