"""What a program does in a way of its own on one kind of processor.

A kernel says what is computed. Where XLA does that badly on a processor, the kernel has a second
way, and whoever makes the program (`runtime/places/platforms.py`) says that it is to be taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Lowering(NamedTuple):
    """The second ways that are to be taken."""

    rows_in_pieces: bool = False
    """Reduce long rows in pieces: XLA for CPU goes through a row an entry at a time."""
    sums_by_halves: bool = False
    """Add up leading axes by halves: XLA's reduction over them does not use vectors on the CPU."""
    words_in_order: bool = False
    """Make random words in their order, with four times the arithmetic, in one loop."""
    depthwise_by_shifts: bool = False
    """Depthwise convolutions as shifted products, in place of XLA's grouped convolution."""
    small_patches: bool = False
    """Convolutions with small patches as one product with all of them."""
    scans_in_order: bool = False
    """Running sums and products entry by entry, as NumPy rounds them: a loop, quick on the CPU."""


PLAIN = Lowering()
"""XLA's own ways."""

_current: ContextVar[Lowering] = ContextVar("lowering", default=PLAIN)


def current() -> Lowering:
    """What the program that is being made takes."""
    return _current.get()


@contextmanager
def made_with(lowering: Lowering) -> Iterator[None]:
    """Programs made inside take `lowering`."""
    token = _current.set(lowering)
    try:
        yield
    finally:
        _current.reset(token)
