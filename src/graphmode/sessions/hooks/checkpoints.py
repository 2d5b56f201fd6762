"""`CheckpointSaverHook`: a checkpoint every so many steps or seconds, and one at the end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, get_collection, get_default_graph
from graphmode.framework.proto.messages import protobuf
from graphmode.platform import logging
from graphmode.sessions.graph_events import write_graph_events
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook
from graphmode.sessions.hooks.step_reading import required_global_step_read
from graphmode.sessions.hooks.timers import SecondOrStepTimer
from graphmode.summary.file_writer import FileWriterCache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.coordinator import Coordinator
    from graphmode.sessions.hooks.session_run import SessionRunContext, SessionRunValues
    from graphmode.sessions.scaffold import Scaffold
    from graphmode.training.saver import Saver


class CheckpointSaverListener:
    """Something that a `CheckpointSaverHook` calls around each checkpoint; a base of your own."""

    def begin(self) -> None:
        """Called once before the session is made."""

    def before_save(self, session: BaseSession, global_step_value: int) -> None:
        """Called before a checkpoint is written.

        Parameters
        ----------
        session : Session
        global_step_value : int
        """

    def after_save(self, session: BaseSession, global_step_value: int) -> bool | None:
        """Called when a checkpoint is there.

        Parameters
        ----------
        session : Session
        global_step_value : int

        Returns
        -------
        bool or None
            True ends the training.
        """

    def end(self, session: BaseSession, global_step_value: int) -> None:
        """Called when the training ends, after the last checkpoint.

        Parameters
        ----------
        session : Session
        global_step_value : int
        """


class CheckpointSaverHook(SessionRunHook):
    """Saves a checkpoint when a session begins, every so many steps or seconds, and at the end.

    Parameters
    ----------
    checkpoint_dir : str
    save_secs : float, optional
    save_steps : int, optional
    saver : Saver, optional
        That of `scaffold`, or of the collection `SAVERS`, if not given.
    checkpoint_basename : str
        What the files' names begin with.
    scaffold : Scaffold, optional
    listeners : list of CheckpointSaverListener, optional

    Raises
    ------
    ValueError
        If both `saver` and `scaffold` are given, or not exactly one of seconds and steps.
    """

    def __init__(
        self,
        checkpoint_dir: Any,
        save_secs: float | None = None,
        save_steps: int | None = None,
        saver: Saver | None = None,
        checkpoint_basename: str = "model.ckpt",
        scaffold: Scaffold | None = None,
        listeners: Sequence[CheckpointSaverListener] | None = None,
    ) -> None:
        logging.info("Create CheckpointSaverHook.")
        if saver is not None and scaffold is not None:
            raise ValueError("You cannot provide both saver and scaffold.")
        self._saver = saver
        self._checkpoint_dir: str = os.fspath(checkpoint_dir)
        self._save_path = os.path.join(checkpoint_dir, checkpoint_basename)  # noqa: PTH118 - as given
        self._scaffold = scaffold
        self._timer = SecondOrStepTimer(every_secs=save_secs, every_steps=save_steps)
        self._listeners = listeners or []

    def begin(self) -> None:
        self._writer = FileWriterCache.get(self._checkpoint_dir)
        self._step = required_global_step_read("CheckpointSaverHook")
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session: BaseSession, coord: Coordinator) -> None:
        step = int(session.run(self._step))
        write_graph_events(
            get_default_graph(), self._required_saver(), self._checkpoint_dir, self._writer
        )
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        before = int(run_values.results)
        if self._timer.should_trigger_for_step(before + 1):
            step = int(run_context.session.run(self._step))
            if self._timer.should_trigger_for_step(step):
                self._timer.update_last_triggered_step(step)
                try:
                    if self._save(run_context.session, step):
                        run_context.request_stop()
                except BaseException:
                    self._timer.reset()  # so that `end` tries again
                    raise

    def end(self, session: BaseSession) -> None:
        step = int(session.run(self._step))
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)

    def _save(self, session: BaseSession, step: int) -> bool:
        """Save a checkpoint; whether a listener wants the training to end."""
        logging.info("Saving checkpoints for %d into %s.", step, self._save_path)
        for listener in self._listeners:
            listener.before_save(session, step)
        self._required_saver().save(session, self._save_path, global_step=step)
        session_log = protobuf("event").SessionLog
        self._writer.add_session_log(
            session_log(status=session_log.CHECKPOINT, checkpoint_path=self._save_path), step
        )
        wants_stop = False
        for listener in self._listeners:
            if listener.after_save(session, step):
                logging.info(
                    "A CheckpointSaverListener requested that training be stopped. listener: %s",
                    listener,
                )
                wants_stop = True
        return wants_stop

    def _required_saver(self) -> Saver:
        if self._saver is not None:
            return self._saver
        if self._scaffold is not None:
            return self._scaffold.saver
        savers = get_collection(GraphKeys.SAVERS)
        if not savers:
            raise RuntimeError(
                f"No items in collection {GraphKeys.SAVERS}. Please add a saver to the collection "
                "or provide a saver or scaffold."
            )
        if len(savers) > 1:
            raise RuntimeError(
                f"More than one item in collection {GraphKeys.SAVERS}. Please indicate which one "
                "to use by passing it to the constructor."
            )
        self._saver = savers[0]
        return savers[0]
