"""Event files by TensorBoard's own writer and protobufs, without TensorFlow."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
from __future__ import annotations

import os
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.files.records import records_in
from graphmode.framework.errors import FailedPreconditionError
from graphmode.framework.proto.messages import protobuf
from graphmode.launch import lockstep

if TYPE_CHECKING:
    from collections.abc import Iterator


def keep_tensorflow_out() -> None:
    """Make TensorBoard use its own file access in this process.

    It imports `tensorflow` for it unless this module exists; an installed one takes seconds and
    a gigabyte.
    """
    name = "tensorboard.compat.notf"
    sys.modules.setdefault(name, types.ModuleType(name))


class _NoFile:
    """Takes the events of a rank for which another one writes."""

    def add_event(self, event: Any) -> None:
        """Nothing is done with `event`."""

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""


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
    if not lockstep.writes("summaries"):
        return _NoFile()
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
    name = os.fsdecode(path)
    return _events(systems.open_file(name, "rb"), name)


def _events(opened: Any, name: str) -> Iterator[Any]:
    event = protobuf("event").Event
    with opened as file:
        for record in records_in(file, name, cut_is_end=True):
            yield event.FromString(record)
