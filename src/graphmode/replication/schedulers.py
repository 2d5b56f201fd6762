"""Cluster resolvers that ask what started the processes: SLURM, Kubernetes."""

from __future__ import annotations

import importlib
import itertools
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from graphmode.cluster.cluster_spec import ClusterSpec
from graphmode.replication.resolvers import AddressedResolver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class SlurmClusterResolver(AddressedResolver):
    """The tasks of a SLURM job step, packed on its nodes in order.

    Parameters
    ----------
    jobs : dict of str to int
        How many tasks each job has; those of the first name come first.
    port_base : int
        The port of the first task on each node; the others follow.
    gpus_per_node, gpus_per_task : int
    tasks_per_node : int, optional
        $SLURM_NTASKS_PER_NODE if not given.
    auto_set_gpu : bool
        Whether `cluster_spec` sets CUDA_VISIBLE_DEVICES.
    rpc_layer : str

    Raises
    ------
    RuntimeError
        If SLURM did not start this process, it is not known how many tasks a node has, or they are
        more than there are.
    """

    def __init__(
        self,
        jobs: Mapping[str, int],
        port_base: int = 8888,
        gpus_per_node: int = 1,
        gpus_per_task: int = 1,
        tasks_per_node: int | None = None,
        auto_set_gpu: bool = True,
        rpc_layer: str = "grpc",
    ) -> None:
        by_mpi = "OMPI_COMM_WORLD_RANK" in os.environ
        prefix, rank, size = ("OMPI_COMM_WORLD", "RANK", "SIZE") if by_mpi else (
            "SLURM", "PROCID", "NTASKS",
        )  # fmt: skip
        self._rank = _number(f"{prefix}_{rank}")
        n_tasks = _number(f"{prefix}_{size}")
        if tasks_per_node is None and "SLURM_NTASKS_PER_NODE" not in os.environ:
            raise RuntimeError("Neither `tasks_per_node` or SLURM_NTASKS_PER_NODE is set.")
        self._tasks_per_node = tasks_per_node or _number("SLURM_NTASKS_PER_NODE")
        if self._tasks_per_node * gpus_per_task > gpus_per_node:
            raise RuntimeError("Requested more GPUs per node then available.")
        if sum(jobs.values()) != n_tasks:
            raise RuntimeError("Requested more tasks then assigned tasks.")
        self._jobs = dict(sorted(jobs.items()))
        self._port_base = port_base
        self._accelerators = {"GPU": gpus_per_node}
        self._gpus_per_task = gpus_per_task
        self._auto_set_gpu = auto_set_gpu
        self.task_type: str | None = None
        self.task_id: int | None = None
        self.rpc_layer = rpc_layer

    def _resolve_hostnames(self) -> list[str]:
        """The nodes of the job, in order."""
        if shutil.which("scontrol"):
            done = subprocess.run(
                ["scontrol", "show", "hostname"], capture_output=True, text=True, check=True
            )
            return done.stdout.split()
        return list(hosts(os.environ.get("SLURM_JOB_NODELIST", "")))

    def cluster_spec(self) -> ClusterSpec:
        """The cluster; from then on it is known which task this process is.

        Returns
        -------
        ClusterSpec
        """
        nodes = self._resolve_hostnames()
        places = list(itertools.product(nodes, range(self._tasks_per_node)))
        addresses = [f"{node}:{self._port_base + i}" for node, i in places]
        cluster: dict[str, list[str]] = {}
        first = 0
        for job, n in self._jobs.items():
            cluster[job] = addresses[first : first + n]
            if first <= self._rank < first + n:
                self.task_type, self.task_id = job, self._rank - first
            first += n
        if self._auto_set_gpu:
            start = places[self._rank][1] * self._gpus_per_task
            gpus = range(start, start + self._gpus_per_task)
            os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(map(str, gpus))
        return ClusterSpec(cluster)

    def get_task_info(self) -> tuple[str | None, int | None]:
        """The job and the index of this process; None before `cluster_spec`."""
        return self.task_type, self.task_id


class KubernetesClusterResolver(AddressedResolver):
    """The running pods of some labels; the package kubernetes asks for them.

    Parameters
    ----------
    job_to_label_mapping : dict of str to list of str, optional
        The label selectors of each job; ``{"worker": ["job-name=tensorflow"]}`` if not given.
    tf_server_port : int
        Of each task.
    rpc_layer : str
    override_client : CoreV1Api, optional
        What is asked, in place of the package's own with the user's configuration.

    Raises
    ------
    ImportError
        If the package is not here and no client is given.
    """

    def __init__(
        self,
        job_to_label_mapping: Mapping[str, list[str]] | None = None,
        tf_server_port: int = 8470,
        rpc_layer: str = "grpc",
        override_client: Any = None,
    ) -> None:
        if override_client is None:
            try:
                kubernetes = importlib.import_module("kubernetes")
            except ImportError:
                raise ImportError(
                    "The Kubernetes Python client must be installed before using the Kubernetes "
                    "Cluster Resolver. To install the Kubernetes Python client, run `pip install "
                    "kubernetes` on your command line, or set TF_CONFIG in the pods and use "
                    "TFConfigClusterResolver."
                ) from None
            kubernetes.config.load_kube_config()
            override_client = kubernetes.client.CoreV1Api()
        self._client = override_client
        self._labels = dict(job_to_label_mapping or {"worker": ["job-name=tensorflow"]})
        self._port = tf_server_port
        self.task_type: str | None = None
        self.task_id: int | None = None
        self.rpc_layer = rpc_layer

    def cluster_spec(self) -> ClusterSpec:
        """The cluster of the pods that run now, sorted by name.

        Returns
        -------
        ClusterSpec

        Raises
        ------
        RuntimeError
            If one of them does not run.
        """
        cluster: dict[str, list[str]] = {}
        for job, selectors in self._labels.items():
            cluster[job] = []
            for selector in selectors:
                pods = self._client.list_pod_for_all_namespaces(label_selector=selector).items
                for pod in sorted(pods, key=lambda pod: pod.metadata.name):
                    if pod.status.phase != "Running":
                        raise RuntimeError(
                            f'Pod "{pod.metadata.name}" is not running; phase: "{pod.status.phase}"'
                        )
                    cluster[job].append(f"{pod.status.host_ip}:{self._port}")
        return ClusterSpec(cluster)


def hosts(node_list: str) -> Iterator[str]:
    """The nodes of a list as SLURM writes it.

    Parameters
    ----------
    node_list : str

    Returns
    -------
    iterator of str

    Examples
    --------
    >>> list(hosts("gpu[08-10,12],login1"))
    ['gpu08', 'gpu09', 'gpu10', 'gpu12', 'login1']
    """
    for part in re.findall(r"(?:[^,\[]|\[[^\]]*\])+", node_list):
        found = re.fullmatch(r"([^\[]*)\[([^\]]*)\](.*)", part)
        if found is None:
            yield part
            continue
        head, numbers, tail = found.groups()
        for piece in numbers.split(","):
            first, _, last = piece.partition("-")
            for number in range(int(first), int(last or first) + 1):
                yield from hosts(f"{head}{number:0{len(first)}}{tail}")


def _number(variable: str) -> int:
    text = os.environ.get(variable, "")
    found = re.match(r"\d+", text)  # SLURM also writes "4(x2)"
    if found is None:
        raise RuntimeError(
            f"the environment variable {variable} is {text!r}: SLURM sets it in what srun starts"
        )
    return int(found.group())
