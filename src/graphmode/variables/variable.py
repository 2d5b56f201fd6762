"""`Variable`: a tensor that keeps its value between runs."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor, register_tensor_conversion_function
from graphmode.framework.default_graph import GraphKeys, get_default_graph, name_scope
from graphmode.framework.defaults import default_session
from graphmode.framework.graph import Graph
from graphmode.framework.operation import Operation, Reference, Tensor, shape_text
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.shapes import TensorShape
from graphmode.ops.array import gathering
from graphmode.ops.array.identities import identity
from graphmode.ops.state import batch_scatter, scatter, variable_ops
from graphmode.variables.copies import (
    VariableAggregation,
    VariableSynchronization,
    is_trainable,
)
from graphmode.variables.initial_values import guarded_initial_value
from graphmode.variables.slices import SaveSliceInfo

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType


class _MadeByCreators(type):
    """Lets the functions of `variable_creator_scope` make what a program asks a class for.

    `Variable` itself is asked for a variable of the kind that its argument `use_resource`, the
    variable scope or `tf.enable_resource_variables` say.
    """

    makes_resources = False
    """Whether that is a resource variable where neither argument nor scope say."""

    @property
    def __signature__(cls) -> inspect.Signature:
        initializer: Any = cls.__init__
        return inspect.Signature(list(inspect.signature(initializer).parameters.values())[1:])

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not Variable:
            return super().__call__(*args, **kwargs)
        creators = get_default_graph().variable_creators
        if not creators:
            return _made(*args, **kwargs)
        bound = cls.__signature__.bind(*args, **kwargs)
        bound.apply_defaults()
        given: dict[str, Any] = dict(bound.arguments)
        given["synchronization"] = given["synchronization"] or VariableSynchronization.AUTO
        given["aggregation"] = given["aggregation"] or VariableAggregation.NONE
        make: Callable[..., Any] = _made
        for creator in creators:
            make = functools.partial(creator, make)
        return make(**given)


def _made(*args: Any, use_resource: Any = None, **kwargs: Any) -> Any:
    """A variable of the kind that is asked for."""
    if len(args) > _RESOURCE_ARGUMENT:
        use_resource = args[_RESOURCE_ARGUMENT]
        args = (*args[:_RESOURCE_ARGUMENT], None, *args[_RESOURCE_ARGUMENT + 1 :])
    scopes = get_default_graph().variable_scopes
    if use_resource is None and scopes is not None:
        use_resource = scopes.current.use_resource
    if use_resource is None:
        use_resource = Variable.makes_resources
    make = kinds["resource" if use_resource else "reference"]
    return make(*args, **kwargs)


_RESOURCE_ARGUMENT = 11

kinds: dict[str, Callable[..., Any]] = {}
"""What makes a variable of each kind."""


class Variable(metaclass=_MadeByCreators):
    """A tensor that keeps its value between runs of a session.

    The graph holds four nodes for it: its initial value, the variable ``W``, ``W/Assign`` (its
    `initializer`) and ``W/read`` (its value as a tensor). Wherever a tensor is expected a variable
    stands for its value, so ``W * 2`` and ``tf.matmul(x, W)`` work.

    Parameters
    ----------
    initial_value : Tensor, array, number, list or callable
        Of any dtype. A callable without arguments is called with ``W/Initializer/`` as name scope.
        The shape must be fully known unless `validate_shape` is False. Initial values that depend
        on other variables use those variables' initial values while they are not initialised.
    trainable : bool, optional
        Whether optimizers train it by default: adds it to `GraphKeys.TRAINABLE_VARIABLES`.
    collections : list, optional
        The collections it joins; `GraphKeys.GLOBAL_VARIABLES` if not given.
    validate_shape : bool
        False lets values of any shape be assigned.
    caching_device : str or callable, optional
        Where the value that is read is kept.
    name : str, optional
    variable_def : VariableDef, optional
        The protobuf of a variable that the graph already has.
    dtype : DType, optional
        By default the dtype of `initial_value`.
    expected_shape : optional
        Accepted.
    import_scope : str, optional
        The name scope of that variable.
    constraint : callable, optional
        Projects the value after an optimizer's step: ``constraint(value) -> value``.
    use_resource : bool, optional
        Whether to make a `ResourceVariable`; if not given, what the variable scope says, then
        whether `tf.enable_resource_variables` has been called.
    synchronization, aggregation : optional
        Accepted.
    shape : sequence of int, optional
        The static shape, where it is to say less than that of `initial_value`.

    Raises
    ------
    ValueError
        If there is no initial value or its shape is not known, or it has another dtype.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     count = tf.Variable(1, name="count")
    ...     sess.run(count.initializer)
    ...     print(sess.run(count.assign_add(2)), count)
    3 <tf.Variable 'count:0' shape=() dtype=int32_ref>
    """

    __array_priority__ = 100  # `array * variable` is left to `__rmul__`

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: str | None = None,
        constraint: Callable[..., Any] | None = None,
        use_resource: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        del expected_shape, use_resource  # `Variable` has decided
        self._save_slice_info: Any = None
        self._constraint = constraint
        self._synchronization = synchronization
        self._aggregation = aggregation
        if variable_def is not None:
            if initial_value is not None:
                raise ValueError("variable_def and initial_value are mutually exclusive.")
            self._init_from_definition(variable_def, import_scope)
            return
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` argument must be a callable.")
        if collections is None:
            collections = [GraphKeys.GLOBAL_VARIABLES]
        if not isinstance(collections, (list, tuple, set)):
            raise ValueError(
                "collections argument to Variable constructor must be a list, tuple, or set. "
                f"Got {collections} of type {type(collections)}"
            )
        self._trainable = is_trainable(trainable, synchronization)
        if self._trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
            collections = [*collections, GraphKeys.TRAINABLE_VARIABLES]
        if dtype is not None:
            dtype = dtypes.as_dtype(dtype).base_dtype
        graph = get_default_graph()
        with graph.control_dependencies(None), graph.placing_variables():
            self._build(graph, initial_value, dtype, name, validate_shape, shape, caching_device)
        graph.variables[self.op] = self
        graph.add_to_collections(collections, self)

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
        from_function = callable(initial_value)
        values = [] if from_function else [initial_value]
        with name_scope(name, "Variable", values) as scope:
            if from_function:
                colocated = {"_class": [b"loc:@" + scope[:-1].encode()]}
                with graph._attr_scope(colocated):
                    with graph.name_scope("Initializer"), graph.device(None):
                        value = _initial_tensor(initial_value(), dtype)
                    ref = _variable_op(value, validate_shape, shape, scope)
            else:
                value = _initial_tensor(initial_value, dtype)
                if value.op.context is not None:
                    raise ValueError(
                        f"Initializer for variable {scope} is from inside a control-flow "
                        "construct, such as a loop or conditional. When creating a variable inside "
                        "a loop or conditional, use a lambda as the initializer."
                    )
                ref = _variable_op(value, validate_shape, shape, scope)
            if validate_shape and (value.dims is None or None in value.dims):
                raise ValueError(f"initial_value must have a shape specified: {value}")
            self._variable = ref
            self._initial_value = value
            self._initializer = variable_ops.assign(
                ref,
                guarded_initial_value(scope, value),
                validate_shape=bool(validate_shape),
                name="Assign",
            ).op
            if caching_device is not None:
                with graph.device(caching_device):
                    self._snapshot = identity(ref, name="read")
            else:
                with graph.colocate_with(ref.op):
                    self._snapshot = identity(ref, name="read")

    def _init_from_definition(self, variable_def: Any, import_scope: str | None) -> None:
        graph = get_default_graph()
        prefix = f"{import_scope}/" if import_scope else ""
        self._variable = graph.as_graph_element(prefix + variable_def.variable_name)
        self._initializer = graph.as_graph_element(prefix + variable_def.initializer_name)
        self._snapshot = graph.as_graph_element(prefix + variable_def.snapshot_name)
        self._initial_value = (
            graph.as_graph_element(prefix + variable_def.initial_value_name)
            if variable_def.initial_value_name
            else self._initializer.inputs[1]
        )
        self._trainable = variable_def.trainable
        if variable_def.HasField("save_slice_info_def"):
            self._save_slice_info = SaveSliceInfo.from_proto(
                variable_def.save_slice_info_def, import_scope
            )
        graph.variables[self.op] = self

    def experimental_ref(self) -> Reference:
        """A key for dictionaries and sets."""
        return Reference(self)

    # ---- what it is -------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """``W:0``, the name of the variable as a tensor."""
        return self._variable.name

    @property
    def op(self) -> Operation:
        """The operation that is the variable."""
        return self._variable.op

    @property
    def dtype(self) -> DType:
        """The reference dtype; ``dtype.base_dtype`` is the dtype of the value."""
        return self._variable.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape."""
        return self._variable.shape

    def get_shape(self) -> TensorShape:
        """The static shape: the old form of `shape`."""
        return self._variable.shape

    def set_shape(self, shape: Any) -> None:
        """Add what is known of the static shape.

        Parameters
        ----------
        shape : TensorShape or sequence of int or None

        Raises
        ------
        ValueError
            If it contradicts what is known.
        """
        self._variable.set_shape(shape)
        self._snapshot.set_shape(shape)

    @property
    def device(self) -> str:
        """The device asked for, '' for none."""
        return self._variable.device

    @property
    def graph(self) -> Graph:
        """The graph it is in."""
        return self._variable.graph

    @property
    def initializer(self) -> Operation:
        """The operation that assigns the initial value."""
        return self._initializer

    @property
    def initial_value(self) -> Tensor:
        """The tensor that the variable is initialised with."""
        return self._initial_value

    @property
    def trainable(self) -> bool:
        """Whether optimizers train it by default."""
        return self._trainable

    @property
    def constraint(self) -> Callable[..., Any] | None:
        """The function that projects the value after an optimizer's step, or None."""
        return self._constraint

    @property
    def synchronization(self) -> Any:
        """What was given as `synchronization`."""
        return self._synchronization

    @property
    def aggregation(self) -> Any:
        """What was given as `aggregation`."""
        return self._aggregation

    @property
    def _shared_name(self) -> str:
        return self._variable.op.name

    def _shape_as_list(self) -> list[int | None] | None:
        return self._variable._shape_as_list()

    def _set_save_slice_info(self, save_slice_info: Any) -> None:
        self._save_slice_info = save_slice_info

    def _get_save_slice_info(self) -> Any:
        return self._save_slice_info

    # ---- reading ----------------------------------------------------------------------------

    def _ref(self) -> Tensor:
        """The variable itself as a tensor, ``W:0``: what ops that write to it take."""
        return self._variable

    def _as_graph_element(self) -> Tensor:
        return self._variable

    def _AsTensor(self) -> Tensor:  # noqa: N802  (TensorFlow's name, which programs call)
        return self._snapshot

    def value(self) -> Tensor:
        """The value as a tensor, ``W/read:0``: no place of its own in the order of a run."""
        return self._snapshot

    def read_value(self) -> Tensor:
        """A new read of the value, with its own place: after the control dependencies around it."""
        return identity(self._variable, name="read")

    def initialized_value(self) -> Tensor:
        """The value if the variable is initialised, else the initial value."""
        # What the initializer assigns, rather than `initial_value`, which may read variables that
        # are not initialised yet.
        with self.graph.control_dependencies(None):
            return variable_ops.value_or_initial_value(self._variable, self._initializer.inputs[1])

    def eval(self, session: Any = None) -> Any:
        """The value in `session`, or in the default session, as an array."""
        return self._variable.eval(session=session)

    def load(self, value: Any, session: Any = None) -> None:
        """Set the value in `session`, or in the default session, without adding to the graph.

        Parameters
        ----------
        value : array, of the variable's dtype and shape
        session : Session, optional
            The default session if not given.

        Raises
        ------
        ValueError
            If there is no session, or `value` has another shape.
        """
        session = session or default_session()
        if session is None:
            raise ValueError(
                "Either session argument should be provided or default session should be "
                "established"
            )
        session.run(self._initializer, {self._initializer.inputs[1]: value})

    # ---- writing ----------------------------------------------------------------------------

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An op that sets the value.

        Parameters
        ----------
        value : Tensor, of the variable's dtype and shape
        use_locking : bool
            Accepted: a run is the only writer of its session.
        read_value : bool
            Give the tensor; else the operation.

        Returns
        -------
        Tensor or Operation
            Of the variable's dtype: the variable after it.
        """
        written = variable_ops.assign(self._variable, value, use_locking=use_locking, name=name)
        return written if read_value else written.op

    def assign_add(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An op that adds to the value.

        Parameters
        ----------
        delta : Tensor, of the variable's dtype and shape
        use_locking : bool
            Accepted: a run is the only writer of its session.
        read_value : bool
            Give the tensor; else the operation.

        Returns
        -------
        Tensor or Operation
            Of the variable's dtype: the variable after it.
        """
        written = variable_ops.assign_add(self._variable, delta, use_locking=use_locking, name=name)
        return written if read_value else written.op

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An op that subtracts from the value.

        Parameters
        ----------
        delta : Tensor, of the variable's dtype and shape
        use_locking : bool
            Accepted: a run is the only writer of its session.
        read_value : bool
            Give the tensor; else the operation.

        Returns
        -------
        Tensor or Operation
            Of the variable's dtype: the variable after it.
        """
        written = variable_ops.assign_sub(self._variable, delta, use_locking=use_locking, name=name)
        return written if read_value else written.op

    def count_up_to(self, limit: int) -> Tensor:
        """An op that adds 1 and gives the value before; OutOfRangeError once it is `limit`."""
        return variable_ops.count_up_to(self._variable, limit=limit)

    def scatter_sub(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Subtract from some rows.

        Parameters
        ----------
        sparse_delta : IndexedSlices, of the variable's dtype
        use_locking : bool
            Accepted: a run is the only writer of its session.

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return self._scatter(scatter.scatter_sub, sparse_delta, use_locking, name)

    def scatter_add(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Add to some rows.

        Parameters
        ----------
        sparse_delta : IndexedSlices, of the variable's dtype
        use_locking : bool
            Accepted: a run is the only writer of its session.

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return self._scatter(scatter.scatter_add, sparse_delta, use_locking, name)

    def scatter_update(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Overwrite some rows.

        Parameters
        ----------
        sparse_delta : IndexedSlices, of the variable's dtype
        use_locking : bool
            Accepted: a run is the only writer of its session.

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return self._scatter(scatter.scatter_update, sparse_delta, use_locking, name)

    def scatter_max(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Take the maximum with some rows.

        Parameters
        ----------
        sparse_delta : IndexedSlices, of the variable's dtype
        use_locking : bool
            Accepted: a run is the only writer of its session.

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return self._scatter(scatter.scatter_max, sparse_delta, use_locking, name)

    def scatter_min(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Take the minimum with some rows.

        Parameters
        ----------
        sparse_delta : IndexedSlices, of the variable's dtype
        use_locking : bool
            Accepted: a run is the only writer of its session.

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return self._scatter(scatter.scatter_min, sparse_delta, use_locking, name)

    def scatter_mul(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Multiply some rows.

        Parameters
        ----------
        sparse_delta : IndexedSlices, of the variable's dtype
        use_locking : bool
            Accepted: a run is the only writer of its session.

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return self._scatter(scatter.scatter_mul, sparse_delta, use_locking, name)

    def scatter_div(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Divide some rows.

        Parameters
        ----------
        sparse_delta : IndexedSlices, of the variable's dtype
        use_locking : bool
            Accepted: a run is the only writer of its session.

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return self._scatter(scatter.scatter_div, sparse_delta, use_locking, name)

    def batch_scatter_update(
        self, sparse_delta: Any, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Set rows of each member of a batch, as `tf.batch_scatter_update`.

        Parameters
        ----------
        sparse_delta : IndexedSlices, of the variable's dtype
            Its indices have the axes of the batch before their last.
        use_locking : bool
            Accepted: a run is the only writer of its session.

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return self._scatter(batch_scatter.batch_scatter_update, sparse_delta, use_locking, name)

    def _scatter(
        self, write: Callable[..., Any], sparse_delta: Any, use_locking: bool, name: Any
    ) -> Tensor:
        if not (hasattr(sparse_delta, "indices") and hasattr(sparse_delta, "values")):
            raise TypeError(f"sparse_delta is not IndexedSlices: {sparse_delta}")
        return write(
            self._variable,
            sparse_delta.indices,
            sparse_delta.values,
            use_locking=use_locking,
            name=name,
        )

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Subtract at index tuples.

        Parameters
        ----------
        indices : Tensor, int32 or int64, [..., k]
            Index tuples.
        updates : Tensor, of the variable's dtype, [..., rest of the variable's shape]

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return scatter.scatter_nd_sub(self._variable, indices, updates, use_locking=True, name=name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Add at index tuples.

        Parameters
        ----------
        indices : Tensor, int32 or int64, [..., k]
            Index tuples.
        updates : Tensor, of the variable's dtype, [..., rest of the variable's shape]

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return scatter.scatter_nd_add(self._variable, indices, updates, use_locking=True, name=name)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        """Overwrite at index tuples.

        Parameters
        ----------
        indices : Tensor, int32 or int64, [..., k]
            Index tuples.
        updates : Tensor, of the variable's dtype, [..., rest of the variable's shape]

        Returns
        -------
        Tensor, of the variable's dtype and shape
            The variable after it.
        """
        return scatter.scatter_nd_update(
            self._variable, indices, updates, use_locking=True, name=name
        )

    # ---- reading parts --------------------------------------------------------------------------

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows of the numbers `indices`, an int32 or int64 tensor: `tf.gather` of it."""
        return gathering.gather(self._variable, indices, name="Gather" if name is None else name)

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """What stands at the index tuples `indices`, int32 or int64: `tf.gather_nd` of it."""
        return gathering.gather_nd(
            self._variable, indices, name="GatherNd" if name is None else name
        )

    # ---- Python -----------------------------------------------------------------------------

    def __iter__(self) -> None:
        raise TypeError(
            "'Variable' object is not iterable. Use tf.unstack(variable) for its rows, or "
            "variable.eval() for an array."
        )

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise NotImplementedError(
            f"Cannot convert a symbolic tf.Variable ({self.name}) to a numpy array. "
            "Its value exists only in a session: use sess.run(variable) or variable.eval()."
        )

    def to_proto(self, export_scope: str | None = None) -> Any:
        """This variable as a `VariableDef` protobuf; None if it is outside `export_scope`."""
        variable_def = protobuf("variable").VariableDef
        prefix = f"{export_scope}/" if export_scope else ""
        if not self.name.startswith(prefix):
            return None
        made = variable_def(
            variable_name=self.name.removeprefix(prefix),
            initial_value_name=self._initial_value.name.removeprefix(prefix),
            initializer_name=self._initializer.name.removeprefix(prefix),
            snapshot_name=self._snapshot.name.removeprefix(prefix),
            trainable=self._trainable,
        )
        if self._save_slice_info is not None:
            made.save_slice_info_def.MergeFrom(self._save_slice_info.to_proto(export_scope))
        return made

    @staticmethod
    def from_proto(variable_def: Any, import_scope: str | None = None) -> Variable:
        """The variable of the default graph that a protobuf describes.

        Parameters
        ----------
        variable_def : VariableDef
        import_scope : str, optional
            The name scope of the variable.

        Returns
        -------
        Variable
        """
        make = kinds["resource" if variable_def.is_resource else "reference"]
        return make(variable_def=variable_def, import_scope=import_scope)

    def __repr__(self) -> str:
        shape = shape_text(self._variable.dims)
        return f"<tf.Variable '{self.name}' shape={shape} dtype={self.dtype.name}>"


class RefVariable(Variable):
    """A variable that ops know by reference: what `Variable` makes by default.

    The parameters are those of `Variable`.
    """


kinds["reference"] = RefVariable


def _delegate(operator: str) -> Callable[..., Any]:
    """The Tensor operator `operator`, on the value of a variable."""

    def on_value(self: Any, *args: Any):
        return getattr(Tensor, operator)(self.value(), *args)

    on_value.__name__ = operator
    on_value.__qualname__ = f"Variable.{operator}"
    on_value.__doc__ = f"`{operator}` of the variable's value, as of a tensor."
    return on_value


for _operator in Tensor.OVERLOADABLE_OPERATORS:
    setattr(Variable, _operator, _delegate(_operator))


def _initial_tensor(value: Any, dtype: DType | None) -> Tensor:
    try:
        return convert_to_tensor(value, dtype=dtype, name="initial_value")
    except ValueError as error:
        raise ValueError(f"initial_value: {error}") from None


def _variable_op(value: Tensor, validate_shape: bool, shape: Any, name: str) -> Tensor:
    known = value.shape if validate_shape else TensorShape(None)
    if shape is not None:
        known = TensorShape(shape)
    return variable_ops.variable(shape=known, dtype=value.dtype.base_dtype, name=name)


def _variable_to_tensor(
    variable: Variable, dtype: Any = None, name: str | None = None, as_ref: bool = False
):
    del name
    if dtype is not None and not dtype.is_compatible_with(variable.dtype):
        raise ValueError(
            f"Incompatible type conversion requested to type '{dtype.name}' for variable of type "
            f"'{variable.dtype.name}'"
        )
    return variable._ref() if as_ref else variable.value()


register_tensor_conversion_function(Variable, _variable_to_tensor)
