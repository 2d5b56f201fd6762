"""Gradient descent with momentum."""

from __future__ import annotations

from typing import Any

from graphmode.ops.state import optimizer_laws as laws
from graphmode.training.optimizer import (
    Optimizer,
    as_dtype_of,
    hyperparameter,
    sums_repeated_rows,
)


class MomentumOptimizer(Optimizer):
    r"""Gradient descent with momentum, Polyak's or Nesterov's.

    .. math:: a \leftarrow \mu a + g, \qquad w \leftarrow w - \eta a

    With `use_nesterov`, :math:`w \leftarrow w - \eta (g + \mu a)`. Of a gradient of some rows, only
    those rows move.

    Parameters
    ----------
    learning_rate : float, Tensor or callable
        :math:`\eta`.
    momentum : float, Tensor or callable
        :math:`\mu`.
    use_locking : bool
        Recorded in the graph.
    name : str
    use_nesterov : bool

    Notes
    -----
    Slots: ``momentum``, the variable ``W/Momentum``. Sutskever et al., "On the importance of
    initialization and momentum in deep learning", ICML 2013.
    """

    def __init__(
        self,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._momentum = momentum
        self._use_nesterov = use_nesterov
        self._learning_rate_tensor = None
        self._momentum_tensor = None

    def _create_slots(self, var_list: Any) -> None:
        for var in var_list:
            self._zeros_slot(var, "momentum", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = hyperparameter(self._learning_rate, "learning_rate")
        self._momentum_tensor = hyperparameter(self._momentum, "momentum")

    def _apply_dense(self, grad: Any, var: Any):
        return laws.apply_momentum(
            var,
            self.get_slot(var, "momentum"),
            as_dtype_of(self._learning_rate_tensor, var),
            grad,
            as_dtype_of(self._momentum_tensor, var),
            use_locking=self._use_locking,
            use_nesterov=self._use_nesterov,
        )

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        return laws.sparse_apply_momentum(
            var,
            self.get_slot(var, "momentum"),
            as_dtype_of(self._learning_rate_tensor, var),
            grad.values,
            grad.indices,
            as_dtype_of(self._momentum_tensor, var),
            use_locking=self._use_locking,
            use_nesterov=self._use_nesterov,
        )
