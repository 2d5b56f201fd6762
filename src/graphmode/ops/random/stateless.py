"""Random numbers that are a function of a seed given as a tensor, and of nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, INDEX, REALS, DType
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.framework.operation import Tensor
from graphmode.ops import math, xp
from graphmode.ops.random import distributions
from graphmode.ops.random.draws import lengths_of, shape_tensor
from graphmode.ops.random.philox import Stream

# The key with which TensorFlow scrambles a pair of seeds.
_SCRAMBLER = 0x02461E29_3EC8F720


def _stream(seed: Any) -> Stream:
    """The stream of a pair of seeds: its key and the upper half of its counter are scrambled."""
    if seed.shape != (2,):
        shown = shape_rules.dims_text(seed.shape)
        raise invalid(f"seed must have shape [2], not {shown}")
    if isinstance(seed, np.ndarray):
        first, second = (np.uint64(int(n) & 0xFFFFFFFFFFFFFFFF) for n in seed)
        words = Stream(_SCRAMBLER, int(second)).words(np.array([first], np.uint64))
        low, high, *upper = (int(word[0]) for word in words)
        return Stream(low | high << 32, upper[0] | upper[1] << 32)
    first, second = (seed[i].astype(np.int64).astype(np.uint64) for i in range(2))
    mixer = Stream(_SCRAMBLER, second)
    w0, w1, w2, w3 = (word[0].astype(np.uint64) for word in mixer.words(xp.reshape(first, (1,))))
    half = np.uint64(32)
    return Stream(w0 | w1 << half, w2 | w3 << half)


def _drawn_shape(op):
    shape, seed = op.inputs[:2]
    shape_rules.with_rank(shape.dims, 1)
    (count,) = shape_rules.with_rank(seed.dims, 1)
    if count not in (None, 2):
        raise ValueError(f"Dimension must be 2 but is {count}")
    return [constant_dims(shape)]


def _define(op_type: str, draw):
    @op(
        op_type,
        "T, Tseed -> dtype",
        shape=_drawn_shape,
        static=("shape",),
        T=INDEX,
        Tseed=INDEX,
        dtype=FLOATS,
    )
    def kernel(shape, seed, *, dtype: DType = dtypes.float32):
        return draw(_stream(seed), lengths_of(shape), dtype.numpy_dtype)

    return kernel


_uniform = _define("StatelessRandomUniform", distributions.uniform)
_normal = _define("StatelessRandomNormal", distributions.standard_normal)
_truncated_normal = _define("StatelessTruncatedNormal", distributions.truncated_normal)


def _range_is_not_empty(shape, seed, minval, maxval, **attrs):
    return minval < maxval


@op(
    "StatelessRandomUniformInt",
    "T, Tseed, dtype, dtype -> dtype",
    shape=_drawn_shape,
    static=("shape",),
    check=_range_is_not_empty,
    T=INDEX,
    Tseed=INDEX,
    dtype=INDEX,
)
def _uniform_int(shape, seed, minval, maxval):
    return distributions.uniform_int(_stream(seed), lengths_of(shape), minval, maxval, minval.dtype)


def _classes_shape(op):
    (batch, _) = shape_rules.with_rank(op.inputs[0].dims, 2)
    shape_rules.with_rank(op.inputs[1].dims, 0)
    shape_rules.with_rank(op.inputs[2].dims, 1)
    count = constant_value(op.inputs[1])
    return [(batch, None if count is None else int(count))]


@op(
    "StatelessMultinomial",
    "T, int32, Tseed -> output_dtype",
    shape=_classes_shape,
    static=("num_samples",),
    T=REALS,
    Tseed=INDEX,
    output_dtype=INDEX,
)
def _multinomial(logits, num_samples, seed, *, output_dtype: DType = dtypes.int64):
    if logits.shape[1] == 0:
        raise invalid(f"num_classes should be positive, got logits of shape {logits.shape}")
    if num_samples < 0:
        raise invalid(f"num_samples should be nonnegative, got {num_samples}")
    return distributions.multinomial(
        _stream(seed), logits, int(num_samples), output_dtype.numpy_dtype
    )


def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """Uniform numbers in [minval, maxval), the same for the same seed.

    Parameters
    ----------
    shape : int32 or int64 Tensor, 1-D
    seed : int32 or int64 Tensor, [2]
    minval, maxval : number or Tensor, of `dtype`, broadcasting to `shape`
        Of integers scalars, and `maxval` must be given; of floats it is 1 by default.
    dtype : DType
        float16, bfloat16, float32, float64, int32 or int64.

    Returns
    -------
    Tensor, `dtype`, of shape `shape`

    Raises
    ------
    ValueError
        If `dtype` is another one, or integers are asked for without `maxval`.

    Notes
    -----
    TF ops StatelessRandomUniform, StatelessRandomUniformInt: their numbers.
    """
    dtype = dtypes.as_dtype(dtype)
    if dtype not in FLOATS and dtype not in INDEX:
        raise ValueError(f"Invalid dtype {dtype}")
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with name_scope(name, "stateless_random_uniform", [shape, seed, minval, maxval]) as scope:
        shape = shape_tensor(shape)
        minval = convert_to_tensor(minval, dtype=dtype, name="min")
        maxval = convert_to_tensor(maxval, dtype=dtype, name="max")
        if dtype.is_integer:
            return _uniform_int(shape, seed, minval, maxval, name=scope)
        drawn = _uniform(shape, seed, dtype=dtype)
        return math.add(drawn * (maxval - minval), minval, name=scope)


def _scaled(draw, default_name, shape, seed, mean, stddev, dtype, name):
    dtype = dtypes.as_dtype(dtype)
    with name_scope(name, default_name, [shape, seed, mean, stddev]) as scope:
        shape = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype=dtype, name="mean")
        stddev = convert_to_tensor(stddev, dtype=dtype, name="stddev")
        return math.add(draw(shape, seed, dtype=dtype) * stddev, mean, name=scope)


def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """Normal numbers, the same for the same seed.

    Parameters
    ----------
    shape : int32 or int64 Tensor, 1-D
    seed : int32 or int64 Tensor, [2]
    mean, stddev : number or Tensor, of `dtype`, broadcasting to `shape`
    dtype : DType, floating

    Returns
    -------
    Tensor, `dtype`, of shape `shape`

    Notes
    -----
    TF op StatelessRandomNormal.
    """
    return _scaled(_normal, "stateless_random_normal", shape, seed, mean, stddev, dtype, name)


def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """Normal numbers within two deviations of the mean, the same for the same seed.

    Parameters
    ----------
    shape : int32 or int64 Tensor, 1-D
    seed : int32 or int64 Tensor, [2]
    mean, stddev : number or Tensor, of `dtype`, broadcasting to `shape`
    dtype : DType, floating

    Returns
    -------
    Tensor, `dtype`, of shape `shape`

    Notes
    -----
    TF op StatelessTruncatedNormal.
    """
    default = "stateless_truncated_normal"
    return _scaled(_truncated_normal, default, shape, seed, mean, stddev, dtype, name)


def stateless_categorical(
    logits: Any,
    num_samples: Any,
    seed: Any,
    dtype: Any = dtypes.int64,
    name: str | None = None,
) -> Tensor:
    """Class numbers drawn with probabilities softmax(logits), the same for the same seed.

    Parameters
    ----------
    logits : real Tensor, [batch, classes]
    num_samples : int32 scalar
    seed : int32 or int64 Tensor, [2]
    dtype : DType
        int32 or int64.

    Returns
    -------
    Tensor, `dtype`, [batch, num_samples]

    Notes
    -----
    TF op StatelessMultinomial.
    """
    with name_scope(name, "stateless_categorical", [logits, seed]):
        return _stateless_multinomial(logits, num_samples, seed, dtype, None)


def stateless_multinomial(
    logits: Any,
    num_samples: Any,
    seed: Any,
    output_dtype: Any = dtypes.int64,
    name: str | None = None,
) -> Tensor:
    """`stateless_categorical` by its old name.

    Parameters
    ----------
    logits : real Tensor, [batch, classes]
    num_samples : int32 scalar
    seed : int32 or int64 Tensor, [2]
    output_dtype : DType
        int32 or int64.

    Returns
    -------
    Tensor, `output_dtype`, [batch, num_samples]

    Notes
    -----
    TF op StatelessMultinomial.
    """
    with name_scope(name, "stateless_multinomial", [logits, seed]):
        return _stateless_multinomial(logits, num_samples, seed, output_dtype, None)


def _stateless_multinomial(logits, num_samples, seed, dtype, name):
    logits = convert_to_tensor(logits, name="logits")
    dtype = dtypes.as_dtype(dtype)
    return _multinomial(logits, num_samples, seed, output_dtype=dtype, name=name)
