"""`import_graph_def`: the nodes of a GraphDef become operations of the default graph."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import NotFoundError
from graphmode.framework.graph import VALID_OP_NAME
from graphmode.framework.nest import LISTS
from graphmode.framework.op_def import op_def_of
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.proto.messages import protobuf
from graphmode.framework.site import user_site
from graphmode.graph_io.functions import FUNCTIONAL, Functions
from graphmode.graph_io.given import check_versions, graph_def_of, message_of
from graphmode.graph_io.nodes import NodeAdder
from graphmode.graph_io.own_types import restored
from graphmode.graph_io.region import Region
from graphmode.graph_io.v1_control_flow import raised

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from graphmode.framework.graph import Graph

_MAPPING: type[Any] = Mapping


def import_graph_def(
    graph_def: Any,
    input_map: Mapping[str, Any] | None = None,
    return_elements: Sequence[str] | None = None,
    name: str | None = None,
    op_dict: Any = None,
    producer_op_list: Any = None,
) -> list[Any] | None:
    """Add the nodes of `graph_def` to the default graph.

    Parameters
    ----------
    graph_def : GraphDef
        Of any version of TensorFlow; branches and loops of either kind become branches and loops
        that have gradients, functions are called or taken in.
    input_map : dict, optional
        Name of a tensor of `graph_def`, such as ``"x:0"`` -> what is read in its place, of its
        dtype; ``"^name"`` -> the operation to wait for in place of that one.
    return_elements : list of str, optional
        Names of tensors (``"y:0"``) and operations (``"y"``) of `graph_def`.
    name : str, optional
        The name scope; "import" if not given, none if it is empty.
    op_dict : optional
        Of no effect.
    producer_op_list : OpList, optional
        What the program knew that wrote the graph: attributes at their default that are not known
        here are left out.

    Returns
    -------
    list of Tensor and Operation, or None
        One for each of `return_elements`, if there are any.

    Raises
    ------
    TypeError
        If an argument is of another kind.
    ValueError
        If a node does not fit, needs what is not there or itself, or a name is not found.
    NotFoundError
        If there are operations that are not known here: with all of them.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default() as graph:
    ...     x = tf.placeholder(tf.float32, [], name="x")
    ...     _ = tf.multiply(x, 3.0, name="y")
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     (y,) = tf.import_graph_def(
    ...         graph.as_graph_def(), {"x:0": tf.constant(2.0)}, ["y:0"], name="copy"
    ...     )
    ...     print(y.name, sess.run(y))
    copy/y:0 6.0
    """
    del op_dict
    graph_def = graph_def_of(graph_def)
    input_map = _checked_map(input_map)
    wanted = _checked_elements(return_elements)
    check_versions(graph_def)
    if producer_op_list is not None:
        graph_def = _without_defaults(graph_def, producer_op_list)
    graph_def = raised(restored(graph_def))
    graph = get_default_graph()
    graph.check_mutable()
    with graph.name_scope(name if name is not None else "import") as scope:
        prefix = scope
        if input_map:
            if not scope and not all(isinstance(v, Tensor | Operation) for v in input_map.values()):
                raise ValueError(
                    "tf.import_graph_def() requires a non-empty `name` if `input_map` contains "
                    "non-Tensor values. Try calling tf.convert_to_tensor() on `input_map` values "
                    "before calling tf.import_graph_def()."
                )
            with graph.name_scope("_inputs") if scope else contextlib.nullcontext():
                input_map = {
                    key: graph.as_graph_element(value, allow_tensor=False)
                    if key[:1] == "^"
                    else convert_to_tensor(value)
                    for key, value in input_map.items()
                }
    return _Import(graph, graph_def, input_map, prefix).run(wanted)


class _Import:
    """One import, which leaves the graph as it was if it fails."""

    def __init__(
        self, graph: Graph, graph_def: Any, input_map: Mapping[str, Any], prefix: str
    ) -> None:
        self._graph = graph
        self._graph_def = graph_def
        self._map = input_map
        self._prefix = prefix
        self._adder = NodeAdder(graph, user_site(), graph_def.versions.producer)
        self._functions = Functions(self._adder, graph_def.library, prefix)

    def run(self, wanted: list[str] | None) -> list[Any] | None:
        graph, nodes = self._graph, self._graph_def.node
        self._refuse_unknown_types()
        with graph.building, _without_collection():
            n_before, ids_before = graph.n_operations, graph._last_id
            names = self._full_names(nodes)
            self._functions.reserved.update(names.values())
            region = Region(nodes, names, self._add, self._map, results=wanted or ())
            try:
                region.add_all()
                unused = [key for key in self._map if not self._is_used(region, key)]
                if unused:
                    raise ValueError(
                        "Attempted to map inputs that were not found in graph_def: "
                        f"[{', '.join(unused)}]"
                    )
                found = None if wanted is None else [self._element(region, w) for w in wanted]
            except BaseException:
                graph.forget_since(n_before)
                raise
            self._place(graph.get_operations()[n_before:])
            graph.pass_ids(ids_before + len(nodes) - graph._last_id)
        return found

    def _full_names(self, nodes: Any) -> dict[str, str]:
        """Under the prefix; with a number where that name is taken."""
        prefix, taken = self._prefix, self._graph._by_name
        names: dict[str, str] = {}
        for node in nodes:
            name = node.name
            if name in names:
                raise ValueError(f"Node '{name}' is not unique")
            names[name] = prefix + name
        if taken:
            used = set(names.values())
            for name, full in names.items():
                if full in taken:
                    number = 1
                    while (unlike := f"{full}_{number}") in taken or unlike in used:
                        number += 1
                    names[name] = unlike
                    used.add(unlike)
        _check_names(names)
        return names

    def _add(
        self, region: Region, node: Any, name: str, inputs: list[Tensor], controls: list[Operation]
    ) -> Any:
        groups = None
        if "_class" in node.attr:
            groups = [
                self._group(region, node, text.decode()) for text in node.attr["_class"].list.s
            ]
        if node.op in FUNCTIONAL or node.op in self._functions:
            return self._functions.add(region, node, name, inputs, controls)
        return self._adder.add(node, name, inputs, controls, groups)

    def _group(self, region: Region, node: Any, text: str) -> bytes:
        """A colocation group of a node by the name that its base gets here."""
        base = text.removeprefix("loc:@")
        if base == text:
            return text.encode()
        full = region.full_names.get(base)
        if full is None:
            raise ValueError(
                f"Node '{node.name}' expects to be colocated with unknown node '{base}'"
            )
        return b"loc:@" + full.encode()

    def _place(self, operations: list[Operation]) -> None:
        """Place what was added where the blocks that are open say, or beside its base."""
        graph = self._graph
        if not graph._scopes.now.devices:
            return
        beside: list[Operation] = []
        for op in operations:
            if "_class" in op.attrs:
                beside.append(op)
            else:
                op._device = graph.device_of(op)
        for op in beside:
            bases = [
                graph._by_name.get(g.decode().removeprefix("loc:@")) for g in op.attrs["_class"]
            ]
            devices = [base.device for base in bases if base is not None and base is not op]
            op._device = next((d for d in devices if d), "") or op._device

    def _is_used(self, region: Region, key: str) -> bool:
        if key in region.used:
            return True
        name, _, index = key.removeprefix("^").partition(":")
        if not region.holds(name):
            return False
        return key[:1] == "^" or not index or int(index) < len(region.outputs_of(name))

    def _element(self, region: Region, text: str) -> Any:
        name, colon, index = text.partition(":")
        mapped = self._map.get(text)
        if mapped is not None and colon:
            return mapped
        if not region.holds(name):
            kind = "tensor" if colon else "node"
            raise ValueError(f"Requested return {kind} '{text}' not found in graph def")
        if not colon:
            return region.operation_of(name)
        outputs = region.outputs_of(name)
        if int(index) >= len(outputs):
            raise ValueError(
                f"Invalid return output {index} of node '{name}', which has {len(outputs)} "
                "output(s)"
            )
        return outputs[int(index)]

    def _refuse_unknown_types(self) -> None:
        """Say all that is not known at once."""
        counts = Counter(node.op for node in self._functions.reached_from(self._graph_def.node))
        unknown = [
            (op_type, n)
            for op_type, n in counts.items()
            if op_type not in FUNCTIONAL
            and op_type not in self._functions
            and not self._adder.knows(op_type)
        ]
        if not unknown:
            return
        rows = "".join(
            f"\n  {op_type}  {n} {'node' if n == 1 else 'nodes'}"
            for op_type, n in sorted(unknown, key=lambda row: (-row[1], row[0]))
        )
        raise NotFoundError(
            None,
            None,
            f"Op type not registered '{unknown[0][0]}' in graphmode.\n"
            f"{len(unknown)} of the {len(counts)} types of this graph are not known here:{rows}\n"
            "  fix: map what they give with input_map and leave them out of the graph "
            "(tf.graph_util.extract_sub_graph)",
        )


@contextlib.contextmanager
def _without_collection() -> Generator[None, None, None]:
    """Put off the search for garbage: what is made here is kept, and gone through each time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not VALID_OP_NAME.match(name):
            raise ValueError(f"Node '{name}': Node name contains invalid characters")


def _checked_map(input_map: Any) -> dict[str, Any]:
    if input_map is None:
        return {}
    text = "input_map must be a dictionary mapping strings to Tensor objects."
    if not isinstance(input_map, _MAPPING):
        raise TypeError(text)
    if not all(isinstance(key, str | bytes) for key in input_map):
        raise TypeError(text)
    texts = {k.decode() if isinstance(k, bytes) else k: v for k, v in input_map.items()}
    return {key if ":" in key or key[:1] == "^" else f"{key}:0": v for key, v in texts.items()}


def _checked_elements(elements: Any) -> list[str] | None:
    if elements is None:
        return None
    if not isinstance(elements, LISTS) and not isinstance(elements, str):
        raise TypeError("return_elements must be a list of strings.")
    if not all(isinstance(element, str | bytes) for element in elements):
        raise TypeError("return_elements must be a list of strings.")
    texts = [e.decode() if isinstance(e, bytes) else e for e in elements]
    for text in texts:
        _, colon, index = text.partition(":")
        if colon and not index.isdecimal():
            raise ValueError(f"Cannot convert {text!r} to a tensor name.")
    return texts


def _without_defaults(graph_def: Any, producer_op_list: Any) -> Any:
    """`graph_def` without the attributes that are not known here and say what the default says."""
    op_list = message_of(
        producer_op_list, protobuf("op_def").OpList, "producer_op_list must be an OpList proto."
    )
    if not op_list.op:
        return graph_def
    defaults = {
        op.name: {a.name: a.default_value for a in op.attr if a.HasField("default_value")}
        for op in op_list.op
    }
    made = protobuf("graph").GraphDef()
    made.CopyFrom(graph_def)
    for node in made.node:
        known = defaults.get(node.op, {})
        for key in [key for key, value in node.attr.items() if known.get(key) == value]:
            try:
                is_known = key in op_def_of(node.op).kinds
            except NotFoundError:
                is_known = True
            if not is_known:
                del node.attr[key]
    return made
