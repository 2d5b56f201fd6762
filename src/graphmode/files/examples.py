"""`Example` and `SequenceExample`, the messages of record files; TensorBoard does not compile them.

Field names and numbers are TensorFlow's (feature.proto, example.proto); the messages are in a pool
of their own, so that TensorFlow may be imported beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from graphmode.files.descriptors import protocol

_PACKAGE = "tensorflow"

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


_FEATURE_FILE = "tensorflow/core/example/feature.proto"


def _features() -> Any:
    """The protocol of features, of which a `Feature` holds one kind."""
    made = protocol(_FEATURE_FILE, _PACKAGE, _FEATURE)
    (feature,) = (message for message in made.message_type if message.name == "Feature")
    feature.oneof_decl.add(name="kind")
    for field in feature.field:
        field.oneof_index = 0
    return made


_ON_WIRE = {
    "FeaturesOnWire": [("feature", 1, "{bytes}")],
    "ExampleOnWire": [("features", 1, "FeaturesOnWire")],
}
"""An `Example` whose features are left as they are: bytes."""

_pool = descriptor_pool.DescriptorPool()
_pool.Add(_features())
_pool.Add(
    protocol("tensorflow/core/example/example.proto", _PACKAGE, _EXAMPLE, needs=[_FEATURE_FILE])
)
_pool.Add(protocol("graphmode/example_on_wire.proto", _PACKAGE, _ON_WIRE))


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
_ExampleOnWire = _class("ExampleOnWire", "An Example whose features are bytes.")


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


def features_on_wire(content: bytes) -> Mapping[str, bytes]:
    """The features of the `Example` that `content` is, each as the bytes of a `Feature`.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        return _ExampleOnWire.FromString(content).features.feature
    except DecodeError as error:
        raise ValueError(str(error)) from error
