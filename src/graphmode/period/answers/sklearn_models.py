"""Estimators and scores that scikit-learn replaced."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, jaccard_score
from sklearn.mixture import GaussianMixture


class Imputer(TransformerMixin, BaseEstimator):
    """Fill what is missing by a statistic of its column or row.

    Parameters
    ----------
    missing_values : number or "NaN"
    strategy : "mean", "median" or "most_frequent"
    axis : int
        0: by columns; 1: by rows.
    verbose : int
        Has no effect.
    copy : bool

    Raises
    ------
    ValueError
        If `axis` is neither.
    """

    def __init__(
        self,
        missing_values: Any = "NaN",
        strategy: str = "mean",
        axis: int = 0,
        verbose: int = 0,
        copy: bool = True,
    ) -> None:
        self.missing_values = missing_values
        self.strategy = strategy
        self.axis = axis
        self.verbose = verbose
        self.copy = copy

    def _imputer(self) -> Any:
        is_nan = self.missing_values in ("NaN", "nan") or self.missing_values != self.missing_values
        return SimpleImputer(
            missing_values=np.nan if is_nan else self.missing_values,
            strategy=self.strategy,
            copy=self.copy,
        )

    def fit(self, X: Any, y: Any = None) -> Imputer:  # noqa: N803
        """Learn the statistics of `X` (n, features); `y` has no effect."""
        if self.axis not in (0, 1):
            raise ValueError(
                f"Can only impute missing values on axis 0 and 1, got axis={self.axis}"
            )
        if self.axis == 0:
            self._fitted = self._imputer().fit(X)
            self.statistics_ = self._fitted.statistics_
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803
        """`X` (n, features) with its gaps filled, float."""
        if self.axis == 0:
            return self._fitted.transform(X)
        return self._imputer().fit_transform(np.transpose(X)).T


def RandomizedPCA(  # noqa: N802
    n_components: Any = None,
    copy: bool = True,
    iterated_power: Any = 2,
    whiten: bool = False,
    random_state: Any = None,
) -> Any:
    """Make a PCA by randomized SVD.

    Parameters
    ----------
    n_components : int or None
    copy : bool
    iterated_power : int or "auto"
    whiten : bool
    random_state : int, RandomState or None

    Returns
    -------
    PCA
    """
    return PCA(
        n_components,
        copy=copy,
        whiten=whiten,
        svd_solver="randomized",
        iterated_power=iterated_power,
        random_state=random_state,
    )


def GMM(  # noqa: N802
    n_components: int = 1,
    covariance_type: str = "diag",
    random_state: Any = None,
    thresh: Any = None,
    tol: float = 1e-3,
    min_covar: float = 1e-3,
    n_iter: int = 100,
    n_init: int = 1,
    params: str = "wmc",
    init_params: str = "wmc",
    verbose: int = 0,
) -> Any:
    """Make a mixture of Gaussians; what it is called with is what GMM was called with.

    Parameters
    ----------
    n_components : int
    covariance_type : "spherical", "tied", "diag" or "full"
    random_state : int, RandomState or None
    thresh : object
        Has no effect, as `params` and `init_params`.
    tol, min_covar : float
    n_iter, n_init : int
    params, init_params : str
    verbose : int

    Returns
    -------
    GaussianMixture
    """
    return GaussianMixture(
        n_components,
        covariance_type=covariance_type,
        tol=tol,
        reg_covar=min_covar,
        max_iter=n_iter,
        n_init=n_init,
        random_state=random_state,
        verbose=verbose,
    )


def jaccard_similarity_score(
    y_true: Any, y_pred: Any, normalize: bool = True, sample_weight: Any = None
) -> float:
    """Jaccard's index of sets of labels; of single labels, as then, the share that is right.

    Parameters
    ----------
    y_true, y_pred : array-like, (n,) or (n, labels) of 0 and 1
    normalize : bool
        Mean, not sum.
    sample_weight : array-like, (n,)

    Returns
    -------
    float
    """
    if np.ndim(y_true) == 1:
        return float(
            accuracy_score(y_true, y_pred, normalize=normalize, sample_weight=sample_weight)
        )
    mean = jaccard_score(
        y_true, y_pred, average="samples", sample_weight=sample_weight, zero_division=1.0
    )
    return float(mean if normalize else mean * len(np.asarray(y_true)))


def linear_assignment(X: Any) -> Any:  # noqa: N803
    """The cheapest assignment of rows to columns of the costs `X`: pairs of indices, (n, 2)."""
    return np.transpose(linear_sum_assignment(X))
