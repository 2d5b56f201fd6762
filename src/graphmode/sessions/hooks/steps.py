"""Hooks that count steps: how fast they go, when to stop, when to begin."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from graphmode.framework.proto.messages import protobuf
from graphmode.platform import logging
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook
from graphmode.sessions.hooks.step_reading import required_global_step_read
from graphmode.sessions.hooks.timers import SecondOrStepTimer
from graphmode.summary.file_writer import FileWriterCache
from graphmode.training.global_step import get_global_step

if TYPE_CHECKING:
    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.coordinator import Coordinator
    from graphmode.sessions.hooks.session_run import SessionRunContext, SessionRunValues
    from graphmode.summary.file_writer import FileWriter


class StepCounterHook(SessionRunHook):
    """Logs and writes how many steps a second are made.

    Parameters
    ----------
    every_n_steps : int, optional
    every_n_secs : float, optional
    output_dir : str, optional
        Where the event file is.
    summary_writer : FileWriter, optional
        In place of one for `output_dir`.

    Raises
    ------
    ValueError
        If not exactly one of steps and seconds is given.
    """

    def __init__(
        self,
        every_n_steps: int | None = 100,
        every_n_secs: float | None = None,
        output_dir: str | None = None,
        summary_writer: FileWriter | None = None,
    ) -> None:
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError("exactly one of every_n_steps and every_n_secs should be provided.")
        self._timer = SecondOrStepTimer(every_steps=every_n_steps, every_secs=every_n_secs)
        self._writer = summary_writer
        self._output_dir = output_dir
        self._last_step: int | None = None

    def begin(self) -> None:
        if self._writer is None and self._output_dir:
            self._writer = FileWriterCache.get(self._output_dir)
        self._step = required_global_step_read("StepCounterHook")
        counter = get_global_step()
        self._tag = f"{'global_step' if counter is None else counter.op.name}/sec"

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        before = int(run_values.results)
        if self._timer.should_trigger_for_step(before + 1):
            step = int(run_context.session.run(self._step))
            if self._timer.should_trigger_for_step(step):
                seconds, steps = self._timer.update_last_triggered_step(step)
                if seconds is not None and steps is not None:
                    self._log(steps / seconds if seconds else float("inf"), step)
        if before == self._last_step:
            logging.log_first_n(
                logging.WARN,
                "It seems that global step (tf.train.get_global_step) has not been increased. "
                "Current value (could be stable): %s vs previous value: %s. You could increase the "
                "global step by passing tf.train.get_global_step() to Optimizer.apply_gradients or "
                "Optimizer.minimize.", 5, before, self._last_step,
            )  # fmt: skip
        self._last_step = before

    def _log(self, steps_per_sec: float, step: int) -> None:
        if self._writer is not None:
            summary = protobuf("summary").Summary()
            summary.value.add(tag=self._tag, simple_value=steps_per_sec)
            self._writer.add_summary(summary, step)
        logging.info("%s: %g", self._tag, steps_per_sec)


class StopAtStepHook(SessionRunHook):
    """Ends the training at a step.

    Parameters
    ----------
    num_steps : int, optional
        How many steps are made, from where the session begins.
    last_step : int, optional
        The global step after which nothing more is run.

    Raises
    ------
    ValueError
        If not exactly one of the two is given.
    """

    def __init__(self, num_steps: int | None = None, last_step: int | None = None) -> None:
        if num_steps is None and last_step is None:
            raise ValueError("One of num_steps or last_step must be specified.")
        if num_steps is not None and last_step is not None:
            raise ValueError("Only one of num_steps or last_step can be specified.")
        self._num_steps = num_steps
        self._last_step = last_step

    def begin(self) -> None:
        self._step = required_global_step_read("StopAtStepHook")

    def after_create_session(self, session: BaseSession, coord: Coordinator) -> None:
        if self._last_step is None:
            self._last_step = int(session.run(self._step)) + (self._num_steps or 0)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        last = self._last_step or 0
        if int(run_values.results) + 1 >= last and int(run_context.session.run(self._step)) >= last:
            run_context.request_stop()


class GlobalStepWaiterHook(SessionRunHook):
    """Has the first run wait until another worker has made so many steps.

    Parameters
    ----------
    wait_until_step : int
        The global step; 0 for no waiting.
    """

    def __init__(self, wait_until_step: int) -> None:
        self._wait_until_step = wait_until_step

    def begin(self) -> None:
        self._has_begun = False
        self._step = required_global_step_read("_GlobalStepWaiterHook")

    def before_run(self, run_context: SessionRunContext) -> None:
        if self._has_begun:
            return
        self._has_begun = True
        wanted = self._wait_until_step
        if wanted <= 0:
            return
        logging.info("Waiting for global step %d before starting training.", wanted)
        told, pause = 0, 0.01
        while (step := int(run_context.session.run(self._step))) < wanted:
            if step - told > 1000:
                logging.info(
                    "Waiting for global step %d before starting training. Current step is %d.",
                    wanted, step,
                )  # fmt: skip
                told = step
            time.sleep(pause)
            pause = min(2 * pause, 0.5)
