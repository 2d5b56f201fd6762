"""Linear and logistic regression, by gradient descent."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

import graphmode as tf
from graphmode.models.heads import class_head, weighted_mean
from graphmode.models.network import Network
from graphmode.models.parameters import Count, NotNegative, Positive, estimator
from graphmode.models.supervised import Classifier, Regressor


def _penalty(weights: Any, l1: float, l2: float) -> Any:
    """l1 |w|_1 + l2/2 |w|^2, or 0."""
    terms = []
    if l1:
        terms.append(l1 * tf.reduce_sum(tf.abs(weights)))
    if l2:
        terms.append(l2 * tf.nn.l2_loss(weights))
    return tf.add_n(terms) if terms else 0.0


class _Linear:
    """Reads the fitted weights of the layer ``linear``."""

    def _weights(self: Any) -> tuple[np.ndarray, np.ndarray]:
        values = self._variables()
        return values["linear/kernel"].T, values["linear/bias"]


@estimator
class LinearRegression(_Linear, Regressor):
    r"""Numbers as a weighted sum of features.

    .. math:: \hat y = X w + b, \qquad
              L = \frac1n \sum_i \lVert \hat y_i - y_i \rVert^2
              + l_1 \lVert w \rVert_1 + \frac{l_2}{2} \lVert w \rVert^2

    Parameters
    ----------
    l1, l2 : float
        Weights of the penalties.

    Attributes
    ----------
    coef_ : ndarray, float32 [n_features] or [n_outputs, n_features]
    intercept_ : float or ndarray, float32 [n_outputs]

    Examples
    --------
    >>> from graphmode.models import LinearRegression
    >>> model = LinearRegression(max_iter=300, random_state=0)
    >>> model.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]).predict([[3.0]]).round(2)
    array([7.], dtype=float32)
    """

    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    max_iter: Count = 100
    batch_size: Count = 32
    learning_rate: Positive = 0.05

    def _build(self) -> Network:
        x = tf.placeholder(tf.float32, [None, self.n_features_in_], "x")
        y = tf.placeholder(tf.float32, [None, self._n_outputs or 1], "y")
        value = tf.layers.dense(x, self._n_outputs or 1, name="linear")
        weight = self._weight_input()
        error = weighted_mean(tf.reduce_sum(tf.squared_difference(value, y), 1), weight)
        loss = error + _penalty(tf.trainable_variables()[0], self.l1, self.l2)
        inputs = {"x": x, "y": y} | ({} if weight is None else {"weight": weight})
        return Network(inputs, {"value": value}, {"loss": loss})

    @property
    def coef_(self) -> np.ndarray:
        """The weights."""
        weights, _ = self._weights()
        return weights[0] if self._n_outputs is None else weights

    @property
    def intercept_(self) -> Any:
        """The constant."""
        _, bias = self._weights()
        return bias[0] if self._n_outputs is None else bias


@estimator
class LogisticRegression(_Linear, Classifier):
    r"""Classes by a softmax of weighted sums of features.

    .. math:: p = \mathrm{softmax}(X w + b)

    Parameters
    ----------
    loss : {"softmax", "squared"}
        Cross-entropy, or the course's squared difference of sigmoids and labels.
    l1, l2 : float
        Weights of the penalties.

    Attributes
    ----------
    classes_ : ndarray [n_classes]
    coef_ : ndarray, float32 [n_classes, n_features]
    intercept_ : ndarray, float32 [n_classes]

    Examples
    --------
    >>> from graphmode.models import LogisticRegression
    >>> model = LogisticRegression(max_iter=50, learning_rate=0.1, random_state=0)
    >>> model.fit([[0.0], [0.2], [0.9], [1.0]], ["cold", "cold", "hot", "hot"]).predict([[0.95]])
    array(['hot'], dtype='<U4')
    """

    loss: Literal["softmax", "squared"] = "softmax"
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    max_iter: Count = 30

    def _build(self) -> Network:
        x = tf.placeholder(tf.float32, [None, self.n_features_in_], "x")
        logits = tf.layers.dense(
            x, len(self.classes_), kernel_initializer=tf.zeros_initializer(), name="linear"
        )
        penalty = _penalty(tf.trainable_variables()[0], self.l1, self.l2)
        weight = self._weight_input()
        return class_head({"x": x}, logits, self.loss, penalty, weight=weight)

    @property
    def coef_(self) -> np.ndarray:
        """The weights."""
        return self._weights()[0]

    @property
    def intercept_(self) -> np.ndarray:
        """The constants."""
        return self._weights()[1]
