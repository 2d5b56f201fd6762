"""Partial runs: values are fed and fetched bit by bit, and each op runs once.

What can be computed is, as soon as it can: a variable is read, and a number drawn, at the first
`partial_run` after all that comes before it has been fed. Between two of them the values that are
still to be read are kept, and fed to the plan of what comes next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.errors import InvalidArgumentError
from graphmode.framework.operation import Operation, Tensor
from graphmode.runtime.feeds import feed_array, feed_tensors
from graphmode.runtime.fetches import Fetches, expanded
from graphmode.runtime.order import needed_ops

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from graphmode.framework.graph import Graph

    Runner = Callable[
        [Sequence[Tensor | Operation], Mapping[Tensor, Any], Collection[Operation]], list[Any]
    ]

_KEPT_BY_OTHERS = ("resource", "variant")


class PartialRun:
    """What was set up, and how far it has come.

    Parameters
    ----------
    graph : Graph
    fetches : graph element, or nested list, tuple, dict of them
        All that will be fetched.
    feeds : list
        All that will be fed.
    number : int
        Of the session's partial runs.

    Raises
    ------
    InvalidArgumentError
        If there is nothing to fetch, or a tensor is to be fed twice.
    TypeError, ValueError
        If something is no element of the graph, or may not be fed.
    """

    def __init__(self, graph: Graph, fetches: Any, feeds: Sequence[Any], number: int) -> None:
        elements = Fetches(graph, fetches)
        fed = [tensor for key in feeds for tensor in feed_tensors(graph, key)]
        if not elements.elements:
            raise _invalid("Must specify at least one target to fetch or execute.")
        for tensor in fed:
            if fed.count(tensor) > 1:
                raise _invalid(f'Endpoint "{tensor.name}" fed more than once.')
        self._graph = graph
        self._listed = frozenset(fed)
        self._waiting = set(fed)
        self._fetchable = frozenset(elements.tensors)
        self._unfetched = set(elements.tensors)
        self._needed = needed_ops(elements.elements, frozenset(fed))
        self._values: dict[Tensor, Any] = {}
        self._done: set[Operation] = set()
        names = (",".join(part.name for part in parts) for parts in (fed, elements.tensors))
        targets = ",".join(op.name for op in elements.operations)
        self.handle = f"{'->'.join(names)}/{targets}/1/;{number}"

    @property
    def is_over(self) -> bool:
        """Whether all has been fed and fetched."""
        return not self._waiting and not self._unfetched

    def step(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None,
        run: Runner,
    ) -> Any:
        """Feed some values, and fetch some.

        Parameters
        ----------
        fetches : graph element, or nested list, tuple, dict of them
        feed_dict : dict, optional
        run : callable
            Gives the values of what is fetched, of some values and the ops that have run.

        Returns
        -------
        The structure of `fetches`, with arrays.

        Raises
        ------
        RuntimeError
            If an op is fetched, which has no value.
        InvalidArgumentError
            If something is fed or fetched twice, was not set up, or cannot be computed yet.
        """
        wanted = Fetches(self._graph, fetches)
        if wanted.operations:
            raise RuntimeError("partial_run() requires empty target_list.")
        given = self._arrays(feed_dict)
        self._check(given, wanted.tensors)
        self._values.update(given)
        self._waiting.difference_update(given)
        self._check_can_be_computed(wanted.tensors)
        self._advance(run)
        self._unfetched.difference_update(wanted.tensors)
        return wanted.rebuild([np.copy(self._values[tensor])[()] for tensor in wanted.tensors])

    def _arrays(self, feed_dict: Mapping[Any, Any] | None) -> dict[Tensor, Any]:
        arrays: dict[Tensor, Any] = {}
        given: Mapping[Any, Any] = expanded(feed_dict) if feed_dict else {}
        for key, value in given.items():
            tensors = feed_tensors(self._graph, key)
            values: list[Any] = [value] if len(tensors) == 1 else list(value)
            for tensor, part in zip(tensors, values, strict=True):
                arrays[tensor] = np.copy(feed_array(tensor, part))
        return arrays

    def _check(self, given: Mapping[Tensor, Any], wanted: Sequence[Tensor]) -> None:
        for tensor in given:
            if tensor not in self._listed:
                raise _invalid(f"The feed {tensor.name} was not specified in partial_run_setup.")
            if tensor not in self._waiting:
                raise _invalid(f"The feed {tensor.name} has already been fed.")
        for tensor in wanted:
            if tensor not in self._fetchable:
                raise _invalid(f"The fetch {tensor.name} was not specified in partial_run_setup.")
            if tensor not in self._unfetched:
                raise _invalid(f"The fetch {tensor.name} has already been fetched.")

    def _check_can_be_computed(self, wanted: Sequence[Tensor]) -> None:
        order = needed_ops(
            [tensor for tensor in wanted if tensor not in self._values],
            frozenset((*self._values, *self._done)),
        )
        read = order.read.union(wanted)
        for tensor in self._waiting:
            if tensor in read:
                raise _invalid(
                    f"Fetch {tensor.name} can't be computed from the feeds that have been fed so "
                    "far."
                )

    def _advance(self, run: Runner) -> None:
        """Run what has not run and waits for nothing."""
        ready = self._ready()
        if not ready:
            return
        read_later = {
            tensor
            for op in self._needed.order
            if op not in self._done and op not in ready
            for tensor in self._needed.read_by(op)
        }
        kept = [
            tensor
            for op in self._needed.order
            if op in ready
            for tensor in op.outputs
            if tensor in read_later | self._unfetched
            and (tensor in self._unfetched or not _is_found_again(tensor))
            and tensor not in self._values
        ]
        found = run([*kept, *ready], self._values, self._done)
        self._values.update(zip(kept, found, strict=True))
        self._done.update(ready)

    def _ready(self) -> list[Operation]:
        stuck: set[Operation] = set()
        ready: list[Operation] = []
        for op in self._needed.order:
            if op in self._done:
                continue
            before = [t for t in self._needed.read_by(op) if t not in self._values]
            if (
                not self._waiting.isdisjoint((*before, *op.outputs))
                or any(tensor.op in stuck for tensor in before)
                or any(control in stuck for control in op.control_inputs)
            ):
                stuck.add(op)
            elif not any(tensor in self._values for tensor in op.outputs):
                ready.append(op)
        return ready


def _is_found_again(tensor: Tensor) -> bool:
    """Whether it is a variable, or what else a session keeps: it need not be kept here."""
    return tensor.op.op_def.role == "variable" or tensor.dtype.base_dtype.name in _KEPT_BY_OTHERS


def _invalid(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)
