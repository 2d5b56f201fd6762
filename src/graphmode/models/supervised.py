"""What classifiers and regressors share: rows and their labels or numbers."""

from __future__ import annotations

import os
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from graphmode import viz
from graphmode.models.base import Model
from graphmode.models.network import batched
from graphmode.models.notices import warn
from graphmode.models.parameters import estimator
from graphmode.models.weights import WEIGHT, Weighted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_UNSCALED = 20.0
_ROWS_LOOKED_AT = 200
_IDLE = 1e-3
_FEW_ROWS = 20
_OF_TRAINING = ("y", WEIGHT)


@estimator
class Classifier(ClassifierMixin, Weighted):
    """A model that tells classes: its network has the outputs ``probabilities`` and ``class``.

    Labels are anything that can be sorted; inside they are places in `classes_`.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        How much the rows of a class count in the loss, 1 where nothing is said; ``"balanced"``
        gives all classes the same together, however many rows they have.
    """

    class_weight: dict[Any, float] | Literal["balanced"] | None = None

    classes_: np.ndarray = field(init=False)
    n_features_in_: int = field(init=False)

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        rows, labels = self._checked(X, y, reset)
        if reset:
            check_classification_targets(labels)
            self.classes_ = np.unique(labels)
        return {**self._filled(rows), "y": self._places(labels)}

    def _read_first(self, X: Any, y: Any, classes: Any) -> None:
        if classes is None:
            raise ValueError(
                f"{type(self).__name__} needs all classes before the first batch: "
                "fit(batches, classes) or partial_fit(X, y, classes=classes)"
            )
        self._checked(X, y, reset=True)
        self.classes_ = np.unique(classes)

    def _require_same_classes(self, classes: Any = None) -> None:
        if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"{type(self).__name__}: classes={np.unique(classes).tolist()}; the first call "
                f"made a network for {self.classes_.tolist()}. More classes need a new model"
            )

    def _has_class_weights(self) -> bool:
        return self.class_weight is not None

    def _class_weights(self, labels: np.ndarray, is_all: bool) -> np.ndarray | None:
        if self.class_weight is None:
            return None
        if isinstance(self.class_weight, str):
            if not is_all:
                raise ValueError(
                    f"{type(self).__name__}: class_weight='balanced' counts the classes of all "
                    "rows, and these are some: give a dict"
                )
            counts = np.bincount(labels, minlength=len(self.classes_))
            return (len(labels) / (len(self.classes_) * np.maximum(counts, 1)))[labels]
        known = self.classes_.tolist()
        for label, weight in self.class_weight.items():
            if label not in known:
                raise ValueError(
                    f"{type(self).__name__}: class_weight has the class {label!r}; the classes are "
                    f"{known}"
                )
            if not 0 <= weight < np.inf:
                raise ValueError(
                    f"{type(self).__name__}: class_weight gives {label!r} the weight {weight!r}: "
                    "weights are 0 or more, and finite"
                )
        return np.array([self.class_weight.get(label, 1.0) for label in known])[labels]

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        """Rows and labels after scikit-learn's checks."""
        require_labels(self, y)
        X, y = validate_data(self, X, y, dtype=np.float32, accept_sparse="csr", reset=reset)
        if reset:
            warn_of_scale(self, X)
        return X, y

    def _finish(self, arrays: dict[str, Any]) -> None:
        """Warn of hidden units that say the same of all rows: dead ones, saturated ones."""
        layers = self.network_.hidden
        if not layers:
            return
        asked = (name for name in arrays if name not in _OF_TRAINING)
        given = {name: arrays[name][:_ROWS_LOOKED_AT] for name in asked}
        rows = next(iter(batched(given, _ROWS_LOOKED_AT)))
        found = self.network_.ask_all(self.session_, layers, rows)
        for layer, values in zip(layers, found, strict=True):
            units = values.reshape(-1, values.shape[-1])
            n_idle = int((np.ptp(units, axis=0) < _IDLE).sum())
            if 2 * n_idle > units.shape[1] and len(units) >= _FEW_ROWS:
                warn(
                    f"{type(self).__name__}: {n_idle} of {units.shape[1]} units of {layer} say the "
                    "same of all rows (dead or saturated): lower learning_rate "
                    f"({self.learning_rate:g}), or scale X"
                )

    def _filled(self, rows: Any) -> dict[str, Any]:
        """The network's inputs, of checked rows."""
        return {"x": rows}

    def _places(self, labels: np.ndarray) -> np.ndarray:
        """Labels as places in `classes_`."""
        places = np.searchsorted(self.classes_, labels)
        places = np.minimum(places, len(self.classes_) - 1)
        unknown = np.unique(labels[self.classes_[places] != labels])
        if unknown.size:
            raise ValueError(
                f"labels {unknown.tolist()} were not among the classes that "
                f"{type(self).__name__} was fitted to: {self.classes_.tolist()}"
            )
        return places.astype(np.int32)

    def _asked(self, X: Any) -> dict[str, Any]:
        """Rows to be classified, as the network takes them."""
        check_is_fitted(self, "session_")
        X = validate_data(self, X, dtype=np.float32, accept_sparse="csr", reset=False)
        return self._filled(X)

    def _signature(self) -> tuple[dict[str, Any], dict[str, Any]]:
        inputs, outputs = self.network_.inputs, self.network_.outputs
        given = {name: tensor for name, tensor in inputs.items() if name not in _OF_TRAINING}
        return given, {name: outputs[name] for name in ("probabilities", "class")}

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class.

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples, n_classes]
            Rows sum to 1; columns are in the order of `classes_`.
        """
        return self._ask("probabilities", self._asked(X))

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each row.

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array [n_samples]
            Labels, as `fit` was given.
        """
        asked = self._asked(X)
        return self.classes_[self._ask("class", asked)]

    def draw_confusion(self, X: Any, y: Any, path: str | os.PathLike[str] | None = None) -> Figure:
        """How often each class is told for each.

        Parameters
        ----------
        X : array, float [n_samples, n_features]
        y : array [n_samples]
            Labels, as `fit` was given.
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure
        """
        return viz.plot_confusion_matrix(y, self.predict(X), self.classes_, path=path)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class LayeredClassifier(Classifier):
    """A classifier of layers that can be looked at."""

    def activations(self, X: Any) -> dict[str, np.ndarray]:
        """What each layer makes of rows.

        Parameters
        ----------
        X : array, float [n_samples, n_features]
            Or pictures [n, height, width] or [n, height, width, channels], where `fit` takes them.

        Returns
        -------
        dict of str to ndarray, float32
            By layer, from the data upwards: units [n_samples, n_units]; of a layer of convolutions
            or what pools it [n_samples, height, width, filters].
        """
        asked = self._asked(X)
        return {name: self._ask(name, asked) for name in self.network_.hidden}


class Regressor(RegressorMixin, Weighted):
    """A model that gives numbers: its network has the output ``value``."""

    n_features_in_: int

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        require_labels(self, y)
        X, y = validate_data(
            self, X, y, dtype=np.float32, accept_sparse="csr", y_numeric=True, multi_output=True,
            reset=reset,
        )  # fmt: skip
        y = np.asarray(y, np.float32)
        if reset:
            warn_of_scale(self, X)
            self._n_outputs = None if y.ndim == 1 else y.shape[1]
        return {"x": X, "y": y.reshape(len(y), -1)}

    def predict(self, X: Any) -> np.ndarray:
        """The number for each row.

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples] or [n_samples, n_outputs]
        """
        check_is_fitted(self, "session_")
        X = validate_data(self, X, dtype=np.float32, accept_sparse="csr", reset=False)
        value = self._ask("value", {"x": X})
        return value[:, 0] if self._n_outputs is None else value

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        return tags


def require_labels(model: Model, y: Any) -> None:
    """Refuse to learn without `y`, in scikit-learn's words.

    Raises
    ------
    ValueError
        If it is None.
    """
    if y is None:
        raise ValueError(
            f"{type(model).__name__} requires y to be passed, but the target y is None"
        )


def warn_of_scale(model: Model, X: Any) -> None:
    """Say where values are so large that a network will hardly learn from them."""
    largest = float(max(X.max(), -X.min())) if X.shape[0] and X.shape[1] else 0.0
    if largest > _UNSCALED:
        warn(
            f"{type(model).__name__}: X reaches {largest:g}; networks learn from values near 0 to "
            "1. Divide (pixels: X / 255) or put sklearn.preprocessing.StandardScaler before it"
        )
