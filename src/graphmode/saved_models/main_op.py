"""The op that a loaded model is begun with."""

from __future__ import annotations

from graphmode.framework.default_graph import control_dependencies, get_default_graph
from graphmode.framework.operation import Operation
from graphmode.ops.control.grouping import group
from graphmode.variables.collections import (
    global_variables_initializer,
    local_variables_initializer,
    tables_initializer,
)


def main_op() -> Operation:
    """An op that initialises all variables and tables that exist now."""
    return group(
        global_variables_initializer(), local_variables_initializer(), tables_initializer()
    )


def main_op_with_restore(restore_op_name: str | Operation) -> Operation:
    """An op that initialises all variables and tables, then restores.

    Parameters
    ----------
    restore_op_name : Operation or str
        The op that restores, or its name.

    Returns
    -------
    Operation
    """
    restore = get_default_graph().as_graph_element(restore_op_name)
    with control_dependencies([main_op()]):
        return group(restore)
