"""`BasicDecoder`: a cell, a helper that gives its inputs, and a layer on its outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import nest
from graphmode.framework.default_graph import name_scope
from graphmode.framework.shapes import TensorShape
from graphmode.layers.base import Layer
from graphmode.rnn.base import assert_like_rnncell
from graphmode.seq2seq.decoder import Decoder
from graphmode.seq2seq.helper import Helper

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


class BasicDecoderOutput(NamedTuple):
    """What `BasicDecoder` gives.

    Parameters
    ----------
    rnn_output : Tensor [batch, time, depth]
        Of the cell, or of the layer on it.
    sample_id : Tensor [batch, time, *sample_ids_shape]
    """

    rnn_output: Any
    sample_id: Any


class BasicDecoder(Decoder):
    """A cell whose inputs a helper makes of its outputs, or reads.

    Parameters
    ----------
    cell : RNNCell
    helper : Helper
    initial_state : as ``cell.state_size`` says
    output_layer : Layer, optional
        Applied to the cell's output, before samples are drawn: ``tf.layers.Dense(symbols)``.

    Raises
    ------
    TypeError
        If an argument is not of its type.
    """

    def __init__(
        self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None
    ) -> None:
        assert_like_rnncell("cell", cell)
        if not isinstance(helper, Helper):
            raise TypeError(f"helper must be a Helper, received: {type(helper)}")
        check_layer(output_layer)
        self._cell = cell
        self._helper = helper
        self._initial_state = initial_state
        self._output_layer = output_layer

    @property
    def batch_size(self) -> Any:
        """That of the helper: int, or int32 scalar tensor."""
        return self._helper.batch_size

    def _rnn_output_size(self) -> Any:
        return output_size(self._cell, self._output_layer)

    @property
    def output_size(self) -> BasicDecoderOutput:
        """`BasicDecoderOutput` of the shapes of one example's output and sample."""
        return BasicDecoderOutput(
            rnn_output=self._rnn_output_size(), sample_id=self._helper.sample_ids_shape
        )

    @property
    def output_dtype(self) -> BasicDecoderOutput:
        """`BasicDecoderOutput` of the dtypes of outputs and samples."""
        dtype = nest.flatten(self._initial_state)[0].dtype.base_dtype
        return BasicDecoderOutput(
            nest.map_structure(lambda _: dtype, self._rnn_output_size()),
            self._helper.sample_ids_dtype,
        )

    def initialize(self, name: str | None = None) -> tuple[Any, ...]:
        del name
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> tuple[Any, ...]:
        """One step of the cell, and a sample of its output.

        Parameters
        ----------
        time : Tensor, int32 scalar
        inputs : Tensor, floating, [batch, depth]
        state : as the cell's

        Returns
        -------
        outputs : BasicDecoderOutput
        next_state : as the cell's
        next_inputs : Tensor, floating, [batch, depth]
        finished : Tensor, bool, [batch]
        """
        with name_scope(name, "BasicDecoderStep"):
            outputs, state = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            sample_ids = self._helper.sample(time=time, outputs=outputs, state=state)
            finished, next_inputs, next_state = self._helper.next_inputs(
                time=time, outputs=outputs, state=state, sample_ids=sample_ids
            )
        return BasicDecoderOutput(outputs, sample_ids), next_state, next_inputs, finished

    def _n_steps(self) -> Tensor | None:
        if type(self) is not BasicDecoder:
            return None
        return self._helper._n_steps()  # pyright: ignore[reportPrivateUsage]


def check_layer(output_layer: Any) -> None:
    """TypeError unless it is a layer or None."""
    if output_layer is not None and not isinstance(output_layer, Layer):
        raise TypeError(
            f"output_layer must be a Layer, received: {type(output_layer)}. A layer object, "
            "tf.layers.Dense(symbols), not the function tf.layers.dense"
        )


def output_size(cell: Any, output_layer: Layer | None) -> Any:
    """The shape of an output without its batch axis, nested as the cell's."""
    if output_layer is None:
        return cell.output_size

    def through(size: Any) -> TensorShape:
        shape = TensorShape([None, *TensorShape(size).as_list()])
        return TensorShape(output_layer.compute_output_shape(shape).as_list()[1:])

    return nest.map_structure(through, cell.output_size)
