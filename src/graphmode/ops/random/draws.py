"""Random numbers: the ops, TensorFlow's seeds, and the public functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.dtypes import ANY, FLOATS, INDEX, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_dims, constant_value
from graphmode.framework.op import op
from graphmode.ops import array, math
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.random import distributions, rejection

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

DEFAULT_GRAPH_SEED = 87654321
_LARGEST_SEED = 2**31 - 1
_FLOAT_DTYPES = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)
_UNIFORM_DTYPES = (*_FLOAT_DTYPES, dtypes.int32, dtypes.int64)


# ---- seeds ---------------------------------------------------------------------------------------


def set_random_seed(seed: Any) -> None:
    """Set the seed of the default graph.

    Ops made afterwards without a seed of their own take the number of operations that the graph
    has at that time. So the same program, built anew, draws the same numbers.

    Parameters
    ----------
    seed : int or None
        None: other numbers in each session.
    """
    get_default_graph().seed = seed


def get_seed(op_seed: Any) -> tuple[int | None, int | None]:
    """The two seeds of a random op made now.

    Parameters
    ----------
    op_seed : int or None
        The op's own seed.

    Returns
    -------
    (int, int) or (None, None)
        The graph's seed (`DEFAULT_GRAPH_SEED` if only the op has one) and the op's (the number of
        operations in the graph if only the graph has one), both modulo 2^31 - 1; never (0, 0),
        which means "not seeded" to an op.
    """
    graph = get_default_graph()
    if graph.seed is None:
        if op_seed is None:
            return None, None
        seeds = DEFAULT_GRAPH_SEED, op_seed % _LARGEST_SEED
    else:
        op_seed = graph._last_id if op_seed is None else op_seed
        seeds = graph.seed % _LARGEST_SEED, op_seed % _LARGEST_SEED
    return (0, _LARGEST_SEED) if seeds == (0, 0) else seeds


def _seed_attrs(op_seed) -> dict[str, int]:
    seed, seed2 = get_seed(op_seed)
    return {"seed": seed or 0, "seed2": seed2 or 0}


# ---- the ops -------------------------------------------------------------------------------------


def _drawn_shape(op):
    shape = op.inputs[0]
    if shape.dims is not None and len(shape.dims) != 1:
        raise ValueError(f"Shape must be rank 1 but is rank {len(shape.dims)}")
    value = constant_value(shape)
    if value is not None and (value < 0).any():
        raise ValueError(f"Invalid value in tensor used for shape: {value[value < 0][0]}")
    return [constant_dims(shape)]


def lengths_of(shape) -> tuple[int, ...]:
    """The lengths that a kernel was given; InvalidArgumentError if one is negative."""
    lengths = tuple(int(length) for length in shape)
    if lengths and min(lengths) < 0:
        raise invalid(f"Dimension {min(lengths)} must be >= 0")
    return lengths


def _define(op_type: str, draw):
    """A random op whose input is a shape and whose elements are floating."""

    @op(
        op_type,
        "T -> dtype",
        shape=_drawn_shape,
        static=("shape",),
        effect="random",
        T=INDEX,
        dtype=FLOATS,
    )
    def kernel(shape, *, dtype: DType, seed: int = 0, seed2: int = 0, stream):
        """Numbers of this distribution in a tensor of shape `shape`."""
        return draw(stream, lengths_of(shape), dtype.numpy_dtype)

    return kernel


random_uniform_op = _define("RandomUniform", distributions.uniform)
random_standard_normal_op = _define("RandomStandardNormal", distributions.standard_normal)
truncated_normal_op = _define("TruncatedNormal", distributions.truncated_normal)


def _range_is_not_empty(shape, minval, maxval, **attrs):
    return minval < maxval


@op(
    "RandomUniformInt",
    "T, Tout, Tout -> Tout",
    shape=_drawn_shape,
    static=("shape",),
    effect="random",
    check=_range_is_not_empty,
    T=INDEX,
    Tout=INDEX,
)
def random_uniform_int_op(shape, minval, maxval, *, seed: int = 0, seed2: int = 0, stream):
    """The node behind `random_uniform` of integers."""
    return distributions.uniform_int(stream, lengths_of(shape), minval, maxval, minval.dtype)


def _multinomial_shape(op):
    (batch, _) = shape_rules.with_rank(op.inputs[0].dims, 2)
    shape_rules.with_rank(op.inputs[1].dims, 0)
    count = constant_value(op.inputs[1])
    return [(batch, None if count is None else int(count))]


@op(
    "Multinomial",
    "T, int32 -> output_dtype",
    shape=_multinomial_shape,
    static=("num_samples",),
    effect="random",
    T=REALS,
    output_dtype=INDEX,
)
def multinomial_op(
    logits,
    num_samples,
    *,
    seed: int = 0,
    seed2: int = 0,
    output_dtype: DType = dtypes.int64,
    stream,
):
    """The node behind `multinomial`."""
    if logits.shape[1] == 0:
        raise invalid(f"num_classes should be positive, got logits of shape {logits.shape}")
    if num_samples < 0:
        raise invalid(f"num_samples should be nonnegative, got {num_samples}")
    return distributions.multinomial(stream, logits, int(num_samples), output_dtype.numpy_dtype)


@op("RandomShuffle", "T -> T", shape=shape_rules.unchanged, effect="random", T=ANY)
def random_shuffle_op(value, *, seed: int = 0, seed2: int = 0, stream):
    """The node behind `random_shuffle`."""
    return distributions.shuffle(stream, value)


# ---- the public functions ------------------------------------------------------------------------


def shape_tensor(shape):
    """`shape` as an integer vector called `shape`; int32 where Python numbers fit."""
    dtype = None
    if isinstance(shape, list | tuple) and not shape:
        dtype = dtypes.int32
    return convert_to_tensor(shape, dtype=dtype, name="shape")


def _checked_dtype(dtype, accepted):
    dtype = dtypes.as_dtype(dtype)
    if dtype not in accepted:
        listed = ", ".join(f"tf.{d.name}" for d in accepted)
        raise ValueError(
            f"Argument `dtype` got invalid value {dtype!r}. Accepted dtypes are ({listed})."
        )
    return dtype


def random_uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers drawn uniformly from [minval, maxval).

    Parameters
    ----------
    shape : sequence of int or Tensor, int32 or int64, 1-D
    minval, maxval : number or Tensor, of `dtype`, broadcasting to `shape`
        `maxval` is 1 by default; integers must give it.
    dtype : DType
        float16, bfloat16, float32, float64, int32 or int64.
    seed : int, optional
        The op's own seed: see `set_random_seed`.

    Returns
    -------
    Tensor, `dtype`, of shape `shape`
        Drawn anew in each run.

    Raises
    ------
    ValueError
        If `dtype` is another one, or integers are asked for without `maxval`.
    InvalidArgumentError
        When it runs, if integers are asked for and `minval` is not below `maxval`.

    Notes
    -----
    Integers are ``minval + bits % (maxval - minval)``: slightly uneven unless the range is a power
    of two.

    TF ops RandomUniform, RandomUniformInt.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     x = sess.run(tf.random_uniform([2, 3], 5, 10, tf.int32, seed=1))
    ...     print(x.shape, x.min() >= 5, x.max() < 10)
    (2, 3) True True
    """
    dtype = _checked_dtype(dtype, _UNIFORM_DTYPES)
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with name_scope(name, "random_uniform", [shape, minval, maxval]) as scope:
        shape = shape_tensor(shape)
        from_zero = isinstance(minval, int) and minval == 0
        to_one = isinstance(maxval, int) and maxval == 1
        if dtype.is_integer or not (from_zero and to_one):
            minval = convert_to_tensor(minval, dtype=dtype, name="min")
            maxval = convert_to_tensor(maxval, dtype=dtype, name="max")
        else:
            get_default_graph().pass_ids(2)  # min, max
        seeds = _seed_attrs(seed)
        if dtype.is_integer:
            return random_uniform_int_op(shape, minval, maxval, **seeds, name=scope)
        drawn = random_uniform_op(shape, dtype=dtype, **seeds)
        if from_zero:
            get_default_graph().pass_ids(3 if to_one else 2)  # sub, mul, add
            return drawn if to_one else math.multiply(drawn, maxval, name="Mul")
        return math.add(drawn * (maxval - minval), minval, name=scope)


def random_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers of the given mean and standard deviation.

    Parameters
    ----------
    shape : sequence of int or Tensor, int32 or int64, 1-D
    mean, stddev : number or Tensor, of `dtype`, broadcasting to `shape`
    dtype : DType
        float16, bfloat16, float32 or float64.
    seed : int, optional
        The op's own seed: see `set_random_seed`.

    Returns
    -------
    Tensor, `dtype`, of shape `shape`
        Drawn anew in each run.

    Notes
    -----
    TF op RandomStandardNormal.
    """
    return _scaled(
        random_standard_normal_op, "random_normal", shape, mean, stddev, dtype, seed, name
    )


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers, drawn again where further than two deviations from the mean.

    Parameters
    ----------
    shape : sequence of int or Tensor, int32 or int64, 1-D
    mean, stddev : number or Tensor, of `dtype`, broadcasting to `shape`
        Before the cut.
    dtype : DType
        float16, bfloat16, float32 or float64.
    seed : int, optional
        The op's own seed: see `set_random_seed`.

    Returns
    -------
    Tensor, `dtype`, of shape `shape`
        Drawn anew in each run.

    Notes
    -----
    TF op TruncatedNormal.
    """
    return _scaled(truncated_normal_op, "truncated_normal", shape, mean, stddev, dtype, seed, name)


def _scaled(draw, default_name, shape, mean, stddev, dtype, seed, name):
    dtype = dtypes.as_dtype(dtype)
    if dtype not in _FLOAT_DTYPES:
        listed = ", ".join(d.name for d in _FLOAT_DTYPES)
        raise TypeError(
            f"Value passed to parameter 'dtype' has DataType {dtype.name} not in list of allowed "
            f"values: {listed}"
        )
    with name_scope(name, default_name, [shape, mean, stddev]) as scope:
        shape = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype=dtype, name="mean")
        stddev = convert_to_tensor(stddev, dtype=dtype, name="stddev")
        drawn = draw(shape, dtype=dtype, **_seed_attrs(seed))
        return math.add(drawn * stddev, mean, name=scope)


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """The rows of a tensor (its slices along the first axis) in random order.

    Parameters
    ----------
    value : Tensor, of any dtype
    seed : int, optional
        The op's own seed: see `set_random_seed`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `value`.

    Notes
    -----
    TF op RandomShuffle.
    """
    return random_shuffle_op(value, **_seed_attrs(seed), name=name)


def multinomial(
    logits: Any,
    num_samples: Any,
    seed: int | None = None,
    name: str | None = None,
    output_dtype: Any = None,
) -> Tensor:
    """Class numbers drawn with probabilities ``softmax(logits)``.

    Parameters
    ----------
    logits : Tensor, real [batch, classes]
    num_samples : int or Tensor, int32 scalar
        Independent draws for each row.
    seed : int, optional
        The op's own seed: see `set_random_seed`.
    output_dtype : DType
        int64 (default) or int32.

    Returns
    -------
    Tensor [batch, num_samples]

    Notes
    -----
    TF op Multinomial.
    """
    with name_scope(name, "multinomial", [logits]):
        return _multinomial(logits, num_samples, output_dtype, seed)


def categorical(
    logits: Any,
    num_samples: Any,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`multinomial` under its new name.

    Parameters
    ----------
    logits : Tensor, real [batch, classes]
    num_samples : int or Tensor, int32 scalar
        Independent draws for each row.
    dtype : DType
        int64 (default) or int32.
    seed : int, optional
        The op's own seed: see `set_random_seed`.

    Returns
    -------
    Tensor, `dtype`, [batch, num_samples]
    """
    with name_scope(name, "categorical", [logits]):
        return _multinomial(logits, num_samples, dtype, seed)


def _multinomial(logits, num_samples, dtype, seed):
    logits = convert_to_tensor(logits, name="logits")
    dtype = dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)
    return multinomial_op(logits, num_samples, output_dtype=dtype, **_seed_attrs(seed))


def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """A slice of `value`, of shape `size`, at a random place.

    Parameters
    ----------
    value : Tensor, of any dtype
    size : sequence of int or Tensor, int32, 1-D
        One length for each axis of `value`, at most its own.
    seed : int, optional
        The op's own seed: see `set_random_seed`.

    Returns
    -------
    Tensor, of shape `size`
        Of the dtype of `value`.

    Raises
    ------
    InvalidArgumentError
        When it runs, if `size` is larger than `value` along an axis.
    """
    with name_scope(name, "random_crop", [value, size]) as scope:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, dtype=dtypes.int32, name="size")
        shape = array.shape(value)
        check = Assert(
            math.reduce_all(math.greater_equal(shape, size)),
            ["Need value.shape >= size, got ", shape, size],
            summarize=1000,
        )
        shape = with_dependencies([check], shape)
        limit = shape - size + 1
        offset = random_uniform(
            array.shape(shape), dtype=dtypes.int32, maxval=dtypes.int32.max, seed=seed
        )
        return array.slice(value, math.floormod(offset, limit, name="mod"), size, name=scope)


# ---- gamma and Poisson ---------------------------------------------------------------------------


def _shape_of_each(op):
    each = op.inputs[1].dims
    (shape,) = _drawn_shape(op)
    return [None if shape is None or each is None else (*shape, *each)]


@op(
    "RandomGamma",
    "S, T -> T",
    shape=_shape_of_each,
    static=("shape",),
    effect="random",
    S=INDEX,
    T={dtypes.float16, dtypes.float32, dtypes.float64},
)
def random_gamma_op(shape, alpha, *, seed: int = 0, seed2: int = 0, stream):
    """The node behind `random_gamma`."""
    return rejection.gamma(stream, lengths_of(shape), alpha)


@op(
    "RandomGammaGrad",
    "T, T -> T",
    shape=shape_rules.broadcast,
    numpy=False,
    T={dtypes.float32, dtypes.float64},
)
def random_gamma_grad(alpha, sample):
    """The derivative of the number that `random_gamma` drew by its `alpha`."""
    import jax

    alpha, sample = jax.numpy.broadcast_arrays(alpha, sample)
    return jax.lax.random_gamma_grad(alpha, sample)


@op(
    "RandomPoissonV2",
    "S, R -> dtype",
    shape=_shape_of_each,
    static=("shape",),
    effect="random",
    S=INDEX,
    R={dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64},
)
def random_poisson_op(
    shape, rate, *, seed: int = 0, seed2: int = 0, dtype: DType = dtypes.int64, stream
):
    """The node behind `random_poisson`."""
    return rejection.poisson(stream, lengths_of(shape), rate, dtype.numpy_dtype)


def random_gamma(
    shape: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    r"""Numbers of gamma distributions.

    .. math:: p(x) \propto x^{\alpha-1} e^{-\beta x}

    Parameters
    ----------
    shape : sequence of int or Tensor, int32 or int64, 1-D
        How many of each distribution.
    alpha : Tensor, `dtype`
        Above 0. The gradient by it is that of the number drawn.
    beta : Tensor, `dtype`, optional
        The inverse of the scale, 1 by default; broadcasts with `alpha`.
    dtype : DType
        float16, float32 or float64.
    seed : int, optional
        The op's own seed: see `set_random_seed`.

    Returns
    -------
    Tensor, `dtype`
        Of shape `shape` and then that of ``alpha + beta``.

    Notes
    -----
    TF op RandomGamma.
    """
    with name_scope(name, "random_gamma", [shape, alpha, beta]):
        shape = shape_tensor(shape)
        alpha = convert_to_tensor(alpha, dtype=dtype, name="alpha")
        beta = convert_to_tensor(1 if beta is None else beta, dtype=dtype, name="beta")
        each = alpha + array.zeros_like(beta)
        drawn = random_gamma_op(shape, each, **_seed_attrs(seed))
        smallest = np.finfo(each.dtype.base_dtype.as_numpy_dtype).tiny
        return math.maximum(smallest, drawn / beta)


def random_poisson(
    lam: Any,
    shape: Any,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    r"""Counts of Poisson distributions.

    .. math:: p(k) = \lambda^k e^{-\lambda} / k!

    Parameters
    ----------
    lam : Tensor, real, of any shape
        Each distribution's mean, at least 0.
    shape : sequence of int or Tensor, int32 or int64, 1-D
        How many of each distribution.
    dtype : DType
        float16, float32, float64, int32 or int64.
    seed : int, optional
        The op's own seed: see `set_random_seed`.

    Returns
    -------
    Tensor, `dtype`
        Of shape `shape` and then that of `lam`. No gradient flows through.

    Notes
    -----
    TF op RandomPoissonV2.
    """
    with name_scope(name, "random_poisson", [lam, shape]):
        shape = shape_tensor(shape)
        return random_poisson_op(shape, lam, dtype=dtypes.as_dtype(dtype), **_seed_attrs(seed))
