"""Python 2 as a program's text: what is translated, what is refused, which lines are named."""

import ast
import importlib.util
import io
import os
import subprocess
import sys
import traceback

import pytest

from graphmode import period
from graphmode.period import programs, rows


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """A process that has met no Python 2 yet."""
    monkeypatch.setattr(programs._Period, "python_2", False)
    monkeypatch.setattr(rows, "_SAID", set())


def test_python_3_is_compiled_as_it_is(capsys):
    source = b"# -*- coding: latin-1 -*-\nx = 7 / 2\nname = '\xe9'\n"
    names = {}
    exec(period.compile_source(source, "new.py"), names)
    assert (names["x"], names["name"]) == (3.5, "\xe9")
    assert capsys.readouterr().err == ""


def test_future_imports_are_the_programs_own():
    names = {}

    code = period.compile_source(
        "from __future__ import annotations\ndef f(x: no_such): return int(x)\n", "a.py"
    )
    exec(code, names)
    assert names["f"].__annotations__ == {"x": "no_such"}


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("x = 1\ny = = 2\n", 2, "invalid syntax"),
        ("def f(:\n    pass\n", 1, "invalid syntax"),
        ("x = (1,\n", 1, "'(' was never closed"),
    ],
)
def test_what_is_wrong_in_python_3_keeps_its_own_words(source, line, message):
    with pytest.raises(SyntaxError) as caught:
        period.compile_source(source, "new.py")
    assert (caught.value.lineno, caught.value.msg) == (line, message)


@pytest.mark.parametrize(
    ("source", "line", "shown"),
    [
        ("print 'a'\nx = 1\ny = = 2\nprint y\n", 3, "y = = 2"),
        ("print 'a'\nfor x in 1, 2\n    print x\n", 2, "for x in 1, 2"),
        ("print 'a'\n\ndef f(a, a):\n    return reduce(a)\n", 3, "def f(a, a):"),
    ],
)
def test_python_2_that_cannot_be_translated_names_its_line(source, line, shown):
    with pytest.raises(SyntaxError) as caught:
        period.compile_source(source, "old.py")
    error = caught.value
    assert (error.filename, error.lineno, (error.text or "").strip()) == ("old.py", line, shown)
    assert error.msg.startswith("this is Python 2 that cannot be translated: ")


def test_without_fissix_the_error_says_what_to_install(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "fissix" else find(name)
    )
    with pytest.raises(SyntaxError, match=r"pip install 'graphmode\[notebook\]'") as caught:
        period.compile_source("x = 1\nprint 'a'\n", "old.py")
    assert caught.value.lineno == 2


def test_a_traceback_names_the_lines_of_the_program(tmp_path):
    path = tmp_path / "old.py"
    path.write_text(
        "import urllib\n\ndef f((a, b)):\n    d = {1: 2}\n    print d.keys(), `a`\n"
        "    return reduce(lambda x, y: x / y,\n                  [a, b])\n\n\nf((1, 0))\n"
    )
    code = period.compile_source(path.read_bytes(), str(path))
    with pytest.raises(ZeroDivisionError) as caught:
        exec(code, {})
    frames = [
        f for f in traceback.extract_tb(caught.value.__traceback__) if f.filename == str(path)
    ]
    assert [(frame.lineno, frame.line) for frame in frames] == [
        (10, "f((1, 0))"),
        (6, "return reduce(lambda x, y: x / y,"),
        (6, "return reduce(lambda x, y: x / y,"),
    ]


def test_it_is_said_once(capsys):
    period.compile_source("print 1\n", "first.py")
    period.compile_source("print 2\n", "second.py")
    assert capsys.readouterr().err == (
        "graphmode: first.py is Python 2: translated by fissix as it is read; / between integers "
        "is floor division, as it was\n"
    )


def test_a_program_can_be_declared_to_be_python_2(capsys):
    names = {}
    period.assume_python_2()
    exec(period.compile_source("x = 7 / 2\ny = range(3)\n", "plain.py"), names)
    assert names["x"] == 3
    assert names["y"] == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_tensors_divide_as_in_python_2():
    tf = pytest.importorskip("graphmode")
    names = {"tf": tf}
    exec(
        period.compile_source(
            "print ''\na = tf.constant([7, 8]) / 2\nb = 7. / tf.constant([2.])\n"
            "c = 15 / tf.constant([4])\n",
            "old.py",
        ),
        names,
    )
    with tf.Session() as sess:
        a, b, c = sess.run([names["a"], names["b"], names["c"]])
    assert (a.tolist(), a.dtype, b.tolist(), c.tolist()) == ([3, 4], "int32", [3.5], [3])


# ---- cells ---------------------------------------------------------------------------------------


def test_a_cell_of_python_3_stays():
    text = "%matplotlib inline\n!ls\nx = !pwd\nprint(7 / 2)\nx?\n"
    assert period.translate_cell(text) == text


def test_a_cell_of_python_2_is_translated_around_what_is_ipythons(capsys):
    text = (
        "%matplotlib inline\n!wget http://x/y -O 'a b'\nfiles = !ls\nprint 'n', 7 / 2\n"
        "for i in xrange(2):\n    %time print i\nlen?"
    )
    translated = period.translate_cell(text)
    assert translated == (
        "%matplotlib inline\n!wget http://x/y -O 'a b'\nfiles = !ls\n"
        "print('n', __period__.divide(7, 2))\nfor i in range(2):\n    %time print(i)\nlen?"
    )
    assert capsys.readouterr().err.startswith("graphmode: this notebook is Python 2")


def test_cells_after_one_of_python_2_divide_as_it_does():
    assert period.translate_cell("y = 7 / 2") == "y = 7 / 2"
    assert period.translate_cell("print y") == "print(y)"
    assert period.translate_cell("y = 7 / 2") == "y = __period__.divide(7, 2)"
    assert period.translate_cell("%%bash\necho 7 / 2") == "%%bash\necho 7 / 2"
    assert period.translate_cell("%%time\nprint 7 / 2\n") == (
        "%%time\nprint(__period__.divide(7, 2))\n"
    )


def test_a_cell_with_a_slip_is_left_to_ipython():
    assert period.translate_cell("x = = 1") == "x = = 1"
    with pytest.raises(SyntaxError, match="cannot be translated"):
        period.translate_cell("print 'a'\nx = = 1")


def test_cells_take_arrays_of_one_element_for_numbers():
    np = pytest.importorskip("numpy")
    tree = period.cell_transformer().visit(ast.parse("x = int(a)\nb[0] = a"))
    names = {"a": np.array([3.0]), "b": np.zeros(2)}
    exec(compile(ast.fix_missing_locations(tree), "In[1]", "exec"), names)
    assert (names["x"], names["b"].tolist()) == (3, [3.0, 0.0])


def test_a_cell_is_translated_once():
    once = period.translate_cell("print 'a', 7 / 2\nx = ('b', 3 / 2)")
    assert period.translate_cell(once) == once
    assert period.translate_cell(once + "\n") == once + "\n"


SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
from graphmode import period
period.install()
period.install()
for cell in (
    "import numpy as np; print(int(np.array([[4.0]])), np.float, 7 / 2)",
    "%matplotlib --list",
    "print 'old', 7 / 2\\nfor i in xrange(2):\\n    %time y = 9 / 2",
    "y / 2, map(abs, [-1])",
    "print 'never'\\nx = = 1",
):
    result = shell.run_cell(cell.replace("\\\\n", "\\n"))
    print("=>", result.success, result.result)
"""


def test_the_shell_that_runs_compiles_its_cells(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SHELL],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("=>", "4", "old"))]
    assert lines == [
        "4 <class 'float'> 3.5",
        "=> True None",
        "=> True None",
        "old 3",
        "=> True None",
        "=> True (2, [1])",
        "=> False None",
    ], done.stdout + done.stderr
    assert "this is Python 2 that cannot be translated: bad input at '='" in done.stdout


def test_files_of_python_2_hold_any_bytes(tmp_path):
    from graphmode.period import calls

    path = tmp_path / "raw.txt"
    path.write_bytes(b"a\xe9b\n")
    with calls.open(str(path), "rU") as file:
        text = file.read()
    with calls.open(str(path), "w", 0) as file:
        file.write(text)
    assert path.read_bytes() == b"a\xe9b\n"
    assert isinstance(calls.open(str(path), "rb"), io.BufferedReader)


@pytest.mark.parametrize(
    "source",
    [
        "import cPickle\ny = 8\nx = y / 2\n",
        "from StringIO import StringIO\ny = 8\nx = y / 2\n",
        "x = 7 / 2\nfor i in xrange(3):\n    pass\n",
        "def f(n):\n    return xrange(n)\ny = 8\nx = y / 2\n",
        "text = unicode(3)\ny = 8\nx = y / 2\n",
    ],
)
def test_what_only_python_2_can_import_or_name_is_python_2(source):
    code = period.compile_source(source, "old.py")
    assert "divide" in code.co_names


@pytest.mark.parametrize(
    "source",
    [
        "def xrange(n):\n    return range(n)\nxrange(3)\ny = 8\nx = y / 2\n",
        "from six.moves import *\nxrange(3)\ny = 8\nx = y / 2\n",
        "def seldom(t):\n    return isinstance(t, (int, long))\ny = 8\nx = y / 2\n",
        "import six\ntext = unicode if six.PY2 else str\ny = 8\nx = y / 2\n",
        "# xrange and import cPickle\ny = 8\nx = y / 2\n",
        "class A:\n    long = 1\ny = 8\nx = y / 2\n",
    ],
)
def test_what_provides_for_both_is_python_3(source):
    code = period.compile_source(source, "both.py")
    assert "divide" not in code.co_names
