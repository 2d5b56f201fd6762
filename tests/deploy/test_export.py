"""A graph that was exported computes elsewhere what the session computes, for any batch."""

import subprocess
import sys

import jax
import numpy as np
import pytest
from jax import export as jax_export
from tests.deploy.nets import NETS, softmax_regression

import graphmode as tf
from graphmode.cli import main


class Built:
    """A network in a session, and its results for 1 and for 7 rows."""

    def __init__(self, build):
        with tf.Graph().as_default():
            self.net = build()
            self.session = tf.Session()
            self.session.run(tf.global_variables_initializer())
            self.cases = [(rows, self.results(rows)) for rows in map(self.net.rows, (1, 7))]

    def results(self, rows):
        feeds = {self.net.inputs[key]: value for key, value in rows.items()}
        return self.session.run(self.net.outputs, {**feeds, **self.net.constants})

    def export(self, path, to, **options):
        return tf.export(
            path, to, inputs=self.net.inputs, outputs=self.net.outputs, session=self.session,
            constants=self.net.constants, **options,
        )  # fmt: skip


@pytest.fixture(scope="module")
def built():
    """Each network, built once."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = Built(NETS[name])
        return made[name]

    yield get
    for each in made.values():
        each.session.close()


def same(results, expected):
    assert results.keys() == expected.keys()
    for key, value in expected.items():
        assert results[key].dtype == value.dtype and results[key].shape == value.shape, key
        np.testing.assert_allclose(results[key], value, rtol=1e-5, atol=1e-5, err_msg=key)


@pytest.mark.parametrize("name", NETS)
def test_stablehlo(name, built, tmp_path):
    net = built(name)
    folder = net.export(tmp_path / "out", "stablehlo")
    with jax.enable_x64(True):
        program = jax_export.deserialize((folder / "model.stablehlo").read_bytes())
        for rows, expected in net.cases:
            same({k: np.asarray(v) for k, v in program.call(rows).items()}, expected)


@pytest.mark.parametrize("name", NETS)
def test_onnx(name, built, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="pip install graphmode[onnx] has it")
    net = built(name)
    path = net.export(tmp_path / "net.onnx", "onnx")
    program = onnxruntime.InferenceSession(path.read_bytes())
    for rows, expected in net.cases:
        same(dict(zip(expected, program.run(list(expected), rows), strict=True)), expected)


def test_the_loader_needs_jax_alone(built, tmp_path):
    net = built("softmax_regression")
    folder = net.export(tmp_path / "out", "stablehlo")
    rows, expected = net.cases[1]
    np.save(tmp_path / "x.npy", rows["x"])
    code = f"""import runpy, sys
for name in ("graphmode", "tensorflow", "google"):
    sys.modules[name] = None
sys.argv = ["load.py", "x={tmp_path / "x.npy"}"]
print(runpy.run_path({str(folder / "load.py")!r}, run_name="__main__")["DTYPES"])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("class\n(7,)\nint64\n" + str(expected["class"]))
    assert done.stdout.endswith("{'x': 'float32'}\n")


def with_tensorflow(oracle, net, load):
    with oracle.Graph().as_default(), oracle.Session() as session:
        inputs, outputs = load(session)
        for rows, expected in net.cases:
            same(session.run(outputs, {inputs[key]: rows[key] for key in rows}), expected)


@pytest.mark.parametrize("name", ["cnn", "lstm"])
def test_tensorflow_runs_the_frozen_graph(name, oracle, built, tmp_path):
    net = built(name)
    path = net.export(tmp_path / "net.pb", "frozen")

    def load(session):
        message = oracle.GraphDef.FromString(path.read_bytes())
        assert "Variable" not in {node.op for node in message.node}
        oracle.import_graph_def(message, name="")
        return [
            {key: session.graph.get_tensor_by_name(t.name) for key, t in tensors.items()}
            for tensors in (net.net.inputs, net.net.outputs)
        ]

    with_tensorflow(oracle, net, load)


@pytest.mark.parametrize("name", ["cnn", "lstm"])
def test_tensorflow_runs_the_saved_model(name, oracle, built, tmp_path):
    net = built(name)
    folder = net.export(tmp_path / "net", "savedmodel")

    def load(session):
        signature = oracle.saved_model.load(session, ["serve"], str(folder)).signature_def
        one = signature["serving_default"]
        return [
            {key: session.graph.get_tensor_by_name(info.name) for key, info in infos.items()}
            for infos in (one.inputs, one.outputs)
        ]

    with_tensorflow(oracle, net, load)
    import tensorflow
    from tensorflow.python.eager.context import eager_mode

    with eager_mode():  # as TensorFlow 2 loads it
        predict = tensorflow.saved_model.load(str(folder)).signatures["serving_default"]
        for rows, expected in net.cases:
            found = predict(**{key: tensorflow.constant(value) for key, value in rows.items()})
            same({key: np.asarray(value) for key, value in found.items()}, expected)


def by_lite(folder, rows):
    """What TensorFlow Lite makes of an export with one input and one output."""
    import tensorflow

    converter = tensorflow.compat.v1.lite.TFLiteConverter.from_saved_model(str(folder))
    lite = tensorflow.lite.Interpreter(model_content=converter.convert())
    lite.allocate_tensors()
    lite.set_tensor(lite.get_input_details()[0]["index"], rows)
    lite.invoke()
    return lite.get_tensor(lite.get_output_details()[0]["index"])


@pytest.mark.parametrize(
    ("name", "output"), [("cnn", "y"), ("convolutional_autoencoder", "loss"), ("lstm", "next")]
)
def test_tensorflow_lite_converts_what_is_ready(name, output, oracle, built, tmp_path):
    net = built(name)
    folder = tf.export(
        tmp_path / "net", "tflite-ready", inputs=net.net.inputs, session=net.session,
        outputs={output: net.net.outputs[output]}, constants=net.net.constants,
    )  # fmt: skip
    rows, expected = net.cases[0]
    same({output: by_lite(folder, next(iter(rows.values())))}, {output: expected[output]})


def test_tensorflow_lite_converts_map_fn(oracle, tmp_path):
    rows = np.float32([[1, 2, 3], [-1, 0.5, 4]])
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        y = tf.map_fn(lambda row: tf.reduce_sum(row) * row, x)
        folder = tf.export(tmp_path / "net", "tflite-ready", inputs={"x": x}, outputs={"y": y},
                           session=session, batch=2)  # fmt: skip
    same({"y": by_lite(folder, rows)}, {"y": rows.sum(1, keepdims=True) * rows})


def test_what_lite_has_not_is_named(built, tmp_path):
    with pytest.raises(tf.errors.UnimplementedError) as info:
        built("rbm").export(tmp_path / "net", "tflite-ready")
    assert "cannot be exported to TensorFlow Lite's built-in operators" in info.value.message
    assert "they have none for Softplus (1 nodes)" in info.value.message
    assert "nets.py" in str(info.value)
    assert not list(tmp_path.iterdir())


def test_a_fixed_batch(built, tmp_path):
    net = built("softmax_regression")
    folder = net.export(tmp_path / "out", "stablehlo", batch=7)
    program = jax_export.deserialize((folder / "model.stablehlo").read_bytes())
    assert program.in_avals[0].shape == (7, 12)


def test_lengths_that_placeholders_leave_open(built, tmp_path):
    net = built("gru_of_lengths")
    with pytest.raises(ValueError, match=r"needs all lengths\.\n  fix: .*--shape x=1,20,3\)"):
        net.export(tmp_path / "out", "tflite-ready")
    shapes = {"x": [None, 6, 3], "lengths": [None]}
    folder = net.export(tmp_path / "out", "stablehlo", shapes=shapes)
    program = jax_export.deserialize((folder / "model.stablehlo").read_bytes())
    assert sorted(str(aval) for aval in program.in_avals) == ["float32[batch,6,3]", "int32[batch]"]
    for shapes, text in (
        ({"y": [1]}, "there is no input 'y', but lengths, x"),
        (
            {"x": [1, 6, 4]},
            r"'x' cannot have the shape \[1, 6, 4\]: the placeholder made at nets.py",
        ),
        ({"x": [1, -6, 3]}, "cannot have the shape"),
    ):
        with pytest.raises(ValueError, match=text):
            net.export(tmp_path / "other", "stablehlo", shapes=shapes)
    with pytest.raises(ValueError, match="frozen keeps the shapes of the placeholders"):
        net.export(tmp_path / "other", "frozen", batch=1)


def test_what_decides_while_a_program_is_made(tmp_path):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    n = tf.placeholder(tf.int32, [], name="n")
    sums = tf.unsorted_segment_sum(x, tf.zeros_like(x[:, 0], tf.int32), n)
    keep_prob = tf.placeholder(tf.float32, name="keep")  # as the courses have it: no shape
    with tf.Session() as session:
        with pytest.raises(tf.errors.UnimplementedError, match="gets it from an input") as info:
            tf.export(tmp_path / "out", "stablehlo", outputs={"sums": sums})
        assert "test_export.py:" in str(info.value) and "constants= (--constant)" in str(info.value)
        with pytest.raises(ValueError, match=r"no known rank.*\n.*constants=\{'keep': 1.0\}"):
            tf.export(tmp_path / "out", "onnx", outputs={"y": tf.nn.dropout(x, keep_prob)})
        for to in ("stablehlo", "tflite-ready"):
            with pytest.raises(tf.errors.UnimplementedError) as info:
                tf.export(tmp_path / "out", to, outputs={"y": tf.layers.dropout(x, training=True)})
            assert "no placeholder switches it off" in info.value.message
            assert "test_export.py:" in str(info.value)
        tf.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x, "n": n}, {"sums": sums})
    with pytest.raises(tf.errors.UnimplementedError, match="asks for a length that stays open"):
        tf.export(tmp_path / "out", "stablehlo", source=tmp_path / "m", constants={"n": 2})
    options = {"constants": {"n": 2}, "batch": 4}  # what is a constant is no input any more
    folder = tf.export(tmp_path / "out", "stablehlo", source=tmp_path / "m", **options)
    program = jax_export.deserialize((folder / "model.stablehlo").read_bytes())
    assert np.asarray(program.call({"x": np.ones((4, 3), np.float32)})["sums"]).tolist() == [
        [4] * 3, [0] * 3
    ]  # fmt: skip


def test_what_cannot_be_exported_is_named_with_its_line(tmp_path):
    x = tf.placeholder(tf.float32, [None, 3])
    outputs = {
        "handles texts": tf.as_string(x),
        "runs in Python": tf.py_func(np.sin, [x], tf.float32),
        "draws random numbers": x + tf.random_normal([3]),
        "depends on the values": tf.boolean_mask(x, x[:, 0] > 0),
        "writes to this variable": tf.assign_add(tf.Variable([1.0] * 3), x[0]),
        "no known rank": tf.placeholder(tf.float32) * 2,
    }
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for text, output in outputs.items():
            with pytest.raises((tf.errors.UnimplementedError, ValueError)) as info:
                tf.export(tmp_path / "out", "stablehlo", outputs={"y": output})
            assert text in str(info.value)
            if "rank" not in text:
                assert "cannot be exported to StableHLO" in str(info.value)
                assert "test_export.py:" in str(info.value)
    assert not list(tmp_path.iterdir())


def test_what_onnx_has_not_is_named(tmp_path):
    pytest.importorskip("onnx", reason="pip install graphmode[onnx] has it")
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    with tf.Session(), pytest.raises(tf.errors.UnimplementedError) as info:
        tf.export(tmp_path / "out.onnx", "onnx", outputs={"y": tf.lgamma(x) + 1.0})
    assert (
        "Lgamma 'Lgamma' cannot be exported to ONNX: there is no ONNX operator for its lgamma"
        in (info.value.message)
    )
    assert "test_export.py:" in str(info.value)
    with tf.Session(), pytest.raises(ValueError, match="'x' goes in and comes out"):
        tf.export(tmp_path / "out.onnx", "onnx", inputs={"x": x}, outputs={"x": x * 2.0})
    assert not list(tmp_path.iterdir())


def test_dropout_that_drops_is_refused(built, tmp_path):
    net = built("cnn")
    options = {"inputs": net.net.inputs, "outputs": net.net.outputs, "session": net.session}
    with pytest.raises(tf.errors.UnimplementedError, match=r"constants=\{'keep_prob': 1.0\}"):
        tf.export(tmp_path / "a", "stablehlo", constants={"keep_prob": 0.5}, **options)
    with pytest.raises(ValueError, match=r"'keep_prob', the placeholder made at nets\.py") as info:
        tf.export(tmp_path / "a", "stablehlo", **options)
    assert "constants={'keep_prob': ...}" in str(info.value)


def test_other_mistakes(built, tmp_path):
    net = built("softmax_regression")
    taken = tmp_path / "taken"
    taken.mkdir()
    for wrong, options, text in (
        ("stablhlo", {}, "no format 'stablhlo'.*Did you mean 'stablehlo'"),
        ("frozen", {"batch": 0}, "batch is 0"),
        ("frozen", {"source": "x"}, "a session or a source"),
        ("frozen", {"signature": "x"}, "of a SavedModel"),
    ):
        with pytest.raises(ValueError, match=text):
            net.export(tmp_path / "out", wrong, **options)
    with pytest.raises(FileExistsError, match="taken is there"):
        net.export(taken, "stablehlo")
    net.export(taken, "stablehlo", overwrite=True)
    assert sorted(file.name for file in taken.iterdir()) == ["load.py", "model.stablehlo"]
    with pytest.raises(ValueError, match=r"no tensor 'yy' for the output\. Similar: y"):
        tf.export(tmp_path / "out", "frozen", outputs=["yy"], session=net.session)
    with pytest.raises(ValueError, match="name the outputs") as info:
        tf.export(tmp_path / "out", "frozen", session=net.session)
    assert "placeholders: x" in str(info.value)
    with pytest.raises(ValueError, match="no session holds the values"):
        tf.export(tmp_path / "out", "frozen", outputs=net.net.outputs)


def test_weights_that_one_message_cannot_hold(built, tmp_path, monkeypatch):
    net = built("softmax_regression")
    monkeypatch.setattr("graphmode.deploy.exporting.MOST_BYTES", 4 * (12 * 5 + 5) - 1)
    for to in ("frozen", "stablehlo", "onnx", "tflite-ready"):
        with pytest.raises(ValueError, match=r"the weights are 0.00 GiB.*\n  fix: export a"):
            net.export(tmp_path / "out", to)
    assert not list(tmp_path.iterdir())
    (tmp_path / "out").write_text("a file")
    net.export(tmp_path / "out", "savedmodel", overwrite=True)
    assert (tmp_path / "out" / "saved_model.pb").is_file()


def command(*arguments, capsys):
    try:
        main([*map(str, arguments)])
        refusal = ""
    except SystemExit as end:
        refusal = end.code if isinstance(end.code, str) else ""
    return capsys.readouterr().out, refusal


def test_the_command(tmp_path, capsys):
    with tf.Session() as session:
        net = softmax_regression()
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(tmp_path / "model"), net.inputs, net.outputs)
        saver = tf.train.Saver()
        prefix = saver.save(session, str(tmp_path / "checkpoint" / "net"), global_step=3)
        rows = net.rows(7)
        expected = session.run(net.outputs, {net.inputs["x"]: rows["x"]})
    out, refusal = command("export", tmp_path / "model", "--to", "stablehlo", capsys=capsys)
    assert refusal == "" and "input   x  float32  (?, 12)  x:0" in out
    assert out.index("output  class") < out.index("output  y")  # by name, the same each time
    program = jax_export.deserialize((tmp_path / "model-stablehlo/model.stablehlo").read_bytes())
    with jax.enable_x64(True):
        same({k: np.asarray(v) for k, v in program.call(rows).items()}, expected)
    out, refusal = command(
        "export", tmp_path / "checkpoint", "--to", "frozen", "--output", "probability=y",
        "-o", tmp_path / "net.pb", capsys=capsys,
    )  # fmt: skip
    assert refusal == "" and "output  probability  float32  (?, 5)  y:0" in out
    assert (tmp_path / "net.pb").stat().st_size > 500
    for arguments, text in (
        ((tmp_path / "model", "--to", "onx"), "no format 'onx'"),
        ((tmp_path / "model", "--to", "stablehlo"), "is there"),
        ((tmp_path / "model", "--to", "frozen", "--signature", "serve_default"),
         "has no signature 'serve_default': serving_default. Did you mean 'serving_default'?"),
        ((tmp_path / "nothing", "--to", "frozen"), "does not exist"),
        ((tmp_path, "--to", "frozen"), "holds neither a SavedModel nor a checkpoint"),
        ((prefix, "--to", "frozen"), "name the outputs to export"),
        ((prefix, "--to", "frozen", "--constant", "x"), "--constant x: TENSOR=NUMBER"),
        ((tmp_path / "model", "--to", "onnx", "--shape", "x=a"), "--shape x=a: INPUT=LENGTHS"),
        ((tmp_path / "model", "--to", "onnx", "--shape", "x=1,,20"), "--shape x=1,,20: INPUT="),
    ):  # fmt: skip
        _, refusal = command("export", *arguments, capsys=capsys)
        assert refusal.startswith("graphmode export: ") and text in refusal, refusal
