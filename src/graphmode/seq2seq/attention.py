"""Attention: weights over a memory for a query; `BahdanauAttention` and `LuongAttention`."""

from __future__ import annotations

import math as python_math
from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.layers.base import Layer
from graphmode.layers.dense_layer import Dense
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_equal, assert_positive
from graphmode.ops.nn import activation
from graphmode.seq2seq.helper import known_or_dynamic
from graphmode.variables.initializers import (
    constant_initializer,
    ones_initializer,
    zeros_initializer,
)
from graphmode.variables.scope import get_variable, variable_scope


class AttentionMechanism:
    """The base of attention mechanisms.

    Subclasses give `values` [batch, length, depth], `batch_size`, `alignments_size` (the length)
    and `state_size`, and write ``__call__(query, state)``, which gives alignments and a new state.
    """

    @property
    def alignments_size(self) -> Any:
        """The number of memory entries, which a query is aligned with.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError

    @property
    def state_size(self) -> Any:
        """The length of what is kept from step to step, as `RNNCell.state_size`.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError


class _Scored(AttentionMechanism):
    """Weights that are a function, softmax by default, of scores.

    Parameters
    ----------
    query_layer : Layer, optional
        Applied to a query.
    memory_layer : Layer
        Applied to the memory: the keys.
    memory : Tensor [batch, length, depth]
    memory_sequence_length : int Tensor [batch], optional
        Past it, values are 0 and scores are `score_mask_value`.
    probability_fn : callable, optional
        ``probability_fn(scores)``, [batch, length] both.
    score_mask_value : float, optional
        -inf if not given.
    custom_key_value_fn : callable, optional
        ``custom_key_value_fn(keys, values)`` gives those to use.
    """

    def __init__(
        self,
        query_layer: Any,
        memory_layer: Any,
        memory: Any,
        memory_sequence_length: Any,
        probability_fn: Callable[..., Any] | None,
        score_mask_value: float | None,
        custom_key_value_fn: Callable[..., Any] | None,
        name: Any,
    ) -> None:
        if probability_fn is not None and not callable(probability_fn):
            raise TypeError(
                f"probability_fn must be callable, saw type: {type(probability_fn).__name__}"
            )
        self._name = name
        self._probability: Callable[..., Any] = probability_fn or activation.softmax
        self._query_layer = query_layer
        self._memory_layer = memory_layer
        self.dtype = dtypes.as_dtype(memory_layer.dtype)
        with name_scope(name, "BaseAttentionMechanismInit"):
            memory = convert_to_tensor(memory, name="memory")
            inner = memory.get_shape().with_rank_at_least(2)[2:]
            if not inner.is_fully_defined():
                raise ValueError(
                    f"Expected memory {memory.name} to have fully defined inner dims, but saw "
                    f"shape: {memory.get_shape()}"
                )
            self._is_read: Tensor | None = None
            if memory_sequence_length is not None:
                self._is_read = _mask(memory_sequence_length, memory)
                kept = math.cast(self._is_read, memory.dtype)
                lengths = [*tuple(array.shape(memory)[i] for i in (0, 1)), *[1] * len(inner)]
                memory = memory * array.reshape(kept, array.stack(lengths))
            self._values = memory
            self._keys = memory_layer(memory)
            if custom_key_value_fn is not None:
                self._keys, self._values = custom_key_value_fn(self._keys, self._values)
            self._batch_size = known_or_dynamic(self._keys, 0)
            self._alignments_size = known_or_dynamic(self._keys, 1)
            self._masked = None
            if self._is_read is not None:
                value = -np.inf if score_mask_value is None else score_mask_value
                shape = array.stack([self._batch_size, self._alignments_size])
                self._masked = array.fill(shape, math.cast(value, self.dtype))

    @property
    def query_layer(self) -> Layer | None:
        """The layer that projects queries, or None."""
        return self._query_layer

    @property
    def memory_layer(self) -> Layer:
        """The layer that makes keys of the memory."""
        return self._memory_layer

    @property
    def values(self) -> Tensor:
        """The memory, [batch, length, depth], 0 past each length."""
        return self._values

    @property
    def keys(self) -> Tensor:
        """What queries are compared with: [batch, length, num_units]."""
        return self._keys

    @property
    def batch_size(self) -> Any:
        """The batch size of the memory: int, or int32 scalar tensor where it is not known."""
        return self._batch_size

    @property
    def alignments_size(self) -> Any:
        """The number of memory entries: int, or int32 scalar tensor where it is not known."""
        return self._alignments_size

    @property
    def state_size(self) -> Any:
        """As `alignments_size`: the last alignments are kept."""
        return self._alignments_size

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Tensor:
        """The alignments before the first step: zeros.

        Parameters
        ----------
        batch_size : int or Tensor, int32 scalar
        dtype : DType

        Returns
        -------
        Tensor, [batch_size, length]
        """
        zeros = array.zeros(array.stack([batch_size, self._alignments_size]), dtype=dtype)
        known = [size if isinstance(size, int) else None
                 for size in (batch_size, self._alignments_size)]  # fmt: skip
        zeros.set_shape(known)
        return zeros

    def initial_state(self, batch_size: Any, dtype: Any) -> Tensor:
        """The state before the first step: zeros.

        Parameters
        ----------
        batch_size : int or Tensor, int32 scalar
        dtype : DType

        Returns
        -------
        Tensor, [batch_size, length]
        """
        return self.initial_alignments(batch_size, dtype)

    def _alignments(self, score: Tensor) -> tuple[Tensor, Tensor]:
        if self._is_read is not None:
            score = array.where(self._is_read, score, self._masked)
        alignments = self._probability(score)
        return alignments, alignments


def _mask(memory_sequence_length: Any, memory: Tensor) -> Tensor:
    """Bool [batch, length]: what is not past a sequence's end."""
    lengths = convert_to_tensor(memory_sequence_length, name="memory_sequence_length")
    batch, n_lengths = known_or_dynamic(memory, 0), known_or_dynamic(lengths, 0)
    checks = [
        assert_positive(
            lengths, message="All values in memory_sequence_length must greater than zero."
        )
    ]
    if not (isinstance(batch, int) and batch == n_lengths):
        message = "memory_sequence_length and memory tensor batch sizes do not match."
        checks.append(assert_equal(n_lengths, batch, message=message))
    with control_dependencies(checks):
        lengths = array.identity(lengths)
    return array.sequence_mask(lengths, maxlen=array.shape(memory)[1])


class LuongAttention(_Scored):
    r"""Multiplicative attention.

    .. math:: a = \mathrm{softmax}_i(g\; q \cdot W h_i)

    Parameters
    ----------
    num_units : int
        The length of a query, and the number of columns of ``memory_layer/kernel``, :math:`W`.
    memory : Tensor [batch, length, depth]
        :math:`h`, the encoder's outputs.
    memory_sequence_length : int Tensor [batch], optional
        How many of them count.
    scale : bool
        Whether there is a variable ``attention_g``, :math:`g`, which begins at 1.
    probability_fn : callable, optional
        In place of softmax, for example `hardmax`.
    score_mask_value : float, optional
        The score past a sequence's end; -inf if not given.
    dtype : dtype, optional
        Of the memory layer; float32 if not given.
    custom_key_value_fn : callable, optional
        ``custom_key_value_fn(keys, values)`` gives those to use.
    name : str

    Raises
    ------
    TypeError
        If `probability_fn` is no function.
    ValueError
        If the depth of the memory is unknown; when called, if a query is not of `num_units`.

    Notes
    -----
    Luong, Pham, Manning, "Effective approaches to attention-based neural machine translation",
    EMNLP 2015.
    """

    def __init__(
        self,
        num_units: int,
        memory: Any,
        memory_sequence_length: Any = None,
        scale: bool = False,
        probability_fn: Callable[..., Any] | None = None,
        score_mask_value: float | None = None,
        dtype: Any = None,
        custom_key_value_fn: Callable[..., Any] | None = None,
        name: str = "LuongAttention",
    ) -> None:
        self._num_units = num_units
        self._scale = scale
        super().__init__(
            None,
            Dense(num_units, name="memory_layer", use_bias=False, dtype=dtype or dtypes.float32),
            memory,
            memory_sequence_length,
            probability_fn,
            score_mask_value,
            custom_key_value_fn,
            name,
        )

    def __call__(self, query: Any, state: Any) -> tuple[Tensor, Tensor]:
        """Align a query with the memory.

        Parameters
        ----------
        query : Tensor, floating, [batch, num_units]
        state : Tensor, floating, [batch, length]
            Not used.

        Returns
        -------
        alignments, next_state : Tensor, floating, [batch, length]
            The same tensor twice.

        Raises
        ------
        ValueError
            If the query is not as long as the keys.
        """
        del state
        with variable_scope(None, "luong_attention", [query]):
            depth, key_units = query.get_shape()[-1].value, self._keys.get_shape()[-1].value
            if depth is None or depth != key_units:
                raise ValueError(
                    "Incompatible or unknown inner dimensions between query and keys.  Query "
                    f"({query}) has units: {depth}.  Keys ({self._keys}) have units: {key_units}.  "
                    f"Perhaps you need to set num_units to the keys' dimension ({depth})?"
                )
            product = math.matmul(array.expand_dims(query, 1), self._keys, transpose_b=True)
            score = array.squeeze(product, [1])
            if self._scale:
                gain = get_variable(
                    "attention_g", dtype=query.dtype, initializer=ones_initializer(), shape=()
                )
                score = gain * score
        return self._alignments(score)


class BahdanauAttention(_Scored):
    r"""Additive attention.

    .. math:: a = \mathrm{softmax}_i(v \cdot \tanh(W h_i + U q))

    normalized: :math:`g\, \frac{v}{\lVert v \rVert} \cdot \tanh(W h_i + U q + b)`.

    Parameters
    ----------
    num_units : int
        The length of :math:`v` (``attention_v``), the number of columns of
        ``memory_layer/kernel`` and ``query_layer/kernel``.
    memory : Tensor, floating, [batch, length, depth]
        :math:`h`, the encoder's outputs.
    memory_sequence_length : Tensor, int32 or int64, [batch], optional
        How many of them count.
    normalize : bool
        Whether there are ``attention_g``, which begins at :math:`1 / \sqrt{num\_units}`, and
        ``attention_b``, which begins at 0.
    probability_fn, score_mask_value, dtype, custom_key_value_fn : optional
        As for `LuongAttention`.
    name
        As for `LuongAttention`.

    Raises
    ------
    TypeError
        If `probability_fn` is no function.
    ValueError
        If the depth of the memory is unknown.

    Notes
    -----
    Bahdanau, Cho, Bengio, "Neural machine translation by jointly learning to align and translate",
    ICLR 2015; Salimans, Kingma, "Weight normalization", NIPS 2016.
    """

    _query_layer: Dense

    def __init__(
        self,
        num_units: int,
        memory: Any,
        memory_sequence_length: Any = None,
        normalize: bool = False,
        probability_fn: Any = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Any = None,
        name: str = "BahdanauAttention",
    ) -> None:
        dtype = dtype or dtypes.float32
        self._num_units = num_units
        self._normalize = normalize
        super().__init__(
            Dense(num_units, name="query_layer", use_bias=False, dtype=dtype),
            Dense(num_units, name="memory_layer", use_bias=False, dtype=dtype),
            memory,
            memory_sequence_length,
            probability_fn,
            score_mask_value,
            custom_key_value_fn,
            name,
        )

    def __call__(self, query: Any, state: Any) -> tuple[Tensor, Tensor]:
        """Align a query with the memory.

        Parameters
        ----------
        query : Tensor, floating, [batch, any]
        state : Tensor, floating, [batch, length]
            Not used.

        Returns
        -------
        alignments, next_state : Tensor, floating, [batch, length]
            The same tensor twice.
        """
        del state
        with variable_scope(None, "bahdanau_attention", [query]):
            total = self._keys + array.expand_dims(self._query_layer(query), 1)
            dtype, units = query.dtype, self._num_units
            v = get_variable("attention_v", [units], dtype=dtype)
            if self._normalize:
                first = constant_initializer(python_math.sqrt(1.0 / units))
                g = get_variable("attention_g", shape=(), dtype=dtype, initializer=first)
                b = get_variable(
                    "attention_b", [units], dtype=dtype, initializer=zeros_initializer()
                )
                v = g * v * math.rsqrt(math.reduce_sum(math.square(v)))
                total = total + b
            score = math.reduce_sum(v * math.tanh(total), [2])
        return self._alignments(score)


def hardmax(logits: Any, name: str | None = None) -> Tensor:
    """1 at the greatest logit of each row, 0 elsewhere.

    Parameters
    ----------
    logits : Tensor, floating [batch, classes]

    Returns
    -------
    Tensor, as `logits`
    """
    with name_scope(name, "Hardmax", [logits]):
        logits = convert_to_tensor(logits, name="logits")
        depth = known_or_dynamic(logits, -1)
        return array.one_hot(math.argmax(logits, -1), depth, dtype=logits.dtype)
