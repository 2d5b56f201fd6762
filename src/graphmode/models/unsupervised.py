"""What models share that describe rows by other numbers: transformers, with a way back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from graphmode import viz
from graphmode.models.base import Model
from graphmode.models.network import dense
from graphmode.models.notices import warn
from graphmode.models.pictures import Shape, as_pictures, as_rows, picture_shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Transformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Model):
    """A model whose network has the outputs ``code`` and ``reconstruction``, and a way back.

    The input ``code`` leads to the output ``decoded``. Pictures may come as [n, height, width].
    """

    n_features_in_: int
    image_shape_: Shape

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        rows, found = as_rows(X, None if reset else self.image_shape_, type(self).__name__)
        rows = validate_data(self, rows, dtype=np.float32, accept_sparse="csr", reset=reset)
        if reset:
            self.image_shape_ = found or picture_shape(rows.shape[1])
            self._warn_of_values(rows)
        return {"x": rows}

    def _warn_of_values(self, rows: Any) -> None:
        """Say where the values are none that the model is made for."""

    def _asked(self, X: Any) -> dict[str, Any]:
        check_is_fitted(self, "session_")
        return self._read(X, None, reset=False)

    @property
    def _n_features_out(self) -> int:
        return self.network_.outputs["code"].shape.as_list()[1]

    def transform(self, X: Any) -> np.ndarray:
        """What the network makes of rows: the code of each.

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples, n_components]
        """
        return self._ask("code", self._asked(X))

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Rows that belong to codes.

        Parameters
        ----------
        X : array, float [n_samples, n_components]

        Returns
        -------
        array, float32 [n_samples, n_features]

        Raises
        ------
        ValueError
            If the codes have another number of columns.
        """
        check_is_fitted(self, "session_")
        codes = np.asarray(check_array(X, input_name="X"), np.float32)
        if codes.shape[1] != self._n_features_out:
            raise ValueError(
                f"{type(self).__name__}: X has {codes.shape[1]} columns; a code has "
                f"{self._n_features_out}"
            )
        return self._ask("decoded", {"code": codes})

    def reconstruct(self, X: Any) -> np.ndarray:
        """Rows as the network sees them: coded and decoded.

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples, n_features]
        """
        return self._ask("reconstruction", self._asked(X))

    def sample(self, n_samples: int = 1) -> np.ndarray:
        """New rows, as the network imagines them.

        Parameters
        ----------
        n_samples : int

        Returns
        -------
        array, float32 [n_samples, n_features]

        Raises
        ------
        NotImplementedError
            Each kind of network says how.
        """
        raise NotImplementedError

    def draw_samples(
        self, n: int = 36, path: str | os.PathLike[str] | None = None, **chain: Any
    ) -> Figure:
        """What the network imagines, as pictures.

        Parameters
        ----------
        n : int
        path : str, optional
            A PNG file to be written.
        **chain : Any
            What `sample` takes beside the number of rows: `n_steps`, of one by Gibbs sampling.

        Returns
        -------
        matplotlib.figure.Figure
        """
        samples = as_pictures(self.sample(n, **chain), self.image_shape_)
        steps = f" after {chain['n_steps']} steps" if "n_steps" in chain else ""
        return viz.tile_images(samples, title=f"{n} samples{steps}", path=path)

    def score_samples(self, X: Any) -> np.ndarray:
        r"""How well rows are said again: minus the mean squared difference from what is given back.

        .. math:: -\frac1d \lVert x - \hat x(x) \rVert^2

        Parameters
        ----------
        X : array, float [n_samples, n_features]

        Returns
        -------
        array, float32 [n_samples]
            0 is best.
        """
        arrays = self._asked(X)
        given = self._ask("reconstruction", arrays)
        return -np.mean(np.square(dense(arrays["x"]) - given), 1)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of `score_samples`: more is better, as a grid search wants it.

        Parameters
        ----------
        X : array, float [n_samples, n_features]
        y : None

        Returns
        -------
        float
        """
        return float(np.mean(self.score_samples(X), dtype=np.float64))

    def _signature(self) -> tuple[dict[str, Any], dict[str, Any]]:
        outputs = self.network_.outputs
        asked = ("code", "reconstruction")
        return {"x": self.network_.inputs["x"]}, {name: outputs[name] for name in asked}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def warn_of_no_probabilities(model: Model, rows: Any, instead: str) -> None:
    """Say where values that are taken for probabilities are none, and what is there for them."""
    low, high = float(rows.min()), float(rows.max())
    if low == high:
        warn(
            f"{type(model).__name__}: every value of X is {low:g}: there is nothing to learn. "
            "Where only ones are known, absent ones must be 0"
        )
    if low < 0 or high > 1:
        warn(
            f"{type(model).__name__}: X reaches from {low:g} to {high:g}; its values are "
            f"probabilities. Scale to 0 to 1 (pixels: X / 255), or: {instead}"
        )
