"""One node of a GraphDef -> one operation: attributes, inputs that must fit, dtypes, shapes."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.contexts import visible
from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import NotFoundError, OpError
from graphmode.framework.nodes import infer_shapes, output_dtypes, shape_error, variable_behind
from graphmode.framework.op_def import op_def_of
from graphmode.framework.operation import Operation
from graphmode.framework.shapes import TensorShape
from graphmode.graph_io.attributes import AttributeReader, shape_of
from graphmode.graph_io.loose_attributes import loose_attributes
from graphmode.graph_io.old_versions import old_types, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.contexts import Context
    from graphmode.framework.dtypes import DType
    from graphmode.framework.graph import Graph
    from graphmode.framework.op_def import ArgSpec, OpDef
    from graphmode.framework.operation import Dims, Tensor
    from graphmode.framework.site import Site

_SCALAR_IS_UNKNOWN = 21
"""Up to this version of a producer a placeholder without a shape was written as a scalar."""


class NodeAdder:
    """Adds the operations of one import to a graph.

    Parameters
    ----------
    graph : Graph
    site : Site or None
        The user's line that asked for the import.
    producer : int
        The version that wrote the nodes.
    """

    def __init__(self, graph: Graph, site: Site | None, producer: int) -> None:
        self.graph = graph
        self.site = site
        self._producer = producer
        self._of_type: dict[str, Callable[..., list[Tensor]] | None] = {}

    def knows(self, op_type: str) -> bool:
        """Whether there is a registered version of `op_type`."""
        return self._adder(op_type) is not None

    def add(
        self,
        node: Any,
        name: str,
        inputs: list[Tensor],
        controls: list[Operation],
        groups: Sequence[bytes] | None,
    ) -> list[Tensor] | Operation:
        """Add `node`, of a type that is known, under the name `name`, which is not taken.

        Parameters
        ----------
        inputs, controls : list
            What it reads and waits for.
        groups : list of bytes, optional
            Beside what it is placed, in place of its own attribute `_class`.

        Returns
        -------
        list of Tensor or Operation
            What it gives; the operation where it gives nothing.

        Raises
        ------
        ValueError
            If it does not fit, with TensorFlow's words.
        """
        adder = self._adder(node.op)
        assert adder is not None  # noqa: S101 - unknown types are refused before
        return adder(node, name, inputs, controls, groups)

    def _adder(self, op_type: str) -> Callable[..., Any] | None:
        try:
            return self._of_type[op_type]
        except KeyError:
            pass
        adder: Callable[..., Any] | None = None
        if op_type in old_types():
            adder = self._add_old
        else:
            try:
                adder = _OfRecord(self, op_def_of(op_type)).add
            except NotFoundError:
                adder = None
        self._of_type[op_type] = adder
        return adder

    def _add_old(
        self,
        node: Any,
        name: str,
        inputs: list[Tensor],
        controls: list[Operation],
        groups: Sequence[bytes] | None,
    ) -> Any:
        """Add a node of an old version: as one of the version that is registered, or several."""
        attrs, kept = loose_attributes(node)
        if node.op == "Variable" and attrs.get("shape") == TensorShape([]):
            attrs["shape"] = TensorShape(None)  # a scalar and no shape were written alike
        with self.graph.control_dependencies(controls):
            current, arguments, found = resolve(node.op, inputs, attrs)
            op = op_def_of(current).apply(arguments, found, f"{name}/")
        if groups is not None:
            op.attrs["_class"] = list(groups)
        op.attrs.update(kept)
        op.site = self.site
        if node.device:
            op._device = node.device
        return op.outputs or op

    def is_legacy_scalar(self, record: OpDef, attrs: dict[str, Any]) -> bool:
        """Whether the shape of this placeholder, a scalar's, stands for one that is not known."""
        return (
            0 < self._producer <= _SCALAR_IS_UNKNOWN
            and record.type == "Placeholder"
            and attrs.get("shape") == TensorShape([])
        )


class _OfRecord:
    """Adds nodes of one registered type."""

    def __init__(self, adder: NodeAdder, record: OpDef) -> None:
        self._adder = adder
        self._graph = adder.graph
        self._record = record
        self._read = AttributeReader(record).read
        self._has_lists = any(spec.is_list for spec in record.inputs)
        self._n_inputs = len(record.inputs)
        self._families = [
            (family, record.families.get(family, ANY), spec)
            for family, spec in {s.family: s for s in record.inputs if s.family}.items()
            if not spec.is_list or spec.length
        ]
        self._is_placeholder = record.role == "placeholder"

    def add(
        self,
        node: Any,
        name: str,
        inputs: list[Tensor],
        controls: list[Operation],
        groups: Sequence[bytes] | None,
    ) -> Any:
        graph, record = self._graph, self._record
        attrs = self._read(node, name)
        if groups is not None:
            attrs["_class"] = list(groups)
        if self._has_lists:
            self._check_lists(attrs, inputs, name)
        else:
            self._check(attrs, inputs, name)
        if self._is_placeholder and (
            attrs.get("shape") is None or self._adder.is_legacy_scalar(record, attrs)
        ):
            attrs["shape"] = TensorShape(None)
        context: Context | None = graph.context
        for i, tensor in enumerate(inputs):
            if tensor.op.context is not context:
                inputs[i] = visible(tensor, context)
        waited = graph.control_inputs_of(inputs)
        if waited:
            controls = list(dict.fromkeys([*waited, *controls]))
        op = Operation(
            graph,
            record,
            name,
            inputs,
            attrs,
            output_dtypes(record, attrs),
            controls,
            node.device,
            self._adder.site,
            graph.n_operations,
        )
        op.context = context
        graph.adopt(op)
        try:
            infer_shapes(op)
        except (ValueError, OpError) as error:
            raise shape_error(op, error) from None
        if "_output_shapes" in node.attr:
            _merge_shapes(op, node.attr["_output_shapes"].list.shape, node.name)
        return op.outputs or op

    def _check(self, attrs: dict[str, Any], inputs: list[Tensor], name: str) -> None:
        """That the inputs, none of them a list, are those that the type takes."""
        specs = self._record.inputs
        if len(inputs) != self._n_inputs:
            raise self._wrong_number(attrs, inputs, name)
        for i, tensor in enumerate(inputs):
            spec = specs[i]
            dtype = tensor.dtype
            if spec.is_handle:
                self._check_handle(spec, attrs, i, tensor, name)
                continue
            expected = spec.dtype or attrs.get(spec.family)
            if expected is None:
                attrs[spec.family] = dtype.base_dtype
            elif dtype is not expected and dtype.base_dtype is not expected:
                raise _incompatible(i, tensor, name, expected._as_ref if spec.is_ref else expected)
            if spec.is_ref and not dtype._is_ref_dtype:
                raise _incompatible(i, tensor, name, dtype._as_ref)
        self._check_families(attrs, name)

    def _check_handle(
        self, spec: ArgSpec, attrs: dict[str, Any], i: int, tensor: Tensor, name: str
    ) -> None:
        """That an input is the handle of a variable of the dtype that the node says."""
        if tensor.dtype.base_dtype is not dtypes.resource:
            raise _incompatible(i, tensor, name, dtypes.resource)
        if not spec.family:
            return
        try:
            dtype = variable_behind(tensor).attrs["dtype"]
        except TypeError as error:
            raise ValueError(f"Input {i} of node {name}: {error}") from None
        if attrs.setdefault(spec.family, dtype) is not dtype:
            raise ValueError(
                f"Input {i} of node {name} is a variable of type {dtypes.word_of(dtype)} "
                f"incompatible with expected {dtypes.word_of(attrs[spec.family])}."
            )

    def _check_families(self, attrs: dict[str, Any], name: str) -> None:
        for family, allowed, _ in self._families:
            dtype = attrs[family]
            if dtype not in allowed:
                listed = ", ".join(sorted(d.name for d in allowed))
                raise ValueError(
                    f"Value for attr '{family}' of {dtype.name} is not in the list of allowed "
                    f"values: {listed}\n\t; NodeDef: {{{{node {name}}}}}; "
                    f"Op<name={self._record.type}>"
                )

    def _check_lists(self, attrs: dict[str, Any], inputs: list[Tensor], name: str) -> None:
        """As `_check`, of a type some of whose arguments are lists."""
        specs = self._record.inputs
        n_lists = sum(spec.is_list for spec in specs)
        rest = len(inputs) - (len(specs) - n_lists)
        at = 0
        for spec in specs:
            if not spec.is_list:
                types: list[DType | None] = [spec.dtype or attrs.get(spec.family)]
            elif spec.length:
                n = attrs.setdefault(spec.length, rest)
                types = [spec.dtype or attrs.get(spec.family)] * n
            else:
                types = list(attrs.setdefault(spec.family, [None] * rest))
            taken = inputs[at : at + len(types)]
            if len(taken) != len(types):
                raise self._wrong_number(attrs, inputs, name)
            for i, (tensor, expected) in enumerate(zip(taken, types, strict=True)):
                dtype = tensor.dtype
                if spec.is_handle:
                    self._check_handle(spec, attrs, at + i, tensor, name)
                    continue
                if expected is None:
                    types[i] = dtype.base_dtype
                    if spec.family and (spec.length or not spec.is_list):
                        attrs[spec.family] = types[i]
                elif dtype is not expected and dtype.base_dtype is not expected:
                    raise _incompatible(at + i, tensor, name, expected)
                if spec.is_ref and not dtype._is_ref_dtype:
                    raise _incompatible(at + i, tensor, name, dtype._as_ref)
            if spec.is_list and not spec.length:
                attrs[spec.family] = types
            at += len(types)
        if at != len(inputs):
            raise self._wrong_number(attrs, inputs, name)
        self._check_families(attrs, name)

    def _wrong_number(self, attrs: dict[str, Any], inputs: list[Tensor], name: str) -> ValueError:
        expected: list[str] = []
        for spec in self._record.inputs:
            if spec.is_list and not spec.length:
                types = attrs.get(spec.family) or ()
                expected += [dtypes.word_of(each) if each is not None else "?" for each in types]
            else:
                dtype = spec.dtype or attrs.get(spec.family)
                n = attrs.get(spec.length, 1) if spec.is_list else 1
                expected += [dtypes.word_of(dtype) if dtype is not None else spec.family] * n
        return ValueError(
            f"NodeDef expected inputs '{', '.join(expected)}' do not match {len(inputs)} inputs "
            f"specified; Op<name={self._record.type}>; NodeDef: {{{{node {name}}}}}"
        )


def _incompatible(i: int, tensor: Tensor, name: str, expected: DType) -> ValueError:
    return ValueError(
        f"Input {i} of node {name} was passed {dtypes.word_of(tensor.dtype)} from {tensor.name} "
        f"incompatible with expected {dtypes.word_of(expected)}."
    )


def _merge_shapes(op: Operation, protos: Any, node_name: str) -> None:
    """Add what `_output_shapes` says to what is known of the shapes."""
    for i, (tensor, proto) in enumerate(zip(op.outputs, protos, strict=False)):
        dims: Dims = shape_of(proto)._dims
        if dims == tensor.dims or dims is None:
            continue
        try:
            tensor.set_shape(TensorShape._of(dims))
        except ValueError:
            raise ValueError(
                f"Node '{node_name}' has an _output_shapes attribute inconsistent with the "
                f"GraphDef for output #{i}: {tensor.shape} and {TensorShape._of(dims)} are not "
                "compatible"
            ) from None
