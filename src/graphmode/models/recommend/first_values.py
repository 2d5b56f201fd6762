"""Where a machine of ratings begins: at what the ratings say without any learning."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

_DAMPING = 5.0
_OVERALL = 2.0


def usual_bias(counts: np.ndarray, overall: np.ndarray) -> np.ndarray:
    """The logarithms of how often each step was given to each column, a few of all added.

    Parameters
    ----------
    counts : array, number [n_columns, n_levels]
    overall : array, number [n_levels]
        Of all columns together.

    Returns
    -------
    array, float32 [n_columns, n_levels]
    """
    shares = counts + _OVERALL * len(overall) * overall / overall.sum()
    shares /= shares.sum(1, keepdims=True)
    return np.log(np.maximum(shares, 1e-6)).astype(np.float32)


def functions_of(levels: np.ndarray, degree: int) -> np.ndarray:
    """Polynomials of a rating, without the constant one: orthogonal, of length 1.

    Parameters
    ----------
    levels : array, float32 [n_levels]
    degree : int
        The highest; there are no more than can be told apart.

    Returns
    -------
    array, float32 [n_levels, n_functions]
        The first one rises.
    """
    powers = np.vander(_standard(levels), min(degree + 1, len(levels)), increasing=True)
    across, triangle = np.linalg.qr(powers)
    return (across * np.sign(np.diag(triangle)))[:, 1:].astype(np.float32)


def _standard(levels: np.ndarray) -> np.ndarray:
    return (levels - levels.mean(dtype=np.float64)) / levels.std(dtype=np.float64)


def random_sums(
    units: Any, levels: np.ndarray, functions: np.ndarray | None, n_hidden: int, seed: int
) -> np.ndarray:
    r"""Weights by which each hidden unit begins as a random mixture of tastes that there are.

    With `X` the ratings less the means of their column and row, and `G` of normal numbers,

    .. math:: Z = X^\top X X^\top G, \qquad W_{ikj} = s_k Z_{ij} / \mathrm{std}(X Z_j)

    so that what most rows differ by is in the weights from the beginning, in another mixture for
    each unit, and each unit is asked to be on or off by about 1. `s` are the steps of the scale in
    standard deviations.

    Parameters
    ----------
    units : csr_matrix, float32 [n_rows, n_columns * n_levels]
    levels : array, float32 [n_levels]
    functions : array, float32 [n_levels, n_functions], or None
        As the machine has them.
    n_hidden : int
    seed : int

    Returns
    -------
    array, float32 [n_columns * n_functions, n_hidden]

    Notes
    -----
    One step of the power iteration by which Halko, Martinsson and Tropp ("Finding structure with
    randomness", SIAM Review 53, 2011) find principal directions.
    """
    n_rows, n_columns = units.shape[0], units.shape[1] // len(levels)
    columns, steps = np.divmod(units.indices, np.int32(len(levels)))
    apart: Any = scipy.sparse.csr_matrix(
        (levels.astype(np.float32)[steps], columns, units.indptr), (n_rows, n_columns)
    )
    del steps
    n_of_column, n_of_row = np.bincount(columns, minlength=n_columns), np.diff(units.indptr)
    means = apart.sum(0, dtype=np.float64).A1 / np.maximum(n_of_column, 1)
    apart.data -= means.astype(np.float32)[columns]
    means = apart.sum(1, dtype=np.float64).A1 / (n_of_row + _DAMPING)
    apart.data -= np.repeat(means.astype(np.float32), n_of_row)
    normal = np.random.default_rng(seed).standard_normal((n_rows, n_hidden), np.float32)
    sums = apart.T @ (apart @ (apart.T @ normal))
    sums /= np.maximum((apart @ sums).std(0), 1e-12)
    shape = _standard(levels) if functions is None else _standard(levels) @ functions
    return (sums[:, np.newaxis] * shape.astype(np.float32)[:, np.newaxis]).reshape(-1, n_hidden)
