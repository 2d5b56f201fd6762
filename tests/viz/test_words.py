"""Word vectors in the plane."""

import numpy as np
import pytest

from graphmode import viz

pytest.importorskip("sklearn")


def places(figure):
    (axes,) = figure.axes
    return {text.get_text(): np.array(text.get_position()) for text in axes.texts}


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_words_of_one_direction_lie_together(method, tmp_path):
    random = np.random.RandomState(0)
    directions = np.repeat(np.eye(8)[:2], 10, axis=0)
    vectors = (directions + random.normal(0, 0.05, (20, 8))) * random.uniform(1, 9, (20, 1))
    words = [f"${i}" for i in range(20)]
    figure = viz.plot_words(vectors, words, method=method, path=tmp_path / "words.png")
    points = places(figure)
    assert list(points) == words
    first, second = (np.array([points[w] for w in half]) for half in (words[:10], words[10:]))
    spread = max(np.ptp(half, axis=0).max() for half in (first, second))
    assert np.abs(first.mean(0) - second.mean(0)).max() > spread
    assert (tmp_path / "words.png").read_bytes().startswith(b"\x89PNG")


def test_a_vector_of_zeros_is_drawn_too():
    vectors = np.diag([0.0, 2.0, 3.0, 5.0])
    points = places(viz.plot_words(vectors, list("abcd")))
    assert all(np.isfinite(point).all() for point in points.values())


def test_what_does_not_fit_is_refused():
    vectors = np.ones((5, 4))
    with pytest.raises(ValueError, match="5 vectors, but 2 words"):
        viz.plot_words(vectors, ["a", "b"])
    with pytest.raises(ValueError, match=r"must be \[n, size\].*got \(5,\)"):
        viz.plot_words(vectors[:, 0], list("abcde"))
    with pytest.raises(ValueError, match="one of pca, tsne, got 'umap'"):
        viz.plot_words(vectors, list("abcde"), method="umap")
