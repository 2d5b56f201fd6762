"""Whether this process was forked from one in which JAX had been started."""

from __future__ import annotations

import os

from graphmode.framework.errors import FailedPreconditionError
from graphmode.runtime.places.platforms import Started


def require_no_fork(call: str) -> None:
    """Refuse to go on where the threads of JAX are missing: a program would wait for ever.

    Parameters
    ----------
    call : str
        What was called.

    Raises
    ------
    FailedPreconditionError
    """
    if Started.process not in (None, os.getpid()):
        raise FailedPreconditionError(
            None, None,
            f"{call} was called in a process that was forked (os.fork, multiprocessing) after its "
            "parent had started JAX: JAX's threads do not exist here, and a compiled run would "
            "wait for them for ever\n"
            "  fix: start the processes before the first tf.Session of the parent, or with "
            "multiprocessing.get_context('spawn')",
        )  # fmt: skip
