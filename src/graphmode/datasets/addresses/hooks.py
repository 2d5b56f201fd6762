"""Python's ways of downloading, answered by the table before anything is sent or started."""

from __future__ import annotations

import functools
import importlib.abc
import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

# Nothing is read before a program asks for an address.
_answer = late("graphmode.datasets.addresses.answers", "answer")
_say = late("graphmode.datasets.addresses.answers", "say")
_file_response = late("graphmode.datasets.addresses.response", "FileResponse")
_translate = late("graphmode.datasets.addresses.shell", "translate")

_MAY_BE_ANSWERED = re.compile(r"\b(?:wget|curl|pip[\d.]*|conda|unzip)\b")

_MIME_TYPES = {
    ".csv": "text/csv",
    ".data": "text/plain",
    ".gz": "application/x-gzip",
    ".jpg": "image/jpeg",
    ".py": "text/x-python",
    ".tgz": "application/x-gzip",
    ".txt": "text/plain",
    ".zip": "application/zip",
}


def install() -> None:
    """Answer dead addresses from now on, in this process. A second call changes nothing.

    Nothing is imported: `urllib.request` and `requests` get their answers when the program
    imports them, or now if it has.
    """
    if any(isinstance(finder, _AfterImport) for finder in sys.meta_path):
        return
    waiting = dict(_CHANGES)
    for name in _CHANGES:
        if name in sys.modules:
            waiting.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, _AfterImport(waiting))
    calls: Any = os
    calls.system = _system(calls.system)


class _AfterImport(importlib.abc.MetaPathFinder):
    """Changes a module when a program has imported it."""

    def __init__(self, waiting: dict[str, Callable[[Any], None]]) -> None:
        self._waiting = waiting

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        change = self._waiting.pop(fullname, None)
        if change is None:
            return None
        for finder in sys.meta_path:
            if finder is not self:
                spec = finder.find_spec(fullname, path, target)
                if spec is not None and spec.loader is not None:
                    spec.loader = _Loader(spec.loader, change)
                    return spec
        return None


class _Loader(importlib.abc.Loader):
    """The module's own loader, and a change after it."""

    def __init__(self, loader: Any, change: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._change = change

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        spec: Any = module.__spec__
        spec.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._change(module)


def _system(run: Callable[[Any], int]) -> Callable[[Any], int]:
    def system(command: Any) -> int:
        if isinstance(command, str) and _MAY_BE_ANSWERED.search(command):
            command = _translate(command)
        return run(command)

    return system


def _change_urllib(module: Any) -> None:
    """`urlopen`, `urlretrieve`, a program's own openers: all call `OpenerDirector.open`."""
    director = module.OpenerDirector
    director.open = _opening(director.open)
    legacy = getattr(module, "URLopener", None)  # until Python 3.14
    if legacy is not None:
        legacy.open = _opening(legacy.open)


def _opening(network: Callable[..., Any]) -> Callable[..., Any]:
    def open(self: Any, fullurl: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        address = getattr(fullurl, "full_url", fullurl)
        if data is None and getattr(fullurl, "data", None) is None and isinstance(address, str):
            found = _response(address)
            if found is not None:
                return found
        return network(self, fullurl, data, *args, **kwargs)

    return open


def _response(address: str) -> Any:
    """What `urlopen` gives for an address of the table; None for any other."""
    from urllib.error import URLError

    try:
        found = _answer(address)
    except FileNotFoundError as error:
        raise URLError(str(error)) from None
    if found is None:
        return None
    _say(address, found)
    return _file_response(found.path, address, headers(found.path))


def headers(path: Any) -> dict[str, str]:
    """The headers of an answer: length and type."""
    kind = _MIME_TYPES.get(path.suffix, "application/octet-stream")
    return {"Content-Length": str(path.stat().st_size), "Content-Type": kind}


def _change_requests(module: Any) -> None:
    """`requests.get` and sessions: all go through `HTTPAdapter.send`."""
    adapter = module.HTTPAdapter
    network = adapter.send

    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method in ("GET", "HEAD"):
            try:
                found = _answer(request.url)
            except FileNotFoundError as error:
                raise module.ConnectionError(str(error), request=request) from None
            if found is not None:
                _say(request.url, found)
                from urllib3 import HTTPResponse

                is_get = request.method == "GET"
                content: Any = found.path.open("rb") if is_get else io.BytesIO()
                raw = HTTPResponse(
                    content,
                    headers(found.path),
                    200,
                    reason="OK",
                    preload_content=False,
                    request_method=request.method,
                )
                return self.build_response(request, raw)
        return network(self, request, *args, **kwargs)

    adapter.send = send


def _change_subprocess(module: Any) -> None:
    """`Popen`: `call`, `run`, `check_output` and `os.popen` make one."""
    start = module.Popen.__init__

    @functools.wraps(start)
    def __init__(self: Any, args: Any, *others: Any, **options: Any) -> None:  # noqa: N807
        if not others and options.get("executable") is None:
            line = _line(args, bool(options.get("shell")))
            if line is not None and _MAY_BE_ANSWERED.search(line):
                answered = _translate(line)
                if answered != line:
                    args, options = answered, {**options, "shell": True}
        start(self, args, *others, **options)

    module.Popen.__init__ = __init__


def _line(args: Any, is_shell: bool) -> str | None:
    """What a shell would be told; None of what is no text."""
    if isinstance(args, str):
        return args if is_shell else None
    if is_shell or not isinstance(args, (list, tuple)):
        return None
    words: list[Any] = [*args]
    if not all(isinstance(word, (str, os.PathLike)) for word in words):
        return None
    import shlex

    texts: list[str] = [os.fspath(word) for word in words]
    return shlex.join(texts)


_CHANGES: dict[str, Callable[[Any], None]] = {
    "subprocess": _change_subprocess,
    "urllib.request": _change_urllib,
    "requests.adapters": _change_requests,
}
