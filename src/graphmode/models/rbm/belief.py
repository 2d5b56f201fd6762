"""Deep belief networks: machines on top of each other, each trained on what the last one sees."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode.models.heads import class_head
from graphmode.models.network import Network
from graphmode.models.optimizers import OptimizerName
from graphmode.models.parameters import Count, Positive, Rate, Sizes, estimator
from graphmode.models.progress import announce
from graphmode.models.rbm.energy import GaussianMachine, Machine, bernoulli, gibbs_steps
from graphmode.models.rbm.estimators import (
    BernoulliRBM,
    GaussianRBM,
    RestrictedBoltzmannMachine,
)
from graphmode.models.supervised import LayeredClassifier
from graphmode.models.unsupervised import Transformer

_PARTS = ("weights", "visible_bias", "hidden_bias")


def pretrained(
    rows: Any, sizes: tuple[int, ...], gaussian: bool, seed: int, **parameters: Any
) -> list[RestrictedBoltzmannMachine]:
    """Machines for each layer, trained one after the other.

    Parameters
    ----------
    rows : array, float32 [n, n_features], or SciPy's sparse rows
    sizes : tuple of int
        Hidden units of each.
    gaussian : bool
        Whether the visible units of the first one are real numbers.
    seed : int
    **parameters : Any
        Of each machine.

    Returns
    -------
    list of RestrictedBoltzmannMachine
    """
    machines: list[RestrictedBoltzmannMachine] = []
    for i, size in enumerate(sizes):
        kind = GaussianRBM if gaussian and i == 0 else BernoulliRBM
        own = _own(kind, parameters)
        n_visible = machines[-1].n_components if machines else rows.shape[1]
        announce(
            f"layer {i + 1} of {len(sizes)}: {n_visible} visible, {size} hidden units",
            parameters["verbose"] > 0,
        )
        machines.append(kind(n_components=size, random_state=seed + i, **own).fit(rows))
        if i + 1 < len(sizes):
            rows = machines[-1].transform(rows)
    return machines


def _own(kind: type, parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a machine of some kind: the rate of a Gaussian one is a tenth (Hinton)."""
    if kind is not GaussianRBM:
        return parameters
    return parameters | {"learning_rate": parameters["learning_rate"] / 10}


def layer_variables(i: int, n_visible: int, n_hidden: int) -> tuple[Any, Any, Any]:
    """Weights, visible bias and hidden bias of layer `i`, 1 the first."""
    with tf.variable_scope(f"layer{i}"):
        limit = float(np.sqrt(6 / (n_visible + n_hidden)))
        weights = tf.get_variable(
            "weights", [n_visible, n_hidden],
            initializer=tf.random_uniform_initializer(-limit, limit),
        )  # fmt: skip
        biases = (
            tf.get_variable(name, [n], initializer=tf.zeros_initializer())
            for name, n in (("visible_bias", n_visible), ("hidden_bias", n_hidden))
        )
        return weights, *biases


def values_of(machines: list[RestrictedBoltzmannMachine]) -> dict[str, np.ndarray]:
    """The values of the layers' variables, of trained machines."""
    return {
        f"layer{i}/{part}": machine._variables()[f"rbm/{part}"]
        for i, machine in enumerate(machines, 1)
        for part in _PARTS
    }


@estimator
class DBN(Transformer):
    """A deep belief network: restricted Boltzmann machines on top of each other.

    Each machine learns to explain what the hidden units of the one below say. The topmost one has
    a memory of its own: `sample` runs it and lets the layers below draw what it means.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int
        Hidden units of each machine, from the data upwards.
    gaussian : bool
        Whether the data are real numbers (mean 0, variance 1) and not probabilities.
    k : int
        Steps of Gibbs sampling of contrastive divergence.
    momentum : float
        The share of the last step that goes on in the next, of the optimizer ``"sgd"``.

    Attributes
    ----------
    layers_ : list of BernoulliRBM and GaussianRBM

    Notes
    -----
    `max_iter` counts the epochs of each layer; `history_` has them one after the other. Hinton,
    Osindero and Teh, "A fast learning algorithm for deep belief nets", Neural Computation 18, 2006.

    Examples
    --------
    >>> import numpy as np
    >>> from graphmode.models import DBN
    >>> stripes = np.repeat(np.eye(3), 2, axis=1)[np.arange(300) % 3]
    >>> model = DBN(hidden_layer_sizes=(8, 4), batch_size=10, max_iter=40, random_state=0)
    >>> model.fit(stripes).transform(stripes).shape
    (300, 4)
    """

    hidden_layer_sizes: Sizes = (500, 200, 50)
    gaussian: bool = False
    k: Count = 1
    momentum: Rate = 0.5
    max_iter: Count = 10
    learning_rate: Positive = 0.1
    optimizer: OptimizerName | Callable[..., Any] = "sgd"

    def _build(self) -> Network:
        sizes = (self.n_features_in_, *self.hidden_layer_sizes)
        x = tf.placeholder(tf.float32, [None, sizes[0]], "x")
        code = tf.placeholder(tf.float32, [None, sizes[-1]], "code")
        n_steps = tf.placeholder_with_default(1, [], "n_steps")
        start = tf.placeholder_with_default(tf.zeros([1, sizes[-2]]), [None, sizes[-2]], "start")
        machines = [
            GaussianMachine(*layer_variables(i, *pair), 1.0)
            if self.gaussian and i == 1
            else Machine(*layer_variables(i, *pair))
            for i, pair in enumerate(itertools.pairwise(sizes), 1)
        ]
        seen = x
        for machine in machines:
            seen = machine.hidden_given(seen)
        top = machines[-1]
        return Network(
            inputs={"x": x, "code": code, "n_steps": n_steps, "start": start},
            outputs={
                "code": seen,
                "decoded": _downwards(machines, code),
                "reconstruction": _downwards(machines, seen),
                "chain": gibbs_steps(top, start, n_steps),
                "sample": _downwards(machines, bernoulli(top.hidden_given(start))),
            },
            measures={},
        )

    def _split(self, arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        return arrays, arrays  # each machine sets rows of its own aside

    def _of_each(self) -> dict[str, Any]:
        """The parameters of each machine that are the network's own."""
        names = ("k", "momentum", "max_iter", "batch_size", "learning_rate", "optimizer")
        return {name: getattr(self, name) for name in names}

    def _refuse_to_go_on(self) -> None:
        for name in ("resume", "warm_start"):
            if getattr(self, name):
                raise ValueError(
                    f"a DBN is trained layer by layer, from the data on: no {name}=True"
                )

    def _begin(self, arrays: dict[str, Any]) -> None:
        self._refuse_to_go_on()
        machines = pretrained(
            arrays["x"], tuple(self.hidden_layer_sizes), self.gaussian, self._seed,
            **self._of_each(), shuffle=self.shuffle, verbose=self.verbose,
            callbacks=self.callbacks, early_stopping=self.early_stopping,
            validation_fraction=self.validation_fraction, tol=self.tol,
            n_iter_no_change=self.n_iter_no_change, mesh=self.mesh,
        )  # fmt: skip
        self._set_variables(values_of(machines))
        self._base_biases = [machine._base_bias for machine in machines]
        self.history_ = {
            name: [value for machine in machines for value in machine.history_[name]]
            for name in machines[0].history_
        }
        self.n_iter_ = max(machine.n_iter_ for machine in machines)
        self.best_epoch_ = self.n_iter_

    def _fit_batches(self, source: Any, classes: Any, validation: Any, goes_on: bool) -> DBN:
        raise TypeError(
            "a DBN is trained layer by layer, on all rows: give an array, no batches"
        )  # fmt: skip

    def _fit_epochs(self, batches: Any, held_out: Any) -> DBN:
        self._refuse_to_go_on()
        return self  # a layer at a time, by `_begin`

    @property
    def partial_fit(self) -> Any:
        """There is none.

        Raises
        ------
        AttributeError
            Always: a layer is trained when the one below is done.
        """
        raise AttributeError("a DBN is trained layer by layer, on all rows: it has no partial_fit")

    @property
    def layers_(self) -> list[RestrictedBoltzmannMachine]:
        """The machines, from the data upwards, as estimators."""
        check_is_fitted(self, "session_")
        values = self._variables()
        machines: list[RestrictedBoltzmannMachine] = []
        for i, base_bias in enumerate(self._base_biases, 1):
            kind = GaussianRBM if self.gaussian and i == 1 else BernoulliRBM
            parts = {part: values[f"layer{i}/{part}"] for part in _PARTS}
            n_components = len(parts["hidden_bias"])
            own = _own(kind, self._of_each())
            made = kind(n_components=n_components, random_state=self.random_state, **own)
            machines.append(made._of_values(parts, base_bias))
        return machines

    def sample(self, n_samples: int = 1, n_steps: int = 1000) -> np.ndarray:
        """Rows as the network imagines them.

        Parameters
        ----------
        n_samples : int
        n_steps : int
            Of Gibbs sampling between the two topmost layers.

        Returns
        -------
        array, float32 [n_samples, n_features]
        """
        check_is_fitted(self, "session_")
        is_real = self.gaussian and len(self.hidden_layer_sizes) == 1
        bias = np.asarray(self._base_biases[-1])
        means = bias if is_real else 1 / (1 + np.exp(-bias))
        fed: Mapping[str, Any] = {
            "start": np.tile(means, (n_samples, 1)).astype(np.float32),
            "n_steps": np.int32(n_steps),
        }
        chains = self.network_.ask(self.session_, "chain", fed)
        return self.network_.ask(self.session_, "sample", {"start": chains})


def _downwards(machines: list[Any], units: Any) -> Any:
    """The means of visible units that belong to the topmost hidden ones."""
    for machine in reversed(machines):
        units = machine.visible_given(units)
    return units


@estimator
class DBNClassifier(LayeredClassifier):
    """Classes by a network of sigmoid layers that restricted Boltzmann machines have prepared.

    First each layer is trained as a machine, without labels; then all together learn the classes
    by gradient descent.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int
        Units of each layer, from the data upwards.
    gaussian : bool
        Whether the data are real numbers (mean 0, variance 1) and not probabilities.
    pretraining_iter : int
        Epochs of each machine.
    pretraining_learning_rate : float
        Of each machine, and a tenth of it for a Gaussian one.
    k : int
        Steps of Gibbs sampling of contrastive divergence.
    dropout : float
        The share of hidden units that a step of the second training leaves out.

    Attributes
    ----------
    classes_ : ndarray [n_classes]
    pretraining_history_ : list of float
        Reconstruction errors of the epochs of all machines.

    Notes
    -----
    Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science
    313, 2006.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from graphmode.models import DBNClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> model = DBNClassifier(hidden_layer_sizes=(64, 32), learning_rate=0.01, random_state=0)
    >>> model.fit(X[:1000] / 16, y[:1000]).score(X[1000:] / 16, y[1000:]) > 0.85
    True
    """

    hidden_layer_sizes: Sizes = (500, 500, 2000)
    gaussian: bool = False
    pretraining_iter: Count = 10
    pretraining_learning_rate: Positive = 0.1
    k: Count = 1
    dropout: Rate = 0.0
    max_iter: Count = 20

    def _build(self) -> Network:
        sizes = (self.n_features_in_, *self.hidden_layer_sizes)
        x = tf.placeholder(tf.float32, [None, sizes[0]], "x")
        training = tf.placeholder_with_default(False, [], "training")
        units, hidden = x, {}
        for i, pair in enumerate(itertools.pairwise(sizes), 1):
            weights, _, bias = layer_variables(i, *pair)
            units = tf.sigmoid(tf.matmul(units, weights) + bias, name=f"units{i}")
            hidden[f"units{i}"] = units
            if self.dropout:
                units = tf.layers.dropout(units, self.dropout, training=training)
        logits = tf.layers.dense(units, len(self.classes_), name="logits")
        weight = self._weight_input()
        return class_head({"x": x}, logits, training=training, hidden=hidden, weight=weight)

    def _begin(self, arrays: dict[str, Any]) -> None:
        machines = pretrained(
            arrays["x"], tuple(self.hidden_layer_sizes), self.gaussian, self._seed,
            k=self.k, max_iter=self.pretraining_iter, batch_size=self.batch_size,
            learning_rate=self.pretraining_learning_rate, shuffle=self.shuffle,
            verbose=self.verbose,
        )  # fmt: skip
        self._set_variables(self._variables() | values_of(machines))
        announce("all layers, by the labels", self.verbose > 0)
        self.pretraining_history_ = [
            error for machine in machines for error in machine.history_["loss"]
        ]
