"""What is given where a GraphDef is asked for: our message, TensorFlow's, or something else."""

from __future__ import annotations

from typing import Any

from graphmode.framework.proto.messages import protobuf

NEWEST_PRODUCER = 2474
"""The version of TensorFlow 2.21, the newest whose graphs are known to be read."""


def graph_def_of(given: Any) -> Any:
    """`given` as our GraphDef; TensorFlow's own class is converted.

    Raises
    ------
    TypeError
        If it is no GraphDef.
    """
    kind = protobuf("graph").GraphDef
    return message_of(given, kind, "graph_def must be a GraphDef proto.")


def message_of(given: Any, kind: Any, refusal: str) -> Any:
    """`given` as a message of the class `kind`; one of TensorFlow's is converted.

    Raises
    ------
    TypeError
        With the text `refusal` and what to do, if it is no message of that name.
    """
    if isinstance(given, kind):
        return given
    descriptor = getattr(given, "DESCRIPTOR", None)
    if getattr(descriptor, "name", None) == kind.DESCRIPTOR.name and not isinstance(given, type):
        return kind.FromString(given.SerializeToString())
    raise TypeError(f"{refusal}{_help(given, kind.DESCRIPTOR.name)}")


def _help(given: Any, name: str) -> str:
    if isinstance(given, bytes | bytearray):
        if given[:1] == b"\x80" and given[-1:] == b".":
            return (
                "\n  these bytes are a pickle, which is never read: it could run code. "
                f"Save a {name} with tf.train.write_graph"
            )
        return f"\n  fix: tf.{name}.FromString(...) of these bytes"
    if isinstance(given, str):
        if "\n" in given or "{" in given:
            return f"\n  fix: google.protobuf.text_format.Parse(text, tf.{name}())"
        return f"\n  fix: read the file: tf.{name}.FromString(open({given!r}, 'rb').read())"
    if hasattr(given, "as_graph_def"):
        return "\n  fix: graph.as_graph_def()"
    if hasattr(given, "graph_def"):
        return "\n  fix: its field graph_def"
    return f"\n  got {type(given).__name__}"


def check_versions(graph_def: Any) -> None:
    """Refuse a graph that says that it is not for readers as old as this one.

    Raises
    ------
    ValueError
        If it is so.
    """
    versions = graph_def.versions
    if versions.min_consumer > NEWEST_PRODUCER:
        raise ValueError(
            f"GraphDef min consumer version {versions.min_consumer} above current version "
            f"{NEWEST_PRODUCER} for graphmode.  Please upgrade graphmode."
        )
    if NEWEST_PRODUCER in versions.bad_consumers:
        raise ValueError(
            f"GraphDef disallows consumer version {NEWEST_PRODUCER}.  Please upgrade graphmode: "
            "this version is likely buggy."
        )
