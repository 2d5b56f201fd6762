"""`SessionRunHook`: what a monitored session calls before and after each run, and what it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.coordinator import Coordinator


class SessionRunHook:
    """Something that a `MonitoredSession` calls at the moments of its life; a base of your own.

    In order: `begin` once, before the graph is finalized; `after_create_session` for each session,
    again for the one that replaces a lost one; `before_run` and `after_run` around each run; `end`
    once, unless an exception ended the training.

    Examples
    --------
    >>> import graphmode as tf
    >>> class Counter(tf.train.SessionRunHook):
    ...     def begin(self):
    ...         self.n_runs = 0
    ...     def after_run(self, run_context, run_values):
    ...         self.n_runs += 1
    ...         if self.n_runs == 3:
    ...             run_context.request_stop()
    >>> v = tf.Variable(0)
    >>> step = v.assign_add(2)
    >>> with tf.train.MonitoredSession(hooks=[Counter()]) as sess:
    ...     while not sess.should_stop():
    ...         value = sess.run(step)
    >>> int(value)
    6
    """

    def begin(self) -> None:
        """Called once before the session is made: the last moment to add to the graph."""

    def after_create_session(self, session: BaseSession, coord: Coordinator) -> None:
        """Called when a session has been made and its variables have their values.

        Parameters
        ----------
        session : Session
        coord : Coordinator
            Of the threads that the session has.
        """

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        """Called before each run: what this hook wants to have run along with it.

        Parameters
        ----------
        run_context : SessionRunContext

        Returns
        -------
        SessionRunArgs or None
        """
        return None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Called after each run, with the values of what `before_run` asked for.

        Parameters
        ----------
        run_context : SessionRunContext
            Whose `request_stop` ends the training.
        run_values : SessionRunValues
        """

    def end(self, session: BaseSession) -> None:
        """Called once when the training ends without an exception; `session` still works."""


class SessionRunArgs(NamedTuple):
    """What a hook wants of the next run.

    Parameters
    ----------
    fetches : graph element, or nested list, tuple, dict of them
        Whose values `after_run` gets.
    feed_dict : dict, optional
        What is fed beside the user's own.
    options : RunOptions, optional
        Of all hooks and the user the strongest counts.
    """

    fetches: Any
    feed_dict: Any = None
    options: Any = None


class SessionRunContext:
    """The run that a hook is called for.

    Parameters
    ----------
    original_args : SessionRunArgs
    session : Session
    """

    def __init__(self, original_args: SessionRunArgs, session: BaseSession) -> None:
        self._original_args = original_args
        self._session = session
        self._stop_requested = False

    @property
    def original_args(self) -> SessionRunArgs:
        """What the user gave to `run`, without what hooks add."""
        return self._original_args

    @property
    def session(self) -> BaseSession:
        """The session itself, whose runs call no hook."""
        return self._session

    @property
    def stop_requested(self) -> bool:
        """Whether `request_stop` was called."""
        return self._stop_requested

    def request_stop(self) -> None:
        """Have `should_stop` of the monitored session be True from now on."""
        self._stop_requested = True


class SessionRunValues(NamedTuple):
    """What a run gave to a hook.

    Parameters
    ----------
    results : array, or nested list, tuple, dict of them, of any dtype and shape
        In the structure of the hook's fetches; None if it asked for nothing.
    options : RunOptions
        What the run was made with.
    run_metadata : RunMetadata
        What it reported.
    """

    results: Any
    options: Any
    run_metadata: Any
