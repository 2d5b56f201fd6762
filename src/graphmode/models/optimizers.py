"""The optimizers that models know by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import graphmode as tf

OptimizerName = Literal["sgd", "momentum", "adam", "rmsprop", "adagrad", "adadelta"]

_BY_NAME: dict[str, Callable[[Any], Any]] = {
    "sgd": tf.train.GradientDescentOptimizer,
    "momentum": lambda rate: tf.train.MomentumOptimizer(rate, 0.9),
    "adam": tf.train.AdamOptimizer,
    "rmsprop": tf.train.RMSPropOptimizer,
    "adagrad": tf.train.AdagradOptimizer,
    "adadelta": tf.train.AdadeltaOptimizer,
}


def make_optimizer(optimizer: str | Callable[[Any], Any], learning_rate: Any) -> Any:
    """The optimizer of a name, or what a function makes of the learning rate.

    Parameters
    ----------
    optimizer : str or callable
    learning_rate : Tensor, float scalar

    Returns
    -------
    Optimizer
    """
    return (_BY_NAME[optimizer] if isinstance(optimizer, str) else optimizer)(learning_rate)


def training_step(
    loss: Any,
    optimizer: str | Callable[[Any], Any],
    learning_rate: Any,
    clip_norm: float | None = None,
    momentum: float = 0.0,
) -> Any:
    """The operation that makes a loss smaller.

    Parameters
    ----------
    loss : Tensor, float scalar
    optimizer : str or callable
    learning_rate : Tensor, float scalar
    clip_norm : float, optional
        The gradients together are scaled to at most this norm (Pascanu et al., 2013).
    momentum : float
        Of ``"sgd"``.

    Returns
    -------
    Operation
    """
    if optimizer == "sgd" and momentum:
        made: Any = tf.train.MomentumOptimizer(learning_rate, momentum)
    else:
        made = make_optimizer(optimizer, learning_rate)
    if clip_norm is None:
        return made.minimize(loss)
    pairs = [(g, v) for g, v in made.compute_gradients(loss) if g is not None]
    gradients, _ = tf.clip_by_global_norm([gradient for gradient, _ in pairs], clip_norm)
    return made.apply_gradients(zip(gradients, [v for _, v in pairs], strict=True))
