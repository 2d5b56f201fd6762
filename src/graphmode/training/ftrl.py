"""Follow the regularized leader."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.ops import math
from graphmode.ops.array.filling import ones
from graphmode.ops.state import optimizer_laws as laws
from graphmode.training.optimizer import (
    Optimizer,
    as_dtype_of,
    hyperparameter,
    sums_repeated_rows,
)


class FtrlOptimizer(Optimizer):
    r"""Follow the regularized leader, proximal: sparse weights for many rare features.

    .. math::

        n' = n + g^2, \qquad z \leftarrow z + g - \frac{n'^{-p} - n^{-p}}{\eta} w, \\
        w \leftarrow \frac{\lambda_1 \operatorname{sign}(z) - z}{n'^{-p} / \eta + 2 \lambda_2}
        \text{ where } |z| > \lambda_1 \text{, else } 0

    Parameters
    ----------
    learning_rate : float or Tensor
        :math:`\eta`.
    learning_rate_power : float
        :math:`p`, <= 0.
    initial_accumulator_value : float
        :math:`n` at the start, >= 0.
    l1_regularization_strength, l2_regularization_strength : float
        :math:`\lambda_1, \lambda_2`, >= 0.
    use_locking : bool
        Recorded in the graph.
    name : str
    accum_name, linear_name : str, optional
        Names of the slot variables in place of `name`.
    l2_shrinkage_regularization_strength : float
        :math:`\lambda_s` >= 0; :math:`g + 2 \lambda_s w` takes the place of :math:`g` in :math:`z`.
    beta : float, optional
        Adds :math:`\beta / 2 \eta` to :math:`\lambda_2`.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    Slots: ``accum`` (:math:`n`) and ``linear`` (:math:`z`), the variables ``W/Ftrl`` and
    ``W/Ftrl_1``. McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013.
    """

    def __init__(
        self,
        learning_rate: Any,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "Ftrl",
        accum_name: str | None = None,
        linear_name: str | None = None,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float | None = None,
    ) -> None:
        super().__init__(use_locking, name)
        not_negative = {
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
        }
        for argument, value in not_negative.items():
            if value < 0.0:
                raise ValueError(f"{argument} {value:f} needs to be positive or zero")
        if learning_rate_power > 0.0:
            raise ValueError(
                f"learning_rate_power {learning_rate_power:f} needs to be negative or zero"
            )
        self._learning_rate = learning_rate
        self._learning_rate_power = learning_rate_power
        self._initial_accumulator_value = initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self._beta = 0.0 if beta is None else beta
        self._accum_name = accum_name
        self._linear_name = linear_name
        self._tensors = ()

    def _create_slots(self, var_list: Any) -> None:
        def start(shape: Any, dtype: Any = dtypes.float32, partition_info: Any = None):
            del partition_info
            return ones(shape=shape, dtype=dtype) * self._initial_accumulator_value

        for var in var_list:
            self._get_or_make_slot_with_initializer(
                var, start, var.shape, var.dtype, "accum", self._accum_name or self._name
            )
            self._zeros_slot(var, "linear", self._linear_name or self._name)

    def _prepare(self) -> None:
        l2 = self._l2_regularization_strength
        if self._beta:
            l2 = l2 + self._beta / (2.0 * math.maximum(self._learning_rate, 1e-36))
        tensors = [
            hyperparameter(self._learning_rate, "learning_rate"),
            hyperparameter(self._l1_regularization_strength, "l1_regularization_strength"),
            hyperparameter(l2, "l2_regularization_strength"),
        ]
        shrinkage = self._l2_shrinkage_regularization_strength
        if shrinkage > 0.0:
            tensors.append(hyperparameter(shrinkage, "l2_shrinkage_regularization_strength"))
        tensors.append(hyperparameter(self._learning_rate_power, "learning_rate_power"))
        self._tensors = tuple(tensors)

    def _apply_dense(self, grad: Any, var: Any):
        rates = (as_dtype_of(tensor, var) for tensor in self._tensors)
        law = laws.apply_ftrl if len(self._tensors) == 4 else laws.apply_ftrl_v2
        return law(*self._variables(var), grad, *rates, use_locking=self._use_locking)

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        rates = (as_dtype_of(tensor, var) for tensor in self._tensors)
        law = laws.sparse_apply_ftrl if len(self._tensors) == 4 else laws.sparse_apply_ftrl_v2
        return law(
            *self._variables(var),
            grad.values,
            grad.indices,
            *rates,
            use_locking=self._use_locking,
        )

    def _variables(self, var: Any):
        return (var, self.get_slot(var, "accum"), self.get_slot(var, "linear"))
