"""`Session` and `InteractiveSession`: the user's side of `run`."""

from __future__ import annotations

import functools
import os
import time
import warnings
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import nest
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.defaults import session_stack
from graphmode.framework.errors import InvalidArgumentError, NotFoundError, OpError
from graphmode.framework.graph import Graph
from graphmode.framework.operation import Operation
from graphmode.runtime.calls import Call
from graphmode.runtime.config import ConfigProto, RunOptions
from graphmode.runtime.fetches import expanded, fetch_key
from graphmode.runtime.places.devices import Devices
from graphmode.runtime.planning import build_plan
from graphmode.runtime.policy import checked_mode
from graphmode.runtime.run import run_plan
from graphmode.runtime.signatures import Planned
from graphmode.runtime.state import SessionState
from graphmode.runtime.stats import RunStats

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from graphmode.framework.operation import Tensor
    from graphmode.runtime.partial import PartialRun
    from graphmode.runtime.places.devices import Device
    from graphmode.runtime.trace import Trace


_REMEMBERED_CALLS = 4096
_CLOSED = (
    "Attempted to use a closed Session.\n  fix: run it before session.close(), or inside the "
    "`with tf.Session() as sess:` block, at whose end the session is closed"
)
_EMPTY = "The Session graph is empty. Add operations to the graph before calling run()."
_mesh_devices = late("graphmode.runtime.places.mesh_devices", "MeshDevices")
_mesh_state = late("graphmode.runtime.places.mesh_state", "MeshState")
_partial_run = late("graphmode.runtime.partial", "PartialRun")
_trace = late("graphmode.runtime.trace", "Trace")
_within = late("graphmode.ops.data.waiting", "within")
_FEEDS = ("whole", "part")
_cluster_session = late("graphmode.cluster.master", "Master")
_reset = late("graphmode.cluster.master", "reset")


class BaseSession:
    """What both kinds of session do."""

    profile: ClassVar[Any] = None
    """What adds up the times of all runs of the process, if something does: a `RunTimes`."""

    def __init__(
        self,
        target: str = "",
        graph: Graph | None = None,
        config: ConfigProto | None = None,
        *,
        mode: str | None = None,
        mesh: int | str | Mapping[str, int] | None = None,
        feeds: str | None = None,
    ) -> None:
        _require_types(target, graph, config)
        feeds = feeds if feeds is not None else os.environ.get("GRAPHMODE_FEEDS") or "whole"
        if feeds not in _FEEDS:
            raise ValueError(f"feeds must be one of {', '.join(map(repr, _FEEDS))}, got {feeds!r}")
        _require_known(target)
        self._graph = graph or get_default_graph()
        self._target = target
        self._config = config or ConfigProto()
        self._timeout_in_ms = self._config.operation_timeout_in_ms
        self.mode = mode
        self._closed = False
        self._calls: dict[Any, Call] = {}
        self._stats = RunStats()
        self._cluster: Any = None
        """What runs it by the tasks of a cluster, if it has a target."""
        self._run_plan: Callable[..., list[Any]] = run_plan
        if target and mesh is not None:
            raise ValueError("A session with a target has no mesh: its tasks have devices")
        if target:
            self._cluster = _cluster_session(_name_of(target), self._config)
            self._state: SessionState = self._cluster.state
            self._devices: Devices = self._cluster.devices
            self._run_plan = self._cluster.run
        else:
            name = "mesh" if mesh is not None else "$GRAPHMODE_MESH"
            mesh = mesh if mesh is not None else os.environ.get("GRAPHMODE_MESH") or None
            if mesh is None:
                self._devices, self._state = Devices(self._config), SessionState()
            else:
                devices = self._devices = _mesh_devices(self._config, self._graph, mesh, name)
                self._state = _mesh_state(devices)
                if feeds == "part":
                    self._run_plan = devices.with_parts(run_plan)
        self._partial_runs: dict[str, PartialRun] = {}
        self._partial_plans: dict[Any, Any] = {}
        """What steps of partial runs were planned, by what had come before."""
        self._n_partial_runs = 0
        self._contexts: list[Any] = []
        """What a ``with`` block of a `Session` has entered."""

    @property
    def graph(self) -> Graph:
        """The graph that this session runs."""
        return self._graph

    @property
    def mode(self) -> str:
        """How runs are made: "auto", "interpreted" or "compiled"; can be set between runs.

        Raises
        ------
        ValueError
            If it is set to something else.
        """
        return self._mode

    @mode.setter
    def mode(self, mode: str | None) -> None:
        self._mode = checked_mode(mode)

    @property
    def graph_def(self) -> Any:
        """The graph as a serializable `GraphDef`."""
        return self._graph.as_graph_def()

    @property
    def sess_str(self) -> str:
        """The target it was made with."""
        return self._target

    def run(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        options: RunOptions | None = None,
        run_metadata: Any = None,
    ) -> Any:
        """Run the ops that `fetches` need and return their values.

        Parameters
        ----------
        fetches : graph element, or nested list, tuple, dict, namedtuple of them
            A Tensor, Operation, Variable, IndexedSlices, SparseTensor, or a name.
        feed_dict : dict, optional
            Tensor (any, not only placeholders) or name -> value to use instead. A nested tuple of
            tensors takes values nested like it, as the state of a recurrent cell.
        options : RunOptions, optional
            ``trace_level=RunOptions.FULL_TRACE`` or ``output_partition_graphs=True`` have
            `run_metadata` filled. ``timeout_in_ms`` (of all runs of the session
            ``ConfigProto(operation_timeout_in_ms=)``) is how long the run may wait for a queue.
        run_metadata : RunMetadata, optional
            Gets `step_stats`: when each program and each part on the host ran, on which device;
            and `partition_graphs`: what ran on each device.

        Returns
        -------
        The structure of `fetches`, with arrays in place of tensors and None in place of
        operations. The arrays are the caller's to change.

        Raises
        ------
        RuntimeError
            If the session is closed or the graph is empty.
        TypeError, ValueError
            If a fetch or feed is not of this graph or does not fit.
        tf.errors.OpError
            What an op refused. No variable has changed then.
        tf.errors.CancelledError
            If the session is closed while it runs.
        tf.errors.DeadlineExceededError
            If it waits for a queue when its time is over.
        """
        if self._closed:
            raise RuntimeError(_CLOSED)
        if feed_dict:
            feed_dict = expanded(feed_dict)
            key = (fetch_key(fetches), *feed_dict)
            values = feed_dict.values()
        else:
            if feed_dict is not None and not isinstance(feed_dict, dict):
                raise TypeError(f"feed_dict must be a dict, got {type(feed_dict).__name__}")
            key = (fetch_key(fetches),)
            values = ()
        try:
            call = self._calls.get(key)
        except TypeError:  # an unhashable fetch: its own message says what it is
            key, call = None, None
        if call is None or not call.is_current:
            call = self._resolve(fetches, key, tuple(feed_dict or ()), options)
        if (
            options is not None
            or run_metadata is not None
            or self.profile is not None
            or self._timeout_in_ms > 0
        ):
            return self._with_options(call, values, options, run_metadata)
        feeds = call.arrays(values) if values else []
        results = self._run_plan(call.planned, feeds, self._state, self._stats, self._mode)
        return call.rebuild(results)

    def _resolve(
        self, fetches: Any, key: Any, feed_keys: tuple[Any, ...], options: Any = None
    ) -> Call:
        if self._graph.n_operations == 0:
            raise RuntimeError(_EMPTY + _graph_of(fetches))
        planner = self._planned
        if self._cluster is not None:
            with self._in_time(options):
                self._cluster.connect()
            planner = self._cluster.planned
        call = Call(self._graph, fetches, feed_keys, planner)
        if key is not None:
            if len(self._calls) >= _REMEMBERED_CALLS:
                self._calls.clear()  # a program that makes new fetches for ever
            self._calls[key] = call
        return call

    def _planned(
        self,
        elements: Sequence[Tensor | Operation],
        fed: Sequence[Tensor],
        done: Collection[Operation] = (),
    ) -> Planned:
        plan = build_plan(elements, fed, self._state.resources, done)
        self._devices.check(plan)
        return Planned(plan, self._devices)

    def _run_rest(
        self,
        elements: Sequence[Tensor | Operation],
        values: Mapping[Tensor, Any],
        done: Collection[Operation],
    ) -> list[Any]:
        """Run what `elements` need when some tensors have values and some ops have run."""
        key = (*elements, None, *values, None, *done, len(self._graph.edits))
        planned = self._partial_plans.get(key)
        if planned is None:
            with self._graph.building:
                fed = list(values)
                if self._cluster is None:
                    planned = self._planned(elements, fed, done)
                else:
                    planned = self._cluster.planned(elements, fed, done)
            if len(self._partial_plans) >= _REMEMBERED_CALLS:
                self._partial_plans.clear()
            self._partial_plans[key] = planned
        run = run_plan if self._cluster is None else self._cluster.run
        arrays = [np.asarray(value) for value in values.values()]
        return run(planned, arrays, self._state, self._stats, self._mode)

    def _execute(self, call: Call, values: Any, trace: Trace | None = None) -> list[Any]:
        feeds = call.arrays(values)
        return self._run_plan(call.planned, feeds, self._state, self._stats, self._mode, trace)

    def _in_time(self, options: Any = None) -> AbstractContextManager[None]:
        """A block that ends what waits in it when the time of a run is over, if it has one."""
        timeout = options.timeout_in_ms if options is not None else 0
        timeout = timeout if timeout > 0 else self._timeout_in_ms
        return _within(timeout / 1000) if timeout > 0 else nullcontext()

    def _with_options(self, call: Call, values: Any, options: Any, metadata: Any) -> Any:
        with self._in_time(options):
            return self._traced(call, values, options, metadata)

    def _traced(self, call: Call, values: Any, options: Any, metadata: Any) -> Any:
        """A run whose options may ask for a trace, or whose times are added up."""
        times = options is not None and options.trace_level > RunOptions.NO_TRACE
        graphs = options is not None and options.output_partition_graphs
        if metadata is not None:
            metadata.Clear()
        if self.profile is None and not (metadata is not None and (times or graphs)):
            return call.rebuild(self._execute(call, values))
        trace = _trace(self._devices)
        started, stats = time.perf_counter(), self._stats
        n_compiles, compile_seconds = stats.compiles, stats.compile_seconds
        results = call.rebuild(self._execute(call, values, trace))
        if self.profile is not None:
            self.profile.add(
                trace, time.perf_counter() - started, stats.compiles - n_compiles,
                stats.compile_seconds - compile_seconds,
            )  # fmt: skip
        if metadata is not None and times:
            metadata.step_stats.CopyFrom(trace.step_stats())
        if metadata is not None and graphs:
            metadata.partition_graphs.extend(trace.partition_graphs(call.planned.plan))
        return results

    def partial_run_setup(self, fetches: Any, feeds: Sequence[Any] | None = None) -> str:
        """Say what `partial_run` will feed and fetch, bit by bit.

        Parameters
        ----------
        fetches : graph element, or nested list, tuple, dict of them
            All that will be fetched; ops run as soon as they can.
        feeds : list of Tensor, of any dtype and shape, optional
            All that will be fed.

        Returns
        -------
        str
            The handle that `partial_run` takes.

        Raises
        ------
        RuntimeError
            If the session is closed or the graph is empty.
        TypeError, ValueError
            If something is no element of the graph, or may not be fed.
        InvalidArgumentError
            If there is nothing to fetch, or a tensor is to be fed twice.

        Examples
        --------
        >>> import graphmode as tf
        >>> a, b = tf.placeholder(tf.int32), tf.placeholder(tf.int32)
        >>> with tf.Session() as sess:
        ...     handle = sess.partial_run_setup([a + 1, a * b], [a, b])
        """
        if self._closed:
            raise RuntimeError(_CLOSED)
        if self._graph.n_operations == 0:
            raise RuntimeError(_EMPTY + _graph_of(fetches))
        if self._cluster is not None:
            with self._in_time():
                self._cluster.connect()
        run: PartialRun = _partial_run(self._graph, fetches, feeds or (), self._n_partial_runs)
        self._partial_runs[run.handle] = run
        self._n_partial_runs += 1
        return run.handle

    def partial_run(
        self, handle: str, fetches: Any, feed_dict: Mapping[Any, Any] | None = None
    ) -> Any:
        """Go on with a run that was set up: feed some of its values, fetch others.

        Each is fed and fetched once, each op runs once: random numbers and variables that were read
        stay as they were.

        Parameters
        ----------
        handle : str
            From `partial_run_setup`.
        fetches : graph element, or nested list, tuple, dict of them
            Tensors only, which what has been fed is enough for.
        feed_dict : dict, optional

        Returns
        -------
        The structure of `fetches`, with arrays in place of tensors.

        Raises
        ------
        RuntimeError
            If the session is closed, or an op is fetched.
        InvalidArgumentError
            If something is fed or fetched that was not set up, or a second time, or cannot be
            computed yet; if the run is over, which it is after an error, too.
        """
        if self._closed:
            raise RuntimeError(_CLOSED)
        run = self._partial_runs.get(handle)
        if run is None:
            raise InvalidArgumentError(
                None, None, "Must run 'setup' before performing partial runs!"
            )
        try:
            with self._in_time():
                values = run.step(fetches, feed_dict, self._run_rest)
        except OpError:
            self._partial_runs.pop(handle, None)
            raise
        if run.is_over:
            self._partial_runs.pop(handle, None)
        return values

    def make_callable(
        self, fetches: Any, feed_list: Sequence[Any] | None = None, accept_options: bool = False
    ) -> Callable[..., Any]:
        """A function that runs the same fetches again and again, without looking them up.

        Parameters
        ----------
        fetches : graph element, or nested list, tuple, dict, namedtuple of them
            As for `run`.
        feed_list : list of Tensor, of any dtype, optional
            What the function takes the values of, in order.
        accept_options : bool
            Whether the function takes ``options`` and ``run_metadata`` too.

        Returns
        -------
        callable
            ``function(*values)`` gives what `run` would.

        Raises
        ------
        TypeError
            If `feed_list` is no list or tuple.
        RuntimeError
            If the session is closed.
        """
        if feed_list is not None and not isinstance(feed_list, list | tuple):
            raise TypeError("Argument `feed_list` must be a list or tuple.")
        if self._closed:
            raise RuntimeError(_CLOSED)
        feed_keys = tuple(feed_list or ())
        call = self._resolve(fetches, None, feed_keys)

        @functools.wraps(self.run)
        def runner(*values: Any, options: Any = None, run_metadata: Any = None) -> Any:
            nonlocal call
            if not accept_options:
                options = run_metadata = None
            if self._closed:
                raise RuntimeError(_CLOSED)
            if len(values) != len(call.feeds):
                raise TypeError(f"expected {len(call.feeds)} feed values, got {len(values)}")
            if not call.is_current:
                call = self._resolve(fetches, None, feed_keys)
            return self._with_options(call, values, options, run_metadata)

        return runner

    def stats(self) -> RunStats:
        """Runs interpreted and compiled, programs, compile seconds, the reason of each compile.

        With a mesh also where the variables lie, and what each device holds of them.
        """
        self._stats.variables = self._state.where()
        return self._stats

    def list_devices(self) -> list[Device]:
        """The devices that this session can place ops on; of a cluster those of all its tasks."""
        return self._devices.all if self._cluster is None else self._cluster.list_devices()

    def close(self) -> None:
        """Release the variables. The session cannot be used any more.

        Runs of other threads that are under way raise CancelledError, as TensorFlow's do.
        """
        self._closed = True
        self._calls.clear()
        self._partial_runs.clear()
        self._partial_plans.clear()
        if self._cluster is None:
            self._state.close()
        else:
            self._cluster.close()

    def as_default(self) -> _DefaultSession:
        """A context in which this is the default session; it is not closed at the end."""
        return _DefaultSession(self)


def _require_types(target: Any, graph: Any, config: Any) -> None:
    if graph is not None and not isinstance(graph, Graph):
        raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
    if not isinstance(target, str | bytes):
        raise TypeError(f"target must be a string, but got {type(target)}")
    if config is not None and not isinstance(config, ConfigProto):
        raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")


def _name_of(target: str | bytes) -> str:
    return target.decode() if isinstance(target, bytes) else target


def _require_known(target: str | bytes) -> None:
    """Refuse what names no kind of session."""
    name = _name_of(target)
    if name and not name.startswith("grpc://"):
        raise NotFoundError(
            None,
            None,
            f'No session factory registered for the given session options: {{target: "{name}"}} '
            "Registered factories are {DIRECT_SESSION, GRPC_SESSION}.\n"
            "  fix: tf.Session() runs in this process",
        )


class _DefaultSession:
    def __init__(self, session: BaseSession) -> None:
        self._session = session

    def __enter__(self) -> BaseSession:
        session_stack().append(self._session)
        return self._session

    def __exit__(self, *exception: object) -> None:
        _leave(self._session)


def _leave(session: BaseSession) -> None:
    """Make the session before `session` the default; nothing is left where the stack was reset."""
    stack = session_stack()
    if not any(entered is session for entered in stack):
        return
    if stack[-1] is not session:
        raise AssertionError(
            f"Nesting violated for default stack of {type(session)} objects\n"
            "  another session was made the default later and still is: close that one first"
        )
    stack.pop()


class Session(BaseSession):
    """Runs the operations of a graph.

    As a context manager it is the default session, and its graph the default graph, until it is
    closed at the end of the block.

    Parameters
    ----------
    target : str
        '' for this process; or the address of a task of a cluster, as `tf.train.Server.target`
        gives it: what names no task runs there, and variables outlive the session.
    graph : Graph, optional
        The default graph if not given.
    config : ConfigProto, optional
    mode : {"auto", "interpreted", "compiled"}, optional
        How runs are made: step by step in NumPy, as programs of XLA, or as pays ("auto": what
        ``$GRAPHMODE_MODE`` says if it is set). The values are the same.
    mesh : int, str or dict, optional
        Run on several devices: 8, ``{"data": 4, "model": 2}``, "all"; what ``$GRAPHMODE_MESH`` says
        if it is set. What is fed is split along its first dimension over "data"; variables with a
        partitioner, and those over 64 MB, are split over "model" ("data" if there is no such axis).
        The values are those of one device, to rounding.
    feeds : {"whole", "part"}, optional
        Of a mesh over several processes (`graphmode launch`): whether each of them feeds the whole
        batch, of which its devices take their rows, or its part, as many rows as each other one
        does. "whole" if not given, and ``$GRAPHMODE_FEEDS`` does not say.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type, `mode` is none of these, or there are too few devices.
    NotFoundError
        If `target` is no address.
    RuntimeError
        If a ``with`` block is entered inside another one of the same session.
    AssertionError
        If blocks end, or interactive sessions are closed, in another order than the reverse.
    """

    def __enter__(self) -> Session:
        if self._closed:
            raise RuntimeError(_CLOSED)
        if self._contexts:
            raise RuntimeError(
                "Session context managers are not re-entrant. Use `Session.as_default()` if you "
                "want to enter a session multiple times."
            )
        self._contexts = [self._graph.as_default(), self.as_default()]
        for context in self._contexts:
            context.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        for context in reversed(self._contexts):
            context.__exit__(*exception)
        self._contexts = []
        self.close()

    @staticmethod
    def reset(
        target: str, containers: Sequence[str] | None = None, config: ConfigProto | None = None
    ) -> None:
        """Forget the variables and resources of a cluster's tasks, and end a task's sessions.

        Those that name the same `target` raise AbortedError from then on; others find variables
        that are not initialised.

        Parameters
        ----------
        target : str
            The address of a task; '' has no effect, since the variables of this process live in
            its sessions.
        containers : list of str, optional
            Whose: those of ``tf.container``; what is in no container if not given.
        config : ConfigProto, optional
            Of which `device_filters` counts.
        """
        if target:
            _require_known(target)
            _reset(_name_of(target), containers, config or ConfigProto())


class InteractiveSession(BaseSession):
    """A session that installs itself as the default one, for shells and notebooks.

    Parameters
    ----------
    target : str
        As for `Session`.
    graph : Graph, optional
        The default graph if not given.
    config : ConfigProto, optional
    mode : {"auto", "interpreted", "compiled"}, optional
    mesh : int, str or dict, optional
        As for `Session`.
    feeds : {"whole", "part"}, optional
        As for `Session`.
    """

    def __init__(
        self,
        target: str = "",
        graph: Graph | None = None,
        config: ConfigProto | None = None,
        *,
        mode: str | None = None,
        mesh: int | str | Mapping[str, int] | None = None,
        feeds: str | None = None,
    ) -> None:
        super().__init__(target, graph, config, mode=mode, mesh=mesh, feeds=feeds)
        if any(isinstance(session, InteractiveSession) for session in session_stack()):
            warnings.warn(
                "An interactive session is already active. This can cause out-of-memory errors in "
                "some cases. You must explicitly call `InteractiveSession.close()` to release "
                "resources held by the other session(s).",
                stacklevel=2,
            )
        session_stack().append(self)
        self._graph_context = None
        if graph is not None:
            self._graph_context = graph.as_default()
            self._graph_context.__enter__()

    def close(self) -> None:
        """Close, and stop being the default session."""
        super().close()
        _leave(self)
        if self._graph_context is not None:
            self._graph_context.__exit__(None, None, None)
            self._graph_context = None


def _graph_of(fetches: Any) -> str:
    """What to do if `fetches` are of another graph than the session's, which is empty."""
    for fetch in nest.flatten(fetches):
        op = fetch if isinstance(fetch, Operation) else getattr(fetch, "op", None)
        if isinstance(op, Operation):
            made_at = f" (created at {op.site.short()}   {op.site.source})" if op.site else ""
            return (
                f"\n  '{op.name}'{made_at} is of another graph\n"
                "  fix: tf.Session(graph=graph), or open the session inside `with "
                "graph.as_default():`"
            )
    return ""
