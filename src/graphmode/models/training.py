"""The one training loop: epochs of batches, measured, validated, kept, stopped in time."""

from __future__ import annotations

import inspect
import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

import graphmode as tf
from graphmode.files.whole import write_whole
from graphmode.framework.proto.messages import protobuf
from graphmode.models.network import Means, batched, n_batches, rows_of
from graphmode.models.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from graphmode.models.base import Model


class Batches(Protocol):
    """Where the batches of an epoch come from."""

    n_batches: int | None
    """In each epoch, where it is known."""

    def epoch(self, number: int) -> Iterable[Mapping[str, Any]]:
        """The batches of epoch `number`, the first one 0: names of inputs -> arrays."""
        ...


class NewStreams(dict[str, Any]):
    """A batch before which there was nothing: what is carried from batch to batch begins anew."""


class ArrayBatches:
    """Batches of arrays in memory.

    Parameters
    ----------
    arrays : dict of str to array
        Any dtype and shape, rows first, or SciPy's sparse rows.
    size : int
    seed : int
        Of an epoch's chance, together with its number.
    shuffle : bool
        Another order in each epoch.
    prepare : callable, optional
        Makes the batch that is fed of a batch of rows and a NumPy generator.
    """

    def __init__(
        self,
        arrays: Mapping[str, Any],
        size: int,
        seed: int = 0,
        shuffle: bool = False,
        prepare: Callable[[Mapping[str, Any], np.random.Generator], Mapping[str, Any]]
        | None = None,
    ) -> None:
        self._arrays = arrays
        self._size = size
        self._seed = seed
        self._shuffle = shuffle
        self._prepare = prepare
        self._n_rows = rows_of(arrays)
        self.n_batches: int | None = n_batches(self._n_rows, size)

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The batches of epoch `number`."""
        random = np.random.default_rng([self._seed, number])
        order = random.permutation(self._n_rows) if self._shuffle else None
        for batch in batched(self._arrays, self._size, order):
            yield batch if self._prepare is None else self._prepare(batch, random)


class IterableBatches:
    """Batches that somebody else makes: data that does not fit into memory.

    Parameters
    ----------
    source : iterable, or function that gives one
        Of arrays ``X``, or of pairs ``(X, y)``; it is gone through once an epoch.
    read : callable
        Makes the arrays of the network's inputs of ``X`` and ``y``.
    """

    def __init__(self, source: Any, read: Callable[[Any, Any], Mapping[str, Any]]) -> None:
        self._source = source
        self._read = read
        self._is_used = False
        self.n_batches: int | None = None
        self.last: Mapping[str, Any] = {}
        """The newest batch."""

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The batches of epoch `number`.

        Raises
        ------
        ValueError
            If there is none, as in the second epoch of a generator.
        """
        batches = once_through(self._source)
        n_done = 0
        for n_done, batch in enumerate(batches, 1):  # noqa: B007
            X, y = batch if isinstance(batch, tuple) else (batch, None)
            self.last = self._read(X, y)
            yield self.last
        if n_done == 0:
            once = (
                "a generator gives its batches once: give the function that makes it"
                if self._is_used or inspect.isgenerator(self._source)
                else "the iterable is empty"
            )
            raise ValueError(f"no batch in epoch {number + 1}: {once}")
        self._is_used = True
        self.n_batches = n_done


def once_through(source: Any) -> Iterator[Any]:
    """An iterator over `source`, or over what it gives where it is a function."""
    if callable(source):
        source = source()
        if not hasattr(source, "__iter__"):
            raise TypeError(
                f"X is a function that gives a {type(source).__name__}; it must give an iterable "
                "of batches, anew each time it is called"
            )
    yield from source


def _as_batches(data: Any, size: int) -> Batches:
    return ArrayBatches(data, size) if isinstance(data, dict) else data


def train(
    model: Model,
    batches: Batches,
    validation: Mapping[str, Any] | Batches | None,
    n_epochs: int,
    may_stop: bool = True,
) -> None:
    """Train the network of a model for `n_epochs` more epochs, or until it is done.

    Ctrl-C ends the epoch: what has been learned stays. With `early_stopping` the variables are
    those of the best epoch in the end.

    Parameters
    ----------
    model : Model
        Its `network_` and `session_` are made; `history_` and `n_iter_` grow.
    batches : Batches
    validation : dict of str to ndarray of any dtype and shape, Batches, or None
    n_epochs : int
    may_stop : bool
        Whether `early_stopping` counts.

    Raises
    ------
    FloatingPointError
        If the loss is not finite.
    """
    held_out = None if validation is None else _as_batches(validation, model.batch_size)
    keeper = _Best(model) if model.early_stopping and may_stop else None
    log = _open_log(model)
    last = model.n_iter_ + n_epochs
    title = type(model).__name__
    with Progress(title, last, model.n_iter_, model.verbose > 0) as progress:
        try:
            while model.n_iter_ < last:
                started = time.perf_counter()
                measures, is_interrupted = _epoch(model, batches, progress)
                if measures and held_out is not None and not is_interrupted:
                    measures |= _validated(model, held_out)
                if measures:
                    seconds = time.perf_counter() - started
                    model.n_iter_ += 1
                    for name, value in (measures | {"seconds": seconds}).items():
                        model.history_.setdefault(name, []).append(value)
                    progress.epoch(measures, seconds)
                    _write(log, model.n_iter_, measures)
                    _write_checkpoint(model)
                if is_interrupted:
                    progress.say(_kept(model))
                    break
                wants_end = [
                    callback(model, model.n_iter_, measures) for callback in model.callbacks
                ]
                if True in wants_end or (keeper is not None and keeper.is_done(progress)):
                    break
        except KeyboardInterrupt:  # between two epochs, as while a checkpoint is written
            if not model.n_iter_:
                raise
            progress.say(_kept(model))
        finally:
            if log is not None:
                log.close()
            model.best_epoch_ = _best(model.history_)
    if keeper is not None:
        model.best_epoch_ = keeper.restore()


def _kept(model: Model) -> str:
    return f"interrupted: kept what was learned in {model.n_iter_} epochs"


def _epoch(model: Model, batches: Batches, progress: Progress) -> tuple[dict[str, float], bool]:
    """One epoch: the means of its measures, and whether Ctrl-C ended it."""
    means = Means()
    state: list[Any] = []
    rate = model._rate_of(model.n_iter_)
    number = model.n_iter_
    n_done = 0
    try:
        for batch in batches.epoch(number):
            if isinstance(batch, NewStreams):
                state = []
            measures, state = model._train_on(batch, rate, state)
            if not math.isfinite(measures["loss"]):
                raise FloatingPointError(
                    f"{type(model).__name__}: the loss is {measures['loss']} in epoch "
                    f"{number + 1}, batch {n_done + 1}. With learning_rate={rate:g} training "
                    f"diverges: try learning_rate={rate / 10:g}, and values of X near 0 to 1"
                )
            n_done += 1
            means.add(measures, rows_of(batch))
            progress.batch(n_done, batches.n_batches, measures["loss"])
    except KeyboardInterrupt:
        return (means.values() if n_done else {}), True
    return means.values(), False


def _validated(model: Model, validation: Batches) -> dict[str, float]:
    means = Means()
    state: list[Any] = []
    for batch in validation.epoch(0):
        measures, state = model.network_.measure_on(model.session_, batch, state)
        means.add(measures, rows_of(batch))
    return {f"val_{name}": value for name, value in means.values().items()}


# ---- the best epoch ------------------------------------------------------------------------------


def _watched(history: Mapping[str, list[float]]) -> list[float]:
    return history.get("val_loss") or history["loss"]


def _best(history: Mapping[str, list[float]]) -> int:
    return int(np.argmin(_watched(history))) + 1 if history.get("loss") else 0


class _Best:
    """The variables of the epoch with the smallest loss, held out if there is one."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._loss = math.inf
        self._mark = math.inf
        self._epoch = 0
        self._marked = model.n_iter_
        self._values: dict[str, Any] = {}

    def is_done(self, progress: Progress) -> bool:
        """Note an epoch; True if the loss has not fallen by `tol` for `n_iter_no_change`."""
        model = self._model
        loss = _watched(model.history_)[-1]
        if loss < self._loss:
            self._loss, self._epoch = loss, model.n_iter_
            self._values = model._variables()
        if loss < self._mark - model.tol:
            self._mark, self._marked = loss, model.n_iter_
        if model.n_iter_ - self._marked < model.n_iter_no_change:
            return False
        progress.say(f"stopped: no better for {model.n_iter_no_change} epochs")
        return True

    def restore(self) -> int:
        """Put the best epoch's values back and give its number."""
        if self._values and self._epoch != self._model.n_iter_:
            self._model._set_variables(self._values)
        return self._epoch


# ---- files ---------------------------------------------------------------------------------------


def _open_log(model: Model) -> Any:
    if model.log_dir is None:
        return None
    return tf.summary.FileWriter(str(model.log_dir), model.graph_)


def _write(log: Any, epoch: int, measures: Mapping[str, float]) -> None:
    if log is None:
        return
    summary = protobuf("summary").Summary()
    for name, value in measures.items():
        summary.value.add(tag=name, simple_value=value)
    log.add_summary(summary, epoch)


def _write_checkpoint(model: Model) -> None:
    """Save the variables after an epoch, and beside them what the loop has to know."""
    if model.checkpoint_dir is None:
        return
    folder = Path(model.checkpoint_dir)
    folder.mkdir(parents=True, exist_ok=True)
    known = {"n_iter_": model.n_iter_, "history_": model.history_, "seed": model._seed}
    write_whole(folder / f"epoch-{model.n_iter_}.json", json.dumps(known).encode())
    model._saver().save(
        model.session_, str(folder / "epoch"), global_step=model.n_iter_, write_meta_graph=False
    )
    for described in folder.glob("epoch-*.json"):
        if not described.with_suffix(".index").exists():
            described.unlink()


def resume(model: Model) -> None:
    """Go on after the newest epoch in the model's `checkpoint_dir`, if there is one.

    Raises
    ------
    ValueError
        If the model has no `checkpoint_dir`, or what lies there is of another network.
    """
    if model.checkpoint_dir is None:
        raise ValueError("resume=True needs checkpoint_dir, the folder of the checkpoints")
    newest = tf.train.latest_checkpoint(str(model.checkpoint_dir))
    if newest is None:
        return
    try:
        model._saver().restore(model.session_, newest)
        known = tf.train.get_checkpoint_state(str(model.checkpoint_dir))
        model._saver().recover_last_checkpoints(known.all_model_checkpoint_paths)
    except tf.errors.OpError as error:
        raise ValueError(
            f"checkpoint_dir={str(model.checkpoint_dir)!r} holds another network: {error.message}"
        ) from None
    known = json.loads(Path(f"{newest}.json").read_text(encoding="utf-8"))
    model.n_iter_, model.history_ = known["n_iter_"], known["history_"]
    model._seed = known["seed"]
