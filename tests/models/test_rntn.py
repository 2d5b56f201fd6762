"""The recursive tensor network: trees as they are written, gradients by differences, negation."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import graphmode as tf
from graphmode.models import RNTN, load
from graphmode.models.trees.expressions import read_trees
from graphmode.models.trees.sentiment import made_trees

TREES = ["(3 (2 not) (1 (2 very) (0 bad)))", "(0 bad)", "(2 (2 (2 a) (2 b)) (2 (2 c) (? d)))"]


@pytest.fixture(scope="module")
def model():
    return RNTN(size=10, max_iter=14, random_state=0).fit(made_trees(400))


# ---- trees ---------------------------------------------------------------------------------------


def test_a_tree_is_its_nodes_in_the_order_of_writing():
    tree = read_trees(TREES[0])[0]
    assert tree.labels == ["3", "2", "1", "2", "0"]
    assert tree.words == [None, "not", None, "very", "bad"]
    assert tree.children == [(1, 2), (), (3, 4), (), ()]
    assert tree.heights() == [2, 0, 1, 0, 0]
    assert [str(tree) for tree in read_trees(TREES)] == TREES


def test_trees_come_in_texts_files_and_lists(tmp_path):
    (tmp_path / "trees.txt").write_text("\n".join(TREES))
    for form in (TREES, "\n".join(TREES), tmp_path / "trees.txt", read_trees(TREES)):
        assert [str(tree) for tree in read_trees(form)] == TREES
    assert str(read_trees("(3\n (2 not)\n\n (4 bad) )")[0]) == "(3 (2 not) (4 bad))"


@pytest.mark.parametrize(
    "text, message",
    [
        ("(3 (2 not) (4 bad)", "column 19: expected ')', since '(' of line 1, column 1 is open"),
        ("(3 good)\n3 bad)", "line 2, column 1: expected '(', with which a tree begins; got '3'"),
        ("((2 a) (2 b))", r"column 2: expected the label of the node, as in (3 good); got ("),
        ("(3)", "line 1, column 3: expected a word or two children; got )"),
        ("(3 (2 a))", "column 9: expected '(', its second child; got )"),
        ("(3 (2 a) b)", "column 10: expected '(', its second child; got the word 'b'"),
        ("(3 (2 a) (2 b) (2 c))", "column 16: expected ')': the node has two children; trees are"),
        ("(3 (2 a) (2 b) c)", "column 16: expected ')'; got the word 'c'"),
        ("(3 very good)", "column 9: expected ')': the node has the word 'very'; got 'good'"),
        ("(3 a (2 b))", "column 6: expected ')': the node has the word 'a'; trees are binary"),
    ],
)
def test_what_is_no_tree(text, message):
    with pytest.raises(ValueError) as raised:
        RNTN().fit(["(1 fine)", text])
    assert str(raised.value).startswith("RNTN: tree 2, line ")
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "trees, message",
    [
        ([], "RNTN: there is no tree"),
        (3, r"RNTN takes trees, \(3 \(2 not\) \(4 bad\)\); not int"),
        (["(1 a)", 3], "RNTN: tree 2 is of type int"),
        (["(1 (1 a) (? b))"], r"all nodes have the label \[1\]; it learns to tell two or more"),
    ],
)
def test_trees_that_cannot_be_learned_from(trees, message):
    with pytest.raises(ValueError, match=message):
        RNTN().fit(trees)


# ---- the network ---------------------------------------------------------------------------------


def by_hand(values, tree, words):
    """The vector of each node, by recursion in float64."""
    vectors = {}
    for node in reversed(range(len(tree))):
        if tree.children[node]:
            both = np.concatenate([vectors[child] for child in tree.children[node]])
            z = np.einsum("i,ijk,j->k", both, values["rntn/tensor"], both)
            vectors[node] = np.tanh(z + both @ values["rntn/matrix"] + values["rntn/bias"])
        else:
            vectors[node] = np.tanh(values["rntn/vectors"][words.index(tree.words[node])])
    return np.array([vectors[node] for node in range(len(tree))])


def loss_by_hand(values, trees, words, classes, l2):
    losses = []
    for tree in trees:
        nodes = by_hand(values, tree, words)
        logits = nodes @ values["logits/kernel"] + values["logits/bias"]
        told = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        losses += [-told[i, classes.index(k)] for i, k in enumerate(tree.labels) if k != "?"]
    weights = ("rntn/tensor", "rntn/matrix", "logits/kernel")
    return np.mean(losses) + l2 * sum((values[name] ** 2).sum() / 2 for name in weights)


def test_the_loss_and_its_gradient_are_those_of_the_recursion():
    """Loss by NumPy; its differences along a direction beside the graph's gradient."""
    model = RNTN(size=3, l2=0.03, unknown_rate=0.0, random_state=0)
    arrays = model._read(TREES, None, reset=True)
    model._draw_seed()
    model._start()
    network = model.network_
    batch = model._fed(arrays["trees"])
    fed = {network.inputs[name]: value for name, value in batch.items()}
    with model.graph_.as_default():
        variables = tf.trainable_variables()
        gradients = [
            tf.convert_to_tensor(g) for g in tf.gradients(network.measures["loss"], variables)
        ]
    names = [variable.op.name for variable in variables]
    random = np.random.default_rng(0)
    values = {n: random.normal(size=v.shape) * 0.4 for n, v in model._variables().items()
              if n in names}  # fmt: skip
    model._set_variables(model._variables() | values)
    loss, *found = model.session_.run([network.measures["loss"], *gradients], fed)

    def told(at):
        return loss_by_hand(at, arrays["trees"], model.vocabulary_, ["0", "1", "2", "3"], 0.03)

    assert loss == pytest.approx(told(values), rel=1e-5)
    for name, gradient in zip(names, found, strict=True):
        direction = random.normal(size=values[name].shape)
        ahead, behind = (
            told(values | {name: values[name] + step * direction}) for step in (1e-6, -1e-6)
        )
        difference = (ahead - behind) / 2e-6
        assert np.sum(gradient * direction) == pytest.approx(difference, rel=1e-3), name


def test_the_size_of_batches_changes_no_answer(model):
    trees = made_trees(30, seed=8)
    together = model.predict_nodes_proba(trees)
    alone = [model.predict_nodes_proba([tree])[0] for tree in trees[:3]]
    for some, same in zip(together, alone, strict=False):
        np.testing.assert_allclose(some, same, atol=1e-6)
    model._sizes, kept = (8, 8, 8), model._sizes
    np.testing.assert_allclose(model.predict_nodes_proba(trees[:3])[1], alone[1], atol=1e-6)
    model._sizes = kept


def test_it_learns_what_a_bag_of_words_cannot(model):
    trees, test = read_trees(made_trees(400)), read_trees(made_trees(300, seed=1))
    said = [[" ".join(tree.leaves()) for tree in part] for part in (trees, test)]
    told = [[tree.labels[0] for tree in part] for part in (trees, test)]
    bag = make_pipeline(CountVectorizer(), LogisticRegression()).fit(said[0], told[0])
    assert bag.score(said[1], told[1]) < 0.7
    assert model.score(test) > 0.85
    assert model.score(test, of="nodes") > 0.95
    assert model.history_["node_accuracy"][-1] > 0.95 > 0.7 > model.history_["node_accuracy"][0]


def test_negation_turns_round(model):
    def said(text):
        return f"(? (? (? the) (? film)) (? (? is) {text}))"

    good, not_good, bad, not_bad = model.predict(
        [said(f"(? {word})") if len(word) < 5 else said(f"(? (? not) (? {word[4:]}))")
         for word in ("good", "not good", "bad", "not bad")]
    )  # fmt: skip
    assert good > 2 > not_good
    assert bad < 2 < not_bad


# ---- asking --------------------------------------------------------------------------------------


def test_answers_for_roots_and_nodes(model):
    trees = made_trees(60, seed=2)
    told = model.predict_nodes_proba(trees)
    assert [len(each) for each in told] == [len(tree) for tree in read_trees(trees)]
    np.testing.assert_allclose(np.concatenate(told).sum(1), 1, rtol=1e-5)
    np.testing.assert_array_equal(model.predict_proba(trees), [each[0] for each in told])
    roots = [labels[0] for labels in model.predict_nodes(trees)]
    assert model.predict(trees).tolist() == roots
    is_right = np.array(roots) == [int(tree.labels[0]) for tree in read_trees(trees)]
    assert model.score(trees) == pytest.approx(np.mean(is_right))


def test_unknown_words_and_labels(model):
    assert model.vocabulary_[0] == "<unk>"
    known, other = (model.predict_proba(f"(? (? not) (? {w}))") for w in ("zebra", "unicorn"))
    np.testing.assert_array_equal(known, other)
    with pytest.raises(ValueError, match="the label '7' of tree 1 was not among those"):
        model.partial_fit("(7 good)")
    with pytest.raises(ValueError, match="none of the roots has a label"):
        model.score("(? (3 good) (3 good))")
    named = RNTN(size=3, max_iter=1).fit("(good fine) (bad (bad not) (good fine))")
    assert named.classes_.tolist() == ["bad", "good"]


def test_a_tree_is_drawn(model, tmp_path):
    figure = model.draw_tree("(? (? not) (? (? very) (? bad)))", path=tmp_path / "tree.png")
    words = [text.get_text().partition("\n")[2] for text in figure.axes[0].texts]
    assert words == ["", "not", "", "very", "bad"]
    assert (tmp_path / "tree.png").stat().st_size > 1000


def test_batches_of_trees_are_learned_from_as_lists_are(tmp_path):
    """A function gives steps of training; words, labels and sizes are those of all batches."""
    trees = made_trees(40)
    (tmp_path / "last.txt").write_text("\n".join(trees[20:]))
    whole = RNTN(size=4, max_iter=2, batch_size=20, shuffle=False, random_state=0)
    expected = whole.fit(trees).predict_proba(trees)
    apart = RNTN(size=4, max_iter=2, random_state=0)
    apart.fit(lambda: iter([trees[:20], tmp_path / "last.txt"]), validation=trees[:7])
    assert apart.vocabulary_ == whole.vocabulary_
    np.testing.assert_allclose(apart.predict_proba(trees), expected, atol=1e-5)
    assert len(apart.history_["val_loss"]) == 2
    once = RNTN(size=4, max_iter=2, batch_size=20, shuffle=False, random_state=0)
    once.fit(part for part in (trees[:20], "\n".join(trees[20:])))
    np.testing.assert_allclose(once.predict_proba(trees), expected, atol=1e-5)
    with pytest.raises(ValueError, match="RNTN: tree 2, line 1, column 19"):
        RNTN().fit(lambda: [TREES, ["(1 fine)", "(3 (2 not) (4 bad)"]])
    with pytest.raises(ValueError, match="RNTN: there is no tree"):
        RNTN().fit(list)


def test_a_saved_model_tells_the_same(tmp_path, model):
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    trees = made_trees(20, seed=3)
    np.testing.assert_allclose(loaded.predict_proba(trees), model.predict_proba(trees), atol=1e-5)
    assert loaded.classes_.tolist() == [0, 1, 2, 3, 4]
