"""Regular expressions: replacing what matches, asking whether all of a string does."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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
    r"(?P<escape>\\(?:x\{[0-9A-Fa-f]+\}|[pP](?:\{\^?\w+\}|.)?|.)|\\$)"
    r"|(?P<posix>\[:\^?\w+:\])|(?P<group>\(\?(?:P<|P=|[=!#<>(]|[imsU-]+[:)])?)|(?P<one>.)",
    re.DOTALL,
)
_SPACES = r"\t\n\f\r "
_BY_PYTHON = "patterns in RE2's syntax, run by Python's `re`; not `\\p{...}`, `\\C` and `(?U)`"


def _unsupported(pattern: str, part: str):
    return invalid(
        f"Invalid pattern: {pattern}, error: {part} is not supported here"
    )  # fmt: skip


def _translated(pattern: str) -> Iterator[str]:
    """The parts of a pattern of RE2 as Python's `re` writes them."""
    in_class, multi_line = False, re.match(r"\(\?[is]*m", pattern) is not None
    for match in _TOKEN.finditer(pattern):
        text = match.group()
        if match["escape"]:
            yield _escape(text, in_class, pattern)
        elif match["posix"] and in_class:
            name = text[2:-2]
            if name.lstrip("^") not in _CLASSES:
                raise invalid(f"Invalid pattern: {pattern}, error: invalid character class range: "
                              f"{text}")  # fmt: skip
            if name.startswith("^"):
                raise _unsupported(pattern, text)
            yield _CLASSES[name]
        elif match["group"] and not in_class:
            if text[2:3] in ("=", "!", "<", ">", "#", "(") or text == "(?P=":
                raise invalid(f"Invalid pattern: {pattern}, error: invalid perl operator: {text}")
            if "U" in text:
                raise _unsupported(pattern, text)
            yield text
        elif match["posix"] or match["group"]:
            yield "".join("\\" + c if c in "[(" else c for c in text)
        elif in_class:
            in_class = text != "]"
            yield "\\[" if text == "[" else text
        elif text == "[":
            in_class = True
            yield text
        else:
            yield r"\Z" if text == "$" and not multi_line else text


def _escape(text: str, in_class: bool, pattern: str) -> str:
    kind = text[1:2]
    if not kind:
        raise invalid(f"Invalid pattern: {pattern}, error: trailing \\")
    if kind in "pPC" or (kind == "Q"):
        raise _unsupported(pattern, text)
    if kind.isdigit() and kind != "0":
        raise invalid(f"Invalid pattern: {pattern}, error: invalid escape sequence: {text}")
    if kind == "z":
        return r"\Z"
    if kind == "s":  # a vertical tab is no space to RE2
        return _SPACES if in_class else f"[{_SPACES}]"
    if kind == "S" and not in_class:
        return f"[^{_SPACES}]"
    if kind == "x" and "{" in text:
        return re.escape(chr(int(text[3:-1], 16)))
    return text


@functools.lru_cache(maxsize=256)
def _compiled(pattern: bytes) -> re.Pattern[str]:
    text = text_of(pattern)
    try:
        return re.compile("".join(_translated(text)), re.ASCII)
    except re.error as error:
        raise invalid(f"Invalid pattern: {text}, error: {error}") from error


def _replaced(string: bytes, pattern: re.Pattern[str], rewrite: str, replace_global: bool) -> bytes:
    """`string` with its matches rewritten; an empty one right after another does not count."""
    text, parts, end, last = text_of(string), [], 0, -1
    for match in pattern.finditer(text):
        if match.start() == match.end() == last:
            continue
        parts += [text[end : match.start()], _rewritten(match, rewrite)]
        end = last = match.end()
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
    compiled = _compiled(pattern)
    text = _checked_rewrite(rewrite, compiled)
    return each(lambda string: _replaced(string, compiled, text, replace_global), strings)


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
    compiled = _compiled(pattern)
    return each(lambda string: compiled.fullmatch(text_of(string)) is not None, strings, np.bool_)


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
