"""What the devices of a mesh tell each other: read from the text of a compiled program."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

_KINDS = ("all-gather", "all-reduce", "reduce-scatter", "all-to-all", "collective-permute")
_LINE = re.compile(rf"= (.+?) ({'|'.join(_KINDS)})(?:-start)?\(")
_ARRAY = re.compile(r"\b(pred|[suf]\d+|bf16|c\d+)\[([\d,]*)\]")


class Collective(NamedTuple):
    """One exchange of a program."""

    kind: str
    """XLA's word: all-reduce, all-gather, reduce-scatter, all-to-all, collective-permute."""
    shapes: tuple[tuple[int, ...], ...]
    """Of what each device has after it."""
    n_bytes: int
    """Of these arrays."""

    def moved(self, n_devices: int) -> float:
        """Bytes that each device sends, of the best known way among `n_devices`."""
        share = (n_devices - 1) / n_devices
        if self.kind == "all-reduce":
            return 2 * share * self.n_bytes
        if self.kind == "reduce-scatter":
            return share * self.n_bytes * n_devices
        return self.n_bytes if self.kind == "collective-permute" else share * self.n_bytes


def collectives(program: str) -> list[Collective]:
    """The exchanges in the text of a compiled program; what stands in a loop is there once."""
    found: list[Collective] = []
    for line in program.splitlines():
        match = _LINE.search(line)
        if match is None:
            continue
        shapes: list[tuple[int, ...]] = []
        n_bytes = 0
        for dtype, dims in _ARRAY.findall(match[1]):
            shape = tuple(int(d) for d in dims.split(",") if d)
            shapes.append(shape)
            n_bytes += math.prod(shape) * _size(dtype)
        found.append(Collective(match[2], tuple(shapes), n_bytes))
    return found


def _size(dtype: str) -> int:
    """Bytes of an element."""
    return 1 if dtype == "pred" else int(re.sub(r"\D", "", dtype)) // 8
