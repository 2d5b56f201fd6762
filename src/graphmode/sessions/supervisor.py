"""`Supervisor`: what trained for hours before there were monitored sessions."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.framework.default_graph import (
    GraphKeys,
    add_to_collection,
    get_collection,
    get_default_graph,
)
from graphmode.framework.proto.messages import protobuf
from graphmode.launch import lockstep
from graphmode.ops.control.grouping import group
from graphmode.platform import logging
from graphmode.sessions.coordinator import Coordinator
from graphmode.sessions.graph_events import write_graph_events
from graphmode.sessions.looper_thread import LooperThread
from graphmode.sessions.session_manager import SessionManager
from graphmode.sessions.supervisor_threads import (
    SVStepCounterThread,
    SVSummaryThread,
    SVTimerCheckpointThread,
)
from graphmode.summary.file_writer import FileWriter
from graphmode.summary.merging import merge_all
from graphmode.training.global_step import global_step as global_step_of
from graphmode.training.saver import Saver
from graphmode.variables.collections import (
    global_variables,
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
    tables_initializer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from threading import Thread

    from graphmode.framework.graph import Graph
    from graphmode.runtime.config import ConfigProto, RunOptions
    from graphmode.runtime.session import Session


_ServicesInStep = late("graphmode.sessions.services_in_step", "ServicesInStep")


class Supervisor:
    """Prepares a session, saves checkpoints and summaries from threads, and ends them all.

    It finalizes the graph. `MonitoredTrainingSession` is its successor.

    Parameters
    ----------
    graph : Graph, optional
        The default graph if not given.
    ready_op : Tensor, string vector, optional
        The names of what is missing. Of this and all parts below: taken from the graph's collection
        or made if not given, left out if None.
    ready_for_local_init_op : Tensor, string vector, optional
    is_chief : bool
        Whether it initialises the variables and saves; a worker waits until they are initialised.
    init_op : Operation, optional
    init_feed_dict : dict, optional
        What `init_op` is fed.
    local_init_op : Operation, optional
    logdir : str, optional
        Where checkpoints and events are.
    summary_op : Tensor, string scalar, optional
    saver : Saver, optional
    global_step : Variable or Tensor, integer scalar, optional
    save_summaries_secs : float
        Seconds between summaries; 0 for none.
    save_model_secs : float
        Seconds between checkpoints; 0 for none.
    recovery_wait_secs : float
        Seconds before it is looked again whether the model is ready.
    stop_grace_secs : float
        How many seconds threads have to end.
    checkpoint_basename : str
        What the names of checkpoints begin with.
    session_manager : SessionManager, optional
    summary_writer : FileWriter, optional
    init_fn : callable, optional
        Called with the session after `init_op`.
    local_init_run_options : RunOptions, optional

    Raises
    ------
    ValueError
        If variables of a worker have no device.
    """

    USE_DEFAULT: Any = 0

    def __init__(
        self,
        graph: Graph | None = None,
        ready_op: Any = USE_DEFAULT,
        ready_for_local_init_op: Any = USE_DEFAULT,
        is_chief: bool = True,
        init_op: Any = USE_DEFAULT,
        init_feed_dict: Any = None,
        local_init_op: Any = USE_DEFAULT,
        logdir: Any = None,
        summary_op: Any = USE_DEFAULT,
        saver: Any = USE_DEFAULT,
        global_step: Any = USE_DEFAULT,
        save_summaries_secs: float | None = 120,
        save_model_secs: float | None = 600,
        recovery_wait_secs: float = 30,
        stop_grace_secs: float = 120,
        checkpoint_basename: str = "model.ckpt",
        session_manager: SessionManager | None = None,
        summary_writer: Any = USE_DEFAULT,
        init_fn: Callable[[Session], Any] | None = None,
        local_init_run_options: RunOptions | None = None,
    ) -> None:
        is_chief = is_chief or lockstep.is_on()  # each variable is made by all ranks together
        self._graph = graph or get_default_graph()
        with self._graph.as_default():
            keys = GraphKeys
            self._ready_op = _part(ready_op, keys.READY_OP, report_uninitialized_variables)
            self._ready_for_local_init_op = _part(
                ready_for_local_init_op, keys.READY_FOR_LOCAL_INIT_OP, _nothing
            )
            self._init_op = _part(init_op, keys.INIT_OP, global_variables_initializer)
            self._local_init_op = _part(local_init_op, keys.LOCAL_INIT_OP, _local_init_op)
            self._saver: Saver | None = _part(saver, keys.SAVERS, _saver)
            self._summary_op = _part(summary_op, keys.SUMMARY_OP, merge_all)
            self._global_step = _part(global_step, keys.GLOBAL_STEP, self._default_global_step)
        self._init_feed_dict = init_feed_dict
        self._init_fn = init_fn
        self._is_chief = is_chief
        self._coord = Coordinator()
        self._stop_grace_secs = stop_grace_secs
        self._graph_is_written = False
        self._is_writing = True
        self._logdir: str | None = None
        if is_chief and logdir:
            self._logdir = os.fsdecode(logdir)
        self._save_summaries_secs = save_summaries_secs if is_chief else None
        self._save_model_secs = save_model_secs if is_chief else None
        self._save_path = None
        self._summary_writer: FileWriter | None = None
        if self._logdir:
            self._save_path = os.path.join(self._logdir, checkpoint_basename)  # noqa: PTH118 - as given
        if is_chief and summary_writer is not Supervisor.USE_DEFAULT:
            self._summary_writer = summary_writer
        elif self._logdir:
            self._summary_writer = FileWriter(self._logdir)
        self._session_manager = session_manager or SessionManager(
            local_init_op=self._local_init_op, ready_op=self._ready_op,
            ready_for_local_init_op=self._ready_for_local_init_op, graph=self._graph,
            recovery_wait_secs=recovery_wait_secs, local_init_run_options=local_init_run_options,
        )  # fmt: skip
        if not is_chief:
            _require_devices(self._graph)
        self._graph.finalize()

    def _default_global_step(self) -> Any:
        try:
            step = self._graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
        if step.dtype.base_dtype.name in ("int32", "int64"):
            return step
        logging.warning("Found 'global_step' is not an int type: %s", step.dtype)
        return None

    # ---- its parts ----------------------------------------------------------------------------

    @property
    def is_chief(self) -> bool:
        """Whether it initialises the variables and saves."""
        return self._is_chief

    @property
    def session_manager(self) -> SessionManager:
        """What makes its sessions."""
        return self._session_manager

    @property
    def coord(self) -> Coordinator:
        """What ends its threads."""
        return self._coord

    @property
    def init_op(self) -> Any:
        """The operation that initialises the variables."""
        return self._init_op

    @property
    def init_feed_dict(self) -> Any:
        """What `init_op` is fed."""
        return self._init_feed_dict

    @property
    def ready_op(self) -> Any:
        """The names of what is missing."""
        return self._ready_op

    @property
    def ready_for_local_init_op(self) -> Any:
        """The names of what is missing for the local initializer."""
        return self._ready_for_local_init_op

    @property
    def summary_writer(self) -> FileWriter | None:
        """What writes events; None for a worker, or without `logdir`."""
        return self._summary_writer

    @property
    def summary_op(self) -> Any:
        """All summaries as one."""
        return self._summary_op

    @property
    def save_summaries_secs(self) -> float | None:
        """Seconds between summaries."""
        return self._save_summaries_secs

    @property
    def global_step(self) -> Any:
        """The global step, or None."""
        return self._global_step

    @property
    def saver(self) -> Saver | None:
        """What saves and restores."""
        return self._saver

    @property
    def save_model_secs(self) -> float | None:
        """Seconds between checkpoints."""
        return self._save_model_secs

    @property
    def save_path(self) -> str | None:
        """What the names of checkpoints begin with, with their folder."""
        return self._save_path

    # ---- its session --------------------------------------------------------------------------

    @contextlib.contextmanager
    def managed_session(
        self,
        master: str = "",
        config: ConfigProto | None = None,
        start_standard_services: bool = True,
        close_summary_writer: bool = True,
    ) -> Generator[Session]:
        """A block with a session that is ready; at its end all threads end and it is closed.

        What the block or a thread raises comes out of it, but OutOfRangeError, which is an end.

        Parameters
        ----------
        master : str
            As for `Session`.
        config : ConfigProto, optional
        start_standard_services : bool
            Whether threads save checkpoints and summaries.
        close_summary_writer : bool
            Whether the event file is closed at the end.

        Yields
        ------
        Session
        """
        session = None
        try:
            session = self.prepare_or_wait_for_session(
                master, config, start_standard_services=start_standard_services
            )
            yield session
        except Exception as error:
            self.request_stop(error)
        finally:
            try:
                self.stop(close_summary_writer=close_summary_writer)
            finally:
                if session is not None:
                    session.close()

    def prepare_or_wait_for_session(
        self,
        master: str = "",
        config: ConfigProto | None = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        start_standard_services: bool = True,
    ) -> Session:
        """A session that is ready, with its threads.

        The chief restores the newest whole checkpoint of `logdir`, or initialises; a worker waits.

        Parameters
        ----------
        master : str
            As for `Session`.
        config : ConfigProto, optional
        wait_for_checkpoint : bool
            Whether the chief waits until there is a checkpoint.
        max_wait_secs : float
            For how long.
        start_standard_services : bool
            Whether threads save checkpoints and summaries, and queue runners are started.

        Returns
        -------
        Session
        """
        self._coord.clear_stop()
        if self._summary_writer:
            self._summary_writer.reopen()
            self._is_writing = True
        if self._is_chief:
            session = self._session_manager.prepare_session(
                master, init_op=self._init_op, saver=self._saver, checkpoint_dir=self._logdir,
                wait_for_checkpoint=wait_for_checkpoint, max_wait_secs=max_wait_secs,
                config=config, init_feed_dict=self._init_feed_dict, init_fn=self._init_fn,
            )  # fmt: skip
            self._write_graph()
            if start_standard_services:
                logging.info("Starting standard services.")
                self.start_standard_services(session)
        else:
            session = self._session_manager.wait_for_session(
                master, config=config, max_wait_secs=max_wait_secs
            )
        if start_standard_services:
            logging.info("Starting queue runners.")
            self.start_queue_runners(session)
        return session

    def _write_graph(self) -> None:
        writer = None if self._graph_is_written else self._summary_writer
        if self._logdir or writer:
            write_graph_events(self._graph, self._saver, self._logdir, writer)
        self._graph_is_written = self._summary_writer is not None

    def start_standard_services(self, sess: Session) -> list[LooperThread] | None:
        """Start the threads that save summaries and checkpoints, and count steps.

        Parameters
        ----------
        sess : Session

        Returns
        -------
        list of LooperThread or None
            None without `logdir`. Ranks that share a mesh do what the threads would between the
            runs of this thread.

        Raises
        ------
        RuntimeError
            If this is no chief.
        """
        if not self._is_chief:
            raise RuntimeError(
                "Only chief supervisor can start standard services. Because only chief supervisors "
                "can write events."
            )
        if not self._logdir:
            logging.warning("Standard services need a 'logdir' passed to the SessionManager")
            return None
        if self._global_step is not None and self._summary_writer:
            session_log = protobuf("event").SessionLog
            self._summary_writer.add_session_log(
                session_log(status=session_log.START), global_step_of(sess, self._global_step)
            )
        threads: list[LooperThread] = []
        seconds: list[float] = []
        if self._save_summaries_secs and self._summary_writer:
            if self._summary_op is not None:
                threads.append(SVSummaryThread(self, sess))
            if self._global_step is not None:
                threads.append(SVStepCounterThread(self, sess))
            seconds = [self._save_summaries_secs] * len(threads)
        if self._saver and self._save_model_secs:
            threads.append(SVTimerCheckpointThread(self, sess))
            seconds.append(self._save_model_secs)
        if lockstep.is_on():
            _ServicesInStep(sess, list(zip(threads, seconds, strict=True)), self._coord)
            return threads
        for thread in threads:
            thread.start()
        return threads

    def start_queue_runners(
        self, sess: Session, queue_runners: Sequence[Any] | None = None
    ) -> list[Thread]:
        """Start the threads that fill queues.

        Parameters
        ----------
        sess : Session
        queue_runners : list of QueueRunner, optional
            Those of the graph's collection if not given.

        Returns
        -------
        list of threading.Thread
        """
        if queue_runners is None:
            queue_runners = self._graph.get_collection(GraphKeys.QUEUE_RUNNERS)
        threads: list[Thread] = []
        for runner in queue_runners:
            threads += runner.create_threads(sess, coord=self._coord, daemon=True, start=True)
        return threads

    def loop(
        self,
        timer_interval_secs: float | None,
        target: Callable[..., Any],
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
    ) -> LooperThread:
        """Start a thread that calls a function at intervals until the stop.

        Parameters
        ----------
        timer_interval_secs : float or None
            Seconds from the beginning of one call to that of the next; None for no pause.
        target : callable
        args : sequence, optional
        kwargs : dict, optional

        Returns
        -------
        LooperThread
        """
        return LooperThread.loop(self._coord, timer_interval_secs, target, args, kwargs)

    # ---- its end ------------------------------------------------------------------------------

    def stop(
        self,
        threads: Iterable[Thread] | None = None,
        close_summary_writer: bool = True,
        ignore_live_threads: bool = False,
    ) -> None:
        """End all threads, and raise what one of them has raised.

        Parameters
        ----------
        threads : list of threading.Thread, optional
            Beside its own.
        close_summary_writer : bool
            Whether the event file is closed.
        ignore_live_threads : bool
            Whether only a message tells of threads that do not end.
        """
        self._coord.request_stop()
        try:
            self._coord.join(
                threads,
                stop_grace_period_secs=self._stop_grace_secs,
                ignore_live_threads=ignore_live_threads,
            )
        finally:
            if close_summary_writer and self._summary_writer and self._is_writing:
                session_log = protobuf("event").SessionLog
                self._summary_writer.add_session_log(session_log(status=session_log.STOP))
                self._summary_writer.close()
                self._graph_is_written = self._is_writing = False

    def request_stop(self, ex: Any = None) -> None:
        """Have all threads stop; `ex` is what `stop` is to raise."""
        self._coord.request_stop(ex)

    def should_stop(self) -> bool:
        """Whether somebody has asked for a stop."""
        return self._coord.should_stop()

    def stop_on_exception(self) -> contextlib.AbstractContextManager[None]:
        """A block whose exceptions request a stop, and go no further."""
        return self._coord.stop_on_exception()

    def wait_for_stop(self) -> None:
        """Wait until somebody asks for a stop."""
        self._coord.wait_for_stop()

    def summary_computed(self, sess: Session, summary: Any, global_step: Any = None) -> None:
        """Write a summary that the program has computed.

        Parameters
        ----------
        sess : Session
        summary : bytes or Summary
        global_step : int, optional
            What `sess` has counted if not given.

        Raises
        ------
        RuntimeError
            If there is no event file.
        """
        if not self._summary_writer:
            raise RuntimeError("Writing a summary requires a summary writer.")
        if global_step is None and self._global_step is not None:
            global_step = global_step_of(sess, self._global_step)
        self._summary_writer.add_summary(summary, global_step)

    PrepareSession = prepare_or_wait_for_session
    StartQueueRunners = start_queue_runners
    StartStandardServices = start_standard_services
    Stop = stop
    RequestStop = request_stop
    Loop = loop
    ShouldStop = should_stop
    StopOnException = stop_on_exception
    WaitForStop = wait_for_stop
    SummaryComputed = summary_computed


def _part(given: Any, collection_key: str, make: Callable[[], Any]) -> Any:
    """What is given, or the first of a collection, or made and put there."""
    if given is not Supervisor.USE_DEFAULT:
        return given
    elements = get_collection(collection_key)
    if len(elements) > 1:
        logging.info(
            "Found %d %s operations. Returning the first one.", len(elements), collection_key
        )
    if elements:
        return elements[0]
    made = make()
    if made is not None:
        add_to_collection(collection_key, made)
    return made


def _nothing() -> None:
    return None


def _local_init_op() -> Any:
    return group(local_variables_initializer(), tables_initializer())


def _saver() -> Saver | None:
    return Saver() if global_variables() else None


def _require_devices(graph: Graph) -> None:
    for op in graph.get_operations():
        if op.type in ("Variable", "VariableV2") and not op.device:
            raise ValueError(f"When using replicas, all Variables must have their device set: {op}")
