"""`MonitoredTrainingSession`: a monitored session with the hooks that a training needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.launch import lockstep
from graphmode.sessions.hooks.checkpoints import CheckpointSaverHook
from graphmode.sessions.hooks.steps import StepCounterHook
from graphmode.sessions.hooks.summaries import SummarySaverHook
from graphmode.sessions.monitored_session import MonitoredSession
from graphmode.sessions.scaffold import Scaffold
from graphmode.sessions.session_creators import ChiefSessionCreator, WorkerSessionCreator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.config import ConfigProto
    from graphmode.sessions.hooks.session_run import SessionRunHook

USE_DEFAULT: Any = object()


def MonitoredTrainingSession(  # noqa: N802 - a class in everything but its type
    master: str = "",
    is_chief: bool = True,
    checkpoint_dir: Any = None,
    scaffold: Scaffold | None = None,
    hooks: Sequence[SessionRunHook] | None = None,
    chief_only_hooks: Sequence[SessionRunHook] | None = None,
    save_checkpoint_secs: Any = USE_DEFAULT,
    save_summaries_steps: Any = USE_DEFAULT,
    save_summaries_secs: Any = USE_DEFAULT,
    config: ConfigProto | None = None,
    stop_grace_period_secs: float = 120,
    log_step_count_steps: int | None = 100,
    max_wait_secs: float = 7200,
    save_checkpoint_steps: Any = USE_DEFAULT,
    summary_dir: Any = None,
) -> MonitoredSession:
    """A `MonitoredSession` for training: it saves checkpoints and summaries, and goes on from them.

    A program that is started again goes on from the newest checkpoint that is whole.

    Parameters
    ----------
    master : str
        As for `Session`.
    is_chief : bool
        Whether it initialises the variables; a worker waits until they are. Ranks that share a
        mesh all do, together, and only the first one writes.
    checkpoint_dir : str, optional
        Where checkpoints are saved, and restored from.
    scaffold : Scaffold, optional
    hooks : list of SessionRunHook, optional
    chief_only_hooks : list of SessionRunHook, optional
        Only called where `is_chief`, before the others.
    save_checkpoint_secs : float, optional
        Seconds between checkpoints: 600 if neither they nor steps are given. None or 0 for none.
    save_summaries_steps : int, optional
        Steps between summaries: 100 if neither they nor seconds are given. None or 0 for none.
    save_summaries_secs : float, optional
    config : ConfigProto, optional
    stop_grace_period_secs : float
        How many seconds threads have to end.
    log_step_count_steps : int, optional
        How many steps lie between two messages of how fast they go.
    max_wait_secs : float
        How long a worker waits for its chief.
    save_checkpoint_steps : int, optional
    summary_dir : str, optional
        `checkpoint_dir` if not given.

    Returns
    -------
    MonitoredSession

    Examples
    --------
    >>> import graphmode as tf
    >>> v = tf.get_variable("v", [], initializer=tf.ones_initializer())
    >>> loss = v * v
    >>> step = tf.train.get_or_create_global_step()
    >>> train = tf.train.GradientDescentOptimizer(0.25).minimize(loss, global_step=step)
    >>> hooks = [tf.train.StopAtStepHook(last_step=3)]
    >>> with tf.train.MonitoredTrainingSession(hooks=hooks) as sess:
    ...     while not sess.should_stop():
    ...         value, _ = sess.run([loss, train])
    >>> float(value)
    0.0625
    """
    if save_summaries_steps is USE_DEFAULT and save_summaries_secs is USE_DEFAULT:
        save_summaries_steps = 100
    if save_checkpoint_steps is USE_DEFAULT and save_checkpoint_secs is USE_DEFAULT:
        save_checkpoint_secs = 600
    save_summaries_steps, save_summaries_secs, save_checkpoint_steps, save_checkpoint_secs = (
        None if interval is USE_DEFAULT else interval
        for interval in (
            save_summaries_steps, save_summaries_secs, save_checkpoint_steps, save_checkpoint_secs,
        )
    )  # fmt: skip
    scaffold = scaffold or Scaffold()
    if not (is_chief or (lockstep.is_on() and not master)):
        return MonitoredSession(
            WorkerSessionCreator(scaffold, master, config, max_wait_secs),
            hooks or [],
            stop_grace_period_secs,
        )
    all_hooks: list[Any] = list(chief_only_hooks or [])
    summary_dir = summary_dir or checkpoint_dir
    if summary_dir and _is_positive(log_step_count_steps):
        all_hooks.append(
            StepCounterHook(every_n_steps=log_step_count_steps, output_dir=summary_dir)
        )
    if summary_dir and (_is_positive(save_summaries_steps) or _is_positive(save_summaries_secs)):
        all_hooks.append(
            SummarySaverHook(
                save_steps=save_summaries_steps, save_secs=save_summaries_secs,
                output_dir=summary_dir, scaffold=scaffold,
            )
        )  # fmt: skip
    if checkpoint_dir and (
        _is_positive(save_checkpoint_secs) or _is_positive(save_checkpoint_steps)
    ):
        all_hooks.append(
            CheckpointSaverHook(
                checkpoint_dir, save_steps=save_checkpoint_steps, save_secs=save_checkpoint_secs,
                scaffold=scaffold,
            )
        )  # fmt: skip
    return MonitoredSession(
        ChiefSessionCreator(scaffold, master, config, checkpoint_dir),
        _joined(all_hooks, hooks),
        stop_grace_period_secs,
    )


def _is_positive(interval: Any) -> bool:
    return bool(interval) and interval > 0


def _joined(own: list[Any], hooks: Any) -> Any:
    """The own hooks and the user's; what is no list is given on, to be refused by name."""
    if hooks is None:
        return own
    return [*own, *hooks] if hasattr(hooks, "__iter__") else hooks
