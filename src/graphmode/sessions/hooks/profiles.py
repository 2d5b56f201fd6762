"""`ProfilerHook`: a trace of a run every so many steps or seconds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from graphmode.files.whole import write_whole
from graphmode.framework.errors import of_system
from graphmode.platform import logging
from graphmode.platform.timeline import Timeline
from graphmode.runtime.config import RunOptions
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook
from graphmode.sessions.hooks.step_reading import required_global_step_read
from graphmode.sessions.hooks.timers import SecondOrStepTimer
from graphmode.summary.file_writer import FileWriterCache

if TYPE_CHECKING:
    from graphmode.sessions.hooks.session_run import SessionRunContext, SessionRunValues


class ProfilerHook(SessionRunHook):
    """Writes what a run spent its time on, every so many steps or seconds.

    ``timeline-STEP.json`` is for ``chrome://tracing`` or Perfetto; the event file gets the same.

    Parameters
    ----------
    save_steps : int, optional
    save_secs : float, optional
    output_dir : str
        Where the files are.
    show_dataflow, show_memory : bool
        As for `Timeline.generate_chrome_trace_format`.
    """

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: str = "",
        show_dataflow: bool = True,
        show_memory: bool = False,
    ) -> None:
        self._path = os.path.join(output_dir, "timeline-{}.json")  # noqa: PTH118 - as given
        self._writer = FileWriterCache.get(output_dir)
        self._show_dataflow = show_dataflow
        self._show_memory = show_memory
        self._timer = SecondOrStepTimer(every_secs=save_secs, every_steps=save_steps)

    def begin(self) -> None:
        self._next_step: int | None = None
        self._step = required_global_step_read("ProfilerHook")

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        next_step = self._next_step
        self._is_due = next_step is not None and self._timer.should_trigger_for_step(next_step)
        options = RunOptions(trace_level=RunOptions.FULL_TRACE) if self._is_due else None
        return SessionRunArgs({"global_step": self._step}, options=options)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        before = int(run_values.results["global_step"])
        if self._next_step is None:  # the run that compiles is not what one asks for
            self._timer.update_last_triggered_step(before)
        step = before + 1
        if self._is_due:
            step = int(run_context.session.run(self._step))
            self._timer.update_last_triggered_step(step)
            self._write(step, run_values.run_metadata)
        self._next_step = step + 1

    def _write(self, step: int, metadata: object) -> None:
        path = self._path.format(step)
        logging.info("Saving timeline for %d into '%s'.", step, path)
        trace = Timeline(metadata.step_stats).generate_chrome_trace_format(  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
            self._show_dataflow, self._show_memory
        )
        try:
            write_whole(path, trace.encode())
        except OSError as error:
            raise of_system(error, path) from error
        self._writer.add_run_metadata(metadata, f"step_{step}")
