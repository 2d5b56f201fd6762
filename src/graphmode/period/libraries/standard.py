"""What Python's standard library no longer knows."""

from __future__ import annotations

import functools
import io
import re
import sys
import types
from typing import Any, NamedTuple

from graphmode.period.rows import Row

TITLE = "The standard library"
SOURCE = (
    "PEP 3108 (the library's new names); What's New in Python 3.3 and 3.10 (collections), 3.3 "
    "and 3.8 (time.clock), 3.11 (inspect.getargspec), 3.9 (fractions.gcd, base64), 3.12 (imp)"
)

_HERE = __name__

_CONTAINERS = (
    "Awaitable Coroutine AsyncIterable AsyncIterator Hashable Iterable Iterator Generator "
    "Reversible Sized Container Callable Collection Set MutableSet Mapping MutableMapping "
    "MappingView KeysView ItemsView ValuesView Sequence MutableSequence ByteString"
)

# Modules that were renamed.
_MODULES = {
    "cPickle": ("pickle", "pickle"),
    "Queue": ("queue", "queue"),
    "ConfigParser": ("configparser", "configparser"),
    "SocketServer": ("socketserver", "socketserver"),
    "HTMLParser": ("html.parser", "html.parser"),
    "htmlentitydefs": ("html.entities", "html.entities"),
    "httplib": ("http.client", "http.client"),
    "cookielib": ("http.cookiejar", "http.cookiejar"),
    "Cookie": ("http.cookies", "http.cookies"),
    "BaseHTTPServer": ("http.server", "http.server"),
    "SimpleHTTPServer": ("http.server", "http.server"),
    "urlparse": ("urllib.parse", "urllib.parse"),
    "__builtin__": ("builtins", "builtins"),
    "exceptions": ("builtins", "the built-in exceptions"),
    "copy_reg": ("copyreg", "copyreg"),
    "thread": ("_thread", "threading"),
    "dummy_threading": ("threading", "threading"),
    "Tkinter": ("tkinter", "tkinter"),
    "tkMessageBox": ("tkinter.messagebox", "tkinter.messagebox"),
    "tkFileDialog": ("tkinter.filedialog", "tkinter.filedialog"),
    "CGIHTTPServer": ("http.server", "http.server"),
    "robotparser": ("urllib.robotparser", "urllib.robotparser"),
    "anydbm": ("dbm", "dbm"),
    "dumbdbm": ("dbm.dumb", "dbm.dumb"),
    "dummy_thread": ("_thread", "threading"),
    "repr": ("reprlib", "reprlib"),
    "tkFont": ("tkinter.font", "tkinter.font"),
    "tkSimpleDialog": ("tkinter.simpledialog", "tkinter.simpledialog"),
    "ttk": ("tkinter.ttk", "tkinter.ttk"),
    "UserString": ("collections", "collections.UserString"),
    "xmlrpclib": ("xmlrpc.client", "xmlrpc.client"),
    "commands": ("subprocess", "subprocess"),
    "UserDict": ("collections", "collections.UserDict"),
    "UserList": ("collections", "collections.UserList"),
}

_URLS = {
    "urllib.request": (
        "urlopen urlretrieve Request build_opener install_opener URLopener FancyURLopener "
        "HTTPHandler ProxyHandler HTTPCookieProcessor HTTPBasicAuthHandler urlcleanup "
        "HTTPPasswordMgrWithDefaultRealm pathname2url url2pathname getproxies"
    ),
    "urllib.parse": (
        "urlencode quote unquote quote_plus unquote_plus urljoin urlparse urlsplit urlunparse"
    ),
    "urllib.error": "HTTPError URLError ContentTooShortError",
}
_TEXT_METHODS = (
    "split rsplit replace lower upper strip lstrip rstrip find rfind index count zfill ljust rjust "
    "center translate expandtabs swapcase capitalize"
)


def _row(module: str, name: str, now: str, gone: str, value: str) -> Row:
    return Row(module, name, f"`{now}`", gone, value)


ROWS = [
    *(
        _row(
            "collections", name, f"collections.abc.{name}", "Python 3.10", f"collections.abc:{name}"
        )
        for name in _CONTAINERS.split()
    ),
    _row("time", "clock", "time.process_time()", "Python 3.8", "time:process_time"),
    _row("inspect", "getargspec", "inspect.getfullargspec", "Python 3.11", f"{_HERE}:getargspec"),
    _row("inspect", "ArgSpec", "inspect.FullArgSpec", "Python 3.11", f"{_HERE}:ArgSpec"),
    _row("string", "letters", "string.ascii_letters", "Python 3.0", "string:ascii_letters"),
    _row("string", "lowercase", "string.ascii_lowercase", "Python 3.0", "string:ascii_lowercase"),
    _row("string", "uppercase", "string.ascii_uppercase", "Python 3.0", "string:ascii_uppercase"),
    _row("string", "maketrans", "str.maketrans", "Python 3.0", "builtins:str.maketrans"),
    _row("string", "join", "sep.join(words)", "Python 3.0", f"{_HERE}:join"),
    _row("string", "joinfields", "sep.join(words)", "Python 3.0", f"{_HERE}:join"),
    *(
        _row("string", name, f"text.{name}()", "Python 3.0", f"builtins:str.{name}")
        for name in _TEXT_METHODS.split()
    ),
    _row("string", "atoi", "int(text)", "Python 3.0", "builtins:int"),
    _row("string", "atol", "int(text)", "Python 3.0", "builtins:int"),
    _row("string", "atof", "float(text)", "Python 3.0", "builtins:float"),
    *(
        _row("urllib", name, f"import urllib.{name}", "Python 3: import it", f"urllib.{name}")
        for name in ("request", "parse", "error")
    ),
    *(
        _row("urllib", name, f"{module}.{name}", "Python 3.0", f"{module}:{name}")
        for module, names in _URLS.items()
        for name in names.split()
    ),
    Row("urllib2", "", "`urllib.request`", "Python 3.0", "urllib.request"),
    *(
        _row("urllib2", name, f"{module}.{name}", "Python 3.0", f"{module}:{name}")
        for module, names in _URLS.items()
        if module != "urllib.request"
        for name in names.split()
    ),
    *(Row(old, "", f"`{now}`", "Python 3.0", module) for old, (module, now) in _MODULES.items()),
    Row("StringIO", "", "`io`", "Python 3.0", "io"),
    _row("StringIO", "StringIO", "io.StringIO, io.BytesIO", "Python 3.0", f"{_HERE}:StringIO"),
    Row("cStringIO", "", "`io`", "Python 3.0", "io"),
    _row("cStringIO", "StringIO", "io.StringIO, io.BytesIO", "Python 3.0", f"{_HERE}:StringIO"),
    Row("md5", "", "`hashlib`", "Python 3.0", "hashlib"),
    _row("md5", "new", "hashlib.md5", "Python 3.0", "hashlib:md5"),
    Row("sha", "", "`hashlib`", "Python 3.0", "hashlib"),
    _row("sha", "new", "hashlib.sha1", "Python 3.0", "hashlib:sha1"),
    Row("sets", "", "`set`", "Python 3.0", "builtins"),
    _row("sets", "Set", "set", "Python 3.0", "builtins:set"),
    Row("imp", "", "`importlib`", "Python 3.12", "importlib"),
    _row(
        "imp",
        "load_source",
        "importlib.util.spec_from_file_location",
        "Python 3.12",
        f"{_HERE}:load_source",
    ),
    _row("imp", "reload", "importlib.reload", "Python 3.12", "importlib:reload"),
    _row("imp", "new_module", "types.ModuleType", "Python 3.12", "types:ModuleType"),
    _row("imp", "find_module", "importlib.util.find_spec", "Python 3.12", f"{_HERE}:find_module"),
    _row("itertools", "izip", "zip", "Python 3.0", "builtins:zip"),
    _row("itertools", "imap", "map", "Python 3.0", "builtins:map"),
    _row("itertools", "ifilter", "filter", "Python 3.0", "builtins:filter"),
    _row(
        "itertools", "izip_longest", "itertools.zip_longest", "Python 3.0", "itertools:zip_longest"
    ),
    _row(
        "itertools", "ifilterfalse", "itertools.filterfalse", "Python 3.0", "itertools:filterfalse"
    ),
    _row("sys", "maxint", "sys.maxsize", "Python 3.0", "sys:maxsize"),
    _row("sys", "setdefaultencoding", "nothing: text is Unicode", "Python 3.0", f"{_HERE}:nothing"),
    _row("sys", "exc_clear", "nothing", "Python 3.0", f"{_HERE}:nothing"),
    _row("os", "getcwdu", "os.getcwd", "Python 3.0", "os:getcwd"),
    _row("os", "errno", "import errno", "Python 3.7", "errno"),
    _row("fractions", "gcd", "math.gcd", "Python 3.9", "math:gcd"),
    _row("base64", "encodestring", "base64.encodebytes", "Python 3.9", "base64:encodebytes"),
    _row("base64", "decodestring", "base64.decodebytes", "Python 3.9", "base64:decodebytes"),
    Row("cgi", "", "`html`", "Python 3.13", "html"),
    _row("cgi", "escape", "html.escape(text, quote=False)", "Python 3.8", f"{_HERE}:escape"),
    Row("distutils", "", "`setuptools`", "Python 3.12", "sysconfig"),
    Row("distutils.version", "", "`packaging.version`", "Python 3.12", "sysconfig"),
    _row(
        "distutils.version",
        "LooseVersion",
        "packaging.version.Version",
        "Python 3.12",
        f"{_HERE}:LooseVersion",
    ),
    _row(
        "distutils.version",
        "StrictVersion",
        "packaging.version.Version",
        "Python 3.12",
        f"{_HERE}:LooseVersion",
    ),
    Row("pipes", "", "`shlex`", "Python 3.13", "shlex"),
    _row("pipes", "quote", "shlex.quote", "Python 3.13", "shlex:quote"),
    Row(
        "xml.etree.cElementTree",
        "",
        "`xml.etree.ElementTree`",
        "Python 3.9",
        "xml.etree.ElementTree",
    ),
    _row(
        "configparser",
        "SafeConfigParser",
        "configparser.ConfigParser",
        "Python 3.12",
        "configparser:ConfigParser",
    ),
    _row(
        "platform",
        "linux_distribution",
        "platform.freedesktop_os_release()",
        "Python 3.8",
        f"{_HERE}:linux_distribution",
    ),
    _row(
        "platform",
        "dist",
        "platform.freedesktop_os_release()",
        "Python 3.8",
        f"{_HERE}:linux_distribution",
    ),
    _row("locale", "format", "locale.format_string", "Python 3.12", "locale:format_string"),
    *(
        _row("types", name, now, "Python 3.0", f"builtins:{now}")
        for name, now in {
            "ListType": "list",
            "TupleType": "tuple",
            "DictType": "dict",
            "StringType": "str",
            "UnicodeType": "str",
            "IntType": "int",
            "LongType": "int",
            "FloatType": "float",
            "BooleanType": "bool",
        }.items()
    ),
    _row("types", "StringTypes", "str", "Python 3.0", f"{_HERE}:StringTypes"),
    Row(
        "pickle",
        "load",
        '`pickle.load(file, encoding="latin1")`',
        "Python 3.0",
        example="pickle.load, loads of what Python 2 wrote, or from a file opened as text",
    ),
    Row(
        "pickle",
        "dump",
        '`pickle.dump(value, open(path, "wb"))`',
        "Python 3.0",
        example="pickle.dump to a file opened as text",
    ),
    Row(
        "csv",
        "reader",
        '`csv.reader(open(path, newline=""))`',
        "Python 3.0",
        example='csv.reader(open(path, "rb")), csv.writer(open(path, "wb"))',
    ),
    Row(
        "six.moves",
        "",
        "the modules' own names",
        "not gone: six is installed with graphmode",
        example="six, six.moves",
    ),
]


StringTypes = (str, str)


class ArgSpec(NamedTuple):
    """What `getargspec` gives.

    Attributes
    ----------
    args : list of str
    varargs, keywords : str or None
    defaults : tuple or None
    """

    args: list[str]
    varargs: str | None
    keywords: str | None
    defaults: tuple[Any, ...] | None


def nothing(*args: Any) -> None:
    """What Python 3 needs no longer."""


def join(words: Any, sep: str = " ") -> str:
    """Join `words` by `sep`."""
    return sep.join(words)


def escape(s: str, quote: bool = False) -> str:
    """Replace &, <, > in `s`, and quotation marks if `quote`."""
    import html

    return html.escape(s, quote)


def linux_distribution(*args: Any, **kwargs: Any) -> tuple[str, str, str]:
    """Name, version and code name of this Linux; empty where it does not say."""
    import platform

    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ("", "", "")
    names = ("NAME", "VERSION_ID", "VERSION_CODENAME")
    name, version, code_name = (release.get(key, "") for key in names)
    return (name, version, code_name)


def getargspec(func: Any) -> Any:
    """Names and defaults of a function's parameters; ValueError if some are keyword-only."""
    import inspect

    full = inspect.getfullargspec(func)
    if full.kwonlyargs or full.annotations:
        raise ValueError(
            "Function has keyword-only parameters or annotations, use inspect.signature() API "
            "which can support them"
        )
    return ArgSpec(full.args, full.varargs, full.varkw, full.defaults)


@functools.total_ordering
class LooseVersion:
    """A version that compares by its numbers and words.

    Parameters
    ----------
    vstring : str
        "1.15.0-rc1"
    """

    def __init__(self, vstring: str) -> None:
        self.vstring = vstring
        parts = re.findall(r"\d+|[a-z]+|[^\da-z.]+", vstring)
        self.version = [int(part) if part.isdigit() else part for part in parts]

    def __str__(self) -> str:
        return self.vstring

    def __repr__(self) -> str:
        return f"LooseVersion ('{self.vstring}')"

    def _parts(self, other: Any) -> Any:
        return (other if isinstance(other, LooseVersion) else LooseVersion(other)).version

    def __eq__(self, other: Any) -> bool:
        return self.version == self._parts(other)

    def __lt__(self, other: Any) -> bool:
        return self.version < self._parts(other)

    __hash__ = None  # pyright: ignore[reportAssignmentType]


def load_source(name: str, pathname: str, file: Any = None) -> types.ModuleType:
    """Import the file `pathname` as module `name`."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, pathname)
    if spec is None or spec.loader is None:
        raise ImportError(f"no Python source: {pathname}", name=name, path=pathname)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def find_module(name: str, path: Any = None) -> tuple[None, str, tuple[str, str, int]]:
    """Where module `name` is; ImportError if it is nowhere."""
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec(name, path)
    if spec is None:
        raise ImportError(f"No module named {name!r}", name=name)
    return (None, spec.origin or "", ("", "", 5))


class StringIO:
    """A file in memory that holds text or bytes, whatever it is given first.

    Parameters
    ----------
    buffer : str or bytes
    """

    def __init__(self, buffer: str | bytes = "") -> None:
        self._file: Any = None
        if buffer:
            self._file = _file_of(buffer)

    def write(self, data: str | bytes) -> int:
        """Write `data`: str to text, bytes to bytes."""
        if self._file is None or (not self.tell() and not self.getvalue()):
            self._file = _file_of(data[:0])
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        if name == "_file" or name.startswith("__"):
            raise AttributeError(name)
        if self._file is None:
            self._file = io.StringIO()
        return getattr(self._file, name)

    def __iter__(self) -> Any:
        return iter(self.readline, self.getvalue()[:0])

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


def _file_of(data: str | bytes) -> Any:
    return io.StringIO(data, newline="") if isinstance(data, str) else io.BytesIO(data)


# ---- what changed ------------------------------------------------------------------------------


def _bytes_of(file: Any) -> Any:
    """The file of bytes below a file of text."""
    return getattr(file, "buffer", file) if isinstance(file, io.TextIOBase) else file


def _change_pickle(pickle: Any) -> None:
    load, loads, dump = pickle.load, pickle.loads, pickle.dump

    @functools.wraps(load)
    def load_any(given: Any, **kwargs: Any) -> Any:
        file = _bytes_of(given)
        if "encoding" in kwargs or not (hasattr(file, "seekable") and file.seekable()):
            return load(file, **kwargs)
        start = file.tell()
        try:
            return load(file, **kwargs)
        except UnicodeDecodeError:
            file.seek(start)
        return load(file, encoding="latin1", **kwargs)

    @functools.wraps(loads)
    def loads_any(data: Any, **kwargs: Any) -> Any:
        if isinstance(data, str):
            data = data.encode("latin-1")
        try:
            return loads(data, **kwargs)
        except UnicodeDecodeError:
            if "encoding" in kwargs:
                raise
        return loads(data, encoding="latin1", **kwargs)

    @functools.wraps(dump)
    def dump_any(obj: Any, file: Any, *args: Any, **kwargs: Any) -> None:
        dump(obj, _bytes_of(file), *args, **kwargs)

    pickle.load, pickle.loads, pickle.dump = load_any, loads_any, dump_any


def _change_csv(csv: Any) -> None:
    reader, writer = csv.reader, csv.writer

    @functools.wraps(reader)
    def reads(csvfile: Any, *args: Any, **kwargs: Any) -> Any:
        return reader(_lines_of(csvfile), *args, **kwargs)

    @functools.wraps(writer)
    def writes(csvfile: Any, *args: Any, **kwargs: Any) -> Any:
        if "b" in str(getattr(csvfile, "mode", "")):
            csvfile = _TextTo(csvfile)
        return writer(csvfile, *args, **kwargs)

    csv.reader, csv.writer = reads, writes


def _lines_of(file: Any) -> Any:
    if "b" in str(getattr(file, "mode", "")):
        return (line.decode("utf-8", "surrogateescape") for line in file)
    return file


class _TextTo:
    """Takes text for a file of bytes."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write `text` as UTF-8."""
        return self._file.write(text.encode("utf-8", "surrogateescape"))


CHANGES = {"pickle": _change_pickle, "csv": _change_csv}
