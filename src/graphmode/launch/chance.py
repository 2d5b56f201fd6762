"""What is drawn from where nobody has said a seed: each process's own, or the same for all ranks.

Ranks that feed the same whole batch to a mesh have to shuffle alike. So the first one's chance is
made that of all: Python's and NumPy's generators, and what data sets and queues begin with.
"""

from __future__ import annotations

import hashlib
import os
import random
import threading

import numpy as np

from graphmode.launch import lockstep
from graphmode.launch.frames import request

_root: list[bytes] = []
_n_drawn: dict[str, int] = {}
_lock = threading.Lock()


def share(seeds_generators: bool = True) -> None:
    """Take the first rank's chance, on all ranks.

    Parameters
    ----------
    seeds_generators : bool
        Whether those of Python and NumPy begin alike, too; not if they have a seed already.
    """
    own = np.frombuffer(os.urandom(16), np.uint8)
    (of_all,) = lockstep.of_chief(request("chance that is the same for all ranks"), [own])
    _root[:] = [of_all.tobytes()]
    if seeds_generators:
        random.seed(entropy("random", 16))
        np.random.seed(np.frombuffer(entropy("numpy", 16), np.uint32))


def entropy(what: str, n_bytes: int) -> bytes:
    """Bytes that nobody knows before, others at each call.

    Parameters
    ----------
    what : str
        What begins with them; ranks that share their chance get the same at the same call for it.
    n_bytes : int
        Up to 64.

    Returns
    -------
    bytes
    """
    if not _root:
        return os.urandom(n_bytes)
    with _lock:
        n = _n_drawn[what] = _n_drawn.get(what, 0) + 1
    return hashlib.blake2b(f"{what} {n}".encode(), key=_root[0], digest_size=n_bytes).digest()
