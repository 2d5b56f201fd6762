"""Compile the text of a program: Python 3 as it is, Python 2 translated."""

from __future__ import annotations

import builtins
import io
import re
import sys
import types
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.period.rows import say_once

if TYPE_CHECKING:
    from collections.abc import Callable

_ONLY_TREE = 0x400  # ast.PyCF_ONLY_AST, without importing ast

_public_calls = late("graphmode.period.calls", "public")
_is_python_2 = late("graphmode.period.python2", "is_python_2")
_looks_like_python_2 = late("graphmode.period.python2", "looks_like")
_rewritten = late("graphmode.period.rewrite", "rewritten")
_translated = late("graphmode.period.python2", "translated")

# Names and modules that only Python 2 has: a text with one of them is looked at closely.
_ONLY_PYTHON_2 = re.compile(
    r"\b(?:xrange|raw_input|unicode|unichr|basestring|execfile|long)\b"
    r"|\bimport +(?:cPickle|urllib2|Queue|StringIO|cStringIO|ConfigParser|urlparse|httplib)\b"
    r"|\bfrom +(?:cPickle|urllib2|Queue|StringIO|cStringIO|ConfigParser|urlparse|httplib) +import"
)

# What `rewrite` looks for: most modules have some, small programs do not.
_REWRITTEN = re.compile(
    r"\b(?:int|float|complex) *\(|\bmath\.|['\"] *%|\] *[-+*/%]{0,2}=[^=]"
    r"|\.(?:tostring|itemset|ptp|newbyteorder|has_key|iter(?:items|keys|values))\b"
)


class _Period:
    """Whether this process runs a program of Python 2."""

    python_2 = False


def assume_python_2() -> None:
    """Say that the program is Python 2, though its text may not show it (a notebook's kernel does).

    What is compiled or translated from here on divides as Python 2 did.
    """
    _Period.python_2 = True


def is_python_2() -> bool:
    """Whether anything compiled so far was Python 2."""
    return _Period.python_2


def compile_source(source: bytes | str, file_name: str) -> types.CodeType:
    """Compile a program.

    Text that Python 3 does not take and Python 2 does is translated, and says so in one line on
    stderr; so is text that uses names or modules without which it could run under Python 2 only
    (`xrange`, `import cPickle`; not where it provides for both). Lines keep their numbers. The
    modules beside a program of Python 2 are Python 2, too.

    Parameters
    ----------
    source : bytes or str
    file_name : str
        What tracebacks show.

    Returns
    -------
    code

    Raises
    ------
    SyntaxError
        If the text is neither; if it is Python 2 and cannot be translated (the line is named), or
        fissix is not installed.
    """
    code, is_old = _code(source, file_name, _Period.python_2)
    if is_old:
        declare(file_name)
    return code


def compile_module(source: bytes | str, file_name: str, is_beside: bool) -> types.CodeType:
    """Compile a module that a program imports.

    Parameters
    ----------
    source : bytes or str
    file_name : str
    is_beside : bool
        Whether it is of the same folder: then it is Python 2 if the program is. Any other is what
        its own text says, and says nothing of the others.

    Returns
    -------
    code
    """
    code, is_old = _code(source, file_name, is_beside and _Period.python_2)
    if is_old:
        _say_so(file_name)
    return code


def syntax_tree(source: bytes | str, file_name: str) -> tuple[Any, bool]:
    """What a program says, without compiling it or saying anything.

    Parameters
    ----------
    source : bytes or str
    file_name : str

    Returns
    -------
    tree : ast.Module
        With the lines of the program, also where it was translated.
    is_python_2 : bool

    Raises
    ------
    SyntaxError
        As `compile_source`.
    """
    return _read(source, file_name, _Period.python_2, _tree, "tree")


def _tree(source: bytes | str, file_name: str) -> Any:
    return compile(source, file_name, "exec", _ONLY_TREE, dont_inherit=True)


def _code(source: bytes | str, file_name: str, assumed: bool) -> tuple[types.CodeType, bool]:
    """The code of a text, and whether it was translated, which is tried first if `assumed`."""
    return _read(source, file_name, assumed, _compiled, "compiled")


def _read(
    source: bytes | str,
    file_name: str,
    assumed: bool,
    read: Callable[[bytes | str, str], Any],
    method: str,
) -> tuple[Any, bool]:
    """What `read` makes of Python 3, or a method of `Translation`; whether it was translated."""
    python_3 = None
    if not assumed:
        try:
            found = read(source, file_name)
        except SyntaxError as error:
            python_3 = error
        else:
            text = source if isinstance(source, str) else source.decode("latin-1")
            if not _ONLY_PYTHON_2.search(text) or not _is_python_2(source):
                return found, False
    text = _text(source)
    try:
        translation = _translated(text, file_name, python_3)
        if translation is not None:
            provide_calls()
            return getattr(translation, method)(file_name), True
    except SyntaxError:
        if assumed:
            return read(source, file_name), False
        if python_3 is not None and not _looks_like_python_2(python_3):
            raise python_3 from None
        raise
    if python_3 is not None:
        raise python_3
    return read(source, file_name), False


def declare(name: str) -> None:
    """Note that a program is Python 2, and say so once.

    Parameters
    ----------
    name : str
        A file, or a cell.
    """
    _say_so(name)
    _Period.python_2 = True


def _say_so(name: str) -> None:
    if not _Period.python_2:
        say_once(
            f"{name} is Python 2: translated by fissix as it is read; / between integers is floor "
            "division, as it was"
        )


def _compiled(source: bytes | str, file_name: str) -> types.CodeType:
    shown = source if isinstance(source, str) else source.decode("latin-1")
    if _REWRITTEN.search(shown) is None:
        return compile(source, file_name, "exec", dont_inherit=True)
    provide_calls()
    return compile(_rewritten(source, file_name), file_name, "exec", dont_inherit=True)


def _text(source: bytes | str) -> str:
    if isinstance(source, str):
        return source.replace("\r\n", "\n")
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        text = source.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def execfile(name: str, globals: Any = None, locals: Any = None) -> None:
    """Python 2's `execfile`: run a file in the caller's names.

    Parameters
    ----------
    name : str
    globals, locals : dict or None
    """
    if globals is None:
        caller = sys._getframe(1)
        globals, locals = caller.f_globals, caller.f_locals
    with io.open(name, "rb") as file:  # noqa: UP020
        code = compile_source(file.read(), name)
    exec(code, globals, globals if locals is None else locals)


class _Calls:
    """`calls`, imported when the first of them is called; `execfile`, which compiles."""

    execfile = staticmethod(execfile)

    def __getattr__(self, name: str) -> Any:
        vars(self).update(_public_calls())
        return object.__getattribute__(self, name)


def provide_calls() -> None:
    """Let what is compiled here reach `calls`, by one name among the builtins."""
    if not hasattr(builtins, "__period__"):
        setattr(builtins, "__period__", _Calls())  # noqa: B010
