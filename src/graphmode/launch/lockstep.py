"""Ranks that run every step together, as one program over the devices of all: the chief writes.

A session with a mesh of several processes begins it. From then on each program that is to be run
is compared first, so that ranks which differ get an error and not a hang; what is chosen by a
clock, by chance or by one process's files is the chief's choice; and only the chief writes
checkpoints and summaries.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework.errors import InvalidArgumentError
from graphmode.launch import ranks
from graphmode.launch.frames import Request, request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_make_ring = late("graphmode.launch.joining", "make_ring")
_begun: list[bool] = []
_said: list[bool] = []
_COMPARED = 1 << 20
"""Bytes of an array: of larger ones about so many are looked at, spread over all of it."""


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


def agree(said: Request, fed: Mapping[str, Any] | None = None) -> None:
    """Wait until all ranks have come to the same.

    Parameters
    ----------
    said : Request
    fed : dict of ndarray, optional
        What each rank has by itself and all have to have alike, by name.

    Raises
    ------
    InvalidArgumentError
        If one has come to something else, or has other values.
    InternalError
        If one is gone.
    """
    rank = ranks.current()
    if rank.ring is None:
        return
    own = b"".join(_fingerprint(array) for array in fed.values()) if fed else b""
    of_all = [bytes(each) for each in rank.ring.gather(said, own)]
    if not fed or of_all.count(own) == len(of_all):
        return
    other = next(i for i, each in enumerate(of_all) if each != of_all[0])
    at = next(i for i in range(0, len(own), 4) if of_all[0][i : i + 4] != of_all[other][i : i + 4])
    name, array = list(fed.items())[at // 4]
    first = np.array2string(array.ravel()[:4], separator=", ", threshold=4)[1:-1]
    more = ", ..." if array.size > 4 else ""
    mine = f"{array.dtype.name} {list(array.shape)}, begins {first}{more}".encode()
    values = [bytes(each).decode() for each in rank.ring.gather(request(f"values of {name}"), mine)]
    raise InvalidArgumentError(
        None,
        None,
        f"rank 0 and rank {other} do not have the same values of {name}, in "
        f"{said.text.splitlines()[0]}:\n  rank 0: {values[0]}\n  rank {other}: {values[other]}\n"
        "  fix: every rank feeds the same whole batch, so what the program shuffles or draws "
        "itself needs a seed that is the same on all; or each feeds its part of the rows: "
        "feeds='part' (graphmode launch --feeds part)",
    )


def _fingerprint(array: Any) -> bytes:
    """Four bytes that tell arrays apart; of large ones not each element is looked at."""
    flat: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    if flat.nbytes > _COMPARED:
        words = flat[: flat.nbytes // 8 * 8].view(np.uint64)
        flat = np.ascontiguousarray(words[:: -(-flat.nbytes // _COMPARED) | 1])
    return zlib.crc32(flat).to_bytes(4, "big")


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
    if sum(map(len, flat)) > _COMPARED:
        return _large_of_chief(said, arrays, flat)
    vector = np.concatenate(flat) if flat else np.empty(0, np.uint8)
    rank.ring.broadcast(said, vector, 0)
    given: list[Any] = []
    start = 0
    for array, part in zip(arrays, flat, strict=True):
        stop = start + len(part)
        given.append(vector[start:stop].view(array.dtype).reshape(array.shape))
        start = stop
    return given


def _large_of_chief(said: Request, arrays: Sequence[Any], flat: Sequence[Any]) -> list[Any]:
    """As `of_chief`, array by array, and only those that differ: most are read from a file."""
    rank, size = ranks.current(), 16
    ring: Any = rank.ring
    own = b"".join(hashlib.blake2b(part, digest_size=size).digest() for part in flat)
    of_all = [bytes(each) for each in ring.gather(said, own)]
    given = list(arrays)
    for i, (array, part) in enumerate(zip(arrays, flat, strict=True)):
        if len({each[i * size : (i + 1) * size] for each in of_all}) > 1:
            vector = part if rank.is_chief else np.empty_like(part)
            ring.broadcast(said, vector, 0)
            given[i] = vector.view(array.dtype).reshape(array.shape)
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
