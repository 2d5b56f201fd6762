"""`AttentionWrapper`: a cell that attends to a memory at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import dtypes, nest
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.layers.dense_layer import Dense
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_equal
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.rnn.base import RNNCell, assert_like_rnncell, batched_zeros
from graphmode.seq2seq.attention import AttentionMechanism
from graphmode.seq2seq.helper import known_int, known_or_dynamic

if TYPE_CHECKING:
    from collections.abc import Callable


class AttentionWrapperState(NamedTuple):
    """The state of an `AttentionWrapper`.

    The last three are tuples if there are several mechanisms.

    Parameters
    ----------
    cell_state : as the state of the wrapped cell
    attention : Tensor [batch, attention_size]
    time : int32 scalar Tensor
    alignments : Tensor [batch, length]
    alignment_history : TensorArray of alignments, or ()
    attention_state : as the state of the mechanism
    """

    cell_state: Any
    attention: Any
    time: Any
    alignments: Any
    alignment_history: Any
    attention_state: Any

    def clone(self, **kwargs: Any) -> AttentionWrapperState:
        """A copy with other parts: ``state.clone(cell_state=encoder_state)``.

        Parameters
        ----------
        **kwargs
            Parts by name.

        Returns
        -------
        AttentionWrapperState

        Raises
        ------
        ValueError, TypeError
            If a part is nested in another way, or its shape does not fit.
        """
        changed = self._replace(**kwargs)
        return nest.map_structure(_of_shape, self, changed)


def _of_shape(old: Any, new: Any) -> Any:
    if isinstance(old, Tensor) and isinstance(new, Tensor):
        if not old.get_shape().is_compatible_with(new.get_shape()):
            raise ValueError(
                f"The shape of the AttentionWrapperState is not expected to change: {old} has "
                f"shape {old.get_shape()}, {new} has {new.get_shape()}"
            )
        new.set_shape(old.get_shape())
    return new


class AttentionWrapper(RNNCell):
    r"""A cell whose inputs and outputs hold what was read from a memory.

    .. math::
        o_t, s_t &= \mathrm{cell}([x_t, r_{t-1}], s_{t-1}) \\
        c_t &= \sum_i a_i h_i, \quad a = \mathrm{mechanism}(o_t) \\
        r_t &= [o_t, c_t]\, W

    Parameters
    ----------
    cell : RNNCell
    attention_mechanism : AttentionMechanism, or list of them
    attention_layer_size : int, or list of int, optional
        The number of columns of ``attention_layer/kernel``, :math:`W`. Without it r is c.
    alignment_history : bool
        Whether the state keeps the alignments of all steps: ``state.alignment_history.stack()``.
    cell_input_fn : callable, optional
        ``cell_input_fn(inputs, attention)``; both side by side if not given.
    output_attention : bool
        Whether the output is r (Luong), not o (Bahdanau).
    initial_cell_state : as ``cell.state_size`` says, optional
        The cell's state in `zero_state`.
    name : str, optional
        The variable scope, ``attention_wrapper`` if not given.
    attention_layer : Layer, or list of Layer, optional
        In place of :math:`W`.
    attention_fn : callable, optional
        ``attention_fn(mechanism, cell_output, attention_state, attention_layer)`` gives attention,
        alignments and the next attention state.

    Raises
    ------
    TypeError
        If an argument is not of its type.
    ValueError
        If `attention_layer_size` and `attention_layer` are both given, or are not as many as there
        are mechanisms.
    InvalidArgumentError
        If the batch of the memory is not that of the state: at once where both are known, else in a
        run.
    """

    def __init__(
        self,
        cell: Any,
        attention_mechanism: Any,
        attention_layer_size: Any = None,
        alignment_history: bool = False,
        cell_input_fn: Callable[..., Any] | None = None,
        output_attention: bool = True,
        initial_cell_state: Any = None,
        name: str | None = None,
        attention_layer: Any = None,
        attention_fn: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__(name=name)
        assert_like_rnncell("cell", cell)
        self._is_multi = isinstance(attention_mechanism, nest.LISTS)
        mechanisms = tuple(attention_mechanism) if self._is_multi else (attention_mechanism,)
        for mechanism in mechanisms:
            if not isinstance(mechanism, AttentionMechanism):
                words = "contain only instances of AttentionMechanism" if self._is_multi else (
                    "be an AttentionMechanism or list of multiple AttentionMechanism instances"
                )  # fmt: skip
                raise TypeError(
                    f"attention_mechanism must {words}, saw type: {type(mechanism).__name__}"
                )
        for what, function in (("cell_input_fn", cell_input_fn), ("attention_fn", attention_fn)):
            if function is not None and not callable(function):
                raise TypeError(f"{what} must be callable, saw type: {type(function).__name__}")
        self._cell = cell
        self._mechanisms: tuple[Any, ...] = mechanisms
        self._layers = _attention_layers(attention_layer_size, attention_layer, mechanisms)
        self._attention_layer_size = sum(
            mechanism.values.get_shape()[-1].value if layer is None else _width(layer, mechanism)
            for layer, mechanism in zip(self._layers, mechanisms, strict=True)
        )
        self._cell_input_fn = cell_input_fn or _side_by_side
        self._attention_fn = attention_fn or _attend
        self._output_attention = output_attention
        self._alignment_history = alignment_history
        self._initial_cell_state = initial_cell_state
        if initial_cell_state is not None:
            with name_scope(name, "AttentionWrapperInit"):
                batch = known_or_dynamic(nest.flatten(initial_cell_state)[-1], 0)
                self._initial_cell_state = self._of_one_batch(
                    initial_cell_state,
                    batch,
                    f"When constructing AttentionWrapper {self._base_name}: Non-matching batch "
                    "sizes between the memory (encoder output) and initial_cell_state.  Are you "
                    "using the BeamSearchDecoder?  You may need to tile your initial state via "
                    "the tf.contrib.seq2seq.tile_batch function with argument multiple=beam_width.",
                    "check_initial_cell_state",
                )

    def _of_one_batch(self, tensors: Any, batch: Any, message: str, name: str) -> Any:
        """`tensors`, refused with `message` where `batch` is not that of a memory."""
        checks = [
            assert_equal(mechanism.batch_size, batch, message=message)
            for mechanism in self._mechanisms
            if not (isinstance(batch, int) and mechanism.batch_size == batch)
        ]
        with control_dependencies(checks):
            return nest.map_structure(lambda part: array.identity(part, name=name), tensors)

    def _item_or_tuple(self, items: Any) -> Any:
        items = tuple(items)
        return items if self._is_multi else items[0]

    @property
    def output_size(self) -> Any:
        return self._attention_layer_size if self._output_attention else self._cell.output_size

    @property
    def state_size(self) -> AttentionWrapperState:
        mechanisms = self._mechanisms
        sizes = [mechanism.alignments_size for mechanism in mechanisms]
        return AttentionWrapperState(
            cell_state=self._cell.state_size,
            time=TensorShape([]),
            attention=self._attention_layer_size,
            alignments=self._item_or_tuple(sizes),
            attention_state=self._item_or_tuple(mechanism.state_size for mechanism in mechanisms),
            alignment_history=self._item_or_tuple(
                size if self._alignment_history else () for size in sizes
            ),
        )

    def zero_state(self, batch_size: Any, dtype: Any) -> AttentionWrapperState:
        """The first state: zeros, or `initial_cell_state` for the cell's.

        Parameters
        ----------
        batch_size : int or Tensor, int32 scalar
        dtype : DType

        Returns
        -------
        AttentionWrapperState

        Raises
        ------
        InvalidArgumentError
            If `batch_size` is not that of the memory.
        """
        with name_scope(f"{type(self).__name__}ZeroState"):
            known = known_int(batch_size)
            batch_size = batch_size if known is None else known
            cell_state = self._initial_cell_state
            if cell_state is None:
                cell_state = self._cell.zero_state(batch_size, dtype)
            cell_state = self._of_one_batch(
                cell_state,
                batch_size,
                f"When calling zero_state of AttentionWrapper {self._base_name}: Non-matching "
                "batch sizes between the memory (encoder output) and the requested batch size.  "
                "Are you using the BeamSearchDecoder?  If so, make sure your encoder output has "
                "been tiled to beam_width via tf.contrib.seq2seq.tile_batch, and the batch_size= "
                "argument passed to zero_state is batch_size * beam_width.",
                "checked_cell_state",
            )
            alignments = [m.initial_alignments(batch_size, dtype) for m in self._mechanisms]
            return AttentionWrapperState(
                cell_state=cell_state,
                time=array.zeros([], dtype=dtypes.int32),
                attention=batched_zeros(batch_size, self._attention_layer_size, dtype),
                alignments=self._item_or_tuple(alignments),
                attention_state=self._item_or_tuple(
                    m.initial_state(batch_size, dtype) for m in self._mechanisms
                ),
                alignment_history=self._item_or_tuple(
                    TensorArray(dtype, size=0, dynamic_size=True, element_shape=one.get_shape())
                    if self._alignment_history
                    else ()
                    for one in alignments
                ),
            )

    def call(self, inputs: Any, state: Any) -> tuple[Any, AttentionWrapperState]:
        """One step of the cell, and the attention that follows from its output.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : AttentionWrapperState

        Returns
        -------
        output : Tensor, floating, [batch, output_size]
            The attention, or the output of the cell, by `output_attention`.
        next_state : AttentionWrapperState

        Raises
        ------
        TypeError
            If `state` is another.
        """
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(
                "Expected state to be instance of AttentionWrapperState. Received type "
                f"{type(state)} instead. Make it with zero_state(batch_size, dtype), and put an "
                "encoder's state in with .clone(cell_state=...)"
            )
        cell_inputs = self._cell_input_fn(inputs, state.attention)
        output, cell_state = self._cell(cell_inputs, state.cell_state)
        output = self._of_one_batch(
            output,
            known_or_dynamic(output, 0),
            f"When applying AttentionWrapper {self.name}: Non-matching batch sizes between the "
            "memory (encoder output) and the query (decoder output).  Are you using the "
            "BeamSearchDecoder?  You may need to tile your memory input via the "
            "tf.contrib.seq2seq.tile_batch function with argument multiple=beam_width.",
            "checked_cell_output",
        )
        states, histories = state.attention_state, state.alignment_history
        if not self._is_multi:
            states, histories = (states,), (histories,)
        attentions: list[Any] = []
        alignments: list[Any] = []
        new_states: list[Any] = []
        new_histories: list[Any] = []
        for mechanism, layer, one_state, history in zip(
            self._mechanisms, self._layers, states, histories, strict=True
        ):
            attention, weights, next_state = self._attention_fn(mechanism, output, one_state, layer)
            attentions.append(attention)
            alignments.append(weights)
            new_states.append(next_state)
            kept = history.write(state.time, weights) if self._alignment_history else ()
            new_histories.append(kept)
        attention = array.concat(attentions, 1)
        next_state = AttentionWrapperState(
            time=state.time + 1,
            cell_state=cell_state,
            attention=attention,
            attention_state=self._item_or_tuple(new_states),
            alignments=self._item_or_tuple(alignments),
            alignment_history=self._item_or_tuple(new_histories),
        )
        return (attention if self._output_attention else output), next_state


def _side_by_side(inputs: Tensor, attention: Tensor) -> Tensor:
    return array.concat([inputs, attention], -1)


def _attention_layers(sizes: Any, layers: Any, mechanisms: tuple[Any, ...]) -> tuple[Any, ...]:
    """The layer on what each mechanism read, or None."""
    if sizes is not None and layers is not None:
        raise ValueError("Only one of attention_layer_size and attention_layer should be set")
    given, what = (layers, "attention_layer") if sizes is None else (sizes, "attention_layer_size")
    if given is None:
        return (None,) * len(mechanisms)
    given = tuple(given) if isinstance(given, nest.LISTS) else (given,)
    if len(given) != len(mechanisms):
        raise ValueError(
            f"If provided, {what} must contain exactly one "
            f"{'layer' if sizes is None else 'integer'} per attention_mechanism, saw: "
            f"{len(given)} vs {len(mechanisms)}"
        )
    if sizes is None:
        return given
    return tuple(
        Dense(size, name="attention_layer", use_bias=False, dtype=mechanism.dtype)
        for size, mechanism in zip(given, mechanisms, strict=True)
    )


def _width(layer: Any, mechanism: Any) -> int:
    shape = layer.compute_output_shape([None, mechanism.values.get_shape()[-1].value])
    return shape[-1].value


def _attend(mechanism: Any, cell_output: Tensor, state: Any, layer: Any) -> tuple[Any, ...]:
    """Attention, alignments and the next attention state."""
    alignments, next_state = mechanism(cell_output, state=state)
    context = math.matmul(array.expand_dims(alignments, 1), mechanism.values)
    context = array.squeeze(context, [1])
    if layer is None:
        return context, alignments, next_state
    return layer(array.concat([cell_output, context], 1)), alignments, next_state
