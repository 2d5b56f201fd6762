"""The error for reading variables that have no value yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmode.framework import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Operation


def uninitialized(
    missing: Sequence[Operation], reader: Operation | None
) -> errors.FailedPreconditionError:
    """All variables of `missing`, the lines that made them, and what would initialise them."""
    lines = [f"Attempting to use uninitialized value {', '.join(op.name for op in missing)}"]
    for op in missing:
        if op.site is not None:
            lines.append(f"  '{op.name}' created at {op.site.short()}   {op.site.source}")
    local = {v.op for v in missing[0].graph.get_collection("local_variables")}
    kinds = {"local" if op in local else "global" for op in missing}
    fixes = " and ".join(f"sess.run(tf.{kind}_variables_initializer())" for kind in sorted(kinds))
    lines.append(f"  fix: {fixes} before this run, after all variables are made")
    return errors.FailedPreconditionError(None, reader, "\n".join(lines))
