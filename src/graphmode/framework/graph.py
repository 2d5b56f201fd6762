"""`Graph`: operations, their names, scopes and collections."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import re
import threading
from typing import TYPE_CHECKING, Any, ClassVar

from graphmode._addresses.late import late
from graphmode.framework.contexts import visible
from graphmode.framework.defaults import defaults
from graphmode.framework.device import canonical_name, merge_device
from graphmode.framework.element_names import named_element
from graphmode.framework.op_def import op_def_of
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.site import user_site

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from graphmode.framework.contexts import Context
    from graphmode.framework.control_records import Control
    from graphmode.framework.dtypes import DType
    from graphmode.framework.op_def import OpDef

_graph_def = late("graphmode.framework.proto.graph_def", "graph_def")
_python_value = late("graphmode.framework.proto.reading", "python_value")

VALID_OP_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_VALID_SCOPE_NAME = re.compile(r"^[A-Za-z0-9_.\\/>-]*$")


class _ControlScope:
    """The control inputs of one `control_dependencies` block, and what was made inside it."""

    __slots__ = ("clears", "made_inside", "ops")

    def __init__(self, ops: list[Operation], clears: bool) -> None:
        self.ops = ops
        self.clears = clears
        self.made_inside: set[Operation] = set()


class _Scopes(threading.local):
    """The blocks that one thread has opened on a graph: other threads see none of them."""

    def __init__(self) -> None:
        self.now = _Now()


class _Now:
    """What applies to the operations that a thread makes now."""

    __slots__ = (
        "attrs", "colocation", "container", "context", "control", "creators", "devices",
        "gradients", "name", "outer_devices",
    )  # fmt: skip

    def __init__(self) -> None:
        self.name = ""
        self.control: list[_ControlScope] = []
        self.creators: list[Callable[..., Any]] = []
        self.devices: list[Callable[[Operation], Any] | None] = []
        self.outer_devices = self.devices
        """The blocks that `colocate_with` has closed."""
        self.colocation: list[Operation] = []
        self.container = ""
        self.context: Context | None = None
        self.attrs: dict[str, Any] = {}
        self.gradients: dict[str, str] = {}


_DICT: type[Any] = dict


def _has_one_value(op: Operation) -> bool:
    return op.context is None or not op.context.in_loop


def _elsewhere(op: Operation) -> str:
    """Where an operation of another graph was made, and how to use it."""
    made_at = f"\n  created at {op.site.short()}   {op.site.source}" if op.site else ""
    return f"{made_at}\n  fix: {op.graph.fix_elsewhere}"


def _is_str(value: object) -> bool:
    """Whether a program gave a str where the annotation asks for one."""
    return isinstance(value, str)


class Graph:
    """A set of operations and the tensors that flow between them.

    Operations are added to the *default* graph; ``with graph.as_default():`` makes this graph the
    default for a block.
    """

    fix_elsewhere: ClassVar[str] = "a session of its own graph: tf.Session(graph=...)"
    """What to do where an op is needed by a session of another graph."""
    first_seed: ClassVar[int | None] = None
    """The seed of a new graph; `graphmode run --seed` sets it."""

    outer: Graph | None = None
    """Of the graph of a function: the graph in which the function was made."""

    def __init__(self) -> None:
        self.version = 0
        self.seed = self.first_seed
        self._operations: list[Operation] = []
        self._ids_passed = 0
        self._by_name: dict[str, Operation] = {}
        self._names_in_use: dict[str, int] = {}
        self._collections: dict[Any, list[Any]] = {}
        self._finalized = False
        self._scopes = _Scopes()
        self.building = threading.RLock()
        """Held while an operation is made, or changed after it was."""
        self.edits: list[Operation] = []
        """The operations that were changed after they were made, in order."""
        self.known_dims: dict[Tensor, Any] = {}
        """What `inference` has found out of the values of tensors that hold lengths."""
        self.twins: dict[Tensor, list[Tensor]] = {}
        """What stands for a constant of a branch in its gradient: fed with it."""
        self.variables: dict[Operation, Any] = {}
        """The Variable object of each variable operation."""
        self.shared_variables: dict[tuple[str, str, DType], Operation] = {}
        """The operation that is the variable of a container and a shared name."""
        self.variable_scopes: Any = None
        """What `tf.variable_scope` and `tf.get_variable` know of this graph."""

    # ---- operations -------------------------------------------------------------------------

    @property
    def n_operations(self) -> int:
        """The number of operations made so far, and the `id` of the next one."""
        return len(self._operations)

    @property
    def _last_id(self) -> int:
        """How many operations TensorFlow 1 would have made so far: an op's default seed.

        Those that are here, and those that `pass_ids` tells of.
        """
        return len(self._operations) + self._ids_passed

    def pass_ids(self, n: int) -> None:
        """Count `n` operations that TensorFlow 1.15 makes at this place and this library does not.

        So that the random operations after it draw TensorFlow's numbers. Negative where more are
        made here.
        """
        self._ids_passed += n

    def pass_entries(self, tensors: Iterable[Tensor]) -> None:
        """Count the operations by which TensorFlow 1.15 brings `tensors` into branches and loops.

        The first time that one is read in such a context, it makes a Switch or an Enter.
        """
        context = self.context
        if context is not None:
            self._ids_passed += sum(context.entries(tensor) for tensor in tensors)

    def check_mutable(self) -> None:
        """Refuse to go on where the graph is finalized.

        Raises
        ------
        RuntimeError
            If it is.
        """
        if self._finalized:
            raise RuntimeError(
                "Graph is finalized and cannot be modified. Build every operation before "
                "graph.finalize(), or before a session or supervisor finalizes the graph."
            )

    @property
    def context(self) -> Context | None:
        """The branch or loop body that new operations belong to."""
        return self._scopes.now.context

    def note_edit(self, op: Operation) -> None:
        """Have later runs plan anew what needs `op`, which has been changed."""
        self.edits.append(op)
        self.version += 1

    def add_operation(
        self,
        op_def: OpDef,
        inputs: list[Tensor],
        attrs: dict[str, Any],
        output_dtypes: Sequence[DType],
        name: str | bytes,
        control: Control | None = None,
    ) -> Operation:
        """Append one operation, whose shapes are not yet inferred; `building` is held.

        Parameters
        ----------
        op_def : OpDef
            The record of its type.
        inputs : list of Tensor
            Converted and checked, of the dtypes that the record asks for.
        attrs : dict
        output_dtypes : sequence of DType
        name : str
            Taken as it stands if it ends with '/', else made unique.
        control : Control, optional
            What is known of the subgraphs that it runs.

        Returns
        -------
        Operation

        Raises
        ------
        ValueError
            If the name is not valid, or an input is of another graph.
        """
        now = self._scopes.now
        if self._finalized:
            self.check_mutable()
        if isinstance(name, bytes):
            name = name.decode()
        if name[-1:] == "/":
            name = name[:-1]
        else:
            if not VALID_OP_NAME.match(name) and not (now.name and _VALID_SCOPE_NAME.match(name)):
                raise ValueError(f"'{name}' is not a valid node name")
            name = self._unused(f"{now.name}/{name}" if now.name else name, True)
        context = now.context
        for i, tensor in enumerate(inputs):
            if tensor.op.graph is not self:
                inputs[i] = tensor = self.capture(tensor, name)
            if tensor.op.context is not context:
                inputs[i] = visible(tensor, context)
        if now.attrs:
            attrs = {**attrs, **now.attrs}
        variables: list[Operation] = []
        if inputs and op_def.effect in ("write", "read"):
            variables = [tensor.op for tensor in inputs if tensor.dtype._is_ref_dtype]
            if variables:
                groups = {group for op in variables for group in op.colocation_groups()}
                attrs["_class"] = sorted(groups)
        if now.container and attrs.get("container") == "":
            attrs = {**attrs, "container": now.container}
        if now.gradients and op_def.type in now.gradients:
            attrs["_gradient_op_type"] = now.gradients[op_def.type]
        operations = self._operations
        op = Operation(
            self,
            op_def,
            name,
            inputs,
            attrs,
            output_dtypes,
            self._current_control_inputs(inputs) if now.control else [],
            "",
            user_site(3),
            len(operations),
            control,
        )
        op.context = context
        operations.append(op)
        if context is not None:
            self.pass_entries(inputs)
        self._by_name[name] = op
        self.version += 1
        for scope in now.control:
            scope.made_inside.add(op)
        if variables:  # what writes a variable is where that is, whatever blocks are open
            op._device = variables[-1].device
        elif now.devices:
            op._device = self._device_of(op)
        if now.colocation:
            groups: set[bytes] = set()
            for base in reversed(now.colocation):  # the outermost place counts
                groups.update(base.colocation_groups())
                op._device = base.device or op._device
            attrs["_class"] = sorted(groups)
        return op

    def captures_from(self, other: Graph) -> bool:
        """Whether operations of this graph may read tensors of `other`: those of a function."""
        graph = self.outer
        while graph is not None and graph is not other:
            graph = graph.outer
        return graph is not None

    def capture(self, tensor: Tensor, reader: str) -> Tensor:
        """What stands here for a tensor of another graph.

        Parameters
        ----------
        tensor : Tensor, of any dtype
        reader : str
            The name of the operation that reads it.

        Raises
        ------
        ValueError
            If nothing does: this is not the graph of a function that may read it.
        """
        raise ValueError(
            f"Tensor {tensor!r} must be from the same graph as the operation '{reader}' that "
            "reads it. Build both under the same `with graph.as_default():`."
        )

    def adopt(self, op: Operation) -> None:
        """Append `op`, made whole under a name that is not taken, as an importer makes it."""
        self._operations.append(op)
        self._by_name[op.name] = op
        self._names_in_use.setdefault(op.name.lower(), 1)
        self.version += 1

    def forget_since(self, n_operations: int) -> None:
        """Take back the operations made after the first `n_operations`; nothing else knows them."""
        for op in reversed(self._operations[n_operations:]):
            del self._by_name[op.name]
            if self._names_in_use.get(op.name.lower()) == 1:
                del self._names_in_use[op.name.lower()]
            for tensor in op.inputs:
                tensor.reader_ops.pop()
        del self._operations[n_operations:]
        self.version += 1

    def create_op(
        self,
        op_type: str,
        inputs: Iterable[Any],
        dtypes: Any = None,
        attrs: dict[str, Any] | None = None,
        name: str | None = None,
        **_: Any,
    ) -> Operation:
        """Add an operation of a registered type: the low-level way in.

        Parameters
        ----------
        op_type : str
        inputs : list of Tensor, or what converts to one
            Of the dtypes that the type asks for.
        dtypes : optional
            Accepted: they follow from inputs and attributes.
        attrs : dict, optional
        **_
            Accepted.

        Returns
        -------
        Operation
        """
        del dtypes  # derived from the inputs and attributes
        with self.as_default():
            return op_def_of(op_type).apply(list(inputs), dict(attrs or {}), name)

    def remove_last(self, op: Operation) -> None:
        """Take back `op`, made last, whose shapes turned out to be impossible."""
        self._operations.pop()
        del self._by_name[op.name]
        for tensor in op.inputs:
            tensor.reader_ops.remove(op)
        for scope in self._scopes.now.control:
            scope.made_inside.discard(op)

    def get_operations(self) -> list[Operation]:
        """All operations, in the order in which they were made."""
        return list(self._operations)

    def get_operation_by_name(self, name: str) -> Operation:
        """The operation of that name.

        Parameters
        ----------
        name : str

        Returns
        -------
        Operation

        Raises
        ------
        KeyError
            If there is none.
        TypeError
            If `name` is no str.
        """
        if not _is_str(name):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False, allow_operation=True)

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor of that name.

        Parameters
        ----------
        name : str
            ``op_name:index``.

        Returns
        -------
        Tensor

        Raises
        ------
        KeyError
            If there is none.
        TypeError
            If `name` is no str.
        """
        if not _is_str(name):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=True, allow_operation=False)

    def as_graph_element(
        self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True
    ) -> Any:
        """The Tensor or Operation of this graph that `obj` (an object or a name) means.

        Parameters
        ----------
        obj : object or str
        allow_tensor, allow_operation : bool
            Which of the two it may be.

        Returns
        -------
        Tensor or Operation

        Raises
        ------
        TypeError, ValueError, KeyError
            As TensorFlow: wrong kind of object; malformed name or another graph's element;
            a name that is not in the graph.
        """
        if allow_tensor and allow_operation:
            kinds = "Tensor or Operation"
        elif allow_tensor:
            kinds = "Tensor"
        elif allow_operation:
            kinds = "Operation"
        else:
            raise ValueError("allow_tensor and allow_operation can't both be False.")
        converter = getattr(obj, "_as_graph_element", None)
        if converter is not None:
            obj = converter()
        if isinstance(obj, bytes):
            obj = obj.decode()
        if isinstance(obj, str):
            return named_element(self._by_name, obj, kinds, allow_tensor, allow_operation)
        if isinstance(obj, Tensor) and allow_tensor:
            if obj.graph is not self:
                raise ValueError(
                    f"Tensor {obj} is not an element of this graph.{_elsewhere(obj.op)}"
                )
            return obj
        if isinstance(obj, Operation) and allow_operation:
            if obj.graph is not self:
                raise ValueError(
                    f"Operation {obj!r} is not an element of this graph.{_elsewhere(obj)}"
                )
            return obj
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {kinds}.")

    def is_feedable(self, tensor: Tensor) -> bool:
        """Whether a value can be fed in the place of `tensor`."""
        return tensor.op not in self._unfeedable and _has_one_value(tensor.op)

    def prevent_feeding(self, tensor: Tensor) -> None:
        """Refuse from now on that a value is fed in the place of `tensor`."""
        self._unfeedable.add(tensor.op)
        self.note_edit(tensor.op)

    @property
    def _unfeedable(self) -> set[Operation]:
        return self.__dict__.setdefault("_unfeedable_ops", set())

    def is_fetchable(self, element: Tensor | Operation) -> bool:
        """Whether a run can give the value of `element`, a Tensor or Operation.

        Not inside of a loop, where there is one value for each iteration.
        """
        op = element.op if isinstance(element, Tensor) else element
        return op not in self._unfetchable and _has_one_value(op)

    def prevent_fetching(self, op: Operation) -> None:
        """Refuse from now on that a run gives the values of `op`."""
        self._unfetchable.add(op)
        self.note_edit(op)

    @property
    def _unfetchable(self) -> set[Operation]:
        return self.__dict__.setdefault("_unfetchable_ops", set())

    def switch_to_thread_local(self) -> None:
        """Accepted: what one thread opens on a graph, the others never see."""

    def finalize(self) -> None:
        """Make this graph read-only."""
        self._finalized = True

    @property
    def finalized(self) -> bool:
        """Whether nothing can be added any more."""
        return self._finalized

    def _unsafe_unfinalize(self) -> None:
        self._finalized = False

    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> Any:
        """This graph as a protobuf.

        Parameters
        ----------
        from_version : int, optional
            Only operations made since.
        add_shapes : bool
            Write the static shapes as attributes.

        Returns
        -------
        GraphDef
        """
        return _graph_def(self, add_shapes=add_shapes, from_version=from_version)

    # ---- names ------------------------------------------------------------------------------

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """A name under the current scope that is not taken.

        Parameters
        ----------
        name : str
            With `_1`, `_2`, ... behind it when it is taken, in capital letters or not.
        mark_as_used : bool
            Take it.

        Returns
        -------
        str
        """
        scope = self._scopes.now.name
        if scope:
            name = f"{scope}/{name}"
        with self.building:
            return self._unused(name, mark_as_used)

    def _unused(self, name: str, mark_as_used: bool) -> str:
        names_in_use = self._names_in_use
        key = name.lower()
        count = names_in_use.get(key, 0)
        if mark_as_used:
            names_in_use[key] = count + 1
        if count:
            base_key = key
            while key in names_in_use:
                key = f"{base_key}_{count}"
                count += 1
            if mark_as_used:
                names_in_use[base_key] = count
                names_in_use[key] = 1
            name = f"{name}_{count - 1}"
        return name

    def get_name_scope(self) -> str:
        """The open name scope, '' for the root."""
        return self._scopes.now.name

    @contextlib.contextmanager
    def name_scope(self, name: str | None) -> Generator[str, None, None]:
        """Prefix the names of operations made in the block.

        Parameters
        ----------
        name : str or None
            None or '' is the root scope; a name ending with '/' is entered again as it is.

        Yields
        ------
        str
            The prefix, ending with '/'.

        Raises
        ------
        TypeError
            If `name` is no str.
        ValueError
            If it holds what is not allowed in a name.
        """
        if isinstance(name, bytes):
            name = name.decode()
        if name is not None and not _is_str(name):
            raise TypeError(f"`name` for name_scope must be a string, got {type(name).__name__}.")
        now = self._scopes.now
        outer = now.name
        if not name:
            inner = ""
        elif name[-1] == "/":
            inner = name[:-1]
        else:
            valid = _VALID_SCOPE_NAME if outer else VALID_OP_NAME
            if not valid.match(name):
                first = "" if outer else ", the first of which is a letter, a digit or '.'"
                raise ValueError(
                    f"'{name}' is not a valid scope name. "
                    f"Allowed are letters, digits and . _ - / \\ >{first}"
                )
            inner = self.unique_name(name)
        now.name = inner
        try:
            yield inner + "/" if name else ""
        finally:
            now.name = outer

    # ---- control dependencies, devices, colocation ------------------------------------------

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs: Any) -> Generator[None, None, None]:
        """Operations made in the block run after `control_inputs`; None clears outer blocks."""
        scope = _ControlScope([], clears=control_inputs is None)
        for item in control_inputs or ():
            if hasattr(item, "handle") or (hasattr(item, "values") and hasattr(item, "indices")):
                item = item.op
            element = self.as_graph_element(item)
            op = element.op if isinstance(element, Tensor) else element
            if op not in scope.ops:
                scope.ops.append(op)
        now = self._scopes.now
        outer, outer_context = now.control, now.context
        now.control = [scope] if scope.clears else [*outer, scope]
        if scope.clears:
            now.context = None  # what is made here belongs to no branch or loop: variables
        try:
            yield
        finally:
            now.control, now.context = outer, outer_context

    def control_inputs_of(self, inputs: list[Tensor]) -> list[Operation]:
        """What an operation that reads `inputs` waits for if it is made now."""
        return self._current_control_inputs(inputs) if self._scopes.now.control else []

    def device_of(self, op: Operation) -> str:
        """Where the blocks that are open place `op`, which asks for its own device by then."""
        return self._device_of(op, op.device) if self._scopes.now.devices else op.device

    def _current_control_inputs(self, inputs: list[Tensor]) -> list[Operation]:
        found: dict[Operation, None] = {}
        input_ops = {tensor.op for tensor in inputs}
        for scope in self._scopes.now.control:
            # An input made inside the block already runs after the block's control inputs.
            if not input_ops & scope.made_inside:
                found.update((op, None) for op in scope.ops if op not in input_ops)
        return [self._waited_for(op) for op in found]

    def _waited_for(self, op: Operation) -> Operation:
        """`op`, or what runs it if it is inside a branch or loop that is over."""
        context = op.context
        while context is not None and not context.contains(self.context):
            if context.keep is not None:
                context.keep(op)
            op = context.owner or op
            context = context.parent
        return op

    @contextlib.contextmanager
    def inside(self, context: Context | None) -> Generator[None, None, None]:
        """Operations made in the block belong to `context`."""
        now = self._scopes.now
        outer, now.context = now.context, context
        try:
            yield
        finally:
            now.context = outer

    @contextlib.contextmanager
    def device(self, device_name_or_function: Any) -> Generator[None, None, None]:
        """Place operations made in the block.

        Parameters
        ----------
        device_name_or_function : str, DeviceSpec, callable or None
            Merged with the blocks outside, which None forgets. A callable is given each operation.

        Raises
        ------
        RuntimeError
            If a block inside of it is still open at its end.
        """
        scope = device_name_or_function
        if scope is not None and not callable(scope):
            scope = merge_device(scope)
        devices = self._scopes.now.devices
        depth = len(devices)
        devices.append(scope)
        try:
            yield
        finally:
            if len(devices) != depth + 1:
                raise RuntimeError(
                    "Exiting device scope without proper scope nesting: a block inside is open."
                )
            devices.pop()

    def _device_of(self, op: Operation, device: str = "") -> str:
        for scope in reversed(self._scopes.now.devices):
            if scope is None:
                break
            op._device = device
            device = canonical_name(scope(op)) or device
        return device

    @contextlib.contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Generator[None, None, None]:
        """Place operations made in the block where another one is.

        Parameters
        ----------
        op : Operation, Tensor or None
            Of any dtype.
        ignore_existing : bool
            Forget the blocks outside. `device` blocks outside are forgotten in any case.

        Raises
        ------
        ValueError
            If `op` is None and nothing is to be forgotten.
        """
        if op is None and not ignore_existing:
            raise ValueError(
                "Trying to reset colocation (op is None) but `ignore_existing` is not True"
            )
        now = self._scopes.now
        outer, devices, outer_devices = now.colocation, now.devices, now.outer_devices
        now.devices, now.outer_devices = [], devices or outer_devices
        if ignore_existing:
            now.colocation = []
        if op is not None:
            base = op if isinstance(op, Operation) else op.op
            now.colocation = [*now.colocation, base]
        try:
            yield
        finally:
            now.colocation, now.devices, now.outer_devices = outer, devices, outer_devices

    @contextlib.contextmanager
    def placing_variables(self) -> Generator[None, None, None]:
        """Ask the `device` blocks around a `colocate_with` block, too, where it has none inside.

        The place of what it is colocated with counts, but a device function that distributes
        variables has counted one more, as in TensorFlow.
        """
        now = self._scopes.now
        devices = now.devices
        now.devices = devices or now.outer_devices
        try:
            yield
        finally:
            now.devices = devices

    @property
    def variable_creators(self) -> Sequence[Callable[..., Any]]:
        """The functions of the `variable_creator_scope` blocks that are open, outermost first."""
        return self._scopes.now.creators

    @contextlib.contextmanager
    def variable_creator_scope(
        self, variable_creator: Callable[..., Any]
    ) -> Generator[None, None, None]:
        """In the block, a function makes the variables.

        Parameters
        ----------
        variable_creator : callable
            ``variable_creator(next_creator, **arguments)``, where ``next_creator(**arguments)``
            makes the variable, or calls the function of the block outside.

        Raises
        ------
        RuntimeError
            If a block inside of it is still open at its end.
        """
        creators = self._scopes.now.creators
        depth = len(creators)
        creators.append(variable_creator)
        try:
            yield
        finally:
            if len(creators) != depth + 1:
                raise RuntimeError("Exiting variable_creator_scope without proper nesting.")
            creators.pop()

    @contextlib.contextmanager
    def container(self, container_name: str) -> Generator[str, None, None]:
        """Note a container for variables and resources made in the block.

        The tasks of a cluster keep what is in one until `Session.reset` names it; without a cluster
        each session has its own.

        Parameters
        ----------
        container_name : str

        Yields
        ------
        str
            The name.
        """
        now = self._scopes.now
        outer, now.container = now.container, container_name
        try:
            yield container_name
        finally:
            now.container = outer

    @contextlib.contextmanager
    def gradient_override_map(self, op_type_map: dict[str, str]) -> Generator[None, None, None]:
        """In the block, operations of a type take the gradient registered under another name.

        Parameters
        ----------
        op_type_map : dict of str to str
            Type -> the name that `RegisterGradient` was given.

        Raises
        ------
        TypeError
            If it is none.
        """
        if not isinstance(op_type_map, _DICT):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        for key, value in op_type_map.items():
            if not _is_str(key) or not _is_str(value):
                raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        now = self._scopes.now
        outer = now.gradients
        now.gradients = {**outer, **op_type_map}
        try:
            yield
        finally:
            now.gradients = outer

    @contextlib.contextmanager
    def _attr_scope(self, attrs: dict[str, Any]) -> Generator[None, None, None]:
        now = self._scopes.now
        outer = now.attrs
        given = {key: _python_value(value) for key, value in attrs.items()}
        now.attrs = {key: v for key, v in {**outer, **given}.items() if v is not None}
        try:
            yield
        finally:
            now.attrs = outer

    # ---- collections ------------------------------------------------------------------------

    @property
    def collections(self) -> list[Any]:
        """The keys of all collections."""
        return list(self._collections)

    def get_all_collection_keys(self) -> list[str]:
        """The keys of all collections that are str."""
        return [key for key in self._collections if isinstance(key, str)]

    def add_to_collection(self, name: Any, value: Any) -> None:
        """Add a value to a collection, which is made where there is none.

        Parameters
        ----------
        name : str
        value : object

        Raises
        ------
        RuntimeError
            If the graph is finalized.
        """
        self.check_mutable()
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Add a value to several collections, to each once.

        Parameters
        ----------
        names : iterable of str, or one str
        value : object
        """
        names = (names,) if isinstance(names, str) else dict.fromkeys(names)
        for name in names:
            self.add_to_collection(name, value)

    def get_collection_ref(self, name: Any) -> list[Any]:
        """The list of the collection `name` itself: what is added to it is in the collection."""
        return self._collections.setdefault(name, [])

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """A copy of the collection; with `scope`, only items whose name `re.match`es it."""
        items = self._collections.get(name, [])
        if scope is None:
            return list(items)
        pattern = re.compile(scope)
        return [item for item in items if hasattr(item, "name") and pattern.match(item.name)]

    def clear_collection(self, name: Any) -> None:
        """Remove the collection `name`."""
        self.check_mutable()
        self._collections.pop(name, None)

    # ---- defaults ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def as_default(self) -> Generator[Graph, None, None]:
        """Make this the default graph in the block.

        Yields
        ------
        Graph
            Itself.

        Raises
        ------
        AssertionError
            If blocks are left in another order than they were entered.
        """
        stack = defaults.graphs
        stack.append(self)
        try:
            yield self
        finally:
            if stack[-1] is not self:
                raise AssertionError(f"Nesting violated for default stack of {type(self)} objects")
            stack.pop()

    def __repr__(self) -> str:
        return f"<graphmode Graph with {len(self._operations)} operations at {id(self):#x}>"
