"""What some calls of a compiled program go through, as ``__period__.scalar(int, x)``.

NumPy takes no array with one element for a number any longer, and no table can put that back: the
methods of its arrays are C. So `rewrite.py` sends these calls of the *program's own text* here.
"""

from __future__ import annotations

import builtins
import codecs
import functools
import io
import operator
import sys
from collections.abc import Callable, Iterable
from typing import Any


class _Key:
    """``key[3, i]`` is ``(3, i)``."""

    def __getitem__(self, key: Any) -> Any:
        return key


key = _Key()


def _arrays() -> Any:
    """NumPy, if the program has imported it: no array without."""
    return sys.modules.get("numpy")


def _is_one(value: Any) -> bool:
    numpy = _arrays()
    return numpy is not None and isinstance(value, numpy.ndarray) and value.size == 1


def scalar(function: Callable[..., Any], *values: Any) -> Any:
    """Call ``int``, ``float`` or a function of ``math``; an array of one element is that element.

    Parameters
    ----------
    function : callable
    *values
        Its arguments; ndarrays of one element and any shape may be among them.

    Returns
    -------
    number
    """
    try:
        return function(*values)
    except TypeError:
        if not any(map(_is_one, values)):
            raise
    return function(*(value.item() if _is_one(value) else value for value in values))


def formatted(text: str, values: Any) -> str:
    """``text % values``, an array of one element being that element.

    Parameters
    ----------
    text : str
    values : any, or tuple of any

    Returns
    -------
    str
    """
    try:
        return text % values
    except TypeError:
        parts = values if isinstance(values, tuple) else (values,)
        if not any(map(_is_one, parts)):
            raise
    return text % tuple(value.item() if _is_one(value) else value for value in parts)


def store(value: Any, target: Any, place: Any) -> None:
    """``target[place] = value``; an array of one element is stored as that element.

    Parameters
    ----------
    value, target, place
        `target` is any container; only ndarrays are treated specially.
    """
    try:
        target[place] = value
    except (TypeError, ValueError):
        numpy = _arrays()
        if not _is_one(value) or not isinstance(target, numpy.ndarray):
            raise
        target[place] = value.reshape(())[()]


def update(name: str, target: Any, place: Any, value: Any) -> None:
    """``target[place] += value`` and its like.

    Parameters
    ----------
    name : str
        The function of `operator`: "iadd".
    target, place, value
    """
    store(getattr(operator, name)(target[place], value), target, place)


def method(target: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a method that arrays, dicts, or Python 2's strings had.

    Parameters
    ----------
    target : any
    name : str
        Of `METHODS`.
    *args, **kwargs
        The method's.

    Returns
    -------
    any

    Raises
    ------
    AttributeError
        If `target` is something else that has no such method.
    """
    try:
        found = getattr(target, name)
    except AttributeError:
        numpy = _arrays()
        if name == "decode":
            kinds: tuple[type, ...] = (str,)
        elif name in _OF_DICTS:
            kinds = (dict,)
        else:
            kinds = (numpy.ndarray, numpy.generic) if numpy else ()
        if not isinstance(target, kinds):
            raise
        return METHODS[name](target, *args, **kwargs)
    return found(*args, **kwargs)


def _item_set(array: Any, *args: Any) -> None:
    *place, value = args
    if len(place) == 1 and not isinstance(place[0], tuple):
        array.flat[place[0]] = value
    else:
        array[tuple(place) if len(place) > 1 else place[0] if place else ()] = value


_OF_DICTS = ("has_key", "iteritems", "iterkeys", "itervalues")

METHODS: dict[str, Callable[..., Any]] = {
    "tostring": lambda array, order="C": array.tobytes(order),
    "itemset": _item_set,
    "ptp": lambda array, *args, **kwargs: _arrays().ptp(array, *args, **kwargs),
    "newbyteorder": lambda array, order="S": array.view(array.dtype.newbyteorder(order)),
    "decode": lambda text, *args: text,
    "has_key": lambda table, key: key in table,
    "iteritems": lambda table: iter(table.items()),
    "iterkeys": lambda table: iter(table.keys()),
    "itervalues": lambda table: iter(table.values()),
}


# ---- Python 2 ------------------------------------------------------------------------------------


def divide(a: Any, b: Any) -> Any:
    """``a / b`` of Python 2: floor division between integers, `__div__` where a class has one.

    Parameters
    ----------
    a, b : number, ndarray, Tensor, or whatever divides

    Returns
    -------
    number, ndarray, Tensor
        Of ints an int, of integer arrays an integer array.

    Notes
    -----
    pandas divided exactly under Python 2, too, and does here.
    """
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    for left, right, name in ((a, b, "__div__"), (b, a, "__rdiv__")):
        method = getattr(type(left), name, None)
        result = NotImplemented if method is None else method(left, right)
        if result is not NotImplemented:
            return result
    return a // b if _are_integers(a, b) else a / b


def _are_integers(*values: Any) -> bool:
    numpy = _arrays()
    if numpy is None:
        return False
    kinds = (numpy.ndarray, numpy.generic)
    if not any(isinstance(value, kinds) for value in values):
        return False
    known = (*kinds, int, list, tuple)
    return all(isinstance(v, known) and numpy.asarray(v).dtype.kind in "iu" for v in values)


class Divisor:
    """The right side of ``a /= b``: divides as `divide` does, in place where `a` can.

    Parameters
    ----------
    value : any
    """

    def __init__(self, value: Any) -> None:
        self._value = value

    def __rtruediv__(self, left: Any) -> Any:
        return divide(left, self._value)

    def __array_ufunc__(self, ufunc: Any, method: str, left: Any, right: Any, **kwargs: Any) -> Any:
        numpy = _arrays()
        integers = _are_integers(left, self._value)
        return (numpy.floor_divide if integers else ufunc)(left, self._value, **kwargs)


def cmp(a: Any, b: Any) -> int:
    """-1, 0 or 1 as `a` is less than, equal to or greater than `b`.

    Parameters
    ----------
    a, b : any

    Returns
    -------
    int
    """
    return (a > b) - (a < b)


def round(number: Any, ndigits: int = 0) -> float:
    """Round half away from zero, to a float.

    Parameters
    ----------
    number : float
    ndigits : int

    Returns
    -------
    float
    """
    value = scalar(float, number)
    if value != value or value in (float("inf"), float("-inf")):
        return value
    import decimal

    unit = decimal.Decimal(1).scaleb(-ndigits)
    with decimal.localcontext() as context:
        context.prec = 400  # any float64 to any of its digits
        return float(decimal.Decimal(value).quantize(unit, decimal.ROUND_HALF_UP))


def sorted(
    iterable: Iterable[Any], cmp: Any = None, key: Any = None, reverse: bool = False
) -> list[Any]:
    """Sort with `cmp`, a function of two values, as Python 2 could.

    Parameters
    ----------
    iterable : iterable
    cmp, key : callable or None
    reverse : bool

    Returns
    -------
    list
    """
    return builtins.sorted(iterable, key=sort_key(cmp, key), reverse=reverse)


def sort_key(cmp: Any = None, key: Any = None) -> Any:
    """The `key` that sorts as `cmp` compares, after `key`.

    Parameters
    ----------
    cmp, key : callable or None

    Returns
    -------
    callable or None
    """
    if cmp is None:
        return key
    by_cmp: Any = functools.cmp_to_key(cmp)
    return by_cmp if key is None else lambda value: by_cmp(key(value))


def open(name: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
    """Open a file. Its text may hold any bytes, which come back as they were when written.

    What is opened for bytes is written text, too.

    Parameters
    ----------
    name : str or int
    mode : str
        "rU" is "r".
    *args, **kwargs
        Python's; `buffering` is the only one that Python 2 had.

    Returns
    -------
    file
    """
    mode = mode.replace("U", "") or "r"
    if "b" not in mode:
        kwargs = {"encoding": "utf-8", "errors": "surrogateescape", **kwargs}
        if args[:1] == (0,):
            args = (1, *args[1:])  # text without a buffer: by lines
    elif "+" not in mode and set(mode) & set("wax") and not args and not kwargs:
        return _Writer(io.FileIO(name, mode.replace("b", "")))
    return io.open(name, mode, *args, **kwargs)  # noqa: UP020


class _Writer(io.BufferedWriter):
    """A file of bytes that takes text as UTF-8."""

    def write(self, data: Any) -> int:
        return super().write(
            data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        )


def encode(text: Any, encoding: str = "ascii", *args: Any) -> Any:
    """``text.encode("hex")`` and the other codecs between texts that Python 2 had.

    Parameters
    ----------
    text : str or bytes
    encoding : str
    *args
        `errors`.

    Returns
    -------
    bytes, or str of a codec between texts
    """
    if encoding.replace("_", "-") in ("hex", "base64", "zlib", "bz2", "rot13", "rot-13"):
        raw = text.encode("latin-1") if isinstance(text, str) else text
        if encoding.startswith("rot"):
            return codecs.encode(text, "rot13")
        encode_bytes: Any = codecs.lookup(encoding).encode
        return encode_bytes(raw)[0].decode("latin-1")
    return text.encode(encoding, *args)


def public() -> dict[str, Any]:
    """What can be called: name -> function or class."""
    return {name: value for name, value in globals().items() if name[0] != "_"}
