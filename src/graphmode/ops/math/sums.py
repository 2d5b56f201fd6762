"""Sums of lists of tensors."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.dtypes import NUMBERS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Tensor
from graphmode.framework.shape_rules import dims_text
from graphmode.ops.array.identities import identity
from graphmode.ops.control.tensor_list_value import TensorList, added

if TYPE_CHECKING:
    from collections.abc import Sequence


@op("AddN", "T*N -> sum: T", shape=shape_rules.same, T=NUMBERS | {dtypes.variant})
def _add_n(inputs):
    total = inputs[0]
    if isinstance(total, TensorList):
        return functools.reduce(added, inputs)
    dims = total.shape
    for i, value in enumerate(inputs[1:], 1):
        if value.shape != dims:
            raise invalid(
                "Inputs to operation of type AddN must have the same size and shape.  "
                f"Input 0: {dims_text(dims)} != input {i}: {dims_text(value.shape)}"
            )
        total = total + value
    return total


@overloaded
def add_n(inputs: Sequence[Any], name: str | None = None) -> Tensor:
    """The elementwise sum of tensors of one shape and dtype.

    Parameters
    ----------
    inputs : list of Tensor or IndexedSlices, numeric
        At least one. A single one is returned as it is.

    Returns
    -------
    Tensor
        Of their shape and dtype.

    Raises
    ------
    ValueError
        If `inputs` is empty or no list, or the shapes differ.

    Notes
    -----
    TF op AddN.
    """
    if not isinstance(inputs, list | tuple) or not inputs:
        raise ValueError(
            "inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype "
            "and shape"
        )
    tensors = [v if type(v) is Tensor else convert_to_tensor(v) for v in inputs]
    if len(tensors) > 1:
        return _add_n(tensors, name=name)
    if name:
        return identity(tensors[0], name=name)
    return tensors[0]


def accumulate_n(
    inputs: Sequence[Any], shape: Any = None, tensor_dtype: Any = None, name: str | None = None
) -> Tensor:
    """The elementwise sum of tensors of one shape and dtype.

    Parameters
    ----------
    inputs : list of Tensor, numeric
    shape : sequence of int, optional
        The shape of each, where it is not known.
    tensor_dtype : dtype, optional
        Must be the dtype of the inputs.

    Returns
    -------
    Tensor
        Of their shape and dtype.

    Raises
    ------
    ValueError
        If `inputs` is empty, or a shape does not fit.
    TypeError
        If the dtype of `inputs` is another one.

    Notes
    -----
    TF op AddN.
    """
    if not isinstance(inputs, list | tuple) or not inputs:
        raise ValueError(
            "inputs must be a list of at least one Tensor with the same dtype and shape"
        )
    tensors = [convert_to_tensor(v) for v in inputs]
    dtype = tensors[0].dtype.base_dtype
    if any(t.dtype.base_dtype is not dtype for t in tensors):
        raise ValueError(
            "inputs must be a list of at least one Tensor with the same dtype and shape"
        )
    if tensor_dtype is not None and dtypes.as_dtype(tensor_dtype) is not dtype:
        raise TypeError(f"tensor_dtype is {tensor_dtype}, but input is of type {dtype}")
    if shape is not None:
        for tensor in tensors:
            tensor.set_shape(shape)
    return add_n(tensors, name=name)
