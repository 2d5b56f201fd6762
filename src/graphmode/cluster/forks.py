"""Whether this process was forked from one in which JAX had been started."""

from __future__ import annotations

import os
import sys

from graphmode.framework.errors import FailedPreconditionError


class _Forked:
    """What is known of the process that this one was forked from."""

    had_jax = False


def _look() -> None:
    bridge = sys.modules.get("jax._src.xla_bridge")
    _Forked.had_jax = bool(getattr(bridge, "_backends", None))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_look)


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
    if _Forked.had_jax:
        raise FailedPreconditionError(
            None, None,
            f"{call} was called in a process that was forked (os.fork, multiprocessing) after its "
            "parent had started JAX: JAX's threads do not exist here, and a compiled run would "
            "wait for them for ever\n"
            "  fix: start the processes before the first tf.Session of the parent, or with "
            "multiprocessing.get_context('spawn')",
        )  # fmt: skip
