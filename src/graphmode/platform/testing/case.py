"""`tf.test.TestCase`: a fresh graph for each test, sessions, and threads that tell their errors."""

# ruff: noqa: N802 - TF1's names
from __future__ import annotations

import contextlib
import os
import random
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock as mock  # TF1 gives it as tf.test.mock

import numpy as np

from graphmode.framework.default_graph import get_default_graph, reset_default_graph
from graphmode.framework.defaults import default_session
from graphmode.ops.data.waiting import LOOK
from graphmode.ops.random.draws import set_random_seed
from graphmode.platform.testing.comparisons import Comparisons
from graphmode.platform.testing.machine import device_for, get_temp_dir
from graphmode.runtime.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from graphmode.framework.graph import Graph

_SEED = 87654321


class TestCase(Comparisons):
    """Each test starts with an empty default graph and the same random seeds.

    Parameters
    ----------
    methodName : str
        The method that is the test.
    """

    __test__ = False  # pytest: the class itself is no test; its subclasses are

    def __init__(self, methodName: str = "runTest") -> None:  # noqa: N803 - unittest's name
        super().__init__(methodName)
        self._session: Session | None = None
        self._session_of: tuple[Any, ...] = ()
        self._threads: list[CheckedThread] = []
        self._folder: str | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__test__ = True

    def setUp(self) -> None:
        super().setUp()
        self._forget_session()
        random.seed(_SEED)
        np.random.seed(_SEED)
        reset_default_graph()
        set_random_seed(_SEED)
        self._skip_if_it_is_no_test()

    def _skip_if_it_is_no_test(self) -> None:
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")

    def tearDown(self) -> None:
        for thread in self._threads:
            thread.check_termination()
        self._forget_session()
        super().tearDown()

    def _forget_session(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def get_temp_dir(self) -> str:
        """A folder for the files of this test; the same one for the whole test."""
        if self._folder is None:
            self._folder = tempfile.mkdtemp(dir=get_temp_dir())
        return self._folder

    # ---- sessions ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def session(
        self,
        graph: Graph | None = None,
        config: Any = None,
        use_gpu: bool = False,
        force_gpu: bool = False,
    ) -> Generator[Session]:
        """A new session, the default one in its block, closed at the end.

        Parameters
        ----------
        graph : Graph, optional
            The default one if not given.
        config : ConfigProto, optional
        use_gpu : bool
            Leave ops where they are placed; without it they are asked onto the CPU.
        force_gpu : bool
            Ask ops onto the first GPU.

        Yields
        ------
        Session
        """
        with Session(graph=graph, config=config) as session, _on(session, use_gpu, force_gpu):
            yield session

    @contextlib.contextmanager
    def cached_session(
        self,
        graph: Graph | None = None,
        config: Any = None,
        use_gpu: bool = False,
        force_gpu: bool = False,
    ) -> Generator[Session]:
        """The session of this test: its variables stay from block to block.

        Parameters
        ----------
        graph : Graph, optional
            The default one if not given.
        config : ConfigProto, optional
        use_gpu : bool
            Leave ops where they are placed; without it they are asked onto the CPU.
        force_gpu : bool
            Ask ops onto the first GPU.

        Yields
        ------
        Session

        Raises
        ------
        ValueError
            If an earlier block of the test gave other arguments.
        """
        made_of = (graph, config, force_gpu)
        if self._session is not None:
            for what, one, other in zip(
                ("graph", "config", "force_gpu value"), self._session_of, made_of, strict=True
            ):
                if one is not other:
                    raise ValueError(
                        f"The {what} used to get the cached session is different than the one "
                        "that was used to create the session. Maybe create a new session with "
                        "self.session()"
                    )
        with _on(self._kept(made_of), use_gpu, force_gpu) as session:
            yield session

    @contextlib.contextmanager
    def test_session(
        self,
        graph: Graph | None = None,
        config: Any = None,
        use_gpu: bool = False,
        force_gpu: bool = False,
    ) -> Generator[Session]:
        """`session` where a graph is given, else `cached_session` whatever `config` says.

        Parameters
        ----------
        graph : Graph, optional
            The default one if not given.
        config : ConfigProto, optional
        use_gpu : bool
            Leave ops where they are placed; without it they are asked onto the CPU.
        force_gpu : bool
            Ask ops onto the first GPU.

        Yields
        ------
        Session
        """
        self._skip_if_it_is_no_test()
        if graph is not None:
            with self.session(graph, config, use_gpu, force_gpu) as session:
                yield session
        else:
            with _on(self._kept((graph, config, force_gpu)), use_gpu, force_gpu) as session:
                yield session

    test_session.__test__ = False  # pyright: ignore[reportFunctionMemberAccess]

    def _kept(self, made_of: tuple[Any, ...]) -> Session:
        if self._session is None:
            graph, config, _ = made_of
            self._session = Session(graph=graph or get_default_graph(), config=config)
            self._session_of = made_of
        return self._session

    def evaluate(self, tensors: Any) -> Any:
        """The values of `tensors` in the default session, or in that of this test."""
        session = default_session()
        if session is None:
            with self.test_session() as session:
                return session.run(tensors)
        return session.run(tensors)

    # ---- threads and streams ----------------------------------------------------------------

    def checkedThread(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> CheckedThread:
        """A thread whose error fails the test; it is to be joined before the test ends.

        Parameters
        ----------
        target : callable
        args : tuple, optional
        kwargs : dict, optional
            What `target` is called with.

        Returns
        -------
        CheckedThread
        """
        thread = CheckedThread(self, target, args or (), kwargs or {})
        self._threads.append(thread)
        return thread

    @contextlib.contextmanager
    def captureWritesToStream(self, stream: Any) -> Generator[CapturedWrites]:
        """What is written to a stream in the block, by extensions written in C, too.

        Parameters
        ----------
        stream : file
            With a file descriptor: `sys.stdout`, `sys.stderr`.

        Yields
        ------
        CapturedWrites
            Its `contents()` are the text so far.
        """
        stream.flush()
        descriptor = stream.fileno()
        before = os.dup(descriptor)
        handle, path = tempfile.mkstemp(dir=self.get_temp_dir())
        os.dup2(handle, descriptor)
        os.close(handle)
        try:
            yield CapturedWrites(path)
        finally:
            stream.flush()
            os.dup2(before, descriptor)
            os.close(before)


@contextlib.contextmanager
def _on(session: Session, use_gpu: bool, force_gpu: bool) -> Generator[Session]:
    with session.graph.as_default(), session.as_default():
        place = device_for(use_gpu, force_gpu)
        with session.graph.device(place) if place else contextlib.nullcontext():
            yield session


class CheckedThread:
    """A thread of a test: `join` fails the test with the error that ended it."""

    def __init__(
        self,
        case: TestCase,
        target: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        self._case = case
        self._call = (target, args, kwargs)
        self._thread = threading.Thread(target=self._run)
        self._error: Exception | None = None
        self._is_joined = False

    def _run(self) -> None:
        target, args, kwargs = self._call
        try:
            target(*args, **kwargs)
        except Exception as error:
            self._error = error

    def start(self) -> None:
        """Begin, once."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the end; fail the test if it was an error."""
        self._is_joined = True
        while self._thread.is_alive():
            self._thread.join(LOOK)
        if self._error is not None:
            self._case.fail(f"Error in checkedThread: {self._error}")

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._thread.is_alive()

    def check_termination(self) -> None:
        """Fail the test if it was not joined.

        Raises
        ------
        RuntimeError
            If it still runs.
        """
        if not self._is_joined:
            self._case.fail("A checked thread was not joined.")
        if self.is_alive():
            raise RuntimeError(
                "Thread was not joined with main thread, and is still running when the test "
                "finished."
            )


class CapturedWrites:
    """What was written to a stream.

    Parameters
    ----------
    capture_location : str
        The file that has it.
    """

    def __init__(self, capture_location: str) -> None:
        self.capture_location = capture_location

    def contents(self) -> str:
        """The text so far."""
        return Path(self.capture_location).read_text()
