"""slim's readers: several files read at once into one queue of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import float32, string
from graphmode.input.producers import string_input_producer
from graphmode.input.queue_kinds import RandomShuffleQueue
from graphmode.input.queue_runner import QueueRunner, add_queue_runner
from graphmode.input.queues import FIFOQueue
from graphmode.input.readers import ReaderBase
from graphmode.ops.math.casts import cast
from graphmode.ops.math.sums import add_n
from graphmode.platform.file_io import get_matching_files
from graphmode.summary.values import scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


class ParallelReader(ReaderBase):
    """Several readers that put what they read into one queue.

    Parameters
    ----------
    reader_class : function
        Makes a reader: `tf.TFRecordReader`, for one.
    common_queue : QueueBase
        Of keys and records, two strings; a `RandomShuffleQueue` shuffles them.
    num_readers : int
        How many files are read at once.
    reader_kwargs : dict, optional
        Arguments of `reader_class`.

    Raises
    ------
    TypeError
        If the queue is one of something else.
    """

    def __init__(
        self,
        reader_class: Callable[..., Any],
        common_queue: Any,
        num_readers: int = 4,
        reader_kwargs: dict[str, Any] | None = None,
    ) -> None:
        dtypes = common_queue.dtypes
        if len(dtypes) != 2 or any(dtype.base_dtype != string for dtype in dtypes):
            raise TypeError("common_queue.dtypes must be [tf.string, tf.string]")
        self._readers = [reader_class(**(reader_kwargs or {})) for _ in range(num_readers)]
        self._common_queue = common_queue
        super().__init__(self._readers[0].reader_ref)

    @property
    def num_readers(self) -> int:
        """How many readers there are."""
        return len(self._readers)

    @property
    def common_queue(self) -> Any:
        """The queue of keys and records."""
        return self._common_queue

    def read(self, queue: Any, name: str | None = None) -> Any:
        """The next record of the common queue, which a queue runner fills.

        Parameters
        ----------
        queue : QueueBase
            Of names of files.

        Returns
        -------
        key, value : Tensor, string scalar

        Raises
        ------
        OutOfRangeError
            When it runs, if all files are read.
        """
        self._fill_from(queue)
        return self._common_queue.dequeue(name=name)

    def read_up_to(self, queue: Any, num_records: Any, name: str | None = None) -> Any:
        """The next records of the common queue, fewer at the end.

        Parameters
        ----------
        queue : QueueBase
            Of names of files.
        num_records : int, or Tensor, int32 scalar

        Returns
        -------
        keys, values : Tensor, string vector

        Raises
        ------
        OutOfRangeError
            When it runs, if all files are read.
        """
        self._fill_from(queue)
        return self._common_queue.dequeue_up_to(num_records, name)

    def _fill_from(self, queue: Any) -> None:
        puts = [self._common_queue.enqueue(reader.read(queue)) for reader in self._readers]
        add_queue_runner(QueueRunner(self._common_queue, puts))

    def num_records_produced(self, name: str | None = None) -> Tensor:
        """How many records all readers have read: int64 scalar."""
        return add_n([reader.num_records_produced() for reader in self._readers], name=name)

    def num_work_units_completed(self, name: str | None = None) -> Tensor:
        """How many files all readers have read to their end: int64 scalar."""
        return add_n([reader.num_work_units_completed() for reader in self._readers], name=name)


def parallel_read(
    data_sources: Any,
    reader_class: Callable[..., Any],
    num_epochs: int | None = None,
    num_readers: int = 4,
    reader_kwargs: dict[str, Any] | None = None,
    shuffle: bool = True,
    dtypes: Any = None,
    capacity: int = 256,
    min_after_dequeue: int = 128,
    seed: int | None = None,
    scope: str | None = None,
) -> Any:
    """The records of files, several files read at once.

    Parameters
    ----------
    data_sources : str or list of str
        Names of files, or patterns.
    reader_class : function
        Makes a reader: `tf.TFRecordReader`, for one.
    num_epochs : int, optional
        How often each file is read; without it for ever.
    num_readers : int
        How many files are read at once.
    reader_kwargs : dict, optional
        Arguments of `reader_class`.
    shuffle : bool
        Shuffle files and records.
    dtypes : list of DType, optional
        Of keys and records: strings.
    capacity, min_after_dequeue : int
        Of the queue of records.
    seed : int, optional
        Of the shuffling.
    scope : str, optional
        Name scope.

    Returns
    -------
    key, value : Tensor, string scalar

    Raises
    ------
    ValueError
        If there are no files.
    """
    files = get_data_files(data_sources)
    with name_scope(scope, "parallel_read"):
        names = string_input_producer(
            files, num_epochs=num_epochs, shuffle=shuffle, seed=seed, name="filenames"
        )
        dtypes = dtypes or [string, string]
        if shuffle:
            queue = RandomShuffleQueue(
                capacity, min_after_dequeue, dtypes, seed=seed, name="common_queue"
            )
        else:
            queue = FIFOQueue(capacity, dtypes, name="common_queue")
        scalar(f"fraction_of_{capacity}_full", cast(queue.size(), float32) * (1.0 / capacity))
        return ParallelReader(reader_class, queue, num_readers, reader_kwargs).read(names)


def single_pass_read(
    data_sources: Any,
    reader_class: Callable[..., Any],
    reader_kwargs: dict[str, Any] | None = None,
    scope: str | None = None,
) -> Any:
    """The records of files, one after the other, once.

    Parameters
    ----------
    data_sources : str or list of str
        Names of files, or patterns.
    reader_class : function
        Makes a reader: `tf.TFRecordReader`, for one.
    reader_kwargs : dict, optional
        Arguments of `reader_class`.
    scope : str, optional
        Name scope.

    Returns
    -------
    key, value : Tensor, string scalar

    Raises
    ------
    ValueError
        If there are no files.
    """
    files = get_data_files(data_sources)
    with name_scope(scope, "single_pass_read"):
        names = string_input_producer(
            files, num_epochs=1, shuffle=False, capacity=1, name="filenames"
        )
        return reader_class(**(reader_kwargs or {})).read(names)


def get_data_files(data_sources: Any) -> list[str]:
    """Names of files, patterns replaced by the files that match.

    Parameters
    ----------
    data_sources : str, or list or tuple of them

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If there are none.
    """
    if isinstance(data_sources, nest.LISTS):
        files = [name for source in data_sources for name in get_data_files(source)]
    elif any(mark in data_sources for mark in "*?["):
        files = get_matching_files(data_sources)
    else:
        files = [data_sources]
    if not files:
        raise ValueError(f"No data files found in {data_sources}")
    return files
