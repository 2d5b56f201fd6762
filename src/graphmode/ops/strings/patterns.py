"""Regular expressions: replacing what matches, asking whether all of a string does."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.op import op, overloaded
from graphmode.ops.strings.each import bytes_of, each, text_of

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F", "digit": "0-9", "graph": "!-~", "lower": "a-z",
    "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ", "upper": "A-Z",
    "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<quoted>\\Q.*?(?:\\E|$))|(?P<repeated>\{(?P<low>\d+)(?:,(?P<high>\d*))?\})"
    r"|(?P<escape>\\(?:x\{[0-9A-Fa-f]+\}|[pP](?:\{\^?\w+\}|.)?|.)|\\$)"
    r"|(?P<posix>\[:\^?\w+:\])|(?P<group>\(\?(?:P<|P=|[=!#<>(]|[imsU-]+[:)])?)|(?P<one>.)",
    re.DOTALL,
)
_SPACES = r"\t\n\f\r "
_LAST = r"\uDC7F\uDD00-\U0010FFFF"  # of a negated class: all but bytes that are no UTF-8
_NEGATED = {
    "D": rf"\x00-/:-{_LAST}", "W": rf"\x00-/:-@\[-\^`{{-{_LAST}",
    "S": rf"\x00-\x08\x0B\x0E-\x1F!-{_LAST}",
}  # fmt: skip
_NO_UTF_8 = (
    r"\uDC80-\uDCFF"  # as `text_of` gives bytes that are none: RE2 matches them by `\C` only
)
_PLACES = {
    "A": r"(?:\A)", "z": r"(?:\Z)", "b": r"(?:(?a:\b))",
    "B": r"(?a:(?<!\w)(?!\w)|(?<=\w)(?=\w))",  # Python's holds in no empty string
}  # fmt: skip
_LETTERS = "adDfnrsStvwWx"
_MOST = 1000  # times that RE2 repeats something
_BY_PYTHON = (
    "patterns in RE2's syntax, run by Python's `re`; not `\\p` of scripts, `\\C` and `(?U)`"
)


def _unsupported(pattern: str, part: str):
    return invalid(
        f"Invalid pattern: {pattern}, error: {part} is not supported here"
    )  # fmt: skip


class _Scope(NamedTuple):
    """A group that is open: how it begins, and the flags that stand within it."""

    begin: str
    flags: list[str]


def _multi_line(scopes: Sequence[_Scope]) -> bool:
    """Whether ``m`` holds where `scopes` are open."""
    on = False
    for scope in scopes:
        for flags in (scope.begin, *scope.flags):
            setting, _, removing = flags.partition("-")
            on = ("m" in setting or on) and "m" not in removing
    return on


def _translated(pattern: str, strict: bool) -> Iterator[str]:
    """The parts of a pattern of RE2 as Python's `re` writes them.

    RE2's flags may stand anywhere, and hold to the end of their group; here a group of their own
    begins there, ends before each ``|`` and at the end, and begins again behind ``|``.
    """
    in_class = opened = False
    scopes = [_Scope("", [])]
    repeated: list[str] = []  # the operators right before; Python takes a second ``+``, too
    for match in _TOKEN.finditer(pattern):
        text = match.group()
        begins_class = continues = False
        if not in_class and (match["repeated"] or text in "*+?"):
            if repeated and (text != "?" or len(repeated) > 1):
                said = f"bad repetition operator: {''.join([*repeated, text])}"
                raise invalid(f"Invalid pattern: {pattern}, error: {said}")
            repeated.append(text)
        else:
            repeated = []
        if in_class:
            if opened and text == "^":
                yield text + (_NO_UTF_8 if strict else "")
                continues = pattern[match.start() - 1] == "["  # what follows is the first, too
            elif opened and text == "]":
                yield r"\]"
            elif match["escape"]:
                yield _escape(text, True, pattern)
            elif match["posix"]:
                yield _posix(text, pattern)
            else:
                in_class = text != "]"
                yield "".join("\\" + c if c in "[(" else c for c in text)
        elif match["quoted"]:
            yield re.escape(text[2:].removesuffix(r"\E"))
        elif match["repeated"]:
            if max(int(match["low"]), int(match["high"] or 0)) > _MOST:
                raise invalid(f"Invalid pattern: {pattern}, error: invalid repetition size: {text}")
            yield text
        elif match["escape"]:
            yield _escape(text, False, pattern)
        elif match["group"]:
            if text[2:3] in ("=", "!", "<", ">", "#", "(") or text == "(?P=":
                raise invalid(f"Invalid pattern: {pattern}, error: invalid perl operator: {text}")
            if "U" in text:
                raise _unsupported(pattern, text)
            if text.endswith(")"):
                scopes[-1].flags.append(f"{text[:-1]}:")
                yield f"{text[:-1]}:"
            else:
                scopes.append(_Scope(text, []))
                yield text
        elif text == "(":
            scopes.append(_Scope(text, []))
            yield text
        elif text == "[":
            begins_class = True
            yield text
        elif text == "|":
            yield f"{')' * len(scopes[-1].flags)}|{''.join(scopes[-1].flags)}"
        elif text == ")":
            yield ")" * len(scopes[-1].flags) + ")"
            if len(scopes) > 1:
                scopes.pop()
        elif text == ".":
            yield f"(?:(?![{_NO_UTF_8}]).)" if strict else text
        elif text in ("^", "$"):
            yield "(?:^)" if text == "^" else "(?:$)" if _multi_line(scopes) else r"(?:\Z)"
        else:
            yield "\\" + text if text == "{" else text
        in_class, opened = in_class or begins_class, begins_class or continues
    yield ")" * sum(len(scope.flags) for scope in scopes)


def _posix(text: str, pattern: str) -> str:
    """The characters of ``[:alpha:]`` or ``[:^alpha:]`` within a class."""
    name = text[2:-2].lstrip("^")
    if name not in _CLASSES:
        raise invalid(f"Invalid pattern: {pattern}, error: invalid character class range: {text}")
    if not text.startswith("[:^"):
        return _CLASSES[name]
    inside = re.compile(f"[{_CLASSES[name]}]").match
    rest = "".join(rf"\x{code:02x}" for code in range(0x80) if not inside(chr(code)))
    return rf"{rest}\x80-{_LAST}"


def _escape(text: str, in_class: bool, pattern: str) -> str:
    kind = text[1:2]
    if not kind:
        raise invalid(f"Invalid pattern: {pattern}, error: trailing \\")
    if kind in "pP":
        ranges = _category(text, pattern)
        return ranges if in_class else f"[{ranges}]"
    if kind in "CQ":
        raise _unsupported(pattern, text)
    if kind.isdigit() and kind != "0":
        raise invalid(f"Invalid pattern: {pattern}, error: invalid escape sequence: {text}")
    if kind in _PLACES:
        return _PLACES[kind]
    if kind.isalpha() and kind not in _LETTERS:
        raise invalid(f"Invalid pattern: {pattern}, error: invalid escape sequence: {text}")
    if kind == "s":  # a vertical tab is no space to RE2
        return _SPACES if in_class else f"[{_SPACES}]"
    if kind in "dw":
        ranges = _CLASSES["digit" if kind == "d" else "word"]
        return ranges if in_class else f"[{ranges}]"
    if kind in _NEGATED:
        return _NEGATED[kind] if in_class else f"[{_NEGATED[kind]}]"
    if kind == "x" and "{" in text:
        return re.escape(chr(int(text[3:-1], 16)))
    return text


@functools.cache
def _ranges(category: str, negated: bool) -> str:
    """The characters of a general category of Unicode, or the others, as a class has them."""
    found: list[str] = []
    begin = None
    for code in range(0x110001):
        kind = unicodedata.category(chr(code)) if code < 0x110000 else ""
        inside = code < 0x110000 and kind.startswith(category) != negated and kind != "Cs"
        if inside and begin is None:
            begin = code
        elif not inside and begin is not None:
            found.append(f"\\U{begin:08X}-\\U{code - 1:08X}")
            begin = None
    return "".join(found)


def _category(text: str, pattern: str) -> str:
    r"""What ``\pL``, ``\p{Lu}``, ``\p{^L}`` and ``\PL`` are within a class."""
    name = text[2:].strip("{}")
    negated = (text[1] == "P") != name.startswith("^")
    name = name.lstrip("^")
    if not re.fullmatch(r"C[cfo]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?", name):
        raise _unsupported(pattern, text)
    return _ranges(name, negated)


_SAID = {
    "missing ), unterminated subpattern": "missing ): {}",
    "unterminated character set": "missing ]: {}",
    "nothing to repeat": "no argument for repetition operator: {}",
    "multiple repeat": "bad repetition operator: {}",
}
"""What Python and RE2 say of a pattern that is none."""


@functools.lru_cache(maxsize=256)
def _compiled(pattern: bytes, strict: bool = False) -> re.Pattern[str]:
    """`pattern` of RE2; `strict` for strings with bytes that are no UTF-8, which `.` leaves out."""
    text = text_of(pattern)
    try:
        return re.compile("".join(_translated(text, strict)))
    except re.error as error:
        said = _SAID.get(error.msg, str(error)).format(text)
        raise invalid(f"Invalid pattern: {text}, error: {said}") from error


def _for(text: str, pattern: bytes) -> re.Pattern[str]:
    strict = not text.isascii() and re.search(f"[{_NO_UTF_8}]", text) is not None
    return _compiled(pattern, strict)


def _replaced(string: bytes, pattern: bytes, rewrite: str, replace_global: bool) -> bytes:
    """`string` with its matches rewritten; an empty one right after another does not count."""
    text = text_of(string)
    search = _for(text, pattern).search
    parts: list[str] = []
    at = end = 0
    last = -1
    while at <= len(text) and (match := search(text, at)):
        if match.start() == match.end() == last:
            at = last + 1
            continue
        parts += [text[end : match.start()], _rewritten(match, rewrite)]
        at = end = last = match.end()
        if not replace_global:
            break
    return bytes_of("".join([*parts, text[end:]]))


def _rewritten(match: re.Match[str], rewrite: str) -> str:
    def filled(part: re.Match[str]) -> str:
        return part[1] if part[1] == "\\" else match[int(part[1])] or ""

    return re.sub(r"\\(\d|\\)", filled, rewrite)


def _checked_rewrite(rewrite: bytes, pattern: re.Pattern[str]) -> str:
    text = text_of(rewrite)
    groups = [int(found) for found in re.findall(r"\\(\d)", text.replace("\\\\", ""))]
    if max(groups, default=0) > pattern.groups or re.search(
        r"\\[^\d]|\\$", text.replace("\\\\", "")
    ):
        raise invalid(f"Invalid rewrite: {text}, for a pattern of {pattern.groups} groups")
    return text


def _replace(strings, pattern: bytes, rewrite: bytes, replace_global: bool):
    text = _checked_rewrite(rewrite, _compiled(pattern))
    return each(lambda string: _replaced(string, pattern, text, replace_global), strings)


def _as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _with_scalars(op):
    for tensor in op.inputs[1:]:
        shape_rules.with_rank(tensor.dims, 0)
    return [op.inputs[0].dims]


@op("StaticRegexReplace", "string -> string", shape=shape_rules.unchanged, differs=_BY_PYTHON)
def _static_replace(input, *, pattern: str, rewrite: str, replace_global: bool = True):
    return _replace(input, _as_bytes(pattern), _as_bytes(rewrite), replace_global)


@op("RegexReplace", "string, string, string -> string", shape=_with_scalars, differs=_BY_PYTHON)
def _regex_replace(input, pattern, rewrite, *, replace_global: bool = True):
    return _replace(input, pattern.item(), rewrite.item(), replace_global)


@op("StaticRegexFullMatch", "string -> bool", shape=shape_rules.unchanged, differs=_BY_PYTHON)
def _static_full_match(input, *, pattern: str):
    return _full_match(input, _as_bytes(pattern))


@op("RegexFullMatch", "string, string -> bool", shape=_with_scalars, differs=_BY_PYTHON)
def _regex_full_match(input, pattern):
    return _full_match(input, pattern.item())


def _full_match(strings, pattern: bytes):
    _compiled(pattern)  # refused even if there is no string

    def matches(string: bytes) -> bool:
        text = text_of(string)
        return _for(text, pattern).fullmatch(text) is not None

    return each(matches, strings, np.bool_)


@overloaded
def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> Tensor:
    r"""Strings with what matches a pattern replaced.

    Parameters
    ----------
    input : Tensor, string, of any shape
    pattern : str or Tensor, string scalar
        A regular expression of RE2.
    rewrite : str or Tensor, string scalar
        ``\1`` to ``\9`` are the groups of the match, ``\0`` all of it.
    replace_global : bool
        Replace all matches, not only the first one.

    Returns
    -------
    Tensor, string, of the shape of `input`

    Raises
    ------
    InvalidArgumentError
        When it runs, if the pattern or the rewrite is not valid.

    Notes
    -----
    TF ops RegexReplace, StaticRegexReplace.
    """
    if isinstance(pattern, str | bytes) and isinstance(rewrite, str | bytes):
        return _static_replace(
            input, pattern=pattern, rewrite=rewrite, replace_global=replace_global, name=name
        )
    return _regex_replace(input, pattern, rewrite, replace_global=replace_global, name=name)


@overloaded
def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether a pattern matches all of each string.

    Parameters
    ----------
    input : Tensor, string, of any shape
    pattern : str or Tensor, string scalar
        A regular expression of RE2.

    Returns
    -------
    Tensor, bool, of the shape of `input`

    Raises
    ------
    InvalidArgumentError
        When it runs, if the pattern is not valid.

    Notes
    -----
    TF ops RegexFullMatch, StaticRegexFullMatch.
    """
    if isinstance(pattern, str | bytes):
        return _static_full_match(input, pattern=pattern, name=name)
    return _regex_full_match(input, pattern, name=name)
