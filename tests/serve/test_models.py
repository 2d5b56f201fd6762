"""A CNN and a language model over REST, as their sessions compute them; any request at all."""

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from tests.serve.conftest import served

import graphmode as tf
from graphmode.serve import app


def write_cnn(folder):
    """Write a small CNN of digits; give a function that computes its probabilities."""
    with tf.Graph().as_default():
        tf.set_random_seed(3)
        x = tf.placeholder(tf.float32, [None, 784], "x")
        hidden = tf.layers.conv2d(tf.reshape(x, [-1, 28, 28, 1]), 4, 5, 2, activation=tf.nn.relu)
        hidden = tf.layers.max_pooling2d(hidden, 2, 2)
        probabilities = tf.nn.softmax(tf.layers.dense(tf.layers.flatten(hidden), 10))
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(
            session, str(folder), {"images": x}, {"probabilities": probabilities}
        )
    return lambda images: session.run(probabilities, {x: images})


def write_ptb(folder):
    """Write a small language model of words; give a function that computes its probabilities."""
    with tf.Graph().as_default():
        tf.set_random_seed(4)
        words = tf.placeholder(tf.int32, [None, 6], "words")
        embeddings = tf.get_variable("embeddings", [50, 8])
        cells = [tf.nn.rnn_cell.BasicLSTMCell(8) for _ in range(2)]
        outputs, _ = tf.nn.dynamic_rnn(
            tf.nn.rnn_cell.MultiRNNCell(cells),
            tf.nn.embedding_lookup(embeddings, words),
            dtype=tf.float32,
        )
        following = tf.nn.softmax(tf.layers.dense(outputs, 50))
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(folder), {"words": words}, {"next": following})
    return lambda rows: session.run(following, {words: rows})


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks")
    computed = {
        "cnn": write_cnn(folder / "cnn" / "1"),
        "ptb": write_ptb(folder / "ptb" / "20261128"),
    }
    names = {name: folder / name for name in computed}
    with served(names, warm_up=True, max_batch=2) as client:
        yield client, computed


@pytest.mark.parametrize("n", [1, 3])
def test_a_cnn_over_rest(networks, n):
    client, computed = networks
    images = np.random.default_rng(n).random((n, 784), np.float32)
    status, answer = client.post("/v1/models/cnn:predict", {"instances": images.tolist()})
    assert status == 200
    found = np.array(answer["predictions"], np.float32)
    np.testing.assert_allclose(found, computed["cnn"](images), rtol=1e-5, atol=1e-7)


def test_a_language_model_over_rest(networks):
    client, computed = networks
    words = np.random.default_rng(0).integers(0, 50, (3, 6))
    path = "/v1/models/ptb/versions/20261128:predict"
    status, answer = client.post(path, {"inputs": {"words": words.tolist()}})
    assert status == 200 and np.shape(answer["outputs"]) == (3, 6, 50)
    np.testing.assert_allclose(answer["outputs"], computed["ptb"](words), rtol=1e-5, atol=1e-7)
    status, error = client.error(path, {"inputs": [[0, 1, 2, 3, 4, 50]]})
    assert status == 400 and "50 is not in [0, 50)" in error


@pytest.mark.parametrize("n", [10, pytest.param(1000, marks=pytest.mark.slow)])
def test_no_request_makes_the_server_fail(half, n):
    library = half.library
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", app([], settings=library.settings, library=library)
    )
    known = {200, 400, 404, 405}
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @examples(
            max_examples=n, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def check(case):
            nonlocal asked
            asked += 1
            answer = case.call()
            assert answer.status_code in known, (case.as_curl_command(), answer.text)

        check()
    assert asked > 2 * n
