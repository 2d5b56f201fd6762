"""Waiting for the checkpoints that another program saves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from graphmode.platform import logging
from graphmode.training.checkpoint_state import latest_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def wait_for_new_checkpoint(
    checkpoint_dir: Any,
    last_checkpoint: str | None = None,
    seconds_to_sleep: float = 1,
    timeout: float | None = None,
) -> str | None:
    """Wait until the newest checkpoint of a folder is another one.

    Parameters
    ----------
    checkpoint_dir : str
    last_checkpoint : str, optional
        The one that is known.
    seconds_to_sleep : float
        How long a wait is before it is looked again.
    timeout : float, optional
        For how many seconds; for ever if not given.

    Returns
    -------
    str or None
        Its prefix; None if there is none by then.
    """
    logging.info("Waiting for new checkpoint at %s", checkpoint_dir)
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        path = latest_checkpoint(checkpoint_dir)
        if path is not None and path != last_checkpoint:
            logging.info("Found new checkpoint at %s", path)
            return path
        if end is not None and time.monotonic() + seconds_to_sleep > end:
            return None
        time.sleep(seconds_to_sleep)


def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], Any] | None = None,
) -> Iterator[str]:
    """Iterate over the checkpoints of a folder, as they come.

    It may miss some if the loop's body takes longer than the next one to come.

    Parameters
    ----------
    checkpoint_dir : str
    min_interval_secs : float
        How many seconds lie between two of them at least.
    timeout : float, optional
        How many seconds it waits for a new one; for ever if not given.
    timeout_fn : callable, optional
        Called then: true ends the iteration. Without it, it ends.

    Yields
    ------
    str
        The prefix of a checkpoint.
    """
    path = None
    while True:
        newest = wait_for_new_checkpoint(checkpoint_dir, path, timeout=timeout)
        if newest is None:
            if timeout_fn is None:
                logging.info("Timed-out waiting for a checkpoint.")
                return
            if timeout_fn():
                return
            continue
        next_time = time.monotonic() + min_interval_secs
        path = newest
        yield path
        left = next_time - time.monotonic()
        if left > 0:
            time.sleep(left)
