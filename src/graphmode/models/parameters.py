"""What the parameters of models may be: their annotations, which also read `--set name=value`.

A parameter is a field of the model's class. Its annotation is the rule it is held against when
the model is fitted, the text of the refusal, and how the command line reads it::

    learning_rate: Annotated[float, Above(0)] = 0.001
    optimizer: Literal["adam", "sgd"] = "adam"
    hidden: tuple[Annotated[int, AtLeast(1)], ...] = (500,)
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import inspect
import math
import numbers
import re
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

_Class = TypeVar("_Class", bound=type)


class Bound(NamedTuple):
    """A limit of a number."""

    text: str
    is_kept_by: Callable[[Any], bool]


def AtLeast(least: float) -> Bound:  # noqa: N802  (reads as a type)
    """A number that is `least` or more."""
    return Bound(f">= {least}", lambda value: value >= least)


def Above(limit: float) -> Bound:  # noqa: N802
    """A number that is more than `limit`."""
    return Bound(f"> {limit}", lambda value: value > limit)


def Below(limit: float) -> Bound:  # noqa: N802
    """A number that is less than `limit`."""
    return Bound(f"< {limit}", lambda value: value < limit)


Count = Annotated[int, AtLeast(1)]
Positive = Annotated[float, Above(0)]
NotNegative = Annotated[float, AtLeast(0)]
Rate = Annotated[float, AtLeast(0), Below(1)]
"""A share of something that is never all of it, as of dropped units."""
Sizes = tuple[Count, ...]


# ---- the class -----------------------------------------------------------------------------------


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(dataclasses.field,))
def estimator(cls: _Class) -> _Class:
    """Make the annotated names of a class its parameters, each given by keyword.

    The constructor stores them as they are, which is scikit-learn's rule. Their texts in the
    class's docstring get their defaults and are followed by those of the parameters that its bases
    define, the nearest first; what the bases say of attributes follows its own, too.
    """
    inherited = {name for base in cls.__mro__[1:] for name in _fields(base)}
    dataclasses.dataclass(kw_only=True, eq=False, repr=False)(cls)
    constructor: Any = cls.__init__
    signature = inspect.signature(constructor)
    parameters = list(signature.parameters.values())
    texts = _entries(inspect.cleandoc(cls.__doc__ or ""))
    own = [p for p in parameters[1:] if p.name not in inherited or p.name in texts]
    shared = [p for p in parameters[1:] if p not in own]
    told = list(texts)
    own.sort(key=lambda p: told.index(p.name) if p.name in texts else len(told))
    shared.sort(key=lambda p: _distance(cls, p.name))
    ordered = [parameters[0], *own, *shared]
    made = _refusing_others(constructor, cls.__name__, [p.name for p in ordered[1:]])
    made.__signature__ = signature.replace(parameters=ordered)
    cls.__init__ = made
    text = _with_texts(cls, [p.name for p in shared])
    defaults = {p.name: p.default for p in ordered if p.default is not inspect.Parameter.empty}
    cls.__doc__ = _with_attributes(cls, _with_defaults(text, defaults))
    return cls


def _refusing_others(constructor: Any, owner: str, names: list[str]) -> Any:
    """A constructor that says which parameters are near to one that is none."""

    @functools.wraps(constructor)
    def made(self: Any, *args: Any, **given: Any) -> None:
        unknown = next((name for name in given if name not in names), None)
        if unknown is not None:
            raise TypeError(f"{owner} has no parameter {unknown!r}. {_meant(unknown, names)}")
        constructor(self, *args, **given)

    return made


def _meant(name: str, known: Iterable[str]) -> str:
    """The names near to one that is none, or all that there are."""
    near = difflib.get_close_matches(name, known, n=3)
    return f"Near: {', '.join(near)}" if near else f"It has {', '.join(sorted(known))}"


def _distance(cls: type, name: str) -> int:
    """How many bases away the class is whose docstring says what a parameter is."""
    bases = enumerate(cls.__mro__[1:])
    return next((i for i, base in bases if name in _own_entries(base)), len(cls.__mro__))


def _own_entries(cls: type) -> dict[str, str]:
    """The entries of the parameters that a class defines itself."""
    defined = vars(cls).get("__annotations__", {})
    entries = _entries(inspect.cleandoc(cls.__doc__ or ""))
    return {name: entry for name, entry in entries.items() if name in defined}


def _fields(cls: Any) -> list[str]:
    is_one = dataclasses.is_dataclass(cls)
    return [field.name for field in dataclasses.fields(cls) if field.init] if is_one else []


def _with_texts(cls: type, names: Iterable[str]) -> str:
    """The docstring, its Parameters followed by those of `names`, from the bases' docstrings."""
    text = inspect.cleandoc(cls.__doc__ or "")
    texts = {
        name: entry
        for base in reversed(cls.__mro__[1:])
        for name, entry in _entries(inspect.cleandoc(base.__doc__ or "")).items()
    }
    shared = "\n".join(texts[name] for name in names if name in texts)
    heading = re.search(r"^Parameters\n-+\n", text, re.M)
    if not shared:
        return text
    if heading is None:
        first = re.search(r"^\w.*\n-{3,}\n", text, re.M)
        at = len(text) if first is None else first.start()
        return (
            f"{text[:at].rstrip()}\n\nParameters\n----------\n{shared}\n\n{text[at:]}".rstrip()
            + "\n"
        )
    following = re.search(r"^\w.*\n-{3,}\n", text[heading.end() :], re.M)
    end = len(text) if following is None else heading.end() + following.start()
    rest = text[end:]
    return f"{text[:end].rstrip()}\n{shared}\n" + (f"\n{rest}" if rest else "")


def _with_defaults(text: str, defaults: dict[str, Any]) -> str:
    """A docstring, with the default beside the type of each parameter."""
    start, heading, rest = text.partition("Parameters\n----------\n")
    end = re.search(r"^\w[^\n]*\n-{3,}\n", rest, re.M)
    listed, following = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])

    def told(line: re.Match[str]) -> str:
        kind = line[2].partition(", default ")[0]
        values = [repr(defaults[name]) for name in line[1].split(", ") if name in defaults]
        shown = " and ".join(dict.fromkeys(values))
        return f"{line[1]} : {kind}, default {shown}" if values else line[0]

    return start + heading + re.sub(r"^([\w, ]+) : (.*)$", told, listed, flags=re.M) + following


def _with_attributes(cls: type, text: str) -> str:
    """A docstring, its Attributes followed by those that the bases say."""
    known = _entries(text, "Attributes")
    more: dict[str, str] = {}
    for base in cls.__mro__[1:]:
        found = _entries(inspect.cleandoc(base.__doc__ or ""), "Attributes")
        more |= {name: entry for name, entry in found.items() if name not in known | more}
    if not more:
        return text
    listed = "\n".join(dict.fromkeys(more.values())) + "\n"
    heading = re.search(r"^Attributes\n-+\n", text, re.M)
    at = 0 if heading is None else heading.end()
    section = r"^(?:Notes|Examples)\n-{3,}\n" if heading is None else r"^\w.*\n-{3,}\n"
    following = re.search(section, text[at:], re.M)
    end = len(text) if following is None else at + following.start()
    title = "\n\nAttributes\n----------\n" if heading is None else "\n"
    return f"{text[:end].rstrip()}{title}{listed}\n{text[end:]}".rstrip() + "\n"


def parameter_texts(cls: type) -> dict[str, str]:
    """Parameter -> what the docstring of its class says of it, without its type; '' if nothing."""
    entries = _entries(inspect.cleandoc(cls.__doc__ or ""))
    return {n: " ".join(entry.partition("\n")[2].split()) for n, entry in entries.items()}


def _entries(text: str, title: str = "Parameters") -> dict[str, str]:
    """The entries of a section of a docstring, by name."""
    section = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[^\n]*\n-{{3,}}\n|\Z)", text, re.M | re.S)
    if section is None:
        return {}
    parts = re.split(r"^(?=\w)", section[1], flags=re.M)
    return {
        name: part.rstrip()
        for part in parts
        if part.strip()
        for name in part.split(" : ")[0].split(", ")
    }


# ---- the rules -----------------------------------------------------------------------------------


@functools.cache
def rules(cls: type) -> dict[str, Any]:
    """Parameter -> annotation, bounds included."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: hints[name] for name in _fields(cls)}


def check_parameters(model: Any) -> None:
    """Hold the parameters of a model against their annotations.

    Raises
    ------
    ValueError
        If one is not what its annotation says.
    """
    for name, annotation in rules(type(model)).items():
        value = getattr(model, name)
        if not accepts(annotation, value):
            raise ValueError(
                f"{type(model).__name__}({name}={value!r}): {name} must be {described(annotation)}"
            )


def accepts(annotation: Any, value: Any) -> bool:
    """Whether a value is what an annotation says."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return True
    if origin is Annotated:
        return accepts(args[0], value) and all(
            bound.is_kept_by(value) for bound in args[1:] if isinstance(bound, Bound)
        )
    if origin in (Union, types.UnionType):
        return any(accepts(choice, value) for choice in args)
    if origin is Literal:
        return isinstance(value, str | bool | int | None) and value in args
    if origin is tuple:
        if not isinstance(value, tuple | list):
            return False
        if args[-1] is Ellipsis:
            return all(accepts(args[0], entry) for entry in value)
        return len(args) == len(value) and all(map(accepts, args, value))
    if annotation is bool:
        return isinstance(value, bool) or type(value).__name__ == "bool"
    if annotation is int:
        return isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if annotation is float:
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        return is_number and math.isfinite(value)
    if annotation is None or annotation is type(None):
        return value is None
    return isinstance(value, origin or annotation)


def described(annotation: Any) -> str:
    """An annotation in words."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        bounds = [bound.text for bound in args[1:] if isinstance(bound, Bound)]
        return " ".join([described(args[0]), " and ".join(bounds)]).strip()
    if origin in (Union, types.UnionType):
        return " or ".join(described(choice) for choice in args)
    if origin is Literal:
        return ", ".join(map(repr, args))
    if origin is tuple:
        if args[-1] is Ellipsis:
            return f"a tuple, each entry {described(args[0])}"
        return f"a tuple of {' and '.join(map(described, args))}"
    names = {int: "a whole number", float: "a number", bool: "True or False", str: "a text"}
    names |= {Path: "a path", dict: "a dict"}
    names |= {None: "None", type(None): "None", Any: "anything", Callable: "a function"}
    return names.get(origin or annotation) or getattr(annotation, "__name__", str(annotation))


# ---- read from text ------------------------------------------------------------------------------


def read_settings(cls: type, settings: Iterable[str]) -> dict[str, Any]:
    """The parameters that ``name=value`` texts give a class of models.

    Raises
    ------
    ValueError
        If a text has no ``=``, names no parameter, or its value is not what the parameter may be.
    """
    known = rules(cls)
    values: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise ValueError(f"{setting!r} is no setting: write name=value")
        if name not in known:
            raise ValueError(f"{cls.__name__} has no parameter {name!r}. {_meant(name, known)}")
        value = read_value(known[name], text.strip())
        if value is _UNREADABLE or not accepts(known[name], value):
            raise ValueError(f"{name}={text}: {name} must be {described(known[name])}")
        values[name] = value
    return values


_UNREADABLE: Any = object()


def read_value(annotation: Any, text: str) -> Any:
    """What a text means for an annotation: ``500,200`` is a tuple; the first fitting choice."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return read_value(args[0], text)
    if origin in (Union, types.UnionType):
        choices = sorted(args, key=lambda choice: choice is str)  # a text is everything
        values = [(choice, read_value(choice, text)) for choice in choices]
        fitting = (v for choice, v in values if v is not _UNREADABLE and accepts(choice, v))
        return next(fitting, _UNREADABLE)
    if origin is Literal:
        return next((choice for choice in args if str(choice) == text), _UNREADABLE)
    if origin is tuple:
        entries = [entry for entry in text.strip("()").split(",") if entry.strip()]
        kinds = args[:1] * len(entries) if args[-1] is Ellipsis else args
        if len(kinds) != len(entries):
            return _UNREADABLE
        values = [read_value(kind, e.strip()) for kind, e in zip(kinds, entries, strict=True)]
        return _UNREADABLE if _UNREADABLE in values else tuple(values)
    if annotation is bool:
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            text.lower(), _UNREADABLE
        )
    if annotation is None or annotation is type(None):
        return None if text.lower() == "none" else _UNREADABLE
    if annotation in (int, float):
        try:
            return annotation(text)
        except ValueError:
            return _UNREADABLE
    return text if annotation in (str, Any) else _UNREADABLE
