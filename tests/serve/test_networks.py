"""Models of `graphmode.models` answer for themselves: rows, recommendations, text."""

import asyncio
import json

import numpy as np
import pytest
from tests.serve.conftest import served

from graphmode import models
from graphmode.cli.networks.training import Wishes, train

CSV = "height,colour,kind\n" + "".join(
    f"{1 + i / 50},red,cat\n{3 + i / 50},grey,horse\n" for i in range(20)
)


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks")
    (folder / "animals.csv").write_text(CSV)
    train(
        "logistic",
        Wishes(data=str(folder / "animals.csv"), output=folder / "animals", epochs=60,
               settings=["learning_rate=0.1"]),
    )  # fmt: skip
    text = "abcd " * 200
    characters = models.CharLanguageModel(
        n_hidden=16, n_layers=1, seq_length=10, batch_size=8, max_iter=30, learning_rate=0.03,
        random_state=0,
    )  # fmt: skip
    characters.fit(text).save(folder / "characters")
    random = np.random.default_rng(0)
    pairs = np.stack([np.repeat(np.arange(30), 6), random.integers(0, 12, 180)], 1)
    recommender = models.RBMRecommender(n_hidden=4, max_iter=3, random_state=0)
    recommender.fit(np.unique(pairs, axis=0), 1 + np.unique(pairs, axis=0)[:, 1] % 5)
    recommender.save(folder / "films")
    names = ("animals", "characters", "films")
    with served({name: folder / name for name in names}) as client:
        yield client


def test_rows_as_files_have_them(networks):
    rows = [{"height": 1.1, "colour": "red"}, {"height": 3.4, "colour": "grey"}]
    body = {"signature_name": "rows", "instances": rows}
    status, answer = networks.post("/v1/models/animals:predict", body)
    assert status == 200
    assert [row["prediction"] for row in answer["predictions"]] == ["cat", "horse"]
    for row in answer["predictions"]:
        assert abs(sum(row["probabilities"]) - 1) < 1e-5
    rows[1]["colour"] = "blue"
    status, error = networks.error("/v1/models/animals:predict", body)
    assert status == 400 and "'colour' is 'blue'" in error
    raw = networks.post("/v1/models/animals:predict", {"inputs": {"x": [[0.0, 1.0, 0.0]]}})
    assert raw[0] == 200 and "probabilities" in raw[1]["outputs"]


def test_recommendations(networks):
    address = "/v1/models/films:recommend"
    status, answer = networks.post(address, {"ratings": {"1": 2, "7": 3.0}, "n": 5})
    assert status == 200
    items = [one["item"] for one in answer["recommendations"]]
    assert len(items) == 5 and not {1, 7} & set(items)
    scores = [one["score"] for one in answer["recommendations"]]
    assert scores == sorted(scores, reverse=True) and scores[-1] > 0 and scores[0] < 1
    status, answer = networks.post(address, {"user": 3, "n": 2, "rank_by": "rating"})
    assert status == 200
    assert all(1 <= one["score"] <= 5 for one in answer["recommendations"])
    for body, text in [
        ({}, "recommend to whom?"),
        ({"user": 999}, "999"),
        ({"user": None}, "'user' must be"),
        ({"ratings": {"x": 1}}, "no number of an item"),
        ({"ratings": {"1": "a"}}, "is no number"),
        ({"ratings": {"1": 1}, "n": 0}, "'n' must be a whole number"),
        ({"ratings": {"1": 1}, "m": 0}, "unknown key 'm'"),
        ({"ratings": {"1": 1}, "rank_by": "liking"}, "it must be 'liked' or 'rating'"),
    ]:
        status, error = networks.error(address, body)
        assert status == 400 and text in error, error
    inputs = {"row": [0], "column": [5], "step": [1], "n_rows": 2}
    path = "/v1/models/films:predict"
    assert networks.post(path, {"inputs": inputs})[0] == 200
    for n_rows in (2_000_000_000, -1):  # as much memory as a number says
        status, error = networks.error(path, {"inputs": inputs | {"n_rows": n_rows}})
        assert status == 400 and "'n_rows' must be a whole number from 0 to 1024" in error


def test_text_at_once_and_in_a_stream(networks):
    address = "/v1/models/characters:generate"
    asked = {"prompt": "ab", "length": 8, "temperature": 0}
    status, whole = networks.post(address, asked)
    assert (status, whole["text"]) == (200, "cd abcd ")
    stream = networks.request("POST", address, content=json.dumps({**asked, "stream": True}))
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(part[6:]) for part in stream.text.split("\n\n") if part]
    assert "".join(event.get("text", "") for event in events) == "cd abcd "
    assert events[-1] == {"done": True}
    lines = networks.request(
        "POST", address, content=json.dumps({**asked, "stream": True}),
        headers={"accept": "application/x-ndjson"},
    )  # fmt: skip
    assert [json.loads(line) for line in lines.text.splitlines()] == events
    for body, text in [
        ({"prompt": 3}, "prompt=3"),
        ({"prompt": "Q", "stream": True}, "Q"),
        ({"temperature": -1}, "temperature"),
        ({"length": 1e9}, "'length' must be a whole number"),
        ({"stop": 3}, "'stop' must be a string"),
        ({"stream": 1}, "'stream' must be true or false"),
    ]:
        status, error = networks.error(address, body)
        assert status == 400 and text in error, error


def test_who_leaves_a_stream_takes_no_place(networks):
    body = json.dumps({"prompt": "ab", "length": 500, "stream": True}).encode()
    path = "/v1/models/characters:generate"
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "method": "POST",
        "path": path, "headers": [],
    }  # fmt: skip

    async def leave(after):
        sent = []
        messages = [{"type": "http.request", "body": body}, {"type": "http.disconnect"}]

        async def receive():
            while len(messages) == 1 and len(sent) < after:
                await asyncio.sleep(0.001)
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        await networks.app(scope, receive, send)

    for after in (0, 0, 0, 0, 0, 0, 0, 0, 1, 3):
        networks._wait(leave(after))
    with networks.library.using("characters") as version:
        assert version.n_users == 1
    asked = {"prompt": "ab", "length": 2, "temperature": 0, "stream": True}
    assert networks.request("POST", path, content=json.dumps(asked)).status_code == 200
