"""TensorFlow's random distributions, as functions of a `philox.Stream`.

Each gives the numbers of TensorFlow's CPU kernel of the same name, on the host and in a trace.
Bits that are only moved, masked or divided (uniform, integers, permutations) are exactly
TensorFlow's. The normals are computed in double precision and rounded where TensorFlow rounds,
so that host and trace agree, and both stay within a few units in the last place of TensorFlow,
whose single-precision logarithm and sine do not always round correctly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.ops import lowering

if TYPE_CHECKING:
    pass

# TensorFlow sets aside this many 128-bit samples for every output element of a fill.
_RESERVED_PER_OUTPUT = 256
_TRUNCATION = 2.0
# The thirty temporaries of a float64 piece this long stay in the cache.
_HOST_CHUNK = 8192
_MANTISSA_BITS = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}
# Taylor coefficients in r^2, |r| <= pi/4, good to 1e-11: well below half a float32 unit.
_SIN_SERIES = [(-1) ** k / math.factorial(2 * k + 1) for k in range(6)]
_COS_SERIES = [(-1) ** k / math.factorial(2 * k) for k in range(7)]


def uniform(stream: Any, shape: Any, dtype: Any) -> Any:
    """Uniform numbers in [0, 1).

    Parameters
    ----------
    stream : Stream
    shape : sequence of int
    dtype : float16, bfloat16, float32 or float64

    Returns
    -------
    array of `dtype` [*shape]
        Multiples of 2^-10, 2^-7, 2^-23 and 2^-52 for the four types in the order above.

    Notes
    -----
    TF op RandomUniform.
    """
    dtype = _floating(dtype)
    count = math.prod(shape)
    start = stream.reserve(count * _RESERVED_PER_OUTPUT)
    if dtype.name == "float64":
        return _unit_doubles(stream, start, count).reshape(shape)
    bits = _MANTISSA_BITS[dtype.name]
    if not stream.on_host and lowering.current().words_in_order:
        return unit(stream.words_in_order(start, count), bits).astype(dtype).reshape(shape)
    words = _leading_words(stream, start, count, 4)
    parts = [unit(word, bits).astype(dtype) for word in words]
    return _interleave(parts, count).reshape(shape)


def uniform_int(stream: Any, shape: Any, minval: Any, maxval: Any, dtype: Any) -> Any:
    """Integers in [minval, maxval), with the modulo's slight bias.

    Parameters
    ----------
    stream : Stream
    shape : sequence of int
    minval, maxval : scalar of `dtype`
    dtype : int32 or int64

    Returns
    -------
    array of `dtype` [*shape]

    Raises
    ------
    TypeError
        If `dtype` is neither.
    ValueError
        If `minval` is not below `maxval`; only on the host, where the values are known.

    Notes
    -----
    TF op RandomUniformInt: minval + bits mod (maxval - minval), in 32 or 64 bits.
    """
    dtype = np.dtype(dtype)
    if dtype.name not in ("int32", "int64"):
        raise TypeError(f"RandomUniformInt gives int32 or int64, not {dtype.name}")
    unsigned = np.dtype(f"u{dtype.name}")
    count = math.prod(shape)
    start = stream.reserve(count * _RESERVED_PER_OUTPUT)
    xp = array_module(stream, minval, maxval)
    if xp is np and minval >= maxval:
        raise ValueError(f"Need minval < maxval, got {minval} >= {maxval}")
    # As arrays of one element: NumPy wraps those around silently, and warns for scalars.
    low, high = (xp.asarray(v, dtype).astype(unsigned).reshape(1) for v in (minval, maxval))
    if dtype.name == "int32":
        parts = _leading_words(stream, start, count, 4)
    else:
        w0, w1, w2, w3 = _leading_words(stream, start, count, 2)
        parts = [_join(w1, w0), _join(w3, w2)]
    parts = [(low + part % (high - low)).astype(dtype) for part in parts]
    return _interleave(parts, count).reshape(shape)


def standard_normal(stream: Any, shape: Any, dtype: Any) -> Any:
    r"""Normal numbers of mean 0 and deviation 1, by the Box-Muller transform.

    .. math:: \sqrt{-2 \ln u_1}\,\sin 2 \pi u_2, \quad \sqrt{-2 \ln u_1}\,\cos 2 \pi u_2

    Parameters
    ----------
    stream : Stream
    shape : sequence of int
    dtype : float16, bfloat16, float32 or float64

    Returns
    -------
    array of `dtype` [*shape]

    Notes
    -----
    TF op RandomStandardNormal.
    """
    dtype = _floating(dtype)
    count = math.prod(shape)
    start = stream.reserve(count * _RESERVED_PER_OUTPUT)
    words = _leading_words(stream, start, count, _group_size(dtype))
    parts = [part.astype(dtype) for part in normals(stream, words, dtype)]
    return _interleave(parts, count).reshape(shape)


def truncated_normal(stream: Any, shape: Any, dtype: Any) -> Any:
    """Standard normal numbers, redrawn until they lie within two deviations.

    Parameters
    ----------
    stream : Stream
    shape : sequence of int
    dtype : float16, bfloat16, float32 or float64

    Returns
    -------
    array of `dtype` [*shape]
        Below 2 in absolute value before the rounding to float16 or bfloat16.

    Notes
    -----
    TF op TruncatedNormal. Each group of outputs owns a region of the stream and takes the
    first normals in it that pass, so the groups do not depend on each other.
    """
    dtype = _floating(dtype)
    count = math.prod(shape)
    start = stream.reserve(count * _RESERVED_PER_OUTPUT)
    size = _group_size(dtype)
    region = np.uint64(size * _RESERVED_PER_OUTPUT // 4)
    xp = array_module(stream)
    starts = start + xp.arange(-(-count // size), dtype=np.uint64) * region
    fill = _truncated_on_host if stream.on_host else _truncated_in_trace
    parts = [part.astype(dtype) for part in fill(stream, starts, size, dtype)]
    return _interleave(parts, count).reshape(shape)


def shuffle_indices(stream: Any, n: Any) -> Any:
    """A random permutation of 0 .. n - 1 by forward Fisher-Yates swaps.

    Returns
    -------
    int32 [n]
        Entry i tells which row comes i-th.

    Notes
    -----
    TF op RandomShuffle.
    """
    if n <= 1:
        return np.arange(n, dtype=np.int32)
    start = stream.reserve(-(-(n - 1) // 4))
    words = _interleave(_leading_words(stream, start, n - 1, 4), n - 1)
    places = np.arange(n - 1, dtype=np.uint32)
    partners = (places + words % (np.uint32(n) - places)).astype(np.int32)
    if stream.on_host:
        order = list(range(n))
        for place, partner in enumerate(partners.tolist()):
            order[place], order[partner] = order[partner], order[place]
        return np.array(order, np.int32)

    import jax
    import jax.numpy as jnp

    def swap(place, order):
        partner = partners[place]
        here, there = order[place], order[partner]
        return order.at[place].set(there).at[partner].set(here)

    return jax.lax.fori_loop(0, n - 1, swap, jnp.arange(n, dtype=np.int32))


def shuffle(stream: Any, value: Any) -> Any:
    """The rows of `value` in random order.

    Parameters
    ----------
    stream : Stream
    value : array [n, ...]
        A scalar passes through, and so does what has at most one element.

    Returns
    -------
    array like `value`

    Notes
    -----
    TF op RandomShuffle, which draws nothing where there is nothing to shuffle.
    """
    if value.size <= 1 or value.shape[0] <= 1:
        return value
    order = shuffle_indices(stream, value.shape[0])
    return value[order] if stream.on_host else array_module(stream).asarray(value)[order]


def multinomial(stream: Any, logits: Any, num_samples: int, output_dtype: Any) -> Any:
    """Class numbers drawn with probabilities softmax(logits), row by row.

    Parameters
    ----------
    stream : Stream
    logits : float array [batch, classes]
        Log-probabilities, not necessarily normalised. A class whose logit is not finite is
        never drawn; a row without a finite logit gives `classes`, as in TensorFlow.
    num_samples : int
    output_dtype : int32 or int64

    Returns
    -------
    array of `output_dtype` [batch, num_samples]

    Notes
    -----
    TF op Multinomial, as it runs on one thread: with more, TensorFlow's own numbers for a large
    batch depend on how many there are.
    """
    batch = logits.shape[0]
    count = batch * num_samples
    xp = array_module(stream, logits)
    if count == 0:
        return xp.zeros((batch, num_samples), output_dtype)
    start = stream.reserve(batch * (-(-num_samples // 4) * 4) * 2 * _RESERVED_PER_OUTPUT)
    logits = xp.asarray(logits).astype(np.float64)
    finite = xp.isfinite(logits)
    largest = xp.max(xp.where(finite, logits, -np.inf), axis=1, keepdims=True)
    weights = xp.exp(xp.where(finite, logits - xp.where(finite, largest, 0.0), -np.inf))
    cumulative = xp.cumsum(weights, axis=1)
    sought = _unit_doubles(stream, start, count).reshape(batch, num_samples) * cumulative[:, -1:]
    if xp is np:
        rows = zip(cumulative, sought, strict=True)
        found = np.stack([np.searchsorted(row, values, side="right") for row, values in rows])
    else:
        import jax

        found = jax.vmap(lambda row, values: xp.searchsorted(row, values, side="right"))(
            cumulative, sought
        )
    return found.astype(output_dtype)


def array_module(stream, *values):
    """NumPy where the stream and every value are on the host, else jax.numpy."""
    if stream.on_host and all(isinstance(v, (int, np.generic, np.ndarray)) for v in values):
        return np
    import jax.numpy as jnp

    return jnp


def _floating(dtype):
    dtype = np.dtype(dtype)
    if dtype.name not in _MANTISSA_BITS:
        raise TypeError(
            f"random numbers are of a floating type or int32 or int64, not {dtype.name}"
        )
    return dtype


def _group_size(dtype):
    """How many elements of `dtype` one 128-bit sample makes."""
    return 2 if dtype.name == "float64" else 4


def _leading_words(stream, start, count, group_size):
    """The words of the samples that `count` elements need, from `start` on."""
    groups = array_module(stream).arange(-(-count // group_size), dtype=np.uint64)
    return stream.words(start + groups)


def _interleave(parts, count):
    """parts[0][0], parts[1][0], ..., parts[0][1], ...: the first `count` of them, [count]."""
    if isinstance(parts[0], np.ndarray):
        return np.stack(parts, axis=-1).reshape(-1)[:count]
    import jax
    import jax.numpy as jnp

    # XLA on the CPU fuses this select, and not the copy that a stack becomes (10x slower).
    # The barrier keeps it from doing so once for every reader of the numbers.
    lane = np.arange(len(parts))
    merged = parts[0][:, None]
    for i, part in enumerate(parts[1:], start=1):
        merged = jnp.where(lane == i, part[:, None], merged)
    return jax.lax.optimization_barrier(merged.reshape(-1)[:count])


def unit(word, bits):
    """The low `bits` (at most 23) bits of a 32-bit word as a float32 in [0, 1)."""
    mask = np.uint32((1 << bits) - 1)
    # Through int32, which the processor converts in vectors.
    return (word & mask).astype(np.int32).astype(np.float32) * np.float32(2.0**-bits)


def _join(high, low):
    """Two 32-bit words as one 64-bit word."""
    return (high.astype(np.uint64) << np.uint64(32)) | low


def unit_double(high, low):
    """Two 32-bit words as a float64 in [0, 1)."""
    bits = _join(high & np.uint32((1 << 20) - 1), low)
    return bits.astype(np.int64).astype(np.float64) * 2.0**-52


def _unit_doubles(stream, start, count):
    """`count` numbers in [0, 1), float64 [count]."""
    w0, w1, w2, w3 = _leading_words(stream, start, count, 2)
    return _interleave([unit_double(w0, w1), unit_double(w2, w3)], count)


def normals(stream, words, dtype):
    """The normals that one sample per group makes: 4 x float32 [groups], or 2 x float64."""
    w0, w1, w2, w3 = words
    if dtype.name == "float64":
        return _box_muller_double(array_module(stream), unit_double(w0, w1), unit_double(w2, w3))
    xp = array_module(stream)
    first = _box_muller(xp, unit(w0, 23), unit(w1, 23))
    return [*first, *_box_muller(xp, unit(w2, 23), unit(w3, 23))]


def _box_muller(xp, u1, u2):
    """Box-Muller in single precision: rounded to float32 after the logarithm, the root, the
    angle, and the sine and cosine, each computed in double precision."""
    if xp is np and u1.size > _HOST_CHUNK:
        cuts = range(_HOST_CHUNK, u1.size, _HOST_CHUNK)
        pieces = [
            _box_muller(np, *piece)
            for piece in zip(np.split(u1, cuts), np.split(u2, cuts), strict=True)
        ]
        return [np.concatenate(piece) for piece in zip(*pieces, strict=True)]
    u1 = xp.maximum(u1, np.float32(1e-7)).astype(np.float64)
    radius = xp.sqrt((-2.0 * xp.log(u1)).astype(np.float32))
    angle = (2.0 * np.pi * u2.astype(np.float64)).astype(np.float32).astype(np.float64)
    sine, cosine = _sincos(xp, angle)
    return sine.astype(np.float32) * radius, cosine.astype(np.float32) * radius


def _box_muller_double(xp, u1, u2):
    radius = xp.sqrt(-2.0 * xp.log(xp.maximum(u1, 1e-7)))
    angle = 2.0 * np.pi * u2
    return [xp.sin(angle) * radius, xp.cos(angle) * radius]


def _sincos(xp, angle):
    """Sine and cosine of float64 angles in [0, 2 pi], good to 1e-11 relative.

    One series pair serves both, and the same one the host and the trace: their libraries'
    single-precision functions differ in the last bits, their double-precision ones are slow.
    """
    quarter = xp.floor(angle * (2.0 / np.pi) + 0.5)
    rest = angle - quarter * (np.pi / 2.0)
    square = rest * rest
    sine, cosine = rest * _horner(_SIN_SERIES, square), _horner(_COS_SERIES, square)
    quarter = quarter.astype(np.int32)
    swapped = (quarter & 1) == 1
    sine, cosine = xp.where(swapped, cosine, sine), xp.where(swapped, sine, cosine)
    sine = xp.where((quarter & 2) == 2, -sine, sine)
    return sine, xp.where(((quarter + 1) & 2) == 2, -cosine, cosine)


def _horner(coefficients, x):
    total = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total


def _truncated_on_host(stream, starts, size, dtype):
    """The first `size` normals of each region that pass, as one array [size, groups].

    Five groups of six pass at once; the others are filled again from their beginning.
    """
    found = np.array(normals(stream, stream.words(starts), dtype))
    pending = np.flatnonzero((np.abs(found) >= _TRUNCATION).any(axis=0))
    drawn = found[:, pending]
    filled = np.zeros(starts.size, np.int32)
    step = 0
    while pending.size:
        for normal in drawn:
            passed = (np.abs(normal) < _TRUNCATION) & (filled[pending] < size)
            groups = pending[passed]
            found[filled[groups], groups] = normal[passed]
            filled[groups] += 1
        pending = pending[filled[pending] < size]
        step += 1
        drawn = normals(stream, stream.words(starts[pending] + np.uint64(step)), dtype)
    return found


def _truncated_in_trace(stream, starts, size, dtype):
    """As on the host, but every group draws as long as one is not full; `size` arrays [groups]."""
    import jax
    import jax.numpy as jnp

    def unfinished(carry):
        return jnp.any(carry[1] < size)

    def draw(carry):
        step, filled, slots = carry
        for normal in normals(stream, stream.words(starts + step), dtype):
            passed = jnp.abs(normal) < _TRUNCATION
            slots = [
                jnp.where(passed & (filled == i), normal, slot) for i, slot in enumerate(slots)
            ]
            filled = filled + passed
        return step + np.uint64(1), filled, slots

    empty = jnp.zeros(starts.shape, np.float64 if size == 2 else np.float32)
    begin = (jnp.uint64(0), jnp.zeros(starts.shape, np.int32), [empty] * size)
    return jax.lax.while_loop(unfinished, draw, begin)[2]
