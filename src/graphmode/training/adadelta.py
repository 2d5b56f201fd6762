"""Adadelta."""

from __future__ import annotations

from typing import Any

from graphmode.ops.state import optimizer_laws as laws
from graphmode.training.optimizer import (
    Optimizer,
    as_dtype_of,
    hyperparameter,
    sums_repeated_rows,
)


class AdadeltaOptimizer(Optimizer):
    r"""Adadelta: steps in the unit of the weights, from running means of squares.

    .. math::

        a \leftarrow \rho a + (1 - \rho) g^2, \qquad
        u = g \sqrt{b + \epsilon} / \sqrt{a + \epsilon}, \\
        w \leftarrow w - \eta u, \qquad b \leftarrow \rho b + (1 - \rho) u^2

    Parameters
    ----------
    learning_rate : float, Tensor or callable
        :math:`\eta`; the paper's is 1.
    rho : float, Tensor or callable
        :math:`\rho`.
    epsilon : float, Tensor or callable
        :math:`\epsilon`.
    use_locking : bool
        Recorded in the graph.
    name : str

    Notes
    -----
    Slots: ``accum`` and ``accum_update``, the variables ``W/Adadelta`` and ``W/Adadelta_1``.
    Zeiler, "ADADELTA: an adaptive learning rate method", arXiv 1212.5701, 2012.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adadelta",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._rho = rho
        self._epsilon = epsilon
        self._tensors = ()

    def _create_slots(self, var_list: Any) -> None:
        for var in var_list:
            self._zeros_slot(var, "accum", self._name)
            self._zeros_slot(var, "accum_update", self._name)

    def _prepare(self) -> None:
        self._tensors = (
            hyperparameter(self._lr, "lr"),
            hyperparameter(self._rho, "rho"),
            hyperparameter(self._epsilon, "epsilon"),
        )

    def _apply_dense(self, grad: Any, var: Any):
        return laws.apply_adadelta(
            *self._variables_and_rates(var), grad, use_locking=self._use_locking
        )

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        return laws.sparse_apply_adadelta(
            *self._variables_and_rates(var),
            grad.values,
            grad.indices,
            use_locking=self._use_locking,
        )

    def _variables_and_rates(self, var: Any):
        slots = (self.get_slot(var, "accum"), self.get_slot(var, "accum_update"))
        return (var, *slots, *(as_dtype_of(tensor, var) for tensor in self._tensors))
