"""The losses as functions of a model (`tf.contrib.gan.losses`)."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

from graphmode.gan import (
    combined,
    content_losses,
    least_squares_losses,
    minimax_losses,
    wasserstein_losses,
)
from graphmode.gan.models import CycleGANModel, GANLoss

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


_DOCSTRING = """{summary}

Parameters
----------
gan_model : GANModel, or another of its kind
    Its parts are arguments of `tf.contrib.gan.losses.wargs.{name}`.
**kwargs
    The other arguments of it.

Returns
-------
Tensor, float

Raises
------
ValueError
    If an argument is missing, or is both given and a part of the model.
"""


def of_model(loss_fn: Callable[..., Any]) -> Callable[..., Any]:
    """A loss that takes from a model what `loss_fn` is to be given.

    Parameters
    ----------
    loss_fn : callable
        An argument that is called like a part of the model is that part.

    Returns
    -------
    callable
        ``loss(model, **kwargs)``; it raises ValueError if something is missing, or in both.
    """
    arguments = inspect.signature(loss_fn).parameters

    def loss(gan_model: Any, **kwargs: Any) -> Any:
        fields = gan_model._fields
        for name, argument in arguments.items():
            if argument.default is argument.empty and name not in (*fields, *kwargs):
                raise ValueError(f"`{name}` must be supplied to {loss_fn.__name__} loss function.")
        both = set(fields) & set(kwargs)
        if both:
            raise ValueError(
                "The following args are present in both the tuple and keyword args for "
                f"{loss_fn.__name__}: {both}"
            )
        parts = {name: getattr(gan_model, name) for name in arguments if name in fields}
        given = {name: value for name, value in kwargs.items() if value is not None}
        return loss_fn(**parts, **given)

    loss.__name__ = loss.__qualname__ = loss_fn.__name__
    loss.__doc__ = _DOCSTRING.format(
        summary=(inspect.getdoc(loss_fn) or "").partition("\n")[0], name=loss_fn.__name__
    )
    return loss


acgan_discriminator_loss = of_model(content_losses.acgan_discriminator_loss)
acgan_generator_loss = of_model(content_losses.acgan_generator_loss)
least_squares_discriminator_loss = of_model(least_squares_losses.least_squares_discriminator_loss)
least_squares_generator_loss = of_model(least_squares_losses.least_squares_generator_loss)
minimax_discriminator_loss = of_model(minimax_losses.minimax_discriminator_loss)
minimax_generator_loss = of_model(minimax_losses.minimax_generator_loss)
modified_discriminator_loss = of_model(minimax_losses.modified_discriminator_loss)
modified_generator_loss = of_model(minimax_losses.modified_generator_loss)
mutual_information_penalty = of_model(content_losses.mutual_information_penalty)
wasserstein_discriminator_loss = of_model(wasserstein_losses.wasserstein_discriminator_loss)
wasserstein_generator_loss = of_model(wasserstein_losses.wasserstein_generator_loss)
wasserstein_gradient_penalty = of_model(wasserstein_losses.wasserstein_gradient_penalty)


def combine_adversarial_loss(
    gan_loss: GANLoss,
    gan_model: Any,
    non_adversarial_loss: Any,
    weight_factor: Any = None,
    gradient_ratio: Any = None,
    gradient_ratio_epsilon: float = 1e-6,
    scalar_summaries: bool = True,
    gradient_summaries: bool = True,
) -> GANLoss:
    """Let the generator make another loss smaller, too.

    Parameters
    ----------
    gan_loss : GANLoss
    gan_model : GANModel
    non_adversarial_loss : Tensor, scalar
    weight_factor, gradient_ratio : float, optional
    gradient_ratio_epsilon : float
    scalar_summaries, gradient_summaries : bool
        As for `wargs.combine_adversarial_loss`.

    Returns
    -------
    GANLoss
        With another loss of the generator.
    """
    loss = combined.combine_adversarial_loss(
        non_adversarial_loss,
        gan_loss.generator_loss,
        weight_factor,
        gradient_ratio,
        gradient_ratio_epsilon,
        gan_model.generator_variables,
        scalar_summaries,
        gradient_summaries,
    )
    return gan_loss._replace(generator_loss=loss)


def cycle_consistency_loss(
    cyclegan_model: CycleGANModel, scope: str | None = None, add_summaries: bool = False
) -> Tensor:
    """How far data are from what comes back, on average.

    Parameters
    ----------
    cyclegan_model : CycleGANModel
    scope : str, optional
    add_summaries : bool

    Returns
    -------
    Tensor, float32

    Raises
    ------
    ValueError
        If it is no such model.
    """
    if not isinstance(cyclegan_model, CycleGANModel):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(
            f"`cyclegan_model` must be a `CycleGANModel`. Instead, was {type(cyclegan_model)}."
        )
    return content_losses.cycle_consistency_loss(
        cyclegan_model.model_x2y.generator_inputs,
        cyclegan_model.reconstructed_x,
        cyclegan_model.model_y2x.generator_inputs,
        cyclegan_model.reconstructed_y,
        scope,
        add_summaries,
    )


def stargan_generator_loss_wrapper(loss_fn: Callable[..., Any]) -> Callable[..., Any]:
    """A loss of a `StarGANModel`'s generator, from one of what the discriminator says.

    Parameters
    ----------
    loss_fn : callable
        ``loss_fn(discriminator_gen_outputs, **kwargs)``.

    Returns
    -------
    callable
        ``loss(stargan_model, **kwargs)``.
    """

    @functools.wraps(loss_fn)
    def loss(stargan_model: Any, **kwargs: Any) -> Any:
        return loss_fn(stargan_model.discriminator_generated_data_source_predication, **kwargs)

    return loss


def stargan_discriminator_loss_wrapper(loss_fn: Callable[..., Any]) -> Callable[..., Any]:
    """A loss of a `StarGANModel`'s discriminator, from one of what it says.

    Parameters
    ----------
    loss_fn : callable
        ``loss_fn(discriminator_real_outputs, discriminator_gen_outputs, **kwargs)``.

    Returns
    -------
    callable
        ``loss(stargan_model, **kwargs)``.
    """

    @functools.wraps(loss_fn)
    def loss(stargan_model: Any, **kwargs: Any) -> Any:
        return loss_fn(
            stargan_model.discriminator_input_data_source_predication,
            stargan_model.discriminator_generated_data_source_predication,
            **kwargs,
        )

    return loss


def stargan_gradient_penalty_wrapper(loss_fn: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient penalty of a `StarGANModel`, from one of data and a discriminator.

    Parameters
    ----------
    loss_fn : callable
        As `wargs.wasserstein_gradient_penalty`.

    Returns
    -------
    callable
        ``loss(stargan_model, **kwargs)``.
    """

    @functools.wraps(loss_fn)
    def loss(stargan_model: Any, **kwargs: Any) -> Any:
        return loss_fn(
            real_data=stargan_model.input_data,
            generated_data=stargan_model.generated_data,
            generator_inputs=stargan_model.input_data_domain_label.shape.as_list()[-1],
            discriminator_fn=stargan_model.discriminator_fn,
            discriminator_scope=stargan_model.discriminator_scope,
            **kwargs,
        )

    return loss
