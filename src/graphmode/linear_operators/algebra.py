"""Operators of operators: the adjoint, the inverse, the product, and the triangle of Cholesky."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.linear_operators.base import Operator
from graphmode.linear_operators.parts import (
    assert_no_zeros,
    broadcast_shape,
    made_of,
    of_one_dtype,
    parents_of,
    solved_by_triangle,
)
from graphmode.ops import array, math
from graphmode.ops.array.shaping import adjoint as adjoint_of
from graphmode.ops.control.grouping import group
from graphmode.ops.linalg.decompositions import cholesky
from graphmode.ops.linalg.diagonals import matrix_band_part, matrix_diag_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


class LinearOperator(Operator):
    """A matrix, or a batch of matrices, by what it does.

    A subclass of yours says its static shape (`_shape`), its product (`_matmul`), and what it can
    do without its elements.

    Parameters
    ----------
    dtype : DType
    graph_parents : list of Tensor, of any dtype and shape, optional
        What it is made of.
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it: hints, which are believed.
    name : str

    Raises
    ------
    ValueError
        If hints contradict each other.

    Examples
    --------
    >>> import graphmode as tf
    >>> operator = tf.linalg.LinearOperatorDiag([1.0, 2.0])
    >>> with tf.Session() as sess:
    ...     print(sess.run(operator.matvec([3.0, 5.0])))
    [ 3. 10.]
    """

    def _adjoint(self) -> Operator:
        return LinearOperatorAdjoint(self)

    def _inverse(self) -> Operator:
        return LinearOperatorInversion(self)

    def _cholesky(self) -> Operator:
        factor = cholesky(self._to_dense())
        return LinearOperatorLowerTriangular(factor, is_non_singular=True)

    def _times(self, other: Operator) -> Operator:
        return LinearOperatorComposition([self, other])


class LinearOperatorLowerTriangular(LinearOperator):
    """The lower triangle of a matrix.

    Parameters
    ----------
    tril : Tensor, floating or complex, shape [..., n, n]
        What is above its diagonal does not count.
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it.
    name : str

    Raises
    ------
    ValueError
        If `tril` has less than two axes, or is said not to be square.
    """

    def __init__(
        self,
        tril: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorLowerTriangular",
    ) -> None:
        if is_square is False:
            raise ValueError("Only square lower triangular operators supported at this time.")
        self._tril = made_of(tril, "tril", 2, name)
        super().__init__(
            self._tril.dtype,
            [self._tril],
            is_non_singular,
            is_self_adjoint,
            is_positive_definite,
            True,
            name,
        )

    def _shape(self) -> Any:
        return self._tril.shape

    def _shape_tensor(self) -> Tensor:
        return array.shape(self._tril)

    def _to_dense(self) -> Tensor:
        return matrix_band_part(self._tril, -1, 0)

    def _diag_part(self) -> Tensor:
        return matrix_diag_part(self._tril)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return math.matmul(self._to_dense(), x, adjoint_a=adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return solved_by_triangle(self._to_dense(), rhs, adjoint)

    def _determinant(self) -> Tensor:
        return math.reduce_prod(self._diag_part(), axis=[-1])

    def _log_abs_determinant(self) -> Tensor:
        return math.reduce_sum(math.log(math.abs(self._diag_part())), axis=[-1])

    def _assert_non_singular(self) -> Any:
        return assert_no_zeros(
            self._diag_part(), "Singular operator:  Diagonal contained zero values."
        )


class LinearOperatorAdjoint(LinearOperator):
    """The adjoint of an operator.

    Parameters
    ----------
    operator : LinearOperator
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it, beside what is known of `operator`.
    name : str, optional

    Raises
    ------
    ValueError
        If that contradicts what is known of `operator`.
    """

    def __init__(
        self,
        operator: Operator,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        self.operator = operator
        given = (is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        hints = _hints_of(operator, given, "adjoint")
        name = name or f"{operator.name}_adjoint"
        super().__init__(operator.dtype, operator.graph_parents, *hints, name=name)

    def _shape(self) -> Any:
        return _turned(self.operator.shape)

    def _shape_tensor(self) -> Tensor:
        lengths = self.operator.shape_tensor()
        return array.concat([lengths[:-2], lengths[-1:], lengths[-2:-1]], 0)

    def _to_dense(self) -> Tensor:
        return adjoint_of(self.operator.to_dense())

    def _diag_part(self) -> Tensor:
        return math.conj(self.operator.diag_part())

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self.operator.matmul(x, adjoint=not adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self.operator.solve(rhs, adjoint=not adjoint)

    def _determinant(self) -> Tensor:
        return math.conj(self.operator.determinant())

    def _log_abs_determinant(self) -> Tensor:
        return self.operator.log_abs_determinant()

    def _adjoint(self) -> Operator:
        return self.operator

    def _assert_non_singular(self) -> Any:
        return self.operator.assert_non_singular()

    def _assert_positive_definite(self) -> Any:
        return self.operator.assert_positive_definite()

    def _assert_self_adjoint(self) -> Any:
        return self.operator.assert_self_adjoint()


class LinearOperatorInversion(LinearOperator):
    """The inverse of an operator.

    Parameters
    ----------
    operator : LinearOperator
        Square, not known to be singular.
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it, beside what is known of `operator`.
    name : str, optional

    Raises
    ------
    ValueError
        If it has no inverse, or the hints contradict what is known of `operator`.
    """

    def __init__(
        self,
        operator: Operator,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        self.operator = operator
        for hint, own, given in (
            ("is_non_singular", operator.is_non_singular, is_non_singular),
            ("is_square", operator.is_square, is_square),
        ):
            if own is False or given is False:
                raise ValueError(
                    f"operator and supplied hints must have `{hint}` equal to `True` or `None`.  "
                    f"Found {own}, {given}"
                )
        given = (is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        hints = _hints_of(operator, given, "inverse")
        name = name or f"{operator.name}_inv"
        super().__init__(operator.dtype, operator.graph_parents, *hints, name=name)

    def _shape(self) -> Any:
        return self.operator.shape

    def _shape_tensor(self) -> Tensor:
        return self.operator.shape_tensor()

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self.operator.solve(x, adjoint=adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self.operator.matmul(rhs, adjoint=adjoint)

    def _determinant(self) -> Tensor:
        return 1.0 / self.operator.determinant()

    def _log_abs_determinant(self) -> Tensor:
        return -1.0 * self.operator.log_abs_determinant()

    def _inverse(self) -> Operator:
        return self.operator

    def _assert_non_singular(self) -> Any:
        return self.operator.assert_non_singular()

    def _assert_positive_definite(self) -> Any:
        return self.operator.assert_positive_definite()

    def _assert_self_adjoint(self) -> Any:
        return self.operator.assert_self_adjoint()


class LinearOperatorComposition(LinearOperator):
    """The product of operators, the last of which acts first.

    Parameters
    ----------
    operators : list of LinearOperator, of one dtype
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it.
    name : str, optional

    Raises
    ------
    ValueError
        If there is no operator, or it is said to be singular and no operator is.
    TypeError
        If dtypes differ.
    """

    def __init__(
        self,
        operators: Sequence[Operator],
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        self.operators = of_one_dtype(operators, "Expected a non-empty list of operators.")
        if all(operator.is_non_singular for operator in self.operators):
            if is_non_singular is False:
                raise ValueError(
                    "The composition of non-singular operators is always non-singular."
                )
            is_non_singular = True
        super().__init__(
            self.operators[0].dtype,
            parents_of(self.operators),
            is_non_singular,
            is_self_adjoint,
            is_positive_definite,
            is_square,
            name or "_o_".join(operator.name for operator in self.operators),
        )

    def _shape(self) -> Any:
        for left, right in zip(self.operators, self.operators[1:], strict=False):
            left.domain_dimension.assert_is_compatible_with(right.range_dimension)
        batch = broadcast_shape(*(operator.batch_shape for operator in self.operators))
        ends = [self.operators[0].range_dimension, self.operators[-1].domain_dimension]
        return batch.concatenate(ends)

    def _shape_tensor(self) -> Tensor:
        batch = self.operators[0].batch_shape_tensor()
        for operator in self.operators[1:]:
            batch = array.broadcast_dynamic_shape(batch, operator.batch_shape_tensor())
        ends = [
            self.operators[0].range_dimension_tensor(),
            self.operators[-1].domain_dimension_tensor(),
        ]
        return array.concat([batch, array.stack(ends)], 0)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        for operator in self.operators if adjoint else reversed(self.operators):
            x = operator.matmul(x, adjoint=adjoint)
        return x

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        for operator in reversed(self.operators) if adjoint else self.operators:
            rhs = operator.solve(rhs, adjoint=adjoint)
        return rhs

    def _determinant(self) -> Tensor:
        result = self.operators[0].determinant()
        for operator in self.operators[1:]:
            result = result * operator.determinant()
        return result

    def _log_abs_determinant(self) -> Tensor:
        result = self.operators[0].log_abs_determinant()
        for operator in self.operators[1:]:
            result = result + operator.log_abs_determinant()
        return result

    def _assert_non_singular(self) -> Any:
        if not all(operator.is_square for operator in self.operators):
            return super()._assert_non_singular()
        return group(*[operator.assert_non_singular() for operator in self.operators])


def _hints_of(operator: Operator, given: Sequence[bool | None], what: str) -> list[bool | None]:
    """What is known of the adjoint or inverse, which is what is known of `operator`."""
    names = ("is_non_singular", "is_self_adjoint", "is_positive_definite", "is_square")
    hints: list[bool | None] = []
    for name, hint in zip(names, given, strict=True):
        own = getattr(operator, name)
        if None not in (own, hint) and own != hint:
            words = name.removeprefix("is_").replace("_", "-")
            raise ValueError(f"An operator is {words} if and only if its {what} is {words}.")
        hints.append(hint if own is None else own)
    return hints


def _turned(shape: Any) -> Any:
    return shape if shape.ndims is None else shape[:-2].concatenate([shape[-1], shape[-2]])
