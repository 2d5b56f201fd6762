"""Operators that are diagonals: given, of ones, of one number, of zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.inference import constant_value
from graphmode.framework.shapes import TensorShape
from graphmode.linear_operators.algebra import LinearOperator
from graphmode.linear_operators.parts import assert_no_zeros, made_of
from graphmode.ops import array, math
from graphmode.ops.control import assertions
from graphmode.ops.control.grouping import no_op
from graphmode.ops.linalg.diagonals import matrix_diag, matrix_diag_part, matrix_set_diag

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor
    from graphmode.linear_operators.base import Operator

_ZEROS = "Singular operator:  Diagonal contained zero values."


class LinearOperatorDiag(LinearOperator):
    """A diagonal matrix.

    Parameters
    ----------
    diag : Tensor, floating or complex, shape [..., n]
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool, optional
        What is known of it; a real one is self-adjoint.
    name : str

    Raises
    ------
    ValueError
        If `diag` is a scalar, or a hint is wrong.
    """

    def __init__(
        self,
        diag: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorDiag",
    ) -> None:
        self.diag = made_of(diag, "diag", 1, name)
        if not self.diag.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real diagonal operator is always self adjoint.")
            is_self_adjoint = True
        if is_square is False:
            raise ValueError("Only square diagonal operators currently supported.")
        super().__init__(
            self.diag.dtype,
            [self.diag],
            is_non_singular,
            is_self_adjoint,
            is_positive_definite,
            True,
            name,
        )

    def _shape(self) -> Any:
        return self.diag.shape.concatenate(self.diag.shape[-1:])

    def _shape_tensor(self) -> Tensor:
        lengths = array.shape(self.diag)
        return array.concat([lengths, lengths[-1:]], 0)

    def _elements(self, adjoint: bool) -> Any:
        return math.conj(self.diag) if adjoint else self.diag

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return array.expand_dims(self._elements(adjoint), -1) * x

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return rhs * array.expand_dims(1.0 / self._elements(adjoint), -1)

    def _determinant(self) -> Tensor:
        return math.reduce_prod(self.diag, axis=[-1])

    def _log_abs_determinant(self) -> Tensor:
        sizes = math.reduce_sum(math.log(math.abs(self.diag)), axis=[-1])
        return math.cast(sizes, self.dtype) if self.dtype.is_complex else sizes

    def _to_dense(self) -> Tensor:
        return matrix_diag(self.diag)

    def _diag_part(self) -> Tensor:
        return self.diag

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return matrix_set_diag(x, matrix_diag_part(x) + self.diag)

    def _adjoint(self) -> Operator:
        return self._like(math.conj(self.diag))

    def _inverse(self) -> Operator:
        return self._like(1.0 / self.diag, is_non_singular=True)

    def _cholesky(self) -> Operator:
        return LinearOperatorDiag(math.sqrt(self.diag), True, True, True, True)

    def _times(self, other: Operator) -> Operator:
        if not isinstance(other, LinearOperatorDiag):
            return super()._times(other)
        both = (self.is_non_singular and other.is_non_singular) or None
        return LinearOperatorDiag(self.diag * other.diag, is_non_singular=both)

    def _like(self, diag: Any, is_non_singular: bool | None = None) -> Operator:
        hints = (self.is_self_adjoint, self.is_positive_definite, True)
        return LinearOperatorDiag(diag, is_non_singular or self.is_non_singular, *hints)

    def _assert_non_singular(self) -> Any:
        return assert_no_zeros(self.diag, _ZEROS)

    def _assert_positive_definite(self) -> Any:
        kind = "Real diagonal operator had non-positive diagonal entries, "
        if self.dtype.is_complex:
            kind = "Diagonal operator had diagonal entries with non-positive real part, "
        return assertions.assert_positive(
            math.real(self.diag), message=f"{kind}thus was not positive definite."
        )

    def _assert_self_adjoint(self) -> Any:
        imaginary = math.imag(self.diag)
        return assertions.assert_equal(
            imaginary,
            array.zeros_like(imaginary),
            message="This diagonal operator contained non-zero imaginary values.  Thus it was not "
            "self-adjoint.",
        )


class _Rows(LinearOperator):
    """What is said by numbers of rows and columns."""

    _rows: Any
    _columns: Any
    _batch: Any = None

    def _take_lengths(self, num_rows: Any, num_columns: Any, batch_shape: Any) -> None:
        self._rows = _length("num_rows", num_rows)
        self._columns = self._rows if num_columns is None else _length("num_columns", num_columns)
        if batch_shape is not None:
            self._batch = convert_to_tensor(batch_shape, dtype=dtypes.int32, name="batch_shape")

    def _shape(self) -> Any:
        batch = [] if self._batch is None else _static_batch(self._batch)
        ends = [_known(self._rows), _known(self._columns)]
        return TensorShape(batch).concatenate(ends)

    def _shape_tensor(self) -> Tensor:
        ends = array.stack([self._rows, self._columns])
        return ends if self._batch is None else array.concat([self._batch, ends], 0)

    def _whole_batch(self, x: Any) -> Any:
        """`x` with the batch of this."""
        if self._batch is None:
            return x
        ones = array.concat([self._batch, [1, 1]], 0)
        return x + array.zeros(ones, self.dtype)

    def _diagonal_of(self, value: Any) -> Any:
        lengths = self._lengths()
        n = math.minimum(lengths[-2], lengths[-1])
        return array.fill(array.concat([lengths[:-2], [n]], 0), value)


class LinearOperatorIdentity(_Rows):
    """The identity.

    Parameters
    ----------
    num_rows : int or Tensor, int32 scalar
    batch_shape : list of int or Tensor, int32 vector, optional
    dtype : DType, optional
        float32 if not given.
    is_non_singular, is_self_adjoint, is_positive_definite, is_square : bool
        They are.
    assert_proper_shapes : bool
        Of no effect: lengths are checked where they are known, and by the ops that use them.
    name : str

    Raises
    ------
    ValueError
        If a hint is False, or `num_rows` is no length.
    """

    def __init__(
        self,
        num_rows: Any,
        batch_shape: Any = None,
        dtype: Any = None,
        is_non_singular: bool = True,
        is_self_adjoint: bool = True,
        is_positive_definite: bool = True,
        is_square: bool = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorIdentity",
    ) -> None:
        for hint, what in (
            (is_self_adjoint, "self adjoint"),
            (is_non_singular, "non-singular"),
            (is_positive_definite, "positive-definite"),
            (is_square, "square"),
        ):
            if not hint:
                raise ValueError(f"An identity operator is always {what}.")
        super().__init__(dtype or dtypes.float32, None, True, True, True, True, name)
        self._take_lengths(num_rows, None, batch_shape)

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return self._whole_batch(x)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return self._whole_batch(rhs)

    def _to_dense(self) -> Tensor:
        return matrix_diag(self._diag_part())

    def _diag_part(self) -> Tensor:
        return self._diagonal_of(self.dtype.as_numpy_dtype(1))

    def _determinant(self) -> Tensor:
        return array.ones(self._lengths()[:-2], self.dtype)

    def _log_abs_determinant(self) -> Tensor:
        return array.zeros(self._lengths()[:-2], self.dtype)

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return matrix_set_diag(x, matrix_diag_part(x) + self.dtype.as_numpy_dtype(1))

    def _inverse(self) -> Operator:
        return self

    def _cholesky(self) -> Operator:
        return self

    def _times(self, other: Operator) -> Operator:
        return other

    def _assert_non_singular(self) -> Any:
        return no_op("assert_non_singular")

    def _assert_positive_definite(self) -> Any:
        return no_op("assert_positive_definite")

    def _assert_self_adjoint(self) -> Any:
        return no_op("assert_self_adjoint")


class LinearOperatorScaledIdentity(_Rows):
    """The identity times a number, or a number for each matrix of a batch.

    Parameters
    ----------
    num_rows : int or Tensor, int32 scalar
    multiplier : Tensor, floating or complex, of the shape of the batch
    is_non_singular, is_self_adjoint, is_positive_definite : bool, optional
        What is known of it; a real one is self-adjoint.
    is_square : bool
        It is.
    assert_proper_shapes : bool
        Of no effect.
    name : str

    Raises
    ------
    ValueError
        If `is_square` is False, or `num_rows` is no length.
    """

    def __init__(
        self,
        num_rows: Any,
        multiplier: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorScaledIdentity",
    ) -> None:
        self.multiplier = made_of(multiplier, "multiplier", 0, name)
        if not self.multiplier.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError("A real diagonal operator is always self adjoint.")
            is_self_adjoint = True
        if not is_square:
            raise ValueError("A ScaledIdentity operator is always square.")
        super().__init__(
            self.multiplier.dtype,
            [self.multiplier],
            is_non_singular,
            is_self_adjoint,
            is_positive_definite,
            True,
            name,
        )
        self._take_lengths(num_rows, None, None)
        if self.multiplier.shape.ndims != 0:
            self._batch = array.shape(self.multiplier)

    def _factor(self, adjoint: bool = False, axes: int = 2) -> Any:
        factor: Any = math.conj(self.multiplier) if adjoint else self.multiplier
        for _ in range(axes):
            factor = array.expand_dims(factor, -1)
        return factor

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        return x * self._factor(adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        return rhs / self._factor(adjoint)

    def _to_dense(self) -> Tensor:
        return matrix_diag(self._diag_part())

    def _diag_part(self) -> Tensor:
        return self._diagonal_of(self.dtype.as_numpy_dtype(1)) * self._factor(axes=1)

    def _determinant(self) -> Tensor:
        return self.multiplier ** math.cast(self._rows, self.dtype)

    def _log_abs_determinant(self) -> Tensor:
        size = math.log(math.abs(self.multiplier))
        return size * math.cast(self._rows, size.dtype)

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return matrix_set_diag(x, matrix_diag_part(x) + self._factor(axes=1))

    def _adjoint(self) -> Operator:
        return self._like(math.conj(self.multiplier))

    def _inverse(self) -> Operator:
        return self._like(1.0 / self.multiplier, is_non_singular=True)

    def _cholesky(self) -> Operator:
        return self._like(math.sqrt(self.multiplier))

    def _like(self, multiplier: Any, is_non_singular: bool | None = None) -> Operator:
        return LinearOperatorScaledIdentity(
            self._rows,
            multiplier,
            is_non_singular or self.is_non_singular,
            self.is_self_adjoint,
            self.is_positive_definite,
        )

    def _assert_non_singular(self) -> Any:
        return assert_no_zeros(self.multiplier, "LinearOperator was singular")

    def _assert_positive_definite(self) -> Any:
        return assertions.assert_positive(
            math.real(self.multiplier), message="LinearOperator was not positive definite."
        )

    def _assert_self_adjoint(self) -> Any:
        imaginary = math.imag(self.multiplier)
        return assertions.assert_equal(
            imaginary,
            array.zeros_like(imaginary),
            message="LinearOperator was not self-adjoint",
        )


class LinearOperatorZeros(_Rows):
    """A matrix of zeros.

    Parameters
    ----------
    num_rows : int or Tensor, int32 scalar
    num_columns : int or Tensor, int32 scalar, optional
        As many as rows if not given.
    batch_shape : list of int or Tensor, int32 vector, optional
    dtype : DType, optional
        float32 if not given.
    is_non_singular, is_positive_definite : bool
        It is neither.
    is_self_adjoint, is_square : bool
    assert_proper_shapes : bool
        Of no effect.
    name : str

    Raises
    ------
    ValueError
        If a hint is wrong, or a length is none.
    """

    def __init__(
        self,
        num_rows: Any,
        num_columns: Any = None,
        batch_shape: Any = None,
        dtype: Any = None,
        is_non_singular: bool = False,
        is_self_adjoint: bool = True,
        is_positive_definite: bool = False,
        is_square: bool = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorZeros",
    ) -> None:
        if not is_self_adjoint and is_square:
            raise ValueError("A zero operator is always self adjoint.")
        if is_non_singular:
            raise ValueError("A zero operator is always singular.")
        if is_positive_definite:
            raise ValueError("A zero operator is always not positive-definite.")
        hints = (False, is_self_adjoint, False, is_square)
        super().__init__(dtype or dtypes.float32, None, *hints, name)
        self._take_lengths(num_rows, num_columns, batch_shape)
        rows, columns = _known(self._rows), _known(self._columns)
        if is_square and None not in (rows, columns) and rows != columns:
            raise ValueError(
                f"LinearOperatorZeros initialized as is_square=True, but got num_rows({rows}) != "
                f"num_columns({columns})"
            )

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        rows = self._columns if adjoint else self._rows
        lengths = array.shape(x)
        zeros = array.concat([lengths[:-2], array.stack([rows, lengths[-1]])], 0)
        return self._whole_batch(array.zeros(zeros, self.dtype))

    def _to_dense(self) -> Tensor:
        return array.zeros(self._lengths(), self.dtype)

    def _diag_part(self) -> Tensor:
        return self._diagonal_of(self.dtype.as_numpy_dtype(0))

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return x

    def _determinant(self) -> Tensor:
        return array.zeros(self._lengths()[:-2], self.dtype)

    def _assert_non_singular(self) -> Any:
        raise InvalidArgumentError(None, None, "Zero operators are always non-invertible.")

    def _assert_positive_definite(self) -> Any:
        raise InvalidArgumentError(None, None, "Zero operators are always non-positive definite.")

    def _assert_self_adjoint(self) -> Any:
        return no_op("assert_self_adjoint")


def _length(argument: str, value: Any) -> Any:
    """A number of rows or columns, an int32 scalar."""
    tensor: Any = convert_to_tensor(value, name=argument)
    if not tensor.dtype.is_integer:
        raise TypeError(f"Argument {argument} must be integer type.  Found: {tensor}")
    known = constant_value(tensor)
    if known is not None and known.ndim != 0:
        raise ValueError(f"Argument {argument} must be a 0-D Tensor.  Found: {known}")
    if known is not None and known < 0:
        raise ValueError(f"Argument {argument} must be non-negative.  Found: {known}")
    return math.cast(tensor, dtypes.int32)


def _known(length: Any) -> int | None:
    value = constant_value(length)
    return None if value is None else int(value)


def _static_batch(batch: Any) -> Any:
    known = constant_value(batch)
    if known is not None:
        return np.asarray(known).tolist()
    n_axes = batch.shape.as_list()
    return None if not n_axes or n_axes[0] is None else [None] * n_axes[0]
