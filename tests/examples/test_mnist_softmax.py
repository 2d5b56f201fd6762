"""The demo: what it prints and draws, on MNIST and without it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("GRAPHMODE_DATA", CHECKOUT.parent / "shared" / "data"))


def demo(tmp_path, environment):
    command = [sys.executable, "-m", "graphmode", "run", CHECKOUT / "examples" / "mnist_softmax.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    picture = (tmp_path / "out" / "mnist_softmax.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert "weights of the ten digits: " in done.stdout
    return done.stdout


def test_accuracy_and_losses_are_tensorflows(tmp_path):
    if not (DATA / "mnist" / "train-images-idx3-ubyte.gz").is_file():
        pytest.skip("MNIST is not in $GRAPHMODE_DATA/mnist")
    lines = demo(tmp_path, os.environ | {"GRAPHMODE_DATA": str(DATA)}).splitlines()
    assert lines[0] == "data: MNIST"
    losses = {line.split()[1]: float(line.split()[-1]) for line in lines if "loss" in line}
    # Printed by TensorFlow 2.21's compat.v1 for the same program and batches.
    assert losses["100"] == pytest.approx(0.4215, abs=2e-4)
    assert losses["500"] == pytest.approx(0.3143, abs=2e-4)
    assert losses["1000"] == pytest.approx(0.3000, abs=2e-4)
    accuracy = next(line for line in lines if line.startswith("test accuracy"))
    assert float(accuracy.split()[-1]) == pytest.approx(0.9138, abs=2e-4)


def test_without_mnist_it_says_so_and_takes_the_small_digits(tmp_path):
    pytest.importorskip("sklearn")
    # A proxy on a closed port: nothing is downloaded even where there is a network.
    environment = {name: value for name, value in os.environ.items() if name != "GRAPHMODE_DATA"}
    environment |= {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    output = demo(tmp_path, environment)
    assert "data: not MNIST, but scikit-learn's small digits enlarged to 28x28" in output
    assert "1397 images to train, 200 to test" in output
    assert "train-images-idx3-ubyte.gz" in output
    # TensorFlow gives the same on the same batches.
    assert "test accuracy: 0.9600" in output
