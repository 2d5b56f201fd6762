"""Ranks that run every step together, as one program over the devices of all: the chief writes.

A session with a mesh of several processes begins it. From then on each program that is to be run
is compared first, so that ranks which differ get an error and not a hang; what is chosen by a
clock, by chance or by one process's files is the chief's choice; and only the chief writes
checkpoints and summaries.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.launch import ranks
from graphmode.launch.frames import Request, request

if TYPE_CHECKING:
    from collections.abc import Sequence

_make_ring = late("graphmode.launch.joining", "make_ring")
_begun: list[bool] = []
_said: list[bool] = []


def begin() -> None:
    """Note that this process's sessions run together with those of the others."""
    if not _begun:
        _make_ring()
        _begun.append(True)


def is_on() -> bool:
    """Whether they do, or are about to: whoever launched them has said that there is a mesh."""
    return bool(_begun) or (ranks.current().size > 1 and bool(os.environ.get("GRAPHMODE_MESH")))


def writes(what: str) -> bool:
    """Whether this process is the one that writes; the others say once that they do not.

    Parameters
    ----------
    what : str
        What is to be written, for the message.
    """
    rank = ranks.current()
    if rank.is_chief or not is_on():
        return True
    if not _said:
        _said.append(True)
        sys.stderr.write(
            f"graphmode: rank {rank.index} writes no {what}: rank 0 does, for all ranks\n"
        )
    return False


def agree(said: Request) -> None:
    """Wait until all ranks have come to the same.

    Raises
    ------
    InvalidArgumentError
        If one has come to something else.
    InternalError
        If one is gone.
    """
    ring = ranks.current().ring
    if ring is not None:
        ring.gather(said, b"")


def meet(what: str) -> None:
    """Wait until all ranks have come here, if they run together.

    Parameters
    ----------
    what : str
        The same on all.
    """
    if is_on():
        agree(request(what))


def of_chief(said: Request, arrays: Sequence[Any]) -> list[Any]:
    """The arrays of the chief, on all ranks.

    Parameters
    ----------
    said : Request
        With the names, dtypes and shapes of the arrays, which are the same on all ranks.
    arrays : list of ndarray
        Not of objects.

    Returns
    -------
    list of ndarray
    """
    rank = ranks.current()
    if rank.ring is None:
        return list(arrays)
    flat = [np.ascontiguousarray(array).reshape(-1).view(np.uint8) for array in arrays]
    vector = np.concatenate(flat) if flat else np.empty(0, np.uint8)
    rank.ring.broadcast(said, vector, 0)
    given: list[Any] = []
    start = 0
    for array, part in zip(arrays, flat, strict=True):
        stop = start + len(part)
        given.append(vector[start:stop].view(array.dtype).reshape(array.shape))
        start = stop
    return given


def chosen_by_chief(what: str, choice: bool) -> bool:
    """What the chief chooses, if ranks run together; else `choice`.

    Parameters
    ----------
    what : str
        What is chosen, the same on all.
    choice : bool
        This rank's own.
    """
    if not is_on():
        return choice
    (given,) = of_chief(request(what), [np.array([choice])])
    return bool(given[0])
