"""Micro-batches: requests that have come meanwhile are computed by one run.

Rows are joined and padded to a power of two, so that a signature has few shapes, and few programs.
What cannot be joined runs by itself, in a few threads.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.serve.errors import Refused, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphmode.serve.metrics import Metrics
    from graphmode.serve.settings import Settings
    from graphmode.serve.signatures import Signature

    Outputs = dict[str, np.ndarray]


@dataclass(eq=False, slots=True)
class _Waiting:
    """A request that is to be computed."""

    signature: Signature
    feeds: Mapping[str, np.ndarray]
    outputs: tuple[str, ...]
    n_rows: int
    shapes: tuple[Any, ...]
    future: Future[Outputs] = field(default_factory=Future)

    def goes_with(self, other: _Waiting) -> bool:
        """Whether the rows of two requests can be those of one array."""
        return (
            self.signature is other.signature
            and self.shapes == other.shapes
            and self.outputs == other.outputs
        )


def power_of_two(n: int) -> int:
    """The least power of two that is not below `n`."""
    return 1 << max(n - 1, 0).bit_length()


class Batches:
    """Computes the requests of one version of a model.

    Parameters
    ----------
    name : str
        Of the model, for messages and metrics.
    settings : Settings
    metrics : Metrics
    """

    def __init__(self, name: str, settings: Settings, metrics: Metrics) -> None:
        self._name = name
        self._settings = settings
        self._metrics = metrics
        self._waiting: deque[_Waiting] = deque()
        self._came = threading.Condition(threading.Lock())
        self._alone = ThreadPoolExecutor(settings.threads, f"serve-{name}")
        self._n_alone = 0
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def submit(
        self, signature: Signature, feeds: Mapping[str, np.ndarray], outputs: Sequence[str]
    ) -> Future[Outputs]:
        """Have a request computed.

        Parameters
        ----------
        signature : Signature
        feeds : dict of str to array
            All its inputs.
        outputs : list of str

        Returns
        -------
        Future of dict of str to array
            Its exceptions are `Refused`.

        Raises
        ------
        Refused
            If too many wait, or the arrays have different numbers of rows.
        """
        self._require_room()
        n_rows = {array.shape[0] for array in feeds.values()} if signature.takes_batches else set()
        if self._settings.max_batch <= 1 or len(n_rows) != 1 or 0 in n_rows:
            return self.call(signature.compute, feeds, outputs)
        shapes = tuple((name, feeds[name].shape[1:]) for name in sorted(feeds))
        asked = _Waiting(signature, feeds, tuple(outputs), n_rows.pop(), shapes)
        with self._came:
            self._require_open()
            if self._thread is None:
                name = f"serve-{self._name}-batches"
                self._thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._thread.start()
            self._waiting.append(asked)
            self._came.notify()
        return asked.future

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have something else computed, by itself.

        Parameters
        ----------
        function : callable
        *arguments : Any

        Returns
        -------
        Future
            Its exceptions are `Refused`.

        Raises
        ------
        Refused
            If too many wait.
        """
        self._require_room()

        def work() -> Any:
            try:
                return function(*arguments)
            except Exception as error:
                raise refusal_of(error) from error

        with self._came:
            self._require_open()
            self._n_alone += 1
        future = self._alone.submit(work)
        future.add_done_callback(self._forget)  # also if it is cancelled before it begins
        return future

    def _forget(self, _: Any) -> None:
        with self._came:
            self._n_alone -= 1

    def _require_room(self) -> None:
        most = self._settings.max_queue
        if len(self._waiting) + self._n_alone >= most:
            self._metrics.count("refused", model=self._name)
            raise Refused(
                "RESOURCE_EXHAUSTED", f"{self._name}: {most} requests are waiting: try again later"
            )

    def _require_open(self) -> None:
        if self._is_closed:
            raise Refused("UNAVAILABLE", f"{self._name} is being unloaded")

    def close(self) -> None:
        """Compute what is waiting, then end the threads."""
        with self._came:
            self._is_closed = True
            self._came.notify()
        self._alone.shutdown()
        if self._thread is not None:
            self._thread.join()

    # ---- the thread ------------------------------------------------------------------------------

    def _work(self) -> None:
        while batch := self._next():
            self._metrics.observe_batch(self._name, sum(asked.n_rows for asked in batch))
            _compute(batch, self._settings.max_batch)

    def _next(self) -> list[_Waiting]:
        """The requests that are computed together next; none once all is closed."""
        with self._came:
            while not self._waiting:
                if self._is_closed:
                    return []
                self._came.wait()
            batch = self._taken()
            until = time.monotonic() + self._settings.batch_wait
            while not self._is_closed and self._rows(batch) < self._settings.max_batch:
                left = until - time.monotonic()
                if left <= 0 or self._waiting:  # what still waits does not go with these
                    break
                self._came.wait(left)
                batch += self._taken(batch)
        return batch

    def _rows(self, batch: list[_Waiting]) -> int:
        return sum(asked.n_rows for asked in batch)

    def _taken(self, batch: Sequence[_Waiting] = ()) -> list[_Waiting]:
        """Take from the front what goes together, up to the bound."""
        taken: list[_Waiting] = []
        n_rows = sum(asked.n_rows for asked in batch)
        first = batch[0] if batch else None
        while self._waiting:
            asked = self._waiting[0]
            if asked.future.cancelled():
                self._waiting.popleft()
                continue
            if first is not None and (
                not asked.goes_with(first) or n_rows + asked.n_rows > self._settings.max_batch
            ):
                break
            taken.append(self._waiting.popleft())
            first = first or asked
            n_rows += asked.n_rows
        return taken


def _compute(batch: list[_Waiting], max_batch: int) -> None:
    """Compute requests together, and give each its rows."""
    batch = [asked for asked in batch if asked.future.set_running_or_notify_cancel()]
    if not batch:
        return
    first = batch[0]
    try:
        feeds = first.feeds if len(batch) == 1 else {
            name: np.concatenate([asked.feeds[name] for asked in batch]) for name in first.feeds
        }  # fmt: skip
        n_rows = sum(asked.n_rows for asked in batch)
        found = computed_in_batches(first.signature, feeds, n_rows, first.outputs, max_batch)
    except Exception as error:
        if len(batch) == 1:
            first.future.set_exception(refusal_of(error))
            return
        for asked in batch:  # one may be wrong: the others are not refused for it
            _compute_one(asked, max_batch)
        return
    start = 0
    for asked in batch:
        rows = slice(start, start + asked.n_rows)
        start += asked.n_rows
        asked.future.set_result({name: value[rows] for name, value in found.items()})


def _compute_one(asked: _Waiting, max_batch: int) -> None:
    try:
        found = computed_in_batches(
            asked.signature, asked.feeds, asked.n_rows, asked.outputs, max_batch
        )
    except Exception as error:
        asked.future.set_exception(refusal_of(error))
    else:
        asked.future.set_result(found)


def computed_in_batches(
    signature: Signature,
    feeds: Mapping[str, np.ndarray],
    n_rows: int,
    outputs: Sequence[str],
    max_batch: int,
) -> Outputs:
    """Compute rows in batches of at most `max_batch`, each padded to a power of two.

    Parameters
    ----------
    signature : Signature
        One that takes batches.
    feeds : dict of str to array [n_rows, ...]
    n_rows : int
    outputs : list of str
    max_batch : int

    Returns
    -------
    dict of str to array [n_rows, ...]
    """
    parts: list[Outputs] = []
    for start in range(0, n_rows, max_batch):
        n = min(max_batch, n_rows - start)
        size = min(power_of_two(n), max_batch)
        padded = {name: _padded(array[start : start + n], size) for name, array in feeds.items()}
        found = signature.compute(padded, outputs)
        parts.append(found if n == size else {name: value[:n] for name, value in found.items()})
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in outputs}


def _padded(rows: np.ndarray, size: int) -> np.ndarray:
    """Rows and the last of them again, `size` together."""
    if len(rows) == size:
        return rows
    made = np.empty((size, *rows.shape[1:]), rows.dtype)
    made[: len(rows)] = rows
    made[len(rows) :] = rows[-1]
    return made
