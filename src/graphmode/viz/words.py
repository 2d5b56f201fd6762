"""`plot_words`: word vectors in the plane."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.viz.figure import finished, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TITLES = {"pca": "two principal components", "tsne": "t-SNE"}


def plot_words(
    vectors: Any,
    words: Sequence[str],
    *,
    method: str = "pca",
    seed: int = 0,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Each word where its vector points, brought down to two dimensions by scikit-learn.

    Only directions count: a vector's length mostly tells how often its word was met.

    Parameters
    ----------
    vectors : array, shape [n, size]
        The rows of an embedding, at least 3 of them and of size 2 or more.
    words : sequence of str
        Their n words. A few hundred can be read.
    method : {'pca', 'tsne'}
        The two directions of the greatest variance; or t-SNE, which keeps neighbours together and
        no distances beyond.
    seed : int
        Of t-SNE.
    title : str, optional
        The name of the method if not given.
    path : str or path, optional
        Where to write the picture, as PNG.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the numbers of vectors and words differ, there are fewer than 3, or there is no such
        method.
    ImportError
        If matplotlib or scikit-learn is not installed.

    Notes
    -----
    van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR 9, 2008.
    """
    points = in_the_plane(vectors, words, method, seed)
    figure = new_figure(10, 10, _TITLES[method] if title is None else title)
    axes: Any = figure.add_subplot()
    axes.plot(*points.T, linestyle="none")  # sets the limits: texts alone do not
    for (x, y), word in zip(points, words, strict=True):
        # Words hold '$', which would begin a formula.
        axes.text(x, y, word, fontsize=7, ha="center", va="center", parse_math=False)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return finished(figure, path)


def in_the_plane(vectors: Any, words: Sequence[str], method: str, seed: int) -> np.ndarray:
    """Two coordinates of the direction of each vector, ``[n, 2]``."""
    vectors = np.asarray(vectors, np.float64)
    if vectors.ndim != 2 or vectors.shape[0] < 3 or vectors.shape[1] < 2:
        raise ValueError(
            f"vectors must be [n, size] with 3 or more rows of 2 or more, got {vectors.shape}"
        )
    if len(vectors) != len(words):
        raise ValueError(f"{len(vectors)} vectors, but {len(words)} words")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors / np.where(lengths == 0, 1, lengths)
    if method not in _TITLES:
        raise ValueError(f"method must be one of {', '.join(_TITLES)}, got {method!r}")
    try:
        from sklearn.decomposition import PCA  # pyright: ignore[reportMissingTypeStubs]
        from sklearn.manifold import TSNE  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise ImportError("plot_words needs scikit-learn: pip install scikit-learn") from error
    if method == "pca":
        return PCA(2).fit_transform(vectors)
    # Its default perplexity, 30 neighbours, is more than a small vocabulary has.
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    tsne = TSNE(2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    return tsne.fit_transform(vectors)
