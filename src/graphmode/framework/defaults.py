"""The stacks of default graphs and default sessions, which each thread has for itself."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph


class _Defaults(threading.local):
    """The default-graph and default-session stacks of one thread."""

    def __init__(self) -> None:
        self.graphs: list[Graph] = []
        self.sessions: list[Any] = []
        self.replicas: Any = None
        """What sums the gradients of replicas that are being built, if there are several."""


defaults = _Defaults()


def default_session() -> Any:
    """The innermost default session, or None."""
    stack = defaults.sessions
    return stack[-1] if stack else None


def session_stack() -> list[Any]:
    """The sessions that `with` blocks of this thread have made the default, the innermost last."""
    return defaults.sessions


class AbsentGpus:
    """What becomes of ops that ask for a GPU where there is none."""

    are_excused = False
    """Whether they run on the first CPU, said once: so it is for programs of the period."""
