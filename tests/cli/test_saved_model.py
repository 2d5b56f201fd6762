"""`graphmode saved-model`."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

MODEL = Path(__file__).resolve().parents[1] / "saved_models" / "of_1_15" / "model"


def saved_model(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "saved-model", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_what_a_model_holds():
    shown = """serve: 44 nodes, TensorFlow 1.15.5
  count (count)
    output  n  int32  ()  n_words:0
  serving_default (tensorflow/serving/predict)
    input   scale  float32  ()      scale:0
    input   x      float32  (?, 2)  x:0
    output  y      float32  (?, 3)  y:0
"""
    assert saved_model("show", MODEL, "--tag-set", "serve") == (0, shown, "")
    assert "serve, gpu: 65 nodes, TensorFlow 1.15.5" in saved_model("show", MODEL)[1]
    one = saved_model("show", MODEL, "--tag-set", "serve", "--signature-def", "count")[1]
    assert one == "".join(shown.splitlines(keepends=True)[:3])


def test_what_a_model_computes(tmp_path):
    np.save(tmp_path / "x.npy", np.array([[1.0, 2.0]], np.float32))
    code, printed, errors = saved_model(
        "run", MODEL, "--inputs", f"x={tmp_path / 'x.npy'}", "--outdir", tmp_path / "out"
    )
    assert (code, errors) == (0, "")
    assert printed == (
        f"Result for output key y:\n[[7. 6. 0.]]\nOutput y is saved to {tmp_path / 'out/y.npy'}\n"
    )
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "y.npy"), [[7.0, 6.0, 0.0]])
    np.savez(tmp_path / "x.npz", a=np.zeros([1, 2]), b=np.array([[1.0, 2.0]]))
    inputs = f"x={tmp_path / 'x.npz'}[b]"
    assert saved_model("run", MODEL, "--inputs", inputs, "--input-exprs", "scale=2.0")[1] == (
        "Result for output key y:\n[[14. 12.  0.]]\n"
    )
    assert saved_model("run", MODEL, "--signature-def", "count")[1] == (
        "Result for output key n:\n3\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "nowhere"], "SavedModel file does not exist at: nowhere/"),
        (["show", MODEL, "--tag-set", "train"], "available_tags: [['serve'], ['gpu', 'serve']]"),
        (["run", MODEL, "--signature-def", "s"], "signatures are ['count', 'serving_default']"),
        (["run", MODEL], "no value for the input scale, x: say --inputs KEY=FILE.npy"),
        (["run", MODEL, "--input-exprs", "x=open('f')"], "numbers, texts and lists of them"),
        (["run", MODEL, "--input-exprs", "x"], "'x' is not of the form KEY=VALUE"),
        (["run", MODEL, "--input-exprs", "z=1;x=[[1,2]]"], "Got unexpected keys in input_dict"),
        (["run", MODEL, "--input-exprs", "x=[1]"], "Cannot feed value of shape (1,)"),
    ],
)
def test_mistakes(arguments, said):
    code, printed, errors = saved_model(*arguments)
    assert (code, printed) == (1, "")
    assert errors.startswith("graphmode saved-model: ")
    assert said in errors
