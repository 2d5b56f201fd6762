"""A multi-layer perceptron."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode import viz
from graphmode.models.heads import class_head
from graphmode.models.network import Network
from graphmode.models.parameters import Count, NotNegative, Rate, Sizes, estimator
from graphmode.models.pictures import as_pictures, picture_shape, some_of
from graphmode.models.supervised import LayeredClassifier

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ActivationName = Literal["relu", "sigmoid", "tanh", "elu", "softplus"]


@estimator
class MLPClassifier(LayeredClassifier):
    """Classes by layers of units, each fully connected to the one before.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer.
    activation : {"relu", "sigmoid", "tanh", "elu", "softplus"}
        Of the hidden units.
    dropout : float
        The share of hidden units that a training step leaves out.
    l2 : float
        Weight of half the squared weights.

    Attributes
    ----------
    classes_ : ndarray [n_classes]

    Examples
    --------
    >>> from graphmode.models import MLPClassifier
    >>> exclusive_or = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> model = MLPClassifier(hidden=(32,), max_iter=300, learning_rate=0.01, random_state=0)
    >>> model.fit(exclusive_or, [0, 1, 1, 0]).predict(exclusive_or)
    array([0, 1, 1, 0])
    """

    hidden: Sizes = (500, 300)
    activation: ActivationName = "relu"
    dropout: Rate = 0.0
    l2: NotNegative = 0.0
    max_iter: Count = 20

    def _build(self) -> Network:
        x = tf.placeholder(tf.float32, [None, self.n_features_in_], "x")
        training = tf.placeholder_with_default(False, [], "training")
        units, hidden = x, {}
        for i, n_units in enumerate(self.hidden, 1):
            units = tf.layers.dense(
                units, n_units, getattr(tf.nn, self.activation), name=f"hidden{i}"
            )
            hidden[f"hidden{i}"] = units
            if self.dropout:
                units = tf.layers.dropout(units, self.dropout, training=training)
        logits = tf.layers.dense(units, len(self.classes_), name="logits")
        kernels = [v for v in tf.trainable_variables() if v.op.name.endswith("kernel")]
        penalty = (
            self.l2 * tf.add_n([tf.nn.l2_loss(kernel) for kernel in kernels]) if self.l2 else 0.0
        )
        return class_head(
            {"x": x}, logits, penalty=penalty, training=training, hidden=hidden,
            weight=self._weight_input(),
        )  # fmt: skip

    def draw_filters(self, n: int = 100, path: str | os.PathLike[str] | None = None) -> Figure:
        """The weights of units of the first layer as pictures: what each looks for in a row.

        Parameters
        ----------
        n : int
            How many, at most.
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure
            A row of other than a square number of columns is a strip.
        """
        check_is_fitted(self, "session_")
        weights = self._variables()["hidden1/kernel"].T
        pictures = as_pictures(weights[:n], picture_shape(self.n_features_in_))
        title = f"{some_of(len(pictures), len(weights))} units of layer 1"
        return viz.tile_images(pictures, title=title, path=path)
