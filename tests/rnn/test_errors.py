"""Inputs that are not what the networks take: TensorFlow's error and words, and the fix."""

import re

import pytest

import graphmode as gm

TIME, BATCH, DEPTH = 4, 3, 5
CELLS = ("BasicRNNCell", "GRUCell", "BasicLSTMCell", "LSTMCell")


def rows(tf):
    x = tf.placeholder(tf.float32, [None, 7], name="rows")
    tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(2), x, dtype=tf.float32)


def rows_time_first(tf):
    x = tf.placeholder(tf.float32, [TIME, None], name="rows")
    tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(2), x, dtype=tf.float32, time_major=True)


def rows_both_ways(tf):
    cells = tf.nn.rnn_cell
    x = tf.placeholder(tf.float32, [None, 7], name="rows")
    tf.nn.bidirectional_dynamic_rnn(cells.GRUCell(2), cells.GRUCell(2), x, dtype=tf.float32)


def word_numbers(tf):
    x = tf.placeholder(tf.int32, [None, TIME], name="words")
    tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(2), x, dtype=tf.float32)


def tensor_for_a_list(tf):
    x = tf.placeholder(tf.float32, [BATCH, TIME, DEPTH], name="steps")
    tf.nn.static_rnn(tf.nn.rnn_cell.GRUCell(2), x, dtype=tf.float32)


def tensor_for_a_list_both_ways(tf):
    cells = tf.nn.rnn_cell
    x = tf.placeholder(tf.float32, [BATCH, TIME, DEPTH], name="steps")
    tf.nn.static_bidirectional_rnn(cells.GRUCell(2), cells.GRUCell(2), x, dtype=tf.float32)


def images(tf):
    x = tf.placeholder(tf.float32, [None, TIME, 6, DEPTH], name="images")
    tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(2), x, dtype=tf.float32)


def vector(tf):
    cell = tf.nn.rnn_cell.GRUCell(2)
    cell(tf.zeros([DEPTH]), cell.zero_state(BATCH, tf.float32))


RANK = r"^Shape \(.+\) must have rank at least 3"
LIST = r"\binputs`? must be a sequence"
LIST_IN_115 = r"^inputs must be a sequence, got Tensor\(\"steps:0\""


@pytest.fixture(params=["graphmode", "tensorflow"])
def tf(request):
    module = gm if request.param == "graphmode" else request.getfixturevalue("oracle")
    with module.Graph().as_default():
        yield module


@pytest.mark.parametrize(
    ("make", "error", "words", "also"),
    [
        (
            rows,
            ValueError,
            RANK,
            [
                r"^Shape \(\?, 7\) .*takes inputs \[batch, time, depth\], and 'rows:0' has no axis "
                "of depth",
                r"created at test_errors\.py:\d+ +x = tf\.placeholder\(tf\.float32, \[None, 7\]",
                r"fix: tf\.expand_dims\(rows, -1\) if each step is one number, or "
                r"tf\.reshape\(rows, \[batch, time, depth\]\)",
            ],
        ),
        (rows_time_first, ValueError, RANK, [r"fix: .*tf\.reshape\(rows, \[time, batch, depth\]"]),
        (rows_both_ways, ValueError, RANK, [r"fix: .*tf\.reshape\(rows, \[batch, time, depth\]"]),
        (word_numbers, ValueError, RANK, [r"fix: tf\.nn\.embedding_lookup\(embedding, words\)"]),
        (
            tensor_for_a_list,
            TypeError,
            LIST,
            [
                LIST_IN_115,
                r'created at test_errors\.py:\d+ +x = tf\.placeholder\(.* name="steps"\)',
                r"fix: tf\.unstack\(steps, axis=1\), .*, or tf\.nn\.dynamic_rnn",
            ],
        ),
        (
            tensor_for_a_list_both_ways,
            TypeError,
            LIST,
            [LIST_IN_115, r"fix: tf\.unstack\(steps, axis=1\)"],
        ),
        (
            images,
            ValueError,
            r'^Input 0 of layer "gru_cell_1" is incompatible with the layer: expected ndim=2, '
            "found ndim=3",
            [],
        ),
        (
            vector,
            ValueError,
            r'^Input 0 of layer "gru_cell_1" is incompatible with the layer: expected ndim=2, '
            "found ndim=1",
            [],
        ),
    ],
)
def test_shapes(tf, make, error, words, also):
    with pytest.raises(error) as caught:
        make(tf)
    text = str(caught.value)
    for pattern in [words, *(also if tf is gm else [])]:
        assert re.search(pattern, text), f"no {pattern!r} in:\n{text}"


def one_step(tf, cell, x):
    cell(x[:, 0], cell.zero_state(BATCH, tf.float32))


def over_time(tf, cell, x):
    tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)


def over_list(tf, cell, x):
    tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)


@pytest.mark.parametrize("run", [one_step, over_time, over_list])
@pytest.mark.parametrize("name", CELLS)
def test_integers(tf, name, run):
    cell = getattr(tf.nn.rnn_cell, name)(2)
    x = tf.placeholder(tf.int64, [BATCH, TIME, DEPTH])
    with pytest.raises(ValueError, match="RNN cell only supports floating point inputs") as caught:
        run(tf, cell, x)
    if tf is gm:
        for pattern in (
            rf"saw dtype: tf\.int64 in {name} '{cell.name}'",
            r"called at test_errors\.py:\d+ +(cell\(|tf\.nn\.(static|dynamic)_rnn\()",
            r"fix: tf\.nn\.embedding_lookup\(.*\) .*, else tf\.cast\(inputs, tf\.float32\)",
        ):
            assert re.search(pattern, str(caught.value)), str(caught.value)
