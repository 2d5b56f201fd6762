"""Python imports this at the start of a process: there, too, `import tensorflow` is graphmode.

A program that starts itself again, by multiprocessing or by `sys.executable`, finds what it found.
"""

import importlib.util
import os
import sys
from importlib.machinery import PathFinder

_HERE = os.path.dirname(__file__)  # noqa: PTH120 - pathlib would be imported in every process


def _chain() -> None:
    """Run the `sitecustomize` that this one stands before."""
    spec = PathFinder.find_spec("sitecustomize", [p for p in sys.path if p != _HERE])
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


class _AtFirstImport:
    """Puts graphmode under the name tensorflow when somebody asks for it."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> object:
        if name != "tensorflow":
            return None
        sys.meta_path.remove(_AtFirstImport)  # type: ignore[arg-type]
        from graphmode import period
        from graphmode.compat import alias
        from graphmode.datasets.addresses import hooks

        alias.install()
        hooks.install()
        period.install()
        return alias.spec(name)


if __name__ == "sitecustomize":  # not where it is looked at as a module of the package
    _chain()
    sys.meta_path.insert(0, _AtFirstImport)  # type: ignore[arg-type]
