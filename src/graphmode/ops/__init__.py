"""The vocabulary: a folder a family of operations, one pure function an operation."""

from __future__ import annotations

import importlib

import graphmode.ops.array.constants
import graphmode.ops.operators  # noqa: F401 - with the op Const, all that conversions need
from graphmode.framework.op_def import loaders


def load_all() -> None:
    """Import every module of the vocabulary."""
    import pkgutil

    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)


loaders.append(load_all)
