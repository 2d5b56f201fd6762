"""`tf.raw_ops`: every op type by its name, as a function of keyword arguments."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from graphmode import autodiff, ops
from graphmode.framework.op_def import op_def_of, registered_ops


def __getattr__(name: str) -> Callable:
    if name.startswith("_"):
        raise AttributeError(name)
    if name not in registered_ops():
        # The modules that nothing has touched so far may define it.
        for package in (ops, autodiff):
            for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
                importlib.import_module(module.name)
    if name not in registered_ops():
        raise AttributeError(f"module 'graphmode.raw_ops' has no attribute '{name}'")
    return op_def_of(name).public  # type: ignore[return-value]
