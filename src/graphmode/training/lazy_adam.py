"""Adam that moves only the rows that a gradient touches."""

from __future__ import annotations

from typing import Any

from graphmode.ops import math
from graphmode.ops.array.gathering import gather
from graphmode.ops.control.grouping import group
from graphmode.ops.state.scatter import scatter_sub, scatter_update
from graphmode.training.adam import AdamOptimizer
from graphmode.training.optimizer import as_dtype_of


class LazyAdamOptimizer(AdamOptimizer):
    r"""`AdamOptimizer` in which a gradient of some rows leaves the others, and their means, alone.

    .. math:: w_r \leftarrow w_r - \eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
              \frac{m_r}{\sqrt{v_r} + \epsilon}

    Parameters
    ----------
    learning_rate, beta1, beta2, epsilon : float, Tensor or callable
        As of `AdamOptimizer`.
    use_locking : bool
    name : str
    """

    def _apply_sparse(self, grad: Any, var: Any):
        powers = (as_dtype_of(power, var) for power in self._get_beta_accumulators())
        rates = (self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t)
        rate, beta1, beta2, epsilon = (as_dtype_of(each, var) for each in rates)
        power1, power2 = powers
        step = rate * math.sqrt(1 - power2) / (1 - power1)
        rows, values = grad.indices, grad.values
        updates: list[Any] = []
        for name, beta, value in (("m", beta1, values), ("v", beta2, math.square(values))):
            slot: Any = self.get_slot(var, name)
            mean = beta * gather(slot, rows) + (1 - beta) * value
            updates.append(scatter_update(slot, rows, mean, use_locking=self._use_locking))
        m, v = (gather(update, rows) for update in updates)
        change = step * m / (math.sqrt(v) + epsilon)
        return group(scatter_sub(var, rows, change, use_locking=self._use_locking), *updates)
