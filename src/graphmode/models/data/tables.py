"""Tables: csv, tsv, parquet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphmode.models.data.parts import DataError, Rows

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".csv", ".tsv", ".parquet")
_SEPARATORS = ",;\t|"


def read_rows(path: Path) -> Rows:
    """Read a table as rows.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Rows

    Raises
    ------
    DataError
        If it is no table, or has no rows.
    """
    table = read_table(path)
    rows = Rows(path.name, table=table)
    if not table.attrs.get("has_header", True):
        rows.said.append("no line of names: columns are called column1, column2, ...")
    return rows


def read_table(path: Path, separator: str | None = None) -> Any:
    """Read a table as pandas has it.

    Parameters
    ----------
    path : Path
    separator : str, optional
        Between the columns of a text; found in its first line if not given.

    Returns
    -------
    DataFrame
        Its ``attrs`` know ``first_line``, the number of the line of its first row.

    Raises
    ------
    DataError
        If it is no table, or has no rows.
    """
    import pandas as pd

    if path.suffix.lower() == ".parquet":
        try:
            table = pd.read_parquet(path)
        except ImportError as error:
            raise DataError(f"{path.name}: parquet is read by pyarrow: pip install pyarrow") from (
                error
            )
        except (ValueError, OSError) as error:
            raise DataError(f"{path.name} is no parquet file: {_first_line(error)}") from error
    else:
        table = _read_text(path, separator)
    if not len(table):
        raise DataError(f"{path.name} is empty")
    table.columns = [str(name).strip() for name in table.columns]
    return table


def _read_text(path: Path, separator: str | None) -> Any:
    import pandas as pd

    with path.open("rb") as file:
        start = file.read(65536)
    if b"\0" in start:
        raise DataError(f"{path.name} is no table: it holds bytes that are no text")
    first = start.decode("utf-8-sig", "replace").splitlines()[:1]
    if not first or not first[0].strip():
        raise DataError(f"{path.name} is empty, or its first line is")
    if separator is None:
        separator = max(_SEPARATORS, key=first[0].count)
        if path.suffix.lower() == ".tsv" and "\t" in first[0]:
            separator = "\t"
    has_header = not all(map(_is_number, first[0].split(separator)))
    options: dict[str, Any] = {} if has_header else {"header": None}
    try:
        table = pd.read_csv(
            path,
            sep=separator,
            engine="python" if len(separator) > 1 else "c",
            skipinitialspace=True,
            encoding="utf-8-sig",
            **options,
        )
    except pd.errors.EmptyDataError:
        raise DataError(f"{path.name} is empty") from None
    except pd.errors.ParserError as error:
        raise DataError(f"{path.name}{_explained(error)}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is no utf-8 text: byte {error.start}") from None
    if not has_header:
        table.columns = [f"column{i}" for i in range(1, table.shape[1] + 1)]
    table.attrs = {"first_line": 2 if has_header else 1, "has_header": has_header}
    return table


def _explained(error: Exception) -> str:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
    if found is None:
        return f": {_first_line(error)}"
    expected, line, saw = found.groups()
    return f", line {line}: {saw} columns, where there were {expected} before"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].removeprefix("Error tokenizing data. C error: ")


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
