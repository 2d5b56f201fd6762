"""Nodes that run functions: calls are taken in, branches and loops get their records.

The library of a GraphDef holds what branches and loops run as functions. Here the operations of a
body stand in the graph itself, in the context of their branch or loop, so that they have gradients.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.contexts import Context, Subgraph, exported, reads_from_outside
from graphmode.framework.op_def import op_def_of
from graphmode.framework.operation import Operation
from graphmode.framework.proto.functions import WHOLE_NAMES
from graphmode.framework.proto.own_types import EXPORTS
from graphmode.graph_io.attributes import shape_of
from graphmode.graph_io.region import Region
from graphmode.ops.array.constants import constant
from graphmode.ops.array.identities import identity
from graphmode.ops.control.cond import common_dims, run_branch
from graphmode.ops.control.subgraphs import results
from graphmode.ops.control.while_loop import count_of, loop_variables, run_loop, shape_fits
from graphmode.ops.math import comparison
from graphmode.ops.math.casts import cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphmode.framework.operation import Dims, Tensor
    from graphmode.graph_io.nodes import NodeAdder

_BRANCHES = frozenset(("If", "StatelessIf"))
_LOOPS = frozenset(("While", "StatelessWhile"))
_CASES = frozenset(("Case", "StatelessCase"))
_CALLS = frozenset(("PartitionedCall", "StatefulPartitionedCall"))
FUNCTIONAL = _BRANCHES | _LOOPS | _CASES | _CALLS
"""Types of nodes that run functions of the library."""

_DEPTH = 75


class Functions:
    """The functions of a library, and what the nodes that run them become.

    Parameters
    ----------
    adder : NodeAdder
    library : FunctionDefLibrary
    prefix : str
        What stands before the names of all operations.
    """

    def __init__(self, adder: NodeAdder, library: Any, prefix: str) -> None:
        self._adder = adder
        self.graph = adder.graph
        self._functions = {function.signature.name: function for function in library.function}
        self._prefix = prefix
        self._entered: list[str] = []
        self.read: list[Tensor | None] = []
        """What was asked for of the last body besides its results."""
        self.reserved: set[str] = set()
        """The names that operations of this import have, or will have."""

    def __contains__(self, name: str) -> bool:
        return name in self._functions

    def reached_from(self, nodes: Iterable[Any]) -> Iterator[Any]:
        """`nodes`, and those of the functions that they call in the end.

        A library may hold others: TensorFlow 2 writes the forms that its layers take on a GPU.
        """
        reached: set[str] = set()
        waiting = [nodes]
        while waiting:
            for node in waiting.pop():
                yield node
                if not self._functions:
                    continue
                called = [node.op]
                for value in node.attr.values():
                    field = value.WhichOneof("value")
                    if field == "func":
                        called.append(value.func.name)
                    elif field == "list":
                        called += [function.name for function in value.list.func]
                for name in called:
                    if name in self and name not in reached:
                        reached.add(name)
                        waiting.append(self._functions[name].node_def)

    def add(
        self, region: Region, node: Any, name: str, inputs: list[Tensor], controls: list[Operation]
    ) -> Any:
        """Add what `node` does, under the name `name`.

        Raises
        ------
        ValueError
            If there is no such function, or it does not fit.
        NotImplementedError
            If a function calls itself.
        """
        if node.op in _BRANCHES:
            made = self._branch(region, node, name, inputs, controls)
        elif node.op in _LOOPS:
            made = self._loop(region, node, name, inputs, controls)
        elif node.op in _CASES:
            made = self._case(region, node, name, inputs, controls)
        else:
            return self._call(region, node, name, inputs, controls)
        operation = made if isinstance(made, Operation) else made.operation
        operation.site = self._adder.site
        operation._device = node.device
        for key, value in node.attr.items():
            if key[:1] == "_" and key not in ("_class", "_output_shapes", EXPORTS):
                operation.attrs[key] = value
        return made.outputs or operation

    # ---- bodies -----------------------------------------------------------------------------

    def _function(self, node: Any, attribute: str) -> Any:
        name = node.attr[attribute].func.name
        if name not in self._functions:
            raise ValueError(
                f"Node '{node.name}': function '{name}', its '{attribute}', is not in the library "
                "of the graph"
            )
        return self._functions[name]

    def _body(
        self,
        region: Region,
        function: Any,
        inputs: list[Tensor],
        scope: str,
        more: Sequence[str] = (),
    ) -> tuple[list[Tensor], list[Operation], list[Operation]]:
        """Add the nodes of a function here.

        Returns
        -------
        outputs : list of Tensor
        effects : list of Operation
            What runs although no output needs it.
        made : list of Operation
            All operations that were added.
        """
        name = function.signature.name
        if name in self._entered or len(self._entered) >= _DEPTH:
            how = "calls itself" if name in self._entered else f"is nested over {_DEPTH} deep"
            raise NotImplementedError(f"function '{name}' {how}: only a tf.while_loop repeats")
        arguments = [arg.name for arg in function.signature.input_arg]
        if len(arguments) != len(inputs):
            raise ValueError(
                f"function '{name}' takes {len(arguments)} arguments, '{scope}' gives {len(inputs)}"
            )
        n_before = self.graph.n_operations
        given = dict(zip(arguments, inputs, strict=True))
        names = self._names(function, scope)
        body = Region(
            function.node_def, names, self._add_inside, given, True, function.ret.values()
        )
        self._entered.append(name)
        try:
            body.add_all()
        finally:
            self._entered.pop()
        outputs = [
            body.result(function.ret[arg.name], name) for arg in function.signature.output_arg
        ]
        self.read = [body.result(text, name) if text else None for text in more]
        effects = [body.operation_of(function.control_ret[key]) for key in function.control_ret]
        return outputs, effects, self.graph._operations[n_before:]

    def _add_inside(
        self, region: Region, node: Any, name: str, inputs: list[Tensor], controls: list[Operation]
    ) -> Any:
        groups = None
        if "_class" in node.attr:
            groups = [
                b"loc:@" + region.full_names.get(base, base).encode()
                for base in (s.decode().removeprefix("loc:@") for s in node.attr["_class"].list.s)
            ]
        if node.op in FUNCTIONAL or node.op in self._functions:
            return self.add(region, node, name, inputs, controls)
        return self._adder.add(node, name, inputs, controls, groups)

    def _names(self, function: Any, scope: str) -> dict[str, str]:
        """The names that the nodes of a function get: their own if they are written whole."""
        prefix = self._prefix if function.signature.description == WHOLE_NAMES else f"{scope}/"
        taken, reserved = self.graph._by_name, self.reserved
        names: dict[str, str] = {}
        for node in function.node_def:
            full, number = prefix + node.name, 0
            unlike = full
            while unlike in taken or unlike in reserved:
                number += 1
                unlike = f"{full}_{number}"
            reserved.add(unlike)
            names[node.name] = unlike
        return names

    def subgraph(
        self,
        region: Region,
        function: Any,
        inputs: list[Tensor],
        args: list[Tensor],
        scope: str,
        kept: list[int] | None = None,
        more: Sequence[str] = (),
    ) -> Subgraph:
        """The body of a function as what the present context computes; of its results `kept`.

        `more` are texts that nodes of it read, for what `self.read` holds then.
        """
        context = self.graph.context
        assert context is not None  # noqa: S101 - a branch or a body is open
        outputs, effects, made = self._body(region, function, inputs, scope, more)
        if kept is not None:
            outputs = [outputs[i] for i in kept]
        with self.graph.name_scope(f"{scope}/"):
            subgraph = Subgraph(context, args, results(outputs, context), effects)
        _, _, needed = reads_from_outside(context, subgraph.roots, args)
        inside = set(needed)
        subgraph.effects += [op for op in made if op.op_def.effect == "write" and op not in inside]
        return subgraph

    # ---- branches ---------------------------------------------------------------------------

    def _branch(
        self, region: Region, node: Any, name: str, inputs: list[Tensor], controls: list[Operation]
    ) -> Operation:
        functions = [self._function(node, "then_branch"), self._function(node, "else_branch")]
        pred = _as_bool(inputs[0], name)
        then = self._alternative(region, functions[0], inputs[1:], f"{name}/then_branch")
        otherwise = self._alternative(region, functions[1], inputs[1:], f"{name}/else_branch")
        return self._run_branch(node, name, pred, then, otherwise, controls)

    def _alternative(
        self, region: Region, function: Any, inputs: list[Tensor], scope: str
    ) -> Subgraph:
        context = Context("cond", f"{scope}/", self.graph.context)
        with self.graph.inside(context):
            return self.subgraph(region, function, inputs, [], scope)

    def _run_branch(
        self, node: Any, name: str, pred: Tensor, then: Subgraph, otherwise: Subgraph,
        controls: list[Operation],
    ) -> Operation:  # fmt: skip
        types = [[t.dtype.base_dtype for t in branch.outputs] for branch in (then, otherwise)]
        if types[0] != types[1]:
            listed = [", ".join(dtype.name for dtype in each) for each in types]
            raise ValueError(
                f"Node '{node.name}': its branches give ({listed[0]}) and ({listed[1]})"
            )
        made = run_branch(pred, then, otherwise, f"{name}/")
        made._add_control_inputs(controls)
        _merge_shapes(made.outputs, node.attr["output_shapes"].list.shape)
        return made

    def _case(
        self, region: Region, node: Any, name: str, inputs: list[Tensor], controls: list[Operation]
    ) -> Operation:
        """A Case as an If in the other branch of an If, the last function for all other numbers."""
        graph, index = self.graph, inputs[0]
        functions = [self._functions.get(f.name) for f in node.attr["branches"].list.func]
        if not functions or None in functions:
            raise ValueError(f"Node '{node.name}': its branches are not in the library")
        scopes = [f"{name}/branch_{i}" for i in range(len(functions))]
        contexts: list[Context] = []
        with contextlib.ExitStack() as stack:
            parts: list[tuple[Tensor, Subgraph, str]] = []
            for i, function in enumerate(functions[:-1] or functions):
                scope = name if not i else scopes[i]
                with graph.name_scope(f"{scopes[i]}/"):
                    holds = comparison.equal(index, constant(i, dtypes.int32))
                taken = self._alternative(region, function, inputs[1:], scopes[i])
                parts.append((holds, taken, scope))
                contexts.append(Context("cond", f"{scope}/", graph.context))
                stack.enter_context(graph.inside(contexts[-1]))
            last = self.subgraph(region, functions[-1], inputs[1:], [], f"{name}/branch_default")
        while True:
            holds, taken, scope = parts.pop()
            contexts.pop()
            outer = contexts[-1] if contexts else graph.context
            with graph.inside(outer):
                made = self._run_branch(
                    node, scope, holds, taken, last, [] if contexts else controls
                )
                if not contexts:
                    return made
                with graph.name_scope(f"{scope}/"):
                    outputs = results(list(made.outputs), contexts[-1])
                effects = [] if outputs else [made]
                last = Subgraph(contexts[-1], [], outputs, effects)

    # ---- loops ------------------------------------------------------------------------------

    def _loop(
        self, region: Region, node: Any, name: str, inputs: list[Tensor], controls: list[Operation]
    ) -> Any:
        graph = self.graph
        test, body = self._function(node, "cond"), self._function(node, "body")
        _require_loop(node, test, body, len(inputs))
        with graph.name_scope(f"{name}/"):
            inputs = [identity(t) if t.dtype._is_ref_dtype else t for t in inputs]
        known = node.attr["output_shapes"].list.shape
        through = [_passes(body, i) for i in range(len(inputs))]
        if body.signature.description == WHOLE_NAMES and False in through:
            n_variables = len(through) - through[::-1].index(False)  # captures stand behind them
            through[:n_variables] = [False] * n_variables
            through = [
                is_through and (t.dtype is dtypes.resource or not region.reads(node.name, i))
                for i, (is_through, t) in enumerate(zip(through, inputs, strict=True))
            ]
        kept = [i for i, is_captured in enumerate(through) if not is_captured]
        dims: list[Dims] = [tensor.dims for tensor in inputs]
        if len(known) == len(inputs):
            dims = [shape_of(proto)._dims for proto in known]
        listed: list[str] = []
        if EXPORTS in node.attr:
            listed = [text.decode() for text in node.attr[EXPORTS].list.s]
        loop = _Loop(self, region, name, inputs, kept, listed)
        while True:
            n_before, reserved = graph.n_operations, set(self.reserved)
            first, step = loop.build(test, body, dims)
            wider = [
                before if shape_fits(after.dims, before) else common_dims(after.dims, before)
                for after, before in zip(step.outputs, (dims[i] for i in kept), strict=True)
            ]
            if len(known) == len(inputs) or wider == [dims[i] for i in kept]:
                break
            graph.forget_since(n_before)
            self.reserved = reserved
            for i, each in zip(kept, wider, strict=True):
                dims[i] = each
        initial = [inputs[i] for i in kept]
        with graph.name_scope(f"{name}/"):
            bound = count_of(initial, first, step, None)
        made = run_loop(initial, first, step, True, bound, f"{name}/")
        made._add_control_inputs(controls)
        positions = _Positions(made, kept, inputs)
        for tensor in loop.listed:
            dtype = dtypes.int32 if tensor is None else dtypes.variant
            positions.outputs.append(exported(made, tensor, dtype, ()))
        return positions

    # ---- calls ------------------------------------------------------------------------------

    def _call(
        self, region: Region, node: Any, name: str, inputs: list[Tensor], controls: list[Operation]
    ) -> Any:
        """The body of a function in the place of its call, whose name its results keep."""
        graph = self.graph
        function = self._functions[node.op] if node.op in self else self._function(node, "f")
        with graph.control_dependencies(controls):
            outputs, effects, made = self._body(region, function, inputs, name)
            waited = [*effects, *(op for op in made if op.op_def.effect == "write")]
            with graph.control_dependencies(waited):
                if not outputs:
                    return op_def_of("NoOp").apply([], {}, f"{name}/")
                if any(t.dtype.base_dtype is dtypes.resource for t in outputs):
                    return outputs
                return op_def_of("IdentityN").apply([outputs], {}, f"{name}/").outputs


class _Loop:
    """The condition and the body of one loop, for shapes that are tried."""

    def __init__(
        self,
        functions: Functions,
        region: Region,
        name: str,
        inputs: list[Tensor],
        kept: list[int],
        listed: Sequence[str],
    ) -> None:
        self._listed = listed
        self.listed: list[Tensor | None] = []
        """What of the body is listed for all iterations; None for their number."""
        self._functions = functions
        self._region = region
        self._name = name
        self._inputs = inputs
        self._kept = kept

    def build(self, test: Any, body: Any, dims: list[Dims]) -> tuple[Subgraph, Subgraph]:
        """The two, with loop variables of the shapes `dims`."""
        first = self._subgraph(test, dims, "cond", [0])
        (holds,) = first.outputs
        with holds.graph.inside(first.context):
            first.outputs[:] = [_as_bool(holds, self._name)]
        step = self._subgraph(body, dims, "body", self._kept)
        self.listed = self._functions.read if self._listed else []
        return first, step

    def _subgraph(self, function: Any, dims: list[Dims], what: str, kept: list[int]) -> Subgraph:
        n_expected = 1 if what == "cond" else len(self._inputs)
        if len(function.signature.output_arg) != n_expected:
            raise ValueError(
                f"function '{function.signature.name}', the {what} of '{self._name}', gives "
                f"{len(function.signature.output_arg)} values for {n_expected}"
            )
        graph = self._functions.graph
        scope = f"{self._name}/{what}"
        context = Context("while", f"{scope}/", graph.context)
        like = [self._inputs[i] for i in self._kept]
        with graph.inside(context):
            with graph.name_scope(f"{scope}/"):
                args = loop_variables(like, [dims[i] for i in self._kept], "arg")
            given = list(self._inputs)  # what passes through is read from outside
            for i, arg in zip(self._kept, args, strict=True):
                given[i] = arg
            more = self._listed if what == "body" else ()
            subgraph = self._functions.subgraph(
                self._region, function, given, args, scope, kept, more
            )
        for before, after in zip(like, subgraph.outputs if what == "body" else (), strict=False):
            if before.dtype.base_dtype is not after.dtype.base_dtype:
                raise ValueError(
                    f"'{before.name}' enters the loop '{self._name}' with type "
                    f"{before.dtype.base_dtype.name}, but has type {after.dtype.base_dtype.name} "
                    "after one iteration"
                )
        return subgraph


class _Positions:
    """A loop whose outputs are numbered as those of its node, what passes through included."""

    def __init__(self, made: Operation, kept: list[int], inputs: list[Tensor]) -> None:
        self.operation = made
        self.outputs = list(inputs)
        for i, tensor in zip(kept, made.outputs, strict=True):
            self.outputs[i] = tensor


def _require_loop(node: Any, test: Any, body: Any, n: int) -> None:
    """Refuse functions that do not take, or give, one value for each variable of a loop."""
    for function, n_results in ((test, 1), (body, n)):
        signature = function.signature
        found = len(signature.input_arg), len(signature.output_arg)
        if found != (n, n_results):
            raise ValueError(
                f"Node '{node.name}' ({node.op}) has {n} loop variables: its function "
                f"'{signature.name}' takes {found[0]} and gives {found[1]} in place of {n} and "
                f"{n_results}"
            )


def _passes(function: Any, i: int) -> bool:
    """Whether result `i` of a function is its argument `i`."""
    name = function.signature.input_arg[i].name
    text = function.ret[function.signature.output_arg[i].name]
    sources = {
        f"{node.name}:output:0": node.input[0]
        for node in function.node_def
        if node.op == "Identity" and node.input
    }
    while text in sources:
        text = sources[text]
    return text.removesuffix(":0") == name


def _as_bool(value: Tensor, name: str) -> Tensor:
    if value.dtype.base_dtype is dtypes.bool:
        return value
    with value.graph.name_scope(f"{name}/"):
        return cast(value, dtypes.bool)


def _merge_shapes(outputs: list[Tensor], protos: Any) -> None:
    """What a node says of the shapes of its outputs, in place of what follows from its branches."""
    if len(protos) == len(outputs):
        for tensor, proto in zip(outputs, protos, strict=True):
            tensor.dims = shape_of(proto)._dims
