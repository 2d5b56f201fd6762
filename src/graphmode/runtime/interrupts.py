"""Keep Ctrl-C from falling between a program that uses up variables and their new values."""

from __future__ import annotations

# signal.signal turns numbers into enums and back: 10 us a call, these 0.4
import _signal as _untyped  # pyright: ignore[reportMissingImports]
import threading
from typing import Any

_signal: Any = _untyped


class Uninterrupted:
    """Puts a SIGINT off to the end of the block; other threads than the main one get none.

    Raises
    ------
    KeyboardInterrupt
        At the end, if it came meanwhile (or what the program's own handler does).
    """

    __slots__ = ("_came", "_handler")

    def __enter__(self) -> None:
        self._handler: Any = None
        if threading.current_thread() is not threading.main_thread():
            return
        handler = _signal.getsignal(_signal.SIGINT)
        if callable(handler):  # neither ignored nor someone else's: it may raise
            self._came = None
            self._handler = handler
            _signal.signal(_signal.SIGINT, self._note)

    def _note(self, number: int, frame: Any) -> None:
        self._came: tuple[int, Any] | None = (number, frame)

    def __exit__(self, *exception: object) -> None:
        if self._handler is not None:
            _signal.signal(_signal.SIGINT, self._handler)
            if self._came is not None:
                self._handler(*self._came)
