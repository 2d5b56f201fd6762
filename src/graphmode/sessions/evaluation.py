"""`tf.contrib.training`'s evaluations: of one checkpoint, or of each that comes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import (
    GraphKeys,
    control_dependencies,
    get_collection,
)
from graphmode.ops.array.identities import identity
from graphmode.platform import logging
from graphmode.sessions.hooks.evaluations import StopAfterNEvalsHook
from graphmode.sessions.hooks.feeds_and_ends import FinalOpsHook
from graphmode.sessions.monitored_session import MonitoredSession
from graphmode.sessions.new_checkpoints import checkpoints_iterator
from graphmode.sessions.session_creators import ChiefSessionCreator
from graphmode.variables.initializers import zeros_initializer
from graphmode.variables.scope import get_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.runtime.config import ConfigProto
    from graphmode.sessions.hooks.session_run import SessionRunHook
    from graphmode.sessions.scaffold import Scaffold


def get_or_create_eval_step() -> Any:
    """The local variable that counts the runs of an evaluation, made if there is none.

    Returns
    -------
    Variable, int64 scalar

    Raises
    ------
    ValueError
        If there are several.
    """
    steps = get_collection(GraphKeys.EVAL_STEP)
    if len(steps) > 1:
        raise ValueError("Multiple tensors added to tf.GraphKeys.EVAL_STEP")
    if steps:
        return steps[0]
    return get_variable(
        "eval_step",
        shape=[],
        dtype=dtypes.int64,
        initializer=zeros_initializer(),
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.EVAL_STEP],
    )


def evaluate_once(
    checkpoint_path: Any,
    master: str = "",
    scaffold: Scaffold | None = None,
    eval_ops: Any = None,
    feed_dict: Any = None,
    final_ops: Any = None,
    final_ops_feed_dict: Any = None,
    hooks: Sequence[SessionRunHook] | None = None,
    config: ConfigProto | None = None,
) -> Any:
    """Evaluate a checkpoint: run `eval_ops` until a hook or the end of the input says stop.

    Parameters
    ----------
    checkpoint_path : str
        Its prefix.
    master : str
        As for `Session`.
    scaffold : Scaffold, optional
    eval_ops : graph element, or list, tuple, dict of them, optional
        Run again and again: updates of metrics.
    feed_dict : dict, optional
        What each run is fed.
    final_ops : graph element, or nested list, tuple, dict of them, optional
        Run once at the end: values of metrics.
    final_ops_feed_dict : dict, optional
    hooks : list of SessionRunHook, optional
        `StopAfterNEvalsHook` among them ends it.
    config : ConfigProto, optional

    Returns
    -------
    The structure of `final_ops`, with their values; None without them.
    """
    hooks = list(hooks or [])
    fetches = _counted(eval_ops, hooks)
    final = FinalOpsHook(final_ops, final_ops_feed_dict)
    creator = ChiefSessionCreator(
        scaffold, master, config, checkpoint_filename_with_path=checkpoint_path
    )
    logging.info("Starting evaluation at %s", _now("%Y-%m-%dT%H:%M:%SZ"))
    _evaluate(MonitoredSession(creator, [*hooks, final]), fetches, feed_dict)
    logging.info("Finished evaluation at %s", _now("%Y-%m-%d-%H:%M:%S"))
    return final.final_ops_values


def evaluate_repeatedly(
    checkpoint_dir: Any,
    master: str = "",
    scaffold: Scaffold | None = None,
    eval_ops: Any = None,
    feed_dict: Any = None,
    final_ops: Any = None,
    final_ops_feed_dict: Any = None,
    eval_interval_secs: float = 60,
    hooks: Sequence[SessionRunHook] | None = None,
    config: ConfigProto | None = None,
    max_number_of_evaluations: int | None = None,
    timeout: float | None = None,
    timeout_fn: Callable[[], Any] | None = None,
) -> Any:
    """Evaluate each checkpoint that comes in a folder.

    Parameters
    ----------
    checkpoint_dir : str
    master : str
        As for `Session`.
    scaffold : Scaffold, optional
    eval_ops : graph element, or list, tuple, dict of them, optional
        Run again and again: updates of metrics.
    feed_dict : dict, optional
        What each run is fed.
    final_ops : graph element, or nested list, tuple, dict of them, optional
        Run once at the end of each evaluation: values of metrics.
    final_ops_feed_dict : dict, optional
    eval_interval_secs : float
        How many seconds lie between two evaluations at least.
    hooks : list of SessionRunHook, optional
        `StopAfterNEvalsHook` among them ends each evaluation.
    config : ConfigProto, optional
    max_number_of_evaluations : int, optional
        After how many it ends.
    timeout : float, optional
        How many seconds it waits for a new checkpoint; for ever if not given.
    timeout_fn : callable, optional
        Called then: true ends it. Without it, it ends.

    Returns
    -------
    The structure of `final_ops`, with their values of the last evaluation; None without them.
    """
    hooks = list(hooks or [])
    fetches = _counted(eval_ops, hooks)
    final = FinalOpsHook(final_ops, final_ops_feed_dict)
    checkpoints = checkpoints_iterator(checkpoint_dir, eval_interval_secs, timeout, timeout_fn)
    for n, path in enumerate(checkpoints, 1):
        creator = ChiefSessionCreator(scaffold, master, config, checkpoint_filename_with_path=path)
        session = MonitoredSession(creator, [*hooks, final])
        logging.info("Starting evaluation at %s", _now("%Y-%m-%d-%H:%M:%S"))
        _evaluate(session, fetches, feed_dict)
        logging.info("Finished evaluation at %s", _now("%Y-%m-%d-%H:%M:%S"))
        if max_number_of_evaluations is not None and n >= max_number_of_evaluations:
            break
    return final.final_ops_values


def _counted(eval_ops: Any, hooks: Sequence[SessionRunHook]) -> Any:
    """`eval_ops`, and what counts their runs, by which the hooks count."""
    step = get_or_create_eval_step()
    if eval_ops is None:
        return None
    update = step.assign_add(1)
    fetches: Any
    if isinstance(eval_ops, dict):
        fetches = {"update_eval_step": update} | eval_ops  # pyright: ignore[reportUnknownVariableType]
    elif isinstance(eval_ops, list | tuple):
        fetches = [*eval_ops, update]
    else:
        fetches = [eval_ops, update]
    with control_dependencies([update]):
        completed = identity(step.read_value())
    for hook in hooks:
        if isinstance(hook, StopAfterNEvalsHook):
            hook.count_by(completed)
    return fetches


def _evaluate(evaluation: MonitoredSession, fetches: Any, feed_dict: Any) -> None:
    with evaluation as session:
        while fetches is not None and not session.should_stop():
            session.run(fetches, feed_dict)


def _now(pattern: str) -> str:
    return time.strftime(pattern, time.localtime())
