"""Lines of a notebook that begin with ``!``: downloads of the table and installs of TensorFlow.

A command that can be answered is replaced within its line by one that copies the file at hand, so
that the rest of the line (`cd`, `&&`, `|`) means what it meant.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import warnings
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from graphmode.datasets.addresses import answers, table

_ENDS = re.compile(r"&&|\|\||[;|\n]|(?<![<>])&(?!>)")
_COMMENT = re.compile(r"(?<!\S)#.*")
_REDIRECTION = re.compile(r"(?:\d|&)?(?:>>|>\||>|<)\s*&?\s*\S+")
_ADDRESS = re.compile(r"^(?:https?|ftp)://", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.")
_TENSORFLOW = re.compile(
    r"^(?:tensorflow(?:-gpu|-cpu|-macos|_gpu|_cpu)?|tf-nightly(?:-gpu)?)(?:$|[=<>~!\[ ])"
    r"|/tensorflow(?:_gpu|_cpu)?-\d[^/]*\.whl$"
)
_PIP = re.compile(r"^pip[\d.]*$")
_PYTHON = re.compile(r"^python[\d.]*$")
_EOL = "\n"
# Options whose value is the next word.
_PIP_WITH_VALUE = "-r -c -e -t -i -f --requirement --constraint --target"
_WGET_WITH_VALUE = (
    "-a -o -t -T -w -U -e -B -i --tries --timeout --wait --user-agent --header --referer "
    "--post-data --load-cookies --save-cookies --append-output --output-file --cut-dirs"
)
_CURL_WITH_VALUE = (
    "-A -b -c -d -e -F -H -m -r -T -u -w -x -X -C --user-agent --cookie --cookie-jar --data --form "
    "--header --max-time --range --user --write-out --proxy --request --retry --connect-timeout "
    "--continue-at --referer"
)


def install(shell: Any) -> None:
    """Answer the lines of `shell`, IPython's: those of ``!``, ``!!``, ``%pip``, ``%%bash``.

    A second call changes nothing.
    """
    if getattr(shell, "_graphmode_answers_lines", False):
        return
    shell._graphmode_answers_lines = True
    shell.input_transformers_cleanup.append(_answered_script)
    for name in ("system", "getoutput"):
        setattr(shell, name, _answering(shell, getattr(shell, name)))


def _answering(shell: Any, run: Any) -> Any:
    def answered(cmd: str, *args: Any, **kwargs: Any) -> Any:
        # Here, because IPython looks for `$name` in the function that calls.
        line = translate(shell.var_expand(cmd, depth=1))
        with warnings.catch_warnings():
            # JAX's: it has threads. But what IPython forks becomes the shell at once.
            warnings.filterwarnings("ignore", r"os\.fork\(\) was called", RuntimeWarning)
            return run(line, *args, **kwargs)

    return answered


def _answered_script(lines: list[str]) -> list[str]:
    """The cell with its lines answered, if it is one of ``%%bash`` or ``%%sh``."""
    if not lines or lines[0].split()[:1] not in (["%%bash"], ["%%sh"]):
        return lines
    return [lines[0], *(f"{translate(line.removesuffix(_EOL))}{_EOL}" for line in lines[1:])]


def translate(line: str) -> str:
    """A shell line with the commands replaced that can be answered here.

    Parameters
    ----------
    line : str

    Returns
    -------
    str
        `line` itself if there is none.
    """
    pieces: list[str] = []
    start = 0
    changed = False
    for end in [*_ends(line), (len(line), len(line))]:
        command = line[start : end[0]]
        replacement = _replacement(command)
        changed = changed or replacement is not None
        pieces += [command if replacement is None else f" {replacement} ", line[end[0] : end[1]]]
        start = end[1]
    return "".join(pieces).strip() if changed else line


def _ends(line: str) -> list[tuple[int, int]]:
    """Where the commands of a line end: the operators that are not quoted."""
    return [found.span() for found in _ENDS.finditer(_without_quotes(line))]


def _without_quotes(line: str) -> str:
    return _QUOTED.sub(lambda found: "_" * len(found[0]), line)


def _replacement(command: str) -> str | None:
    found = _COMMENT.search(_without_quotes(command))
    if found:
        command = command[: found.start()]
    redirections = [found.span() for found in _REDIRECTION.finditer(_without_quotes(command))]
    kept = [command[start:end] for start, end in redirections]
    for start, end in reversed(redirections):
        command = command[:start] + command[end:]
    replacement = _answered(command)
    return None if replacement is None else " ".join([replacement, *kept])


def _answered(command: str) -> str | None:
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    while words and (words[0] in ("sudo", "-H", "-E", "time") or re.match(r"^\w+=", words[0])):
        words = words[1:]
    if not words:
        return None
    program = PurePosixPath(words[0]).name
    if program == "wget":
        return _download(_wget(words[1:]))
    if program == "curl":
        return _download(_curl(words[1:]))
    if program == "unzip" and shutil.which("unzip") is None:
        return _unzip(words[1:])
    if _PYTHON.match(program) and words[1:3] == ["-m", "pip"]:
        return _pip_install(words[:3], words[3:])
    if _PIP.match(program) or program == "conda":
        return _pip_install(words[:1], words[1:])
    return None


class _Download(NamedTuple):
    """What a wget or curl command asks for."""

    addresses: list[str]
    target: str | None
    """A file; "-" for standard output; None: as the address calls it."""
    folder: str | None
    quiet: bool
    keep: bool
    """Whether a file that is there stays as it is."""


def _wget(words: list[str]) -> _Download:
    options = {"-O": "target", "--output-document": "target", "-P": "folder"}
    options["--directory-prefix"] = "folder"
    asked = _parse(words, options, _WGET_WITH_VALUE)
    flags = asked.pop("flags")
    quiet = bool(flags & {"-q", "--quiet", "-nv", "--no-verbose"})
    return _Download(**asked, quiet=quiet, keep=bool(flags & {"-nc", "--no-clobber"}))


def _curl(words: list[str]) -> _Download:
    asked = _parse(words, {"-o": "target", "--output": "target"}, _CURL_WITH_VALUE)
    flags = asked.pop("flags")
    named_by_address = {"-O", "--remote-name", "-J", "--remote-header-name"} & flags
    if asked["target"] is None and not named_by_address:
        asked["target"] = "-"
    return _Download(**asked, quiet=bool({"-s", "--silent"} & flags), keep=False)


def _parse(words: list[str], options: dict[str, str], with_value: str) -> dict[str, Any]:
    """Addresses, where they go, and flags. Short flags may stand together: ``-qO name``."""
    asked: dict[str, Any] = {"addresses": [], "target": None, "folder": None, "flags": set()}
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if word.startswith("--") and name in options:
            asked[options[name]] = value if equals else waiting.pop(0) if waiting else None
        elif word.startswith("--"):
            asked["flags"].add(name)
            if name in with_value.split() and not equals and waiting:
                waiting.pop(0)
        elif word in ("-nv", "-nc", "-nd", "-np"):
            asked["flags"].add(word)
        elif word.startswith("-") and len(word) > 1:
            for i, letter in enumerate(word[1:], 2):
                flag, rest = f"-{letter}", word[i:]
                if flag in options or flag in with_value.split():
                    value = rest or (waiting.pop(0) if waiting else None)
                    if flag in options:
                        asked[options[flag]] = value
                    break
                asked["flags"].add(flag)
        else:
            asked["addresses"].append(word)
    return asked


def _download(asked: _Download) -> str | None:
    """The command that copies what is at hand; None if an address is not in the table."""
    addresses = [_with_scheme(address) for address in asked.addresses]
    if not addresses or any(table.look_up(address) is None for address in addresses):
        return None
    parts: list[str] = []
    for address in addresses:
        try:
            found = answers.answer(address)
        except FileNotFoundError as error:
            return f"{{ echo {shlex.quote(str(error))} >&2; false; }}"
        if found is None:
            return None
        source = shlex.quote(str(found.path))
        if asked.target == "-":
            parts.append(f"cat {source}")
            continue
        name = asked.target or unquote(urlsplit(address).path).rpartition("/")[2]
        folder = asked.folder if asked.target is None else None
        target = _quoted(str(PurePosixPath(folder or "") / name))
        if folder:
            parts.append(f"mkdir -p {_quoted(folder)}")
        copy = f"cat {source} > {target}"
        parts.append(f"{{ test -e {target} || {copy}; }}" if asked.keep else copy)
        if found.is_stand_in or not asked.quiet:
            said = f"graphmode: {name} ({found.path.stat().st_size} bytes): {found.note}"
            parts.append(f"echo {shlex.quote(said)}")
    return f"{{ {' && '.join(parts)}; }}"


def _quoted(path: str) -> str:
    """A path for the shell, in which ``~/`` and ``$name`` keep their meaning."""
    if path.startswith("~/"):
        return f"~/{_quoted(path[2:])}"
    return f'"{path}"' if "$" in path else shlex.quote(path)


def _with_scheme(address: str) -> str:
    return address if _ADDRESS.match(address) else f"http://{address}"


def _unzip(words: list[str]) -> str | None:
    """`unzip` for a machine that has none."""
    flags = [word for word in words if word.startswith("-") and word != "-d"]
    rest = [word for word in words if word not in flags]
    folder = "."
    if "-d" in rest[:-1]:
        at = rest.index("-d")
        folder = rest[at + 1]
        del rest[at : at + 2]
    if len(rest) != 1 or any(set(flag) - set("-onqu") for flag in flags):
        return None
    return shlex.join([sys.executable, "-m", "zipfile", "-e", rest[0], folder])


def _pip_install(program: list[str], words: list[str]) -> str | None:
    """The command without TensorFlow among what it installs; None if it was not there."""
    if "install" not in words and "uninstall" not in words:
        return None
    kept: list[str] = []
    n_packages = 0
    dropped: list[str] = []
    takes_value = False
    for word in words:
        if takes_value:
            kept.append(word)
            n_packages += 1
        elif _TENSORFLOW.search(word):
            dropped.append(word)
        else:
            kept.append(word)
            n_packages += not word.startswith("-") and word not in ("install", "uninstall")
        takes_value = word in _PIP_WITH_VALUE.split()
    if not dropped:
        return None
    verb = "removed" if "uninstall" in words else "installed"
    said = f"graphmode: tensorflow is graphmode here: {' '.join(dropped)} is not {verb}"
    rest = f" && {shlex.join([*program, *kept])}" if n_packages else ""
    return f"{{ echo {shlex.quote(said)}{rest}; }}"
