"""Whether two tasks can work together: one version, one cluster, no strangers."""

from __future__ import annotations

import functools
import importlib.metadata
import socket
from typing import TYPE_CHECKING, Any

from graphmode.cluster.cluster_spec import ClusterSpec, TaskName, addresses_of
from graphmode.cluster.messages import PROTOCOL
from graphmode.framework.errors import FailedPreconditionError, InvalidArgumentError
from graphmode.framework.proto.messages import protobuf

if TYPE_CHECKING:
    from collections.abc import Iterable

_ANY_HOST = frozenset({"", "0.0.0.0", "[::]", "::"})


@functools.cache
def release() -> str:
    """Which graphmode this is."""
    try:
        return importlib.metadata.version("graphmode")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def introduce(message: Any, cluster: ClusterSpec | None) -> None:
    """Write what the other side has to know into a `Hello` or a `Welcome`."""
    message.protocol, message.version = PROTOCOL, release()
    if cluster is not None:
        message.cluster = cluster.as_cluster_def().SerializeToString(deterministic=True)


def require_same_version(message: Any, who: object, me: object) -> None:
    """Refuse a `Hello` or a `Welcome` of another version.

    Raises
    ------
    FailedPreconditionError
    """
    if message.protocol != PROTOCOL:
        raise FailedPreconditionError(
            None, None,
            f"{who} runs graphmode {message.version} (cluster protocol {message.protocol}), {me} "
            f"runs graphmode {release()} (cluster protocol {PROTOCOL})\n"
            "  fix: install the same version of graphmode for all tasks of the cluster",
        )  # fmt: skip


def cluster_of(message: Any) -> ClusterSpec | None:
    """The cluster that a `Hello` or a `Welcome` is of."""
    if not message.cluster:
        return None
    return ClusterSpec(protobuf("cluster").ClusterDef.FromString(message.cluster))


def require_agreement(
    mine: ClusterSpec, theirs: ClusterSpec | None, me: object, who: object
) -> None:
    """Refuse a cluster that has the same task somewhere else.

    Some tasks may be known to one side only.

    Raises
    ------
    InvalidArgumentError
    """
    if theirs is None or mine == theirs:
        return
    here, there = addresses_of(mine), addresses_of(theirs)
    for task, address in here.items():
        other = there.get(task, address)
        if other != address and not _are_same(address, other):
            raise InvalidArgumentError(
                None, None,
                f"the tasks disagree about the cluster: for {me} {task} is at {address}, for {who} "
                f"it is at {other}\n  {me}: {mine}\n  {who}: {theirs}\n"
                "  fix: give every task the same tf.train.ClusterSpec",
            )  # fmt: skip


def _are_same(address: str, other: str) -> bool:
    """Whether two texts may be one address, as a task may call itself localhost."""
    (host, _, port), (other_host, _, other_port) = address.rpartition(":"), other.rpartition(":")
    if port != other_port:
        return False
    hosts = {host, other_host}
    if hosts & _ANY_HOST:
        return True
    found = [addresses_of_host(each) for each in hosts]
    return not set.intersection(*found).isdisjoint(found[0]) or any(map(_is_loopback, found))


def _is_loopback(found: Iterable[str]) -> bool:
    return any(each.startswith("127.") or each == "::1" for each in found)


@functools.lru_cache(maxsize=4096)
def addresses_of_host(host: str) -> set[str]:
    """The numbers that a host's name stands for; none if it does not resolve."""
    try:
        return {str(info[4][0]) for info in socket.getaddrinfo(host.strip("[]"), None)}
    except OSError:
        return set()


def is_known(peer: str, cluster: ClusterSpec) -> bool:
    """Whether who calls from `peer`, as gRPC writes it, is on a machine of the cluster."""
    kind, _, rest = peer.partition(":")
    if kind == "unix":
        return True
    host = rest.rpartition(":")[0].replace("%5B", "[").replace("%5D", "]").strip("[]")
    if _is_loopback([host]):
        return True
    hosts = {address.rpartition(":")[0] for address in addresses_of(cluster).values()}
    return any(host in addresses_of_host(each) for each in hosts - _ANY_HOST)


def task_name(message: Any) -> TaskName:
    """Which task a `Welcome` comes from."""
    return TaskName(message.job, message.index)
