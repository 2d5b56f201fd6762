"""`apply`: one more operation, after its inputs are converted and their dtypes checked."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from graphmode.framework import dtypes
from graphmode.framework.attr_kinds import of_kind
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.nest import LISTS
from graphmode.framework.nodes import add_node, handle_of, variable_behind
from graphmode.framework.operation import Operation, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from graphmode.framework.control_records import Control
    from graphmode.framework.dtypes import DType
    from graphmode.framework.graph import Graph
    from graphmode.framework.op_def import ArgSpec, OpDef


def apply(
    record: OpDef,
    values: Sequence[Any],
    attrs: dict[str, Any],
    name: str | None,
    control: Control | None = None,
) -> Operation:
    """Add one node of type `record` reading `values` (tensors or anything that converts to one).

    `control` is the record of a branch or a loop.

    Raises
    ------
    TypeError
        If a dtype does not fit, with TensorFlow's words.
    ValueError
        If the shapes cannot fit.
    """
    graph = get_default_graph()
    inputs_graph = _graph_of_tensors(values)
    if (
        inputs_graph is not None
        and inputs_graph is not graph
        and (record.role == "reading" or not graph.captures_from(inputs_graph))
    ):
        with inputs_graph.as_default():
            return apply(record, values, attrs, name, control)
    name = name or record.type
    kinds, defaults = record.kinds, record.attrs
    if defaults and not defaults.keys() <= attrs.keys():
        attrs = {**_defaults_of(record, attrs), **attrs}
    for key, value in attrs.items():
        default = defaults.get(key)
        if value is default:
            continue
        if value is None and default is not inspect.Parameter.empty:
            attrs[key] = default
        elif key in kinds:
            attrs[key] = given = of_kind(kinds[key], value, key, record.type)
            if key in record.families:
                _require_allowed(record, key, key, given)
        elif key[0] != "_":
            raise ValueError(f"'{record.type}' Op has no attribute '{key}'")
    if _all_tensors(record, values):
        inputs = _typed_inputs(record, values, attrs, name)
    else:
        with graph.name_scope(name) as name:
            inputs = _typed_inputs(record, values, attrs, name)
    return add_node(graph, record, inputs, attrs, name, control)


def _defaults_of(record: OpDef, given: dict[str, Any]) -> dict[str, Any]:
    """What stands for the attributes that are not given."""
    missing = {key: value for key, value in record.attrs.items() if key not in given}
    for key, value in missing.items():
        if value is inspect.Parameter.empty:
            raise TypeError(f"'{record.type}' Op needs the attribute '{key}'")
    return missing


def _graph_of_tensors(values: Sequence[Any]) -> Graph | None:
    """The graph of the first tensor among the inputs: ops go where their inputs are."""
    for value in values:
        if type(value) is Tensor:
            return value.op.graph
        if isinstance(value, LISTS):
            for item in value:
                if type(item) is Tensor:
                    return item.op.graph
    return None


def _all_tensors(record: OpDef, values: Sequence[Any]) -> bool:
    for spec, value in zip(record.inputs, values, strict=False):
        if spec.is_list:
            if not isinstance(value, LISTS) or not all(type(v) is Tensor for v in value):
                return False
        elif type(value) is not Tensor:
            return False
    return True


def _typed_inputs(
    record: OpDef, values: Sequence[Any], attrs: dict[str, Any], name: str
) -> list[Tensor]:
    """Convert the inputs in order; the first one of a family decides for the later ones."""
    inputs: list[Tensor] = []
    bound: dict[str, tuple[DType, str, Tensor | None]] = {}
    for spec, value in zip(record.inputs, values, strict=True):
        if spec.is_handle:
            inputs.append(_typed_handle(record, spec, value, attrs, bound))
            continue
        if not spec.is_list:
            inputs.append(_typed_input(record, spec, value, attrs, bound, spec.name))
            continue
        if not isinstance(value, LISTS):
            raise TypeError(
                f"Expected list for '{spec.name}' argument to '{record.type}' Op, not {value!r}."
            )
        if spec.length:
            # One tensor in the list decides the dtype of the Python values beside it.
            if spec.family and spec.family not in bound:
                known = next((v for v in value if isinstance(v, Tensor)), None)
                if known is not None and known.dtype.base_dtype in _allowed(record, spec.family):
                    bound[spec.family] = (known.dtype.base_dtype, spec.name, known)
            for i, item in enumerate(value):
                inputs.append(_typed_input(record, spec, item, attrs, bound, f"{spec.name}_{i}"))
            if spec.family and spec.family not in bound and spec.family not in attrs:
                raise ValueError(
                    f"List argument '{spec.name}' to '{record.type}' Op with length 0 shorter than "
                    "minimum length 1."
                )
            attrs[spec.length] = len(value)
        else:
            tensors = [
                convert_to_tensor(item, name=f"{spec.name}_{i}") for i, item in enumerate(value)
            ]
            attrs[spec.family] = [tensor.dtype.base_dtype for tensor in tensors]
            if spec.family in record.families:
                _require_allowed(record, spec.name, spec.family, attrs[spec.family])
            inputs += tensors
    for family, (dtype, _, _) in bound.items():
        attrs[family] = dtype
    return inputs


def _require_allowed(record: OpDef, name: str, family: str, given: Any) -> None:
    """Refuse a dtype that its family has not, or a list with one."""
    allowed = record.families[family]
    for dtype in given if isinstance(given, LISTS) else (given,):
        if dtype is not None and dtype.base_dtype not in allowed:
            raise _not_allowed(record, name, dtype, allowed)


def _not_allowed(record: OpDef, name: str, dtype: DType, allowed: frozenset[DType]) -> TypeError:
    listed = ", ".join(sorted(d.name for d in allowed))
    return TypeError(
        f"Value passed to parameter '{name}' of '{record.type}' has DataType {dtype.name} not in "
        f"list of allowed values: {listed}"
    )


def _allowed(record: OpDef, family: str) -> frozenset[DType]:
    return record.families.get(family, dtypes.ANY)


def _typed_handle(
    record: OpDef,
    spec: ArgSpec,
    value: Any,
    attrs: dict[str, Any],
    bound: dict[str, tuple[DType, str, Tensor | None]],
) -> Tensor:
    """The handle of the variable `value`, whose dtype has to fit and decides for later inputs."""
    handle = handle_of(value)
    if handle is None:
        raise TypeError(
            f"Input '{spec.name}' of '{record.type}' Op needs the handle of a resource variable, "
            f"not {value!r}"
        )
    family = spec.family
    if not family:
        return handle
    dtype = variable_behind(handle).attrs["dtype"]
    allowed = record.families.get(family)
    if allowed is not None and dtype not in allowed:
        raise _not_allowed(record, spec.name, dtype, allowed)
    expected, decided_by = attrs.get(family), "the attribute"
    if family in bound:
        expected, decided_by, _ = bound[family]
    if expected is not None and expected is not dtype:
        raise TypeError(
            f"Input '{spec.name}' of '{record.type}' Op is a variable of type {dtype.name} that "
            f"does not match type {expected.name} of {decided_by}."
        )
    bound.setdefault(family, (dtype, spec.name, None))
    return handle


def _typed_input(
    record: OpDef,
    spec: ArgSpec,
    value: Any,
    attrs: dict[str, Any],
    bound: dict[str, tuple[DType, str, Tensor | None]],
    name: str,
) -> Tensor:
    """`value` as a tensor, called `name` if it becomes a constant, of the dtype that fits."""
    family = spec.family
    other: Tensor | None = None
    expected: DType | None
    if not family:
        expected, decided_by = spec.dtype, ""
    elif family in bound:
        expected, decided_by, other = bound[family]
    else:
        expected, decided_by = attrs.get(family), ""
    if type(value) is Tensor:
        tensor = value
    else:
        wanted = expected
        if wanted is None and isinstance(value, LISTS) and not value:
            wanted = _dtype_of_nothing(record.families.get(family))
        try:
            tensor = convert_to_tensor(value, dtype=wanted, name=name, as_ref=spec.is_ref)
        except (TypeError, ValueError) as error:
            if expected is None or isinstance(value, Tensor) or hasattr(value, "dtype"):
                try:
                    tensor = convert_to_tensor(value, name=name, as_ref=spec.is_ref)
                except (TypeError, ValueError):
                    raise error from None
            else:
                raise type(error)(
                    f"Expected {expected.name} passed to parameter '{spec.name}' of op "
                    f"'{record.type}', got {value!r} of type '{type(value).__name__}' instead. "
                    f"Error: {error}"
                ) from None
    dtype = tensor.dtype.base_dtype
    if expected is not None and dtype is not expected:
        if decided_by:
            raise TypeError(
                f"Input '{spec.name}' of '{record.type}' Op has type {dtype.name} that does not "
                f"match type {expected.name} of argument '{decided_by}'."
                + _cast_hint(tensor, expected, other)
            )
        raise TypeError(
            f"Input '{spec.name}' of '{record.type}' Op has type {dtype.name} that does not match "
            f"expected type of {expected.name}." + _cast_hint(tensor, expected)
        )
    if family and family not in bound:
        allowed = record.families.get(family)
        if allowed is not None and dtype not in allowed:
            raise _not_allowed(record, spec.name, dtype, allowed)
        bound[family] = (dtype, spec.name, tensor)
    if spec.is_ref and not tensor.dtype._is_ref_dtype:
        raise TypeError(
            f"'{record.type}' Op requires that input '{spec.name}' be a mutable tensor "
            f"(e.g.: a tf.Variable), not '{tensor.name}'"
        )
    return tensor


def _dtype_of_nothing(allowed: frozenset[DType] | None) -> DType | None:
    """The dtype of an empty list: int32 where only integers are allowed (a shape, axes)."""
    if allowed is None or dtypes.float32 in allowed or dtypes.int32 not in allowed:
        return None
    return dtypes.int32


def _cast_hint(tensor: Tensor, expected: DType, other: Tensor | None = None) -> str:
    """The cast that loses nothing: an integer beside a float is the one to cast."""
    dtype = tensor.dtype.base_dtype
    if expected is dtypes.string or dtype is dtypes.string:
        return ""
    if other is not None and dtype.is_floating and not expected.is_floating:
        tensor, expected = other, dtype
    return f"\n  fix: tf.cast({tensor.op.name}, tf.{expected.name})"
