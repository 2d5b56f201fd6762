"""Steps of training of both networks, each of its own variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.train_op import create_train_op
from graphmode.framework.default_graph import GraphKeys, get_collection, name_scope
from graphmode.gan.models import CycleGANModel, GANTrainOps, GANTrainSteps
from graphmode.platform import logging
from graphmode.training.global_step import get_or_create_global_step
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.scope import get_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.training.optimizer import Optimizer


def gan_train_ops(
    model: Any,
    loss: Any,
    generator_optimizer: Optimizer,
    discriminator_optimizer: Optimizer,
    check_for_unused_update_ops: bool = True,
    is_chief: bool = True,
    **kwargs: Any,
) -> GANTrainOps:
    """A step of training of each network, and one of the global step.

    Parameters
    ----------
    model : GANModel or CycleGANModel
    loss : GANLoss or CycleGANLoss
    generator_optimizer, discriminator_optimizer : Optimizer
    check_for_unused_update_ops : bool
        Whether all updates (of batch normalization) have to be of one of the networks.
    is_chief : bool
        Of optimizers that are `SyncReplicasOptimizer`: whether this process makes their steps.
    **kwargs
        For `tf.contrib.training.create_train_op`.

    Returns
    -------
    GANTrainOps

    Raises
    ------
    ValueError
        If there are updates of neither.
    """
    optimizers = (generator_optimizer, discriminator_optimizer)
    if isinstance(model, CycleGANModel):
        options = (check_for_unused_update_ops, is_chief)
        with name_scope("cyclegan_x2y_train"):
            x2y = gan_train_ops(model.model_x2y, loss.loss_x2y, *optimizers, *options, **kwargs)
        with name_scope("cyclegan_y2x_train"):
            y2x = gan_train_ops(model.model_y2x, loss.loss_y2x, *optimizers, *options, **kwargs)
        return GANTrainOps(
            (x2y.generator_train_op, y2x.generator_train_op),
            (x2y.discriminator_train_op, y2x.discriminator_train_op),
            _next_step(),
            [*x2y.train_hooks, *y2x.train_hooks],
        )
    next_step = _next_step()
    every = kwargs.pop("update_ops", None)
    every = list(get_collection(GraphKeys.UPDATE_OPS) if every is None else every)
    updates = [
        [op for op in get_collection(GraphKeys.UPDATE_OPS, scope.name) if op in every]
        for scope in (model.generator_scope, model.discriminator_scope)
    ]
    unused = [op for op in every if not any(op in of_network for of_network in updates)]
    if check_for_unused_update_ops and unused:
        raise ValueError(f"There are unused update ops: {unused}")
    steps: list[Any] = []
    hooks: list[Any] = []
    for network, optimizer, update_ops in zip(
        ("generator", "discriminator"), optimizers, updates, strict=True
    ):
        own_step: Any = None
        make_hook = getattr(optimizer, "make_session_run_hook", None)
        if make_hook is not None:
            # A step of both networks is one step, so each has a count of its own to go by.
            own_step = _counter(f"dummy_global_step_{network}")
            update_ops.append(own_step.assign(get_or_create_global_step()))
            hooks.append(make_hook(is_chief))
        with name_scope(f"{network}_train"):
            step = create_train_op(
                getattr(loss, f"{network}_loss"),
                optimizer,
                global_step=own_step,
                update_ops=list(dict.fromkeys(update_ops)),
                variables_to_train=getattr(model, f"{network}_variables"),
                **kwargs,
            )
        steps.append(step)
    return GANTrainOps(steps[0], steps[1], next_step, hooks)


def _counter(name: str) -> Any:
    """A count of steps that is saved with the model, as TensorFlow's is."""
    dtype = get_or_create_global_step().dtype.base_dtype
    return get_variable(name, [], dtype, zeros_initializer(), trainable=False)


def _next_step() -> Any:
    step: Any = get_or_create_global_step()
    return step.assign_add(1)


def get_sequential_train_steps(
    train_steps: GANTrainSteps = GANTrainSteps(1, 1),  # noqa: B008 - a tuple
) -> Callable[..., tuple[Any, Any]]:
    """A step of both networks, one after the other, for a loop of one's own.

    Parameters
    ----------
    train_steps : GANTrainSteps

    Returns
    -------
    callable
        ``step(sess, train_ops, global_step, train_step_kwargs)`` runs so many steps of the
        generator, then of the discriminator, and gives the sum of their losses, and whether to
        stop: what ``train_step_kwargs["should_stop"]`` says. ``train_step_kwargs["should_log"]``
        says whether to log the losses.
    """

    def step(
        sess: Any, train_ops: GANTrainOps, global_step: Any, train_step_kwargs: dict[str, Any]
    ) -> tuple[Any, Any]:
        networks = (
            (train_ops.generator_train_op, train_steps.generator_train_steps),
            (train_ops.discriminator_train_op, train_steps.discriminator_train_steps),
        )
        total = 0
        for op, times in networks:
            for _ in range(times):
                loss, number = sess.run([op, global_step])
                if "should_log" in train_step_kwargs and sess.run(train_step_kwargs["should_log"]):
                    logging.info("global step %d: loss = %.4f", number, loss)
                total += loss
        sess.run(train_ops.global_step_inc_op)
        if "should_stop" in train_step_kwargs:
            return total, sess.run(train_step_kwargs["should_stop"])
        return total, False

    return step
