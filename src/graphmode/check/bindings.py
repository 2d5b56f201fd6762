"""What the names of a file stand for: libraries, what is in them, other files of the program.

A name counts wherever in its scope it is bound, in what order the lines run is not asked: one that
is a library in some place and something else in another is nobody's. What an instance holds
(``self.layers``) and what ``getattr`` is given is not followed.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from graphmode._addresses import names_at
from graphmode.check.sources import Place, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABOUT_VERSIONS = re.compile(r"version|VERSION|hasattr|PY[23]|TYPE_CHECKING")
_CATCHES = {
    "AttributeError",
    "BaseException",
    "Exception",
    "ImportError",
    "ModuleNotFoundError",
    "NameError",
    "TypeError",
}


class Local(NamedTuple):
    """A file of the program, or a folder of files that it imports from."""

    path: str


Value = str | Local
"""``tensorflow.nn`` for what a library has, or a file of the program."""


class Files(Protocol):
    """Where a program's own files are found."""

    def find(self, parts: tuple[str, ...], level: int, source: Source) -> Local | None:
        """What ``import a.b`` in `source` means, or ``from ..a import b``; None for a library."""
        ...

    def inside(self, folder: Local, name: str) -> Local | None:
        """A file in a folder."""
        ...

    def names(self, file: Local) -> Bindings | None:
        """The names of a file; None if it cannot be read."""
        ...


class Use(NamedTuple):
    """A line that needs a name of a library."""

    name: str
    """From the library's own: ``tensorflow.nn.relu``."""
    place: Place
    is_provided: bool
    """Whether the program provides for its absence (`try`, or `if` about versions)."""
    call: ast.Call | None = None
    is_import: bool = False


class Text(NamedTuple):
    """A text that is written out in the program, no docstring."""

    text: str
    place: Place


class _Scope:
    """What the names of a module, a function or a class are bound to."""

    def __init__(self, parent: _Scope | None, is_class: bool = False) -> None:
        self.parent = parent
        self.is_class = is_class
        self.bound: dict[str, list[_Origin]] = {}
        self.elsewhere: dict[str, _Scope] = {}

    def bind(self, name: str, origin: _Origin) -> None:
        self.elsewhere.get(name, self).bound.setdefault(name, []).append(origin)

    def outermost(self) -> _Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def origins(self, name: str) -> list[_Origin] | None:
        """What it is bound to in the innermost scope that binds it; None if none does."""
        scope: _Scope | None = self.elsewhere.get(name, self)
        while scope is not None:
            if name in scope.bound and (scope is self or not scope.is_class):
                return scope.bound[name]
            scope = scope.parent
        return None


class _Chain(NamedTuple):
    """``tf.nn.relu``, as it stands."""

    names: tuple[str, ...]
    scope: _Scope
    place: Place
    is_provided: bool
    call: ast.Call | None = None


# An import of a file or a library, a name for another, or neither (None).
_Origin = Value | _Chain | None
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Bindings:
    """The names of one file.

    Parameters
    ----------
    source : Source
    files : Files
    """

    def __init__(self, source: Source, files: Files) -> None:
        self.source = source
        self.texts: list[Text] = []
        self._attributes: list[tuple[Place, str, bool]] = []
        self.imported: list[Local] = []
        self.defined: list[_Chain] = []
        self._files = files
        self._top = _Scope(None)
        self._chains: list[_Chain] = []
        self._imports: list[Use] = []
        self._stars: list[Value] = []
        for cell, tree in source.trees:
            self._cell = cell
            self._read(tree)

    # ---- what stands in the file ----------------------------------------------------------------

    def _read(self, tree: ast.Module) -> None:
        waiting: list[tuple[ast.AST, _Scope, bool]] = [
            (node, self._top, False) for node in reversed(tree.body)
        ]
        while waiting:
            node, scope, is_provided = waiting.pop()
            children = self._children(node, scope, is_provided)
            waiting += reversed(list(children))

    def _children(
        self, node: Any, scope: _Scope, is_provided: bool
    ) -> Iterator[tuple[ast.AST, _Scope, bool]]:
        """Note what a node says; what is in it is to be read next."""
        if isinstance(node, ast.Import):
            self._import(node, scope, is_provided)
        elif isinstance(node, ast.ImportFrom):
            self._import_from(node, scope, is_provided)
        elif isinstance(node, ast.Name | ast.Attribute):
            yield from self._name(node, scope, is_provided, None)
        elif isinstance(node, ast.Call):
            yield from self._call(node, scope, is_provided)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                self.texts.append(Text(node.value, self._place(node)))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from self._assign(node, scope, is_provided)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            for name in node.names:
                outer = scope.outermost() if isinstance(node, ast.Global) else scope.parent
                scope.elsewhere[name] = outer or scope
        elif isinstance(node, _FUNCTIONS):
            yield from self._function(node, scope, is_provided)
        elif isinstance(node, ast.ClassDef):
            scope.bind(node.name, None)
            inner = _Scope(scope, is_class=True)
            outside = [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
            yield from ((child, scope, is_provided) for child in outside)
            yield from ((child, inner, is_provided) for child in node.body)
        elif isinstance(node, _COMPREHENSIONS):
            inner = _Scope(scope)
            yield from ((child, inner, is_provided) for child in ast.iter_child_nodes(node))
        elif isinstance(node, ast.Try):
            guarded = is_provided or any(map(_catches, node.handlers))
            for part in (node.body, node.handlers):
                yield from ((child, scope, guarded) for child in part)
            for part in (node.orelse, node.finalbody):
                yield from ((child, scope, is_provided) for child in part)
        elif isinstance(node, ast.If | ast.IfExp):
            guarded = is_provided or _ABOUT_VERSIONS.search(ast.unparse(node.test)) is not None
            yield node.test, scope, True if guarded else is_provided
            for child in ast.iter_child_nodes(node):
                if child is not node.test:
                    yield child, scope, guarded
        else:
            if isinstance(node, ast.ExceptHandler) and node.name:
                scope.bind(node.name, None)
            yield from ((child, scope, is_provided) for child in ast.iter_child_nodes(node))

    def _find(self, parts: tuple[str, ...], level: int) -> Local | None:
        return self._files.find(parts, level, self.source)

    def _place(self, node: Any) -> Place:
        return Place(self.source.shown, getattr(node, "lineno", 1), self._cell)

    def _import(self, node: ast.Import, scope: _Scope, is_provided: bool) -> None:
        for alias in node.names:
            parts = tuple(alias.name.split("."))
            local = self._find(parts, 0)
            if local is not None:
                self.imported.append(local)
                first = local if alias.asname else self._find(parts[:1], 0)
                scope.bind(alias.asname or parts[0], first)
                continue
            scope.bind(alias.asname or parts[0], alias.name if alias.asname else parts[0])
            self._imports.append(Use(alias.name, self._place(node), is_provided, is_import=True))

    def _import_from(self, node: ast.ImportFrom, scope: _Scope, is_provided: bool) -> None:
        parts = tuple(node.module.split(".")) if node.module else ()
        base = self._find(parts, node.level)
        if base is not None:
            self.imported.append(base)
        for alias in node.names:
            if alias.name == "*":
                if base is not None or not node.level:
                    self._stars.append(base or node.module or "")
                continue
            name = alias.asname or alias.name
            if base is not None:
                beside = self._find((*parts, alias.name), node.level)
                if beside is not None:
                    self.imported.append(beside)
                    scope.bind(name, beside)
                else:
                    chain = _Chain(("", alias.name), scope, self._place(node), is_provided)
                    scope.bind(name, chain._replace(names=(base.path, alias.name)))
            elif node.level:
                scope.bind(name, None)
            else:
                whole = f"{node.module}.{alias.name}"
                scope.bind(name, whole)
                self._imports.append(Use(whole, self._place(node), is_provided, is_import=True))

    def _name(
        self, node: Any, scope: _Scope, is_provided: bool, call: ast.Call | None
    ) -> Iterator[tuple[ast.AST, _Scope, bool]]:
        names, base = _parts(node)
        if base is not None:
            if isinstance(node.ctx, ast.Load):
                self._attributes.append((self._place(node), node.attr, call is not None))
            yield base, scope, is_provided
            return
        if isinstance(node.ctx, ast.Load):
            self._chains.append(_Chain(names, scope, self._place(node), is_provided, call))
        elif len(names) == 1:
            scope.bind(names[0], None)
        else:
            self.defined.append(_Chain(names, scope, self._place(node), is_provided))

    def _call(
        self, node: ast.Call, scope: _Scope, is_provided: bool
    ) -> Iterator[tuple[ast.AST, _Scope, bool]]:
        if isinstance(node.func, ast.Name | ast.Attribute):
            yield from self._name(node.func, scope, is_provided, node)
        else:
            yield node.func, scope, is_provided
        yield from ((child, scope, is_provided) for child in node.args)
        yield from ((child.value, scope, is_provided) for child in node.keywords)

    def _assign(
        self, node: Any, scope: _Scope, is_provided: bool
    ) -> Iterator[tuple[ast.AST, _Scope, bool]]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for to, value in pairs:
                if not isinstance(to, ast.Name):
                    yield to, scope, is_provided
                    continue
                names, base = _parts(value) if value is not None else ((), value)
                if names and base is None:
                    scope.bind(to.id, _Chain(names, scope, self._place(node), is_provided))
                elif not (isinstance(value, ast.Constant) and value.value is None):
                    scope.bind(to.id, None)
        if node.value is not None:
            yield node.value, scope, is_provided

    def _function(
        self, node: Any, scope: _Scope, is_provided: bool
    ) -> Iterator[tuple[ast.AST, _Scope, bool]]:
        inner = _Scope(scope)
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in [*named, arguments.vararg, arguments.kwarg]:
            if argument is not None:
                inner.bind(argument.arg, None)
        outside = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
        body = [node.body]
        if not isinstance(node, ast.Lambda):
            scope.bind(node.name, None)
            outside += node.decorator_list
            body = node.body
        yield from ((child, scope, is_provided) for child in outside)
        yield from ((child, inner, is_provided) for child in body)

    # ---- what it means --------------------------------------------------------------------------

    def uses(self) -> list[Use]:
        """What the file needs of libraries, by its lines."""
        found = list(self._imports)
        for chain in self._chains:
            for name in self._values(chain, set()):
                if isinstance(name, str):
                    found.append(Use(name, chain.place, chain.is_provided, chain.call))
        found.sort(key=lambda use: (use.place.cell, use.place.line))
        return found

    def attributes(self) -> list[tuple[Place, str, bool]]:
        """The attributes of what is no library, and whether they are called."""
        return self._attributes + [
            (chain.place, chain.names[-1], chain.call is not None)
            for chain in self._chains
            if len(chain.names) > 1 and not self._values(chain, set())
        ]

    def definitions(self) -> set[str]:
        """The names of libraries that the file itself assigns to (``tf.concat = ...``)."""
        values = (self._values(chain, set()) for chain in self.defined)
        return {name for found in values for name in found if isinstance(name, str)}

    def exported(self, name: str, seen: set[int]) -> list[Value]:
        """What a name at the top of the file stands for."""
        chain = _Chain((name,), self._top, Place(self.source.shown, 1), False)
        return self._values(chain, seen)

    def _values(self, chain: _Chain, seen: set[int]) -> list[Value]:
        first, *rest = chain.names
        origins = chain.scope.origins(first)
        values: list[Value] = []
        if first[:1] in "/\\" or first[1:2] == ":":  # `from beside import name`
            values = [Local(first)]
        elif origins is None:
            values = self._from_stars(first, seen)
        for origin in origins or ():
            if origin is None:
                return []
            if isinstance(origin, _Chain):
                if id(origin) not in seen:
                    values += self._values(origin, seen | {id(origin)})
            else:
                values.append(origin)
        for name in rest:
            values = [found for value in values for found in self._below(value, name, seen)]
        return list(dict.fromkeys(values))

    def _from_stars(self, name: str, seen: set[int]) -> list[Value]:
        values: list[Value] = []
        for star in self._stars:
            if isinstance(star, str):
                values += [f"{star}.{name}"] if name in _public(star) else []
            else:
                values += self._below(star, name, seen)
        return values

    def _below(self, value: Value, name: str, seen: set[int]) -> list[Value]:
        if isinstance(value, str):
            return [f"{value}.{name}"]
        module = self._files.names(value)
        found: list[Value] = []
        if module is not None and id(module) not in seen:
            found = module.exported(name, seen | {id(module)})
        inside = self._files.inside(value, name)
        return found or ([inside] if inside is not None else [])


def _parts(node: Any) -> tuple[tuple[str, ...], Any]:
    """The names of ``a.b.c``, or what they are attributes of if that is no name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return (node.id, *reversed(names)), None
    return (), node


def _public(module: str) -> list[str]:
    """What ``from module import *`` gives, for addresses of TensorFlow's."""
    root, _, address = module.partition(".")
    return list(names_at(address or "tf")) if root in ("tensorflow", "graphmode") else []


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_parts(each)[0][-1:] and _parts(each)[0][-1] in _CATCHES for each in types)
