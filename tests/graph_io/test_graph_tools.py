"""TensorFlow's tools for frozen graphs: what they give computes the same, in TensorFlow, too."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

import graphmode as gm
from graph_io.test_frozen_graphs import graph_def_of, told
from graph_io.test_v1_control_flow import as_message
from graphmode.python.framework import graph_util
from graphmode.python.tools import (
    freeze_graph,
    inspect_checkpoint,
    optimize_for_inference_lib,
    strip_unused_lib,
)
from graphmode.tools.graph_transforms import TransformGraph

X = np.linspace(-1, 1, 2 * 6 * 6 * 3).astype(np.float32).reshape(2, 6, 6, 3)
FLOAT = gm.float32.as_datatype_enum


def types(graph_def):
    return sorted(node.op for node in graph_def.node)


def run(tf, graph_def, fetch, feeds):
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.import_graph_def(as_message(graph_def, tf.GraphDef), name="")
        return sess.run(fetch, feeds)


@pytest.fixture
def trained(tmp_path):
    """A network that was trained for a step: its files, and what it gives."""
    with gm.Graph().as_default() as graph, gm.Session() as sess:
        x = gm.placeholder(gm.float32, [None, 6, 6, 3], name="x")
        y = gm.identity(x, name="same")
        layers = [(gm.nn.conv2d, [3, 3, 3, 4]), (gm.nn.depthwise_conv2d, [3, 3, 4, 2])]
        random = gm.random_normal_initializer(stddev=0.5, seed=3)
        for i, (op, shape) in enumerate(layers):
            y = op(y, gm.get_variable(f"kernel{i}", shape, initializer=random), [1] * 4, "SAME")
            size = [y.shape[-1]]
            scale, offset, mean = (
                gm.get_variable(f"{name}{i}", size, initializer=random)
                for name in ("scale", "offset", "mean")
            )
            two = gm.constant_initializer(2)
            variance = gm.get_variable(f"variance{i}", size, initializer=two)
            y, *_ = gm.nn.fused_batch_norm(
                y, scale, offset, mean, variance, epsilon=0.01, is_training=False
            )
            y = gm.nn.relu(y)
        y = gm.check_numerics(gm.reduce_mean(y, [1, 2]), "y")
        y = gm.nn.softmax(y, name="y")
        train = gm.train.GradientDescentOptimizer(0.1).minimize(gm.reduce_max(y))
        sess.run(gm.global_variables_initializer())
        sess.run(train, {x: X})
        saver = gm.train.Saver()
        prefix = saver.save(sess, str(tmp_path / "model"))
        gm.train.write_graph(graph, str(tmp_path), "graph.pb", as_text=False)
        gm.train.write_graph(graph, str(tmp_path), "graph.pbtxt")
        expected = sess.run(y, {x: X})
    return tmp_path, prefix, expected


def freeze(folder, prefix, **changed):
    arguments = {
        "input_graph": str(folder / "graph.pb"),
        "input_saver": "",
        "input_binary": True,
        "input_checkpoint": prefix,
        "output_node_names": "y",
        "restore_op_name": "save/restore_all",
        "filename_tensor_name": "save/Const:0",
        "output_graph": str(folder / "frozen.pb"),
        "clear_devices": True,
        "initializer_nodes": "",
    }
    return freeze_graph.freeze_graph(**{**arguments, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"input_graph": "graph.pbtxt", "input_binary": False},
        {"input_graph": "", "input_meta_graph": "model.meta"},
        {"initializer_nodes": "kernel0/Assign"},
    ],
)
def test_freeze_graph(oracle, trained, changed):
    folder, prefix, expected = trained
    for key in ("input_graph", "input_meta_graph"):
        if changed.get(key):
            changed = {**changed, key: str(folder / changed[key])}
    frozen = freeze(folder, prefix, **changed)
    assert gm.GraphDef.FromString((folder / "frozen.pb").read_bytes()) == frozen
    assert not {"VariableV2", "Assign"} & set(types(frozen))
    found = run(oracle, frozen, "y:0", {"x:0": X})
    if "initializer_nodes" in changed:  # it ran after what was restored
        assert np.abs(found - expected).max() > 1e-6
    else:
        np.testing.assert_allclose(found, expected, 1e-5)


def test_freeze_graph_of_a_saved_model(oracle, trained):
    folder, prefix, expected = trained
    with gm.Session() as sess:
        gm.train.import_meta_graph(f"{prefix}.meta").restore(sess, prefix)
        graph = gm.get_default_graph()
        inputs = {"x": graph.get_tensor_by_name("x:0")}
        outputs = {"y": graph.get_tensor_by_name("y:0")}
        gm.saved_model.simple_save(sess, str(folder / "saved"), inputs, outputs)
    frozen = freeze(folder, "", input_graph="", input_saved_model_dir=str(folder / "saved"))
    np.testing.assert_allclose(run(oracle, frozen, "y:0", {"x:0": X}), expected, 1e-5)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"input_checkpoint": "nowhere"}, "Input checkpoint 'nowhere' doesn't exist!"),
        ({"output_node_names": ""}, "supply the name of a node to --output_node_names"),
    ],
)
def test_what_freeze_graph_refuses(trained, changed, text):
    folder, prefix, _ = trained
    with pytest.raises(ValueError, match=text):
        freeze(folder, prefix, **changed)


def test_a_checkpoint_without_a_variable(trained):
    _, prefix, _ = trained
    with gm.Graph().as_default() as graph, gm.Session():
        gm.Variable(1.0, name="other") * gm.Variable(2.0, name="scale0")
        with pytest.raises(ValueError, match="has no value for: other") as info:
            freeze_graph.freeze_graph_with_def_protos(
                graph.as_graph_def(), None, prefix, "mul", "", "", "", True, ""
            )
    assert "fix: give initializer_nodes" in str(info.value)


def test_a_graph_is_not_frozen_twice(trained):
    folder, prefix, _ = trained
    freeze(folder, prefix)
    with pytest.raises(ValueError, match="You cannot freeze a graph twice"):
        freeze(folder, prefix, input_graph=str(folder / "frozen.pb"))


def test_freeze_graph_is_a_program(oracle, trained):
    folder, prefix, expected = trained
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", "-m", "tensorflow.python.tools.freeze_graph",
         f"--input_graph={folder / 'graph.pb'}", "--input_binary=true",
         f"--input_checkpoint={prefix}", f"--output_graph={folder / 'out.pb'}",
         "--output_node_names=y"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    graph_def = gm.GraphDef.FromString((folder / "out.pb").read_bytes())
    np.testing.assert_allclose(run(oracle, graph_def, "y:0", {"x:0": X}), expected, 1e-5)


@pytest.mark.parametrize(
    "tool", ["freeze_graph", "inspect_checkpoint", "optimize_for_inference", "strip_unused"]
)
def test_a_tool_says_its_name(tool, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["alias.py", "--help"])
    with pytest.raises(SystemExit):
        importlib.import_module(f"graphmode.graph_tools.{tool}").main()
    assert capsys.readouterr().out.startswith(f"usage: {tool} ")


def test_optimize_for_inference(oracle, trained):
    folder, prefix, expected = trained
    frozen = freeze(folder, prefix)
    optimized = optimize_for_inference_lib.optimize_for_inference(frozen, ["x"], ["y"], FLOAT)
    assert not {"CheckNumerics", "Identity", "FusedBatchNorm", "FusedBatchNormV3"} & set(
        types(optimized)
    )
    assert types(optimized).count("BiasAdd") == 2
    assert len(optimized.node) < len(frozen.node) - 8
    for tf in (gm, oracle):
        np.testing.assert_allclose(run(tf, optimized, "y:0", {"x:0": X}), expected, 1e-5, 1e-6)


def oracle_of(oracle, tool):

    return importlib.import_module(f"tensorflow.python.tools.{tool}")


@pytest.mark.parametrize("model", ["mnist_cnn", "batch_norm", "dynamic_rnn", "cond"])
def test_what_1_15_froze_is_optimized(model):
    feeds, outputs, _ = told(model)
    inputs, graph_def = [name[:-2] for name in feeds], graph_def_of(model)
    kinds = [gm.as_dtype(value.dtype).as_datatype_enum for value in feeds.values()]
    optimized = optimize_for_inference_lib.optimize_for_inference(
        graph_def, inputs, [name[:-2] for name in outputs], kinds
    )
    found = run(gm, optimized, list(outputs), feeds)
    for value, expected in zip(found, outputs.values(), strict=True):
        np.testing.assert_allclose(value, expected, 1e-4, 1e-5)


def test_strip_unused(oracle, trained):
    folder, prefix, _ = trained
    frozen = freeze(folder, prefix)
    ours = strip_unused_lib.strip_unused(frozen, ["Relu"], ["y"], FLOAT)
    theirs = oracle_of(oracle, "strip_unused_lib").strip_unused(
        as_message(frozen, oracle.GraphDef), ["Relu"], ["y"], FLOAT
    )
    assert list(as_message(ours, oracle.GraphDef).node) == list(theirs.node)
    with pytest.raises(KeyError, match="The following input nodes were not found"):
        strip_unused_lib.strip_unused(frozen, ["nothing"], ["y"], FLOAT)


def test_inspect_checkpoint(trained, capsys):
    _, prefix, _ = trained

    def printed(*arguments):
        inspect_checkpoint.print_tensors_in_checkpoint_file(prefix, *arguments)
        return capsys.readouterr().out.splitlines()

    reader = gm.train.NewCheckpointReader(prefix)
    shapes = reader.get_variable_to_shape_map()
    total = f"# Total number of params: {sum(map(np.prod, shapes.values()))}"
    assert printed("mean0", False) == [
        "tensor_name:  mean0",
        str(reader.get_tensor("mean0")),
        total,
    ]
    assert printed("", False)[0] == "kernel0 (DT_FLOAT) [3,3,3,4]"
    assert printed("", False, True) == [
        *(f"tensor_name:  {name}" for name in sorted(shapes)),
        total,
    ]
    assert str(reader.get_tensor("scale1")) in "\n".join(printed("", True))
    assert printed("", False, True, "kernel")[-2:] == [
        "# Excluding 2 tensors (180 params) that match kernel when counting.",
        "# Total number of params: 48",
    ]
    assert "Key nothing not found in checkpoint" in printed("nothing", False)[0]
    inspect_checkpoint.print_tensors_in_checkpoint_file(f"{prefix}.index", "", False)
    assert f"Give its prefix: {prefix}" in capsys.readouterr().out


# ---- TransformGraph ------------------------------------------------------------------------------


@pytest.fixture
def scaled():
    """A frozen graph with products by constants, and what it gives."""
    x = gm.placeholder(gm.float32, [None, 4], name="x")
    kernel = gm.reshape(gm.constant(np.arange(12, dtype=np.float32) / 6), [4, 3])
    y = gm.matmul(x, gm.identity(kernel)) * gm.constant([0.5, -1.0, 2.0])
    y = gm.identity(y + gm.exp(gm.constant([1.0, 2.0, 3.0])), name="sum")
    gm.nn.relu(y, name="y")
    return gm.get_default_graph().as_graph_def()


ROWS = np.arange(8, dtype=np.float32).reshape(2, 4) - 3


@pytest.mark.parametrize(
    ("transforms", "gone"),
    [
        (["fold_constants(ignore_errors=true)"], {"Reshape", "Exp"}),
        (["fold_constants fold_batch_norms", "remove_nodes(op=Identity)"], {"Mul", "Identity"}),
        (['strip_unused_nodes(type=float, shape="2,4")', "sort_by_execution_order"], set()),
        (["remove_device", "remove_attribute(attribute_name=_output_shapes)"], set()),
    ],
)
def test_transforms(oracle, scaled, transforms, gone):
    expected = run(gm, scaled, "y:0", {"x:0": ROWS})
    result = TransformGraph(scaled, ["x"], ["y"], transforms)
    assert gone <= set(types(scaled))
    assert not gone & set(types(result))
    for tf in (gm, oracle):
        np.testing.assert_allclose(run(tf, result, "y:0", {"x:0": ROWS}), expected, 1e-6)
    if "strip_unused_nodes" in transforms[0]:
        (x,) = (node for node in result.node if node.name == "x")
        assert [d.size for d in x.attr["shape"].shape.dim] == [2, 4]


def test_a_pass_that_is_not_here(scaled):
    with pytest.raises(NotImplementedError) as info:
        TransformGraph(scaled, ["x"], ["y"], ["fold_constants", "quantize_weights"])
    assert "TransformGraph: quantize_weights. There are here: fold_batch_norms, " in str(info.value)


def test_folding_keeps_what_is_read_elsewhere(scaled):
    nodes = {node.name: node for node in scaled.node}
    product = next(node.name for node in scaled.node if node.op == "MatMul")
    result = TransformGraph(scaled, ["x"], ["y", product], ["fold_constants", "fold_batch_norms"])
    assert "Mul" in types(result)
    expected = run(gm, scaled, [f"{product}:0", "y:0"], {"x:0": ROWS})
    found = run(gm, result, [f"{product}:0", "y:0"], {"x:0": ROWS})
    np.testing.assert_array_equal(found[0], expected[0])
    assert nodes.keys() >= {"x", "y"}


def test_addresses():
    assert gm.graph_util.extract_sub_graph is graph_util.extract_sub_graph
    assert gm.graph_util.import_graph_def is gm.import_graph_def
