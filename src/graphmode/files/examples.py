"""`Example` and `SequenceExample`, the messages of record files; TensorBoard does not compile them.

Field names and numbers are TensorFlow's (feature.proto, example.proto); the messages are in a pool
of their own, so that TensorFlow may be imported beside them.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "tensorflow"
_KINDS = descriptor_pb2.FieldDescriptorProto

# message -> (field, number, type): a type in brackets is repeated, in braces a map from names.
_FEATURE = {
    "BytesList": [("value", 1, "[bytes]")],
    "FloatList": [("value", 1, "[float]")],
    "Int64List": [("value", 1, "[int64]")],
    "Feature": [
        ("bytes_list", 1, "BytesList"), ("float_list", 2, "FloatList"),
        ("int64_list", 3, "Int64List"),
    ],
    "Features": [("feature", 1, "{Feature}")],
    "FeatureList": [("feature", 1, "[Feature]")],
    "FeatureLists": [("feature_list", 1, "{FeatureList}")],
}  # fmt: skip
_EXAMPLE = {
    "Example": [("features", 1, "Features")],
    "SequenceExample": [("context", 1, "Features"), ("feature_lists", 2, "FeatureLists")],
}


def _add_field(message: Any, name: str, number: int, kind: str) -> None:
    label = _KINDS.LABEL_REPEATED if kind[0] in "[{" else _KINDS.LABEL_OPTIONAL
    field = message.field.add(name=name, number=number, label=label)
    element = kind.strip("[]{}")
    if kind[0] == "{":
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add_field(entry, "key", 1, "string")
        _add_field(entry, "value", 2, element)
        field.type, field.type_name = (
            _KINDS.TYPE_MESSAGE,
            f".{_PACKAGE}.{message.name}.{entry.name}",
        )
    elif element[0].isupper():
        field.type, field.type_name = _KINDS.TYPE_MESSAGE, f".{_PACKAGE}.{element}"
    else:
        field.type = getattr(_KINDS, f"TYPE_{element.upper()}")


def _file(name: str, messages: dict[str, Any], *needs: str) -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name=f"tensorflow/core/example/{name}.proto", package=_PACKAGE, syntax="proto3",
        dependency=[f"tensorflow/core/example/{need}.proto" for need in needs],
    )  # fmt: skip
    for message_name, fields in messages.items():
        message = file.message_type.add(name=message_name)
        for field in fields:
            _add_field(message, *field)
        if message_name == "Feature":
            message.oneof_decl.add(name="kind")
            for field in message.field:
                field.oneof_index = 0
    return file


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_file("feature", _FEATURE))
_pool.Add(_file("example", _EXAMPLE, "feature"))


def _class(name: str, doc: str) -> Any:
    made: Any = message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
    made.__module__ = __name__
    made.__doc__ = doc
    return made


BytesList = _class("BytesList", "A feature that is texts or bytes.")
FloatList = _class("FloatList", "A feature that is numbers: float32.")
Int64List = _class("Int64List", "A feature that is integers: int64.")
Feature = _class("Feature", "One of bytes_list, float_list, int64_list.")
Features = _class("Features", "Features by name.")
FeatureList = _class("FeatureList", "A feature at each step of a sequence.")
FeatureLists = _class("FeatureLists", "Sequences of features by name.")
Example = _class("Example", "One example: its features.")
SequenceExample = _class(
    "SequenceExample", "One example of a sequence: features of it all, and of its steps."
)


def parsed_example(content: bytes) -> Any:
    """The `Example` that `content` is.

    Raises
    ------
    google.protobuf.message.DecodeError
        If it is none.
    """
    return Example.FromString(content)


def parsed_sequence_example(content: bytes) -> Any:
    """The `SequenceExample` that `content` is.

    Raises
    ------
    google.protobuf.message.DecodeError
        If it is none.
    """
    return SequenceExample.FromString(content)
