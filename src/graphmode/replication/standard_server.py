"""The server of a task that TF_CONFIG describes: what the program of a parameter server runs."""

from __future__ import annotations

from typing import Any

from graphmode.cluster.cluster_spec import ClusterSpec
from graphmode.cluster.server import Server
from graphmode.replication.resolvers import tf_config

_EXAMPLE = (
    '\n  fix: TF_CONFIG={"cluster": {"ps": ["host:port"], "worker": ["host:port"]}, '
    '"task": {"type": "ps", "index": 0}}'
)


def run_standard_tensorflow_server(session_config: Any = None) -> Server:
    """Start the server of the task that TF_CONFIG says this process is.

    Parameters
    ----------
    session_config : ConfigProto, optional

    Returns
    -------
    Server
        Of which `join` waits for ever.

    Raises
    ------
    ValueError
        If TF_CONFIG is no JSON object, describes no cluster or no task, or the cluster has neither
        a job "chief" nor a job "worker".
    """
    config = tf_config()
    for word in ("cluster", "task"):
        if word not in config:
            raise ValueError(f'"{word}" is not found in TF_CONFIG.{_EXAMPLE}')
    task = config["task"]
    if "type" not in task:
        raise ValueError(f'"task_type" is not found in the `task` part of TF_CONFIG.{_EXAMPLE}')
    cluster = ClusterSpec(config["cluster"])
    if not {"chief", "worker"} & set(cluster.jobs):
        raise ValueError(f"You must have `chief` or `worker` jobs in the `cluster_spec`.{_EXAMPLE}")
    return Server(
        cluster, task["type"], int(task.get("index", 0)), config.get("rpc_layer", "grpc"),
        session_config,
    )  # fmt: skip
