"""`cond` and `case`: which branch runs is decided in the run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, nest
from graphmode.framework.apply import apply
from graphmode.framework.contexts import Context, Subgraph, reads_from_outside
from graphmode.framework.control_records import Branch
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, get_default_graph, name_scope
from graphmode.framework.dtypes import ANY
from graphmode.framework.op import op
from graphmode.framework.op_def import op_def_of
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.site import user_site
from graphmode.ops.array import joining
from graphmode.ops.array.identities import identity
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.subgraphs import Structure, needs, results
from graphmode.ops.math import comparison
from graphmode.ops.math.casts import cast
from graphmode.ops.math.reduction import reduce_any, reduce_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.dtypes import DType

VALUES = frozenset((*ANY, dtypes.variant))


def _merged_dims(operation: Operation) -> list[Any]:
    branch = Branch.of(operation)
    outputs = zip(branch.then.outputs, branch.otherwise.outputs, strict=True)
    return [common_dims(a.dims, b.dims) for a, b in outputs]


def common_dims(a: Any, b: Any) -> Any:
    """What is known of a shape that is either `a` or `b`."""
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(m if m == n else None for m, n in zip(a, b, strict=True))


@op("If", "Tcond, [Tin] -> [Tout]", shape=_merged_dims, effect="control", Tcond=(dtypes.bool,))
def _if(cond, input, *, Tout: Sequence[DType]):  # noqa: N803 - TensorFlow's
    """Run by `runtime.control_flow`. Inputs: what the branches capture, then the variables that
    they write."""
    raise NotImplementedError("If runs through its plan")


def cond(
    pred: Any,
    true_fn: Any = None,
    false_fn: Any = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Any = None,
    fn2: Any = None,
) -> Any:
    """The results of ``true_fn()`` if `pred` holds, else of ``false_fn()``.

    Only the branch that is taken runs. Operations made outside of the functions are no part of a
    branch: they run in any case.

    Parameters
    ----------
    pred : Tensor, bool scalar
    true_fn, false_fn : callable
        Without arguments; give a tensor, an operation, or a structure of them, both the same
        structure and dtypes.
    strict : bool
        Whether a list of one result stays a list.
    fn1, fn2 : callable
        The old names of `true_fn` and `false_fn`.

    Returns
    -------
    Tensor or structure of Tensor
        For an operation `pred`, after it has run.

    Raises
    ------
    TypeError
        If `pred` is a Python bool or a function cannot be called.
    ValueError
        If the functions give different structures or dtypes.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     x = tf.placeholder(tf.float32, [])
    ...     y = tf.cond(x < 0, lambda: -x, lambda: x * 10)
    ...     print(sess.run(y, {x: -3}), sess.run(y, {x: 3}))
    3.0 30.0
    """
    for new, old, given in (
        ("true_fn", "fn1", (true_fn, fn1)),
        ("false_fn", "fn2", (false_fn, fn2)),
    ):
        if None not in given:
            raise TypeError(f"cond(): '{new}' and '{old}' may not be set simultaneously.")
    true_fn, false_fn = fn1 if true_fn is None else true_fn, fn2 if false_fn is None else false_fn
    _require_callable("'true_fn'", true_fn)
    _require_callable("'false_fn'", false_fn)
    with name_scope(name, "cond", [pred]) as scope:
        if isinstance(pred, bool):
            raise TypeError(
                "'pred' must not be a Python bool. It is known now: call "
                f"{'true' if pred else 'false'}_fn() itself."
            )
        pred = convert_to_tensor(pred, name="pred")
        if pred.dtype.base_dtype is not dtypes.bool:
            raise TypeError(
                f"Input 'pred' of 'cond' has type {pred.dtype.base_dtype.name} that does not match "
                f"expected type of bool.\n  fix: tf.cast({pred.op.name}, tf.bool)"
            )
        if pred.dims:
            raise ValueError(
                f"Shape must be rank 0 but is rank {len(pred.dims)} for the predicate of "
                f"'{scope[:-1]}': {pred}.\n  fix: tf.reduce_all or tf.reduce_any of it"
            )
        graph = get_default_graph()
        graph.pass_entries([pred])
        graph.pass_ids(4)  # Switch, switch_t, switch_f, pred_id
        then, then_results = _branch(true_fn, "true_fn", scope, strict)
        otherwise, else_results = _branch(false_fn, "false_fn", scope, strict)
        if not then.outputs:
            raise ValueError("'true_fn' and 'false_fn' must return at least one result.")
        nest.require_same_structure(
            then_results.value,
            else_results.value,
            ("true_fn returns", "false_fn returns"),
            "return the same nesting from both",
        )
        for a, b in zip(then.outputs, otherwise.outputs, strict=True):
            if a.dtype.base_dtype is not b.dtype.base_dtype:
                raise ValueError(
                    "Outputs of 'true_fn' and 'false_fn' must have the same type(s). Received "
                    f"{a.dtype.base_dtype.name} from 'true_fn' and {b.dtype.base_dtype.name} from "
                    "'false_fn'."
                )
        outputs = run_branch(pred, then, otherwise).outputs
        return then_results.packed([identity(tensor, name="Merge") for tensor in outputs])


def _branch(
    function: Callable[..., Any], what: str, scope: str, strict: bool
) -> tuple[Subgraph, Structure]:
    """The subgraph of what `function` gives."""
    graph = get_default_graph()
    context = Context("cond", scope, graph.context)
    with graph.inside(context):
        value = function()
        if value is None:
            raise ValueError(f"'{what}' must have a return value.")
        if not strict and isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        structure = Structure(value, for_operation=what == "true_fn")
        return Subgraph(context, [], results(structure.tensors, context)), structure


def _require_callable(what: str, function: Any) -> None:
    if not callable(function):
        fix = f"\n  fix: lambda: {function.op.name}" if isinstance(function, Tensor) else ""
        raise TypeError(f"{what} must be callable.{fix}")


def run_branch(pred: Tensor, then: Subgraph, otherwise: Subgraph, name: str = "If") -> Operation:
    """Add the If of two branches."""
    captures, variables, controls = needs([then, otherwise])
    attrs = {"Tout": [tensor.dtype.base_dtype for tensor in then.outputs]}
    references = [variable.outputs[0] for variable in variables]
    record = Branch(captures, variables, then, otherwise)
    owner = apply(op_def_of("If"), [pred, [*captures, *references]], attrs, name, record)
    owner.site = user_site()
    owner.graph.pass_ids(-1)
    owner._add_control_inputs([control for control in controls if control is not owner])
    for branch in (then, otherwise):
        branch.context.owner = owner
        branch.context.keep = functools.partial(_keep, owner, branch)
    return owner


def _keep(owner: Operation, branch: Subgraph, op: Operation) -> None:
    """Have the If `owner` run `op`, which no result of its branch needs, when that is taken."""
    _, _, inside = reads_from_outside(branch.context, branch.roots, ())
    if op in inside:
        return
    branch.effects.append(op)
    record = Branch.of(owner)
    captures, variables, controls = needs(record.subgraphs)
    inputs = [owner.inputs[0], *captures, *[variable.outputs[0] for variable in variables]]
    for tensor in owner.inputs:
        tensor.reader_ops.remove(owner)
    owner.inputs[:] = inputs
    for tensor in inputs:
        tensor.reader_ops.append(owner)
    owner.attrs["Tin"] = [tensor.dtype.base_dtype for tensor in inputs[1:]]
    record.captures, record.written = captures, variables
    owner._add_control_inputs([control for control in controls if control is not owner])


def case(
    pred_fn_pairs: Any,
    default: Any = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str | None = "case",
) -> Any:
    """The results of the first function whose predicate holds, else of `default`.

    Parameters
    ----------
    pred_fn_pairs : list of (Tensor, callable), or dict
        Bool scalars and functions that all give the same structure.
    default : callable, optional
        Without one, that no predicate holds is an error of the run.
    exclusive : bool
        Whether that more than one predicate holds is an error of the run.
    strict : bool
        Whether a list of one result stays a list.

    Returns
    -------
    Tensor or structure of Tensor
        What the functions give.

    Raises
    ------
    TypeError
        If `pred_fn_pairs` are no such pairs.
    InvalidArgumentError
        When it runs: see `default`, `exclusive`.
    ValueError
        If there is neither a pair nor a default.
    """
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else pred_fn_pairs
    if not isinstance(pairs, list | tuple):
        raise TypeError("'pred_fn_pairs' must be a list, tuple, or dict.")
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'pred_fn_pairs' must be a 2-tuple. Received {pair}.")
        if isinstance(pair[0], bool) or convert_to_tensor(pair[0]).dtype != dtypes.bool:
            raise TypeError(f"pred must be a Tensor of type bool, got: {pair[0]}")
        _require_callable(f"fn for pred {pair[0].name}", pair[1])
    if default is not None:
        _require_callable("'default'", default)
    if not pairs:
        if default is None:
            raise ValueError("tf.case needs a pair of predicate and function, or a default")
        return default()
    with name_scope(name, "case", [pred for pred, _ in pairs]):
        predicates = [convert_to_tensor(pred) for pred, _ in pairs]
        checks: list[Any] = []
        if exclusive:
            n_true = reduce_sum(cast(joining.stack(predicates), dtypes.int32), name="n_true")
            one = comparison.less_equal(n_true, 1)
            checks.append(
                Assert(
                    one,
                    ["Input error: exclusive=True: more than 1 conditions "
                     f"({', '.join(p.name for p in predicates)}) evaluated as True:",
                     joining.stack(predicates)],
                )
            )  # fmt: skip
        remaining = list(pairs)
        if default is None:
            default = remaining.pop()[1]
            checks.append(
                Assert(
                    reduce_any(joining.stack(predicates)),
                    ["Input error: None of conditions evaluated as True:",
                     joining.stack(predicates)],
                )
            )  # fmt: skip
        function = default
        for pred, fn in reversed(remaining):
            function = functools.partial(
                cond, pred, true_fn=fn, false_fn=function, strict=strict, name="cond"
            )
        with control_dependencies(checks):
            if not remaining:
                return nest.map_structure(identity, function())
            return function()


def _numbered_branches(branch_fns) -> list[tuple[int, Callable[[], Any]]]:
    """The functions of a `switch_case` with their numbers, 0 first."""
    pairs: list[Any]
    if isinstance(branch_fns, dict):
        pairs = list(branch_fns.items())
    elif isinstance(branch_fns, list | tuple):
        pairs = list(branch_fns)
    else:
        raise TypeError("branch_fns must be a list, tuple, or dict")
    if not pairs:
        raise ValueError("Must provide at least one item in branch_fns")
    if all(callable(function) for function in pairs):
        return list(enumerate(pairs))
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in branch_fns must be a 2-tuple. Received {pair}.")
        if not isinstance(pair[0], int):
            raise TypeError(f"key must be a Python `int`, got {type(pair[0])}")
        _require_callable(f"fn for key {pair[0]}", pair[1])
    keys = [key for key, _ in pairs]
    if set(keys) != set(range(len(keys))):
        raise ValueError(
            f"branch indices (keys) must form contiguous range of [0 to {len(keys)}) but found "
            f"{{{','.join(map(str, keys))}}}"
        )
    return sorted(pairs, key=lambda pair: pair[0])


def switch_case(
    branch_index: Any,
    branch_fns: Any,
    default: Callable[..., Any] | None = None,
    name: str | None = "switch_case",
) -> Any:
    """The results of one of several functions, by its number.

    Parameters
    ----------
    branch_index : Tensor, int32 scalar
    branch_fns : list of callable, of (int, callable), or dict
        All give the same structure.
    default : callable, optional
        Taken where there is no such number; the last function if not given.

    Returns
    -------
    Tensor or structure of Tensor
        What the functions give.

    Raises
    ------
    ValueError
        If there is no function, or the numbers are not 0, 1, ... once each.
    TypeError
        If `branch_index` is no int32 Tensor, a number no int or a function not callable.
    """
    pairs = _numbered_branches(branch_fns)
    if not isinstance(branch_index, Tensor):
        raise TypeError(f"branch_index must a Tensor, got {type(branch_index)}")
    if branch_index.dtype.base_dtype is not dtypes.int32:
        raise TypeError(
            f"Input 'branch_index' of 'Case' Op has type {branch_index.dtype.base_dtype.name} that "
            "does not match expected type of int32."
        )
    if default is not None:
        _require_callable("'default'", default)
    with name_scope(name, "switch_case", [branch_index]):
        index = convert_to_tensor(branch_index, dtype=dtypes.int32)
        tests = [(comparison.equal(index, key), function) for key, function in pairs]
        return case(tests, default=default or pairs[-1][1], name="indexed_case")
