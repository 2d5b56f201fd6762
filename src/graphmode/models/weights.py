"""Rows that count more than others: `sample_weight` of a fit, `class_weight` of a classifier."""

from __future__ import annotations

import numbers
from typing import Any, TypeVar

import numpy as np
from sklearn.utils import check_array

import graphmode as tf
from graphmode.models.base import Model, is_of_batches
from graphmode.models.network import Network, rows_of

_Self = TypeVar("_Self", bound="Weighted")

WEIGHT = "weight"
"""The network's input; a network that was made without weights has none."""


class Weighted(Model):
    """A model of rows and what belongs to them, the loss of each counted by its weight."""

    _is_weighted = False

    def fit(
        self: _Self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        validation: Any = None,
    ) -> _Self:
        """Train the network.

        Parameters
        ----------
        X : array, float [n_samples, n_features], or iterable of batches
            An iterable gives pairs of rows and their `y`, once an epoch; a function that makes
            such an iterable will do.
        y : array [n_samples]
            Numbers or labels. Of batches all classes, where the model tells classes.
        sample_weight : array, float [n_samples], optional
            How much each row counts in the loss, brought to a mean of 1.
        validation : pair of array, float [n_rows, n_features], and its `y`, optional
            Rows that are measured after each epoch and not learned from.

        Returns
        -------
        Model
            Itself. `history_` has the measures of each epoch by name, those of `validation` with
            ``val_`` before it: ``history_["val_loss"]``.

        Raises
        ------
        ValueError
            If a parameter is not what it may be, or the data are not what is learned from: NaN,
            infinities, no rows, another number of columns than before, a negative weight.
        TypeError
            If `X` is a path, or batches come with weights.
        FloatingPointError
            If the loss becomes infinite; says which learning rate to try.
        """
        if sample_weight is not None and is_of_batches(X):
            raise TypeError(
                f"{type(self).__name__}: batches come without sample_weight; "
                "partial_fit(X, y, sample_weight=) takes a batch with its own"
            )
        return self._fit(X, y, validation, sample_weight)

    def partial_fit(
        self: _Self, X: Any, y: Any = None, *, sample_weight: Any = None, **known: Any
    ) -> _Self:
        """Train for one more epoch, which is these rows; the first call makes the network.

        Parameters
        ----------
        X : array, float [n_samples, n_features]
        y : array [n_samples]
        sample_weight : array, float [n_samples], optional
            How much each row counts in the loss, as it is.
        **known : Any
            What the first rows may not tell: `classes`, where the model has them.

        Returns
        -------
        Model
            Itself.

        Raises
        ------
        TypeError
            If an argument is not known, or `X` is a path.
        ValueError
            If the data, or parameters and classes, are not those of the network that was made.
        """
        return self._partial_fit(X, y, known, sample_weight)

    def _expect_weights(self, sample_weight: Any) -> None:
        self._is_weighted = sample_weight is not None or self._has_class_weights()

    def _built(self) -> tuple[tf.Graph, Network]:
        graph, network = super()._built()
        if self._is_weighted and WEIGHT not in network.inputs:
            raise TypeError(
                f"{type(self).__name__} counts all rows the same: its _build takes no "
                "self._weight_input()"
            )
        return graph, network

    def _has_class_weights(self) -> bool:
        return False

    def _class_weights(self, labels: np.ndarray, is_all: bool) -> np.ndarray | None:
        """How much each row counts for its class; `is_all` where no other rows will come."""
        return None

    def _weight_input(self) -> Any:
        """The placeholder of the rows' weights, float32 [batch]; None in a network without."""
        if not self._is_weighted:
            return None
        return tf.placeholder_with_default(np.ones(1, np.float32), [None], WEIGHT)

    def _weighted(self, arrays: dict[str, Any], sample_weight: Any, is_all: bool) -> dict[str, Any]:
        by_class = self._class_weights(arrays["y"], is_all)
        if sample_weight is None and by_class is None:
            return arrays
        if not self._is_weighted:
            raise ValueError(
                f"{type(self).__name__}: the network was made without weights: fit with "
                "warm_start=False, or a clone (sklearn.base.clone)"
            )
        n_rows = rows_of({"y": arrays["y"]})
        weights = np.ones(n_rows, np.float32)
        if sample_weight is not None:
            weights = self._checked_weights(sample_weight, n_rows)
        if by_class is not None:
            weights = weights * by_class
        if is_all:
            if not weights.any():
                raise ValueError(f"{type(self).__name__}: sample_weight and class_weight together "
                                 "leave no row that counts")  # fmt: skip
            weights = weights * (n_rows / float(weights.sum()))
        return arrays | {WEIGHT: weights.astype(np.float32)}

    def _checked_weights(self, sample_weight: Any, n_rows: int) -> np.ndarray:
        if isinstance(sample_weight, numbers.Real):
            sample_weight = np.full(n_rows, sample_weight)
        weights: np.ndarray = check_array(
            sample_weight, ensure_2d=False, dtype="float32", input_name="sample_weight"
        )
        if weights.shape != (n_rows,):
            raise ValueError(
                f"{type(self).__name__}: sample_weight of shape {weights.shape}; it has a number "
                f"for each of {n_rows} rows"
            )
        if (weights < 0).any() or not weights.any():
            raise ValueError(
                f"{type(self).__name__}: sample_weight goes from {weights.min():g} to "
                f"{weights.max():g}; weights are zero or more, and not all zero"
            )
        return weights
