"""`graphmode.compat.v1`: graphmode's own names, since there is no other version in it.

A plain module, not the package under a second name: a package here would let
`import graphmode.compat.v1.nn` execute a second copy of `graphmode.nn`.
"""

from __future__ import annotations

import sys
from typing import Any

_graphmode = sys.modules[__name__.partition(".")[0]]


def __getattr__(name: Any):
    if name == "__path__":  # having one is what makes a module a package
        raise AttributeError(name)
    return getattr(_graphmode, name)


def __dir__():
    return dir(_graphmode)
