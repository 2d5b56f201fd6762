"""`tf.contrib.slim.learning.train`: a training under a supervisor, in one call."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from graphmode.files.whole import write_whole
from graphmode.framework.default_graph import (
    control_dependencies,
    get_default_graph,
    name_scope,
)
from graphmode.framework.errors import AbortedError, OutOfRangeError, of_system
from graphmode.framework.proto.messages import protobuf
from graphmode.ops.array.constants import constant
from graphmode.ops.array.joining import concat
from graphmode.ops.control.grouping import group
from graphmode.ops.math.comparison import equal, greater_equal
from graphmode.ops.math.division import floormod
from graphmode.platform import logging
from graphmode.platform.timeline import Timeline
from graphmode.runtime.config import RunOptions
from graphmode.sessions.supervisor import Supervisor
from graphmode.summary.merging import merge_all
from graphmode.training.global_step import get_or_create_global_step
from graphmode.training.global_step import global_step as global_step_of
from graphmode.training.saver import Saver
from graphmode.variables.collections import (
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
    tables_initializer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.graph import Graph
    from graphmode.runtime.config import ConfigProto
    from graphmode.runtime.session import Session

_USE_DEFAULT: Any = 0


def train_step(
    sess: Session, train_op: Any, global_step: Any, train_step_kwargs: dict[str, Any]
) -> tuple[Any, Any]:
    """One step of `train`: run, log, and say whether it was the last.

    Parameters
    ----------
    sess : Session
    train_op : Tensor, floating scalar
        It trains, and its value is the loss.
    global_step : Variable or Tensor, integer scalar
    train_step_kwargs : dict
        Tensors, bool scalars: ``should_stop``, ``should_log``, ``should_trace``; with the latter
        ``logdir``, and ``summary_writer``.

    Returns
    -------
    total_loss : float
    should_stop : bool

    Raises
    ------
    ValueError
        If runs are to be traced and there is no ``logdir``.
    """
    start = time.monotonic()
    options = metadata = None
    if "should_trace" in train_step_kwargs:
        if "logdir" not in train_step_kwargs:
            raise ValueError(
                "logdir must be present in train_step_kwargs when should_trace is present"
            )
        if sess.run(train_step_kwargs["should_trace"]):
            options = RunOptions(trace_level=RunOptions.FULL_TRACE)
            metadata = protobuf("config").RunMetadata()
    loss, step = sess.run([train_op, global_step], options=options, run_metadata=metadata)
    elapsed = time.monotonic() - start
    if metadata is not None:
        _write_trace(metadata, int(step), train_step_kwargs)
    if "should_log" in train_step_kwargs and sess.run(train_step_kwargs["should_log"]):
        logging.info("global step %d: loss = %.4f (%.3f sec/step)", step, loss, elapsed)
    if "should_stop" not in train_step_kwargs:
        return loss, False
    return loss, sess.run(train_step_kwargs["should_stop"])


def _write_trace(metadata: Any, step: int, parts: dict[str, Any]) -> None:
    path = os.path.join(parts["logdir"], f"tf_trace-{step}.json")  # noqa: PTH118 - as given
    logging.info("Writing trace to %s", path)
    try:
        write_whole(path, Timeline(metadata.step_stats).generate_chrome_trace_format().encode())
    except OSError as error:
        raise of_system(error, path) from error
    if "summary_writer" in parts:
        parts["summary_writer"].add_run_metadata(metadata, f"run_metadata-{step}")


def train(
    train_op: Any,
    logdir: Any,
    train_step_fn: Callable[..., tuple[Any, Any]] = train_step,
    train_step_kwargs: Any = _USE_DEFAULT,
    log_every_n_steps: int = 1,
    graph: Graph | None = None,
    master: str = "",
    is_chief: bool = True,
    global_step: Any = None,
    number_of_steps: int | None = None,
    init_op: Any = _USE_DEFAULT,
    init_feed_dict: Any = None,
    local_init_op: Any = _USE_DEFAULT,
    init_fn: Callable[[Session], Any] | None = None,
    ready_op: Any = _USE_DEFAULT,
    summary_op: Any = _USE_DEFAULT,
    save_summaries_secs: float | None = 600,
    summary_writer: Any = _USE_DEFAULT,
    startup_delay_steps: int = 0,
    saver: Saver | None = None,
    save_interval_secs: float | None = 600,
    sync_optimizer: Any = None,
    session_config: ConfigProto | None = None,
    session_wrapper: Callable[[Session], Any] | None = None,
    trace_every_n_steps: int | None = None,
    ignore_live_threads: bool = False,
) -> Any:
    """Train: one step after the other, with checkpoints and summaries from threads.

    A program that is started again goes on from the newest checkpoint that is whole.

    Parameters
    ----------
    train_op : Tensor, floating scalar
        What `create_train_op` gives: it trains, and its value is the loss.
    logdir : str or None
        Where checkpoints and events are.
    train_step_fn : callable
        Makes one step; `train_step` if not given.
    train_step_kwargs : dict, optional
        What it is given.
    log_every_n_steps : int
        Steps between two messages; 0 for none.
    graph : Graph, optional
        The default graph if not given.
    master : str
        As for `Session`.
    is_chief : bool
        Whether it initialises the variables and saves.
    global_step : Variable or Tensor, integer scalar, optional
        That of the graph if not given.
    number_of_steps : int, optional
        The global step at which it ends; only the input or a thread ends it if not given.
    init_op : Operation, optional
        Of this and the three below: made if not given, left out if None.
    init_feed_dict : dict, optional
        What `init_op` is fed.
    local_init_op : Operation, optional
    init_fn : callable, optional
        Called with the session after `init_op`.
    ready_op : Tensor, string vector, optional
        The names of what is missing.
    summary_op : Tensor, string scalar, optional
    save_summaries_secs : float
        Seconds between summaries; 0 for none.
    summary_writer : FileWriter, optional
    startup_delay_steps : int
        After how many steps of the chief a worker begins.
    saver : Saver, optional
    save_interval_secs : float
        Seconds between checkpoints; 0 for none.
    sync_optimizer : SyncReplicasOptimizer or list of them, optional
        Those that `train_op` uses: the chief starts what makes their steps.
    session_config : ConfigProto, optional
    session_wrapper : callable, optional
        Gives what is used in place of the session.
    trace_every_n_steps : int, optional
        Steps between two traces of runs.
    ignore_live_threads : bool
        Whether only a message tells of threads that do not end.

    Returns
    -------
    float
        The loss of the last step; None if there was none.

    Raises
    ------
    ValueError
        If arguments do not go together, or `sync_optimizer` is another optimizer.
    """
    if train_op is None:
        raise ValueError("train_op cannot be None.")
    if logdir is None:
        if summary_op is not _USE_DEFAULT:
            raise ValueError("Cannot provide summary_op because logdir=None")
        if saver is not None:
            raise ValueError("Cannot provide saver because logdir=None")
        if trace_every_n_steps is not None:
            raise ValueError("Cannot provide trace_every_n_steps because logdir=None")
    synchronous = _synchronous(sync_optimizer)
    if synchronous and startup_delay_steps > 0:
        raise ValueError("startup_delay_steps must be zero when sync_optimizer is supplied.")
    if number_of_steps is not None and number_of_steps <= 0:
        raise ValueError("`number_of_steps` must be either None or a positive number.")
    graph = graph or get_default_graph()
    with graph.as_default():
        step = get_or_create_global_step() if global_step is None else global_step
        saver = saver or Saver()
        with name_scope("init_ops"):
            if init_op is _USE_DEFAULT:
                init_op = global_variables_initializer()
            if ready_op is _USE_DEFAULT:
                ready_op = report_uninitialized_variables()
            if local_init_op is _USE_DEFAULT:
                local_init_op = group(local_variables_initializer(), tables_initializer())
            ready_for_local_init_op = None
            if synchronous:
                with control_dependencies([] if local_init_op is None else [local_init_op]):
                    local_init_op = group(
                        *(it.chief_init_op if is_chief else it.local_step_init_op
                          for it in synchronous)
                    )  # fmt: skip
                ready_for_local_init_op = concat(
                    [it.ready_for_local_init_op for it in synchronous], 0
                )
        leading = synchronous if is_chief else []
        runners = [it.get_chief_queue_runner() for it in leading]
        first_tokens = [it.get_init_tokens_op() for it in leading]
        if summary_op is _USE_DEFAULT:
            summary_op = merge_all()
        if train_step_kwargs is _USE_DEFAULT:
            trace_every = trace_every_n_steps if is_chief else None
            train_step_kwargs = _step_parts(
                step, number_of_steps, log_every_n_steps, trace_every, logdir
            )
    supervisor = Supervisor(
        graph=graph, is_chief=is_chief, logdir=logdir, init_op=init_op,
        init_feed_dict=init_feed_dict, local_init_op=local_init_op,
        ready_for_local_init_op=ready_for_local_init_op, ready_op=ready_op, summary_op=summary_op,
        summary_writer=summary_writer, global_step=step, saver=saver,
        save_summaries_secs=save_summaries_secs, save_model_secs=save_interval_secs,
        init_fn=init_fn,
    )  # fmt: skip
    if summary_writer is not None:
        train_step_kwargs["summary_writer"] = supervisor.summary_writer
    loss = None
    while True:
        try:
            with supervisor.managed_session(
                master, session_config, start_standard_services=False
            ) as session:
                logging.info("Starting Session.")
                if session_wrapper is not None:
                    logging.info("Wrapping session with wrapper function: %s", session_wrapper)
                    session = session_wrapper(session)
                if is_chief and logdir:
                    supervisor.start_standard_services(session)
                elif not is_chief and startup_delay_steps > 0:
                    _wait_for_step(
                        session, step, min(startup_delay_steps, number_of_steps or sys.maxsize)
                    )
                threads = supervisor.start_queue_runners(session)
                logging.info("Starting Queues.")
                if runners:
                    supervisor.start_queue_runners(session, runners)
                    session.run(first_tokens)
                try:
                    while not supervisor.should_stop():
                        loss, is_last = train_step_fn(session, train_op, step, train_step_kwargs)
                        if is_last:
                            logging.info("Stopping Training.")
                            supervisor.request_stop()
                except OutOfRangeError as error:
                    logging.info("Caught OutOfRangeError. Stopping Training. %s", error)
                if logdir and is_chief:
                    logging.info("Finished training! Saving model to disk.")
                    saver.save(session, supervisor.save_path, global_step=step)
                    supervisor.stop(threads, ignore_live_threads=ignore_live_threads)
            return loss
        except AbortedError:
            logging.info("Retrying training!")


def _synchronous(given: Any) -> list[Any]:
    """The optimizers of `sync_optimizer`, which is one, several or None."""
    optimizers: list[Any] = list(given) if isinstance(given, list | tuple) else [given]  # pyright: ignore[reportUnknownArgumentType]
    if given is None:
        return []
    if not all(hasattr(it, "get_chief_queue_runner") for it in optimizers):
        raise ValueError("`sync_optimizer` must be a tf.train.SyncReplicasOptimizer.")
    return optimizers


def _step_parts(
    step: Any, number_of_steps: int | None, log_every: int, trace_every: int | None, logdir: Any
) -> dict[str, Any]:
    """What `train_step` is given: tensors that say what is to be done at a step."""
    with name_scope("train_step"):
        parts: dict[str, Any] = {}
        if number_of_steps:
            parts["should_stop"] = greater_equal(step, number_of_steps)
        else:
            parts["should_stop"] = constant(False)
        if log_every > 0:
            parts["should_log"] = equal(floormod(step, log_every), 0)
        if trace_every is not None:
            parts["should_trace"] = equal(floormod(step, trace_every), 0)
            parts["logdir"] = logdir
    return parts


def _wait_for_step(session: Session, counter: Any, step: int) -> None:
    pause = 0.01
    while global_step_of(session, counter) < step:
        time.sleep(pause)
        pause = min(2 * pause, 1.0)
