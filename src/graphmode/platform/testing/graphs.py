"""What tests ask of whole graphs and of layouts of images."""

# ruff: noqa: N802 - TF1's names
from __future__ import annotations

from typing import Any

from graphmode.framework.operation import Tensor
from graphmode.framework.proto.messages import protobuf
from graphmode.ops import array

_TO_NCHW = {4: [0, 3, 1, 2], 5: [0, 4, 1, 2, 3]}
_TO_NHWC = {4: [0, 2, 3, 1], 5: [0, 2, 3, 4, 1]}


def assert_ops_in_graph(expected_ops: dict[str, str], graph: Any) -> dict[str, Any]:
    """Fail unless a graph has the given operations.

    Parameters
    ----------
    expected_ops : dict of str to str
        Name -> type.
    graph : Graph

    Returns
    -------
    dict of str to NodeDef
        By name.

    Raises
    ------
    ValueError
        If one is missing, or of another type.
    """
    found = {node.name: node for node in graph.as_graph_def().node if node.name in expected_ops}
    for name, node in found.items():
        if node.op != expected_ops[name]:
            raise ValueError(
                f"Expected op for node {name} is different. {expected_ops[name]} vs {node.op}"
            )
    if found.keys() != expected_ops.keys():
        raise ValueError(
            f"Not all expected ops are present. Expected {expected_ops.keys()}, found "
            f"{found.keys()}"
        )
    return found


def assert_equal_graph_def(
    actual: Any, expected: Any, checkpoint_v2: bool = False, hash_table_shared_name: bool = False
) -> None:
    """Fail unless two graphs have the same nodes, whatever their order and versions.

    Parameters
    ----------
    actual, expected : GraphDef
    checkpoint_v2, hash_table_shared_name : bool
        Accepted: no attribute that is here is drawn at random.

    Raises
    ------
    AssertionError
        With the first difference.
    TypeError
        If one is no `GraphDef`.
    """
    del checkpoint_v2, hash_table_shared_name
    nodes: list[Any] = []
    for what, given in (("actual", actual), ("expected", expected)):
        if not isinstance(given, protobuf("graph").GraphDef):
            raise TypeError(f"Expected tf.GraphDef for {what}, got {type(given).__name__}")
        nodes.append({node.name: node for node in given.node})
    found, wanted = nodes
    for name in wanted.keys() - found.keys():
        raise AssertionError(f"Did not find expected node '{_line(wanted[name])}'")
    for name in found.keys() - wanted.keys():
        raise AssertionError(f"Found unexpected node '{_line(found[name])}'")
    for name, node in wanted.items():
        _assert_equal_nodes(found[name], node)


def _line(node: Any) -> str:
    return f"{node.name} = {node.op}({', '.join(node.input)})"


def _assert_equal_nodes(found: Any, wanted: Any) -> None:
    def inputs(node: Any) -> tuple[list[str], set[str]]:
        data = [i.removesuffix(":0") for i in node.input if not i.startswith("^")]
        return data, {i for i in node.input if i.startswith("^")}

    for what, one, other in (
        ("op", found.op, wanted.op),
        ("device", found.device, wanted.device),
        ("inputs", inputs(found), inputs(wanted)),
        ("attributes", dict(found.attr), dict(wanted.attr)),
    ):
        if one != other:
            raise AssertionError(f"Node named '{wanted.name}' has {what} {one}, expected {other}")


def _permuted(given: Any, orders: dict[int, list[int]]) -> Any:
    if isinstance(given, Tensor):
        return array.transpose(given, orders[len(given.shape)])
    return [given[axis] for axis in orders[len(given)]]


def NHWCToNCHW(input_tensor: Any) -> Any:
    """From channels last to channels first.

    Parameters
    ----------
    input_tensor : Tensor, of any dtype, or sequence of int
        Of four or five axes, or such a shape.

    Returns
    -------
    Tensor or list of int
    """
    return _permuted(input_tensor, _TO_NCHW)


def NCHWToNHWC(input_tensor: Any) -> Any:
    """From channels first to channels last.

    Parameters
    ----------
    input_tensor : Tensor, of any dtype, or sequence of int
        Of four or five axes, or such a shape.

    Returns
    -------
    Tensor or list of int
    """
    return _permuted(input_tensor, _TO_NHWC)
