"""`SqlDataset`: the rows of a query to an SQLite database."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.dataset import Dataset
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.sources import boxed
from graphmode.data.structure import Spec
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dtypes import DType
from graphmode.framework.errors import NotFoundError, OpError, UnknownError, invalid

_TYPES = (
    dtypes.string, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8,
    dtypes.uint16, dtypes.bool, dtypes.float64,
)  # fmt: skip
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)")


def _number(value: Any) -> int | float:
    """What SQLite takes a value for where a number is asked for."""
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str):
        found = _NUMBER.match(value)
        text = found.group() if found else "0"
        return float(text) if re.search("[.eE]", text) else int(text)
    return 0 if value is None else value


def _cell(value: Any, dtype: DType) -> Any:
    if dtype is dtypes.string:
        if value is None:
            return boxed(b"")
        return boxed(value if isinstance(value, bytes) else str(value).encode())
    number = _number(value)
    if dtype is dtypes.bool:
        return np.asarray(int(number) != 0)
    if dtype is dtypes.float64:
        return np.asarray(number, np.float64)
    whole = max(-(2**63), min(2**63 - 1, int(number)))
    return np.asarray(whole, np.int64).astype(dtype.numpy_dtype)


def _rows(path: str, query: str, types: list[DType]) -> Iterator[Element]:
    if not Path(path).is_file():
        raise NotFoundError(None, None, f"{path}; No such file or directory")
    base = sqlite3.connect(Path(path).absolute().as_uri() + "?mode=ro", uri=True,
                           check_same_thread=False)  # fmt: skip
    base.text_factory = bytes
    try:
        rows = base.execute(query)
        n_columns = len(rows.description or ())
        if n_columns != len(types):
            raise invalid(
                f"The number of columns in query ({n_columns}) must match the number of elements "
                f"in output_types ({len(types)})."
            )
        for row in rows:
            yield tuple(_cell(value, dtype) for value, dtype in zip(row, types, strict=True))
    except sqlite3.Error as error:
        raise UnknownError(None, None, f"Prepare() failed: {error}: {query}") from error
    finally:
        base.close()


class SqlDataset(Dataset):
    """The rows of a query to a database.

    Parameters
    ----------
    driver_name : str or Tensor, string scalar
        "sqlite".
    data_source_name : str or Tensor, string scalar
        The file.
    query : str or Tensor, string scalar
        A SELECT statement.
    output_types : structure of DType
        One for each column: string, bool, float64, int8 to int64, uint8, uint16. A value of
        another type is converted as SQLite does it; NULL is 0 or an empty text.

    Raises
    ------
    TypeError
        If no data set can have such elements.
    """

    def __init__(
        self, driver_name: Any, data_source_name: Any, query: Any, output_types: Any
    ) -> None:
        given = [
            convert_to_tensor(value, dtypes.string, name=name)
            for value, name in (
                (driver_name, "driver_name"),
                (data_source_name, "data_source_name"),
                (query, "query"),
            )
        ]
        if isinstance(output_types, list):
            raise TypeError("output_types must be a tuple of dtypes, not a list")
        structure = nested.mapped(lambda dtype: Spec(dtype, []), output_types)
        types = [spec.dtype for spec in nested.flatten(structure)]

        def begin(reading: Reading) -> Step:
            driver, path, asked = (os.fsdecode(reading.values[tensor][()]) for tensor in given)
            if driver != "sqlite":
                raise invalid(
                    f"The database type, {driver}, is not supported by SqlDataset. The set of "
                    "supported databases is: {'sqlite'}."
                )
            if not set(types) <= set(_TYPES):
                raise invalid(
                    "Each element of `output_types_` must be one of: DT_STRING, DT_INT8, DT_INT16, "
                    "DT_INT32, DT_INT64, DT_UINT8, DT_UINT16, DT_BOOL, DT_DOUBLE "
                )
            rows: Iterator[Element] | None = None

            def step() -> Element:
                nonlocal rows
                if rows is None:
                    rows = _rows(path, asked, types)
                try:
                    return next(rows)
                except OpError:
                    rows = None
                    raise

            return step

        get_default_graph().pass_ids(1)
        super().__init__(Node("Sql", structure, begin, tensors=given))
