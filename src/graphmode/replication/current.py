"""Which strategy counts for what is built now, and which replica it belongs to."""

from __future__ import annotations

import contextlib

from graphmode.replication.replicas import ReduceOp, ReplicaContext, building
from graphmode.replication.strategy import Strategy

_DEFAULT = Strategy()
_DEFAULT_REPLICA = ReplicaContext(_DEFAULT, 0)


def get_strategy() -> Strategy:
    """The strategy of the innermost `scope`; one of one replica outside of all."""
    return building.strategies[-1] if building.strategies else _DEFAULT


def has_strategy() -> bool:
    """Whether a strategy has been chosen by a `scope`."""
    return bool(building.strategies)


def get_replica_context() -> ReplicaContext | None:
    """The replica that is being built; None in a `scope` outside of replicas."""
    if building.replica is not None:
        return building.replica
    return None if building.strategies else _DEFAULT_REPLICA


def in_cross_replica_context() -> bool:
    """Whether what is built belongs to no replica."""
    return get_replica_context() is None


def experimental_set_strategy(strategy: Strategy | None) -> None:
    """Make a strategy that of all that follows, as if in its `scope`.

    Parameters
    ----------
    strategy : Strategy or None
        None for none.

    Raises
    ------
    RuntimeError
        Within a `scope`.
    """
    if len(building.strategies) > len(building.entered):
        raise RuntimeError("Must not be called inside a `tf.distribute.Strategy` scope.")
    while building.entered:
        building.entered.pop().close()
    if strategy is not None:
        stack = contextlib.ExitStack()
        stack.enter_context(strategy.scope())
        building.entered.append(stack)


def get_loss_reduction() -> ReduceOp:
    """How losses of replicas are meant to be added up: SUM, since nothing scales them here."""
    return ReduceOp.SUM


def get_cross_replica_context() -> Strategy | None:
    """The strategy whose `scope` this is, outside of replicas; None inside of one, or of none."""
    return get_strategy() if in_cross_replica_context() else None


def require_replica_context(replica_ctx: ReplicaContext) -> None:
    """Refuse to go on in another replica than `replica_ctx`, or in none.

    Parameters
    ----------
    replica_ctx : ReplicaContext

    Raises
    ------
    RuntimeError
    """
    found = get_replica_context()
    if found is replica_ctx:
        return
    if found is None:
        raise RuntimeError("Need to be inside `call_for_each_replica()`")
    if found.strategy is replica_ctx.strategy:
        raise RuntimeError("Mismatching ReplicaContext.")
    raise RuntimeError(
        f"Mismatching tf.distribute.Strategy objects: {found.strategy} is not "
        f"{replica_ctx.strategy}."
    )
