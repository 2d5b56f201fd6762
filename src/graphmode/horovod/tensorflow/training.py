"""Training by several ranks: `DistributedOptimizer`, `BroadcastGlobalVariablesHook`."""

from __future__ import annotations

from typing import Any

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.errors import UnimplementedError
from graphmode.horovod.tensorflow import mpi_ops
from graphmode.horovod.tensorflow.compression import Compression
from graphmode.horovod.tensorflow.functions import (
    allreduce_gradients,
    broadcast_global_variables,
)
from graphmode.sessions.hooks.session_run import SessionRunHook
from graphmode.training.optimizer import Optimizer


class _DistributedOptimizer(Optimizer):
    """An optimizer whose gradients are those of all ranks."""

    def __init__(
        self,
        optimizer: Optimizer,
        name: str,
        use_locking: bool,
        compression: Any,
        sparse_as_dense: bool,
        reduce_op: str,
    ) -> None:
        super().__init__(use_locking, name)
        self._optimizer = optimizer
        self._compression = compression
        self._sparse_as_dense = sparse_as_dense
        self._reduce_op = reduce_op

    def compute_gradients(self, *args: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """As the optimizer's own, of all ranks."""
        pairs = self._optimizer.compute_gradients(*args, **kwargs)
        if mpi_ops.size() == 1:
            return pairs
        with get_default_graph().name_scope(f"{self._name}_Allreduce"):
            reduced = allreduce_gradients(
                [gradient for gradient, _ in pairs],
                self._compression,
                self._reduce_op,
                self._sparse_as_dense,
            )
        return [(gradient, var) for gradient, (_, var) in zip(reduced, pairs, strict=True)]

    def apply_gradients(self, *args: Any, **kwargs: Any) -> Any:
        """As the optimizer's own."""
        return self._optimizer.apply_gradients(*args, **kwargs)

    def get_slot(self, *args: Any, **kwargs: Any) -> Any:
        """As the optimizer's own."""
        return self._optimizer.get_slot(*args, **kwargs)

    def get_slot_names(self) -> list[str]:
        """As the optimizer's own."""
        return self._optimizer.get_slot_names()

    def variables(self) -> list[Any]:
        """As the optimizer's own."""
        return self._optimizer.variables()


def DistributedOptimizer(  # noqa: N802 - Horovod's name
    optimizer: Any,
    name: str | None = None,
    use_locking: bool = False,
    device_dense: str = "",
    device_sparse: str = "",
    compression: Any = Compression.none,
    sparse_as_dense: bool = False,
    backward_passes_per_step: int = 1,
    op: Any = mpi_ops.Average,
    gradient_predivide_factor: float = 1.0,
    **_ignored: Any,
) -> Optimizer:
    """An optimizer that trains on the batches of all ranks.

    The gradients of all variables are one vector, which the ranks exchange once in each step,
    between the program of the gradients and that of the update. With batches of equal size on
    each rank a step is the step on all of them.

    Parameters
    ----------
    optimizer : tf.train.Optimizer
    name : str, optional
        ``"Distributed"`` and the class of `optimizer` by default.
    use_locking : bool
        Recorded.
    device_dense, device_sparse : str
        Recorded nowhere.
    compression : Compressor
        ``hvd.Compression.fp16`` halves the bytes.
    sparse_as_dense : bool
        Whether gradients of looked-up rows are exchanged as whole tensors.
    backward_passes_per_step : int
        1.
    op : ReduceOp
        ``hvd.Average`` or ``hvd.Sum``.
    gradient_predivide_factor : float
        1.0.

    Returns
    -------
    Optimizer

    Raises
    ------
    ValueError
        If `optimizer` is none.
    UnimplementedError
        If `op` is ``hvd.Adasum``, or gradients are to be added up over several steps.
    """
    del device_dense, device_sparse
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"Provided optimizer doesn't inherit from tf.train.Optimizer: {optimizer}")
    if backward_passes_per_step != 1 or gradient_predivide_factor != 1.0:
        what = (
            "backward_passes_per_step" if backward_passes_per_step != 1
            else "gradient_predivide_factor"
        )  # fmt: skip
        raise UnimplementedError(
            None, None, f"{what} other than 1: the ranks exchange the gradients of each step"
        )
    reduce_op = mpi_ops.reduce_op_of(None, op)
    if reduce_op not in ("average", "sum"):
        raise ValueError(f"gradients are averaged or summed: op={op}")
    return _DistributedOptimizer(
        optimizer,
        name or f"Distributed{type(optimizer).__name__}",
        use_locking,
        compression,
        sparse_as_dense,
        reduce_op,
    )


class BroadcastGlobalVariablesHook(SessionRunHook):
    """Gives all ranks the variables of one, when a session has been made.

    So that all begin alike: from one rank's initial values, or from what it has restored.

    Parameters
    ----------
    root_rank : int
        Whose variables they become.
    device : str
        Recorded nowhere.
    """

    def __init__(self, root_rank: int, device: str = "") -> None:
        del device
        self.root_rank = root_rank
        self.bcast_op: Any = None

    def begin(self) -> None:
        """Make the operation, once a graph."""
        if self.bcast_op is None or self.bcast_op.graph is not get_default_graph():
            self.bcast_op = broadcast_global_variables(self.root_rank)

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Run it."""
        del coord
        session.run(self.bcast_op)
