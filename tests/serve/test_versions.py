"""Versions that come, fail, and go while requests are answered; what is computed together."""

import gc
import shutil
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.serve.conftest import served, write_line

import graphmode as tf
from graphmode.files.records import TFRecordWriter
from graphmode.serve.config import WatchedConfig, named_models, read_config
from graphmode.serve.library import Library, ModelConfig, Policy
from graphmode.serve.messages import message
from graphmode.serve.metrics import Metrics
from graphmode.serve.processes import configured
from graphmode.serve.settings import Settings
from graphmode.serve.warm_up import recorded

PREDICT = "/v1/models/line:predict"


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """Give folders of models whose offset is their number."""
    folder = tmp_path_factory.mktemp("lines")
    for offset in range(1, 4):
        write_line(folder / str(offset), 1.0, offset)
    return folder


@pytest.fixture
def base(tmp_path, lines):
    """Give a folder with version 1."""
    shutil.copytree(lines / "1", tmp_path / "line" / "1")
    return tmp_path / "line"


def value(client, path=PREDICT):
    status, answer = client.post(path, {"instances": [10.0]})
    assert status == 200, answer
    return answer["predictions"][0]


def states(client, name="line"):
    found = client.get(f"/v1/models/{name}").json()["model_version_status"]
    return {int(one["version"]): one["state"] for one in found}


def settle(client):
    """Look twice: what is found must be the same at two looks."""
    client.library.scan()
    client.library.scan()
    for thread in client.library._ending:
        thread.join(10)


def test_nothing_is_lost_while_versions_are_swapped(base, lines):
    answers, is_done = [], threading.Event()
    with served({"line": base}) as client:

        def ask():
            while not is_done.is_set():
                answers.append(client.post(PREDICT, {"instances": [10.0, 20.0]}))

        with ThreadPoolExecutor(4) as askers:
            asked = [askers.submit(ask) for _ in range(4)]
            for number in range(2, 8):
                shutil.copytree(lines / str(1 + number % 3), base / str(number))
                settle(client)
                shutil.rmtree(base / str(number - 1))
                settle(client)
            is_done.set()
            for one in asked:
                one.result()
        assert states(client)[7] == "AVAILABLE"
        assert {state for number, state in states(client).items() if number < 7} == {"END"}
    seen = {tuple(answer["predictions"]) for status, answer in answers if status == 200}
    assert len(answers) > 30 and all(status == 200 for status, _ in answers)
    assert seen <= {(10.0 + offset, 20.0 + offset) for offset in range(1, 4)} and len(seen) > 1


def test_half_written_and_broken_versions_leave_the_old_one(base, lines):
    with served({"line": base}) as client:
        shutil.copytree(lines / "2" / "variables", base / "2" / "variables")
        settle(client)
        assert states(client) == {1: "AVAILABLE"}  # no saved_model.pb: it is not there yet
        whole = (lines / "2" / "saved_model.pb").read_bytes()
        (base / "2" / "saved_model.pb").write_bytes(whole[: len(whole) // 2])
        client.library.scan()
        assert states(client) == {1: "AVAILABLE"}  # found once: who writes it may not be done
        client.library.scan()
        assert states(client) == {2: "END", 1: "AVAILABLE"}
        status = client.get("/v1/models/line/versions/2").json()["model_version_status"][0]
        assert status["status"]["error_code"] == "DATA_LOSS"
        assert "saved_model.pb" in status["status"]["error_message"]
        assert value(client) == 11.0 and client.library.is_ready()
        (base / "2" / "saved_model.pb").write_bytes(whole)
        settle(client)
        assert states(client) == {2: "AVAILABLE", 1: "END"} and value(client) == 12.0
        shutil.copytree(base / "2", base / "3")
        (base / "3" / "variables" / "variables.index").write_bytes(b"nothing")
        shutil.rmtree(base / "2")
        settle(client)
        assert states(client)[3] == "END" and value(client) == 12.0
        shutil.rmtree(base / "3")
        settle(client)
        assert states(client)[1] == "AVAILABLE" and value(client) == 11.0
        shutil.rmtree(base / "1")
        settle(client)
        assert client.error(PREDICT, {"instances": [1.0]})[0] == 404
        assert client.get("/readyz").status_code == 503


def test_a_folder_that_is_a_model_is_replaced(tmp_path, lines):
    shutil.copytree(lines / "1", tmp_path / "model")
    with served({"line": tmp_path / "model"}) as client:
        assert states(client) == {1: "AVAILABLE"} and value(client) == 11.0
        shutil.copytree(lines / "2", tmp_path / "new")
        (tmp_path / "model").rename(tmp_path / "old")
        client.library.scan()
        assert value(client) == 11.0  # nothing is there for a moment: another one may be coming
        (tmp_path / "new").rename(tmp_path / "model")
        settle(client)
        assert states(client) == {2: "AVAILABLE", 1: "END"} and value(client) == 12.0


CONFIG = """
model_config_list {{
  config {{
    name: 'line' base_path: '{base}' model_platform: "tensorflow" model_type: TENSORFLOW
    model_version_policy {{ {policy} }}
    version_labels {{ key: 'stable' value: 1 }} version_labels {{ key: 'canary' value: 2 }}
    logging_config {{ sampling_config {{ sampling_rate: 0.1 }} }}
  }}
}}
"""


def test_files_of_models(base, lines, tmp_path):
    shutil.copytree(lines / "2", base / "2")
    shutil.copytree(lines / "3", base / "3")
    file = tmp_path / "models.config"
    file.write_text(CONFIG.format(base=base, policy="specific { versions: 1 versions: 2 }"))
    with served(read_config(file)) as client:
        client.library._reread = WatchedConfig(file)
        assert states(client) == {2: "AVAILABLE", 1: "AVAILABLE"}
        assert value(client) == 12.0
        assert value(client, "/v1/models/line/labels/stable:predict") == 11.0
        assert value(client, "/v1/models/line/labels/canary:predict") == 12.0
        assert len(client.get("/v1/models/line/labels/stable").json()["model_version_status"]) == 1
        file.write_text("model_config_list { config { name: 3 } }")
        settle(client)  # what cannot be read changes nothing
        assert value(client) == 12.0
        file.write_text(CONFIG.format(base=base, policy="latest { num_versions: 2 }"))
        settle(client)
        assert states(client) == {3: "AVAILABLE", 2: "AVAILABLE", 1: "END"}
    for text, error in [
        ("model_config_list {}", "there is no model"),
        ("model_config_list { config { name: 'a' } }", "needs a name and a base_path"),
        ("nonsense", "models.config: 1:1"),
        (CONFIG.format(base=base, policy="specific { versions: 2 }"), "'stable' is for version 1"),
    ]:
        file.write_text(text)
        with pytest.raises(ValueError, match=error):
            read_config(file)


def test_names_on_the_command_line(base, tmp_path):
    assert named_models([str(base)])[0].name == "line"
    assert named_models([f"other={base}"])[0].name == "other"
    for targets, error in [
        ([str(base), str(base)], "two models are called 'line'"),
        ([f"a/b={base}"], "cannot be the name"),
        (["x=/nowhere"], "/nowhere is no folder"),
    ]:
        with pytest.raises(ValueError, match=error):
            named_models(targets)
    assert Policy(latest=2).chosen([3, 1, 2]) == [2, 3]


# ---- what is computed together -------------------------------------------------------------------


def write_lookup(folder):
    """Write a SavedModel that looks rows up, and one signature whose rows depend on each other."""
    with tf.Graph().as_default(), tf.Session() as session:
        table = tf.Variable(np.arange(8, dtype=np.float32)[:, None] * 10)
        ids = tf.placeholder(tf.int32, [None], "ids")
        rows = tf.gather(table, ids)
        session.run(tf.global_variables_initializer())
        saved = tf.saved_model
        predict = saved.signature_def_utils.predict_signature_def
        shares = tf.nn.softmax(tf.cast(ids, tf.float32))
        builder = saved.builder.SavedModelBuilder(str(folder))
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            {
                "serving_default": predict({"ids": ids}, {"rows": rows}),
                "shares": predict({"ids": ids}, {"shares": shares}),
            },
        )
        builder.save()


def test_rows_are_computed_together_and_one_that_is_wrong_alone(tmp_path):
    write_lookup(tmp_path / "lookup" / "1")
    with served({"lookup": tmp_path / "lookup"}, max_batch=8, batch_wait=0.5) as client:
        with client.library.using("lookup") as version:
            signature = version.signature("")
            assert signature.takes_batches
            assert not version.signature("shares").takes_batches
            computed, plain = [], signature.compute

            def compute(feeds, outputs):
                computed.append(len(feeds["ids"]))
                return plain(feeds, outputs)

            signature.compute = compute
        path = "/v1/models/lookup:predict"
        with ThreadPoolExecutor(4) as askers:
            bodies = [{"instances": [i, 5]} for i in (0, 1, 2)]
            found = list(askers.map(lambda body: client.post(path, body), bodies))
            assert [answer["predictions"] for _, answer in found] == [
                [[0.0], [50.0]], [[10.0], [50.0]], [[20.0], [50.0]]
            ]  # fmt: skip
            assert computed == [8]  # six rows, padded to a power of two
            bodies = [{"instances": [3]}, {"instances": [99]}, {"instances": [4]}]
            found = list(askers.map(lambda body: client.post(path, body), bodies))
        assert [status for status, _ in found] == [200, 400, 200]
        assert "indices[0] = 99 is not in [0, 8)" in found[1][1]["error"]
        assert (found[0][1], found[2][1]) == ({"predictions": [[30.0]]}, {"predictions": [[40.0]]})
        many = client.post(path, {"instances": [7] * 21})[1]["predictions"]
        assert many == [[70.0]] * 21 and computed[-3:] == [8, 8, 8]
        shares = client.post(path, {"signature_name": "shares", "instances": [1, 1, 1, 1]})
        assert shares[1]["predictions"] == [0.25] * 4


def test_half_of_what_clients_ask_is_computed_while_the_rest_is_read(base):
    with served({"line": base}, max_batch=32) as client, client.library.using("line") as version:
        signature, computed = version.signature(""), []
        plain, is_begun, is_free = signature.compute, threading.Event(), threading.Event()

        def compute(feeds, outputs):
            computed.append(len(feeds["x"]))
            is_begun.set()
            is_free.wait(20)
            return plain(feeds, outputs)

        signature.compute = compute
        feeds = [{"x": np.array([i], np.float32)} for i in range(8)]
        first = version.batches.submit(signature, feeds[0], ["y"])
        assert is_begun.wait(20)
        others = [version.batches.submit(signature, one, ["y"]) for one in feeds[1:]]
        is_free.set()
        values = [one.result(20)["y"].tolist() for one in (first, *others)]
        assert values == [[plain(one, ["y"])["y"][0]] for one in feeds]
        # Seven wait, and one is being answered: four of them, then the three that are left.
        assert computed == [1, 4, 4]


def test_a_full_queue_and_a_model_that_takes_too_long(base):
    with served({"line": base}, max_queue=2, timeout=1.0, max_batch=1, threads=1) as client:
        with client.library.using("line") as version:
            signature = version.signature("")
            plain = signature.compute
            is_free = threading.Event()

            def compute(feeds, outputs):
                is_free.wait(20)
                return plain(feeds, outputs)

            signature.compute = compute
        with ThreadPoolExecutor(2) as askers:
            waiting = [askers.submit(client.post, PREDICT, {"instances": [10.0]}) for _ in range(2)]
            while version.batches._n_alone < 2:
                time.sleep(0.01)
            status, error = client.error(PREDICT, {"instances": [10.0]})
            assert status == 429 and "2 requests are waiting" in error
            assert {one.result()[0] for one in waiting} == {504}
        is_free.set()
        while version.batches._n_alone:
            time.sleep(0.01)
        assert value(client) == 11.0
        assert 'graphmode_serve_refused_total{model="line"} 1' in client.get("/metrics").text


def test_warm_up(base, lines):
    requests = base / "1" / "assets.extra" / "tf_serving_warmup_requests"
    requests.parent.mkdir()
    log = message("PredictionLog")()
    log.predict_log.request.model_spec.name = "line"
    tensor = log.predict_log.request.inputs["x"]
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=1)
    tensor.float_val.append(3.0)
    with TFRecordWriter(str(requests)) as writer:
        writer.write(log.SerializeToString())
    library = Library([ModelConfig("line", base)], Settings(max_batch=4), Metrics())
    library.scan(is_first=True)
    assert library.is_ready()
    tensor.tensor_shape.dim.add(size=7)  # no longer what the model takes
    shutil.copytree(base / "1", base / "2")
    with TFRecordWriter(str(base / "2" / "assets.extra" / "tf_serving_warmup_requests")) as writer:
        writer.write(log.SerializeToString())
    library.scan(is_first=True)
    assert [one["state"] for one in library.status("line")] == ["END", "AVAILABLE"]
    library.stop()


def test_recorded_requests_of_all_kinds(tmp_path):
    folder = tmp_path / "assets.extra"
    folder.mkdir()
    classify, multi = message("PredictionLog")(), message("PredictionLog")()
    for given in (classify.classify_log.request.input, multi.multi_inference_log.request.input):
        given.example_list.examples.add().features.feature["x"].float_list.value.append(1.0)
    for name in ("first", ""):
        multi.multi_inference_log.request.tasks.add().model_spec.signature_name = name
    with TFRecordWriter(str(folder / "tf_serving_warmup_requests")) as writer:
        for log in (classify, multi):
            writer.write(log.SerializeToString())
    found = list(recorded(tmp_path))
    assert [name for name, _ in found] == ["serving_default", "first", "serving_default"]
    assert len({feeds["inputs"][0] for _, feeds in found}) == 1


def test_the_collector_is_told_of_what_stays(base, lines):
    """Going through a graph and its programs stops all requests: 64 clients waited 50 ms."""
    library = Library([ModelConfig("line", base)], Settings(warm_up=False), Metrics())
    library.scan(is_first=True)
    try:
        configured(library)
        kept = gc.get_freeze_count()
        assert kept > 10_000 and len(gc.get_objects()) < kept / 10
        old = weakref.ref(library._models["line"].versions[1].model)
        shutil.copytree(lines / "2", base / "2")
        library.scan(is_first=True)
        for thread in library._ending:
            thread.join(10)
        assert old() is None
        assert gc.get_freeze_count() > kept / 2 and len(gc.get_objects()) < kept / 10
    finally:
        gc.unfreeze()
        library.stop()


def test_counts_of_several_processes(tmp_path):
    first, second = Metrics(tmp_path, 0), Metrics(tmp_path, 1)
    for i in range(600):  # more than one page of numbers
        first.count("loads", model=f"m{i}", result="loaded")
    for one, n in ((first, 1.0), (second, 2.0)):
        one.gauge("model_available", "Versions.", lambda n=n: [((("model", "a"),), n)])
    first.keep_gauges()
    second.observe_batch("a", 3)
    first.observe_batch("a", 300)
    for _ in range(3):
        second.count("loads", model="m599", result="loaded")
    text = second.text()
    assert text == first.text()
    assert 'loads_total{model="m599",result="loaded"} 4' in text
    assert 'model_available{model="a",process="0"} 1' in text
    assert 'model_available{model="a",process="1"} 2' in text
    assert 'batch_rows_bucket{model="a",le="4"} 1' in text
    assert 'batch_rows_bucket{model="a",le="+Inf"} 2' in text
    assert 'batch_rows_sum{model="a"} 303' in text
    assert text.count("# TYPE graphmode_serve_batch_rows ") == 1
    again = Metrics(tmp_path, 0)  # in the place of one that has died
    again.count("loads", model="m599", result="loaded")
    assert 'loads_total{model="m599",result="loaded"} 5' in second.text()
    start = again._numbers.place(("loads", (("model", "m0"), ("result", "loaded"))), 1)
    again._numbers.values[start] = 2e9
    assert 'loads_total{model="m0",result="loaded"} 2000000000' in second.text()


def test_a_model_that_goes_on_computing_keeps_no_server_alive(base):
    library = Library([ModelConfig("line", base)], Settings(timeout=0.2), Metrics())
    library.start()
    is_free = threading.Event()
    with library.using("line") as version:
        version.batches.call(is_free.wait, 20)
    assert not library.stop()
    is_free.set()
    for thread in library._ending:
        thread.join(10)
    assert library.stop()
