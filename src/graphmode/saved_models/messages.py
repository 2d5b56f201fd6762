"""`SavedModel`, the message in saved_model.pb, which TensorBoard does not compile: read, written.

Field names and numbers are TensorFlow's (saved_model.proto).
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from graphmode.files.descriptors import protocol
from graphmode.framework.proto.messages import protobuf
from graphmode.graph_io.message_files import BrokenFileError, MissingFileError, read_message
from graphmode.saved_models.constants import SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT


@functools.cache
def saved_model_class() -> Any:
    """The class of the message."""
    from google.protobuf import message_factory

    held = protobuf("meta_graph").MetaGraphDef.DESCRIPTOR
    fields = [("saved_model_schema_version", 1, "int64"), ("meta_graphs", 2, f"[{held.full_name}]")]
    file = protocol(
        "graphmode/saved_model.proto", "graphmode.saved_models", {"SavedModel": fields},
        needs=[held.file.name],
    )  # fmt: skip
    pool = held.file.pool
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("graphmode.saved_models.SavedModel")
    )


def read_saved_model(folder: str) -> Any:
    """The message of the SavedModel in a folder.

    Parameters
    ----------
    folder : str

    Returns
    -------
    SavedModel

    Raises
    ------
    MissingFileError
        If neither saved_model.pb nor saved_model.pbtxt is there.
    BrokenFileError
        If the file is damaged, or is something else.
    OpError
        If the file cannot be read.
    """
    for name in (SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT):
        path = Path(folder) / name
        if path.exists():
            read = read_message(path, saved_model_class())
            if not read.meta_graphs:
                raise BrokenFileError(
                    None, None, f"Cannot parse file {path}: there is no graph in it."
                )
            return read
    raise MissingFileError(
        None, None,
        f"SavedModel file does not exist at: {folder}/"
        f"{{{SAVED_MODEL_FILENAME_PBTXT}|{SAVED_MODEL_FILENAME_PB}}}{_nearby(folder)}",
    )  # fmt: skip


def _nearby(folder: str) -> str:
    """The folders in `folder` that hold a SavedModel, as exporters number them."""
    try:
        below = sorted(path.parent.name for path in Path(folder).glob("*/saved_model.pb*"))
    except OSError:
        return ""
    return f". Below that folder there is one in: {', '.join(below)}" if below else ""
