"""What NumPy no longer knows."""

from __future__ import annotations

import functools
import sys
import types
from pathlib import Path
from typing import Any

from graphmode.period.rows import Row, say_once

TITLE = "NumPy"
SOURCE = (
    "NumPy's release notes 1.19 (ragged arrays), 1.20 and 1.24 (np.float and its like), 1.16.3 "
    "(np.load), 1.18 (float counts), 1.24 (normed), 2.0 (the namespace), 2.3 and 2.4 (expired)"
)

_HERE = __name__
_OURS = str(Path(__file__).parents[2]) + "/"


def _alias(old: str, new: str, gone: str, value: str = "") -> Row:
    return Row("numpy", old, f"`{new}`", gone, value or f"numpy:{new.removeprefix('np.')}")


def _own(name: str, now: str, gone: str) -> Row:
    return Row("numpy", name, f"`{now}`", gone, f"{_HERE}:{name}")


ROWS = [
    _alias("float", "float", "NumPy 1.24", "builtins:float"),
    _alias("int", "int", "NumPy 1.24", "builtins:int"),
    _alias("complex", "complex", "NumPy 1.24", "builtins:complex"),
    _alias("object", "object", "NumPy 1.24", "builtins:object"),
    _alias("str", "str", "NumPy 1.24", "builtins:str"),
    _alias("unicode", "str", "NumPy 1.24", "builtins:str"),
    Row("numpy", "bool", "`bool`", "NumPy 1.24; since 2.0 it is np.bool_, which serves"),
    Row("numpy", "long", "`int`", "NumPy 1.24; since 2.0 it is C's long, which serves"),
    _alias("math", "math", "NumPy 1.25", "math"),
    _own("asscalar", "a.item()", "NumPy 1.23"),
    _alias("rank", "np.ndim", "NumPy 1.18"),
    _own("alen", "len(a)", "NumPy 1.23"),
    _alias("product", "np.prod", "NumPy 2.0"),
    _alias("cumproduct", "np.cumprod", "NumPy 2.0"),
    _alias("alltrue", "np.all", "NumPy 2.0"),
    _alias("sometrue", "np.any", "NumPy 2.0"),
    _alias("in1d", "np.isin", "NumPy 2.4", f"{_HERE}:in1d"),
    _alias("row_stack", "np.vstack", "NumPy 2.0 (deprecated)"),
    _alias("trapz", "np.trapezoid", "NumPy 2.4"),
    _alias("mat", "np.asmatrix", "NumPy 2.0"),
    _alias("round_", "np.round", "NumPy 2.0"),
    _own("msort", "np.sort(a, axis=0)", "NumPy 2.0"),
    _own("asfarray", "np.asarray(a, dtype=float)", "NumPy 2.0"),
    _own("find_common_type", "np.result_type", "NumPy 2.0"),
    _own("fastCopyAndTranspose", "a.T.copy()", "NumPy 2.0"),
    _own("cast", "np.asarray(a, dtype)", "NumPy 2.0"),
    _own("disp", "print", "NumPy 2.0"),
    _own("sctypes", "the types by name", "NumPy 2.0"),
    _own("set_string_function", "np.set_printoptions", "NumPy 2.0"),
    *(_alias(name, "np.inf", "NumPy 2.0") for name in ("Inf", "Infinity", "infty", "PINF")),
    _own("NINF", "-np.inf", "NumPy 2.0"),
    _own("NZERO", "-0.0", "NumPy 2.0"),
    _own("PZERO", "0.0", "NumPy 2.0"),
    _alias("NaN", "np.nan", "NumPy 2.0"),
    _alias("NAN", "np.nan", "NumPy 2.0"),
    _alias("float_", "np.float64", "NumPy 2.0"),
    _alias("complex_", "np.complex128", "NumPy 2.0"),
    _alias("cfloat", "np.complex128", "NumPy 2.0"),
    _alias("singlecomplex", "np.complex64", "NumPy 2.0"),
    _alias("longfloat", "np.longdouble", "NumPy 2.0"),
    _alias("clongfloat", "np.clongdouble", "NumPy 2.0"),
    _alias("longcomplex", "np.clongdouble", "NumPy 2.0"),
    _alias("string_", "np.bytes_", "NumPy 2.0"),
    _alias("unicode_", "np.str_", "NumPy 2.0"),
    _alias("int0", "np.intp", "NumPy 2.0"),
    _alias("uint0", "np.uintp", "NumPy 2.0"),
    _alias("bool8", "np.bool_", "NumPy 2.0"),
    _alias("object0", "np.object_", "NumPy 2.0"),
    _alias("issubclass_", "issubclass", "NumPy 2.0", "builtins:issubclass"),
    _alias("safe_eval", "ast.literal_eval", "NumPy 2.0", "ast:literal_eval"),
    Row("numpy.lib", "pad", "`np.pad`", "NumPy 2.0", "numpy:pad"),
    _alias("typeDict", "np.sctypeDict", "NumPy 1.24"),
    *(
        Row("numpy", name, f"`np.exceptions.{name}`", "NumPy 2.0", f"numpy.exceptions:{name}")
        for name in ("VisibleDeprecationWarning", "ComplexWarning", "RankWarning", "AxisError")
    ),
    Row(
        "numpy",
        "ModuleDeprecationWarning",
        "`np.exceptions.ModuleDeprecationWarning`",
        "NumPy 2.0",
        "numpy.exceptions:ModuleDeprecationWarning",
    ),
    Row("numpy.linalg.linalg", "", "`numpy.linalg`", "NumPy 2.4", "numpy.linalg"),
    Row("numpy.core.umath_tests", "", "`np.einsum`", "NumPy 1.20", "numpy"),
    Row(
        "numpy.core.umath_tests",
        "inner1d",
        '`np.einsum("...i,...i", a, b)`',
        "NumPy 1.20",
        f"{_HERE}:inner1d",
    ),
    Row(
        "numpy",
        "array",
        "`np.array(rows, dtype=object)`",
        "NumPy 1.24",
        example="np.array, np.asarray of rows of different lengths",
    ),
    Row("numpy", "array", "`np.asarray(a)`", "NumPy 2.0", example="np.array(a, copy=False)"),
    Row(
        "numpy",
        "load",
        "`np.load(path, allow_pickle=True)`, of files that you trust",
        "NumPy 1.16.3",
        example="np.load of Python objects (warned of, by file)",
    ),
    Row(
        "numpy",
        "fromstring",
        "`np.frombuffer(data, dtype).copy()`",
        "NumPy 2.3",
        example="np.fromstring(bytes, dtype)",
    ),
    Row("numpy", "histogram", "`density=`", "NumPy 1.24", example="np.histogram(a, normed=True)"),
    Row(
        "numpy",
        "linspace",
        "`np.linspace(a, b, int(n))`",
        "NumPy 1.18",
        example="np.linspace(a, b, 50.0)",
    ),
    Row(
        "numpy",
        "percentile",
        "`method=`",
        "NumPy 2.4",
        example="np.percentile(a, q, interpolation=...)",
    ),
    Row("numpy", "reshape", "`shape=`", "NumPy 2.4", example="np.reshape(a, newshape=...)"),
    Row(
        "numpy",
        "vstack",
        "`np.vstack(list(rows))`",
        "NumPy 1.16",
        example="np.vstack, hstack, stack, concatenate of a map or generator",
    ),
    Row(
        "numpy",
        "sum",
        "`np.sum(list(values))`",
        "NumPy 2.4",
        example="np.sum of a generator",
    ),
    Row(
        "numpy",
        "set_printoptions",
        '`np.set_printoptions(legacy="1.25")`',
        "NumPy 2.0",
        example="print([np.float32(2.5)]), which said [2.5]",
    ),
]

# What cannot be answered, and stands on the page.
NOT_ANSWERED = [
    "Numbers of NumPy keep their type now (NEP 50): `np.float32(3) + 3.0` is float32 and was "
    "float64, `np.uint8(200) + 100` overflows and was 300. No switch is left in NumPy for it.",
    "Arrays of one element are numbers only in calls that the program's own text makes, as the "
    "rows of the language say: not inside of a library, and not through another name (`f = "
    "float; f(a)`).",
    "`np.array([300], np.uint8)` raises OverflowError and wrapped around: write "
    "`np.array([300]).astype(np.uint8)`.",
]


NINF, NZERO, PZERO = float("-inf"), -0.0, 0.0


def asscalar(a: Any) -> Any:
    """The one element of array `a`, as a Python number."""
    return a.item()


def alen(a: Any) -> int:
    """The length of `a` along its first axis; 1 of a number."""
    try:
        return len(a)
    except TypeError:
        return 1


def in1d(ar1: Any, ar2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Which elements of `ar1`, flattened, are in `ar2`: bool."""
    import numpy as np

    return np.isin(np.ravel(ar1), ar2, assume_unique=assume_unique, invert=invert)


def msort(a: Any) -> Any:
    """A copy of `a` sorted along its first axis."""
    import numpy as np

    return np.sort(a, axis=0)


def asfarray(a: Any, dtype: Any = float) -> Any:
    """`a` as an array of floats."""
    import numpy as np

    inexact = np.issubdtype(np.dtype(dtype), np.inexact)
    return np.asarray(a, dtype=dtype if inexact else float)


def find_common_type(array_types: Any, scalar_types: Any) -> Any:
    """The dtype that holds arrays and numbers of these types."""
    import numpy as np

    return np.result_type(*array_types, *scalar_types)


def fastCopyAndTranspose(a: Any) -> Any:  # noqa: N802
    """A transposed copy of `a`."""
    return a.T.copy()


def disp(mesg: Any, device: Any = None, linefeed: bool = True) -> None:
    """Write a message and, if `linefeed`, a line's end."""
    device = sys.stdout if device is None else device
    device.write(f"{mesg}\n" if linefeed else f"{mesg}")
    device.flush()


def set_string_function(f: Any, repr: bool = True) -> None:
    """Print arrays by function `f`, or as usual if it is None."""
    import numpy as np

    np.set_printoptions(override_repr=f if repr else None)


def inner1d(a: Any, b: Any) -> Any:
    """Products of vectors: the sum over the last axis."""
    import numpy as np

    return np.einsum("...i,...i", a, b)


class _Casts:
    """``np.cast[dtype](a)``."""

    def __getitem__(self, dtype: Any) -> Any:
        import numpy as np

        return lambda a: np.asarray(a).astype(dtype)


cast = _Casts()


class _Types(dict[str, Any]):
    """``np.sctypes["int"]``, filled when first asked for."""

    def __missing__(self, key: str) -> list[Any]:
        import numpy as np

        found = {
            "int": [np.int8, np.int16, np.int32, np.int64],
            "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
            "float": [np.float16, np.float32, np.float64, np.longdouble],
            "complex": [np.complex64, np.complex128, np.clongdouble],
            "others": [bool, object, bytes, str, np.void],
        }
        self.update(found)
        return found[key]


sctypes = _Types()


# ---- what changed ------------------------------------------------------------------------------


def _is_called_by_a_library(depth: int) -> bool:
    name = sys._getframe(depth).f_code.co_filename
    return "-packages/" in name or name.startswith(_OURS)


def _makes_ragged(function: Any) -> Any:
    """`np.array` that makes an array of objects of rows that do not fit, as it did until 1.24.

    Only for programs: a library finds out by the error that rows do not fit.
    """

    @functools.wraps(function)
    def array(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except ValueError as error:
            return _made_otherwise(function, error, args, kwargs)

    return array


def _made_otherwise(function: Any, error: ValueError, args: Any, kwargs: Any) -> Any:
    import numpy as np

    if _is_called_by_a_library(3):
        raise error
    if "Unable to avoid copy" in str(error):
        return function(*args, **{**kwargs, "copy": None})
    dtype = args[1] if len(args) > 1 else kwargs.get("dtype")
    if "inhomogeneous" not in str(error) or not args:
        raise error
    if dtype is None or np.dtype(dtype) == object:
        return function(
            args[0], object, *args[2:], **{k: v for k, v in kwargs.items() if k != "dtype"}
        )
    # Among numbers, an array of one element was that element.
    values = args[0]
    if isinstance(values, list | tuple) and any(isinstance(v, np.ndarray) for v in values):
        plain = [v.item() if isinstance(v, np.ndarray) and v.size == 1 else v for v in values]
        return function(plain, *args[1:], **kwargs)
    raise error


def _loads_pickles(load: Any, np: Any) -> Any:
    """`np.load` that reads Python objects unless the program forbids it, and warns of the file."""

    @functools.wraps(load)
    def load_or_warn(file: Any, *args: Any, **kwargs: Any) -> Any:
        says = len(args) > 1 or "allow_pickle" in kwargs
        try:
            loaded = load(file, *args, **kwargs)
        except ValueError as error:
            if says or "allow_pickle" not in str(error):
                raise
            _warn_of(file)
            if hasattr(file, "seek"):
                file.seek(0)
            kwargs["allow_pickle"] = True
            try:
                return load(file, *args, **kwargs)
            except UnicodeError:
                if hasattr(file, "seek"):
                    file.seek(0)
                return load(file, *args, **{**kwargs, "encoding": "latin1"})
        if not says and isinstance(loaded, np.lib.npyio.NpzFile):
            loaded._period_file = file
        return loaded

    return load_or_warn


def _warn_of(file: Any) -> None:
    name = getattr(file, "name", file)
    say_once(
        f"np.load: {name} holds Python objects (a pickle): reading it can run code that is in it; "
        "np.load(..., allow_pickle=False) refuses it"
    )


def _opens_pickles(getitem: Any) -> Any:
    @functools.wraps(getitem)
    def __getitem__(self: Any, key: str) -> Any:  # noqa: N807
        try:
            return getitem(self, key)
        except ValueError as error:
            if "allow_pickle" not in str(error) or not hasattr(self, "_period_file"):
                raise
        _warn_of(self._period_file)
        self.allow_pickle = True
        return getitem(self, key)

    return __getitem__


def _renamed(function: Any, **names: str) -> Any:
    """`function` that also takes its arguments by their old names."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        for old, new in names.items():
            if old in kwargs:
                kwargs[new] = kwargs.pop(old)
        return function(*args, **kwargs)

    return called


def _histogram(histogram: Any) -> Any:
    @functools.wraps(histogram)
    def counted(*args: Any, **kwargs: Any) -> Any:
        if "normed" in kwargs:
            kwargs["density"] = bool(kwargs.pop("normed")) or kwargs.get("density")
        return histogram(*args, **kwargs)

    return counted


def _fromstring(fromstring: Any, np: Any) -> Any:
    @functools.wraps(fromstring)
    def read(
        string: Any, dtype: Any = float, count: int = -1, *, sep: str = "", **kwargs: Any
    ) -> Any:
        if sep:
            return fromstring(string, dtype, count, sep=sep, **kwargs)
        data = string.encode("latin-1") if isinstance(string, str) else string
        return np.frombuffer(data, dtype, count).copy()

    return read


def _linspace(linspace: Any) -> Any:
    @functools.wraps(linspace)
    def spaced(start: Any, stop: Any, num: Any = 50, *args: Any, **kwargs: Any) -> Any:
        return linspace(start, stop, int(num), *args, **kwargs)

    return spaced


def _takes_iterators(function: Any) -> Any:
    @functools.wraps(function)
    def joined(*args: Any, **kwargs: Any) -> Any:
        if args and hasattr(args[0], "__next__"):
            args = (list(args[0]), *args[1:])
        return function(*args, **kwargs)

    return joined


def _sum(total: Any) -> Any:
    @functools.wraps(total)
    def added(a: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(a, types.GeneratorType):
            return sum(a)
        return total(a, *args, **kwargs)

    return added


def _print_as_before(np: Any) -> None:
    """Print numbers without their types, in every thread."""
    np.set_printoptions(legacy="1.25")
    # Since NumPy 2.2 that is for this thread alone; the others begin with what stands here.
    options: Any = sys.modules.get("numpy._core.printoptions")
    if options is not None:
        options.default_format_options_dict.update(options.format_options.get())


def _change(np: Any) -> None:
    _print_as_before(np)
    np.array = _makes_ragged(np.array)
    np.asarray = _makes_ragged(np.asarray)
    np.load = _loads_pickles(np.load, np)
    npz: Any = np.lib.npyio.NpzFile
    npz.__getitem__ = _opens_pickles(npz.__getitem__)
    np.histogram = _histogram(np.histogram)
    np.fromstring = _fromstring(np.fromstring, np)
    np.linspace = _linspace(np.linspace)
    np.percentile = _renamed(np.percentile, interpolation="method")
    np.reshape = _renamed(np.reshape, newshape="shape")
    np.sum = _sum(np.sum)
    for name in ("vstack", "hstack", "dstack", "stack", "concatenate"):
        setattr(np, name, _takes_iterators(getattr(np, name)))


CHANGES = {"numpy": _change}
