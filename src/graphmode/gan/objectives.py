"""What each of the networks makes smaller: losses of a model, penalties, regularization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.gan import model_losses, wasserstein_losses
from graphmode.gan.models import (
    ACGANModel,
    CycleGANLoss,
    CycleGANModel,
    GANLoss,
    GANModel,
    InfoGANModel,
    StarGANModel,
)
from graphmode.losses.classification import softmax_cross_entropy
from graphmode.losses.collected import get_regularization_loss
from graphmode.losses.regression import absolute_difference
from graphmode.ops import math
from graphmode.ops.array.identities import identity
from graphmode.ops.control.assertions import assert_greater_equal
from graphmode.summary import values as summary
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    Loss = Callable[..., Any]


def gan_loss(
    model: Any,
    generator_loss_fn: Loss = model_losses.wasserstein_generator_loss,
    discriminator_loss_fn: Loss = model_losses.wasserstein_discriminator_loss,
    gradient_penalty_weight: Any = None,
    gradient_penalty_epsilon: float = 1e-10,
    gradient_penalty_target: Any = 1.0,
    gradient_penalty_one_sided: bool = False,
    mutual_information_penalty_weight: Any = None,
    aux_cond_generator_weight: Any = None,
    aux_cond_discriminator_weight: Any = None,
    tensor_pool_fn: Callable[[Any], Any] | None = None,
    add_summaries: bool = True,
) -> GANLoss:
    """The losses of a model's two networks, regularization included.

    Parameters
    ----------
    model : GANModel, InfoGANModel or ACGANModel
    generator_loss_fn, discriminator_loss_fn : callable
        ``loss(model, add_summaries=...)``.
    gradient_penalty_weight : float or Tensor, at least 0, optional
        Of the discriminator's `wasserstein_gradient_penalty`.
    gradient_penalty_epsilon, gradient_penalty_target : float
    gradient_penalty_one_sided : bool
        As there.
    mutual_information_penalty_weight : float or Tensor, at least 0, optional
        Of both networks' `mutual_information_penalty`, of an `InfoGANModel`.
    aux_cond_generator_weight, aux_cond_discriminator_weight : float or Tensor, at least 0, optional
        Of the losses by classes, of an `ACGANModel`.
    tensor_pool_fn : callable, optional
        Takes a tuple of generated data, gives some that the discriminator is to see in its place.
    add_summaries : bool

    Returns
    -------
    GANLoss

    Raises
    ------
    ValueError
        If a weight is negative, or the model has not what it is of.
    """
    penalty_weight = _weight(gradient_penalty_weight, "gradient_penalty_weight")
    information_weight = _weight(mutual_information_penalty_weight, "infogan_weight")
    generator_weight = _weight(aux_cond_generator_weight, "aux_cond_generator_weight")
    discriminator_weight = _weight(aux_cond_discriminator_weight, "aux_cond_discriminator_weight")
    if _counts(information_weight) and not isinstance(model, InfoGANModel):
        raise ValueError(
            "When `mutual_information_penalty_weight` is provided, `model` must be an "
            f"`InfoGANModel`. Instead, was {type(model)}."
        )
    classifies = _counts(generator_weight) or _counts(discriminator_weight)
    if classifies and not isinstance(model, ACGANModel):
        raise ValueError(
            "When `aux_cond_generator_weight` or `aux_cond_discriminator_weight` is provided, "
            f"`model` must be an `ACGANModel`. Instead, was {type(model)}."
        )
    pooled = _pooled(model, tensor_pool_fn) if tensor_pool_fn else model
    of_generator = generator_loss_fn(model, add_summaries=add_summaries)
    of_discriminator = discriminator_loss_fn(pooled, add_summaries=add_summaries)
    if _counts(penalty_weight):
        penalty = model_losses.wasserstein_gradient_penalty(
            pooled,
            epsilon=gradient_penalty_epsilon,
            target=gradient_penalty_target,
            one_sided=gradient_penalty_one_sided,
            add_summaries=add_summaries,
        )
        of_discriminator += penalty_weight * penalty
    if _counts(information_weight):
        information = model_losses.mutual_information_penalty(model, add_summaries=add_summaries)
        of_pool = information
        if tensor_pool_fn is not None:
            of_pool = model_losses.mutual_information_penalty(pooled, add_summaries=add_summaries)
        of_generator += information_weight * information
        of_discriminator += information_weight * of_pool
    if _counts(generator_weight):
        classes = model_losses.acgan_generator_loss(model, add_summaries=add_summaries)
        of_generator += generator_weight * classes
    if _counts(discriminator_weight):
        classes = model_losses.acgan_discriminator_loss(pooled, add_summaries=add_summaries)
        of_discriminator += discriminator_weight * classes
    return GANLoss(
        of_generator + _regularization(model.generator_scope),
        of_discriminator + _regularization(model.discriminator_scope),
    )


def cyclegan_loss(
    model: CycleGANModel,
    generator_loss_fn: Loss = model_losses.least_squares_generator_loss,
    discriminator_loss_fn: Loss = model_losses.least_squares_discriminator_loss,
    cycle_consistency_loss_fn: Loss = model_losses.cycle_consistency_loss,
    cycle_consistency_loss_weight: Any = 10.0,
    **kwargs: Any,
) -> CycleGANLoss:
    """The losses of both directions, each with what does not come back as it was.

    Parameters
    ----------
    model : CycleGANModel
    generator_loss_fn, discriminator_loss_fn : callable
        As for `gan_loss`.
    cycle_consistency_loss_fn : callable
        ``loss(model, add_summaries=...)``.
    cycle_consistency_loss_weight : float or Tensor, at least 0
    **kwargs
        For `gan_loss`.

    Returns
    -------
    CycleGANLoss

    Raises
    ------
    ValueError
        If it is no such model.
    """
    if not isinstance(model, CycleGANModel):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"`model` must be a `CycleGANModel`. Instead, was {type(model)}.")
    consistency = cycle_consistency_loss_fn(model, add_summaries=kwargs.get("add_summaries", True))
    weight = _weight(cycle_consistency_loss_weight, "cycle_consistency_loss_weight")
    extra = weight * consistency

    def loss(one: GANModel) -> GANLoss:
        found = gan_loss(one, generator_loss_fn, discriminator_loss_fn, **kwargs)
        return found._replace(generator_loss=found.generator_loss + extra)

    with name_scope("cyclegan_loss_x2y"):
        x2y = loss(model.model_x2y)
    with name_scope("cyclegan_loss_y2x"):
        y2x = loss(model.model_y2x)
    return CycleGANLoss(x2y, y2x)


_STARGAN_GENERATOR = model_losses.stargan_generator_loss_wrapper(
    wasserstein_losses.wasserstein_generator_loss
)
_STARGAN_DISCRIMINATOR = model_losses.stargan_discriminator_loss_wrapper(
    wasserstein_losses.wasserstein_discriminator_loss
)


def stargan_loss(
    model: StarGANModel,
    generator_loss_fn: Loss = _STARGAN_GENERATOR,
    discriminator_loss_fn: Loss = _STARGAN_DISCRIMINATOR,
    gradient_penalty_weight: Any = 10.0,
    gradient_penalty_epsilon: float = 1e-10,
    gradient_penalty_target: Any = 1.0,
    gradient_penalty_one_sided: bool = False,
    reconstruction_loss_fn: Loss = absolute_difference,
    reconstruction_loss_weight: Any = 10.0,
    classification_loss_fn: Loss = softmax_cross_entropy,
    classification_loss_weight: Any = 1.0,
    classification_one_hot: bool = True,
    add_summaries: bool = True,
) -> GANLoss:
    """The losses of a StarGAN: adversarial, of what comes back, and of domains.

    Parameters
    ----------
    model : StarGANModel
    generator_loss_fn, discriminator_loss_fn : callable
        ``loss(model, add_summaries=...)``.
    gradient_penalty_weight, gradient_penalty_epsilon, gradient_penalty_target : float
    gradient_penalty_one_sided : bool
        As for `gan_loss`.
    reconstruction_loss_fn : callable
        ``loss(data, reconstructed)``.
    reconstruction_loss_weight : float or Tensor
    classification_loss_fn : callable
        ``loss(onehot_labels=..., logits=...)``.
    classification_loss_weight : float or Tensor
    classification_one_hot : bool
        Whether its result has no axis of domains.
    add_summaries : bool

    Returns
    -------
    GANLoss
    """

    def classification(labels: Any, logits: Any, name: str) -> Any:
        with name_scope(name, values=[labels, logits]):
            loss = classification_loss_fn(onehot_labels=labels, logits=logits)
            if not classification_one_hot:
                loss = math.reduce_sum(loss, axis=1)
            loss = math.reduce_mean(loss)
            if add_summaries:
                summary.scalar(name, loss)
            return loss

    model.input_data_domain_label.shape.assert_has_rank(2)
    model.input_data_domain_label.shape[1:].assert_is_fully_defined()
    of_generator = generator_loss_fn(model, add_summaries=add_summaries)
    of_discriminator = discriminator_loss_fn(model, add_summaries=add_summaries)
    if _counts(gradient_penalty_weight):
        penalty_fn = model_losses.stargan_gradient_penalty_wrapper(
            wasserstein_losses.wasserstein_gradient_penalty
        )
        penalty = penalty_fn(
            model,
            epsilon=gradient_penalty_epsilon,
            target=gradient_penalty_target,
            one_sided=gradient_penalty_one_sided,
            add_summaries=add_summaries,
        )
        of_discriminator += penalty * gradient_penalty_weight
    reconstruction = reconstruction_loss_fn(model.input_data, model.reconstructed_data)
    of_generator += reconstruction * reconstruction_loss_weight
    if add_summaries:
        summary.scalar("reconstruction_loss", reconstruction)
    of_generator += classification_loss_weight * classification(
        model.generated_data_domain_target,
        model.discriminator_generated_data_domain_predication,
        "generator_classification_loss",
    )
    of_discriminator += classification_loss_weight * classification(
        model.input_data_domain_label,
        model.discriminator_input_data_domain_predication,
        "discriminator_classification_loss",
    )
    return GANLoss(of_generator, of_discriminator)


def _weight(weight: Any, name: str) -> Any:
    """The weight of a loss, which is checked not to be negative."""
    if isinstance(weight, Tensor):
        weight.shape.assert_is_compatible_with([])
        with control_dependencies([assert_greater_equal(weight, 0.0)]):
            return identity(weight)
    if weight is not None and weight < 0:
        raise ValueError(f"`{name}` must be greater than 0. Instead, was {weight}")
    return weight


def _counts(weight: Any) -> bool:
    return weight is not None and (isinstance(weight, Tensor) or weight > 0)


def _regularization(scope: Any) -> Any:
    return get_regularization_loss(scope.name) if scope else 0


def _pooled(model: Any, pool: Callable[[Any], Any]) -> Any:
    """A model whose discriminator has seen data out of a pool."""
    given = (model.generator_inputs, model.generated_data)
    if isinstance(model, GANModel):
        inputs, data = pool(given)
        with variable_scope(model.discriminator_scope, reuse=True):
            seen: Any = {"discriminator_gen_outputs": model.discriminator_fn(data, inputs)}
    elif isinstance(model, ACGANModel):
        inputs, data = pool(given)
        with variable_scope(model.discriminator_scope, reuse=True):
            logits, classes = model.discriminator_fn(data, inputs)
        seen = {
            "discriminator_gen_outputs": logits,
            "discriminator_gen_classification_logits": classes,
        }
    elif isinstance(model, InfoGANModel):
        inputs, data, structured = pool((*given, model.structured_generator_inputs))
        with variable_scope(model.discriminator_scope, reuse=True):
            logits, distributions = model.discriminator_and_aux_fn(data, inputs)
        seen = {
            "structured_generator_inputs": structured,
            "discriminator_gen_outputs": logits,
            "predicted_distributions": distributions,
        }
    else:
        raise ValueError(f"Tensor pool does not support `model`: {type(model)}.")
    return model._replace(generator_inputs=inputs, generated_data=data, **seen)
