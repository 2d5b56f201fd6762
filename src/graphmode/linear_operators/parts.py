"""What operators are made of: tensors that are checked, and batches that broadcast."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.control.assertions import assert_none_equal
from graphmode.ops.linalg.linear_systems import (
    cholesky_solve,
    matrix_solve,
    matrix_triangular_solve,
)


def broadcast_shape(*shapes: Any) -> Any:
    """The static shape of batches together."""
    found = shapes[0]
    for shape in shapes[1:]:
        found = array.broadcast_static_shape(found, shape)
    return found


def together(*matrices: Any) -> list[Any]:
    """Matrices with one batch shape: the smaller batches are repeated."""
    shapes = [matrix.shape[:-2] for matrix in matrices]
    if all(s.is_fully_defined() and s.as_list() == shapes[0].as_list() for s in shapes):
        return list(matrices)
    batch = sum(array.zeros_like(matrix[..., :1, :1]) for matrix in matrices)
    return [matrix + batch for matrix in matrices]


def solved(matrix: Any, rhs: Any, adjoint: bool = False) -> Any:
    """The x of ``matrix @ x = rhs``."""
    return matrix_solve(*together(matrix, rhs), adjoint=adjoint)


def solved_by_triangle(lower: Any, rhs: Any, adjoint: bool = False) -> Any:
    """The x of ``lower @ x = rhs``, `lower` triangular."""
    matrix, right = together(lower, rhs)
    return matrix_triangular_solve(matrix, right, lower=True, adjoint=adjoint)


def solved_by_cholesky(factor: Any, rhs: Any) -> Any:
    """The x of ``factor @ factor^H @ x = rhs``."""
    return cholesky_solve(*together(factor, rhs))


def made_of(value: Any, argument: str, least_rank: int, name: str) -> Any:
    """The tensor of an argument, which has at least so many axes."""
    with name_scope(name):
        tensor: Any = convert_to_tensor(value, name=argument)
    n_axes = tensor.shape.ndims
    if n_axes is not None and n_axes < least_rank:
        axes = "dimension" if least_rank == 1 else "dimensions"
        raise ValueError(
            f"Argument {argument} must have at least {least_rank} {axes}.  Found: {tensor}"
        )
    return tensor


def of_one_dtype(operators: Any, complaint: str) -> list[Any]:
    """The operators as a list; there is one at least, and all have one dtype."""
    found = list(operators)
    if not found:
        raise ValueError(f"{complaint} Found: {found}")
    if any(operator.dtype != found[0].dtype for operator in found):
        names = "   ".join(str((operator.name, operator.dtype)) for operator in found)
        raise TypeError(f"Expected all operators to have the same dtype.  Found {names}")
    return found


def parents_of(operators: Any) -> list[Any]:
    """The tensors that several operators are made of."""
    return [parent for operator in operators for parent in operator.graph_parents]


def assert_no_zeros(tensor: Any, message: str) -> Any:
    """An op that fails if an element is 0."""
    size = math.abs(tensor)
    return assert_none_equal(size, array.zeros_like(size), message=message)
