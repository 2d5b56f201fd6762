"""Initializers whose values are said: zeros, ones, constants, the identity."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes, nest
from graphmode.framework.operation import Tensor
from graphmode.ops.array.constants import constant
from graphmode.ops.array.filling import ones, zeros
from graphmode.variables.initializer import Initializer, floating, full_lengths, lengths_of


class Zeros(Initializer):
    """All elements are 0.

    Parameters
    ----------
    dtype : DType
    """

    def __init__(self, dtype: Any = dtypes.float32) -> None:
        self.dtype = dtypes.as_dtype(dtype)

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
        return zeros(shape, dtype)

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

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
        return ones(shape, dtype)

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
        self.dtype = floating(dtype)

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
        full = full_lengths(shape, partition_info)
        if len(full) != 2:
            raise ValueError(
                "Identity matrix initializer can only be used for 2D matrices.\n"
                f"The shape is {shape}."
            )
        dtype = dtypes.as_dtype(dtype)
        values = np.eye(*full, dtype=dtype.numpy_dtype)
        if partition_info is not None:
            (row, column), (rows, columns) = partition_info.var_offset, lengths_of(shape)
            values = values[row : row + rows, column : column + columns]
        return self.gain * constant(values, name="eye")

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "dtype": self.dtype.name}


# ---- TF1's names ---------------------------------------------------------------------------------

zeros_initializer = Zeros
ones_initializer = Ones
constant_initializer = Constant
identity_initializer = Identity
