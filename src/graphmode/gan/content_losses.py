"""Losses of what data say: their classes, the noise they were made of, what comes back of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.gan.loss_summaries import MEAN, collect, summarize
from graphmode.losses.classification import softmax_cross_entropy
from graphmode.losses.regression import absolute_difference
from graphmode.losses.weighted import compute_weighted_loss
from graphmode.ops import math

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def acgan_discriminator_loss(
    discriminator_real_classification_logits: Any,
    discriminator_gen_classification_logits: Any,
    one_hot_labels: Any,
    label_smoothing: float = 0.0,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    """Softmax cross entropy of the classes of real and of generated data.

    Parameters
    ----------
    discriminator_real_classification_logits, discriminator_gen_classification_logits : Tensor
        Of shape [batch, classes].
    one_hot_labels : Tensor, shape [batch, classes]
    label_smoothing : float
        Of real data.
    real_weights, generated_weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float

    Notes
    -----
    Odena et al., "Conditional Image Synthesis with Auxiliary Classifier GANs", ICML 2017.
    """
    real = discriminator_real_classification_logits
    generated = discriminator_gen_classification_logits
    given = [real, generated, one_hot_labels]
    with name_scope(scope, "acgan_discriminator_loss", given) as inner:
        on_generated = softmax_cross_entropy(
            one_hot_labels, generated, generated_weights, 0, inner, None, reduction
        )
        on_real = softmax_cross_entropy(
            one_hot_labels, real, real_weights, label_smoothing, inner, None, reduction
        )
        loss = on_generated + on_real
        collect("ac", loss, on_real, on_generated, loss_collection, add_summaries)
    return loss


def acgan_generator_loss(
    discriminator_gen_classification_logits: Any,
    one_hot_labels: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    """Softmax cross entropy of the classes of generated data.

    Parameters
    ----------
    discriminator_gen_classification_logits, one_hot_labels : Tensor, shape [batch, classes]
    weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float
    """
    generated = discriminator_gen_classification_logits
    with name_scope(scope, "acgan_generator_loss", [generated, one_hot_labels]) as inner:
        loss = softmax_cross_entropy(
            one_hot_labels, generated, weights, 0, inner, loss_collection, reduction
        )
        summarize(add_summaries, generator_ac_loss=loss)
    return loss


def mutual_information_penalty(
    structured_generator_inputs: Sequence[Any],
    predicted_distributions: Sequence[Any],
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
    add_summaries: bool = False,
) -> Tensor:
    r"""How unlikely the noise is by the distributions that were predicted of it.

    .. math:: -\frac{1}{n} \sum_i \log p_i(c_i)

    Parameters
    ----------
    structured_generator_inputs : list of Tensor, float [batch, ...]
    predicted_distributions : list of Distribution
    weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float

    Raises
    ------
    ValueError
        If there is not one distribution for each input.

    Notes
    -----
    Chen et al., "InfoGAN", NIPS 2016.
    """
    inputs, distributions = structured_generator_inputs, predicted_distributions
    if not isinstance(distributions, list | tuple):
        raise ValueError(
            f"`distributions` must be a list or tuple. Instead, found {type(distributions)}."
        )
    for each in distributions:
        if not callable(getattr(each, "log_prob", None)):
            raise ValueError(
                f"`distributions` must be a list of `Distributions`. Instead, found {type(each)}."
            )
    if len(inputs) != len(distributions):
        raise ValueError(
            f"`structured_generator_inputs` length {len(inputs)} must be the same as "
            f"`predicted_distributions` length {len(distributions)}."
        )
    with name_scope(scope, "mutual_information_loss") as inner:
        pairs = zip(distributions, inputs, strict=True)
        likely = [math.reduce_mean(each.log_prob(noise)) for each, noise in pairs]
        loss = -1 * compute_weighted_loss(likely, weights, inner, loss_collection, reduction)
        summarize(add_summaries, mutual_information_penalty=loss)
    return loss


def cycle_consistency_loss(
    data_x: Any,
    reconstructed_data_x: Any,
    data_y: Any,
    reconstructed_data_y: Any,
    scope: str | None = None,
    add_summaries: bool = False,
) -> Tensor:
    r"""How far data are from what comes back, on average.

    .. math:: \tfrac{1}{2} (\lvert x - F(G(x)) \rvert + \lvert y - G(F(y)) \rvert)

    Parameters
    ----------
    data_x, reconstructed_data_x, data_y, reconstructed_data_y : Tensor, float [batch, ...]
    scope : str, optional
    add_summaries : bool

    Returns
    -------
    Tensor, float32

    Notes
    -----
    Zhu et al., "Unpaired Image-to-Image Translation", ICCV 2017.
    """
    given = [data_x, reconstructed_data_x, data_y, reconstructed_data_y]
    with name_scope(scope, "cycle_consistency_loss", given):
        x2x = absolute_difference(data_x, reconstructed_data_x)
        y2y = absolute_difference(data_y, reconstructed_data_y)
        loss = (x2x + y2y) / 2.0
        summarize(
            add_summaries,
            cycle_consistency_loss_x2x=x2x,
            cycle_consistency_loss_y2y=y2y,
            cycle_consistency_loss=loss,
        )
    return loss
