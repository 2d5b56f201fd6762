"""Initializers: callables that make the initial value of a variable from its shape."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, nest
from graphmode.framework.operation import Tensor
from graphmode.ops.array.constants import constant
from graphmode.ops.array.filling import ones, zeros
from graphmode.ops.array.shaping import matrix_transpose, reshape
from graphmode.ops.linalg.decompositions import qr
from graphmode.ops.linalg.diagonals import diag_part
from graphmode.ops.math.elementwise import sign
from graphmode.ops.random import draws
from graphmode.ops.random.draws import random_normal, random_uniform

if TYPE_CHECKING:
    pass


class Initializer:
    """What gives the initial value of a variable: called with a shape, it gives a Tensor."""

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """The initial value of a variable; what a subclass writes.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype

        Raises
        ------
        NotImplementedError
            Where the subclass does not write it.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal initializer, a dict.

        Raises
        ------
        NotImplementedError
            Where the subclass does not say.
        """
        raise NotImplementedError

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """The initializer with the arguments of the dict `config`, which `get_config` gave."""
        return cls(**config)


_INTS: tuple[type[Any], ...] = (int, np.integer)


def _lengths(shape: Any) -> list[int]:
    """`shape` (a list, a TensorShape, or one int) as a list."""
    if hasattr(shape, "as_list"):
        return shape.as_list()
    if isinstance(shape, _INTS):
        return [int(shape)]
    return [int(length) for length in shape]


def _full(shape: Any, partition_info: Any) -> list[int]:
    return _lengths(shape if partition_info is None else partition_info.full_shape)


def _float(dtype: Any) -> dtypes.DType:
    dtype = dtypes.as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"Argument `dtype` is expected to be floating point. Received: {dtype}.")
    return dtype


class Zeros(Initializer):
    """All elements are 0.

    Parameters
    ----------
    dtype : DType
    """

    def __init__(self, dtype: Any = dtypes.float32) -> None:
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Zeros.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype
        """
        return zeros(shape, self.dtype if dtype is None else dtype)

    def get_config(self) -> dict[str, Any]:
        return {"dtype": self.dtype.name}


class Ones(Initializer):
    """All elements are 1.

    Parameters
    ----------
    dtype : DType
    """

    def __init__(self, dtype: Any = dtypes.float32) -> None:
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Ones.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype
        """
        return ones(shape, self.dtype if dtype is None else dtype)

    def get_config(self) -> dict[str, Any]:
        return {"dtype": self.dtype.name}


class Constant(Initializer):
    """The elements of `value`, in row-major order; the last one fills up the rest.

    Parameters
    ----------
    value : number, list, tuple or array
    dtype : dtype
    verify_shape : bool
        Refuse a `value` of another shape.

    Raises
    ------
    TypeError
        If `value` is something else.
    """

    def __init__(
        self, value: Any = 0, dtype: Any = dtypes.float32, verify_shape: bool = False
    ) -> None:
        if not (np.isscalar(value) or isinstance(value, (*nest.LISTS, np.ndarray))):
            raise TypeError(
                f"Invalid type for initial value: {type(value)} (expected Python scalar, list or "
                "tuple of values, or numpy.ndarray)."
            )
        self.value: Any = value
        self.dtype = dtypes.as_dtype(dtype)
        self._verify_shape = verify_shape

    def __call__(
        self,
        shape: Any,
        dtype: Any = None,
        partition_info: Any = None,
        verify_shape: bool | None = None,
    ) -> Tensor:
        """The value as a tensor.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.
        verify_shape : bool, optional
            Whether the value must have the shape already; as the initializer says if not given.

        Returns
        -------
        Tensor, of that shape and dtype
        """
        verify = self._verify_shape if verify_shape is None else verify_shape
        dtype = self.dtype if dtype is None else dtype
        return constant(self.value, dtype=dtype, shape=shape, verify_shape=verify)

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value, "dtype": self.dtype.name}


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

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Random numbers of a uniform distribution.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype
        """
        dtype = self.dtype if dtype is None else dtype
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
        self.dtype = _float(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Random numbers of a normal distribution.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype
        """
        dtype = self.dtype if dtype is None else dtype
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
        self.dtype = _float(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Random numbers of a uniform distribution, whose width depends on `shape`.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype
        """
        inputs = max(1.0, float(math.prod(_full(shape, partition_info)[:-1])))
        limit = math.sqrt(3 / inputs) * self.factor
        dtype = self.dtype if dtype is None else dtype
        return random_uniform(shape, -limit, limit, dtype, seed=self.seed)

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "seed": self.seed, "dtype": self.dtype.name}


# Standard deviation of a standard normal distribution truncated to [-2, 2].
_TRUNCATED_DEVIATION = 0.87962566103423978


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
        self.dtype = _float(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """Random numbers of the variance that `shape` asks for.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype
        """
        dtype = self.dtype if dtype is None else dtype
        fan_in, fan_out = _fans(_full(shape, partition_info))
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
        self.dtype = _float(dtype.base_dtype if isinstance(dtype, dtypes.DType) else dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """An orthogonal matrix drawn at random.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype

        Raises
        ------
        ValueError
            If `shape` has fewer than two axes.
        """
        lengths = _lengths(shape)
        if len(lengths) < 2:
            raise ValueError(
                "The tensor to initialize, specified by argument `shape` must be at least "
                f"two-dimensional. Received shape={shape}"
            )
        rows, columns = math.prod(lengths[:-1]), lengths[-1]
        tall = (max(rows, columns), min(rows, columns))
        dtype = self.dtype if dtype is None else dtype
        q, r = qr(random_normal(tall, dtype=dtype, seed=self.seed), full_matrices=False)
        q = q * sign(diag_part(r))  # without the choice of signs the draw would not be uniform
        if rows < columns:
            q = matrix_transpose(q)
        return self.gain * reshape(q, lengths)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "seed": self.seed, "dtype": self.dtype.name}


class Identity(Initializer):
    """`gain` times the identity matrix, cut to the shape.

    Parameters
    ----------
    gain : float
    dtype : DType, floating

    Raises
    ------
    ValueError
        When called with a shape that is no matrix's.
    """

    def __init__(self, gain: float = 1.0, dtype: Any = dtypes.float32) -> None:
        self.gain = gain
        self.dtype = _float(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """The identity matrix.

        Parameters
        ----------
        shape : sequence of int
        dtype : DType, optional
            That of the initializer if not given.
        partition_info : PartitionInfo, optional
            Which part of a partitioned variable is made; its fans are those of the whole.

        Returns
        -------
        Tensor, of that shape and dtype

        Raises
        ------
        ValueError
            If `shape` is not that of a matrix.
        """
        full = _full(shape, partition_info)
        if len(full) != 2:
            raise ValueError(
                "Identity matrix initializer can only be used for 2D matrices.\n"
                f"The shape is {shape}."
            )
        dtype = dtypes.as_dtype(self.dtype if dtype is None else dtype)
        values = np.eye(*full, dtype=dtype.numpy_dtype)
        if partition_info is not None:
            (row, column), (rows, columns) = partition_info.var_offset, _lengths(shape)
            values = values[row : row + rows, column : column + columns]
        return self.gain * constant(values, name="eye")

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "dtype": self.dtype.name}


# ---- TF1's names ---------------------------------------------------------------------------------

zeros_initializer = Zeros
ones_initializer = Ones
constant_initializer = Constant
random_uniform_initializer = RandomUniform
random_normal_initializer = RandomNormal
truncated_normal_initializer = TruncatedNormal
uniform_unit_scaling_initializer = UniformUnitScaling
variance_scaling_initializer = VarianceScaling
glorot_uniform_initializer = GlorotUniform
glorot_normal_initializer = GlorotNormal
orthogonal_initializer = Orthogonal
identity_initializer = Identity


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
