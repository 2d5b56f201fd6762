"""A value that later ops need while they are traced, taken from a run: a length from data."""

from __future__ import annotations

from graphmode.framework.dtypes import ANY
from graphmode.framework.op import op
from graphmode.ops.array.identities import identity


@op(
    "HostValue",
    "T -> T",
    name="host_value",
    shape=lambda operation: [operation.inputs[0].dims],
    data_dependent=True,
    written=lambda op, value: identity(value),
    differs="graphmode's own: TensorFlow's programs are not compiled for lengths",
    T=ANY,
)
def host_value(input):
    """`input`, computed before what needs it is compiled.

    A length computed from a fed vector then decides the program alone, not all of the vector.
    """
    return input
