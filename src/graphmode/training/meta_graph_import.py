"""A meta graph becomes part of a graph: its nodes, its collections, its saver."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from graphmode.files.messages import message
from graphmode.framework.default_graph import GraphKeys, get_default_graph
from graphmode.framework.errors import DataLossError
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.given import message_of
from graphmode.graph_io.importing import import_graph_def
from graphmode.graph_io.message_files import read_message
from graphmode.input.queue_runner import QueueRunner
from graphmode.platform import logging
from graphmode.training.saveables import all_saveable_objects
from graphmode.training.saver import Saver
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphmode.framework.graph import Graph

_VARIABLES = frozenset(
    (
        GraphKeys.GLOBAL_VARIABLES,
        GraphKeys.TRAINABLE_VARIABLES,
        GraphKeys.LOCAL_VARIABLES,
        GraphKeys.MODEL_VARIABLES,
        GraphKeys.MOVING_AVERAGE_VARIABLES,
        GraphKeys.METRIC_VARIABLES,
        GraphKeys.CONCATENATED_VARIABLES,
        GraphKeys.GLOBAL_STEP,
    )
)
"""The collections whose messages describe variables."""
_IGNORED = frozenset((GraphKeys.COND_CONTEXT, GraphKeys.WHILE_CONTEXT))
"""What branches and loops are is said by the nodes."""
_SAYS_TRAINABLE = (1, 9)
"""Since this version of TensorFlow a message says whether its variable is trained."""


def read_meta_graph_file(filename: Any) -> Any:
    """The meta graph of a file, binary or text.

    Parameters
    ----------
    filename : str

    Returns
    -------
    MetaGraphDef

    Raises
    ------
    NotFoundError
        If there is no such file.
    DataLossError
        If it holds none. Both are an OSError, too.
    """
    return read_message(filename, protobuf("meta_graph").MetaGraphDef)


def import_meta_graph(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    import_scope: str | None = None,
    **kwargs: Any,
) -> Saver | None:
    """Add a meta graph to the default graph: nodes, collections, the ops of its saver.

    Parameters
    ----------
    meta_graph_or_file : MetaGraphDef or str
        The message, or the file that holds it, binary or text.
    clear_devices : bool
        Leave out where ops are placed.
    import_scope : str, optional
        The name scope of all nodes.
    **kwargs
        `input_map`, `return_elements`: as for `import_graph_def`.

    Returns
    -------
    Saver or None
        The one that the meta graph describes; else one of all variables; None if there are none.

    Raises
    ------
    NotFoundError, DataLossError
        If the file is not there or holds no meta graph; also an OSError.
    ValueError
        If something in it does not fit.

    Notes
    -----
    Queue runners are left out with a warning.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default():
    ...     _ = tf.get_variable("w", initializer=[1.0, 2.0])
    ...     meta_graph = tf.train.export_meta_graph()
    >>> with tf.Graph().as_default():
    ...     _ = tf.train.import_meta_graph(meta_graph)
    ...     print(tf.trainable_variables())
    [<tf.Variable 'w:0' shape=(2,) dtype=float32_ref>]
    """
    return import_meta_graph_with_return_elements(
        meta_graph_or_file, clear_devices, import_scope, **kwargs
    )[0]


def import_meta_graph_with_return_elements(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    import_scope: str | None = None,
    return_elements: Sequence[str] | None = None,
    **kwargs: Any,
) -> tuple[Saver | None, list[Any] | None]:
    """As `import_meta_graph`.

    Parameters
    ----------
    meta_graph_or_file : MetaGraphDef or str
    clear_devices : bool
    import_scope : str, optional
    return_elements : list of str, optional
        Names of tensors and operations of the meta graph.
    **kwargs
        As for `import_scoped_meta_graph`.

    Returns
    -------
    saver : Saver or None
    elements : list of Tensor and Operation, or None
        One for each of `return_elements`, if there are any.
    """
    meta_graph = _meta_graph_of(meta_graph_or_file)
    variables, elements = import_scoped_meta_graph_with_return_elements(
        meta_graph,
        clear_devices=clear_devices,
        import_scope=import_scope,
        return_elements=return_elements,
        **kwargs,
    )
    return _saver_of(meta_graph, import_scope, variables), elements


def _saver_of(
    meta_graph: Any, import_scope: str | None, variables: Mapping[str, Variable]
) -> Saver | None:
    if meta_graph.HasField("saver_def"):
        scope = import_scope or ""
        for name, variable in variables.items():
            scope = variable.name[: -len(name)].removesuffix("/")
            break
        return Saver.from_proto(meta_graph.saver_def, scope)
    if all_saveable_objects(scope=import_scope):
        return Saver()
    logging.info("Saver not created because there are no variables in the graph to restore")
    return None


def _meta_graph_of(given: Any) -> Any:
    if isinstance(given, str | bytes | os.PathLike):
        return read_meta_graph_file(given)
    return message_of(
        given,
        protobuf("meta_graph").MetaGraphDef,
        "meta_graph_or_file must be a MetaGraphDef or the name of a file.",
    )


def import_scoped_meta_graph(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    graph: Graph | None = None,
    import_scope: str | None = None,
    input_map: Mapping[str, Any] | None = None,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    restore_collections_predicate: Callable[[str], bool] = lambda key: True,
) -> dict[str, Variable]:
    """Add a meta graph to a graph: nodes and collections.

    Parameters
    ----------
    meta_graph_or_file : MetaGraphDef or str
    clear_devices : bool
        Leave out where ops are placed.
    graph : Graph, optional
        The default graph if not given.
    import_scope : str, optional
        The name scope of all nodes.
    input_map : dict, optional
        As for `import_graph_def`.
    unbound_inputs_col_name : str, optional
        The collection of the names that have to be mapped.
    restore_collections_predicate : callable
        Which collections are restored: ``predicate(key)``.

    Returns
    -------
    dict of str to Variable
        The variables by the names that they have in the meta graph.
    """
    return import_scoped_meta_graph_with_return_elements(
        meta_graph_or_file,
        clear_devices,
        graph,
        import_scope,
        input_map,
        unbound_inputs_col_name,
        restore_collections_predicate,
    )[0]


def import_scoped_meta_graph_with_return_elements(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    graph: Graph | None = None,
    import_scope: str | None = None,
    input_map: Mapping[str, Any] | None = None,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    restore_collections_predicate: Callable[[str], bool] = lambda key: True,
    return_elements: Sequence[str] | None = None,
) -> tuple[dict[str, Variable], list[Any] | None]:
    """As `import_scoped_meta_graph`.

    Parameters
    ----------
    meta_graph_or_file : MetaGraphDef or str
    clear_devices : bool
    graph : Graph, optional
    import_scope : str, optional
    input_map : dict, optional
    unbound_inputs_col_name : str, optional
    restore_collections_predicate : callable
    return_elements : list of str, optional
        Names of tensors and operations of the meta graph.

    Returns
    -------
    variables : dict of str to Variable
    elements : list of Tensor and Operation, or None

    Raises
    ------
    ValueError
        If a name that has to be mapped is not.
    """
    meta_graph = _meta_graph_of(meta_graph_or_file)
    _require_bound(meta_graph, unbound_inputs_col_name, input_map or {})
    graph = graph or get_default_graph()
    nodes = meta_graph.graph_def
    if clear_devices:
        nodes = type(nodes)()
        nodes.CopyFrom(meta_graph.graph_def)
        for node in nodes.node:
            node.device = ""
    with graph.as_default():
        scope = graph.unique_name(import_scope, mark_as_used=False) if import_scope else ""
        elements = import_graph_def(
            nodes,
            name=import_scope or scope,
            input_map=input_map,
            return_elements=return_elements,
            producer_op_list=meta_graph.meta_info_def.stripped_op_list,
        )
        _Collections(graph, meta_graph, scope).restore(
            key
            for key in sorted(meta_graph.collection_def)
            if key != unbound_inputs_col_name and restore_collections_predicate(key)
        )
        prefix = f"{scope}/" if scope else ""
        found = graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=scope or None)
    return {variable.name.removeprefix(prefix): variable for variable in found}, elements


def _require_bound(meta_graph: Any, key: str | None, input_map: Mapping[str, Any]) -> None:
    """That all inputs are mapped that the meta graph says have to be."""
    if not key or key not in meta_graph.collection_def:
        return
    names = [value.decode() for value in meta_graph.collection_def[key].bytes_list.value]
    missing = [name for name in names if name not in input_map]
    if missing:
        raise ValueError(
            f"Graph contains unbound inputs: {','.join(missing)}. Must provide these inputs "
            "through input_map."
        )


class BrokenCollectionError(DataLossError, KeyError):
    """A collection in a file says what is not so. A KeyError, as TensorFlow raises."""


def _message(kind: Any, value: bytes, key: str) -> Any:
    """The message of class `kind` that a value of the collection `key` is."""
    from google.protobuf.message import DecodeError

    try:
        return kind.FromString(value)
    except DecodeError as error:
        raise BrokenCollectionError(
            None, None, f"The collection {key} holds what is no {kind.DESCRIPTOR.name}: {error}"
        ) from None


class _Collections:
    """The collections of a meta graph, restored in a graph.

    Parameters
    ----------
    graph : Graph
    meta_graph : MetaGraphDef
    scope : str
        The name scope that its nodes are in by now.
    """

    def __init__(self, graph: Graph, meta_graph: Any, scope: str) -> None:
        self._graph = graph
        self._definitions = meta_graph.collection_def
        self._scope = scope
        self._variables: dict[bytes, Variable] = {}
        version = meta_graph.meta_info_def.tensorflow_version.split(".")[:2]
        is_known = len(version) == 2 and all(part.isdecimal() for part in version)
        self._says_trainable = not is_known or tuple(map(int, version)) >= _SAYS_TRAINABLE

    def restore(self, keys: Any) -> None:
        """Restore the collections `keys`."""
        for key in keys:
            definition = self._definitions[key]
            kind = definition.WhichOneof("kind")
            if key in _IGNORED:
                continue
            if kind is None:
                logging.error("Cannot identify data type for collection %s. Skipping.", key)
                continue
            values = getattr(definition, kind).value
            for value in values:
                self._add(key, kind, value)

    def _add(self, key: str, kind: str, value: Any) -> None:
        graph = self._graph
        if kind == "node_list":
            try:
                graph.add_to_collection(key, graph.as_graph_element(self._prefixed(value)))
            except KeyError:
                logging.warning("import_meta_graph: %s, of the collection %s, is inside of a "
                                "branch or a loop, and left out", value, key)  # fmt: skip
        elif kind == "bytes_list" and key in _VARIABLES:
            graph.add_to_collection(key, self._variable(value, key))
        elif kind == "bytes_list" and key == GraphKeys.QUEUE_RUNNERS:
            made = _message(message("QueueRunnerDef"), value, key)
            graph.add_to_collection(key, QueueRunner.from_proto(made, self._scope))
        elif kind == "bytes_list" and key == GraphKeys.SAVERS:
            saver_def = _message(protobuf("saver").SaverDef, value, key)
            graph.add_to_collection(key, Saver.from_proto(saver_def, self._scope))
        elif kind == "bytes_list":
            graph.add_to_collection(key, value)
        else:
            graph.add_to_collection(key, value)

    def _prefixed(self, name: str) -> str:
        return f"{self._scope}/{name}" if self._scope else name

    def _variable(self, value: bytes, key: str) -> Variable:
        """The variable that a message describes; one for all collections that it is in."""
        variable = self._variables.get(value)
        if variable is None:
            definition = _message(protobuf("variable").VariableDef, value, key)
            if not self._says_trainable:
                trained = self._definitions[GraphKeys.TRAINABLE_VARIABLES].bytes_list.value
                definition.trainable = value in trained
            try:
                variable = Variable.from_proto(definition, import_scope=self._scope)
            except KeyError as error:
                raise BrokenCollectionError(
                    None, None, f"{error.args[0]} The collection {key} names it."
                ) from None
            self._variables[value] = variable
        return variable
