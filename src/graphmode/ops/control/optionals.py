"""Values that may not be there: what TensorFlow 2 passes from a branch to its gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.control.tensor_list_value import TensorList, empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.shapes import TensorShape


@op("OptionalNone", "-> optional: variant", shape=shape_rules.scalar, effect="host")
def optional_none():
    """Nothing."""
    return empty(0)


@op("OptionalFromValue", "[Toutput_types] -> optional: variant", shape=shape_rules.scalar)
def optional_from_value(components):
    """The tensors `components`, there."""
    return TensorList(list(components), None, len(components))


@op("OptionalHasValue", "variant -> has_value: bool", shape=shape_rules.scalar)
def optional_has_value(optional):
    """Whether something is there: bool, scalar."""
    return np.array(optional.size > 0)


def _component_dims(op):
    return [shape._dims for shape in op.attrs["output_shapes"]]


@op("OptionalGetValue", "variant -> components: [output_types]", shape=_component_dims)
def optional_get_value(
    optional, *, output_types: Sequence[DType], output_shapes: Sequence[TensorShape]
):
    """What is there.

    Raises
    ------
    InvalidArgumentError
        When it runs, if nothing is.
    """
    if optional.size != len(output_types):
        raise invalid("The given optional does not have a value.")
    return [optional.get(i) for i in range(optional.size)]
