"""Less of a GraphDef: what is in one name scope, without savers that are not wanted, without
attributes at their defaults."""

from __future__ import annotations

import inspect
from typing import Any

from graphmode.framework.errors import NotFoundError
from graphmode.framework.op_def import op_def_of
from graphmode.framework.proto.attr_values import set_attr
from graphmode.framework.proto.messages import protobuf

UNBOUND = "$unbound_inputs_"
"""Before the names of what nodes read from outside of their scope."""
_COLOCATED = "loc:@"


def within_scope(graph_def: Any, scope: str) -> tuple[Any, list[str]]:
    """The nodes of a name scope, their names without it.

    Returns
    -------
    GraphDef
    unbound : list of str
        What they read from outside, as they name it.
    """
    prefix = f"{scope}/"
    made = type(graph_def)()
    made.versions.CopyFrom(graph_def.versions)
    made.library.CopyFrom(graph_def.library)
    unbound: dict[str, None] = {}
    for node in graph_def.node:
        if not node.name.startswith(prefix):
            continue
        kept = made.node.add()
        kept.CopyFrom(node)
        kept.name = node.name.removeprefix(prefix)
        for i, text in enumerate(node.input):
            mark, name = ("^", text[1:]) if text[:1] == "^" else ("", text)
            if name.startswith(prefix):
                name = name.removeprefix(prefix)
            else:
                name = UNBOUND + name
                unbound[name] = None
            kept.input[i] = mark + name
        if "_class" in node.attr:
            groups = [text.decode() for text in node.attr["_class"].list.s]
            inside = [
                _COLOCATED + group.removeprefix(_COLOCATED + prefix)
                for group in groups
                if group.startswith(_COLOCATED + prefix)
            ]
            kept.attr["_class"].list.s[:] = [group.encode() for group in inside]
            if not inside:
                del kept.attr["_class"]
    return made, list(unbound)


def without_other_savers(graph_def: Any, saver_def: Any) -> Any:
    """The graph without the ops of savers that are not the one of `saver_def`."""
    own = "" if saver_def is None else saver_def.restore_op_name.rpartition("/")[0]
    scopes = {node.name.rpartition("/")[0] for node in graph_def.node if node.op == "SaveV2"}
    others = tuple(f"{scope}/" for scope in scopes if scope and scope != own)
    made = type(graph_def)()
    made.CopyFrom(graph_def)
    del made.node[:]
    made.node.extend(node for node in graph_def.node if not node.name.startswith(others))
    return made


def without_default_attributes(graph_def: Any) -> Any:
    """The graph without attributes that are at the default of their type."""
    made = type(graph_def)()
    made.CopyFrom(graph_def)
    defaults: dict[str, dict[str, Any]] = {}
    for nodes in (made.node, *(function.node_def for function in made.library.function)):
        for node in nodes:
            known = defaults.get(node.op)
            if known is None:
                known = defaults[node.op] = _defaults_of(node.op)
            for key in [key for key, value in node.attr.items() if known.get(key) == value]:
                del node.attr[key]
    return made


def _defaults_of(op_type: str) -> dict[str, Any]:
    try:
        record = op_def_of(op_type)
    except NotFoundError:
        return {}
    found: dict[str, Any] = {}
    for key, default in record.attrs.items():
        if default is inspect.Parameter.empty or default is None or key[:1] == "_":
            continue
        found[key] = protobuf("attr_value").AttrValue()
        set_attr(found[key], record.kinds[key], default)
    return found
