"""Autoencoders: networks that say a row in few numbers, and the row again."""

from __future__ import annotations

import os
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.stats import norm
from sklearn.decomposition import PCA
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode import viz
from graphmode.models.network import Network, dense, rows_of
from graphmode.models.notices import warn
from graphmode.models.parameters import Count, NotNegative, Rate, Sizes, estimator
from graphmode.models.perceptron import ActivationName
from graphmode.models.pictures import as_pictures
from graphmode.models.unsupervised import Transformer, warn_of_no_probabilities

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROWS_LOOKED_AT = 1000
_MOST_CODES = 5000
_LOG_VARIANCES = (-10.0, 10.0)  # exp() of more is infinite at the first mishap


@estimator
class CodingNetwork(Transformer):
    """An encoder, a code and a decoder.

    Parameters
    ----------
    activation : {"relu", "sigmoid", "tanh", "elu", "softplus"}
        Of the layers between.
    """

    activation: ActivationName = "sigmoid"
    max_iter: Count = 20
    batch_size: Count = 256

    code_low_: np.ndarray = field(init=False)
    code_high_: np.ndarray = field(init=False)

    def _units(self, given: Any, weights: Any, bias: Any, activation: Any) -> Any:
        return activation(tf.matmul(given, weights) + bias)

    def _finish(self, arrays: dict[str, Any]) -> None:
        codes = self._ask("code", {"x": arrays["x"][:_MOST_CODES]})
        self.code_low_, self.code_high_ = np.percentile(codes, [5, 95], axis=0)
        self.code_mean_ = codes.mean(0)
        apart = codes - self.code_mean_
        covariance = apart.T @ apart / max(len(codes) - 1, 1)
        self._code_root = np.linalg.cholesky(covariance + 1e-6 * np.eye(codes.shape[1]))

    def sample(self, n_samples: int = 1) -> np.ndarray:
        """New rows: decoded codes, drawn from a normal distribution as wide as the data's codes.

        Parameters
        ----------
        n_samples : int

        Returns
        -------
        array, float32 [n_samples, n_features]
        """
        check_is_fitted(self, "session_")
        random = check_random_state(self.random_state)
        drawn = random.standard_normal((n_samples, len(self._code_root)))
        return self.inverse_transform(drawn @ self._code_root.T + self.code_mean_)

    def _of_two_codes(self) -> str:
        """The parameter that makes codes of two numbers."""
        raise NotImplementedError

    def _grid(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """`n` values of each of the two numbers of a code."""
        return tuple(
            np.linspace(low, high, n)
            for low, high in zip(self.code_low_, self.code_high_, strict=True)
        )  # pyright: ignore[reportReturnType]

    # ---- pictures --------------------------------------------------------------------------------

    def draw_manifold(
        self, n: int = 20, path: str | os.PathLike[str] | None = None
    ) -> Figure:  # fmt: skip
        """What codes of two numbers mean, as pictures in the plane of the codes.

        Parameters
        ----------
        n : int
            Pictures in a row and in a column.
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If a code is not two numbers.
        """
        check_is_fitted(self, "session_")
        if self._n_features_out != 2:
            name = type(self).__name__
            raise ValueError(
                f"{name}: a plane needs codes of two numbers, these have {self._n_features_out}: "
                f"fit {name}({self._of_two_codes()})"
            )
        across, up = self._grid(n)
        codes = np.stack(np.meshgrid(across, up[::-1]), -1).reshape(-1, 2)
        pictures = as_pictures(self.inverse_transform(codes), self.image_shape_)
        return viz.tile_images(pictures, n, title="the plane of codes", path=path)

    def draw_reconstructions(
        self, X: Any, path: str | os.PathLike[str] | None = None
    ) -> Figure:  # fmt: skip
        """Pictures, and under each what the network makes of it.

        Parameters
        ----------
        X : array, float [n, n_features]
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure
        """
        rows = dense(self._asked(X)["x"])
        pictures = (as_pictures(part, self.image_shape_) for part in (rows, self.reconstruct(X)))
        return viz.plot_reconstructions(*pictures, path=path)

    def compare_with_pca(
        self, X: Any, y: Any = None, path: str | os.PathLike[str] | None = None
    ) -> Figure:
        """Codes beside principal components, and the errors of the rows that each gives back.

        Parameters
        ----------
        X : array, float [n, n_features]
        y : array [n], optional
            Labels, which colour the points.
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure
            Of more than two numbers the first two principal components are shown.
        """
        rows = dense(self._asked(X)["x"])
        codes = self.transform(X)
        pca = PCA(min(codes.shape[1], *rows.shape))
        components = pca.fit_transform(rows)
        errors = [
            float(np.mean((rows - given) ** 2))
            for given in (pca.inverse_transform(components), self.reconstruct(X))
        ]
        n = codes.shape[1]
        planes = {
            f"{n} principal components: error {errors[0]:.4f}": components,
            f"a code of {n}: error {errors[1]:.4f}": codes,
        }
        return viz.plot_planes(planes, y, path=path)


@estimator
class Autoencoder(CodingNetwork):
    r"""A network that learns to say its input again, through fewer numbers.

    .. math:: L = \frac{1}{n d} \sum_i \lVert x_i - \hat x(x_i) \rVert^2

    Parameters
    ----------
    layers : tuple of int
        Units from the input to the code; the way back has the same in reverse.
    code_activation : {"same", "linear"}
        Of the code: that of the other layers, or none.
    output : {"sigmoid", "linear"}
        Of the last layer: for values between 0 and 1, or for any.
    tied : bool
        The way back uses the weights of the way in, transposed.
    l2 : float
        Weight of half the squared weights.

    Attributes
    ----------
    code_low_, code_high_ : ndarray, float64 [n_components]
        Between which nine of ten codes lie.

    Notes
    -----
    Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science
    313, 2006.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from graphmode.models import Autoencoder
    >>> X = load_digits().data / 16
    >>> model = Autoencoder(layers=(32, 8), activation="relu", code_activation="linear",
    ...                     max_iter=40, batch_size=50, learning_rate=0.003, random_state=0)
    >>> bool(((model.fit(X).reconstruct(X) - X) ** 2).mean() < 0.03)
    True
    """

    layers: Sizes = (256, 128)
    code_activation: Literal["same", "linear"] = "same"
    output: Literal["sigmoid", "linear"] = "sigmoid"
    tied: bool = False
    l2: NotNegative = 0.0

    def _build(self) -> Network:
        x = tf.placeholder(tf.float32, [None, self.n_features_in_], "x")
        training = tf.placeholder_with_default(False, [], "training")
        sizes = (self.n_features_in_, *self.layers)
        between = getattr(tf.nn, self.activation)
        last = between if self.code_activation == "same" else tf.identity
        units, kernels = self._damaged(x, training), []
        for i, n_units in enumerate(sizes[1:], 1):
            with tf.variable_scope(f"encoder{i}"):
                kernel, bias = _layer(units.shape.as_list()[1], n_units)
            kernels.append(kernel)
            units = self._units(units, kernel, bias, last if i == len(self.layers) else between)
        code = tf.placeholder_with_default(units, [None, sizes[-1]], "code")
        given = code
        for i in range(len(self.layers), 0, -1):
            with tf.variable_scope(f"decoder{i}"):
                if self.tied:
                    kernel = tf.transpose(kernels[i - 1])
                    bias = _bias(sizes[i - 1])
                else:
                    kernel, bias = _layer(sizes[i], sizes[i - 1])
                    kernels.append(kernel)
            activation = between if i > 1 else getattr(tf, self.output, tf.identity)
            given = self._units(given, kernel, bias, activation)
        error = tf.reduce_mean(tf.squared_difference(x, given))
        penalty = self.l2 * tf.add_n([tf.nn.l2_loss(k) for k in kernels]) if self.l2 else 0.0
        return Network(
            inputs={"x": x, "code": code},
            outputs={"code": units, "decoded": given, "reconstruction": given},
            measures={"loss": error + penalty},
            training=training,
        )

    def _of_two_codes(self) -> str:
        return f"layers={(*self.layers[:-1], 2)}"

    def _damaged(self, x: Any, training: Any) -> Any:
        """What the encoder is given of rows."""
        return x

    def _warn_of_values(self, rows: Any) -> None:
        if self.output == "sigmoid":
            warn_of_no_probabilities(self, rows, 'output="linear" gives any number')


def _layer(n_in: int, n_out: int) -> tuple[Any, Any]:
    return tf.get_variable("kernel", [n_in, n_out]), _bias(n_out)


def _bias(n: int) -> Any:
    return tf.get_variable("bias", [n], initializer=tf.zeros_initializer())


@estimator
class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that is given damaged rows and learns to say them whole.

    Parameters
    ----------
    noise : {"masking", "gaussian"}
        Values set to 0; or normal noise added.
    amount : float
        The share of values that are set to 0, or the noise's standard deviation.

    Attributes
    ----------
    code_low_, code_high_ : ndarray, float64 [n_components]
        Between which nine of ten codes lie.

    Notes
    -----
    Vincent et al., "Extracting and composing robust features with denoising autoencoders", ICML
    2008.

    Examples
    --------
    >>> import numpy as np
    >>> from graphmode.models import DenoisingAutoencoder
    >>> stripes = np.repeat(np.eye(3), 4, axis=1)[np.arange(300) % 3]
    >>> model = DenoisingAutoencoder(layers=(8,), max_iter=60, batch_size=10, learning_rate=0.02,
    ...                              random_state=0).fit(stripes)
    >>> model.reconstruct([[1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]]).round()[0, :6]
    array([1., 1., 1., 1., 0., 0.], dtype=float32)
    """

    noise: Literal["masking", "gaussian"] = "masking"
    amount: Rate = 0.3

    def _damaged(self, x: Any, training: Any) -> Any:
        if self.noise == "masking":
            damage = x * tf.cast(tf.random_uniform(tf.shape(x)) >= self.amount, tf.float32)
        else:
            damage = x + tf.random_normal(tf.shape(x), stddev=self.amount)
        share = tf.cast(training, tf.float32)
        return share * damage + (1 - share) * x


@estimator
class VariationalAutoencoder(CodingNetwork):
    r"""An autoencoder whose codes are normally distributed, so that new rows can be drawn.

    Learns by the evidence lower bound, nats a row:

    .. math:: -L = \mathbb{E}_{q(z|x)} \log p(x|z) - \mathrm{KL}(q(z|x) \,\Vert\, N(0, 1)) \le
              \log p(x)

    Parameters
    ----------
    layers : tuple of int
        Units between the input and the code; the way back has the same in reverse.
    n_components : int
        Numbers of a code.
    likelihood : {"bernoulli", "gaussian"}
        Of values: probabilities; or numbers with a standard deviation of 1.

    Attributes
    ----------
    code_low_, code_high_ : ndarray, float64 [n_components]
        Between which nine of ten codes lie.

    Notes
    -----
    Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from graphmode.models import VariationalAutoencoder
    >>> stripes = np.repeat(np.eye(3), 4, axis=1)[np.arange(300) % 3]
    >>> model = VariationalAutoencoder(layers=(16,), max_iter=60, batch_size=10,
    ...                                learning_rate=0.01, random_state=0).fit(stripes)
    >>> model.score(stripes) > -3
    True
    """

    layers: Sizes = (500, 500)
    n_components: Count = 2
    likelihood: Literal["bernoulli", "gaussian"] = "bernoulli"
    activation: ActivationName = "relu"
    batch_size: Count = 100

    def _build(self) -> Network:
        x = tf.placeholder(tf.float32, [None, self.n_features_in_], "x")
        training = tf.placeholder_with_default(False, [], "training")
        activation = getattr(tf.nn, self.activation)
        units = x
        for i, n_units in enumerate(self.layers, 1):
            units = tf.layers.dense(units, n_units, activation, name=f"encoder{i}")
        mean = tf.layers.dense(units, self.n_components, name="mean")
        log_variance = tf.layers.dense(units, self.n_components, name="log_variance")
        log_variance = tf.clip_by_value(log_variance, *_LOG_VARIANCES)
        # With no noise outside of training a row has one code, the mean.
        noise = tf.placeholder_with_default(
            tf.random_normal(tf.shape(mean)) * tf.cast(training, tf.float32),
            [None, self.n_components],
            "noise",
        )
        drawn = mean + tf.exp(0.5 * log_variance) * noise
        code = tf.placeholder_with_default(drawn, [None, self.n_components], "code")
        given = code
        for i, n_units in reversed(list(enumerate(self.layers, 1))):
            given = tf.layers.dense(given, n_units, activation, name=f"decoder{i}")
        logits = tf.layers.dense(given, self.n_features_in_, name="decoder")
        if self.likelihood == "bernoulli":
            decoded = tf.sigmoid(logits)
            losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
        else:
            decoded = logits
            losses = 0.5 * (tf.squared_difference(x, logits) + np.float32(np.log(2 * np.pi)))
        errors = tf.reduce_sum(losses, 1)
        divergences = 0.5 * tf.reduce_sum(
            tf.square(mean) + tf.exp(log_variance) - 1 - log_variance, 1
        )
        divergence = tf.reduce_mean(divergences)
        return Network(
            inputs={"x": x, "code": code, "noise": noise},
            outputs={
                "code": mean,
                "decoded": decoded,
                "reconstruction": decoded,
                "log_variance": log_variance,
                "lower_bound": -errors - divergences,
            },
            measures={"loss": tf.reduce_mean(errors) + divergence, "kl": divergence},
            training=training,
        )

    def _warn_of_values(self, rows: Any) -> None:
        if self.likelihood == "bernoulli":
            warn_of_no_probabilities(self, rows, 'likelihood="gaussian" is for real numbers')

    def _finish(self, arrays: dict[str, Any]) -> None:
        super()._finish(arrays)
        spread = self._ask("code", {"x": arrays["x"][:_ROWS_LOOKED_AT]}).var(0)
        n_dead = int((spread < 0.01).sum())
        if 2 * n_dead > self.n_components:
            warn(
                f"{type(self).__name__}: {n_dead} of {self.n_components} numbers of the code are "
                "the same for all rows: train longer, with a smaller learning_rate, or take fewer"
            )

    def _of_two_codes(self) -> str:
        return "n_components=2"

    def score_samples(self, X: Any) -> np.ndarray:
        r"""The evidence lower bound of rows, nats: at most the logarithm of their probability.

        .. math:: \log p(x|z) - \mathrm{KL}(q(z|x) \,\Vert\, N(0, 1)), \qquad z \sim q(z|x)

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples]
            Of one code for each row, drawn by `random_state`.
        """
        arrays = self._asked(X)
        drawn = check_random_state(self.random_state).standard_normal(
            (rows_of(arrays), self.n_components)
        )
        return self._ask("lower_bound", arrays | {"noise": drawn.astype(np.float32)})

    def sample(self, n_samples: int = 1) -> np.ndarray:
        """New rows: decoded codes, drawn from the normal distribution.

        Parameters
        ----------
        n_samples : int

        Returns
        -------
        array, float32 [n_samples, n_features]
        """
        check_is_fitted(self, "session_")
        random = check_random_state(self.random_state)
        return self.inverse_transform(random.standard_normal((n_samples, self.n_components)))

    def _grid(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        values = norm.ppf(np.linspace(0.05, 0.95, n))
        return values, values
