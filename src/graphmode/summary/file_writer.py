"""`FileWriter`: events to a file in a log directory; `FileWriterCache`: one writer for each."""

from __future__ import annotations

import os
import threading
import time
import warnings
import weakref
from typing import Any, ClassVar

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.graph import Graph
from graphmode.framework.proto.messages import protobuf
from graphmode.launch import lockstep
from graphmode.platform import logging
from graphmode.summary.event_files import new_event_file
from graphmode.training.meta_graph import meta_graph_def

_shared: weakref.WeakKeyDictionary[Any, dict[str, _EventFile]] = weakref.WeakKeyDictionary()
"""Session -> log directory -> the event file of its writers."""


class _EventFile:
    """An event file that is followed by a new one when it is reopened."""

    def __init__(self, logdir: str, max_queue: int, flush_secs: float, suffix: str) -> None:
        self._arguments = (logdir, max_queue, flush_secs, suffix)
        self.closed = True
        self.open()

    def open(self) -> None:
        if self.closed:
            self.writer = new_event_file(*self._arguments)
            self.closed = False
            # A program that ends without close() loses nothing.
            self._at_exit = weakref.finalize(self, self.writer.close)

    def add(self, event: Any) -> None:
        if lockstep.writes("summaries"):
            self.writer.add_event(event)

    def close(self) -> None:
        self.closed = True
        self._at_exit()


class FileWriter:
    """Writes summaries, graphs and other events to an event file that TensorBoard reads.

    A thread of its own writes the file; the calls only hand over. Every event in the file is
    whole after `flush`. Use it as a context manager, or `close` it; what is left when the program
    ends is written.

    Parameters
    ----------
    logdir : str
        The directory of the new event file; made if it does not exist.
    graph : Graph, optional
        Written at once, as by `add_graph`, and with its collections as by `add_meta_graph`.
    max_queue : int
        How many events may wait before a call waits for the file.
    flush_secs : float
        Seconds between flushes.
    graph_def : GraphDef, optional
        In place of `graph`.
    filename_suffix : str, optional
    session : Session, optional
        Writers of the same session and `logdir` share one event file.

    Raises
    ------
    FailedPreconditionError
        If `logdir` is a file.
    """

    def __init__(
        self,
        logdir: str,
        graph: Any = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        graph_def: Any = None,
        filename_suffix: str | None = None,
        session: Any = None,
    ) -> None:
        self._logdir = os.fspath(logdir)
        arguments = (self._logdir, max_queue, flush_secs, filename_suffix or "")
        if session is None:
            self._file = _EventFile(*arguments)
        else:
            files = _shared.setdefault(session, {})
            if self._logdir not in files:
                files[self._logdir] = _EventFile(*arguments)
            self._file = files[self._logdir]
        self._described: set[str] = set()
        self._run_tags: set[str] = set()
        if graph is not None or graph_def is not None:
            self.add_graph(graph, graph_def=graph_def)
            given = graph_def if graph is None else graph
            is_graph = isinstance(given, Graph)
            self.add_meta_graph(
                meta_graph_def(
                    given if is_graph else None,
                    graph_def=given.as_graph_def(add_shapes=True) if is_graph else given,
                )
            )

    def get_logdir(self) -> str:
        """The folder of the event file."""
        return self._logdir

    def add_summary(self, summary: Any, global_step: int | None = None) -> None:
        """Write a summary.

        Parameters
        ----------
        summary : bytes or Summary
            What a summary op gave, or a `tf.Summary`.
        global_step : int, optional
        """
        event = protobuf("event").Event()
        content = summary if isinstance(summary, bytes) else summary.SerializeToString()
        event.summary.ParseFromString(content)
        for value in event.summary.value:
            # TensorBoard keeps the metadata of a tag's first value.
            if value.tag in self._described:
                value.ClearField("metadata")
            self._described.add(value.tag)
        self._add(event, global_step)

    def add_graph(self, graph: Any, global_step: int | None = None, graph_def: Any = None) -> None:
        """Write a graph, with the shapes of its tensors.

        Parameters
        ----------
        graph : Graph
            Or a `GraphDef`, as before 1.0.
        global_step : int, optional
        graph_def : GraphDef, optional
            In place of `graph`.

        Raises
        ------
        ValueError
            If both are given.
        TypeError
            If it is neither.
        """
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        given: Any = graph_def if graph is None else graph
        if isinstance(given, Graph):
            given = given.as_graph_def(add_shapes=True)
        elif _is_message(given, "GraphDef"):
            logging.warning(
                "Passing a `GraphDef` to the SummaryWriter is deprecated. Pass a `Graph` object "
                "instead, such as `sess.graph`."
            )
        if not _is_message(given, "GraphDef"):
            raise TypeError(
                "The passed graph must be an instance of `Graph` or the deprecated `GraphDef`, "
                f"not {type(given).__name__}"
            )
        self._add(protobuf("event").Event(graph_def=given.SerializeToString()), global_step)

    def add_meta_graph(self, meta_graph_def: Any, global_step: int | None = None) -> None:
        """Write a graph with what belongs to it.

        Parameters
        ----------
        meta_graph_def : MetaGraphDef
        global_step : int, optional

        Raises
        ------
        TypeError
            If it is something else.
        """
        if not _is_message(meta_graph_def, "MetaGraphDef"):
            raise TypeError(
                f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def)}"
            )
        self._add(
            protobuf("event").Event(meta_graph_def=meta_graph_def.SerializeToString()), global_step
        )

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: int | None = None) -> None:
        """Write what one run reported.

        Parameters
        ----------
        run_metadata : RunMetadata
        tag : str
            Its name, which is used once.
        global_step : int, optional

        Raises
        ------
        ValueError
            If the tag was used before.
        """
        if tag in self._run_tags:
            raise ValueError("The provided tag was already used for this event type")
        self._run_tags.add(tag)
        event = protobuf("event").Event()
        event.tagged_run_metadata.tag = tag
        event.tagged_run_metadata.run_metadata = run_metadata.SerializeToString()
        self._add(event, global_step)

    def add_session_log(self, session_log: Any, global_step: int | None = None) -> None:
        """Write that a session started, stopped or saved.

        Parameters
        ----------
        session_log : SessionLog
            START, STOP or CHECKPOINT.
        global_step : int, optional
        """
        self._add(protobuf("event").Event(session_log=session_log), global_step)

    def add_event(self, event: Any) -> None:
        """Write the `Event` protobuf `event` as it stands."""
        if not self._is_closed(3):
            self._file.add(event)

    def _add(self, event: Any, step: Any) -> None:
        event.wall_time = time.time()
        if step is not None:
            event.step = int(step)
        if not self._is_closed(4):
            self._file.add(event)

    def _is_closed(self, frames_to_user: int) -> bool:
        if self._file.closed:
            warnings.warn(
                "Attempting to use a closed FileWriter. The operation will be a noop unless the "
                "FileWriter is explicitly reopened.",
                stacklevel=frames_to_user,
            )
        return self._file.closed

    def flush(self) -> None:
        """Wait until all events so far are in the file."""
        if not self._is_closed(3):
            self._file.writer.flush()

    def close(self) -> None:
        """Write all events so far and close the file. A second call changes nothing."""
        self._file.close()

    def reopen(self) -> None:
        """After `close`, go on in a new event file of the same directory."""
        self._file.open()

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def _is_message(value: Any, name: str) -> bool:
    """Whether `value` is a protobuf called `name`, of TensorBoard's package or TensorFlow's."""
    return getattr(getattr(value, "DESCRIPTOR", None), "name", None) == name


class FileWriterCache:
    """One FileWriter for each log directory."""

    _writers: ClassVar[dict[str, FileWriter]] = {}
    _lock = threading.RLock()

    @staticmethod
    def get(logdir: str) -> FileWriter:
        """The writer of `logdir`; a new one begins with the default graph."""
        with FileWriterCache._lock:
            writers = FileWriterCache._writers
            if logdir not in writers:
                writers[logdir] = FileWriter(logdir, graph=get_default_graph())
            return writers[logdir]

    @staticmethod
    def clear() -> None:
        """Close and forget all writers."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._writers.values():
                writer.close()
            FileWriterCache._writers.clear()
