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
from graphmode.framework.errors import InvalidArgumentError, OpError, invalid
from graphmode.framework.operation import Tensor


def _names(value: Any) -> list[str]:
    return [os.fsdecode(name) for name in np.asarray(value, object).reshape(-1)]


def _files(filenames: Any) -> Tensor:
    return convert_to_tensor(filenames, dtypes.string, name="filenames")


def _over_files(names: Tensor, open_one: Callable[[str, Reading], Iterator[Element]]) -> Any:
    """What begins the elements of files; behind an error goes on with the next file."""

    def begin(reading: Reading) -> Step:
        waiting = _names(reading.values[names])[::-1]
        current: Iterator[Element] | None = None

        def step() -> Element:
            nonlocal current
            while True:
                if current is None:
                    if not waiting:
                        raise StopIteration
                    current = open_one(waiting.pop(), reading)
                try:
                    return next(current)
                except StopIteration:
                    current = None
                except OpError:
                    current = None
                    raise

        return step

    return begin


def text_lines(filenames: Any, compression_type: Any = None) -> Node:
    """The lines of text files, without their ends."""
    names = _files(filenames)
    packed = convert_to_tensor(compression_type or "", dtypes.string, name="compression_type")

    def lines(name: str, reading: Reading) -> Iterator[Element]:
        return _lines(_buffered(name, os.fsdecode(reading.values[packed][()])), name)

    get_default_graph().pass_ids(2)
    begin = _over_files(names, lines)
    return Node("TextLine", Spec(dtypes.string, []), begin, tensors=[names, packed])


def _lines(opened: Any, name: str) -> Iterator[Element]:
    with opened as file, unpacked(name):
        for line in file:
            if line.endswith(b"\n"):
                line = line[:-1]
            yield (boxed(line[:-1] if line.endswith(b"\r") else line),)


def _buffered(name: str, compression: str) -> Any:
    if compression not in ("", "GZIP", "ZLIB"):
        raise invalid(f"Unsupported compression_type: {compression}.")
    if compression == "ZLIB":
        content = systems.read_bytes(name)
        with unpacked(name):
            return io.BytesIO(zlib.decompress(content))
    return open_records(name, compression)


def records(filenames: Any, compression_type: Any = None) -> Node:
    """The records of TFRecord files."""
    names = _files(filenames)
    packed = convert_to_tensor(compression_type or "", dtypes.string, name="compression_type")

    def each(name: str, reading: Reading) -> Iterator[Element]:
        return _records(open_records(name, os.fsdecode(reading.values[packed][()])), name)

    get_default_graph().pass_ids(2)
    begin = _over_files(names, each)
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
    names = _files(filenames)
    lengths = [
        convert_to_tensor(value or 0, dtypes.int64, name=name)
        for value, name in (
            (record_bytes, "record_bytes"),
            (header_bytes, "header_bytes"),
            (footer_bytes, "footer_bytes"),
        )
    ]
    packed = convert_to_tensor(compression_type or "", dtypes.string, name="compression_type")

    def each(name: str, reading: Reading) -> Iterator[Element]:
        n, head, foot = (reading.scalar(t) for t in lengths)
        with _buffered(name, os.fsdecode(reading.values[packed][()])) as file, unpacked(name):
            content = file.read()
        body = content[head : len(content) - foot]
        if len(body) % n:
            raise invalid(
                f"Excluding the header ({head} bytes) and footer ({foot} bytes), input file "
                f'"{name}" has body length {len(body)} bytes, which is not an exact multiple of '
                f"the record length ({n} bytes)."
            )
        return iter([(boxed(body[at : at + n]),) for at in range(0, len(body), n)])

    get_default_graph().pass_ids(2)
    tensors = [names, *lengths, packed]
    begin = _over_files(names, each)
    return Node("FixedLengthRecord", Spec(dtypes.string, []), begin, tensors=tensors)


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

    return Node("MatchingFiles", Spec(dtypes.string, []), begin, tensors=[asked])
