"""The labs of recurrent networks, with the course's numbers.

What trains for minutes runs here in a shortened form; the numbers of the full labs stand in the
comments, and `slow` tests assert them.
"""

import re

import numpy as np
import pytest
from tests.examples.labs import assert_pictures, needs, run_lab

SAMPLE = [
    [[1, 2, 3, 4, 3, 2], [1, 2, 1, 1, 1, 2], [1, 2, 2, 2, 2, 2]],
    [[1, 2, 3, 4, 3, 2], [3, 2, 2, 1, 1, 2], [0, 0, 0, 0, 3, 2]],
]


def numbers_after(words: str, text: str) -> list[float]:
    """The number after each place where `words` (a pattern) stand."""
    return [float(number) for number in re.findall(words + r"(\d+\.?\d*)", text)]


def at_fixed_weights(tf, outputs):
    """`outputs` where each variable holds sin 1, sin 2, ... as in the lab."""
    with tf.Session() as sess:
        for variable in tf.trainable_variables():
            shape = variable.shape.as_list()
            values = np.sin(np.arange(1.0, np.prod(shape) + 1)).reshape(shape)
            sess.run(variable.initializer, {variable.initial_value: values})
        return sess.run(outputs)


def test_lab_3_1_gives_the_numbers_of_tensorflows_cells(tmp_path, oracle):
    text = run_lab("lab_3_1_lstm_cells.py", "--out", tmp_path)
    assert "(<tf.Tensor 'zeros:0' shape=(1, 4) dtype=float32>, <tf.Tensor 'zeros:0'" in text
    assert "input: [[3. 2. 2. 2. 2. 2.]]\n" in text
    assert "LSTMStateTuple(c=array([[" in text
    assert "the output is the new h: True\n" in text
    assert "the last output is the last h: True\n" in text
    assert "shape=(?, ?, 5), dtype=float32)\noutput of shape (2, 3, 5):" in text
    assert re.findall(r"<tf.Variable '(\S+):0' shape=(.+) dtype=float32_ref>", text) == [
        ("LSTM_sample1/basic_lstm_cell/kernel", "(10, 16)"),
        ("LSTM_sample1/basic_lstm_cell/bias", "(16,)"),
        ("rnn/multi_rnn_cell/cell_0/lstm_cell/kernel", "(10, 16)"),
        ("rnn/multi_rnn_cell/cell_0/lstm_cell/bias", "(16,)"),
        ("rnn/multi_rnn_cell/cell_1/lstm_cell/kernel", "(9, 20)"),
        ("rnn/multi_rnn_cell/cell_1/lstm_cell/bias", "(20,)"),
    ]

    tf = oracle
    arrays = np.load(tmp_path / "lab_3_1.npz")
    with tf.Graph().as_default():
        cell = tf.nn.rnn_cell.BasicLSTMCell(4)
        _, state = cell(tf.constant([[3.0, 2, 2, 2, 2, 2]]), (tf.zeros([1, 4]),) * 2)
        assert arrays["cell"].shape == (2, 1, 4)
        np.testing.assert_allclose(arrays["cell"], at_fixed_weights(tf, state), atol=1e-6)
    with tf.Graph().as_default():
        cells = [tf.nn.rnn_cell.LSTMCell(4), tf.nn.rnn_cell.LSTMCell(5)]
        stacked = tf.nn.rnn_cell.MultiRNNCell(cells)
        outputs, _ = tf.nn.dynamic_rnn(stacked, tf.constant(SAMPLE, tf.float32), dtype=tf.float32)
        np.testing.assert_allclose(arrays["outputs"], at_fixed_weights(tf, outputs), atol=1e-6)


@needs("mnist")
def test_lab_3_2_reads_rows_of_digits():
    text = run_lab("lab_3_2_mnist_lstm.py", "--samples", "4000")
    assert 'Tensor("add:0", shape=(?, 10), dtype=float32)\n' in text
    losses = numbers_after("Minibatch Loss= ", text)
    assert losses == pytest.approx([1.937, 1.372, 1.179, 1.199], rel=0.1)
    # 84.4 after 10,000
    assert numbers_after("10000 test images: ", text) == [pytest.approx(66.3, abs=4.0)]


@needs("mnist")
@pytest.mark.slow
def test_lab_3_2_classifies_the_test_digits():
    text = run_lab("lab_3_2_mnist_lstm.py")
    assert numbers_after("10000 test images: ", text)[0] >= 94.5  # 96.8 with this seed
    assert min(numbers_after("Training Accuracy= ", text)[-10:]) >= 0.9


@pytest.fixture(scope="module")
def lab_3_3(tmp_path_factory):
    """What lab 3.3 prints of an epoch on the first 60,000 words, and its pictures' folder.

    Most of its time went into a plane for 300 words.
    """
    folder = tmp_path_factory.mktemp("lab_3_3")
    options = ("--epochs", "1", "--words", "60000", "--shown", "60", "--out", folder)
    return run_lab("lab_3_3_word_model.py", *options), folder


@needs("ptb")
def test_lab_3_3_builds_the_network_of_the_course(lab_3_3):
    text, _ = lab_3_3
    assert "929589 words to train on, 10000 different ones\n" in text
    assert "[[9970 9971 9972 9974 9975 9976 9980 9981 9982 9983 9984 9986" in text
    assert "aer banknote berlitz calloway centrust cluett fromstein gitano" in text
    assert 'shape=(60, 20, 200), dtype=float32)\nTensor("rnn/transpose_1:0", shape=(60, 20' in text
    assert "shape of the output: (1200, 10000)\neach row is a distribution: True\n" in text
    assert numbers_after("loss at the start: ", text) == [pytest.approx(9.21, abs=0.02)]
    assert numbers_after("cost at the start: ", text) == [pytest.approx(184.2, abs=0.4)]
    assert re.findall(r"<tf.Variable '(\S+)' shape=(.+) dtype=float32_ref>", text) == [
        ("embedding_vocab:0", "(10000, 200)"),
        ("rnn/multi_rnn_cell/cell_0/basic_lstm_cell/kernel:0", "(456, 1024)"),
        ("rnn/multi_rnn_cell/cell_0/basic_lstm_cell/bias:0", "(1024,)"),
        ("rnn/multi_rnn_cell/cell_1/basic_lstm_cell/kernel:0", "(384, 512)"),
        ("rnn/multi_rnn_cell/cell_1/basic_lstm_cell/bias:0", "(512,)"),
        ("softmax_w:0", "(128, 10000)"),
        ("softmax_b:0", "(10000,)"),
    ]
    assert "value: 8.0\ngradient in x: 10.0\ngradient in y: 3.0\n" in text
    assert "gradient of the word vectors: IndexedSlices\n" in text
    assert "variables of the three models: 7\n" in text


@needs("ptb")
def test_lab_3_3_learns_words_and_draws_them(lab_3_3):
    text, folder = lab_3_3
    assert "Epoch 1 : Learning rate: 1.000\nItr 10 of 49, perplexity: " in text
    (train,) = numbers_after("Train Perplexity: ", text)
    (valid,) = numbers_after("Valid Perplexity: ", text)
    (test,) = numbers_after("Test Perplexity: ", text)
    # 10,000 before training; 1,140, 718 and 692 after the first 150,000 words.
    assert 500 < train < 2500
    assert 500 < valid < 1300
    assert 500 < test < 1300
    assert_pictures(folder, "lab_3_3_words_pca", "lab_3_3_words_tsne")


@needs("tinyshakespeare")
def test_lab_3_4_learns_characters_and_writes_in_three_ways():
    text = run_lab("lab_3_4_character_model.py", "--steps", "150")
    assert "vocabulary size: 65\n" in text
    assert "Characters: (' ', 'e', 't', 'o', 'a', 'h', 's', 'r', 'n', 'i', '\\n', 'l', " in text
    assert "vocab number of 'F': 49\n" in text
    assert "[[49  9  7 ...  1  4  7]\n [19  4 14 ... 14  9 20]\n [ 8 20 10 ...  8 10 18]" in text
    assert 'Tensor("rnn/add:0", shape=(3000, 65), dtype=float32)\n' in text
    assert re.findall(r"<tf.Variable 'rnn/rnnlm_class1/(\S+):0' shape=(\S+, \S+|\S+) ", text) == [
        ("softmax_w", "(128, 65)"),
        ("softmax_b", "(65,)"),
        ("embedding", "(65, 128)"),
        ("multi_rnn_cell/cell_0/basic_rnn_cell/kernel", "(256, 128)"),
        ("multi_rnn_cell/cell_0/basic_rnn_cell/bias", "(128,)"),
    ]
    first, *_, last = numbers_after("train_loss = ", text)
    assert first == pytest.approx(np.log(65), abs=0.1)
    assert last < 2.3  # 2.05 after 200 steps, 1.93 after 300

    characters = set("\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    written = {}
    for way in ("the likeliest", "drawn", "drawn at word starts"):
        samples = re.findall(rf"^{way}: (['\"].+['\"])$", text, re.MULTILINE)
        written[way] = [sample.encode().decode("unicode_escape")[1:-1] for sample in samples]
        assert [len(sample) for sample in written[way]] == [204, 204]
        for sample in written[way]:
            assert sample.startswith("The ")
            assert set(sample) <= characters
    assert written["the likeliest"][0] == written["the likeliest"][1]
    assert written["drawn"][0] != written["drawn"][1]
    assert written["drawn at word starts"][0] != written["drawn at word starts"][1]
