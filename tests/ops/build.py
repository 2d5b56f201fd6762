"""One record built with graphmode or with TensorFlow: its graph, its values, its gradients."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
from tests.ops.record import Record

REFUSED = "refused"
# What `tf.gradients` raises where an op, or one of its forms, has no gradient.
REFUSALS = (LookupError, NotImplementedError, TypeError, ValueError)


def dtype_name(array: np.ndarray) -> str:
    """TensorFlow's name of an array's dtype."""
    return "string" if array.dtype.kind in "OSU" else array.dtype.name


class Built:
    """The graph of one call, by the library `tf` (graphmode or TensorFlow).

    Parameters
    ----------
    tf : module
    record : Record
    arrays : list of ndarray
        What is fed, and where the placeholders' dtypes come from.
    dims : list, optional
        The static shape of each placeholder; that of its array if not given.
    constants : collection of int, optional
        The inputs that are constants in place of placeholders.
    """

    def __init__(
        self,
        tf: Any,
        record: Record,
        arrays: list[np.ndarray],
        dims: list | None = None,
        constants: Collection[int] = (),
    ) -> None:
        self.tf = tf
        self.arrays = arrays
        self.graph = tf.Graph()
        dims = [array.shape for array in arrays] if dims is None else dims
        with self.graph.as_default():
            self.graph.seed = 1234
            self.inputs = [
                tf.constant(array, dtype_name(array))
                if i in constants
                else tf.placeholder(dtype_name(array), shape)
                for i, (array, shape) in enumerate(zip(arrays, dims, strict=True))
            ]
            self.result = record.call(tf, *self.inputs)
        self.outputs: list[Any] = []
        self.operations: list[Any] = []
        self._flatten(self.result)

    def _flatten(self, result: Any) -> None:
        if result is None:
            return
        if isinstance(result, dict):
            result = [result[key] for key in sorted(result)]
        if isinstance(result, list | tuple) and not hasattr(result, "dense_shape"):
            for part in result:
                self._flatten(part)
        elif hasattr(result, "outputs"):
            self.operations.append(result)
        elif hasattr(result, "dense_shape"):  # IndexedSlices, SparseTensor
            self.outputs += [result.values, result.indices]
        else:
            with self.graph.as_default():
                self.outputs.append(self.tf.convert_to_tensor(result))

    @contextmanager
    def session(self, mode: str = "interpreted") -> Iterator[Any]:
        """A session in which the variables of the graph are initialised."""
        with self.graph.as_default():
            variables = self.tf.get_collection("variables") + self.tf.get_collection(
                "local_variables"
            )
            initializers = [variable.initializer for variable in variables]
        how = {"mode": mode} if self.tf.__name__ == "graphmode" else {}
        with self.tf.Session(graph=self.graph, **how) as session:
            if initializers:
                session.run(initializers)
            yield session

    def feed(self) -> dict:
        pairs = zip(self.inputs, self.arrays, strict=True)
        return {tensor: array for tensor, array in pairs if tensor.op.type == "Placeholder"}

    def values(
        self, tensors: Sequence[Any] | None = None, mode: str = "interpreted"
    ) -> list[np.ndarray]:
        """The outputs, then the variables as they are after the run."""
        with self.session(mode) as session:
            fetched = session.run(
                [*(self.outputs if tensors is None else tensors), *self.operations], self.feed()
            )
            values = [np.asarray(value) for value in fetched if value is not None]
            if tensors is None:
                variables = self.graph.get_collection("variables")
                values += (
                    [np.asarray(value) for value in session.run(variables)] if variables else []
                )
        return values

    def shapes(self) -> list[list | None]:
        """The static shape of each output."""
        return [
            None if t.get_shape().ndims is None else t.get_shape().as_list() for t in self.outputs
        ]

    def ys(self) -> list[Any]:
        """The outputs that have a gradient."""
        return [y for y in self.outputs if is_inexact(y)]

    def xs(self, record: Record) -> list[Any]:
        """The inputs to differentiate by."""
        if record.grad_inputs is not None:
            return [self.inputs[i] for i in record.grad_inputs]
        return [x for x in self.inputs if is_inexact(x)]

    def gradients(self, ys: list[Any], xs: list[Any], weights: list[np.ndarray]) -> list[Any]:
        """Dense gradients of ``sum_i sum(weights_i * ys_i)``, None where unconnected."""
        with self.graph.as_default():
            grad_ys = [
                self.tf.constant(weight.astype(y.dtype.base_dtype.as_numpy_dtype))
                for weight, y in zip(weights, ys, strict=True)
            ]
            results = self.tf.gradients(ys, xs, grad_ys=grad_ys)
            return [None if g is None else self.tf.convert_to_tensor(g) for g in results]


class Answers:
    """What one library says of a record: each graph is built once, and run once.

    graphmode's answers are those of the interpreter.
    """

    def __init__(self, tf: Any, record: Record, arrays: list[np.ndarray]) -> None:
        self.tf = tf
        self.record = record
        self.built = Built(tf, record, arrays)
        self.operations = self.built.graph.get_operations()  # before gradients add theirs
        self.nodes = [(op.name, op.type) for op in self.operations]
        self.shapes = self.built.shapes()

    @cached_property
    def computed(self) -> Built:
        """The graph that is run."""
        if self.record.reference is None or self.tf.__name__ == "graphmode":
            return self.built
        asked = dataclasses.replace(self.record, call=self.record.reference)
        return Built(self.tf, asked, self.built.arrays)

    @cached_property
    def values(self) -> list[np.ndarray]:
        """The outputs, then the variables as they are after the run."""
        return self.computed.values()

    @cached_property
    def gradient_tensors(self) -> tuple[list[Any] | str, list[Any] | str]:
        """First gradients and second ones, or `REFUSED` in place of either."""
        built, record = self.computed, self.record
        ys, xs = built.ys(), built.xs(record)
        if not ys or not xs:
            return [], []
        y_values = [v for v in self.values[: len(built.outputs)] if v.dtype.kind in "fcV"]
        try:
            first = built.gradients(ys, xs, weights_like(y_values, 1))
        except REFUSALS:
            return REFUSED, []
        known = [(g, x) for g, x in zip(first, xs, strict=True) if g is not None]
        asks = not record.tf_lacks_second or self.tf.__name__ == "graphmode"
        if record.no_second or not known or not asks:
            return first, []
        fed = built.feed()
        try:
            weights = weights_like([fed[x] for _, x in known], 2)
            second = built.gradients([g for g, _ in known], xs, weights)
        except REFUSALS:
            second = REFUSED
        return first, second

    @property
    def gradients_made(self) -> list[Any]:
        """The tensors of `gradient_tensors`, in a row."""
        parts = (part for part in self.gradient_tensors if part != REFUSED)
        return [gradient for part in parts for gradient in part if gradient is not None]

    @cached_property
    def gradients(self) -> tuple[list[Any] | str, list[Any] | str]:
        """As `gradient_tensors`, with their values."""
        made = self.gradients_made
        values = iter(self.computed.values(made) if made else [])
        return tuple(
            part if part == REFUSED else [None if g is None else next(values) for g in part]
            for part in self.gradient_tensors
        )


def is_inexact(tensor: Any) -> bool:
    return tensor.dtype.is_floating or tensor.dtype.is_complex


def weights_like(arrays: Sequence[np.ndarray], seed: int) -> list[np.ndarray]:
    """Random weights, complex for complex arrays."""
    rng = np.random.default_rng(seed)
    weights = []
    for array in arrays:
        weight = np.asarray(rng.uniform(0.5, 1.5, array.shape) * rng.choice([-1, 1], array.shape))
        if array.dtype.kind == "c":
            weight = weight + 1j * rng.uniform(-1, 1, array.shape)
        weights.append(weight)
    return weights
