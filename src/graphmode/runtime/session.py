"""`Session` and `InteractiveSession`: the user's side of `run`."""

from __future__ import annotations

import functools
import itertools
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import nest
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.defaults import session_stack
from graphmode.framework.graph import Graph
from graphmode.runtime import placement
from graphmode.runtime.config import ConfigProto
from graphmode.runtime.feeds import Feed, feed_tensors, leaves_to_feed
from graphmode.runtime.fetches import Fetches, fetch_key
from graphmode.runtime.plan import build_plan
from graphmode.runtime.programs import PlanState
from graphmode.runtime.results import owned
from graphmode.runtime.run import run_plan
from graphmode.runtime.state import SessionState
from graphmode.runtime.stats import RunStats

if TYPE_CHECKING:
    from collections.abc import Callable


_REMEMBERED_CALLS = 4096


class _Call:
    """One signature of `run`, resolved: what is fetched, what is fed, the plan."""

    __slots__ = ("_keys", "feeds", "plan_state", "rebuild")

    def __init__(self, graph: Graph, fetches: Any, keys: tuple) -> None:
        resolved = Fetches(graph, fetches)
        tensors = [feed_tensors(graph, key) for key in keys]
        self._keys = [key if nest.is_nested(key) else None for key in keys]
        self.feeds = [[Feed(tensor) for tensor in fed] for fed in tensors]
        fed = [tensor for each in tensors for tensor in each]
        if len(set(fed)) < len(fed):
            raise TypeError("A tensor is fed more than once in one feed_dict, by tensor and name.")
        self.rebuild = resolved.rebuild
        self.plan_state = PlanState(build_plan(resolved.elements, fed))

    def arrays(self, values: Any) -> list[np.ndarray]:
        arrays = []
        for feeds, key, value in zip(self.feeds, self._keys, values, strict=True):
            if key is not None:
                leaves = leaves_to_feed(key, value, len(feeds))
                arrays += [feed.array(leaf) for feed, leaf in zip(feeds, leaves, strict=True)]
            elif len(feeds) == 1:
                arrays.append(feeds[0].array(value))
            else:
                arrays += [feed.array(v) for feed, v in zip(feeds, value, strict=False)]
        return arrays


class BaseSession:
    """What both kinds of session do."""

    def __init__(self, target: str = "", graph: Graph | None = None, config=None) -> None:
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"`graph` must be a tf.Graph, but got {type(graph)}")
        if not isinstance(target, str | bytes):
            raise TypeError(f"`target` must be a string, but got {type(target)}")
        if config is not None and not isinstance(config, ConfigProto):
            raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")
        self._graph = graph or get_default_graph()
        self._target = target
        self._config = config or ConfigProto()
        self._closed = False
        self._calls: dict[Any, _Call] = {}
        self._state = SessionState()
        self._stats = RunStats()
        self._lock = threading.RLock()

    @property
    def graph(self) -> Graph:
        """The graph that this session runs."""
        return self._graph

    @property
    def graph_def(self):
        """The graph as a serializable `GraphDef`."""
        return self._graph.as_graph_def()

    @property
    def sess_str(self) -> str:
        """The target it was made with."""
        return self._target

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Run the ops that `fetches` need and return their values.

        Parameters
        ----------
        fetches : graph element, or nested list, tuple, dict, namedtuple of them
            A Tensor, Operation, Variable, IndexedSlices, SparseTensor, or a name.
        feed_dict : dict, optional
            Tensor (any, not only placeholders) or name -> value to use instead. A nested tuple of
            tensors takes values nested like it, as the state of a recurrent cell.
        options : RunOptions, optional
            Accepted.
        run_metadata : RunMetadata, optional
            Accepted.

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
        """
        del options, run_metadata
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if feed_dict:
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
        if call is None:
            call = self._resolve(fetches, key, tuple(feed_dict or ()))
        results = self._execute(call, values)
        return call.rebuild(results)

    def _resolve(self, fetches: Any, key: Any, feed_keys: tuple) -> _Call:
        if self._graph._last_id == 0:
            raise RuntimeError(
                "The Session graph is empty. Add operations to the graph before calling run()."
            )
        call = _Call(self._graph, fetches, feed_keys)
        placement.check(call.plan_state.plan, self._config)
        if key is not None:
            if len(self._calls) >= _REMEMBERED_CALLS:
                self._calls.clear()  # a program that makes new fetches for ever
            self._calls[key] = call
        return call

    def _execute(self, call: _Call, values: Any) -> list[Any]:
        arrays = call.arrays(values)
        with self._lock:
            results = run_plan(call.plan_state, arrays, self._state, self._stats)
            # Before another thread runs: that gives up the memory of variables.
            constants, variables = call.plan_state.template, self._state.variables.values()
            return owned(results, itertools.chain(arrays, constants, variables))

    def make_callable(self, fetches, feed_list=None, accept_options=False) -> Callable:
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
            raise RuntimeError("Attempted to use a closed Session.")
        call = self._resolve(fetches, None, tuple(feed_list or ()))

        @functools.wraps(self.run)
        def runner(*values, options=None, run_metadata=None):
            if accept_options:
                del options, run_metadata
            if self._closed:
                raise RuntimeError("Attempted to use a closed Session.")
            if len(values) != len(call.feeds):
                raise TypeError(f"expected {len(call.feeds)} feed values, got {len(values)}")
            return call.rebuild(self._execute(call, values))

        return runner

    def stats(self) -> RunStats:
        """Runs interpreted and compiled, programs, compile seconds, the reason of each compile."""
        return self._stats

    def list_devices(self) -> list:
        """The devices that this session can place ops on."""
        return placement.list_devices()

    def close(self) -> None:
        """Release the variables. The session cannot be used any more."""
        self._closed = True
        self._calls.clear()
        self._state = SessionState()

    def as_default(self):
        """A context in which this is the default session; it is not closed at the end."""
        return _DefaultSession(self)


class _DefaultSession:
    def __init__(self, session: BaseSession) -> None:
        self._session = session

    def __enter__(self) -> BaseSession:
        session_stack().append(self._session)
        return self._session

    def __exit__(self, *exception: object) -> None:
        _remove_last(session_stack(), self._session)


def _remove_last(stack: list, item: object) -> None:
    for i in range(len(stack) - 1, -1, -1):
        if stack[i] is item:
            del stack[i]
            return


class Session(BaseSession):
    """Runs the operations of a graph.

    As a context manager it is the default session, and its graph the default graph, until it is
    closed at the end of the block.

    Parameters
    ----------
    target : str
        Accepted; everything runs in this process.
    graph : Graph, optional
        The default graph if not given.
    config : ConfigProto, optional
    """

    def __enter__(self) -> Session:
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        self._contexts = [self._graph.as_default(), self.as_default()]
        for context in self._contexts:
            context.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        for context in reversed(self._contexts):
            context.__exit__(*exception)
        self.close()

    @staticmethod
    def reset(target, containers=None, config=None) -> None:
        """Accepted: the variables of this process live in its sessions.

        Parameters
        ----------
        target : str
        containers : list of str, optional
        config : ConfigProto, optional
        """


class InteractiveSession(BaseSession):
    """A session that installs itself as the default one, for shells and notebooks.

    Parameters
    ----------
    target : str
        Accepted: there is one process.
    graph : Graph, optional
        The default graph if not given.
    config : ConfigProto, optional
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config=None) -> None:
        super().__init__(target, graph, config)
        session_stack().append(self)
        self._graph_context = None
        if graph is not None:
            self._graph_context = graph.as_default()
            self._graph_context.__enter__()

    def close(self) -> None:
        """Close, and stop being the default session."""
        super().close()
        _remove_last(session_stack(), self)
        if self._graph_context is not None:
            self._graph_context.__exit__(None, None, None)
            self._graph_context = None
