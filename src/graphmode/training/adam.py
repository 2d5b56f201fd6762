"""Adam."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import get_default_graph
from graphmode.ops import array, math
from graphmode.ops.control.grouping import group
from graphmode.ops.state import optimizer_laws as laws
from graphmode.training.optimizer import (
    Optimizer,
    as_dtype_of,
    hyperparameter,
    sums_repeated_rows,
)


class AdamOptimizer(Optimizer):
    r"""Adam: momentum, over the root of a running mean of squares, both freed of their start at 0.

    .. math::

        m \leftarrow m + (1 - \beta_1)(g - m), \qquad v \leftarrow v + (1 - \beta_2)(g^2 - v), \\
        w \leftarrow w - \eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
        \frac{m}{\sqrt{v} + \epsilon}

    A gradient of some rows counts as a dense one with zeros elsewhere: rows that it does not touch
    go on moving by their :math:`m`.

    Parameters
    ----------
    learning_rate : float, Tensor or callable
        :math:`\eta`.
    beta1, beta2 : float, Tensor or callable
        :math:`\beta_1, \beta_2`.
    epsilon : float, Tensor or callable
        :math:`\epsilon`, the paper's "epsilon hat".
    use_locking : bool
        Recorded in the graph.
    name : str

    Notes
    -----
    Slots: ``m`` and ``v``, the variables ``W/Adam`` and ``W/Adam_1``; ``beta1_power`` and
    ``beta2_power`` hold :math:`\beta^t` for the next step. Kingma and Ba, "Adam: a method for
    stochastic optimization", ICLR 2015.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._beta1 = beta1
        self._beta2 = beta2
        self._epsilon = epsilon
        self._lr_t = None
        self._beta1_t = None
        self._beta2_t = None
        self._epsilon_t = None

    def _get_beta_accumulators(self) -> tuple[Any, Any]:
        graph = get_default_graph()
        return (
            self._get_non_slot_variable("beta1_power", graph=graph),
            self._get_non_slot_variable("beta2_power", graph=graph),
        )

    def _create_slots(self, var_list: Any) -> None:
        first = min(var_list, key=lambda var: var.name)
        for beta, name in ((self._beta1, "beta1_power"), (self._beta2, "beta2_power")):
            start = self._call_if_callable(beta)
            self._create_non_slot_variable(start, name=name, colocate_with=first)
        for var in var_list:
            self._zeros_slot(var, "m", self._name)
            self._zeros_slot(var, "v", self._name)

    def _prepare(self) -> None:
        self._lr_t = hyperparameter(self._lr, "learning_rate")
        self._beta1_t = hyperparameter(self._beta1, "beta1")
        self._beta2_t = hyperparameter(self._beta2, "beta2")
        self._epsilon_t = hyperparameter(self._epsilon, "epsilon")

    def _apply_dense(self, grad: Any, var: Any):
        rates = (
            *self._get_beta_accumulators(),
            self._lr_t,
            self._beta1_t,
            self._beta2_t,
            self._epsilon_t,
        )
        return laws.apply_adam(
            var,
            self.get_slot(var, "m"),
            self.get_slot(var, "v"),
            *(as_dtype_of(rate, var) for rate in rates),
            grad,
            use_locking=self._use_locking,
        )

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        # Every row moves, so that the rows may as well be added up in place of the whole gradient.
        rows = array.shape(var)[0]
        dense = math.unsorted_segment_sum(grad.values, grad.indices, rows)
        dense.set_shape(var.get_shape())
        return self._apply_dense(dense, var)

    def _finish(self, update_ops: Any, name_scope: Any):
        graph = get_default_graph()
        beta1_power, beta2_power = self._get_beta_accumulators()
        with graph.control_dependencies(update_ops), graph.colocate_with(beta1_power.op):
            updates = [
                beta1_power.assign(beta1_power * self._beta1_t, use_locking=self._use_locking),
                beta2_power.assign(beta2_power * self._beta2_t, use_locking=self._use_locking),
            ]
        return group(*update_ops, *updates, name=name_scope)
