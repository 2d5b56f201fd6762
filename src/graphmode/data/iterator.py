"""`Iterator`: gives the elements of a data set to a session, one for each run."""

from __future__ import annotations

import itertools
import re
import threading
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.data import structure as nested
from graphmode.data.function import arrays_of
from graphmode.data.node import Kept, Node, Reading, Step, pass_over
from graphmode.data.planned import Planned
from graphmode.data.results import anonymous
from graphmode.data.structure import Spec
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.errors import (
    CancelledError,
    DataLossError,
    FailedPreconditionError,
    OpError,
    OutOfRangeError,
    invalid,
)
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.shapes import TensorShape
from graphmode.ops.data import iterators as ops

if TYPE_CHECKING:
    from collections.abc import Sequence

GLOBAL_ITERATORS = "iterators"
"""The collection of the handles of all iterators of a graph."""

_numbers = itertools.count(1)
_MANY = 33
"""Calls of `get_next` that look like a loop; TensorFlow warns at the same one."""


class IteratorState:
    """The iterator of a session: where it is in a data set."""

    def __init__(self, specs: list[Spec], node: Node | None, start: Planned | None) -> None:
        self._specs = specs
        self._node, self._start = node, start
        self._lock = threading.Lock()
        self._kept: Kept | None = None
        self._step: Step | None = None
        self._begun = node
        self._values: Sequence[Any] = ()
        self._taken = self._failed = 0
        self._cancelled = False
        self.string = b"iterator_%d_%d" % (next(_numbers), id(self))

    def begin(self, node: Node, values: Sequence[Any], root: bytes | None = None) -> None:
        """Begin with the data set `node`, whose tensors have `values`; draw all from `root`."""
        read = dict(zip(node.leaves(), values, strict=True))
        require_like(self._specs, nested.flatten(node.structure))
        if self._kept is not None:
            self._kept.close()
        with self._lock:
            self._kept, self._begun = Kept(root), node
            self._values = values
            self._taken = self._failed = 0
            try:
                self._step = node.begin(Reading(read, self._kept))
            except OpError as error:
                raise node.explained(error) from error

    def take(self) -> list[Any]:
        """The arrays of the next element.

        Raises
        ------
        FailedPreconditionError
            If it has not begun.
        OutOfRangeError
            If there is none.
        """
        self._begin_by_itself()
        with self._lock:
            if self._step is None:
                raise FailedPreconditionError(
                    None,
                    None,
                    "GetNext() failed because the iterator has not been initialized. Ensure that "
                    "you have run the initializer operation for this iterator before getting the "
                    "next element.",
                )
            if self._cancelled:
                raise CancelledError(None, None, "Run call was cancelled")
            self._taken += 1
            try:
                element = self._step()
            except StopIteration:
                self._step = _over
                self._taken -= 1
                if self._kept is not None:
                    self._kept.close()
                raise OutOfRangeError(None, None, "End of sequence") from None
            except OpError as error:
                self._failed += 1
                told = anonymous(self._begun.explained(error) if self._begun else error)
                if told is error:
                    raise
                raise told from error
        for spec, part in zip(self._specs, element, strict=True):
            if not spec.is_sparse and not spec.shape.is_compatible_with(np.shape(part)):
                raise invalid(
                    f"Expected shape {spec.shape} for an element, but it has {np.shape(part)}"
                )
        return arrays_of(element)

    def _begin_by_itself(self) -> None:
        if self._step is None and self._node is not None and self._start is not None:
            self.begin(self._node, self._start([], {}))

    def position(self) -> bytes:
        """Where it is, for `go_to`: how many elements it has given, how many of them failed, and
        what all is drawn from that has no seed.

        Raises
        ------
        FailedPreconditionError
            If it has not begun.
        """
        self._begin_by_itself()
        with self._lock:
            if self._kept is None:
                raise FailedPreconditionError(
                    None,
                    None,
                    "Save() failed because the iterator has not been initialized. Ensure that you "
                    "have run the initializer operation for this iterator before saving it.",
                )
            return b"%d %d %s" % (self._taken, self._failed, self._kept.root.hex().encode())

    def go_to(self, position: bytes) -> None:
        """Go to where another iterator over the same data set has been.

        Elements are passed over up to there, made again where nothing shorter is known: a data set
        has no other way to be in its middle.

        Raises
        ------
        FailedPreconditionError
            If it has not begun.
        DataLossError
            If it is no position.
        """
        found = re.fullmatch(rb"(\d+) (\d+) ([0-9a-f]{32})", position)
        if found is None:
            raise DataLossError(None, None, f"{position[:40]!r} is no position of an iterator")
        self._begin_by_itself()
        if self._kept is None or self._begun is None:
            raise FailedPreconditionError(
                None,
                None,
                "Restore() failed because the iterator has not been initialized.\n  fix: run its "
                "initializer before Saver.restore: a checkpoint holds its position, not its data",
            )
        self.begin(self._begun, self._values, bytes.fromhex(found[3].decode()))
        taken, failed = int(found[1]), int(found[2])
        if not failed and self._step is not None:
            with self._lock:
                try:
                    self._taken = pass_over(self._step, taken)
                except OpError as error:
                    raise anonymous(error) from error
            return
        for _ in range(taken):
            try:
                self.take()
            except OutOfRangeError:
                return
            except OpError:
                continue

    def require(self, types: Sequence[Any], shapes: Sequence[TensorShape]) -> None:
        """Refuse to be read as elements of other dtypes or shapes.

        Raises
        ------
        InvalidArgumentError
            If they do not fit its own.
        """
        if types:
            own = [
                Spec(dtype, shape)
                for spec in self._specs
                for dtype, shape in zip(spec.dtypes, spec.shapes, strict=True)
            ]
            require_like(
                [Spec(dtype, shape) for dtype, shape in zip(types, shapes, strict=True)], own
            )

    def cancel(self) -> None:
        """Wake everybody who waits: the session is closed."""
        self._cancelled = True
        if self._kept is not None:
            self._kept.close()


def _over() -> Any:
    raise StopIteration


def require_like(wanted: Sequence[Spec], given: Sequence[Spec]) -> None:
    """Refuse elements of other dtypes or shapes than `wanted`.

    Raises
    ------
    InvalidArgumentError
        With both.
    """
    if len(wanted) != len(given):
        raise invalid(
            f"Number of components does not match: expected {len(wanted)} types but got "
            f"{len(given)}."
        )
    for i, (a, b) in enumerate(zip(wanted, given, strict=True)):
        if a.dtype is not b.dtype:
            raise invalid(
                f"Data type mismatch at component {i}: expected {a.dtype.name} but got "
                f"{b.dtype.name}."
            )
        if not a.shape.is_compatible_with(b.shape):
            raise invalid(
                f"Incompatible shapes at component {i}: expected {a.shape} but got {b.shape}."
            )


def _flat_attrs(structure: Any) -> dict[str, Any]:
    specs = nested.flatten(structure)
    return {
        "output_types": [dtype for spec in specs for dtype in spec.dtypes],
        "output_shapes": [shape for spec in specs for shape in spec.shapes],
    }


def dataset_variant(node: Node) -> Tensor:
    """The tensor that stands for a data set in the graph."""
    leaves = node.leaves()
    get_default_graph().pass_ids(-1)
    return ops.dataset_op(leaves, token=ops.register(node))


def one_shot(node: Node) -> Iterator:
    """An iterator that begins by itself, once in each session.

    Raises
    ------
    ValueError
        If the data set reads what is fed or a variable.
    """
    leaves = node.leaves()
    _require_constant(leaves)
    start = Planned(leaves, [], [])
    specs = nested.flatten(node.structure)
    token = ops.register(lambda name: IteratorState(specs, node, start))
    handle = ops.one_shot_iterator_op(_token=token, **_flat_attrs(node.structure))
    return Iterator(handle, None, node.structure)


def _require_constant(leaves: list[Tensor]) -> None:
    waiting, seen = [tensor.op for tensor in leaves], set[Operation]()
    while waiting:
        op = waiting.pop()
        if op in seen:
            continue
        seen.add(op)
        if op.op_def.role == "placeholder" and op.op_def.effect == "host":
            problem = f"Cannot capture a placeholder (name:{op.name}, type:{op.type}) by value."
        elif (
            op.op_def.role == "variable"
            or op.op_def.effect in ("read", "write", "random")
            or (op.op_def.makes_resource)
        ):
            problem = f"Cannot capture a stateful node (name:{op.name}, type:{op.type}) by value."
        else:
            waiting += [tensor.op for tensor in op.inputs]
            continue
        raise ValueError(
            f"Failed to create a one-shot iterator for a dataset. `Dataset.make_initializable_"
            f"iterator()` can be used instead for a dataset that captures stateful objects, such "
            f"as a Variable or LookupTable. Error: {problem}"
        )


def initializable(node: Node, shared_name: str | None) -> Iterator:
    """An iterator that begins when its initializer runs."""
    variant = dataset_variant(node)
    handle = _iterator_handle(node.structure, shared_name)
    return Iterator(handle, ops.make_iterator_op(variant, handle), node.structure)


def _iterator_handle(structure: Any, shared_name: str | None) -> Tensor:
    specs = nested.flatten(structure)
    token = ops.register(lambda name: IteratorState(specs, None, None))
    return ops.iterator_op(shared_name=shared_name or "", _token=token, **_flat_attrs(structure))


class Iterator:
    """Gives the elements of a data set: each run that needs `get_next` takes one.

    Made by a data set, or by `from_structure` and `from_string_handle`.

    Parameters
    ----------
    handle : Tensor, resource scalar
    initializer : Operation or None
        What has it begin.
    structure : structure of Spec
        Of an element.
    """

    def __init__(self, handle: Tensor, initializer: Operation | None, structure: Any) -> None:
        self._handle, self._initializer, self._structure = handle, initializer, structure
        self._string = ops.iterator_to_string_handle_op(handle)
        self._times_read = 0
        handle.graph.add_to_collection(GLOBAL_ITERATORS, handle)

    @staticmethod
    def from_structure(
        output_types: Any,
        output_shapes: Any = None,
        shared_name: str | None = None,
        output_classes: Any = None,
    ) -> Iterator:
        """Make an iterator without a data set: `make_initializer` gives it one.

        Parameters
        ----------
        output_types : structure of DType
        output_shapes : structure of TensorShape, optional
            Any by default.
        shared_name : str, optional
            Iterators of one name are one in a session.
        output_classes : structure of class, optional
            `tf.Tensor` (default) or `tf.SparseTensor`.

        Returns
        -------
        Iterator
        """
        structure = structure_of(output_types, output_shapes, output_classes)
        return Iterator(_iterator_handle(structure, shared_name), None, structure)

    @staticmethod
    def from_string_handle(
        string_handle: Any,
        output_types: Any,
        output_shapes: Any = None,
        output_classes: Any = None,
    ) -> Iterator:
        """Make an iterator that is the one whose `string_handle` value is fed.

        Parameters
        ----------
        string_handle : Tensor, string scalar
        output_types : structure of DType
        output_shapes : structure of TensorShape, optional
            Any by default.
        output_classes : structure of class, optional
            `tf.Tensor` (default) or `tf.SparseTensor`.

        Returns
        -------
        Iterator
        """
        structure = structure_of(output_types, output_shapes, output_classes)
        given = convert_to_tensor(string_handle, dtypes.string)
        handle = ops.iterator_from_string_handle_op(given, **_flat_attrs(structure))
        return Iterator(handle, None, structure)

    @property
    def initializer(self) -> Operation:
        """The operation that has it begin.

        Raises
        ------
        ValueError
            If it begins by itself, or has no data set of its own.
        """
        if self._initializer is None:
            raise ValueError("Iterator does not have an initializer.")
        return self._initializer

    def make_initializer(self, dataset: Any, name: str | None = None) -> Operation:
        """Make the operation that has it begin with `dataset`.

        Parameters
        ----------
        dataset : Dataset
            Of elements of the same structure.

        Returns
        -------
        Operation

        Raises
        ------
        TypeError
            If the elements have other dtypes, or shapes that do not fit.
        ValueError
            If they are nested otherwise.
        """
        if not nested.same_structure(self._structure, dataset._node.structure):
            raise ValueError(
                "The two structures don't have the same nested structure: the iterator has "
                f"elements of {self.output_types!r}, the data set of {dataset.output_types!r}."
            )
        own, given = nested.flatten(self._structure), nested.flatten(dataset._node.structure)
        if [s.dtype for s in own] != [s.dtype for s in given]:
            raise TypeError(
                f"Expected output types {self.output_types!r} but got dataset with output types "
                f"{dataset.output_types!r}."
            )
        for a, b in zip(own, given, strict=True):
            if not a.shape.is_compatible_with(b.shape):
                raise TypeError(
                    f"Expected output shapes compatible with {self.output_shapes!r} but got "
                    f"dataset with output shapes {dataset.output_shapes!r}."
                )
        with name_scope(name, "make_initializer") as scope:
            variant = dataset_variant(dataset._node)
            return ops.make_iterator_op(variant, self._handle, name=scope)

    def get_next(self, name: str | None = None) -> Any:
        """The next element, as tensors: each run that needs one of them takes one element.

        Returns
        -------
        Tensor, SparseTensor or structure of them
            OutOfRangeError when there is no further element.
        """
        self._times_read += 1
        if self._times_read == _MANY:
            warnings.warn(
                f"get_next() of one iterator has been called {_MANY} times: each call makes new "
                "ops, and a run of them another plan. A loop of that slows down with every step.\n"
                "  fix: element = iterator.get_next() before the loop, session.run(element) in it",
                stacklevel=2,
            )
        specs = nested.flatten(self._structure)
        made = ops.iterator_get_next_op(self._handle, name=name, **_flat_attrs(self._structure))
        tensors: list[Tensor] = [made] if isinstance(made, Tensor) else list(made)
        values = nested.values_of(specs, tensors)
        return nested.pack(self._structure, iter(values))

    def string_handle(self, name: str | None = None) -> Tensor:
        """The text that stands for it in `from_string_handle`.

        Returns
        -------
        Tensor, string scalar
        """
        if name is None:
            return self._string
        return ops.iterator_to_string_handle_op(self._handle, name=name)

    @property
    def output_types(self) -> Any:
        """The dtype of each part of an element."""
        return nested.mapped(lambda spec: spec.dtype, self._structure)

    @property
    def output_shapes(self) -> Any:
        """The static shape of each part of an element."""
        return nested.mapped(lambda spec: spec.shape, self._structure)

    @property
    def output_classes(self) -> Any:
        """The class of each part of an element: Tensor or SparseTensor."""
        return nested.mapped(lambda spec: spec.kind, self._structure)

    @property
    def element_spec(self) -> Any:
        """What each part of an element is."""
        return self._structure


def structure_of(types: Any, shapes: Any, classes: Any) -> Any:
    """The structure of `Spec` of these dtypes, shapes (None: any) and classes (None: Tensor)."""
    types = nested.mapped(dtypes.as_dtype, types)
    flat = nested.flatten(types)
    known = [TensorShape(None)] * len(flat) if shapes is None else nested.shapes_like(types, shapes)
    kinds = [None] * len(flat) if classes is None else nested.flatten(classes)
    specs = [
        kind
        if isinstance(kind, Spec)
        else Spec(dtype, shape, getattr(kind, "__name__", "") == "SparseTensor")
        for dtype, shape, kind in zip(flat, known, kinds, strict=True)
    ]
    return nested.pack(types, iter(specs))
