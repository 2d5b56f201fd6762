"""Someone whom a machine of items has not met: a column of weights, fitted to a few ratings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax


class Column(NamedTuple):
    """What a user is in a machine whose rows are items.

    Attributes
    ----------
    weights : ndarray, float [n_functions, n_hidden]
    functions : ndarray, float [n_levels, n_functions]
    bias : ndarray, float [n_levels]
    """

    weights: np.ndarray
    functions: np.ndarray
    bias: np.ndarray

    def chances(self, hidden: np.ndarray) -> np.ndarray:
        """The probability of each step for items: float [n_items, n_levels].

        Parameters
        ----------
        hidden : array, float [n_items, n_hidden]
        """
        return softmax(self.logits(hidden), axis=1)

    def logits(self, hidden: np.ndarray) -> np.ndarray:
        """Their logarithms, to a constant of each item: float [n_items, n_levels].

        Parameters
        ----------
        hidden : array, float [n_items, n_hidden]
        """
        return hidden @ (self.functions @ self.weights).T + self.bias


def fitted_column(hidden: np.ndarray, steps: np.ndarray, usual: Column, penalty: float) -> Column:
    r"""The column of someone who gave a few ratings.

    .. math:: \max_Z \sum_i \log p(k_i | h_i; Z, b)
              - \frac{\lambda}{2} \lVert Z - \bar Z \rVert^2

    Parameters
    ----------
    hidden : array, float [n_ratings, n_hidden]
        The hidden units of the items that were rated.
    steps : array, int [n_ratings]
    usual : Column
        The mean of all users, :math:`\bar Z`, and the bias that such ratings have.
    penalty : float
        :math:`\lambda`.
    """
    given = np.eye(len(usual.bias))[steps]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        apart = flat.reshape(usual.weights.shape)
        logits = usual._replace(weights=usual.weights + apart).logits(hidden)
        error = (softmax(logits, axis=1) - given) @ usual.functions
        slope = error.T @ hidden + penalty * apart
        fit = -(given * log_softmax(logits, axis=1)).sum()
        return fit + penalty / 2 * (apart**2).sum(), slope.ravel()

    found = minimize(loss, np.zeros(usual.weights.size), jac=True, method="L-BFGS-B")
    return usual._replace(weights=usual.weights + found.x.reshape(usual.weights.shape))
