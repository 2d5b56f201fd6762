"""The file `checkpoint` of a folder: which checkpoint is the newest, and which others there are."""

from __future__ import annotations

import contextlib
import glob
import os
import re
from typing import TYPE_CHECKING, Any

from graphmode.files import systems
from graphmode.files.bundle import index_name
from graphmode.files.messages import message
from graphmode.files.whole import write_whole
from graphmode.framework.errors import NotFoundError, OpError, of_system
from graphmode.platform import logging

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STATE = "checkpoint"


def _state_name(save_dir: Any, latest_filename: str | None) -> str:
    return os.path.join(save_dir, latest_filename or _STATE)  # noqa: PTH118 - as programs see it


def generate_checkpoint_state_proto(
    save_dir: Any,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: Sequence[str] | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> Any:
    """The message that `update_checkpoint_state` writes.

    Parameters
    ----------
    save_dir : str
        Where it is to be written; of a relative one, relative paths become relative to it.
    model_checkpoint_path : str
        The newest checkpoint.
    all_model_checkpoint_paths : list of str, optional
        All that are there, the oldest first.
    all_model_checkpoint_timestamps : list of float, optional
        Seconds since 1970, one for each of them.
    last_preserved_timestamp : float, optional
        When the last one was saved that is kept for good.

    Returns
    -------
    CheckpointState

    Raises
    ------
    ValueError
        If there are not as many timestamps as paths.
    """
    paths = list(all_model_checkpoint_paths or [])
    if not paths or paths[-1] != model_checkpoint_path:
        logging.info(
            "%s is not in all_model_checkpoint_paths. Manually adding it.", model_checkpoint_path
        )
        paths.append(model_checkpoint_path)
    times = list(all_model_checkpoint_timestamps or [])
    if times and len(times) != len(paths):
        raise ValueError(
            "Checkpoint timestamps, if provided, must match checkpoint paths (got paths "
            f"{paths} and timestamps {times})"
        )
    if not os.path.isabs(save_dir):  # noqa: PTH117
        paths = [p if os.path.isabs(p) else os.path.relpath(p, save_dir) for p in paths]  # noqa: PTH117
        model_checkpoint_path = paths[-1]
    state = message("CheckpointState")(
        model_checkpoint_path=model_checkpoint_path,
        all_model_checkpoint_paths=paths,
        all_model_checkpoint_timestamps=times,
    )
    if last_preserved_timestamp is not None:
        state.last_preserved_timestamp = last_preserved_timestamp
    return state


def update_checkpoint_state(
    save_dir: Any,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: Sequence[str] | None = None,
    latest_filename: str | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
    save_relative_paths: bool = False,
) -> None:
    """Write the file that says which checkpoint is the newest, in place of the old one at once.

    Parameters
    ----------
    save_dir : str
    model_checkpoint_path : str
        The newest checkpoint.
    all_model_checkpoint_paths : list of str, optional
        All that are there, the oldest first.
    latest_filename : str, optional
        "checkpoint" if not given.
    all_model_checkpoint_timestamps : list of float, optional
        Seconds since 1970, one for each of them.
    last_preserved_timestamp : float, optional
        When the last one was saved that is kept for good.
    save_relative_paths : bool
        Write all paths relative to `save_dir`.

    Raises
    ------
    RuntimeError
        If a checkpoint has the name of this file.
    OpError
        If it cannot be written; the old file is as it was.
    """
    name = _state_name(save_dir, latest_filename)
    newest, paths = model_checkpoint_path, list(all_model_checkpoint_paths or [])
    if save_relative_paths:
        newest, *paths = (
            os.path.relpath(p, save_dir) if os.path.isabs(p) else p  # noqa: PTH117
            for p in (newest, *paths)
        )
    state = generate_checkpoint_state_proto(
        save_dir, newest, paths, all_model_checkpoint_timestamps, last_preserved_timestamp
    )
    if name == state.model_checkpoint_path:
        raise RuntimeError(
            f"Save path '{model_checkpoint_path}' conflicts with path used for checkpoint state.  "
            "Please use a different save path."
        )
    from google.protobuf import text_format

    try:
        write_whole(name, text_format.MessageToString(state).encode())
    except OSError as error:
        raise of_system(error, name) from error


def get_checkpoint_state(checkpoint_dir: Any, latest_filename: str | None = None) -> Any:
    """What the file `checkpoint` of a folder says.

    Parameters
    ----------
    checkpoint_dir : str
    latest_filename : str, optional
        "checkpoint" if not given.

    Returns
    -------
    CheckpointState or None
        With paths from here, not from the folder; None if there is no such file, or no good one.

    Raises
    ------
    ValueError
        If it names no checkpoint.
    """
    from google.protobuf import text_format

    name = _state_name(checkpoint_dir, latest_filename)
    state = message("CheckpointState")()
    try:
        text_format.Merge(systems.read_bytes(name).decode(), state)
    except NotFoundError:
        return None
    except (OpError, UnicodeDecodeError, text_format.ParseError) as error:
        logging.warning("%s: %s", type(error).__name__, error)
        logging.warning("%s: Checkpoint ignored", name)
        return None
    if not state.model_checkpoint_path:
        raise ValueError(f"Invalid checkpoint state loaded from {checkpoint_dir}")
    joined: list[str] = [
        os.path.join(checkpoint_dir, path)  # noqa: PTH118
        for path in (state.model_checkpoint_path, *state.all_model_checkpoint_paths)
    ]
    state.model_checkpoint_path = joined[0]
    state.all_model_checkpoint_paths[:] = joined[1:]
    return state


def checkpoint_exists(checkpoint_prefix: Any) -> bool:
    """Whether there is a checkpoint of `checkpoint_prefix` (or a pattern), of version 1 or 2."""
    prefix = os.fsdecode(checkpoint_prefix)
    return bool(systems.matching(index_name(prefix)) or systems.matching(prefix))


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """The newest checkpoint of a folder.

    Parameters
    ----------
    checkpoint_dir : str
    latest_filename : str, optional
        "checkpoint" if not given.

    Returns
    -------
    str or None
        Its prefix, for `Saver.restore`; None if there is none.
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    path: str = state.model_checkpoint_path
    if checkpoint_exists(path):
        return path
    logging.error("Couldn't match files for checkpoint %s", path)
    return None


def get_checkpoint_mtimes(checkpoint_prefixes: Iterable[Any]) -> list[float]:
    """When each of `checkpoint_prefixes` that is there was saved, in seconds since 1970."""
    times: list[float] = []
    for prefix in checkpoint_prefixes:
        name = os.fsdecode(prefix)
        found = systems.matching(index_name(name)) or systems.matching(name)
        if found:
            times.append(systems.stat(found[0]).mtime_nsec / 1e9)
    return times


def remove_checkpoint(
    checkpoint_prefix: str, checkpoint_format_version: Any = None, meta_graph_suffix: str = "meta"
) -> None:
    """Remove the files of a checkpoint, its meta graph among them.

    Parameters
    ----------
    checkpoint_prefix : str
    checkpoint_format_version : int, optional
        Of no effect: the files of both versions go.
    meta_graph_suffix : str
    """
    prefix = glob.escape(checkpoint_prefix)
    names = [
        *systems.matching(index_name(prefix)),  # the index first: what stays is no checkpoint
        *systems.matching(f"{prefix}.data-?????-of-?????"),
        *systems.matching(prefix),
        *systems.matching(f"{prefix}.random"),
        *systems.matching(glob.escape(meta_graph_filename(checkpoint_prefix, meta_graph_suffix))),
    ]
    for name in names:
        with contextlib.suppress(NotFoundError):
            systems.remove(name)


def meta_graph_filename(checkpoint_filename: str, meta_graph_suffix: str = "meta") -> str:
    """The file of the meta graph beside a checkpoint: ``model-10.meta``.

    Parameters
    ----------
    checkpoint_filename : str
        Its prefix.
    meta_graph_suffix : str

    Returns
    -------
    str
    """
    base = re.sub(r"-[\d?]+-of-\d+$", "", checkpoint_filename)
    return f"{base}.{meta_graph_suffix}"
