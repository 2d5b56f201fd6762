"""What a program finds as `horovod.tensorflow`: several ranks train one network.

The interface of Horovod 0.19 to 0.28 for graphs, on sockets of its own (`graphmode.launch`).
"""

from __future__ import annotations

from typing import Any

from graphmode.horovod.tensorflow.compression import Compression
from graphmode.horovod.tensorflow.functions import (
    allgather_object,
    allreduce,
    broadcast_global_variables,
    broadcast_object,
    broadcast_object_fn,
    broadcast_variables,
)
from graphmode.horovod.tensorflow.mpi_ops import (
    Adasum,
    Average,
    Max,
    Min,
    Product,
    Sum,
    allgather,
    broadcast,
    ccl_built,
    cross_rank,
    cross_size,
    cuda_built,
    ddl_built,
    gloo_built,
    gloo_enabled,
    init,
    is_homogeneous,
    is_initialized,
    local_rank,
    local_rank_op,
    local_size,
    local_size_op,
    mpi_built,
    mpi_enabled,
    mpi_threads_supported,
    nccl_built,
    rank,
    rank_op,
    rocm_built,
    shutdown,
    size,
    size_op,
)
from graphmode.horovod.tensorflow.training import (
    BroadcastGlobalVariablesHook,
    DistributedOptimizer,
)

__all__ = [
    "Adasum",
    "Average",
    "BroadcastGlobalVariablesHook",
    "Compression",
    "DistributedOptimizer",
    "Max",
    "Min",
    "Product",
    "Sum",
    "allgather",
    "allgather_object",
    "allreduce",
    "broadcast",
    "broadcast_global_variables",
    "broadcast_object",
    "broadcast_object_fn",
    "broadcast_variables",
    "ccl_built",
    "cross_rank",
    "cross_size",
    "cuda_built",
    "ddl_built",
    "gloo_built",
    "gloo_enabled",
    "init",
    "is_homogeneous",
    "is_initialized",
    "local_rank",
    "local_rank_op",
    "local_size",
    "local_size_op",
    "mpi_built",
    "mpi_enabled",
    "mpi_threads_supported",
    "nccl_built",
    "rank",
    "rank_op",
    "rocm_built",
    "shutdown",
    "size",
    "size_op",
]

_ABSENT = {
    "DistributedGradientTape": "there is no eager execution: hvd.DistributedOptimizer",
    "DistributedAdasumOptimizer": "hvd.DistributedOptimizer",
    "alltoall": "hvd.allgather, and each rank takes its rows",
    "reducescatter": "hvd.allreduce, and each rank takes its rows",
    "grouped_allreduce": "hvd.allreduce of each",
    "join": "all ranks run as many steps",
    "elastic": "`graphmode launch --restarts N`",
    "ProcessSet": "all processes are one group",
    "add_process_set": "all processes are one group",
    "start_timeline": "RunOptions.FULL_TRACE",
}
"""Names of Horovod's that are not there, and what to use."""


def __getattr__(name: str) -> Any:
    text = f"module 'horovod.tensorflow' has no attribute {name!r}"
    if name in _ABSENT:
        text += f" here; instead: {_ABSENT[name]}"
    raise AttributeError(text, name=name)
