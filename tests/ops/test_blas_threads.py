"""How many threads an interpreted product takes."""

import numpy as np
import pytest

import graphmode as tf
from graphmode.ops.math import blas_threads


@pytest.fixture
def told(monkeypatch):
    """The numbers of threads that a BLAS of four is told to take, in order."""
    numbers = []

    def use(n):
        numbers.append(n)

    monkeypatch.setattr(blas_threads, "_openblas", lambda: (lambda: (4, *numbers)[-1], use))
    return numbers


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (([20, 30], [30, 40]), []),
        (([128, 60], [60, 100]), [1, 4]),
        (([3, 128, 60], [3, 60, 100]), [1, 4]),
        (([200, 400], [400, 60]), []),
    ],
)
def test_a_middling_product_takes_one_thread(shapes, expected, told):
    a, b = (np.random.RandomState(i).rand(*shape) for i, shape in enumerate(shapes))
    with tf.Session(mode="interpreted") as sess:
        found = sess.run(tf.matmul(tf.placeholder(tf.float64, name="a"), b), {"a:0": a})
    np.testing.assert_allclose(found, a @ b)
    assert told == expected


def test_what_the_user_has_limited_stays_so(told):
    told.append(1)
    blas_threads.matmul(np.ones((128, 60)), np.ones((60, 100)))
    assert told == [1]


def test_numpys_own_openblas_is_found():
    n_threads, use_threads = blas_threads._openblas()
    before = n_threads()
    blas_threads.matmul(np.ones((128, 60)), np.ones((60, 100)))
    assert n_threads() == before >= 1
    use_threads(before)
    assert n_threads() == before
