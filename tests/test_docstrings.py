"""Every public function says what it takes, what it gives and what it raises.

Public is what the tables of names lead to, with the public methods and properties of the classes
among it, and what stands in `graphmode.datasets`. The rules, in numpydoc's terms:

- A summary: one line that ends with a full stop.
- Parameters: exactly the names of the signature, in its order, each with its type. Not listed are
  `self`, `name` (the node's name, everywhere the same) and names that begin with an underscore.
  Names of one kind share an entry, ``x, y : Tensor``, which stands where the first of them would.
  Where the type says tensor, the entry says a dtype or a shape.
- Returns (Yields of a generator), where the function returns something.
- Raises: the exceptions that the function's own body raises; of an operation, its kernel's.
- The compact form, of a function with at most one listed parameter that raises nothing: no
  sections, the text says it. It names the parameter between backticks and, where that is a tensor
  (in `graphmode.ops`), a dtype. So do `tf.exp`, `graph.finalize`, `shape.num_elements`.
- Of a property the summary is enough, with Raises if it raises.
- A class lists its constructor's parameters, a tuple or dataclass its fields, as Parameters or as
  Attributes, where they are defined; where it takes ``**kwargs`` it may name some of them.
- A method that overrides another may leave the text to that one, if its parameters are there.
- Each parameter and the result are annotated, but those of operations that are their kernels.
"""

from __future__ import annotations

import ast
import enum
import functools
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from numpydoc.docscrape import NumpyDocString

import graphmode as tf
from graphmode import _addresses

ROOT = Path(tf.__file__).parent


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


TABLES = [_addresses.module_at(address) for address in _addresses.addresses()]
MODULES = sorted(module_name(path) for path in (ROOT / "datasets").glob("*.py"))

TENSOR = re.compile(r"Tensor\b|IndexedSlices|\barrays?\b")
DTYPE = re.compile(
    r"dtype|float|\bu?int|integer|bool|complex|string|number|numeric|\breal\b|\bany\b"
    r"|variant|resource",
    re.IGNORECASE,
)
SHAPE = re.compile(
    r"shape|scalar|rank|vector|matri|image|\[|\bas `|\blike `|\bof `|broadcast", re.IGNORECASE
)


class Documented(NamedTuple):
    """A public function, property or class, with what its text is held against."""

    name: str
    text: str
    kind: str
    function: Any
    """Its signature counts. None: nothing to list."""
    body: Any
    """Its statements count: of an operation, the kernel's."""


# ---- what is public ------------------------------------------------------------------------------


def reachable() -> Iterator[tuple[str, Any]]:
    """The functions and classes of ours that the tables lead to, each under its first name."""
    seen = set()
    for table in [*TABLES, *MODULES]:
        module = importlib.import_module(table)
        is_table = table in TABLES
        names = getattr(
            module, "__all__", [] if is_table else [n for n in vars(module) if n[0] != "_"]
        )
        for name in names:
            value = getattr(module, name)
            home = getattr(value, "__module__", None) or ""
            if inspect.isfunction(value) or inspect.isclass(value):
                is_ours = home.startswith("graphmode") if is_table else home == table
                if is_ours and id(value) not in seen:
                    seen.add(id(value))
                    yield f"{table}.{name}", value


def members(cls: type) -> Iterator[Documented]:
    """The public methods and properties that `cls` and its bases of ours define."""
    for base in cls.__mro__:
        if not base.__module__.startswith("graphmode"):
            continue
        for key, member in vars(base).items():
            if key.startswith("_") and key != "__call__":
                continue
            name = f"{base.__module__}.{base.__qualname__}.{key}"
            text = inherited(base, key)
            if isinstance(member, property):
                yield Documented(name, text, "property", None, member.fget)
            elif isinstance(member, functools.cached_property):
                yield Documented(name, text, "property", None, member.func)
            elif inspect.isroutine(member) and is_of(base, member):
                bound = isinstance(member, staticmethod | classmethod)
                function = getattr(base, key)
                yield Documented(name, text, "function" if bound else "method", function, function)


def is_of(cls: type, member: Any) -> bool:
    """Whether a function was written in `cls`, not a function from elsewhere that it holds."""
    function = inspect.unwrap(getattr(member, "__func__", member))
    return getattr(function, "__qualname__", "").startswith(cls.__qualname__)


def inherited(cls: type, key: str) -> str:
    """The text of a member, or of the one that it overrides."""
    texts = [getattr(vars(base).get(key), "__doc__", None) for base in cls.__mro__]
    return next((text for text in texts if text), "")


def documented() -> dict[str, list[Documented]]:
    """Module -> what it must document."""
    found: dict[str, dict[str, Documented]] = {}
    for name, value in reachable():
        if inspect.isclass(value):
            own = () if issubclass(value, enum.Enum) else ("__init__", "__new__")
            constructor = next((vars(value)[key] for key in own if key in vars(value)), None)
            items = [
                Documented(name, value.__doc__ or "", "class", constructor, constructor),
                *members(value),
            ]
        else:
            kernel = value.op_def.kernel if hasattr(value, "op_def") else inspect.unwrap(value)
            items = [Documented(name, value.__doc__ or "", "function", value, kernel)]
        for item in items:
            module = value.__module__ if item is items[0] else item.name.rsplit(".", 2)[0]
            found.setdefault(module, {})[item.name] = item
    return {module: list(items.values()) for module, items in sorted(found.items())}


def is_of_code(member: Any) -> bool:
    return inspect.isroutine(member) or isinstance(member, property | functools.cached_property)


# ---- what a text must say ------------------------------------------------------------------------


def faults(item: Documented) -> Iterator[str]:
    """What the text of `item` lacks."""
    if not item.text:
        yield "no docstring"
        return
    lines = textwrap.dedent(inspect.cleandoc(item.text)).splitlines()
    if not lines[0].endswith(".") or (len(lines) > 1 and lines[1]):
        yield "the first line is no summary that ends with a full stop"
    sections = NumpyDocString(inspect.cleandoc(item.text))
    tree = syntax(item.body)
    raised = set(raised_names(tree, item.body)) if tree is not None else set()
    yield from raises_faults(sections, raised)
    if item.kind == "property":
        return
    listed = listed_parameters(item)
    is_compact = len(listed) <= 1 and not raised and item.kind != "class"
    if not sections["Parameters"] and is_compact:
        yield from compact_faults(item, listed)
        return
    if item.function is not None:
        yield from parameter_faults(sections, listed)
    if item.kind == "class" or tree is None:
        return
    if gives(tree) and not (sections["Returns"] or sections["Yields"] or is_compact):
        yield "returns something, has no Returns"


def listed_parameters(item: Documented) -> list[str]:
    if item.function is None:
        return []
    signature = inspect.signature(item.function).parameters.values()
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    names = [stars.get(p.kind, "") + p.name for p in signature]
    if item.kind in ("class", "method"):
        names = names[1:]
    return [name for name in names if name != "name" and not name.startswith("_")]


def compact_faults(item: Documented, listed: list[str]) -> Iterator[str]:
    if listed and not re.search(rf"`\W*{re.escape(listed[0].strip('*'))}\b", item.text):
        yield f"names no parameter `{listed[0]}`"
    if listed and item.body.__module__.startswith("graphmode.ops") and not DTYPE.search(item.text):
        yield "says no dtype"


def parameter_faults(sections: NumpyDocString, listed: list[str]) -> Iterator[str]:
    entries = sections["Parameters"] + sections["Attributes"]
    named = [name.strip() for entry in entries for name in entry.name.split(",")]
    more = {name.strip() for entry in sections["Parameters"] for name in entry.name.split(",")}
    more -= {"name", "*args", "**kwargs", *listed}
    takes_more = "**kwargs" in listed
    missing = [name for name in listed if name not in named]
    if takes_more and more:
        missing = [name for name in missing if name != "**kwargs"]
    if missing:
        yield f"documents no {', '.join(missing)}"
    if more and not takes_more:
        yield f"documents {', '.join(sorted(more))}, which it does not take"
    firsts = [entry.name.split(",")[0].strip() for entry in sections["Parameters"]]
    places = [listed.index(name) for name in firsts if name in listed]
    if places != sorted(places):
        yield "lists its parameters in another order than the signature"
    for entry in entries:
        if not entry.type and entry.name != "name" and not entry.name.startswith("*"):
            yield f"says no type of {entry.name}"
        text = " ".join([entry.type, *entry.desc])
        if TENSOR.search(entry.type) and not DTYPE.search(text) and not SHAPE.search(text):
            yield f"says neither dtype nor shape of {entry.name}"


def raises_faults(sections: NumpyDocString, raised: set[str]) -> Iterator[str]:
    told = {
        word
        for entry in sections["Raises"]
        for word in re.findall(r"\w+", entry.type or entry.name)
    }
    for name in sorted(raised):
        if name not in told and not told & bases_of(name):
            yield f"raises {name}, which Raises does not say"


def bases_of(name: str) -> set[str]:
    cls = getattr(tf.errors, name, None)
    return {base.__name__ for base in cls.__mro__} - {"Exception"} if cls else set()


# ---- what a body does ----------------------------------------------------------------------------


def syntax(function: Any) -> ast.FunctionDef | None:
    function = inspect.unwrap(function) if function is not None else None
    if not inspect.isfunction(getattr(function, "__func__", function)):
        return None
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except OSError:  # a namedtuple's constructor has no source
        return None
    return next(n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))


def own_statements(tree: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a body without those of the functions and classes inside it."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def gives(tree: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Return | ast.Yield)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and node.value.value is None)
        for node in own_statements(tree)
    )


def raised_names(tree: ast.FunctionDef, function: Any) -> Iterator[str]:
    """The exceptions that a body raises by name; of one made by a function, its annotation's."""
    scope = getattr(inspect.unwrap(function), "__globals__", {})
    for node in own_statements(tree):
        if not isinstance(node, ast.Raise) or node.exc is None:
            continue
        made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        word = getattr(made, "attr", getattr(made, "id", ""))
        maker = scope.get(word)
        if inspect.isfunction(maker):
            word = str(maker.__annotations__.get("return", "")).rpartition(".")[2]
        if re.search(r"(Error|Exception|Exit|Interrupt|Iteration)$", word):
            yield word


EACH = [item for items in documented().values() for item in items]


def test_docstrings():
    found = [f"{item.name}: {fault}" for item in EACH for fault in faults(item)]
    assert not found, "\n".join(found)


def unannotated(item: Documented) -> Iterator[str]:
    """The parameters of which a type checker knows nothing, and 'return' if it is the result.

    Of an operation that is its kernel nothing counts, nor of code that Python writes.
    """
    function = inspect.unwrap(item.body if item.function is None else item.function)
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    if code is None or code.co_filename.startswith("<") or hasattr(item.function, "op_def"):
        return
    n_stars = bool(code.co_flags & inspect.CO_VARARGS) + bool(
        code.co_flags & inspect.CO_VARKEYWORDS
    )
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + n_stars]
    for name in (*names, "return"):
        if name not in function.__annotations__ and name not in ("self", "cls", "_cls"):
            yield name


def test_annotations():
    found = [f"{item.name}: {name}" for item in EACH for name in unannotated(item)]
    assert not found, "\n".join(found)


def test_all_that_has_no_underscore_says_what_it_is():
    """Inside the library, too: at least one line, or that of the method it overrides."""
    modules = sorted(map(module_name, ROOT.rglob("[!_]*.py")))
    silent = {module: names for module in modules if (names := without_text(module))}
    assert not silent


def without_text(module: str) -> list[str]:
    found = vars(importlib.import_module(module))
    silent: list[str] = []
    for name, value in found.items():
        if name.startswith("_") or getattr(value, "__module__", None) != module:
            continue
        if "<locals>" in getattr(value, "__qualname__", ""):  # NumPy's or JAX's own, from xp
            continue
        if inspect.isclass(value):
            members = [key for key in vars(value) if key[0] != "_" and is_of_code(vars(value)[key])]
            silent += [f"{name}.{key}" for key in members if not inherited(value, key)]
        if (inspect.isclass(value) or inspect.isfunction(value)) and not value.__doc__:
            silent.append(name)
    return silent
