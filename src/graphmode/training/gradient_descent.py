"""Plain gradient descent, and with a proximal step for L1 and L2 penalties."""

from __future__ import annotations

from typing import Any

from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.ops.state import optimizer_laws as laws
from graphmode.ops.state.scatter import scatter_add
from graphmode.training.optimizer import (
    Optimizer,
    as_dtype_of,
    hyperparameter,
    sums_repeated_rows,
)


class GradientDescentOptimizer(Optimizer):
    r"""Gradient descent.

    .. math:: w \leftarrow w - \eta g

    Parameters
    ----------
    learning_rate : float, Tensor or callable
        :math:`\eta`.
    use_locking : bool
        Recorded in the graph.
    name : str
    """

    def __init__(
        self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._learning_rate_tensor = None

    def _prepare(self) -> None:
        self._learning_rate_tensor = hyperparameter(self._learning_rate, "learning_rate")

    def _apply_dense(self, grad: Any, var: Any):
        rate = as_dtype_of(self._learning_rate_tensor, var)
        return laws.apply_gradient_descent(var, rate, grad, use_locking=self._use_locking)

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        step = grad.values * as_dtype_of(self._learning_rate_tensor, var)
        delta = IndexedSlices(step, grad.indices, grad.dense_shape)
        return var.scatter_sub(delta, use_locking=self._use_locking)

    def _resource_apply_sparse_duplicate_indices(self, grad: Any, handle: Any, indices: Any):
        return scatter_add(handle.handle, indices, -grad * self._learning_rate)


class ProximalGradientDescentOptimizer(Optimizer):
    r"""Gradient descent with the proximal step of L1 and L2 penalties: weights become exactly 0.

    .. math::

        p = w - \eta g, \qquad
        w \leftarrow \frac{\operatorname{sign}(p) \max(|p| - \eta \lambda_1, 0)}
        {1 + \eta \lambda_2}

    Parameters
    ----------
    learning_rate : float or Tensor
        :math:`\eta`.
    l1_regularization_strength, l2_regularization_strength : float or Tensor
        :math:`\lambda_1, \lambda_2`, >= 0.
    use_locking : bool
        Recorded in the graph.
    name : str

    Notes
    -----
    Duchi and Singer, "Efficient learning using forward-backward splitting", NIPS 2009.
    """

    def __init__(
        self,
        learning_rate: Any,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._tensors = ()

    def _prepare(self) -> None:
        self._tensors = (
            hyperparameter(self._learning_rate, "learning_rate"),
            hyperparameter(self._l1_regularization_strength, "l1_regularization_strength"),
            hyperparameter(self._l2_regularization_strength, "l2_regularization_strength"),
        )

    def _apply_dense(self, grad: Any, var: Any):
        rate, l1, l2 = (as_dtype_of(tensor, var) for tensor in self._tensors)
        return laws.apply_proximal_gradient_descent(
            var, rate, l1, l2, grad, use_locking=self._use_locking
        )

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        rate, l1, l2 = (as_dtype_of(tensor, var) for tensor in self._tensors)
        return laws.sparse_apply_proximal_gradient_descent(
            var, rate, l1, l2, grad.values, grad.indices, use_locking=self._use_locking
        )
