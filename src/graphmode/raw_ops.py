"""`tf.raw_ops`: every op type by its name, as a function of keyword arguments.

TensorFlow 1's internal modules `gen_array_ops`, `gen_nn_ops` and so on have the same functions
under names in lower case: `in_lower_case`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from graphmode.autodiff import fallback as fallback  # defines an op, too
from graphmode.framework.errors import NotFoundError
from graphmode.framework.op_def import op_def_of, registered_ops
from graphmode.graph_io.old_versions import function_of, old_types
from graphmode.ops import load_all


def __getattr__(name: str) -> Callable[..., Any]:
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return op_def_of(name).public  # type: ignore[return-value]
    except NotFoundError:
        if name in old_types():
            return function_of(name)
        raise AttributeError(f"module 'graphmode.raw_ops' has no attribute '{name}'") from None


def in_lower_case(name: str) -> Callable[..., Any] | None:
    """The function of the op type that TensorFlow's generated modules call `name`, or None.

    Parameters
    ----------
    name : str
        An op type as ``gen_array_ops`` has it: ``concat_v2`` for ConcatV2.

    Examples
    --------
    >>> from graphmode import raw_ops
    >>> raw_ops.in_lower_case("concat_v2") is raw_ops.ConcatV2
    True
    """
    load_all()
    for op_type in (*registered_ops(), *old_types()):
        if _lower_case(op_type) == name:
            return __getattr__(op_type)
    return None


def _lower_case(op_type: str) -> str:
    """ConcatV2 -> concat_v2, Conv2DBackpropInput -> conv2d_backprop_input."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", op_type).lower()
