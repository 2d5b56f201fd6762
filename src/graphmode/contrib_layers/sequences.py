"""Rows of images as sequences, sequences as images, and a dense tensor as a sparse one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.arg_scope import add_arg_scope
from graphmode.contrib_layers.convolution import check_image_format
from graphmode.contrib_layers.outputs import collect_named_outputs
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops import array
from graphmode.ops.math.comparison import not_equal

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_NCHW_FORMATS = ("NCHW", "channels_first")


@add_arg_scope
def images_to_sequence(
    inputs: Any,
    data_format: str = "NHWC",
    outputs_collections: Any = None,
    scope: str | None = None,
) -> Tensor:
    """Each row of each image as a sequence over its columns.

    Parameters
    ----------
    inputs : Tensor, of any dtype, [batch, height, width, channels], or channels first
        The width and the channels are known.
    data_format : {"NHWC", "NCHW"}
    outputs_collections : optional
        The collections that the result is added to.
    scope : str, optional
        "ImagesToSequence" if not given.

    Returns
    -------
    Tensor, [width, batch * height, channels]

    Raises
    ------
    ValueError
        If `data_format` is unknown.
    """
    check_image_format(data_format, 2)
    with name_scope(scope, "ImagesToSequence", [inputs]) as opened:
        inputs = convert_to_tensor(inputs)
        if data_format == "NCHW":
            inputs = array.transpose(inputs, [0, 2, 3, 1])
        batch, height, width, channels = inputs.get_shape().as_list()
        rows = batch * height if batch is not None and height is not None else -1
        outputs = array.transpose(array.reshape(inputs, [rows, width, channels]), [1, 0, 2])
        return collect_named_outputs(outputs_collections, opened, outputs)


@add_arg_scope
def sequence_to_images(
    inputs: Any,
    height: int,
    output_data_format: str = "channels_last",
    outputs_collections: Any = None,
    scope: str | None = None,
) -> Tensor:
    """The images whose rows `images_to_sequence` made a sequence of.

    Parameters
    ----------
    inputs : Tensor, of any dtype, [width, batch * height, channels]
        The width and the channels are known.
    height : int
    output_data_format : {"channels_last", "channels_first"}
    outputs_collections : optional
        The collections that the result is added to.
    scope : str, optional
        "SequenceToImages" if not given.

    Returns
    -------
    Tensor, [batch, height, width, channels], or channels first
    """
    with name_scope(scope, "SequenceToImages", [inputs]) as opened:
        inputs = convert_to_tensor(inputs)
        width, rows, channels = inputs.get_shape().as_list()
        batch = -1 if rows is None else rows // height
        images = array.reshape(inputs, [width, batch, height, channels])
        is_first = output_data_format in _NCHW_FORMATS
        outputs = array.transpose(images, [1, 3, 2, 0] if is_first else [1, 2, 0, 3])
        return collect_named_outputs(outputs_collections, opened, outputs)


@add_arg_scope
def dense_to_sparse(
    tensor: Any, eos_token: Any = 0, outputs_collections: Any = None, scope: str | None = None
) -> SparseTensor:
    """What a dense tensor has beside `eos_token`, as a sparse one.

    Parameters
    ----------
    tensor : Tensor, of any dtype
    eos_token : number or str
        What is left out.
    outputs_collections : optional
        The collections that the result is added to.
    scope : str, optional
        "dense_to_sparse" if not given.

    Returns
    -------
    SparseTensor, of the dtype and shape of `tensor`
    """
    with name_scope(scope, "dense_to_sparse", [tensor]) as opened:
        tensor = convert_to_tensor(tensor)
        left_out = array.constant(eos_token, tensor.dtype.base_dtype)
        places = array.where(not_equal(tensor, left_out))
        values = array.gather_nd(tensor, places)
        shape = array.shape(tensor, out_type=dtypes.int64)
        outputs: Any = SparseTensor(places, values, shape)
        collect_named_outputs(outputs_collections, opened, outputs)
        return outputs
