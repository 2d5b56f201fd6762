"""`tf.logging`: the logger named tensorflow, on stderr, from WARN on."""

from __future__ import annotations

import functools
import logging
from logging import DEBUG, ERROR, FATAL, INFO, WARN
from typing import Any

__all__ = [
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "debug",
    "error",
    "fatal",
    "flush",
    "get_verbosity",
    "info",
    "log",
    "log_every_n",
    "log_first_n",
    "log_if",
    "set_verbosity",
    "vlog",
    "warn",
    "warning",
]


@functools.cache
def _logger() -> logging.Logger:
    logger = logging.getLogger("tensorflow")
    logger.setLevel(WARN)
    if not logging.getLogger().handlers:  # a program with logging of its own gets the records
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
        logger.addHandler(handler)
    return logger


_counts: dict[str, int] = {}


def log(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    """Log at a level.

    Parameters
    ----------
    level : int
        DEBUG, INFO, WARN, ERROR or FATAL.
    msg : str
        A format, as ``"step %d"``.
    *args
        Its values.
    **kwargs
        As for `logging.Logger.log`.
    """
    _logger().log(level, msg, *args, **kwargs)


def debug(msg: str, *args: Any, **kwargs: Any) -> None:
    """Log at level DEBUG.

    Parameters
    ----------
    msg : str
        A format, as ``"step %d"``.
    *args
        Its values.
    **kwargs
        As for `logging.Logger.log`.
    """
    _logger().debug(msg, *args, **kwargs)


def info(msg: str, *args: Any, **kwargs: Any) -> None:
    """Log at level INFO.

    Parameters
    ----------
    msg : str
        A format, as ``"step %d"``.
    *args
        Its values.
    **kwargs
        As for `logging.Logger.log`.
    """
    _logger().info(msg, *args, **kwargs)


def warning(msg: str, *args: Any, **kwargs: Any) -> None:
    """Log at level WARN.

    Parameters
    ----------
    msg : str
        A format, as ``"step %d"``.
    *args
        Its values.
    **kwargs
        As for `logging.Logger.log`.
    """
    _logger().warning(msg, *args, **kwargs)


warn = warning


def error(msg: str, *args: Any, **kwargs: Any) -> None:
    """Log at level ERROR.

    Parameters
    ----------
    msg : str
        A format, as ``"step %d"``.
    *args
        Its values.
    **kwargs
        As for `logging.Logger.log`.
    """
    _logger().error(msg, *args, **kwargs)


def fatal(msg: str, *args: Any, **kwargs: Any) -> None:
    """Log at level FATAL; the program goes on.

    Parameters
    ----------
    msg : str
        A format, as ``"step %d"``.
    *args
        Its values.
    **kwargs
        As for `logging.Logger.log`.
    """
    _logger().fatal(msg, *args, **kwargs)


def vlog(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    """Log at a numeric level.

    Parameters
    ----------
    level : int
    msg : str
        A format, as ``"step %d"``.
    *args
        Its values.
    **kwargs
        As for `logging.Logger.log`.
    """
    _logger().log(level, msg, *args, **kwargs)


def log_if(level: int, msg: str, condition: Any, *args: Any) -> None:
    """Log when a condition holds.

    Parameters
    ----------
    level : int
        DEBUG, INFO, WARN, ERROR or FATAL.
    msg : str
        A format, as ``"step %d"``.
    condition : bool
    *args
        Its values.
    """
    if condition:
        log(level, msg, *args)


def log_every_n(level: int, msg: str, n: int, *args: Any) -> None:
    """Log the first and then every `n`-th time that this message comes.

    Parameters
    ----------
    level : int
        DEBUG, INFO, WARN, ERROR or FATAL.
    msg : str
        A format, as ``"step %d"``.
    n : int
    *args
        Its values.
    """
    seen = _counts.get(msg, 0)
    _counts[msg] = seen + 1
    log_if(level, msg, not seen % n, *args)


def log_first_n(level: int, msg: str, n: int, *args: Any) -> None:
    """Log the first `n` times that this message comes.

    Parameters
    ----------
    level : int
        DEBUG, INFO, WARN, ERROR or FATAL.
    msg : str
        A format, as ``"step %d"``.
    n : int
    *args
        Its values.
    """
    seen = _counts.get(msg, 0)
    _counts[msg] = seen + 1
    log_if(level, msg, seen < n, *args)


def set_verbosity(v: int) -> None:
    """Log only what is at least as important as `v`."""
    _logger().setLevel(v)


def get_verbosity() -> int:
    """The level from which on messages are shown."""
    return _logger().getEffectiveLevel()


def flush() -> None:
    """Write out what is pending."""
    for handler in _logger().handlers:
        handler.flush()
