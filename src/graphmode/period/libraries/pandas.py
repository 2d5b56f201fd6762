"""What pandas no longer knows."""

from __future__ import annotations

import importlib
from typing import Any

from graphmode.period.rows import Row

TITLE = "pandas"
SOURCE = (
    "pandas' What's New 0.20 and 1.0 (ix), 0.25 (Panel), 1.0 (as_matrix and others), 1.5 "
    "(append), 2.0 (keyword-only arguments, numeric_only), 2.2 (frequencies), 3.0 (copies, "
    "text, fillna(method=))"
)

_FRAMES = "graphmode.period.answers.pandas_frames"
_READ = "graphmode.period.answers.pandas_names"

# Methods that are given back: name -> what to write today, where it was removed.
METHODS = {
    "as_matrix": ("df.values, df[columns].values", "pandas 1.0"),
    "get_values": ("df.values", "pandas 1.0"),
    "append": ("pd.concat([df, other])", "pandas 2.0"),
    "iteritems": ("df.items()", "pandas 2.0"),
    "applymap": ("df.map(f)", "pandas 3.0"),
    "sort": ("df.sort_values(by)", "pandas 0.20"),
    "order": ("series.sort_values()", "pandas 0.20"),
    "get_value": ("df.at[row, column]", "pandas 1.0"),
    "set_value": ("df.at[row, column] = value", "pandas 1.0"),
    "reindex_axis": ("df.reindex(labels, axis=axis)", "pandas 1.0"),
    "lookup": ("df.to_numpy()[rows, columns]", "pandas 2.0"),
    "mad": ("(df - df.mean()).abs().mean()", "pandas 2.0"),
    "convert_objects": ("df.infer_objects(), pd.to_numeric", "pandas 1.0"),
    "from_csv": ("pd.read_csv(path, index_col=0)", "pandas 1.0"),
    "pad": ("df.ffill()", "pandas 3.0"),
    "backfill": ("df.bfill()", "pandas 3.0"),
    "irow": ("df.iloc[i]", "pandas 0.20"),
    "icol": ("df.iloc[:, i]", "pandas 0.20"),
    "clip_lower": ("df.clip(lower=x)", "pandas 1.0"),
    "clip_upper": ("df.clip(upper=x)", "pandas 1.0"),
    "reshape": ("series.values.reshape(...)", "pandas 0.25"),
    "ravel": ("series.to_numpy()", "pandas 3.0"),
    "nonzero": ("series.to_numpy().nonzero()", "pandas 1.0"),
    "ptp": ("series.max() - series.min()", "pandas 1.0"),
    "is_monotonic": ("series.is_monotonic_increasing", "pandas 2.0"),
}

_ROLLING = ["sum", "mean", "median", "std", "var", "min", "max", "count", "apply", "corr", "cov"]


def _row(module: str, name: str, now: str, gone: str, value: str) -> Row:
    return Row(module, name, f"`{now}`", gone, value)


def _form(now: str, gone: str, example: str) -> Row:
    return Row("pandas", "", f"`{now}`", gone, example=example)


ROWS = [
    _form("df.loc, df.iloc", "pandas 1.0", "df.ix[rows, columns], series.ix[...]"),
    *(
        Row("pandas", f"DataFrame.{name}", f"`{now}`", gone, example=f"df.{name}")
        for name, (now, gone) in METHODS.items()
    ),
    Row(
        "pandas",
        "Panel",
        "a DataFrame with a MultiIndex, or xarray",
        "pandas 0.25",
        refused="use a DataFrame with a MultiIndex (pd.concat(frames, keys=...)), or xarray",
    ),
    Row(
        "pandas.io.data",
        "",
        "pandas_datareader",
        "pandas 0.19",
        refused="it became a package of its own: pip install pandas-datareader",
    ),
    *(
        _row(
            "pandas",
            f"rolling_{name}",
            f"series.rolling(n).{name}()",
            "pandas 0.23",
            f"{_READ}:rolling_{name}",
        )
        for name in _ROLLING
    ),
    *(
        _row(
            "pandas",
            f"expanding_{name}",
            f"series.expanding().{name}()",
            "pandas 0.23",
            f"{_READ}:expanding_{name}",
        )
        for name in ("sum", "mean", "std", "min", "max")
    ),
    _row("pandas", "ewma", "series.ewm(...).mean()", "pandas 0.23", f"{_READ}:ewma"),
    _row(
        "pandas",
        "scatter_matrix",
        "pd.plotting.scatter_matrix",
        "pandas 0.25",
        "pandas.plotting:scatter_matrix",
    ),
    _row("pandas", "value_counts", "series.value_counts()", "pandas 3.0", f"{_READ}:value_counts"),
    _row("pandas", "np", "import numpy as np", "pandas 2.0", "numpy"),
    _row("pandas", "datetime", "from datetime import datetime", "pandas 2.0", "datetime:datetime"),
    _row("pandas", "datetools", "pandas.tseries.offsets", "pandas 1.0", "pandas.tseries.offsets"),
    _row("pandas", "TimeGrouper", "pd.Grouper(freq=...)", "pandas 1.0", f"{_READ}:TimeGrouper"),
    _row("pandas", "Int64Index", 'pd.Index(a, dtype="int64")', "pandas 2.0", f"{_READ}:Int64Index"),
    _row(
        "pandas",
        "Float64Index",
        'pd.Index(a, dtype="float64")',
        "pandas 2.0",
        f"{_READ}:Float64Index",
    ),
    Row("pandas.tools", "", "`pandas`", "pandas 0.24", "pandas"),
    Row("pandas.tools.plotting", "", "`pandas.plotting`", "pandas 0.24", "pandas.plotting"),
    Row("pandas.tools.merge", "", "`pandas`", "pandas 0.24", "pandas"),
    Row("pandas.core.index", "", "`pandas`", "pandas 1.2", "pandas"),
    Row("pandas.tslib", "", "`pandas`", "pandas 1.0", "pandas"),
    Row("pandas.util.testing", "", "`pandas.testing`", "pandas 2.0", "pandas.testing"),
    _form(
        'pd.read_csv(path, encoding="latin-1")',
        "Python 3",
        "pd.read_csv, read_table of a file that is not UTF-8 (said once)",
    ),
    _form(
        "pd.read_csv(path, sep=sep, ...)",
        "pandas 2.0",
        "pd.read_csv(path, sep), pd.read_table(path, sep, ...)",
    ),
    _form('on_bad_lines="skip"', "pandas 2.0", "read_csv(error_bad_lines=False)"),
    _form('.squeeze("columns")', "pandas 2.0", "read_csv(squeeze=True)"),
    _form('sep=r"\\s+"', "pandas 3.0", "read_csv(delim_whitespace=True)"),
    _form("df.add_prefix(...)", "pandas 2.0", "read_csv(header=None, prefix=...)"),
    _form(
        "leave them out",
        "pandas 3.0",
        "read_csv(mangle_dupe_cols=, tupleize_cols=, infer_datetime_format=)",
    ),
    _form(
        "df.drop(columns=...)",
        "pandas 2.0",
        'df.drop("a", 1), dropna(1), sort_values(by, 0), concat(frames, 1), pivot("a", "b", "c") '
        "and other arguments without their names",
    ),
    _form("df.ffill(), df.bfill()", "pandas 3.0", 'df.fillna(method="ffill")'),
    _form(
        "df.mean(numeric_only=True)",
        "pandas 2.0",
        "df.mean(), df.corr(), df.groupby(by).mean() with columns of text",
    ),
    _form("pd.get_dummies(..., dtype=np.uint8)", "pandas 2.0", "pd.get_dummies gives uint8"),
    _form("df.to_numpy(copy=True)", "pandas 3.0", "df.values that is written to"),
    _form("pd.api.types.is_string_dtype", "pandas 3.0", 'df["text"].dtype == object'),
    _form("series.iloc[0]", "pandas 3.0", "series[0] by place, where the index is no number"),
    _form('series.str.split(" ", n=1)', "pandas 2.0", 'series.str.split(" ", 1)'),
    _form(
        "series.str.replace(pattern, new, regex=True)",
        "pandas 2.0",
        "series.str.replace(pattern, new)",
    ),
    _form(
        '"ME", "h", "min", "s", "QE", "YE"',
        "pandas 3.0",
        'freq="M", "H", "T", "S", "Q", "A" of date_range and resample',
    ),
]

NOT_ANSWERED = [
    '`df["a"][0] = v` writes to a copy since pandas 3.0 and warns: write `df.loc[0, "a"] = v`.',
    "What is written to `df.values` stays there, and does not change `df`, since pandas 3.0.",
    "Times count microseconds, not nanoseconds, since pandas 3.0: `times.astype(int)` is a "
    "thousandth.",
]


def _change(pandas: Any) -> None:
    importlib.import_module(_FRAMES).change(pandas, METHODS)
    importlib.import_module(_READ).change(pandas)


CHANGES = {"pandas": _change}
