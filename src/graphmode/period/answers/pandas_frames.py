"""Methods and forms of call that DataFrame and Series had."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd


class Ix:
    """``df.ix[rows, columns]``: numbers are places, unless the labels of the axis are numbers.

    Parameters
    ----------
    of : DataFrame or Series
    """

    def __init__(self, of: Any) -> None:
        self._of = of

    def _places(self, key: Any) -> tuple[Any, ...]:
        keys = key if isinstance(key, tuple) and self._of.ndim == 2 else (key,)
        return tuple(_place(*pair) for pair in zip(keys, self._of.axes, strict=False))

    def __getitem__(self, key: Any) -> Any:
        return self._of.iloc[self._places(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        try:
            places = self._places(key)
        except KeyError:
            self._of.loc[key] = value  # a new row or column
        else:
            self._of.iloc[places] = value


def _place(key: Any, index: Any) -> Any:
    """What `iloc` takes for a key of an axis."""
    numbers = index.inferred_type in ("integer", "floating", "mixed-integer")
    if callable(key):
        raise TypeError("ix takes no function: use loc")
    if isinstance(key, slice):
        ends = [end for end in (key.start, key.stop) if end is not None]
        if not numbers and all(isinstance(end, int | np.integer) for end in ends):
            return key
        return index.slice_indexer(key.start, key.stop, key.step)
    if isinstance(key, pd.Series):
        key = key.reindex(index).to_numpy() if key.dtype == bool else key.to_numpy()
    if isinstance(key, list | np.ndarray | pd.Index):
        keys = np.asarray(key)
        if keys.dtype == bool:
            return keys
        if not numbers and keys.dtype.kind in "iu":
            return keys
        places = index.get_indexer_for(key)
        if (places < 0).any():
            missing = [k for k, place in zip(key, places, strict=False) if place < 0]
            raise KeyError(f"{missing} not in index")
        return places
    if isinstance(key, int | np.integer) and not isinstance(key, bool) and not numbers:
        return int(key)
    return index.get_loc(key)


# ---- methods -------------------------------------------------------------------------------------


def as_matrix(self: Any, columns: Any = None) -> Any:
    """The values, of `columns` only if given: (rows, columns) or (n,)."""
    return (self if columns is None else self[columns]).values


def append(
    self: Any,
    other: Any,
    ignore_index: bool = False,
    verify_integrity: bool = False,
    sort: bool = False,
) -> Any:
    """Put rows at the end of a copy.

    Parameters
    ----------
    other : DataFrame, Series, dict, or list of them
    ignore_index, verify_integrity, sort : bool

    Returns
    -------
    DataFrame or Series

    Raises
    ------
    TypeError
        If a dict, or a Series without a name, is to keep its index.
    """
    if self.ndim == 2 and isinstance(other, dict | pd.Series):
        if not ignore_index and getattr(other, "name", None) is None:
            raise TypeError(
                "Can only append a dict, or a Series without a name, if ignore_index=True"
            )
        row: Any = pd.Series(other)
        row = pd.DataFrame([row.to_dict()], index=[getattr(other, "name", None)])
        other = row.reindex(
            columns=self.columns.append(row.columns.difference(self.columns, sort=False))
        )
    others = list(other) if isinstance(other, list | tuple) else [other]
    return pd.concat(
        [self, *others], ignore_index=ignore_index, verify_integrity=verify_integrity, sort=sort
    )


def iteritems(self: Any) -> Any:
    """Pairs of label and column, or of label and value."""
    return self.items()


def applymap(self: Any, func: Callable[[Any], Any]) -> Any:
    """`func` of each entry."""
    return self.map(func)


def sort(
    self: Any, columns: Any = None, axis: int = 0, ascending: Any = True, inplace: bool = False
) -> Any:
    """Sort by `columns`, or by the index; a Series in place, as it was."""
    if self.ndim == 1:
        return self.sort_values(ascending=ascending, inplace=True)
    if columns is None:
        return self.sort_index(axis=axis, ascending=ascending, inplace=inplace)
    return self.sort_values(columns, axis=axis, ascending=ascending, inplace=inplace)


def order(self: Any, na_last: bool = True, ascending: bool = True, **_kwargs: Any) -> Any:
    """A sorted copy of a Series."""
    return self.sort_values(ascending=ascending, na_position="last" if na_last else "first")


def get_value(self: Any, index: Any, col: Any = None, takeable: bool = False) -> Any:
    """One entry: by labels, or by places if `takeable`."""
    key = index if self.ndim == 1 else (index, col)
    return self.iat[key] if takeable else self.at[key]


def set_value(self: Any, index: Any, col: Any, value: Any = None, takeable: bool = False) -> Any:
    """Set one entry, of a Series ``set_value(index, value)``; gives the whole."""
    if self.ndim == 1:
        self.at[index] = col
    elif takeable:
        self.iat[index, col] = value
    else:
        self.at[index, col] = value
    return self


def reindex_axis(self: Any, labels: Any, axis: Any = 0, **kwargs: Any) -> Any:
    """Rows or columns in the order of `labels`."""
    return self.reindex(labels, axis=axis, **kwargs)


def lookup(self: Any, row_labels: Any, col_labels: Any) -> Any:
    """The entries at pairs of labels: (n,)."""
    rows = self.index.get_indexer_for(row_labels)
    columns = self.columns.get_indexer_for(col_labels)
    if (rows < 0).any() or (columns < 0).any():
        raise KeyError("One or more row or column labels was not found")
    return self.to_numpy()[rows, columns]


def mad(self: Any, axis: Any = None, skipna: bool = True) -> Any:
    """Mean absolute deviation from the mean."""
    if self.ndim == 1:
        return (self - self.mean(skipna=skipna)).abs().mean(skipna=skipna)
    numbers = self.select_dtypes("number")
    if axis in (1, "columns"):
        return numbers.T.pipe(mad, 0, skipna)
    return (numbers - numbers.mean(skipna=skipna)).abs().mean(skipna=skipna)


def convert_objects(
    self: Any, convert_dates: Any = True, convert_numeric: bool = False, **_kwargs: Any
) -> Any:
    """Objects as what they are; as numbers if `convert_numeric`, what is none becoming NaN."""
    if self.ndim == 2:
        return self.apply(convert_objects, args=(convert_dates, convert_numeric))
    if convert_numeric and self.dtype == object:
        return pd.to_numeric(self, errors="coerce")
    return self.infer_objects()


def from_csv(
    path: Any, header: Any = 0, sep: str = ",", index_col: Any = 0, parse_dates: bool = True
) -> Any:
    """Read a table whose first column is the index.

    Parameters
    ----------
    path : str or file
    header : int or None
    sep : str
    index_col : int
    parse_dates : bool

    Returns
    -------
    DataFrame
    """
    return pd.read_csv(path, header=header, sep=sep, index_col=index_col, parse_dates=parse_dates)


def pad(self: Any, **kwargs: Any) -> Any:
    """Fill gaps with what stands before them."""
    return self.ffill(**kwargs)


def backfill(self: Any, **kwargs: Any) -> Any:
    """Fill gaps with what follows them."""
    return self.bfill(**kwargs)


def irow(self: Any, i: Any) -> Any:
    """Row `i`, by place."""
    return self.iloc[i]


def icol(self: Any, i: Any) -> Any:
    """Column `i`, by place."""
    return self.iloc[:, i]


def clip_lower(self: Any, threshold: Any, axis: Any = None) -> Any:
    """At least `threshold`."""
    return self.clip(lower=threshold, axis=axis)


def clip_upper(self: Any, threshold: Any, axis: Any = None) -> Any:
    """At most `threshold`."""
    return self.clip(upper=threshold, axis=axis)


def reshape(self: Any, *shape: Any) -> Any:
    """The values in another shape."""
    return self.values.reshape(*shape)


def ravel(self: Any, order: str = "C") -> Any:
    """The values: (n,)."""
    return self.values.ravel(order)


def nonzero(self: Any) -> Any:
    """Where the values are not zero, as NumPy gives it."""
    return self.to_numpy().nonzero()


def ptp(self: Any) -> Any:
    """Largest minus least."""
    return self.max() - self.min()


_ON_BOTH = (
    "append iteritems get_value set_value reindex_axis mad convert_objects pad backfill irow sort"
)
_ON_BOTH += " clip_lower clip_upper as_matrix from_csv"
_ON_FRAMES = "applymap lookup icol"
_ON_SERIES = "order reshape ravel nonzero ptp"


def change(pandas: Any, names: Iterable[str]) -> None:
    """Give pandas' classes their methods back.

    Parameters
    ----------
    pandas : module
    names : iterable of str
        The rows of the table.
    """
    frame, series, index = pandas.DataFrame, pandas.Series, pandas.Index
    homes = {
        **dict.fromkeys(_ON_BOTH.split(), (frame, series)),
        **dict.fromkeys(_ON_FRAMES.split(), (frame,)),
        **dict.fromkeys(_ON_SERIES.split(), (series,)),
        "get_values": (frame, series, index),
        "is_monotonic": (series, index),
    }
    own = {**globals(), "get_values": as_matrix, "is_monotonic": _is_monotonic}
    own["from_csv"] = staticmethod(from_csv)
    for name in names:
        for cls in homes[name]:
            if not hasattr(cls, name):
                setattr(cls, name, own[name])
    for cls in (frame, series):
        if not hasattr(cls, "ix"):
            cls.ix = property(Ix)
        cls.values = _writable(cls.values)
        cls.fillna = _fills_by_method(with_positions(cls.fillna, _OLD["fillna"]))
        cls.resample = _with_frequencies(cls.resample)
        cls.asfreq = _with_frequencies(cls.asfreq)
    for cls, methods in ((frame, _OLD_FRAME), (series, _OLD_SERIES)):
        for name, parameters in {**_OLD, **methods}.items():
            if name != "fillna":
                setattr(cls, name, with_positions(getattr(cls, name), parameters))
    for cls in (frame, pandas.api.typing.DataFrameGroupBy):
        for name in _OF_NUMBERS.split():
            if hasattr(cls, name):
                setattr(cls, name, _of_numbers(getattr(cls, name)))
    texts = series.str
    for name in ("split", "rsplit"):
        setattr(texts, name, with_positions(getattr(texts, name), "pat n expand"))
    texts.replace = _patterns(texts.replace)
    series.__getitem__ = _by_place(series.__getitem__)
    series.__setitem__ = _by_place(series.__setitem__)


_is_monotonic = property(lambda self: self.is_monotonic_increasing)


# ---- calls ---------------------------------------------------------------------------------------

# Parameters in the order of pandas 0.22; all but the first are taken by name only today.
_OLD: dict[str, str] = {
    "drop": "labels axis index columns level inplace errors",
    "fillna": "value method axis inplace limit downcast",
    "sort_index": "axis level ascending inplace kind na_position sort_remaining",
    "any": "axis bool_only skipna level",
    "all": "axis bool_only skipna level",
    "reset_index": "level drop inplace",
    "replace": "to_replace value inplace limit regex method",
    "clip": "lower upper axis inplace",
    "to_csv": "path_or_buf sep na_rep float_format columns header index index_label mode encoding",
    "interpolate": "method axis limit inplace",
}
_OLD_FRAME: dict[str, str] = {
    "dropna": "axis how thresh subset inplace",
    "sort_values": "by axis ascending inplace kind na_position",
    "set_index": "keys drop append inplace verify_integrity",
    "drop_duplicates": "subset keep inplace",
    "pivot": "index columns values",
}
_OLD_SERIES: dict[str, str] = {
    "dropna": "axis inplace",
    "sort_values": "axis ascending inplace kind na_position",
    "drop_duplicates": "keep inplace",
}
_OF_NUMBERS = "mean median std var sem skew kurt kurtosis prod corr cov quantile"
_FREQUENCIES = {
    "M": "ME",
    "Q": "QE",
    "A": "YE",
    "Y": "YE",
    "BM": "BME",
    "BQ": "BQE",
    "BA": "BYE",
    "H": "h",
    "T": "min",
    "S": "s",
    "L": "ms",
    "U": "us",
    "N": "ns",
}


def with_positions(function: Any, names: str, bound: int = 1) -> Any:
    """`function` that also takes without their names what had a place in its call.

    Parameters
    ----------
    function : callable
    names : str
        Its old parameters in their order.
    bound : int
        1 for a method.
    """
    places = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    allowed, old = len(places), names.split()

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        if len(args) > allowed and len(args) <= bound + len(old):
            kwargs.update(zip(old[allowed - bound :], args[allowed:], strict=False))
            args = args[:allowed]
        return function(*args, **kwargs)

    return called


def _fills_by_method(fillna: Any) -> Any:
    ways = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}

    @functools.wraps(fillna)
    def filled(self: Any, *args: Any, method: Any = None, **kwargs: Any) -> Any:
        if method is not None:
            return getattr(self, ways[method])(**kwargs)
        kwargs.pop("downcast", None)
        return fillna(self, *args, **kwargs)

    return filled


def _of_numbers(method: Any) -> Any:
    """A statistic that leaves out columns that have none, as it did until pandas 2.0."""

    @functools.wraps(method)
    def found(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except (TypeError, ValueError):
            if "numeric_only" in kwargs:
                raise
        return method(self, *args, numeric_only=True, **kwargs)

    return found


def _patterns(replace: Any) -> Any:
    """`Series.str.replace` that takes a text of two or more characters for a pattern."""

    @functools.wraps(replace)
    def replaced(self: Any, pat: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) < 5:
            kwargs.setdefault("regex", not isinstance(pat, str) or len(pat) > 1)
        return replace(self, pat, *args, **kwargs)

    return replaced


_WITHOUT_NUMBERS = ("string", "mixed", "empty", "categorical", "datetime64", "datetime", "date")


def _by_place(method: Any) -> Any:
    """`Series.__getitem__` and `__setitem__`: a number is a place where no label is a number."""

    @functools.wraps(method)
    def got(self: Any, key: Any, *value: Any) -> Any:
        is_number = isinstance(key, int | np.integer) and not isinstance(key, bool)
        if is_number and self.index.inferred_type in _WITHOUT_NUMBERS:
            if value:
                self.iloc[key] = value[0]
                return None
            return self.iloc[key]
        return method(self, key, *value)

    return got


def _writable(values: Any) -> Any:
    """`values` that a program can write to; a library gets what pandas gives.

    It is a copy, the same one until the table changes, so that a loop over ``df.values[i]`` copies
    once. The shallow copy that is kept with it makes pandas move the table before it changes it.
    """

    def own(self: Any) -> Any:
        found = values.fget(self)
        flags = getattr(found, "flags", None)
        if flags is None or flags.writeable:
            return found
        if "-packages/" in sys._getframe(1).f_code.co_filename:
            return found
        if getattr(getattr(self, "_mgr", None), "nblocks", 1) > 1:
            return found.copy()  # it was put together for this call, as it always was
        place = (found.__array_interface__["data"], found.shape, found.strides)
        kept = vars(self).get("_period_values")
        if kept is None or kept[0] != place:
            kept = (place, self.copy(deep=False), found.copy())
            vars(self)["_period_values"] = kept
        return kept[2]

    return property(own, doc=values.__doc__)


def frequency(freq: Any) -> Any:
    """Today's name of a frequency: "3M" is "3ME"."""
    if not isinstance(freq, str):
        return freq
    count = freq.rstrip("ABHLMNQSTUY")
    unit, dash, anchor = freq[len(count) :].partition("-")
    return count + _FREQUENCIES.get(unit, unit) + dash + anchor


def _with_frequencies(method: Any) -> Any:
    @functools.wraps(method)
    def called(self: Any, rule: Any, *args: Any, **kwargs: Any) -> Any:
        return method(self, frequency(rule), *args, **kwargs)

    return called
