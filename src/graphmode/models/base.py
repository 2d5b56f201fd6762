"""What all models share: parameters, the making of the network, fitting, asking, keeping."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode import viz
from graphmode.models import saving, training
from graphmode.models.network import Network, batched, refuse_closed
from graphmode.models.optimizers import OptimizerName, training_step
from graphmode.models.parameters import (
    Above,
    AtLeast,
    Below,
    Count,
    NotNegative,
    Positive,
    check_parameters,
    estimator,
)
from graphmode.models.summaries import Summary, summary_of
from graphmode.runtime.programs.compilation_cache import keep_programs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    Self = TypeVar("Self", bound="Model")

_ROWS_ASKED = 1000
# What a model holds that is made again of the rest.
_MADE = ("graph_", "session_", "network_")
# Parameters that the loop alone reads, and those that it may read anew for a network.
_OF_THE_LOOP = frozenset(
    [
        "max_iter",
        "early_stopping",
        "validation_fraction",
        "n_iter_no_change",
        "tol",
        "warm_start",
        "shuffle",
        "verbose",
        "random_state",
        "callbacks",
        "checkpoint_dir",
        "resume",
        "log_dir",
        "class_weight",
    ]
)
_READ_ANEW = ("learning_rate", "batch_size")


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
        What a gradient is multiplied by in a step. Where the loss becomes infinite: a tenth of it.
    optimizer : {"sgd", "momentum", "adam", "rmsprop", "adagrad", "adadelta"} or callable
        A callable makes an optimizer of a learning rate, as ``tf.train.AdamOptimizer`` does.
    early_stopping : bool
        Stop when the loss has not fallen by `tol` for `n_iter_no_change` epochs, and take the
        variables of the best epoch. The loss is that of `validation_fraction` of the rows, which
        are set aside, or of the `validation` that `fit` was given.
    validation_fraction : float
        The share of rows that `early_stopping` sets aside.
    n_iter_no_change : int
        Epochs that `early_stopping` waits.
    tol : float
        By how much the loss must fall to have fallen.
    warm_start : bool
        `fit` goes on with the network that an earlier `fit` left.
    shuffle : bool
        Another order of the rows in each epoch.
    verbose : int
        1 shows the epochs: each one; of more than thirty that take moments some.
    random_state : int, RandomState or None
        Of the initial values, the order, and all chance in the network.
    callbacks : tuple of callable
        Each is called with the model, the epoch's number and its measures after each epoch; one
        that returns True ends the training.
    checkpoint_dir : str, Path or None
        A folder where the variables are saved after each epoch.
    resume : bool
        Go on after the newest epoch in `checkpoint_dir`.
    log_dir : str, Path or None
        A folder where TensorBoard finds the graph and the measures.
    mesh : int, str, dict or None
        Several devices, as ``tf.Session(mesh=)`` takes them: 8, ``{"data": 4, "model": 2}``.
        Batches are split over them; what is learned is the same, to rounding.

    Attributes
    ----------
    history_ : dict of str to list of float
        The measures of each epoch by name, of the rows held out with ``val_`` before it; seconds.
    n_iter_ : int
        Epochs that were trained.
    best_epoch_ : int
        The one with the smallest loss, held out if there is one; the first is 1.
    graph_, session_ : Graph, Session
        The TF1 program: ``model.session_.run(...)`` asks whatever it holds.
    network_ : Network
        Its placeholders, outputs and measures by name.
    n_features_in_ : int
        Columns of `X`, where it has columns.
    """

    max_iter: Count = 20
    batch_size: Count = 100
    learning_rate: Positive = 0.001
    optimizer: OptimizerName | Callable[..., Any] = "adam"
    early_stopping: bool = False
    validation_fraction: Annotated[float, Above(0), Below(1)] = 0.1
    n_iter_no_change: Count = 5
    tol: NotNegative = 1e-4
    warm_start: bool = False
    shuffle: bool = True
    verbose: int | bool = 0
    random_state: Annotated[int, AtLeast(0), Below(2**32)] | np.random.RandomState | None = None
    callbacks: tuple[Callable[..., Any], ...] = ()
    checkpoint_dir: str | Path | None = None
    resume: bool = False
    log_dir: str | Path | None = None
    mesh: int | str | dict[str, int] | None = None

    # What `fit` finds
    history_: dict[str, list[float]] = field(init=False)
    n_iter_: int = field(init=False)
    best_epoch_: int = field(init=False)
    graph_: tf.Graph = field(init=False)
    session_: tf.Session = field(init=False)
    network_: Network = field(init=False)

    _learns_from_texts: ClassVar[bool] = False

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

        Raises
        ------
        ValueError
            If a parameter is not what it may be, or the data are not what is learned from: NaN,
            infinities, no rows, another number of columns than before.
        TypeError
            If `X` is a path.
        FloatingPointError
            If the loss becomes infinite; says which learning rate to try.
        """
        return self._fit(X, y, validation)

    def _fit(self: Self, X: Any, y: Any, validation: Any, sample_weight: Any = None) -> Self:
        check_parameters(self)
        self._refuse_paths(X)
        goes_on = self.warm_start and hasattr(self, "session_")
        if goes_on:
            self._require_same_network()
        if is_of_batches(X):
            return self._fit_batches(X, y, validation, goes_on)
        arrays = self._read(X, y, reset=not goes_on)
        held_out = None
        if not goes_on:
            self._draw_seed()
            self._expect_weights(sample_weight)
        arrays = self._weighted(arrays, sample_weight, is_all=True)
        if validation is not None:
            held_out = self._held_validation(validation)
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
            self._expect_weights(None)
            self._start()
        held_out = None if validation is None else self._held_validation(validation)
        batches = training.IterableBatches(
            source, lambda X, y: self._weighted(self._read(X, y, reset=False), None, is_all=False)
        )
        self._fit_epochs(batches, held_out)
        self._finish(dict(batches.last))
        return self

    def _refuse_paths(self, X: Any) -> None:
        if isinstance(X, str | Path) and not self._learns_from_texts:
            raise TypeError(
                f"{type(self).__name__}: X is a text, {str(X)!r}. A file is read first, as by "
                "pandas.read_csv or numpy.load; `graphmode train MODEL --data FILE` does both"
            )

    def _held_validation(self, validation: Any) -> Any:
        if not isinstance(validation, tuple) and (is_classifier(self) or is_regressor(self)):
            raise ValueError(
                f"{type(self).__name__}: validation is a tuple of rows and what belongs to them, "
                f"fit(X, y, validation=(X_held, y_held)); not a {type(validation).__name__}"
            )
        return self._held_out(self._read_validation(*_pair(validation)))

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

        Raises
        ------
        TypeError
            If an argument is not known, or `X` is a path.
        ValueError
            If the data, or parameters and classes, are not those of the network that was made.
        """
        return self._partial_fit(X, y, known)

    def _partial_fit(
        self: Self, X: Any, y: Any, known: dict[str, Any], sample_weight: Any = None
    ) -> Self:
        for name in known.keys() - {"classes"}:
            raise TypeError(f"{type(self).__name__}.partial_fit has no argument {name!r}")
        check_parameters(self)
        self._refuse_paths(X)
        if not hasattr(self, "session_"):
            self._read_first(X, y, **known) if known else self._read(X, y, reset=True)
            self._draw_seed()
            self._expect_weights(sample_weight)
            self._start()
        else:
            self._require_same_network()
            self._require_same_classes(**known)
        arrays = self._weighted(self._read(X, y, reset=False), sample_weight, is_all=False)
        training.train(self, self._batches(arrays), None, 1, may_stop=False)
        self._finish(arrays)
        return self

    def _expect_weights(self, sample_weight: Any) -> None:
        """Note for the network to be made whether its rows have weights."""

    def _weighted(self, arrays: dict[str, Any], sample_weight: Any, is_all: bool) -> dict[str, Any]:
        """The arrays of rows, with the weight of each where they have one.

        `is_all` says that no other rows will come.
        """
        return arrays

    def _require_same_classes(self, classes: Any = None) -> None:
        """Refuse other classes than those that the first call named."""

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
        self._made_with = self._of_the_network()
        self._make()
        with self.graph_.as_default():
            self.session_.run(tf.global_variables_initializer())

    def _make(self) -> None:
        """Make graph, network and session; the variables have no values yet."""
        if hasattr(self, "session_"):
            self.session_.close()
        keep_programs()
        with self._with_parameters(self._made_with):
            self.graph_, self.network_ = self._built()
        self.session_ = tf.Session(graph=self.graph_, mesh=self._made_with["mesh"])

    def _built(self) -> tuple[tf.Graph, Network]:
        """The network of the parameters as they are, in a graph of its own."""
        graph = tf.Graph()
        with graph.as_default():
            tf.set_random_seed(self._seed)
            network = self._build()
            if network.step is None and "loss" in network.measures:
                if network.learning_rate is None:
                    network.learning_rate = self._rate_placeholder()
                with tf.name_scope("train"):
                    network.step = self._step(network)
        return graph, network

    @contextlib.contextmanager
    def _with_parameters(self, parameters: Mapping[str, Any]) -> Iterator[None]:
        """Have other parameters for a while."""
        now = self.get_params(deep=False)
        vars(self).update(parameters)
        try:
            yield
        finally:
            vars(self).update(now)

    def _changed_parameters(self) -> dict[str, Any]:
        """Parameters that are not what the network was made with: name -> what it was."""
        now = self._of_the_network()
        return {
            name: value
            for name, value in self._made_with.items()
            if now[name] is not value and now[name] != value
        }

    def _of_the_network(self) -> dict[str, Any]:
        parameters = self.get_params(deep=False)
        return {name: value for name, value in parameters.items() if name not in _OF_THE_LOOP}

    def _require_same_network(self) -> None:
        """Refuse to go on where the parameters have become those of another network.

        Raises
        ------
        ValueError
            Says which parameters have changed.
        """
        changed = self._changed_parameters()
        anew = {name: changed.pop(name) for name in _READ_ANEW if name in changed}
        if not changed:
            return
        with self._with_parameters(anew):
            graph, _ = self._built()
        nodes = graph.as_graph_def().node
        if list(self.graph_.as_graph_def().node)[: len(nodes)] == list(nodes):
            return  # what follows them is savers and initializers
        was = ", ".join(f"{name}={value!r}" for name, value in changed.items())
        now = ", ".join(f"{name}={getattr(self, name)!r}" for name in changed)
        raise ValueError(
            f"{type(self).__name__}: the network was made with {was}, and {now} is another one: "
            "fit with warm_start=False, or a clone (sklearn.base.clone)"
        )

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
        check_is_fitted(self, "session_")
        refuse_closed(self.session_)
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

    def draw_curve(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """The measures of each epoch, beside those of what was held out.

        Parameters
        ----------
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure
        """
        check_is_fitted(self, "session_")
        best = self.best_epoch_ if self.early_stopping else None
        return viz.plot_learning_curves(self.history_, best_epoch=best, path=path)

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
        refuse_closed(self.session_)
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
