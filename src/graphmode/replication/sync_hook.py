"""The hook of `SyncReplicasOptimizer`: it starts the steps, and says when a worker is missing."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from graphmode.cluster.cluster_spec import addresses_of
from graphmode.cluster.local_tasks import task_at
from graphmode.framework.default_graph import device, get_default_graph
from graphmode.framework.errors import OpError
from graphmode.ops.data.waiting import idle
from graphmode.platform import logging
from graphmode.sessions.hooks.session_run import SessionRunHook

if TYPE_CHECKING:
    from graphmode.runtime.session import BaseSession
    from graphmode.sessions.coordinator import Coordinator


class SyncReplicasHook(SessionRunHook):
    """Brings a worker to the global step; in the chief, starts the thread that makes the steps.

    Parameters
    ----------
    sync_optimizer : SyncReplicasOptimizer
    is_chief : bool
    num_tokens : int
        As for `SyncReplicasOptimizer.get_init_tokens_op`.
    """

    def __init__(self, sync_optimizer: Any, is_chief: bool, num_tokens: int = -1) -> None:
        self._optimizer = sync_optimizer
        self._is_chief = is_chief
        self._num_tokens = num_tokens
        self._init_tokens: Any = None
        self._counts: dict[str, Any] = {}

    def begin(self) -> None:
        """Called before the session is made.

        Raises
        ------
        ValueError
            If the optimizer has made no step of training yet.
        """
        optimizer = self._optimizer
        if optimizer.chief_init_op is None:
            raise ValueError(
                "SyncReplicasOptimizer.apply_gradient should be called before using the hook."
            )
        if not self._is_chief:
            return
        self._init_tokens = optimizer.get_init_tokens_op(self._num_tokens)
        for accumulator, var in optimizer.accumulators:
            with device(var.device or None):
                self._counts[var.name] = accumulator.num_accumulated()
        get_default_graph().pass_ids(-len(self._counts))

    def after_create_session(self, session: BaseSession, coord: Coordinator) -> None:
        """Called when a session has been made: starts its training.

        Parameters
        ----------
        session : Session
        coord : Coordinator

        Raises
        ------
        RuntimeError
            If variables have no value.
        """
        optimizer = self._optimizer
        init = optimizer.chief_init_op if self._is_chief else optimizer.local_step_init_op
        missing = session.run(optimizer.ready_for_local_init_op)
        if missing.size:
            names = ", ".join(name.decode() for name in missing)
            raise RuntimeError(
                "Init operations did not make model ready for SyncReplicasOptimizer local_init. "
                f"Init op: {init.name}, error: Variables not initialized: {names}"
            )
        session.run(init)
        if not self._is_chief:
            return
        session.run(self._init_tokens)
        runner = optimizer.get_chief_queue_runner()
        runner.create_threads(session, coord=coord, daemon=True, start=True)
        watch = threading.Thread(
            target=self._watch, args=(session, coord), name="SyncReplicasWatch", daemon=True
        )
        coord.register_thread(watch)
        watch.start()

    def _watch(self, session: BaseSession, coord: Coordinator) -> None:
        """Say so when no step is made for a while, because gradients are missing."""
        optimizer = self._optimizer
        patience = optimizer.patience_secs
        fetches = (optimizer.global_step, self._counts)
        step, since, told = None, time.monotonic(), False
        with idle():
            while not coord.wait_for_stop(patience / 4):
                try:
                    now, counts = session.run(fetches)
                except (OpError, RuntimeError):  # of a lost or closed session, which others report
                    return
                if now != step:
                    step, since, told = now, time.monotonic(), False
                few = {name: n for name, n in counts.items() if n < optimizer.n_required}
                if few and not told and time.monotonic() - since >= patience:
                    told = True
                    logging.warning("%s", self._told(int(now), few, _silent_tasks(session)))

    def _told(self, step: int, few: dict[str, Any], silent: list[str]) -> str:
        optimizer = self._optimizer
        some = ", ".join(f"{name} has {n}" for name, n in list(few.items())[:3])
        missing = f"\n  no answer from {', '.join(silent)}" if silent else ""
        return (
            f"SyncReplicasOptimizer '{optimizer.get_name()}' waits for gradients: no step for "
            f"{optimizer.patience_secs:g} s, and of {optimizer.n_required} gradients of step "
            f"{step} {some}. A worker has not started, has ended or is stuck: of "
            f"{optimizer.n_replicas} workers (total_num_replicas) see which one gives no output"
            f"{missing}"
        )


def _silent_tasks(session: BaseSession) -> list[str]:
    """The tasks of the cluster, if there is one, where nobody listens."""
    task: Any = task_at(session.sess_str)
    if task is None:
        return []
    silent: list[str] = []
    for name, address in addresses_of(task.cluster).items():
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            silent.append(f"{name} at {address}")
    return silent
