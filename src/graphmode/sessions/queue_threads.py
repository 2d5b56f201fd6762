"""`start_queue_runners`: the threads that fill the queues of a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys
from graphmode.framework.defaults import default_session
from graphmode.platform import logging
from graphmode.runtime.session import BaseSession

if TYPE_CHECKING:
    from threading import Thread

    from graphmode.sessions.coordinator import Coordinator

_STARTS_THEM_ITSELF = ("MonitoredSession", "SingularMonitoredSession")


def start_queue_runners(
    sess: Any = None,
    coord: Coordinator | None = None,
    daemon: bool = True,
    start: bool = True,
    collection: str = GraphKeys.QUEUE_RUNNERS,
) -> list[Thread]:
    """Start the threads of all queue runners of a graph.

    Parameters
    ----------
    sess : Session, optional
        What runs their ops; the default session if not given. Of a `MonitoredSession`, which starts
        them itself, nothing is started.
    coord : Coordinator, optional
        What stops them.
    daemon : bool
        Whether a program may end while they run.
    start : bool
        Whether the threads are started, or only made.
    collection : str
        Where the queue runners are.

    Returns
    -------
    list of threading.Thread

    Raises
    ------
    ValueError
        If there is no session.
    TypeError
        If `sess` is none.
    """
    if sess is None:
        sess = default_session()
        if sess is None:
            raise ValueError(
                "Cannot start queue runners: No default session is registered. Use `with "
                "sess.as_default()` or pass an explicit session to "
                "tf.start_queue_runners(sess=sess)"
            )
    if not isinstance(sess, BaseSession):
        if type(sess).__name__ in _STARTS_THEM_ITSELF:
            return []
        raise TypeError(f"sess must be a `tf.Session` object. Given class: {type(sess)}")
    runners = sess.graph.get_collection(collection)
    if not runners:
        logging.warning(
            "`tf.train.start_queue_runners()` was called when no queue runners were defined. You "
            "can safely remove the call to this deprecated function."
        )
    threads: list[Thread] = []
    with sess.graph.as_default():
        for runner in runners:
            threads += runner.create_threads(sess, coord=coord, daemon=daemon, start=start)
    return threads
