"""What every linear operator does, by its product and its elements."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import as_dtype
from graphmode.framework.shapes import TensorShape
from graphmode.linear_operators.parts import solved, solved_by_cholesky
from graphmode.ops import array, math
from graphmode.ops.array.constants import constant
from graphmode.ops.array.patterns import eye
from graphmode.ops.array.shaping import adjoint as adjoint_of
from graphmode.ops.control import assertions
from graphmode.ops.linalg.decompositions import cholesky, svd
from graphmode.ops.linalg.determinants import log_matrix_determinant, matrix_determinant
from graphmode.ops.linalg.diagonals import matrix_diag_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Operation, Tensor


class Operator:
    """A matrix, or a batch of matrices, by what it does.

    A subclass says its static shape (`_shape`), its product (`_matmul`), and what it can do without
    its elements.

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
    """

    def __init__(
        self,
        dtype: Any,
        graph_parents: Sequence[Any] | None = None,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        if is_positive_definite:
            if is_non_singular is False:
                raise ValueError("A positive definite matrix is always non-singular.")
            is_non_singular = True
        for hint, what in ((is_non_singular, "non-singular"), (is_self_adjoint, "self-adjoint")):
            if hint:
                if is_square is False:
                    raise ValueError(f"A {what} matrix is always square.")
                is_square = True
        self._dtype = as_dtype(dtype).base_dtype
        self._parents = list(graph_parents or ())
        self._non_singular = is_non_singular
        self._self_adjoint = is_self_adjoint
        self._positive_definite = is_positive_definite
        self._square = is_square
        self._name = name or type(self).__name__

    @contextmanager
    def _scope(self, name: str) -> Iterator[Any]:
        with name_scope(f"{self._name}/{name}") as scope:
            yield scope

    # ---- what it is -----------------------------------------------------------------------------

    @property
    def dtype(self) -> DType:
        """The dtype of its elements."""
        return self._dtype

    @property
    def name(self) -> str:
        """Its name, a name scope of its results."""
        return self._name

    @property
    def graph_parents(self) -> list[Any]:
        """The tensors that it is made of."""
        return self._parents

    @property
    def is_non_singular(self) -> bool | None:
        """Whether it has an inverse; None if that is not known."""
        return self._non_singular

    @property
    def is_self_adjoint(self) -> bool | None:
        """Whether it is its own adjoint; None if that is not known."""
        return self._self_adjoint

    @property
    def is_positive_definite(self) -> bool | None:
        """Whether ``x^H A x`` has a positive real part for all x but 0; None if not known."""
        return self._positive_definite

    @property
    def is_square(self) -> bool | None:
        """Whether it has as many rows as columns; None if that is not known.

        Raises
        ------
        ValueError
            If it was said not to be, and is.
        """
        dims = (self.shape.dims or (None, None))[-2:]
        known = None if None in dims else dims[0] == dims[1]
        if self._square is False and known:
            raise ValueError("User set is_square hint to False, but the operator was square.")
        return known if self._square is None else self._square

    @property
    def shape(self) -> TensorShape:
        """Its static shape, [..., rows, columns]."""
        return TensorShape(self._shape())

    @property
    def batch_shape(self) -> TensorShape:
        """Its static shape without rows and columns."""
        return self.shape[:-2]

    @property
    def tensor_rank(self) -> int | None:
        """How many axes it has."""
        return self.shape.ndims

    @property
    def domain_dimension(self) -> Any:
        """How many columns it has, a Dimension."""
        return self.shape[-1]

    @property
    def range_dimension(self) -> Any:
        """How many rows it has, a Dimension."""
        return self.shape[-2]

    def shape_tensor(self, name: str = "shape_tensor") -> Tensor:
        """Its shape when it runs, int32."""
        with self._scope(name):
            return self._lengths()

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Tensor:
        """Its shape without rows and columns when it runs, int32."""
        with self._scope(name):
            return self._lengths()[:-2]

    def tensor_rank_tensor(self, name: str = "tensor_rank_tensor") -> Tensor:
        """How many axes it has when it runs, int32."""
        with self._scope(name):
            return array.size(self._lengths())

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Tensor:
        """How many columns it has when it runs, int32."""
        with self._scope(name):
            return self._lengths()[-1]

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Tensor:
        """How many rows it has when it runs, int32."""
        with self._scope(name):
            return self._lengths()[-2]

    def _lengths(self) -> Tensor:
        shape = self.shape
        if shape.is_fully_defined():
            return constant(np.array(shape.as_list(), np.int32))
        return self._shape_tensor()

    # ---- what it does ---------------------------------------------------------------------------

    def matmul(
        self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul"
    ) -> Any:
        """The product with a matrix.

        Parameters
        ----------
        x : Tensor, shape [..., columns, n], or LinearOperator
        adjoint, adjoint_arg : bool
            Whether the adjoint of this, or of `x`, is meant.
        name : str

        Returns
        -------
        Tensor, shape [..., rows, n], or LinearOperator

        Raises
        ------
        TypeError, ValueError
            If the dtype or shape of `x` does not fit.
        """
        if isinstance(x, Operator):
            left = self.adjoint() if adjoint else self
            right = x.adjoint() if adjoint_arg else x
            _require_inner("x", left, right)
            with self._scope(name):
                return left._times(right)
        with self._scope(name):
            x = self._argument(x, "x", -2 if adjoint else -1, -1 if adjoint_arg else -2)
            return self._matmul(adjoint_of(x) if adjoint_arg else x, adjoint)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Tensor:
        """The product with a vector.

        Parameters
        ----------
        x : Tensor, shape [..., columns]
        adjoint : bool
            Whether the adjoint of this is meant.
        name : str

        Returns
        -------
        Tensor, shape [..., rows]
        """
        with self._scope(name):
            x = self._argument(x, "x", -2 if adjoint else -1, -1)
            return array.squeeze(self._matmul(array.expand_dims(x, -1), adjoint), axis=-1)

    def solve(
        self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve"
    ) -> Any:
        """The X of ``A X = rhs``.

        Parameters
        ----------
        rhs : Tensor, shape [..., rows, n], or LinearOperator
        adjoint, adjoint_arg : bool
            Whether the adjoint of this, or of `rhs`, is meant.
        name : str

        Returns
        -------
        Tensor, shape [..., columns, n], or LinearOperator

        Raises
        ------
        NotImplementedError
            If it is known to be singular, or not to be square.
        TypeError, ValueError
            If the dtype or shape of `rhs` does not fit.
        """
        self._require_solvable()
        if isinstance(rhs, Operator):
            left = self.adjoint() if adjoint else self
            right = rhs.adjoint() if adjoint_arg else rhs
            _require_inner("rhs", left, right)
            with self._scope(name):
                return left.inverse()._times(right)
        with self._scope(name):
            rhs = self._argument(rhs, "rhs", -1 if adjoint else -2, -1 if adjoint_arg else -2)
            return self._solve(adjoint_of(rhs) if adjoint_arg else rhs, adjoint)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Tensor:
        """The x of ``A x = rhs``.

        Parameters
        ----------
        rhs : Tensor, shape [..., rows]
        adjoint : bool
            Whether the adjoint of this is meant.
        name : str

        Returns
        -------
        Tensor, shape [..., columns]
        """
        self._require_solvable()
        with self._scope(name):
            rhs = self._argument(rhs, "rhs", -1 if adjoint else -2, -1)
            return array.squeeze(self._solve(array.expand_dims(rhs, -1), adjoint), axis=-1)

    def determinant(self, name: str = "det") -> Tensor:
        """Its determinant, of the shape of its batch.

        Raises
        ------
        NotImplementedError
            If it is known not to be square.
        """
        self._require_square("Determinant not implemented")
        with self._scope(name):
            return self._determinant()

    def log_abs_determinant(self, name: str = "log_abs_det") -> Tensor:
        """The logarithm of the size of its determinant, of the shape of its batch.

        Raises
        ------
        NotImplementedError
            If it is known not to be square.
        """
        self._require_square("Determinant not implemented")
        with self._scope(name):
            return self._log_abs_determinant()

    def to_dense(self, name: str = "to_dense") -> Tensor:
        """Its elements, [..., rows, columns]."""
        with self._scope(name):
            return self._to_dense()

    def diag_part(self, name: str = "diag_part") -> Tensor:
        """Its diagonal, [..., min(rows, columns)]."""
        with self._scope(name):
            return self._diag_part()

    def trace(self, name: str = "trace") -> Tensor:
        """The sum of its diagonal, of the shape of its batch."""
        with self._scope(name):
            return math.reduce_sum(self._diag_part(), axis=-1)

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Tensor:
        """The sum of its elements and `x`, of its shape and dtype."""
        with self._scope(name):
            return self._add_to_tensor(self._converted(x, "x"))

    def adjoint(self, name: str = "adjoint") -> Operator:
        """The operator whose elements are its own, transposed and conjugate."""
        if self.is_self_adjoint:
            return self
        with self._scope(name):
            return self._adjoint()

    H = property(adjoint)

    def inverse(self, name: str = "inverse") -> Operator:
        """The operator that undoes it.

        Returns
        -------
        LinearOperator

        Raises
        ------
        ValueError
            If it is known not to be square, or singular.
        """
        for known, what in ((self.is_square, "non square"), (self.is_non_singular, "singular")):
            if known is False:
                raise ValueError(
                    f"Cannot take the Inverse: This operator represents a {what} matrix."
                )
        with self._scope(name):
            return self._inverse()

    def cholesky(self, name: str = "cholesky") -> Operator:
        """The lower triangular L of ``A = L L^H``.

        Returns
        -------
        LinearOperator

        Raises
        ------
        ValueError
            If it is not known to be positive definite and self-adjoint.
        """
        if not self._has_cholesky():
            raise ValueError(
                "Cannot take the Cholesky decomposition: Not a positive definite self adjoint "
                "matrix."
            )
        with self._scope(name):
            return self._cholesky()

    def assert_non_singular(self, name: str = "assert_non_singular") -> Operation:
        """An op that fails if it is singular, up to the precision of its dtype."""
        with self._scope(name):
            return self._assert_non_singular()

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> Operation:
        """An op that fails if it is not positive definite."""
        with self._scope(name):
            return self._assert_positive_definite()

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> Operation:
        """An op that fails if it is not its own adjoint."""
        with self._scope(name):
            return self._assert_self_adjoint()

    # ---- what a subclass says -------------------------------------------------------------------

    def _shape(self) -> Any:
        """Its static shape."""
        raise NotImplementedError("_shape is not implemented.")

    def _shape_tensor(self) -> Tensor:
        """Its shape, where the static shape does not tell."""
        return array.shape(self._to_dense())

    def _matmul(self, x: Tensor, adjoint: bool) -> Tensor:
        """The product of it, or its adjoint, and a matrix."""
        raise NotImplementedError("_matmul is not implemented.")

    def _to_dense(self) -> Tensor:
        lengths = self._lengths()
        shape = self.shape
        rows = shape.as_list()[-1] if shape.ndims is not None else None
        identity = eye(lengths[-1] if rows is None else rows, dtype=self.dtype)
        zeros = array.zeros(array.concat([lengths[:-2], [1, 1]], 0), self.dtype)
        return self._matmul(identity + zeros, adjoint=False)

    def _diag_part(self) -> Tensor:
        return matrix_diag_part(self._to_dense())

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return self._to_dense() + x

    def _determinant(self) -> Tensor:
        if self._has_cholesky():
            return math.exp(self._log_abs_determinant())
        return matrix_determinant(self._to_dense())

    def _log_abs_determinant(self) -> Tensor:
        if self._has_cholesky():
            diagonal = matrix_diag_part(cholesky(self._to_dense()))
            return 2 * math.reduce_sum(math.log(diagonal), axis=[-1])
        return log_matrix_determinant(self._to_dense())[1]

    def _solve(self, rhs: Tensor, adjoint: bool) -> Tensor:
        if self._has_cholesky():
            return solved_by_cholesky(cholesky(self._to_dense()), rhs)
        return solved(self._to_dense(), rhs, adjoint)

    def _adjoint(self) -> Operator:
        raise NotImplementedError

    def _inverse(self) -> Operator:
        raise NotImplementedError

    def _cholesky(self) -> Operator:
        raise NotImplementedError

    def _times(self, other: Operator) -> Operator:
        raise NotImplementedError

    def _assert_non_singular(self) -> Any:
        if self._has_cholesky():
            return self._assert_positive_definite()
        values = svd(self._to_dense(), compute_uv=False)
        condition = math.reduce_max(values, axis=-1) / math.reduce_min(values, axis=-1)
        precision = np.finfo(self.dtype.real_dtype.as_numpy_dtype).eps
        sides = math.cast(self._lengths()[-2:], condition.dtype)
        largest = math.maximum(math.reduce_max(sides), 100.0)
        return assertions.assert_less(
            condition,
            1.0 / (largest * float(precision)),
            message="Singular matrix up to precision epsilon.",
        )

    def _assert_positive_definite(self) -> Any:
        if not self.is_self_adjoint:
            raise NotImplementedError("assert_positive_definite is not implemented.")
        return assertions.assert_positive(
            math.real(matrix_diag_part(cholesky(self._to_dense()))),
            message="Matrix was not positive definite.",
        )

    def _assert_self_adjoint(self) -> Any:
        dense = self._to_dense()
        return assertions.assert_equal(
            dense, adjoint_of(dense), message="Matrix was not equal to its adjoint."
        )

    # ---- what is asked for ----------------------------------------------------------------------

    def _has_cholesky(self) -> bool:
        return bool(self.is_self_adjoint and self.is_positive_definite)

    def _require_square(self, what: str) -> None:
        if self.is_square is False:
            raise NotImplementedError(f"{what} for an operator that is expected to not be square.")

    def _require_solvable(self) -> None:
        if self.is_non_singular is False:
            raise NotImplementedError(
                "Exact solve not implemented for an operator that is expected to be singular."
            )
        self._require_square("Exact solve not implemented")

    def _converted(self, value: Any, name: str) -> Any:
        tensor: Any = convert_to_tensor(value, name=name)
        if tensor.dtype.base_dtype != self.dtype:
            raise TypeError(
                f"Expected argument to have dtype {self.dtype}.  Found: {tensor.dtype} in tensor "
                f"{tensor}"
            )
        return tensor

    def _argument(self, value: Any, name: str, own: int, its: int) -> Any:
        """The tensor of an argument whose axis `its` is as long as the axis `own` of this."""
        tensor = self._converted(value, name)
        if self.shape.ndims is not None and tensor.shape.ndims is not None:
            self.shape[own].assert_is_compatible_with(tensor.shape[its])
        return tensor


def _require_inner(name: str, left: Operator, right: Operator) -> None:
    inner, other = left.domain_dimension.value, right.range_dimension.value
    if None not in (inner, other) and inner != other:
        raise ValueError(
            f"Operators are incompatible. Expected `{name}` to have dimension {inner} but got "
            f"{other}."
        )
