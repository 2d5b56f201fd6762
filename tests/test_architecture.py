"""docs/architecture.md is true: its examples run, its call goes that way. So is the README."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "architecture.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
EXAMPLES = [title for title in SECTIONS if title.startswith("Add ")]


def test_there_are_the_examples_that_are_promised():
    assert EXAMPLES == ["Add an op", "Add a gradient", "Add a place"]


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_runs(title):
    (program,) = re.findall(r"```python\n(.*?)```", SECTIONS[title], re.S)
    assert "assert " in program
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def functions_of_the_page():
    """The functions that the numbered list names in bold, those of one number together."""
    (title,) = (title for title in SECTIONS if title.startswith("One `sess.run"))
    items = re.split(r"^\d+\. ", SECTIONS[title], flags=re.M)[1:]
    return [set(re.findall(r"\*\*`([\w.]+)`\*\*", item)) for item in items]


def called_by(run):
    """The qualified names of the functions of graphmode that `run` calls, in order."""
    names = []

    def profile(frame, event, _):
        if event == "call" and "graphmode" in frame.f_code.co_filename:
            names.append(frame.f_code.co_qualname)

    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    return names


@pytest.mark.parametrize("shape", [(2, 3), (4, 3)])
def test_a_run_goes_the_way_that_the_page_follows(mode, shape):
    page = functions_of_the_page()
    assert len(page) <= 12
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [None, 3])
        w = tf.Variable(tf.ones([3, 1]))
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w)))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        sess.run(w.initializer)
        sess.run([train, loss], {x: np.ones((1, 3))})
        names = called_by(lambda: sess.run([train, loss], {x: np.ones(shape)}))
    at = -1
    for functions in page:
        places = [names.index(name, at + 1) for name in functions if name in names[at + 1 :]]
        assert places, f"none of {functions} is called after {names[at]}"
        at = min(places)


def test_the_table_of_floors_has_every_folder():
    source = Path(tf.__file__).parent
    folders = {
        path.name
        for path in source.iterdir()
        if path.is_dir() and any(file.suffix == ".py" for file in path.iterdir())
    }
    named = set(re.findall(r"`(\w+)/`", SECTIONS["The floors"]))
    assert folders <= named


def test_the_first_program_of_the_readme_learns():
    text = (Path(__file__).resolve().parents[1] / "README.md").read_text()
    program = re.search(r"```python\n(.*?)```", text, re.S).group(1)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert 0 <= float(done.stdout) < 0.1, done.stderr
