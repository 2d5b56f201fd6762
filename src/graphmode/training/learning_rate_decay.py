"""Learning rates that fall with the global step: each gives a scalar tensor."""

from __future__ import annotations

import math as python_math
from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.random import draws


def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    r"""Multiply by `decay_rate` once in `decay_steps` steps.

    .. math:: \eta_t = \eta\, r^{t / T}

    Parameters
    ----------
    learning_rate : float or Tensor, floating scalar
        :math:`\eta`; decides the dtype of the result.
    global_step : int, Tensor or Variable, integer scalar
        :math:`t`.
    decay_steps : int or Tensor, integer scalar
        :math:`T`.
    decay_rate : float or Tensor, floating scalar
        :math:`r`.
    staircase : bool
        Use :math:`\lfloor t / T \rfloor`.
    name : str, optional
        "ExponentialDecay" by default.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `learning_rate`.

    Raises
    ------
    ValueError
        If `global_step` is None.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     step = tf.placeholder(tf.int32, [])
    ...     rate = tf.train.exponential_decay(0.5, step, decay_steps=100, decay_rate=0.1)
    ...     print([round(float(sess.run(rate, {step: t})), 3) for t in (0, 50, 100)])
    [0.5, 0.158, 0.05]
    """
    if global_step is None:
        raise ValueError("global_step is required for exponential_decay.")
    with name_scope(name, "ExponentialDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        decay_steps = math.cast(decay_steps, rate.dtype)
        decay_rate = math.cast(decay_rate, rate.dtype)
        p = math.cast(global_step, rate.dtype) / decay_steps
        if staircase:
            p = math.floor(p)
        return math.multiply(rate, math.pow(decay_rate, p), name=scope)


def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    r"""As `exponential_decay` with :math:`e^{-r}` in place of :math:`r`.

    .. math:: \eta_t = \eta\, e^{-r t / T}

    Parameters
    ----------
    learning_rate : float or Tensor, floating scalar
        :math:`\eta`; decides the dtype of the result.
    global_step : int, Tensor or Variable, integer scalar
        :math:`t`.
    decay_steps : int or Tensor, integer scalar
        :math:`T`.
    decay_rate : float or Tensor, floating scalar
        :math:`r`.
    staircase : bool
        Use :math:`\lfloor t / T \rfloor`.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `learning_rate`.

    Raises
    ------
    ValueError
        If `global_step` is None.
    """
    if global_step is None:
        raise ValueError("global_step is required for natural_exp_decay.")
    factor = math.exp(math.negative(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, factor, staircase, name)


def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    r"""Divide the rate by a line.

    .. math:: \eta_t = \frac{\eta}{1 + r t / T}

    Parameters
    ----------
    learning_rate : float or Tensor, floating scalar
        :math:`\eta`; decides the dtype of the result.
    global_step : int, Tensor or Variable, integer scalar
        :math:`t`.
    decay_steps : int or Tensor, integer scalar
        :math:`T`.
    decay_rate : float or Tensor, floating scalar
        :math:`r`.
    staircase : bool
        Use :math:`\lfloor t / T \rfloor`.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `learning_rate`.

    Raises
    ------
    ValueError
        If `global_step` is None.
    """
    if global_step is None:
        raise ValueError("global_step is required for inverse_time_decay.")
    with name_scope(name, "InverseTimeDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        decay_steps = math.cast(decay_steps, rate.dtype)
        decay_rate = math.cast(decay_rate, rate.dtype)
        p = math.cast(global_step, rate.dtype) / decay_steps
        if staircase:
            p = math.floor(p)
        one = math.cast(convert_to_tensor(1), rate.dtype)
        return math.divide(rate, math.add(one, math.multiply(decay_rate, p)), name=scope)


def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Tensor:
    r"""Fall to `end_learning_rate` within `decay_steps` steps.

    .. math:: \eta_t = (\eta - \eta_T)(1 - t / T)^p + \eta_T, \qquad t \leftarrow \min(t, T)

    Parameters
    ----------
    learning_rate : float or Tensor, floating scalar
        :math:`\eta`; decides the dtype of the result.
    global_step : int, Tensor or Variable, integer scalar
        :math:`t`.
    decay_steps : int or Tensor, integer scalar
        :math:`T`.
    end_learning_rate : float or Tensor, floating scalar
        :math:`\eta_T`.
    power : float or Tensor, floating scalar
        :math:`p`.
    cycle : bool
        Beyond `decay_steps`, start again with the next multiple of :math:`T` that is at least
        :math:`t` in its place.
    name : str, optional

    Returns
    -------
    Tensor, scalar
        Of the dtype of `learning_rate`.

    Raises
    ------
    ValueError
        If `global_step` is None.
    """
    if global_step is None:
        raise ValueError("global_step is required for polynomial_decay.")
    with name_scope(name, "PolynomialDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        dtype = rate.dtype
        end = math.cast(end_learning_rate, dtype)
        power = math.cast(power, dtype)
        step = math.cast(global_step, dtype)
        steps = math.cast(decay_steps, dtype)
        if cycle:
            periods = math.ceil(step / steps)
            periods = math.maximum(periods, math.cast(1, dtype))
            steps = math.multiply(steps, periods)
        one = convert_to_tensor(1, dtype, name="sub_1/x")
        p = math.divide(step, steps)
        if not cycle:
            # Of the quotient: where it is rounded once with the difference, step = steps would
            # leave a little below 0, which has no root.
            p = math.minimum(p, one)
        return math.add(math.multiply(rate - end, math.pow(one - p, power)), end, name=scope)


def piecewise_constant(x: Any, boundaries: Any, values: Any, name: str | None = None) -> Tensor:
    """`values[0]` up to and including ``x == boundaries[0]``, then `values[1]`, and so on.

    Parameters
    ----------
    x : int, Tensor or Variable, real scalar
        Mostly the global step.
    boundaries : list of number or Tensor
        Increasing, of the dtype of `x`; int32 where `x` is int64 is widened.
    values : list of number or Tensor
        One more than `boundaries`, of one dtype.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `values`.

    Raises
    ------
    ValueError
        If the lengths or the dtypes do not fit.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     step = tf.placeholder(tf.int32, [])
    ...     rate = tf.train.piecewise_constant(step, [10, 20], [1.0, 0.5, 0.25])
    ...     print([float(sess.run(rate, {step: t})) for t in (10, 11, 21)])
    [1.0, 0.5, 0.25]
    """
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    with name_scope(name, "PiecewiseConstant") as scope:
        x = convert_to_tensor(x)
        bounds = [_boundary(boundary, x) for boundary in boundaries]
        values = [convert_to_tensor(value) for value in values]
        for value in values[1:]:
            if value.dtype.base_dtype is not values[0].dtype.base_dtype:
                raise ValueError(
                    "values must have elements all with the same dtype "
                    f"({values[0].dtype.base_dtype.name} vs {value.dtype.base_dtype.name})."
                )
        result = values[-1]
        for bound, value in zip(reversed(bounds), reversed(values[:-1]), strict=True):
            result = array.where(x <= bound, value, result)
        return array.identity(result, name=scope)


def _boundary(boundary: Any, x: Tensor) -> Tensor:
    bound = convert_to_tensor(boundary)
    ours, theirs = bound.dtype.base_dtype, x.dtype.base_dtype
    if ours is theirs:
        return bound
    if ours is dtypes.int32 and theirs is dtypes.int64:
        return math.cast(bound, dtypes.int64)
    raise ValueError(
        f"Boundaries (<dtype: '{ours.name}'>) must have the same dtype as x "
        f"(<dtype: '{theirs.name}'>)."
    )


def cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    alpha: Any = 0.0,
    name: str | None = None,
) -> Tensor:
    r"""Fall to `alpha` of the rate along half a cosine wave.

    .. math::

        \eta_t = \eta \left((1 - \alpha) \tfrac12 (1 + \cos \pi t / T) + \alpha\right),
        \qquad t \leftarrow \min(t, T)

    Parameters
    ----------
    learning_rate : float or Tensor, floating scalar
        :math:`\eta`; decides the dtype of the result.
    global_step : int, Tensor or Variable, integer scalar
        :math:`t`.
    decay_steps : int or Tensor, integer scalar
        :math:`T`.
    alpha : float or Tensor, floating scalar
        :math:`\alpha`, the share of the rate that remains.
    name : str, optional

    Returns
    -------
    Tensor, scalar
        Of the dtype of `learning_rate`.

    Raises
    ------
    ValueError
        If `global_step` is None.

    Notes
    -----
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """
    if global_step is None:
        raise ValueError("cosine decay requires global_step")
    with name_scope(name, "CosineDecay"):
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps = math.cast(decay_steps, rate.dtype)
        step = math.minimum(math.cast(global_step, rate.dtype), steps)
        wave = _half_wave(step / steps)
        return math.multiply(rate, (1 - alpha) * wave + alpha)


def _half_wave(fraction: Tensor) -> Tensor:
    pi = convert_to_tensor(python_math.pi, dtype=fraction.dtype)
    return 0.5 * (1.0 + math.cos(pi * fraction))


def cosine_decay_restarts(
    learning_rate: Any,
    global_step: Any,
    first_decay_steps: Any,
    t_mul: Any = 2.0,
    m_mul: Any = 1.0,
    alpha: Any = 0.0,
    name: str | None = None,
) -> Tensor:
    """`cosine_decay` that starts again, each time `t_mul` times as long, `m_mul` times as high.

    Parameters
    ----------
    learning_rate : float or Tensor, floating scalar
        The height of the first wave; decides the dtype of the result.
    global_step : int, Tensor or Variable, integer scalar
    first_decay_steps : int or Tensor, integer scalar
        The length of the first wave.
    t_mul, m_mul : float or Tensor, floating scalar
        The factors of the length and of the height.
    alpha : float or Tensor, floating scalar
        The share of the rate that remains.
    name : str, optional
        "SGDRDecay" by default.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `learning_rate`.

    Raises
    ------
    ValueError
        If `global_step` is None.

    Notes
    -----
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """
    if global_step is None:
        raise ValueError("cosine decay restarts requires global_step")
    with name_scope(name, "SGDRDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        dtype = rate.dtype
        first = math.cast(first_decay_steps, dtype)
        alpha, t_mul, m_mul = (math.cast(value, dtype) for value in (alpha, t_mul, m_mul))
        done = math.cast(global_step, dtype) / first
        known = constant_value(t_mul)
        if known is None:
            is_one = math.equal(t_mul, math.cast(1.0, dtype))
            pairs = zip(_equal_waves(done), _growing_waves(done, t_mul), strict=True)
            restart, fraction = (array.where(is_one, same, grown) for same, grown in pairs)
        elif known == 1:
            restart, fraction = _equal_waves(done)
        else:
            restart, fraction = _growing_waves(done, t_mul)
        pi = convert_to_tensor(python_math.pi, dtype=dtype)
        wave = 0.5 * math.pow(m_mul, restart) * (1.0 + math.cos(pi * fraction))
        return math.multiply(rate, (1 - alpha) * wave + alpha, name=scope)


def _equal_waves(done: Tensor) -> tuple[Tensor, Tensor]:
    restart = math.floor(done)
    return restart, done - restart


def _growing_waves(done: Tensor, t_mul: Tensor) -> tuple[Tensor, Tensor]:
    restart = math.floor(math.log(1.0 - done * (1.0 - t_mul)) / math.log(t_mul))
    length = math.pow(t_mul, restart)
    before = (1.0 - length) / (1.0 - t_mul)
    return restart, (done - before) / length


def linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Tensor:
    r"""A cosine under a falling line.

    .. math::

        \eta_t = \eta \left((\alpha + 1 - t / T) \tfrac12 (1 + \cos 2 \pi n t / T) + \beta\right),
        \qquad t \leftarrow \min(t, T)

    Parameters
    ----------
    learning_rate : float or Tensor, floating scalar
        :math:`\eta`; decides the dtype of the result.
    global_step : int, Tensor or Variable, integer scalar
        :math:`t`.
    decay_steps : int or Tensor, integer scalar
        :math:`T`.
    num_periods, alpha, beta : float or Tensor, floating scalar
        :math:`n, \alpha, \beta`.
    name : str, optional

    Returns
    -------
    Tensor, scalar
        Of the dtype of `learning_rate`.

    Raises
    ------
    ValueError
        If `global_step` is None.

    Notes
    -----
    Bello et al., "Neural optimizer search with reinforcement learning", ICML 2017.
    """
    if global_step is None:
        raise ValueError("linear cosine decay requires global_step")
    with name_scope(name, "LinearCosineDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        line, wave, alpha, beta, _ = _line_and_wave(
            rate, global_step, decay_steps, num_periods, alpha, beta
        )
        return math.multiply(rate, (alpha + line) * wave + beta, name=scope)


def noisy_linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    initial_variance: Any = 1.0,
    variance_decay: Any = 0.55,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Tensor:
    r"""`linear_cosine_decay` with normal noise on the line, of variance :math:`\sigma^2 / (1+t)^d`.

    Parameters
    ----------
    learning_rate : float or Tensor, floating scalar
        Decides the dtype of the result.
    global_step : int, Tensor or Variable, integer scalar
        :math:`t`.
    decay_steps : int or Tensor, integer scalar
    initial_variance, variance_decay : float or Tensor, floating scalar
        :math:`\sigma^2, d`.
    num_periods, alpha, beta : float or Tensor, floating scalar
        As for `linear_cosine_decay`.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `learning_rate`; drawn anew in each run.

    Raises
    ------
    ValueError
        If `global_step` is None.
    """
    if global_step is None:
        raise ValueError("noisy linear cosine decay requires global_step")
    with name_scope(name, "NoisyLinearCosineDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        initial_variance = math.cast(initial_variance, rate.dtype)
        variance_decay = math.cast(variance_decay, rate.dtype)
        line, wave, alpha, beta, step = _line_and_wave(
            rate, global_step, decay_steps, num_periods, alpha, beta
        )
        spread = math.sqrt(initial_variance / math.pow(1.0 + step, variance_decay))
        noise = draws.random_normal(array.shape(line), stddev=spread, dtype=rate.dtype)
        return math.multiply(rate, (alpha + line + noise) * wave + beta, name=scope)


def _line_and_wave(
    rate: Any, global_step: Any, decay_steps: Any, num_periods: Any, alpha: Any, beta: Any
):
    dtype = rate.dtype
    steps, periods, alpha, beta = (
        math.cast(value, dtype) for value in (decay_steps, num_periods, alpha, beta)
    )
    step = math.minimum(math.cast(global_step, dtype), steps)
    wave = _half_wave(2.0 * periods * (step / steps))
    return (steps - step) / steps, wave, alpha, beta, step
