"""Frozen graphs that TensorFlow 1.15.5 wrote (`frozen_by_1_15/make.py`), run and differentiated."""

import functools
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf
from golden import stored
from graphmode.graph_io.v1_control_flow import has_v1_control_flow

FOLDER = Path(__file__).with_name("frozen_by_1_15")
MODELS = sorted(path.stem for path in FOLDER.glob("*.pb"))
FRAMES = {"cond", "batch_norm", "dynamic_rnn"}
"""Those with loops or branches of TensorFlow 1."""


def graph_def_of(model):
    graph_def = tf.GraphDef()
    graph_def.ParseFromString((FOLDER / f"{model}.pb").read_bytes())
    return graph_def


@functools.cache
def told(model):
    """What TensorFlow 1.15.5 was fed, what it gave, and the gradients of that."""
    parts = json.loads((FOLDER / f"{model}.json").read_text())
    return [
        {name: stored.decoded(value) for name, value in parts[key].items()}
        for key in ("feeds", "outputs", "gradients")
    ]


def assert_close(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype, name
        if value.dtype.kind == "f":
            largest = np.abs(value).max()
            np.testing.assert_allclose(found[name], value, 2e-5, 2e-6 * largest, err_msg=name)
        else:
            np.testing.assert_array_equal(found[name], value, err_msg=name)


def test_there_is_a_model_of_each_kind():
    assert {*FRAMES, "mnist_cnn", "decoder"} == set(MODELS)
    assert {model for model in MODELS if has_v1_control_flow(graph_def_of(model))} == FRAMES


@pytest.mark.usefixtures("mode")
@pytest.mark.parametrize("model", MODELS)
def test_outputs_and_gradients_are_those_of_1_15(model):
    feeds, outputs, gradients = told(model)
    names = [*outputs, *gradients]
    elements = tf.import_graph_def(graph_def_of(model), return_elements=names, name="")
    found = dict(zip(names, elements, strict=True))
    by = [found[name] for name in gradients]
    loss = tf.add_n([tf.reduce_sum(y * y) for y in found.values() if y.name in outputs
                     and y.dtype.is_floating])  # fmt: skip
    slopes = dict(zip(gradients, tf.gradients(loss, by), strict=True))
    with tf.Session() as sess:
        given, slopes = sess.run([{name: found[name] for name in outputs}, slopes], feeds)
    assert_close(given, outputs)
    assert_close(slopes, gradients)


def test_1_15_makes_the_same_files_again(tmp_path):
    python = os.environ.get("GRAPHMODE_TF115")
    if not python:
        pytest.skip("GRAPHMODE_TF115 names no Python 3.7 with tensorflow==1.15.5")
    make = FOLDER / "make.py"
    subprocess.run([python, make, "--into", tmp_path], check=True, env={"PATH": os.environ["PATH"]})
    for path in sorted(FOLDER.glob("*.json")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
