"""Nodes that say in their attributes what they were here: that again.

`framework/proto/own_types.py` writes them for TensorFlow.
"""

from __future__ import annotations

from typing import Any

from graphmode.framework.proto import own_types
from graphmode.framework.proto.messages import protobuf


def restored(graph_def: Any) -> Any:
    """`graph_def` with the types that its nodes had; itself if TensorFlow knows them all."""
    fields = [graph_def.node, *(function.node_def for function in graph_def.library.function)]
    if not any(own_types.TYPE in node.attr for field in fields for node in field):
        return graph_def
    made = protobuf("graph").GraphDef()
    made.CopyFrom(graph_def)
    called: set[str] = set()
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
        made.input.extend(text for text in node.input if text[0] == "^")
    else:
        made.input.extend(node.input)
    for key, value in node.attr.items():
        if key.startswith(own_types.ATTRIBUTE):
            made.attr[key.removeprefix(own_types.ATTRIBUTE)].CopyFrom(value)
        elif key[0] == "_" and key not in (own_types.TYPE, own_types.INPUTS):
            made.attr[key].CopyFrom(value)
    return made
