"""`CsvDataset`: the records of files of comma-separated values, column by column."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.dataset import Dataset
from graphmode.data.files.contents import buffered, files_of, over_files
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.sources import boxed
from graphmode.data.structure import Spec
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dtypes import DType
from graphmode.framework.errors import InvalidArgumentError, invalid
from graphmode.framework.operation import Tensor
from graphmode.ops.strings.numbers import number_in

COLUMN_TYPES = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.string)
"""What a column may be."""
_NAMES = {dtypes.float32: "float", dtypes.float64: "double"}
_END_OF_FILE = "Reached end of file without closing quoted field in record"


# ---- records -------------------------------------------------------------------------------------


class Splitter:
    """Divides lines into records, and records into fields.

    A record ends with a line, except inside of double quotes, where a doubled quote is one.

    Parameters
    ----------
    delim : bytes
        One character.
    quotes : bool
        Whether double quotes mean something.
    """

    def __init__(self, delim: bytes, quotes: bool) -> None:
        self._delim, self._quotes = delim, quotes
        self._end = re.compile(b"[" + re.escape(delim) + b"\r\n]")

    def records(self, lines: Iterator[bytes]) -> Iterator[tuple[list[bytes], str]]:
        """The fields of each record, and what is wrong with its quotes, if anything is."""
        for line in lines:
            rest = line
            while rest:
                if self._quotes and b'"' in rest:
                    fields, rest, problem = self._quoted(rest, lines)
                    yield fields, problem
                elif b"\r" in rest:
                    end = self._end_of_line(rest)
                    yield rest[:end].split(self._delim), ""
                    rest = rest[end + (2 if rest[end : end + 2] == b"\r\n" else 1) :]
                else:
                    yield rest.removesuffix(b"\n").split(self._delim), ""
                    rest = b""

    @staticmethod
    def _end_of_line(line: bytes) -> int:
        ends = [at for at in (line.find(b"\r"), line.find(b"\n")) if at >= 0]
        return min(ends, default=len(line))

    def _quoted(self, line: bytes, more: Iterator[bytes]) -> tuple[list[bytes], bytes, str]:
        """The fields of the record that `line` begins with, what is behind it, what is wrong."""
        fields: list[bytes] = []
        at, problem = 0, ""
        while True:
            if line[at : at + 1] == b'"':
                parts: list[bytes] = []
                at += 1
                while True:
                    end = line.find(b'"', at)
                    if end < 0:
                        further = next(more, b"")
                        if not further:
                            return fields, b"", _END_OF_FILE
                        line += further
                        continue
                    behind = line[end + 1 : end + 2]
                    if behind == b'"':
                        parts.append(line[at : end + 1])
                        at = end + 2
                    elif behind in (b"", b"\r", b"\n", self._delim):
                        parts.append(line[at:end])
                        at = end + 1
                        break
                    else:
                        problem = (
                            problem or "Quote inside a string has to be escaped by another quote"
                        )
                        at = end + 1
                field = b"".join(parts)
            else:
                found = self._end.search(line, at)
                end = found.start() if found else len(line)
                field, at = line[at:end], end
                if b'"' in field:
                    problem = problem or "Unquoted fields cannot have quotes inside"
            fields.append(field)
            behind = line[at : at + 1]
            at += 1
            if behind != self._delim:
                at += line[at - 1 : at + 1] == b"\r\n"
                return fields, line[at:], problem


# ---- elements ------------------------------------------------------------------------------------


class Columns:
    """What is made of the fields of a record.

    Parameters
    ----------
    types : list of DType
    defaults : list of array
        What stands for an empty field; an empty array if there must be none.
    missing : bytes
        A field that counts as empty.
    chosen : list of int
        Which fields, rising; all of them if it is empty.
    """

    def __init__(
        self, types: list[DType], defaults: list[Any], missing: bytes, chosen: list[int]
    ) -> None:
        self._types, self._missing, self._chosen = types, missing, chosen
        self._defaults = [None if not d.size else _scalar(d.reshape(-1)[0], t)
                          for d, t in zip(defaults, types, strict=True)]  # fmt: skip

    def element(self, fields: list[bytes]) -> Element:
        """The values of one record.

        Raises
        ------
        InvalidArgumentError
            If there are too few or too many fields, one that is required is empty, or one is no
            number.
        """
        n = len(self._types)
        if self._chosen:
            fields = [fields[k] for k in self._chosen if k < len(fields)]
        values: list[Any] = []
        for k, (field, dtype, default) in enumerate(
            zip(fields, self._types, self._defaults, strict=False)
        ):
            if not field or field == self._missing:
                if default is None:
                    raise invalid(f"Field {k} is required but missing in record!")
                values.append(default)
            elif dtype is dtypes.string:
                values.append(boxed(field))
            else:
                value = number_in(field, dtype.numpy_dtype)
                if value is None:
                    kind, shown = _NAMES.get(dtype, dtype.name), field.decode(errors="replace")
                    raise invalid(f"Field {k} in record is not a valid {kind}: {shown}")
                values.append(np.asarray(value, dtype.numpy_dtype))
        if len(fields) != n:
            has = "more" if len(fields) > n else len(fields)
            raise invalid(f"Expect {n} fields but have {has} in record")
        return tuple(values)


def _scalar(value: Any, dtype: DType) -> Any:
    if dtype is dtypes.string:
        return boxed(value.encode() if isinstance(value, str) else value)
    return np.asarray(value, dtype.numpy_dtype)


def column_defaults(given: Any) -> list[Tensor]:
    """A tensor for each default: empty for a dtype, which has the column be required."""
    defaults = [
        convert_to_tensor(np.empty(0, object if value is dtypes.string else value.numpy_dtype),
                          value, name="record_defaults")
        if isinstance(value, DType) and value in COLUMN_TYPES
        else convert_to_tensor(value, name="record_defaults")
        for value in given
    ]  # fmt: skip
    for tensor in defaults:
        dims = tensor.dims
        if dims is not None and (len(dims) > 1 or (dims and (dims[0] or 0) > 1)):
            raise ValueError(
                "Shape of a default must be a length-0 or length-1 vector, or a scalar."
            )
    return defaults


class CsvDataset(Dataset):
    """The records of CSV files: a tuple of scalars each.

    Parameters
    ----------
    filenames : str, list of str or Tensor, string of any shape
    record_defaults : list of DType, or of what converts to tensors
        One for each column, float32, float64, int32, int64 or string: a dtype or an empty tensor
        if the column must not be empty, else a scalar that stands for an empty field.
    compression_type : {"", "GZIP", "ZLIB"}, optional
    buffer_size : int, optional
        Accepted.
    header : bool
        Whether the first line of each file is left out.
    field_delim : str
        One character.
    use_quote_delim : bool
        Whether a field may be in double quotes, in which a doubled one is one.
    na_value : str
        A field that counts as empty.
    select_cols : list of int, optional
        The columns to take, rising.

    Raises
    ------
    ValueError
        If a default is neither empty nor a scalar.
    """

    def __init__(
        self,
        filenames: Any,
        record_defaults: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        header: Any = False,
        field_delim: Any = ",",
        use_quote_delim: Any = True,
        na_value: Any = "",
        select_cols: Any = None,
    ) -> None:
        names = files_of(filenames)
        packed = convert_to_tensor(compression_type or "", dtypes.string, name="compression_type")
        defaults = column_defaults(record_defaults)
        skips = convert_to_tensor(header, dtypes.bool, name="header")
        delim = convert_to_tensor(field_delim, dtypes.string, name="field_delim")
        quotes = convert_to_tensor(use_quote_delim, dtypes.bool, name="use_quote_delim")
        missing = convert_to_tensor(na_value, dtypes.string, name="na_value")
        chosen = convert_to_tensor(
            np.array([] if select_cols is None else select_cols, np.int64), name="select_cols"
        )
        types = [tensor.dtype.base_dtype for tensor in defaults]
        get_default_graph().pass_ids(2)
        options = [names, packed, *defaults, skips, delim, quotes, missing, chosen]

        def prepare(reading: Reading) -> Callable[[str], Step]:
            value = reading.values
            columns = [int(c) for c in value[chosen]]
            if any(a >= b for a, b in itertools.pairwise(columns)):
                raise invalid("select_cols should be strictly increasing indices")
            if columns and len(columns) != len(types):
                raise invalid("select_cols should match output size")
            at = value[delim][()]
            if len(at) != 1:
                raise invalid("field_delim should be only 1 char")
            splitter = Splitter(at, bool(value[quotes]))
            made = Columns(types, [value[t] for t in defaults], value[missing][()], columns)
            compression = os.fsdecode(value[packed][()])
            first = bool(value[skips])
            return lambda name: _records_of(name, compression, first, splitter, made)

        specs = tuple(Spec(dtype, []) for dtype in types)
        begin = over_files(names, prepare)
        super().__init__(Node("Csv", nested.pack(specs, iter(specs)), begin, tensors=options))


def _records_of(
    name: str, compression: str, skips_first: bool, splitter: Splitter, columns: Columns
) -> Step:
    """The step that gives the records of a file; behind one that is wrong comes the next one."""
    opened = buffered(name, compression)
    lines: Iterator[bytes] = iter(opened)
    if skips_first and not next(lines, b""):
        opened.close()
        raise invalid(f"Can't read header of file: {name} is empty")
    records = splitter.records(lines)
    number = 0

    def step() -> Element:
        nonlocal number
        try:
            fields, problem = next(records)
        except StopIteration:
            opened.close()
            raise
        number += 1
        try:
            if problem:
                raise invalid(problem)
            return columns.element(fields)
        except InvalidArgumentError as error:
            raise InvalidArgumentError(
                None, None, f"{error.message} (record {number} of {name})"
            ) from None

    return step
