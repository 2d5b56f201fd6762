"""The vocabulary: one module per family of operations, one pure function per operation."""

import graphmode.ops.operators  # noqa: F401 - gives Tensor its operators
