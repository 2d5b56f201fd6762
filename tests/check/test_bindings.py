"""What names stand for: each idiom of programs, with the names of tensorflow that it uses."""

from pathlib import Path

import pytest

from graphmode.check.program import Program

IDIOMS = {
    "import_as": ("import tensorflow as tf\ntf.nn.relu(1)\n", ["2 nn.relu"]),
    "import_whole": ("import tensorflow\ntensorflow.nn.relu(1)\n", ["2 nn.relu"]),
    "import_below": (
        "import tensorflow.contrib.slim as slim\nslim.conv2d(1)\n",
        ["1 contrib.slim", "2 contrib.slim.conv2d"],
    ),
    "import_below_binds_the_top": (
        "import tensorflow.contrib.slim\ntensorflow.nn.relu\n",
        ["1 contrib.slim", "2 nn.relu"],
    ),
    "from": (
        "from tensorflow.contrib import rnn as cells\ncells.GRUCell(2)\n",
        ["1 contrib.rnn", "2 contrib.rnn.GRUCell"],
    ),
    "compat": ("import tensorflow.compat.v1 as tf\ntf.nn.relu\n", ["2 nn.relu"]),
    "compat_attribute": ("import tensorflow\ntf = tensorflow.compat.v1\ntf.add\n", ["3 add"]),
    "alias": (
        "import tensorflow as tf\nlayers = tf.layers\nlayers.dense\n",
        ["2 layers", "3 layers.dense"],
    ),
    "aliases_in_one_line": (
        "import tensorflow as tf\na, b = tf.nn, tf.train\nb.Saver\na.relu\n",
        ["2 nn", "2 train", "3 train.Saver", "4 nn.relu"],
    ),
    "alias_in_a_function": (
        "import tensorflow as tf\ndef f():\n    L = tf.layers\n    return L.dense\nL = 3\nL.x\n",
        ["3 layers", "4 layers.dense"],
    ),
    "parameter_hides": ("import tensorflow as tf\ndef f(tf):\n    return tf.nothing\n", []),
    "name_of_two_things": (
        "import tensorflow as tf\nop = tf.add\nfor op in []:\n    op.x\n",
        ["2 add"],
    ),
    "none_first": (
        "tf = None\ndef f():\n    global tf\n    import tensorflow as tf\ntf.add\n",
        ["5 add"],
    ),
    "star": ("from tensorflow import *\nplaceholder\nnothing\n", ["2 placeholder"]),
    "class": (
        "import tensorflow as tf\nclass C(tf.nn.rnn_cell.RNNCell):\n    nn = 3\n"
        "    def f(self, x=tf.float32):\n        return nn.x, tf.add\n",
        ["2 nn.rnn_cell.RNNCell", "4 float32", "5 add"],
    ),
    "decorator_and_comprehension": (
        "import tensorflow as tf\n@tf.RegisterGradient('A')\ndef f(op):\n"
        "    return [tf.add(tf, 1) for tf in op]\n",
        ["2 RegisterGradient"],
    ),
    "lambda_and_call_of_a_call": (
        "import tensorflow as tf\nf = lambda x: tf.Session().run(tf.abs(x))\n",
        ["2 Session", "2 abs"],
    ),
    "own_name_put_there": (
        "import tensorflow as tf\ntf.mul = tf.multiply\ntf.mul(1, 2)\n",
        ["2 multiply"],
    ),
    "text_is_not_guessed": ("import tensorflow as tf\ngetattr(tf, 'mul')\n'tf.mul'\n", []),
    "python_2": (
        "import tensorflow as tf\nprint 'a'\nprint tf.VERSION, 1 / 2\n",
        ["3 VERSION"],
    ),
}


def names(program):
    """``line name`` of each use of tensorflow, but tensorflow itself."""
    uses = [use for use in program.uses() if use.name.startswith("tensorflow.")]
    shown = (f"{u.place.line} {u.name.partition('.')[2].removeprefix('compat.v1')}" for u in uses)
    shown = (text.replace(" .", " ") for text in shown)
    return sorted(dict.fromkeys(text for text in shown if not text.endswith(" ")))


@pytest.mark.parametrize("idiom", IDIOMS)
def test_an_idiom(idiom, tmp_path):
    text, expected = IDIOMS[idiom]
    program = Program()
    program.add(tmp_path / "program.py", text.encode())
    assert names(program) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    tf.nothing\nexcept AttributeError:\n    pass\n",
        "try:\n    from tensorflow import nothing\nexcept (ImportError, KeyError):\n    pass\n",
        "try:\n    tf.nothing\nexcept:\n    tf.no_more\n",
        "if tf.__version__ < '1.0':\n    tf.nothing\nelse:\n    tf.no_more\n",
        "x = tf.nothing if hasattr(tf, 'nothing') else 3\n",
    ],
)
def test_what_a_program_provides_for_is_not_missing(text, tmp_path):
    program = Program()
    program.add(tmp_path / "program.py", b"import tensorflow as tf\n" + text.encode())
    assert program.missing() == []


@pytest.mark.parametrize(
    "text", ["try:\n    tf.nothing\nexcept ValueError:\n    pass\n", "if x:\n    tf.nothing\n"]
)
def test_what_nothing_provides_for_is_missing(text, tmp_path):
    program = Program()
    program.add(tmp_path / "program.py", b"import tensorflow as tf\n" + text.encode())
    assert [str(each) for each in program.missing()] == [
        f"{tmp_path / 'program.py'}:3 needs tf.nothing, which is absent"
    ]


def test_modules_beside_a_program_are_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {
        "main.py": "from common import *\nimport nets.deep as deep\nfrom nets import wide\n"
        "from nets.deep import act\nimport beside\ntf.add\ndeep.tf.abs\nwide.nn.relu\nact(1)\n"
        "beside.layers.dense\n",
        "common.py": "import tensorflow as tf\n",
        "beside.py": "from common import tf\nlayers = tf.layers\nimport main\n",
        "nets/__init__.py": "",
        "nets/deep.py": "import tensorflow as tf\nfrom . import wide\nact = tf.tanh\nwide.nn.elu\n",
        "nets/wide.py": "from tensorflow import nn\nfrom ..nothing import x\n",
        "unused.py": "import tensorflow as tf\ntf.unused\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    program = Program()
    program.add(Path("main.py"))
    found = {
        (str(use.place), use.name.removeprefix("tensorflow."))
        for use in program.uses()
        if use.name != "tensorflow"
    }
    assert found == {
        ("main.py:6", "add"),
        ("main.py:7", "abs"),
        ("main.py:8", "nn.relu"),
        ("main.py:9", "tanh"),
        ("main.py:10", "layers.dense"),
        ("beside.py:2", "layers"),
        ("nets/deep.py:3", "tanh"),
        ("nets/deep.py:4", "nn.elu"),
        ("nets/wide.py:1", "nn"),
    }


def test_a_circle_of_modules_and_names_ends(tmp_path):
    (tmp_path / "a.py").write_text("from b import x\nfrom b import *\ny = x\nz = z\ny.q\nq.r\n")
    (tmp_path / "b.py").write_text("from a import y\nfrom a import *\nx = y\n")
    program = Program()
    program.add(tmp_path / "a.py")
    assert program.uses() == []
