"""ONNX: the program that JAX traces, written node by node.

`jax.make_jaxpr` gives the same program that StableHLO is made of, in some sixty primitives;
`onnx_rules/` has what ONNX calls each of them.
"""

# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import helper

from graphmode.deploy.onnx_graph import OnnxGraph, tensor_type, written
from graphmode.deploy.onnx_rules.calls import Untranslatable, add_jaxpr
from graphmode.deploy.program import as_function
from graphmode.deploy.refusals import refused
from graphmode.deploy.stablehlo import arguments
from graphmode.framework.errors import UnimplementedError

if TYPE_CHECKING:
    from pathlib import Path

    from graphmode.deploy.trained import Trained

_SYMBOL = re.compile(r"[A-Za-z_]\w*")


def write(trained: Trained, path: Path, batch: int | None) -> None:
    """Write an ONNX model with the weights inside.

    Raises
    ------
    UnimplementedError
        If an op cannot be a part of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save_model(model_of(trained, batch), str(path))


def model_of(trained: Trained, batch: int | None) -> Any:
    """The ONNX model of `trained`."""
    import jax

    function = as_function(trained, "ONNX")
    clash = sorted(set(trained.inputs) & set(trained.outputs))
    if clash:
        raise ValueError(f"ONNX has one name for one value: '{clash[0]}' goes in and comes out")
    keys = list(trained.outputs)
    with jax.enable_x64(True):
        given = arguments(trained, batch)
        closed = jax.make_jaxpr(lambda *values: _ordered(function, given, keys, values))(
            *given.values()
        )
    graph = OnnxGraph()
    infos = [
        helper.make_tensor_value_info(key, tensor_type(each.dtype), written(each.shape))
        for key, each in given.items()
    ]
    for key, each in given.items():
        _note_lengths(graph, key, each.shape)
    try:
        results = add_jaxpr(graph, closed.jaxpr, closed.consts, list(given))
    except Untranslatable as error:
        raise _told(error, trained) from error
    outputs = {
        key: (name, aval.dtype, aval.shape)
        for key, name, aval in zip(keys, results, closed.out_avals, strict=True)
    }
    return graph.model(infos, outputs)


def _ordered(function: Any, given: Any, keys: list[str], values: Any) -> list[Any]:
    results = function(dict(zip(given, values, strict=True)))
    return [results[key] for key in keys]


def _note_lengths(graph: OnnxGraph, key: str, dims: Any) -> None:
    """Read the open lengths of an input."""
    for axis, length in enumerate(dims):
        symbol = str(length)
        is_symbol = not isinstance(length, int | np.integer) and _SYMBOL.fullmatch(symbol)
        if is_symbol and symbol not in graph.symbols:
            graph.symbols[symbol] = graph.node("Shape", key, start=axis, end=axis + 1)


def _told(error: Any, trained: Trained) -> Exception:
    """The error of a primitive, as one of the op that it comes from."""
    graph = trained.graph
    for name in reversed(re.findall(r"[\w./\\>-]+", error.scope)):
        parts = name.split("/")
        for end in range(len(parts), 0, -1):
            try:
                op = graph.get_operation_by_name("/".join(parts[:end]))
            except (KeyError, ValueError):
                continue
            return refused(op, "ONNX", str(error))
    return UnimplementedError(None, None, f"the graph cannot be exported to ONNX: {error}")
