"""What there is to test on: devices, what the library was built with, folders for files."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmode._addresses.late import late
from graphmode.framework.default_graph import device as graph_device
from graphmode.runtime.places.devices import list_devices

if TYPE_CHECKING:
    from collections.abc import Generator

    from graphmode.cluster.server import Server

_server = late("graphmode.cluster.server", "Server")
_CPU, _GPU = "/device:CPU:0", "/device:GPU:0"


def gpu_device_name() -> str:
    """The name of the first GPU, empty if there is none."""
    names = [device.name for device in list_devices() if "GPU" in device.name.upper()]
    return _GPU if names else ""


def is_gpu_available(
    cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None
) -> bool:
    """Whether ops can be placed on a GPU.

    Parameters
    ----------
    cuda_only : bool
        Accepted.
    min_cuda_compute_capability : (int, int), optional
        Accepted.

    Returns
    -------
    bool
    """
    del cuda_only, min_cuda_compute_capability
    return bool(gpu_device_name())


def is_built_with_cuda() -> bool:
    """Whether JAX can use an NVIDIA GPU here."""
    return is_gpu_available()


def is_built_with_gpu_support() -> bool:
    """Whether JAX can use a GPU here."""
    return is_gpu_available()


def is_built_with_rocm() -> bool:
    """False: no AMD GPU is looked for."""
    return False


def is_mkl_enabled() -> bool:
    """False: the kernels are XLA's and NumPy's."""
    return False


def is_xla_enabled() -> bool:
    """False, as in a program of TensorFlow 1 that does not ask for XLA: ops are not clustered."""
    return False


def device_for(use_gpu: bool, force_gpu: bool = False) -> str | None:
    """Where a session of a test asks its ops to be; None for where they are placed.

    Parameters
    ----------
    use_gpu, force_gpu : bool

    Returns
    -------
    str or None
    """
    if force_gpu:
        return gpu_device_name() or _GPU
    return None if use_gpu else _CPU


@contextlib.contextmanager
def device(use_gpu: bool) -> Generator[None]:
    """Ask the ops of the block onto the GPU, if there is one and `use_gpu`; else onto the CPU."""
    with graph_device(_GPU if use_gpu and is_gpu_available() else _CPU):
        yield


@contextlib.contextmanager
def use_gpu() -> Generator[None]:
    """Ask the ops of the block onto the GPU, if there is one."""
    with device(use_gpu=True):
        yield


@contextlib.contextmanager
def force_gpu() -> Generator[None]:
    """Ask the ops of the block onto the GPU."""
    with graph_device(_GPU):
        yield


@contextlib.contextmanager
def force_cpu() -> Generator[None]:
    """Ask the ops of the block onto the CPU."""
    with graph_device(_CPU):
        yield


@functools.cache
def get_temp_dir() -> str:
    """A folder for the files of this program's tests, removed when it ends."""
    program = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else "test"
    folder = tempfile.mkdtemp(prefix=f"{program}_", dir=os.environ.get("TEST_TMPDIR"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def test_src_dir_path(relative_path: str) -> str:
    """The path of a file of TensorFlow's sources, under the variable ``TEST_SRCDIR``.

    Parameters
    ----------
    relative_path : str
        Relative to the folder ``tensorflow``.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        Without the variable.
    """
    sources = Path(os.environ["TEST_SRCDIR"])
    return str(sources / "org_tensorflow" / "tensorflow" / relative_path)


test_src_dir_path.__test__ = False  # pyright: ignore[reportFunctionMemberAccess] - for pytest


def free_addresses(n: int) -> list[str]:
    """Addresses of this machine at whose ports nobody listens: ``"localhost:port"``.

    Parameters
    ----------
    n : int

    Returns
    -------
    list of str
        All different; another process may take one before it is used.
    """
    with contextlib.ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"localhost:{each.getsockname()[1]}" for each in sockets]


def create_local_cluster(
    num_workers: int,
    num_ps: int,
    protocol: str = "grpc",
    worker_config: Any = None,
    ps_config: Any = None,
) -> tuple[list[Server], list[Server]]:
    """Servers of a cluster in this process, at free ports of this machine.

    Parameters
    ----------
    num_workers, num_ps : int
        How many tasks the jobs "worker" and "ps" have.
    protocol : str
    worker_config, ps_config : ConfigProto, optional

    Returns
    -------
    workers, ps : list of Server
    """
    addresses = free_addresses(num_workers + num_ps)
    cluster = {"worker": addresses[:num_workers], "ps": addresses[num_workers:]}
    workers = [_server(cluster, "worker", i, protocol, worker_config) for i in range(num_workers)]
    return workers, [_server(cluster, "ps", i, protocol, ps_config) for i in range(num_ps)]
