"""Dropout."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.dtypes import as_dtype
from graphmode.framework.operation import Tensor
from graphmode.ops.array.constants import constant
from graphmode.ops.array.shape_values import shape
from graphmode.ops.math.casts import cast
from graphmode.ops.math.comparison import greater_equal
from graphmode.ops.random.draws import random_uniform


def dropout(
    x: Any,
    keep_prob: Any = None,
    noise_shape: Any = None,
    seed: int | None = None,
    name: str | None = None,
    rate: Any = None,
) -> Tensor:
    """Set elements to 0 at random, and scale up the others so that the sum is kept on average.

    Parameters
    ----------
    x : Tensor, floating
    keep_prob : float or Tensor, scalar of the dtype of `x`
        The probability that an element is kept.
    noise_shape : sequence of int or Tensor, int32, optional
        The shape of the random decisions, which broadcast to `x`; None stands for the length of
        `x` there.
    seed : int, optional
    rate : float or Tensor, scalar of the dtype of `x`
        The probability that an element is dropped: ``1 - keep_prob``, the new way to say it.

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ValueError
        If both or none of `keep_prob` and `rate` are given, the probability is not one or has
        another dtype than `x`, or `x` is not floating.

    Notes
    -----
    Srivastava et al., "Dropout", JMLR 2014. The numbers are TensorFlow's: an element is kept where
    a draw of `tf.random_uniform` is at least `rate`.
    """
    if rate is not None and keep_prob is not None:
        raise ValueError("Cannot specify both 'keep_prob' and 'rate'.")
    if rate is None and keep_prob is None:
        raise ValueError("You must provide a rate to dropout: one of keep_prob and rate.")
    if keep_prob is not None:
        dtype = getattr(keep_prob, "dtype", None)
        if isinstance(keep_prob, list | tuple) or (dtype and not as_dtype(dtype).is_floating):
            raise ValueError(
                f"keep_prob must be a floating point number or Tensor (got {keep_prob!r})"
            )
        rate = 1 - keep_prob
    if isinstance(rate, float | int) and not 0 <= rate < 1:
        raise ValueError(
            f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}"
        )
    with name_scope(name, "dropout", [x]):
        x = convert_to_tensor(x, name="x")
        dtype = x.dtype.base_dtype
        if not dtype.is_floating:
            raise ValueError(
                "x has to be a floating point tensor since it's going to be scaled. "
                f"Got a {dtype} tensor instead."
            )
        is_number = isinstance(rate, float | int)
        if is_number and rate == 0:
            return x
        known = rate
        rate = constant(rate, dtype, name="rate") if is_number else _checked_rate(rate, dtype)
        draws = random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=dtype)
        if is_number:
            one = dtype.as_numpy_dtype(1)
            scale = constant(one / (one - one * known), dtype)
            get_default_graph().pass_ids(3)  # sub/x, sub, truediv/x
        else:
            scale = 1 / (1 - rate)
        kept = greater_equal(draws, rate)
        result = x * scale * cast(kept, dtype)
        result.set_shape(x.shape)
        return result


_DROPPED = -1.7580993408473766
"""What SELU gives for very small numbers: -scale * alpha."""


def alpha_dropout(
    x: Any,
    keep_prob: Any,
    noise_shape: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    r"""Set elements to what SELU gives for very small ones, so that mean and variance are kept.

    .. math:: y = a \, (x m + \alpha' (1 - m)) + b, \qquad
              a = (q + q (1 - q) \alpha'^2)^{-1/2}, \quad b = -a \alpha' (1 - q)

    with :math:`m` 1 where an element is kept, of probability :math:`q`,
    and :math:`\alpha' = -1.758`.

    Parameters
    ----------
    x : Tensor, floating
        Of mean 0 and variance 1.
    keep_prob : float or Tensor, scalar of the dtype of `x`
        The probability that an element is kept.
    noise_shape : sequence of int or Tensor, int32, optional
        The shape of the random decisions, which broadcast to `x`.
    seed : int, optional

    Returns
    -------
    Tensor
        Of the shape and dtype of `x`.

    Raises
    ------
    ValueError
        If `keep_prob` is a number that is no probability or 0, or no scalar.

    Notes
    -----
    Klambauer et al., "Self-Normalizing Neural Networks", NIPS 2017.
    """
    with name_scope(name, "alpha_dropout", [x]):
        x = convert_to_tensor(x, name="x")
        if isinstance(keep_prob, float | int) and not 0 < keep_prob <= 1:
            raise ValueError(
                "keep_prob must be a scalar tensor or a float in the range (0, 1], "
                f"got {keep_prob:g}"
            )
        keep = convert_to_tensor(keep_prob, dtype=x.dtype, name="keep_prob")
        if keep.dims not in ((), None):
            raise ValueError(f"Shape {keep.shape} must have rank 0")
        if isinstance(keep_prob, float | int) and keep_prob == 1:
            return x
        sizes = shape(x) if noise_shape is None else noise_shape
        draws = random_uniform(sizes, seed=seed, dtype=x.dtype)
        kept = cast(greater_equal(draws, 1 - keep), x.dtype)
        mixed = x * kept + _DROPPED * (1 - kept)
        scale = (keep + keep * (1 - keep) * _DROPPED**2) ** -0.5
        return scale * mixed + -scale * _DROPPED * (1 - keep)


def _checked_rate(rate, dtype) -> Tensor:
    rate = convert_to_tensor(rate, dtype=dtype, name="rate")
    if rate.dims not in ((), None):
        raise ValueError(
            f"Shape {rate.shape} must have rank 0: `rate` must be a scalar, not '{rate.name}'"
        )
    return rate


def _noise_shape(x, noise_shape):
    if noise_shape is None:
        return shape(x)
    if isinstance(noise_shape, list | tuple) and x.dims is not None:
        if len(noise_shape) == len(x.dims):
            noise_shape = [
                x.dims[i] if length is None else length for i, length in enumerate(noise_shape)
            ]
        if None in noise_shape:
            lengths = shape(x)
            noise_shape = [lengths[i] if d is None else d for i, d in enumerate(noise_shape)]
    return noise_shape
