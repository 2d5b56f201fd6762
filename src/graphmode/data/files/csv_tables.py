"""`make_csv_dataset`: batches of the columns of CSV files, by their names."""

from __future__ import annotations

import csv
import io
import itertools
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import IO, Any

import numpy as np

from graphmode.data.applied import ignore_errors as without_errors
from graphmode.data.applied import parallel_interleave, shuffle_and_repeat
from graphmode.data.dataset import Dataset
from graphmode.data.files.contents import buffered, names_matching
from graphmode.data.files.csv import CsvDataset
from graphmode.data.files.csv import column_defaults as as_defaults
from graphmode.framework import dtypes
from graphmode.framework.dtypes import DType
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Tensor

# ---- what the files say --------------------------------------------------------------------------


class _Rows:
    """Reads rows of files as text, to find out about names and dtypes of columns."""

    def __init__(self, compression: str, delim: str, quotes: bool) -> None:
        self._compression = compression
        self._delim = delim
        self._quotes = quotes

    def _opened(self, name: str) -> IO[str]:
        if self._compression == "ZLIB":
            raise ValueError(
                "compression_type (ZLIB) is not supported for probing columns\n"
                "  fix: say column_names= and column_defaults="
            )
        if self._compression not in ("", "GZIP"):
            raise ValueError(f"compression_type ({self._compression}) is not supported")
        return io.TextIOWrapper(buffered(name, self._compression), "utf-8", newline="")

    def of(self, name: str) -> Iterator[list[str]]:
        """The rows of a file."""
        with self._opened(name) as file:
            quoting = csv.QUOTE_MINIMAL if self._quotes else csv.QUOTE_NONE
            yield from csv.reader(file, delimiter=self._delim, quoting=quoting)

    def header(self, name: str) -> list[str]:
        """The first row of a file."""
        row = next(self.of(name), None)
        if row is None:
            raise ValueError(
                f"Received StopIteration when reading the header line of {name}.  Empty file?"
            )
        return row


def _fits(text: str, dtype: DType) -> bool:
    """Whether `text` is a number that `dtype` holds."""
    try:
        if dtype is dtypes.int32 or dtype is dtypes.int64:
            info = np.iinfo(dtype.numpy_dtype)
            return info.min <= int(text) <= info.max
        with np.errstate(over="ignore"):
            return bool(dtype.numpy_dtype.type(text) < np.inf)
    except (ValueError, OverflowError):
        return False


_LADDER = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)
"""From the narrowest dtype on; what fits none is a string."""


def inferred_type(text: str, missing: str, known: DType | None) -> DType | None:
    """The narrowest dtype of a column that is `known` so far and holds `text`, too."""
    if text in ("", missing):
        return known
    start = 0 if known is None else (*_LADDER, dtypes.string).index(known)
    return next((dtype for dtype in _LADDER[start:] if _fits(text, dtype)), dtypes.string)


def _inferred_defaults(
    rows: _Rows,
    filenames: Sequence[str],
    n_columns: int,
    chosen: Sequence[int],
    missing: str,
    has_header: bool,
    most: int | None,
) -> list[Any]:
    found: list[DType | None] = [None] * len(chosen)
    all_rows = itertools.chain.from_iterable(
        itertools.islice(rows.of(name), int(has_header), None) for name in filenames
    )
    for row in itertools.islice(all_rows, most):
        if len(row) != n_columns:
            raise ValueError(
                "Problem inferring types: CSV row has different number of fields than expected."
                f"\n  it has {len(row)}, there are {n_columns} columns: {row}"
            )
        found = [
            inferred_type(row[at], missing, known) for at, known in zip(chosen, found, strict=True)
        ]
    types = [dtype or dtypes.string for dtype in found]
    return [
        np.array([""], object) if dtype is dtypes.string else np.zeros(1, dtype.numpy_dtype)
        for dtype in types
    ]


def _chosen_columns(asked: Sequence[Any], names: Sequence[str]) -> list[int]:
    """The places of columns that are asked for by place or name, rising."""
    places = {name: i for i, name in enumerate(names)}
    found: list[int] = []
    for column in asked:
        if isinstance(column, int):
            if not 0 <= column < len(names):
                raise ValueError(
                    f"Column index {column} specified in select_columns out of valid range."
                )
            found.append(column)
        elif column in places:
            found.append(places[column])
        else:
            raise ValueError(
                f"Value '{column}' specified in select_columns not a valid column index or name."
            )
    if len(set(found)) != len(found):
        raise ValueError("select_columns contains duplicate columns")
    return sorted(found)


# ---- the data set --------------------------------------------------------------------------------


def shuffled_and_repeated(
    dataset: Dataset, epochs: int | None, shuffles: bool, buffer_size: int, seed: int | None
) -> Dataset:
    """`dataset`, shuffled and repeated as `make_csv_dataset` and its like are asked to."""
    if shuffles and epochs != 1:
        return dataset.apply(shuffle_and_repeat(buffer_size, epochs, seed))
    if shuffles:
        return dataset.shuffle(buffer_size, seed)
    return dataset if epochs == 1 else dataset.repeat(epochs)


def make_csv_dataset(
    file_pattern: Any,
    batch_size: int,
    column_names: Sequence[str] | None = None,
    column_defaults: Any = None,
    label_name: str | None = None,
    select_columns: Sequence[Any] | None = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    num_parallel_reads: int | None = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: Any = None,
    ignore_errors: bool = False,
) -> Dataset:
    """Make a data set of batches of the rows of CSV files: a dict of columns, and a label.

    Parameters
    ----------
    file_pattern : str or list of str
        With ``*``, ``?`` and ``[...]``.
    batch_size : int
        How many rows.
    column_names : list of str, optional
        The first line of the files by default.
    column_defaults : list, optional
        As `CsvDataset` takes them. By default dtypes are those of the first rows, and 0 or an empty
        text stands for an empty field.
    label_name : str, optional
        The column that comes apart, behind the dict.
    select_columns : list of int or str, optional
        The columns to take, by place or name; all by default.
    field_delim, use_quote_delim, na_value, header, compression_type : optional
        As `CsvDataset` takes them.
    num_epochs : int, optional
        How many times the rows come; without an end by default, and then in whole batches only.
    shuffle : bool
        Whether files and rows come in random order.
    shuffle_buffer_size : int
        Among how many rows one is drawn.
    shuffle_seed : int, optional
    prefetch_buffer_size : int, optional
        How many batches are made ahead; chosen by default.
    num_parallel_reads : int, optional
        From how many files rows come in turns; one after the other by default.
    sloppy : bool
        Accepted.
    num_rows_for_inference : int, optional
        How many rows are looked at for dtypes; all for None.
    ignore_errors : bool
        Whether rows that cannot be read are left out.

    Returns
    -------
    Dataset

    Raises
    ------
    ValueError
        If there are no files, or names and columns do not fit each other.
    """
    filenames = names_matching(file_pattern)
    files = Dataset.from_tensor_slices(filenames)
    if shuffle:
        files = files.shuffle(len(filenames), shuffle_seed)
    rows = _Rows(_compression(compression_type), field_delim, use_quote_delim)
    names = _header_names(rows, filenames, header) if column_names is None else column_names
    if len(names) != len(set(names)):
        raise ValueError("Cannot have duplicate column names.")
    chosen = None if select_columns is None else _chosen_columns(select_columns, names)
    if column_defaults is None:
        every = range(len(names)) if chosen is None else chosen
        defaults = _inferred_defaults(
            rows, filenames, len(names), every, na_value, header, num_rows_for_inference
        )
    else:
        defaults = column_defaults
    defaults = as_defaults(defaults)
    if chosen is not None:
        if len(defaults) != len(chosen):
            raise ValueError(
                "If specified, column_defaults and select_columns must have same length."
            )
        names = [names[at] for at in chosen]
    if label_name is not None and label_name not in names:
        raise ValueError("`label_name` provided must be one of the columns.")

    def rows_of(name: Tensor) -> Dataset:
        made = CsvDataset(
            name,
            defaults,
            compression_type=compression_type,
            header=header,
            field_delim=field_delim,
            use_quote_delim=use_quote_delim,
            na_value=na_value,
            select_cols=chosen,
        )
        return made.apply(without_errors()) if ignore_errors else made

    def by_name(*columns: Tensor) -> Any:
        features = OrderedDict(zip(names, columns, strict=True))
        return features if label_name is None else (features, features.pop(label_name))

    read = files.apply(parallel_interleave(rows_of, num_parallel_reads or 1, sloppy=sloppy))
    ordered = shuffled_and_repeated(read, num_epochs, shuffle, shuffle_buffer_size, shuffle_seed)
    batches = ordered.batch(batch_size, drop_remainder=num_epochs is None).map(by_name)
    return batches.prefetch(-1 if prefetch_buffer_size is None else prefetch_buffer_size)


def _compression(given: Any) -> str:
    value = constant_value(given) if isinstance(given, Tensor) else given
    if value is None and given is not None:
        raise ValueError("Received unknown compression_type")
    text = np.asarray("" if value is None else value)[()]
    return text.decode() if isinstance(text, bytes) else str(text)


def _header_names(rows: _Rows, filenames: Sequence[str], has_header: bool) -> list[str]:
    if not has_header:
        raise ValueError("Cannot infer column names without a header line.")
    names = rows.header(filenames[0])
    for name in filenames[1:]:
        if rows.header(name) != names:
            raise ValueError("Files have different column names in the header row.")
    return names
