"""Cluster resolvers: what TF_CONFIG and SLURM say of a cluster."""

import contextlib
import json
import os

from golden.case import case
from golden.cases.queues import outcome

CLUSTER = {"ps": ["a:1", "b:2"], "worker": ["c:3", "d:4", "e:5"]}


@contextlib.contextmanager
def environment(**values):
    """A block in which variables of the environment are these, and others of a cluster unset."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("SLURM", "OMPI", "TF_CONFIG", "CUDA_VIS")):
            del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def told(resolver, *tasks):
    """What a resolver says, of itself and of tasks."""
    seen = [str(outcome(lambda: sorted(resolver.cluster_spec().as_dict().items())))]
    seen.append(repr((resolver.task_type, resolver.task_id, resolver.rpc_layer)))
    seen.append(str(outcome(resolver.master)))
    for task in tasks:
        seen.append(str(outcome(lambda t=task: resolver.master(*t))))
    seen.append(repr(resolver.environment))
    return seen


@case
def of_the_environment(tf):
    resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver
    configs = {
        "nothing": {},
        "a cluster": {"cluster": CLUSTER, "task": {"type": "worker", "index": 1}},
        "an index as text": {"cluster": CLUSTER, "task": {"type": "ps", "index": "1"}},
        "one task": {"cluster": {"chief": ["a:1"]}, "task": {"type": "chief", "index": 0}},
        "a layer": {"cluster": CLUSTER, "task": {"type": "ps", "index": 0}, "rpc_layer": "grpc"},
        "a master": {"cluster": CLUSTER, "session_master": "x:9"},
        "some tasks": {"cluster": {"ps": {"1": "b:2"}, "worker": ["c:3"]}},
    }
    seen = {}
    for name, config in configs.items():
        if name == "some tasks":
            continue
        with environment(TF_CONFIG=json.dumps(config)):
            seen[name] = told(resolver(), ("worker", 2), ("ps", 0))
            other = resolver(task_type="ps", task_id=1, rpc_layer="http", environment="here")
            seen[name] += told(other, ("worker", 0))
            other.task_type, other.task_id, other.rpc_layer = "worker", 0, "grpc"
            seen[name] += told(other)
    return seen


@case
def of_the_program(tf):
    simple = tf.distribute.cluster_resolver.SimpleClusterResolver
    union = tf.distribute.cluster_resolver.UnionResolver
    spec = tf.train.ClusterSpec(CLUSTER)
    first = simple(spec, "m:1", "worker", 2, "there", {"GPU": 3}, "grpc")
    other = simple(tf.train.ClusterSpec({"worker": ["f:6"], "eval": ["g:7"]}), task_type="eval")
    some = simple(tf.train.ClusterSpec({"worker": {7: "h:8"}}))
    twice = simple(tf.train.ClusterSpec({"worker": {1: "i:9"}}))
    return {
        "simple": told(first, ("ps", 1), ("worker", 0, "http")),
        "devices": str(outcome(lambda: first.num_accelerators())),
        "no devices": str(outcome(lambda: other.num_accelerators())),
        "of two": told(union(first, other), ("worker", 3), ("eval", 0, "http")),
        "other order": told(union(other, first, rpc_layer="x", task_id=4), ("worker", 0)),
        "by index": told(union(first, some), ("worker", 7)),
        "the same task": [str(outcome(lambda: union(first, twice).cluster_spec())[0])],
        "refused": [
            str(outcome(call))
            for call in (
                lambda: simple(CLUSTER),
                lambda: simple(spec, 3),
                lambda: union(),
                lambda: union(spec),
            )
        ],
        "contrib": str(tf.contrib.cluster_resolver.UnionClusterResolver is union),
    }


@case
def of_slurm(tf):
    slurm = tf.distribute.cluster_resolver.SlurmClusterResolver
    nodes = ["t0", "t1", "t2"]

    class Resolver(slurm):
        def _resolve_hostnames(self):
            return nodes

    seen = {}
    for rank in (0, 2, 5):
        values = {
            "SLURM_PROCID": str(rank),
            "SLURM_NTASKS": "6",
            "SLURM_NTASKS_PER_NODE": "2",
        }
        with environment(**values):
            resolver = Resolver({"worker": 4, "ps": 2}, gpus_per_node=4, gpus_per_task=2)
            seen["rank %d" % rank] = [  # noqa: UP031 - Python 3.7 and lists of texts
                *told(resolver, ("worker", 3)),
                str(resolver.get_task_info()),
                os.environ["CUDA_VISIBLE_DEVICES"],
                str(outcome(resolver.num_accelerators)),
            ]
    with environment(OMPI_COMM_WORLD_RANK="1", OMPI_COMM_WORLD_SIZE="3"):
        resolver = Resolver({"w": 3}, port_base=5, tasks_per_node=1, auto_set_gpu=False)
        seen["by mpirun"] = told(resolver)
    with environment(SLURM_PROCID="0", SLURM_NTASKS="2"):
        seen["refused"] = [
            str(outcome(call))
            for call in (
                lambda: Resolver({"w": 2}),
                lambda: Resolver({"w": 3}, tasks_per_node=1),
                lambda: Resolver({"w": 2}, tasks_per_node=2),
            )
        ]
    return seen
