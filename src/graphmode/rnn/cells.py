"""The cells without a memory of their own: `BasicRNNCell` and `GRUCell`, and `GRUBlockCell`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.layers.identifiers import activation_of, initializer_of
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array, math
from graphmode.ops.nn.bias import bias_add
from graphmode.rnn.base import LayerCell
from graphmode.variables.initializers import constant_initializer, zeros_initializer

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


class _UnitsCell(LayerCell):
    """A cell whose output is its state, of `num_units`."""

    def __init__(
        self, num_units: Any, activation: Any, reuse: Any, name: Any, dtype: Any, **kwargs: Any
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._activation: Any = activation_of(activation) if activation else math.tanh

    @property
    def state_size(self) -> int:
        return self._num_units

    @property
    def output_size(self) -> int:
        return self._num_units


class BasicRNNCell(_UnitsCell):
    r"""The simple recurrent cell.

    .. math:: h_t = f([x_t, h_{t-1}]\, W + b)

    Parameters
    ----------
    num_units : int
    activation : callable or str, optional
        :math:`f`, tanh if not given.
    reuse : bool, optional
        Take variables that exist.
    name : str, optional
        The variable scope, ``basic_rnn_cell`` if not given. It holds ``kernel`` [depth +
        num_units, num_units] and ``bias`` [num_units], which begins at 0.
    dtype : dtype, optional
    **kwargs
        As for `Layer`.

    Notes
    -----
    Elman, "Finding structure in time", 1990.
    """

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: bool | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)

    def _make_variables(self, depth: Any) -> None:
        units = self._num_units
        self._kernel = self.add_variable("kernel", [depth + units, units])
        self._bias = self.add_variable("bias", [units], initializer=zeros_initializer())

    def call(self, inputs: Any, state: Any) -> tuple[Tensor, Tensor]:
        """One step of the cell.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : Tensor, floating, [batch, num_units]
            :math:`h_{t-1}`.

        Returns
        -------
        output, new_state : Tensor, floating, [batch, num_units]
            :math:`h_t`, twice.
        """
        gate_inputs = math.matmul(array.concat([inputs, state], 1), self._kernel)
        output = self._activation(bias_add(gate_inputs, self._bias))
        return output, output


class GRUCell(_UnitsCell):
    r"""The gated recurrent unit.

    .. math::
        [r, u] &= \sigma([x_t, h_{t-1}]\, W_g + b_g) \\
        c &= f([x_t, r \odot h_{t-1}]\, W_c + b_c) \\
        h_t &= u \odot h_{t-1} + (1 - u) \odot c

    Parameters
    ----------
    num_units : int
    activation : callable or str, optional
        :math:`f`, tanh if not given.
    reuse : bool, optional
    kernel_initializer, bias_initializer : callable or str, optional
        The scope's for the kernels, and 1 for the bias of the gates and 0 for the other, if not
        given.
    name : str, optional
        The variable scope, ``gru_cell`` if not given. It holds ``gates/kernel`` [depth +
        num_units, 2 * num_units], ``candidate/kernel`` [depth + num_units, num_units] and a
        ``bias`` beside each.
    dtype : dtype, optional
    **kwargs
        As for `Layer`.

    Notes
    -----
    Cho et al., "Learning phrase representations using RNN encoder-decoder", EMNLP 2014.
    """

    _names = ("gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias")

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: bool | None = None,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer = initializer_of(kernel_initializer)
        self._bias_initializer = initializer_of(bias_initializer)

    def _make_variables(self, depth: Any) -> None:
        rows, units = depth + self._num_units, self._num_units
        kernel, bias = self._kernel_initializer, self._bias_initializer
        names = self._names
        self._gate_kernel = self.add_variable(names[0], [rows, 2 * units], initializer=kernel)
        self._gate_bias = self.add_variable(
            names[1], [2 * units], initializer=bias or constant_initializer(1.0)
        )
        self._candidate_kernel = self.add_variable(names[2], [rows, units], initializer=kernel)
        self._candidate_bias = self.add_variable(
            names[3], [units], initializer=bias or zeros_initializer()
        )

    def call(self, inputs: Any, state: Any) -> tuple[Tensor, Tensor]:
        """One step of the cell.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : Tensor, floating, [batch, num_units]
            :math:`h_{t-1}`.

        Returns
        -------
        output, new_state : Tensor, floating, [batch, num_units]
            :math:`h_t`, twice.
        """
        gate_inputs = math.matmul(array.concat([inputs, state], 1), self._gate_kernel)
        gates = math.sigmoid(bias_add(gate_inputs, self._gate_bias))
        r, u = array.split(gates, 2, axis=1)
        candidate = math.matmul(array.concat([inputs, r * state], 1), self._candidate_kernel)
        c = self._activation(bias_add(candidate, self._candidate_bias))
        new_h = u * state + (1 - u) * c
        return new_h, new_h


class GRUBlockCell(GRUCell):
    """`GRUCell` under the name of TensorFlow's faster one: the same function.

    Its variables are ``w_ru``, ``b_ru``, ``w_c`` and ``b_c``.

    Parameters
    ----------
    num_units : int
    cell_size : int, optional
        The old name of `num_units`.
    reuse : bool, optional
    name : str
    dtype : dtype, optional
    **kwargs
        As for `Layer`.

    Raises
    ------
    ValueError
        If both sizes or none are given.
    """

    _names = ("w_ru", "b_ru", "w_c", "b_c")

    def __init__(
        self,
        num_units: int | None = None,
        cell_size: int | None = None,
        reuse: bool | None = None,
        name: str = "gru_cell",
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        if (num_units is None) == (cell_size is None):
            raise ValueError("GRUBlockCell: give one of num_units and cell_size")
        size: int = num_units or cell_size or 0
        super().__init__(size, reuse=reuse, name=name, dtype=dtype, **kwargs)


class GRUBlockCellV2(GRUBlockCell):
    """`GRUBlockCell` with the variable names of `GRUCell`."""

    _names = GRUCell._names
