"""The steps of both networks as hooks around the step of the global step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.train_loop import train
from graphmode.gan.models import GANTrainOps, GANTrainSteps
from graphmode.sessions.hooks.session_run import SessionRunHook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.runtime.config import ConfigProto
    from graphmode.sessions.hooks.session_run import SessionRunContext
    from graphmode.sessions.scaffold import Scaffold

    Hooks = Callable[[GANTrainOps], list[SessionRunHook]]


class RunTrainOpsHook(SessionRunHook):
    """Runs steps of training before each run of the session.

    Parameters
    ----------
    train_ops : graph element, or list of them
    train_steps : int
        How many times.
    """

    def __init__(self, train_ops: Any, train_steps: int) -> None:
        self._ops = train_ops if isinstance(train_ops, list | tuple) else [train_ops]
        self._steps = train_steps

    def before_run(self, run_context: SessionRunContext) -> None:
        """Run them in the session of `run_context`."""
        for _ in range(self._steps):
            run_context.session.run(self._ops)


_ONE_EACH = GANTrainSteps(1, 1)


def get_sequential_train_hooks(train_steps: GANTrainSteps = _ONE_EACH) -> Hooks:
    """Hooks that train the generator, then the discriminator.

    Parameters
    ----------
    train_steps : GANTrainSteps
        How many steps of each, for one of the global step.

    Returns
    -------
    callable
        ``hooks(train_ops)`` gives a list of SessionRunHook.
    """

    def hooks(train_ops: GANTrainOps) -> list[SessionRunHook]:
        return [
            RunTrainOpsHook(train_ops.generator_train_op, train_steps.generator_train_steps),
            RunTrainOpsHook(
                train_ops.discriminator_train_op, train_steps.discriminator_train_steps
            ),
            *train_ops.train_hooks,
        ]

    return hooks


def get_joint_train_hooks(train_steps: GANTrainSteps = _ONE_EACH) -> Hooks:
    """Hooks that train both networks in one run while steps of both are left.

    Parameters
    ----------
    train_steps : GANTrainSteps
        How many steps of each, for one of the global step.

    Returns
    -------
    callable
        ``hooks(train_ops)`` gives a list of SessionRunHook.
    """
    n_generator, n_discriminator = train_steps
    n_both = min(n_generator, n_discriminator)

    def hooks(train_ops: GANTrainOps) -> list[SessionRunHook]:
        generator, discriminator = train_ops.generator_train_op, train_ops.discriminator_train_op
        return [
            RunTrainOpsHook([generator, discriminator], n_both),
            RunTrainOpsHook(generator, n_generator - n_both),
            RunTrainOpsHook(discriminator, n_discriminator - n_both),
            *train_ops.train_hooks,
        ]

    return hooks


def gan_train(
    train_ops: GANTrainOps,
    logdir: str | None,
    get_hooks_fn: Hooks = get_sequential_train_hooks(),  # noqa: B008 - it keeps nothing
    master: str = "",
    is_chief: bool = True,
    scaffold: Scaffold | None = None,
    hooks: Sequence[SessionRunHook] | None = None,
    chief_only_hooks: Sequence[SessionRunHook] | None = None,
    save_checkpoint_secs: float | None = 600,
    save_summaries_steps: int | None = 100,
    config: ConfigProto | None = None,
) -> Any:
    """Train both networks until a hook asks to stop.

    Parameters
    ----------
    train_ops : GANTrainOps
    logdir : str or None
        Where checkpoints and summaries go.
    get_hooks_fn : callable
        `get_sequential_train_hooks` or `get_joint_train_hooks`, called.
    master : str
    is_chief : bool
    scaffold : Scaffold, optional
    hooks : list of SessionRunHook, optional
        Further ones, for example `tf.train.StopAtStepHook`.
    chief_only_hooks : list of SessionRunHook, optional
    save_checkpoint_secs, save_summaries_steps : int or None
    config : ConfigProto, optional
        As for `tf.contrib.training.train`.

    Returns
    -------
    int
        The global step.
    """
    return train(
        train_ops.global_step_inc_op,
        logdir,
        master=master,
        is_chief=is_chief,
        scaffold=scaffold,
        hooks=[*(hooks or ()), *get_hooks_fn(train_ops)],
        chief_only_hooks=chief_only_hooks,
        save_checkpoint_secs=save_checkpoint_secs,
        save_summaries_steps=save_summaries_steps,
        config=config,
    )
