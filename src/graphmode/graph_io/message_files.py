"""Messages in files, binary or text: graphs, meta graphs, saved models.

A file that cannot be read says so as TensorFlow's class of error, which is an OSError too, as
TensorFlow 1.15 raises here, with the byte or the line where it is broken. Nothing that is read can
run code.
"""

from __future__ import annotations

import os
import re
from typing import Any

from graphmode.files import systems
from graphmode.files.whole import write_whole
from graphmode.framework.errors import DataLossError, NotFoundError, of_system

_TEXT = re.compile(rb"\s*(#[^\n]*\n\s*)*[A-Za-z_]\w*\s*[:{<]")


class MissingFileError(NotFoundError, OSError):
    """A file that is to be read does not exist."""


class BrokenFileError(DataLossError, OSError):
    """A file does not hold what it should, or not all of it."""


def read_message(path: Any, kind: Any) -> Any:
    """The message of class `kind` that a file holds.

    Parameters
    ----------
    path : str or path
    kind : class of message

    Returns
    -------
    message

    Raises
    ------
    MissingFileError
        If there is no such file.
    BrokenFileError
        If it does not hold one.
    OpError
        If the system does not let it be read.
    """
    path = os.fsdecode(path)
    try:
        content = systems.read_bytes(path)
    except NotFoundError:
        raise MissingFileError(None, None, f"File {path} does not exist.") from None
    return parsed(content, kind, path)


def parsed(content: bytes, kind: Any, path: str) -> Any:
    """The message of class `kind` that the content of the file `path` is.

    Raises
    ------
    BrokenFileError
        If it is none.
    """
    from google.protobuf import message, text_format

    name = kind.DESCRIPTOR.name
    if _TEXT.match(content):
        try:
            return text_format.Parse(content.decode(), kind())
        except (text_format.ParseError, UnicodeDecodeError) as error:
            problem = f"{error}"
            try:
                return kind.FromString(content)
            except message.DecodeError:
                pass
            raise BrokenFileError(
                None, None, f"Cannot parse file {path}: as the text of a {name}: {problem}."
            ) from None
    if content[:1] == b"\x80" and content[-1:] == b".":
        raise BrokenFileError(
            None, None,
            f"Cannot parse file {path}: it is a pickle, not a {name}. A pickle is never read here: "
            "it could run code.",
        )  # fmt: skip
    try:
        return kind.FromString(content)
    except message.DecodeError:
        at = _end_of_what_is_whole(content, kind)
        raise BrokenFileError(
            None, None,
            f"Cannot parse file {path}: no {name} from byte {at} of {len(content)} on.",
        ) from None  # fmt: skip


def _end_of_what_is_whole(content: bytes, kind: Any) -> int:
    """Up to which field of the outermost message the content is one of class `kind`."""
    from google.protobuf import message

    ends = _field_ends(content)
    low, high = 0, len(ends) - 1  # content[:ends[low]] is whole
    while low < high:
        middle = (low + high + 1) // 2
        try:
            kind.FromString(content[: ends[middle]])
            low = middle
        except message.DecodeError:
            high = middle - 1
    return ends[low]


def _field_ends(content: bytes) -> list[int]:
    """Where the fields of the outermost message end, as far as they can be told."""
    ends, at = [0], 0
    while at < len(content):
        key, at = _varint(content, at)
        match key & 7:
            case 0:
                _, at = _varint(content, at)
            case 1:
                at += 8
            case 2:
                length, at = _varint(content, at)
                at += length
            case 5:
                at += 4
            case _:
                break
        if not 0 < at <= len(content):
            break
        ends.append(at)
    return ends


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends; past the content if it does not."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(content):
            break
        byte = content[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    return 0, len(content) + 1


def write_message(proto: Any, path: Any, as_text: bool = False) -> None:
    """Write a message to a file; what lies there stays until the new one is whole.

    Raises
    ------
    OpError
        If it cannot be written.
    """
    from google.protobuf import text_format

    content = text_format.MessageToString(proto).encode() if as_text else proto.SerializeToString()
    try:
        write_whole(path, content)
    except OSError as error:
        raise of_system(error, path) from error
