"""`CudnnLSTM`: a stack of LSTMs over whole sequences, with all weights in one variable."""

from __future__ import annotations

import math as python_math
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.layers.base import Layer
from graphmode.layers.identifiers import initializer_of
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array
from graphmode.ops.nn import dropout as dropouts
from graphmode.ops.sequence.lstm import lstm_sequence
from graphmode.rnn.base import batched_zeros, known_depth
from graphmode.rnn.time_axis import from_end
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.scaled_initializers import glorot_uniform_initializer

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_GATES = 4  # i, f, g (the new memory), o: cuDNN's order
_ORDER = (0, 2, 1, 3)  # where those of `BasicLSTMCell` stand: i, g, f, o


class CudnnLSTM(Layer):
    r"""LSTMs on top of each other, in one or both directions, under cuDNN's interface.

    The function of one layer is that of `BasicLSTMCell` with ``forget_bias=0``; it runs wherever
    graphmode runs.

    Parameters
    ----------
    num_layers, num_units : int
    input_mode : str
        ``"linear_input"``: the inputs of the first layer are multiplied with its weights.
    direction : str
        ``"unidirectional"`` or ``"bidirectional"``: the outputs of both directions side by side.
    dropout : float
        The probability that an output of a layer is dropped before the next one, in training.
    seed : int, optional
    dtype : dtype
    kernel_initializer : callable or str, optional
        Of each matrix, Glorot uniform if not given.
    bias_initializer : callable or str, optional
        Of each bias, 0 if not given.
    name : str, optional
        The variable scope, ``cudnn_lstm`` if not given. It holds the vector ``opaque_kernel``:
        the matrices of all layers, then their biases (see `canonical_weight_shapes`).

    Raises
    ------
    ValueError
        For another input mode or direction, or a dropout outside [0, 1].
    """

    def __init__(
        self,
        num_layers: int,
        num_units: int,
        input_mode: str = "linear_input",
        direction: str = "unidirectional",
        dropout: float = 0.0,
        seed: int | None = None,
        dtype: Any = dtypes.float32,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(dtype=dtype, name=name)
        if direction not in ("unidirectional", "bidirectional"):
            raise ValueError(
                f"direction must be 'unidirectional' or 'bidirectional', not {direction!r}"
            )
        if input_mode not in ("linear_input", "auto_select"):
            raise ValueError(
                f"input_mode {input_mode!r} is not supported: use 'linear_input', which multiplies "
                "the inputs with weights"
            )
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout must be between 0 and 1, not {dropout}")
        self.num_layers = num_layers
        self.num_units = num_units
        self.direction = direction
        self.num_dirs = 2 if direction == "bidirectional" else 1
        self.input_size: int | None = None
        self._dropout = dropout
        self._seed = seed
        self._kernel_initializer = initializer_of(kernel_initializer)
        self._bias_initializer = initializer_of(bias_initializer)
        self.input_spec = InputSpec(ndim=3)

    @property
    def canonical_weight_shapes(self) -> list[tuple[int, int]]:
        """The shapes of all matrices: for each layer and direction 4 of the inputs, 4 of h.

        Raises
        ------
        ValueError
            Before the layer is built.
        """
        if self.input_size is None:
            raise ValueError("CudnnLSTM: the depth of the inputs is known after build")
        units = self.num_units
        shapes: list[tuple[int, int]] = []
        for layer in range(self.num_layers):
            depth = self.num_dirs * units if layer else self.input_size
            for _ in range(self.num_dirs):
                shapes += [(units, depth)] * _GATES + [(units, units)] * _GATES
        return shapes

    @property
    def canonical_bias_shapes(self) -> list[tuple[int]]:
        """The shapes of all biases: for each layer and direction two for each gate."""
        return [(self.num_units,)] * (self.num_layers * self.num_dirs * 2 * _GATES)

    def state_shape(self, batch_size: Any) -> tuple[Any, ...]:
        """The shapes of the states h and c for batches of `batch_size`, an int."""
        return ([self.num_layers * self.num_dirs, batch_size, self.num_units],) * 2

    def build(self, input_shape: Any) -> None:
        self.input_size = known_depth(input_shape)
        weights, biases = self.canonical_weight_shapes, self.canonical_bias_shapes
        n_values = sum(python_math.prod(shape) for shape in weights + biases)
        kernel = self._kernel_initializer or glorot_uniform_initializer(self._seed)
        bias = self._bias_initializer or zeros_initializer()

        def initial(shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
            del shape, partition_info
            parts = [kernel(s, dtype=dtype) for s in weights]
            parts += [bias(s, dtype=dtype) for s in biases]
            return array.concat([array.reshape(part, [-1]) for part in parts], 0)

        self._opaque = self.add_variable("opaque_kernel", [n_values], initializer=initial)
        self.built = True

    def _layer_weights(self) -> list[tuple[Any, Any]]:
        """``(kernel, bias)`` of each layer and direction, as `BasicLSTMCell` has them.

        cuDNN keeps one matrix a gate, its rows the units, and two biases, which add up.
        """
        shapes = [*self.canonical_weight_shapes, *self.canonical_bias_shapes]
        flat = array.split(self._opaque, [python_math.prod(shape) for shape in shapes])
        parts = [array.reshape(p, list(s)) for p, s in zip(flat, shapes, strict=True)]
        n_matrices, block = len(self.canonical_weight_shapes), 2 * _GATES
        found: list[tuple[Tensor, Tensor]] = []
        for i in range(self.num_layers * self.num_dirs):
            matrices = parts[i * block : (i + 1) * block]
            biases = parts[n_matrices + i * block : n_matrices + (i + 1) * block]
            of_inputs, of_h, bias, bias_of_h = (
                array.concat([gates[start + k] for k in _ORDER], 0)
                for gates in (matrices, biases)
                for start in (0, _GATES)
            )
            kernel = array.transpose(array.concat([of_inputs, of_h], 1))
            bias = bias + bias_of_h
            found.append((kernel, bias))
        return found

    def call(
        self,
        inputs: Any,
        initial_state: Any = None,
        sequence_lengths: Any = None,
        time_major: bool = True,
        training: bool = True,
    ) -> Any:
        """All layers over all steps.

        Parameters
        ----------
        inputs : Tensor [time, batch, depth], or [batch, time, depth] if not `time_major`
        initial_state : (h, c), optional
            Each [num_layers * directions, batch, num_units]; 0 if not given.
        sequence_lengths : int Tensor [batch], optional
            How many steps of each example count.
        time_major : bool
        training : bool
            Whether to drop.

        Returns
        -------
        outputs : Tensor, as the inputs, of depth directions * num_units
        states : (h, c)
        """
        sequence = inputs if time_major else array.transpose(inputs, [1, 0, 2])
        n_states = self.num_layers * self.num_dirs
        if initial_state is None:
            batch_size = sequence.get_shape()[1].value or array.shape(sequence)[1]
            zeros = batched_zeros(batch_size, self.num_units, sequence.dtype.base_dtype)
            h0 = c0 = [zeros] * n_states
        else:
            h0, c0 = (array.unstack(state, num=n_states) for state in initial_state)
        weights = self._layer_weights()
        last_h: list[Tensor] = []
        last_c: list[Tensor] = []
        for layer in range(self.num_layers):
            if layer and training and self._dropout:
                sequence = dropouts.dropout(sequence, rate=self._dropout, seed=self._seed)
            directions: list[Any] = []
            for direction in range(self.num_dirs):
                i = layer * self.num_dirs + direction
                outputs, h, c = _walk(
                    sequence, sequence_lengths, h0[i], c0[i], *weights[i], backwards=direction == 1
                )
                directions.append(outputs)
                last_h.append(h)
                last_c.append(c)
            sequence = array.concat(directions, 2) if len(directions) > 1 else directions[0]
        outputs = sequence if time_major else array.transpose(sequence, [1, 0, 2])
        return outputs, (array.stack(last_h), array.stack(last_c))


def _walk(
    sequence: Any, lengths: Any, h: Any, c: Any, kernel: Any, bias: Any, backwards: bool
) -> tuple[Any, ...]:
    """One layer in one direction: the outputs in the order of `sequence`, the last h and c."""
    with name_scope("backward" if backwards else "forward"):
        if backwards:
            sequence = from_end(sequence, lengths)
        outputs, c, h = lstm_sequence(sequence, lengths, c, h, kernel, bias, forget_bias=0.0)
        return from_end(outputs, lengths) if backwards else outputs, h, c
