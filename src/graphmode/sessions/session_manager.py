"""`SessionManager`: a session whose variables have their values, from a checkpoint or anew."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import DeadlineExceededError, FailedPreconditionError
from graphmode.platform import logging
from graphmode.runtime.session import Session
from graphmode.sessions.recovery import checkpoints_of, restore_newest

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.graph import Graph
    from graphmode.runtime.config import ConfigProto, RunOptions
    from graphmode.training.saver import Saver


_LOOK = 1.0
"""Seconds between two looks whether a chief has initialised the variables, at most."""


class SessionManager:
    """Makes sessions that are ready: from a checkpoint if there is one, else by an initializer.

    Parameters
    ----------
    local_init_op : Operation, optional
        Run for each session, after what it needs is ready.
    ready_op : Tensor, string vector, optional
        The names of what is missing; empty when the model is ready.
    ready_for_local_init_op : Tensor, string vector, optional
        The same, for what `local_init_op` needs.
    graph : Graph, optional
        The default graph if not given.
    recovery_wait_secs : float
        How long a wait is before it is said again; one for a chief ends within a second.
    local_init_run_options : RunOptions, optional

    Raises
    ------
    ValueError
        If there is a `ready_for_local_init_op` and no `local_init_op`.
    """

    def __init__(
        self,
        local_init_op: Any = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        graph: Graph | None = None,
        recovery_wait_secs: float = 30,
        local_init_run_options: RunOptions | None = None,
    ) -> None:
        if ready_for_local_init_op is not None and local_init_op is None:
            raise ValueError(
                "If you pass a ready_for_local_init_op you must also pass a local_init_op , "
                f"ready_for_local_init_op [{ready_for_local_init_op}]"
            )
        self._graph = graph or get_default_graph()
        self._local_init_op = local_init_op
        self._ready_op = ready_op
        self._ready_for_local_init_op = ready_for_local_init_op
        self._recovery_wait_secs = recovery_wait_secs
        self._local_init_run_options = local_init_run_options

    def prepare_session(
        self,
        master: str,
        init_op: Any = None,
        saver: Saver | None = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        config: ConfigProto | None = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Session], Any] | None = None,
    ) -> Session:
        """A session that is ready: restored from the newest whole checkpoint, else initialised.

        Parameters
        ----------
        master : str
            As for `Session`.
        init_op : Operation, optional
            Run if there is no checkpoint.
        saver : Saver, optional
            What restores.
        checkpoint_dir : str, optional
            Whose newest checkpoint is restored; a damaged one is skipped with a warning.
        checkpoint_filename_with_path : str, optional
            In place of a folder: the checkpoint itself.
        wait_for_checkpoint : bool
            Wait until there is one.
        max_wait_secs : float
            For how long.
        config : ConfigProto, optional
        init_feed_dict : dict, optional
            What `init_op` is fed.
        init_fn : callable, optional
            Called with the session after `init_op`.

        Returns
        -------
        Session

        Raises
        ------
        RuntimeError
            If there is neither checkpoint nor anything that initialises, or it is not enough.
        ValueError
            If both a folder and a checkpoint are given.
        OpError
            If the checkpoint is another model's, or none is whole.
        """
        sess, is_restored = self._restored(
            master, saver, checkpoint_dir, checkpoint_filename_with_path, wait_for_checkpoint,
            max_wait_secs, config,
        )  # fmt: skip
        with _closed_on_error(sess):
            if not is_restored:
                if init_op is None and not init_fn and self._local_init_op is None:
                    raise RuntimeError(
                        "Model is not initialized and no init_op or init_fn or local_init_op was "
                        "given"
                    )
                if init_op is not None:
                    sess.run(init_op, feed_dict=init_feed_dict)
                if init_fn:
                    init_fn(sess)
            missing = self._run_local_init_op(sess)
            if missing is not None:
                raise RuntimeError(
                    "Init operations did not make model ready for local_init.  Init op: "
                    f"{_name(init_op)}, init fn: {init_fn}, error: {missing}"
                )
            missing = _missing(self._ready_op, sess, "Model not ready")
            if missing is not None:
                raise RuntimeError(
                    f"Init operations did not make model ready.  Init op: {_name(init_op)}, init "
                    f"fn: {init_fn}, local_init_op: {self._local_init_op}, error: {missing}"
                )
        return sess

    def recover_session(
        self,
        master: str,
        saver: Saver | None = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        config: ConfigProto | None = None,
    ) -> tuple[Session, bool]:
        """A session restored from the newest whole checkpoint, if there is one.

        Parameters
        ----------
        master : str
            As for `Session`.
        saver : Saver, optional
            What restores.
        checkpoint_dir : str, optional
        checkpoint_filename_with_path : str, optional
            In place of a folder: the checkpoint itself.
        wait_for_checkpoint : bool
            Wait until there is one.
        max_wait_secs : float
            For how long.
        config : ConfigProto, optional

        Returns
        -------
        session : Session
        is_ready : bool
            Whether it was restored and is ready; else it is to be initialised.
        """
        sess, is_restored = self._restored(
            master, saver, checkpoint_dir, checkpoint_filename_with_path, wait_for_checkpoint,
            max_wait_secs, config,
        )  # fmt: skip
        with _closed_on_error(sess):
            missing = self._run_local_init_op(sess)
            if not is_restored:
                return sess, False
            source = checkpoint_dir or checkpoint_filename_with_path
            if missing is not None:
                logging.info(
                    "Restoring model from %s did not make model ready for local init: %s",
                    source, missing,
                )  # fmt: skip
                return sess, False
            missing = _missing(self._ready_op, sess, "Model not ready")
            if missing is not None:
                logging.info(
                    "Restoring model from %s did not make model ready: %s", source, missing
                )
                return sess, False
        logging.info("Restored model from %s", source)
        return sess, True

    def wait_for_session(
        self, master: str, config: ConfigProto | None = None, max_wait_secs: float | None = None
    ) -> Session:
        """A session whose variables another one initialises: waits until they are.

        Parameters
        ----------
        master : str
            As for `Session`.
        config : ConfigProto, optional
        max_wait_secs : float, optional
            For how long; for ever if not given.

        Returns
        -------
        Session

        Raises
        ------
        DeadlineExceededError
            If they are not by then: what is missing.
        """
        limit = float("inf") if max_wait_secs is None else max_wait_secs
        end = time.monotonic() + limit
        pause = min(self._recovery_wait_secs, _LOOK)
        told = float("-inf")
        while True:
            sess = Session(master, graph=self._graph, config=config)
            with _closed_on_error(sess):
                unready = None
                local = self._run_local_init_op(sess)
                if local is None:
                    unready = _missing(self._ready_op, sess, "Model not ready")
                    if unready is None:
                        return sess
            sess.close()
            if end - time.monotonic() < pause:
                raise DeadlineExceededError(
                    None, None,
                    f"Session was not ready after waiting {int(limit)} secs.\n"
                    f"  {local or unready}\n"
                    "  fix: this waits for a chief that initialises the variables; with one "
                    "process pass is_chief=True",
                )  # fmt: skip
            if time.monotonic() - told >= self._recovery_wait_secs:
                told = time.monotonic()
                logging.info(
                    "Waiting for model to be ready.  Ready_for_local_init_op:  %s, ready: %s",
                    local, unready,
                )  # fmt: skip
            time.sleep(pause)

    def _restored(
        self,
        master: str,
        saver: Saver | None,
        checkpoint_dir: Any,
        checkpoint: Any,
        wait_for_checkpoint: bool,
        max_wait_secs: float,
        config: ConfigProto | None,
    ) -> tuple[Session, bool]:
        """A new session, and whether its variables have been restored."""
        sess = Session(master, graph=self._graph, config=config)
        with _closed_on_error(sess):
            if checkpoint_dir and checkpoint:
                raise ValueError(
                    "Can not provide both checkpoint_dir and checkpoint_filename_with_path."
                )
            if not saver or not (checkpoint_dir or checkpoint):
                return sess, False
            if checkpoint:
                saver.restore(sess, checkpoint)
                return sess, True
            waited = 0.0
            while not (checkpoints := checkpoints_of(checkpoint_dir)):
                if not wait_for_checkpoint or waited >= max_wait_secs:
                    return sess, False
                logging.info("Waiting for checkpoint to be available.")
                time.sleep(self._recovery_wait_secs)
                waited += self._recovery_wait_secs
            restore_newest(saver, sess, checkpoints)
            return sess, True

    def _run_local_init_op(self, sess: Session) -> str | None:
        """Run it if what it needs is there; else what is missing."""
        if self._local_init_op is None:
            return None
        missing = _missing(self._ready_for_local_init_op, sess, "Model not ready for local init")
        if missing is None:
            logging.info("Running local_init_op.")
            sess.run(self._local_init_op, options=self._local_init_run_options)
            logging.info("Done running local_init_op.")
        return missing


@contextlib.contextmanager
def _closed_on_error(sess: Session) -> Any:
    try:
        yield
    except BaseException:
        sess.close()
        raise


def _missing(op: Any, sess: Session, what: str) -> str | None:
    """What a `ready_op` says is missing; None if the model is ready."""
    if op is None:
        return None
    try:
        names = sess.run(op)
    except FailedPreconditionError as error:
        if "uninitialized" not in str(error):
            logging.warning("%s : error [%s]", what, error)
            raise
        return str(error)
    if names is None or names.dtype == np.int32 or names.size == 0:
        return None
    return "Variables not initialized: " + ", ".join(name.decode() for name in names)


def _name(op: Any) -> str:
    if op is None:
        return "None"
    return op.name if hasattr(op, "name") else f"<no name for {type(op)}>"
