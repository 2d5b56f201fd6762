"""Language models: probabilities by hand, state that is carried, texts that go on."""

import itertools
import math

import numpy as np
import pytest

from graphmode.models import CharLanguageModel, WordLanguageModel, load
from graphmode.models.text.language import WindowBatches, _until
from graphmode.models.text.streams import StreamedWindows
from graphmode.models.text.vectors import nearest
from graphmode.models.training import NewStreams

RHYME = (
    "the cat sat on the mat\nthe dog sat on the log\nthe cat saw the dog\nthe dog saw the cat\n"
    * 12
)


def characters(**parameters):
    return CharLanguageModel(
        **{
            "n_hidden": 24, "n_layers": 1, "seq_length": 12, "batch_size": 6, "max_iter": 12,
            "learning_rate": 0.02, "random_state": 0,
        } | parameters
    )  # fmt: skip


def words(**parameters):
    return WordLanguageModel(
        **{
            "n_hidden": 20, "n_layers": 1, "seq_length": 6, "batch_size": 4, "max_iter": 30,
            "decay": 1.0, "optimizer": "adam", "learning_rate": 0.02, "random_state": 0,
        } | parameters
    )  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return characters().fit(RHYME, validation=RHYME[:200])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_probabilities_are_those_of_an_lstm(model):
    """Next characters of a text, by NumPy, a step at a time."""
    values = {name.removeprefix("language_model/"): v for name, v in model._variables().items()}
    kernel, bias = (values[f"rnn/multi_rnn_cell/cell_0/lstm_cell/{n}"] for n in ("kernel", "bias"))
    text = RHYME[:150]
    numbers = [model.vocabulary_.index(char) for char in text]
    c = h = np.zeros(24)
    total = 0.0
    for given, following in itertools.pairwise(numbers):
        z = np.concatenate([values["embeddings"][given], h]) @ kernel + bias
        i, j, f, o = np.split(z, 4)
        c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(j)
        h = sigmoid(o) * np.tanh(c)
        logits = h @ values["logits/kernel"] + values["logits/bias"]
        total += math.log(np.exp(logits).sum()) - logits[following]
    assert model.score_samples([text]) == pytest.approx([-total], rel=1e-4)
    with pytest.raises(ValueError, match=r"score_samples takes texts; put one into a list"):
        model.score_samples(text)
    short = text[:40]  # one stream
    assert model.bits_per_char(short) == pytest.approx(-model.score(short) / math.log(2))
    assert model.perplexity(short) == pytest.approx(math.exp(-model.score(short)))


def test_it_learns(model):
    assert model.history_["val_loss"][-1] < 0.6 < 1.2 < model.history_["val_loss"][0]
    assert model.generate("the cat sa", 40, temperature=0)[0] in "tw"
    assert sorted(model.vocabulary_[:2]) == [" ", "t"]


def test_windows_go_on_where_the_last_one_ended():
    batches = list(WindowBatches(np.arange(26), 2, 4).epoch(0))
    assert [batch["x"].tolist() for batch in batches] == [
        [[0, 1, 2, 3], [12, 13, 14, 15]],
        [[4, 5, 6, 7], [16, 17, 18, 19]],
        [[8, 9, 10, 11], [20, 21, 22, 23]],
    ]
    assert (batches[1]["y"] == batches[1]["x"] + 1).all()


def test_the_state_is_carried_within_an_epoch_and_not_into_the_next():
    still = {"max_iter": 1, "optimizer": "sgd", "learning_rate": 1e-9}
    text = RHYME[: 6 * 96 + 1]  # 8 windows of 12, or 2 of 48
    model = characters(**still).fit(text)
    whole = characters(**still, seq_length=48).fit(text)
    assert model.history_["loss"] == pytest.approx(whole.history_["loss"], rel=1e-6)
    again = model.partial_fit(text).history_["loss"]
    assert again[1] == pytest.approx(again[0], rel=1e-6)


def test_layers_share_weights_where_they_are_tied():
    free, tied = (
        characters(cell="rnn", n_layers=2, tie_layers=t, max_iter=1).fit(RHYME)
        for t in (False, True)
    )
    kernels = [
        [name for name in model._variables() if name.endswith("basic_rnn_cell/kernel")]
        for model in (free, tied)
    ]
    assert [len(names) for names in kernels] == [2, 1]
    assert "Adam" not in kernels[1][0]


# ---- writing on ----------------------------------------------------------------------------------


def test_texts_of_one_seed_are_equal(model):
    first, same, other = (model.generate("the ", 60, seed=s) for s in (1, 1, 2))
    assert first == same != other
    assert len(first) == 60
    assert "".join(model.generate("the ", 60, seed=1, stream=True)) == first


def test_temperature_and_top_k(model):
    best = model.generate("the ", 30, temperature=0)
    assert best == model.generate("the ", 30, top_k=1, seed=5)
    assert best == model.generate("the ", 30, temperature=1e-3, seed=6)
    wild = model.generate("the ", 300, temperature=100.0, seed=7)
    assert len(set(wild)) > 0.8 * len(model.vocabulary_)


@pytest.mark.parametrize(
    "pieces, stop, expected",
    [
        ("abcd", "cd", ["a", "b"]),
        ("abab", "abc", ["ab", "ab"]),
        (["ab", "cab", "d"], "bc", ["a"]),
        ("aab", "ab", ["a"]),
        ("abc", None, ["a", "b", "c"]),
    ],
)
def test_it_ends_before_a_text(pieces, stop, expected):
    assert list(_until(stop, iter(pieces))) == expected


def test_a_text_ends_where_it_is_told_to(model):
    text = model.generate("the cat", 200, temperature=0, stop="\n")
    assert text
    assert "\n" not in text


@pytest.mark.parametrize(
    "asked, text",
    [
        ({"prompt": "the Ω"}, "'Ω' (token 5) is not among the"),
        ({"temperature": -1.0}, "temperature=-1.0: it must be 0 or more"),
        ({"temperature": math.nan}, "temperature=nan: it must be 0 or more"),
        ({"length": 0}, "length=0: it must be a whole number, 1 or more"),
        ({"top_k": 0}, "top_k=0: it must be a whole number, 1 or more"),
    ],
)
def test_what_cannot_be_written(model, asked, text):
    with pytest.raises(ValueError) as raised:
        model.generate(**asked)
    assert text in str(raised.value)


# ---- words ---------------------------------------------------------------------------------------


def test_words_and_their_neighbours():
    model = words().fit(RHYME)
    assert model.vocabulary_[:2] == ["the", "<eos>"]
    assert model.perplexity(RHYME) < 2.5
    assert model.generate("the dog sat on", 2, temperature=0) == " the log"
    assert model.generate("", 1, temperature=0) == "the"
    assert model.generate("the cat saw the dog", 3, temperature=0).startswith("\nthe")
    assert model.embeddings_.shape == (len(model.vocabulary_), 20)
    similar = model.most_similar("cat", 3)
    assert len(similar) == 3
    assert similar == sorted(similar, key=lambda pair: -pair[1])


def test_rare_words_are_one_word():
    model = words(max_iter=1, max_vocabulary=5).fit(RHYME)
    assert model.vocabulary_ == ["the", "<eos>", "cat", "dog", "<unk>"]
    numbers = model._read("the zebra sat\n", None, reset=False)["numbers"]
    assert numbers.tolist() == [0, 4, 4, 1]
    exact = words(max_iter=1).fit(RHYME)
    with pytest.raises(ValueError, match=r"'cats' \(token 2\) is not .* Near: cat"):
        exact.perplexity("the cats sat")
    assert words(max_iter=1, min_count=13).fit(RHYME).vocabulary_[-1] == "<unk>"


def test_what_stands_for_unknown_words_is_not_written():
    model = words(max_vocabulary=4, max_iter=5).fit(RHYME)
    assert "<unk>" in model.vocabulary_
    assert "<unk>" not in model.generate("the", 60, temperature=3.0, seed=0)


def test_the_learning_rate_falls_by_epoch():
    model = characters(decay=0.5, decay_after=2)
    assert [model._rate_of(epoch) / 0.02 for epoch in range(4)] == [1, 1, 0.5, 0.25]


def test_zaremba_s_table_is_the_default_and_can_be_left():
    model = WordLanguageModel(size="medium", n_hidden=64)
    assert [model._setting(n) for n in ("n_hidden", "seq_length", "dropout")] == [64, 35, 0.5]
    rates = [WordLanguageModel()._rate_of(epoch) for epoch in range(7)]
    assert rates == [1, 1, 1, 1, 0.5, 0.25, 0.125]
    assert WordLanguageModel()._n_epochs() == 13


def test_a_step_follows_the_sum_over_a_window():
    """Plain descent: the first step moves the bias by the rate times the summed gradient."""
    shared = {"optimizer": "sgd", "learning_rate": 1e-3, "max_iter": 1, "clip_norm": 1e9}
    model = words(**shared)
    arrays = model._read(RHYME, None, reset=True)
    model._draw_seed()
    model._start()
    before = model._variables()
    batch = next(iter(model._batches(arrays).epoch(0)))
    found = model.network_.ask(model.session_, "log_probabilities", batch)
    model._train_on(batch, 1e-3, [])
    size = len(model.vocabulary_)
    gradient = np.exp(found).sum((0, 1)) - np.bincount(batch["y"].ravel(), minlength=size)
    moved = before["language_model/logits/bias"] - model._variables()["language_model/logits/bias"]
    np.testing.assert_allclose(moved, 1e-3 * gradient / 4, rtol=2e-3, atol=1e-7)


def test_sums_of_vectors():
    vectors = np.array([[1, 0], [0, 1], [1, 1], [-1, 0.1]], float)
    names = ["king", "man", "prince", "frog"]
    assert [word for word, _ in nearest(vectors, names, ["prince"], ["man"], 5, "it")] == [
        "king",
        "frog",
    ]
    assert nearest(vectors, names, ["king"], [], 1, "it") == [("prince", pytest.approx(0.5**0.5))]


# ---- folders, bad input --------------------------------------------------------------------------


def test_a_saved_model_writes_the_same_text(tmp_path, model):
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert loaded.generate("the ", 50, seed=3) == model.generate("the ", 50, seed=3)
    assert loaded.vocabulary_ == model.vocabulary_


def test_texts_that_cannot_be_learned_from(tmp_path):
    with pytest.raises(ValueError, match="the text has 9 tokens; one batch of 6 x 12 needs 73"):
        characters().fit("too short")
    with pytest.raises(ValueError, match="CharLanguageModel: the text is empty"):
        characters().fit("")
    with pytest.raises(ValueError, match="learns from texts: str, list of str, Path; not int"):
        characters().fit([1, 2])
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(ValueError, match=r"latin.txt is no text in UTF-8: byte 3"):
        characters().fit(tmp_path / "latin.txt")
    with pytest.raises(FileNotFoundError):
        characters().fit(tmp_path / "none.txt")


def test_texts_come_as_lists_and_files(tmp_path):
    (tmp_path / "rhyme.txt").write_text(RHYME)
    model = characters(max_iter=1)
    losses = [
        model.fit(form).history_["loss"]
        for form in (RHYME, tmp_path / "rhyme.txt", RHYME.removesuffix("\n").split("\n"))
    ]
    assert losses[0] == losses[1]
    assert losses[2] == pytest.approx(losses[0], rel=0.05)


def test_texts_that_are_none():
    model = CharLanguageModel(n_hidden=4, n_layers=1, seq_length=5, batch_size=2, max_iter=1)
    model.fit("a cat sat on a mat")
    with pytest.raises(ValueError, match=r"put one into a list: \[text\]"):
        model.score_samples("a cat")
    with pytest.raises(ValueError, match="prompt=3: it must be a text"):
        model.generate(3)
    with pytest.raises(ValueError, match=r"top_k=2.5: it must be a whole number"):
        model.generate("a", top_k=2.5)
    with pytest.raises(ValueError, match=r"not bytes: X.decode\(\)"):
        model.fit(b"a cat")


# ---- texts that are too many for memory ----------------------------------------------------------


class Shelf:
    """Texts that are had anew each time, and no list."""

    def __init__(self, texts):
        self.texts = texts
        self.n_times = 0

    def __iter__(self):
        self.n_times += 1
        return iter(self.texts)


@pytest.mark.parametrize("kind", [characters, words])
def test_texts_that_come_one_after_the_other_teach_what_a_list_teaches(tmp_path, kind):
    texts = [RHYME[:300], RHYME[300:301], RHYME[301:]]
    (tmp_path / "last.txt").write_text(texts[-1])
    shelf = Shelf([*texts[:-1], tmp_path / "last.txt"])
    model = kind(max_iter=2).fit(shelf)
    assert shelf.n_times == 3  # the vocabulary, two epochs
    expected = kind(max_iter=2).fit(texts)
    assert model.vocabulary_ == expected.vocabulary_
    assert model.history_["loss"] == expected.history_["loss"]
    assert kind(max_iter=2).fit(lambda: texts).history_["loss"] == expected.history_["loss"]


def test_each_token_follows_another_across_parts():
    numbers = np.arange(100, dtype=np.int32)
    texts = lambda: np.split(numbers, [3, 40, 41, 77])  # noqa: E731
    batches = StreamedWindows(texts, 2, 5, 3, WindowBatches)  # parts of 30
    found = list(batches.epoch(0))
    assert batches.n_batches == len(found) == 9
    assert [isinstance(batch, NewStreams) for batch in found] == [True, False, False] * 3
    np.testing.assert_array_equal(
        np.sort(np.concatenate([b["x"].ravel() for b in found])), range(90)
    )
    assert all((batch["y"] == batch["x"] + 1).all() for batch in found)


def test_a_stream_that_has_nothing_and_one_that_has_no_second_epoch():
    with pytest.raises(ValueError, match=r"there is no text\. A generator gives its texts once"):
        characters().fit(lambda: iter(()))
    once = iter([RHYME])
    with pytest.raises(ValueError, match="give the function that makes it"):
        characters().fit(lambda: once)
    with pytest.raises(ValueError, match="the text has 9 tokens; one batch of 6 x 12 needs 73"):
        characters().fit(lambda: ["abcd", "efgh"])
    assert characters(max_iter=1).fit(text for text in [RHYME]).n_iter_ == 1


def test_a_vocabulary_may_be_more_than_the_first_text_tells():
    model = characters().partial_fit(RHYME, vocabulary="qzx" + RHYME)
    assert model.vocabulary_[:5] == ["q", "z", "x", "t", "h"]
    assert model.partial_fit("q" * 80, vocabulary="qzx" + RHYME).n_iter_ == 2
    with pytest.raises(ValueError, match="the first call had a vocabulary of 18, this one of 3"):
        model.partial_fit(RHYME, vocabulary="abc")
    with pytest.raises(ValueError, match=r"'!' .* is not among the 18 that it"):
        model.partial_fit("!" * 80)


def test_a_beginning_without_words_is_none():
    model = words(max_iter=1).fit(RHYME)
    assert model.generate(" \r", 5, seed=1).split() == model.generate("", 5, seed=1).split()
