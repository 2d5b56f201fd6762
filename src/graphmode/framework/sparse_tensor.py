"""`SparseTensor`: the elements of a tensor that are not zero."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_dims
from graphmode.framework.operation import session_for
from graphmode.framework.shapes import TensorShape

if TYPE_CHECKING:
    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation


class SparseTensorValue(NamedTuple):
    """The value of a `SparseTensor`, which a run gives and a feed takes.

    Attributes
    ----------
    indices : array, int64, [n, rank]
    values : array, of any dtype, [n]
    dense_shape : array, int64, [rank]
    """

    indices: Any
    values: Any
    dense_shape: Any


class SparseTensor:
    """A tensor given by its non-zero elements.

    Parameters
    ----------
    indices : Tensor, int64, [n, rank]
        Where they are; most operations ask for row-major order.
    values : Tensor, of any dtype, [n]
    dense_shape : Tensor, int64, [rank]
    """

    __slots__ = ("dense_shape", "indices", "values")

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        with name_scope(None, "SparseTensor", [indices, values, dense_shape]):
            self.indices = convert_to_tensor(indices, name="indices", dtype=dtypes.int64)
            self.values = convert_to_tensor(values, name="values")
            self.dense_shape = convert_to_tensor(
                dense_shape, name="dense_shape", dtype=dtypes.int64
            )
        cells = self.indices.get_shape().with_rank(2)
        cells[0].assert_is_compatible_with(self.values.get_shape().with_rank(1)[0])
        cells[1].assert_is_compatible_with(self.dense_shape.get_shape().with_rank(1)[0])

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """A SparseTensor of the parts of another one, or of a SparseTensorValue.

        Parameters
        ----------
        sparse_tensor_value : SparseTensorValue or SparseTensor, of any dtype

        Returns
        -------
        SparseTensor

        Raises
        ------
        TypeError
            If it is neither.
        """
        if not isinstance(sparse_tensor_value, SparseTensorValue | SparseTensor):
            raise TypeError(f"Neither a SparseTensor nor SparseTensorValue: {sparse_tensor_value}.")
        return cls(
            sparse_tensor_value.indices,
            sparse_tensor_value.values,
            sparse_tensor_value.dense_shape,
        )

    @property
    def op(self) -> Operation:
        """The operation that gives the values."""
        return self.values.op

    @property
    def graph(self) -> Graph:
        """The graph it is in."""
        return self.values.graph

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the values."""
        return self.values.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape, as far as it is known."""
        return TensorShape._of(constant_dims(self.dense_shape))

    def get_shape(self) -> TensorShape:
        """The static shape, as far as it is known: the old form of `shape`."""
        return self.shape

    def eval(self, feed_dict: dict[Any, Any] | None = None, session: Any = None) -> Any:
        """The value of this tensor.

        Parameters
        ----------
        feed_dict : dict, optional
            As for `Session.run`.
        session : Session, optional
            The default session if not given.

        Returns
        -------
        SparseTensorValue

        Raises
        ------
        ValueError
            If there is no session, or it is of another graph.
        """
        return session_for(session, self.graph, "evaluate tensor").run(self, feed_dict)

    def __str__(self) -> str:
        return (
            f"SparseTensor(indices={self.indices}, values={self.values}, "
            f"dense_shape={self.dense_shape})"
        )
