"""Regularizers of `tf.contrib.layers`: penalties of weights."""

from __future__ import annotations

import numbers
from collections.abc import Callable

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.graph_collections import GraphKeys, add_to_collection, get_collection
from graphmode.ops import math
from graphmode.ops.array.constants import constant
from graphmode.ops.nn.basics import l2_loss


def _check_scale(scale, text: str) -> None:
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real) and scale < 0.0:
        raise ValueError(f"Setting a scale less than 0 on a regularizer: {text}")


def _no_penalty(_) -> None:
    """A regularizer of scale 0."""


def l1_regularizer(scale, scope=None) -> Callable:
    """``scale * sum(abs(weights))``.

    Parameters
    ----------
    scale : float or Tensor
        Not negative, and no integer; 0.0 gives a regularizer without a penalty.

    Raises
    ------
    ValueError
        For another `scale`.
    """
    _check_scale(scale, f"{scale}")
    if isinstance(scale, numbers.Real) and scale == 0.0:
        return _no_penalty

    def l1(weights, name=None):
        with name_scope(scope, "l1_regularizer", [weights]) as name:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return math.multiply(factor, math.reduce_sum(math.abs(weights)), name=name)

    return l1


def l2_regularizer(scale, scope=None) -> Callable:
    """``scale * sum(weights ** 2) / 2``.

    Parameters
    ----------
    scale : float or Tensor
        Not negative, and no integer; 0.0 gives a regularizer without a penalty.

    Raises
    ------
    ValueError
        For another `scale`.
    """
    _check_scale(scale, f"{scale}.")
    if isinstance(scale, numbers.Real) and scale == 0.0:
        return _no_penalty

    def l2(weights):
        with name_scope(scope, "l2_regularizer", [weights]) as name:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return math.multiply(factor, l2_loss(weights), name=name)

    return l2


def l1_l2_regularizer(scale_l1=1.0, scale_l2=1.0, scope=None) -> Callable | None:
    """The sum of `l1_regularizer` and `l2_regularizer`; 0.0 leaves one out."""
    for scale in (scale_l1, scale_l2):
        if isinstance(scale, numbers.Integral):
            raise ValueError(f"scale cannot be an integer: {scale}")
    scope = scope or "l1_l2_regularizer"
    if scale_l1 == 0.0:
        return l2_regularizer(scale_l2, scope)
    if scale_l2 == 0.0:
        return l1_regularizer(scale_l1, scope)
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope=scope)


def sum_regularizer(regularizer_list, scope=None) -> Callable | None:
    """The sum of several regularizers, without those that are None; None if none is left."""
    regularizers = [one for one in regularizer_list if one is not None]
    if not regularizers:
        return None

    def summed(weights):
        with name_scope(scope, "sum_regularizer", [weights]) as name:
            penalties = [one(weights) for one in regularizers]
            penalties = [penalty for penalty in penalties if penalty is not None]
            return math.add_n(penalties, name=name) if penalties else None

    return summed


def apply_regularization(regularizer, weights_list=None):
    """The sum of `regularizer` over `weights_list`, a scalar, added to the collection.

    Parameters
    ----------
    regularizer : callable
        Gives a scalar or None.
    weights_list : list of Variable or Tensor, optional
        The collection `GraphKeys.WEIGHTS` if not given.

    Raises
    ------
    ValueError
        If there are no weights, or a penalty is no scalar.
    """
    weights_list = weights_list or get_collection(GraphKeys.WEIGHTS)
    if not weights_list:
        raise ValueError("No weights to regularize.")
    with name_scope("get_regularization_penalty", values=weights_list) as scope:
        penalties = [regularizer(weights) for weights in weights_list]
        penalties = [constant(0.0) if penalty is None else penalty for penalty in penalties]
        for penalty in penalties:
            if penalty.get_shape().ndims != 0:
                raise ValueError(
                    f"regularizer must return a scalar Tensor instead of a Tensor with rank "
                    f"{penalty.get_shape().ndims}."
                )
        total = math.add_n(penalties, name=scope)
        add_to_collection(GraphKeys.REGULARIZATION_LOSSES, total)
        return total
