"""Initializers of `tf.contrib.layers`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from graphmode.framework import dtypes
from graphmode.ops.random import draws


def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: Any = dtypes.float32,
) -> Callable[..., Any]:
    r"""Random numbers of variance about `factor` / n.

    .. math:: \sigma = \sqrt{1.3\, f / n} \text{ (truncated normal)}, \qquad
              \pm\sqrt{3 f / n} \text{ (uniform)}

    Parameters
    ----------
    factor : float
        :math:`f`.
    mode : {"FAN_IN", "FAN_OUT", "FAN_AVG"}
        What n is: input units, output units, or their average.
    uniform : bool
    seed : int, optional
    dtype : dtype, floating

    Returns
    -------
    callable
        ``initializer(shape, dtype=dtype, partition_info=None)`` gives a Tensor.

    Raises
    ------
    TypeError
        If `dtype`, or `mode`, is none of these.

    Notes
    -----
    He et al., "Delving deep into rectifiers", ICCV 2015. The 1.3 makes up for the truncation;
    `tf.variance_scaling_initializer` does it exactly.
    """
    if not dtypes.as_dtype(dtype).is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode} [FAN_IN, FAN_OUT, FAN_AVG]")
    default_dtype = dtype

    def initializer(shape: Any, dtype: Any = default_dtype, partition_info: Any = None):
        if not dtypes.as_dtype(dtype).is_floating:
            raise TypeError("Cannot create initializer for non-floating point type.")
        whole = shape if partition_info is None else partition_info.full_shape
        lengths = [int(length) for length in whole]
        field = math.prod(lengths[:-2]) if lengths else 1
        fan_in = (lengths[-2] if len(lengths) > 1 else lengths[-1] if lengths else 1.0) * field
        fan_out = (lengths[-1] if lengths else 1.0) * field
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return draws.random_uniform(shape, -limit, limit, dtype, seed=seed)
        deviation = math.sqrt(1.3 * factor / n)
        return draws.truncated_normal(shape, 0.0, deviation, dtype, seed=seed)

    return initializer


def xavier_initializer(
    uniform: bool = True, seed: int | None = None, dtype: Any = dtypes.float32
) -> Callable[..., Any]:
    r"""Random numbers that keep the variance of signals through a layer.

    .. math:: \pm\sqrt{\frac{6}{n_{in} + n_{out}}} \text{ (uniform)}, \qquad
              \sigma = \sqrt{\frac{2.6}{n_{in} + n_{out}}} \text{ (truncated normal)}

    Parameters
    ----------
    uniform : bool
        Uniform, or a truncated normal distribution.
    seed : int, optional
    dtype : DType, floating

    Returns
    -------
    callable
        ``initializer(shape, dtype=dtype, partition_info=None)`` gives a Tensor.

    Notes
    -----
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    AISTATS 2010.
    """
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


xavier_initializer_conv2d = xavier_initializer
