r"""The joint energy of visible and hidden units, and what follows from it, as graph ops.

.. math:: E(v, h) = -b^\top v - c^\top h - v^\top W h \qquad\text{(Bernoulli)} \\
          E(v, h) = \frac{\lVert v - b \rVert^2}{2\sigma^2} - c^\top h
                    - \frac{1}{\sigma} v^\top W h \qquad\text{(Gaussian)}

At an inverse temperature :math:`\beta` below 1 the machine is on its way from one without weights,
whose partition function is known: annealed importance sampling goes it step by step.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import graphmode as tf


def bernoulli(probability: Any) -> Any:
    """1.0 with a probability, else 0.0: float32, of the shape of `probability`."""
    return tf.cast(tf.random_uniform(tf.shape(probability)) < probability, tf.float32)


class Machine(NamedTuple):
    """A machine with binary hidden and binary visible units.

    Attributes
    ----------
    weights : Tensor, float32 [n_visible, n_hidden]
    visible_bias : Tensor, float32 [n_visible]
    hidden_bias : Tensor, float32 [n_hidden]
    """

    weights: Any
    visible_bias: Any
    hidden_bias: Any

    def hidden_given(self, visible: Any, beta: Any = 1.0) -> Any:
        """The probability that each hidden unit is on: float32 [batch, n_hidden]."""
        return tf.sigmoid(beta * (tf.matmul(visible, self.weights) + self.hidden_bias))

    def visible_given(self, hidden: Any) -> Any:
        """The mean of each visible unit: float32 [batch, n_visible]."""
        return tf.sigmoid(tf.matmul(hidden, self.weights, transpose_b=True) + self.visible_bias)

    def drawn(self, mean: Any) -> Any:
        """Visible units of a mean: float32, of its shape."""
        return bernoulli(mean)

    def free_energy(self, visible: Any) -> Any:
        r""":math:`F(v) = -\log\sum_h e^{-E(v, h)}`: float32 [batch]."""
        hidden = tf.nn.softplus(tf.matmul(visible, self.weights) + self.hidden_bias)
        bias = tf.reduce_sum(visible * self.visible_bias, 1)
        return -bias - tf.reduce_sum(hidden, 1)

    # ---- the way from a machine without weights --------------------------------------------------

    def log_base_partition(self, base_bias: Any) -> Any:
        """The logarithm of the partition function at beta = 0: float32 scalar."""
        n_hidden = tf.cast(tf.shape(self.hidden_bias)[0], tf.float32)
        return tf.reduce_sum(tf.nn.softplus(base_bias)) + n_hidden * np.float32(np.log(2))

    def base_draws(self, base_bias: Any, n: int) -> Any:
        """Visible units of the machine at beta = 0: float32 [n, n_visible]."""
        return bernoulli(tf.tile(tf.sigmoid(base_bias)[tf.newaxis], [n, 1]))

    def log_weight(self, visible: Any, beta: Any, base_bias: Any) -> Any:
        """The logarithm of the unnormalized probability at `beta`: float32 [batch]."""
        bias = (1 - beta) * base_bias + beta * self.visible_bias
        hidden = tf.nn.softplus(beta * (tf.matmul(visible, self.weights) + self.hidden_bias))
        return tf.reduce_sum(visible * bias, 1) + tf.reduce_sum(hidden, 1)

    def moved(self, visible: Any, beta: Any, base_bias: Any) -> Any:
        """Visible units after one Gibbs step at `beta`: float32 [batch, n_visible]."""
        hidden = bernoulli(self.hidden_given(visible, beta))
        bias = (1 - beta) * base_bias + beta * self.visible_bias
        field = beta * tf.matmul(hidden, self.weights, transpose_b=True)
        return bernoulli(tf.sigmoid(field + bias))


class GaussianMachine(NamedTuple):
    """A machine with binary hidden and real visible units of one standard deviation.

    Attributes
    ----------
    weights : Tensor, float32 [n_visible, n_hidden]
    visible_bias : Tensor, float32 [n_visible]
    hidden_bias : Tensor, float32 [n_hidden]
    sigma : float
    """

    weights: Any
    visible_bias: Any
    hidden_bias: Any
    sigma: float

    def _field(self, visible: Any) -> Any:
        return tf.matmul(visible / self.sigma, self.weights) + self.hidden_bias

    def hidden_given(self, visible: Any, beta: Any = 1.0) -> Any:
        """The probability that each hidden unit is on: float32 [batch, n_hidden]."""
        return tf.sigmoid(beta * self._field(visible))

    def visible_given(self, hidden: Any) -> Any:
        """The mean of each visible unit: float32 [batch, n_visible]."""
        field = tf.matmul(hidden, self.weights, transpose_b=True)
        return self.visible_bias + self.sigma * field

    def drawn(self, mean: Any) -> Any:
        """Visible units of a mean: float32, of its shape."""
        return mean + tf.random_normal(tf.shape(mean), stddev=self.sigma)

    def free_energy(self, visible: Any) -> Any:
        r""":math:`F(v) = -\log\sum_h e^{-E(v, h)}`: float32 [batch]."""
        return -self.log_weight(visible, 1.0, self.visible_bias)

    def log_base_partition(self, base_bias: Any) -> Any:
        """The logarithm of the partition function at beta = 0: float32 scalar."""
        n_visible, n_hidden = (tf.cast(n, tf.float32) for n in tf.unstack(tf.shape(self.weights)))
        width = np.float32(0.5 * np.log(2 * np.pi * self.sigma**2))
        return n_visible * width + n_hidden * np.float32(np.log(2))

    def base_draws(self, base_bias: Any, n: int) -> Any:
        """Visible units of the machine at beta = 0: float32 [n, n_visible]."""
        return self.drawn(tf.tile(self.visible_bias[tf.newaxis], [n, 1]))

    def log_weight(self, visible: Any, beta: Any, base_bias: Any) -> Any:
        """The logarithm of the unnormalized probability at `beta`: float32 [batch]."""
        distance = tf.reduce_sum(tf.square((visible - self.visible_bias) / self.sigma), 1)
        return tf.reduce_sum(tf.nn.softplus(beta * self._field(visible)), 1) - 0.5 * distance

    def moved(self, visible: Any, beta: Any, base_bias: Any) -> Any:
        """Visible units after one Gibbs step at `beta`: float32 [batch, n_visible]."""
        hidden = bernoulli(self.hidden_given(visible, beta))
        field = beta * tf.matmul(hidden, self.weights, transpose_b=True)
        return self.drawn(self.visible_bias + self.sigma * field)


def gibbs_steps(machine: Any, visible: Any, n: Any) -> Any:
    """Visible units after `n` steps of Gibbs sampling.

    Parameters
    ----------
    machine : Machine or GaussianMachine
    visible : Tensor, float32 [batch, n_visible]
    n : int or Tensor, int32 scalar

    Returns
    -------
    Tensor, float32 [batch, n_visible]
    """

    def step(i: Any, units: Any) -> tuple[Any, Any]:
        hidden = bernoulli(machine.hidden_given(units))
        return i + 1, machine.drawn(machine.visible_given(hidden))

    if n == 1:
        return step(0, visible)[1]
    return tf.while_loop(lambda i, _: i < n, step, (0, visible), back_prop=False)[1]


def annealed_log_weights(machine: Any, base_bias: Any, betas: Any, n: int) -> Any:
    """The logarithms of the importance weights of `n` annealed chains.

    Parameters
    ----------
    machine : Machine or GaussianMachine
    base_bias : Tensor, float32 [n_visible]
        The visible bias of the machine without weights.
    betas : Tensor, float32 [n_betas]
        Rising from 0 to 1.
    n : int

    Returns
    -------
    Tensor, float32 [n]
        Their mean's logarithm and `log_base_partition` add up to that of the partition function.

    Notes
    -----
    Salakhutdinov and Murray, "On the quantitative analysis of deep belief networks", ICML 2008.
    """

    def step(i: Any, visible: Any, log_weights: Any) -> tuple[Any, Any, Any]:
        higher = machine.log_weight(visible, betas[i], base_bias)
        lower = machine.log_weight(visible, betas[i - 1], base_bias)
        return i + 1, machine.moved(visible, betas[i], base_bias), log_weights + higher - lower

    start = (1, machine.base_draws(base_bias, n), tf.zeros([n]))
    n_betas = tf.shape(betas)[0]
    return tf.while_loop(lambda i, *_: i < n_betas, step, start, back_prop=False)[2]
