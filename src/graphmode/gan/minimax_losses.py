"""The losses of the first GANs: cross entropies of data taken for real or for generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.gan.loss_summaries import MEAN, collect, summarize
from graphmode.losses.classification import sigmoid_cross_entropy
from graphmode.ops.array.filling import ones_like, zeros_like

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def minimax_discriminator_loss(
    discriminator_real_outputs: Any,
    discriminator_gen_outputs: Any,
    label_smoothing: float = 0.25,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    r"""Cross entropy of real data taken for real and generated ones for generated.

    .. math:: -\log \sigma(D(x)) - \log(1 - \sigma(D(G(z))))

    Parameters
    ----------
    discriminator_real_outputs, discriminator_gen_outputs : Tensor, float [batch, ...]
        Logits.
    label_smoothing : float
        How far the label of real data is moved from 1 towards 1/2.
    real_weights, generated_weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float

    Notes
    -----
    Goodfellow et al., "Generative Adversarial Nets", NIPS 2014.
    """
    real, generated = discriminator_real_outputs, discriminator_gen_outputs
    given = [real, generated, real_weights, generated_weights, label_smoothing]
    with name_scope(scope, "discriminator_minimax_loss", given) as inner:
        on_real = sigmoid_cross_entropy(
            ones_like(real), real, real_weights, label_smoothing, inner, None, reduction
        )
        on_generated = sigmoid_cross_entropy(
            zeros_like(generated), generated, generated_weights, 0, inner, None, reduction
        )
        loss = on_real + on_generated
        collect("minimax", loss, on_real, on_generated, loss_collection, add_summaries)
    return loss


def minimax_generator_loss(
    discriminator_gen_outputs: Any,
    label_smoothing: float = 0.0,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    """The negative of `minimax_discriminator_loss`, without what the generator cannot change.

    Parameters
    ----------
    discriminator_gen_outputs : Tensor, float [batch, ...]
        Logits.
    label_smoothing : float
    weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float
    """
    generated = discriminator_gen_outputs
    with name_scope(scope, "generator_minimax_loss") as inner:
        loss = -minimax_discriminator_loss(
            ones_like(generated),
            generated,
            label_smoothing,
            weights,
            weights,
            inner,
            loss_collection,
            reduction,
        )
    summarize(add_summaries, generator_minimax_loss=loss)
    return loss


def modified_discriminator_loss(
    discriminator_real_outputs: Any,
    discriminator_gen_outputs: Any,
    label_smoothing: float = 0.25,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    """`minimax_discriminator_loss` under the name that goes with `modified_generator_loss`.

    Parameters
    ----------
    discriminator_real_outputs, discriminator_gen_outputs : Tensor, float [batch, ...]
        Logits.
    label_smoothing : float
    real_weights, generated_weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float
    """
    return minimax_discriminator_loss(
        discriminator_real_outputs,
        discriminator_gen_outputs,
        label_smoothing,
        real_weights,
        generated_weights,
        scope or "discriminator_modified_loss",
        loss_collection,
        reduction,
        add_summaries,
    )


def modified_generator_loss(
    discriminator_gen_outputs: Any,
    label_smoothing: float = 0.0,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    r"""Cross entropy of generated data taken for real: its gradient does not vanish early.

    .. math:: -\log \sigma(D(G(z)))

    Parameters
    ----------
    discriminator_gen_outputs : Tensor, float [batch, ...]
        Logits.
    label_smoothing : float
    weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float
    """
    generated = discriminator_gen_outputs
    with name_scope(scope, "generator_modified_loss", [generated]) as inner:
        loss = sigmoid_cross_entropy(
            ones_like(generated),
            generated,
            weights,
            label_smoothing,
            inner,
            loss_collection,
            reduction,
        )
        summarize(add_summaries, generator_modified_loss=loss)
    return loss
