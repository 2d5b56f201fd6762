"""Restricted Boltzmann machines as estimators."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode import viz
from graphmode.models.network import Network, dense
from graphmode.models.notices import warn
from graphmode.models.optimizers import OptimizerName, training_step
from graphmode.models.parameters import Count, NotNegative, Positive, Rate, estimator
from graphmode.models.pictures import as_pictures, picture_shape, some_of
from graphmode.models.rbm import partition
from graphmode.models.rbm.energy import (
    GaussianMachine,
    Machine,
    annealed_log_weights,
    bernoulli,
    gibbs_steps,
)
from graphmode.models.rbm.partition import Estimate
from graphmode.models.unsupervised import Transformer, warn_of_no_probabilities

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROWS_LOOKED_AT = 1000


@estimator
class RestrictedBoltzmannMachine(Transformer):
    r"""Binary hidden units that explain rows of visible ones, trained by contrastive divergence.

    A step follows the gradient of the difference of two mean free energies, of rows of data and of
    rows that `k` steps of Gibbs sampling made:

    .. math:: \frac1n \sum_i F(v_i) - F(\tilde v_i), \qquad
              F(v) = -\log \sum_h e^{-E(v, h)}

    Parameters
    ----------
    n_components : int
        Hidden units.
    k : int
        Steps of Gibbs sampling between a row and what it is compared with.
    persistent : bool
        The chains go on from step to step in place of beginning at the data (Tieleman, 2008).
    momentum : float
        Of the optimizer ``"sgd"``.
    weight_decay : float
        Weight of half the squared weights.
    sparsity_target : float or None
        The share of rows for which a hidden unit is to be on.
    sparsity_cost : float
        Weight of the cross-entropy of target and share.
    decay : {"constant", "linear"}
        Whether the learning rate falls to 0 from the first epoch to the last.
    """

    n_components: Count = 256
    k: Count = 1
    persistent: bool = False
    momentum: Rate = 0.5
    weight_decay: NotNegative = 0.0
    sparsity_target: Rate | None = None
    sparsity_cost: NotNegative = 0.1
    decay: Literal["constant", "linear"] = "constant"
    max_iter: Count = 10
    learning_rate: Positive = 0.1
    optimizer: OptimizerName | Callable[..., Any] = "sgd"

    def _machine(self, weights: Any, visible_bias: Any, hidden_bias: Any) -> Any:
        raise NotImplementedError

    def _rate_of(self, epoch: int) -> float:
        share = 1 - epoch / max(self.max_iter, epoch + 1) if self.decay == "linear" else 1.0
        return self.learning_rate * share

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        arrays = super()._read(X, y, reset)
        if reset:
            means = np.asarray(arrays["x"].mean(0), np.float32).ravel()
            self._base_bias = self._bias_of(means).astype(np.float32)
        return arrays

    def _bias_of(self, means: np.ndarray) -> np.ndarray:
        """The visible bias of a machine without weights whose units have `means`."""
        raise NotImplementedError

    def _build(self) -> Network:
        x = tf.placeholder(tf.float32, [None, self.n_features_in_], "x")
        code = tf.placeholder(tf.float32, [None, self.n_components], "code")
        n_steps = tf.placeholder_with_default(1, [], "n_steps")
        with tf.variable_scope("rbm"):
            weights = tf.get_variable(
                "weights", [self.n_features_in_, self.n_components],
                initializer=tf.random_normal_initializer(stddev=0.01),
            )  # fmt: skip
            visible_bias = tf.get_variable(
                "visible_bias", initializer=self._base_bias.astype(np.float32)
            )
            hidden_bias = tf.get_variable(
                "hidden_bias", [self.n_components], initializer=tf.zeros_initializer()
            )
        machine = self._machine(weights, visible_bias, hidden_bias)
        hidden = machine.hidden_given(x)
        reconstruction = machine.visible_given(hidden)
        rate = self._rate_placeholder()
        return Network(
            inputs={"x": x, "code": code, "n_steps": n_steps},
            outputs={
                "code": hidden,
                "decoded": machine.visible_given(code),
                "reconstruction": reconstruction,
                "free_energy": machine.free_energy(x),
                "gibbs": gibbs_steps(machine, x, n_steps),
                "visible_mean": machine.visible_given(bernoulli(hidden)),
            },
            measures={"loss": tf.reduce_mean(tf.squared_difference(x, reconstruction))},
            step=self._cd_step(machine, x, hidden, rate),
            learning_rate=rate,
        )

    def _cd_step(self, machine: Any, x: Any, hidden: Any, rate: Any) -> Any:
        """The operation of one step of contrastive divergence."""
        if self.persistent:
            first = np.tile(self._base_bias, (self.batch_size, 1)).astype(np.float32)
            chains = tf.get_variable("chains", initializer=first, trainable=False)
            fantasies = tf.assign(chains, gibbs_steps(machine, chains, self.k))
        else:
            fantasies = gibbs_steps(machine, x, self.k)
        fantasies = tf.stop_gradient(fantasies)
        difference = tf.reduce_mean(machine.free_energy(x)) - tf.reduce_mean(
            machine.free_energy(fantasies)
        )
        loss = difference + self.weight_decay * tf.nn.l2_loss(machine.weights)
        if self.sparsity_target is not None:
            share = tf.clip_by_value(tf.reduce_mean(hidden, 0), 1e-6, 1 - 1e-6)
            target = self.sparsity_target
            loss -= self.sparsity_cost * tf.reduce_sum(
                target * tf.log(share) + (1 - target) * tf.log(1 - share)
            )
        return training_step(loss, self.optimizer, rate, momentum=self.momentum)

    def _finish(self, arrays: dict[str, Any]) -> None:
        """Warn where most hidden units are always on, or always off."""
        rows = {"x": arrays["x"][:_ROWS_LOOKED_AT]}
        share = self._ask("code", rows).mean(0)
        for is_so, what in ((share > 0.99, "on"), (share < 0.01, "off")):
            n_units = int(is_so.sum())
            if 2 * n_units > self.n_components:
                warn(
                    f"{type(self).__name__}: {n_units} of {self.n_components} hidden units are "
                    f"{what} for nearly all rows and say nothing: lower learning_rate "
                    f"({self.learning_rate:g}), or set sparsity_target=0.1"
                )

    # ---- the trained machine ---------------------------------------------------------------------

    @property
    def components_(self) -> np.ndarray:
        """The weights: float32 [n_components, n_features]."""
        check_is_fitted(self, "session_")
        return self._variables()["rbm/weights"].T

    @property
    def intercept_hidden_(self) -> np.ndarray:
        """The hidden units' bias: float32 [n_components]."""
        check_is_fitted(self, "session_")
        return self._variables()["rbm/hidden_bias"]

    @property
    def intercept_visible_(self) -> np.ndarray:
        """The visible units' bias: float32 [n_features]."""
        check_is_fitted(self, "session_")
        return self._variables()["rbm/visible_bias"]

    def free_energy(self, X: Any) -> np.ndarray:
        r"""The free energy of rows, :math:`-\log p(v)` up to a constant.

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples]
        """
        return self._ask("free_energy", self._asked(X))

    def gibbs(self, X: Any, n_steps: int = 1) -> np.ndarray:
        """Visible units after steps of Gibbs sampling that begin at rows.

        Parameters
        ----------
        X : array, float [n_samples, n_features]
        n_steps : int

        Returns
        -------
        array, float32 [n_samples, n_features]
        """
        arrays = self._asked(X)
        arrays["x"] = dense(arrays["x"])
        return self.network_.ask(
            self.session_, "gibbs", {"x": arrays["x"], "n_steps": np.int32(n_steps)}
        )

    def sample(self, n_samples: int = 1, n_steps: int = 1000) -> np.ndarray:
        """Rows as the machine imagines them: the means of visible units at the ends of chains.

        Parameters
        ----------
        n_samples : int
        n_steps : int
            Of each chain, which begins where a machine without weights would draw it.

        Returns
        -------
        array, float32 [n_samples, n_features]
        """
        check_is_fitted(self, "session_")
        start = np.tile(self._base_mean(), (n_samples, 1)).astype(np.float32)
        network, session = self.network_, self.session_
        chains = network.ask(session, "gibbs", {"x": start, "n_steps": np.int32(n_steps)})
        return network.ask(session, "visible_mean", {"x": chains})

    def _base_mean(self) -> np.ndarray:
        """The means of visible units of the machine without weights."""
        raise NotImplementedError

    def log_partition(
        self,
        method: Literal["ais", "exact"] = "ais",
        n_chains: int = 100,
        n_betas: int = 10000,
    ) -> Estimate:
        r"""The logarithm of the partition function :math:`Z = \sum_{v, h} e^{-E(v, h)}`.

        Parameters
        ----------
        method : {"ais", "exact"}
            Annealed importance sampling; or all states of at most 22 hidden units.
        n_chains : int
        n_betas : int
            Temperatures between the machine without weights and this one.

        Returns
        -------
        Estimate
            The mean and what three standard errors span; all the same if exact.

        Raises
        ------
        ValueError
            If there are too many hidden units for ``"exact"``, or no such method, or fewer than two
            chains or temperatures.

        Notes
        -----
        Salakhutdinov and Murray, "On the quantitative analysis of deep belief networks", ICML 2008.
        """
        check_is_fitted(self, "session_")
        weights, visible, hidden = (
            self.components_.T,
            self.intercept_visible_,
            self.intercept_hidden_,
        )
        if method not in ("ais", "exact"):
            raise ValueError(f"method={method!r}: it must be 'ais' or 'exact'")
        if min(n_chains, n_betas) < 2:
            raise ValueError(f"n_chains={n_chains}, n_betas={n_betas}: both must be 2 or more")
        if method == "exact":
            exact = partition.exact_log_partition(weights, visible, hidden, self._sigma_of())
            return Estimate(exact, exact, exact)
        with tf.Graph().as_default():
            tf.set_random_seed(self._seed)
            machine = self._machine(*map(tf.constant, (weights, visible, hidden)))
            base = tf.constant(self._base_bias)
            betas = tf.constant(partition.usual_betas(n_betas))
            log_weights = annealed_log_weights(machine, base, betas, n_chains)
            with tf.Session() as session:
                drawn, log_base = session.run([log_weights, machine.log_base_partition(base)])
        return partition.of_weights(drawn, float(log_base))

    def _sigma_of(self) -> float | None:
        return None

    def _of_values(self: Any, parts: dict[str, np.ndarray], base_bias: np.ndarray) -> Any:
        """Itself with the values of its variables, as if fitted."""
        self.n_features_in_ = len(parts["visible_bias"])
        self.image_shape_ = picture_shape(self.n_features_in_)
        self._base_bias = base_bias
        self._draw_seed()
        self._start()
        self._set_variables(self._variables() | {f"rbm/{n}": value for n, value in parts.items()})
        return self

    def log_likelihood(
        self,
        X: Any,
        method: Literal["ais", "exact"] = "ais",
        n_chains: int = 100,
        n_betas: int = 10000,
    ) -> Estimate:
        """The mean logarithm of the probability of rows, nats.

        Parameters
        ----------
        X : array, float [n_samples, n_features]
        method : {"ais", "exact"}
        n_chains, n_betas : int
            As `log_partition` has them.

        Returns
        -------
        Estimate
            Its interval is that of the partition function.
        """
        energies = self.free_energy(X)
        return partition.mean_log_likelihood(
            energies, self.log_partition(method, n_chains, n_betas)
        )  # fmt: skip

    # ---- pictures --------------------------------------------------------------------------------

    def draw_filters(
        self, n: int = 100, path: str | os.PathLike[str] | None = None
    ) -> Figure:  # fmt: skip
        """The weights of hidden units as pictures.

        Parameters
        ----------
        n : int
            How many, at most.
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure
        """
        filters = as_pictures(self.components_[:n], self.image_shape_)
        title = f"{some_of(len(filters), self.n_components)} filters"
        return viz.tile_images(filters, title=title, path=path)


@estimator
class BernoulliRBM(RestrictedBoltzmannMachine):
    r"""A restricted Boltzmann machine of binary units; values between 0 and 1 are probabilities.

    .. math:: E(v, h) = -b^\top v - c^\top h - v^\top W h

    Attributes
    ----------
    components_ : ndarray, float32 [n_components, n_features]
    intercept_visible_ : ndarray, float32 [n_features]
    intercept_hidden_ : ndarray, float32 [n_components]

    Notes
    -----
    Hinton, "Training products of experts by minimizing contrastive divergence", Neural
    Computation 14, 2002.

    Examples
    --------
    >>> import numpy as np
    >>> from graphmode.models import BernoulliRBM
    >>> stripes = np.repeat(np.eye(3), 2, axis=1)[np.arange(300) % 3]
    >>> model = BernoulliRBM(n_components=4, batch_size=10, max_iter=40, random_state=0)
    >>> model.fit(stripes).reconstruct(stripes[:1]).round()
    array([[1., 1., 0., 0., 0., 0.]], dtype=float32)
    """

    def _machine(self, weights: Any, visible_bias: Any, hidden_bias: Any) -> Machine:
        return Machine(weights, visible_bias, hidden_bias)

    def _bias_of(self, means: np.ndarray) -> np.ndarray:
        share = np.clip(means, 0.01, 0.99)
        return np.log(share / (1 - share))

    def _base_mean(self) -> np.ndarray:
        return 1 / (1 + np.exp(-self._base_bias))

    def _warn_of_values(self, rows: Any) -> None:
        warn_of_no_probabilities(
            self, rows, "GaussianRBM is for real numbers, RBMRecommender for ratings"
        )

    def score_samples(self, X: Any) -> np.ndarray:
        r"""The pseudo-likelihood of rows, nats: how well each unit is told by the others.

        One unit of each row, drawn at random, stands for all: the value grows with the number
        of units.

        .. math:: n \log \sigma(F(v_{\text{flipped}}) - F(v))

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples]
        """
        arrays = self._asked(X)
        rows = dense(arrays["x"])
        random = check_random_state(self.random_state)
        flipped = rows.copy()
        places = np.arange(len(rows)), random.randint(0, rows.shape[1], len(rows))
        flipped[places] = 1 - flipped[places]
        difference = self._ask("free_energy", {"x": flipped}) - self._ask(
            "free_energy", {"x": rows}
        )
        return -rows.shape[1] * np.logaddexp(0, -difference)


@estimator
class GaussianRBM(RestrictedBoltzmannMachine):
    r"""A restricted Boltzmann machine of real visible and binary hidden units.

    .. math:: E(v, h) = \frac{\lVert v - b \rVert^2}{2\sigma^2} - c^\top h
                        - \frac{1}{\sigma} v^\top W h

    Parameters
    ----------
    sigma : float
        The standard deviation of visible units about what the hidden ones say. Columns should be
        scaled to mean 0 and variance 1.

    Attributes
    ----------
    components_ : ndarray, float32 [n_components, n_features]
    intercept_visible_ : ndarray, float32 [n_features]
    intercept_hidden_ : ndarray, float32 [n_components]

    Notes
    -----
    Hinton, "A practical guide to training restricted Boltzmann machines", 2012, section 13.2.

    Examples
    --------
    >>> import numpy as np
    >>> from graphmode.models import GaussianRBM
    >>> X = np.random.default_rng(0).normal(size=(200, 3)) + np.array([[3, 0, -3]])
    >>> GaussianRBM(n_components=5, random_state=0).fit(X).transform(X).shape
    (200, 5)
    """

    sigma: Positive = 1.0
    learning_rate: Positive = 0.01

    def _machine(self, weights: Any, visible_bias: Any, hidden_bias: Any) -> GaussianMachine:
        return GaussianMachine(weights, visible_bias, hidden_bias, float(self.sigma))

    def _bias_of(self, means: np.ndarray) -> np.ndarray:
        return means

    def _base_mean(self) -> np.ndarray:
        return self._base_bias

    def _sigma_of(self) -> float | None:
        return float(self.sigma)

    def score_samples(self, X: Any) -> np.ndarray:
        r"""How probable rows are, nats, up to a constant: :math:`-F(v)`.

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples]
        """
        return -self.free_energy(X)

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the mean squared difference of rows from what is given back: more is better.

        Free energies of two machines have two constants, so that their means say nothing of which
        machine is the better one.

        Parameters
        ----------
        X : array, float [n_samples, n_features]
        y : None

        Returns
        -------
        float
        """
        return float(np.mean(Transformer.score_samples(self, X), dtype=np.float64))
