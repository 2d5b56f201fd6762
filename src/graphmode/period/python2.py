"""Python 2 to Python 3, by fissix, with Python 2's meaning of what Python 3 also accepts."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import types
import warnings
from typing import Any, NamedTuple

from graphmode.period import rewrite

INSTALL = "pip install 'graphmode[notebook]' (fissix translates it)"

# What Python 3 says about Python 2's syntax.
_MESSAGES = (
    "Missing parentheses in call to",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer literals",
    "invalid decimal literal",
    "inconsistent use of tabs",
)
_TEXT = re.compile(r"^\s*(?:raise\s+[\w.]+\s*,|print\s+[^(=]|exec\s+[^(=])|<>|`|\bur['\"]|\b0\d")
_EXACT_DIVISION = re.compile(r"^from\s+__future__\s+import\s+.*\bdivision\b", re.MULTILINE)

# Optional fixers, and those whose work is done here.
_LEFT_OUT = {"buffer", "idioms", "set_literal", "ws_comma", "execfile", "asserts"}
# Modules keep their names: the table of the standard library answers for them.
_LEFT_OUT |= {
    "imports",
    "imports2",
    "urllib",
    "itertools",
    "itertools_imports",
    "sys_exc",
    "getcwdu",
}

# Called by name, and not what they are in Python 3.
_NAMES = {
    "cmp": "cmp",
    "round": "round",
    "execfile": "execfile",
    "open": "open",
    "file": "open",
}


def looks_like(error: SyntaxError) -> bool:
    """Whether what Python 3 stops at is Python 2's.

    Parameters
    ----------
    error : SyntaxError

    Returns
    -------
    bool
    """
    message, text = str(error.msg), error.text or ""
    return any(part in message for part in _MESSAGES) or _TEXT.search(text) is not None


_NAMES_OF_PYTHON_2 = frozenset(
    {"xrange", "raw_input", "unicode", "unichr", "basestring", "execfile", "long"}
)
_NEVER_SELDOM = frozenset({"xrange", "raw_input"})
_MODULES_OF_PYTHON_2 = frozenset(
    {"cPickle", "urllib2", "Queue", "StringIO", "cStringIO", "ConfigParser", "urlparse", "httplib"}
)
# Modules whose names may be the old ones, if all of them are imported.
_BRIDGES = ("six", "past", "future", "builtins")


def is_python_2(source: bytes | str) -> bool:
    """Whether text that Python 3 takes could run under Python 2 only.

    It could if it imports a module, or uses a name that it binds nowhere, that only Python 2 has.
    What stands in a `try`, or below an `if` about versions, provides for both. Of names in
    functions, which may never run, only those count that who ran it would have met.

    Parameters
    ----------
    source : bytes or str

    Returns
    -------
    bool
    """
    tree = ast.parse(source)
    bound: set[str] = set()
    used: set[str] = set()
    waiting: list[tuple[ast.AST, bool, bool]] = [(tree, True, False)]
    while waiting:
        node, is_plain, is_inside = waiting.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
            elif is_plain and (not is_inside or node.id in _NEVER_SELDOM):
                used.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            names = [alias.name for alias in node.names]
            if "*" in names and module.startswith(_BRIDGES):
                return False
            bound.update(alias.asname or alias.name for alias in node.names)
            modules = {module} if module else set(names)
            if is_plain and not is_inside and modules & _MODULES_OF_PYTHON_2:
                return True
        is_plain = is_plain and not isinstance(node, ast.Try)
        if isinstance(node, ast.If | ast.IfExp) and re.search(
            r"version|PY[23]|six", ast.unparse(node.test)
        ):
            is_plain = False
        is_inside = is_inside or isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)
        waiting += [(child, is_plain, is_inside) for child in ast.iter_child_nodes(node)]
    return bool((used & _NAMES_OF_PYTHON_2) - bound)


class Translation(NamedTuple):
    """A program in Python 3.

    Attributes
    ----------
    text : str
    lines : dict of int to int
        Its lines -> the lines of the program as it was.
    original : str
    """

    text: str
    lines: dict[int, int]
    original: str

    def compiled(self, file_name: str) -> types.CodeType:
        """Compile it, each statement with the line that it had.

        Parameters
        ----------
        file_name : str

        Returns
        -------
        code

        Raises
        ------
        SyntaxError
            If it is no Python 3 yet; names the program's line.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # "\d" was fine
                tree = rewrite.Rewriter(python_2=True).visit(self._parsed(file_name))
                return compile(self._placed(tree), file_name, "exec", dont_inherit=True)
        except SyntaxError as error:
            line = self._line(error.lineno or 1)
            raise untranslatable(str(error.msg), file_name, line, self.original) from None

    def tree(self, file_name: str) -> ast.Module:
        """What it says, each statement with the line that it had.

        Parameters
        ----------
        file_name : str

        Returns
        -------
        ast.Module

        Raises
        ------
        SyntaxError
            If it is no Python 3 yet.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return self._placed(self._parsed(file_name))

    def _parsed(self, file_name: str) -> Any:
        return compile(self.text, file_name, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)

    def _line(self, line: int) -> int:
        known = line
        while known > 1 and known not in self.lines:
            known -= 1
        return self.lines.get(known, line) + (line - known if known in self.lines else 0)

    def _placed(self, tree: Any) -> Any:
        """Give the nodes their lines, and no columns where the text is another."""
        ours, theirs = self.text.split("\n"), self.original.split("\n")
        last = len(theirs)
        for node in ast.walk(tree):
            if not hasattr(node, "lineno"):
                continue
            place: Any = node
            start, end = place.lineno, place.end_lineno or place.lineno
            place.lineno = min(self._line(start), last)
            place.end_lineno = max(min(self._line(end), last), place.lineno)
            same = all(
                new <= len(ours) and ours[new - 1] == theirs[old - 1]
                for new, old in ((start, place.lineno), (end, place.end_lineno))
            )
            if not same:
                place.col_offset = place.end_col_offset = -1
                place.end_lineno = place.lineno
        return tree


def untranslatable(reason: str, file_name: str, line: int, text: str) -> SyntaxError:
    """The error for Python 2 that stays Python 2.

    Parameters
    ----------
    reason, file_name : str
    line : int
        Of `text`, the program.
    text : str

    Returns
    -------
    SyntaxError
    """
    lines = text.split("\n")
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    message = f"this is Python 2 that cannot be translated: {reason}"
    return SyntaxError(message, (file_name, line, 1, shown + "\n"))


def translated(text: str, file_name: str, found: SyntaxError | None = None) -> Translation | None:
    """Translate a program of Python 2.

    Parameters
    ----------
    text : str
    file_name : str
        Modules beside it are imported as Python 2 did.
    found : SyntaxError or None
        What Python 3 says of it.

    Returns
    -------
    Translation or None
        None if nothing of it was Python 2's.

    Raises
    ------
    SyntaxError
        If it is no Python 2 either, or fissix is missing.
    """
    text = text if text.endswith("\n") else text + "\n"
    if importlib.util.find_spec("fissix") is None:
        place = (1, None) if found is None else (found.lineno, found.text)
        raise SyntaxError(
            f"this is Python 2; to run it: {INSTALL}", (file_name, place[0], 1, place[1])
        )
    return _translation(text, file_name)


@functools.lru_cache(maxsize=16)  # a program is checked, then compiled
def _translation(text: str, file_name: str) -> Translation | None:
    from fissix.pgen2.parse import ParseError
    from fissix.pgen2.tokenize import TokenError

    spaced = _without_tabs(text)
    try:
        tree = _tool().refactor_string(spaced, file_name)
    except (ParseError, TokenError, IndentationError) as error:
        line = _line_of(error)
        raise untranslatable(_reason(error), file_name, line, text) from None
    if not _EXACT_DIVISION.search(text):
        _floor_divisions(tree)
    _python_2_calls(tree)
    result = str(tree)
    if result == text:
        return None
    return Translation(result, _lines(tree), text)


_TOOLS: dict[str, Any] = {}


def _tool() -> Any:
    if "tool" not in _TOOLS:
        import logging

        from fissix import refactor

        logging.getLogger("RefactoringTool").setLevel(logging.ERROR)
        logging.getLogger("fissix").setLevel(logging.ERROR)
        fixers = [
            name
            for name in refactor.get_fixers_from_package("fissix.fixes")
            if name.rpartition(".fix_")[2] not in _LEFT_OUT
        ]
        _TOOLS["tool"] = refactor.RefactoringTool(fixers)
    return _TOOLS["tool"]


def _line_of(error: Exception) -> int:
    context = getattr(error, "context", None)
    if context:
        return context[1][0]
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    place = error.args[1] if len(error.args) > 1 else (1, 0)
    return place[0]


def _reason(error: Exception) -> str:
    value = getattr(error, "value", None)
    return f"bad input at {value!r}" if value and value.strip() else str(error.args[0])


def _without_tabs(text: str) -> str:
    """Tabs before a statement as Python 2 took them: to the next multiple of 8."""
    if "\t" not in text:
        return text
    from fissix.pgen2 import token, tokenize

    lines = text.split("\n")
    inside: set[int] = set()
    try:
        for kind, _, (start, _), (end, _), _ in tokenize.generate_tokens(
            iter(text.splitlines(keepends=True)).__next__
        ):
            if kind == token.STRING and end > start:
                inside.update(range(start + 1, end + 1))
    except (tokenize.TokenError, IndentationError, StopIteration):
        return text
    for place, line in enumerate(lines):
        body = line.lstrip(" \t\f")
        margin = line[: len(line) - len(body)]
        if "\t" in margin and place + 1 not in inside:
            lines[place] = margin.expandtabs(8) + body
    return "\n".join(lines)


def _lines(tree: Any) -> dict[int, int]:
    """Lines of the translated text -> lines of the original, where a token kept its place."""
    found: dict[int, int] = {}
    line = 1
    for leaf in tree.leaves():
        line += leaf.prefix.count("\n")
        if leaf.lineno and line not in found:
            found[line] = leaf.lineno
        line += leaf.value.count("\n")
    return found


# ---- what Python 3 takes, too, and means otherwise -----------------------------------------------


def _floor_divisions(tree: Any) -> None:
    """``a / b`` -> ``__period__.divide(a, b)``, ``a /= b`` -> ``a /= __period__.Divisor(b)``."""
    symbols = _symbols()
    from fissix.pytree import Leaf, Node

    for node in list(tree.post_order()):
        if node.type == symbols.term and any(_is(child, "/") for child in node.children):
            parent_prefix, node.prefix = node.prefix, ""
            parts = list(node.children)
            for part in parts:
                part.remove()
            left = parts[0]
            for operator, right in zip(parts[1::2], parts[2::2], strict=True):
                if _is(operator, "/") and not _is_float(left) and not _is_float(right):
                    margin = operator.prefix if "\n" in operator.prefix else ""
                    comma = Leaf(operator.type, ",", prefix=margin)
                    comma.lineno = operator.lineno
                    left = Node(symbols.atom, [*_opening("divide"), left, comma, right, _closing()])
                else:
                    left = Node(symbols.term, [left, operator, right])
            left.prefix = parent_prefix
            node.replace(left) if node.parent is not None else None
        elif _is(node, "/="):
            value = node.next_sibling
            if value is not None and not _is_float(value):
                prefix, value.prefix = value.prefix, ""
                new = Node(symbols.atom, [*_opening("Divisor"), value.clone(), _closing()])
                new.prefix = prefix
                value.replace(new)


def _symbols() -> Any:
    from fissix.pygram import python_symbols

    return python_symbols


def _opening(name: str) -> list[Any]:
    from fissix.pgen2 import token
    from fissix.pytree import Leaf

    return [Leaf(token.NAME, f"__period__.{name}"), Leaf(token.LPAR, "(")]


def _closing() -> Any:
    from fissix.pgen2 import token
    from fissix.pytree import Leaf

    return Leaf(token.RPAR, ")")


def _is(node: Any, text: str) -> bool:
    return getattr(node, "value", None) == text


def _is_call(trailer: Any) -> bool:
    children = getattr(trailer, "children", ())
    return bool(children) and trailer.type == _symbols().trailer and _is(children[0], "(")


def _is_float(node: Any) -> bool:
    text = getattr(node, "value", "")
    return bool(re.fullmatch(r"[\d_]*\.?[\d_]*(?:[eE][-+]?\d+)?[jJ]?", text)) and (
        not text.isdigit() and bool(re.search(r"\d", text))
    )


def _python_2_calls(tree: Any) -> None:
    """Calls of `cmp`, `round`, `open`, ... and sorting with a `cmp`."""
    symbols = _symbols()

    leaves = list(tree.leaves())
    bound = set()
    for before, leaf, after in zip([None, *leaves], leaves, [*leaves[1:], None], strict=False):
        if getattr(before, "value", "") in ("def", "import", "as", "class") or _is(after, "="):
            bound.add(leaf.value)
    for leaf in leaves:
        parent = leaf.parent
        if parent is None or parent.type != symbols.power or parent.children[0] is not leaf:
            continue
        trailer = leaf.next_sibling
        if not _is_call(trailer):
            continue
        if leaf.value in _NAMES and leaf.value not in bound:
            leaf.value = f"__period__.{_NAMES[leaf.value]}"
        elif leaf.value == "sorted" and "sorted" not in bound and _takes_a_cmp(trailer, 1):
            leaf.value = "__period__.sorted"
    for node in list(tree.post_order()):
        if not _is_call(node):
            continue
        method = node.prev_sibling
        is_sort = getattr(method, "type", None) == symbols.trailer and _is(
            method.children[-1], "sort"
        )
        if is_sort and _takes_a_cmp(node, 0):
            arguments = str(node.children[1]).strip()
            from fissix.pgen2 import token
            from fissix.pytree import Leaf

            lineno = next(iter(node.children[1].leaves())).lineno
            new = Leaf(token.NAME, f"key=__period__.sort_key({arguments})")
            new.lineno = lineno
            node.children[1].replace(new)


def _takes_a_cmp(trailer: Any, place: int) -> bool:
    """Whether a call has a positional argument at `place`, or one that is named `cmp`."""
    symbols = _symbols()

    if len(trailer.children) < 3:
        return False
    inner = trailer.children[1]
    arguments = inner.children[::2] if inner.type == symbols.arglist else [inner]
    positional = [a for a in arguments if a.type != symbols.argument]
    named = [a.children[0] for a in arguments if a.type == symbols.argument]
    return len(positional) > place or any(_is(name, "cmp") for name in named)
