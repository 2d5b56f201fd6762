"""RMSProp, plain and centered."""

from __future__ import annotations

from typing import Any

from graphmode.ops.array.filling import ones_like
from graphmode.ops.state import optimizer_laws as laws
from graphmode.training.optimizer import (
    Optimizer,
    as_dtype_of,
    hyperparameter,
    sums_repeated_rows,
)
from graphmode.variables.initializers import ones_initializer


class RMSPropOptimizer(Optimizer):
    r"""RMSProp: gradients over the root of a running mean of their squares.

    .. math::

        s \leftarrow s + (1 - \rho)(g^2 - s), \qquad
        a \leftarrow \mu a + \eta g / \sqrt{s + \epsilon}, \qquad w \leftarrow w - a

    With `centered`, the variance :math:`s - \bar g^2` takes the place of :math:`s`, where
    :math:`\bar g \leftarrow \bar g + (1 - \rho)(g - \bar g)`. Of a gradient of some rows, only
    those rows move.

    Parameters
    ----------
    learning_rate : float, Tensor or callable
        :math:`\eta`.
    decay : float, Tensor or callable
        :math:`\rho`.
    momentum : float, Tensor or callable
        :math:`\mu`.
    epsilon : float, Tensor or callable
        :math:`\epsilon`.
    use_locking : bool
        Recorded in the graph.
    centered : bool
    name : str

    Notes
    -----
    Slots: ``rms`` (starting at 1), with `centered` ``mg``, and ``momentum``: the variables
    ``W/RMSProp``, ``W/RMSProp_1``, ``W/RMSProp_2``. Tieleman and Hinton, "Neural networks for
    machine learning", lecture 6e, 2012; Graves, "Generating sequences with recurrent neural
    networks", 2013.
    """

    def __init__(
        self,
        learning_rate: Any,
        decay: Any = 0.9,
        momentum: Any = 0.0,
        epsilon: Any = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._decay = decay
        self._momentum = momentum
        self._epsilon = epsilon
        self._centered = centered
        self._tensors = ()

    def _create_slots(self, var_list: Any) -> None:
        for var in var_list:
            dtype = var.dtype.base_dtype
            if var.get_shape().is_fully_defined():
                self._get_or_make_slot_with_initializer(
                    var, ones_initializer(dtype=dtype), var.get_shape(), dtype, "rms", self._name
                )
            else:
                ones = ones_like(var.initialized_value(), dtype=dtype)
                self._get_or_make_slot(var, ones, "rms", self._name)
            if self._centered:
                self._zeros_slot(var, "mg", self._name)
            self._zeros_slot(var, "momentum", self._name)

    def _prepare(self) -> None:
        self._tensors = (
            hyperparameter(self._learning_rate, "learning_rate"),
            hyperparameter(self._decay, "decay"),
            hyperparameter(self._momentum, "momentum"),
            hyperparameter(self._epsilon, "epsilon"),
        )

    def _apply_dense(self, grad: Any, var: Any):
        law = laws.apply_centered_rms_prop if self._centered else laws.apply_rms_prop
        arguments = self._variables_and_rates(var)
        return law(*arguments, grad, use_locking=self._use_locking)

    @sums_repeated_rows
    def _apply_sparse(self, grad: Any, var: Any):
        law = laws.sparse_apply_centered_rms_prop if self._centered else laws.sparse_apply_rms_prop
        arguments = self._variables_and_rates(var)
        return law(*arguments, grad.values, grad.indices, use_locking=self._use_locking)

    def _variables_and_rates(self, var: Any):
        names = ("mg", "rms", "momentum") if self._centered else ("rms", "momentum")
        slots = (self.get_slot(var, name) for name in names)
        return (var, *slots, *(as_dtype_of(tensor, var) for tensor in self._tensors))
