"""Initializers that draw: uniform and normal numbers, orthogonal matrices."""

from __future__ import annotations

import math
from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.operation import Tensor
from graphmode.ops.array.shaping import matrix_transpose, reshape
from graphmode.ops.linalg.decompositions import qr
from graphmode.ops.linalg.diagonals import diag_part
from graphmode.ops.math.elementwise import sign
from graphmode.ops.random import draws
from graphmode.ops.random.draws import random_normal, random_uniform
from graphmode.variables.initializer import Initializer, floating, lengths_of


class RandomUniform(Initializer):
    """Uniform in [minval, maxval).

    Parameters
    ----------
    minval, maxval : number
        `maxval` is 1 if not given, and must be given for integers.
    seed : int, optional
    dtype : DType, floating or integer
    """

    def __init__(
        self,
        minval: Any = 0.0,
        maxval: Any = None,
        seed: int | None = None,
        dtype: Any = dtypes.float32,
    ) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed
        self.dtype = dtypes.as_dtype(dtype)

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
        return random_uniform(shape, self.minval, self.maxval, dtype, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        return {
            "minval": self.minval,
            "maxval": self.maxval,
            "seed": self.seed,
            "dtype": self.dtype.name,
        }


class RandomNormal(Initializer):
    """Normal with the given mean and standard deviation.

    Parameters
    ----------
    mean, stddev : float
    seed : int, optional
    dtype : DType, floating
    """

    _draw = "random_normal"

    def __init__(
        self,
        mean: float = 0.0,
        stddev: float = 1.0,
        seed: int | None = None,
        dtype: Any = dtypes.float32,
    ) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed
        self.dtype = floating(dtype)

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
        return getattr(draws, self._draw)(shape, self.mean, self.stddev, dtype, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        return {
            "mean": self.mean,
            "stddev": self.stddev,
            "seed": self.seed,
            "dtype": self.dtype.name,
        }


class TruncatedNormal(RandomNormal):
    """Normal, drawn again where further than two standard deviations from the mean."""

    _draw = "truncated_normal"


class Orthogonal(Initializer):
    """`gain` times an orthogonal matrix (or its rows, or columns), drawn uniformly.

    All axes but the last count as rows.

    Parameters
    ----------
    gain : float
    seed : int, optional
    dtype : DType, floating

    Raises
    ------
    ValueError
        When called with a shape of fewer than two axes.

    Notes
    -----
    Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks", ICLR 2014.
    """

    def __init__(
        self, gain: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32
    ) -> None:
        self.gain, self.seed = gain, seed
        self.dtype = floating(dtype.base_dtype if isinstance(dtype, dtypes.DType) else dtype)

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
        lengths = lengths_of(shape)
        if len(lengths) < 2:
            raise ValueError(
                "The tensor to initialize, specified by argument `shape` must be at least "
                f"two-dimensional. Received shape={shape}"
            )
        rows, columns = math.prod(lengths[:-1]), lengths[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = qr(random_normal(tall, dtype=dtype, seed=self.seed), full_matrices=False)
        q = q * sign(diag_part(r))  # without the choice of signs the draw would not be uniform
        if rows < columns:
            q = matrix_transpose(q)
        return self.gain * reshape(q, lengths)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "seed": self.seed, "dtype": self.dtype.name}


# ---- TF1's names ---------------------------------------------------------------------------------

random_uniform_initializer = RandomUniform
random_normal_initializer = RandomNormal
truncated_normal_initializer = TruncatedNormal
orthogonal_initializer = Orthogonal
