"""The data sets of files: lines of text, TFRecords, records of one length."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.data.combining import interleaving
from graphmode.data.dataset import Dataset
from graphmode.data.files import contents
from graphmode.data.node import Node


class TextLineDataset(Dataset):
    """The lines of text files, without their ends.

    Parameters
    ----------
    filenames : str, list of str, Dataset or Tensor, string of any shape
    compression_type : {"", "GZIP", "ZLIB"}, optional
    buffer_size, num_parallel_reads : int, optional
        Accepted.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
    ) -> None:
        super().__init__(_per_file(filenames, lambda f: contents.text_lines(f, compression_type)))


class TFRecordDataset(Dataset):
    """The records of TFRecord files.

    Parameters
    ----------
    filenames : str, list of str, Dataset or Tensor, string of any shape
    compression_type : {"", "GZIP", "ZLIB"}, optional
    buffer_size, num_parallel_reads : int, optional
        Accepted.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
    ) -> None:
        super().__init__(_per_file(filenames, lambda f: contents.records(f, compression_type)))


class FixedLengthRecordDataset(Dataset):
    """The records of files, all of one length.

    Parameters
    ----------
    filenames : str, list of str, Dataset or Tensor, string of any shape
    record_bytes : int or Tensor, int64 scalar
    header_bytes, footer_bytes : int or Tensor, int64 scalar, optional
        What is left out at both ends of each file.
    buffer_size, num_parallel_reads : int, optional
        Accepted.
    compression_type : {"", "GZIP", "ZLIB"}, optional
    """

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
        compression_type: Any = None,
        num_parallel_reads: Any = None,
    ) -> None:
        def of_files(names: Any) -> Node:
            return contents.fixed_length_records(
                names, record_bytes, header_bytes, footer_bytes, compression_type
            )

        super().__init__(_per_file(filenames, of_files))


def _per_file(filenames: Any, make: Callable[[Any], Node]) -> Node:
    """What `make` makes of names; of a data set of names one after the other."""
    if isinstance(filenames, Dataset):
        return interleaving.flat_map_node(filenames._node, lambda names: Dataset(make(names)))
    return make(filenames)
