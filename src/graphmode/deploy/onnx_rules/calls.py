"""Whole programs: equations one by one, calls in line, branches and loops as bodies."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.deploy.onnx_graph import OnnxGraph
from graphmode.deploy.onnx_rules import elementwise, places, sums

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Rule = Callable[[OnnxGraph, Any, list[str]], Any]

_INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")


class Untranslatable(NotImplementedError):  # noqa: N818 - it is told as another error
    """A primitive that ONNX has not; `scope` names the op that it comes from."""

    def __init__(self, text: str, scope: str) -> None:
        super().__init__(text)
        self.scope = scope


def add_jaxpr(graph: OnnxGraph, jaxpr: Any, consts: Sequence[Any], inputs: list[str]) -> list[str]:
    """Add what a jaxpr computes.

    Parameters
    ----------
    graph : OnnxGraph
    jaxpr : Jaxpr
    consts : list of array or str
        The values of its constants, or their names in the graph.
    inputs : list of str
        Names of what it is called with.

    Returns
    -------
    list of str
        Names of its results.

    Raises
    ------
    Untranslatable
        If ONNX has no such primitive.
    """
    names: dict[Any, str] = dict(zip(jaxpr.invars, inputs, strict=True))
    for variable, value in zip(jaxpr.constvars, consts, strict=True):
        names[variable] = value if isinstance(value, str) else graph.const(value)

    def name_of(atom: Any) -> str:
        if hasattr(atom, "val"):
            return graph.const(atom.val, atom.aval.dtype)
        return names[atom]

    for eqn in jaxpr.eqns:
        results = _added(graph, eqn, [name_of(atom) for atom in eqn.invars])
        several = [results] if isinstance(results, str) else results
        names.update(zip(eqn.outvars, several, strict=True))
    return [name_of(atom) for atom in jaxpr.outvars]


def _added(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> Any:
    kind = eqn.primitive.name
    rule = RULES.get(kind)
    scope = str(eqn.source_info.name_stack)
    try:
        if rule is not None:
            return rule(graph, eqn, inputs)
        for key in _INNER:
            if key in eqn.params:
                return _called(graph, eqn.params[key], inputs)
    except Untranslatable:
        raise
    except NotImplementedError as error:
        raise Untranslatable(f"there is no ONNX operator for {error}", scope) from error
    raise Untranslatable(f"there is no ONNX operator for its {kind}", scope)


def _called(graph: OnnxGraph, inner: Any, inputs: list[str]) -> list[str]:
    if hasattr(inner, "jaxpr"):
        return add_jaxpr(graph, inner.jaxpr, inner.consts, inputs)
    return add_jaxpr(graph, inner, [], inputs)


def _cond(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> list[str]:
    branches = eqn.params["branches"]
    if len(branches) != 2:
        raise NotImplementedError("a choice between more than two branches")
    otherwise, then = (
        graph.body(lambda inner, _names, b=branch: _called(inner, b, inputs[1:]), [])
        for branch in branches
    )
    taken = graph.cast(inputs[0], np.bool_)
    return graph.nodes_of("If", len(eqn.outvars), taken, then_branch=then, else_branch=otherwise)


def _kinds(variables: Sequence[Any]) -> list[tuple[Any, Any]]:
    return [(v.aval.dtype, [None] * len(v.aval.shape)) for v in variables]


def _while(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> list[str]:
    params = eqn.params
    n_test, n_body = params["cond_nconsts"], params["body_nconsts"]
    of_test, of_body, state = (
        inputs[:n_test],
        inputs[n_test : n_test + n_body],
        inputs[n_test + n_body :],
    )
    test, body = params["cond_jaxpr"], params["body_jaxpr"]

    def build(inner: OnnxGraph, names: list[str]) -> list[str]:
        results = _called(inner, body, [*of_body, *names[2:]])
        (goes_on,) = _called(inner, test, [*of_test, *results])
        return [goes_on, *results]

    kinds = [(np.int64, []), (np.bool_, []), *_kinds(eqn.outvars)]
    (first,) = _called(graph, test, [*of_test, *state])
    return graph.nodes_of(
        "Loop", len(eqn.outvars), "", first, *state, body=graph.body(build, kinds)
    )


def _scan(graph: OnnxGraph, eqn: Any, inputs: list[str]) -> list[str]:
    params = eqn.params
    n_consts, n_state = params["num_consts"], params["num_carry"]
    consts, rest = inputs[:n_consts], inputs[n_consts:]
    inner_jaxpr = params["jaxpr"]
    n_rows = len(rest) - n_state
    n_kept = len(eqn.outvars) - n_state
    if not n_rows:
        raise NotImplementedError("a loop over nothing")

    def build(inner: OnnxGraph, names: list[str]) -> list[str]:
        return _called(inner, inner_jaxpr, [*consts, *names])

    kinds = _kinds(inner_jaxpr.jaxpr.invars[n_consts:])
    backwards = int(params["reverse"])
    return graph.nodes_of(
        "Scan",
        len(eqn.outvars),
        *rest,
        body=graph.body(build, kinds),
        num_scan_inputs=n_rows,
        scan_input_directions=[backwards] * n_rows,
        scan_output_directions=[backwards] * n_kept,
    )


RULES: dict[str, Rule] = {
    **elementwise.RULES,
    **places.RULES,
    **sums.RULES,
    "cond": _cond,
    "scan": _scan,
    "while": _while,
}
