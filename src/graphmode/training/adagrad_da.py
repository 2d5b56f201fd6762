"""Adagrad by dual averaging: the weights follow from the sums of all gradients."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import colocate_with
from graphmode.ops import math
from graphmode.ops.array import constants
from graphmode.ops.array.identities import identity
from graphmode.ops.state import optimizer_laws as laws
from graphmode.training.optimizer import (
    Optimizer,
    as_dtype_of,
    hyperparameter,
    sums_repeated_rows,
)


class AdagradDAOptimizer(Optimizer):
    r"""Adagrad by dual averaging, with L1 and L2 penalties: weights become exactly 0.

    .. math::

        s \leftarrow s + g, \qquad a \leftarrow a + g^2, \qquad
        w \leftarrow -\frac{\eta \operatorname{sign}(s) \max(|s| - t \lambda_1, 0)}
        {t \lambda_2 \eta + \sqrt{a}}

    The weights do not depend on their values at the start: it is for linear models.

    Parameters
    ----------
    learning_rate : float or Tensor
        :math:`\eta`.
    global_step : Variable, int64
        Counts the steps; :math:`t` is one more.
    initial_gradient_squared_accumulator_value : float
        :math:`a` at the start, > 0.
    l1_regularization_strength, l2_regularization_strength : float
        :math:`\lambda_1, \lambda_2`.
    use_locking : bool
        Recorded in the graph.
    name : str

    Raises
    ------
    ValueError
        If `initial_gradient_squared_accumulator_value` is not positive.

    Notes
    -----
    Slots: ``gradient_accumulator``, ``gradient_squared_accumulator``. Duchi et al., "Adaptive
    subgradient methods for online learning and stochastic optimization", JMLR 2011.
    """

    def __init__(
        self,
        learning_rate: Any,
        global_step: Any,
        initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "AdagradDA",
    ) -> None:
        if initial_gradient_squared_accumulator_value <= 0.0:
            raise ValueError(
                "initial_gradient_squared_accumulator_value must be positive: "
                f"{initial_gradient_squared_accumulator_value}"
            )
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._global_step = global_step
        self._initial_squares = initial_gradient_squared_accumulator_value
        self._strengths = l1_regularization_strength, l2_regularization_strength
        self._numbers: list[Any] = []

    def _create_slots(self, var_list: Any) -> None:
        for var in var_list:
            with colocate_with(var.op):
                starts = [
                    constants.constant(value, shape=var.get_shape(), dtype=var.dtype.base_dtype)
                    for value in (0.0, self._initial_squares)
                ]
            self._get_or_make_slot(var, starts[0], "gradient_accumulator", self._name)
            self._get_or_make_slot(var, starts[1], "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        l1, l2 = self._strengths
        self._numbers = [
            hyperparameter(self._learning_rate, "learning_rate"),
            hyperparameter(l1, "l1_regularization_strength"),
            hyperparameter(l2, "l2_regularization_strength"),
        ]

    def _arguments(self, var: Any) -> tuple[list[Any], list[Any]]:
        """The slots, and the numbers that follow the gradient."""
        slots = [
            self.get_slot(var, name)
            for name in ("gradient_accumulator", "gradient_squared_accumulator")
        ]
        step = identity(self._global_step) + 1
        numbers = [as_dtype_of(number, var) for number in self._numbers]
        return slots, [*numbers, math.cast(step, "int64")]

    def _apply_dense(self, grad: Any, var: Any):
        slots, numbers = self._arguments(var)
        return laws.apply_adagrad_da(var, *slots, grad, *numbers, use_locking=self._use_locking)

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        slots, numbers = self._arguments(var)
        return laws.sparse_apply_adagrad_da(
            var, *slots, grad.values, grad.indices, *numbers, use_locking=self._use_locking
        )
