"""Pictures of how well a model does: counts, areas, curves; trees; a page of named points."""

from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, roc_auc_score

from graphmode import viz
from graphmode.models import LogisticRegression


def test_a_confusion_matrix_is_scikit_learn_s():
    random = np.random.default_rng(0)
    labels, told = random.choice(["cat", "ape", "dog"], (2, 60))
    figure = viz.plot_confusion_matrix(labels, told, ["dog", "cat", "ape"])
    expected = confusion_matrix(labels, told, labels=["dog", "cat", "ape"])
    shares = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(shares, expected / expected.sum(1, keepdims=True))
    assert [int(text.get_text()) for text in figure.axes[0].texts] == expected.ravel().tolist()
    assert figure.get_suptitle() == f"{np.mean(labels == told):.1%} of 60 right"
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["dog", "cat", "ape"]


def test_areas_under_roc_curves_are_scikit_learn_s():
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 80)
    values = np.round(random.random((80, 3)) + np.eye(3)[labels] / 2, 1)  # many are equal
    figure = viz.plot_roc(labels, values)
    for k, text in enumerate(figure.axes[0].get_legend().get_texts()):
        assert text.get_text() == f"{k}: area {roc_auc_score(labels == k, values[:, k]):.3f}"
    two = viz.plot_roc(labels > 0, values[:, :2]).axes[0].get_legend().get_texts()
    assert [text.get_text() for text in two] == [
        f"True: area {roc_auc_score(labels > 0, values[:, 1]):.3f}"
    ]


def test_curves_of_training_and_held_out_share_a_picture():
    history = {
        "loss": [3.0, 2.0],
        "val_loss": [3.5, 2.5],
        "accuracy": [0.1, 0.2],
        "seconds": [1, 1],
    }
    left, right = viz.plot_learning_curves(history, best_epoch=2).axes
    assert (left.get_ylabel(), right.get_ylabel()) == ("loss", "accuracy")
    drawn = {line.get_label(): line.get_ydata() for line in left.lines}
    assert list(drawn["held out"]) == [3.5, 2.5] and list(drawn["best: 2"]) == [0, 1]
    assert list(left.lines[0].get_xdata()) == [1, 2]


def test_a_parent_stands_above_the_middle_of_its_children():
    figure = viz.plot_tree([(1, 2), (), (3, 4), (), ()], ["r", "a", "p", "b", "c"], np.zeros(5))
    places = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    assert places == {"a": (0, 0), "b": (1, 0), "c": (2, 0), "p": (1.5, 1), "r": (0.75, 2)}
    assert len(figure.axes[0].lines) == 4


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_a_page_names_its_points_and_asks_nobody(tmp_path):
    names = ["<unk>", 'a "quote"', "naïve", "plain"]
    vectors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]])
    page = viz.embedding_page(vectors, names, method="pca", path=tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page
    elements = _Elements()
    elements.feed(page)
    points = [attrs for tag, attrs in elements.found if tag == "g"]
    assert [point["aria-label"] for point in points] == names
    assert all(point["tabindex"] == "0" for point in points)
    asked = {"src", "href", "action"}
    assert not [attrs for _, attrs in elements.found if asked & set(attrs)]
    assert "//" not in page.replace("</", "<")
    places = [(float(a["cx"]), float(a["cy"])) for tag, a in elements.found if tag == "circle"]
    assert np.ptp(places, axis=0) == pytest.approx([820, 820])


@pytest.mark.parametrize(
    "draw, message",
    [
        (lambda: viz.plot_confusion_matrix([1, 2], [1]), r"labels \(2,\) and predictions \(1,\)"),
        (lambda: viz.plot_confusion_matrix([1, 2], [1, 3], [1, 2]), r"\[3\] are not among the"),
        (lambda: viz.plot_roc([1, 1], [0.2, 0.3]), "2 labels of 1 classes do not go with"),
        (lambda: viz.plot_learning_curves({"seconds": [1.0]}), "no epoch has been measured"),
        (lambda: viz.plot_tree([()], []), "1 nodes, but 0 texts"),
        (lambda: viz.embedding_page(np.eye(3), ["a"]), "3 vectors, but 1 words"),
    ],
)
def test_what_cannot_be_drawn(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_models_draw_their_curve_and_their_mistakes(tmp_path):
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = np.where(X[:, 0] > 0, "right", "left")
    model = LogisticRegression(max_iter=3, random_state=0).fit(X, y, validation=(X, y))
    curve = model.draw_curve(path=tmp_path / "curve.png")
    assert [axes.get_ylabel() for axes in curve.axes] == ["loss", "accuracy"]
    assert len(curve.axes[0].lines) == 2
    figure = model.draw_confusion(X, y, path=tmp_path / "confusion.png")
    assert figure.get_suptitle() == f"{model.score(X, y):.1%} of 60 right"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["confusion.png", "curve.png"]
