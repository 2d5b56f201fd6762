"""`join`: a process becomes a rank; `leave`: it ends as one.

JAX's own service brings the processes together (and finds them under SLURM, Open MPI and
Kubernetes). What it knows then is enough for arrays of a mesh; for what ranks exchange between
stages each tells the others where it listens, and they make a ring.
"""

from __future__ import annotations

import atexit
import contextlib
import hmac
import json
import os
import secrets
import socket
import sys
import time
from importlib.metadata import version
from typing import Any

from graphmode.framework.errors import FailedPreconditionError
from graphmode.launch import lifeline, ranks
from graphmode.launch.ranks import Invitation, Rank
from graphmode.launch.ring import Ring

HEARTBEAT = 10
"""Seconds after which a rank that says nothing counts as dead, and JAX aborts the others."""
_SUPERVISED = 60
"""The same where a supervisor ends them, which can say why."""
_PATIENCE = 120
"""Seconds that the ranks have to come together."""
_GOODBYE = 7 * 24 * 3600
"""Seconds that a rank which has come to its end waits for those that have not: as they need."""
_LAST_WORDS = 0.5
"""Seconds that the first rank stays after a failure: JAX aborts the others when it has gone."""
_status: list[int] = []
"""How this process is to end, once it has failed."""
_CARD = 512
"""Bytes of what each rank tells the others of itself."""


def join(invitation: Invitation | None = None) -> Rank:
    """Become one of several processes that run one program.

    Parameters
    ----------
    invitation : Invitation, optional
        What the environment says by default.

    Returns
    -------
    Rank
        The same at a second call; the only one if nobody has started others.

    Raises
    ------
    FailedPreconditionError
        If this process has used JAX before, or the others cannot be found, or run another version.
    """
    if ranks.has_joined():
        return ranks.current()
    invitation = invitation or ranks.invitation()
    if invitation is None or invitation.size == 1:
        ranks.become(ranks.ALONE)
        return ranks.ALONE
    ranks.consume_invitation()
    _start_jax(invitation)
    rank = _make_ring(invitation.is_local)
    ranks.become(rank)
    return rank


def make_ring() -> None:
    """Become a rank where the program itself has joined the others, by ``jax.distributed``."""
    if not ranks.has_joined():
        ranks.become(_make_ring(is_local=False))


def leave(status: int = 0) -> None:
    """End as a rank: after a failure without a word, so that the others do not wait at the door.

    Parameters
    ----------
    status : int
        How the process is about to end; if not 0, it ends so when all that the program has asked
        for at exit is done, and not by Python's way out: JAX's client waits there for all others.
    """
    rank = ranks.current()
    ranks.become(None)
    if rank.ring is None:
        return
    rank.ring.close()
    if not status:
        import jax

        jax.distributed.shutdown()
        return
    _status[:] = [status]
    lifeline.say(b"%s%d" % (lifeline.FAILED, status))
    if rank.ring.was_told:
        lifeline.say(lifeline.WAS_TOLD)
    if rank.is_chief:
        time.sleep(_LAST_WORDS)


def _end() -> None:
    """Leave, if the program has come to its end and has not."""
    failed = getattr(sys, "last_exc" if sys.version_info >= (3, 12) else "last_value", None)
    leave(0 if failed is None else 1)
    if _status:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(_status[0])


def _start_jax(invitation: Invitation) -> None:
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    with contextlib.suppress(AttributeError):  # it would take SIGTERM from the program
        jax.config.update("jax_enable_preemption_service", False)
    given: dict[str, Any] = {}
    if invitation.size is not None:
        if invitation.coordinator is None:
            raise _refusal(
                "the ranks are on several machines, and nothing says where the first one is.\n"
                "  fix: export JAX_COORDINATOR_ADDRESS=HOST:PORT, a free port of the machine of "
                "rank 0"
            )
        given = {
            "coordinator_address": invitation.coordinator,
            "num_processes": invitation.size,
            "process_id": invitation.index,
            "cluster_detection_method": "deactivate",
        }
        if invitation.is_local:
            given["coordinator_bind_address"] = invitation.coordinator
        _resolve(invitation.coordinator)
    try:
        jax.distributed.initialize(
            **given,
            heartbeat_timeout_seconds=_SUPERVISED if lifeline.is_held() else HEARTBEAT,
            initialization_timeout=_PATIENCE,
            shutdown_timeout_seconds=_GOODBYE,
        )
    except (RuntimeError, ValueError) as error:
        if "must be called before" in str(error):
            raise _refusal(
                "JAX has run something in this process already.\n  fix: join (hvd.init()) before "
                "the first run, or start the program by `graphmode launch`, which joins at once"
            ) from None
        where = f" at {invitation.coordinator}" if invitation.coordinator else ""
        raise _refusal(f"the ranks did not come together{where}: {error}") from None
    atexit.unregister(jax.distributed.shutdown)
    atexit.register(_end)


def _resolve(address: str, patience: float = _PATIENCE) -> None:
    """Wait until the coordinator's name is known: that of a pod is not, before it has begun."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise _refusal(f"the coordinator's address is HOST:PORT, got {address!r}")
    until = time.monotonic() + patience
    while True:
        try:
            socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
            return
        except OSError as error:
            if time.monotonic() >= until:
                raise _refusal(
                    f"the coordinator's address {address} is not found: {error.strerror}"
                ) from None
        time.sleep(1)


def _refusal(text: str) -> FailedPreconditionError:
    return FailedPreconditionError(None, None, text)


# ---- the ring ------------------------------------------------------------------------------------


def _make_ring(is_local: bool) -> Rank:
    import jax

    index, size = jax.process_index(), jax.process_count()
    with socket.create_server(("127.0.0.1" if is_local else "", 0), backlog=8) as door:
        own = {
            "host": socket.gethostname(),
            "address": "127.0.0.1" if is_local else _own_address(),
            "port": door.getsockname()[1],
            "token": secrets.token_hex(16),
            "version": version("graphmode"),
        }
        cards = _exchange_cards(own)
        check_versions([card["version"] for card in cards])
        token = "".join(card["token"] for card in cards).encode()
        to = cards[(index + 1) % size]
        host = "127.0.0.1" if to["host"] == own["host"] else to["address"]
        following = socket.create_connection((host, to["port"]), timeout=_PATIENCE)
        following.sendall(token)
        previous = _admit(door, token)
    for connection in (following, previous):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hosts = [card["host"] for card in cards]
    return Rank(
        index,
        size,
        hosts[:index].count(own["host"]),
        hosts.count(own["host"]),
        Ring(index, size, following, previous),
    )


def check_versions(versions: list[str]) -> None:
    """Refuse ranks of several versions.

    Parameters
    ----------
    versions : list of str
        Of graphmode, by rank.

    Raises
    ------
    FailedPreconditionError
        If one differs from the first one's.
    """
    for index, other in enumerate(versions):
        if other != versions[0]:
            raise _refusal(
                f"rank 0 runs graphmode {versions[0]}, rank {index} graphmode {other}.\n"
                "  fix: install the same version for all"
            )


def _exchange_cards(own: dict[str, Any]) -> list[dict[str, Any]]:
    """What all ranks say of themselves."""
    import numpy as np
    from jax.experimental import multihost_utils

    card = np.frombuffer(json.dumps(own).encode().ljust(_CARD), np.uint8)
    cards = np.asarray(multihost_utils.process_allgather(card))
    return [json.loads(each.tobytes()) for each in cards]


def _admit(door: socket.socket, token: bytes) -> socket.socket:
    """The connection of the rank before; whoever does not know the token is sent away."""
    until = time.monotonic() + _PATIENCE
    while True:
        door.settimeout(max(until - time.monotonic(), 0.01))
        try:
            connection, _ = door.accept()
        except TimeoutError:
            raise _refusal(f"the rank before did not connect within {_PATIENCE} s") from None
        connection.settimeout(5)
        said = b""
        try:
            while len(said) < len(token):
                part = connection.recv(len(token) - len(said))
                if not part:
                    break
                said += part
        except OSError:
            said = b""
        if hmac.compare_digest(said, token):
            return connection
        connection.close()


def _own_address() -> str:
    """This machine's address, as others reach it."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return socket.gethostname()
