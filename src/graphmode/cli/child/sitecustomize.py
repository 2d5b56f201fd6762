"""Python imports this at the start of a process: there, too, `import tensorflow` is graphmode.

A program that starts itself again, by multiprocessing or by `sys.executable`, finds what it found.
A script of Python 2, which this interpreter would not even read, is handed to `graphmode run`.
"""

import importlib
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
        if name not in ("tensorflow", "horovod"):
            return None
        sys.meta_path.remove(_AtFirstImport)  # type: ignore[arg-type]
        from graphmode import period
        from graphmode.compat import alias
        from graphmode.datasets.addresses import hooks

        alias.install()
        hooks.install()
        period.install()
        return alias.spec(name)


def _let_spawn_read_python_2() -> None:
    """Let the children of multiprocessing, which run the program's file anew, run Python 2."""
    import runpy
    from typing import Any

    modules: Any = runpy
    plain = modules.run_path

    def run_path(path_name: str, init_globals: Any = None, run_name: Any = None) -> Any:
        try:
            return plain(path_name, init_globals, run_name)
        except SyntaxError as error:
            from graphmode.period.python2 import looks_like

            if error.filename != path_name or not looks_like(error):
                raise
        importlib.import_module("tensorflow")  # `_AtFirstImport` gives all that belongs to it
        from graphmode import period

        with open(path_name, "rb") as file:  # noqa: PTH123
            code = period.compile_source(file.read(), path_name)
        namespace: dict[str, Any] = {"__name__": run_name, "__file__": path_name}
        exec(code, namespace)
        return namespace

    modules.run_path = run_path


_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


def _hand_over_python_2() -> None:
    """Become `graphmode run SCRIPT` if this process was started for a script of Python 2."""
    words = sys.orig_argv[1:]
    n_flags = 0
    while n_flags < len(words) and words[n_flags].startswith("-"):
        if words[n_flags][1:2] in ("c", "m", ""):
            if "from multiprocessing." in " ".join(words[n_flags : n_flags + 2]):
                _let_spawn_read_python_2()
            return
        n_flags += 2 if words[n_flags] in _WITH_VALUE else 1
    if n_flags >= len(words):
        return
    script = words[n_flags]
    try:
        with open(script, "rb") as file:  # noqa: PTH123
            compile(file.read(), script, "exec", dont_inherit=True)
    except (OSError, ValueError):
        return  # Python says it better
    except SyntaxError as error:
        from graphmode.period.python2 import looks_like

        if looks_like(error):
            run = ["-m", "graphmode", "run"]
            os.execv(sys.executable, [sys.executable, *words[:n_flags], *run, *words[n_flags:]])


if __name__ == "sitecustomize":  # not where it is looked at as a module of the package
    _chain()
    _hand_over_python_2()
    sys.meta_path.insert(0, _AtFirstImport)  # type: ignore[arg-type]
