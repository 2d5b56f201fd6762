"""Long short-term memory: `BasicLSTMCell`, `LSTMCell`, `LSTMBlockCell`, `LSTMStateTuple`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.autodiff.custom import custom_gradient
from graphmode.framework import dtypes
from graphmode.layers.identifiers import activation_of, initializer_of
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array, math
from graphmode.ops.nn.bias import bias_add
from graphmode.rnn.base import LayerCell
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.partitioned import fixed_size_partitioner

if TYPE_CHECKING:
    from collections.abc import Callable


class LSTMStateTuple(NamedTuple):
    """The state of an LSTM: the cell state `c` and the hidden state `h`, which is the output.

    The sizes of both in `state_size`, two tensors in a state.

    Parameters
    ----------
    c : Tensor [batch, num_units], or int
    h : Tensor [batch, output_size], or int
    """

    c: Any
    h: Any

    @property
    def dtype(self) -> Any:
        """The dtype of both.

        Raises
        ------
        TypeError
            If they differ.
        """
        if self.c.dtype != self.h.dtype:
            raise TypeError(f"Inconsistent internal state: {self.c.dtype} vs {self.h.dtype}")
        return self.c.dtype


class _MemoryCell(LayerCell):
    """A cell with a memory c of `num_units` beside its output h, which may be a projection."""

    _num_proj: int | None = None

    def __init__(
        self,
        num_units: Any,
        forget_bias: Any,
        state_is_tuple: Any,
        activation: Any,
        reuse: Any,
        name: Any,
        dtype: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple
        self._activation: Any = activation_of(activation) if activation else math.tanh

    @property
    def state_size(self) -> Any:
        c, h = self._num_units, self._num_proj or self._num_units
        return LSTMStateTuple(c, h) if self._state_is_tuple else c + h

    @property
    def output_size(self) -> int:
        return self._num_proj or self._num_units


class BasicLSTMCell(_MemoryCell):
    r"""The LSTM without peepholes, clipping or projection.

    .. math::
        [i, j, f, o] &= [x_t, h_{t-1}]\, W + b \\
        c_t &= \sigma(f + b_f) \odot c_{t-1} + \sigma(i) \odot g(j) \\
        h_t &= \sigma(o) \odot g(c_t)

    Parameters
    ----------
    num_units : int
    forget_bias : float
        :math:`b_f`, a constant.
    state_is_tuple : bool
        False: the state is one tensor, ``[c, h]`` side by side.
    activation : callable or str, optional
        :math:`g`, tanh if not given.
    reuse : bool, optional
        Take variables that exist.
    name : str, optional
        The variable scope, ``basic_lstm_cell`` if not given. It holds ``kernel`` [depth +
        num_units, 4 * num_units] and ``bias`` [4 * num_units], which begins at 0.
    dtype : dtype, optional
    **kwargs
        As for `Layer`.

    Notes
    -----
    Hochreiter and Schmidhuber, "Long short-term memory", 1997; the forget gate: Gers et al., 2000.
    Zaremba et al., "Recurrent neural network regularization", 2014.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     cell = tf.nn.rnn_cell.BasicLSTMCell(4)
    ...     output, state = cell(tf.ones([2, 3]), cell.zero_state(2, tf.float32))
    ...     print(output.shape, state.c.shape, cell.trainable_variables[0].shape)
    (2, 4) (2, 4) (7, 16)
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: bool | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            num_units, forget_bias, state_is_tuple, activation, reuse, name, dtype, **kwargs
        )

    def _make_variables(self, depth: Any) -> None:
        units = self._num_units
        self._kernel = self.add_variable("kernel", [depth + units, 4 * units])
        self._bias = self.add_variable("bias", [4 * units], initializer=zeros_initializer())

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of the cell.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : LSTMStateTuple of two Tensor, floating, [batch, num_units]
            One tensor, c and h side by side, if not `state_is_tuple`.

        Returns
        -------
        output : Tensor, floating, [batch, num_units]
        new_state : as `state`
        """
        one = array.constant(1, dtype=dtypes.int32)
        c, h = state if self._state_is_tuple else array.split(state, 2, axis=one)
        gate_inputs = math.matmul(array.concat([inputs, h], 1), self._kernel)
        gate_inputs = bias_add(gate_inputs, self._bias)
        i, j, f, o = array.split(gate_inputs, 4, axis=one)
        forget_bias = array.constant(self._forget_bias, dtype=f.dtype)
        kept = math.multiply(c, math.sigmoid(math.add(f, forget_bias)))
        new_c = math.add(kept, math.multiply(math.sigmoid(i), self._activation(j)))
        new_h = math.multiply(self._activation(new_c), math.sigmoid(o))
        if self._state_is_tuple:
            return new_h, LSTMStateTuple(new_c, new_h)
        return new_h, array.concat([new_c, new_h], 1)


class LSTMCell(_MemoryCell):
    r"""The LSTM with all its options.

    .. math::
        [i, j, f, o] &= [x_t, h_{t-1}]\, W + b \\
        c_t &= \sigma(f + b_f + w_f \odot c_{t-1}) \odot c_{t-1}
               + \sigma(i + w_i \odot c_{t-1}) \odot g(j) \\
        h_t &= (\sigma(o + w_o \odot c_t) \odot g(c_t))\, P

    Parameters
    ----------
    num_units : int
        The length of c.
    use_peepholes : bool
        Whether there are :math:`w_f, w_i, w_o` (``w_f_diag`` ..., [num_units]).
    cell_clip : float, optional
        :math:`c_t` is cut to [-cell_clip, cell_clip].
    initializer : callable or str, optional
        Of all matrices; the scope's if not given.
    num_proj : int, optional
        The length of h; there is a projection P (``projection/kernel`` [num_units, num_proj]) if
        it is given.
    proj_clip : float, optional
        h is cut to [-proj_clip, proj_clip]. Only with `num_proj`.
    num_unit_shards, num_proj_shards : int, optional
        The number of parts of ``kernel`` and ``projection/kernel``.
    forget_bias : float
        :math:`b_f`, a constant.
    state_is_tuple : bool
        False: the state is one tensor, ``[c, h]`` side by side.
    activation : callable or str, optional
        :math:`g`, tanh if not given.
    reuse : bool, optional
    name : str, optional
        The variable scope, ``lstm_cell`` if not given. ``kernel`` is [depth + length of h, 4 *
        num_units], ``bias`` [4 * num_units] begins at 0.
    dtype : dtype, optional
    **kwargs
        As for `Layer`.

    Notes
    -----
    Sak et al., "Long short-term memory recurrent neural network architectures", Interspeech 2014.
    """

    _peephole_order = "fio"
    """In which the weights of the gates are made: with them random numbers are drawn."""
    _w_i_diag: Any
    _w_f_diag: Any
    _w_o_diag: Any

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        cell_clip: float | None = None,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: int | None = None,
        num_proj_shards: int | None = None,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: bool | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            num_units, forget_bias, state_is_tuple, activation, reuse, name, dtype, **kwargs
        )
        self._use_peepholes = use_peepholes
        self._cell_clip: Any = cell_clip
        self._initializer = initializer_of(initializer)
        self._num_proj = num_proj
        self._proj_clip = proj_clip
        self._num_unit_shards = num_unit_shards
        self._num_proj_shards = num_proj_shards

    def _make_variables(self, depth: Any) -> None:
        units, initializer = self._num_units, self._initializer
        self._kernel = self.add_variable(
            "kernel",
            [depth + self.output_size, 4 * units],
            initializer=initializer,
            partitioner=_parts(self._num_unit_shards),
        )
        self._bias = self.add_variable("bias", [4 * units], initializer=zeros_initializer())
        if self._use_peepholes:
            for gate in self._peephole_order:
                weights = self.add_variable(f"w_{gate}_diag", [units], initializer=initializer)
                setattr(self, f"_w_{gate}_diag", weights)
        if self._num_proj:
            self._proj_kernel = self.add_variable(
                "projection/kernel",
                [units, self._num_proj],
                initializer=initializer,
                partitioner=_parts(self._num_proj_shards),
            )

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of the cell.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : LSTMStateTuple of Tensor, floating, [batch, num_units] and [batch, length of h]
            One tensor, c and h side by side, if not `state_is_tuple`.

        Returns
        -------
        output : Tensor, floating, [batch, length of h]
        new_state : as `state`
        """
        if self._state_is_tuple:
            c_prev, h_prev = state
        else:
            c_prev = array.slice(state, [0, 0], [-1, self._num_units])
            h_prev = array.slice(state, [0, self._num_units], [-1, self.output_size])
        gate_inputs = math.matmul(array.concat([inputs, h_prev], 1), self._kernel)
        i, j, f, o = array.split(bias_add(gate_inputs, self._bias), 4, axis=1)
        f = f + self._forget_bias
        f = f + self._w_f_diag * c_prev if self._use_peepholes else f
        kept = math.sigmoid(f) * c_prev
        i = i + self._w_i_diag * c_prev if self._use_peepholes else i
        c = kept + math.sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            c = self._clipped(c)
        if self._use_peepholes:
            o = o + self._w_o_diag * c
        h = math.sigmoid(o) * self._activation(c)
        if self._num_proj:
            h = math.matmul(h, self._proj_kernel)
            if self._proj_clip is not None:
                h = math.clip_by_value(h, -self._proj_clip, self._proj_clip)
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else array.concat([c, h], 1)

    def _clipped(self, c: Any) -> Any:
        return math.clip_by_value(c, -self._cell_clip, self._cell_clip)


def _as_it_is(gradient: Any) -> Any:
    return gradient


def _parts(n: int | None) -> Callable[..., Any] | None:
    return None if n is None else fixed_size_partitioner(n)


class LSTMBlockCell(LSTMCell):
    """`LSTMCell` under the name of TensorFlow's faster one: the same values.

    Its gradient takes `cell_clip` for the identity, as that of TensorFlow's kernel does.

    Parameters
    ----------
    num_units : int
    forget_bias : float
    cell_clip : float, optional
        c is cut to [-cell_clip, cell_clip]; not if it is not positive.
    use_peephole : bool
    dtype : dtype, optional
    reuse : bool, optional
    name : str
        The variable scope. ``kernel``, ``bias`` and, with peepholes, ``w_i_diag``, ``w_f_diag``
        and ``w_o_diag``.
    **kwargs
        As for `Layer`.
    """

    _peephole_order = "ifo"

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        cell_clip: float | None = None,
        use_peephole: bool = False,
        dtype: Any = None,
        reuse: bool | None = None,
        name: str = "lstm_cell",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            num_units,
            use_peepholes=use_peephole,
            cell_clip=cell_clip if cell_clip and cell_clip > 0 else None,
            forget_bias=forget_bias,
            reuse=reuse,
            name=name,
            dtype=dtype,
            **kwargs,
        )

    def _clipped(self, c: Any) -> Any:
        clip = super()._clipped

        def clipped(x: Any) -> tuple[Any, Callable[[Any], Any]]:
            return clip(x), _as_it_is

        return custom_gradient(clipped)(c)


class CudnnCompatibleLSTMCell(LSTMBlockCell):
    """The cell that `CudnnLSTM` runs: no forget bias, clipping or peepholes.

    Parameters
    ----------
    num_units : int
    reuse : bool, optional
    """

    def __init__(self, num_units: int, reuse: bool | None = None) -> None:
        name = "cudnn_compatible_lstm_cell"
        super().__init__(num_units, forget_bias=0.0, reuse=reuse, name=name)
