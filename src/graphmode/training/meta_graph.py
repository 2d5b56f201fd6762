"""A graph with its collections as a MetaGraphDef, in memory or in a file."""

from __future__ import annotations

import numbers
import os
from collections.abc import Iterable
from typing import Any

from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.framework.graph import Graph
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.message_files import write_message
from graphmode.graph_io.parts_of_graphs import (
    within_scope,
    without_default_attributes,
    without_other_savers,
)
from graphmode.platform import logging
from graphmode.variables.variable import Variable

_TENSORFLOW_VERSION = "1.15.5"
_REAL: type[Any] = numbers.Real


def meta_graph_def(
    graph: Graph | None = None,
    *,
    graph_def: Any = None,
    saver_def: Any = None,
    collection_list: Iterable[str] | None = None,
    meta_info_def: Any = None,
    clear_devices: bool = False,
    export_scope: str | None = None,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    unbound_inputs_col_name: str | None = "unbound_inputs",
) -> Any:
    """The MetaGraphDef of a graph.

    Parameters
    ----------
    graph : Graph, optional
        The default graph if not given.
    graph_def : GraphDef, optional
        In place of the graph's own, as it is.
    saver_def : SaverDef, optional
    collection_list : list of str, optional
        The collections that are written; all if not given. Values that no file can hold are left
        out with a warning.
    meta_info_def : MetaInfoDef, optional
    clear_devices : bool
        Leave out where ops are placed.
    export_scope : str, optional
        The name scope that is written, without its name; all if not given.
    clear_extraneous_savers : bool
        Leave out the ops of other savers.
    strip_default_attrs : bool
        Leave out attributes that are at their default.
    unbound_inputs_col_name : str, optional
        The collection of what is read from outside of `export_scope`.

    Returns
    -------
    MetaGraphDef
    """
    graph = graph or get_default_graph()
    made = protobuf("meta_graph").MetaGraphDef()
    if meta_info_def is not None:
        made.meta_info_def.CopyFrom(meta_info_def)
    made.meta_info_def.tensorflow_version = _TENSORFLOW_VERSION
    nodes = graph.as_graph_def() if graph_def is None else graph_def
    if clear_extraneous_savers:
        nodes = without_other_savers(nodes, saver_def)
    unbound: list[str] = []
    if export_scope:
        nodes, unbound = within_scope(nodes, export_scope)
    if strip_default_attrs:
        nodes = without_default_attributes(nodes)
        made.meta_info_def.stripped_default_attrs = True
    made.graph_def.CopyFrom(nodes)
    if clear_devices and graph_def is None:
        for node in made.graph_def.node:
            node.device = ""
    if saver_def is not None:
        made.saver_def.CopyFrom(saver_def)
    keys = graph.get_all_collection_keys() if collection_list is None else collection_list
    if unbound and unbound_inputs_col_name:
        made.collection_def[unbound_inputs_col_name].bytes_list.value.extend(
            name.encode() for name in unbound
        )
    for key in keys:
        if clear_extraneous_savers and key == GraphKeys.SAVERS:
            continue
        values = graph.get_collection(key)
        if export_scope:
            values = [value for value in values if _is_within(value, export_scope)]
        if values and not _add_collection(made.collection_def[key], values, export_scope):
            logging.warning(
                "Issue encountered when serializing %s.\nType is unsupported, or the types of the "
                "items don't match field type in CollectionDef.", key,
            )  # fmt: skip
            del made.collection_def[key]
    return made


def _is_within(value: Any, scope: str) -> bool:
    """Whether a value of a collection is of a name scope; what has no name is of all."""
    name = getattr(value, "name", None)
    return not isinstance(name, str) or name.startswith(f"{scope}/")


def _add_collection(collection: Any, values: list[Any], scope: str | None = None) -> bool:
    """Write the values of one collection; whether a file can hold them."""
    first = values[0]
    prefix = f"{scope}/" if scope else ""
    if all(isinstance(value, Variable) for value in values):
        collection.bytes_list.value.extend(
            value.to_proto(scope).SerializeToString() for value in values
        )  # fmt: skip
    elif all(isinstance(value, Tensor | Operation) for value in values):
        collection.node_list.value.extend(value.name.removeprefix(prefix) for value in values)
    elif all(isinstance(value, str | bytes) for value in values):
        collection.bytes_list.value.extend(
            value.encode() if isinstance(value, str) else value for value in values
        )
    elif isinstance(first, bool):
        return False
    elif all(isinstance(value, int) for value in values):
        collection.int64_list.value.extend(values)
    elif all(isinstance(value, _REAL) for value in values):
        collection.float_list.value.extend(values)
    elif all(hasattr(value, "type_url") for value in values):
        collection.any_list.value.extend(values)
    elif all(hasattr(value, "to_proto") for value in values):
        protos = [value.to_proto(scope) for value in values]
        collection.bytes_list.value.extend(
            proto.SerializeToString() for proto in protos if proto is not None
        )
    else:
        return False
    return True


def export_meta_graph(
    filename: str | None = None,
    meta_info_def: Any = None,
    graph_def: Any = None,
    saver_def: Any = None,
    collection_list: Iterable[str] | None = None,
    as_text: bool = False,
    graph: Graph | None = None,
    export_scope: str | None = None,
    clear_devices: bool = False,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    save_debug_info: bool = False,
) -> Any:
    """The graph with its collections, written if there is a file name.

    Parameters
    ----------
    filename : str, optional
    meta_info_def : MetaInfoDef, optional
    graph_def : GraphDef, optional
        In place of the graph's own.
    saver_def : SaverDef, optional
    collection_list : list of str, optional
        All collections if not given.
    as_text : bool
        Write text.
    graph : Graph, optional
        The default graph if not given.
    export_scope : str, optional
        The name scope that is written, without its name; all if not given. What its nodes read from
        outside has to be mapped when it is imported.
    clear_devices : bool
        Leave out where ops are placed.
    clear_extraneous_savers : bool
        Leave out the ops of savers that are not the one of `saver_def`.
    strip_default_attrs : bool
        Leave out attributes that are at their default.
    save_debug_info : bool
        Of no effect.

    Returns
    -------
    MetaGraphDef
    """
    made = meta_graph_def(
        graph, graph_def=graph_def, saver_def=saver_def, collection_list=collection_list,
        meta_info_def=meta_info_def, clear_devices=clear_devices, export_scope=export_scope,
        clear_extraneous_savers=clear_extraneous_savers, strip_default_attrs=strip_default_attrs,
    )  # fmt: skip
    if filename is not None:
        write_message(made, os.fsdecode(filename), as_text)
    return made


def export_scoped_meta_graph(
    filename: str | None = None,
    graph_def: Any = None,
    graph: Graph | None = None,
    export_scope: str | None = None,
    as_text: bool = False,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    clear_devices: bool = False,
    saver_def: Any = None,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    save_debug_info: bool = False,
    collection_list: Iterable[str] | None = None,
    meta_info_def: Any = None,
) -> tuple[Any, dict[str, Variable]]:
    """The graph with its collections, and its variables.

    Parameters
    ----------
    filename, export_scope : str, optional
        As for `export_meta_graph`.
    graph_def : GraphDef, optional
    graph : Graph, optional
    as_text, clear_devices, clear_extraneous_savers, strip_default_attrs, save_debug_info : bool
        As for `export_meta_graph`.
    unbound_inputs_col_name : str, optional
        The collection of what is read from outside of `export_scope`.
    saver_def : SaverDef, optional
    collection_list : list of str, optional
    meta_info_def : MetaInfoDef, optional

    Returns
    -------
    MetaGraphDef
    variables : dict of str to Variable
        Those of `export_scope` by the names that they have in the meta graph.
    """
    del save_debug_info
    graph = graph or get_default_graph()
    made = meta_graph_def(
        graph, graph_def=graph_def, saver_def=saver_def, collection_list=collection_list,
        meta_info_def=meta_info_def, clear_devices=clear_devices, export_scope=export_scope,
        clear_extraneous_savers=clear_extraneous_savers, strip_default_attrs=strip_default_attrs,
        unbound_inputs_col_name=unbound_inputs_col_name,
    )  # fmt: skip
    if filename is not None:
        write_message(made, os.fsdecode(filename), as_text)
    prefix = f"{export_scope}/" if export_scope else ""
    found = graph.get_collection(GraphKeys.GLOBAL_VARIABLES)
    return made, {v.name.removeprefix(prefix): v for v in found if v.name.startswith(prefix)}
