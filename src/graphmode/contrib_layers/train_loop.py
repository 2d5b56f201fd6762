"""`tf.contrib.training.train`: run a step of training until a hook stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.sessions.monitored_training import MonitoredTrainingSession

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.config import ConfigProto
    from graphmode.sessions.hooks.session_run import SessionRunHook
    from graphmode.sessions.scaffold import Scaffold


def train(
    train_op: Any,
    logdir: str | None,
    master: str = "",
    is_chief: bool = True,
    scaffold: Scaffold | None = None,
    hooks: Sequence[SessionRunHook] | None = None,
    chief_only_hooks: Sequence[SessionRunHook] | None = None,
    save_checkpoint_secs: float | None = 600,
    save_summaries_steps: int | None = 100,
    config: ConfigProto | None = None,
    max_wait_secs: float = 7200,
    run_metadata: Any = None,
) -> Any:
    """Run `train_op` in a `MonitoredTrainingSession` until a hook asks to stop.

    Parameters
    ----------
    train_op : Tensor, float scalar
        A step of training, whose value is the loss (`create_train_op`).
    logdir : str or None
        Where checkpoints and summaries go.
    master : str
    is_chief : bool
    scaffold : Scaffold, optional
    hooks, chief_only_hooks : list of SessionRunHook, optional
        As for `MonitoredTrainingSession`.
    save_checkpoint_secs, save_summaries_steps : int or None
        None for no checkpoints, no summaries.
    config : ConfigProto, optional
    max_wait_secs : float
    run_metadata : RunMetadata, optional
        Filled by each step.

    Returns
    -------
    What the last step gave, None if there was none.

    Raises
    ------
    ValueError
        If there is no `logdir` and checkpoints or summaries are to be written.
    """
    if logdir is None and is_chief:
        if save_summaries_steps:
            raise ValueError("logdir cannot be None when save_summaries_steps is not None")
        if save_checkpoint_secs:
            raise ValueError("logdir cannot be None when save_checkpoint_secs is not None")
    loss = None
    with MonitoredTrainingSession(
        master=master,
        is_chief=is_chief,
        checkpoint_dir=logdir,
        scaffold=scaffold,
        hooks=hooks,
        chief_only_hooks=chief_only_hooks,
        save_checkpoint_secs=save_checkpoint_secs,
        save_summaries_steps=save_summaries_steps,
        config=config,
        max_wait_secs=max_wait_secs,
    ) as session:
        while not session.should_stop():
            loss = session.run(train_op, run_metadata=run_metadata)
    return loss
