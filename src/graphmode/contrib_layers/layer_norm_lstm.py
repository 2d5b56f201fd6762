"""An LSTM cell with normalized gates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.normalization import layer_norm
from graphmode.ops import array, math
from graphmode.ops.nn.bias import bias_add
from graphmode.ops.nn.dropout import dropout
from graphmode.rnn.base import RNNCell, check_state
from graphmode.rnn.lstm import LSTMStateTuple
from graphmode.variables.initializers import constant_initializer
from graphmode.variables.scope import get_variable, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable


class LayerNormBasicLSTMCell(RNNCell):
    r"""The LSTM with each gate and the cell state normalized, and dropout of what is written.

    .. math::
        [i, j, f, o] &= [x_t, h_{t-1}]\, W, \quad \text{each normalized} \\
        c_t &= N(\sigma(f + b_f) \odot c_{t-1} + \sigma(i) \odot D(g(j))) \\
        h_t &= \sigma(o) \odot g(c_t)

    Parameters
    ----------
    num_units : int
    forget_bias : float
        :math:`b_f`, a constant.
    input_size : optional
        Accepted.
    activation : callable
        :math:`g`.
    layer_norm : bool
        False: nothing is normalized, and there is a ``bias``.
    norm_gain, norm_shift : float
        The first values of ``gamma`` and ``beta`` of each normalization.
    dropout_keep_prob : float or scalar Tensor
        The probability that an element of :math:`g(j)` is kept.
    dropout_prob_seed : int, optional
    reuse : bool, optional

    Notes
    -----
    The variable scope is ``layer_norm_basic_lstm_cell``, with ``kernel`` and the scopes ``input``,
    ``transform``, ``forget``, ``output`` and ``state``. Ba et al., "Layer normalization", 2016;
    Semeniuta et al., "Recurrent dropout without memory loss", COLING 2016.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        input_size: Any = None,
        activation: Callable[..., Any] = math.tanh,
        layer_norm: bool = True,
        norm_gain: float = 1.0,
        norm_shift: float = 0.0,
        dropout_keep_prob: Any = 1.0,
        dropout_prob_seed: int | None = None,
        reuse: bool | None = None,
    ) -> None:
        del input_size
        super().__init__(_reuse=reuse)
        self._num_units = num_units
        self._forget_bias = forget_bias
        self._activation = activation
        self._layer_norm = layer_norm
        self._norm_gain = norm_gain
        self._norm_shift = norm_shift
        self._keep_prob = dropout_keep_prob
        self._seed = dropout_prob_seed

    @property
    def state_size(self) -> LSTMStateTuple:
        return LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self) -> int:
        return self._num_units

    def _normalized(self, inputs: Any, scope: Any):
        dtype, length = inputs.dtype.base_dtype, inputs.get_shape()[-1:]
        gain, shift = (constant_initializer(v) for v in (self._norm_gain, self._norm_shift))
        with variable_scope(scope):
            get_variable("gamma", length, dtype=dtype, initializer=gain)
            get_variable("beta", length, dtype=dtype, initializer=shift)
        return layer_norm(inputs, reuse=True, scope=scope)

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of the cell.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : LSTMStateTuple of two Tensor, floating, [batch, num_units]
            The cell's memory and its last output.

        Returns
        -------
        output : Tensor, floating, [batch, num_units]
        new_state : LSTMStateTuple
        """
        check_state(self, inputs, state)
        c, h = state
        joined = array.concat([inputs, h], 1)
        gates = math.matmul(joined, self._kernel_for(joined))
        if not self._layer_norm:
            gates = bias_add(
                gates, get_variable("bias", [4 * self._num_units], dtype=gates.dtype.base_dtype)
            )
        parts = array.split(gates, 4, axis=1)
        if self._layer_norm:
            scopes = ("input", "transform", "forget", "output")
            parts = [self._normalized(p, scope) for p, scope in zip(parts, scopes, strict=True)]
        i, j, f, o = parts
        g = self._activation(j)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            g = dropout(g, self._keep_prob, seed=self._seed)
        new_c = c * math.sigmoid(f + self._forget_bias) + math.sigmoid(i) * g
        if self._layer_norm:
            new_c = self._normalized(new_c, "state")
        new_h = self._activation(new_c) * math.sigmoid(o)
        return new_h, LSTMStateTuple(new_c, new_h)

    def _kernel_for(self, joined: Any):
        shape = [joined.get_shape()[-1], 4 * self._num_units]
        return get_variable("kernel", shape, dtype=joined.dtype.base_dtype)
