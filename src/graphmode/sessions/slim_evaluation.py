"""`tf.contrib.slim.evaluation`: batches of one checkpoint, or of each that comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.sessions import evaluation
from graphmode.sessions.hooks.evaluations import StopAfterNEvalsHook, SummaryAtEndHook
from graphmode.sessions.scaffold import Scaffold
from graphmode.summary.merging import merge_all
from graphmode.training.saver import Saver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.runtime.config import ConfigProto
    from graphmode.sessions.hooks.session_run import SessionRunHook

_USE_DEFAULT: Any = 0


def evaluate_once(
    master: str,
    checkpoint_path: Any,
    logdir: Any,
    num_evals: int | None = 1,
    initial_op: Any = None,
    initial_op_feed_dict: Any = None,
    eval_op: Any = None,
    eval_op_feed_dict: Any = None,
    final_op: Any = None,
    final_op_feed_dict: Any = None,
    summary_op: Any = _USE_DEFAULT,
    summary_op_feed_dict: Any = None,
    variables_to_restore: Any = None,
    session_config: ConfigProto | None = None,
    hooks: Sequence[SessionRunHook] | None = None,
) -> Any:
    """Evaluate a checkpoint on so many batches, and write summaries.

    Parameters
    ----------
    master : str
        As for `Session`.
    checkpoint_path : str
        Its prefix.
    logdir : str
        Where the event file is.
    num_evals : int or None
        How many batches; None for all of the input.
    initial_op : Operation, optional
        Run first.
    initial_op_feed_dict : dict, optional
    eval_op : graph element, or list, tuple, dict of them, optional
        Run for each batch: updates of metrics.
    eval_op_feed_dict : dict, optional
    final_op : graph element, or nested list, tuple, dict of them, optional
        Run once at the end: values of metrics.
    final_op_feed_dict : dict, optional
    summary_op : Tensor, string scalar, optional
        All summaries of the graph if not given, none if None.
    summary_op_feed_dict : dict, optional
    variables_to_restore : list or dict, optional
        As for `Saver`.
    session_config : ConfigProto, optional
    hooks : list of SessionRunHook, optional

    Returns
    -------
    The structure of `final_op`, with their values; None without it.
    """
    return evaluation.evaluate_once(
        checkpoint_path, master, _scaffold(initial_op, initial_op_feed_dict, variables_to_restore),
        eval_op, eval_op_feed_dict, final_op, final_op_feed_dict,
        _hooks(num_evals, logdir, summary_op, summary_op_feed_dict, hooks), session_config,
    )  # fmt: skip


def evaluation_loop(
    master: str,
    checkpoint_dir: Any,
    logdir: Any,
    num_evals: int | None = 1,
    initial_op: Any = None,
    initial_op_feed_dict: Any = None,
    init_fn: Callable[..., Any] | None = None,
    eval_op: Any = None,
    eval_op_feed_dict: Any = None,
    final_op: Any = None,
    final_op_feed_dict: Any = None,
    summary_op: Any = _USE_DEFAULT,
    summary_op_feed_dict: Any = None,
    variables_to_restore: Any = None,
    eval_interval_secs: float = 60,
    max_number_of_evaluations: int | None = None,
    session_config: ConfigProto | None = None,
    timeout: float | None = None,
    timeout_fn: Callable[[], Any] | None = None,
    hooks: Sequence[SessionRunHook] | None = None,
) -> Any:
    """Evaluate each checkpoint that comes in a folder.

    Parameters
    ----------
    master : str
        As for `Session`.
    checkpoint_dir : str
    logdir : str
        Where the event file is.
    num_evals : int or None
        How many batches; None for all of the input.
    initial_op : Operation, optional
        Run first.
    initial_op_feed_dict : dict, optional
    init_fn : callable, optional
        Called after it, with the scaffold and the session.
    eval_op : graph element, or list, tuple, dict of them, optional
        Run for each batch: updates of metrics.
    eval_op_feed_dict : dict, optional
    final_op : graph element, or nested list, tuple, dict of them, optional
        Run once at the end: values of metrics.
    final_op_feed_dict : dict, optional
    summary_op : Tensor, string scalar, optional
        All summaries of the graph if not given, none if None.
    summary_op_feed_dict : dict, optional
    variables_to_restore : list or dict, optional
        As for `Saver`.
    eval_interval_secs : float
        How many seconds lie between two evaluations at least.
    max_number_of_evaluations : int, optional
        After how many it ends.
    session_config : ConfigProto, optional
    timeout : float, optional
        How many seconds it waits for a new checkpoint; for ever if not given.
    timeout_fn : callable, optional
        Called then: true ends it. Without it, it ends.
    hooks : list of SessionRunHook, optional

    Returns
    -------
    The structure of `final_op`, with their values of the last evaluation; None without it.
    """
    return evaluation.evaluate_repeatedly(
        checkpoint_dir, master,
        _scaffold(initial_op, initial_op_feed_dict, variables_to_restore, init_fn),
        eval_op, eval_op_feed_dict, final_op, final_op_feed_dict, eval_interval_secs,
        _hooks(num_evals, logdir, summary_op, summary_op_feed_dict, hooks), session_config,
        max_number_of_evaluations, timeout, timeout_fn,
    )  # fmt: skip


def _scaffold(init_op: Any, feed_dict: Any, variables: Any, init_fn: Any = None) -> Scaffold:
    saver = None if variables is None else Saver(variables)
    return Scaffold(init_op=init_op, init_feed_dict=feed_dict, init_fn=init_fn, saver=saver)


def _hooks(
    num_evals: int | None, logdir: Any, summary_op: Any, feed_dict: Any, hooks: Any
) -> list[SessionRunHook]:
    found: list[SessionRunHook] = [StopAfterNEvalsHook(num_evals)]
    if summary_op is _USE_DEFAULT:
        summary_op = merge_all()
    if summary_op is not None:
        found.append(SummaryAtEndHook(logdir, summary_op=summary_op, feed_dict=feed_dict))
    return [*found, *(hooks or [])]
