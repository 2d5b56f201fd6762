"""Exponential moving averages of variables and tensors."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, get_default_graph, name_scope
from graphmode.framework.nodes import handle_of
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops import math
from graphmode.ops.control.grouping import group
from graphmode.ops.state import variable_ops
from graphmode.training.slots import create_slot, create_zeros_slot
from graphmode.variables.collections import (
    global_variables,
    moving_average_variables,
    trainable_variables,
)
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.scope import get_variable, get_variable_scope, variable_scope
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

_AVERAGED = frozenset((dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64))


def assign_moving_average(
    variable: Any, value: Any, decay: Any, zero_debias: bool = True, name: str | None = None
) -> Tensor:
    r"""Move `variable` towards `value`.

    .. math:: a \leftarrow a - (1 - d)(a - x)

    Parameters
    ----------
    variable : Variable
        :math:`a`.
    value : Tensor
        :math:`x`, of its shape.
    decay : float or Tensor
        :math:`d`.
    zero_debias : bool
        Divide by :math:`1 - d^t`, as if the average had not started at 0: `variable` holds the
        quotient, the variables ``<variable>/biased`` and ``<variable>/local_step`` the rest.
    name : str, optional

    Returns
    -------
    Tensor
        `variable`, after it has moved.

    Notes
    -----
    Section 3 of Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """
    with name_scope(name, "AssignMovingAvg", [variable, value]) as scope:
        share = convert_to_tensor(1.0 - decay, name="decay")
        if share.dtype.base_dtype is not variable.dtype.base_dtype:
            share = math.cast(share, variable.dtype.base_dtype)
        by_handle = handle_of(variable) is not None
        with nullcontext() if by_handle else get_default_graph().colocate_with(variable.op):
            if not zero_debias:
                return variable_ops.assign_sub(variable, (variable - value) * share, name=scope)
        return _assign_debiased(variable, value, share)


def _assign_debiased(unbiased: Variable, value: Any, share: Tensor) -> Tensor:
    graph = get_default_graph()
    dtype = unbiased.dtype.base_dtype
    with variable_scope(unbiased.op.name, values=[unbiased, value, share]):
        with graph.control_dependencies(None), graph.colocate_with(unbiased.op):
            biased = get_variable(
                _free_name("biased"),
                initializer=zeros_initializer(),
                shape=unbiased.get_shape(),
                dtype=dtype,
                trainable=False,
            )
            local_step: Any = get_variable(
                _free_name("local_step"),
                shape=[],
                dtype=dtype,
                initializer=zeros_initializer(),
                trainable=False,
            )
        with graph.colocate_with(unbiased.op):
            moved = variable_ops.assign_sub(biased, (biased - value) * share)
            steps = local_step.assign_add(1)
            return variable_ops.assign(
                unbiased,
                moved / (1 - math.pow(1.0 - share, steps)),
                name=graph.get_name_scope() + "/",
            )


def _free_name(name: str) -> str:
    """`name`, or the first of `name_1`, `name_2`, ... that the variable scope does not have."""
    scope = get_variable_scope()
    if scope.reuse:
        return name
    taken = {variable.op.name for variable in scope.global_variables()}
    free, i = name, 0
    while f"{scope.name}/{free}" in taken:
        i += 1
        free = f"{name}_{i}"
    return free


def weighted_moving_average(
    value: Any,
    decay: Any,
    weight: Any,
    truediv: bool = True,
    collections: Any = None,
    name: str | None = None,
) -> Tensor:
    """The moving average of :math:`x w` over that of :math:`w`.

    Parameters
    ----------
    value : Tensor, numeric
        :math:`x`.
    decay : float or Tensor, floating scalar
        The weight of the past.
    weight : Tensor
        :math:`w`, numeric, of a shape that broadcasts with `value`.
    truediv : bool
        Whether integers are divided as Python 3 does.
    collections : list, optional
        Of the two variables; `GraphKeys.GLOBAL_VARIABLES` by default.
    name : str, optional

    Returns
    -------
    Tensor
        Of the shape of `value` times `weight`; computing it moves both averages.
    """
    if collections is None:
        collections = [GraphKeys.GLOBAL_VARIABLES]
    with variable_scope(name, "WeightedMovingAvg", [value, weight, decay]) as scope:
        averages: list[Any] = []
        for label, term in (("value_x_weight", value * weight), ("weight", weight)):
            like = value if label == "value_x_weight" else weight
            average = get_variable(
                label,
                shape=like.get_shape(),
                dtype=like.dtype.base_dtype,
                initializer=zeros_initializer(),
                trainable=False,
                collections=collections,
            )
            averages.append(assign_moving_average(average, term, decay, zero_debias=False))
        divide = math.truediv if truediv else math.divide
        return divide(*averages, name=scope.name)


class ExponentialMovingAverage:
    r"""Moving averages of variables, for evaluation: they often do better than the last values.

    .. math:: a \leftarrow d\, a + (1 - d)\, x

    `apply` makes the averages and gives the operation that moves them; it belongs after the
    training step. `average` gives the variable that holds one; `variables_to_restore` maps the
    names of the averages to the variables, for a `tf.train.Saver` that loads averages in their
    place.

    Parameters
    ----------
    decay : float or Tensor
        :math:`d`, close to 1.
    num_updates : int or Variable, optional
        With the number :math:`t` of updates so far, :math:`d` is at most
        :math:`(1 + t) / (10 + t)`: averages move faster at the start.
    zero_debias : bool
        Free the averages of *tensors*, which start at 0, of that start.
    name : str
        Of the operations and the average variables.
    """

    def __init__(
        self,
        decay: Any,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._decay = decay
        self._num_updates = num_updates
        self._zero_debias = zero_debias
        self._name = name
        self._averages: dict[Variable | Tensor, Variable] = {}

    @property
    def name(self) -> str:
        """The name of the operations and the average variables."""
        return self._name

    def apply(self, var_list: Sequence[Any] | None = None) -> Operation:
        """Make the averages of `var_list`, if they are not there; the op that moves them.

        Parameters
        ----------
        var_list : list of Variable or Tensor, optional
            Floating; the trainable variables by default. The average of a variable starts with its
            initial value, that of a tensor with 0.

        Returns
        -------
        Operation
            Moves all of the averages by one step.

        Raises
        ------
        TypeError
            If one is not floating.
        """
        graph = get_default_graph()
        var_list = trainable_variables() if var_list is None else list(var_list)
        debiased: set[Any] = set()
        for var in var_list:
            if var.dtype.base_dtype not in _AVERAGED:
                raise TypeError(f"The variables must be half, float, or double: {var.name}")
            if var in self._averages:
                continue
            with graph.control_dependencies(None):
                if isinstance(var, Variable):
                    with graph.device(var.device or None):
                        start = var.initialized_value()
                    average = create_slot(var, start, self._name)
                    graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
                else:
                    beside = var.op.op_def.role == "variable"
                    average = create_zeros_slot(var, self._name, colocate_with_primary=beside)
                    if self._zero_debias:
                        debiased.add(var)
            self._averages[var] = average
        with name_scope(self._name) as scope:
            decay = convert_to_tensor(self._decay, dtype=dtypes.float32, name="decay")
            if self._num_updates is not None:
                done = math.cast(self._num_updates, dtypes.float32, name="num_updates")
                decay = math.minimum(decay, (1.0 + done) / (10.0 + done))
            updates = [
                assign_moving_average(self._averages[var], var, decay, var in debiased)
                for var in var_list
            ]
            return group(*updates, name=scope)

    def average(self, var: Any) -> Variable | None:
        """The variable that holds the average of `var`, or None."""
        return self._averages.get(var)

    def average_name(self, var: Any) -> str:
        """The name of the variable that holds, or would hold, the average of `var`."""
        if var in self._averages:
            return self._averages[var].op.name
        name = f"{var.name.rpartition(':')[0]}/{self._name}"
        return get_default_graph().unique_name(name, mark_as_used=False)

    def variables_to_restore(
        self, moving_avg_variables: Sequence[Any] | None = None
    ) -> dict[str, Variable]:
        """The names to look for in a checkpoint, and the variables that take what is found.

        Parameters
        ----------
        moving_avg_variables : list of Variable, optional
            Those that take their average; by default those that are trained or averaged. All
            other global variables take their own value.
        """
        if moving_avg_variables is None:
            moving_avg_variables = trainable_variables() + moving_average_variables()
        averaged = dict.fromkeys(moving_avg_variables)
        names = {self.average_name(var): var for var in averaged}
        averaged_names = {var.name for var in averaged}
        for var in global_variables():
            if var.name not in averaged_names and var.op.name not in names:
                names[var.op.name] = var
        return names
