"""What the parts of a GAN are: tuples that the losses and the training steps read."""

from __future__ import annotations

from typing import Any, NamedTuple


class GANModel(NamedTuple):
    """A generator and a discriminator, built (`gan_model`).

    Notes
    -----
    Goodfellow et al., "Generative Adversarial Nets", NIPS 2014.
    """

    generator_inputs: Any
    """Noise, or what the data are conditioned on."""
    generated_data: Any
    generator_variables: Any
    generator_scope: Any
    generator_fn: Any
    real_data: Any
    discriminator_real_outputs: Any
    discriminator_gen_outputs: Any
    discriminator_variables: Any
    discriminator_scope: Any
    discriminator_fn: Any


class InfoGANModel(NamedTuple):
    """A `GANModel` whose discriminator also finds part of the noise again.

    Notes
    -----
    Chen et al., "InfoGAN", NIPS 2016.
    """

    generator_inputs: Any
    generated_data: Any
    generator_variables: Any
    generator_scope: Any
    generator_fn: Any
    real_data: Any
    discriminator_real_outputs: Any
    discriminator_gen_outputs: Any
    discriminator_variables: Any
    discriminator_scope: Any
    discriminator_fn: Any
    structured_generator_inputs: Any
    """The noise that is found again, a list."""
    predicted_distributions: Any
    """A distribution of each."""
    discriminator_and_aux_fn: Any


class ACGANModel(NamedTuple):
    """A `GANModel` whose discriminator also classifies.

    Notes
    -----
    Odena et al., "Conditional Image Synthesis with Auxiliary Classifier GANs", ICML 2017.
    """

    generator_inputs: Any
    generated_data: Any
    generator_variables: Any
    generator_scope: Any
    generator_fn: Any
    real_data: Any
    discriminator_real_outputs: Any
    discriminator_gen_outputs: Any
    discriminator_variables: Any
    discriminator_scope: Any
    discriminator_fn: Any
    one_hot_labels: Any
    discriminator_real_classification_logits: Any
    discriminator_gen_classification_logits: Any


class CycleGANModel(NamedTuple):
    """Two `GANModel` that take data of one kind to the other, and back.

    Notes
    -----
    Zhu et al., "Unpaired Image-to-Image Translation", ICCV 2017.
    """

    model_x2y: Any
    model_y2x: Any
    reconstructed_x: Any
    reconstructed_y: Any


class StarGANModel(NamedTuple):
    """One generator that takes images to any of several domains.

    Notes
    -----
    Choi et al., "StarGAN", CVPR 2018.
    """

    input_data: Any
    input_data_domain_label: Any
    generated_data: Any
    generated_data_domain_target: Any
    reconstructed_data: Any
    discriminator_input_data_source_predication: Any
    discriminator_generated_data_source_predication: Any
    discriminator_input_data_domain_predication: Any
    discriminator_generated_data_domain_predication: Any
    generator_variables: Any
    generator_scope: Any
    generator_fn: Any
    discriminator_variables: Any
    discriminator_scope: Any
    discriminator_fn: Any


class GANLoss(NamedTuple):
    """What each of the two networks makes smaller."""

    generator_loss: Any
    discriminator_loss: Any


class CycleGANLoss(NamedTuple):
    """The `GANLoss` of each direction."""

    loss_x2y: Any
    loss_y2x: Any


class GANTrainOps(NamedTuple):
    """The steps of training (`gan_train_ops`)."""

    generator_train_op: Any
    discriminator_train_op: Any
    global_step_inc_op: Any
    train_hooks: Any = ()


class GANTrainSteps(NamedTuple):
    """How many steps each network takes in a step of both."""

    generator_train_steps: Any
    discriminator_train_steps: Any
