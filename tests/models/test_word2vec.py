"""Vectors of words: neighbours by a plain loop, losses by NumPy, topics that come together."""

import itertools

import numpy as np
import pytest

from graphmode.models import Word2Vec, load
from graphmode.models.text.vectors import WordVectors
from graphmode.models.text.word2vec import NeighbourBatches, neighbours

SEA = ["ship", "boat", "sail", "harbour", "captain", "wave"]
BREAD = ["flour", "oven", "dough", "baker", "crust", "yeast"]


def corpus(n=250, seed=3):
    """Lines of five words of one topic or the other, with "the" among them."""
    random = np.random.default_rng(seed)
    topics = [SEA, BREAD]
    return [
        ["the", *random.choice(topics[i % 2], 4, replace=False).tolist(), "the"] for i in range(n)
    ]


def small(**parameters):
    return Word2Vec(
        **{"size": 10, "window": 3, "max_iter": 12, "subsample": 0.02, "random_state": 0}
        | parameters
    )


def begun(model, text):
    """The batches of a text for a model that has its initial values."""
    arrays = model._read(text, None, reset=True)
    model._draw_seed()
    model._start()
    return model._batches(arrays)


@pytest.fixture(scope="module")
def model():
    return small().fit(corpus(), validation=corpus(20, seed=4))


# ---- words and their neighbours ------------------------------------------------------------------


def by_hand(numbers, lines, widths):
    """Each word's neighbours, as a loop finds them."""
    for i, width in enumerate(widths):
        near = range(max(0, i - width), min(len(numbers), i + width + 1))
        yield [int(numbers[j]) for j in near if j != i and lines[j] == lines[i]]


def test_neighbours_are_those_of_a_plain_loop():
    random = np.random.default_rng(0)
    numbers = random.integers(0, 9, 60)
    lines = np.repeat(np.arange(7), [1, 14, 2, 20, 3, 11, 9])
    widths = random.integers(1, 5, 60)
    places, are_near = neighbours(lines, np.arange(60), widths, 4)
    found = [numbers[row[near]].tolist() for row, near in zip(places, are_near, strict=True)]
    assert found == list(by_hand(numbers, lines, widths))
    assert found[0] == []  # alone in its line


@pytest.mark.parametrize("at_once", [1 << 16, 13])
def test_an_epoch_gives_each_pair_once(monkeypatch, at_once):
    monkeypatch.setattr("graphmode.models.text.word2vec._CENTRES_AT_ONCE", at_once)
    numbers, lines = np.arange(50, dtype=np.int32), np.repeat(np.arange(5), 10)
    batches = NeighbourBatches(numbers, lines, 1, np.ones(50), False, 10)
    pairs = [
        (int(x), int(y))
        for batch in batches.epoch(0)
        for x, y in zip(batch["x"], batch["y"], strict=True)
    ]
    beside = [(i, j) for i, j in itertools.product(range(50), repeat=2) if abs(i - j) == 1]
    expected = [(i, j) for i, j in beside if i // 10 == j // 10]
    assert sorted(pairs) == expected
    assert pairs != expected
    assert batches.n_batches == 9


def test_an_epoch_draws_other_windows_and_the_same_again():
    numbers, lines = np.arange(40, dtype=np.int32), np.zeros(40, np.int32)
    batches = NeighbourBatches(numbers, lines, 5, np.ones(40), True, 40, seed=2, shuffle=False)
    first, again, other = (next(iter(batches.epoch(number)))["x"] for number in (0, 0, 1))
    assert first.shape == (40, 10)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    reach = (first[10:30] >= 0).sum(1)
    assert set(reach.tolist()) == {2, 4, 6, 8, 10}


def test_frequent_words_are_left_out_by_chance():
    numbers = np.tile(np.array([0, 0, 0, 1], np.int32), 5000)
    kept = np.array([0.2, 1.0])
    batches = NeighbourBatches(numbers, np.zeros(20000, np.int32), 1, kept, True, 1000)
    drawn = np.concatenate([batch["y"] for batch in batches.epoch(0)])
    counts = np.bincount(drawn)
    assert counts[0] / counts[1] == pytest.approx(0.6, abs=0.03)
    assert small(subsample=0.01).fit(corpus(60))._kept()[0] == pytest.approx((0.01 * 3) ** 0.5)


# ---- the network ---------------------------------------------------------------------------------


def zipf(n):
    """How likely each of `n` classes is drawn."""
    k = np.arange(n)
    return np.log((k + 2) / (k + 1)) / np.log(n + 1)


@pytest.mark.parametrize("architecture", ["skip-gram", "cbow"])
@pytest.mark.parametrize("loss", ["nce", "sampled"])
def test_the_loss_of_a_step_is_numpy_s(architecture, loss):
    model = small(architecture=architecture, loss=loss, n_negative=4)
    batch = next(iter(begun(model, corpus(30)).epoch(0)))
    x, y = batch["x"], batch["y"]
    values = {name.removeprefix("word2vec/"): v for name, v in model._variables().items()}
    graph = model.graph_
    sampler = next(op for op in graph.get_operations() if op.type == "LogUniformCandidateSampler")
    fed = {model.network_.inputs["x"]: x, model.network_.inputs["y"]: y}
    found, drawn, true_count, drawn_count = model.session_.run(
        [model.network_.measures["loss"], *sampler.outputs], fed
    )
    if architecture == "cbow":
        hidden = np.stack([values["vectors"][row[row >= 0]].mean(0) for row in x])
    else:
        hidden = values["vectors"][x]
    logits = hidden @ values["weights"].T + values["biases"]
    # The share of tries in which a class is met at least once, of as many tries as were needed.
    tries = np.log1p(-drawn_count[0]) / np.log1p(-zipf(13)[drawn[0]])
    expected_count = -np.expm1(tries * np.log1p(-zipf(13)))
    np.testing.assert_allclose(true_count[:, 0], expected_count[y], rtol=1e-4)
    logits = logits - np.log(expected_count)
    true, other = logits[np.arange(len(y)), y], logits[:, drawn]
    if loss == "nce":
        losses = np.log1p(np.exp(-true)) + np.log1p(np.exp(other)).sum(1)
    else:
        other = np.where(drawn == y[:, np.newaxis], -np.inf, other)
        losses = np.log(np.exp(true) + np.exp(other).sum(1)) - true
    assert found == pytest.approx(losses.mean(), rel=1e-4)


@pytest.mark.parametrize("architecture", ["skip-gram", "cbow"])
@pytest.mark.parametrize("loss", ["nce", "sampled"])
def test_neighbours_are_of_one_topic(architecture, loss):
    model = small(architecture=architecture, loss=loss, max_iter=40).fit(corpus())
    assert set(model.vocabulary_) == {"the", *SEA, *BREAD}
    for topic in (SEA, BREAD):
        for word in topic:
            near = [other for other, _ in model.most_similar(word, 4)]
            assert set(near) - {"the"} <= set(topic), word


def test_the_score_is_the_log_probability_of_neighbours(model):
    lines = [["the", "ship", "boat", "unheard"], ["oven", "dough"]]
    vectors, weights, biases = (model._variables()[f"word2vec/{n}"] for n in
                                ("vectors", "weights", "biases"))  # fmt: skip
    logits = vectors @ weights.T + biases
    told = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    pairs = [("the", "ship"), ("the", "boat"), ("ship", "boat"), ("oven", "dough")]
    places = [tuple(map(model.vocabulary_.index, pair)) for pair in pairs]
    kept = model._kept()
    weight = [kept[i] * kept[j] for i, j in places]
    total = sum((told[i, j] + told[j, i]) * kept[i] * kept[j] for i, j in places)
    assert model.score(lines) == pytest.approx(total / (2 * sum(weight)), rel=1e-4)
    assert model.score(corpus(20, seed=5)) > np.log(1 / 13)
    assert model.history_["val_loss"][-1] < model.history_["val_loss"][0]


# ---- asking --------------------------------------------------------------------------------------


def test_vectors_by_word(model):
    assert isinstance(model.wv_, WordVectors)
    assert len(model.wv_) == 13 and "ship" in model.wv_ and "tank" not in model.wv_
    np.testing.assert_array_equal(model.wv_["the"], model.embeddings_[0])
    assert model.counts_[0] == 500 and sum(model.counts_) == 1500
    with pytest.raises(KeyError):
        model.wv_["tank"]


def test_an_analogy_is_a_sum_of_directions(model):
    vectors = np.array([[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1.2, 1], [0, -1, 1]], np.float32)
    known = Word2Vec(size=3, min_count=1, n_negative=1, random_state=0)
    begun(known, ["man king woman queen frog"])
    known._set_variables(known._variables() | {"word2vec/vectors": vectors})
    known.vocabulary_ = ["man", "king", "woman", "queen", "frog"]
    (answer, cosine), *_ = known.analogy("man", "king", "woman", 2)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    direction = unit[1] - unit[0] + unit[2]
    assert answer == "queen"
    assert cosine == pytest.approx(unit[3] @ direction / np.linalg.norm(direction), rel=1e-5)


def test_words_are_drawn(model, tmp_path):
    figure = model.draw_words(8, method="pca", path=tmp_path / "words.png")
    assert [text.get_text() for text in figure.axes[0].texts] == model.vocabulary_[:8]
    assert (tmp_path / "words.png").stat().st_size > 1000


# ---- forms of text, folders, bad input -----------------------------------------------------------


def test_texts_of_one_meaning_give_one_model(tmp_path):
    lines = corpus(60)
    text = "\n".join(map(" ".join, lines))
    (tmp_path / "text.txt").write_text(text)
    forms = [lines, text, [text], tmp_path / "text.txt", (line for line in lines)]
    losses = [small(max_iter=1).fit(form, validation=text).history_["loss"] for form in forms]
    assert losses == losses[:1] * 5


def test_a_saved_model_knows_the_same_and_goes_on(tmp_path, model):
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert loaded.most_similar("ship", 3) == model.most_similar("ship", 3)
    assert loaded.score(corpus(5)) == model.score(corpus(5))
    loaded.partial_fit(corpus())
    assert loaded.n_iter_ == model.n_iter_ + 1


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "Word2Vec: the text is empty"),
        ([], "Word2Vec: the text is empty"),
        ([1, 2], "Word2Vec learns from texts: str, list of str, Path; not int"),
        ("one " * 9, "needs two words that occur min_count=5 times; only 'one' does"),
        ("a b c d", r"min_count=5 times; none does. Give it more text, or lower min_count"),
        ("a\nb\n" * 9, "no line has two words of the vocabulary beside each other; 18 of 18"),
    ],
)
def test_texts_that_cannot_be_learned_from(text, message):
    with pytest.raises(ValueError, match=message):
        small().fit(text)


def test_a_word_that_was_not_met(model):
    with pytest.raises(ValueError, match=r"'ships' \(token 1\) is not .* Near: ship"):
        model.most_similar("ships")
    with pytest.raises(ValueError, match="architecture must be 'skip-gram', 'cbow'"):
        small(architecture="glove").fit(corpus())


def test_sentences_that_come_in_parts_teach_as_well(monkeypatch):
    monkeypatch.setattr("graphmode.models.text.word2vec._WORDS_AT_ONCE", 500)
    model = small().fit(lambda: iter(corpus()))
    assert model.vocabulary_ == small(max_iter=1).fit(corpus()).vocabulary_
    near = [word for word, _ in model.most_similar("ship", 5)]
    assert set(near) == set(SEA) - {"ship"}
    lines = lambda: (" ".join(words) for words in corpus())  # noqa: E731
    assert small(max_iter=2).fit(lines).counts_.tolist() == model.counts_.tolist()
    once = iter(corpus())
    with pytest.raises(ValueError, match="give the function that makes it"):
        small().fit(lambda: once)
