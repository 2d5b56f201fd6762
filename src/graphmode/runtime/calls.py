"""`Call`: one signature of `Session.run`, resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import nest
from graphmode.framework.inference import constant_value
from graphmode.runtime.feeds import Feed, feed_tensors, leaves_to_feed
from graphmode.runtime.fetches import Fetches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from graphmode.framework.graph import Graph
    from graphmode.framework.operation import Operation, Tensor


class Call:
    """What is fetched, what is fed, and the plan.

    Parameters
    ----------
    graph : Graph
    fetches : graph element, or nested list, tuple, dict, namedtuple of them
    keys : tuple
        The keys of the feeds.
    planner : callable
        Makes the plan, of what is fetched and what is fed: a `Planned`, or what a cluster's
        session makes in its place.
    """

    __slots__ = ("_edits", "_graph", "_keys", "feeds", "planned", "rebuild")

    def __init__(
        self,
        graph: Graph,
        fetches: Any,
        keys: tuple[Any, ...],
        planner: Callable[[Sequence[Tensor | Operation], Sequence[Tensor]], Any],
    ) -> None:
        with graph.building:
            resolved = Fetches(graph, fetches)
            tensors = [feed_tensors(graph, key) for key in keys]
            fed = [tensor for each in tensors for tensor in each]
            if len(set(fed)) < len(fed):
                raise TypeError(
                    "A tensor is fed more than once in one feed_dict, by tensor and name."
                )
            self._graph, self._edits = graph, len(graph.edits)
            planned = planner(resolved.elements, fed)
        self._keys: list[Any] = [key if nest.is_nested(key) else None for key in keys]
        self.feeds = [[Feed(tensor) for tensor in fed] for fed in tensors]
        self.rebuild = resolved.rebuild
        self.planned = planned

    @property
    def is_current(self) -> bool:
        """Whether nothing that the plan needs has been changed since it was made."""
        edits, known = self._graph.edits, self._edits
        n_edits = len(edits)
        if n_edits == known:
            return True
        changed = edits[known:n_edits]
        if self.planned.plan.depends_on(changed):
            return False
        if any(feed.tensor.op in changed for feeds in self.feeds for feed in feeds):
            return False  # as what is fed may be forbidden since
        self._edits = n_edits
        return True

    def arrays(self, values: Any) -> list[np.ndarray]:
        """The arrays to feed, of values in the order of the keys.

        Raises
        ------
        TypeError, ValueError
            If a value does not fit its tensor.
        """
        arrays: list[np.ndarray] = []
        for feeds, key, value in zip(self.feeds, self._keys, values, strict=True):
            if key is not None:
                leaves = leaves_to_feed(key, value, len(feeds))
                arrays += [feed.array(leaf) for feed, leaf in zip(feeds, leaves, strict=True)]
            elif len(feeds) == 1:
                arrays.append(feeds[0].array(value))
            else:
                parts = [*value, *map(_shape_as_it_is, feeds[len(value) :])]
                arrays += [feed.array(v) for feed, v in zip(feeds, parts, strict=False)]
        return arrays


def _shape_as_it_is(feed: Feed) -> Any:
    """The shape of a sparse tensor that is fed as indices and values."""
    return constant_value(feed.tensor)
