"""Gamma and Poisson numbers: TensorFlow's rejection methods, on the host and in a trace.

Each result has 256 samples of the generator of its own, which it uses up in order until a draw is
accepted: so results are independent of each other, and all of them draw together, as long as one
is not done.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from graphmode.ops.random.distributions import array_module, normals, unit_double

_RESERVED_PER_OUTPUT = 256


class _Draws:
    """What one kind of draws has left of its last sample, for each result.

    Parameters
    ----------
    make : callable
        ``make(words)``: the two numbers that a sample makes. The last one is handed out first.
    """

    def __init__(self, make: Callable[[Any], list[Any]], count: int, xp: Any) -> None:
        self.make = make
        self.state = xp.zeros(count, np.int32), [xp.zeros(count)] * 2

    def next(self, xp: Any, stream: Any, position: Any, state: Any, wanted: Any) -> Any:
        """A number for each result that wants one, the position, and what is left."""
        left, values = state
        is_empty = wanted & (left == 0)
        fresh = self.make(stream.words(position))
        values = [xp.where(is_empty, new, old) for new, old in zip(fresh, values, strict=True)]
        position = position + is_empty.astype(np.uint64)
        left = xp.where(is_empty, 2, left) - wanted.astype(np.int32)
        return xp.where(left == 1, values[1], values[0]), position, (left, values)


def _doubles(words: Any) -> list[Any]:
    w0, w1, w2, w3 = words
    return [unit_double(w0, w1), unit_double(w2, w3)]


def _until_done(xp: Any, step: Callable[..., Any], state: Any) -> Any:
    """The state after as many steps as it takes; its first part says what is done."""
    if xp is not np:
        import jax

        return jax.lax.while_loop(lambda state: ~xp.all(state[0]), lambda s: step(*s), state)
    while not state[0].all():
        state = step(*state)
    return state


def _begin(stream: Any, shape: tuple[int, ...], parameter: Any) -> tuple[Any, Any, Any, int]:
    """The array module, the first positions, the parameter of each result, how many there are."""
    xp = array_module(stream, parameter)
    count, each = math.prod(shape), math.prod(parameter.shape)
    start = stream.reserve(count * each * _RESERVED_PER_OUTPUT)
    numbers = xp.arange(count * each, dtype=np.uint64) * np.uint64(_RESERVED_PER_OUTPUT)
    # Results of one parameter follow each other.
    repeated = xp.repeat(xp.reshape(xp.asarray(parameter), -1), count)
    return xp, start + numbers, repeated, count


def _arranged(xp: Any, results: Any, shape: tuple[int, ...], parameter: Any, count: int) -> Any:
    rows = xp.reshape(results, (math.prod(parameter.shape), count)).T
    return xp.reshape(rows, (*shape, *parameter.shape))


def gamma(stream: Any, shape: Any, alpha: Any) -> Any:
    """Numbers of gamma distributions with scale 1.

    Parameters
    ----------
    stream : Stream
    shape : sequence of int
    alpha : array, floating
        Above 0.

    Returns
    -------
    array, as `alpha`, [*shape, *alpha.shape]

    Notes
    -----
    TF op RandomGamma. Marsaglia, Tsang, "A simple method for generating gamma variables", 2000.
    """
    shape = tuple(shape)
    xp, position, repeated, count = _begin(stream, shape, alpha)
    a = repeated.astype(np.float64)
    is_small = a < 1
    d = a + xp.where(is_small, 2.0 / 3, -1.0 / 3)
    c = 1.0 / 3 / xp.sqrt(d)
    double = np.dtype(np.float64)
    normal = _Draws(lambda words: normals(stream, words, double), a.size, xp)
    uniform = _Draws(_doubles, a.size, xp)

    def step(done: Any, result: Any, position: Any, left_normal: Any, left_uniform: Any) -> Any:
        x, position, left_normal = normal.next(xp, stream, position, left_normal, ~done)
        v = 1 + c * x
        goes_on = ~done & (v > 0)
        v = xp.where(v > 0, v * v * v, 1.0)
        u, position, left_uniform = uniform.next(xp, stream, position, left_uniform, goes_on)
        squeezed = u < 1 - 0.0331 * (x * x) * (x * x)
        below = xp.log(xp.where(u > 0, u, 1e-300)) < 0.5 * x * x + d * (1 - v + xp.log(v))
        accepted = goes_on & (squeezed | below)
        b, position, left_uniform = uniform.next(
            xp, stream, position, left_uniform, accepted & is_small
        )
        drawn = d * v * xp.where(is_small, b ** (1 / a), 1.0)
        return (
            done | accepted,
            xp.where(accepted, drawn, result),
            position,
            left_normal,
            left_uniform,
        )

    is_one = a == 1
    first = -xp.log1p(-_doubles(stream.words(position))[1])
    state = (
        is_one | ~(a > 0),
        xp.where(is_one, first, np.nan),
        position,
        normal.state,
        uniform.state,
    )
    result = _until_done(xp, step, state)[1].astype(alpha.dtype)
    return _arranged(xp, result, shape, alpha, count)


def poisson(stream: Any, shape: Any, rate: Any, dtype: Any) -> Any:
    """Counts of Poisson distributions.

    Parameters
    ----------
    stream : Stream
    shape : sequence of int
    rate : array, real
        At least 0.
    dtype : dtype of the counts

    Returns
    -------
    array of `dtype` [*shape, *rate.shape]

    Notes
    -----
    TF op RandomPoissonV2: below a rate of 10 products of uniform numbers (Knuth), above transformed
    rejection (Hörmann, "The transformed rejection method for generating Poisson random variables",
    1993).
    """
    shape = tuple(shape)
    xp, position, repeated, count = _begin(stream, shape, rate)
    rates = repeated.astype(np.float64)
    is_low = rates < 10
    safe = xp.where(is_low, 10.0, rates)
    log_rate, lowest = xp.log(safe), xp.exp(-rates)
    b = 0.931 + 2.53 * xp.sqrt(safe)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    rectangle = 0.9277 - 3.6224 / (b - 2)
    uniform = _Draws(_doubles, rates.size, xp)
    log_gamma = _log_gamma(xp)

    def step(done: Any, result: Any, product: Any, position: Any, left: Any) -> Any:
        first, position, left = uniform.next(xp, stream, position, left, ~done)
        product = xp.where(done, product, product * first)
        v, position, left = uniform.next(xp, stream, position, left, ~done & ~is_low)
        u = first - 0.5
        rest = 0.5 - xp.abs(u)
        rest = xp.where(is_low | (rest <= 0), 0.5, rest)
        k = xp.floor((2 * a / rest + b) * u + safe + 0.43)
        inside = (rest >= 0.07) & (v <= rectangle)
        possible = (k >= 0) & ~((rest < 0.013) & (v > rest))
        positive = xp.where(v > 0, v, 1e-300)
        s = xp.log(positive * inverse_alpha / (a / (rest * rest) + b))
        t = -safe + k * log_rate - log_gamma(xp.maximum(k, 0) + 1)
        accepted = xp.where(is_low, product <= lowest, inside | (possible & (s <= t)))
        found = ~done & accepted
        counted = xp.where(is_low, xp.where(accepted, result, result + 1), k)
        result = xp.where(found | (~done & is_low), counted, result)
        return done | found, result, product, position, left

    done = ~(rates >= 0) | (rates == np.inf)
    start = xp.where(rates == np.inf, np.inf, xp.where(done, np.nan, 0.0))
    state = done, start, xp.ones(rates.shape), position, uniform.state
    result = _until_done(xp, step, state)[1]
    return _arranged(xp, result.astype(dtype), shape, rate, count)


def _log_gamma(xp: Any) -> Callable[[Any], Any]:
    if xp is np:
        from scipy.special import gammaln

        return lambda x: gammaln(x).astype(x.dtype)
    from jax.scipy.special import gammaln as traced

    return traced
