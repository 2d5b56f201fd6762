"""Pooling over one, two and three axes: what programs call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array
from graphmode.ops.nn.pooling import (
    avg_pool3d_op,
    avg_pool_op,
    max_pool3d_op,
    max_pool_op,
    max_pool_with_argmax_op,
)
from graphmode.ops.nn.space_batch import (
    batch_to_space_nd,
    required_space_to_batch_paddings,
    space_to_batch_nd,
)
from graphmode.ops.nn.windows import DATA_FORMATS, convert_padding, sequence, strides_and_dilation
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Tensor


def max_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The largest element of each window.

    Parameters
    ----------
    value, input : Tensor, real, [batch, height, width, channels]
        ``[batch, channels, height, width]`` when `data_format` is ``"NCHW"``. `input` is the new
        name.
    ksize, strides : int or sequence of 1, 2 or 4 int
        The size of a window and the steps between windows, for each axis of `value`.
    padding : "SAME", "VALID" or four pairs of int
        SAME: ``ceil(n / stride)`` windows; VALID: only those that lie inside.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor
        Of the dtype of `value`.

    Raises
    ------
    ValueError
        If `ksize` or `strides` has another length or a 0, if a window is larger than the input
        under VALID, or if `padding` or `data_format` is unknown.

    Notes
    -----
    The gradient of a window goes to the first of its largest elements, row by row.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     print(tf.nn.max_pool(tf.zeros([10, 28, 28, 3]), 2, 2, "SAME").shape)
    (10, 14, 14, 3)
    """
    value = either("input", input, "value", value)
    with name_scope(name, "MaxPool", [value]) as scope:
        return _max_pool2d(value, ksize, strides, padding, data_format, scope)


def max_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """`max_pool` under its later name.

    Parameters
    ----------
    input : Tensor, real, [batch, height, width, channels]
        ``[batch, channels, height, width]`` when `data_format` is ``"NCHW"``.
    ksize, strides : int or sequence of 1, 2 or 4 int
        The size of a window and the steps between windows.
    padding : "SAME", "VALID" or four pairs of int
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `ksize` or `strides` has another length or a 0, if a window is larger than the input
        under VALID, or if `padding` or `data_format` is unknown.

    Notes
    -----
    TF op MaxPool.
    """
    with name_scope(name, "MaxPool2d", [input]) as scope:
        return _max_pool2d(input, ksize, strides, padding, data_format, scope)


def _max_pool2d(value, ksize, strides, padding, data_format, scope):
    data_format = data_format or "NHWC"
    ksize = sequence(ksize, 2, data_format, "ksize")
    if 0 in ksize:
        raise ValueError(f"`ksize` cannot be zero. Received: ksize={ksize}")
    padding, explicit = convert_padding(padding)
    extra = {"explicit_paddings": explicit}
    return _pool(max_pool_op, 2, value, ksize, strides, padding, data_format, scope, extra)


def avg_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The mean of each window; padding is not counted.

    Parameters
    ----------
    value, input : Tensor, floating, [batch, height, width, channels]
        ``[batch, channels, height, width]`` when `data_format` is ``"NCHW"``. `input` is the new
        name.
    ksize, strides : int or sequence of 1, 2 or 4 int
        The size of a window and the steps between windows, for each axis of `value`.
    padding : {"SAME", "VALID"}
        SAME: ``ceil(n / stride)`` windows; VALID: only those that lie inside.
    data_format : {"NHWC", "NCHW"}

    Returns
    -------
    Tensor, [batch, out_height, out_width, channels]
        Of the dtype of `value`.

    Raises
    ------
    ValueError
        If `ksize` or `strides` has another length or a 0, if a window is larger than the input
        under VALID, or if `padding` or `data_format` is unknown.

    Notes
    -----
    TF op AvgPool.
    """
    value = either("input", input, "value", value)
    with name_scope(name, "AvgPool", [value]) as scope:
        return _pool(avg_pool_op, 2, value, ksize, strides, padding, data_format, scope, {})


avg_pool2d = avg_pool


def max_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """The largest element of each window of a volume.

    Parameters
    ----------
    input : Tensor, floating, [batch, depth, height, width, channels]
        Channels before depth when `data_format` is ``"NCDHW"``.
    ksize, strides : int or sequence of 1, 3 or 5 int
        The size of a window and the steps between windows.
    padding : {"SAME", "VALID"}
    data_format : {"NDHWC", "NCDHW"}

    Returns
    -------
    Tensor, [batch, out_depth, out_height, out_width, channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `ksize` or `strides` has another length or a 0, if a window is larger than the input
        under VALID, or if `padding` or `data_format` is unknown.

    Notes
    -----
    TF op MaxPool3D.
    """
    with name_scope(name, "MaxPool3D", [input]) as scope:
        return _pool(max_pool3d_op, 3, input, ksize, strides, padding, data_format, scope, {})


def avg_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """The mean of each window of a volume; padding is not counted.

    Parameters
    ----------
    input : Tensor, floating, [batch, depth, height, width, channels]
        Channels before depth when `data_format` is ``"NCDHW"``.
    ksize, strides : int or sequence of 1, 3 or 5 int
        The size of a window and the steps between windows.
    padding : {"SAME", "VALID"}
    data_format : {"NDHWC", "NCDHW"}

    Returns
    -------
    Tensor, [batch, out_depth, out_height, out_width, channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `ksize` or `strides` has another length or a 0, if a window is larger than the input
        under VALID, or if `padding` or `data_format` is unknown.

    Notes
    -----
    TF op AvgPool3D.
    """
    with name_scope(name, "AvgPool3D", [input]) as scope:
        return _pool(avg_pool3d_op, 3, input, ksize, strides, padding, data_format, scope, {})


def _pool(function, n, value, ksize, strides, padding, data_format, scope, extra):
    """By the op `function`, over `n` spatial axes."""
    data_format = data_format or DATA_FORMATS[n][0]
    return function(
        value,
        ksize=sequence(ksize, n, data_format, "ksize"),
        strides=sequence(strides, n, data_format, "strides"),
        padding=padding,
        data_format=data_format,
        name=scope,
        **extra,
    )


def max_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NWC",
    name: str | None = None,
) -> Tensor:
    """The largest element of each window of a sequence.

    Parameters
    ----------
    input : Tensor, real, [batch, width, channels]
        ``[batch, channels, width]`` when `data_format` is ``"NCW"``.
    ksize, strides : int or sequence of 1 or 3 int
        The size of a window and the steps between windows.
    padding : "SAME", "VALID" or three pairs of int
    data_format : {"NWC", "NCW"}

    Returns
    -------
    Tensor, [batch, out_width, channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `ksize` or `strides` has another length or a 0, if a window is larger than the input
        under VALID, or if `padding` or `data_format` is unknown.
    """
    with name_scope(name, "MaxPool1d", [input]) as scope:
        padding, explicit = convert_padding(padding, 3)
        extra = {"explicit_paddings": [0, 0, *explicit] if explicit else []}
        return _pool1d(max_pool_op, input, ksize, strides, padding, data_format, scope, extra)


def avg_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NWC",
    name: str | None = None,
) -> Tensor:
    """The mean of each window of a sequence; padding is not counted.

    Parameters
    ----------
    input : Tensor, floating, [batch, width, channels]
        ``[batch, channels, width]`` when `data_format` is ``"NCW"``.
    ksize, strides : int or sequence of 1 or 3 int
        The size of a window and the steps between windows.
    padding : {"SAME", "VALID"}
    data_format : {"NWC", "NCW"}

    Returns
    -------
    Tensor, [batch, out_width, channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `ksize` or `strides` has another length or a 0, if a window is larger than the input
        under VALID, or if `padding` or `data_format` is unknown.
    """
    with name_scope(name, "AvgPool1D", [input]) as scope:
        return _pool1d(avg_pool_op, input, ksize, strides, padding, data_format, scope, {})


def _pool1d(function, input, ksize, strides, padding, data_format, scope, extra):
    """By an axis of length 1."""
    data_format = data_format or "NWC"
    axis = 1 if data_format == "NWC" else 2
    pooled = function(
        array.expand_dims(input, axis),
        ksize=[1, *sequence(ksize, 1, data_format, "ksize")],
        strides=[1, *sequence(strides, 1, data_format, "strides")],
        padding=padding,
        data_format="NHWC" if data_format == "NWC" else "NCHW",
        name=scope,
        **extra,
    )
    return array.squeeze(pooled, [axis])


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    Targmax: Any = None,  # noqa: N803 - TensorFlow's argument
    name: str | None = None,
    output_dtype: Any = None,
    include_batch_in_index: bool = False,
) -> Any:
    """The largest element of each window, and where it is.

    Parameters
    ----------
    input : Tensor, real, [batch, height, width, channels]
    ksize, strides : sequence of 4 int
        The size of a window and the steps between windows.
    padding : {"SAME", "VALID"}
    data_format : {"NHWC"}
    Targmax, output_dtype : DType
        int64 by default, or int32. `output_dtype` is the new name.
    include_batch_in_index : bool
        Count places over all images.

    Returns
    -------
    output : Tensor
    argmax : Tensor, int64 or `Targmax`
        The flat index ``(y * width + x) * channels + channel`` in the image, or with the batch
        before it when `include_batch_in_index`.

    Raises
    ------
    ValueError
        If `data_format` is another one.

    Notes
    -----
    TF op MaxPoolWithArgmax.
    """
    if data_format != "NHWC":
        raise ValueError(
            "`data_format` values other  than 'NHWC' are not supported. Received: "
            f"data_format={data_format}"
        )
    index_dtype = either("output_dtype", output_dtype, "Targmax", Targmax)
    return max_pool_with_argmax_op(
        input,
        ksize=ksize,
        strides=strides,
        padding=padding,
        Targmax=dtypes.int64 if index_dtype is None else dtypes.as_dtype(index_dtype),
        include_batch_in_index=include_batch_in_index,
        name=name,
    )


def _of_any_rank(functions: dict[int, Callable[..., Tensor]], what: str) -> Callable[..., Tensor]:
    """The pooling over as many axes as `input` has, less two."""

    def function(
        input: Any,
        ksize: Any,
        strides: Any,
        padding: Any,
        data_format: str | None = None,
        name: str | None = None,
    ) -> Tensor:
        tensor = convert_to_tensor(input, name="input")
        rank = len(data_format) if tensor.dims is None and data_format else None
        if tensor.dims is not None:
            rank = len(tensor.dims)
        pool = functions.get((rank or 0) - 2)
        if pool is None:
            raise ValueError(
                "Input tensor must be of rank 3, 4 or 5 but was "
                f"{'unknown' if rank is None else rank}."
            )
        chosen = {} if data_format is None else {"data_format": data_format}
        return pool(tensor, ksize, strides, padding, name=name, **chosen)

    function.__name__ = function.__qualname__ = f"{what}_pool_v2"
    function.__doc__ = f"""Pool over one, two or three axes: `tf.nn.{what}_pool` of any rank.

    Parameters
    ----------
    input : Tensor, real, [batch, *space, channels], or channels first by `data_format`
    ksize, strides : int or list of int
        The lengths of a window, and the steps between windows.
    padding : {{"SAME", "VALID"}}
    data_format : str, optional
        "NWC", "NHWC", "NDHWC" or channels first; channels last if not given.

    Returns
    -------
    Tensor, [batch, *space, channels], or channels first

    Raises
    ------
    ValueError
        If the rank is not 3, 4 or 5.
    """
    return function


max_pool_v2 = _of_any_rank({1: max_pool1d, 2: max_pool, 3: max_pool3d}, "max")
avg_pool_v2 = _of_any_rank({1: avg_pool1d, 2: avg_pool, 3: avg_pool3d}, "avg")


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    padding: str,
    dilation_rate: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Sequence[int] | None = None,
) -> Tensor:
    """Pool over one, two or three axes.

    Parameters
    ----------
    input : Tensor, real, [batch, *space, channels]
        Channels first when `data_format` says so.
    window_shape : sequence of 1, 2 or 3 int
    pooling_type : {"MAX", "AVG"}
    padding : {"SAME", "VALID"}
    dilation_rate, dilations : sequence of int, optional
        Steps between the elements of a window, with VALID and strides of 1. `dilations` is the new
        name.
    strides : sequence of int, optional
        Steps between windows, at most the window's size.
    data_format : str, optional
        "NWC", "NHWC", "NDHWC" by default, or "NCW", "NCHW", "NCDHW".

    Returns
    -------
    Tensor, [batch, *space, channels]
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If an argument is none of these, or they do not go together.
    """
    dilation_rate = either("dilations", dilations, "dilation_rate", dilation_rate)
    with name_scope(name, f"{pooling_type.lower()}_pool", [input]) as scope:
        input = convert_to_tensor(input, name="input")
        n = len(window_shape)
        if not 1 <= n <= 3:
            raise ValueError(
                f"`len(window_shape)` must be 1, 2, or 3. Received: window_shape={window_shape} of "
                f"length {n}"
            )
        if pooling_type not in ("MAX", "AVG"):
            raise ValueError(f"{n}-D {pooling_type} pooling is not supported.")
        strides, rate = strides_and_dilation(n, strides, dilation_rate)
        if padding == "SAME" and max(rate) > 1:
            raise ValueError(
                "pooling with 'SAME' padding is not implemented for `dilation_rate` > 1. Received: "
                f"padding={padding} and dilation_rate={np.array(rate)}"
            )
        if any(s > k for s, k in zip(strides, window_shape, strict=True)):
            raise ValueError(
                "`strides` > `window_shape` not supported due to inconsistency between CPU and GPU "
                f"implementations. Received: strides={strides} and window_shape={window_shape}"
            )
        functions = {
            ("MAX", 1): max_pool1d, ("MAX", 2): max_pool, ("MAX", 3): max_pool3d,
            ("AVG", 1): avg_pool1d, ("AVG", 2): avg_pool, ("AVG", 3): avg_pool3d,
        }  # fmt: skip
        function = functions[pooling_type, n]
        formats = {1: "NWC", 2: "NHWC", 3: "NDHWC"}
        data_format = data_format or formats[n]
        if max(rate) == 1:
            return function(
                input, list(window_shape), strides, padding, data_format=data_format, name=scope
            )
        first = 2 if data_format.startswith("NC") else 1
        sizes = array.shape(input)[first : first + n]
        paddings, crops = required_space_to_batch_paddings(sizes, rate)
        before = [[0, 0]] * (first - 1)
        if before:
            paddings = array.concat([before, paddings], 0)
            crops = array.concat([before, crops], 0)
        block = [1] * (first - 1) + rate
        spaced = space_to_batch_nd(input, block, paddings)
        pooled = function(
            spaced, list(window_shape), strides, "VALID", data_format=data_format, name=scope
        )
        return batch_to_space_nd(pooled, block, crops)
