"""The ops that write to resource variables: those of reference variables, given handles.

Each is one row, the same record under another name: the kernel, the checks, the dtypes. It reads
and writes the variables that its handles lead to, and has no output for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphmode.framework.op import publish
from graphmode.framework.op_def import OpDef, op_def_of
from graphmode.ops.state import optimizer_laws, scatter, sliced_assignment, variable_ops
from graphmode.ops.state.references import through_handles

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEFINED = (optimizer_laws, scatter, sliced_assignment, variable_ops)
"""Where the records are that the rows name."""


def by_handle(
    by_reference: str, op_type: str, names: Sequence[str] = (), family: str = "T", **attrs: Any
) -> OpDef:
    """Define the op `op_type`, which does by handle what `by_reference` does by reference.

    Parameters
    ----------
    by_reference, op_type : str
    names : sequence of str
        What its first inputs are called, where that differs.
    family : str
        What its type variable `T` is called.
    **attrs
        The default of an attribute, where it is another one; ``use_locking=None`` drops it.
    """
    record = op_def_of(by_reference)

    def called(name: str) -> str:
        return family if name == "T" else name

    inputs = tuple(
        spec._replace(
            name=names[i] if i < len(names) else spec.name,
            family=called(spec.family),
            is_handle=spec.is_ref,
        )
        for i, spec in enumerate(record.inputs)
    )
    outputs = tuple(
        spec._replace(name="output", family=called(spec.family))
        for spec in record.outputs
        if not spec.is_ref
    )
    merged = {**record.attrs, **attrs}
    kept = {key: value for key, value in merged.items() if value is not None}
    assert record.shape is not None  # noqa: S101 - every op that writes has a rule
    form = replace(
        record,
        type=op_type,
        inputs=inputs,
        outputs=outputs,
        families={called(key): dtypes for key, dtypes in record.families.items()},
        attrs=kept,
        kinds={
            called(key): kind
            for key, kind in record.kinds.items()
            if key in kept or key not in record.attrs
        },
        shape=through_handles(record.shape),
    )
    record.by_handle = form
    publish(form, op_type)
    return form


_ROWS = ("resource", "indices", "updates")

for _name in ("Update", "Add", "Sub", "Mul", "Div", "Min", "Max"):
    by_handle(f"Scatter{_name}", f"ResourceScatter{_name}", _ROWS, "dtype", use_locking=None)
for _name in ("Update", "Add", "Sub"):
    by_handle(f"ScatterNd{_name}", f"ResourceScatterNd{_name}", use_locking=True)
for _name in ("Add", "Sub"):
    by_handle(
        f"Assign{_name}", f"Assign{_name}VariableOp", ("resource",), "dtype", use_locking=None
    )
by_handle("StridedSliceAssign", "ResourceStridedSliceAssign")
by_handle("CountUpTo", "ResourceCountUpTo", ("resource",))
for _name in optimizer_laws.BY_REFERENCE:
    by_handle(_name, f"Resource{_name}")
