"""Whether this process was forked from one in which JAX had been started: its threads are gone."""

from __future__ import annotations

import os

from graphmode.framework.errors import FailedPreconditionError


class Started:
    """Where JAX was made ready for programs."""

    process: int | None = None
    """The number of the process, None if it has not been."""
    is_elsewhere = False
    """Whether that was in a process that this one was forked from: a program would wait for ever
    for threads that are not here."""


def _be_in_a_fork() -> None:
    Started.is_elsewhere = Started.process is not None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_be_in_a_fork)


def require_no_fork(call: str) -> None:
    """Refuse to go on where the threads of JAX are missing.

    Parameters
    ----------
    call : str
        What was called.

    Raises
    ------
    FailedPreconditionError
    """
    if Started.is_elsewhere:
        raise FailedPreconditionError(
            None, None,
            f"{call} was called in a process that was forked (os.fork, multiprocessing) after its "
            "parent had started JAX: JAX's threads do not exist here, and a compiled run would "
            "wait for them for ever\n"
            "  fix: start the processes before the first tf.Session of the parent, or with "
            "multiprocessing.get_context('spawn')",
        )  # fmt: skip
