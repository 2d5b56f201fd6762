"""`SyncReplicasOptimizer`: one step of training by the mean of the gradients of many workers."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

from graphmode.framework import dtypes
from graphmode.framework.default_graph import (
    GraphKeys,
    colocate_with,
    control_dependencies,
    device,
    name_scope,
)
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.operation import Tensor
from graphmode.input.accumulators import ConditionalAccumulator, SparseConditionalAccumulator
from graphmode.input.queue_runner import QueueRunner
from graphmode.input.queues import FIFOQueue
from graphmode.ops.array.filling import fill
from graphmode.ops.control.grouping import group, no_op
from graphmode.ops.state.variable_ops import assign
from graphmode.platform import logging
from graphmode.replication.sync_hook import SyncReplicasHook
from graphmode.training.optimizer import Optimizer
from graphmode.variables.collections import global_variables, report_uninitialized_variables
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Operation
    from graphmode.sessions.coordinator import Coordinator
    from graphmode.sessions.hooks.session_run import SessionRunHook
    from graphmode.training.moving_averages import ExponentialMovingAverage


class _NotAwaited:
    """A coordinator that does not wait for the thread which makes the steps.

    When training ends that one waits for gradients that do not come, until the session is closed.
    TensorFlow waits for it for `stop_grace_period_secs`, two minutes.
    """

    def __init__(self, coord: Coordinator) -> None:
        self._coord = coord

    def __getattr__(self, name: str) -> Any:
        return getattr(self._coord, name)

    def register_thread(self, thread: threading.Thread) -> None:
        pass

    def request_stop(self, ex: Any = None) -> None:
        if not self._coord.should_stop():
            self._coord.request_stop(ex)


class StepRunner(QueueRunner):
    """The queue runner that makes the steps, in a thread that nobody waits for at the end.

    Parameters
    ----------
    queue, enqueue_ops
        As for `QueueRunner`.
    """

    def create_threads(
        self, sess: Any, coord: Any = None, daemon: bool = False, start: bool = False
    ) -> list[threading.Thread]:
        """Make the threads, which end with the session.

        Parameters
        ----------
        sess : Session
        coord : Coordinator, optional
            Is told what they raise, and does not wait for them.
        daemon, start : bool
            As for `QueueRunner.create_threads`.

        Returns
        -------
        list of threading.Thread
        """
        coord = None if coord is None else _NotAwaited(coord)
        return super().create_threads(sess, coord, daemon, start)


class SyncReplicasOptimizer(Optimizer):
    """Steps of another optimizer, each by the mean of what several workers have computed.

    A worker adds its gradients to accumulators and waits for a token. The chief takes their means
    when enough are there, makes one step, and gives a token to each worker. Gradients that were
    computed before the last step are dropped.

    Parameters
    ----------
    opt : Optimizer
        What computes gradients and makes the steps.
    replicas_to_aggregate : int
        How many gradients make a step.
    total_num_replicas : int, optional
        How many workers there are, `replicas_to_aggregate` if not given. More: those that come last
        are backups, whose gradients of a step are dropped. Fewer: each computes several.
    variable_averages : ExponentialMovingAverage, optional
        Brought up to date with each step.
    variables_to_average : list of Variable, optional
        Of which it keeps averages.
    use_locking : bool
    name : str

    Examples
    --------
    >>> import graphmode as tf
    >>> w = tf.Variable(4.0)
    >>> step = tf.train.get_or_create_global_step()
    >>> opt = tf.train.SyncReplicasOptimizer(
    ...     tf.train.GradientDescentOptimizer(0.25), replicas_to_aggregate=1)
    >>> train = opt.minimize(w * w, global_step=step)
    >>> hooks = [opt.make_session_run_hook(is_chief=True), tf.train.StopAtStepHook(last_step=3)]
    >>> with tf.train.MonitoredTrainingSession(hooks=hooks) as sess:
    ...     while not sess.should_stop():
    ...         _, value = sess.run([train, w])
    """

    patience_secs: ClassVar[float] = 60
    """Seconds without a step after which the chief says whose gradients it waits for."""

    def __init__(
        self,
        opt: Optimizer,
        replicas_to_aggregate: int,
        total_num_replicas: int | None = None,
        variable_averages: ExponentialMovingAverage | None = None,
        variables_to_average: Sequence[Variable] | None = None,
        use_locking: bool = False,
        name: str = "sync_replicas",
    ) -> None:
        super().__init__(use_locking, name)
        if total_num_replicas is None:
            total_num_replicas = replicas_to_aggregate
        logging.info(
            "SyncReplicasV2: replicas_to_aggregate=%s; total_num_replicas=%s",
            replicas_to_aggregate,
            total_num_replicas,
        )
        self._opt = opt
        self.n_required = replicas_to_aggregate
        """How many gradients make a step."""
        self.n_replicas = total_num_replicas
        """How many workers there are."""
        self._averages = variable_averages
        self._averaged = variables_to_average
        self.accumulators: list[tuple[Any, Any]] = []
        """Each with its variable."""
        self.global_step: Any = None
        """The variable that counts the steps."""
        self._tokens: Any = None
        self._queue_runner: QueueRunner | None = None
        self.local_step_init_op: Any = None
        """What a worker runs first: its step is the global one. None before `apply_gradients`."""
        self.chief_init_op: Any = None
        """The same for the chief, which brings the accumulators to that step, too."""
        self.ready_for_local_init_op: Any = None
        """The names of the variables that they need and that have no value yet."""

    def compute_gradients(self, *args: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """The gradients of this worker, which it may clip, as the optimizer inside computes them.

        Parameters
        ----------
        *args, **kwargs
            As for its own method.

        Returns
        -------
        list of (gradient, variable)
        """
        return self._opt.compute_gradients(*args, **kwargs)

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None
    ) -> Any:
        """What each worker runs: it gives its gradients and waits until the step is made.

        Parameters
        ----------
        grads_and_vars : iterable of (gradient, variable)
        global_step : Variable
            Grows by one with each step of all workers.
        name : str, optional
            Accepted; the operations go by the optimizer's name.

        Returns
        -------
        Tensor
            The step that this worker computes next.

        Raises
        ------
        ValueError
            If there are no variables or no `global_step`, or a gradient is no tensor.
        """
        pairs: list[tuple[Any, Any]] = list(grads_and_vars or ())
        if not pairs:
            raise ValueError("Must supply at least one variable")
        if global_step is None:
            raise ValueError("Global step is required to check staleness")
        self.global_step = global_step
        with colocate_with(no_op()):  # on the worker, whatever places variables elsewhere
            local_step = Variable(
                initial_value=0,
                trainable=False,
                collections=[GraphKeys.LOCAL_VARIABLES],
                dtype=global_step.dtype.base_dtype,
                name="sync_rep_local_step",
            )
        self.local_step_init_op = assign(local_step, global_step)
        self.ready_for_local_init_op = report_uninitialized_variables(global_variables())
        place = device(global_step.device or None)
        with name_scope(None, self._name):
            given: list[Operation] = []
            means: list[Any] = []
            for gradient, var in pairs:
                with device(var.device or None):
                    means.append(self._exchanged(gradient, var, local_step, given))
            with place, name_scope(""):
                variables = [var for _, var in pairs]
                update = self._opt.apply_gradients(
                    list(zip(means, variables, strict=True)), global_step
                )
                # Shared by name, so that all workers have the same ones.
                self._tokens = _queue(-1, global_step.dtype.base_dtype, "sync_token_q")
                ended = _queue(1, dtypes.int32, "dummy_queue")
                with control_dependencies(given):
                    token = self._tokens.dequeue()
                train = assign(local_step, token)
                with control_dependencies([update]):
                    n_tokens = max(self.n_replicas, self.n_required)
                    sync = self._tokens.enqueue_many((fill([n_tokens], global_step),))
                if self._averages is not None:
                    with control_dependencies([sync]):
                        sync = self._averages.apply(self._averaged)
                # The runner closes its queue, and the tokens of the servers outlive a session.
                self._queue_runner = StepRunner(ended, [sync])
            steps = [self.local_step_init_op]
            for accumulator, var in self.accumulators:
                with device(var.device or None):
                    steps.append(accumulator.set_global_step(global_step, name="SetGlobalStep"))
            self.chief_init_op = group(*steps)
        return train

    def _exchanged(self, gradient: Any, var: Any, local_step: Any, given: list[Operation]) -> Any:
        """The mean of a gradient of all workers; what gives this one's is added to `given`."""
        if gradient is None:
            return None
        shared = var.name + "/grad_accum"
        if isinstance(gradient, Tensor):
            dense = ConditionalAccumulator(gradient.dtype, shape=var.shape, shared_name=shared)
            self.accumulators.append((dense, var))
            given.append(dense.apply_grad(gradient, local_step=local_step))
            return dense.take_grad(self.n_required)
        if not isinstance(gradient, IndexedSlices):
            raise ValueError("Unknown grad type!")
        rows = SparseConditionalAccumulator(gradient.dtype, shape=(), shared_name=shared)
        self.accumulators.append((rows, var))
        given.append(rows.apply_indexed_slices_grad(gradient, local_step=local_step))
        return rows.take_indexed_slices_grad(self.n_required)

    def get_chief_queue_runner(self) -> QueueRunner:
        """The queue runner that makes the steps, in the chief.

        Returns
        -------
        QueueRunner

        Raises
        ------
        ValueError
            Before `apply_gradients`.
        """
        if self._queue_runner is None:
            raise ValueError("Should be called after apply_gradients().")
        return self._queue_runner

    def get_init_tokens_op(self, num_tokens: int = -1) -> Operation:
        """What the chief runs once: it gives out the first tokens.

        Parameters
        ----------
        num_tokens : int
            `replicas_to_aggregate` if -1. With 0 each worker waits for the first step.

        Returns
        -------
        Operation

        Raises
        ------
        ValueError
            Before `apply_gradients`, or if the first step would never be made.
        """
        if self._queue_runner is None:
            raise ValueError("get_init_tokens_op() should be called after apply_gradients().")
        needed = self.n_required - self.n_replicas
        if num_tokens == -1:
            num_tokens = self.n_required
        elif num_tokens < needed:
            raise ValueError(
                f"Too few tokens to finish the first step: {num_tokens} (given) vs {needed} "
                "(needed)"
            )
        if num_tokens <= 0:
            return no_op(name="no_init_tokens")
        with device(self.global_step.device or None), name_scope(""):
            return self._tokens.enqueue_many((fill([num_tokens], self.global_step),))

    def make_session_run_hook(self, is_chief: bool, num_tokens: int = -1) -> SessionRunHook:
        """The hook that a monitored session needs, in each worker.

        Parameters
        ----------
        is_chief : bool
            Whether this worker makes the steps.
        num_tokens : int
            As for `get_init_tokens_op`.

        Returns
        -------
        SessionRunHook
        """
        return SyncReplicasHook(self, is_chief, num_tokens)

    def get_slot(self, *args: Any, **kwargs: Any) -> Variable | None:
        """The slot of a variable, of the optimizer inside.

        Parameters
        ----------
        *args, **kwargs
            As for its own method: the variable, and the slot's name.

        Returns
        -------
        Variable or None
        """
        return self._opt.get_slot(*args, **kwargs)

    def get_slot_names(self, *args: Any, **kwargs: Any) -> list[str]:
        """The names of the slots of the optimizer inside.

        Parameters
        ----------
        *args, **kwargs
            As for its own method, which has none.

        Returns
        -------
        list of str
        """
        return self._opt.get_slot_names(*args, **kwargs)

    def variables(self) -> list[Variable]:
        """The variables of the optimizer inside, in the default graph."""
        return self._opt.variables()


def _queue(capacity: int, dtype: Any, name: str) -> FIFOQueue:
    return FIFOQueue(capacity, dtype, shapes=[()], name=name, shared_name=name)
