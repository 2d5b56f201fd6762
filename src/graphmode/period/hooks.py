"""Apply a library's table when a program imports the library, and not before."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphmode._addresses.late import late
from graphmode.framework.defaults import AbsentGpus
from graphmode.period import programs
from graphmode.period.rows import Row

_prepare_cells = late("graphmode.period.cells", "prepare_shell")

_LIBRARIES = "graphmode.period.libraries"

# What a program imports -> the file of `libraries/` whose table is about it.
TABLES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "sklearn",
    "pandas": "pandas",
    "matplotlib": "matplotlib",
    "mpl_toolkits": "matplotlib",
    "pylab": "matplotlib",
    "PIL": "pillow",
    **dict.fromkeys(("Image", "ImageDraw", "ImageFont", "ImageFilter", "ImageOps"), "pillow"),
    "gym": "gym",
}
STANDARD = "standard"
"""The table of the standard library: many modules, there from the start."""


def tables() -> list[str]:
    """The names of all files of `libraries/`, those of the language first."""
    return ["language", STANDARD, *dict.fromkeys(TABLES.values())]


class _Table:
    """The rows of one file, by the module that they are about."""

    def __init__(self, name: str) -> None:
        file = importlib.import_module(f"{_LIBRARIES}.{name}")
        self.changes: dict[str, Callable[[types.ModuleType], None]] = file.CHANGES
        self.names: dict[str, dict[str, Row]] = {}
        self.modules: dict[str, Row] = {}
        for row in file.ROWS:
            if not (row.value or row.refused):
                continue
            if not row.name:
                self.modules[row.module] = row
            else:
                self.names.setdefault(row.module, {})[row.name] = row
        self.parents = {name.rpartition(".")[0] for name in self.modules} - {""}

    def is_about(self, module: str) -> bool:
        """Whether something is to be done when `module` has been imported."""
        return module in self.names or module in self.changes or module in self.parents

    def apply(self, module: types.ModuleType) -> None:
        """Give a module that was just imported what it no longer has."""
        name = module.__name__
        if name in self.changes:
            self.changes[name](module)
        if name in self.names:
            answer_for(module, self.names[name])
        if name in self.parents and not hasattr(module, "__path__"):
            module.__path__ = []  # so that the import system asks for what was below it


_loaded: dict[str, _Table] = {}


def _table(name: str) -> _Table:
    if name not in _loaded:
        _loaded[name] = _Table(name)
    return _loaded[name]


def _table_about(module: str) -> _Table | None:
    """The table that has rows about a module or a name inside of it."""
    top = module.partition(".")[0]
    if top in TABLES:
        return _table(TABLES[top])
    standard = _table(STANDARD)
    return standard if module in standard.modules or standard.is_about(module) else None


def answer_for(module: types.ModuleType, names: dict[str, Row]) -> None:
    """Let a module answer for `names` that it does not have (PEP 562), each when first asked."""
    previous = vars(module).get("__getattr__")

    def __getattr__(name: str) -> Any:  # noqa: N807
        row = names.get(name)
        if row is not None:
            value = row.answer()
            setattr(module, name, value)
            return value
        if previous is not None:
            return previous(name)
        raise AttributeError(
            f"module {module.__name__!r} has no attribute {name!r}", name=name, obj=module
        )

    module.__getattr__ = __getattr__


def install() -> None:
    """Give programs of this process the world that they were written in. Idempotent.

    Shims reach a library when a program imports it, or now if it was imported before. Modules
    beside the program are compiled as it is, and so are cells, where IPython runs.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    places = [
        place
        for place, finder in enumerate(sys.meta_path)
        if finder is importlib.machinery.PathFinder
    ]
    sys.meta_path.insert(places[0] if places else len(sys.meta_path), _Finder())
    sys.meta_path.append(_AbsentModules())
    programs.provide_calls()
    AbsentGpus.are_excused = True
    for builtin in ("time", "itertools", "sys"):
        importlib.import_module(builtin)
    for name, module in list(sys.modules.items()):
        about = _table_about(name)
        if about is not None and about.is_about(name) and isinstance(module, types.ModuleType):
            about.apply(module)
    _prepare_shell()


def _prepare_shell() -> None:
    """Compile the cells of the IPython that runs in this process, if one does, as programs are."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        _prepare_cells(shell)


class _Finder(importlib.abc.MetaPathFinder):
    """In place of Python's own: finds the same files; the tables are applied once they ran."""

    def find_spec(self, fullname: Any, path: Any = None, target: Any = None) -> Any:
        if fullname.partition(".")[0] == "graphmode":
            return None
        spec: Any = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        if is_local(spec):
            spec.loader = _LocalLoader(spec.loader.name, spec.loader.path)
            return spec
        about = _table_about(fullname)
        if about is not None and about.is_about(fullname):
            execute = spec.loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                execute(module)
                about.apply(module)

            spec.loader.exec_module = exec_module
        return spec


# What pip installs lies in site-packages or dist-packages, wherever that is.
_STANDARD_LIBRARY = (f"{Path(os.__file__).parent}/", f"{Path(os.__file__).resolve().parent}/")


def is_local(spec: importlib.machinery.ModuleSpec) -> bool:
    """Whether a module is part of the program: source that was not installed."""
    if type(spec.loader) is not importlib.machinery.SourceFileLoader or not spec.origin:
        return False
    origin = spec.origin
    return not origin.startswith(_STANDARD_LIBRARY) and "-packages/" not in origin


class _LocalLoader(importlib.machinery.SourceFileLoader):
    """Compiles as `compile_source` does; leaves no .pyc, which plain Python would read."""

    def get_code(self, fullname: str) -> types.CodeType:
        path = self.get_filename(fullname)
        if sys._getframe(1).f_globals.get("__name__") == "runpy":  # the program, as a module
            return programs.compile_source(self.get_data(path), path)
        folder = str(Path(sys.path[0] or ".").resolve()) + os.sep
        is_beside = str(Path(path).resolve()).startswith(folder)
        return programs.compile_module(self.get_data(path), path, is_beside)


class _AbsentModules(importlib.abc.MetaPathFinder):
    """Last in line: modules that are gone."""

    def find_spec(self, fullname: Any, path: Any = None, target: Any = None) -> Any:
        about = _table_about(fullname)
        if about is None or fullname not in about.modules:
            return None
        row = about.modules[fullname]
        names = about.names.get(fullname, {})
        return importlib.machinery.ModuleSpec(fullname, _AbsentLoader(row, names, about))


class _AbsentLoader(importlib.abc.Loader):
    """The module that answers for one that is gone, itself if nothing else is to be said of it."""

    def __init__(self, row: Row, names: dict[str, Row], about: _Table) -> None:
        self._row, self._names, self._about = row, names, about
        self._own_spec: Any = None

    def create_module(self, spec: Any) -> types.ModuleType:
        row = self._row
        if row.refused:
            raise ModuleNotFoundError(
                f"{row.said} is gone since {row.gone}: {row.refused}", name=spec.name
            )
        if row.install and importlib.util.find_spec(row.value.partition(".")[0]) is None:
            raise ModuleNotFoundError(
                f"{row.said} is gone since {row.gone}; what goes on with it is not installed: "
                f"{row.install}",
                name=spec.name,
            )
        if row.value and not self._names and not self._children(spec.name):
            module = importlib.import_module(row.value)
            self._own_spec = module.__spec__
            return module
        module = types.ModuleType(spec.name, f"Stands for {row.said}: {row.now}.")
        module.__path__ = []
        public: dict[str, Any] = {}
        if row.value:
            base = importlib.import_module(row.value)
            own = {*self._names, *self._children(spec.name)}
            public = {k: v for k, v in vars(base).items() if k[:1] != "_" and k not in own}
            vars(module).update(public)

            def __getattr__(name: str) -> Any:  # noqa: N807
                if name in own:
                    return importlib.import_module(f"{spec.name}.{name}")
                return getattr(base, name)

            module.__getattr__ = __getattr__
        answered = [name for name, each in self._names.items() if not each.refused]
        module.__all__ = sorted({*public, *answered})  # pyright: ignore[reportAttributeAccessIssue]
        return module

    def _children(self, name: str) -> list[str]:
        """The modules right below one, by their last names."""
        below = [module.rpartition(".") for module in self._about.modules]
        return [last for parent, _, last in below if parent == name]

    def exec_module(self, module: types.ModuleType) -> None:
        if self._own_spec is not None:
            module.__spec__ = self._own_spec
        else:
            self._about.apply(module)
