"""The messages of a cluster: TensorFlow's `ServerDef`, and what tasks say to each other.

TensorBoard compiles no `ServerDef`: it is made here of TensorFlow's field names and numbers. What
tasks say is ours. Every message is a `Frame`; arrays too large to stand in one follow it in pieces.
"""

from __future__ import annotations

import functools
from typing import Any

from graphmode.files.descriptors import protocol
from graphmode.framework.proto.messages import protobuf

PROTOCOL = 2
"""Changes whenever tasks of two versions would misunderstand each other."""

_TABLE = {
    "Hello": [
        ("protocol", 1, "int32"), ("version", 2, "string"), ("cluster", 3, "bytes"),
        ("session", 4, "string"), ("task", 5, "string"), ("soft", 6, "bool"),
        ("incarnation", 7, "fixed64"), ("home", 8, "string"), ("isolated", 9, "bool"),
    ],
    "Welcome": [
        ("protocol", 1, "int32"), ("version", 2, "string"), ("cluster", 3, "bytes"),
        ("incarnation", 4, "fixed64"), ("job", 5, "string"), ("index", 6, "int32"),
        ("filters", 7, "[string]"),
    ],
    "Array": [
        ("dtype", 1, "int32"), ("shape", 2, "[int64]"), ("content", 3, "bytes"),
        ("follows", 4, "int64"), ("items", 5, "[Array]"), ("kind", 6, "int32"),
        ("job", 7, "string"), ("index", 8, "int32"), ("key", 9, "string"),
    ],
    "Stage": [
        ("members", 1, "[string]"), ("targets", 2, "[string]"), ("feeds", 3, "[string]"),
        ("kept_feeds", 4, "[string]"), ("fetches", 5, "[string]"), ("kept_fetches", 6, "[string]"),
    ],
    "Part": [("number", 1, "int32"), ("graph", 2, "Array"), ("stages", 3, "[Stage]")],
    "Run": [
        ("part", 1, "int32"), ("stage", 2, "int32"), ("begins", 3, "bool"), ("mode", 4, "string"),
        ("seconds", 5, "double"), ("feeds", 6, "[Array]"), ("passed", 7, "[int64]"),
    ],
    "Done": [("values", 1, "[Array]")],
    "Refusal": [("code", 1, "int32"), ("message", 2, "string"), ("op", 3, "string")],
    "Reset": [("containers", 1, "[string]"), ("home", 2, "string")],
    "Device": [("name", 1, "string"), ("kind", 2, "string"), ("memory", 3, "int64")],
    "Devices": [("devices", 1, "[Device]")],
    "Frame": [
        ("hello", 1, "Hello"), ("welcome", 2, "Welcome"), ("part", 3, "Part"), ("run", 4, "Run"),
        ("done", 5, "Done"), ("refusal", 6, "Refusal"), ("reset", 7, "Reset"),
        ("devices", 8, "Devices"),
    ],
}  # fmt: skip


@functools.cache
def message(name: str) -> Any:
    """The class of one of our messages.

    Parameters
    ----------
    name : str
        "Frame", for example.
    """
    from google.protobuf import message_factory

    pool = _pool()
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"graphmode.cluster.{name}"))


@functools.cache
def _pool() -> Any:
    pool = protobuf("cluster").ClusterDef.DESCRIPTOR.file.pool
    cluster, config = protobuf("cluster").ClusterDef, protobuf("config").ConfigProto
    files = {kind.DESCRIPTOR.file.name: None for kind in (cluster, config)}
    server_def = [
        ("cluster", 1, cluster.DESCRIPTOR.full_name), ("job_name", 2, "string"),
        ("task_index", 3, "int32"), ("default_session_config", 4, config.DESCRIPTOR.full_name),
        ("protocol", 5, "string"),
    ]  # fmt: skip
    table = {"ServerDef": server_def, **_TABLE}
    file = protocol("graphmode/cluster.proto", "graphmode.cluster", table, needs=list(files))
    pool.AddSerializedFile(file.SerializeToString())
    return pool
