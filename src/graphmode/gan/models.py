"""What the parts of a GAN are: tuples that the losses and the training steps read."""

from __future__ import annotations

from typing import Any, NamedTuple


class GANModel(NamedTuple):
    """A generator and a discriminator, built (`gan_model`).

    Parameters
    ----------
    generator_inputs : Tensor, or list or dict of Tensor, of any dtype and shape
        Noise, or what the data are conditioned on.
    generated_data : Tensor, shape [batch, ...]
    generator_variables : list of Variable
    generator_scope : VariableScope
    generator_fn : callable
    real_data : Tensor, shape [batch, ...]
    discriminator_real_outputs, discriminator_gen_outputs : Tensor, float [batch, ...]
        Logits of real and of generated data.
    discriminator_variables : list of Variable
    discriminator_scope : VariableScope
    discriminator_fn : callable

    Notes
    -----
    Goodfellow et al., "Generative Adversarial Nets", NIPS 2014.
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


class InfoGANModel(NamedTuple):
    """A `GANModel` whose discriminator also finds part of the noise again.

    Parameters
    ----------
    generator_inputs : Tensor, or list or dict of Tensor, of any dtype and shape
        Noise, or what the data are conditioned on.
    generated_data : Tensor, shape [batch, ...]
    generator_variables : list of Variable
    generator_scope : VariableScope
    generator_fn : callable
    real_data : Tensor, shape [batch, ...]
    discriminator_real_outputs, discriminator_gen_outputs : Tensor, float [batch, ...]
        Logits of real and of generated data.
    discriminator_variables : list of Variable
    discriminator_scope : VariableScope
    discriminator_fn : callable
    structured_generator_inputs : list of Tensor, float [batch, ...]
        The noise that is found again.
    predicted_distributions : list of Distribution
        One of each.
    discriminator_and_aux_fn : callable

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
    predicted_distributions: Any
    discriminator_and_aux_fn: Any


class ACGANModel(NamedTuple):
    """A `GANModel` whose discriminator also classifies.

    Parameters
    ----------
    generator_inputs : Tensor, or list or dict of Tensor, of any dtype and shape
        Noise, or what the data are conditioned on.
    generated_data : Tensor, shape [batch, ...]
    generator_variables : list of Variable
    generator_scope : VariableScope
    generator_fn : callable
    real_data : Tensor, shape [batch, ...]
    discriminator_real_outputs, discriminator_gen_outputs : Tensor, float [batch, ...]
        Logits of real and of generated data.
    discriminator_variables : list of Variable
    discriminator_scope : VariableScope
    discriminator_fn : callable
    one_hot_labels : Tensor, shape [batch, classes]
    discriminator_real_classification_logits : Tensor, shape [batch, classes]
    discriminator_gen_classification_logits : Tensor, shape [batch, classes]

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

    Parameters
    ----------
    model_x2y, model_y2x : GANModel
    reconstructed_x, reconstructed_y : Tensor, shape [batch, ...]
        What comes back.

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

    Parameters
    ----------
    input_data : Tensor, shape [batch, height, width, channels]
    input_data_domain_label : Tensor, shape [batch, domains]
    generated_data : Tensor, shape [batch, height, width, channels]
    generated_data_domain_target : Tensor, shape [batch, domains]
    reconstructed_data : Tensor, shape [batch, height, width, channels]
        What comes back.
    discriminator_input_data_source_predication : Tensor, shape [batch]
    discriminator_generated_data_source_predication : Tensor, shape [batch]
        Logits of real.
    discriminator_input_data_domain_predication : Tensor, shape [batch, domains]
    discriminator_generated_data_domain_predication : Tensor, shape [batch, domains]
    generator_variables : list of Variable
    generator_scope : VariableScope
    generator_fn : callable
    discriminator_variables : list of Variable
    discriminator_scope : VariableScope
    discriminator_fn : callable

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
    """What each of the two networks makes smaller.

    Parameters
    ----------
    generator_loss, discriminator_loss : Tensor, float scalar
    """

    generator_loss: Any
    discriminator_loss: Any


class CycleGANLoss(NamedTuple):
    """The `GANLoss` of each direction.

    Parameters
    ----------
    loss_x2y, loss_y2x : GANLoss
    """

    loss_x2y: Any
    loss_y2x: Any


class GANTrainOps(NamedTuple):
    """The steps of training (`gan_train_ops`).

    Parameters
    ----------
    generator_train_op, discriminator_train_op : Tensor, float scalar
        The loss, whose computation takes a step.
    global_step_inc_op : Tensor, int64 scalar
    train_hooks : list of SessionRunHook
    """

    generator_train_op: Any
    discriminator_train_op: Any
    global_step_inc_op: Any
    train_hooks: Any = ()


class GANTrainSteps(NamedTuple):
    """How many steps each network takes in a step of both.

    Parameters
    ----------
    generator_train_steps, discriminator_train_steps : int
    """

    generator_train_steps: Any
    discriminator_train_steps: Any
