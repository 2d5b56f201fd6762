"""What all models share: parameters, the making of the network, fitting, asking, keeping."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode.models import saving, training
from graphmode.models.network import Network, batched
from graphmode.models.optimizers import OptimizerName, training_step
from graphmode.models.parameters import (
    Count,
    NotNegative,
    Positive,
    Rate,
    check_parameters,
    estimator,
)
from graphmode.models.summaries import Summary, summary_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Self = TypeVar("Self", bound="Model")

_ROWS_ASKED = 1000
# What a model holds that is made again of the rest.
_MADE = ("graph_", "session_", "network_")


@estimator
class Model(BaseEstimator):
    """A network that is trained in epochs of mini-batches.

    Parameters
    ----------
    max_iter : int
        Epochs: passes through the data.
    batch_size : int
        Rows of a training step.
    learning_rate : float
    optimizer : {"sgd", "momentum", "adam", "rmsprop", "adagrad", "adadelta"} or callable
        A callable makes an optimizer of a learning rate, as ``tf.train.AdamOptimizer`` does.
    early_stopping : bool
        Stop when the loss has not fallen by `tol` for `n_iter_no_change` epochs, and take the
        variables of the best epoch. The loss is that of `validation_fraction` of the rows, which
        are set aside, or of the `validation` that `fit` was given.
    validation_fraction : float
    n_iter_no_change : int
    tol : float
    warm_start : bool
        `fit` goes on with the network that an earlier `fit` left.
    shuffle : bool
        Another order of the rows in each epoch.
    verbose : int
        1 shows each epoch.
    random_state : int, RandomState or None
        Of the initial values, the order, and all chance in the network.
    callbacks : tuple of callable
        Each is called with the model, the epoch's number and its measures after each epoch; one
        that returns True ends the training.
    checkpoint_dir : str or None
        A folder where the variables are saved after each epoch.
    resume : bool
        Go on after the newest epoch in `checkpoint_dir`.
    log_dir : str or None
        A folder where TensorBoard finds the graph and the measures.
    """

    max_iter: Count = 20
    batch_size: Count = 100
    learning_rate: Positive = 0.001
    optimizer: OptimizerName | Callable[..., Any] = "adam"
    early_stopping: bool = False
    validation_fraction: Rate = 0.1
    n_iter_no_change: Count = 5
    tol: NotNegative = 1e-4
    warm_start: bool = False
    shuffle: bool = True
    verbose: int = 0
    random_state: int | np.random.RandomState | None = None
    callbacks: tuple[Callable[..., Any], ...] = ()
    checkpoint_dir: str | None = None
    resume: bool = False
    log_dir: str | None = None

    # What `fit` finds
    history_: dict[str, list[float]] = field(init=False)
    n_iter_: int = field(init=False)
    best_epoch_: int = field(init=False)
    graph_: tf.Graph = field(init=False)
    session_: tf.Session = field(init=False)
    network_: Network = field(init=False)

    # ---- what a kind of model says of itself -----------------------------------------------------

    def _build(self) -> Network:
        """Make the network in the default graph, of parameters and of what `_read` found."""
        raise NotImplementedError

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        """Check data and make of them what the network's inputs are filled with.

        With `reset` what the network depends on is found in them and kept as attributes.
        """
        raise NotImplementedError

    def _n_epochs(self) -> int:
        """The epochs of `fit`."""
        return self.max_iter

    def _rate_of(self, epoch: int) -> float:
        """The learning rate of an epoch, the first one 0."""
        return self.learning_rate

    def _split(self, arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set `validation_fraction` of the rows aside."""
        from sklearn.model_selection import train_test_split

        parts = train_test_split(
            *arrays.values(), test_size=self.validation_fraction, random_state=self._seed
        )
        return dict(zip(arrays, parts[::2], strict=True)), dict(
            zip(arrays, parts[1::2], strict=True)
        )

    def _batches(self, arrays: dict[str, Any]) -> training.Batches:
        """Where the batches of training come from, of what `_read` gave."""
        return training.ArrayBatches(
            arrays, self.batch_size, self._seed, self.shuffle, self._prepare
        )  # fmt: skip

    def _held_out(self, arrays: dict[str, Any]) -> Any:
        """What is measured after each epoch, of what `_read` gave."""
        return arrays

    def _prepare(self, batch: Mapping[str, Any], random: np.random.Generator) -> Mapping[str, Any]:
        """What a training step is fed of a batch of rows: the rows, where nothing else is said."""
        return batch

    def _begin(self, arrays: dict[str, Any]) -> None:
        """What comes before the epochs of a new network, as pretraining."""

    def _finish(self, arrays: dict[str, Any]) -> None:
        """What follows the epochs: to look at what was learned, and warn where it looks wrong."""

    # ---- fitting ---------------------------------------------------------------------------------

    def fit(self: Self, X: Any, y: Any = None, *, validation: Any = None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array, float [n_samples, n_features], or iterable of batches
            An iterable gives arrays of rows, or pairs of rows and their `y`, once an epoch; a
            function that makes such an iterable will do.
        y : array [n_samples], optional
            Numbers or labels, where the model learns to tell them.
        validation : array, float [n_rows, n_features], or pair of it and its `y`, optional
            Rows that are measured after each epoch and not learned from.

        Returns
        -------
        Model
            Itself. `history_` has the measures of each epoch by name, those of `validation` with
            ``val_`` before it: ``history_["val_loss"]``.
        """
        check_parameters(self)
        goes_on = self.warm_start and hasattr(self, "session_")
        if is_of_batches(X):
            return self._fit_batches(X, y, validation, goes_on)
        arrays = self._read(X, y, reset=not goes_on)
        held_out = None
        if not goes_on:
            self._draw_seed()
        if validation is not None:
            held_out = self._held_out(self._read_validation(*_pair(validation)))
        elif self.early_stopping:
            arrays, set_aside = self._split(arrays)
            held_out = self._held_out(set_aside)
        if not goes_on:
            self._start()
            self._begin(arrays)
        self._fit_epochs(self._batches(arrays), held_out)
        self._finish(arrays)
        return self

    def _fit_batches(self: Self, source: Any, classes: Any, validation: Any, goes_on: bool) -> Self:
        """Fit to an iterable of batches; where a model has `classes`, they come as `y`."""
        if not goes_on:
            first = next(training.once_through(source), None)
            if first is None:
                raise ValueError("no batch in epoch 1: the iterable is empty")
            self._read_first(*_pair(first), classes)
            self._draw_seed()
            self._start()
        held_out = None
        if validation is not None:
            held_out = self._held_out(self._read_validation(*_pair(validation)))
        batches = training.IterableBatches(
            source, lambda X, y: self._read(X, y, reset=False)
        )  # fmt: skip
        return self._fit_epochs(batches, held_out)

    def _read_first(self, X: Any, y: Any, classes: Any) -> None:
        """Find in the first of several batches what the network depends on."""
        self._read(X, y, reset=True)

    def _read_validation(self, X: Any, y: Any) -> dict[str, Any]:
        """What is measured after each epoch, as `_read` gives it."""
        return self._read(X, y, reset=False)

    def _fit_epochs(self: Self, batches: Any, held_out: Any) -> Self:
        n_epochs = self._n_epochs()
        if self.resume:
            training.resume(self)
            n_epochs = max(0, n_epochs - self.n_iter_)
        training.train(self, batches, held_out, n_epochs)
        return self

    def partial_fit(self: Self, X: Any, y: Any = None, **known: Any) -> Self:
        """Train for one more epoch, which is these rows; the first call makes the network.

        Parameters
        ----------
        X : array, float [n_samples, n_features]
        y : array [n_samples], optional
        **known : Any
            What the first rows may not tell: `classes`, where the model has them.

        Returns
        -------
        Model
            Itself.
        """
        if not hasattr(self, "session_"):
            check_parameters(self)
            self._read_first(X, y, **known) if known else self._read(X, y, reset=True)
            self._draw_seed()
            self._start()
        arrays = self._read(X, y, reset=False)
        training.train(self, self._batches(arrays), None, 1, may_stop=False)
        return self

    def _train_on(
        self, batch: Mapping[str, Any], rate: float, state: list[Any]
    ) -> tuple[dict[str, float], list[Any]]:
        return self.network_.train_on(self.session_, batch, rate, state)

    # ---- the network -----------------------------------------------------------------------------

    def _draw_seed(self) -> None:
        """Draw the seed of all chance of a fit."""
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))

    def _start(self) -> None:
        """Make the network and give its variables their initial values."""
        self.history_ = {}
        self.n_iter_ = self.best_epoch_ = 0
        self._make()
        with self.graph_.as_default():
            self.session_.run(tf.global_variables_initializer())

    def _make(self) -> None:
        """Make graph, network and session; the variables have no values yet."""
        if hasattr(self, "session_"):
            self.session_.close()
        self.graph_ = tf.Graph()
        with self.graph_.as_default():
            tf.set_random_seed(self._seed)
            network = self._build()
            if network.step is None and "loss" in network.measures:
                if network.learning_rate is None:
                    network.learning_rate = self._rate_placeholder()
                with tf.name_scope("train"):
                    network.step = self._step(network)
            self.network_ = network
            self.session_ = tf.Session(graph=self.graph_)

    def _rate_placeholder(self) -> Any:
        return tf.placeholder_with_default(
            np.float32(self.learning_rate), [], name="learning_rate"
        )  # fmt: skip

    def _step(self, network: Network) -> Any:
        """The training step of a network that has none of its own."""
        return training_step(network.measures["loss"], self.optimizer, network.learning_rate)

    def _ask(self, output: str, arrays: Mapping[str, Any]) -> np.ndarray:
        """An output of the network for rows, computed in batches."""
        check_is_fitted(self, "session_")
        parts = [
            self.network_.ask(self.session_, output, batch)
            for batch in batched(arrays, _ROWS_ASKED)
        ]
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def _saver(self) -> Any:
        saver = self.__dict__.get("_saver_of_all")
        if saver is None or saver[0] is not self.graph_:
            with self.graph_.as_default():
                saver = self._saver_of_all = (self.graph_, tf.train.Saver(max_to_keep=2))
        return saver[1]

    def _variables(self) -> dict[str, np.ndarray]:
        """The values of all variables, the optimizer's too, by name."""
        with self.graph_.as_default():
            variables = {variable.op.name: variable for variable in tf.global_variables()}
        return self.session_.run(variables) if variables else {}

    def _set_variables(self, values: Mapping[str, np.ndarray]) -> None:
        with self.graph_.as_default():
            variables = tf.global_variables()
        for variable in variables:
            variable.load(values[variable.op.name], self.session_)

    def summary(self) -> Summary:
        """The variables of the fitted network, their shapes and sizes, as a table.

        Returns
        -------
        Summary
            A text.
        """
        check_is_fitted(self, "session_")
        return summary_of(self)

    # ---- keeping ---------------------------------------------------------------------------------

    def save(self, folder: str | Path, *, metrics: Any = None, data: Any = None) -> None:
        """Write the fitted model to a folder: a SavedModel and ``model.json``.

        What lay in the folder is replaced once all is written.

        Parameters
        ----------
        folder : str or Path
        metrics : dict of str to float, optional
            What the model reached, to be read in ``model.json``.
        data : str or dict, optional
            What it was trained on, likewise; a dict as JSON has it.

        Raises
        ------
        OSError
            The old model is as it was.
        """
        check_is_fitted(self, "session_")
        saving.save(self, folder, metrics, data)

    @classmethod
    def load(cls: type[Self], folder: str | Path) -> Self:
        """Read a model that `save` wrote.

        Parameters
        ----------
        folder : str or Path

        Returns
        -------
        Model

        Raises
        ------
        ValueError
            If it is no folder of a model, one of another class, or one that this version of
            graphmode does not know.
        """
        return saving.load(folder, cls)

    def _signature(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Inputs and outputs of the SavedModel."""
        outputs = self.network_.outputs
        needed = {"x": self.network_.inputs["x"]} if "x" in self.network_.inputs else {}
        return needed or self.network_.inputs, outputs

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the session: variables as arrays."""
        state: dict[str, Any] = dict(super().__getstate__())
        state.pop("_saver_of_all", None)
        if "session_" in state:
            state = {name: value for name, value in state.items() if name not in _MADE}
            state["_values"] = self._variables()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        values = state.pop("_values", None)
        with contextlib.suppress(AttributeError):
            super().__setstate__(state)
        self.__dict__.update({k: v for k, v in state.items() if k != "_sklearn_version"})
        if values is not None:
            self._make()
            self._set_variables(values)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "session_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = False
        return tags


def is_of_batches(X: Any) -> bool:
    """Whether data are batches to be gone through, and no array, list or table."""
    if callable(X):
        return True
    is_array = hasattr(X, "shape") or hasattr(X, "__array__") or isinstance(X, str | bytes)
    return hasattr(X, "__iter__") and not is_array and not isinstance(X, list | tuple | dict)


def _pair(data: Any) -> tuple[Any, Any]:
    return data if isinstance(data, tuple) and len(data) == 2 else (data, None)
