"""The threads of a `Supervisor`: summaries, steps per second, checkpoints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from graphmode.framework.proto.messages import protobuf
from graphmode.platform import logging
from graphmode.sessions.looper_thread import LooperThread
from graphmode.training.global_step import global_step

if TYPE_CHECKING:
    from graphmode.runtime.session import Session


class SVSummaryThread(LooperThread):
    """Writes the summaries of a supervisor.

    Parameters
    ----------
    sv : Supervisor
    sess : Session
    """

    def __init__(self, sv: Any, sess: Session) -> None:
        super().__init__(sv.coord, sv.save_summaries_secs)
        self._sv = sv
        self._sess = sess

    def run_loop(self) -> None:
        step = None
        if self._sv.global_step is not None:
            summary, step = self._sess.run([self._sv.summary_op, self._sv.global_step])
        else:
            summary = self._sess.run(self._sv.summary_op)
        if self._sv.summary_writer:
            logging.info("Recording summary at step %s.", step)
            self._sv.summary_writer.add_summary(summary, step)


class SVStepCounterThread(LooperThread):
    """Writes how many steps a second a supervisor's session makes.

    Parameters
    ----------
    sv : Supervisor
    sess : Session
    step_counter : Variable or Tensor, integer scalar, optional
        The supervisor's global step if not given.
    """

    def __init__(self, sv: Any, sess: Session, step_counter: Any = None) -> None:
        super().__init__(sv.coord, sv.save_summaries_secs)
        self._sv = sv
        self._sess = sess
        self._counter = sv.global_step if step_counter is None else step_counter
        self._tag = f"{self._counter.op.name}/sec"

    def start_loop(self) -> None:
        self._time = time.monotonic()
        self._step = global_step(self._sess, self._counter)

    def run_loop(self) -> None:
        step, now = global_step(self._sess, self._counter), time.monotonic()
        added, elapsed = step - self._step, now - self._time
        self._step, self._time = step, now
        rate = added / elapsed if elapsed > 0 else float("inf")
        if self._sv.summary_writer:
            summary = protobuf("summary").Summary()
            summary.value.add(tag=self._tag, simple_value=rate)
            self._sv.summary_writer.add_summary(summary, step)
        logging.log_first_n(logging.INFO, "%s: %g", 10, self._tag, rate)


class SVTimerCheckpointThread(LooperThread):
    """Saves the checkpoints of a supervisor.

    Parameters
    ----------
    sv : Supervisor
    sess : Session
    """

    def __init__(self, sv: Any, sess: Session) -> None:
        super().__init__(sv.coord, sv.save_model_secs)
        self._sv = sv
        self._sess = sess

    def run_loop(self) -> None:
        sv = self._sv
        logging.info("Saving checkpoint to path %s", sv.save_path)
        sv.saver.save(self._sess, sv.save_path, global_step=sv.global_step)
        if sv.summary_writer and sv.global_step is not None:
            session_log = protobuf("event").SessionLog
            sv.summary_writer.add_session_log(
                session_log(status=session_log.CHECKPOINT, checkpoint_path=sv.save_path),
                global_step(self._sess, sv.global_step),
            )
