"""Restoring the newest checkpoint of a folder that is whole."""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.framework.errors import DataLossError, NotFoundError
from graphmode.platform import logging
from graphmode.training.checkpoint_state import checkpoint_exists, get_checkpoint_state

if TYPE_CHECKING:
    from graphmode.runtime.session import BaseSession
    from graphmode.training.saver import Saver


def checkpoints_of(checkpoint_dir: Any) -> list[str]:
    """The checkpoints of a folder, the oldest first.

    As its file `checkpoint` says. Where that file is damaged, those that lie there, by their time.

    Parameters
    ----------
    checkpoint_dir : str

    Returns
    -------
    list of str
        Their prefixes.
    """
    try:
        state = get_checkpoint_state(checkpoint_dir)
    except ValueError:  # an empty file
        state = None
    if state is not None:
        others = list(state.all_model_checkpoint_paths)
        newest: str = state.model_checkpoint_path
        return [*(path for path in others if path != newest), newest]
    folder = os.fsdecode(checkpoint_dir)
    told = f"{folder}/checkpoint"
    if not systems.exists(told):
        return []
    indexes = systems.matching(f"{glob.escape(folder)}/*.index")
    found = [
        index.removesuffix(".index")
        for index in sorted(indexes, key=lambda index: systems.stat(index).mtime_nsec)
    ]
    logging.warning("%s is damaged. What lies beside it counts: %s", told, ", ".join(found))
    return found


def restore_newest(saver: Saver, sess: BaseSession, checkpoints: list[str]) -> None:
    """Restore the newest of several checkpoints that is whole, and have the saver go on from it.

    A damaged one is skipped with a warning that names it.

    Parameters
    ----------
    saver : Saver
    sess : Session
    checkpoints : list of str
        Prefixes, the oldest first; at least one.

    Raises
    ------
    ValueError, DataLossError, NotFoundError
        If none is whole: what is wrong with the newest one.
    OpError
        If a checkpoint does not fit the graph: it is another model's.
    """
    first: Exception | None = None
    for n in range(len(checkpoints), 0, -1):
        path = checkpoints[n - 1]
        try:
            saver.restore(sess, path)
        except (ValueError, DataLossError, NotFoundError) as error:
            if not _is_damaged(path, error):
                raise
            logging.warning("Checkpoint %s is damaged and is skipped: %s", path, error)
            first = first or error
        else:
            saver.recover_last_checkpoints(checkpoints[:n])
            return
    if first is not None:
        raise first


def _is_damaged(path: str, error: Exception) -> bool:
    """Whether files are missing or broken, rather than of another model."""
    if isinstance(error, DataLossError) or not checkpoint_exists(path):
        return True
    return isinstance(error, NotFoundError) and "No such file" in str(error.message)
