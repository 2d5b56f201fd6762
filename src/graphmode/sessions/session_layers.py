"""The layers of a monitored session: hooks are called, threads minded, lost sessions replaced.

Each wraps the next in ``_sess``, the session itself innermost: programs take it from there.
"""

# pyright: reportPrivateUsage=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.errors import AbortedError, UnavailableError
from graphmode.framework.proto.messages import protobuf
from graphmode.platform import logging
from graphmode.runtime.config import RunOptions
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunContext, SessionRunValues

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.graph import Graph
    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.coordinator import Coordinator
    from graphmode.sessions.hooks.session_run import SessionRunHook

PREEMPTIONS = (AbortedError, UnavailableError)
_REPLACED = (
    "This may be due to a preemption in a connected worker or parameter server. The current "
    "session will be closed and a new session will be created. Error: %s"
)


class StepContext:
    """What the function of `run_step_fn` is given.

    Parameters
    ----------
    session : Session
        Whose runs call no hook.
    run_with_hooks_fn : callable
    """

    def __init__(self, session: BaseSession | None, run_with_hooks_fn: Callable[..., Any]) -> None:
        self._session = session
        self._run_with_hooks_fn = run_with_hooks_fn

    @property
    def session(self) -> BaseSession | None:
        """The session itself, whose runs call no hook."""
        return self._session

    def run_with_hooks(self, *args: Any, **kwargs: Any) -> Any:
        """A run with its hooks, as that of the monitored session.

        Parameters
        ----------
        *args, **kwargs
            As for `Session.run`.

        Returns
        -------
        The structure of the fetches, with their values.
        """
        return self._run_with_hooks_fn(*args, **kwargs)

    def request_stop(self) -> None:
        """End the training, and this step at once.

        Raises
        ------
        StopIteration
            Always; the ``with`` block of the session takes it for the end.
        """
        raise StopIteration("step_fn has requested the iterations to stop.")


class _Layer:
    """A session around another one."""

    def __init__(self, sess: Any) -> None:
        self._sess: Any = sess

    @property
    def graph(self) -> Graph:
        """The graph of the session inside."""
        return self._sess.graph

    @property
    def sess_str(self) -> str:
        """The target of the session inside."""
        return self._sess.sess_str

    def should_stop(self) -> bool:
        """Whether this layer or one inside says that the training has ended."""
        if self._check_stop() or self._sess is None:
            return True
        return isinstance(self._sess, _Layer) and self._sess.should_stop()

    def _check_stop(self) -> bool:
        return False

    def close(self) -> None:
        """Close what is inside; a second call changes nothing."""
        sess, self._sess = self._sess, None
        if sess is None:
            return
        try:
            sess.close()
        except PREEMPTIONS as error:
            logging.warning(
                "An error occurred when attempting to close the session. This may be due to a "
                "preemption in a connected worker or parameter server. Error: %s", error,
            )  # fmt: skip

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """As `Session.run`, by what is inside."""
        return self._sess.run(*args, **kwargs)

    def run_step_fn(
        self, step_fn: Any, session: Callable[[], Any], run_with_hooks: Any = None
    ) -> Any:
        """Call `step_fn`, whose runs go through this layer or, with the hooks, where it is told."""
        return step_fn(StepContext(session(), run_with_hooks or self.run))


class HookedSession(_Layer):
    """Calls hooks around each run."""

    def __init__(self, sess: BaseSession, hooks: Sequence[SessionRunHook]) -> None:
        super().__init__(sess)
        self._hooks = hooks
        self._should_stop = False

    def _check_stop(self) -> bool:
        return self._should_stop

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        if self.should_stop():
            raise RuntimeError("Run called even after should_stop requested.")
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict), self._sess)
        options = RunOptions() if options is None else options
        run_metadata = protobuf("config").RunMetadata() if run_metadata is None else run_metadata
        wanted: dict[Any, Any] = {"caller": fetches}
        feeds = self._asked(context, wanted, feed_dict, options)
        results = self._sess.run(wanted, feeds, options, run_metadata)
        for hook in self._hooks:
            values = SessionRunValues(results.get(hook), options, run_metadata)
            hook.after_run(context, values)
        self._should_stop = self._should_stop or context.stop_requested
        return results["caller"]

    def _asked(
        self, context: SessionRunContext, fetches: dict[Any, Any], feed_dict: Any, options: Any
    ) -> Any:
        """Put what the hooks want into `fetches` and `options`; all that is to be fed."""
        feeds: dict[Any, Any] = {}
        for hook in self._hooks:
            request = hook.before_run(context)
            if request is None:
                continue
            if not _has_parts(request):
                raise TypeError(
                    f"{type(hook).__name__}.before_run returned {type(request).__name__}: a hook "
                    "gives tf.train.SessionRunArgs or None"
                )
            if request.fetches is not None:
                fetches[hook] = request.fetches
            if request.feed_dict:
                _refuse_both(feeds, request.feed_dict, "Same tensor is fed by two hooks.")
                feeds.update(request.feed_dict)
            if request.options:
                _merge(options, request.options)
        if not feeds:
            return feed_dict
        if feed_dict:
            _refuse_both(feed_dict, feeds, "Same tensor is fed by a SessionRunHook and user.")
            feeds.update(feed_dict)
        return feeds


def _has_parts(request: Any) -> bool:
    return all(hasattr(request, part) for part in SessionRunArgs._fields)


def _refuse_both(feeds: Any, others: Any, text: str) -> None:
    both = [key for key in feeds if key in others]
    if both:
        raise RuntimeError(f"{text} Conflict(s): {both}")


def _merge(options: Any, others: Any) -> None:
    """Have `options` ask for all that either asks for."""
    for field in (
        "trace_level", "timeout_in_ms", "inter_op_thread_pool", "output_partition_graphs",
        "report_tensor_allocations_upon_oom",
    ):  # fmt: skip
        setattr(options, field, max(getattr(options, field), getattr(others, field)))


class CoordinatedSession(_Layer):
    """Raises what threads have reported, and ends them when it is closed."""

    def __init__(
        self, sess: HookedSession, coord: Coordinator, stop_grace_period_secs: float
    ) -> None:
        super().__init__(sess)
        self._coord = coord
        self._stop_grace_period_secs = stop_grace_period_secs

    def _check_stop(self) -> bool:
        self._coord.raise_requested_exception()
        return self._coord.should_stop()

    def close(self) -> None:
        self._coord.request_stop()
        try:
            self._coord.join(
                stop_grace_period_secs=self._stop_grace_period_secs, ignore_live_threads=True
            )
        finally:
            super().close()

    def run(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._sess.run(*args, **kwargs)
        except PREEMPTIONS:
            raise
        except Exception:
            try:
                self._coord.raise_requested_exception()
            except PREEMPTIONS as preemption:  # a thread that was preempted is why the run failed
                raise preemption from None
            except Exception:  # `close` raises it
                pass
            raise


class RecoverableSession(_Layer):
    """Makes a new session when one is lost."""

    def __init__(self, create: Callable[[], CoordinatedSession]) -> None:
        self._create = create
        super().__init__(self._created())

    def _created(self) -> CoordinatedSession:
        while True:
            try:
                return self._create()
            except PREEMPTIONS as error:
                logging.info(
                    "An error was raised while a session was being created. This may be due to a "
                    "preemption of a connected worker or parameter server. A new session will be "
                    "created. Error: %s", error,
                )  # fmt: skip

    def _check_stop(self) -> bool:
        try:
            return self._sess is None or self._sess._check_stop()
        except PREEMPTIONS as error:
            logging.info(
                "An error was raised while considering whether the session is complete. "
                f"{_REPLACED}",
                error,
            )
            self.close()
            self._sess = self._created()
            return False
        except Exception:  # the next run, or close, raises it
            return True

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return self._until_done(lambda sess: sess.run(*args, **kwargs))

    def run_step_fn(
        self, step_fn: Any, session: Callable[[], Any], run_with_hooks: Any = None
    ) -> Any:
        return self._until_done(lambda sess: sess.run_step_fn(step_fn, session, sess.run))

    def _until_done(self, work: Callable[[CoordinatedSession], Any]) -> Any:
        while True:
            try:
                if self._sess is None:
                    self._sess = self._created()
                return work(self._sess)
            except PREEMPTIONS as error:
                logging.info(f"An error was raised. {_REPLACED}", error)
                self.close()
