"""The cell that neural architecture search found."""

from __future__ import annotations

from typing import Any

from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array, math
from graphmode.ops.nn import activation as activations
from graphmode.ops.nn.bias import bias_add
from graphmode.rnn.base import LayerCell
from graphmode.rnn.lstm import LSTMStateTuple
from graphmode.variables.initializers import zeros_initializer


class NASCell(LayerCell):
    """The cell that a search over architectures found.

    Parameters
    ----------
    num_units : int
    num_proj : int, optional
        The length of the output, if it is projected by ``projection_weights``.
    use_bias : bool
    reuse : bool, optional
    **kwargs
        As for `Layer`.

    Notes
    -----
    The variable scope is ``nas_cell``, with ``recurrent_kernel`` [length of h, 8 * num_units] and
    ``kernel`` [depth, 8 * num_units]. Zoph and Le, "Neural architecture search with reinforcement
    learning", ICLR 2017.
    """

    def __init__(
        self,
        num_units: int,
        num_proj: int | None = None,
        use_bias: bool = False,
        reuse: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(_reuse=reuse, **kwargs)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._num_proj = num_proj
        self._use_bias = use_bias

    @property
    def state_size(self) -> LSTMStateTuple:
        return LSTMStateTuple(self._num_units, self.output_size)

    @property
    def output_size(self) -> int:
        return self._num_proj or self._num_units

    def _make_variables(self, depth: Any) -> None:
        units = self._num_units
        self._recurrent_kernel = self.add_variable(
            "recurrent_kernel", [self.output_size, 8 * units]
        )
        self._kernel = self.add_variable("kernel", [depth, 8 * units])
        if self._use_bias:
            self._bias = self.add_variable("bias", [8 * units], initializer=zeros_initializer())
        if self._num_proj:
            self._projection = self.add_variable("projection_weights", [units, self._num_proj])

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of the cell.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : LSTMStateTuple of Tensor, floating, [batch, num_units] and [batch, length of h]

        Returns
        -------
        output : Tensor, floating, [batch, length of h]
        new_state : LSTMStateTuple
        """
        sigmoid, tanh, relu = math.sigmoid, math.tanh, activations.relu
        c_prev, h_prev = state
        recurrent = math.matmul(h_prev, self._recurrent_kernel)
        if self._use_bias:
            recurrent = bias_add(recurrent, self._bias)
        h = array.split(recurrent, 8, axis=1)
        x = array.split(math.matmul(inputs, self._kernel), 8, axis=1)
        # The tree of the paper's figure, from its leaves; c comes in at one inner node.
        a = tanh(sigmoid(x[0] + h[0]) * relu(x[1] + h[1]))
        b = tanh(sigmoid(x[2] + h[2]) + relu(x[3] * h[3]))
        d = tanh(tanh(x[4] + h[4]) * sigmoid(x[5] + h[5]))
        e = sigmoid(tanh(x[6] + h[6]) + sigmoid(x[7] + h[7]))
        new_c = tanh(a + c_prev) * b
        new_h = tanh(new_c * tanh(d + e))
        if self._num_proj:
            new_h = math.matmul(new_h, self._projection)
        return new_h, LSTMStateTuple(new_c, new_h)
