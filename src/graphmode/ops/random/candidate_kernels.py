"""Draws of candidate classes, as functions of a `philox.Stream`: TensorFlow's numbers.

TensorFlow draws one class after the other, each from two 32-bit words, until there are enough
(different ones, if they must be). Here a block of classes is drawn at once, and the first
different ones of it are kept: the same classes, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from graphmode.ops.xp import is_traced

# TensorFlow sets aside this many 128-bit samples for every candidate.
_RESERVED_PER_CANDIDATE = 512


class Distribution(NamedTuple):
    """How two words become a class, and how probable a class is."""

    draw: Callable[[Any, Any], Any]
    """(uint32 [n], uint32 [n]) -> classes, int64 [n]."""
    probability: Callable[[Any], Any]
    """Classes -> float32 of the same shape."""


def uniform(range_max: int) -> Distribution:
    """Each class as probable as any other."""

    def draw(low, high):
        bits = low.astype(np.uint64) | (high.astype(np.uint64) << np.uint64(32))
        return (bits % np.uint64(range_max)).astype(np.int64)

    return Distribution(draw, lambda classes: 0 * _single(classes) + np.float32(1 / range_max))


def log_uniform(range_max: int) -> Distribution:
    r"""Zipf's law: class `k` with probability :math:`\log((k + 2) / (k + 1)) / \log(range + 1)`."""
    log_range = float(np.log1p(float(range_max)))

    def draw(first, second):
        xp = _module(first)
        high = (first & np.uint32(0xFFFFF)).astype(np.uint64) << np.uint64(32)
        unit = (high | second.astype(np.uint64)).astype(np.int64).astype(np.float64) * 2.0**-52
        return (xp.exp(unit * log_range).astype(np.int64) - 1) % range_max

    def probability(classes):
        xp = _module(classes)
        values = xp.asarray(classes).astype(np.float64)
        return _single(xp.log((values + 2.0) / (values + 1.0)) / log_range)

    return Distribution(draw, probability)


def fixed_unigram(weights: np.ndarray) -> Distribution:
    """Each class with its own weight, by Walker's alias table.

    Notes
    -----
    Knuth, "The Art of Computer Programming", volume 2, 3.4.1.
    """
    n = len(weights)
    keep, alias = _alias_table(weights)
    shares = weights.astype(np.float32) / np.float32(np.sum(weights, dtype=np.float32))

    def draw(first, second):
        xp = _module(first)
        unit = (first & np.uint32(0x7FFFFF)).astype(np.int32).astype(np.float32) * np.float32(
            2.0**-23
        )
        bucket = (second % np.uint32(n)).astype(np.int64)
        table, other = xp.asarray(keep), xp.asarray(alias)
        return xp.where(unit < table[bucket], bucket, other[bucket])

    def probability(classes):
        return _module(classes).asarray(shares)[classes]

    return Distribution(draw, probability)


def _alias_table(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(how much of each bucket is its own, whose the rest is)."""
    n = len(weights)
    share = weights.astype(np.float32).astype(np.float64) * n / np.sum(weights, dtype=np.float64)
    alias = np.arange(n, dtype=np.int64)
    low = [i for i in range(n) if share[i] < 1.0]
    high = [i for i in range(n) if share[i] >= 1.0]
    while low and high:
        small, large = low.pop(), high.pop()
        alias[small] = large
        share[large] -= 1.0 - share[small]
        (low if share[large] < 1.0 else high).append(large)
    keep = share.astype(np.float32)
    keep[low + high] = 1.0
    return keep, alias


def sample(stream, distribution: Distribution, count: int, unique: bool):
    """`count` classes in the order drawn, int64, and how many draws that took."""
    start = stream.reserve(count * _RESERVED_PER_CANDIDATE)
    if not unique or count == 0:
        return _block(stream, distribution, start, count), count
    size = max(16, 2 * count)  # even: a sample makes two classes
    placeholders = np.arange(-1, -1 - count, -1, dtype=np.int64)  # each differs from any class

    def is_unfinished(state):
        return state[1] < count

    def draw_block(state):
        kept, found, tries, position = state
        drawn = _block(stream, distribution, position, size)
        xp = _module(drawn)
        is_new = _first_occurrence(xp.concatenate([kept, drawn]))[count:]
        rank = found + xp.cumsum(is_new)
        place = xp.where(is_new & (rank <= count), rank - 1, count)
        # The draw that fills the last place is the last that counts.
        tries = tries + xp.minimum((rank < count).sum() + 1, size)
        found = xp.minimum(rank[-1], count)
        return _with(kept, place, drawn), found, tries, position + np.uint64(size // 2)

    if stream.on_host:
        state = (placeholders, 0, 0, start)
        while is_unfinished(state):
            state = draw_block(state)
    else:
        import jax
        import jax.numpy as jnp

        zero = jnp.int64(0)
        state = (jnp.asarray(placeholders), zero, zero, start)
        state = jax.lax.while_loop(is_unfinished, draw_block, state)
    return state[0], state[2]


def _with(kept, place, drawn):
    """`kept` with `drawn` at `place`; a place past its end is none."""
    if isinstance(drawn, np.ndarray):
        slots = np.append(kept, 0)
        slots[place] = drawn
        return slots[:-1]
    return kept.at[place].set(drawn, mode="drop")


def _block(stream, distribution, position, count):
    """The `count` classes drawn from the samples at `position`."""
    xp = np if stream.on_host else _jax_numpy()
    groups = xp.arange((count + 1) // 2, dtype=np.uint64)
    w0, w1, w2, w3 = stream.words(position + groups)
    first = xp.stack([w0, w2], axis=-1).reshape(-1)[:count]
    second = xp.stack([w1, w3], axis=-1).reshape(-1)[:count]
    return distribution.draw(first, second)


def _first_occurrence(values):
    """Whether each element is the first of its value, bool."""
    xp = _module(values)
    order = xp.argsort(values, stable=True)
    ordered = values[order]
    starts = xp.concatenate([np.ones(1, bool), ordered[1:] != ordered[:-1]])
    return starts[xp.argsort(order)]


def _single(values):
    return values.astype(np.float32) if hasattr(values, "astype") else np.float32(values)


def _module(value):
    return _jax_numpy() if is_traced(value) else np


def _jax_numpy():
    import jax.numpy as jnp

    return jnp


def expected_count(probability, count: int, tries):
    r"""The expected number of a class among `count` drawn in `tries` draws.

    .. math:: p\,n \quad\text{or, when others were rejected,}\quad 1 - (1 - p)^{tries}
    """
    xp = _jax_numpy() if is_traced(probability, tries) else np
    p = probability
    n_tries = xp.asarray(tries).astype(np.float32)
    with np.errstate(divide="ignore"):
        rejected = -xp.expm1(n_tries * xp.log1p(-p))
    return xp.where(n_tries == np.float32(count), p * np.float32(count), rejected)
