"""Protocols from tables of their messages, for those that TensorBoard does not compile.

A table is message -> (field, number, type). A type in brackets is repeated, one in braces a map
from names to it; one that begins with a capital letter is a message of the same package, one with
a dot in it a message of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Fields = Sequence[tuple[str, int, str]]


def protocol(
    name: str,
    package: str,
    messages: Mapping[str, Fields],
    syntax: str = "proto3",
    needs: Sequence[str] = (),
) -> Any:
    """The `FileDescriptorProto` of a table.

    Parameters
    ----------
    name : str
        Of the file.
    package : str
    messages : dict of str to list of (field, number, type)
    syntax : {"proto2", "proto3"}
    needs : list of str
        The names of the files that it takes messages from.
    """
    from google.protobuf import descriptor_pb2

    file = descriptor_pb2.FileDescriptorProto(
        name=name, package=package, syntax=syntax, dependency=needs
    )
    for message_name, fields in messages.items():
        message = file.message_type.add(name=message_name)
        for field in fields:
            _add_field(message, package, *field)
    return file


def _add_field(message: Any, package: str, name: str, number: int, kind: str) -> None:
    from google.protobuf import descriptor_pb2

    kinds = descriptor_pb2.FieldDescriptorProto
    label = kinds.LABEL_REPEATED if kind[0] in "[{" else kinds.LABEL_OPTIONAL
    field = message.field.add(name=name, number=number, label=label)
    element = kind.strip("[]{}")
    if kind[0] == "{":
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add_field(entry, package, "key", 1, "string")
        _add_field(entry, package, "value", 2, element)
        element = f"{package}.{message.name}.{entry.name}"
    if "." in element or element[0].isupper():
        field.type = kinds.TYPE_MESSAGE
        field.type_name = f".{element}" if "." in element else f".{package}.{element}"
    else:
        field.type = getattr(kinds, f"TYPE_{element.upper()}")
