"""What graphmode has of the names below `tensorflow`."""

from __future__ import annotations

import functools
import importlib
import types
from typing import Any, NamedTuple

from graphmode._addresses import module_at, names_at
from graphmode._addresses.absent import instead

ROOTS = ("tensorflow", "graphmode")
"""What TensorFlow is called in a program; the second in our own."""

ALWAYS_REFUSED = {
    "tf.enable_eager_execution": "graphmode runs graphs only: fetch with Session.run",
    "tf.enable_v2_behavior": "graphmode is TensorFlow 1",
}
"""Functions that are there to say that they cannot do what they are for."""

_VERSIONED = "compat.v1"


class Symbol(NamedTuple):
    """A name below `tensorflow`, found or not."""

    name: str
    """As programs write it: ``tf.nn.relu``; what is absent up to where it is absent."""
    is_present: bool
    note: str
    """What to use instead of what is absent."""
    value: Any = None
    """What it is, if it was imported."""


def is_of_tensorflow(name: str) -> bool:
    """Whether a dotted name is tensorflow, or below it."""
    return name.partition(".")[0] in ROOTS


def _address(name: str) -> str:
    """``tensorflow.compat.v1.nn`` -> ``nn``."""
    address = name.partition(".")[2]
    while address == _VERSIONED or address.startswith(f"{_VERSIONED}."):
        address = address.removeprefix(_VERSIONED).removeprefix(".")
    return address


@functools.cache
def listed(name: str) -> Symbol:
    """Look for a name in the tables alone: nothing is imported where it stands in one.

    Parameters
    ----------
    name : str
        From `ROOTS` on.

    Returns
    -------
    Symbol
    """
    address = "tf"
    for part in filter(None, _address(name).split(".")):
        entry = _names_at(address).get(part)
        if entry is None and name.startswith(ROOTS[1]):
            break  # ours, with modules of its own
        if entry is None:
            return found(name)
        if entry[1]:
            break
        address = entry[0].partition(".")[2]
    return Symbol(_shown(_address(name)), True, "")


_names_at = functools.cache(names_at)


@functools.cache
def found(name: str) -> Symbol:
    """Look for a name as a program does, by attributes and imports.

    What is below a value that is neither module nor class is not asked for: it may have been put
    there by then.

    Parameters
    ----------
    name : str
        From `ROOTS` on.

    Returns
    -------
    Symbol
    """
    parts = list(filter(None, _address(name).split(".")))
    value: Any = importlib.import_module(module_at("tf"))
    for i, part in enumerate(parts):
        if not isinstance(value, types.ModuleType | type):
            break
        try:
            value = getattr(value, part)
        except AttributeError:
            address = ".".join(parts[: i + 1])
            module = _module(address) if isinstance(value, types.ModuleType) else None
            if module is None:
                return Symbol(_shown(address), False, instead(address).removeprefix(": "))
            value = module
    return Symbol(_shown(".".join(parts)), True, "", _own(value))


def _module(address: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(module_at(address))
    except ImportError:
        return None


def _own(value: Any) -> Any:
    """The function that one imported at its first call (`late`) stands for."""
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if (
        not isinstance(value, types.FunctionType)
        or not name
        or not str(module).startswith("graphmode")
    ):
        return value
    return getattr(importlib.import_module(str(module)), str(name), value)


def _shown(address: str) -> str:
    return f"tf.{address}" if address else "tf"
