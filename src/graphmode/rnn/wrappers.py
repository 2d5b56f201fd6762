"""Cells around a cell, without variables: `DropoutWrapper`, `ResidualWrapper`, `DeviceWrapper`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import device, name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import math
from graphmode.ops.nn.dropout import dropout
from graphmode.ops.random.draws import random_uniform
from graphmode.rnn.base import RNNCell, assert_like_rnncell
from graphmode.rnn.lstm import LSTMStateTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class CellWrapper(RNNCell):
    """A cell around `cell`, in whose variable scope it has no part.

    Attributes
    ----------
    cell : RNNCell
        The cell inside.
    """

    def __init__(self, cell: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        assert_like_rnncell("cell", cell)
        self.cell = cell

    @property
    def wrapped_cell(self) -> Any:
        """The cell inside."""
        return self.cell

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        return self.cell.output_size

    @property
    def trainable_weights(self) -> list[Any]:
        return list(getattr(self.cell, "trainable_weights", [])) if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        kind = "non_trainable_weights" if self.trainable else "weights"
        return list(getattr(self.cell, kind, []))

    def build(self, input_shape: Any) -> None:
        """Build the cell inside for inputs of `input_shape`."""
        self.cell.build(input_shape)
        self.built = True

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The zero state of the cell inside.

        Parameters
        ----------
        batch_size : int or Tensor, int32 scalar
        dtype : DType

        Returns
        -------
        Tensor, or nested as `state_size`
        """
        with name_scope(f"{type(self).__name__}ZeroState"):
            return self.cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        return self._around(inputs, state, scope)

    def _around(self, inputs: Any, state: Any, scope: Any) -> Any:
        raise NotImplementedError

    def _step(self, inputs: Any, state: Any, scope: Any) -> Any:
        # A cell that a program wrote need not know `scope`.
        if scope is None:
            return self.cell(inputs, state)
        return self.cell(inputs, state, scope=scope)


def _keep_all_but_c(substate: Any) -> Any:
    """What is dropped of a state if nothing else is asked: all but the cell state of an LSTM."""
    if isinstance(substate, LSTMStateTuple):
        return LSTMStateTuple(c=False, h=True)
    return nest.is_nested(substate) or isinstance(substate, Tensor)


class DropoutWrapper(CellWrapper):
    """Dropout on the inputs, the outputs and the outgoing state of a cell.

    Parameters
    ----------
    cell : RNNCell
    input_keep_prob, output_keep_prob, state_keep_prob : float or Tensor, floating scalar
        The probability that an element is kept. A constant 1 adds no operation.
    variational_recurrent : bool
        Whether all steps of one run drop the same elements, in all examples of the batch.
    input_size : int or TensorShape, or nested, optional
        The depth of the inputs; needed if `variational_recurrent` and inputs are dropped.
    dtype : dtype, optional
        Of inputs, state and outputs; needed if `variational_recurrent`.
    seed : int, optional
    dropout_state_filter_visitor : callable, optional
        Given each level of the state, it says what is dropped: a bool for the whole level, or a
        structure of bools. By default all but the ``c`` of an `LSTMStateTuple`.
    **kwargs
        As for `Layer`.

    Raises
    ------
    TypeError
        If `cell` is no cell, or the visitor not callable.
    ValueError
        If a probability is not in [0, 1], or `input_size` or `dtype` is missing.

    Notes
    -----
    Zaremba et al., "Recurrent neural network regularization", 2014; with `variational_recurrent`
    Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent neural
    networks", NIPS 2016. The operation seeds are TensorFlow's: the first 32 bits of the MD5 sum
    of seed, place and number, without the sign.
    """

    def __init__(
        self,
        cell: Any,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: int | None = None,
        dropout_state_filter_visitor: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(cell, dtype=dtype, **kwargs)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise TypeError("dropout_state_filter_visitor must be callable")
        self._state_filter = dropout_state_filter_visitor or _keep_all_but_c
        with name_scope("DropoutWrapperInit"):
            self._input_keep_prob = _probability(input_keep_prob, "input_keep_prob")
            self._state_keep_prob = _probability(state_keep_prob, "state_keep_prob")
            self._output_keep_prob = _probability(output_keep_prob, "output_keep_prob")
            self._variational_recurrent = variational_recurrent
            self._seed = seed
            self._input_noise = self._state_noise = self._output_noise = None
            if variational_recurrent:
                self._draw(input_size, dtype)

    def _draw(self, input_size: Any, dtype: Any) -> None:
        """The numbers that decide, in each run, what all its steps drop."""
        if dtype is None:
            raise ValueError("When variational_recurrent=True, dtype must be provided")

        def noise(sizes: Any, place: str) -> Any:
            def draw(i: int, size: Any) -> Tensor:
                shape = [1, *TensorShape(size).as_list()]
                return random_uniform(shape, seed=self._place_seed(place, i), dtype=dtype)

            return _numbered_map(sizes, draw, sizes)

        if self.drops("input"):
            if input_size is None:
                raise ValueError(
                    "When variational_recurrent=True and input_keep_prob < 1.0 or is unknown, "
                    "input_size must be provided"
                )
            self._input_noise = noise(input_size, "input")
        self._state_noise = noise(self.cell.state_size, "state")
        self._output_noise = noise(self.cell.output_size, "output")

    def _place_seed(self, place: str, i: int) -> int | None:
        if self._seed is None:
            return None
        digest = hashlib.md5(f"{self._seed}{place}_{i}".encode()).hexdigest()
        return int(digest[:8], 16) & 0x7FFFFFFF

    def _around(self, inputs: Any, state: Any, scope: Any) -> Any:
        output, new_state = self._step(self.dropped(inputs, "input"), state, scope)
        new_state = self.dropped(new_state, "state")
        return self.dropped(output, "output"), new_state

    def drops(self, place: str) -> bool:
        """Whether anything is dropped at `place`: input, state or output."""
        keep_prob = getattr(self, f"_{place}_keep_prob")
        return not isinstance(keep_prob, float) or keep_prob < 1

    def dropped(self, values: Any, place: str) -> Any:
        """The values at one place after dropout.

        Parameters
        ----------
        values : Tensor or nested structure of them, floating
        place : {"input", "output", "state"}

        Returns
        -------
        as `values`
        """
        if not self.drops(place):
            return values
        chosen = values
        if place == "state":
            chosen = nest.get_traverse_shallow_structure(self._state_filter, values)
        keep_prob = getattr(self, f"_{place}_keep_prob")
        if not self._variational_recurrent:

            def drop(i: int, choice: Any, value: Any) -> Any:
                if choice is False:
                    return value
                return dropout(value, rate=1.0 - keep_prob, seed=self._place_seed(place, i))

            return _numbered_map(chosen, drop, chosen, values)

        def drop_same(_: int, choice: Any, value: Any, noise: Any) -> Any:
            if choice is False:
                return value
            kept = math.floor(keep_prob + noise)
            result = math.divide(value, keep_prob) * kept
            result.set_shape(value.get_shape())
            return result

        return _numbered_map(chosen, drop_same, chosen, values, getattr(self, f"_{place}_noise"))


def _probability(value: Any, name: str) -> Any:
    """A float if it is constant, else a tensor."""
    tensor = convert_to_tensor(value)
    constant = constant_value(tensor)
    if constant is None:
        return tensor
    if not 0 <= constant <= 1:
        raise ValueError(f"Parameter {name} must be between 0 and 1: {constant:g}")
    return float(value) if isinstance(value, int | float) else float(constant)


def _numbered_map(shallow: Any, function: Any, *structures: Any) -> Any:
    """`map_structure_up_to`, with the number of the leaf as first argument of `function`."""
    numbers = nest.pack_sequence_as(shallow, list(range(len(nest.flatten(shallow)))))
    return nest.map_structure_up_to(shallow, function, numbers, *structures)


class ResidualWrapper(CellWrapper):
    """The inputs of a cell added to its outputs.

    Parameters
    ----------
    cell : RNNCell
    residual_fn : callable, optional
        ``residual_fn(inputs, outputs)`` gives the outputs in place of the sum.
    **kwargs
        As for `Layer`.

    Raises
    ------
    ValueError
        When called, if inputs and outputs have different shapes.

    Notes
    -----
    Wu et al., "Google's neural machine translation system", 2016.
    """

    def __init__(
        self, cell: Any, residual_fn: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(cell, **kwargs)
        self._residual_fn = residual_fn

    def _around(self, inputs: Any, state: Any, scope: Any) -> Any:
        outputs, new_state = self._step(inputs, state, scope)
        return self.with_residual(inputs, outputs), new_state

    def with_residual(self, inputs: Any, outputs: Any) -> Any:
        """The outputs of the wrapper, from the inputs and the outputs of the cell inside.

        Parameters
        ----------
        inputs, outputs : Tensor or nested structure of them, floating

        Returns
        -------
        as `outputs`
        """
        if self._residual_fn is not None:
            return self._residual_fn(inputs, outputs)
        nest.assert_same_structure(inputs, outputs)
        for one, other in zip(nest.flatten(inputs), nest.flatten(outputs), strict=True):
            one.get_shape().assert_is_compatible_with(other.get_shape())
        return nest.map_structure(lambda one, other: one + other, inputs, outputs)


class DeviceWrapper(CellWrapper):
    """A cell whose operations and zero state are placed on a device.

    Parameters
    ----------
    cell : RNNCell
    device : str or function
        As for `tf.device`.
    **kwargs
        As for `Layer`.
    """

    def __init__(self, cell: Any, device: Any, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._device = device

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The zero state of the cell inside, made on the device.

        Parameters
        ----------
        batch_size : int or Tensor, int32 scalar
        dtype : DType

        Returns
        -------
        Tensor, or nested as `state_size`
        """
        with name_scope(f"{type(self).__name__}ZeroState"), device(self._device):
            return self.cell.zero_state(batch_size, dtype)

    def _around(self, inputs: Any, state: Any, scope: Any) -> Any:
        with device(self._device):
            return self._step(inputs, state, scope)
