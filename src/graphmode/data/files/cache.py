"""Elements that a first pass keeps in files, for later passes and later programs.

The files are TensorFlow's: a bundle whose tensors are called by the number of the element and of
the part. While a pass writes them a lock file lies beside them; a pass that is given up removes
what it has written.
"""

from __future__ import annotations

import os
import time
import weakref
from pathlib import Path
from typing import Any

from graphmode.data import structure as nested
from graphmode.data.function import arrays_of, element_of
from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.structure import Spec
from graphmode.files.bundle import BundleReader, BundleWriter, MappedBundle, index_name
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dtypes import DType
from graphmode.framework.errors import AlreadyExistsError, invalid, of_system
from graphmode.framework.shapes import TensorShape


class _Names:
    """What the parts of elements are called in the bundle."""

    def __init__(self, n_parts: int) -> None:
        self._n = n_parts
        self._width = len(str(max(n_parts - 1, 0)))

    def of(self, element: int) -> list[str]:
        """The names of all parts of an element."""
        return [f"{element:7d}_{part:{self._width}d}" for part in range(self._n)]


def file_cache_node(source: Node, filename: Any) -> Node:
    """The elements of a pass, kept in files that begin with `filename`."""
    prefix = convert_to_tensor(filename, dtypes.string, name="filename")
    specs = nested.flatten(source.structure)
    owner = object()

    def begin(reading: Reading) -> Step:
        path = os.fsdecode(reading.values[prefix][()])
        is_kept = Path(index_name(path)).exists()
        if is_kept:
            bundle = reading.kept.of((owner, path), lambda: MappedBundle(path))
            step: Step = _Kept(path, specs, bundle)
        else:
            step = _Filling(path, specs, source.begin(reading), reading)
        return lambda: step()

    get_default_graph().pass_ids(1)
    return Node("Cache", source.structure, begin, [source], [prefix])


def _types(specs: list[Spec]) -> list[DType]:
    return [dtype for spec in specs for dtype in spec.dtypes]


def _shapes(specs: list[Spec]) -> list[TensorShape]:
    return [shape for spec in specs for shape in spec.shapes]


class _Kept:
    """A step that reads what a pass has kept."""

    def __init__(self, path: str, specs: list[Spec], bundle: BundleReader) -> None:
        self._path, self._specs = path, specs
        self._expected = list(zip(_types(specs), _shapes(specs), strict=True))
        self._names = _Names(len(self._expected))
        self._bundle = bundle
        self._next = 0

    def __call__(self) -> Element:
        names = self._names.of(self._next)
        entries = self._bundle.entries
        if names[0] not in entries:
            raise StopIteration
        arrays: list[Any] = []
        for part, (name, (dtype, shape)) in enumerate(zip(names, self._expected, strict=True)):
            found = entries.get(name)
            if found is None or found.dtype is not dtype or not shape.is_compatible_with(
                found.shape
            ):  # fmt: skip
                has = "none" if found is None else f"{found.dtype.name} of shape {found.shape}"
                raise invalid(
                    f"The cache files {self._path} are those of another data set: part {part} of "
                    f"element {self._next} has to be {dtype.name} of shape {shape}, there is {has}."
                    "\n  fix: delete them, or give cache() another name"
                )
            arrays.append(self._bundle.read(name))
        self._next += 1
        return element_of(self._specs, arrays)


class _Writing:
    """The files of a pass that is under way: a lock, and a bundle aside."""

    def __init__(self, path: str) -> None:
        self._lock = Path(f"{path}_0.lockfile")
        try:
            with self._lock.open("x") as file:
                file.write(f"Created at: {int(time.time())}")
        except FileExistsError:
            text = self._lock.read_text() if self._lock.exists() else ""
            raise AlreadyExistsError(
                None,
                None,
                "There appears to be a concurrent caching iterator running - cache lockfile "
                f"already exists ('{self._lock}'). If you are sure no other running TF "
                "computations are using this cache prefix, delete the lockfile and re-initialize "
                f"the iterator. Lockfile contents: {text}",
            ) from None
        except OSError as error:
            raise of_system(error, str(self._lock)) from error
        self.bundle = BundleWriter(path)

    def close(self) -> None:
        """Remove what is not finished, and the lock."""
        self.bundle.__exit__()
        self._lock.unlink(missing_ok=True)


class _Filling:
    """A step that keeps what it gives; at the end it makes the files the cache."""

    def __init__(self, path: str, specs: list[Spec], take: Step, reading: Reading) -> None:
        self._path, self._types = path, _types(specs)
        self._names = _Names(len(self._types))
        self._take, self._reading = take, reading
        self._writing: _Writing | None = None
        self._give_up: Any = None
        self._next = 0
        self._is_over = False

    def __call__(self) -> Element:
        if self._is_over:
            raise StopIteration
        if self._writing is None:
            if Path(index_name(self._path)).exists():
                raise AlreadyExistsError(
                    None,
                    None,
                    f"Existing cache files found: \n{index_name(self._path)}\nTo continue delete "
                    "the above files.\n  another iterator has written them since this one began: "
                    "initialize it again to read them",
                )
            self._writing = _Writing(self._path)
            self._give_up = weakref.finalize(self, self._writing.close)
            self._reading.kept.stops(self)
        try:
            element = self._take()
        except StopIteration:
            self._is_over = True
            self._writing.bundle.finish()
            self._give_up()
            raise
        bundle = self._writing.bundle
        names = self._names.of(self._next)
        for name, array, dtype in zip(names, arrays_of(element), self._types, strict=True):
            bundle.add(name, array, dtype)
        self._next += 1
        return element

    def stop(self) -> None:
        """Leave nothing of a pass that is not over."""
        if self._give_up is not None:
            self._give_up()
