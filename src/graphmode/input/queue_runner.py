"""`QueueRunner`: the threads that fill one queue, and close it when there is no more."""

from __future__ import annotations

import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

from graphmode.files.messages import message
from graphmode.framework import errors
from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.ops.data.queue_value import closed_by
from graphmode.ops.data.waiting import idle
from graphmode.platform import logging

if TYPE_CHECKING:
    from collections.abc import Sequence


class QueueRunner:
    """Runs ops that fill a queue, each in a thread of its own, until there is nothing left.

    When all of them have come to an end, the queue is closed. What one of them raises else reaches
    the coordinator, whose `join` raises it; without a coordinator, and if no other thread fills the
    queue, the runs that wait for it.

    Parameters
    ----------
    queue : QueueBase
    enqueue_ops : list of Operation
        One thread each; the same one several times is several threads.
    close_op, cancel_op : Operation, optional
        What closes the queue at the end, and after a stop, so that nobody waits for room any more.
    queue_closed_exception_types : tuple of type, optional
        Subclasses of `tf.errors.OpError` that say that there is nothing left.
        ``(tf.errors.OutOfRangeError,)`` if not given.
    queue_runner_def : QueueRunnerDef, optional
        What describes it, in place of all others.
    import_scope : str, optional
        The name scope of the ops that `queue_runner_def` names.

    Raises
    ------
    ValueError
        If `queue` or `enqueue_ops` is missing, or given beside a `queue_runner_def`.
    TypeError
        If `queue_closed_exception_types` is no tuple of such types.

    Examples
    --------
    ::

        queue = tf.FIFOQueue(100, tf.float32, shapes=[[]])
        put = queue.enqueue(tf.random_uniform([]))
        tf.train.add_queue_runner(tf.train.QueueRunner(queue, [put] * 2))
    """

    def __init__(
        self,
        queue: Any = None,
        enqueue_ops: Sequence[Any] | None = None,
        close_op: Any = None,
        cancel_op: Any = None,
        queue_closed_exception_types: tuple[type, ...] | None = None,
        queue_runner_def: Any = None,
        import_scope: str | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._running: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._exceptions_raised: list[BaseException] = []
        if queue_runner_def is not None:
            if queue is not None or enqueue_ops:
                raise ValueError("queue_runner_def and queue are mutually exclusive.")
            self._read(queue_runner_def, f"{import_scope}/" if import_scope else "")
            return
        if queue is None or not enqueue_ops:
            raise ValueError("Must provide queue and enqueue_ops.")
        ends: Any = queue_closed_exception_types
        if ends is not None and not _are_errors(ends):
            raise TypeError(
                "queue_closed_exception_types, when provided, must be a tuple of tf.error types, "
                f"but saw: {ends}"
            )
        self._queue = queue
        self._enqueue_ops = list(enqueue_ops)
        self._close_op = queue.close() if close_op is None else close_op
        self._cancel_op = (
            queue.close(cancel_pending_enqueues=True) if cancel_op is None else cancel_op
        )
        self._ends: tuple[type[errors.OpError], ...] = ends or (errors.OutOfRangeError,)

    def _read(self, queue_runner_def: Any, prefix: str) -> None:
        graph = get_default_graph()

        def found(name: str) -> Any:
            return graph.as_graph_element(prefix + name)

        self._queue = found(queue_runner_def.queue_name)
        self._enqueue_ops = [found(name) for name in queue_runner_def.enqueue_op_name]
        self._close_op = found(queue_runner_def.close_op_name)
        self._cancel_op = found(queue_runner_def.cancel_op_name)
        self._ends = tuple(
            errors.exception_type_from_error_code(code)
            for code in queue_runner_def.queue_closed_exception_types
        ) or (errors.OutOfRangeError,)

    @property
    def queue(self) -> Any:
        """The queue; of one that was read from a message, the op that makes it."""
        return self._queue

    @property
    def enqueue_ops(self) -> list[Any]:
        """The ops that fill it, one a thread."""
        return self._enqueue_ops

    @property
    def close_op(self) -> Any:
        """What closes the queue when there is no more."""
        return self._close_op

    @property
    def cancel_op(self) -> Any:
        """What closes the queue after a stop."""
        return self._cancel_op

    @property
    def queue_closed_exception_types(self) -> tuple[type[errors.OpError], ...]:
        """The errors that say that there is nothing left."""
        return self._ends

    @property
    def exceptions_raised(self) -> list[BaseException]:
        """What threads without a coordinator have raised."""
        return self._exceptions_raised

    @property
    def name(self) -> str:
        """The name of the queue."""
        return self._queue.name

    def create_threads(
        self, sess: Any, coord: Any = None, daemon: bool = False, start: bool = False
    ) -> list[threading.Thread]:
        """Make the threads: one for each op, and one that waits for the coordinator's stop.

        Parameters
        ----------
        sess : Session
        coord : Coordinator, optional
            What stops them, and is told what they raise.
        daemon : bool
            Whether a program may end while they run.
        start : bool
            Whether they are started, too.

        Returns
        -------
        list of threading.Thread
            None if those of this session still run.
        """
        with self._lock:
            if self._running.get(sess, 0) > 0:
                return []
            self._running[sess] = len(self._enqueue_ops)
            self._exceptions_raised = []
        threads = [
            threading.Thread(
                target=self._fill,
                args=(sess, op, coord),
                name=f"QueueRunnerThread-{self.name}-{op.name}",
            )
            for op in self._enqueue_ops
        ]
        if coord is not None:
            threads.append(
                threading.Thread(
                    target=self._cancel_on_stop,
                    args=(sess, coord),
                    name=f"QueueRunnerThread-{self.name}-close_on_stop",
                )
            )
        for thread in threads:
            if coord is not None:
                coord.register_thread(thread)
            thread.daemon = thread.daemon or daemon
            if start:
                thread.start()
        return threads

    def _fill(self, sess: Any, enqueue_op: Any, coord: Any) -> None:
        """Run `enqueue_op` again and again."""
        is_counted = True
        try:
            enqueue = sess.make_callable(enqueue_op)
            while not (coord is not None and coord.should_stop()):
                try:
                    enqueue()
                except self._ends:
                    is_counted = False
                    if self._is_last(sess):
                        with closed_by(getattr(coord, "failure", None), raised_elsewhere=True):
                            _run_quietly(sess, self._close_op)
                    return
        except Exception as error:
            if coord is not None:
                coord.request_stop(sys.exc_info())
                return
            is_counted = False
            self._hand_on(sess, error)
        finally:
            if is_counted:
                self._is_last(sess)

    def _hand_on(self, sess: Any, error: Exception) -> None:
        """Have those who wait for the queue get `error`, if nobody is left who fills it."""
        with self._lock:
            self._exceptions_raised.append(error)
        if self._is_last(sess):
            with closed_by(error):
                _run_quietly(sess, self._cancel_op)
        elif not isinstance(error, errors.CancelledError):  # the queue or the session is closed
            logging.error("Exception in QueueRunner: %s", error)

    def _is_last(self, sess: Any) -> bool:
        """Count a thread of `sess` as ended; whether no other is left."""
        with self._lock:
            self._running[sess] -= 1
            return self._running[sess] == 0

    def _cancel_on_stop(self, sess: Any, coord: Any) -> None:
        with idle():
            coord.wait_for_stop()
        with closed_by(getattr(coord, "failure", None), raised_elsewhere=True):
            _run_quietly(sess, self._cancel_op)

    def to_proto(self, export_scope: str | None = None) -> Any:
        """This queue runner as a `QueueRunnerDef`; None if it is outside `export_scope`."""
        prefix = f"{export_scope}/" if export_scope else ""
        if not self.name.startswith(prefix):
            return None
        return message("QueueRunnerDef")(
            queue_name=self.name.removeprefix(prefix),
            enqueue_op_name=[op.name.removeprefix(prefix) for op in self._enqueue_ops],
            close_op_name=self._close_op.name.removeprefix(prefix),
            cancel_op_name=self._cancel_op.name.removeprefix(prefix),
            queue_closed_exception_types=[
                errors.error_code_from_exception_type(end) for end in self._ends
            ],
        )

    @staticmethod
    def from_proto(queue_runner_def: Any, import_scope: str | None = None) -> QueueRunner:
        """The queue runner of the default graph that a `QueueRunnerDef` describes.

        Parameters
        ----------
        queue_runner_def : QueueRunnerDef
        import_scope : str, optional
            The name scope of the ops that it names.

        Returns
        -------
        QueueRunner
        """
        return QueueRunner(queue_runner_def=queue_runner_def, import_scope=import_scope)


def _are_errors(kinds: Any) -> bool:
    return issubclass(type(kinds), tuple) and bool(kinds) and all(map(_is_error, kinds))


def _is_error(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, errors.OpError)


def _run_quietly(sess: Any, op: Any) -> None:
    """Run `op`, which nobody misses if the session or the queue is closed by then."""
    try:
        sess.run(op)
    except (errors.OpError, RuntimeError) as error:
        logging.debug("Ignored exception: %s", error)


def add_queue_runner(qr: QueueRunner, collection: str = GraphKeys.QUEUE_RUNNERS) -> None:
    """Add a queue runner to a collection of the graph, so that `start_queue_runners` finds it.

    Parameters
    ----------
    qr : QueueRunner
    collection : str
    """
    get_default_graph().add_to_collection(collection, qr)
