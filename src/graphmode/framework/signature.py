"""The signature of an operation type: the dtypes of its arguments and results, as one string.

A signature is ``inputs -> outputs``, each a comma-separated list of

=============  ==================================================================================
``float32``    exactly this dtype
``T``          any dtype of family `T`; every `T` in the signature is the same. On the output side
               also the name of an attribute that holds a dtype (``DstT``)
``T*N``        a list of `N` tensors of dtype `T` (`N` becomes an attribute)
``[Tin]``      a list of tensors of any dtypes (`Tin` becomes an attribute: the list of dtypes)
``&T``         the variable itself, not its value. An op with ``effect="write"`` returns the new
               value of each of its ``&`` inputs, in order, and then its outputs that are no
               ``&``; an output that is ``&`` is the first of the new values
=============  ==================================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphmode.framework import dtypes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType


@dataclass(slots=True, frozen=True)
class ArgSpec:
    """One argument of a signature."""

    name: str
    dtype: DType | None = None
    """The dtype when it is fixed."""
    family: str = ""
    """The type variable or dtype attribute when it is not."""
    count: str = ""
    """The attribute that holds the length of a list argument."""
    is_list: bool = False
    is_ref: bool = False


_FIXED = {dtype.name: dtype for dtype in (*dtypes.ANY, dtypes.resource, dtypes.variant)}
_TOKEN = re.compile(r"^(&?)(\[?)([A-Za-z]\w*)\]?(?:\*(\w+))?$")


def parse_side(text: str, names: Sequence[str]) -> tuple[ArgSpec, ...]:
    """The arguments that one side of a signature lists, called `names` as far as those go."""
    tokens = [token.strip() for token in text.split(",") if token.strip()]
    specs = []
    for i, token in enumerate(tokens):
        match = _TOKEN.match(token)
        if match is None:
            raise ValueError(f"malformed signature token {token!r}")
        ref, bracket, word, count = match.groups()
        fixed = _FIXED.get(word)
        specs.append(
            ArgSpec(
                name=names[i] if i < len(names) else f"output_{i}",
                dtype=fixed,
                family="" if fixed is not None else word,
                count=count or "",
                is_list=bool(bracket or count),
                is_ref=bool(ref),
            )
        )
    return tuple(specs)
