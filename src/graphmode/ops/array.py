"""The array family under one name: constants, shapes, joining, slicing, indexing."""

from graphmode.ops.constants import (
    const,
    constant,
    fill,
    guarantee_const,
    identity,
    identity_n,
    ones,
    ones_like,
    pack,
    placeholder,
    placeholder_with_default,
    prevent_gradient,
    stop_gradient,
    zeros,
    zeros_like,
)
from graphmode.ops.indexing import (
    gather,
    gather_nd,
    scatter_nd,
)
from graphmode.ops.joining import (
    concat,
    pad,
    parallel_stack,
    reverse,
    split,
    stack,
    tile,
    unstack,
)
from graphmode.ops.sequences import linspace, range
from graphmode.ops.shaping import (
    broadcast_dynamic_shape,
    broadcast_gradient_args,
    broadcast_static_shape,
    broadcast_to,
    expand_dims,
    matrix_transpose,
    rank,
    reshape,
    shape,
    shape_n,
    size,
    squeeze,
    transpose,
)
