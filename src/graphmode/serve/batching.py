"""Micro-batches: requests that have come meanwhile are computed by one run.

Rows are joined and padded to a power of two, so that a signature has few shapes, and few programs.
What cannot be joined runs by itself, in a few threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.serve.errors import Refused, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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
    future: Any
    loop: asyncio.AbstractEventLoop | None = None
    """Whose future it is; None of one for threads."""

    def begins(self) -> bool:
        """Whether somebody still waits for it, as it is about to be computed."""
        if self.loop is None:
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()

    def goes_with(self, other: _Waiting) -> bool:
        """Whether the rows of two requests can be those of one array."""
        return (
            self.signature is other.signature
            and self.outputs == other.outputs
            and all(
                array.shape[1:] == other.feeds[name].shape[1:] for name, array in self.feeds.items()
            )
        )


def _rows(batch: Iterable[_Waiting]) -> int:
    return sum(asked.n_rows for asked in batch)


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
        self._read: list[_Waiting] = []
        self._came = threading.Condition(threading.Lock())
        self._alone = ThreadPoolExecutor(settings.threads, f"serve-{name}")
        self._n_alone = 0
        self._is_closed = False
        self._n_last = 0  # rows of the last batch: they have just been answered
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
        n_rows = self._joined_rows(signature, feeds)
        if not n_rows:
            return self.call(signature.compute, feeds, outputs)
        asked = _Waiting(signature, feeds, tuple(outputs), n_rows, Future())
        self._hand_over([asked])
        return asked.future

    def _hand_over(self, asked: Sequence[_Waiting]) -> None:
        """Give requests to the thread that computes batches."""
        with self._came:
            self._require_open()
            if self._thread is None:
                name = f"serve-{self._name}-batches"
                self._thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._thread.start()
            self._waiting.extend(asked)
            self._came.notify()

    def _joined_rows(self, signature: Signature, feeds: Mapping[str, np.ndarray]) -> int:
        """The number of rows that are computed with others; 0 of what runs by itself."""
        if not signature.takes_batches or self._settings.max_batch <= 1:
            return 0
        n_rows = {array.shape[0] for array in feeds.values()}
        return n_rows.pop() if len(n_rows) == 1 else 0

    async def compute(
        self, signature: Signature, feeds: Mapping[str, np.ndarray], outputs: Sequence[str]
    ) -> Outputs:
        """Have a request computed, with others that the event loop has read by now.

        What is quick is computed in the event loop's own thread.

        Parameters
        ----------
        signature : Signature
        feeds : dict of str to array
            All its inputs.
        outputs : list of str

        Returns
        -------
        dict of str to array

        Raises
        ------
        Refused
        """
        n_rows = self._joined_rows(signature, feeds)
        if not n_rows:
            return await asyncio.wrap_future(self.call(signature.compute, feeds, outputs))
        self._require_room()
        self._require_open()
        loop = asyncio.get_running_loop()
        asked = _Waiting(signature, feeds, tuple(outputs), n_rows, loop.create_future(), loop)
        self._read.append(asked)
        if len(self._read) == 1:
            loop.call_soon(self._go_on)
        return await asked.future

    def _go_on(self) -> None:
        """Compute what has been read, or have it computed."""
        read, self._read = self._read, []
        most = self._settings.max_batch
        quick = [one for one in read if one.signature.is_quick and one.n_rows <= most]
        others = [one for one in read if one not in quick] if len(quick) < len(read) else []
        self._compute_quick(quick)
        if others:
            try:
                self._hand_over(others)
            except Refused as refused:
                _settle_all([(asked.future, refused) for asked in others])

    def _compute_quick(self, waiting: list[_Waiting]) -> None:
        while waiting:
            first, batch, left, n_rows = waiting[0], [], [], 0
            for asked in waiting:
                fits = n_rows + asked.n_rows <= self._settings.max_batch
                if fits and asked.goes_with(first):
                    batch.append(asked)
                    n_rows += asked.n_rows
                else:
                    left.append(asked)
            waiting = left
            self._metrics.observe_batch(self._name, n_rows)
            found = _outcomes(batch, self._settings.max_batch)
            _settle_all([(one.future, result) for one, result in zip(batch, found, strict=True)])

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
        if len(self._waiting) + len(self._read) + self._n_alone >= most:
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
            batch = [asked for asked in batch if asked.begins()]
            if batch:
                self._metrics.observe_batch(self._name, _rows(batch))
                _deliver(batch, _outcomes(batch, self._settings.max_batch))

    def _next(self) -> list[_Waiting]:
        """The requests that are computed together next; none once all is closed."""
        with self._came:
            while not (batch := self._taken(most=self._share())):
                if self._is_closed:
                    return []
                self._came.wait()
            self._n_last = _rows(batch)
            until = time.monotonic() + self._settings.batch_wait
            while not self._is_closed and _rows(batch) < self._settings.max_batch:
                left = until - time.monotonic()
                if left <= 0 or self._waiting:  # what still waits does not go with these
                    break
                self._came.wait(left)
                batch += self._taken(batch)
        return batch

    def _share(self) -> int:
        """How many rows to take at most: half of what clients ask for at a time.

        The others are read and answered meanwhile. If all clients were served at once, what reads
        and what computes would wait for each other.
        """
        most = self._settings.max_batch
        if self._settings.batch_wait:
            return most
        return min(most, power_of_two((self._n_last + _rows(self._waiting) + 1) // 2))

    def _taken(self, batch: Sequence[_Waiting] = (), most: int | None = None) -> list[_Waiting]:
        """Take from the front what goes together, up to the bound."""
        most = most or self._settings.max_batch
        taken: list[_Waiting] = []
        n_rows = _rows(batch)
        first = batch[0] if batch else None
        while self._waiting:
            asked = self._waiting[0]
            if asked.future.cancelled():
                self._waiting.popleft()
                continue
            if first is not None and (not asked.goes_with(first) or n_rows + asked.n_rows > most):
                break
            taken.append(self._waiting.popleft())
            first = first or asked
            n_rows += asked.n_rows
        return taken


def _outcomes(batch: Sequence[_Waiting], max_batch: int) -> list[Outputs | Refused]:
    """Compute requests together; give each its rows, or what it is refused with."""
    first = batch[0]
    try:
        if len(batch) == 1:
            feeds = first.feeds
        else:
            feeds = {
                name: np.concatenate([asked.feeds[name] for asked in batch]) for name in first.feeds
            }
        n_rows = _rows(batch)
        found = computed_in_batches(first.signature, feeds, n_rows, first.outputs, max_batch)
    except Exception as error:
        if len(batch) == 1:
            return [refusal_of(error)]
        # One may be wrong: the others are not refused for it.
        return [_outcomes([asked], max_batch)[0] for asked in batch]
    if len(batch) == 1:
        return [found]
    parts: list[Outputs | Refused] = []
    start = 0
    for asked in batch:
        rows = slice(start, start + asked.n_rows)
        start += asked.n_rows
        parts.append({name: value[rows] for name, value in found.items()})
    return parts


def _settle(future: Any, outcome: Outputs | Refused) -> None:
    if isinstance(outcome, Refused):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _settle_all(pairs: Sequence[tuple[Any, Outputs | Refused]]) -> None:
    for future, outcome in pairs:
        if not future.done():
            _settle(future, outcome)


def _deliver(batch: Sequence[_Waiting], found: Sequence[Outputs | Refused]) -> None:
    """Tell who waits; an event loop is woken once for all of its requests."""
    of_loops: dict[asyncio.AbstractEventLoop, list[tuple[Any, Outputs | Refused]]] = {}
    for asked, outcome in zip(batch, found, strict=True):
        if asked.loop is None:
            _settle(asked.future, outcome)
        else:
            of_loops.setdefault(asked.loop, []).append((asked.future, outcome))
    for loop, pairs in of_loops.items():
        with contextlib.suppress(RuntimeError):  # it was closed: nobody waits
            loop.call_soon_threadsafe(_settle_all, pairs)


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
