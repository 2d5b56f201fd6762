"""Nodes that say in their attributes what they were here: that again.

`framework/proto/own_types.py` writes them for TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.proto import own_types
from graphmode.framework.proto.messages import protobuf

if TYPE_CHECKING:
    from collections.abc import Mapping


def restored(graph_def: Any) -> Any:
    """`graph_def` with the types that its nodes had; itself if TensorFlow knows them all."""
    fields = [graph_def.node, *(function.node_def for function in graph_def.library.function)]
    marks = (own_types.TYPE, own_types.EXPORTS)
    if not any(mark in node.attr for field in fields for node in field for mark in marks):
        return graph_def
    made = protobuf("graph").GraphDef()
    made.CopyFrom(graph_def)
    called: set[str] = set()
    functions = {function.signature.name: function for function in made.library.function}
    for field in (made.node, *(function.node_def for function in made.library.function)):
        for node in field:
            if own_types.EXPORTS in node.attr:
                _take_exports(node, functions)
    for field in (made.node, *(function.node_def for function in made.library.function)):
        nodes = list(field)
        del field[:]
        for node in nodes:
            if own_types.TYPE in node.attr:
                called.add(node.attr["f"].func.name if "f" in node.attr else "")
                node = _restored(node)
            elif own_types.HELPS in node.attr:
                continue
            field.append(node)
    kept = [f for f in made.library.function if f.signature.name not in called]
    del made.library.function[:]
    made.library.function.extend(kept)
    return made


def _restored(node: Any) -> Any:
    made = protobuf("node_def").NodeDef(
        name=node.name, op=node.attr[own_types.TYPE].s.decode(), device=node.device
    )
    if own_types.INPUTS in node.attr:
        made.input.extend(text.decode() for text in node.attr[own_types.INPUTS].list.s)
        made.input.extend(text for text in node.input if text[:1] == "^")
    else:
        made.input.extend(node.input)
    for key, value in node.attr.items():
        if key.startswith(own_types.ATTRIBUTE):
            made.attr[key.removeprefix(own_types.ATTRIBUTE)].CopyFrom(value)
        elif key[:1] == "_" and key not in (own_types.TYPE, own_types.INPUTS):
            made.attr[key].CopyFrom(value)
    return made


def _take_exports(loop: Any, functions: Mapping[str, Any]) -> None:
    """Name what a loop lists of all iterations in its attributes, in place of loop variables."""
    n = loop.attr[own_types.EXPORTS].i
    test, body = (functions.get(loop.attr[key].func.name) for key in ("cond", "body"))
    data = [text for text in loop.input if text[0] != "^"]
    del loop.attr[own_types.EXPORTS]
    if test is None or body is None or not 0 < n <= len(data):
        return
    nodes = {node.name: node for node in body.node_def}
    items: list[str] = []
    for result in body.signature.output_arg[-n:]:
        made_by = nodes.get(body.ret[result.name].partition(":")[0])
        if made_by is None or own_types.HELPS not in made_by.attr:
            return
        items.append(made_by.input[1] if made_by.op == "TensorListPushBack" else "")
    loop.input[:] = [*data[:-n], *(text for text in loop.input if text[:1] == "^")]
    del loop.attr["T"].list.type[-n:]
    del loop.attr["output_shapes"].list.shape[-n:]
    for result in body.signature.output_arg[-n:]:
        del body.ret[result.name]
    del body.signature.output_arg[-n:]
    for function in (test, body):
        del function.signature.input_arg[-n:]
    loop.attr[own_types.EXPORTS].list.s.extend(item.encode() for item in items)
