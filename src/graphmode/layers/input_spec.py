"""`InputSpec`: what a layer asks of its inputs, and the check of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmode.framework import dtypes, nest
from graphmode.framework.operation import Tensor
from graphmode.framework.shapes import TensorShape


class InputSpec:
    """The dtype, rank and lengths that a layer asks of one input.

    Parameters
    ----------
    dtype : dtype, optional
    shape : sequence of int or None, optional
        None in it stands for any length.
    ndim, max_ndim, min_ndim : int, optional
        The rank: exactly, at most, at least.
    axes : dict of int to int, optional
        The length of some axes.
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
    ) -> None:
        self.dtype = None if dtype is None else dtypes.as_dtype(dtype).name
        self.shape = None if shape is None else tuple(TensorShape(shape).as_list())
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): length for axis, length in (axes or {}).items()}

    def __repr__(self) -> str:
        given: dict[str, Any] = {
            "dtype": self.dtype,
            "shape": self.shape,
            "ndim": self.ndim,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes or None,
        }
        text = ", ".join(f"{key}={value}" for key, value in given.items() if value is not None)
        return f"InputSpec({text})"


def check_inputs(layer_name: str, specs: Any, inputs: list[Tensor]) -> None:
    """ValueError unless `inputs` are as `specs` (one `InputSpec`, or one for each) ask."""
    if specs is None:
        return
    given: list[Any] = specs if isinstance(specs, nest.LISTS) else [specs]
    if len(inputs) != len(given):
        raise ValueError(
            f'Layer "{layer_name}" expects {len(given)} input(s), but it received {len(inputs)} '
            f"input tensors. Inputs received: {inputs}"
        )
    for i, (tensor, spec) in enumerate(zip(inputs, given, strict=True)):
        if spec is not None:
            mismatch = _mismatch(tensor, spec)
            if mismatch:
                raise ValueError(
                    f'Input {i} of layer "{layer_name}" is incompatible with the layer: {mismatch}'
                )


def _mismatch(tensor: Tensor, spec: InputSpec) -> str | None:
    dims = tensor.dims
    if spec.dtype is not None and tensor.dtype.base_dtype.name != spec.dtype:
        return f"expected dtype={spec.dtype}, found dtype={tensor.dtype.base_dtype}"
    if dims is None:
        if (spec.ndim, spec.min_ndim, spec.max_ndim) == (None, None, None):
            return None
        return "its rank is undefined, but the layer requires a defined rank."
    rank, full = len(dims), f"Full shape received: {dims}"
    if spec.ndim is not None and rank != spec.ndim:
        return f"expected ndim={spec.ndim}, found ndim={rank}. {full}"
    if spec.max_ndim is not None and rank > spec.max_ndim:
        return f"expected max_ndim={spec.max_ndim}, found ndim={rank}"
    if spec.min_ndim is not None and rank < spec.min_ndim:
        return f"expected min_ndim={spec.min_ndim}, found ndim={rank}. {full}"
    return _lengths_mismatch(dims, spec)


def _lengths_mismatch(dims: tuple[int | None, ...], spec: InputSpec) -> str | None:
    for axis, length in spec.axes.items():
        found = dims[axis] if -len(dims) <= axis < len(dims) else None
        if length is not None and found is not None and found != length:
            return (
                f"expected axis {axis} of input shape to have value {length}, but received input "
                f"with shape {dims}"
            )
    if spec.shape is not None and any(
        None not in (found, length) and found != length
        for found, length in zip(dims, spec.shape, strict=True)
    ):
        return f"expected shape={spec.shape}, found shape={dims}"
    return None
