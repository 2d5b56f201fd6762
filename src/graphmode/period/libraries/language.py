"""Python 2, and what no table can put back: see `rewrite`, `python2`, `calls`."""

from __future__ import annotations

from graphmode.period.rows import Row

TITLE = "The language"
SOURCE = (
    "What's New in Python 3.0; PEP 238 (division); the fixers of lib2to3, which fissix keeps; "
    "NumPy 2.4's release notes (arrays of one element)"
)

_PYTHON = "Python 3.0"
_NUMPY = "NumPy 2.4"

ROWS = [
    Row("", "", "`print(x)`", _PYTHON, example="print x"),
    Row("", "", "`a // b`", _PYTHON, example="a / b of integers (Python 2 programs)"),
    Row("", "", "`except E as e:`, `raise E(v)`", _PYTHON, example="except E, e: / raise E, v"),
    Row(
        "",
        "",
        "`range`, `input`, `str`, `int`",
        _PYTHON,
        example="xrange, raw_input, unicode, long",
    ),
    Row(
        "",
        "",
        "imports and names of Python 3",
        _PYTHON,
        example="import cPickle, or xrange(n), where nothing provides for Python 3",
    ),
    Row(
        "",
        "",
        "`d.items()`, `d.keys()`, `d.values()`, `k in d`",
        _PYTHON,
        example="d.iteritems(), d.iterkeys(), d.itervalues(), d.has_key(k)",
    ),
    Row("", "", "`list(map(f, a))`", _PYTHON, example="map(f, a)[0], d.keys()[0], zip(a, b)[0]"),
    Row("", "", "`sorted(a, key=...)`", _PYTHON, example="sorted(a, cmp), a.sort(cmp), cmp(a, b)"),
    Row("", "", "`math.floor(x + 0.5)`", _PYTHON, example="round(2.5) == 3.0 (Python 2 programs)"),
    Row("", "", "`functools.reduce`", _PYTHON, example="reduce(f, a)"),
    Row("", "", '`exec(open("f.py").read())`', _PYTHON, example='execfile("f.py"), file("x")'),
    Row("", "", "`open(path, encoding=...)`", _PYTHON, example="open(path).read() of any bytes"),
    Row(
        "",
        "",
        "`text`, `bytes.fromhex(text)`",
        _PYTHON,
        example='text.decode("utf-8"), text.encode("hex")',
    ),
    Row("", "", "`from . import beside`", _PYTHON, example="import beside, inside a package"),
    Row("", "", "four spaces", _PYTHON, example="tabs and spaces mixed"),
    Row(
        "",
        "",
        "`int(a.item())`",
        _NUMPY,
        example="int(a), float(a), math.sqrt(a) of an array of one element",
    ),
    Row("", "", '`"%d" % a.item()`', _NUMPY, example='"%d" % a of an array of one element'),
    Row(
        "",
        "",
        "`a[i] = b.item()`",
        _NUMPY,
        example="a[i] = b, a[i] += b of an array b of one element",
    ),
    Row("", "", "`a.tobytes()`", "NumPy 2.3", example="a.tostring()"),
    Row("", "", "`a[i] = v`", "NumPy 2.0", example="a.itemset(i, v)"),
    Row("", "", "`np.ptp(a)`", "NumPy 2.0", example="a.ptp()"),
    Row("", "", "`a.view(a.dtype.newbyteorder())`", "NumPy 2.0", example="a.newbyteorder()"),
]

NOT_ANSWERED = [
    "Bytes are bytes: what a program of Python 2 reads from a file that it opened for bytes, or "
    "from a page, is no text, and needs `.decode()` before it is split.",
    "Values of different types compare no longer (`None < 3`, `[] > 1`), and `__cmp__`, "
    "`__unicode__` and `__getslice__` of a class are not asked for.",
    "The numbers of `random.choice`, `shuffle`, `sample` and `randint` are not those of Python 2; "
    "those of `random.random` and of NumPy are.",
]

CHANGES = {}
