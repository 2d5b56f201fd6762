"""`ResourceVariable`: a variable that ops know by its handle.

Each use of it reads it, and a read is an op with a place of its own: it sees the writes that data
or control edges put before it, and no later ones. What a write gives is such a read, after it.
"""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Operation, Tensor, shape_text
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.ops.array.identities import identity
from graphmode.ops.control.cond import cond
from graphmode.ops.state import resource_forms as resource_forms  # defines the writes by handle
from graphmode.ops.state import resource_ops, variable_ops
from graphmode.variables.initial_values import guarded_initial_value
from graphmode.variables.variable import Variable, _initial_tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from graphmode.framework.dtypes import DType
    from graphmode.framework.graph import Graph


class BaseResourceVariable(Variable):
    """What all variables that are known by a handle have in common.

    The parameters are those of `Variable`.
    """

    _cached_value: Tensor | None = None
    _graph_element: Tensor
    """The read that is fetched for the variable."""

    # ---- what it is -------------------------------------------------------------------------

    @property
    def handle(self) -> Tensor:
        """The tensor of dtype resource by which ops know the variable."""
        return self._variable

    @property
    def create(self) -> Operation:
        """The operation that assigns the initial value."""
        return self._initializer

    @property
    def dtype(self) -> DType:
        """The dtype of the value."""
        return self._variable.op.attrs["dtype"]

    @property
    def shape(self) -> TensorShape:
        """The static shape of the value."""
        return self._variable.op.attrs["shape"]

    def get_shape(self) -> TensorShape:
        """The static shape of the value: the old form of `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Refuse: the shape is that of the handle.

        Parameters
        ----------
        shape : TensorShape or sequence of int or None

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError("ResourceVariable does not implement set_shape()")

    def _shape_as_list(self) -> list[int | None] | None:
        dims = self.shape._dims
        return None if dims is None else list(dims)

    # ---- reading ----------------------------------------------------------------------------

    def _as_graph_element(self) -> Tensor:
        return self._graph_element

    def _AsTensor(self) -> Tensor:  # noqa: N802  (TensorFlow's name, which programs call)
        return self.value()

    def _read_variable_op(self) -> Tensor:
        return resource_ops.read_variable_op(self._variable, dtype=self.dtype)

    def value(self) -> Tensor:
        """A new read of the value, at the device of the variable."""
        if self._cached_value is not None:
            return self._cached_value
        with _at_device_of(self._variable):
            return self._read_variable_op()

    def read_value(self) -> Tensor:
        """A new read of the value, with its own place: after the control dependencies around it."""
        with name_scope("Read"), self.graph.device(self._variable.device or None):
            value = self._read_variable_op()
        return identity(value)

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Whether it has a value: a bool scalar."""
        return resource_ops.var_is_initialized_op(self._variable, name=name)

    def initialized_value(self) -> Tensor:
        """The value if the variable is initialised, else the initial value."""
        with self.graph.control_dependencies(None):
            return cond(self.is_initialized(), self.read_value, lambda: self.initial_value)

    def eval(self, session: Any = None) -> Any:
        """The value in `session`, or in the default session, as an array."""
        return self._graph_element.eval(session=session)

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows of the numbers `indices`, an int32 or int64 tensor; only they are read."""
        with name_scope("Gather" if name is None else name) as scope:
            value = resource_ops.resource_gather(
                self._variable, indices, dtype=self.dtype, name=scope
            )
        return identity(value)

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """What stands at the index tuples `indices`, int32 or int64; only that is read."""
        with name_scope("GatherNd" if name is None else name) as scope:
            value = resource_ops.resource_gather_nd(
                self._variable, indices, dtype=self.dtype, name=scope
            )
        return identity(value)

    # ---- writing ----------------------------------------------------------------------------

    @contextlib.contextmanager
    def _after_cached_read(self) -> Generator[None]:
        """Order writes after the read that is kept on another device."""
        if self._cached_value is None:
            yield
        else:
            with self.graph.control_dependencies([self._cached_value]):
                yield

    def _lazy_read(self, written: Any) -> UnreadVariable:
        return UnreadVariable(self, written)

    def _after(self, written: Operation, read_value: bool) -> Any:
        return self._lazy_read(written) if read_value else written

    def assign(
        self,
        value: Any,
        use_locking: bool | None = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An op that sets the value.

        Parameters
        ----------
        value : Tensor, of the variable's dtype and shape
        use_locking : bool, optional
            Accepted: a run is the only writer of its session.
        read_value : bool
            Give the variable after it; else the operation.

        Returns
        -------
        UnreadVariable or Operation

        Raises
        ------
        ValueError
            If `value` has another shape.
        """
        del use_locking
        with self.graph.as_default():
            tensor = convert_to_tensor(value, dtype=self.dtype)
            self.shape.assert_is_compatible_with(tensor.shape)
            written = resource_ops.assign_variable_op(self._variable, tensor, name=name)
            return self._after(written, read_value)

    def assign_add(
        self,
        delta: Any,
        use_locking: bool | None = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An op that adds to the value.

        Parameters
        ----------
        delta : Tensor, of the variable's dtype and shape
        use_locking : bool, optional
            Accepted: a run is the only writer of its session.
        read_value : bool
            Give the variable after it; else the operation.

        Returns
        -------
        UnreadVariable or Operation
        """
        del use_locking
        return self._added(variable_ops.assign_add, delta, name, read_value)

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool | None = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An op that subtracts from the value.

        Parameters
        ----------
        delta : Tensor, of the variable's dtype and shape
        use_locking : bool, optional
            Accepted: a run is the only writer of its session.
        read_value : bool
            Give the variable after it; else the operation.

        Returns
        -------
        UnreadVariable or Operation
        """
        del use_locking
        return self._added(variable_ops.assign_sub, delta, name, read_value)

    def _added(self, write: Callable[..., Any], delta: Any, name: Any, read_value: bool) -> Any:
        with self.graph.as_default(), self._after_cached_read():
            tensor = convert_to_tensor(delta, dtype=self.dtype)
            return self._after(write(self._variable, tensor, name=name), read_value)

    def _scatter(
        self, write: Callable[..., Any], sparse_delta: Any, use_locking: bool, name: Any
    ) -> Any:
        if not (hasattr(sparse_delta, "indices") and hasattr(sparse_delta, "values")):
            raise TypeError(f"sparse_delta is not IndexedSlices: {sparse_delta}")
        values = convert_to_tensor(sparse_delta.values, dtype=self.dtype)
        return self._lazy_read(write(self._variable, sparse_delta.indices, values, name=name))

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._lazy_read(super().scatter_nd_sub(indices, self._as_updates(updates), name))

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._lazy_read(super().scatter_nd_add(indices, self._as_updates(updates), name))

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._lazy_read(super().scatter_nd_update(indices, self._as_updates(updates), name))

    def _as_updates(self, updates: Any) -> Tensor:
        return convert_to_tensor(updates, dtype=self.dtype)

    # ---- Python -----------------------------------------------------------------------------

    def to_proto(self, export_scope: str | None = None) -> Any:
        """This variable as a `VariableDef` protobuf; None if it is outside `export_scope`."""
        made = super().to_proto(export_scope)
        if made is not None:
            made.is_resource = True
        return made

    def __repr__(self) -> str:
        shape = shape_text(self.shape._dims)
        return f"<tf.Variable '{self.name}' shape={shape} dtype={self.dtype.name}>"


class ResourceVariable(BaseResourceVariable):
    """A variable that ops know by its handle: what ``tf.Variable(..., use_resource=True)`` makes.

    The graph holds six nodes for it or more: its initial value under ``W/Initializer``, the handle
    ``W``, ``W/IsInitialized/VarIsInitializedOp``, ``W/Assign`` (its `initializer`) and
    ``W/Read/ReadVariableOp``, which is fetched for it. Each further use adds a read, which does
    not change with later writes. The parameters are those of `Variable`.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     a = tf.Variable(1.0, use_resource=True)
    ...     sess.run(a.initializer)
    ...     before = a.read_value()
    ...     with tf.control_dependencies([before]):
    ...         after = a.assign_add(2.0)
    ...     print(*sess.run([before, after]))
    1.0 3.0
    """

    def _build(
        self,
        graph: Graph,
        initial_value: Any,
        dtype: DType | None,
        name: str | None,
        validate_shape: bool,
        shape: Any,
        caching_device: Any,
    ) -> None:
        del validate_shape  # the static shape is always kept
        from_function = callable(initial_value)
        values = [] if from_function else [initial_value]
        with name_scope(name, "Variable", values) as scope:
            with graph._attr_scope({"_class": [b"loc:@" + scope[:-1].encode()]}):
                with graph.name_scope("Initializer"), graph.device(None):
                    given = initial_value() if from_function else initial_value
                    value = _initial_tensor(given, dtype)
                known = value.shape if shape is None else as_shape(shape)
                if not known.is_compatible_with(value.shape):
                    raise ValueError(
                        f"The initial value's shape ({value.shape}) is not compatible with the "
                        f"explicitly supplied `shape` argument ({known})."
                    )
                self._variable = resource_ops.var_handle_op(
                    shape=known,
                    dtype=value.dtype.base_dtype,
                    shared_name=scope[:-1],
                    name=scope,
                )
            if value.op.context is not None and not from_function:
                raise ValueError(
                    f"Initializer for variable {scope} is from inside a control-flow construct, "
                    "such as a loop or conditional. When creating a variable inside a loop or "
                    "conditional, use a lambda as the initializer."
                )
            self._initial_value = value
            with graph.name_scope("IsInitialized"):
                self._is_initialized = self.is_initialized()
            with graph.name_scope("Assign") as assign_scope, _at_device_of(self._variable):
                self._initializer = resource_ops.assign_variable_op(
                    self._variable, guarded_initial_value(scope, value), name=assign_scope
                )
            with graph.name_scope("Read"):
                with graph.device(self._variable.device or None):
                    self._graph_element = self._snapshot = self._read_variable_op()
                if caching_device is not None:
                    with (
                        graph.colocate_with(None, ignore_existing=True),
                        graph.device(caching_device),
                    ):
                        self._cached_value = self._snapshot = identity(self._graph_element)

    def _init_from_definition(self, variable_def: Any, import_scope: str | None) -> None:
        if not variable_def.is_resource:
            raise ValueError("Trying to restore Variable as ResourceVariable.")
        super()._init_from_definition(variable_def, import_scope)
        read = self._snapshot
        if read.op.op_def.role != "reading":
            self._cached_value = read
        while read.op.op_def.role != "reading":
            read = read.op.inputs[0]
        self._graph_element = read

    @staticmethod
    def from_proto(variable_def: Any, import_scope: str | None = None) -> ResourceVariable:
        """The resource variable of the default graph that a protobuf describes.

        Parameters
        ----------
        variable_def : VariableDef
        import_scope : str, optional
            The name scope of the variable.

        Returns
        -------
        ResourceVariable

        Raises
        ------
        ValueError
            If it is that of a reference variable.
        """
        return ResourceVariable(variable_def=variable_def, import_scope=import_scope)


class UnreadVariable(BaseResourceVariable):
    """A variable after a write: what reads it waits for that.

    Parameters
    ----------
    variable : BaseResourceVariable
    written : Operation
        The write.
    """

    def __init__(self, variable: BaseResourceVariable, written: Operation) -> None:
        vars(self).update(vars(variable))
        self._cached_value = None
        self._written = written
        with self.graph.control_dependencies([written]):
            self._graph_element = self._snapshot = super()._read_variable_op()

    @property
    def name(self) -> str:
        """The name of the write."""
        return self._written.name

    @property
    def op(self) -> Operation:
        """The write."""
        return self._written

    def value(self) -> Tensor:
        """A new read of the value after the write."""
        return self._read_variable_op()

    def read_value(self) -> Tensor:
        """A new read of the value after the write."""
        return self._read_variable_op()

    def _read_variable_op(self) -> Tensor:
        with self.graph.control_dependencies([self._written]):
            return super()._read_variable_op()


@contextlib.contextmanager
def _at_device_of(handle: Tensor) -> Generator[None]:
    """Place what is made in the block where the variable is, whatever it is colocated with."""
    graph = handle.graph
    with graph.colocate_with(None, ignore_existing=True), graph.device(handle.device or None):
        yield


def is_resource_variable(var: Any) -> bool:
    """Whether `var` is a variable that ops know by its handle."""
    return isinstance(var, BaseResourceVariable)


# ---- which kind `tf.Variable` makes --------------------------------------------------------------


def enable_resource_variables() -> None:
    """Have `tf.Variable` and `tf.get_variable` make resource variables from now on."""
    type(Variable).makes_resources = True


def disable_resource_variables() -> None:
    """Have `tf.Variable` and `tf.get_variable` make reference variables, which is the default."""
    type(Variable).makes_resources = False


def resource_variables_enabled() -> bool:
    """Whether `enable_resource_variables` has been called."""
    return Variable.makes_resources
