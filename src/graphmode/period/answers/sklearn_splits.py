"""`sklearn.cross_validation` and `sklearn.grid_search`: splits that know the data's size.

Until scikit-learn 0.20 a splitter was made with the number of examples, or with their labels, and
was itself what gives the pairs of indices; the default was three folds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn import model_selection
from sklearn.base import is_classifier
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import type_of_target

_DEFAULT_FOLDS = 3


class _Splits:
    """Pairs of train and test indices, from a splitter of today and what it splits."""

    def __init__(self, splitter: Any, n: int, y: Any = None, groups: Any = None) -> None:
        self.n = n
        self._splitter, self._of = splitter, (np.zeros(n), y, groups)

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return self._splitter.split(*self._of)

    def __len__(self) -> int:
        return self._splitter.get_n_splits(*self._of)


class KFold(_Splits):
    """Consecutive folds of `n` examples; shuffled before if asked.

    Parameters
    ----------
    n, n_folds : int
    shuffle : bool
    random_state : int, RandomState or None
    """

    def __init__(
        self, n: int, n_folds: int = 3, shuffle: bool = False, random_state: Any = None
    ) -> None:
        state = random_state if shuffle else None
        super().__init__(model_selection.KFold(n_folds, shuffle=shuffle, random_state=state), n)
        self.n_folds = n_folds


class StratifiedKFold:
    """Folds with the classes in equal shares: each class is cut into consecutive parts.

    Parameters
    ----------
    y : array-like, (n,)
        The classes.
    n_folds : int
    shuffle : bool
    random_state : int, RandomState or None

    Raises
    ------
    ValueError
        If every class has fewer than `n_folds` examples.
    """

    def __init__(
        self, y: Any, n_folds: int = 3, shuffle: bool = False, random_state: Any = None
    ) -> None:
        y = np.asarray(y)
        classes, which = np.unique(y, return_inverse=True)
        counts = np.bincount(which)
        if np.all(n_folds > counts):
            raise ValueError("All the n_labels for individual classes are less than n_folds.")
        # One generator for all classes, as then.
        state = check_random_state(random_state) if shuffle else None
        self.y, self.n_folds, self._fold = y, n_folds, np.zeros(len(y), dtype=int)
        for label in range(len(classes)):
            rows = np.flatnonzero(which == label)
            parts = KFold(max(len(rows), n_folds), n_folds, shuffle, state)
            for fold, (_, test) in enumerate(parts):
                self._fold[rows[test[test < len(rows)]]] = fold

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for fold in range(self.n_folds):
            yield np.flatnonzero(self._fold != fold), np.flatnonzero(self._fold == fold)

    def __len__(self) -> int:
        return self.n_folds


class LeaveOneOut(_Splits):
    """Each of `n` examples once as the test set.

    Parameters
    ----------
    n : int
    """

    def __init__(self, n: int) -> None:
        super().__init__(model_selection.LeaveOneOut(), n)


class LeavePOut(_Splits):
    """Each `p` of `n` examples once as the test set.

    Parameters
    ----------
    n, p : int
    """

    def __init__(self, n: int, p: int) -> None:
        super().__init__(model_selection.LeavePOut(p), n)


class LeaveOneLabelOut(_Splits):
    """The examples of each label once as the test set.

    Parameters
    ----------
    labels : array-like, (n,)
    """

    def __init__(self, labels: Any) -> None:
        super().__init__(model_selection.LeaveOneGroupOut(), len(labels), groups=labels)


class LeavePLabelOut(_Splits):
    """The examples of each `p` labels once as the test set.

    Parameters
    ----------
    labels : array-like, (n,)
    p : int
    """

    def __init__(self, labels: Any, p: int) -> None:
        super().__init__(model_selection.LeavePGroupsOut(p), len(labels), groups=labels)


class LabelKFold(_Splits):
    """Folds that no label is divided by.

    Parameters
    ----------
    labels : array-like, (n,)
    n_folds : int
    """

    def __init__(self, labels: Any, n_folds: int = 3) -> None:
        super().__init__(model_selection.GroupKFold(n_folds), len(labels), groups=labels)


class LabelShuffleSplit(_Splits):
    """Random splits of the labels.

    Parameters
    ----------
    labels : array-like, (n,)
    n_iter : int
    test_size, train_size : float, int or None
    random_state : int, RandomState or None
    """

    def __init__(
        self,
        labels: Any,
        n_iter: int = 5,
        test_size: Any = 0.2,
        train_size: Any = None,
        random_state: Any = None,
    ) -> None:
        splitter = model_selection.GroupShuffleSplit(
            n_iter, test_size=test_size, train_size=train_size, random_state=random_state
        )
        super().__init__(splitter, len(labels), groups=labels)


class ShuffleSplit(_Splits):
    """Random splits of `n` examples.

    Parameters
    ----------
    n, n_iter : int
    test_size, train_size : float, int or None
    random_state : int, RandomState or None
    """

    def __init__(
        self,
        n: int,
        n_iter: int = 10,
        test_size: Any = 0.1,
        train_size: Any = None,
        random_state: Any = None,
    ) -> None:
        splitter = model_selection.ShuffleSplit(
            n_iter, test_size=test_size, train_size=train_size, random_state=random_state
        )
        super().__init__(splitter, n)


class StratifiedShuffleSplit(_Splits):
    """Random splits with the classes in equal shares.

    Parameters
    ----------
    y : array-like, (n,)
    n_iter : int
    test_size, train_size : float, int or None
    random_state : int, RandomState or None
    """

    def __init__(
        self,
        y: Any,
        n_iter: int = 10,
        test_size: Any = 0.1,
        train_size: Any = None,
        random_state: Any = None,
    ) -> None:
        splitter = model_selection.StratifiedShuffleSplit(
            n_iter, test_size=test_size, train_size=train_size, random_state=random_state
        )
        super().__init__(splitter, len(y), y=y)


class PredefinedSplit(_Splits):
    """Test sets that are given.

    Parameters
    ----------
    test_fold : array-like of int, (n,)
        Of each example the test set that it is in; -1: none.
    """

    def __init__(self, test_fold: Any) -> None:
        super().__init__(model_selection.PredefinedSplit(test_fold), len(test_fold))


# ---- scores and searches -------------------------------------------------------------------------

_SCORES = {
    "mean_squared_error": "neg_mean_squared_error",
    "mean_absolute_error": "neg_mean_absolute_error",
    "median_absolute_error": "neg_median_absolute_error",
    "log_loss": "neg_log_loss",
}


def _score(scoring: Any) -> Any:
    return _SCORES.get(scoring, scoring) if isinstance(scoring, str) else scoring


def _folds(cv: Any, estimator: Any, X: Any, y: Any) -> Any:  # noqa: N803
    """What an old `cv` means: folds as they were then."""
    if cv is not None and not isinstance(cv, int):
        return cv
    folds = _DEFAULT_FOLDS if cv is None else cv
    is_classes = y is not None and type_of_target(y) in ("binary", "multiclass")
    if is_classifier(estimator) and is_classes:
        return list(StratifiedKFold(y, folds))
    return list(KFold(len(X) if not hasattr(X, "shape") else X.shape[0], folds))


def cross_val_score(
    estimator: Any,
    X: Any,  # noqa: N803
    y: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int = 1,
    verbose: int = 0,
    fit_params: Any = None,
    pre_dispatch: Any = "2*n_jobs",
) -> Any:
    """Scores of an estimator over folds.

    Parameters
    ----------
    estimator : estimator
    X, y : array-like
    scoring : str or callable
        "mean_squared_error" and the other losses are negated.
    cv : int, splits or None
        None: three.
    n_jobs, verbose : int
    fit_params : dict
    pre_dispatch : int or str

    Returns
    -------
    ndarray, float, (folds,)
    """
    return model_selection.cross_val_score(
        estimator,
        X,
        y,
        scoring=_score(scoring),
        cv=_folds(cv, estimator, X, y),
        n_jobs=n_jobs,
        verbose=verbose,
        params=fit_params,
        pre_dispatch=pre_dispatch,
    )


def cross_val_predict(
    estimator: Any,
    X: Any,  # noqa: N803
    y: Any = None,
    cv: Any = None,
    n_jobs: int = 1,
    verbose: int = 0,
    fit_params: Any = None,
    pre_dispatch: Any = "2*n_jobs",
) -> Any:
    """For each example what the estimator of the others' folds predicts.

    Parameters
    ----------
    estimator : estimator
    X, y : array-like
    cv : int, splits or None
        None: three.
    n_jobs, verbose : int
    fit_params : dict
    pre_dispatch : int or str

    Returns
    -------
    ndarray, (n,)
    """
    return model_selection.cross_val_predict(
        estimator,
        X,
        y,
        cv=_folds(cv, estimator, X, y),
        n_jobs=n_jobs,
        verbose=verbose,
        params=fit_params,
        pre_dispatch=pre_dispatch,
    )


class GridScore(NamedTuple):
    """One row of `grid_scores_`.

    Attributes
    ----------
    parameters : dict
    mean_validation_score : float
    cv_validation_scores : ndarray, float, (folds,)
    """

    parameters: dict[str, Any]
    mean_validation_score: float
    cv_validation_scores: np.ndarray

    def __repr__(self) -> str:
        spread = np.std(self.cv_validation_scores)
        return (
            f"mean: {self.mean_validation_score:.5f}, std: {spread:.5f}, params: {self.parameters}"
        )


class _Search:
    """What the searches share: old folds, and means that weigh a fold by its size (`iid`)."""

    cv: Any
    refit: Any
    iid: bool
    fit_params: Any
    estimator: Any
    cv_results_: dict[str, Any]

    def fit(self, X: Any, y: Any = None, **params: Any) -> Any:  # noqa: N803
        """Search, as scikit-learn does; `X` (n, features), `y` (n,) or None."""
        given = self.cv, self.refit
        folds = _folds(self.cv, self.estimator, X, y)
        self.cv = folds = list(folds if hasattr(folds, "__iter__") else folds.split(X, y))
        sizes = np.array([len(test) for _, test in folds])
        self._weights = sizes / sizes.sum() if self.iid else np.full(len(sizes), 1 / len(sizes))
        if self.refit:
            self.refit = lambda results: int(np.argmax(self._means(results)))
        try:
            params = {**(self.fit_params or {}), **params}
            super().fit(X, y, **params)  # pyright: ignore[reportAttributeAccessIssue]
        finally:
            self.cv, self.refit = given
        means = self._means(self.cv_results_)
        self.best_index_ = int(np.argmax(means))
        self.best_score_ = float(means[self.best_index_])
        self.best_params_ = self.cv_results_["params"][self.best_index_]
        return self

    def _scores(self, results: dict[str, Any]) -> np.ndarray:
        """The scores of each setting (rows) in each fold (columns)."""
        folds = range(len(self._weights))
        return np.transpose([results[f"split{k}_test_score"] for k in folds])

    def _means(self, results: dict[str, Any]) -> np.ndarray:
        return self._scores(results) @ self._weights

    @property
    def grid_scores_(self) -> list[GridScore]:
        """The scores of all settings."""
        scores = self._scores(self.cv_results_)
        return [
            GridScore(setting, float(row @ self._weights), row)
            for setting, row in zip(self.cv_results_["params"], scores, strict=True)
        ]


class GridSearchCV(_Search, model_selection.GridSearchCV):
    """Search of a grid, with `grid_scores_`.

    Parameters
    ----------
    estimator : estimator
    param_grid : dict or list of dict
    scoring : str or callable
    fit_params : dict
    n_jobs : int
    iid : bool
        Weigh each fold by its size.
    refit : bool
    cv : int, splits or None
        None: three folds.
    verbose : int
    pre_dispatch : int or str
    error_score : "raise" or float
    """

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        scoring: Any = None,
        fit_params: Any = None,
        n_jobs: int = 1,
        iid: bool = True,
        refit: bool = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        error_score: Any = "raise",
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            scoring=_score(scoring),
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
        )
        self.fit_params, self.iid = fit_params, iid


class RandomizedSearchCV(_Search, model_selection.RandomizedSearchCV):
    """Search of random settings, with `grid_scores_`.

    Parameters
    ----------
    estimator : estimator
    param_distributions : dict
    n_iter : int
    scoring : str or callable
    fit_params : dict
    n_jobs : int
    iid : bool
        Weigh each fold by its size.
    refit : bool
    cv : int, splits or None
        None: three folds.
    verbose : int
    pre_dispatch : int or str
    random_state : int, RandomState or None
    error_score : "raise" or float
    """

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any,
        n_iter: int = 10,
        scoring: Any = None,
        fit_params: Any = None,
        n_jobs: int = 1,
        iid: bool = True,
        refit: bool = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        random_state: Any = None,
        error_score: Any = "raise",
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            scoring=_score(scoring),
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            random_state=random_state,
            error_score=error_score,
        )
        self.fit_params, self.iid = fit_params, iid
