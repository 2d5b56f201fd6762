"""`graphmode checkpoint`."""

import subprocess
import sys

import pytest

import graphmode as tf


def checkpoint(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "checkpoint", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path):
    with tf.Session() as session:
        w = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="layer/w")
        tf.Variable([7], name="n")
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver()
        saver.save(session, str(tmp_path / "model"), global_step=1)
        session.run(w.assign_add([[0.0, 0.5], [0.0, 0.0]]))
        saver.save(session, str(tmp_path / "model"), global_step=2)
        tf.train.Saver([w]).save(session, str(tmp_path / "model"), global_step=3)
    return tmp_path


def test_what_a_checkpoint_holds(folder):
    assert checkpoint("ls", folder / "model-2") == (
        0,
        "layer/w  float32   [2, 2]\nn        int32     [1]\n2 tensors, 5 elements, 0.0 MB\n",
        "",
    )
    assert checkpoint("ls", folder)[1].startswith("layer/w  float32   [2, 2]\n1 tensors")


def test_values(folder):
    expected = "n  int32 [1]\n[7]\nlayer/w  float32 [2, 2]\n[[1. 2.]\n [3. 4.]]\n"
    assert checkpoint("show", folder / "model-1", "n", "layer/w") == (0, expected, "")


def test_differences(folder):
    assert checkpoint("diff", folder / "model-1", folder / "model-1")[:2] == (0, "no difference\n")
    expected = "! layer/w  by up to 0.5\n- n\n"
    assert checkpoint("diff", folder / "model-1", folder / "model-3") == (1, expected, "")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["ls", "{}/none"], "Failed to find any matching files for {}/none"),
        (["ls", "{}/empty"], "Couldn't find 'checkpoint' file or checkpoints in given directory"),
        (["show", "{}/model-1", "layer/v"], "Key layer/v not found in checkpoint\n"
                                            "  it has: layer/w"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(folder, arguments, text):
    (folder / "empty").mkdir()
    status, out, said = checkpoint(*[a.replace("{}", str(folder)) for a in arguments])
    assert (status, out) == (1, "")
    assert said.startswith("graphmode checkpoint: ")
    assert text.replace("{}", str(folder)) in said
    assert "Traceback" not in said
