"""Adagrad, plain and with the proximal step of L1 and L2 penalties."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import colocate_with
from graphmode.ops import math
from graphmode.ops.array import constants
from graphmode.ops.array.filling import ones_like
from graphmode.ops.state import optimizer_laws as laws
from graphmode.training.optimizer import (
    Optimizer,
    as_dtype_of,
    hyperparameter,
    sums_repeated_rows,
)
from graphmode.variables.initializers import constant_initializer


def _check_accumulator(initial_value: Any) -> None:
    if initial_value <= 0.0:
        raise ValueError(f"initial_accumulator_value must be positive: {initial_value}")


class AdagradOptimizer(Optimizer):
    r"""Adagrad: each weight has a rate that falls with the squares of its own gradients.

    .. math:: a \leftarrow a + g^2, \qquad w \leftarrow w - \eta g / \sqrt{a}

    Of a gradient of some rows, only those rows move.

    Parameters
    ----------
    learning_rate : float, Tensor or callable
        :math:`\eta`.
    initial_accumulator_value : float
        :math:`a` at the start, > 0.
    use_locking : bool
        Recorded in the graph.
    name : str

    Raises
    ------
    ValueError
        If `initial_accumulator_value` is not positive.

    Notes
    -----
    Slots: ``accumulator``, the variable ``W/Adagrad``. Duchi et al., "Adaptive subgradient methods
    for online learning and stochastic optimization", JMLR 2011.
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        _check_accumulator(initial_accumulator_value)
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value
        self._learning_rate_tensor = None

    def _create_slots(self, var_list: Any) -> None:
        value: Any = self._initial_accumulator_value
        for var in var_list:
            dtype = var.dtype.base_dtype
            if var.get_shape().is_fully_defined():
                initializer = constant_initializer(value, dtype=dtype)
                self._get_or_make_slot_with_initializer(
                    var, initializer, var.get_shape(), dtype, "accumulator", self._name
                )
            else:
                ones = ones_like(var.initialized_value(), dtype=dtype)
                start = ones * math.cast(convert_to_tensor(value), dtype)
                self._get_or_make_slot(var, start, "accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = hyperparameter(self._learning_rate, "learning_rate")

    def _apply_dense(self, grad: Any, var: Any):
        return laws.apply_adagrad(
            var,
            self.get_slot(var, "accumulator"),
            as_dtype_of(self._learning_rate_tensor, var),
            grad,
            use_locking=self._use_locking,
        )

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        return laws.sparse_apply_adagrad(
            var,
            self.get_slot(var, "accumulator"),
            as_dtype_of(self._learning_rate_tensor, var),
            grad.values,
            grad.indices,
            use_locking=self._use_locking,
        )


class ProximalAdagradOptimizer(Optimizer):
    r"""Adagrad with the proximal step of L1 and L2 penalties: weights become exactly 0.

    .. math::

        a \leftarrow a + g^2, \qquad \eta' = \eta / \sqrt{a}, \qquad p = w - \eta' g, \qquad
        w \leftarrow \frac{\operatorname{sign}(p) \max(|p| - \eta' \lambda_1, 0)}
        {1 + \eta' \lambda_2}

    Parameters
    ----------
    learning_rate : float or Tensor
        :math:`\eta`.
    initial_accumulator_value : float
        :math:`a` at the start, > 0.
    l1_regularization_strength, l2_regularization_strength : float or Tensor
        :math:`\lambda_1, \lambda_2`, >= 0.
    use_locking : bool
        Recorded in the graph.
    name : str

    Raises
    ------
    ValueError
        If `initial_accumulator_value` is not positive.

    Notes
    -----
    Slots: ``accumulator``, the variable ``W/ProximalAdagrad``. Duchi and Singer, "Efficient
    learning using forward-backward splitting", NIPS 2009.
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ) -> None:
        _check_accumulator(initial_accumulator_value)
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._tensors = ()

    def _create_slots(self, var_list: Any) -> None:
        for var in var_list:
            with colocate_with(var.op):
                start = constants.constant(
                    self._initial_accumulator_value,
                    shape=var.get_shape(),
                    dtype=var.dtype.base_dtype,
                )
            self._get_or_make_slot(var, start, "accumulator", self._name)

    def _prepare(self) -> None:
        self._tensors = (
            hyperparameter(self._learning_rate, "learning_rate"),
            hyperparameter(self._l1_regularization_strength, "l1_regularization_strength"),
            hyperparameter(self._l2_regularization_strength, "l2_regularization_strength"),
        )

    def _apply_dense(self, grad: Any, var: Any):
        rate, l1, l2 = (as_dtype_of(tensor, var) for tensor in self._tensors)
        slot = self.get_slot(var, "accumulator")
        return laws.apply_proximal_adagrad(
            var, slot, rate, l1, l2, grad, use_locking=self._use_locking
        )

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        rate, l1, l2 = (as_dtype_of(tensor, var) for tensor in self._tensors)
        slot = self.get_slot(var, "accumulator")
        return laws.sparse_apply_proximal_adagrad(
            var, slot, rate, l1, l2, grad.values, grad.indices, use_locking=self._use_locking
        )
