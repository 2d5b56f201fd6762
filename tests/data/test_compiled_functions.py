"""Functions of data sets become programs where that pays, with the same elements."""

import numpy as np
import pytest

import graphmode as tf
from graphmode.data import planned
from graphmode.runtime import policy

Dataset = tf.data.Dataset


@pytest.fixture
def compiled(monkeypatch):
    """The shapes of the arguments of each run of a program; what costs anything pays at once."""
    monkeypatch.setattr(policy, "_COMPILE", 1.0)
    monkeypatch.setattr(policy, "_COMPILE_STEP", 0.0)
    monkeypatch.setattr(policy, "_STEP", 1e6)
    found, run = [], planned.run_plan

    def run_plan(learned, values, state, stats, mode):
        found.append([value.shape for value in values])
        return run(learned, values, state, stats, mode)

    monkeypatch.setattr(planned, "run_plan", run_plan)
    with tf.Graph().as_default():
        yield found


def elements(dataset):
    element = dataset.make_one_shot_iterator().get_next()
    found = []
    with tf.Session() as session:
        try:
            while True:
                found.append(session.run(element))
        except tf.errors.OutOfRangeError:
            return found


def distorted(image):
    image = tf.random_crop(tf.cast(image, tf.float32), [5, 4, 3], seed=1)
    image = tf.image.random_flip_left_right(image, seed=2)
    image = tf.image.random_brightness(image, max_delta=63, seed=3)
    return tf.image.per_image_standardization(image)


def as_text(image):
    return tf.as_string(tf.reduce_sum(tf.cast(image, tf.int32))), tf.shape(image) * 2


def looped(image):
    total = tf.while_loop(
        lambda i, _: i < 3, lambda i, x: (i + 1, x * 1.5), [0, tf.cast(image, tf.float32)]
    )[1]
    return tf.reduce_sum(total, axis=2)


@pytest.mark.parametrize("function", [distorted, as_text, looped])
@pytest.mark.parametrize("calls", [None, 2])
def test_a_program_gives_the_same_elements(function, calls, compiled, monkeypatch):
    images = np.random.RandomState(1).randint(0, 256, (9, 6, 5, 3)).astype(np.uint8)
    with tf.Graph().as_default():
        ours = elements(Dataset.from_tensor_slices(images).map(function, calls))
    assert compiled == [[(6, 5, 3)]] * 8  # all but the one that was measured
    monkeypatch.setenv("GRAPHMODE_MODE", "interpreted")
    with tf.Graph().as_default():
        theirs = elements(Dataset.from_tensor_slices(images).map(function, calls))
    assert len(compiled) == 8
    for a, b in zip(ours, theirs, strict=True):
        for x, y in zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)]:
            assert type(x) is type(y)
            if isinstance(x, np.ndarray) and x.dtype == np.float32:
                np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-6)
            else:
                np.testing.assert_array_equal(x, y)


def test_sizes_that_only_the_host_knows_make_no_programs(compiled):
    def squares(n):
        return tf.py_func(lambda n: np.ones(n, np.float32), [n], tf.float32) * 2.0 + 1.0

    assert [len(row) for row in elements(Dataset.range(6).map(squares))] == list(range(6))
    assert compiled == []


def test_sizes_that_the_function_says_make_one(compiled):
    def ones(n):
        row = tf.py_func(lambda n: np.full(4, n, np.float32), [n], tf.float32)
        row.set_shape([4])
        return row * 2.0 + 1.0

    found = elements(Dataset.range(3).map(ones))
    assert [row.tolist() for row in found] == [[1.0] * 4, [3.0] * 4, [5.0] * 4]
    assert compiled == [[()]] * 2


def test_an_element_that_a_program_refuses_is_said_with_its_line(compiled):
    dataset = Dataset.from_tensor_slices([4, 2, 0, 1]).map(lambda x: 20 // x + 1)
    element = dataset.make_one_shot_iterator().get_next()
    with tf.Session() as session:
        assert [session.run(element), session.run(element)] == [6, 11]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)division by zero.*map"):
            session.run(element)
        assert session.run(element) == 21
    assert len(compiled) == 3
