"""What makes the session of a monitored one: the chief's is prepared, a worker's waited for."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import get_default_graph
from graphmode.sessions.scaffold import Scaffold
from graphmode.sessions.session_manager import SessionManager

if TYPE_CHECKING:
    from graphmode.runtime.config import ConfigProto
    from graphmode.runtime.session import Session


class SessionCreator(abc.ABC):
    """Makes sessions for a `MonitoredSession`; a base of your own."""

    @abc.abstractmethod
    def create_session(self) -> Session:
        """A session that is ready to run."""


class ChiefSessionCreator(SessionCreator):
    """Makes the session of a chief, which initialises the variables or restores them.

    Parameters
    ----------
    scaffold : Scaffold, optional
    master : str
        As for `Session`.
    config : ConfigProto, optional
    checkpoint_dir : str, optional
        Whose newest whole checkpoint is restored.
    checkpoint_filename_with_path : str, optional
        In place of a folder: the checkpoint itself.
    """

    def __init__(
        self,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: ConfigProto | None = None,
        checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
    ) -> None:
        self._scaffold = scaffold or Scaffold()
        self._master = master
        self._config = config
        self._checkpoint_dir = checkpoint_dir
        self._checkpoint = checkpoint_filename_with_path

    def create_session(self) -> Session:
        """A session whose variables are restored, or initialised where there is no checkpoint."""
        scaffold = self._scaffold.finalize()
        return _session_manager(scaffold).prepare_session(
            self._master, saver=scaffold.saver, checkpoint_dir=self._checkpoint_dir,
            checkpoint_filename_with_path=self._checkpoint, config=self._config,
            init_op=scaffold.init_op, init_feed_dict=scaffold.init_feed_dict,
            init_fn=scaffold.init_fn,
        )  # fmt: skip


class WorkerSessionCreator(SessionCreator):
    """Makes the session of a worker, which waits until a chief has initialised the variables.

    Parameters
    ----------
    scaffold : Scaffold, optional
    master : str
        As for `Session`.
    config : ConfigProto, optional
    max_wait_secs : float
        For how long it waits.
    """

    def __init__(
        self,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: ConfigProto | None = None,
        max_wait_secs: float = 30 * 60,
    ) -> None:
        self._scaffold = scaffold or Scaffold()
        self._master = master
        self._config = config
        self._max_wait_secs = max_wait_secs

    def create_session(self) -> Session:
        """A session whose variables somebody else has initialised."""
        scaffold = self._scaffold.finalize()
        return _session_manager(scaffold).wait_for_session(
            self._master, config=self._config, max_wait_secs=self._max_wait_secs
        )


def _session_manager(scaffold: Scaffold) -> SessionManager:
    return SessionManager(
        local_init_op=scaffold.local_init_op,
        ready_op=scaffold.ready_op,
        ready_for_local_init_op=scaffold.ready_for_local_init_op,
        graph=get_default_graph(),
    )
