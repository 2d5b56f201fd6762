"""The partition function of a trained machine: by annealing, or exactly if it is small."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import logsumexp

_MOST_ENUMERATED = 22


class Estimate(NamedTuple):
    """A number with the interval that three standard errors of its estimate span.

    Attributes
    ----------
    mean, low, high : float
    """

    mean: float
    low: float
    high: float


def usual_betas(n: int) -> np.ndarray:
    """Inverse temperatures from 0 to 1, denser towards 1: float32 [about n].

    Of each 145, 5 lie below 0.5, 40 from there to 0.9, 100 above (Salakhutdinov and Murray, 2008).
    """
    parts = [
        np.linspace(low, high, max(2, round(n * share)), endpoint=False)
        for low, high, share in ((0.0, 0.5, 5 / 145), (0.5, 0.9, 40 / 145), (0.9, 1.0, 100 / 145))
    ]
    return np.append(np.concatenate(parts), 1.0).astype(np.float32)


def of_weights(log_weights: np.ndarray, log_base: float) -> Estimate:
    """The logarithm of a partition function, of the log weights of annealed chains."""
    log_weights = np.asarray(log_weights, np.float64)
    n = len(log_weights)
    log_mean = logsumexp(log_weights) - np.log(n)
    weights = np.exp(log_weights - log_weights.max())
    error = 3 * weights.std(ddof=1) / np.sqrt(n) / weights.mean() if n > 1 else np.inf
    low = np.log1p(-error) if error < 1 else -np.inf
    return Estimate(*(float(log_base + log_mean + shift) for shift in (0.0, low, np.log1p(error))))


def exact_log_partition(
    weights: np.ndarray, visible_bias: np.ndarray, hidden_bias: np.ndarray, sigma: float | None
) -> float:
    """The logarithm of the partition function, by all states of the hidden units.

    Parameters
    ----------
    weights : ndarray, float [n_visible, n_hidden]
    visible_bias, hidden_bias : ndarray, float [n_visible], [n_hidden]
    sigma : float or None
        The standard deviation of Gaussian visible units; None where they are binary.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are more than 22 hidden units.
    """
    n_hidden = len(hidden_bias)
    if n_hidden > _MOST_ENUMERATED:
        raise ValueError(
            f"{n_hidden} hidden units have 2^{n_hidden} states; up to {_MOST_ENUMERATED} units can "
            'be enumerated: method="ais" estimates'
        )
    w, b, c = (np.asarray(array, np.float64) for array in (weights, visible_bias, hidden_bias))
    parts = []
    for start in range(0, 2**n_hidden, 4096):
        numbers = np.arange(start, min(start + 4096, 2**n_hidden))
        states = (numbers[:, np.newaxis] >> np.arange(n_hidden)) & 1
        field = states @ w.T
        if sigma is None:
            visible = np.logaddexp(0, field + b).sum(1)
        else:
            width = 0.5 * len(b) * np.log(2 * np.pi * sigma**2)
            visible = width + (0.5 * field**2 + field * b / sigma).sum(1)
        parts.append(logsumexp(states @ c + visible))
    return float(logsumexp(parts))


def mean_log_likelihood(free_energies: Any, log_partition: Estimate) -> Estimate:
    """The mean of log p(v), of free energies and the partition function's logarithm."""
    mean = -float(np.mean(np.asarray(free_energies, np.float64)))
    return Estimate(mean - log_partition.mean, mean - log_partition.high, mean - log_partition.low)
