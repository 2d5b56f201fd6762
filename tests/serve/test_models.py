"""A CNN and a language model over REST, as their sessions compute them; any request at all."""

import json
from pathlib import Path

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from tests.serve.conftest import served

import graphmode as tf
from graphmode.serve import app

OF_1_15, OF_2_21 = (Path(__file__).parent / name for name in ("of_1_15", "of_2_21"))


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
    """Write a small language model of words, whose state goes in and comes out; give its session's.

    The function that is given computes probabilities and the state of words and a state.
    """
    with tf.Graph().as_default():
        tf.set_random_seed(4)
        words = tf.placeholder(tf.int32, [None, 6], "words")
        embeddings = tf.get_variable("embeddings", [50, 8])
        cells = [tf.nn.rnn_cell.BasicLSTMCell(8) for _ in range(2)]
        state = tf.placeholder(tf.float32, [None, 2, 2, 8], "state")
        outputs, final = tf.nn.dynamic_rnn(
            tf.nn.rnn_cell.MultiRNNCell(cells),
            tf.nn.embedding_lookup(embeddings, words),
            initial_state=tuple(
                tf.nn.rnn_cell.LSTMStateTuple(state[:, i, 0], state[:, i, 1]) for i in range(2)
            ),
        )
        following = tf.nn.softmax(tf.layers.dense(outputs, 50))
        final = tf.stack([tf.stack(layer, 1) for layer in final], 1)
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(
            session, str(folder), {"words": words, "state": state},
            {"next": following, "state": final},
        )  # fmt: skip
    return lambda rows, known: session.run([following, final], {words: rows, state: known})


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks")
    computed = {
        "cnn": write_cnn(folder / "cnn" / "1"),
        "ptb": write_ptb(folder / "ptb" / "20261128"),
    }
    names = {name: folder / name for name in computed}
    names |= {"ptb_of_1_15": OF_1_15 / "ptb", "of_2_21": OF_2_21 / "classifier"}
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
    rng = np.random.default_rng(0)
    path = "/v1/models/ptb/versions/20261128:predict"
    known, answer = np.zeros((3, 2, 2, 8), np.float32), {"state": np.zeros((3, 2, 2, 8)).tolist()}
    for _ in range(2):  # the state that came out goes in with the words that follow
        words = rng.integers(0, 50, (3, 6))
        inputs = {"words": words.tolist(), "state": answer["state"]}
        status, answer = client.post(path, {"inputs": inputs})
        assert status == 200, answer
        answer = answer["outputs"]
        following, known = computed["ptb"](words, known)
        np.testing.assert_allclose(answer["next"], following, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(answer["state"], known, rtol=1e-5, atol=1e-7)
    row = {"words": [0, 1, 2, 3, 4, 50], "state": np.zeros((2, 2, 8)).tolist()}
    status, error = client.error(path, {"instances": [row]})
    assert status == 400 and "50 is not in [0, 50)" in error


def test_a_language_model_of_tensorflow_1(networks):
    client, _ = networks
    state = np.zeros((2, 2, 2, 5)).tolist()
    for expected in json.loads((OF_1_15 / "ptb.json").read_text()):
        body = {"inputs": {"words": expected["words"], "state": state}}
        status, answer = client.post("/v1/models/ptb_of_1_15:predict", body)
        assert status == 200, answer
        state = answer["outputs"]["state"]
        for name in ("next", "state"):
            np.testing.assert_allclose(answer["outputs"][name], expected[name], rtol=1e-5)


def test_a_module_of_tensorflow_2(networks):
    client, _ = networks
    expected = json.loads((OF_2_21 / "classifier.json").read_text())
    status, answer = client.post("/v1/models/of_2_21:predict", {"instances": expected["rows"]})
    assert status == 200, answer
    for i, row in enumerate(answer["predictions"]):
        assert row["label"] == expected["label"][i]
        np.testing.assert_allclose(row["probabilities"], expected["probabilities"][i], rtol=1e-5)
    body = {"signature_name": "shout", "inputs": "aé"}
    assert client.post("/v1/models/of_2_21:predict", body) == (200, {"outputs": "Aé"})
    found = client.get("/v1/models/of_2_21/metadata").json()["metadata"]["signature_def"]
    assert sorted(found["signature_def"]) == ["serving_default", "shout"]


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
