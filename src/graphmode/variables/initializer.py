"""What an initializer is: a callable that makes the initial value of a variable from its shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.operation import Tensor

_INTS: tuple[type[Any], ...] = (int, np.integer)


class Initializer:
    """What gives the initial value of a variable: called with a shape, it gives a Tensor.

    A subclass writes `_values`, or a `__call__` of its own.
    """

    dtype: Any = dtypes.float32
    """The dtype of what a call gives that asks for none."""

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        """The initial value of a variable.

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
            If the initializer makes no values of this shape.
        NotImplementedError
            Where the subclass does not write it.
        """
        return self._values(shape, self.dtype if dtype is None else dtype, partition_info)

    def _values(self, shape: Any, dtype: Any, partition_info: Any) -> Tensor:
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


def lengths_of(shape: Any) -> list[int]:
    """`shape` (a list, a TensorShape, or one int) as a list."""
    if hasattr(shape, "as_list"):
        return shape.as_list()
    if isinstance(shape, _INTS):
        return [int(shape)]
    return [int(length) for length in shape]


def full_lengths(shape: Any, partition_info: Any) -> list[int]:
    """The lengths of the whole variable, of which `shape` may be a part."""
    return lengths_of(shape if partition_info is None else partition_info.full_shape)


def floating(dtype: Any) -> dtypes.DType:
    """`dtype` as a DType.

    Raises
    ------
    ValueError
        If it is not one of floats.
    """
    dtype = dtypes.as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"Argument `dtype` is expected to be floating point. Received: {dtype}.")
    return dtype
