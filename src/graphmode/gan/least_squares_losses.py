"""The losses of least squares GANs: how far what the discriminator says is from labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.gan.loss_summaries import MEAN, collect, summarize
from graphmode.losses.weighted import compute_weighted_loss
from graphmode.ops import math

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def least_squares_generator_loss(
    discriminator_gen_outputs: Any,
    real_label: float = 1,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    r"""How far what the discriminator says of generated data is from `real_label`.

    .. math:: \tfrac{1}{2} (D(G(z)) - r)^2

    Parameters
    ----------
    discriminator_gen_outputs : Tensor, shape [batch, ...]
    real_label : float
    weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float32

    Notes
    -----
    Mao et al., "Least Squares Generative Adversarial Networks", ICCV 2017.
    """
    with name_scope(scope, "lsq_generator_loss", [discriminator_gen_outputs, real_label]) as inner:
        generated = math.cast(discriminator_gen_outputs, dtypes.float32)
        loss = math.squared_difference(generated, real_label) / 2.0
        loss = compute_weighted_loss(loss, weights, inner, loss_collection, reduction)
    summarize(add_summaries, generator_lsq_loss=loss)
    return loss


def least_squares_discriminator_loss(
    discriminator_real_outputs: Any,
    discriminator_gen_outputs: Any,
    real_label: float = 1,
    fake_label: float = 0,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    r"""How far what the discriminator says is from the labels of real and generated data.

    .. math:: \tfrac{1}{2} (D(x) - r)^2 + \tfrac{1}{2} (D(G(z)) - f)^2

    Parameters
    ----------
    discriminator_real_outputs, discriminator_gen_outputs : Tensor, of one shape
    real_label, fake_label : float
    real_weights, generated_weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float32
    """
    given = [discriminator_gen_outputs, real_label]
    with name_scope(scope, "lsq_discriminator_loss", given) as inner:
        real = math.cast(discriminator_real_outputs, dtypes.float32)
        generated = math.cast(discriminator_gen_outputs, dtypes.float32)
        real.shape.assert_is_compatible_with(generated.shape)
        of_real = math.squared_difference(real, real_label) / 2.0
        of_generated = math.squared_difference(generated, fake_label) / 2.0
        on_real = compute_weighted_loss(of_real, real_weights, inner, None, reduction)
        on_generated = compute_weighted_loss(
            of_generated, generated_weights, inner, None, reduction
        )
        loss = on_real + on_generated
    collect("lsq", loss, on_real, on_generated, loss_collection, add_summaries)
    return loss
