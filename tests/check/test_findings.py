"""Findings: what is said of each need, and that it is what happens when the program runs."""

import json
import re
from pathlib import Path

import pytest
from tests.period.running import read, run
from tests.period.test_programs import CASES

from graphmode.check.arguments import REFUSED
from graphmode.check.findings import findings, program_at, summarize
from graphmode.check.program import Program
from graphmode.check.symbols import ALWAYS_REFUSED, found

ROOT = Path(__file__).parents[2]


def check(text, name="program.py"):
    program = Program()
    program.add(Path("/nowhere") / name, text.encode(), name)
    return findings(program)


def said(text):
    return [
        (each.place.line, each.kind, each.name, each.state, each.stops)
        for each in check(text)
        if each.state != "whole"
    ]


def test_symbols_are_whole_or_absent_with_what_to_use():
    found = check(
        "import tensorflow as tf\nx = tf.nn.relu(1)\ntf.contrib.eager.Iterator(x)\ntf.nn.x\n"
        "tf.flags.FLAGS.batch_size\ntf.train.AdamOptimizer.minimize\n"
    )
    symbols = {each.name: (each.state, each.note) for each in found}
    assert symbols == {
        "tf": ("whole", ""),
        "tf.nn.relu": ("whole", ""),
        "tf.contrib.eager.Iterator": (
            "absent",
            "graphmode runs graphs only: fetch with Session.run",
        ),
        "tf.nn.x": ("absent", ""),
        "tf.flags.FLAGS.batch_size": ("whole", ""),
        "tf.train.AdamOptimizer.minimize": ("whole", ""),
    }
    assert summarize(found)._replace(whole=0) == (0, 0, 2, 0, 0, 2)


def test_arguments_that_are_not_taken_make_a_symbol_partial():
    text = (
        "import tensorflow as tf\n"
        "tf.nn.relu(1, colour=2)\n"
        "tf.train.Saver(builder=3)\n"
        "tf.abs(1, 'name', 3)\n"
        "tf.ConfigProto(allow_soft_placement=True, speed=3)\n"
        "tf.abs(*a, **k)\n"
        "tf.reduce_sum(x, keep_dims=True)\n"
        "tf.layers.dense(x, 3, activation=None)\n"
    )
    assert [each for each in said(text) if each[1] == "argument"] == [
        (2, "argument", "tf.nn.relu(colour=)", "partial", True),
        (3, "argument", "tf.train.Saver(builder=)", "partial", True),
        (4, "argument", "tf.abs(#3=)", "partial", True),
        (5, "argument", "tf.ConfigProto(speed=)", "partial", True),
    ]


@pytest.mark.parametrize("name", ALWAYS_REFUSED)
def test_what_is_always_refused_is_there_to_say_so(name):
    value = found(name.replace("tf.", "tensorflow.")).value
    arguments = [1, 1] if name.endswith("cluster") else []
    with pytest.raises(NotImplementedError):
        value(*arguments)


def test_what_notes_name_is_there():
    notes = [*ALWAYS_REFUSED.values(), *(note for row in REFUSED.values() for note in row.values())]
    names = [name for note in notes for name in re.findall(r"\btf\.([\w.]+\w)", note)]
    assert len(names) >= 3
    assert [name for name in names if not found(f"tensorflow.{name}").is_present] == []


def test_an_argument_that_is_none_is_not_refused():
    text = "import tensorflow as tf\ntf.train.Saver(builder=None)\n"
    assert not any(each.stops for each in check(text))


NEEDED = {
    "bincount": {"arr": [1]},
    "contrib.layers.batch_norm": {"inputs": [[1.0]]},
    "contrib.slim.learning.train": {"train_op": 1, "logdir": None},
}


@pytest.mark.parametrize(
    ("symbol", "argument"), [(symbol, name) for symbol, row in REFUSED.items() for name in row]
)
def test_an_argument_that_is_refused_is_one_that_is_taken(symbol, argument):
    value = found(f"tensorflow.{symbol}").value
    with pytest.raises(NotImplementedError):
        value(**NEEDED.get(symbol, {}), **{argument: 3})


def test_rows_of_the_period_and_modules():
    text = (
        "import numpy as np, scipy.misc, no_such_module, reader, os\n"
        "from sklearn.cross_validation import train_test_split\n"
        "np.float(scipy.misc.imread('x').tostring())\n"
        "np.ptp(3)\n"
        "try:\n    import cannot_be_there\nexcept ImportError:\n    pass\n"
        "scipy.misc.lena()\n"
    )
    assert said(text) == [
        (1, "period", "scipy.misc", "answered", False),
        (1, "module", "no_such_module", "absent", True),
        (2, "period", "sklearn.cross_validation", "answered", False),
        (3, "period", ".tostring", "answered", False),
        (3, "period", "numpy.float", "answered", False),
        (3, "period", "scipy.misc.imread", "answered", False),
        (6, "module", "cannot_be_there", "absent", False),
        (9, "period", "scipy.misc.lena", "absent", True),
    ]


def test_methods_that_are_gone():
    text = (
        "import pandas as pd\n"
        "df = pd.read_csv('x')\n"
        "df.ix[1, 2]\n"
        "load()[0].as_matrix()\n"
        "df.append(3)\n"
        "df.set_axis_bgcolor\n"
        "for key, value in d.iteritems(): pass\n"
    )
    assert [(line, name) for line, kind, name, *_ in said(text)] == [
        (3, ".ix"),
        (4, ".as_matrix"),
        (7, ".iteritems"),
    ]
    assert said("df.ix[1]\n") == []


def test_modules_from_where_a_program_looks():
    (found,) = check("import sys\nsys.path.append('lib')\nimport model_of_lib\n")
    assert (found.name, found.state, found.stops) == ("model_of_lib", "absent", False)
    assert "sys.path" in found.note


def test_a_file_of_a_package_is_read_with_its_project(tmp_path):
    for name, text in {
        "README.md": "",
        "nets/__init__.py": "",
        "nets/deep.py": "import tensorflow as tf\nact = tf.contrib.eager.Variable\n",
        "nets/train.py": "from nets.deep import act\nact(3)\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = findings(program_at(tmp_path / "nets" / "train.py"))
    assert [each.name for each in found if each.stops] == ["tf.contrib.eager.Variable"] * 2


def test_addresses_that_are_answered():
    text = (
        "'''http://yann.lecun.com/exdb/mnist/ is where it was'''\n"
        "import os\n"
        "SOURCE = 'http://yann.lecun.com/exdb/mnist/'\n"
        "os.system('wget http://www.grouplens.org/x/ml-1m.zip -O x')\n"
        "'https://example.com/nobodys.zip'\n"
    )
    assert [(e.place.line, e.kind, e.note) for e in check(text) if e.state != "whole"] == [
        (3, "address", "*-ubyte.gz of graphmode.datasets.mnist"),
        (4, "address", "ml-1m.zip of graphmode.datasets.movielens_1m"),
    ]


def test_python_2_and_texts_that_nobody_reads():
    assert said("import tensorflow as tf\nprint tf.add, 1 / 2\ntf.nothing\n") == [
        (1, "period", "Python 2", "answered", False),
        (3, "symbol", "tf.nothing", "absent", True),
    ]
    (broken,) = check("x = 1\ny = (2,\n")
    assert (broken.place.line, broken.kind, broken.stops) == (2, "text", True)
    assert broken.note == "'(' was never closed"


def notebook(*cells, language="python"):
    return json.dumps(
        {
            "cells": [
                {"cell_type": kind, "source": text, "metadata": {}, "outputs": []}
                for kind, text in cells
            ],
            "metadata": {"kernelspec": {"language": language}},
            "nbformat": 4,
        }
    )


def test_the_cells_of_a_notebook_are_numbered_as_they_run(tmp_path):
    path = tmp_path / "lab.ipynb"
    path.write_text(
        notebook(
            ("markdown", "tf.nothing"),
            ("code", ["%matplotlib inline\n", "import tensorflow as tf"]),
            ("code", "  "),
            ("code", "'%d' \\\n    % 3\nprint('%d'\n  % 3)\n!ls\n"),
            ("code", "%time tf.gone(3)\nfiles = !ls\n!wget http://x.org/y/ml-1m.zip\ntf.add"),
            ("code", "%%bash\ncurl -O http://files.grouplens.org/d/ml-1m.zip\n"),
            ("code", "print tf.away\n"),
            ("code", "x = (\n"),
        )
    )
    found = findings(program_at(path))
    assert [(str(e.place).removeprefix(f"{path}:"), e.kind, e.name) for e in found] == [
        ("In[1]:2", "symbol", "tf"),
        ("In[3]:1", "symbol", "tf.gone"),
        ("In[3]:4", "symbol", "tf.add"),
        ("In[4]:2", "address", "http://files.grouplens.org/d/ml-1m.zip"),
        ("In[5]:1", "period", "Python 2"),
        ("In[5]:1", "symbol", "tf.away"),
        ("In[6]:1", "text", "text"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not a notebook: Expecting property name"),
        ("[3]", "not a notebook: "),
        ('{"cells": 3}', "not a notebook: "),
        (notebook(("code", "1"), language="R"), "a notebook of R, not of Python"),
    ],
)
def test_what_is_no_notebook_is_said(text, reason, tmp_path):
    path = tmp_path / "lab.ipynb"
    path.write_text(text)
    (found,) = findings(program_at(path))
    assert found.stops and found.note.startswith(reason)


# ---- what is said happens ------------------------------------------------------------------------

ABSENT = {
    "attribute": "import tensorflow as tf\ntf.contrib.eager.Iterator\n",
    "no_hint": "import tensorflow as tf\ntf.nn.no_such_name\n",
    "top": "import tensorflow as tf\nx = 1\ntf.load_op_library('x.so')\n",
    "module": "import tensorflow.contrib.tensor_forest.python.nothing\n",
    "from": "from tensorflow.contrib.factorization import KMeans\n",
    "alias": "import tensorflow as tf\nlearn = tf.contrib.learn\nlearn.Estimator\n",
    "argument": "import tensorflow as tf\ntf.abs(1.0, colour=3)\n",
    "refused": "import tensorflow as tf\ntf.bincount([1], axis=3)\n",
    "eager": "import tensorflow as tf\ntf.enable_eager_execution()\n",
    "library": "import scipy.misc\nscipy.misc.lena()\n",
    "not_installed": "import no_such_module\n",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    return run(ABSENT, tmp_path_factory.mktemp("programs"))


@pytest.mark.parametrize("name", ABSENT)
def test_where_it_says_that_a_program_stops_it_stops(name, outcomes):
    (stop,) = [each for each in check(ABSENT[name]) if each.stops]
    out, err = outcomes[name]
    assert "Error: " in out
    assert f'File "{name}", line {stop.place.line}' in err
    if stop.kind == "symbol":
        assert stop.name.removeprefix("tf.").rpartition(".")[2] in out
        assert stop.note in out or stop.name in ALWAYS_REFUSED


def test_programs_of_the_period_are_not_said_to_stop():
    stops = {
        (group, name): [str(each) for each in check(read(group)[name][0]) if each.stops]
        for group, name in CASES
    }
    assert {case: found for case, found in stops.items() if found} == {}


def programs_that_run():
    """Those that other tests run to their end."""
    folders = (ROOT / "examples", ROOT / "tests" / "programs")
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return [
        file
        for file in files
        if file.suffix in (".py", ".ipynb")
        and file.parent.name not in ("programs", "wrong")
        and not file.name.endswith(".out.ipynb")
    ]


def test_programs_that_run_are_not_said_to_stop():
    stops = {
        str(file): [str(each) for each in findings(program_at(file)) if each.stops]
        for file in programs_that_run()
    }
    assert len(stops) >= 15
    assert {file: found for file, found in stops.items() if found} == {}
