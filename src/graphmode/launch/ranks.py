"""Which of the processes of a program this one is, and what it exchanges with the others by."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from graphmode.framework.errors import FailedPreconditionError

if TYPE_CHECKING:
    from graphmode.launch.ring import Ring


class Rank(NamedTuple):
    """A process among those that run one program together."""

    index: int = 0
    size: int = 1
    local_index: int = 0
    """Among those of this machine."""
    local_size: int = 1
    ring: Ring | None = None
    """None if it is the only one."""

    @property
    def is_chief(self) -> bool:
        """Whether it is the one that writes for all."""
        return self.index == 0


ALONE = Rank()
_joined: list[Rank] = []


def current() -> Rank:
    """This process's rank; the only one of one if it has not joined others."""
    return _joined[0] if _joined else ALONE


def has_joined() -> bool:
    """Whether this process has joined others."""
    return bool(_joined)


def become(rank: Rank | None) -> None:
    """Note what `join` has made of this process; None: it is on its own again."""
    _joined[:] = [] if rank is None else [rank]


class Invitation(NamedTuple):
    """What a process is told by whoever has started it."""

    index: int | None = None
    size: int | None = None
    coordinator: str | None = None
    """``host:port``, where the first rank listens. What is None, JAX looks for."""
    is_local: bool = False
    """Whether all ranks are of this machine."""


_OF_LAUNCH = ("GRAPHMODE_RANK", "GRAPHMODE_SIZE", "GRAPHMODE_COORDINATOR", "GRAPHMODE_LOCAL")
# Rank, number of ranks, ranks of this machine, what tells one job from another on this machine.
_OF_LAUNCHERS = [
    (
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_LOCAL_SIZE",
        "PMIX_NAMESPACE",
    ),
    ("HOROVOD_RANK", "HOROVOD_SIZE", "HOROVOD_LOCAL_SIZE", "HOROVOD_GLOO_RENDEZVOUS_PORT"),
]
_FOUND_BY_JAX = {
    "OMPI_MCA_orte_hnp_uri": "OMPI_COMM_WORLD_SIZE",
    "SLURM_STEP_NODELIST": "SLURM_NTASKS",
    "JOB_COMPLETION_INDEX": "",
}
"""What says that JAX finds the others, and where their number is."""


def invitation() -> Invitation | None:
    """What the environment says of other ranks: of `graphmode launch`, MPI, SLURM or Kubernetes.

    Returns
    -------
    Invitation or None
        None if this process was started on its own.

    Raises
    ------
    FailedPreconditionError
        If only a part of what `graphmode launch` says is there.
    """
    found = os.environ
    if _OF_LAUNCH[0] in found:
        absent = [name for name in _OF_LAUNCH if name not in found]
        if absent:
            raise FailedPreconditionError(
                None, None, f"{_OF_LAUNCH[0]} is set, and {', '.join(absent)} is not"
            )
        index, size, coordinator, local = (found[name] for name in _OF_LAUNCH)
        return Invitation(int(index), int(size), coordinator, local == "1")
    coordinator = found.get("JAX_COORDINATOR_ADDRESS")
    for marker, number in _FOUND_BY_JAX.items():
        if marker in found and found.get(number, "2") != "1":
            return Invitation()
    for rank, size, local_size, job in _OF_LAUNCHERS:
        if rank in found and found.get(size, "1") != "1":
            is_local = found.get(local_size) == found[size]
            if coordinator is None and is_local:
                coordinator = f"127.0.0.1:{_port_of(found.get(job, ''))}"
            return Invitation(int(found[rank]), int(found[size]), coordinator, is_local)
    return None


def is_launched() -> bool:
    """Whether `graphmode launch` has started this process."""
    return _OF_LAUNCH[0] in os.environ


def consume_invitation() -> None:
    """Take out of the environment what processes that this one starts must not follow."""
    for name in _OF_LAUNCH:
        os.environ.pop(name, None)


def _port_of(job: str) -> int:
    """A port that the ranks of a job agree about without talking."""
    number = int.from_bytes(job.encode()[-8:], "big") * 2654435761
    return 20_000 + (number >> 7) % 12_000
