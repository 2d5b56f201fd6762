"""Models to serve, and a client of an application that runs in the test's own process."""

import asyncio
import contextlib
import json
import threading
from pathlib import Path

import httpx
import numpy as np
import pytest

import graphmode as tf
from graphmode.serve import Settings, app

HALF_PLUS_TWO = Path(__file__).parent / "of_1_15" / "half_plus_two"


class Client:
    """Asks an application, each request in its own event loop's thread: any thread may ask."""

    def __init__(self, application):
        self.app = application
        self.library = application.state.library
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=application, raise_app_exceptions=False),
            base_url="http://test",
        )
        self._life = application.router.lifespan_context(application)
        self._wait(self._life.__aenter__())

    def _wait(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def request(self, method, path, **options):
        return self._wait(self._http.request(method, path, **options))

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body, **options):
        """Give the status and the JSON of the answer; `body` is a text, bytes, or JSON."""
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        answer = self.request("POST", path, content=content, **options)
        return answer.status_code, json.loads(answer.text)

    def error(self, path, body):
        """Give the status and the text of an error."""
        status, answer = self.post(path, body)
        assert list(answer) == ["error"], answer
        return status, answer["error"]

    def close(self):
        self._wait(self._life.__aexit__(None, None, None))
        self._wait(self._http.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextlib.contextmanager
def served(models, **settings):
    """Give a client of `models`; folders are looked at only when a test says so."""
    settings = {"poll_seconds": 3600, "max_batch": 4, "warm_up": False, **settings}
    client = Client(app(models, settings=Settings(**settings)))
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module")
def half():
    with served({"half": HALF_PLUS_TWO}) as client:
        yield client


def write_line(folder, slope=0.5, offset=2.0):
    """Write a SavedModel of ``y = slope x + offset``, rows of one number."""
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None], "x")
        y = tf.Variable(np.float32(slope)) * x + tf.Variable(np.float32(offset))
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(folder), {"x": x}, {"y": y})


def write_kinds(folder):
    """Write a SavedModel of inputs of five kinds, whose outputs are made of these."""
    with tf.Graph().as_default(), tf.Session() as session:
        number = tf.placeholder(tf.int32, [None, 3, 2], "number")
        text = tf.placeholder(tf.string, [None], "text")
        real = tf.placeholder(tf.float64, [None, 2], "real")
        flag = tf.placeholder(tf.bool, [], "flag")
        sparse = tf.sparse_placeholder(tf.float32, [None, 3], "sparse")
        outputs = {
            "doubled": number * 2,
            "text": tf.identity(text),
            "text_bytes": tf.identity(text),
            "real": tf.identity(real),
        }
        saved = tf.saved_model
        predict = saved.signature_def_utils.predict_signature_def
        builder = saved.builder.SavedModelBuilder(str(folder))
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            {
                "serving_default": predict({"number": number, "text": text, "real": real}, outputs),
                "flag": predict({"flag": flag}, {"other": tf.logical_not(flag)}),
                "text": predict({"text": text}, {"text_bytes": outputs["text_bytes"]}),
                "sparse": predict(
                    {"sparse": sparse},
                    {"dense": tf.sparse_tensor_to_dense(sparse), "twice": sparse * 2.0},
                ),
                "sum": predict({"real": real}, {"sum": tf.reduce_sum(real)}),
            },
        )
        builder.save()
