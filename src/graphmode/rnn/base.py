"""`RNNCell`: one step of a recurrent network; the base of cells, and the checks of their use."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.framework.site import user_site
from graphmode.layers.base import Layer
from graphmode.ops import array
from graphmode.variables.scope import get_variable_scope, variable_scope
from graphmode.variables.variable import Variable


def assert_like_rnncell(argument: str, cell: Any) -> None:
    """TypeError unless `cell` has what a cell has: sizes, an initial state, a call."""
    errors = [
        f"'{name}' property is missing"
        for name in ("output_size", "state_size")
        if not hasattr(cell, name)
    ]
    if not hasattr(cell, "zero_state") and not hasattr(cell, "get_initial_state"):
        errors.append("either 'zero_state' or 'get_initial_state' method is required")
    if not callable(cell):
        errors.append("is not callable")
    if errors:
        raise TypeError(
            f"The argument {argument!r} ({cell}) is not an RNNCell: {', '.join(errors)}."
        )


def batched_zeros(batch_size: Any, size: Any, dtype: Any) -> Tensor:
    """Zeros of ``[batch_size] + size``.

    Parameters
    ----------
    batch_size : int or int Tensor
        A scalar, or a vector of one element.
    size : int or TensorShape
    dtype : dtype
    """
    lengths = TensorShape(size).as_list()
    if not isinstance(batch_size, Tensor):
        get_default_graph().pass_ids(7)  # the two parts of the shape, thrice; their sum; a fill
        return array.zeros([*TensorShape(batch_size).as_list(), *lengths], dtype=dtype)
    graph = get_default_graph()
    n_before = graph.n_operations
    if batch_size.dims == (1,):
        batch_size = array.squeeze(batch_size)
    zeros = array.zeros(array.stack([batch_size, *lengths]), dtype=dtype)
    graph.pass_ids(10 - (graph.n_operations - n_before))
    known = constant_value(batch_size)
    zeros.set_shape([None if known is None else int(known), *lengths])
    return zeros


def first_state(cell: Any, given: Any, batch_size: Any, dtype: Any) -> Any:
    """`given` with its arrays and variables as tensors; zeros of the cell in place of None.

    Raises
    ------
    ValueError
        If neither `given` nor `dtype` is there.
    """
    if given is not None:
        kinds = np.ndarray | Variable
        return nest.map_structure(
            lambda part: convert_to_tensor(part) if isinstance(part, kinds) else part, given
        )
    if not dtype:
        raise ValueError("If no initial_state is provided, argument `dtype` must be specified")
    if hasattr(cell, "zero_state"):
        return cell.zero_state(batch_size, dtype)
    return cell.get_initial_state(batch_size=batch_size, dtype=dtype)


class RNNCell(Layer):
    """One step of a recurrent network; the base of cells.

    A subclass says `state_size` and `output_size`, and writes ``call(inputs, state)``, which gives
    ``(output, new_state)``. It makes its variables in ``call``, with `tf.get_variable`, or in
    `build`. A subclass may instead write ``__call__(inputs, state, scope=None)`` itself.

    Parameters
    ----------
    trainable : bool
    name : str, optional
        The variable scope; the class's name in snake case if not given.
    dtype : dtype, optional
        Of the variables; that of the first input if not given.
    **kwargs
        ``trainable`` and ``dtype``.

    Examples
    --------
    >>> import graphmode as tf
    >>> class Counter(tf.nn.rnn_cell.RNNCell):
    ...     state_size = output_size = 3
    ...     def call(self, inputs, state):
    ...         return inputs, state + 1
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     cell = Counter()
    ...     output, state = cell(tf.ones([2, 3]), cell.zero_state(2, tf.float32))
    ...     print(sess.run(state)[0])
    [1. 1. 1.]
    """

    _cell_scope: Any = None

    @property
    def state_size(self) -> Any:
        """The length of the state without its batch axis: int, TensorShape, or nested of them.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self) -> Any:
        """The length of the output without its batch axis: int, TensorShape, or nested.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError("Abstract method")

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Zeros ``[batch_size, s]`` for each s in `state_size`, nested as that.

        Parameters
        ----------
        batch_size : int or Tensor, int32 scalar
        dtype : DType

        Returns
        -------
        Tensor, or nested as `state_size`
        """
        with name_scope(f"{type(self).__name__}ZeroState"):
            return nest.map_structure(
                lambda size: batched_zeros(batch_size, size, dtype), self.state_size
            )

    def get_initial_state(
        self, inputs: Any = None, batch_size: Any = None, dtype: Any = None
    ) -> Any:
        """`zero_state` for the batch and dtype of `inputs`, or for those given.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, ...], optional
        batch_size : int or Tensor, int32 scalar, optional
        dtype : DType, optional

        Returns
        -------
        Tensor, or nested as `state_size`

        Raises
        ------
        ValueError
            If neither `inputs` nor both of the others are given, or they contradict each other.
        """
        if inputs is not None:
            found = inputs.get_shape()[0].value
            if isinstance(batch_size, int) and batch_size != found:
                raise ValueError(
                    "batch size from input tensor is different from the input param. Input tensor "
                    f"batch: {found}, batch_size: {batch_size}"
                )
            if dtype is not None and inputs.dtype.base_dtype != dtypes.as_dtype(dtype):
                raise ValueError(
                    "dtype from input tensor is different from the input param. Input tensor "
                    f"dtype: {inputs.dtype}, dtype: {dtype}"
                )
            batch_size = found or array.shape(inputs)[0]
            dtype = inputs.dtype.base_dtype
        if batch_size is None or dtype is None:
            raise ValueError(
                "batch_size and dtype cannot be None while constructing initial state: "
                f"batch_size={batch_size}, dtype={dtype}"
            )
        return self.zero_state(batch_size, dtype)

    def build(self, input_shape: Any) -> None:
        """Make variables for inputs of `input_shape`: none here, where `call` may make them."""
        del input_shape

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        """One step.

        Parameters
        ----------
        inputs : Tensor [batch, depth], or nested
        state : as `state_size` says, with a batch axis in front
        scope : str or VariableScope, optional
            Of the variables, at the first call.

        Returns
        -------
        output : Tensor [batch, output_size]
        new_state : as `state`
        """
        if scope is not None:
            with variable_scope(scope, custom_getter=self._tracking_getter) as opened:
                return super().__call__(inputs, state, scope=opened)
        if self._cell_scope is None:
            # One object for all calls: ops of later calls go where those of the first one went.
            self._cell_scope = variable_scope(
                get_variable_scope(), custom_getter=self._tracking_getter
            )
        with self._cell_scope:
            return super().__call__(inputs, state)

    def _tracking_getter(self, getter: Any, *args: Any, **kwargs: Any) -> Any:
        variable = getter(*args, **kwargs)
        self._track(variable, kwargs.get("trainable", True))
        return variable


class LayerCell(RNNCell):
    """A cell that makes all its variables in `build`, as a layer does.

    Its matrices are multiplied with ``[inputs, state]``, so it asks for inputs of two axes and a
    state of the same batch.
    """

    def __call__(
        self, inputs: Any, state: Any, scope: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        """One step: `call` in the cell's scope, after `build` at the first time.

        Parameters
        ----------
        inputs : Tensor, floating, [batch, depth]
        state : Tensor, floating, [batch, state_size], or nested as `state_size`
        scope : str or VariableScope, optional
            The variable scope to use, at the first call.
        *args, **kwargs
            Given on to `call`.

        Returns
        -------
        output : Tensor, floating, [batch, output_size]
        new_state : as `state`
        """
        check_state(self, inputs, state)
        return Layer.__call__(self, inputs, state, *args, scope=scope, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Make the variables.

        Parameters
        ----------
        input_shape : TensorShape or sequence of int
            ``[batch, depth]``.

        Raises
        ------
        ValueError
            If the inputs are not floating or complex, or their depth is unknown.
        """
        depth = known_depth(input_shape)
        if self._dtype is not None and not (self._dtype.is_floating or self._dtype.is_complex):
            site = user_site()
            at = "" if site is None else f"\n  called at {site.short()}   {site.source}"
            raise ValueError(
                "RNN cell only supports floating point inputs, but saw dtype: "
                f"{self._dtype!r} in {type(self).__name__} '{self.name}'.{at}\n"
                "  fix: tf.nn.embedding_lookup(embedding, inputs) if they are numbers of words, "
                "else tf.cast(inputs, tf.float32)"
            )
        self._make_variables(depth)
        self.built = True

    def _make_variables(self, depth: int) -> None:
        raise NotImplementedError


def known_depth(input_shape: Any) -> int:
    """The length of the last axis of the inputs.

    Raises
    ------
    ValueError
        If the graph does not know it.
    """
    shape = TensorShape(input_shape)
    depth = None if shape.ndims is None else shape[-1].value
    if depth is None:
        raise ValueError(
            f"Expected inputs.shape[-1] to be known, saw shape: {shape}. The depth of the inputs "
            "is the number of rows of the cell's kernel: give it with "
            "inputs.set_shape([None, depth])"
        )
    return depth


def check_state(cell: Any, inputs: Any, state: Any) -> None:
    """Refuse a state that is not for this cell, or not for the batch of these inputs.

    Raises
    ------
    ValueError
        If the structure or a length differs from ``cell.state_size``, or the batch from that of
        `inputs`, as far as the graph knows them.
    """
    sizes = cell.state_size
    expected = f"{type(cell).__name__} '{cell.name}' takes the state {_state_text(sizes)}"
    if nest.is_nested(sizes) != nest.is_nested(state) or len(nest.flatten(sizes)) != len(
        nest.flatten(state)
    ):
        raise ValueError(f"{expected}, but received: {state}")
    dims = inputs.dims if isinstance(inputs, Tensor) else None
    batch = dims[0] if dims is not None and len(dims) == 2 else None
    for size, part in zip(nest.flatten(sizes), nest.flatten(state), strict=True):
        dims = part.dims if isinstance(part, Tensor) else None
        if dims is None:
            continue
        lengths = TensorShape(size).as_list()
        if not TensorShape(dims[1:]).is_compatible_with(lengths) or not dims:
            raise ValueError(f"{expected}, but received a state of shape {TensorShape(dims)}")
        if None not in (batch, dims[0]) and batch != dims[0]:
            raise ValueError(
                f"{type(cell).__name__} '{cell.name}': the inputs {inputs.get_shape()} are a batch "
                f"of {batch}, and the state {TensorShape(dims)} is for a batch of {dims[0]}. Make "
                f"it for this batch: cell.zero_state({batch}, dtype)"
            )


def _state_text(sizes: Any) -> str:
    return str(nest.map_structure(lambda s: _Shown(["batch", *TensorShape(s).as_list()]), sizes))


class _Shown:
    def __init__(self, lengths: list[Any]) -> None:
        self._text = f"[{', '.join(map(str, lengths))}]"

    def __repr__(self) -> str:
        return self._text
