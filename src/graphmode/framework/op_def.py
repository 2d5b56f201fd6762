"""`OpDef`, the one record of an operation type; `@op`, which makes it from one function.

The positional parameters of the decorated function are its tensors, the keyword-only ones its
attributes. The signature says the dtypes::

    @op("MatMul", "T, T -> T", T=NUMBERS, shape=shapes.matmul)
    def matmul(a, b, *, transpose_a=False, transpose_b=False): ...

A signature is ``inputs -> outputs``, each a comma-separated list of

=============  ==================================================================================
``float32``    exactly this dtype
``T``          any dtype of family `T`; every `T` in the signature is the same. On the output side
               also the name of an attribute that holds a dtype (``DstT``)
``T*N``        a list of `N` tensors of dtype `T` (`N` becomes an attribute)
``[Tin]``      a list of tensors of any dtypes (`Tin` becomes an attribute: the list of dtypes)
``&T``         the variable itself, not its value. An op with ``effect="write"`` returns the new
               value of each of its ``&`` inputs, in order, and then its outputs that are no
               ``&``; an output that is ``&`` is the first of the new values
=============  ==================================================================================
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.errors import InvalidArgumentError, OpError
from graphmode.framework.graph import get_default_graph
from graphmode.framework.operation import Dims, Operation, Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.graph import Graph

_FLOATS = (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64)
_SIGNED = (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)
_UNSIGNED = (dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64)
_COMPLEX = (dtypes.complex64, dtypes.complex128)

FLOATS = frozenset(_FLOATS)
COMPLEX = frozenset(_COMPLEX)
FLOATS_COMPLEX = frozenset(_FLOATS + _COMPLEX)
INTEGERS = frozenset(_SIGNED + _UNSIGNED)
REALS = frozenset(_FLOATS + _SIGNED + _UNSIGNED)
SIGNED_NUMBERS = frozenset(_FLOATS + _SIGNED + _COMPLEX)
NUMBERS = frozenset(_FLOATS + _SIGNED + _UNSIGNED + _COMPLEX)
INDEX = frozenset((dtypes.int32, dtypes.int64))
INDEX16 = frozenset((dtypes.int16, dtypes.int32, dtypes.int64))
ANY = frozenset(
    (
        *_FLOATS, *_SIGNED, *_UNSIGNED, *_COMPLEX, dtypes.bool, dtypes.string,
        dtypes.qint8, dtypes.quint8, dtypes.qint16, dtypes.quint16, dtypes.qint32,
    )
)  # fmt: skip

EFFECTS = ("pure", "random", "read", "write", "host", "control")
"""`control` ops run subgraphs, and do what these do."""


@dataclass(slots=True, frozen=True)
class ArgSpec:
    """One argument of a signature."""

    name: str
    dtype: DType | None = None
    """The dtype when it is fixed."""
    family: str = ""
    """The type variable or dtype attribute when it is not."""
    count: str = ""
    """The attribute that holds the length of a list argument."""
    is_list: bool = False
    is_ref: bool = False


@dataclass(slots=True)
class OpDef:
    """All that graphmode knows of one operation type."""

    type: str
    kernel: Callable
    inputs: tuple[ArgSpec, ...]
    outputs: tuple[ArgSpec, ...]
    families: dict[str, frozenset[DType]]
    attrs: dict[str, Any]
    """Attribute name -> default (`inspect.Parameter.empty` when it must be given)."""
    shape: Callable[[Operation], list[Dims]] | None = None
    grad: Callable | None = None
    static: Callable[[Operation], Iterable[int]] | None = None
    """The inputs whose values must be known while a program is traced."""
    effect: str = "pure"
    check: Callable | None = None
    """``check(*inputs, **attrs)`` gives False where the kernel would refuse the values: the
    compiled form of the kernel's own run-time errors."""
    checked: Callable[[Operation], bool] | None = None
    """The ops of this type whose `check` can fail; None for all of them."""
    numpy: bool = True
    """Whether the kernel has a NumPy form; without one, a plan is compiled at once."""
    data_dependent: bool = False
    """Whether an output shape depends on input values: such an op ends a stage."""
    differs: str = ""
    """What differs from TensorFlow, and why: a row of docs/ops.md."""
    public: Any = field(default=None, repr=False)
    """The graph-building function."""

    @property
    def module(self) -> str:
        return self.kernel.__module__

    def check_of(self, operation: Operation) -> Callable | None:
        """The check of `operation`, unless it is known that it cannot fail."""
        if self.check is None or (self.checked is not None and not self.checked(operation)):
            return None
        return self.check

    def expand_input_names(self, n_inputs: int) -> tuple[str, ...]:
        specs = self.inputs
        if len(specs) == n_inputs and not any(spec.is_list for spec in specs):
            return tuple(spec.name for spec in specs)
        names: list[str] = []
        n_lists = sum(spec.is_list for spec in specs) or 1
        for spec in specs:
            if spec.is_list:
                n_items = (n_inputs - (len(specs) - n_lists)) // n_lists
                names += [f"{spec.name}[{i}]" for i in range(n_items)]
            else:
                names.append(spec.name)
        return tuple(names)


_registry: dict[str, OpDef] = {}


def registered_ops() -> dict[str, OpDef]:
    """Every op type that has been defined by the modules imported so far."""
    return dict(_registry)


def op_def_of(op_type: str) -> OpDef:
    """The record of `op_type`.

    Raises
    ------
    NotFoundError
        If no such type is registered.
    """
    try:
        return _registry[op_type]
    except KeyError:
        from graphmode.framework.errors import NotFoundError

        raise NotFoundError(None, None, f"Op type not registered '{op_type}'") from None


_FIXED = {dtype.name: dtype for dtype in (*ANY, dtypes.resource, dtypes.variant)}
_TOKEN = re.compile(r"^(&?)(\[?)([A-Za-z]\w*)\]?(?:\*(\w+))?$")


def _parse_side(text: str, names: Sequence[str]) -> tuple[ArgSpec, ...]:
    tokens = [token.strip() for token in text.split(",") if token.strip()]
    specs = []
    for i, token in enumerate(tokens):
        match = _TOKEN.match(token)
        if match is None:
            raise ValueError(f"malformed signature token {token!r}")
        ref, bracket, word, count = match.groups()
        fixed = _FIXED.get(word)
        specs.append(
            ArgSpec(
                name=names[i] if i < len(names) else f"output_{i}",
                dtype=fixed,
                family="" if fixed is not None else word,
                count=count or "",
                is_list=bool(bracket or count),
                is_ref=bool(ref),
            )
        )
    return tuple(specs)


def op(
    op_type: str,
    signature: str,
    *,
    shape: Callable | None = None,
    grad: Callable | None = None,
    static: Sequence[str] | Callable = (),
    effect: str = "pure",
    check: Callable | None = None,
    checked: Callable | None = None,
    numpy: bool = True,
    data_dependent: bool = False,
    differs: str = "",
    name: str | None = None,
    **families: Iterable[DType],
) -> Callable[[Callable], Callable]:
    """Register the decorated kernel as operation `op_type`; give back its graph-building function.

    Parameters
    ----------
    op_type : str
        TensorFlow's name of the operation.
    signature : str
        Its dtypes: see the module's text.
    shape : callable, optional
        ``shape(op) -> list of dims``, one per output; None derives it from the kernel.
    grad : callable, optional
        ``grad(op, *output_gradients) -> list``: the rule, when it is not a row of the table.
    static : sequence of str or callable
        Inputs whose values must be known while tracing; a callable ``static(op)`` gives indices.
    effect : {"pure", "random", "read", "write", "host", "control"}
    check, checked, numpy, data_dependent, differs
        See `OpDef`.
    name : str, optional
        The default node name; `op_type` if not given.
    **families : iterable of DType
        The dtypes that each type variable of the signature may take.
    """
    left, _, right = signature.partition("->")
    default_name = name or op_type
    if effect not in EFFECTS:
        raise ValueError(f"effect must be one of {EFFECTS}, got {effect!r}")

    def register(kernel: Callable) -> Callable:
        parameters = inspect.signature(kernel).parameters.values()
        tensors = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        attrs = {
            p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "stream"
        }
        inputs = _parse_side(left, tensors)
        if len(inputs) != len(tensors):
            raise TypeError(f"{op_type}: {len(tensors)} tensors, signature {signature!r}")
        if callable(static):
            static_rule = static
        else:
            static_rule = _static_rule(inputs, [tensors.index(name) for name in static])

        record = OpDef(
            type=op_type,
            kernel=kernel,
            inputs=inputs,
            outputs=_parse_side(right, ()),
            families={key: frozenset(value) for key, value in families.items()},
            attrs=attrs,
            shape=shape,
            grad=grad,
            static=static_rule,
            effect=effect,
            check=check,
            checked=checked,
            numpy=numpy,
            data_dependent=data_dependent,
            differs=differs,
        )
        _registry[op_type] = record
        record.public = _graph_function(record, tensors, attrs, default_name, kernel)
        return record.public

    return register


def _static_rule(inputs: Sequence[ArgSpec], indices: Sequence[int]) -> Callable | None:
    """The rule of fixed arguments; those after a list argument are counted from the end."""
    if not indices:
        return None
    first_list = next((i for i, spec in enumerate(inputs) if spec.is_list), len(inputs))

    def rule(operation: Operation) -> Iterable[int]:
        n = len(operation.inputs)
        return [i if i <= first_list else i - len(inputs) + n for i in indices]

    return rule


def _graph_function(
    record: OpDef, tensors: list[str], attrs: dict, default_name: str, kernel: Callable
) -> Callable:
    """The public function of an op: converts, checks, and adds a node."""
    order = [*tensors, *attrs, "name"]
    n_tensors = len(tensors)
    defaults = {key: value for key, value in attrs.items() if value is not inspect.Parameter.empty}

    def build(*args, **kwargs):
        if len(args) == n_tensors and not kwargs:
            node_name, values, attributes = None, args, dict(defaults)
        else:
            if len(args) > len(order):
                raise TypeError(
                    f"{kernel.__name__}() takes at most {len(order)} arguments, got {len(args)}"
                )
            given = dict(zip(order, args, strict=False))
            for key, value in kwargs.items():
                if key in given or key not in order:
                    problem = "multiple values for" if key in given else "an unexpected keyword"
                    raise TypeError(f"{kernel.__name__}() got {problem} argument {key!r}")
                given[key] = value
            node_name = given.pop("name", None)
            missing = [key for key in tensors if key not in given]
            if missing:
                raise TypeError(f"{kernel.__name__}() missing argument {missing[0]!r}")
            values = [given.pop(key) for key in tensors]
            attributes = {**defaults, **given}
        return outputs_of(apply(record, values, attributes, node_name or default_name))

    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    build.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(key, keyword) for key in tensors]
        + [inspect.Parameter(key, keyword, default=value) for key, value in attrs.items()]
        + [inspect.Parameter("name", keyword, default=None)]
        if not any(value is inspect.Parameter.empty for value in attrs.values())
        else [inspect.Parameter(key, keyword) for key in [*tensors, *attrs]]
    )
    build.__name__ = build.__qualname__ = kernel.__name__
    build.__module__ = kernel.__module__
    build.__doc__ = kernel.__doc__
    build.op_def = record  # type: ignore[attr-defined]
    return build


def outputs_of(operation: Operation):
    """What a graph-building function returns: the tensor, the list of tensors, or the operation."""
    outputs = operation.outputs
    if len(outputs) == 1 and not operation.op_def.outputs[0].is_list:
        return outputs[0]
    return list(outputs) if outputs else operation


def apply(record: OpDef, values: Sequence, attrs: dict[str, Any], name: str | None) -> Operation:
    """Add one node of type `record` reading `values` (tensors or anything that converts to one).

    Raises
    ------
    TypeError
        If a dtype does not fit, with TensorFlow's words.
    ValueError
        If the shapes cannot fit.
    """
    graph = get_default_graph()
    inputs_graph = _graph_of_tensors(values)
    if inputs_graph is not None and inputs_graph is not graph:
        with inputs_graph.as_default():
            return apply(record, values, attrs, name)
    name = name or record.type
    for key, value in attrs.items():
        if value is inspect.Parameter.empty:
            raise TypeError(f"{record.type} needs the attribute {key!r}")
        if key in _DTYPE_ATTRS and value is not None:
            attrs[key] = (
                [dtypes.as_dtype(v) for v in value]
                if isinstance(value, (list, tuple))
                else dtypes.as_dtype(value)
            )
    if _all_tensors(record, values):
        inputs = _typed_inputs(record, values, attrs, name)
    else:
        with graph.name_scope(name) as name:
            inputs = _typed_inputs(record, values, attrs, name)
    operation = graph.add_operation(record, inputs, attrs, _output_dtypes(record, attrs), name)
    try:
        infer_shapes(operation)
    except (ValueError, OpError) as error:
        graph.remove_last(operation)
        raise _shape_error(operation, error) from None
    return operation


def _graph_of_tensors(values: Sequence) -> Graph | None:
    """The graph of the first tensor among the inputs: ops go where their inputs are."""
    for value in values:
        if type(value) is Tensor:
            return value.op.graph
        if isinstance(value, list | tuple):
            for item in value:
                if type(item) is Tensor:
                    return item.op.graph
    return None


_DTYPE_ATTRS = frozenset(
    (
        "T", "DstT", "SrcT", "dtype", "out_type", "output_type", "Tout", "Tin", "Tidx", "out_idx",
        "output_dtype", "Tparams", "element_dtype",
    )
)  # fmt: skip


def _all_tensors(record: OpDef, values: Sequence) -> bool:
    for spec, value in zip(record.inputs, values, strict=False):
        if spec.is_list:
            if not isinstance(value, (list, tuple)) or not all(type(v) is Tensor for v in value):
                return False
        elif type(value) is not Tensor:
            return False
    return True


def _typed_inputs(record: OpDef, values: Sequence, attrs: dict, name: str) -> list[Tensor]:
    """Convert the inputs in order; the first one of a family decides for the later ones."""
    inputs: list[Tensor] = []
    bound: dict[str, tuple[DType, str, Tensor | None]] = {}
    for spec, value in zip(record.inputs, values, strict=True):
        if not spec.is_list:
            inputs.append(_typed_input(record, spec, value, attrs, bound, spec.name))
            continue
        if not isinstance(value, (list, tuple)):
            raise TypeError(
                f"Expected list for '{spec.name}' argument to '{record.type}' Op, not {value!r}."
            )
        if spec.count:
            # One tensor in the list decides the dtype of the Python values beside it.
            if spec.family and spec.family not in bound:
                known = next((v for v in value if isinstance(v, Tensor)), None)
                if known is not None and known.dtype.base_dtype in _allowed(record, spec.family):
                    bound[spec.family] = (known.dtype.base_dtype, spec.name, known)
            for i, item in enumerate(value):
                inputs.append(_typed_input(record, spec, item, attrs, bound, f"{spec.name}_{i}"))
            attrs[spec.count] = len(value)
        else:
            tensors = [
                convert_to_tensor(item, name=f"{spec.name}_{i}") for i, item in enumerate(value)
            ]
            attrs[spec.family] = [tensor.dtype.base_dtype for tensor in tensors]
            inputs += tensors
    for family, (dtype, _, _) in bound.items():
        attrs[family] = dtype
    return inputs


def _allowed(record: OpDef, family: str) -> frozenset[DType]:
    return record.families.get(family, ANY)


def _typed_input(
    record: OpDef, spec: ArgSpec, value, attrs: dict, bound: dict, name: str
) -> Tensor:
    """`value` as a tensor, called `name` if it becomes a constant, of the dtype that fits."""
    family = spec.family
    other: Tensor | None = None
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
        if wanted is None and isinstance(value, list | tuple) and not value:
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
            listed = ", ".join(sorted(d.name for d in allowed))
            raise TypeError(
                f"Value passed to parameter '{spec.name}' of '{record.type}' has DataType "
                f"{dtype.name} not in list of allowed values: {listed}"
            )
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


def _output_dtypes(record: OpDef, attrs: dict) -> list[DType]:
    result: list[DType] = []
    for spec in record.outputs:
        dtype: Any = spec.dtype if spec.dtype is not None else attrs[spec.family]
        if spec.count:
            result += [dtype] * attrs[spec.count]
        elif spec.is_list:
            result += dtype
        else:
            result.append(dtype._as_ref if spec.is_ref else dtype)
    return result


def infer_shapes(operation: Operation) -> None:
    """Set the static shape of each output of `operation`."""
    rule = operation.op_def.shape
    if rule is None:
        from graphmode.framework.inference import shapes_by_probing

        rule = shapes_by_probing
    for tensor, dims in zip(operation.outputs, rule(operation), strict=True):
        tensor.dims = dims


def _shape_error(operation: Operation, error: Exception) -> ValueError:
    """The ValueError of a build-time shape mismatch: TensorFlow's words, then the user's lines."""
    from graphmode.framework.errors import describe_op

    text = error.message if isinstance(error, OpError) else str(error)
    shapes = ", ".join(
        "[" + ",".join("?" if d is None else str(d) for d in t.dims) + "]"
        if t.dims is not None
        else "<unknown>"
        for t in operation.inputs
    )
    full = f"{text} for '{operation.name}' (op: '{operation.type}')"
    if operation.inputs:
        full += f" with input shapes: {shapes}."
    return ShapeError(f"{full}\n{describe_op(operation)}", text)


class ShapeError(ValueError, InvalidArgumentError):
    """Shapes that cannot fit, found while the graph is built.

    A ValueError, as TensorFlow raises; an InvalidArgumentError too, as the same mistake is when
    it is found while running.
    """

    def __init__(self, full: str, text: str = "") -> None:
        InvalidArgumentError.__init__(self, None, None, text or full)
        self._full = full

    def __str__(self) -> str:
        return self._full
