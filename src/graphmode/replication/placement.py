"""`replica_device_setter`: variables on the parameter servers, all else on the worker."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from graphmode.framework.device import DeviceSpec
from graphmode.platform import logging

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

STANDARD_PS_OPS = (
    "Variable", "VariableV2", "AutoReloadVariable", "MutableHashTable", "MutableHashTableV2",
    "MutableHashTableOfTensors", "MutableHashTableOfTensorsV2", "MutableDenseHashTable",
    "MutableDenseHashTableV2", "VarHandleOp", "BoostedTreesEnsembleResourceHandleOp",
    "BoostedTreesQuantileStreamResourceHandleOp", "ResourceConditionalAccumulator",
)  # fmt: skip
"""The op types that keep something between runs which all workers share."""


def replica_device_setter(
    ps_tasks: int = 0,
    ps_device: str = "/job:ps",
    worker_device: str = "/job:worker",
    merge_devices: bool = True,
    cluster: Any = None,
    ps_ops: Collection[str] | None = None,
    ps_strategy: Callable[[Any], int] | None = None,
) -> Callable[[Any], str] | None:
    """A device function for `tf.device` that has the parameter servers keep what is shared.

    What an inner `tf.device` block says counts, part by part.

    Parameters
    ----------
    ps_tasks : int
        How many parameter servers there are; of no account beside a `cluster`.
    ps_device : str
        Where the ops of `ps_ops` are placed, each at the task that `ps_strategy` names.
    worker_device : str
        Where all other ops are placed: ``f"/job:worker/task:{task_index}"``.
    merge_devices : bool
        Whether to add to what an inner block says; without, an op that it places stays there.
    cluster : ClusterSpec, ClusterDef or dict, optional
        Whose job of the name in `ps_device` are the parameter servers.
    ps_ops : collection of str, optional
        Op types; those of variables, tables that change and accumulators if not given.
    ps_strategy : callable, optional
        Takes an op and gives the index of its task; one after the other if not given.
        `tf.contrib.training.GreedyLoadBalancingStrategy` is another one.

    Returns
    -------
    callable or None
        None, with which `tf.device` places nothing, if there are no parameter servers.

    Raises
    ------
    TypeError
        If `cluster` describes none, or `ps_strategy` cannot be called.

    Examples
    --------
    >>> import graphmode as tf
    >>> cluster = {"ps": ["ps0:2222", "ps1:2222"], "worker": ["worker0:2222"]}
    >>> with tf.device(tf.train.replica_device_setter(cluster=cluster)):
    ...     w, b = tf.Variable([1.0, 2.0]), tf.Variable(0.0)
    ...     y = w + b
    >>> w.device, b.device, y.device
    ('/job:ps/task:0', '/job:ps/task:1', '/job:worker')
    """
    if cluster is not None:
        ps_tasks = _n_tasks(cluster, DeviceSpec.from_string(ps_device).job)
    if ps_tasks == 0:
        return None
    if not merge_devices:
        logging.warning(
            "DEPRECATION: It is recommended to set merge_devices=true in replica_device_setter"
        )
    if ps_strategy is not None and not callable(ps_strategy):
        raise TypeError("ps_strategy must be callable")
    turns = itertools.cycle(range(ps_tasks))
    task_of = ps_strategy or (lambda op: next(turns))
    kept = frozenset(STANDARD_PS_OPS if ps_ops is None else ps_ops)
    ps = DeviceSpec.from_string(ps_device)
    worker = DeviceSpec.from_string(worker_device or "")

    def device_function(op: Any) -> str:
        if op.device and not merge_devices:
            return op.device
        asked = DeviceSpec.from_string(op.device or "")
        place = worker
        if ps_device and _op_type(op) in kept:
            place = ps
            # What an inner block sends to another job has its task from there.
            if ps.job and asked.job in (None, ps.job):
                place = ps.replace(task=task_of(op))
        return place.make_merged_spec(asked).to_string()

    return device_function


def _n_tasks(cluster: Any, job: str | None) -> int:
    """How many tasks a job has; 0 if the cluster has no such job."""
    if hasattr(cluster, "as_dict"):
        cluster = cluster.as_dict()
    if isinstance(cluster, Mapping):
        tasks = cast("Mapping[Any, Any]", cluster).get(job)
        return len(tasks or ())
    if hasattr(cluster, "job"):
        return sum(len(described.tasks) for described in cluster.job if described.name == job)
    raise TypeError(
        "`cluster` must be a dictionary mapping one or more job names to lists of network "
        f"addresses, or a `ClusterDef` protocol buffer, not {type(cluster).__name__}"
    )


def _op_type(op: Any) -> str:
    """The type of an Operation or a NodeDef."""
    return getattr(op, "type", None) or op.op
