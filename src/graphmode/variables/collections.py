"""The variables of the default graph by collection, and the ops that initialise them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.ops.array import boolean_mask, shape_values
from graphmode.ops.array.constants import constant
from graphmode.ops.array.joining import stack
from graphmode.ops.control.grouping import group
from graphmode.ops.math.comparison import logical_not
from graphmode.ops.state.variable_ops import is_variable_initialized

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmode.framework.operation import Operation, Tensor
    from graphmode.variables.variable import Variable


def global_variables(scope: str | None = None) -> list[Variable]:
    """The variables shared by every session target; with `scope`, those whose name matches it."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def all_variables() -> list[Variable]:
    """The old name of `global_variables`."""
    return global_variables()


def local_variables(scope: str | None = None) -> list[Variable]:
    """Variables that belong to one process and are not saved: counters of metrics.

    Parameters
    ----------
    scope : str, optional
        What their names begin with, a regular expression.

    Returns
    -------
    list of Variable
    """
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Variable]:
    """Variables that a model needs for inference.

    Parameters
    ----------
    scope : str, optional
        What their names begin with, a regular expression.

    Returns
    -------
    list of Variable
    """
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Variable]:
    """The variables that optimizers train by default.

    Parameters
    ----------
    scope : str, optional
        What their names begin with, a regular expression.

    Returns
    -------
    list of Variable
    """
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Variable]:
    """The variables that a moving average follows.

    Parameters
    ----------
    scope : str, optional
        What their names begin with, a regular expression.

    Returns
    -------
    list of Variable
    """
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def variables_initializer(var_list: Iterable[Variable], name: str = "init") -> Operation:
    """An op that initialises `var_list`.

    The initial values are all computed from what the variables held before, as one run does.
    """
    return group(*[variable.initializer for variable in var_list], name=name)


def global_variables_initializer() -> Operation:
    """An op that initialises the global variables that exist now."""
    return variables_initializer(global_variables())


def local_variables_initializer() -> Operation:
    """An op that initialises the local variables that exist now."""
    return variables_initializer(local_variables())


initialize_variables = variables_initializer


def initialize_all_variables() -> Operation:
    """The old name of `global_variables_initializer`."""
    return global_variables_initializer()


def initialize_local_variables() -> Operation:
    """The old name of `local_variables_initializer`."""
    return local_variables_initializer()


def report_uninitialized_variables(
    var_list: Iterable[Variable] | None = None, name: str = "report_uninitialized_variables"
) -> Tensor:
    """The names of the variables that have no value yet: a 1-D string tensor.

    Parameters
    ----------
    var_list : list of Variable, optional
        The global and local variables if not given.
    """
    if var_list is None:
        var_list = global_variables() + local_variables()
    with get_default_graph().name_scope(name):
        if not var_list:
            return constant(np.array([], object), dtype=dtypes.string)
        has_value = stack([is_variable_initialized(variable) for variable in var_list])
        names = constant([variable.op.name for variable in var_list])
        return boolean_mask(names, logical_not(has_value))


def assert_variables_initialized(var_list: Iterable[Variable] | None = None) -> Tensor | None:
    """An op that fails with FailedPreconditionError if a variable has no value yet.

    None if there are no variables. `var_list` is the global and local variables if not given.
    """
    if var_list is None:
        var_list = global_variables() + local_variables()
    if not var_list:
        return None
    # tf.rank is a constant here, which needs no variable
    ranks = [shape_values.rank_op(variable) for variable in var_list]
    return ranks[0] if len(ranks) == 1 else stack(ranks)


def tables_initializer(name: str = "init_all_tables") -> Operation:
    """An op that fills the lookup tables that exist now."""
    return group(*get_default_graph().get_collection(GraphKeys.TABLE_INITIALIZERS), name=name)


initialize_all_tables = tables_initializer
