"""Operators with elements of their own, and those of blocks, of products and of reflections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.errors import InvalidArgumentError
from graphmode.linear_operators.algebra import LinearOperator
from graphmode.linear_operators.diagonal import LinearOperatorDiag, LinearOperatorIdentity
from graphmode.linear_operators.parts import (
    broadcast_shape,
    made_of,
    of_one_dtype,
    parents_of,
    solved,
    solved_by_cholesky,
    together,
)
from graphmode.ops import array, math
from graphmode.ops.array.shaping import adjoint as adjoint_of
from graphmode.ops.control.grouping import group, no_op
from graphmode.ops.linalg.decompositions import cholesky
from graphmode.ops.linalg.determinants import log_matrix_determinant, matrix_determinant
from graphmode.ops.linalg.diagonals import matrix_diag_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor
    from graphmode.linear_operators.base import Operator

_FLOATING = (dtypes.float16, dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128)


class LinearOperatorFullMatrix(LinearOperator):
    """A matrix, by its elements.

    Parameters
    ----------
    matrix : Tensor, floating or complex, shape [..., rows, columns]
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it.
    name : str

    Raises
    ------
    TypeError, ValueError
        If `matrix` is not floating, or has less than two axes.
    """

    def __init__(
        self,
        matrix: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorFullMatrix",
    ) -> None:
        self._matrix = made_of(matrix, "matrix", 2, name)
        if self._matrix.dtype.base_dtype not in _FLOATING:
            raise TypeError(
                f"Argument matrix must have dtype in {list(_FLOATING)}.  Found: "
                f"{self._matrix.dtype}"
            )
        hints = (is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        super().__init__(self._matrix.dtype, [self._matrix], *hints, name)

    def _shape(self) -> Any:
        return self._matrix.shape

    def _shape_tensor(self) -> Tensor:
        return array.shape(self._matrix)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return math.matmul(self._matrix, x, adjoint_a=adjoint)

    def _to_dense(self) -> Tensor:
        return self._matrix


class LinearOperatorHouseholder(LinearOperator):
    r"""The reflection at the plane that is orthogonal to a vector.

    .. math:: I - 2 v v^H / \lVert v\rVert^2

    Parameters
    ----------
    reflection_axis : Tensor, floating or complex, shape [..., n]
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        It is self-adjoint and square, and not positive definite.
    name : str

    Raises
    ------
    ValueError
        If a hint is wrong, or the vector is a scalar.
    """

    def __init__(
        self,
        reflection_axis: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorHouseholder",
    ) -> None:
        self.reflection_axis = made_of(reflection_axis, "reflection_axis", 1, name)
        if is_self_adjoint is False:
            raise ValueError("A Householder operator is always self adjoint.")
        if is_positive_definite:
            raise ValueError("A Householder operator is always non-positive definite.")
        if is_square is False:
            raise ValueError("A Householder operator is always square.")
        super().__init__(
            self.reflection_axis.dtype,
            [self.reflection_axis],
            is_non_singular,
            True,
            False,
            True,
            name,
        )

    def _shape(self) -> Any:
        shape = self.reflection_axis.shape
        return shape.concatenate(shape[-1:])

    def _shape_tensor(self) -> Tensor:
        lengths = array.shape(self.reflection_axis)
        return array.concat([lengths, lengths[-1:]], 0)

    def _unit(self) -> Any:
        axis = self.reflection_axis
        length = math.sqrt(math.reduce_sum(math.square(math.abs(axis)), axis=-1, keepdims=True))
        return axis / math.cast(length, axis.dtype)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        axis = array.expand_dims(self._unit(), -1)
        return x - 2 * axis * math.matmul(axis, x, adjoint_a=True)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self._matmul(rhs, adjoint)

    def _diag_part(self) -> Tensor:
        unit = self._unit()
        return 1.0 - 2 * unit * math.conj(unit)

    def _determinant(self) -> Tensor:
        return -array.ones(self._lengths()[:-2], self.dtype)

    def _log_abs_determinant(self) -> Tensor:
        return array.zeros(self._lengths()[:-2], self.dtype)

    def _inverse(self) -> Operator:
        return self

    def _assert_non_singular(self) -> Any:
        return no_op("assert_non_singular")

    def _assert_positive_definite(self) -> Any:
        raise InvalidArgumentError(
            None, None, "Householder operators are always non-positive definite."
        )

    def _assert_self_adjoint(self) -> Any:
        return no_op("assert_self_adjoint")


class LinearOperatorBlockDiag(LinearOperator):
    """Operators along a diagonal, zeros elsewhere.

    Parameters
    ----------
    operators : list of LinearOperator, of one dtype
    is_non_singular, is_self_adjoint, is_positive_definite : bool, optional
        What is known of it, beside what is known of all operators.
    is_square : bool
        The operators are square.
    name : str, optional

    Raises
    ------
    ValueError
        If there is no operator, or a hint contradicts those of all operators.
    TypeError
        If dtypes differ.
    """

    def __init__(
        self,
        operators: Sequence[Operator],
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = True,
        name: str | None = None,
    ) -> None:
        self.operators = of_one_dtype(operators, "Expected a non-empty list of operators.")
        given = (is_non_singular, is_self_adjoint, is_positive_definite)
        hints = _hints_of_all(self.operators, given, "direct sum")
        super().__init__(
            self.operators[0].dtype,
            parents_of(self.operators),
            *hints,
            is_square=True if is_square is None else is_square,
            name=name or "_ds_".join(operator.name for operator in self.operators),
        )

    def _shape(self) -> Any:
        batch = broadcast_shape(*(operator.batch_shape for operator in self.operators))
        rows = sum((o.range_dimension for o in self.operators[1:]), _first(self).range_dimension)
        columns = sum(
            (o.domain_dimension for o in self.operators[1:]), _first(self).domain_dimension
        )
        return batch.concatenate([rows, columns])

    def _shape_tensor(self) -> Tensor:
        batch = _first(self).batch_shape_tensor()
        for operator in self.operators[1:]:
            batch = array.broadcast_dynamic_shape(batch, operator.batch_shape_tensor())
        n = math.add_n([operator.range_dimension_tensor() for operator in self.operators])
        return array.concat([batch, array.stack([n, n])], 0)

    def _each(self, x: Any, apply: Any) -> Any:
        lengths = [operator.range_dimension.value for operator in self.operators]
        if None in lengths:
            lengths = [operator.range_dimension_tensor() for operator in self.operators]
        pieces = array.split(x, lengths, axis=-2)
        results = [apply(o, piece) for o, piece in zip(self.operators, pieces, strict=True)]
        return array.concat(together(*results), axis=-2)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self._each(x, lambda operator, piece: operator.matmul(piece, adjoint=adjoint))

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self._each(rhs, lambda operator, piece: operator.solve(piece, adjoint=adjoint))

    def _diag_part(self) -> Tensor:
        parts = [array.expand_dims(operator.diag_part(), -1) for operator in self.operators]
        return array.squeeze(array.concat(together(*parts), axis=-2), axis=-1)

    def _determinant(self) -> Tensor:
        result = _first(self).determinant()
        for operator in self.operators[1:]:
            result = result * operator.determinant()
        return result

    def _log_abs_determinant(self) -> Tensor:
        result = _first(self).log_abs_determinant()
        for operator in self.operators[1:]:
            result = result + operator.log_abs_determinant()
        return result

    def _inverse(self) -> Operator:
        return LinearOperatorBlockDiag([operator.inverse() for operator in self.operators])

    def _cholesky(self) -> Operator:
        return LinearOperatorBlockDiag([operator.cholesky() for operator in self.operators])

    def _assert_non_singular(self) -> Any:
        return group(*[operator.assert_non_singular() for operator in self.operators])

    def _assert_positive_definite(self) -> Any:
        return group(*[operator.assert_positive_definite() for operator in self.operators])

    def _assert_self_adjoint(self) -> Any:
        return group(*[operator.assert_self_adjoint() for operator in self.operators])


class LinearOperatorKronecker(LinearOperator):
    """The Kronecker product of operators.

    Parameters
    ----------
    operators : list of LinearOperator, of one dtype
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it, beside what is known of all operators.
    name : str, optional

    Raises
    ------
    ValueError
        If there is no operator, or a hint contradicts those of all operators.
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
        self.operators = of_one_dtype(operators, "Expected a list of >=1 operators.")
        given = (is_non_singular, is_self_adjoint, is_positive_definite)
        hints = _hints_of_all(self.operators, given, "Kronecker product")
        super().__init__(
            self.operators[0].dtype,
            parents_of(self.operators),
            *hints,
            is_square=is_square,
            name=name or "_x_".join(operator.name for operator in self.operators),
        )

    def _shape(self) -> Any:
        batch = broadcast_shape(*(operator.batch_shape for operator in self.operators))
        rows, columns = _first(self).range_dimension, _first(self).domain_dimension
        for operator in self.operators[1:]:
            rows, columns = rows * operator.range_dimension, columns * operator.domain_dimension
        return batch.concatenate([rows, columns])

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self._apply(x, lambda operator, y: operator.matmul(y, adjoint=adjoint), adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self._apply(rhs, lambda o, y: o.solve(y, adjoint=adjoint), not adjoint)

    def _apply(self, x: Any, apply: Any, turned: bool) -> Any:
        """What the operators do to `x`, one after the other, each to its own part of the rows."""
        rows, columns = ([_side(operator, i) for operator in self.operators] for i in (-2, -1))
        before, after = (rows, columns) if turned else (columns, rows)
        n = array.shape(x)[-1]
        for place, operator in enumerate(self.operators):
            left = _product(after[:place])
            right = _product([*before[place + 1 :], n])
            batch = array.shape(x)[:-2]
            x = _swapped(_reshaped(x, batch, [left, before[place], right]))
            x = apply(operator, _reshaped(x, batch, [before[place], left * right]))
            batch = array.shape(x)[:-2]
            x = _swapped(_reshaped(x, batch, [after[place], left, right]))
            x = _reshaped(x, batch, [left * after[place] * _product(before[place + 1 :]), n])
        return x

    def _to_dense(self) -> Tensor:
        product = _first(self).to_dense()
        for operator in self.operators[1:]:
            other = operator.to_dense()
            spread = product[..., :, None, :, None] * other[..., None, :, None, :]
            lengths = array.shape(spread)
            ends = [lengths[-4] * lengths[-3], lengths[-2] * lengths[-1]]
            product = array.reshape(spread, array.concat([lengths[:-4], array.stack(ends)], 0))
        return product

    def _determinant(self) -> Tensor:
        n = math.cast(self._lengths()[-1], self.dtype)
        factors = [
            operator.determinant() ** (n / math.cast(_side(operator, -1), self.dtype))
            for operator in self.operators
        ]
        result = factors[0]
        for factor in factors[1:]:
            result = result * factor
        return result

    def _log_abs_determinant(self) -> Tensor:
        n = math.cast(self._lengths()[-1], self.dtype)
        terms = [
            operator.log_abs_determinant() * (n / math.cast(_side(operator, -1), self.dtype))
            for operator in self.operators
        ]
        result = terms[0]
        for term in terms[1:]:
            result = result + term
        return result

    def _inverse(self) -> Operator:
        return LinearOperatorKronecker([operator.inverse() for operator in self.operators])

    def _cholesky(self) -> Operator:
        return LinearOperatorKronecker([operator.cholesky() for operator in self.operators])

    def _assert_non_singular(self) -> Any:
        return group(*[operator.assert_non_singular() for operator in self.operators])

    def _assert_self_adjoint(self) -> Any:
        return group(*[operator.assert_self_adjoint() for operator in self.operators])


class LinearOperatorLowRankUpdate(LinearOperator):
    r"""An operator and a product of few columns.

    .. math:: L + U D V^H

    It is solved by the Woodbury formula, and its determinant is the determinant lemma's.

    Parameters
    ----------
    base_operator : LinearOperator
        L.
    u : Tensor, floating or complex, shape [..., rows, k]
    diag_update : Tensor, shape [..., k], optional
        The diagonal of D, ones if not given.
    v : Tensor, shape [..., columns, k], optional
        As `u` if not given.
    is_diag_update_positive : bool, optional
        Whether `diag_update` is known to be.
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it, beside what follows.
    name : str

    Raises
    ------
    ValueError
        If a hint contradicts what follows.
    """

    def __init__(
        self,
        base_operator: Operator,
        u: Any,
        diag_update: Any = None,
        v: Any = None,
        is_diag_update_positive: bool | None = None,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorLowRankUpdate",
    ) -> None:
        base, is_real = base_operator, not base_operator.dtype.is_complex
        if diag_update is None:
            if is_diag_update_positive is False:
                raise ValueError(
                    "Default diagonal is the identity, which is positive.  However, user set "
                    "'is_diag_update_positive' to False."
                )
            is_diag_update_positive = True
        self.is_diag_update_positive = is_diag_update_positive
        self._by_cholesky = bool(
            base.is_positive_definite
            and base.is_self_adjoint
            and is_diag_update_positive
            and v is None
        )
        if base.is_self_adjoint and v is None and is_real:
            if is_self_adjoint is False:
                raise ValueError(
                    "A = L + UDU^H, with L self-adjoint and D real diagonal.  Since UDU^H is "
                    "self-adjoint, this must be a self-adjoint operator."
                )
            is_self_adjoint = True
        if self._by_cholesky:
            if False in (is_positive_definite, is_self_adjoint, is_non_singular):
                raise ValueError("Arguments imply this is self-adjoint positive-definite operator.")
            is_positive_definite = is_self_adjoint = True
        self.base_operator = base
        self.u = made_of(u, "u", 2, name)
        self.v = self.u if v is None else made_of(v, "v", 2, name)
        self.diag_update = None
        if diag_update is not None:
            self.diag_update = made_of(diag_update, "diag_update", 1, name)
        parts = [self.u, self.diag_update, self.v]
        super().__init__(
            base.dtype,
            [*base.graph_parents, *(part for part in parts if part is not None)],
            is_non_singular,
            is_self_adjoint,
            is_positive_definite,
            is_square,
            name,
        )

    @property
    def diag_operator(self) -> Operator:
        """D."""
        if self.diag_update is None:
            k = array.shape(self.u)[-1]
            return LinearOperatorIdentity(k, dtype=self.dtype)
        return LinearOperatorDiag(
            self.diag_update, is_positive_definite=self.is_diag_update_positive
        )

    def _shape(self) -> Any:
        base = self.base_operator.shape
        batch = broadcast_shape(base[:-2], self.u.shape[:-2], self.v.shape[:-2])
        if self.diag_update is not None:
            batch = broadcast_shape(batch, self.diag_update.shape[:-1])
        return batch.concatenate(base[-2:])

    def _shape_tensor(self) -> Tensor:
        base = self.base_operator.shape_tensor()
        batch = array.broadcast_dynamic_shape(base[:-2], array.shape(self.u)[:-2])
        batch = array.broadcast_dynamic_shape(batch, array.shape(self.v)[:-2])
        if self.diag_update is not None:
            batch = array.broadcast_dynamic_shape(batch, array.shape(self.diag_update)[:-1])
        return array.concat([batch, base[-2:]], 0)

    def _update(self, x: Any, adjoint: bool) -> Any:
        """``U D V^H x``, or its adjoint."""
        left, right = (self.v, self.u) if adjoint else (self.u, self.v)
        inner = math.matmul(right, x, adjoint_a=True)
        return math.matmul(left, self.diag_operator.matmul(inner, adjoint=adjoint))

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self.base_operator.matmul(x, adjoint=adjoint) + self._update(x, adjoint)

    def _capacitance(self, adjoint: bool = False) -> Any:
        """``D^-1 + V^H L^-1 U``, or its adjoint."""
        inner = self.base_operator.solve(self.u)
        inner = math.matmul(self.v, inner, adjoint_a=True)
        capacitance = self.diag_operator.inverse().add_to_tensor(inner)
        return adjoint_of(capacitance) if adjoint else capacitance

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        left, right = (self.v, self.u) if adjoint else (self.u, self.v)
        first = self.base_operator.solve(rhs, adjoint=adjoint)
        inner = math.matmul(right, first, adjoint_a=True)
        capacitance = self._capacitance(adjoint)
        if self._by_cholesky:
            inner = solved_by_cholesky(cholesky(capacitance), inner)
        else:
            inner = solved(capacitance, inner)
        return first - self.base_operator.solve(math.matmul(left, inner), adjoint=adjoint)

    def _determinant(self) -> Tensor:
        parts = self.diag_operator.determinant() * self.base_operator.determinant()
        return matrix_determinant(self._capacitance()) * parts

    def _log_abs_determinant(self) -> Tensor:
        parts = self.diag_operator.log_abs_determinant() + self.base_operator.log_abs_determinant()
        capacitance = self._capacitance()
        if self._by_cholesky:
            diagonal = matrix_diag_part(cholesky(capacitance))
            return 2 * math.reduce_sum(math.log(diagonal), axis=-1) + parts
        sizes = log_matrix_determinant(capacitance)[1]
        return math.cast(sizes, self.dtype) + parts

    def _diag_part(self) -> Tensor:
        left = self.u if self.diag_update is None else self.u * self.diag_update[..., None, :]
        product = math.reduce_sum(left * math.conj(self.v), axis=-1)
        return self.base_operator.diag_part() + product


def _first(operator: Any) -> Any:
    return operator.operators[0]


def _side(operator: Operator, axis: int) -> Any:
    """How many rows or columns: a number if it is known."""
    length = operator.shape[axis] if operator.shape.ndims is not None else None
    known = getattr(length, "value", length)
    return operator.shape_tensor()[axis] if known is None else known


def _product(lengths: Any) -> Any:
    product: Any = 1
    for length in lengths:
        product = product * length
    return product


def _reshaped(x: Any, batch: Any, ends: Any) -> Any:
    return array.reshape(x, array.concat([batch, array.stack(ends)], 0))


def _swapped(x: Any) -> Any:
    """`x` with its third and second axis from the end swapped."""
    n_axes = x.shape.ndims
    if n_axes is None:
        n_axes = array.rank(x)
        order = array.concat([array.range(n_axes - 3), array.stack([n_axes - 2, n_axes - 3])], 0)
        return array.transpose(x, array.concat([order, array.stack([n_axes - 1])], 0))
    return array.transpose(x, [*range(n_axes - 3), n_axes - 2, n_axes - 3, n_axes - 1])


def _hints_of_all(
    operators: Sequence[Operator], given: Sequence[bool | None], what: str
) -> list[bool | None]:
    """What is known of all operators, and of what is made of them."""
    hints: list[bool | None] = []
    names = ("is_non_singular", "is_self_adjoint", "is_positive_definite")
    for name, hint in zip(names, given, strict=True):
        if all(getattr(operator, name) for operator in operators):
            if hint is False:
                words = name.removeprefix("is_").replace("_", "-")
                raise ValueError(f"The {what} of {words} operators is always {words}.")
            hint = True
        hints.append(hint)
    return hints
