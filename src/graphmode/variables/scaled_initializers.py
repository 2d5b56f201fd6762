"""Initializers that draw numbers of the variance that the units of a layer ask for."""

from __future__ import annotations

import math
from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.operation import Tensor
from graphmode.ops.random import draws
from graphmode.variables.initializer import Initializer, floating, full_lengths

# Standard deviation of a standard normal distribution truncated to [-2, 2].
_TRUNCATED_DEVIATION = 0.87962566103423978


class UniformUnitScaling(Initializer):
    r"""Uniform in :math:`\pm factor \sqrt{3 / n}`, `n` the product of all lengths but the last.

    Parameters
    ----------
    factor : float
    seed : int, optional
    dtype : DType, floating

    Notes
    -----
    Sussillo and Abbott, "Random walk initialization for training very deep feedforward networks",
    2014.
    """

    def __init__(
        self, factor: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32
    ) -> None:
        self.factor, self.seed = factor, seed
        self.dtype = floating(dtype)

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
        inputs = max(1.0, float(math.prod(full_lengths(shape, partition_info)[:-1])))
        limit = math.sqrt(3 / inputs) * self.factor
        return draws.random_uniform(shape, -limit, limit, dtype, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "seed": self.seed, "dtype": self.dtype.name}


def _fans(shape: list[int]) -> tuple[float, float]:
    """(fan_in, fan_out) of a kernel: the last two lengths times the receptive field."""
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class VarianceScaling(Initializer):
    r"""Random numbers of variance `scale` / `n`.

    Parameters
    ----------
    scale : float
        > 0
    mode : {"fan_in", "fan_out", "fan_avg"}
        What `n` is: input units, output units, or their average.
    distribution : {"truncated_normal" or "normal", "untruncated_normal", "uniform"}
    seed : int, optional
    dtype : dtype

    Raises
    ------
    ValueError
        If an argument is none of these.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        dtype: Any = dtypes.float32,
    ) -> None:
        if scale <= 0.0:
            raise ValueError(f"Argument `scale` must be a positive float. Received: {scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(
                "Argument `mode` should be one of ('fan_in', 'fan_out', 'fan_avg'). "
                f"Received: {mode}"
            )
        distribution = distribution.lower()
        if distribution not in ("normal", "uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError(
                "Argument `distribution` should be one of ('normal', 'uniform', "
                f"'truncated_normal', 'untruncated_normal'). Received: {distribution}"
            )
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.dtype = floating(dtype)

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
        fan_in, fan_out = _fans(full_lengths(shape, partition_info))
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return draws.random_uniform(shape, -limit, limit, dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return draws.random_normal(shape, 0.0, math.sqrt(variance), dtype, seed=self.seed)
        stddev = math.sqrt(variance) / _TRUNCATED_DEVIATION
        return draws.truncated_normal(shape, 0.0, stddev, dtype, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        return {
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "seed": self.seed,
            "dtype": self.dtype.name,
        }


class GlorotUniform(VarianceScaling):
    r"""Uniform, so that signals keep their variance through a layer.

    .. math:: \pm\sqrt{\frac{6}{fan_{in} + fan_{out}}}

    Parameters
    ----------
    seed : int, optional
    dtype : DType, floating

    Notes
    -----
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    AISTATS 2010.
    """

    def __init__(self, seed: int | None = None, dtype: Any = dtypes.float32) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed, dtype)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed, "dtype": self.dtype.name}


class GlorotNormal(VarianceScaling):
    r"""Truncated normal, so that signals keep their variance through a layer.

    .. math:: \sigma = \sqrt{\frac{2}{fan_{in} + fan_{out}}}

    Parameters
    ----------
    seed : int, optional
    dtype : DType, floating

    Notes
    -----
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    AISTATS 2010.
    """

    def __init__(self, seed: int | None = None, dtype: Any = dtypes.float32) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed, dtype)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed, "dtype": self.dtype.name}


def lecun_normal(seed: int | None = None) -> VarianceScaling:
    """Truncated normal of variance 1 / fan_in.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    VarianceScaling

    Notes
    -----
    LeCun et al., "Efficient backprop", 1998.
    """
    return VarianceScaling(1.0, "fan_in", "truncated_normal", seed)


def lecun_uniform(seed: int | None = None) -> VarianceScaling:
    """Uniform of variance 1 / fan_in.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    VarianceScaling

    Notes
    -----
    LeCun et al., "Efficient backprop", 1998.
    """
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


def he_normal(seed: int | None = None) -> VarianceScaling:
    """Truncated normal of variance 2 / fan_in, for ReLU.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    VarianceScaling

    Notes
    -----
    He et al., "Delving deep into rectifiers", ICCV 2015.
    """
    return VarianceScaling(2.0, "fan_in", "truncated_normal", seed)


def he_uniform(seed: int | None = None) -> VarianceScaling:
    """Uniform of variance 2 / fan_in, for ReLU.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    VarianceScaling

    Notes
    -----
    He et al., "Delving deep into rectifiers", ICCV 2015.
    """
    return VarianceScaling(2.0, "fan_in", "uniform", seed)


# ---- TF1's names ---------------------------------------------------------------------------------

uniform_unit_scaling_initializer = UniformUnitScaling
variance_scaling_initializer = VarianceScaling
glorot_uniform_initializer = GlorotUniform
glorot_normal_initializer = GlorotNormal
