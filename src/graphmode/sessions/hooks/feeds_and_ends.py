"""Hooks that feed each run, and that run something at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.errors import OutOfRangeError
from graphmode.platform import logging
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.hooks.session_run import SessionRunContext


class FeedFnHook(SessionRunHook):
    """Feeds each run what a function gives.

    Parameters
    ----------
    feed_fn : callable
        Gives a feed_dict, of placeholders or names.
    """

    def __init__(self, feed_fn: Callable[[], Any]) -> None:
        self.feed_fn = feed_fn

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(fetches=None, feed_dict=self.feed_fn())


class FinalOpsHook(SessionRunHook):
    """Runs something at the end and keeps its values.

    Parameters
    ----------
    final_ops : graph element, or nested list, tuple, dict of them
    final_ops_feed_dict : dict, optional
        What is fed then.
    """

    def __init__(self, final_ops: Any, final_ops_feed_dict: Any = None) -> None:
        self._final_ops = final_ops
        self._feed_dict = final_ops_feed_dict
        self._values: Any = None

    @property
    def final_ops_values(self) -> Any:
        """What the run at the end gave; None before it."""
        return self._values

    def end(self, session: BaseSession) -> None:
        """Called when the training ends: runs them in `session`."""
        if self._final_ops is None:
            return
        try:
            self._values = session.run(self._final_ops, feed_dict=self._feed_dict)
        except (OutOfRangeError, StopIteration) as error:
            logging.warning(
                "FinalOpsHook: what it runs at the end reads more input, and there is none left "
                "(%s). Let it read variables only: of a metric the value, not the update op.",
                type(error).__name__,
            )
            raise
