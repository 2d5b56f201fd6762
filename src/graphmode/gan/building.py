"""Build the two networks in their scopes, the discriminator twice with the same variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.variables import get_trainable_variables
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.gan.models import (
    ACGANModel,
    CycleGANModel,
    GANModel,
    InfoGANModel,
    StarGANModel,
)
from graphmode.ops.array.joining import concat
from graphmode.ops.array.patterns import one_hot
from graphmode.ops.random.draws import random_uniform
from graphmode.variables.scope import variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Tensor

    Network = Callable[..., Any]


def gan_model(
    generator_fn: Network,
    discriminator_fn: Network,
    real_data: Any,
    generator_inputs: Any,
    generator_scope: Any = "Generator",
    discriminator_scope: Any = "Discriminator",
    check_shapes: bool = True,
) -> GANModel:
    """Build a generator and a discriminator.

    Parameters
    ----------
    generator_fn : callable
        ``generator_fn(generator_inputs)`` gives data of the shape of `real_data`.
    discriminator_fn : callable
        ``discriminator_fn(data, generator_inputs)`` gives a logit for each of them.
    real_data : Tensor, shape [batch, ...]
    generator_inputs : Tensor, or list or dict of Tensor, of any dtype and shape
        Noise, or what the data are conditioned on.
    generator_scope, discriminator_scope : str or VariableScope
    check_shapes : bool
        Whether generated and real data have to have one shape.

    Returns
    -------
    GANModel

    Raises
    ------
    ValueError
        If they have not.
    """
    with variable_scope(generator_scope) as generator:
        generator_inputs = _tensors(generator_inputs)
        generated_data = generator_fn(generator_inputs)
    with variable_scope(discriminator_scope) as discriminator:
        of_generated = discriminator_fn(generated_data, generator_inputs)
    with variable_scope(discriminator, reuse=True):
        real_data = _tensors(real_data)
        of_real = discriminator_fn(real_data, generator_inputs)
    if check_shapes:
        _require_one_shape(generated_data, real_data)
    return GANModel(
        generator_inputs,
        generated_data,
        get_trainable_variables(generator),
        generator,
        generator_fn,
        real_data,
        of_real,
        of_generated,
        get_trainable_variables(discriminator),
        discriminator,
        discriminator_fn,
    )


def infogan_model(
    generator_fn: Network,
    discriminator_fn: Network,
    real_data: Any,
    unstructured_generator_inputs: Sequence[Any],
    structured_generator_inputs: Sequence[Any],
    generator_scope: Any = "Generator",
    discriminator_scope: Any = "Discriminator",
) -> InfoGANModel:
    """Build a generator, and a discriminator that finds part of the noise again.

    Parameters
    ----------
    generator_fn : callable
        Takes the list of all inputs, the unstructured ones first.
    discriminator_fn : callable
        ``discriminator_fn(data, generator_inputs)`` gives logits and a list of distributions, one
        of each structured input.
    real_data : Tensor, shape [batch, ...]
    unstructured_generator_inputs, structured_generator_inputs : list of Tensor, float [batch, ...]
    generator_scope, discriminator_scope : str or VariableScope

    Returns
    -------
    InfoGANModel

    Raises
    ------
    ValueError
        If the shapes of generated and real data differ, or there is not one distribution for each
        structured input.
    """
    with variable_scope(generator_scope) as generator:
        unstructured = _tensors(unstructured_generator_inputs)
        structured = _tensors(structured_generator_inputs)
        inputs = unstructured + structured
        generated_data = generator_fn(inputs)
    with variable_scope(discriminator_scope) as discriminator:
        of_generated, distributions = discriminator_fn(generated_data, inputs)
    _check_distributions(distributions, structured)
    with variable_scope(discriminator, reuse=True):
        real_data = convert_to_tensor(real_data)
        of_real, _ = discriminator_fn(real_data, inputs)
    _require_one_shape(generated_data, real_data)
    return InfoGANModel(
        inputs,
        generated_data,
        get_trainable_variables(generator),
        generator,
        generator_fn,
        real_data,
        of_real,
        of_generated,
        get_trainable_variables(discriminator),
        discriminator,
        lambda data, noise: discriminator_fn(data, noise)[0],
        structured,
        distributions,
        discriminator_fn,
    )


def acgan_model(
    generator_fn: Network,
    discriminator_fn: Network,
    real_data: Any,
    generator_inputs: Any,
    one_hot_labels: Any,
    generator_scope: Any = "Generator",
    discriminator_scope: Any = "Discriminator",
    check_shapes: bool = True,
) -> ACGANModel:
    """Build a generator, and a discriminator that also classifies.

    Parameters
    ----------
    generator_fn : callable
        As for `gan_model`.
    discriminator_fn : callable
        ``discriminator_fn(data, generator_inputs)`` gives logits of real, and logits of classes.
    real_data : Tensor, shape [batch, ...]
    generator_inputs : Tensor, or list or dict of Tensor, of any dtype and shape
    one_hot_labels : Tensor, shape [batch, classes]
    generator_scope, discriminator_scope : str or VariableScope
    check_shapes : bool

    Returns
    -------
    ACGANModel

    Raises
    ------
    TypeError
        If the discriminator gives no two results.
    ValueError
        If generated and real data have to have one shape and have not.
    """
    with variable_scope(generator_scope) as generator:
        generator_inputs = _tensors(generator_inputs)
        generated_data = generator_fn(generator_inputs)
    with (
        variable_scope(discriminator_scope) as discriminator,
        name_scope(f"{discriminator.name}/generated/"),
    ):
        of_generated, classes_of_generated = _two(
            discriminator_fn(generated_data, generator_inputs)
        )
    with variable_scope(discriminator, reuse=True), name_scope(f"{discriminator.name}/real/"):
        real_data = convert_to_tensor(real_data)
        of_real, classes_of_real = _two(discriminator_fn(real_data, generator_inputs))
    if check_shapes:
        _require_one_shape(generated_data, real_data)
    return ACGANModel(
        generator_inputs,
        generated_data,
        get_trainable_variables(generator),
        generator,
        generator_fn,
        real_data,
        of_real,
        of_generated,
        get_trainable_variables(discriminator),
        discriminator,
        discriminator_fn,
        one_hot_labels,
        classes_of_real,
        classes_of_generated,
    )


def cyclegan_model(
    generator_fn: Network,
    discriminator_fn: Network,
    data_x: Any,
    data_y: Any,
    generator_scope: Any = "Generator",
    discriminator_scope: Any = "Discriminator",
    model_x2y_scope: Any = "ModelX2Y",
    model_y2x_scope: Any = "ModelY2X",
    check_shapes: bool = True,
) -> CycleGANModel:
    """Build two models, which take data of one kind to the other and back.

    Parameters
    ----------
    generator_fn, discriminator_fn : callable
        As for `gan_model`.
    data_x, data_y : Tensor, of one shape
    generator_scope, discriminator_scope, model_x2y_scope, model_y2x_scope : str or VariableScope
    check_shapes : bool

    Returns
    -------
    CycleGANModel

    Raises
    ------
    ValueError
        If shapes have to be one and are not.
    """

    def model(inputs: Any, outputs: Any) -> GANModel:
        return gan_model(
            generator_fn,
            discriminator_fn,
            outputs,
            inputs,
            generator_scope,
            discriminator_scope,
            check_shapes,
        )

    with variable_scope(model_x2y_scope):
        x2y = model(data_x, data_y)
    with variable_scope(model_y2x_scope):
        y2x = model(data_y, data_x)
    with variable_scope(y2x.generator_scope, reuse=True):
        reconstructed_x = y2x.generator_fn(x2y.generated_data)
    with variable_scope(x2y.generator_scope, reuse=True):
        reconstructed_y = x2y.generator_fn(y2x.generated_data)
    return CycleGANModel(x2y, y2x, reconstructed_x, reconstructed_y)


def stargan_model(
    generator_fn: Network,
    discriminator_fn: Network,
    input_data: Any,
    input_data_domain_label: Any,
    generator_scope: Any = "Generator",
    discriminator_scope: Any = "Discriminator",
) -> StarGANModel:
    """Build a generator that takes images to a domain drawn at random, and back.

    Parameters
    ----------
    generator_fn : callable
        ``generator_fn(images, domains)``, the domains one-hot.
    discriminator_fn : callable
        ``discriminator_fn(images, num_domains)`` gives logits of real [batch], and of domains.
    input_data : Tensor or list of Tensor, shape [batch, height, width, channels]
    input_data_domain_label : Tensor or list of Tensor, shape [batch, domains], known
    generator_scope, discriminator_scope : str or VariableScope

    Returns
    -------
    StarGANModel

    Raises
    ------
    ValueError
        If the shape of the labels is not known.
    """
    input_data, label = (_joined(_tensors(v)) for v in (input_data, input_data_domain_label))
    label.shape.assert_has_rank(2)
    label.shape.assert_is_fully_defined()
    batch_size, n_domains = label.shape.as_list()
    with variable_scope(generator_scope) as generator:
        drawn = random_uniform([batch_size], minval=0, maxval=n_domains, dtype=dtypes.int32)
        target = one_hot(drawn, n_domains)
        generated_data = generator_fn(input_data, target)
    with variable_scope(generator, reuse=True):
        reconstructed = generator_fn(generated_data, label)
    with variable_scope(discriminator_scope) as discriminator:
        source_of_generated, domain_of_generated = discriminator_fn(generated_data, n_domains)
    with variable_scope(discriminator, reuse=True):
        source_of_input, domain_of_input = discriminator_fn(input_data, n_domains)
    return StarGANModel(
        input_data,
        label,
        generated_data,
        target,
        reconstructed,
        source_of_input,
        source_of_generated,
        domain_of_input,
        domain_of_generated,
        get_trainable_variables(generator),
        generator,
        generator_fn,
        get_trainable_variables(discriminator),
        discriminator,
        discriminator_fn,
    )


def _tensors(inputs: Any) -> Any:
    if isinstance(inputs, list | tuple):
        return [convert_to_tensor(each) for each in inputs]
    if isinstance(inputs, dict):
        return {key: convert_to_tensor(each) for key, each in inputs.items()}
    return convert_to_tensor(inputs)


def _joined(tensors: Any) -> Tensor:
    return concat(tensors, 0) if isinstance(tensors, list) else tensors


def _require_one_shape(generated: Any, real: Any) -> None:
    if not generated.shape.is_compatible_with(real.shape):
        raise ValueError(
            f"Generator output shape ({generated.shape}) must be the same shape as real data "
            f"({real.shape})."
        )


def _check_distributions(distributions: Any, noise: Sequence[Any]) -> None:
    if not isinstance(distributions, list | tuple):
        raise ValueError(
            f"`predicted_distributions` must be a list. Instead, found {type(distributions)}."
        )
    if len(distributions) != len(noise):
        raise ValueError(
            f"Length of `predicted_distributions` {len(distributions)} must be the same as the "
            f"length of structured noise {len(noise)}."
        )


def _two(outputs: Any) -> tuple[Any, Any]:
    try:
        logits, classes = outputs
    except (TypeError, ValueError):
        raise TypeError(
            "A discriminator function for ACGAN must output a tuple consisting of "
            "(discrimination logits, classification logits)."
        ) from None
    return logits, classes
