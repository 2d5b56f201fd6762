"""Functions that stood in pandas' own namespace, and how tables were read."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pandas as pd

from graphmode.period.answers import pandas_frames
from graphmode.period.rows import say_once

_READ_OLD = (
    "filepath_or_buffer sep delimiter header names index_col usecols squeeze prefix "
    "mangle_dupe_cols dtype engine converters true_values false_values skipinitialspace "
    "skiprows nrows na_values"
)
_WITHOUT_EFFECT = (
    "mangle_dupe_cols tupleize_cols infer_datetime_format keep_date_col verbose "
    "buffer_lines compact_ints use_unsigned as_recarray"
)


def _over_windows(kind: str, name: str) -> Any:
    """``rolling_mean(arg, window, min_periods)`` and its like; `rolling_corr` takes two series."""
    before = {"apply": ["func"], "corr": ["arg2"], "cov": ["arg2"]}.get(name, [])
    sizes = ["window", "min_periods"] if kind == "rolling" else ["min_periods"]
    # rolling_apply(arg, window, func), but rolling_corr(arg1, arg2, window)
    names = [*sizes[:1], *before, *sizes[1:]] if name == "apply" else [*before, *sizes]

    def windowed(arg: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs.update(zip(names, args, strict=False))
        is_table = isinstance(arg, pd.Series | pd.DataFrame)
        table = arg if is_table else pd.DataFrame(np.asarray(arg))
        known = {key: kwargs[key] for key in (*sizes, "center") if key in kwargs}
        given = [kwargs[key] for key in before]
        raw = {"raw": True} if name == "apply" else {}
        result = getattr(getattr(table, kind)(**known), name)(*given, **raw)
        return result if is_table else result.to_numpy().reshape(np.shape(arg))

    windowed.__name__ = f"{kind}_{name}"
    windowed.__doc__ = f"``arg.{kind}(...).{name}()``; of an array an array."
    return windowed


for _name in ["sum", "mean", "median", "std", "var", "min", "max", "count", "apply", "corr", "cov"]:
    globals()[f"rolling_{_name}"] = _over_windows("rolling", _name)
for _name in ["sum", "mean", "std", "min", "max"]:
    globals()[f"expanding_{_name}"] = _over_windows("expanding", _name)


def ewma(
    arg: Any,
    com: Any = None,
    span: Any = None,
    halflife: Any = None,
    alpha: Any = None,
    min_periods: int = 0,
    freq: Any = None,
    adjust: bool = True,
) -> Any:
    """Exponentially weighted means.

    Parameters
    ----------
    arg : Series, DataFrame or array-like
    com, span, halflife, alpha : float
        One of them: the decay.
    min_periods : int
    freq : None
        Has no effect.
    adjust : bool

    Returns
    -------
    Series or DataFrame
    """
    values = arg if isinstance(arg, pd.Series | pd.DataFrame) else pd.Series(arg)
    windows = values.ewm(
        com=com, span=span, halflife=halflife, alpha=alpha, min_periods=min_periods, adjust=adjust
    )
    return windows.mean()


def value_counts(values: Any, *args: Any, **kwargs: Any) -> Any:
    """How often each value occurs, as `Series.value_counts`."""
    return pd.Series(values).value_counts(*args, **kwargs)


def TimeGrouper(freq: Any, **kwargs: Any) -> Any:  # noqa: N802
    """Make a grouper of times by `freq`."""
    return pd.Grouper(freq=pandas_frames.frequency(freq), **kwargs)


def Int64Index(data: Any, **kwargs: Any) -> Any:  # noqa: N802
    """Make an index of int64 `data`."""
    return pd.Index(data, dtype="int64", **kwargs)


def Float64Index(data: Any, **kwargs: Any) -> Any:  # noqa: N802
    """Make an index of float64 `data`."""
    return pd.Index(data, dtype="float64", **kwargs)


def _reads_as_then(read: Any) -> Any:
    @functools.wraps(read)
    def reads(*args: Any, **kwargs: Any) -> Any:
        if len(args) > 1:
            kwargs.update(zip(_READ_OLD.split()[1:], args[1:], strict=False))
            args = args[:1]
        for name in _WITHOUT_EFFECT.split():
            kwargs.pop(name, None)
        squeeze, prefix = kwargs.pop("squeeze", False), kwargs.pop("prefix", None)
        date_parser = kwargs.pop("date_parser", None)
        _lines_as_then(kwargs)
        dates: Any = kwargs.get("parse_dates")
        is_parsed = date_parser is not None and isinstance(dates, list)
        if is_parsed:
            del kwargs["parse_dates"]
        table = _decoded(read, args, kwargs)
        if prefix is not None and kwargs.get("header", 0) is None and "names" not in kwargs:
            table.columns = [f"{prefix}{column}" for column in table.columns]
        if is_parsed:
            _parse_dates(table, dates, date_parser)
        return table.squeeze("columns") if squeeze else table

    return reads


def _lines_as_then(kwargs: dict[str, Any]) -> None:
    """Translate what says how lines are cut and which are left out, in place."""
    stops, warns = kwargs.pop("error_bad_lines", None), kwargs.pop("warn_bad_lines", True)
    if stops is False:
        kwargs["on_bad_lines"] = "warn" if warns else "skip"
    if kwargs.pop("delim_whitespace", False):
        kwargs["sep"] = r"\s+"
    if "skip_footer" in kwargs:
        kwargs["skipfooter"] = kwargs.pop("skip_footer")
        kwargs.setdefault("engine", "python")
    separator = kwargs.get("sep") or kwargs.get("delimiter")
    if isinstance(separator, str) and len(separator) > 1 and separator != r"\s+":
        kwargs.setdefault("engine", "python")  # what pandas falls back to, with a warning


def _decoded(read: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    file: Any = args[0] if args else kwargs.get("filepath_or_buffer")
    try:
        return read(*args, **kwargs)
    except UnicodeDecodeError:
        if kwargs.get("encoding") is not None:
            raise
        if hasattr(file, "seek"):
            file.seek(0)
    name = getattr(file, "name", file if isinstance(file, str) else "a file")
    say_once(f"pandas: {name} is not UTF-8: read as Latin-1")
    return read(*args, **{**kwargs, "encoding": "latin-1"})


def _parse_dates(table: Any, columns: list[Any], parse: Any) -> None:
    for column in columns:
        name = table.columns[column] if isinstance(column, int) else column
        table[name] = [parse(str(text)) for text in table[name]]


def change(pandas: Any) -> None:
    """Change pandas' functions.

    Parameters
    ----------
    pandas : module
    """
    pandas.read_csv = _reads_as_then(pandas.read_csv)
    pandas.read_table = _reads_as_then(pandas.read_table)
    pandas.concat = _concat(pandas.concat)
    pandas.get_dummies = _get_dummies(pandas.get_dummies)
    pandas.date_range = _date_range(pandas.date_range)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pandas.set_option("future.infer_string", False)  # text is objects
        except KeyError:
            say_once("pandas: columns of text have dtype str, not object, in this version")


def _concat(concat: Any) -> Any:
    old = "objs axis join join_axes ignore_index keys levels names verify_integrity"
    joined = pandas_frames.with_positions(concat, old, bound=0)

    @functools.wraps(concat)
    def concatenated(*args: Any, **kwargs: Any) -> Any:
        axes = kwargs.pop("join_axes", None)
        table = joined(*args, **kwargs)
        if axes is None:
            return table
        is_columns = kwargs.get("axis", args[1] if len(args) > 1 else 0) in (1, "columns")
        return table.reindex(axes[0]) if is_columns else table.reindex(columns=axes[0])

    return concatenated


def _get_dummies(get_dummies: Any) -> Any:
    @functools.wraps(get_dummies)
    def dummies(*args: Any, **kwargs: Any) -> Any:
        if len(args) < 8:
            kwargs.setdefault("dtype", np.uint8)
        return get_dummies(*args, **kwargs)

    return dummies


def _date_range(date_range: Any) -> Any:
    @functools.wraps(date_range)
    def dates(
        start: Any = None,
        end: Any = None,
        periods: Any = None,
        freq: Any = None,
        *args: Any,
        **kw: Any,
    ) -> Any:
        return date_range(start, end, periods, pandas_frames.frequency(freq), *args, **kw)

    return dates
