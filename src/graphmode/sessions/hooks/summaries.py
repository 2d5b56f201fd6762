"""`SummarySaverHook`: the summaries of a graph, every so many steps or seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.proto.messages import protobuf
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook
from graphmode.sessions.hooks.step_reading import required_global_step_read
from graphmode.sessions.hooks.timers import SecondOrStepTimer
from graphmode.summary.file_writer import FileWriterCache

if TYPE_CHECKING:
    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.hooks.session_run import SessionRunContext, SessionRunValues
    from graphmode.sessions.scaffold import Scaffold
    from graphmode.summary.file_writer import FileWriter


class SummarySaverHook(SessionRunHook):
    """Writes summaries to an event file every so many steps or seconds, the first run's too.

    Parameters
    ----------
    save_steps : int, optional
    save_secs : float, optional
    output_dir : str, optional
        Where the event file is.
    summary_writer : FileWriter, optional
        In place of one for `output_dir`.
    scaffold : Scaffold, optional
        Whose `summary_op` is taken.
    summary_op : Tensor or list of Tensor, string scalar, optional

    Raises
    ------
    ValueError
        If not exactly one of `scaffold` and `summary_op` is given, nor one of steps and seconds.
    """

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: str | None = None,
        summary_writer: FileWriter | None = None,
        scaffold: Scaffold | None = None,
        summary_op: Any = None,
    ) -> None:
        if (scaffold is None) == (summary_op is None):
            raise ValueError("Exactly one of scaffold or summary_op must be provided.")
        self._summary_op = summary_op
        self._writer = summary_writer
        self._output_dir = output_dir
        self._scaffold = scaffold
        self._timer = SecondOrStepTimer(every_secs=save_secs, every_steps=save_steps)

    def begin(self) -> None:
        if self._writer is None and self._output_dir:
            self._writer = FileWriterCache.get(self._output_dir)
        self._next_step: int | None = None
        self._step = required_global_step_read("SummarySaverHook")

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        next_step = self._next_step
        self._is_due = next_step is None or self._timer.should_trigger_for_step(next_step)
        wanted: dict[str, Any] = {"global_step": self._step}
        if self._is_due and (summaries := self._summaries()):
            wanted["summary"] = summaries
        return SessionRunArgs(wanted)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if not self._writer:
            return
        step = int(run_values.results["global_step"]) + 1
        if self._is_due:
            step = int(run_context.session.run(self._step))
        if self._next_step is None:
            session_log = protobuf("event").SessionLog
            self._writer.add_session_log(session_log(status=session_log.START), step)
        if self._is_due:
            self._timer.update_last_triggered_step(step)
            for summary in run_values.results.get("summary", ()):
                self._writer.add_summary(summary, step)
        self._next_step = step + 1

    def end(self, session: BaseSession | None = None) -> None:
        """Called when the training ends: all is in the file then, whatever `session` is."""
        if self._writer:
            self._writer.flush()

    def _summaries(self) -> list[Any]:
        found: Any = self._summary_op
        if found is None and self._scaffold is not None:
            found = self._scaffold.summary_op
        if found is None:
            return []
        return [*found] if isinstance(found, list) else [found]
