"""`MonitoredSession`: a session with hooks and threads, which is made anew when it is lost."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.framework.errors import OutOfRangeError
from graphmode.sessions.coordinator import Coordinator
from graphmode.sessions.queue_threads import start_queue_runners
from graphmode.sessions.session_creators import ChiefSessionCreator
from graphmode.sessions.session_layers import (
    CoordinatedSession,
    HookedSession,
    RecoverableSession,
    StepContext,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.graph import Graph
    from graphmode.runtime.config import ConfigProto, RunOptions
    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.hooks.session_run import SessionRunHook
    from graphmode.sessions.scaffold import Scaffold
    from graphmode.sessions.session_creators import SessionCreator

_CALLS = ("begin", "after_create_session", "before_run", "after_run", "end")
_step_context = StepContext


class _CoordinatedSessionCreator:
    """Makes the session of a monitored one, with its threads, and tells the hooks."""

    def __init__(
        self, session_creator: SessionCreator, hooks: Sequence[SessionRunHook], grace_secs: float
    ) -> None:
        self._session_creator = session_creator
        self._hooks = hooks
        self._grace_secs = grace_secs
        self.coord: Coordinator | None = None
        self.tf_sess: BaseSession | None = None

    def create_session(self) -> CoordinatedSession:
        session = self.tf_sess = self._session_creator.create_session()
        coord = self.coord = Coordinator(clean_stop_exception_types=[])
        try:
            if get_default_graph().get_collection(GraphKeys.QUEUE_RUNNERS):
                start_queue_runners(sess=session, coord=coord)
            for hook in self._hooks:
                hook.after_create_session(session, coord)
        except BaseException:
            coord.request_stop()
            session.close()
            raise
        return CoordinatedSession(HookedSession(session, self._hooks), coord, self._grace_secs)


class _Monitored:
    """What both kinds of monitored session do."""

    StepContext = _step_context

    def __init__(
        self,
        session_creator: SessionCreator | None,
        hooks: Sequence[SessionRunHook] | None,
        should_recover: bool,
        stop_grace_period_secs: float,
    ) -> None:
        self._graph = get_default_graph()
        self._graph_was_finalized = self._graph.finalized
        self._hooks = _checked_hooks(hooks)
        self._coordinated_creator = _CoordinatedSessionCreator(
            session_creator or ChiefSessionCreator(), self._hooks, stop_grace_period_secs
        )
        try:
            for hook in self._hooks:
                hook.begin()
            create = self._coordinated_creator.create_session
            self._sess: Any = RecoverableSession(create) if should_recover else create()
        except BaseException:  # so that the graph can be mended, in a notebook
            self._unfinalize()
            raise

    @property
    def graph(self) -> Graph | None:
        """The graph of the session; None when it is closed."""
        session = self._tf_sess()
        return None if session is None else session.graph

    def run(
        self,
        fetches: Any,
        feed_dict: Any = None,
        options: RunOptions | None = None,
        run_metadata: Any = None,
    ) -> Any:
        """Run `fetches`, and what the hooks want along with them.

        Parameters
        ----------
        fetches : graph element, or nested list, tuple, dict of them
            As for `Session.run`.
        feed_dict : dict, optional
        options : RunOptions, optional
        run_metadata : RunMetadata, optional

        Returns
        -------
        The structure of `fetches`, with their values.

        Raises
        ------
        RuntimeError
            If the training has ended, the session is closed, or two feed the same tensor.
        OpError
            What an op refused; a lost session is made anew and the run repeated.
        """
        return self._open().run(
            fetches, feed_dict=feed_dict, options=options, run_metadata=run_metadata
        )

    def run_step_fn(self, step_fn: Callable[..., Any]) -> Any:
        """Call a function that makes the runs of one step, with hooks where it wants.

        Parameters
        ----------
        step_fn : callable
            Of one parameter, called ``step_context``, a `StepContext`.

        Returns
        -------
        What it gives.

        Raises
        ------
        ValueError
            If it has other parameters.
        StopIteration
            If it calls ``step_context.request_stop()``.

        Examples
        --------
        >>> import graphmode as tf
        >>> v = tf.Variable(0)
        >>> step = v.assign_add(1)
        >>> def two_steps(step_context):
        ...     step_context.session.run(step)
        ...     return step_context.run_with_hooks(step)
        >>> with tf.train.MonitoredSession() as sess:
        ...     int(sess.run_step_fn(two_steps))
        2
        """
        names = tuple(inspect.signature(step_fn).parameters)
        if names not in (("step_context",), ("self", "step_context")):
            raise ValueError(
                "`step_fn` may either have one `step_context` argument, or `self` and "
                f"`step_context` arguments if it's an instance method. Got {names} instead."
            )
        return self._open().run_step_fn(step_fn, self._tf_sess)

    def should_stop(self) -> bool:
        """Whether the training has ended: a hook or a thread has asked for it, or it is closed."""
        return self._sess is None or self._sess.should_stop()

    def close(self) -> None:
        """End the training: hooks are told, threads end, the graph can be changed again.

        Raises
        ------
        RuntimeError
            If it is closed.
        Exception
            What a thread has raised.
        """
        self._close(ended_well=True)

    def _close(self, ended_well: bool) -> None:
        layers = self._open("Session is already closed.")
        session = self._tf_sess()
        try:
            if ended_well and session is not None:
                for hook in self._hooks:
                    hook.end(session)
        finally:
            try:
                layers.close()
            finally:
                self._sess = None
                self._coordinated_creator.tf_sess = None
                self._coordinated_creator.coord = None
                self._unfinalize()

    def _unfinalize(self) -> None:
        if not self._graph_was_finalized:
            self._graph._unsafe_unfinalize()

    def _open(self, otherwise: str = "Attempted to use a closed Session.") -> Any:
        if self._sess is None:
            raise RuntimeError(otherwise)
        return self._sess

    def _is_closed(self) -> bool:
        return self._tf_sess() is None

    def _tf_sess(self) -> BaseSession | None:
        """The session itself; programs know this name."""
        return self._coordinated_creator.tf_sess

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: Any) -> bool:
        if kind in (OutOfRangeError, StopIteration):
            kind = None
        self._close(ended_well=kind is None)
        return kind is None


class MonitoredSession(_Monitored):
    """A session with hooks that goes on when it is lost.

    It finalizes the graph, initialises or restores the variables, starts the threads that fill
    queues, and calls the hooks. Where a run raises AbortedError or UnavailableError, a new session
    is made in its place and the run repeated. In a ``with`` block OutOfRangeError, the end of the
    input, ends the training.

    Parameters
    ----------
    session_creator : SessionCreator, optional
        `ChiefSessionCreator` if not given.
    hooks : list of SessionRunHook, optional
        Called in this order.
    stop_grace_period_secs : float
        How many seconds threads have to end.

    Raises
    ------
    TypeError
        If a hook is none.
    """

    def __init__(
        self,
        session_creator: SessionCreator | None = None,
        hooks: Sequence[SessionRunHook] | None = None,
        stop_grace_period_secs: float = 120,
    ) -> None:
        super().__init__(session_creator, hooks, True, stop_grace_period_secs)


class SingularMonitoredSession(_Monitored):
    """A session with hooks, one only: when it is lost the training has failed.

    Parameters
    ----------
    hooks : list of SessionRunHook, optional
        Called in this order.
    scaffold : Scaffold, optional
    master : str
        As for `Session`.
    config : ConfigProto, optional
    checkpoint_dir : str, optional
        Whose newest whole checkpoint is restored.
    stop_grace_period_secs : float
        How many seconds threads have to end.
    checkpoint_filename_with_path : str, optional
        In place of a folder: the checkpoint itself.

    Raises
    ------
    TypeError
        If a hook is none.
    """

    def __init__(
        self,
        hooks: Sequence[SessionRunHook] | None = None,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: ConfigProto | None = None,
        checkpoint_dir: Any = None,
        stop_grace_period_secs: float = 120,
        checkpoint_filename_with_path: Any = None,
    ) -> None:
        creator = ChiefSessionCreator(
            scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path
        )
        super().__init__(creator, hooks, False, stop_grace_period_secs)

    def raw_session(self) -> BaseSession | None:
        """The session itself, whose runs call no hook; None when it is closed."""
        return self._tf_sess()


def _checked_hooks(hooks: Any) -> list[SessionRunHook]:
    """The hooks as a list.

    Raises
    ------
    TypeError
        If it is no list, or something in it lacks a method of hooks.
    """
    if hooks is None:
        return []
    if not hasattr(hooks, "__iter__"):
        raise TypeError(f"hooks must be a list of SessionRunHook, got {type(hooks).__name__}")
    checked = list(hooks)
    for i, hook in enumerate(checked):
        if isinstance(hook, type):
            raise TypeError(
                f"hooks[{i}] is the class {hook.__name__}, not a hook: call it, {hook.__name__}()"
            )
        lacks = [name for name in _CALLS if not callable(getattr(hook, name, None))]
        if lacks:
            raise TypeError(
                f"hooks[{i}] is no SessionRunHook: {type(hook).__name__} lacks {', '.join(lacks)}"
            )
    return checked
