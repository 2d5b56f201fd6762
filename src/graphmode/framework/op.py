"""`@op`, which makes an operation type of one function, its kernel.

The positional parameters of the decorated function are its tensors, the keyword-only ones its
attributes. The signature, which `op_def.py` explains, says the dtypes::

    @op("MatMul", "T, T -> T", T=NUMBERS, shape=shapes.matmul)
    def matmul(a, b, *, transpose_a=False, transpose_b=False): ...
"""

from __future__ import annotations

import functools
import inspect
import itertools
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from graphmode.framework.apply import apply
from graphmode.framework.attr_kinds import kind_of, of_kind
from graphmode.framework.nest import LISTS
from graphmode.framework.nodes import handle_of
from graphmode.framework.op_def import EFFECTS, PYTHON, ROLES, ArgSpec, OpDef, parse_side, register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Operation


_GIVEN_BY_RUNS = ("stream", "resources", "keeps")


def op(
    op_type: str,
    signature: str,
    *,
    shape: Callable[..., Any] | None = None,
    static: Sequence[str] | Callable[..., Any] = (),
    effect: str = "pure",
    check: Callable[..., Any] | None = None,
    checked: Callable[..., Any] | None = None,
    numpy: bool = True,
    data_dependent: bool = False,
    role: str = "",
    reads_shape: Callable[..., Any] | bool = False,
    known_dims: Callable[..., Any] | None = None,
    overwrites: bool = False,
    blocks: bool = False,
    ordered: bool = False,
    in_parts: bool = False,
    python: str = "",
    cheap: bool = False,
    extremes: Callable[..., Any] | None = None,
    work: Callable[..., Any] | None = None,
    joins: Callable[..., Any] | None = None,
    cuts: Callable[..., Any] | None = None,
    reshapes: bool = False,
    gives_away: bool = False,
    constant: bool = False,
    written: Callable[..., Any] | None = None,
    rewritten: Callable[..., None] | None = None,
    differs: str = "",
    name: str | None = None,
    **families: Iterable[DType],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated kernel as operation `op_type`; give back its graph-building function.

    Parameters
    ----------
    op_type : str
        TensorFlow's name of the operation.
    signature : str
        Its dtypes: see `framework/op_def.py`.
    shape : callable, optional
        ``shape(op) -> list of dims``, one per output; None derives it from the kernel.
    static : sequence of str or callable
        Inputs whose values must be known while tracing; a callable ``static(op)`` gives indices.
    effect : {"pure", "random", "read", "write", "host", "control"}
    check, checked, numpy, data_dependent, role, reads_shape, known_dims, overwrites, blocks,
    ordered, in_parts, python, cheap, extremes, work, joins, cuts, reshapes, gives_away, written,
    rewritten, differs
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
    if role not in ROLES:
        raise ValueError(f"role must be one of {ROLES}, got {role!r}")
    if python not in PYTHON:
        raise ValueError(f"python must be one of {PYTHON}, got {python!r}")

    def define(kernel: Callable[..., Any]) -> Callable[..., Any]:
        parameters = inspect.signature(kernel).parameters.values()
        tensors = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        keywords = [
            p for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in _GIVEN_BY_RUNS
        ]
        kinds = {p.name: _kind_of_parameter(op_type, p) for p in keywords}
        attrs = {
            p.name: p.default
            if p.default is p.empty or p.default is None
            else of_kind(kinds[p.name], p.default, p.name, op_type)
            for p in keywords
        }
        inputs, outputs = parse_side(left, tensors), parse_side(right, ())
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
            outputs=outputs,
            families={key: frozenset(value) for key, value in families.items()},
            attrs=attrs,
            kinds={**_kinds_of_signature(inputs, outputs), **kinds},
            shape=shape,
            static=static_rule,
            effect=effect,
            check=check,
            checked=checked,
            numpy=numpy,
            data_dependent=data_dependent,
            role=role,
            reads_shape=reads_shape,
            known_dims=known_dims,
            overwrites=overwrites,
            blocks=blocks,
            ordered=ordered,
            in_parts=in_parts,
            makes_resource=any(p.name == "resources" for p in parameters),
            python=python,
            cheap=cheap,
            extremes=extremes,
            work=work,
            joins=joins,
            cuts=cuts,
            reshapes=reshapes,
            gives_away=gives_away,
            written=written,
            rewritten=rewritten,
            differs=differs,
        )
        return publish(record, default_name)

    return define


def publish(record: OpDef, default_name: str) -> Callable[..., Any]:
    """Register `record`; give back the function that adds such an operation to a graph.

    Parameters
    ----------
    record : OpDef
        Its `apply` and `public` are made here.
    default_name : str
        The default node name.
    """
    record.apply = partial(apply, record)
    tensors = [spec.name for spec in record.inputs]
    record.public = _graph_function(record, tensors, record.attrs, default_name, record.kernel)
    register(record)
    return record.public


def _kind_of_parameter(op_type: str, parameter: inspect.Parameter) -> str:
    try:
        return kind_of(parameter.annotation)
    except TypeError as error:
        raise TypeError(f"{op_type}, attribute '{parameter.name}': {error}") from None


def _kinds_of_signature(*sides: Sequence[ArgSpec]) -> dict[str, str]:
    """The kinds of the attributes that a signature implies: dtypes, and lengths of lists."""
    kinds: dict[str, str] = {}
    for spec in itertools.chain(*sides):
        if spec.family:
            kinds[spec.family] = "list(type)" if spec.is_list and not spec.length else "type"
        if spec.length:
            kinds[spec.length] = "int"
    return kinds


def _static_rule(inputs: Sequence[ArgSpec], indices: Sequence[int]) -> Callable[..., Any] | None:
    """The rule of fixed arguments; those after a list argument are counted from the end."""
    if not indices:
        return None
    first_list = next((i for i, spec in enumerate(inputs) if spec.is_list), len(inputs))

    def rule(operation: Operation) -> Iterable[int]:
        n = len(operation.inputs)
        return [i if i <= first_list else i - len(inputs) + n for i in indices]

    return rule


def _graph_function(
    record: OpDef,
    tensors: list[str],
    attrs: dict[str, Any],
    default_name: str,
    kernel: Callable[..., Any],
) -> Callable[..., Any]:
    """The public function of an op: converts, checks, and adds a node."""
    order = [*tensors, *attrs, "name"]
    n_tensors = len(tensors)
    defaults = {key: value for key, value in attrs.items() if value is not inspect.Parameter.empty}

    def build(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
        if len(args) == n_tensors and not kwargs:
            values, attributes = args, dict(defaults)
        else:
            if len(args) > len(order):
                raise TypeError(
                    f"{kernel.__name__}() takes at most {len(order)} arguments, got {len(args)}"
                )
            given = dict(zip(order, args, strict=False))
            if name is not None:
                kwargs["name"] = name
            for key, value in kwargs.items():
                if key in given or key not in order:
                    problem = "multiple values for" if key in given else "an unexpected keyword"
                    raise TypeError(f"{kernel.__name__}() got {problem} argument {key!r}")
                given[key] = value
            name = given.pop("name", None)
            missing = [key for key in tensors if key not in given]
            if missing:
                raise TypeError(f"{kernel.__name__}() missing argument {missing[0]!r}")
            values = [given.pop(key) for key in tensors]
            attributes = {**defaults, **given}
        form = record.by_handle
        if form is not None and handle_of(values[0]) is not None:
            kept = {key: value for key, value in attributes.items() if key in form.attrs}
            return outputs_of(apply(form, values, kept, name or form.type))
        try:
            return outputs_of(apply(record, values, attributes, name or default_name))
        except (TypeError, ValueError):
            instead = taker(build, values)
            if instead is None:
                raise
        return instead(*values, **attributes, name=name)

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


def outputs_of(operation: Operation) -> Any:
    """What a graph-building function returns: the tensor, the list of tensors, or the operation."""
    outputs = operation.outputs
    if len(outputs) == 1 and not operation.op_def.outputs[0].is_list:
        return outputs[0]
    return list(outputs) if outputs else operation


# ---- arguments that take a call over -------------------------------------------------------------


def taker(function: Callable[..., Any], arguments: Iterable[Any]) -> Callable[..., Any] | None:
    """What answers a call of `function` in its place: by the class of an argument, or None.

    A function that is refused an argument (TypeError, ValueError) asks this before it gives up: the
    first argument whose class has `_takes_over` may answer, as NumPy's ``__array_function__`` does.
    So `tf.add` takes ragged tensors, and a call that is not refused pays nothing for them.
    """
    for argument in arguments:
        items: Sequence[Any] = argument if isinstance(argument, LISTS) else (argument,)
        for item in items:
            kind: Any = type(item)  # pyright: ignore[reportUnknownVariableType]
            takes_over = getattr(kind, "_takes_over", None)
            if takes_over is not None:
                return takes_over(function)
    return None


_Function = TypeVar("_Function", bound="Callable[..., Any]")


def overloaded(function: _Function) -> _Function:
    """`function`, which is no operation's own, as one that its arguments may take over."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError):
            instead = taker(function, (*args, *kwargs.values()))
            if instead is None:
                raise
        return instead(*args, **kwargs)

    return call  # type: ignore[return-value]
