"""`RaggedTensor`: a tensor whose rows have different lengths."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor, register_tensor_conversion_function
from graphmode.framework.default_graph import control_dependencies, name_scope
from graphmode.framework.operation import Tensor
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue
from graphmode.ops import array, math
from graphmode.ops.control.checks import Assert
from graphmode.ops.ragged.rows import ragged_tensor_to_sparse_op
from graphmode.ragged.dense import padded, rows_of_dense
from graphmode.ragged.factories import RowFactories
from graphmode.ragged.rows import DIFFERENT_SPLITS
from graphmode.ragged.value import RaggedTensorValue


class RaggedTensor(RowFactories):
    """A tensor whose rows have different lengths: the values of all rows, and where each begins.

    Its class methods make them. The shape is one uniform axis, ragged ones, and uniform ones
    again, those of `flat_values`: words as vectors are ``[sentences, (words), n]``.

    Parameters
    ----------
    values : Tensor or RaggedTensor, of any dtype, [values, ...]
        The elements of all rows, one row after the other.
    row_splits : Tensor, int32 or int64, [rows + 1]
        Row i is ``values[row_splits[i]:row_splits[i + 1]]``.
    cached_row_lengths, cached_value_rowids, cached_nrows : Tensor, int, optional
        What else is known of the rows.
    internal : bool
        Whether it is a class method that calls.

    Raises
    ------
    ValueError
        If a program calls it, or shapes or dtypes do not fit.
    TypeError
        If an argument is no tensor.

    Examples
    --------
    >>> import graphmode as tf
    >>> words = tf.ragged.constant([["a", "small", "cat"], [], ["sat"]])
    >>> tf.Session().run(tf.strings.length(words)).to_list()
    [[1, 5, 3], [], [3]]
    """

    if TYPE_CHECKING:  # modules above give it these, and its operators
        _takes_over: ClassVar[Any]
        _spec: ClassVar[Any]

        def __getitem__(self, key: Any) -> Any: ...

    @classmethod
    def from_tensor(
        cls,
        tensor: Any,
        lengths: Any = None,
        padding: Any = None,
        ragged_rank: int = 1,
        name: str | None = None,
        row_splits_dtype: Any = dtypes.int64,
    ) -> Self:
        """The rows of a tensor, without what fills them up.

        Parameters
        ----------
        tensor : Tensor, of any dtype, of rank above `ragged_rank`
        lengths : Tensor, int, [rows], or list of them, optional
            How much of each row counts; of rows in rows a list, the outermost first.
        padding : Tensor, of the dtype of `tensor`, optional
            What fills rows up at their ends.
        ragged_rank : int
            The number of ragged axes.
        row_splits_dtype : DType
            int32 or int64.

        Returns
        -------
        RaggedTensor

        Raises
        ------
        TypeError
            If `ragged_rank` is no int.
        ValueError
            If both `lengths` and `padding` are given, or `ragged_rank` is not above 0, or not
            below the rank.

        Examples
        --------
        >>> import graphmode as tf
        >>> rows = tf.RaggedTensor.from_tensor([[5, 7, 0], [0, 0, 0], [6, 0, 0]], padding=0)
        >>> tf.Session().run(rows).to_list()
        [[5, 7], [], [6]]
        """
        dtype = dtypes.as_dtype(row_splits_dtype)
        if lengths is not None and padding is not None:
            raise ValueError("Specify lengths or padding, but not both")
        if not isinstance(ragged_rank, int):
            raise TypeError(f"ragged_rank expected int, got {ragged_rank!r}")
        if ragged_rank <= 0:
            raise ValueError(f"ragged_rank must be greater than 0; got {ragged_rank}")
        with name_scope(name, "RaggedFromTensor", [tensor, lengths, padding]):
            tensor = convert_to_tensor(tensor, name="tensor")
            tensor.shape.with_rank_at_least(ragged_rank + 1)
            values, nested = rows_of_dense(tensor, lengths, padding, ragged_rank, dtype)
            return cls.from_nested_row_splits(values, nested, validate=False)

    @classmethod
    def from_sparse(
        cls, st_input: Any, name: str | None = None, row_splits_dtype: Any = dtypes.int64
    ) -> Self:
        """The rows of a sparse matrix whose elements stand at the left of each row, without gaps.

        Parameters
        ----------
        st_input : SparseTensor, of any dtype, of rank 2
            In row-major order.
        row_splits_dtype : DType
            int32 or int64.

        Returns
        -------
        RaggedTensor

        Raises
        ------
        TypeError
            If `st_input` is no SparseTensor.
        ValueError
            If it has another rank.
        """
        dtype = dtypes.as_dtype(row_splits_dtype)
        if not isinstance(st_input, SparseTensor | SparseTensorValue):
            raise TypeError(f"Expected SparseTensor, got {type(st_input).__name__}")
        with name_scope(name, "RaggedFromSparse", [st_input]):
            sparse = SparseTensor.from_value(st_input)
            indices = sparse.indices
            if 2 not in (indices.shape[1].value, sparse.dense_shape.shape[0].value):
                raise ValueError("rank(st_input) must be 2")
            rows, columns = indices[:, 0], indices[:, 1]
            fits = array.where(
                math.not_equal(rows[1:], rows[:-1]),
                math.equal(columns[1:], 0),
                math.equal(columns[1:], columns[:-1] + 1),
            )
            first = math.reduce_all(math.equal(columns[:1], 0))
            words = ["SparseTensor is not right-ragged", "SparseTensor.indices =", indices]
            check = Assert(math.logical_and(first, math.reduce_all(fits)), words)
            with control_dependencies([check]):
                ids = math.cast(rows, dtype)
                n = math.cast(sparse.dense_shape[0], dtype)
                return cls.from_value_rowids(sparse.values, ids, n, validate=False)

    def to_tensor(self, default_value: Any = None, name: str | None = None) -> Tensor:
        """A tensor of all rows, filled up.

        Parameters
        ----------
        default_value : Tensor, of the dtype of the elements, optional
            What fills rows up; zeros, or empty strings, by default.

        Returns
        -------
        Tensor, of the shape `bounding_shape`

        Examples
        --------
        >>> import graphmode as tf
        >>> tf.Session().run(tf.ragged.constant([[5, 7], [], [6]]).to_tensor(-1)).tolist()
        [[5, 7], [-1, -1], [6, -1]]
        """
        with name_scope(name, "RaggedToTensor", [self, default_value]):
            if default_value is not None:
                default_value = convert_to_tensor(
                    default_value, name="default_value", dtype=self.dtype
                )
            values = self.flat_values
            for splits in reversed(self.nested_row_splits):
                values = padded(values, splits, default_value)
            return values

    def to_sparse(self, name: str | None = None) -> SparseTensor:
        """The elements as those of a SparseTensor of the same dtype.

        Returns
        -------
        SparseTensor, of the shape `bounding_shape`

        Notes
        -----
        TF op RaggedTensorToSparse.
        """
        with name_scope(name, "RaggedToSparse", [self]):
            return SparseTensor(
                *ragged_tensor_to_sparse_op(self.nested_row_splits, self.flat_values)
            )

    def to_list(self) -> list[Any]:
        """Refuse: a graph has no values.

        Raises
        ------
        ValueError
            Always.
        """
        raise ValueError(
            "RaggedTensor.to_list() is only supported in eager mode; in graph mode, evaluate the "
            "RaggedTensor first and then use RaggedTensorValue.to_list()."
            "\n  fix: sess.run(ragged).to_list()"
        )


def is_ragged(value: Any) -> bool:
    """Whether `value` is a RaggedTensor, or its value."""
    return isinstance(value, RaggedTensor | RaggedTensorValue)


def as_ragged(
    value: Any, dtype: Any = None, preferred_dtype: Any = None, name: str | None = None
) -> Any:
    """`value` as a tensor, or as a ragged one if it is ragged.

    Raises
    ------
    ValueError
        If its dtype is not `dtype`.
    """
    if isinstance(value, RaggedTensorValue):
        value = RaggedTensor._of_value(value, dtype, name, preferred_dtype)
    if isinstance(value, RaggedTensor):
        if dtype is not None and not dtypes.as_dtype(dtype).is_compatible_with(value.dtype):
            raise ValueError(
                f"Tensor conversion requested dtype {dtypes.as_dtype(dtype).name} for RaggedTensor "
                f"with dtype {value.dtype.name}: {value!r}"
            )
        return value
    return convert_to_tensor(value, dtype, name, preferred_dtype=preferred_dtype)


def same_split_dtypes(*tensors: Any) -> Any:
    """The dtype of all splits among `tensors` (int64 without any), which has to be one.

    Raises
    ------
    ValueError
        If they differ.
    """
    found = {each.row_splits.dtype for each in tensors if isinstance(each, RaggedTensor)}
    if len(found) > 1:
        raise ValueError(DIFFERENT_SPLITS)
    return found.pop() if found else dtypes.int64


def _no_tensor(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    del dtype, name, as_ref
    raise TypeError(
        f"Failed to convert object of type {type(value)} to Tensor. Contents: {value}. Consider "
        "casting elements to a supported type."
        "\n  fix: ragged.to_tensor() fills the rows up; ragged.flat_values are the elements"
    )


register_tensor_conversion_function(RaggedTensor, _no_tensor, 99)
register_tensor_conversion_function(RaggedTensorValue, _no_tensor, 99)
