"""CTC loss, decoders and edit distance: what their records do not show."""

import itertools

import numpy as np
import pytest

import graphmode as tf

PLACES = np.array([[0, 0], [0, 1], [1, 0]])
LABELS = np.array([1, 1, 0], np.int32)
SHAPE = [2, 2]


def logits_of(n_time=4, n_batch=2, n_classes=3, seed=3):
    values = np.random.default_rng(seed).standard_normal((n_time, n_batch, n_classes))
    return values.astype(np.float32)


def sparse(places=PLACES, labels=LABELS):
    return tf.SparseTensor(places, labels, SHAPE)


def run(tensors, feed=None):
    with tf.Session() as session:
        return session.run(tensors, feed)


def probabilities(logits):
    powers = np.exp(logits.astype(np.float64))
    return powers / powers.sum(-1, keepdims=True)


def collapsed(path, blank):
    """What a path says: repetitions merged, blanks removed."""
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol != blank)


def labellings(y):
    """Probability of every labelling of one sequence ``[time, classes]``, by all its paths."""
    found = {}
    for path in itertools.product(range(y.shape[1]), repeat=len(y)):
        said = collapsed(path, y.shape[1] - 1)
        weight = np.prod([y[t, symbol] for t, symbol in enumerate(path)])
        found[said] = found.get(said, 0) + weight
    return found


def test_loss_is_the_sum_over_all_paths():
    logits = logits_of()
    loss = run(tf.nn.ctc_loss(sparse(), logits, [4, 3]))
    y = probabilities(logits)
    expected = [-np.log(labellings(y[:, 0])[1, 1]), -np.log(labellings(y[:3, 1])[(0,)])]
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_nodes_of_the_gradient_are_tensorflows():
    logits = tf.constant(logits_of())
    loss = tf.nn.ctc_loss(sparse(), logits, [4, 3])
    gradient = tf.gradients(loss, logits)[0]
    assert (loss.op.name, loss.op.type) == ("CTCLoss", "CTCLoss")
    assert gradient.op.name == "gradients/CTCLoss_grad/mul"
    types = [node.type for node in tf.get_default_graph().get_operations()[-4:]]
    assert types == ["PreventGradient", "Const", "ExpandDims", "Mul"]
    with pytest.raises(LookupError, match="no way to take the second  derivative of ctc_loss"):
        tf.gradients(gradient, logits)


def test_steps_beyond_the_length_have_no_gradient():
    logits = tf.constant(logits_of())
    gradient = run(tf.gradients(tf.nn.ctc_loss(sparse(), logits, [4, 2]), logits)[0])
    assert np.all(gradient[2:, 1] == 0)
    assert np.all(gradient[:2, 1] != 0)
    np.testing.assert_allclose(gradient.sum(-1), 0, atol=1e-6)


def test_a_class_of_probability_zero_gives_numbers():
    logits = logits_of()
    logits[1:3, :, 0] = -np.inf
    fed = tf.placeholder(tf.float32, logits.shape)
    loss = tf.nn.ctc_loss(sparse(), fed, [4, 4])
    loss, gradient = run([loss, tf.gradients(loss, fed)[0]], {fed: logits})
    expected = [-np.log(labellings(probabilities(logits)[:, b])[said])
                for b, said in enumerate([(1, 1), (0,)])]  # fmt: skip
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("counts", [[2, 2, 3, 3, 3], [1, 1, 1, 1, 9]])
def test_compiled_with_even_and_uneven_numbers_of_labels(counts, monkeypatch):
    # A program has room for twice the mean number of labels, and another way for more.
    places = [[b, i] for b, count in enumerate(counts) for i in range(count)]
    labels = np.arange(13, dtype=np.int32) % 5
    fed = tf.placeholder(tf.float32, [12, 5, 7])
    loss = tf.nn.ctc_loss(tf.SparseTensor(places, labels, [5, 9]), fed, [12, 11, 9, 8, 10])
    fetches, feed = [loss, tf.gradients(loss, fed)[0]], {fed: logits_of(12, 5, 7)}
    interpreted = run(fetches, feed)
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    compiled = run(fetches, feed)
    np.testing.assert_allclose(compiled[0], interpreted[0], rtol=1e-5)
    np.testing.assert_allclose(compiled[1], interpreted[1], rtol=1e-5, atol=2e-6)
    assert np.abs(interpreted[1]).max() > 0.1


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"labels": [1, -1, 0]}, "All labels must be nonnegative integers, batch: 0 labels: 1,-1"),
        ({"lengths": [4, 5]}, r"sequence_length\(1\) <= 4\n  it is 5"),
        ({"lengths": [1, 4]}, r"\(required: 2, available: 1\)0You can turn this error into"),
        ({"places": [[0, 1], [0, 0], [1, 0]]}, r"indices\[1\] = \[0,0\] is out of order"),
        ({"places": [[0, 0], [0, 1], [2, 0]]}, r"indices\[2\] = \[2,0\] is out of bounds"),
        ({"places": [[0, 0], [0, 1], [0, 2]]}, "Labels length is zero in batch 1"),
        ({"labels": [2, 1, 0]}, "null label, batch: 0 num_classes: 3 labels: 2,1 labels seen so"),
    ],
)
@pytest.mark.parametrize("compiled", [False, True])
def test_bad_labels(changed, text, compiled, monkeypatch):
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled" if compiled else "interpreted")
    places, labels = tf.placeholder(tf.int64, [3, 2]), tf.placeholder(tf.int32, [3])
    lengths = tf.placeholder(tf.int32, [2])
    loss = tf.nn.ctc_loss(tf.SparseTensor(places, labels, SHAPE), logits_of(), lengths)
    good = {"places": PLACES, "labels": LABELS, "lengths": [4, 4]}
    feed = {"places": places, "labels": labels, "lengths": lengths}
    with tf.Session() as session:
        assert session.run(loss, {feed[key]: good[key] for key in feed}).shape == (2,)
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            session.run(loss, {feed[key]: {**good, **changed}[key] for key in feed})


def test_arguments_that_are_no_labels_or_twice_the_logits():
    with pytest.raises(TypeError, match=r"Expected labels \(first argument\) to be a SparseTensor"):
        tf.nn.ctc_loss(np.ones((2, 2)), logits_of(), [4, 4])
    with pytest.raises(ValueError, match="Cannot specify both 'inputs' and 'logits'"):
        tf.nn.ctc_loss(sparse(), logits_of(), [4, 4], logits=logits_of())


def test_loss_v2_moves_the_blank():
    logits = logits_of()
    y = probabilities(logits)
    dense = np.array([[2, 2], [1, 0]], np.int32)
    loss = run(tf.nn.ctc_loss_v2(dense, tf.constant(logits), [2, 1], [4, 3]))
    # With blank 0, classes 1 and 2 take the places of 0 and 1.
    moved = y[:, :, [1, 2, 0]]
    expected = [-np.log(labellings(moved[:, 0])[1, 1]), -np.log(labellings(moved[:3, 1])[(0,)])]
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    same = run(tf.nn.ctc_loss_v2(sparse(), tf.constant(logits), None, [4, 3], blank_index=-1))
    np.testing.assert_array_equal(same, run(tf.nn.ctc_loss(sparse(), logits, [4, 3])))
    with pytest.raises(ValueError, match="`blank_index` must be provided when labels is a Sparse"):
        tf.nn.ctc_loss_v2(sparse(), tf.constant(logits), None, [4, 3])


def test_a_wide_beam_finds_the_likeliest_labelling():
    logits = logits_of(5, 1, 4)
    (best, second), score = tf.nn.ctc_beam_search_decoder_v2(logits, [5], 1000, 2)
    best, second, score = run([best, second, score])
    ranked = sorted(labellings(probabilities(logits)[:, 0]).items(), key=lambda item: -item[1])
    assert tuple(best.values) == ranked[0][0]
    assert tuple(second.values) == ranked[1][0]
    np.testing.assert_allclose(np.exp(score[0]), [ranked[0][1], ranked[1][1]], rtol=1e-5)


def test_beam_attributes_are_checked_when_the_graph_is_built():
    with pytest.raises(ValueError, match="'top_paths' of 'CTCBeamSearchDecoder' Op passed 0 less"):
        tf.nn.ctc_beam_search_decoder(logits_of(), [4, 4], top_paths=0)


def test_edit_distance_of_missing_sequences():
    said = tf.SparseTensor([[0, 0], [0, 1]], [1, 2], [3, 2])
    true = tf.SparseTensor([[1, 0]], [1], [3, 1])
    distance = tf.edit_distance(said, true)
    assert distance.shape.as_list() == [3]
    assert run(distance).tolist() == [np.inf, 1, 0]
    assert run(tf.edit_distance(said, true, normalize=False)).tolist() == [2, 1, 0]


def test_edit_distance_of_what_does_not_fit():
    flat = tf.SparseTensor([[0]], [1], [3])
    deep = tf.SparseTensor([[0, 0, 0]], [1], [3, 2, 2])
    pair = tf.SparseTensor([[0, 0]], [1], [3, 2])
    with pytest.raises(ValueError, match="rank at least 2, but hypothesis_shape rank is: 1"):
        tf.edit_distance(flat, flat)
    with pytest.raises(ValueError, match=r"hypothesis_shape does not match truth_shape: 3 vs\. 2"):
        tf.edit_distance(deep, pair)
    with pytest.raises(TypeError, match=r"Hypothesis must be a SparseTensor\."):
        tf.edit_distance(tf.constant([[1]]), pair)
    with pytest.raises(TypeError, match=r"Truth must be a SparseTensor\."):
        tf.edit_distance(pair, tf.constant([[1]]))
