"""`TensorArray`: tensors by index, written once, the way loops collect their results."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.control_records import Loop
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import colocate_with, name_scope
from graphmode.framework.inference import constant_value
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.ops.array.constants import constant
from graphmode.ops.array.identities import identity
from graphmode.ops.control import tensor_list
from graphmode.ops.control.grouping import no_op
from graphmode.ops.math.casts import cast


class TensorArray:
    """Tensors of one dtype by index.

    Every method that writes gives a new object, which must be used from then on; it can be a loop
    variable. Each index is written once.

    Parameters
    ----------
    dtype : DType
    size : int or Tensor, int32 scalar
    dynamic_size : bool
        Whether writing past the end makes it longer.
    clear_after_read, tensor_array_name : optional
        Accepted: an element can be read any number of times.
    handle : optional
        Not together with `size`.
    flow : Tensor, variant, optional
        The content of another array, in place of `size`.
    infer_shape : bool
        Whether all elements have one shape, known from the first one written.
    element_shape : TensorShape, optional
    colocate_with_first_write_call : bool
        Accepted.

    Raises
    ------
    InvalidArgumentError
        In a run: reading or writing outside, writing an index twice, reading what was not written
        where no shape is known (else it is zeros), elements of different shapes with `infer_shape`.
    ValueError
        If there is neither a size nor a flow, or a size and a handle.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     squares = tf.TensorArray(tf.int32, size=3)
    ...     for i in range(3):
    ...         squares = squares.write(i, i * i)
    ...     print(sess.run(squares.stack()))
    [0 1 4]
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Tensor | None = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        del clear_after_read, tensor_array_name, colocate_with_first_write_call
        if handle is not None and size is not None:
            raise ValueError("Cannot provide both a handle and size at the same time")
        self._dtype = dtypes.as_dtype(dtype).base_dtype
        self._dynamic_size = bool(dynamic_size)
        self._infer_shape = infer_shape
        self._shapes = [as_shape(element_shape)]
        """What is known of an element's shape: one cell for all objects that stand for the array,
        so that what is written in a loop is known after it."""
        self._trusted = False
        self._adds = False
        """Whether what is written to an element is added to it: an array of gradients."""
        self._handle: Tensor | None = None
        """Stands for the resource that TensorFlow brings into loops beside the flow."""
        if flow is not None:
            self._flow: Tensor = flow
            return
        if size is None:
            raise ValueError("Size must be provided if handle is not provided")
        with name_scope(name, "TensorArray") as scope:
            self._flow = tensor_list.tensor_list_reserve(
                _unknown_shape(),
                convert_to_tensor(size, dtype=dtypes.int32, name="size"),
                element_dtype=self._dtype,
                _dynamic_size=self._dynamic_size,
                name=scope,
            )
        self._handle = self._flow.op.inputs[0]
        self._pass_ids(-1)

    def _pass_ids(self, n: int) -> None:
        """Count `n` operations that TensorFlow 1.15 makes more, and that it reads the array."""
        graph = self._flow.graph
        graph.pass_ids(n)
        if self._handle is not None:
            graph.pass_entries([self._handle])

    # ---- what it is -------------------------------------------------------------------------

    @property
    def flow(self) -> Tensor:
        """The tensor that carries the values, of dtype variant."""
        return self._flow

    @property
    def handle(self) -> Tensor:
        """The tensor, of dtype variant, that holds the elements."""
        return self._flow

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the elements."""
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        """Whether writing past the end makes it longer."""
        return self._dynamic_size

    @property
    def element_shape(self) -> TensorShape:
        """What is known of the shape of an element."""
        return self._element_shape

    @property
    def _element_shape(self) -> TensorShape:
        return self._shapes[0]

    def _with_flow(self, flow: Tensor) -> TensorArray:
        """The same array after an op that gave `flow`."""
        array = TensorArray(
            self._dtype,
            dynamic_size=self._dynamic_size,
            flow=flow,
            infer_shape=self._infer_shape,
        )
        array._shapes = self._shapes
        array._trusted = self._trusted
        array._adds = self._adds
        array._handle = self._handle
        return array

    def _trust(self) -> TensorArray:
        """For loops of the library, which write every index once: without the checks of a run."""
        array = self._with_flow(self._flow)
        array._trusted = True
        return array

    def _learn(self, shape: TensorShape) -> None:
        """Take the shape of an element that is written."""
        if not self._infer_shape:
            return
        if not self._element_shape.is_compatible_with(shape):
            raise ValueError(
                f"Inconsistent shapes: saw {shape} but expected {self._element_shape}. All "
                "elements of a TensorArray have one shape, unless infer_shape=False."
            )
        self._shapes[0] = self._element_shape.merge_with(shape)

    # ---- one element ------------------------------------------------------------------------

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element at `index`, an int32 scalar, of the array's dtype."""
        value = tensor_list.tensor_list_get_item(
            self._flow,
            index,
            _shape_tensor(self._element_shape),
            element_dtype=self._dtype,
            _checked=not self._trusted,
            _one_shape=self._infer_shape and not self._trusted,
            name=name or "TensorArrayReadV3",
        )
        value.set_shape(self._element_shape)
        self._pass_ids(-1)
        return value

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with another element.

        Parameters
        ----------
        index : int or Tensor, int32 scalar
        value : Tensor, of the array's dtype

        Returns
        -------
        TensorArray
        """
        with name_scope(name, "TensorArrayWrite", [self._flow, index, value]):
            value = convert_to_tensor(value, preferred_dtype=self._dtype, name="value")
            self._check_dtype(value)
            array = self._with_flow(self._written(index, value))
            array._learn(value.shape)
            self._pass_ids(0)
            return array

    def _written(self, index: Any, value: Tensor) -> Tensor:
        if self._adds:
            return tensor_list.tensor_list_accumulate(self._flow, index, value)
        if self._trusted:
            return tensor_list.tensor_list_set_item(self._flow, index, value)
        return tensor_list.tensor_list_set_item(
            self._flow,
            index,
            value,
            _write_once=True,
            _one_shape=self._infer_shape,
            _element_shape=None if self._element_shape._dims is None else self._element_shape,
        )

    def _fitted(self, flow: Tensor, made_by: str) -> Tensor:
        """The list `flow`, made at once, as one of the size that this array has."""
        if self._trusted:
            return flow
        return tensor_list.tensor_list_fitted(flow, self._flow, _made_by=made_by)

    def _check_dtype(self, value: Tensor) -> None:
        if value.dtype.base_dtype is not self._dtype:
            raise TypeError(
                f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype "
                f"{value.dtype.base_dtype.name}"
            )

    # ---- all elements -----------------------------------------------------------------------

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one tensor ``[size, ...]``."""
        with name_scope(name, "TensorArrayStack", [self._flow]):
            value = tensor_list.tensor_list_stack(
                self._flow,
                _shape_tensor(self._element_shape),
                element_dtype=self._dtype,
                name="TensorArrayGatherV3",
            )
            if self._element_shape._dims is not None:
                value.set_shape([self._static_size(), *self._element_shape])
            self._pass_ids(3)  # the size, a range
            return value

    def _static_size(self) -> int | None:
        """The size, if the op that made the array says it."""
        op = self._flow.op
        while op.type in ("TensorListSetItem", "Identity", "TensorListScatterIntoExistingList"):
            op = op.inputs[0].op
        if self._dynamic_size:
            return None
        if op.type == "TensorListFitted":
            return self._with_flow(op.inputs[1])._static_size()
        if op.type == "TensorListFromTensor":
            dims = op.inputs[0].dims
            return None if not dims else dims[0]
        if op.type == "TensorListReserve":
            size = constant_value(op.inputs[1])
            return None if size is None else int(size)
        if isinstance(op.control, Loop):
            index = self._flow_index(op)
            if index < op.control.n_variables:
                return self._with_flow(op.inputs[index])._static_size()
        return None

    def _flow_index(self, op: Operation) -> int:
        """Which output of the loop `op` this array is."""
        flow = self._flow
        while flow.op is not op:
            flow = flow.op.inputs[0]
        return flow.value_index

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements at `indices`, an int32 vector, as one tensor ``[len(indices), ...]``."""
        value = tensor_list.tensor_list_gather(
            self._flow,
            indices,
            _shape_tensor(self._element_shape),
            element_dtype=self._dtype,
            name=name or "TensorArrayGatherV3",
        )
        if self._element_shape._dims is not None:
            value.set_shape([None, *self._element_shape])
        self._pass_ids(-1)
        return value

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array whose elements are the rows of a tensor.

        Parameters
        ----------
        value : Tensor, of the array's dtype, [n, ...]

        Returns
        -------
        TensorArray

        Raises
        ------
        ValueError
            If `value` is a scalar.
        """
        with name_scope(name, "TensorArrayUnstack", [self._flow, value]):
            value = convert_to_tensor(value, preferred_dtype=self._dtype, name="value")
            self._check_dtype(value)
            if value.dims == ():
                raise ValueError(
                    "TensorArray.unstack needs a value of rank 1 or more, got a scalar"
                )
            n_rows, size = value.dims and value.dims[0], self._static_size()
            flow = tensor_list.tensor_list_from_tensor(value, _shape_tensor(TensorShape(None)))
            if n_rows is None or n_rows != size:
                flow = self._fitted(flow, "unstack")
            array = self._with_flow(flow)
            self._pass_ids(7)  # the number of rows, a range
            if value.dims is not None:
                array._learn(TensorShape._of(value.dims[1:]))
            return array

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of a tensor at some places.

        Parameters
        ----------
        indices : Tensor, int32, [n]
        value : Tensor, of the array's dtype, [n, ...]

        Returns
        -------
        TensorArray
        """
        with name_scope(name, "TensorArrayScatter", [self._flow, value, indices]):
            value = convert_to_tensor(value, preferred_dtype=self._dtype, name="value")
            self._check_dtype(value)
            array = self._with_flow(
                tensor_list.tensor_list_scatter(
                    self._flow,
                    value,
                    indices,
                    _write_once=not self._trusted,
                    _one_shape=self._infer_shape and not self._trusted,
                )
            )
            if value.dims is not None:
                array._learn(TensorShape._of(value.dims[1:]))
            return array

    def concat(self, name: str | None = None) -> Tensor:
        """All elements joined along their first dimension."""
        value, _ = tensor_list.tensor_list_concat(
            self._flow,
            _shape_tensor(self._element_shape),
            constant([], dtype=dtypes.int64),
            element_dtype=self._dtype,
            name=name or "TensorArrayConcatV3",
        )
        if self._element_shape._dims is not None:
            value.set_shape([None, *self._element_shape[1:]])
        self._pass_ids(-2)
        return value

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array of consecutive pieces of a tensor.

        Parameters
        ----------
        value : Tensor, of the array's dtype, [sum of lengths, ...]
        lengths : Tensor, int32 or int64, [n]

        Returns
        -------
        TensorArray
        """
        with name_scope(name, "TensorArraySplit", [self._flow, value, lengths]):
            value = convert_to_tensor(value, dtype=self._dtype, name="value")
            lengths = cast(convert_to_tensor(lengths), dtypes.int64)
            pieces = tensor_list.tensor_list_split(
                value,
                _shape_tensor(TensorShape(None)),
                lengths,
                _one_shape=self._infer_shape and not self._trusted,
            )
            array = self._with_flow(self._fitted(pieces, "split"))
            known = constant_value(lengths)
            if value.dims and known is not None and known.size and len(set(known.tolist())) == 1:
                array._learn(TensorShape([int(known[0]), *value.dims[1:]]))
            return array

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements: int32 scalar."""
        return tensor_list.tensor_list_length(self._flow, name=name or "TensorArraySizeV3")

    def identity(self) -> TensorArray:
        """The same array, with a place of its own among control dependencies."""
        return self._with_flow(identity(self._flow))

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> TensorArray:
        """An array of the size of this one, in which what is written to an element is added to it.

        `tf.gradients` goes through arrays without it. As with `write`, what a write returns has to
        be used from then on: the array is a value, not a place that `source` names.

        Parameters
        ----------
        source : str
        flow : Tensor, variant, optional
            The content that it is to be as long as, in place of that of this array.

        Returns
        -------
        TensorArray
        """
        del source
        with name_scope(name, "TensorArrayGrad", [self._flow]):
            array = self._with_flow(
                tensor_list.tensor_list_like(self._flow if flow is None else flow)
            )
            array._adds = True
            return array

    def close(self, name: str | None = None) -> Operation:
        """An operation that does nothing: nothing is held."""
        with colocate_with(self._flow.op):
            return no_op(name=name)


def _unknown_shape() -> Tensor:
    return constant(-1, dtype=dtypes.int32, name="element_shape")


def _shape_tensor(shape: TensorShape) -> Tensor:
    """An element shape as a TensorList op takes it: -1 for what is not known."""
    if shape._dims is None:
        return _unknown_shape()
    return constant([-1 if d is None else d for d in shape._dims], dtypes.int32, [len(shape._dims)])
