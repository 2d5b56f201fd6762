"""What a checkpoint keeps of an object: `SaveableObject`, and those of variables."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.framework.nodes import handle_of
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.array.identities import identity
from graphmode.ops.array.shape_values import shape as shape_of
from graphmode.ops.array.shaping import reshape
from graphmode.ops.state.resource_ops import assign_variable_op
from graphmode.ops.state.variable_ops import assign
from graphmode.variables.partitioned import PartitionedVariable
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType

_SEQUENCES: tuple[type[Any], ...] = (list, tuple)
_MAPPING: type[Any] = Mapping


class SaveSpec:
    """One tensor that is saved.

    Parameters
    ----------
    tensor : Tensor, of any dtype and shape, or function that gives it
    slice_spec : str
        Of a part of a tensor the shape of the whole, the offsets and lengths; else empty.
    name : str
        In the checkpoint.
    dtype : DType, optional
        That of `tensor` if not given.
    """

    def __init__(self, tensor: Any, slice_spec: str, name: str, dtype: DType | None = None) -> None:
        self._tensor = tensor
        self.slice_spec = slice_spec
        self.name = name
        self.dtype = dtype if dtype is not None else self.tensor.dtype

    @property
    def tensor(self) -> Tensor:
        """What is saved."""
        tensor: Any = self._tensor() if callable(self._tensor) else self._tensor
        return tensor


class SaveableObject:
    """What a `Saver` needs to know of an object; a class of one's own defines `restore`.

    Parameters
    ----------
    op : Variable, Operation or Tensor, of any dtype and shape
        What is saved.
    specs : list of SaveSpec
    name : str
        By which savers sort.
    """

    def __init__(self, op: Any, specs: Sequence[SaveSpec], name: str) -> None:
        self.op = op
        self.specs = list(specs)
        self.name = name

    @property
    def device(self) -> str:
        """The device of the first tensor."""
        return self.specs[0].tensor.device

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Any:
        """Set the object to what has been read.

        Parameters
        ----------
        restored_tensors : list of Tensor
            One for each spec, of its dtype and the shape that was saved.
        restored_shapes : list of shapes, or None
            The shapes that they get, where a saver reshapes.

        Returns
        -------
        Operation

        Raises
        ------
        NotImplementedError
            If a class does not define it.
        """
        raise NotImplementedError("Calling an abstract method.")


class ResourceVariableSaveable(SaveableObject):
    """A resource variable, or a part of one.

    Parameters
    ----------
    var : BaseResourceVariable, or Tensor that reads one
    slice_spec, name : str
    """

    def __init__(self, var: Any, slice_spec: str, name: str) -> None:
        reads = isinstance(var, Tensor)
        self.handle_op = var.op.inputs[0] if reads else var.handle
        self._device = var.device
        spec = SaveSpec(var if reads else lambda: _on_host(var), slice_spec, name, var.dtype)
        super().__init__(var, [spec], name)

    @property
    def device(self) -> str:
        """The device of the variable."""
        return self._device

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Any:
        """Assign what has been read."""
        value = restored_tensors[0]
        if restored_shapes is not None:
            value = reshape(value, restored_shapes[0])
        with self.handle_op.graph.device(self._device or None):
            value = identity(value)
            return assign_variable_op(self.handle_op, value)


def _on_host(var: Any) -> Tensor:
    """A read of the resource variable `var`, and its copy on the host."""
    graph = var.graph
    with graph.device(var.device or None):
        value = var.read_value()
        with graph.device("/device:CPU:0"):
            return identity(value)


class VariableSaveable(SaveableObject):
    """A variable, or a part of one."""

    def __init__(self, var: Tensor, slice_spec: str, name: str) -> None:
        super().__init__(var, [SaveSpec(var, slice_spec, name, var.dtype.base_dtype)], name)

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Any:
        """Assign what has been read."""
        value = restored_tensors[0]
        if restored_shapes is not None:
            value = reshape(value, restored_shapes[0])
        validates = restored_shapes is None and self.op.get_shape().is_fully_defined()
        return assign(self.op, value, validate_shape=validates)


def all_saveable_objects(scope: str | None = None) -> list[Any]:
    """The variables of the default graph, of `scope` if given, and what else is to be saved."""
    graph = get_default_graph()
    variables = graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope)
    return variables + graph.get_collection(GraphKeys.SAVEABLE_OBJECTS, scope)


def saveables_of(var_list: Any) -> list[SaveableObject]:
    """The saveable objects of a saver's `var_list`, sorted by name.

    Parameters
    ----------
    var_list : list, or dict by name
        Of Variable, PartitionedVariable, SaveableObject, list of the parts of a variable.

    Returns
    -------
    list of SaveableObject

    Raises
    ------
    TypeError
        If one is none of these.
    ValueError
        If two have one name, or one has two.
    """
    named = var_list if isinstance(var_list, _MAPPING) else _by_name(var_list)
    found: list[SaveableObject] = []
    seen: set[Any] = set()
    for name, value in sorted(named.items()):
        for saveable in _saveables(name, value):
            if saveable.op in seen:
                raise ValueError(f"The same saveable will be restored with two names: {name}")
            seen.add(saveable.op)
            found.append(saveable)
    return found


def _by_name(var_list: Iterable[Any]) -> dict[str, Any]:
    if not isinstance(var_list, (*_SEQUENCES, set)):
        raise TypeError(f"Variables to save should be passed in a dict or a list: {var_list}")
    named: dict[str, Any] = {}
    for var in var_list:
        info = getattr(var, "_save_slice_info", None)
        if isinstance(var, Variable) and info is not None:
            parts = named.setdefault(info.full_name, [])
            if not isinstance(parts, list):
                raise ValueError(
                    f"Mixing slices and non-slices with the same name: {info.full_name}"
                )
            parts.append(var)  # pyright: ignore[reportUnknownMemberType]
            continue
        if isinstance(var, SaveableObject | PartitionedVariable):
            name = var.name
        else:
            name = _name_of(_variable_tensor(var))
        if name in named:
            raise ValueError(f"At least two variables have the same name: {name}")
        named[name] = var
    return named


def _saveables(name: Any, value: Any) -> list[SaveableObject]:
    if not isinstance(name, str):
        raise TypeError(
            f"names_to_saveables must be a dict mapping string names to checkpointable operations. "
            f"Name is not a string: {name}"
        )
    if isinstance(value, SaveableObject):
        return [value]
    if isinstance(value, (*_SEQUENCES, PartitionedVariable)):
        parts: list[SaveableObject] = []
        for part in value:
            info = getattr(part, "_save_slice_info", None)
            if info is None:
                raise ValueError(f"Slices must all be slices: {part}")
            if handle_of(part) is not None and not isinstance(part, Tensor):
                parts.append(ResourceVariableSaveable(part, info.spec, name))
            else:
                parts.append(VariableSaveable(_variable_tensor(part), info.spec, name))
        return parts
    tensor = _variable_tensor(value)
    if _reads(tensor):
        return [ResourceVariableSaveable(tensor, "", name)]
    return [VariableSaveable(tensor, "", name)]


def _variable_tensor(value: Any) -> Tensor:
    """The reference that a variable is, of a resource variable a read: of it or of its tensor."""
    tensor = value
    if isinstance(value, Variable):
        tensor = value._as_graph_element()
    elif isinstance(value, Operation):
        tensor = value.outputs[0] if value.outputs else None
    if not isinstance(tensor, Tensor) or not (_is_reference(tensor) or _reads(tensor)):
        raise TypeError(f"Variable to save is not a Variable: {value}")
    return tensor


def _is_reference(tensor: Tensor) -> bool:
    return tensor.op.op_def.role == "variable" and tensor.dtype._is_ref_dtype


def _reads(tensor: Tensor) -> bool:
    return tensor.op.op_def.role == "reading"


def _name_of(tensor: Tensor) -> str:
    """The name of the variable that `tensor` is or reads."""
    return (tensor.op.inputs[0].op if _reads(tensor) else tensor.op).name


def shapes_to_restore(saveable: SaveableObject) -> list[Any]:
    """The shape that each tensor of a saver that reshapes is brought to."""
    return [
        tensor.get_shape() if tensor.get_shape().is_fully_defined() else shape_of(tensor)
        for tensor in (spec.tensor for spec in saveable.specs)
    ]
