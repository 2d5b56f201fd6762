"""Options of data sets: how they are to be run."""

from __future__ import annotations


class Options:
    """Options of data sets: accepted, and of no effect."""

    def __init__(self) -> None:
        self.__dict__["experimental_optimization"] = _Anything()
        self.__dict__["experimental_threading"] = _Anything()
        self.__dict__["experimental_distribute"] = _Anything()


class _Anything:
    """Takes any attribute."""
