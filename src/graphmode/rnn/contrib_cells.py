"""Cells that only `tf.contrib.rnn` has: `LayerNormBasicLSTMCell` and `NASCell`."""

from __future__ import annotations

from graphmode.layers.contrib_normalization import layer_norm
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import activation as activations
from graphmode.ops import array, math, nn
from graphmode.ops.initializers import constant_initializer, zeros_initializer
from graphmode.ops.variable_scope import get_variable, variable_scope
from graphmode.rnn.base import LayerCell, RNNCell, check_state
from graphmode.rnn.lstm import LSTMStateTuple


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
        num_units,
        forget_bias=1.0,
        input_size=None,
        activation=math.tanh,
        layer_norm=True,
        norm_gain=1.0,
        norm_shift=0.0,
        dropout_keep_prob=1.0,
        dropout_prob_seed=None,
        reuse=None,
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
    def state_size(self):
        return LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self):
        return self._num_units

    def _normalized(self, inputs, scope):
        dtype, length = inputs.dtype.base_dtype, inputs.get_shape()[-1:]
        gain, shift = (constant_initializer(v) for v in (self._norm_gain, self._norm_shift))
        with variable_scope(scope):
            get_variable("gamma", length, dtype=dtype, initializer=gain)
            get_variable("beta", length, dtype=dtype, initializer=shift)
        return layer_norm(inputs, reuse=True, scope=scope)

    def call(self, inputs, state):
        check_state(self, inputs, state)
        c, h = state
        joined = array.concat([inputs, h], 1)
        gates = math.matmul(joined, self._kernel_for(joined))
        if not self._layer_norm:
            gates = nn.bias_add(
                gates, get_variable("bias", [4 * self._num_units], dtype=gates.dtype.base_dtype)
            )
        parts = array.split(gates, 4, axis=1)
        if self._layer_norm:
            scopes = ("input", "transform", "forget", "output")
            parts = [self._normalized(p, scope) for p, scope in zip(parts, scopes, strict=True)]
        i, j, f, o = parts
        g = self._activation(j)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            g = nn.dropout(g, self._keep_prob, seed=self._seed)
        new_c = c * math.sigmoid(f + self._forget_bias) + math.sigmoid(i) * g
        if self._layer_norm:
            new_c = self._normalized(new_c, "state")
        new_h = self._activation(new_c) * math.sigmoid(o)
        return new_h, LSTMStateTuple(new_c, new_h)

    def _kernel_for(self, joined):
        shape = [joined.get_shape()[-1], 4 * self._num_units]
        return get_variable("kernel", shape, dtype=joined.dtype.base_dtype)


class NASCell(LayerCell):
    r"""The cell that a search over architectures found.

    Parameters
    ----------
    num_units : int
    num_proj : int, optional
        The length of the output, if it is projected by ``projection_weights``.
    use_bias : bool
    reuse : bool, optional

    Notes
    -----
    The variable scope is ``nas_cell``, with ``recurrent_kernel`` [length of h, 8 * num_units] and
    ``kernel`` [depth, 8 * num_units]. Zoph and Le, "Neural architecture search with reinforcement
    learning", ICLR 2017.
    """

    def __init__(self, num_units, num_proj=None, use_bias=False, reuse=None, **kwargs) -> None:
        super().__init__(_reuse=reuse, **kwargs)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._num_proj = num_proj
        self._use_bias = use_bias

    @property
    def state_size(self):
        return LSTMStateTuple(self._num_units, self.output_size)

    @property
    def output_size(self):
        return self._num_proj or self._num_units

    def _make_variables(self, depth):
        units = self._num_units
        self._recurrent_kernel = self.add_variable(
            "recurrent_kernel", [self.output_size, 8 * units]
        )
        self._kernel = self.add_variable("kernel", [depth, 8 * units])
        if self._use_bias:
            self._bias = self.add_variable("bias", [8 * units], initializer=zeros_initializer())
        if self._num_proj:
            self._projection = self.add_variable("projection_weights", [units, self._num_proj])

    def call(self, inputs, state):
        sigmoid, tanh, relu = math.sigmoid, math.tanh, activations.relu
        c_prev, h_prev = state
        recurrent = math.matmul(h_prev, self._recurrent_kernel)
        if self._use_bias:
            recurrent = nn.bias_add(recurrent, self._bias)
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
