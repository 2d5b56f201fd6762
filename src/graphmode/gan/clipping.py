"""Weights within a range, as Wasserstein GANs want them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.training.wrapped import VariableClippingOptimizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.training.optimizer import Optimizer


def clip_discriminator_weights(
    optimizer: Optimizer, model: Any, weight_clip: float
) -> VariableClippingOptimizer:
    """An optimizer that keeps each weight of the discriminator within a range.

    Parameters
    ----------
    optimizer : Optimizer
    model : GANModel
    weight_clip : float, at least 0

    Returns
    -------
    VariableClippingOptimizer
    """
    return clip_variables(optimizer, model.discriminator_variables, weight_clip)


def clip_variables(
    optimizer: Optimizer, variables: Sequence[Any], weight_clip: float
) -> VariableClippingOptimizer:
    """An optimizer that keeps each element of variables within a range.

    Parameters
    ----------
    optimizer : Optimizer
    variables : list of Variable
    weight_clip : float, at least 0

    Returns
    -------
    VariableClippingOptimizer

    Raises
    ------
    ValueError
        If `weight_clip` is negative.

    Notes
    -----
    Arjovsky et al., "Wasserstein GAN", ICML 2017.
    """
    if weight_clip < 0:
        raise ValueError(
            f"`discriminator_weight_clip` must be positive. Instead, was {weight_clip}"
        )
    return VariableClippingOptimizer(
        optimizer,
        {variable: [] for variable in variables},
        weight_clip,
        use_locking=True,
        colocate_clip_ops_with_vars=True,
    )
