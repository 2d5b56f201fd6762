"""The losses of Wasserstein GANs: how far apart the critic holds real and generated data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.autodiff.gradients import gradients
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.gan.loss_summaries import MEAN, collect, summarize
from graphmode.losses.weighted import compute_weighted_loss
from graphmode.ops import math
from graphmode.ops.array.shape_values import shape
from graphmode.ops.random.draws import random_uniform
from graphmode.variables.scope import AUTO_REUSE, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


def wasserstein_generator_loss(
    discriminator_gen_outputs: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
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
        summarize(add_summaries, generator_wass_loss=loss)
    return loss


def wasserstein_discriminator_loss(
    discriminator_real_outputs: Any,
    discriminator_gen_outputs: Any,
    real_weights: Any = 1.0,
    generated_weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = GraphKeys.LOSSES,
    reduction: str = MEAN,
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
        collect("wass", loss, on_real, on_generated, loss_collection, add_summaries)
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
    reduction: str = MEAN,
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
        summarize(add_summaries, gradient_penalty_loss=penalty)
        return penalty
