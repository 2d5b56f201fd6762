"""Elements that are read from files: lines, records, and the names of files themselves."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphmode.data.node import Element, Node, Reading, Step
from graphmode.data.sources import boxed, step_of
from graphmode.data.structure import Spec
from graphmode.files import systems
from graphmode.files.records import open_records, records_in, unpacked
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import InvalidArgumentError, invalid
from graphmode.framework.operation import Tensor


def _names(value: Any) -> list[str]:
    return [os.fsdecode(name) for name in np.asarray(value, object).reshape(-1)]


def files_of(filenames: Any) -> Tensor:
    """The names of files as a tensor."""
    return convert_to_tensor(filenames, dtypes.string, name="filenames")


def over_files(names: Tensor, prepare: Callable[[Reading], Callable[[str], Step]]) -> Any:
    """What begins the elements of files, each opened by what `prepare` gives.

    A file that cannot go on is followed by the next one.
    """

    def begin(reading: Reading) -> Step:
        open_one = prepare(reading)
        waiting = _names(reading.values[names])[::-1]
        current: Step | None = None

        def step() -> Element:
            nonlocal current
            while True:
                if current is None:
                    if not waiting:
                        raise StopIteration
                    current = open_one(waiting.pop())
                try:
                    return current()
                except StopIteration:
                    current = None

        return step

    return begin


def text_lines(filenames: Any, compression_type: Any = None) -> Node:
    """The lines of text files, without their ends."""
    names = files_of(filenames)
    packed = convert_to_tensor(compression_type or "", dtypes.string, name="compression_type")

    def lines(reading: Reading) -> Callable[[str], Step]:
        compression = os.fsdecode(reading.values[packed][()])
        return lambda name: step_of(_lines(buffered(name, compression), name))

    get_default_graph().pass_ids(2)
    begin = over_files(names, lines)
    return Node("TextLine", Spec(dtypes.string, []), begin, tensors=[names, packed])


def _lines(opened: Any, name: str) -> Iterator[Element]:
    with opened as file, unpacked(name):
        for line in file:
            if line.endswith(b"\n"):
                line = line[:-1]
            yield (boxed(line[:-1] if line.endswith(b"\r") else line),)


def buffered(name: str, compression: str) -> Any:
    """A file that gives its lines, decompressed.

    Raises
    ------
    OpError
        If it cannot be opened.
    """
    if compression not in ("", "GZIP", "ZLIB"):
        raise invalid(f"Unsupported compression_type: {compression}.")
    if compression == "ZLIB":
        content = systems.read_bytes(name)
        with unpacked(name):
            return io.BytesIO(zlib.decompress(content))
    return open_records(name, compression)


def records(filenames: Any, compression_type: Any = None) -> Node:
    """The records of TFRecord files."""
    names = files_of(filenames)
    packed = convert_to_tensor(compression_type or "", dtypes.string, name="compression_type")

    def each(reading: Reading) -> Callable[[str], Step]:
        compression = os.fsdecode(reading.values[packed][()])
        return lambda name: step_of(_records(open_records(name, compression), name))

    get_default_graph().pass_ids(2)
    begin = over_files(names, each)
    return Node("TFRecord", Spec(dtypes.string, []), begin, tensors=[names, packed])


def _records(file: Any, name: str) -> Iterator[Element]:
    try:
        for record in records_in(file, name):
            yield (boxed(record),)
    finally:
        file.close()


def fixed_length_records(
    filenames: Any,
    record_bytes: Any,
    header_bytes: Any = None,
    footer_bytes: Any = None,
    compression_type: Any = None,
) -> Node:
    """Records of one length."""
    names = files_of(filenames)
    lengths = [
        convert_to_tensor(value or 0, dtypes.int64, name=name)
        for value, name in (
            (record_bytes, "record_bytes"),
            (header_bytes, "header_bytes"),
            (footer_bytes, "footer_bytes"),
        )
    ]
    packed = convert_to_tensor(compression_type or "", dtypes.string, name="compression_type")

    def each(reading: Reading) -> Callable[[str], Step]:
        n, head, foot = (reading.scalar(t) for t in lengths)
        compression = os.fsdecode(reading.values[packed][()])
        return lambda name: step_of(_pieces(name, compression, n, head, foot))

    get_default_graph().pass_ids(2)
    tensors = [names, *lengths, packed]
    begin = over_files(names, each)
    return Node("FixedLengthRecord", Spec(dtypes.string, []), begin, tensors=tensors)


def _pieces(name: str, compression: str, n: int, head: int, foot: int) -> Iterator[Element]:
    with buffered(name, compression) as file, unpacked(name):
        content = file.read()
    body = content[head : len(content) - foot]
    if len(body) % n:
        raise invalid(
            f"Excluding the header ({head} bytes) and footer ({foot} bytes), input file "
            f'"{name}" has body length {len(body)} bytes, which is not an exact multiple of '
            f"the record length ({n} bytes)."
        )
    for at in range(0, len(body), n):
        yield (boxed(body[at : at + n]),)


def matching_files(patterns: Any) -> Node:
    """The names of the files that match patterns, in order."""
    asked = convert_to_tensor(patterns, dtypes.string, name="file_pattern")

    def begin(reading: Reading) -> Step:
        names = sorted(
            {name for one in _names(reading.values[asked]) for name in systems.matching(one)}
        )
        if not names:
            shown = ", ".join(_names(reading.values[asked]))
            raise InvalidArgumentError(None, None, f"No files matched pattern: {shown}")
        return step_of((boxed(os.fsencode(name)),) for name in names)

    get_default_graph().pass_ids(15)
    return Node("MatchingFiles", Spec(dtypes.string, []), begin, tensors=[asked])


def names_matching(file_pattern: Any) -> list[str]:
    """The names of the files that a pattern or a list of them matches now, in order.

    Raises
    ------
    ValueError
        If there are none.
    """
    patterns = file_pattern if isinstance(file_pattern, list) else [file_pattern]
    if not patterns:
        raise ValueError("File pattern is empty.")
    names = sorted(name for pattern in patterns for name in systems.matching(os.fsdecode(pattern)))
    if not names:
        raise ValueError(f"No files match {file_pattern}.")
    return names
