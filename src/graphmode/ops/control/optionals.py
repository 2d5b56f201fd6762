"""Values that may not be there: `tf.data.experimental.Optional`.

TensorFlow 2 passes them from a branch to its gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmode.framework import shape_rules
from graphmode.framework.errors import OutOfRangeError, invalid
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


def component_dims(op):
    """The shapes that an op says its outputs have."""
    return [shape._dims for shape in op.attrs["output_shapes"]]


@op("OptionalGetValue", "variant -> components: [output_types]", shape=component_dims)
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


@op(
    "IteratorGetNextAsOptional",
    "resource -> optional: variant",
    shape=shape_rules.scalar,
    effect="host",
    blocks=True,
)
def iterator_get_next_as_optional(
    iterator, *, output_types: Sequence[DType], output_shapes: Sequence[TensorShape]
):
    """The next element of an iterator; nothing at the end."""
    try:
        components = iterator[()].take()
    except OutOfRangeError:
        return empty(0)
    return TensorList(components, None, len(components))
