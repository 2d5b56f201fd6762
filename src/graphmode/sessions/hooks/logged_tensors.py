"""`LoggingTensorHook`: values of tensors in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.default_graph import get_default_graph
from graphmode.platform import logging
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook
from graphmode.sessions.hooks.timers import NeverTriggerTimer, SecondOrStepTimer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.hooks.session_run import SessionRunContext, SessionRunValues


class LoggingTensorHook(SessionRunHook):
    """Logs values of tensors every so many runs or seconds, at the end, or both.

    Parameters
    ----------
    tensors : dict, or list of Tensor or str, of any dtype
        Tag -> tensor or name of one; of a list the tags are the items themselves.
    every_n_iter : int, optional
        How many runs lie between two messages.
    every_n_secs : float, optional
        How many seconds.
    at_end : bool
        Whether the values are logged at the end, too.
    formatter : callable, optional
        Tag -> value in, the message out; ``tag = value, tag = value (0.123 sec)`` if not given.

    Raises
    ------
    ValueError
        If not exactly one of iterations and seconds is given, or `every_n_iter` is not positive.
    """

    def __init__(
        self,
        tensors: Any,
        every_n_iter: int | None = None,
        every_n_secs: float | None = None,
        at_end: bool = False,
        formatter: Callable[[Mapping[Any, Any]], str] | None = None,
    ) -> None:
        only_at_end = at_end and every_n_iter is None and every_n_secs is None
        if not only_at_end and (every_n_iter is None) == (every_n_secs is None):
            raise ValueError(
                "either at_end and/or exactly one of every_n_iter and every_n_secs must be "
                "provided."
            )
        if every_n_iter is not None and every_n_iter <= 0:
            raise ValueError(f"invalid every_n_iter={every_n_iter}.")
        if isinstance(tensors, dict):
            self._tensors: dict[Any, Any] = {**tensors}
            self._tags: list[Any] = sorted(self._tensors)
        else:
            self._tags = list(tensors)
            self._tensors = {item: item for item in self._tags}
        self._formatter = formatter
        self._at_end = at_end
        self._timer: Any = (
            NeverTriggerTimer()
            if only_at_end
            else SecondOrStepTimer(every_secs=every_n_secs, every_steps=every_n_iter)
        )

    def begin(self) -> None:
        self._timer.reset()
        self._n_runs = 0
        self._current = {tag: _tensor(value) for tag, value in self._tensors.items()}

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        self._is_due = self._timer.should_trigger_for_step(self._n_runs)
        return SessionRunArgs(self._current) if self._is_due else None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if self._is_due:
            self._log(run_values.results)
        self._n_runs += 1

    def end(self, session: BaseSession) -> None:
        if self._at_end:
            self._log(session.run(self._current))

    def _log(self, values: Mapping[Any, Any]) -> None:
        elapsed, _ = self._timer.update_last_triggered_step(self._n_runs)
        with np.printoptions(suppress=True):
            if self._formatter is not None:
                logging.info(self._formatter(values))
                return
            text = ", ".join(f"{tag} = {values[tag]}" for tag in self._tags)
        if elapsed is None:
            logging.info("%s", text)
        else:
            logging.info("%s (%.3f sec)", text, elapsed)


def _tensor(value: Any) -> Any:
    """The graph element that a program means: itself, or one by name, with or without ``:0``."""
    graph = get_default_graph()
    if not isinstance(value, str):
        if getattr(value, "graph", None) is not graph:
            raise ValueError(
                f"Passed {value} should have graph attribute that is equal to current graph "
                f"{graph}."
            )
        return value
    if ":" in value:
        return graph.as_graph_element(value)
    element = graph.as_graph_element(f"{value}:0")
    if len(element.op.outputs) > 1:
        raise ValueError(
            f"Name {value} is ambiguous, as this `Operation` has multiple outputs (at least 2)."
        )
    return element
