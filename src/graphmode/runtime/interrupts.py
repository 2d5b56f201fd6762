"""Keep Ctrl-C from falling between a program that uses up variables and their new values."""

from __future__ import annotations

# signal.signal turns numbers into enums and back: 10 us a call, these 0.4
import _signal  # pyright: ignore[reportMissingImports]
import contextlib
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Put a SIGINT off to the end of the block; other threads than the main one get none.

    Raises
    ------
    KeyboardInterrupt
        At the end, if it came meanwhile (or what the program's own handler does).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, Any]] = []
    handler = _signal.getsignal(_signal.SIGINT)
    if not callable(handler):  # ignored, or not Python's: nothing is raised
        yield
        return
    _signal.signal(_signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        _signal.signal(_signal.SIGINT, handler)
        if came:
            handler(*came[-1])
