"""Losses of what the discriminator says (`tf.contrib.gan.losses.wargs`).

Each adds itself to `loss_collection`, is reduced as `tf.losses.compute_weighted_loss` does, and
with `add_summaries` shows itself and its parts in TensorBoard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.autodiff.gradients import gradients
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.losses.classification import sigmoid_cross_entropy, softmax_cross_entropy
from graphmode.losses.collected import add_loss
from graphmode.losses.regression import absolute_difference
from graphmode.losses.weighted import Reduction, compute_weighted_loss
from graphmode.ops import math
from graphmode.ops.array.filling import ones_like, zeros_like
from graphmode.ops.array.shape_values import shape
from graphmode.ops.random.draws import random_uniform
from graphmode.summary import values as summary
from graphmode.variables.scope import AUTO_REUSE, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Tensor

_MEAN = Reduction.SUM_BY_NONZERO_WEIGHTS


def wasserstein_generator_loss(
    discriminator_gen_outputs: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
    add_summaries: bool = False,
) -> Tensor:
    r"""How little the discriminator takes generated data for real.

    .. math:: -\sum_i w_i D(G(z_i))

    Parameters
    ----------
    discriminator_gen_outputs : Tensor, shape [batch, ...]
    weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float32

    Notes
    -----
    Arjovsky et al., "Wasserstein GAN", ICML 2017.
    """
    with name_scope(
        scope, "generator_wasserstein_loss", [discriminator_gen_outputs, weights]
    ) as inner:
        loss = -math.cast(discriminator_gen_outputs, dtypes.float32)
        loss = compute_weighted_loss(loss, weights, inner, loss_collection, reduction)
        _summarize(add_summaries, generator_wass_loss=loss)
    return loss


def wasserstein_discriminator_loss(
    discriminator_real_outputs: Any,
    discriminator_gen_outputs: Any,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
    add_summaries: bool = False,
) -> Tensor:
    r"""How much more the discriminator takes generated data for real than real ones.

    .. math:: \sum_i w_i D(G(z_i)) - \sum_i v_i D(x_i)

    Parameters
    ----------
    discriminator_real_outputs, discriminator_gen_outputs : Tensor, of one shape
    real_weights, generated_weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float32
    """
    given = [discriminator_real_outputs, discriminator_gen_outputs, real_weights, generated_weights]
    with name_scope(scope, "discriminator_wasserstein_loss", given) as inner:
        real = math.cast(discriminator_real_outputs, dtypes.float32)
        generated = math.cast(discriminator_gen_outputs, dtypes.float32)
        real.shape.assert_is_compatible_with(generated.shape)
        on_generated = compute_weighted_loss(generated, generated_weights, inner, None, reduction)
        on_real = compute_weighted_loss(real, real_weights, inner, None, reduction)
        loss = on_generated - on_real
        add_loss(loss, loss_collection)
        _summarize(
            add_summaries,
            discriminator_gen_wass_loss=on_generated,
            discriminator_real_wass_loss=on_real,
            discriminator_wass_loss=loss,
        )
    return loss


def wasserstein_gradient_penalty(
    real_data: Any,
    generated_data: Any,
    generator_inputs: Any,
    discriminator_fn: Callable[..., Any],
    discriminator_scope: Any,
    epsilon: float = 1e-10,
    target: Any = 1.0,
    one_sided: bool = False,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
    add_summaries: bool = False,
) -> Tensor:
    r"""How far the discriminator's slope between real and generated data is from `target`.

    .. math:: \left(\frac{\sqrt{\lVert\nabla_{\hat x} D(\hat x)\rVert^2 + \epsilon}}{t} - 1
              \right)^2, \qquad \hat x = x + \alpha (G(z) - x), \quad \alpha \sim U(0, 1)

    Parameters
    ----------
    real_data, generated_data : Tensor, shape [batch, ...], of known rank
    generator_inputs : Tensor of any dtype and shape
        What the discriminator is given beside data.
    discriminator_fn : callable
    discriminator_scope : str or VariableScope
        Of the variables that it uses again.
    epsilon : float
        Added before the root is taken.
    target : float or Tensor
    one_sided : bool
        Whether only slopes that are larger count.
    weights : Tensor or float
    scope, loss_collection : str or None
    reduction : str
    add_summaries : bool

    Returns
    -------
    Tensor, float32

    Raises
    ------
    ValueError
        If a rank is not known.

    Notes
    -----
    Gulrajani et al., "Improved Training of Wasserstein GANs", NIPS 2017.
    """
    with name_scope(scope, "wasserstein_gradient_penalty", [real_data, generated_data]) as inner:
        real_data = convert_to_tensor(real_data)
        generated_data = convert_to_tensor(generated_data)
        for name, data in (("real_data", real_data), ("generated_data", generated_data)):
            if data.shape.ndims is None:
                raise ValueError(f"`{name}` can't have unknown rank.")
        differences = generated_data - real_data
        known = differences.shape.as_list()[0]
        batch_size: Any = known or shape(differences)[0]
        alpha = random_uniform([batch_size] + [1] * (len(differences.shape) - 1))
        interpolates = real_data + (alpha * differences)
        with (
            name_scope(None),  # so that the discriminator's updates are found in its scope
            variable_scope(discriminator_scope, "gpenalty_dscope", reuse=AUTO_REUSE),
        ):
            outputs = discriminator_fn(interpolates, generator_inputs)
        if isinstance(outputs, tuple):  # the discriminator classifies, too
            outputs = outputs[0]
        slope = gradients(outputs, interpolates)[0]
        squares = math.reduce_sum(math.square(slope), axis=list(range(1, len(slope.shape))))
        if known:
            squares.set_shape([known, *squares.shape.as_list()[1:]])
        penalties = math.sqrt(squares + epsilon) / target - 1.0
        if one_sided:
            penalties = math.maximum(0.0, penalties)
        penalty = compute_weighted_loss(
            math.square(penalties), weights, inner, loss_collection, reduction
        )
        _summarize(add_summaries, gradient_penalty_loss=penalty)
        return penalty


def minimax_discriminator_loss(
    discriminator_real_outputs: Any,
    discriminator_gen_outputs: Any,
    label_smoothing: float = 0.25,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
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
        add_loss(loss, loss_collection)
        _summarize(
            add_summaries,
            discriminator_gen_minimax_loss=on_generated,
            discriminator_real_minimax_loss=on_real,
            discriminator_minimax_loss=loss,
        )
    return loss


def minimax_generator_loss(
    discriminator_gen_outputs: Any,
    label_smoothing: float = 0.0,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
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
    _summarize(add_summaries, generator_minimax_loss=loss)
    return loss


def modified_discriminator_loss(
    discriminator_real_outputs: Any,
    discriminator_gen_outputs: Any,
    label_smoothing: float = 0.25,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
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
    reduction: str = _MEAN,
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
        _summarize(add_summaries, generator_modified_loss=loss)
    return loss


def least_squares_generator_loss(
    discriminator_gen_outputs: Any,
    real_label: float = 1,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
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
    _summarize(add_summaries, generator_lsq_loss=loss)
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
    reduction: str = _MEAN,
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
        add_loss(loss, loss_collection)
    _summarize(
        add_summaries,
        discriminator_gen_lsq_loss=on_generated,
        discriminator_real_lsq_loss=on_real,
        discriminator_lsq_loss=loss,
    )
    return loss


def acgan_discriminator_loss(
    discriminator_real_classification_logits: Any,
    discriminator_gen_classification_logits: Any,
    one_hot_labels: Any,
    label_smoothing: float = 0.0,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
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
        add_loss(loss, loss_collection)
        _summarize(
            add_summaries,
            discriminator_gen_ac_loss=on_generated,
            discriminator_real_ac_loss=on_real,
            discriminator_ac_loss=loss,
        )
    return loss


def acgan_generator_loss(
    discriminator_gen_classification_logits: Any,
    one_hot_labels: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
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
        _summarize(add_summaries, generator_ac_loss=loss)
    return loss


def mutual_information_penalty(
    structured_generator_inputs: Sequence[Any],
    predicted_distributions: Sequence[Any],
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = _MEAN,
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
        _summarize(add_summaries, mutual_information_penalty=loss)
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
        _summarize(
            add_summaries,
            cycle_consistency_loss_x2x=x2x,
            cycle_consistency_loss_y2y=y2y,
            cycle_consistency_loss=loss,
        )
    return loss


def _summarize(wanted: bool, **losses: Any) -> None:
    for name, loss in losses.items() if wanted else ():
        summary.scalar(name, loss)
