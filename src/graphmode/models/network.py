"""A network in its graph: what a batch fills, what a step does, what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import graphmode as tf


@dataclass(eq=False, repr=False)
class Network:
    """Tensors and operations of a model's graph, by role.

    Parameters
    ----------
    inputs : dict of str to Tensor
        Placeholders, the batch first in their shapes; a batch names them.
    outputs : dict of str to Tensor
        What is asked of the trained network, the batch first in their shapes.
    measures : dict of str to Tensor
        Scalars, means over the rows of a batch; over a number of other things where ``count`` says
        how many. ``loss`` is what training makes small.
    step : Operation, optional
        One training step, where it is not the optimizer's on ``measures["loss"]``.
    training : Tensor, optional
        Boolean placeholder with a default of False: True in a training step.
    learning_rate : Tensor, optional
        Scalar placeholder with a default: fed where the rate changes by epoch.
    carried : dict of Tensor to Tensor
        State that goes on from batch to batch: placeholder with a default -> what follows it.
    hidden : list of str
        Which outputs are layers of units, that may be dead.
    """

    inputs: dict[str, Any]
    outputs: dict[str, Any]
    measures: dict[str, Any]
    step: Any = None
    training: Any = None
    learning_rate: Any = None
    carried: dict[Any, Any] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    _runners: dict[Any, Callable[..., Any]] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        of = [", ".join(names) for names in (self.inputs, self.outputs, self.measures)]
        return f"<Network of {of[0]}: {of[1]}; measured by {of[2] or 'nothing'}>"

    def train_on(
        self,
        session: tf.Session,
        batch: Mapping[str, Any],
        learning_rate: float | None = None,
        state: list[Any] | None = None,
    ) -> tuple[dict[str, float], list[Any]]:
        """Do one training step.

        Parameters
        ----------
        session : Session
        batch : dict of str to ndarray, any dtype and shape
            What the inputs are filled with.
        learning_rate : float, optional
        state : list of ndarray, float, of any shape
            What the last batch of this epoch left; none before the first.

        Returns
        -------
        measures : dict of str to float
        state : list of ndarray
        """
        fixed: dict[Any, Any] = {}
        if self.training is not None:
            fixed[self.training] = True
        if self.learning_rate is not None and learning_rate is not None:
            fixed[self.learning_rate] = np.float32(learning_rate)
        measured = [*self.measures.values(), *self.carried.values()]
        _, *values = self._run(session, [self.step, *measured], batch, fixed, state)
        return self._split(values)

    def measure_on(
        self, session: tf.Session, batch: Mapping[str, Any], state: list[Any] | None = None
    ) -> tuple[dict[str, float], list[Any]]:
        """The measures of a batch and the state it leaves; nothing is trained."""
        measured = [*self.measures.values(), *self.carried.values()]
        return self._split(self._run(session, measured, batch, {}, state))

    def ask(self, session: tf.Session, output: str, batch: Mapping[str, Any]) -> np.ndarray:
        """An output for the rows of a batch; it may leave inputs out that the output needs not."""
        return self.ask_all(session, [output], batch)[0]

    def ask_all(
        self, session: tf.Session, outputs: list[str], batch: Mapping[str, Any]
    ) -> list[np.ndarray]:
        """Several outputs for the rows of a batch, by one run."""
        return self._run(session, [self.outputs[name] for name in outputs], batch, {}, None)

    def ask_on(
        self, session: tf.Session, output: str, batch: Mapping[str, Any], state: list[Any]
    ) -> tuple[np.ndarray, list[Any]]:
        """An output for a batch that goes on after a state, and the state that it leaves."""
        fetches = [self.outputs[output], *self.carried.values()]
        value, *state = self._run(session, fetches, batch, {}, state)
        return value, state

    def _run(
        self,
        session: tf.Session,
        fetches: list[Any],
        batch: Mapping[str, Any],
        fixed: dict[Any, Any],
        state: list[Any] | None,
    ) -> list[Any]:
        refuse_closed(session)
        feeds = {self.inputs[name]: value for name, value in batch.items()} | fixed
        if state:
            feeds |= dict(zip(self.carried, state, strict=True))
        key = (session, tuple(map(id, fetches)), tuple(map(id, feeds)))
        runner = self._runners.get(key)
        if runner is None:
            runner = self._runners[key] = session.make_callable(fetches, list(feeds))
        return runner(*feeds.values())

    def _split(self, values: list[Any]) -> tuple[dict[str, float], list[Any]]:
        n = len(self.measures)
        return dict(zip(self.measures, map(float, values[:n]), strict=True)), values[n:]


def refuse_closed(session: tf.Session) -> None:
    """Refuse a session that has lost the variables.

    Raises
    ------
    RuntimeError
        Says where they could have been kept.
    """
    if session._closed:
        raise RuntimeError(
            "this model's session_ was closed, and what it had learned went with it. Fit again, or "
            "keep it: model.save(folder) before session_.close(), type(model).load(folder) after"
        )


def batched(arrays: Mapping[str, Any], size: int, order: Any = None) -> Iterable[dict[str, Any]]:
    """Cut arrays into batches of `size` rows, the last one what is left.

    Parameters
    ----------
    arrays : dict of str to array
        NumPy's of any dtype, SciPy's sparse rows (each batch of them is dense), or lists.
    size : int
    order : ndarray of int, optional
        Of the rows; as they stand if not given.

    Yields
    ------
    dict of str to ndarray
    """
    n_rows = rows_of(arrays)
    for start in range(0, n_rows, size):
        rows = slice(start, start + size) if order is None else order[start : start + size]
        yield {name: _taken(array, rows) for name, array in arrays.items()}


def rows_of(arrays: Mapping[str, Any]) -> int:
    """How many rows the arrays of a batch have."""
    first = next(iter(arrays.values()))
    return first.shape[0] if hasattr(first, "shape") else len(first)


def _taken(array: Any, rows: Any) -> Any:
    if isinstance(array, list):
        return array[rows] if isinstance(rows, slice) else [array[row] for row in rows]
    return dense(array[rows])


def dense(rows: Any) -> Any:
    """SciPy's sparse rows as an array; an array as it is."""
    return rows.toarray() if hasattr(rows, "toarray") else rows


class Means:
    """Means of measures over batches, each weighted by what it is a mean over."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._n = 0.0

    def add(self, measures: Mapping[str, float], n_rows: int) -> None:
        """Count the `measures` of a batch of `n_rows`, or of their own ``count``."""
        n = measures.get("count", n_rows)
        for name, value in measures.items():
            if name != "count":
                self._sums[name] = self._sums.get(name, 0.0) + value * n
        self._n += n

    def values(self) -> dict[str, float]:
        """The means so far."""
        return {name: total / max(self._n, 1) for name, total in self._sums.items()}


def n_batches(n_rows: int, size: int) -> int:
    """How many batches of `size` hold `n_rows`."""
    return len(range(0, n_rows, size))
