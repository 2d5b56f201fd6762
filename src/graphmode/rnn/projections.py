"""Cells around a cell, with variables: an embedding or a projection before it or after it."""

from __future__ import annotations

import math as python_math
from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.default_graph import device
from graphmode.framework.operation import Tensor
from graphmode.layers.identifiers import activation_of
from graphmode.ops import array, math
from graphmode.ops.nn.bias import bias_add
from graphmode.ops.nn.embedding import embedding_lookup
from graphmode.rnn.base import RNNCell, assert_like_rnncell, known_depth
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.random_initializers import random_uniform_initializer
from graphmode.variables.scope import get_variable, get_variable_scope, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable


def linear(
    args: Any,
    output_size: int,
    bias: bool = True,
    bias_initializer: Callable[..., Any] | None = None,
) -> Tensor:
    """``[args side by side] W + b``, with ``kernel`` and ``bias`` of the open variable scope.

    Parameters
    ----------
    args : Tensor, floating, [batch, depth], or list of them
    output_size : int
    bias : bool
    bias_initializer : callable, optional
        0 if not given.

    Returns
    -------
    Tensor, floating, [batch, output_size]

    Raises
    ------
    ValueError
        If there is no input, or a depth is unknown.
    """
    parts = nest.flatten(args)
    if not parts:
        raise ValueError("`args` must be specified")
    depth = sum(known_depth(part.get_shape().with_rank(2)) for part in parts)
    dtype = parts[0].dtype.base_dtype
    biases = None
    # The scope is entered again as in TensorFlow, so that later name scopes have its names.
    with variable_scope(get_variable_scope()) as whole:
        kernel = get_variable("kernel", [depth, output_size], dtype=dtype)
        if bias:
            with variable_scope(whole) as in_one_piece:
                in_one_piece.set_partitioner(None)
                biases = get_variable(
                    "bias",
                    [output_size],
                    dtype=dtype,
                    initializer=bias_initializer or zeros_initializer(),
                )
    result = math.matmul(parts[0] if len(parts) == 1 else array.concat(parts, 1), kernel)
    return result if biases is None else bias_add(result, biases)


class _AroundCell(RNNCell):
    """A cell with variables of its own around `cell`, which is in its variable scope."""

    def __init__(self, cell: Any, reuse: Any) -> None:
        super().__init__(_reuse=reuse)
        assert_like_rnncell("cell", cell)
        self.cell = cell

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        return self.cell.output_size

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
        return self.cell.zero_state(batch_size, dtype)


class EmbeddingWrapper(_AroundCell):
    """A cell on the rows of an embedding that integer inputs name.

    Parameters
    ----------
    cell : RNNCell
    embedding_classes : int
        How many symbols there are.
    embedding_size : int
        The length of the vector of one.
    initializer : callable, optional
        Of ``embedding`` [embedding_classes, embedding_size]; the scope's, or uniform with variance
        1, if not given.
    reuse : bool, optional

    Raises
    ------
    ValueError
        If a size is not positive.
    """

    def __init__(
        self,
        cell: Any,
        embedding_classes: int,
        embedding_size: int,
        initializer: Callable[..., Any] | None = None,
        reuse: bool | None = None,
    ) -> None:
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(
                "Both embedding_classes and embedding_size must be > 0: "
                f"{embedding_classes}, {embedding_size}."
            )
        self._shape = [embedding_classes, embedding_size]
        self._initializer = initializer

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of the cell inside, on the embedding of symbols.

        Parameters
        ----------
        inputs : Tensor, int32 or int64, [batch] or [batch, 1]
        state : as the state of the cell inside

        Returns
        -------
        output : Tensor, floating, [batch, output_size]
        new_state : as `state`
        """
        initializer = self._initializer or get_variable_scope().initializer
        if initializer is None:
            bound = python_math.sqrt(3)  # uniform in [-b, b] has the variance b * b / 3
            initializer = random_uniform_initializer(-bound, bound)
        with device("/cpu:0"):
            embedding = get_variable(
                "embedding",
                self._shape,
                initializer=initializer,
                dtype=nest.flatten(state)[0].dtype.base_dtype,
            )
            embedded = embedding_lookup(embedding, array.reshape(inputs, [-1]))
        return self.cell(embedded, state)


class InputProjectionWrapper(_AroundCell):
    """A cell on a projection of its inputs, ``f(x W + b)``.

    Parameters
    ----------
    cell : RNNCell
    num_proj : int
        The number of columns of ``kernel``; ``bias`` begins at 0.
    activation : callable or str, optional
    input_size : int, optional
        Accepted.
    reuse : bool, optional
    """

    def __init__(
        self,
        cell: Any,
        num_proj: int,
        activation: Any = None,
        input_size: int | None = None,
        reuse: bool | None = None,
    ) -> None:
        del input_size
        super().__init__(cell, reuse)
        self._num_proj = num_proj
        self._activation = activation_of(activation)

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of the cell inside, on projected inputs.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : as the state of the cell inside

        Returns
        -------
        output : Tensor, floating, [batch, output_size]
        new_state : as `state`
        """
        projected = linear(inputs, self._num_proj)
        if self._activation is not None:
            projected = self._activation(projected)
        return self.cell(projected, state)


class OutputProjectionWrapper(_AroundCell):
    """A cell whose outputs are projected, ``f(h W + b)``.

    Parameters
    ----------
    cell : RNNCell
    output_size : int
        The number of columns of ``kernel``; ``bias`` begins at 0.
    activation : callable or str, optional
    reuse : bool, optional

    Raises
    ------
    ValueError
        If `output_size` is not positive.
    """

    def __init__(
        self, cell: Any, output_size: int, activation: Any = None, reuse: bool | None = None
    ) -> None:
        super().__init__(cell, reuse)
        if output_size < 1:
            raise ValueError(f"Parameter output_size must be > 0: {output_size}.")
        self._projected_size = output_size
        self._activation = activation_of(activation)

    @property
    def output_size(self) -> int:
        return self._projected_size

    def call(self, inputs: Any, state: Any) -> Any:
        """One step of the cell inside, whose output is projected.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : as the state of the cell inside

        Returns
        -------
        output : Tensor, floating, [batch, output_size]
        new_state : as `state`
        """
        output, new_state = self.cell(inputs, state)
        projected = linear(output, self._projected_size)
        if self._activation is not None:
            projected = self._activation(projected)
        return projected, new_state
