"""`basic_train_loop` and `train`: one step after the other, until somebody says stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.errors import AbortedError
from graphmode.sessions.monitored_training import MonitoredTrainingSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphmode.runtime.config import ConfigProto
    from graphmode.sessions.hook import SessionRunHook
    from graphmode.sessions.scaffold import Scaffold
    from graphmode.sessions.supervisor import Supervisor


def basic_train_loop(
    supervisor: Supervisor,
    train_step_fn: Callable[..., Any],
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    master: str = "",
) -> None:
    """Call a function for each step until a supervisor says stop.

    After AbortedError it goes on in a new session, from the newest checkpoint.

    Parameters
    ----------
    supervisor : Supervisor
    train_step_fn : callable
        Called as ``train_step_fn(session, *args, **kwargs)``.
    args : sequence, optional
    kwargs : dict, optional
    master : str
        As for `Session`.
    """
    while True:
        try:
            with supervisor.managed_session(master) as session:
                while not supervisor.should_stop():
                    train_step_fn(session, *(args or ()), **(kwargs or {}))
            return
        except AbortedError:
            continue


def train(
    train_op: Any,
    logdir: Any,
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
    """`tf.contrib.training.train`: run `train_op` until a hook says stop.

    Parameters
    ----------
    train_op : Tensor, floating scalar
        What `create_train_op` gives: it trains, and its value is the loss.
    logdir : str or None
        Where checkpoints and events are.
    master : str
        As for `Session`.
    is_chief : bool
        Whether it initialises the variables and saves.
    scaffold : Scaffold, optional
    hooks : list of SessionRunHook, optional
        One of them ends the training.
    chief_only_hooks : list of SessionRunHook, optional
    save_checkpoint_secs : float, optional
        Seconds between checkpoints; None or 0 for none.
    save_summaries_steps : int, optional
        Steps between summaries; None or 0 for none.
    config : ConfigProto, optional
    max_wait_secs : float
        How long a worker waits for its chief.
    run_metadata : RunMetadata, optional
        Gets what the last run reported.

    Returns
    -------
    float
        The loss of the last run; None if there was none.

    Raises
    ------
    ValueError
        If a chief is to save and has no `logdir`.
    """
    if logdir is None and is_chief:
        if save_summaries_steps:
            raise ValueError("logdir cannot be None when save_summaries_steps is not None")
        if save_checkpoint_secs:
            raise ValueError("logdir cannot be None when save_checkpoint_secs is not None")
    loss = None
    with MonitoredTrainingSession(
        master, is_chief, logdir, scaffold, hooks, chief_only_hooks, save_checkpoint_secs,
        save_summaries_steps, config=config, max_wait_secs=max_wait_secs,
    ) as session:  # fmt: skip
        while not session.should_stop():
            loss = session.run(train_op, run_metadata=run_metadata)
    return loss
