"""SavedModels of TensorFlow 2: functions, loops, resource variables, Keras."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("tensorflow is not installed (pip install graphmode[oracle])")
    folder = tmp_path_factory.mktemp("of_tensorflow_2")
    maker = Path(__file__).with_name("of_tensorflow_2.py")
    subprocess.run([sys.executable, maker, folder], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("name", ["module", "images", "words"])
def test_what_tensorflow_2_wrote_is_read(folder, name, mode):
    predict = tf.contrib.predictor.from_saved_model(str(folder / name))
    x = np.load(folder / "inputs.npz")[name]
    found = predict({"x": x})["y"]
    np.testing.assert_allclose(found, np.load(folder / "outputs.npz")[name], rtol=1e-5, atol=1e-6)


def test_its_gradient(folder):
    """Through the function that it calls, and the loop and the branch inside."""
    predict = tf.contrib.predictor.from_saved_model(str(folder / "module"))
    with predict.graph.as_default():
        (slope,) = tf.gradients(predict.fetch_tensors["y"], predict.feed_tensors["x"])
        found = predict.session.run(slope, {predict.feed_tensors["x"]: [[1.0, 2.0]]})
    np.testing.assert_allclose(found, [[3 * 1.5**3, 7 * 1.5**3]])


def test_unknown_types_of_functions_that_nothing_calls_are_no_matter(folder):
    """Keras writes what its LSTM would be on a GPU: CudnnRNNV3, which is not known here."""
    message = tf.contrib.saved_model.python.saved_model.reader.read_saved_model(
        str(folder / "words")
    )
    functions = message.meta_graphs[0].graph_def.library.function
    assert any(node.op == "CudnnRNNV3" for function in functions for node in function.node_def)
