"""Tensors whose value is fed, or may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import shape_rules
from graphmode.framework.dtypes import ANY
from graphmode.framework.op import op
from graphmode.framework.shapes import as_shape

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor
    from graphmode.framework.shapes import TensorShape


@op("Placeholder", "-> dtype", shape=shape_rules.from_attr, effect="host", role="placeholder")
def _placeholder(*, dtype: DType, shape: TensorShape | None = None):
    raise NotImplementedError("a plan takes the values of placeholders from its feeds")


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor whose value must be fed.

    Parameters
    ----------
    dtype : DType
    shape : sequence of int or None, optional
        None for a length that may vary; no shape at all lets any rank be fed.

    Returns
    -------
    Tensor, `dtype`

    Notes
    -----
    TF op Placeholder.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     x = tf.placeholder(tf.float32, [None, 2])
    ...     print(sess.run(x * 2, {x: [[1, 2], [3, 4]]}))
    [[2. 4.]
     [6. 8.]]
    """
    return _placeholder(dtype=dtype, shape=as_shape(shape), name=name or "Placeholder")


def _default_shape(op):
    (dims,) = shape_rules.from_attr(op)
    shape_rules.merge(op.inputs[0].dims, dims)
    return [dims]


@op("PlaceholderWithDefault", "dtype -> dtype", shape=_default_shape, dtype=ANY, role="placeholder")
def _placeholder_with_default(input, *, shape: TensorShape):
    return input


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """A tensor with the value of `input`, unless another one is fed.

    Parameters
    ----------
    input : Tensor or value, of any dtype
        The value that is taken when none is fed.
    shape : sequence of int or None
        What may be fed: less specific than the shape of `input`, or equal to it.

    Returns
    -------
    Tensor
        Of the dtype of `input`.

    Raises
    ------
    ValueError
        If `input` does not have that shape.

    Notes
    -----
    TF op PlaceholderWithDefault.
    """
    return _placeholder_with_default(input, shape=as_shape(shape), name=name)
