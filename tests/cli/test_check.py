"""`graphmode check`: what it prints and exits with; what `graphmode run` says before it runs."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from graphmode.cli.commands import app

NEEDS = """import tensorflow as tf
import model
import numpy as np
x = tf.nn.relu(np.float(3))
y = tf.nn.relu(x, colour=3)
tf.contrib.eager.Iterator(x)
open('http://yann.lecun.com/exdb/mnist/')
"""
MODEL = "import tensorflow as tf\ndef build():\n    return tf.contrib.eager.Variable(3)\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.py").write_text(NEEDS)
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "whole.py").write_text("import tensorflow as tf\nprint(tf.VERSION)\n")
    return tmp_path


def check(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def test_each_need_has_a_line_and_what_is_whole_one_a_file(folder):
    done = check("main.py")
    assert done.output.splitlines() == [
        "main.py:4: numpy.float is answered: gone since NumPy 1.24; today: `float`",
        "main.py:5: tf.nn.relu(colour=) is partial: not taken here; these are: features, name",
        "main.py:6: tf.contrib.eager.Iterator is absent: graphmode runs graphs only: fetch with "
        "Session.run",
        "main.py:7: http://yann.lecun.com/exdb/mnist/ is answered: *-ubyte.gz of "
        "graphmode.datasets.mnist",
        "model.py:3: tf.contrib.eager.Variable is absent: graphmode runs graphs only: fetch with "
        "Session.run",
        "main.py: whole: tf 1, tf.nn.relu 4",
        "model.py: whole: tf 1",
        "names of tensorflow: 1 whole, 1 partial, 2 absent; answered: names of the period 1, "
        "addresses 1",
        "3 lines need what is absent",
    ]
    assert done.exit_code == 1


def test_what_runs_exits_with_0(folder):
    done = check("whole.py")
    assert done.output.splitlines()[-1] == "nothing is missing"
    assert done.exit_code == 0


def test_a_folder_is_all_its_programs(folder):
    (folder / "notes").mkdir()
    (folder / "notes" / "a.ipynb").write_text('{"cells": [], "metadata": {}}')
    (folder / ".venv").mkdir()
    (folder / ".venv" / "b.py").write_text("import tensorflow as tf\ntf.nothing\n")
    (folder / "a.out.ipynb").write_text("{")
    done = check(".", "main.py")
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "3 lines need what is absent"
    assert "whole.py: whole: tf 1, tf.VERSION 2" in done.output.splitlines()


def test_json(folder):
    done = check("--json", "main.py")
    report = json.loads(done.output)
    assert (done.exit_code, report["runs"]) == (1, False)
    assert report["summary"] == {
        "whole": 1, "partial": 1, "absent": 2, "rows": 1, "addresses": 1, "stops": 3
    }  # fmt: skip
    assert {
        "file": "model.py",
        "cell": None,
        "line": 3,
        "kind": "symbol",
        "name": "tf.contrib.eager.Variable",
        "state": "absent",
        "note": "graphmode runs graphs only: fetch with Session.run",
        "stops": True,
    } in report["findings"]


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("absent.py", "graphmode check: absent.py: No such file or directory"),
        ("empty", "graphmode check: there is no script and no notebook in empty"),
    ],
)
def test_what_cannot_be_checked_is_named(target, text, folder):
    (folder / "empty").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "check", target], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, f"{text}\n")


def run(*arguments, **options):
    command = [sys.executable, "-m", "graphmode", "run", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


LATE = "import tensorflow as tf\nprint('first')\ndef f():\n    tf.contrib.eager.Variable(3)\n"
WARNING = (
    "{} needs tf.contrib.eager.Variable, which is absent: graphmode runs graphs only: fetch with "
    "Session.run"
)


def test_run_says_first_what_is_absent(folder):
    (folder / "late.py").write_text("import model\n" + LATE + "f()\n")
    done = run("late.py")
    assert (done.stdout, done.returncode) == ("first\n", 1)
    lines = done.stderr.splitlines()
    assert lines[0] == "graphmode run: " + WARNING.format("late.py:5")
    assert lines[1].startswith("Traceback")  # each name is said once
    assert lines[-1].endswith(": graphmode runs graphs only: fetch with Session.run")


def test_run_says_it_of_standard_input_modules_and_folders(folder):
    done = run("-", input=LATE)
    assert done.stderr == f"graphmode run: {WARNING.format('<stdin>:4')}\n"
    done = run("-m", "model")
    assert done.stderr == f"graphmode run: {WARNING.format('model.py:3')}\n"
    (folder / "main.py").write_text(LATE)
    assert run(".").stderr == f"graphmode run: {WARNING.format('main.py:4')}\n"


def test_run_says_nothing_of_what_is_never_run_without(folder):
    (folder / "guarded.py").write_text(
        "import tensorflow as tf\ntry:\n    tf.nothing\nexcept AttributeError:\n    print(2)\n"
    )
    done = run("guarded.py")
    assert (done.stdout, done.stderr) == ("2\n", "")
