"""`tf.raw_ops`: every op type by its name, as a function of keyword arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphmode.autodiff import fallback as fallback  # defines an op, too
from graphmode.framework.op_def import op_def_of, registered_ops
from graphmode.graph_io.old_versions import function_of, old_types
from graphmode.ops import load_all


def __getattr__(name: str) -> Callable[..., Any]:
    if name.startswith("_"):
        raise AttributeError(name)
    if name not in registered_ops():
        load_all()  # a module that nothing has touched so far may define it
    if name not in registered_ops():
        if name in old_types():
            return function_of(name)
        raise AttributeError(f"module 'graphmode.raw_ops' has no attribute '{name}'")
    return op_def_of(name).public  # type: ignore[return-value]
