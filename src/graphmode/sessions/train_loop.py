"""`basic_train_loop`: one step after the other, until a supervisor says stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.errors import AbortedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphmode.sessions.supervisor import Supervisor


def basic_train_loop(
    supervisor: Supervisor,
    train_step_fn: Callable[..., Any],
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    master: str = "",
) -> None:
    """Call a function for each step until a supervisor says stop.

    After AbortedError it goes on in a new session, from the newest checkpoint.

    Parameters
    ----------
    supervisor : Supervisor
    train_step_fn : callable
        Called as ``train_step_fn(session, *args, **kwargs)``.
    args : sequence, optional
    kwargs : dict, optional
    master : str
        As for `Session`.
    """
    while True:
        try:
            with supervisor.managed_session(master) as session:
                while not supervisor.should_stop():
                    train_step_fn(session, *(args or ()), **(kwargs or {}))
            return
        except AbortedError:
            continue
