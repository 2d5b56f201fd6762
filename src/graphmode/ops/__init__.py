"""The vocabulary: a folder a family of operations, one pure function an operation."""

from __future__ import annotations

import importlib
import pkgutil

import graphmode.ops.operators  # noqa: F401 - gives Tensor its operators


def load_all() -> None:
    """Import every module that defines operations."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    importlib.import_module("graphmode.autodiff.fallback")  # it defines one, too
