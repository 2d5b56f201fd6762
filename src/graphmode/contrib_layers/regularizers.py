"""Regularizers of `tf.contrib.layers`: penalties of weights."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import (
    GraphKeys,
    add_to_collection,
    get_collection,
    name_scope,
)
from graphmode.ops import math
from graphmode.ops.array.constants import constant
from graphmode.ops.nn.l2 import l2_loss

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def _check_scale(scale: Any, text: str) -> None:
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real) and scale < 0.0:
        raise ValueError(f"Setting a scale less than 0 on a regularizer: {text}")


def _no_penalty(_: Any) -> None:
    """A regularizer of scale 0."""


def l1_regularizer(scale: Any, scope: str | None = None) -> Callable[..., Any]:
    r"""A penalty on the size of weights.

    .. math:: \lambda \sum_i |w_i|

    Parameters
    ----------
    scale : float or Tensor, scalar
        :math:`\lambda`, not negative and no int; 0.0 gives a regularizer without a penalty.
    scope : str, optional
        The name scope of the penalty.

    Returns
    -------
    callable
        ``regularizer(weights)`` gives a scalar Tensor of the dtype of the weights, or None.

    Raises
    ------
    ValueError
        For another `scale`.
    """
    _check_scale(scale, f"{scale}")
    if isinstance(scale, numbers.Real) and scale == 0.0:
        return _no_penalty

    def l1(weights: Any, name: str | None = None) -> Tensor | None:
        with name_scope(scope, "l1_regularizer", [weights]) as name:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return math.multiply(factor, math.reduce_sum(math.abs(weights)), name=name)

    return l1


def l2_regularizer(scale: Any, scope: str | None = None) -> Callable[..., Any]:
    r"""A penalty on the squares of weights.

    .. math:: \frac{\lambda}{2} \sum_i w_i^2

    Parameters
    ----------
    scale : float or Tensor, scalar
        :math:`\lambda`, not negative and no int; 0.0 gives a regularizer without a penalty.
    scope : str, optional
        The name scope of the penalty.

    Returns
    -------
    callable
        ``regularizer(weights)`` gives a scalar Tensor of the dtype of the weights, or None.

    Raises
    ------
    ValueError
        For another `scale`.
    """
    _check_scale(scale, f"{scale}.")
    if isinstance(scale, numbers.Real) and scale == 0.0:
        return _no_penalty

    def l2(weights: Any) -> Tensor | None:
        with name_scope(scope, "l2_regularizer", [weights]) as name:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return math.multiply(factor, l2_loss(weights), name=name)

    return l2


def l1_l2_regularizer(
    scale_l1: float = 1.0, scale_l2: float = 1.0, scope: str | None = None
) -> Callable[..., Any] | None:
    r"""The sum of an L1 and an L2 penalty.

    .. math:: \lambda_1 \sum_i |w_i| + \frac{\lambda_2}{2} \sum_i w_i^2

    Parameters
    ----------
    scale_l1, scale_l2 : float
        :math:`\lambda_1, \lambda_2`, not negative; 0.0 leaves one out.
    scope : str, optional
        The name scope of the penalty.

    Returns
    -------
    callable
        ``regularizer(weights)`` gives a scalar Tensor of the dtype of the weights, or None.

    Raises
    ------
    ValueError
        If a scale is an int, or negative.
    """
    for scale in (scale_l1, scale_l2):
        if isinstance(scale, numbers.Integral):
            raise ValueError(f"scale cannot be an integer: {scale}")
    scope = scope or "l1_l2_regularizer"
    if scale_l1 == 0.0:
        return l2_regularizer(scale_l2, scope)
    if scale_l2 == 0.0:
        return l1_regularizer(scale_l1, scope)
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope=scope)


def sum_regularizer(regularizer_list: Any, scope: str | None = None) -> Callable[..., Any] | None:
    """The sum of several regularizers.

    Parameters
    ----------
    regularizer_list : list of callable or None
        None is left out.
    scope : str, optional
        The name scope of the penalty.

    Returns
    -------
    callable or None
        ``regularizer(weights)`` gives a scalar Tensor, or None; None if nothing is in the list.
    """
    regularizers = [one for one in regularizer_list if one is not None]
    if not regularizers:
        return None

    def summed(weights: Any) -> Tensor | None:
        with name_scope(scope, "sum_regularizer", [weights]) as name:
            penalties = [one(weights) for one in regularizers]
            penalties = [penalty for penalty in penalties if penalty is not None]
            return math.add_n(penalties, name=name) if penalties else None

    return summed


def apply_regularization(
    regularizer: Callable[..., Any], weights_list: Sequence[Any] | None = None
) -> Tensor:
    """The sum of `regularizer` over `weights_list`, a scalar, added to the collection.

    Parameters
    ----------
    regularizer : callable
        Gives a scalar or None.
    weights_list : list of Variable or Tensor, optional
        Floating; the collection `GraphKeys.WEIGHTS` if not given.

    Returns
    -------
    Tensor, scalar

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
