"""Event files by TensorBoard's own writer and protobufs, without TensorFlow."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
from __future__ import annotations

import os
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode.files.records import records_in
from graphmode.framework.errors import FailedPreconditionError, NotFoundError
from graphmode.framework.proto.messages import protobuf

if TYPE_CHECKING:
    from collections.abc import Iterator


def keep_tensorflow_out() -> None:
    """Make TensorBoard use its own file access in this process.

    It imports `tensorflow` for it unless this module exists; an installed one takes seconds and
    a gigabyte.
    """
    name = "tensorboard.compat.notf"
    sys.modules.setdefault(name, types.ModuleType(name))


def new_event_file(logdir: str, max_queue: int, flush_secs: Any, suffix: str) -> Any:
    """A new event file in `logdir`, written by a thread of its own.

    Returns
    -------
    tensorboard.summary.writer.event_file_writer.EventFileWriter

    Raises
    ------
    FailedPreconditionError
        If `logdir` is no directory and cannot become one.
    """
    keep_tensorflow_out()
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    try:
        # The file is opened anew for each write: a program may have changed its folder by then.
        folder = logdir if "://" in logdir else str(Path(logdir).absolute())
        return EventFileWriter(folder, max_queue, flush_secs, suffix)
    except (FileExistsError, NotADirectoryError):
        raise FailedPreconditionError(
            None, None, f"{logdir} is not a directory: choose another logdir"
        ) from None


def summary_iterator(path: str | os.PathLike[str]) -> Iterator[Any]:
    """Iterate over the `Event` protobufs of an event file.

    Parameters
    ----------
    path : str or path
        The file, not its folder. An unfinished last event, of a file that is still being
        written, is left out.

    Returns
    -------
    iterator of Event

    Raises
    ------
    NotFoundError
        If there is no such file.
    DataLossError
        If its content is damaged.
    """
    file = Path(path)
    if not file.is_file():
        raise NotFoundError(None, None, f"{file}; No such file or directory")
    return _events(file)


def _events(path: Path) -> Iterator[Any]:
    event = protobuf("event").Event
    with path.open("rb") as file:
        for record in records_in(file, str(path), cut_is_end=True):
            yield event.FromString(record)
