"""Which columns a row rates at all: a ridge regression on what its ratings ask of hidden units."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

_PENALTY = 30.0


class Choice(NamedTuple):
    r"""A regression of what rows have ratings of.

    .. math:: \hat r = a + A t, \qquad t = \frac{W v + D r}{\sqrt{1 + \textstyle\sum_i r_i}}

    Traits `t` are what a row's ratings ask of the hidden units, before the sigmoid; of these nearly
    all are on or off and say less.

    Attributes
    ----------
    weights : ndarray, float32 [n_columns, n_hidden]
        `A`.
    bias : ndarray, float32 [n_columns]
        `a`.
    """

    weights: np.ndarray
    bias: np.ndarray


def fitted_choice(traits: np.ndarray, has: Any) -> Choice:
    """The regression of which columns rows have ratings of.

    Parameters
    ----------
    traits : array, float32 [n_rows, n_hidden]
    has : csr_matrix, float32 [n_rows, n_columns]
        Ones.
    """
    apart = traits.astype(np.float64)
    mean = apart.mean(0)
    apart -= mean
    usual = np.asarray(has.mean(0), np.float64).ravel()
    covariance = apart.T @ apart + _PENALTY * np.eye(apart.shape[1])
    weights = np.linalg.solve(covariance, (has.T @ apart).T).T
    return Choice(weights.astype(np.float32), (usual - weights @ mean).astype(np.float32))
