"""`Helper`: what a decoder takes as its next input; and one from three functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops import array, math
from graphmode.ops.nn.embedding import embedding_lookup

if TYPE_CHECKING:
    from collections.abc import Callable


class Helper:
    """Draws a sample of a decoder's output, and makes the next input of it.

    Subclasses say `batch_size` (int scalar Tensor), `sample_ids_shape` (TensorShape without the
    batch axis) and `sample_ids_dtype`, and write `initialize`, `sample` and `next_inputs`.
    """

    @property
    def batch_size(self) -> Any:
        """The number of sequences: int, or int32 scalar tensor.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError("batch_size has not been implemented")

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of one example's sample, a TensorShape.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError("sample_ids_shape has not been implemented")

    @property
    def sample_ids_dtype(self) -> Any:
        """The dtype of samples.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError("sample_ids_dtype has not been implemented")

    def initialize(self, name: str | None = None) -> Any:
        """What the first step reads.

        Returns
        -------
        finished : Tensor, bool, [batch]
        inputs : Tensor, floating, [batch, depth]

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError("initialize has not been implemented")

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """The samples of a step, from its outputs.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's

        Returns
        -------
        Tensor, [batch, *sample_ids_shape]

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError("sample has not been implemented")

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """What the step after `time` reads.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's
        sample_ids : Tensor, [batch, *sample_ids_shape]
            What `sample` gave.

        Returns
        -------
        finished : Tensor, bool, [batch]
        next_inputs : Tensor, floating, [batch, depth]
        next_state : as `state`

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError("next_inputs has not been implemented")

    def _n_steps(self) -> Tensor | None:
        """How many steps there will be, if that is known before the first: int32 scalar."""
        return None


class SymbolHelper(Helper):
    """A helper whose samples are one int32 for each example."""

    _batch_size: Any

    @property
    def batch_size(self) -> Any:
        """The number of sequences: int, or int32 scalar tensor."""
        return self._batch_size

    @property
    def sample_ids_shape(self) -> TensorShape:
        """``[]``: a sample is one symbol."""
        return TensorShape([])

    @property
    def sample_ids_dtype(self) -> dtypes.DType:
        """int32."""
        return dtypes.int32


class CustomHelper(Helper):
    """A helper of three functions.

    Parameters
    ----------
    initialize_fn : callable
        ``initialize_fn()`` gives ``(finished, first inputs)``.
    sample_fn : callable
        ``sample_fn(time=, outputs=, state=)`` gives samples.
    next_inputs_fn : callable
        ``next_inputs_fn(time=, outputs=, state=, sample_ids=)`` gives
        ``(finished, next inputs, next state)``.
    sample_ids_shape : TensorShape or list, optional
        Without the batch axis; a scalar if not given.
    sample_ids_dtype : dtype, optional
        int32 if not given.
    """

    def __init__(
        self,
        initialize_fn: Callable[..., Any],
        sample_fn: Callable[..., Any],
        next_inputs_fn: Callable[..., Any],
        sample_ids_shape: Any = None,
        sample_ids_dtype: Any = None,
    ) -> None:
        self._initialize_fn = initialize_fn
        self._sample_fn = sample_fn
        self._next_inputs_fn = next_inputs_fn
        self._batch_size = None
        self._sample_ids_shape = TensorShape(sample_ids_shape or [])
        self._sample_ids_dtype = sample_ids_dtype or dtypes.int32

    @property
    def batch_size(self) -> Any:
        """That of the first inputs' `finished`: int, or int32 scalar tensor.

        Raises
        ------
        ValueError
            Before `initialize`.
        """
        if self._batch_size is None:
            raise ValueError("batch_size accessed before initialize was called")
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of one example's sample, as given."""
        return self._sample_ids_shape

    @property
    def sample_ids_dtype(self) -> Any:
        """The dtype of samples, as given."""
        return self._sample_ids_dtype

    def initialize(self, name: str | None = None) -> tuple[Any, ...]:
        with name_scope(name, "CustomHelperInitialize"):
            finished, next_inputs = self._initialize_fn()
            if self._batch_size is None:
                self._batch_size = array.size(finished)
            return finished, next_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Tensor:
        """What `sample_fn` gives.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's

        Returns
        -------
        Tensor, [batch, *sample_ids_shape]
        """
        with name_scope(name, "CustomHelperSample"):
            return self._sample_fn(time=time, outputs=outputs, state=state)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """What `next_inputs_fn` gives.

        Parameters
        ----------
        time : Tensor, int32 scalar
        outputs : Tensor, floating, [batch, depth]
            Of the cell.
        state : as the cell's
        sample_ids : Tensor, [batch, *sample_ids_shape]
            What `sample` gave.

        Returns
        -------
        finished : Tensor, bool, [batch]
        next_inputs : Tensor, floating, [batch, depth]
        next_state : as `state`
        """
        with name_scope(name, "CustomHelperNextInputs"):
            return self._next_inputs_fn(
                time=time, outputs=outputs, state=state, sample_ids=sample_ids
            )


def known_or_dynamic(tensor: Tensor, axis: int) -> Any:
    """The length of an axis, an int if the graph knows it."""
    dims = tensor.dims
    if dims is not None and dims[axis] is not None:
        return dims[axis]
    return array.shape(tensor)[axis]


def known_int(value: Any) -> int | None:
    """An int scalar, if the graph knows it."""
    if value is None or isinstance(value, int):
        return value
    constant = constant_value(convert_to_tensor(value))
    return None if constant is None else int(constant)


def embedding_function(embedding: Any) -> Any:
    """A function from symbols to their vectors: `embedding` itself, or a look-up in it."""
    if callable(embedding):
        return embedding

    def look_up(ids: Any) -> Tensor:
        return embedding_lookup(embedding, ids)

    return look_up


def one_tensor(outputs: Any) -> Tensor:
    """`outputs`; TypeError unless it is one Tensor."""
    if not isinstance(outputs, Tensor):
        raise TypeError(f"Expected outputs to be a single Tensor, got: {type(outputs)}")
    return outputs


def best(outputs: Tensor) -> Tensor:
    """The class of the greatest logit, int32."""
    return math.cast(math.argmax(outputs, axis=-1), dtypes.int32)


def start_and_end(start_tokens: Any, end_token: Any) -> tuple[Tensor, Tensor]:
    """Both as int32 Tensors, a vector and a scalar.

    Raises
    ------
    ValueError
        If they are not of these ranks.
    """
    start = convert_to_tensor(start_tokens, dtype=dtypes.int32, name="start_tokens")
    end = convert_to_tensor(end_token, dtype=dtypes.int32, name="end_token")
    if start.get_shape().ndims != 1:
        raise ValueError("start_tokens must be a vector")
    if end.get_shape().ndims != 0:
        raise ValueError("end_token must be a scalar")
    return start, end
