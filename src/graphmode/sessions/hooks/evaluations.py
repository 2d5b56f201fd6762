"""Hooks of an evaluation: it ends after so many batches, and writes summaries at its end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from graphmode.platform import logging
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook
from graphmode.summary.file_writer import FileWriterCache
from graphmode.summary.merging import merge_all
from graphmode.training.global_step import get_or_create_global_step, global_step

if TYPE_CHECKING:
    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.coordinator import Coordinator
    from graphmode.sessions.hooks.session_run import SessionRunContext, SessionRunValues
    from graphmode.summary.file_writer import FileWriter


class StopAfterNEvalsHook(SessionRunHook):
    """Ends an evaluation after so many runs, and logs how far it is.

    Parameters
    ----------
    num_evals : int or None
        None for an evaluation that the end of its input ends.
    log_progress : bool
        Whether each run is logged; of 20 and more every tenth part.
    """

    def __init__(self, num_evals: int | None, log_progress: bool = True) -> None:
        self._num_evals = num_evals
        self._log_progress = log_progress
        self._every = 1 if num_evals is None or num_evals < 20 else math.floor(num_evals / 10)
        self._completed: Any = None

    def count_by(self, completed: Any) -> None:
        """Take the number of runs from `completed`, an integer scalar; evaluations call it."""
        self._completed = completed

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs({"evals_completed": self._completed})

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        n, wanted = int(run_values.results["evals_completed"]), self._num_evals
        if self._log_progress and wanted is None:
            logging.info("Evaluation [%d]", n)
        elif self._log_progress and (n % self._every == 0 or n == wanted):
            logging.info("Evaluation [%d/%d]", n, wanted)
        if wanted is not None and n >= wanted:
            run_context.request_stop()


class SummaryAtEndHook(SessionRunHook):
    """Writes summaries once, at the end of an evaluation.

    Parameters
    ----------
    log_dir : str, optional
        Where the event file is.
    summary_writer : FileWriter, optional
        In place of one for `log_dir`.
    summary_op : Tensor, string scalar, optional
        All summaries of the graph if not given.
    feed_dict : dict, optional
        What it is fed.

    Raises
    ------
    ValueError
        If there is neither folder nor writer.
    """

    def __init__(
        self,
        log_dir: Any = None,
        summary_writer: FileWriter | None = None,
        summary_op: Any = None,
        feed_dict: Any = None,
    ) -> None:
        if log_dir is None and summary_writer is None:
            raise ValueError("One of log_dir or summary_writer should be used.")
        self._log_dir = log_dir
        self._writer = summary_writer
        self._given = summary_op
        self._feed_dict = feed_dict

    def begin(self) -> None:
        self._summary_op = merge_all() if self._given is None else self._given
        self._step = get_or_create_global_step()

    def after_create_session(self, session: BaseSession, coord: Coordinator) -> None:
        if self._writer is None and self._log_dir is not None:
            self._writer = FileWriterCache.get(self._log_dir)

    def end(self, session: BaseSession) -> None:
        if self._writer is None:
            return
        if self._summary_op is not None:
            step = global_step(session, self._step)
            self._writer.add_summary(session.run(self._summary_op, self._feed_dict), step)
        self._writer.flush()
