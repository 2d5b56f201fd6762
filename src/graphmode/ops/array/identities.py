"""The same value again: identities, and the ops that tell gradients or folding where to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import invalid
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.inference import of_first_input
from graphmode.framework.op import op, overloaded
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.framework.sparse_tensor import SparseTensor

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


@op(
    "Identity",
    "T -> T",
    shape=shape_rules.unchanged,
    T=(*ANY, dtypes.variant, dtypes.resource),
    known_dims=of_first_input,
    cheap=True,
    reshapes=True,
)
def _identity(input):
    return input


@overloaded
def identity(input: Any, name: str | None = None) -> Any:
    """A tensor with the value of `input`, of any dtype.

    Of a SparseTensor or IndexedSlices, part by part. TF op Identity.
    """
    if isinstance(input, IndexedSlices):
        with name_scope(name, "Identity"):
            dense = input.dense_shape
            return IndexedSlices(
                _identity(input.values),
                _identity(input.indices),
                None if dense is None else _identity(dense),
            )
    if isinstance(input, SparseTensor):
        with name_scope(name, "Identity"):
            return SparseTensor(
                _identity(input.indices), _identity(input.values), _identity(input.dense_shape)
            )
    return _identity(input, name=name)


@op("IdentityN", "[T] -> [T]", shape=lambda op: [t.dims for t in op.inputs])
def identity_n(input):
    """The tensors of the list `input`, of any dtypes and shapes, as they are."""
    return input


@op(
    "StopGradient",
    "T -> T",
    shape=shape_rules.unchanged,
    T=ANY,
    known_dims=of_first_input,
    cheap=True,
)
def stop_gradient(input):
    """The value of `input`, of any dtype, through which no gradient flows. TF op StopGradient.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     x = tf.constant(3.0)
    ...     print(sess.run(tf.gradients(x * tf.stop_gradient(x), x)[0]))
    3.0
    """
    return input


@op("PreventGradient", "T -> T", shape=shape_rules.unchanged, T=ANY)
def _prevent_gradient(input, *, message: str = ""):
    return input


def prevent_gradient(input: Any, message: str = "", name: str | None = None) -> Tensor:
    """The value of `input`, through which asking for a gradient is an error.

    Parameters
    ----------
    input : Tensor, of any dtype
    message : str
        What the error says.

    Returns
    -------
    Tensor
        Of the shape and dtype of `input`.

    Notes
    -----
    TF op PreventGradient.
    """
    return _prevent_gradient(input, message=message, name=name)


@op("GuaranteeConst", "T -> T", shape=shape_rules.unchanged, T=ANY)
def guarantee_const(input):
    """The value of `input`, of any dtype, which the caller promises not to change between runs.

    Notes
    -----
    TF op GuaranteeConst.
    """
    return input


# ---- shapes that must be -------------------------------------------------------------------------


def _ensured_shape(op):
    return [shape_rules.merge(shape_rules.from_attr(op)[0], op.inputs[0].dims)]


@op("EnsureShape", "T -> T", shape=_ensured_shape, T=ANY)
def _ensure_shape(input, *, shape: TensorShape):
    if not shape.is_compatible_with(input.shape):
        raise invalid(
            f"Shape of tensor {shape_rules.dims_text(input.shape)} is not compatible with expected "
            f"shape {shape_rules.dims_text(tuple(shape.as_list()))}."
        )
    return input


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """The value of `x`, whose shape is checked when it runs.

    What is known of the shape is joined with the static shape of `x`.

    Parameters
    ----------
    x : Tensor, of any dtype
    shape : TensorShape or list of int or None
        None: any length.

    Returns
    -------
    Tensor
        Of the dtype of `x`.

    Raises
    ------
    ValueError
        If the static shape does not fit.
    InvalidArgumentError
        When it runs, if the shape does not fit.

    Notes
    -----
    TF op EnsureShape.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [None, None])
    ...     print(tf.ensure_shape(x, [None, 28]).shape)
    (?, 28)
    """
    return _ensure_shape(x, shape=as_shape(shape), name=name)
