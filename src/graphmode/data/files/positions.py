"""Where iterators are, in a checkpoint: a program that goes on takes the next element."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.data.iterator import GLOBAL_ITERATORS, Iterator
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.operation import Operation, Tensor
from graphmode.ops.data.iterators import iterator_go_to_op, iterator_position_op
from graphmode.sessions.hooks.checkpoints import CheckpointSaverHook
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook
from graphmode.training.checkpoint_state import latest_checkpoint
from graphmode.training.saveables import SaveableObject, SaveSpec
from graphmode.training.saver import Saver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.sessions.hooks.session_run import SessionRunContext, SessionRunValues


class IteratorSaveable(SaveableObject):
    """The position of an iterator.

    Parameters
    ----------
    handle : Tensor, resource
    """

    def __init__(self, handle: Tensor) -> None:
        position = iterator_position_op(handle)
        super().__init__(handle, [SaveSpec(position, "", handle.name + "-state")], handle.name)

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Operation:
        """Have the iterator go to where it was."""
        return iterator_go_to_op(self.op, restored_tensors[0])


def make_saveable_from_iterator(iterator: Iterator) -> IteratorSaveable:
    """Have a `Saver` keep where an iterator is.

    Put it into the collection `tf.GraphKeys.SAVEABLE_OBJECTS` before the saver is made. What is
    kept is how many elements it has given, and what was drawn that has no seed: restoring begins
    the data set again and makes as many elements. Run the initializer before.

    Parameters
    ----------
    iterator : Iterator

    Returns
    -------
    SaveableObject

    Examples
    --------
    >>> import graphmode as tf
    >>> iterator = tf.data.Dataset.range(10).shuffle(5).make_one_shot_iterator()
    >>> saveable = tf.data.experimental.make_saveable_from_iterator(iterator)
    >>> tf.add_to_collection(tf.GraphKeys.SAVEABLE_OBJECTS, saveable)
    >>> saver = tf.train.Saver()
    """
    return IteratorSaveable(iterator._handle)


class _Saver(Saver):
    """A saver that says elsewhere than others which checkpoint is the newest."""

    def __init__(self, saveables: Sequence[SaveableObject], latest_filename: str) -> None:
        super().__init__(list(saveables))
        self._latest_filename = latest_filename

    def save(self, *args: Any, **kwargs: Any) -> str | None:
        return super().save(*args, **{"latest_filename": self._latest_filename, **kwargs})


class CheckpointInputPipelineHook(SessionRunHook):
    """Saves where all iterators of the graph are, every so often; the first run goes on there.

    The files are called ``input.ckpt-...`` and lie beside those of the model.

    Parameters
    ----------
    estimator : Estimator, or what has its `model_dir` and `config`
        Read: ``save_checkpoints_secs``, ``save_checkpoints_steps``, ``num_worker_replicas``,
        ``task_type`` and ``task_id``.
    """

    def __init__(self, estimator: Any) -> None:
        config = getattr(estimator, "_config", None) or estimator.config
        prefix = "input"
        if getattr(config, "num_worker_replicas", 1) > 1:
            prefix = f"input_{config.task_type}_{config.task_id}"
        self._hook = CheckpointSaverHook(
            estimator.model_dir,
            save_secs=config.save_checkpoints_secs,
            save_steps=config.save_checkpoints_steps,
            checkpoint_basename=prefix + ".ckpt",
        )
        self._latest_filename = f"checkpoint_{prefix}"
        self._is_first = True

    def begin(self) -> None:
        handles = get_default_graph().get_collection(GLOBAL_ITERATORS)
        saveables = [IteratorSaveable(handle) for handle in dict.fromkeys(handles)]
        self._hook._saver = _Saver(saveables, self._latest_filename)
        self._hook.begin()

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        if self._is_first:
            # Not in `after_create_session`: the hook that initializes iterators may come later.
            self._is_first = False
            self._go_on(run_context.session)
        return self._hook.before_run(run_context)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        self._hook.after_run(run_context, run_values)

    def end(self, session: Any) -> None:
        self._hook.end(session)

    def _go_on(self, session: Any) -> None:
        hook = self._hook
        newest = latest_checkpoint(hook._checkpoint_dir, self._latest_filename)
        if newest:
            hook._required_saver().restore(session, newest)
        else:
            step = int(session.run(hook._step))
            hook._save(session, step)
            hook._timer.update_last_triggered_step(step)
