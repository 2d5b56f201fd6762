"""What decides the program of a stage, apart from the shapes of its inputs.

Op types, attributes, wiring, dtypes, constants: not the identity of ops, so that a notebook cell
that builds the same layer again finds its program.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from graphmode.autodiff.fallback import Forward
from graphmode.framework import nest
from graphmode.framework.inference import kernel_attrs

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation
    from graphmode.runtime.control_flow import ControlRun
    from graphmode.runtime.plan import Step


class Structure:
    """One content: stages that do the same share the object as long as one of them lives."""

    __slots__ = ("__weakref__", "_content")

    def __init__(self, content: tuple[Any, ...]) -> None:
        self._content = content


_known: weakref.WeakValueDictionary[tuple[Any, ...], Structure] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def structure_of(
    inputs: Sequence[int],
    statics: Sequence[int],
    literals: Sequence[tuple[int, Any]],
    steps: Iterable[Step],
    outputs: Sequence[int],
) -> Structure:
    """The structure of a stage."""
    content = (len(statics), _content((*inputs, *statics), literals, steps, outputs))
    with _lock:
        structure = _known.get(content)
        if structure is None:
            structure = _known[content] = Structure(content)
    return structure


def _content(
    inputs: Sequence[int],
    constants: Sequence[tuple[int, Any]],
    steps: Iterable[Step],
    outputs: Sequence[int],
) -> tuple[Any, ...]:
    number: dict[int, int] = {}
    for slot in inputs:
        number[slot] = len(number)
    literals: list[tuple[Any, ...]] = []
    for slot, value in constants:
        number[slot] = len(number)
        content = b"" if value.dtype.hasobject else value.tobytes()  # texts: only Assert's
        literals.append((value.shape, value.dtype.str, content))
    described: list[tuple[Any, ...]] = []
    for step in steps:
        for slot in step.outputs:
            number[slot] = len(number)
        op = step.op
        described.append(
            (
                op.type,
                tuple(number[slot] for slot in step.inputs),
                tuple(t.dtype.as_datatype_enum for t in op.outputs),
                _frozen_attrs(op) if step.control is None else _inside(step.control),
                op.inputs[0].dims if op.op_def.overwrites else None,
            )
        )
    return (tuple(described), tuple(literals), tuple(number[slot] for slot in outputs))


def _inside(control: ControlRun) -> tuple[Any, ...]:
    """What decides the program of a branch or a loop."""
    return tuple(
        (
            _content(
                (*inner.feed_slots, *inner.version_slots),
                inner.constants,
                inner.steps,
                (*inner.result_slots, *inner.export_slots, *inner.new_version_slots),
            ),
            len(inner.export_slots),
        )
        for inner in control.inners
    )


def _frozen_attrs(op: Operation) -> tuple[Any, ...]:
    skipped = ("seed", "seed2") if op.op_def.effect == "random" else ()
    attrs = kernel_attrs(op)
    return tuple((key, _frozen(attrs[key])) for key in sorted(attrs) if key not in skipped)


def _frozen(value: Any) -> Any:
    if isinstance(value, Forward):  # which would keep its graph
        return value.content
    if isinstance(value, nest.LISTS):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, nest.DICT):
        return tuple((key, _frozen(item)) for key, item in sorted(value.items()))
    if hasattr(value, "tobytes") and hasattr(value, "shape"):
        return (value.shape, value.dtype.str, value.tobytes())
    return value
