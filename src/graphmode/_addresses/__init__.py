"""Where users find what the library defines: `tf.nn.relu` is in `graphmode.ops.nn.activation`.

The tables of this folder say, for each module that defines something, at which addresses its
names are::

    "graphmode.ops.math.arithmetic": {
        "tf math ops.math python.ops.gen_math_ops": "add maximum minimum",
        "tf math python.ops.gen_math_ops": "mod=floormod",
    }

`tf` is the package itself; ``mod=floormod`` gives `floormod` another name. `modules` lists the
addresses, what each one is for, and which of them holds all names of another. An address is a
module: `AddressFinder` makes those that are nothing else, and a package with code of its own
(`graphmode.layers`) calls `namespace`. No table is read before the first name is asked for, and
each name is imported when it is first touched.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder

TYPE_CHECKING = False  # typing takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.abc import Loader
    from types import ModuleType
    from typing import Any
else:
    Loader = object

_PACKAGE = "graphmode"
_ENTRY = "addresses of "
_FAMILIES = "framework math messages models operations networks layers programs"
# These make operations: what finds their types comes first.
_OF_GRAPHS = ("convert", "default_graph", "graph", "sparse_tensor")
_BEFORE = {f"graphmode.framework.{name}": "graphmode.ops" for name in _OF_GRAPHS}

# The internal modules that hold the names of a generated one, too, as array_ops does.
_RAW = (
    "array_ops bitwise_ops control_flow_ops data_flow_ops image_ops io_ops linalg_ops "
    "logging_ops math_ops nn_ops parsing_ops random_ops resource_variable_ops sparse_ops state_ops "
    "string_ops"
)

# Modules that TensorFlow hides: the function of that name is what their package gives.
_HIDDEN = {"contrib.framework.python.ops": "arg_scope"}

_rows: dict[str, list[tuple[str, str]]] = {}


def namespace(module_name: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of the module at an address.

    Parameters
    ----------
    module_name : str
        The module's own ``__name__``.
    """
    names: dict[str, tuple[str, str]] = {}

    def table() -> dict[str, tuple[str, str]]:
        if not names:
            names.update(names_at(address_of(module_name)))
        return names

    def attribute(name: str) -> Any:
        if name == "__all__":
            return sorted(table().keys() - {"print"})  # a program goes on printing
        if name not in table():
            if _holds_raw_ops(module_name) and not name.startswith("_"):
                op = import_module(f"{_PACKAGE}.raw_ops").in_lower_case(name)
                if op is not None:
                    setattr(sys.modules[module_name], name, op)
                    return op
            text = f"module '{module_name}' has no attribute '{name}'"
            if _asked_by_import(module_name, name):
                raise AttributeError(f"{text}.")
            from graphmode._addresses.absent import instead

            address = f"{address_of(module_name)}.{name}".removeprefix("tf.")
            raise AttributeError(text + (instead(address) or f".{_similar(name, table())}"))
        source, inner = table()[name]
        if source in _BEFORE:
            import_module(_BEFORE[source])
        value = getattr(import_module(source), inner) if inner else import_module(source)
        setattr(sys.modules[module_name], name, value)
        return value

    return attribute, lambda: sorted(table())


def _holds_raw_ops(module_name: str) -> bool:
    """Whether TensorFlow generates the module, or it takes all names of one that is generated."""
    parent, _, module = module_name.rpartition(".")
    if parent.endswith("python.training"):
        return module in ("training_ops", "gen_training_ops")
    return parent.endswith("python.ops") and (module.startswith("gen_") or module in _RAW.split())


def _asked_by_import(module_name: str, name: str) -> bool:
    """Whether it is `from package import module`, which looks for an attribute first."""
    path = vars(sys.modules[module_name]).get("__path__")
    return name.startswith("__") or (
        path is not None and PathFinder.find_spec(f"{module_name}.{name}", path) is not None
    )


def _similar(name: str, names: dict[str, tuple[str, str]]) -> str:
    import difflib

    close = difflib.get_close_matches(name, names, n=3)
    return f" Similar: {', '.join(close)}." if close else ""


def address_of(module_name: str) -> str:
    """The address of a module: graphmode -> tf, graphmode.nn -> nn."""
    return "tf" if module_name == _PACKAGE else module_name.removeprefix(f"{_PACKAGE}.")


def module_at(address: str) -> str:
    """The name of the module at an address: tf -> graphmode, nn -> graphmode.nn."""
    return _PACKAGE if address == "tf" else f"{_PACKAGE}.{address}"


def rows() -> dict[str, list[tuple[str, str]]]:
    """Address -> what the tables give it: modules, and their names there in one string."""
    if not _rows:
        found: dict[str, list[tuple[str, str]]] = {}
        for family in _FAMILIES.split():
            for source, groups in import_module(f"{__name__}.{family}").TABLE.items():
                for addresses, names in groups.items():
                    for address in addresses.split():
                        found.setdefault(address, []).append((source, names))
        _rows.update(found)
    return _rows


def addresses() -> list[str]:
    """Every address, those of the library's own packages (`ops.math`, `viz`) among them."""
    from graphmode._addresses import modules

    return sorted({*rows(), *modules.DOCS, *modules.FILES.split()})


def names_at(address: str) -> dict[str, tuple[str, str]]:
    """Every name at an address, and what it is.

    Returns
    -------
    dict of str to (str, str)
        Name -> the module that defines it and its name there; that name is empty if the module
        itself is meant.
    """
    from graphmode._addresses import modules

    names: dict[Any, Any] = {}
    for included in modules.INCLUDES.get(address, "").split():
        names |= {name: found for name, found in names_at(included).items() if found[1]}
    for child in modules.children(address):
        names[child] = (f"{module_at(address)}.{child}", "")
    for public, selected in modules.SELECTED.get(address, {}).items():
        there = names_at(public)
        for name, inner in _entries(selected):
            names[name] = there[inner]
    for source, entries in rows().get(address, ()):
        names |= {name: (source, inner) for name, inner in _entries(entries)}
    return names


def _entries(names: str) -> Iterator[tuple[str, str]]:
    """Each name of a string, and what it is called where it is from: ``mod=floormod``."""
    for entry in names.split():
        name, _, inner = entry.partition("=")
        yield name, inner or name


class AddressFinder:
    """Finds the addresses below one package, for the entry `AddressFinder.entry` of its path.

    As a part of ``__path__`` and not of `sys.meta_path`, it also answers `pkgutil`.
    """

    def __init__(self, entry: str) -> None:
        if not entry.startswith(_ENTRY):
            raise ImportError(f"not an entry of graphmode's: {entry}")
        self.address = address_of(entry.removeprefix(_ENTRY))

    @staticmethod
    def entry(package: str) -> str:
        """The entry in the ``__path__`` of `package` that stands for the addresses below it."""
        return _ENTRY + package

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find the module at an address."""
        from graphmode._addresses import modules

        address = address_of(fullname)
        if address not in modules.DOCS:
            return None
        is_package = modules.is_package(address)
        spec = ModuleSpec(fullname, AddressLoader(), origin=__file__, is_package=is_package)
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(self.entry(fullname))
        return spec

    def iter_modules(self, prefix: str = "") -> Iterator[tuple[str, bool]]:
        """Name the modules below the package and say which are packages: for `pkgutil`."""
        from graphmode._addresses import modules

        parent = "" if self.address == "tf" else f"{self.address}."
        for child in modules.children(self.address):
            if parent + child in modules.DOCS:
                yield prefix + child, modules.is_package(parent + child)


def _hiding_class() -> type[ModuleType]:
    """A module that does not take the child that is hidden when it is imported."""
    from types import ModuleType as Module

    class HidingModule(Module):
        def __setattr__(self, name: str, value: Any) -> None:
            if not isinstance(value, Module) or name != _HIDDEN[address_of(self.__name__)]:
                super().__setattr__(name, value)

    return HidingModule


class AddressLoader(Loader):
    """Makes the module at an address."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave the making of the module object to Python, but where a child is hidden."""
        if address_of(spec.name) not in _HIDDEN:
            return None
        return _hiding_class()(spec.name)

    def get_code(self, fullname: str) -> Any:
        """The program that ``-m`` runs for an address: its function `main`.

        Raises
        ------
        ImportError
            If it has none.
        """
        source, name = names_at(address_of(fullname)).get("main", ("", ""))
        if not source:
            raise ImportError(f"{fullname} is no program: it has no function main")
        text = f"import sys\nfrom {source} import {name}\nsys.exit({name}())"
        return compile(text, fullname, "exec")

    def exec_module(self, module: ModuleType) -> None:
        """Give the module what it says of itself and the names of its address."""
        from graphmode._addresses import modules

        module.__doc__ = modules.DOCS[address_of(module.__name__)]
        getter, lister = namespace(module.__name__)
        vars(module).update(__getattr__=getter, __dir__=lister)


sys.path_hooks.append(AddressFinder)
