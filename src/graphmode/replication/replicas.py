"""Replicas of a function in one graph: which one is being built, and the step that they make."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import enum
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmode.autodiff.backpropagation import aggregate
from graphmode.framework import nest
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.defaults import defaults
from graphmode.ops.control.grouping import no_op
from graphmode.variables.scope import get_variable_scope, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmode.framework.operation import Operation


class ReduceOp(enum.Enum):
    """How the values of several replicas become one."""

    SUM = "SUM"
    MEAN = "MEAN"


class PerReplica(NamedTuple):
    """What each replica gave."""

    values: tuple[Any, ...]


class ReplicaContext:
    """The replica whose function is being called.

    Parameters
    ----------
    strategy : Strategy
    replica_id_in_sync_group : int
    """

    def __init__(self, strategy: Any, replica_id_in_sync_group: int) -> None:
        self.strategy = strategy
        self.replica_id_in_sync_group = replica_id_in_sync_group

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas there are."""
        return self.strategy.num_replicas_in_sync

    @property
    def devices(self) -> tuple[str, ...]:
        """The device of this replica."""
        return (self.strategy.worker_devices[self.replica_id_in_sync_group],)

    def merge_call(self, merge_fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        """What a function of all replicas gives: here only where there is one replica.

        Parameters
        ----------
        merge_fn : callable
            Of the strategy and the arguments.
        args : sequence, optional
        kwargs : dict, optional

        Returns
        -------
        What it gives.

        Raises
        ------
        NotImplementedError
            If there are several replicas.
        """
        self._require_one("merge_call")
        return merge_fn(self.strategy, *args, **(kwargs or {}))

    def all_reduce(self, reduce_op: Any, value: Any) -> Any:
        """The sum or the mean of all replicas' values: here only where there is one replica.

        Parameters
        ----------
        reduce_op : ReduceOp
        value : Tensor, of any dtype, or nested structure of them

        Returns
        -------
        As `value`.

        Raises
        ------
        NotImplementedError
            If there are several replicas.
        """
        self._require_one("all_reduce")
        return value

    def _require_one(self, method: str) -> None:
        if self.num_replicas_in_sync > 1:
            raise NotImplementedError(
                f"ReplicaContext.{method}: replicas are built one after the other here. Return the "
                "value, and take strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None); "
                "gradients are summed by the optimizer's apply_gradients"
            )


class _Building(threading.local):
    """What a thread builds: the scopes of strategies, and the replica."""

    def __init__(self) -> None:
        self.strategies: list[Any] = []
        self.replica: ReplicaContext | None = None
        self.entered: list[Any] = []
        """What `experimental_set_strategy` has opened."""


building = _Building()


class _Step:
    """One `apply_gradients` of all replicas."""

    def __init__(self) -> None:
        self.pairs: list[list[tuple[Any, Any]]] = []
        self.gates: list[Operation] = []


class Replicas:
    """Calls a function for one replica after the other, in the same graph.

    Variables are those of the first replica. An optimizer applies the sums of the gradients, with
    the last one; what it gives the others waits for that.

    Parameters
    ----------
    strategy : Strategy
    """

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy
        self._devices: Sequence[str] = strategy.worker_devices
        self._variables: list[Any] = []
        self._steps: list[_Step] = []
        self._index = self._n_variables = self._n_steps = 0
        self._scope = get_variable_scope()
        self._is_applying = False

    def call(self, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """What `fn` gives for each replica: `PerReplica` leaves, if there are several.

        Parameters
        ----------
        fn : callable
        args : sequence
        kwargs : dict
            `PerReplica` in either are what each replica is given of them.
        """
        graph = get_default_graph()
        given: list[Any] = []
        outer = building.replica, defaults.replicas
        try:
            for i, device in enumerate(self._devices):
                self._index, self._n_variables, self._n_steps = i, 0, 0
                if i == 1:
                    # What `get_variable` made it finds again by itself.
                    scopes: Any = graph.variable_scopes
                    named = {id(v) for v in scopes.store.variables.values()}
                    self._variables = [v for v in self._variables if id(v) not in named]
                building.replica = ReplicaContext(self._strategy, i)
                defaults.replicas = self if len(self._devices) > 1 else None
                with (
                    graph.device(device),
                    graph.name_scope(f"replica_{i}" if i else None),
                    variable_scope(
                        self._scope, reuse=True if i else None, auxiliary_name_scope=False
                    ),
                    graph.variable_creator_scope(self._variable),
                ):
                    given.append(fn(*of_replica(args, i), **of_replica(kwargs, i)))
        finally:
            building.replica, defaults.replicas = outer
        return together(given)

    def _variable(self, next_creator: Callable[..., Any], **arguments: Any) -> Any:
        """A variable of the first replica, or what that made in this place."""
        if self._is_applying:
            return next_creator(**arguments)
        i, self._n_variables = self._n_variables, self._n_variables + 1
        if self._index == 0:
            self._variables.append(next_creator(**arguments))
            return self._variables[-1]
        if i >= len(self._variables):
            raise ValueError(
                f"replica {self._index} makes a variable, '{arguments.get('name')}', that replica "
                "0 has not made: the function has to do the same for each"
            )
        return self._variables[i]

    def apply_gradients(
        self, optimizer: Any, grads_and_vars: Any, global_step: Any, name: str | None
    ) -> Operation:
        """The step of all replicas, made when the last one calls; for others what waits for it.

        Parameters
        ----------
        optimizer : Optimizer
        grads_and_vars : iterable of (gradient, variable)
        global_step : Variable, optional
        name : str, optional

        Returns
        -------
        Operation
        """
        i, self._n_steps = self._n_steps, self._n_steps + 1
        if self._index == 0:
            self._steps.append(_Step())
        step = self._steps[i]
        step.pairs.append(list(grads_and_vars))
        if self._index + 1 < len(self._devices):
            step.gates.append(no_op(name="step_of_all_replicas"))
            return step.gates[-1]
        graph = get_default_graph()
        outer, defaults.replicas = defaults.replicas, None
        self._is_applying = True
        try:
            with (
                graph.device(self._strategy.parameter_device),
                graph.name_scope(None),
                variable_scope(self._scope, auxiliary_name_scope=False),
            ):
                sums = [
                    (aggregate([g for g, _ in pairs if g is not None]), pairs[0][1])
                    for pairs in zip(*step.pairs, strict=True)
                ]
                made = optimizer.apply_gradients(sums, global_step, name)
        finally:
            defaults.replicas, self._is_applying = outer, False
        for gate in step.gates:
            gate._add_control_input(made)
        return made


def of_replica(structure: Any, i: int) -> Any:
    """A structure of arguments, with replica `i`'s part of each `PerReplica`.

    Parameters
    ----------
    structure : nested list, tuple, dict
    i : int
    """
    if isinstance(structure, PerReplica):
        return structure.values[i]
    if isinstance(structure, list | tuple) and not hasattr(structure, "_fields"):
        return type(structure)(of_replica(item, i) for item in structure)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(structure, dict):
        return {key: of_replica(item, i) for key, item in structure.items()}  # pyright: ignore[reportUnknownVariableType]
    return structure


def together(given: list[Any]) -> Any:
    """What several replicas gave, as one structure whose leaves are `PerReplica`.

    Parameters
    ----------
    given : list
        Of each replica the same structure.
    """
    if len(given) == 1:
        return given[0]
    first = given[0]
    if first is None:
        return None
    if isinstance(first, nest.DICT):
        return {key: together([one[key] for one in given]) for key in first}
    if isinstance(first, list | tuple):
        parts = [together(list(items)) for items in zip(*given, strict=True)]  # pyright: ignore[reportUnknownArgumentType]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)  # pyright: ignore[reportUnknownVariableType]
    return PerReplica(tuple(given))


def tensors_of(value: Any) -> list[Any]:
    """What the replicas gave, as a list; one item if it is no `PerReplica`.

    Parameters
    ----------
    value : PerReplica, Operation, or Tensor of any dtype
    """
    return list(value.values) if isinstance(value, PerReplica) else [value]


def mapped(function: Callable[[Any], Any], structure: Any) -> Any:
    """A structure with a function's values of its leaves, of which a `PerReplica` is one.

    Parameters
    ----------
    function : callable
    structure : nested list, tuple, dict
    """
    if isinstance(structure, PerReplica):
        return function(structure)
    if isinstance(structure, nest.DICT):
        return {key: mapped(function, item) for key, item in structure.items()}
    if isinstance(structure, list | tuple):
        parts = [mapped(function, item) for item in structure]  # pyright: ignore[reportUnknownVariableType]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)  # pyright: ignore[reportUnknownVariableType]
    return function(structure)
