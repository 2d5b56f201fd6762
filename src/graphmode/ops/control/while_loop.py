"""`while_loop`: a body that runs as long as a condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, nest, shape_rules
from graphmode.framework.apply import apply
from graphmode.framework.contexts import Context, Subgraph, arguments_read, reads_from_outside
from graphmode.framework.control_records import Count, Loop
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.op import op
from graphmode.framework.op_def import op_def_of
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.shapes import TensorShape, as_shape
from graphmode.framework.site import user_site
from graphmode.framework.sparse_tensor import SparseTensor
from graphmode.ops.array.constants import constant
from graphmode.ops.array.identities import identity
from graphmode.ops.control.subgraphs import Structure, needs, results
from graphmode.ops.control.tensor_array import TensorArray
from graphmode.ops.math import comparison
from graphmode.ops.state.references import is_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.dtypes import DType


@op(
    "LoopVariable",
    "-> dtype",
    shape=shape_rules.from_attr,
    effect="host",
    role="placeholder",
    differs="graphmode's own: a loop variable inside its loop (TensorFlow: Enter, Merge, Switch)",
)
def _loop_variable(*, dtype: DType, shape: TensorShape | None = None):
    raise NotImplementedError("a loop variable has its value from its loop")


def loop_variables(
    like: Sequence[Tensor], dims: Sequence[Any], name: str = "Identity"
) -> list[Tensor]:
    """Loop variables as the ops inside see them: of the dtypes of `like` and of shapes `dims`."""
    record = op_def_of("LoopVariable")
    made: list[Any] = []
    for tensor, shape in zip(like, dims, strict=True):
        attrs = {"dtype": tensor.dtype.base_dtype, "shape": TensorShape._of(shape)}
        made.append(apply(record, [], attrs, name).outputs[0])
    return made


def _loop_dims(operation: Operation) -> list[Any]:
    return [tensor.dims for tensor in Loop.of(operation).body.args]


@op("While", "[T] -> [_Tout]", shape=_loop_dims, effect="control")
def _while(input, *, _Tout: Sequence[DType]):  # noqa: N803 - TensorFlow's attribute
    """Run by `runtime.control_flow`. Inputs: the initial values of the loop variables, what cond
    and body capture, the variables that they write; then, for a loop that is differentiated, at
    most how many iterations it makes."""
    raise NotImplementedError("While runs through its plan")


@op(
    "LoopCount",
    "[Tin] -> int64",
    shape=shape_rules.scalar,
    effect="control",
    differs="graphmode's own: how many iterations a loop will make, for the memory that its "
    "gradient needs",
)
def _loop_count(input):
    raise NotImplementedError("LoopCount runs through its plan")


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: Any = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """Repeat ``loop_vars = body(*loop_vars)`` as long as ``cond(*loop_vars)`` holds.

    Parameters
    ----------
    cond : callable
        Takes the loop variables, gives a scalar bool tensor.
    body : callable
        Takes the loop variables, gives their next values in the same structure.
    loop_vars : list or tuple
        Tensors, `TensorArray` objects, or nested structures of them.
    shape_invariants : structure of TensorShape, optional
        The shape of each loop variable in all iterations; by default the shape that it enters with.
    parallel_iterations, swap_memory : optional
        Accepted; they do not change values.
    back_prop : bool
        False: no gradient flows through.
    maximum_iterations : int or Tensor, int32 scalar, optional
    return_same_structure : bool
        Whether one loop variable is given back in its list. A list of one structure of several
        tensors is in any case, unless there is a `maximum_iterations`.

    Returns
    -------
    The structure of `loop_vars` with their last values.

    Raises
    ------
    TypeError
        If `cond` or `body` cannot be called, or a loop variable changes its dtype.
    ValueError
        If `body` gives another structure, or a loop variable changes its shape beyond its
        invariant.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     n = tf.placeholder(tf.int32, [])
    ...     _, total = tf.while_loop(lambda i, t: i < n, lambda i, t: (i + 1, t + i), (0, 0))
    ...     print(sess.run(total, {n: 5}))
    10
    """
    del swap_memory
    if not callable(cond):
        raise TypeError("cond must be callable.")
    if not callable(body):
        raise TypeError("body must be callable.")
    if parallel_iterations < 1:
        raise TypeError("'parallel_iterations' must be a positive integer.")
    with name_scope(name, "while", None if not loop_vars else nest.flatten(loop_vars)) as scope:
        if not loop_vars:
            raise ValueError("No loop variables provided")
        limit = None
        if maximum_iterations is not None:
            limit = convert_to_tensor(maximum_iterations, name="maximum_iterations")
            if limit.dims:
                raise ValueError(
                    "'maximum_iterations' must be a scalar. Received shape: "
                    f"{shape_rules.dims_text(limit.dims)}"
                )
            counter = constant(0, dtype=limit.dtype, name="iteration_counter")
            cond, body = _limited(cond, limit), _counting(body, type(loop_vars))
            if shape_invariants is not None:
                shape_invariants = (TensorShape([]), shape_invariants)
            loop_vars = (counter, loop_vars)
        given = Structure(loop_vars)
        builder = _Builder(scope, given, shape_invariants)
        test, step = builder.build(cond, body)
        bound = count_of(builder.initial, test, step, limit) if back_prop else None
        outputs = run_loop(builder.initial, test, step, back_prop, bound).outputs
        packed = given.packed([identity(tensor, name="Exit") for tensor in outputs])
        # As in TensorFlow, a list of one structure of several tensors is given back as it is,
        # unless the iterations are counted.
        alone = len(outputs) == 1
        if limit is not None:
            packed = packed[1]
            alone = len(packed) == 1
        return packed[0] if alone and not return_same_structure else packed


def _limited(cond: Any, limit: Tensor) -> Any:
    return lambda i, loop_vars: comparison.logical_and(comparison.less(i, limit), cond(*loop_vars))


def _counting(body: Any, kind: type) -> Any:
    as_given = kind if kind in (list, tuple) else lambda result: result
    return lambda i, loop_vars: (i + 1, as_given(_as_sequence(body(*loop_vars))))


def _as_sequence(result: Any) -> Any:
    return result if nest.is_nested(result) else [result]


class _Builder:
    """Builds the two subgraphs of one loop."""

    def __init__(self, scope: str, given: Structure, invariants: Any) -> None:
        self._graph = get_default_graph()
        self._scope = scope
        self._given = given
        self._graph.pass_entries(given.tensors)
        self.initial = [
            identity(tensor) if tensor.dtype._is_ref_dtype else tensor for tensor in given.tensors
        ]
        self._graph.pass_ids(-sum(tensor.dtype._is_ref_dtype for tensor in given.tensors))
        if invariants is None:
            shapes = [None] * len(given.leaves)
        else:
            shapes = nest.flatten_up_to(given.value, invariants)
        self._dims: list[Any] = []
        for leaf, tensors, shape in zip(given.leaves, given.carriers, shapes, strict=True):
            self._dims += _leaf_dims(leaf, tensors, shape)
        if invariants is not None:
            self._check_invariants()

    def _check_invariants(self) -> None:
        """That what enters the loop is what the invariants allow."""
        for tensor, dims in zip(self.initial, self._dims, strict=True):
            if tensor.dtype.base_dtype is dtypes.variant:
                continue
            if not shape_fits(tensor.dims, dims):
                raise ValueError(
                    f"The shape invariant specified for {tensor.name} is not compatible with the "
                    f"initial shape of the loop variable. It enters the loop with shape "
                    f"{_text(tensor.dims)}, but the specified shape invariant is {_text(dims)}."
                )

    def build(self, cond: Any, body: Any) -> tuple[Subgraph, Subgraph]:
        graph = self._graph
        context = Context("while", self._scope, graph.context)
        with graph.inside(context):
            args = loop_variables(self.initial, self._dims, "Merge")
            graph.pass_ids(len(args))  # Enter
            holds = convert_to_tensor(cond(*self._packed(args)))
            if holds.dtype.base_dtype is not dtypes.bool:
                raise TypeError(
                    f"Input 'input' of 'LoopCond' Op has type {holds.dtype.base_dtype.name} that "
                    "does not match expected type of bool."
                )
            if holds.dims:
                raise ValueError(
                    f"Shape must be rank 0 but is rank {len(holds.dims)} for the condition of "
                    f"'{self._scope[:-1]}': {holds}. Use tf.reduce_all or tf.reduce_any."
                )
            test = Subgraph(context, args, results([holds], context))
        graph.pass_ids(1 + len(args))  # LoopCond, Switch
        inner = Context("while", self._scope, graph.context)
        inner.share_entries(context)
        with graph.inside(inner):
            args = loop_variables(self.initial, self._dims)
            packed = self._packed(args)
            result = _as_sequence(body(*packed))
            nest.require_same_structure(
                list(packed),
                list(result),
                ("loop_vars:", "body returns:"),
                "return one value for each loop variable, nested as they are",
            )
            leaving = Structure(result)
            for before, arg, after in zip(self.initial, args, leaving.tensors, strict=True):
                self._check(before, arg, after)
            step = Subgraph(inner, args, results(leaving.tensors, inner))
            graph.pass_ids(len(args))  # NextIteration
        return test, step

    def _packed(self, args: list[Tensor]) -> Any:
        return self._given.packed(args)

    def _check(self, before: Tensor, arg: Tensor, after: Tensor) -> None:
        """That one iteration keeps dtype and shape of a loop variable."""
        if before.dtype.base_dtype is not after.dtype.base_dtype:
            raise TypeError(
                f"Input tensor '{before.name}' enters the loop with type "
                f"{before.dtype.base_dtype.name}, but has type {after.dtype.base_dtype.name} after "
                f"one iteration.{_lines(before, after)}\n  fix: tf.cast({after.op.name}, "
                f"tf.{before.dtype.base_dtype.name})"
            )
        if arg.dtype.base_dtype is not dtypes.variant and not shape_fits(after.dims, arg.dims):
            raise ValueError(
                f"Input tensor '{before.name}' enters the loop with shape {_text(arg.dims)}, but "
                f"has shape {_text(after.dims)} after one iteration. To allow the shape to vary "
                "across iterations, use the `shape_invariants` argument of tf.while_loop to "
                f"specify a less-specific shape.{_lines(before, after)}"
            )


def _leaf_dims(leaf: Any, tensors: list[Tensor], invariant: Any) -> list[Any]:
    """The shapes in all iterations of the `tensors` that carry `leaf`.

    The invariant of a sparse tensor is that of its `dense_shape`, of IndexedSlices that of their
    values; without one, how many elements a sparse tensor has may change.
    """
    if isinstance(leaf, TensorArray):
        return [()]
    given = None if invariant is None else as_shape(getattr(invariant, "shape", invariant))
    if isinstance(leaf, SparseTensor):
        rank = leaf.dense_shape.dims
        if given is not None:
            rank = given.with_rank(1)._dims
        return [(None, rank[0] if rank else None), (None,), rank or (None,)]
    if isinstance(leaf, IndexedSlices):
        dims = leaf.values.dims if given is None else given._dims
        return [dims, dims and dims[:1], dims and (len(dims),)][: len(tensors)]
    if hasattr(leaf, "_parts"):
        return leaf._part_dims(leaf.shape if given is None else given)
    return [tensors[0].dims if given is None else given._dims]


def _lines(before: Tensor, after: Tensor) -> str:
    text = ""
    for what, tensor in (("enters", before), ("after one iteration", after)):
        site = tensor.op.site
        if site is not None:
            text += f"\n  {what}: '{tensor.name}' created at {site.short()}   {site.source}"
    return text


def shape_fits(dims: Any, invariant: Any) -> bool:
    """Whether every shape that `dims` allows is one that `invariant` allows."""
    if invariant is None:
        return True
    if dims is None or len(dims) != len(invariant):
        return False
    return all(known is None or d == known for d, known in zip(dims, invariant, strict=True))


def _text(dims: Any) -> str:
    return str(TensorShape._of(dims)) if dims is not None else "<unknown>"


def run_loop(
    initial: list[Tensor],
    test: Subgraph,
    step: Subgraph,
    back_prop: bool = True,
    bound: Tensor | None = None,
    name: str = "While",
) -> Operation:
    """Add the While of a condition and a body.

    `bound` is at most how many iterations it makes: a gradient needs it.
    """
    captures, variables, controls = needs([test, step])
    references = [variable.outputs[0] for variable in variables]
    inputs = [*initial, *captures, *references]
    attrs = {"_Tout": [tensor.dtype.base_dtype for tensor in step.args]}
    record = Loop(captures, variables, test, step, bound, back_prop)
    owner = apply(op_def_of("While"), [inputs], attrs, name, record)
    owner.site = user_site()
    owner.graph.pass_ids(-1)
    owner._add_control_inputs([control for control in controls if control is not owner])
    test.context.owner = step.context.owner = owner
    return owner


_CHEAP_TO_COUNT = 24


def count_of(
    initial: list[Tensor], test: Subgraph, step: Subgraph, limit: Tensor | None
) -> Tensor | None:
    """How many iterations the loop makes, from the part of it that the condition depends on.

    If that part is large, `limit` has to do. If it writes, draws or does anything else that must
    not happen twice, `limit` or None.
    """
    needed = arguments_read(test.context, test.roots, test.args)
    while True:
        roots = [step.outputs[i].op for i in needed]
        wider = sorted({*needed, *arguments_read(step.context, roots, step.args)})
        if wider == needed:
            break
        needed = wider
    slices, n_inside = [], 0
    for subgraph, outputs in ((test, test.outputs), (step, [step.outputs[i] for i in needed])):
        args = [subgraph.args[i] for i in needed]
        slices.append(Subgraph(subgraph.context, args, outputs))
        roots = [tensor.op for tensor in outputs]
        _, _, inside = reads_from_outside(subgraph.context, roots, args)
        n_inside += len(inside)
        if any(op.op_def.effect != "pure" and op.type != "LoopVariable" for op in inside):
            return limit
    if limit is not None and n_inside > _CHEAP_TO_COUNT:
        return limit
    captures, _, _ = needs(slices)
    if any(is_variable(tensor) for tensor in captures):
        return limit
    record = Count(captures, [], *slices)
    inputs = [*[initial[i] for i in needed], *captures]
    count = apply(op_def_of("LoopCount"), [inputs], {}, "LoopCount", record).outputs[0]
    count.graph.pass_ids(-1)
    return count
