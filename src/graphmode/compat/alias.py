"""Make `import tensorflow` mean graphmode, for this process.

`tensorflow.X.Y` is the module object `graphmode.X.Y` itself: nothing is executed twice, so
a class has one identity under both names. `tensorflow.compat.v1` is graphmode too. The finder
answers for every name below `tensorflow`, so an installed TensorFlow is never imported.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from typing import Any, cast

from graphmode._addresses.absent import instead
from graphmode.summary.event_files import keep_tensorflow_out

_OURS = __name__.partition(".")[0]
_NAME = "tensorflow"
_V1 = "tensorflow.compat.v1"
HOROVOD = "horovod"
"""Before an installed one, which would load a library compiled for TensorFlow."""

COMPANIONS = {
    "reader": "graphmode.datasets.ptb_reader",
    "utils": "graphmode.viz.raster",
    "utils1": "graphmode.viz.raster",
    "wget": "graphmode.datasets.addresses.wget",
}
"""Modules that lay beside the programs of a course, for a program that came without them."""


def install() -> None:
    """Put graphmode under the name `tensorflow`. A second call changes nothing.

    Raises
    ------
    RuntimeError
        If another module already has that name in this process.
    """
    package = importlib.import_module(_OURS)
    present = sys.modules.get(_NAME)
    if present is package:
        return
    if present is not None:
        raise RuntimeError(
            f"the name 'tensorflow' is already taken by {getattr(present, '__file__', present)}: "
            "install graphmode's alias before anything imports tensorflow"
        )
    sys.modules[_NAME] = package
    vars(sys.modules[f"{_OURS}.compat"])["v1"] = package
    sys.meta_path.insert(0, _AliasFinder())
    sys.meta_path.append(_MissingAddressFinder())
    sys.meta_path.append(_CompanionFinder())
    keep_tensorflow_out()


def _target(alias: str) -> str:
    """The graphmode module behind an address: tensorflow.compat.v1.nn -> graphmode.nn."""
    if alias in COMPANIONS:
        return COMPANIONS[alias]
    if _is_horovod(alias):
        return f"{_OURS}.{alias}"
    prefix = _V1 if alias == _V1 or alias.startswith(_V1 + ".") else _NAME
    return _OURS + alias.removeprefix(prefix)


def _is_horovod(name: str) -> bool:
    return name == HOROVOD or name.startswith(f"{HOROVOD}.")


def missing_address(alias: str) -> ModuleNotFoundError:
    """The error for an address that graphmode does not have, with what to use instead."""
    address = alias.removeprefix(f"{_NAME}.").removeprefix("compat.v1.")
    message = f"graphmode has no {alias}{instead(address)}"
    # The alias as the error's name, never ours: `from x import y` swallows an error whose name
    # is the submodule that it looked for.
    return ModuleNotFoundError(message, name=alias)


def spec(name: str) -> importlib.machinery.ModuleSpec:
    """How the import system gets the module at `name`, tensorflow or an address below it."""
    # With an origin, which `python -m` makes `sys.argv[0]`.
    return importlib.machinery.ModuleSpec(name, _AliasLoader(), origin=__file__)


class _AliasFinder(importlib.abc.MetaPathFinder):
    """Finds tensorflow.X as graphmode.X; first in line."""

    def find_spec(self, fullname: Any, path: Any = None, target: Any = None):
        if not fullname.startswith(_NAME + ".") and not _is_horovod(fullname):
            return None
        return spec(fullname)


class _AliasLoader(importlib.abc.Loader):
    """Hands the import system a module that is already loaded under its own name."""

    def create_module(self, spec: Any):
        name = _target(spec.name)
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            # Only an address of ours: a missing third-party module keeps its own error.
            addresses = (name, spec.name, _NAME + name.removeprefix(_OURS))
            if any(f"{address}.".startswith(f"{error.name}.") for address in addresses):
                raise missing_address(spec.name) from None
            raise
        self._own_spec = module.__spec__
        return module

    def get_code(self, fullname: str) -> Any:
        """What ``-m`` runs for an alias: what it runs for the module itself."""
        name = _target(fullname)
        found = importlib.util.find_spec(name)
        if found is None or found.loader is None:
            raise missing_address(fullname)
        return cast("Any", found.loader).get_code(name)

    def exec_module(self, module: Any) -> None:
        # The import system has just written the alias's spec over the module's own.
        module.__spec__ = self._own_spec


class _MissingAddressFinder(importlib.abc.MetaPathFinder):
    """Last in line: says that `from tensorflow.contrib import foo` asks for nothing we have."""

    def find_spec(self, fullname: Any, path: Any = None, target: Any = None) -> None:
        if fullname.startswith(_OURS + "."):
            raise missing_address(_NAME + fullname.removeprefix(_OURS))
        return None


class _CompanionFinder(importlib.abc.MetaPathFinder):
    """Last of all: a program's own `utils`, or an installed one, comes before ours."""

    def find_spec(self, fullname: Any, path: Any = None, target: Any = None):
        if fullname not in COMPANIONS:
            return None
        return spec(fullname)
