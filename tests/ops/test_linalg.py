"""What the records of linear algebra cannot show: TensorFlow's newest no longer refuses it."""

import numpy as np
import pytest

import graphmode as tf


def test_cholesky_of_an_indefinite_matrix_is_refused():
    x = tf.placeholder(tf.float32, [3, 3])
    with (
        tf.Session() as session,
        pytest.raises(tf.errors.InvalidArgumentError, match="decomposition was not successful"),
    ):
        session.run(tf.cholesky(x), {x: -np.eye(3)})
