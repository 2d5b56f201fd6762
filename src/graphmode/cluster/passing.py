"""Large values that one task fetches from another, so that they need not pass through the session.

A session that uses two other tasks tells the one that makes a value whether only others need it.
That one then holds it, and what the session is given, and gives on, says who holds what. Small
values are given themselves: asking for them would take longer.
"""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.cluster.arrays import Held, Packing, unpacked
from graphmode.cluster.channels import channel_to
from graphmode.cluster.cluster_spec import addresses_of
from graphmode.cluster.frames import error_of, new_frame, read_frame, refusal_of
from graphmode.cluster.wire import grpc
from graphmode.framework.errors import (
    AbortedError,
    DeadlineExceededError,
    InvalidArgumentError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphmode.cluster.cluster_spec import ClusterSpec, TaskName

FETCH = "/graphmode.cluster.Task/Fetch"
_LARGE = 1 << 18
"""Bytes: what is fetched by itself. Asking costs 0.4 ms, as does 1 MB on loopback, or 50 kB where a
machine has 1 Gb/s."""


class Passing:
    """What a task holds for others, and fetches from them.

    Parameters
    ----------
    cluster : ClusterSpec
        Nobody else is asked for a value.
    name : TaskName
        The task.
    """

    def __init__(self, cluster: ClusterSpec, name: TaskName) -> None:
        self._name, self._addresses = name, addresses_of(cluster)
        self._held: dict[str, tuple[np.ndarray, int]] = {}
        """Values, and how many more will fetch them."""
        self._channels: dict[TaskName, grpc.Channel] = {}
        self._lock = threading.Lock()

    # ---- holding -----------------------------------------------------------------------------

    def held(self, value: Any, n_readers: int) -> Any:
        """`value`, or what stands for it if it is large and held until `n_readers` have it."""
        if type(value) is not np.ndarray or value.dtype == object or value.nbytes < _LARGE:
            return value
        key = uuid.uuid4().hex
        self._held[key] = value, n_readers
        return Held(self._name, key)

    def release(self, held: Iterable[Held]) -> None:
        """Hold some values no longer, whoever has not fetched them."""
        with self._lock:  # nobody is about to put one back
            for each in held:
                self._held.pop(each.key, None)

    def _taken(self, key: str) -> np.ndarray | None:
        with self._lock:
            value, n_readers = self._held.pop(key, (None, 0))
            if value is not None and n_readers > 1:
                self._held[key] = value, n_readers - 1
        return value

    def messages(self, key: str) -> Iterator[bytes]:
        """A value that is held, as a frame and what follows it."""
        value = self._taken(key)
        if value is None:
            gone = f"{self._name} does not hold the value any more: the run has ended"
            yield refusal_of(AbortedError(None, None, gone))
            return
        frame, packing = new_frame(), Packing()
        packing.add(frame.done.values.add(), value)
        yield frame.SerializeToString()
        yield from packing.pieces()

    # ---- fetching ----------------------------------------------------------------------------

    def fetched(self, values: Sequence[Any], seconds: float) -> list[Any]:
        """`values`, with what others hold in place of what stands for it.

        Parameters
        ----------
        values : list
        seconds : float
            How long it may take; 0 for any time.

        Raises
        ------
        UnavailableError
            If a task cannot be reached.
        DeadlineExceededError
            If the time is over.
        """
        calls = {
            value.key: (value, self._asked(value, seconds))
            for value in values
            if isinstance(value, Held)
        }
        found = {key: self._received(value, call) for key, (value, call) in calls.items()}
        return [found[value.key] if isinstance(value, Held) else value for value in values]

    def _asked(self, held: Held, seconds: float) -> Any:
        address = self._addresses.get(held.task)
        if address is None:
            raise InvalidArgumentError(
                None, None,
                f"{held.task} is no task that {self._name} knows: give every task the same "
                "tf.train.ClusterSpec",
            )  # fmt: skip
        with self._lock:
            channel = self._channels.get(held.task)
            if channel is None:
                channel = self._channels[held.task] = channel_to(address)
        call: Any = channel.unary_stream(FETCH)
        return call(held.key.encode(), timeout=seconds or None)

    def _received(self, held: Held, call: Any) -> np.ndarray:
        who = f"{held.task} at {self._addresses[held.task]}"
        try:
            frame = read_frame(next(call))
            if frame.HasField("refusal"):
                raise error_of(frame.refusal, None, who)
            return unpacked(frame.done.values, lambda _: next(call, b""))[0]
        except grpc.RpcError as error:
            ended: Any = error
            if ended.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                raise DeadlineExceededError(
                    None, None, f"Timed out waiting for a value of {who}"
                ) from None
            raise UnavailableError(
                None, None,
                f"{who} cannot be reached from {self._name}: {ended.details()}\n"
                "  fix: see that its process runs, and that the two machines reach each other",
            ) from None  # fmt: skip
