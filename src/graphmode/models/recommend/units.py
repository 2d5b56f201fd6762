"""Ratings as visible units: a sparse row of zeros and ones, in which a rating is a one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse


def units_of(rows: Any, columns: Any, steps: Any, shape: tuple[int, int], n_levels: int) -> Any:
    """The visible units of ratings.

    Parameters
    ----------
    rows, columns, steps : array, int [n]
        Of each rating.
    shape : tuple of int
        How many rows and columns there are.
    n_levels : int
        Units of a column, of which a rating turns one on.

    Returns
    -------
    csr_matrix, float32 [n_rows, n_columns * n_levels]
    """
    ones = np.ones(len(rows), np.float32)
    width = shape[1] * n_levels
    return scipy.sparse.csr_matrix((ones, (rows, columns * n_levels + steps)), (shape[0], width))


class Places(NamedTuple):
    """An entry for each rating.

    Attributes
    ----------
    rows, columns, steps : ndarray, int [n]
    """

    rows: np.ndarray
    columns: np.ndarray
    steps: np.ndarray


def places_of(units: Any, n_levels: int) -> Places:
    """Row, column and step of the units that are on, row by row.

    Parameters
    ----------
    units : csr_matrix, float32 [n_rows, n_columns * n_levels]
    n_levels : int
    """
    columns, steps = np.divmod(units.indices, n_levels)
    return Places(np.repeat(np.arange(units.shape[0]), np.diff(units.indptr)), columns, steps)


def rated(units: Any, n_levels: int) -> Any:
    """Which columns have a rating, whatever its step.

    Parameters
    ----------
    units : csr_matrix, float32 [n_rows, n_columns * n_levels]
    n_levels : int

    Returns
    -------
    csr_matrix, float32 [n_rows, n_columns]
        Ones.
    """
    shape = units.shape[0], units.shape[1] // n_levels
    return scipy.sparse.csr_matrix((units.data, units.indices // n_levels, units.indptr), shape)


def n_pairs(units: Any, n_levels: int) -> int:
    """How many rows and columns the units that are on belong to; `units` is sorted by that.

    Parameters
    ----------
    units : csr_matrix, float32 [n_rows, n_columns * n_levels]
    n_levels : int
    """
    units.sort_indices()
    columns = units.indices // n_levels
    is_again = columns[1:] == columns[:-1]
    starts = units.indptr[1:-1]
    is_again[starts[(starts > 0) & (starts < units.nnz)] - 1] = False
    return units.nnz - int(is_again.sum())


def with_newer(units: Any, newer: Any, n_levels: int) -> Any:
    """The units of both; of a rating that both have, those of `newer`.

    Parameters
    ----------
    units, newer : csr_matrix, float32 [n_rows, n_columns * n_levels]
    n_levels : int

    Returns
    -------
    csr_matrix, float32 [n_rows, n_columns * n_levels]
    """
    n_columns = units.shape[1] // n_levels
    old, new = (places_of(each, n_levels) for each in (units, newer))
    is_kept = ~np.isin(old.rows * n_columns + old.columns, new.rows * n_columns + new.columns)
    rows, columns, steps = (part[is_kept] for part in old)
    return units_of(rows, columns, steps, (units.shape[0], n_columns), n_levels) + newer


def parted(units: Any, share: float, seed: int) -> tuple[Any, Any]:
    """All rows with fewer units on, and again with the rest of them, a share drawn at random."""
    entries: Any = scipy.sparse.coo_matrix(units)
    is_held = np.random.default_rng(seed).random(entries.nnz) < share
    kept, held = (
        scipy.sparse.csr_matrix(
            (entries.data[chosen], (entries.row[chosen], entries.col[chosen])), entries.shape
        )
        for chosen in (~is_held, is_held)
    )
    return kept, held
