"""Data sets that TF1 programs and the classic models read: each has a `load()`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

SETS = (
    "mnist",
    "fashion_mnist",
    "digits",
    "cifar10",
    "iris",
    "ptb",
    "tiny_shakespeare",
    "movielens_100k",
    "movielens_1m",
    "fuel_consumption",
)
"""Their names, which are those of the modules, too."""


def __getattr__(name: str) -> Any:
    if name not in SETS:
        raise AttributeError(
            f"module '{__name__}' has no attribute '{name}'. The data sets are {', '.join(SETS)}"
        )
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return [*globals(), *SETS]
