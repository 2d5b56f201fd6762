"""`graphmode run NOTEBOOK`, the kernel and ``%load_ext graphmode``: what a reader of 2017 sees."""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

GRAPH = """
import tensorflow as tf
x = tf.placeholder(tf.float32, [None, 3], name="x")
y = tf.layers.dense(x, 4)
tf.get_default_graph()
"""

# As the notebooks of TensorFlow's DeepDream tutorial show a graph.
SHOW_GRAPH = """
import numpy as np
from IPython.display import display, HTML
def strip_consts(graph_def, max_const_size=32):
    strip_def = tf.GraphDef()
    for n0 in graph_def.node:
        n = strip_def.node.add()
        n.MergeFrom(n0)
    return strip_def
def show_graph(graph_def):
    code = '<script>function load() {{ document.getElementById("{id}").pbtxt = {data}; }}</script>'
    code += '<tf-graph-basic id="{id}"></tf-graph-basic>'
    code = code.format(data=repr(str(strip_consts(graph_def))), id="graph" + str(np.random.rand()))
    page = '<iframe seamless style="width:1200px" srcdoc="{}"></iframe>'
    display(HTML(page.format(code.replace('"', "&quot;"))))
show_graph(tf.get_default_graph().as_graph_def())
"""


def notebook_file(folder, *cells, **metadata):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(text.strip()) for text in cells])
    notebook.metadata.update(metadata)
    path = folder / "lab.ipynb"
    nbformat.write(notebook, path)
    return path


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "graphmode", "run", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )


def outputs(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.outputs for cell in cells if cell.cell_type == "code"]


def test_a_notebook_is_written_with_its_output(tmp_path):
    (tmp_path / "beside.py").write_text("from tensorflow import VERSION\n")
    path = notebook_file(
        tmp_path,
        "%tensorflow_version 1.x\n%matplotlib inline\nimport beside\nprint(beside.VERSION)",
        GRAPH,
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        SHOW_GRAPH,
    )
    before = path.read_bytes()
    done = run("--to", "html", "--plots", tmp_path / "plots", path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"{tmp_path / 'lab.out.ipynb'}: 4 cells, 1 pictures, ")
    assert path.read_bytes() == before
    printed, drawn, plotted, shown = outputs(tmp_path / "lab.out.ipynb")
    assert [output.text for output in printed] == ["1.15.5\n"]
    svg = drawn[0].data["image/svg+xml"]
    assert ">MatMul<" in svg and ">Placeholder<" in svg and "? × 3" in svg
    assert [output.output_type for output in drawn] == ["execute_result"]
    text = drawn[0].data["text/plain"]
    assert text.startswith("<graphmode Graph with ") and text.endswith(" operations>")
    assert "image/png" in plotted[0].data
    assert (tmp_path / "plots" / "lab-1.png").read_bytes().startswith(b"\x89PNG")
    page = shown[-1].data["text/html"]
    assert page.startswith("<svg") and "tf-graph-basic" not in page and ">BiasAdd<" in page
    assert "1.15.5" in (tmp_path / "lab.out.html").read_text()


def test_the_same_notebook_gives_the_same_output_each_time(tmp_path):
    path = notebook_file(
        tmp_path,
        "import time\nfor i in range(3):\n    print(i, flush=True)\n    time.sleep(0.3)",
        "import jax\njax.numpy.ones(3).sum()\n!echo done",  # JAX warns of every fork
    )
    done = run(path)
    assert done.returncode == 0, done.stderr
    counted, after_jax = outputs(tmp_path / "lab.out.ipynb")
    assert [output.text for output in counted] == ["0\n1\n2\n"]
    assert [(o.name, o.text.split()) for o in after_jax] == [("stdout", ["done"])]


def test_a_failing_cell_is_named_and_what_was_done_is_kept(tmp_path):
    path = notebook_file(
        tmp_path,
        "import tensorflow as tf\na = tf.zeros([2, 3])\nprint('kept')",
        "def product(b):\n    return tf.matmul(a, b)\nproduct(tf.zeros([5, 2]))",
        "print('never')",
    )
    done = run("--inplace", path)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[0] == f"{path}, cell 2:"
    assert '  File "In[2]", line 2, in product' in lines
    assert "  a  'zeros:0'         In[1]:2   a = tf.zeros([2, 3])" in lines
    assert not any("site-packages" in line or "graphmode/" in line for line in lines[1:])
    first, second, third = outputs(path)
    assert first[0].text == "kept\n"
    assert second[0].ename == "ValueError" and third == []


def test_a_notebook_of_python_2(tmp_path):
    path = notebook_file(
        tmp_path,
        "import numpy as np\nprint 7 / 2, np.float(3)",
        "print 'x', [i for i in xrange(3)]",
        "7 / 2",
        language_info={"name": "python", "version": "2.7.13"},
    )
    done = run(path)
    assert done.returncode == 0, done.stderr
    first, second, third = outputs(tmp_path / "lab.out.ipynb")
    assert [o.text for o in first if o.output_type == "stream" and o.name == "stdout"] == [
        "3 3.0\n"
    ]
    assert second[0].text == "x [0, 1, 2]\n"
    assert third[0].data["text/plain"] == "3"


def test_an_error_in_a_cell_of_python_2_shows_what_was_typed(tmp_path):
    path = notebook_file(
        tmp_path,
        "print 'a'\ndef half(x):\n    y = 1 / x\n    return y",
        "print half(0)",
        language_info={"name": "python", "version": "2.7.13"},
    )
    done = run(path)
    assert done.stderr.splitlines()[1:] == [
        "Traceback (most recent call last):",
        '  File "In[2]", line 1, in <module>',
        "    print half(0)",
        '  File "In[1]", line 3, in half',
        "    y = 1 / x",
        "ZeroDivisionError: integer division or modulo by zero",
    ]


def test_a_cell_that_waits_for_a_keyboard_or_for_ever_is_named(tmp_path):
    path = notebook_file(tmp_path, "1", "name = input('who? ')")
    done = run(path)
    assert done.returncode == 1
    assert done.stderr == (
        f"{path}, cell 2, waits for input(): a notebook that is run has no keyboard\n"
    )
    path = notebook_file(tmp_path, "import time", "time.sleep(100)")
    done = run("--timeout", "4", path)
    assert (done.returncode, done.stderr) == (1, f"{path}, cell 2, was stopped after 4 s\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "is not a notebook: Notebook does not appear to be JSON: 'x = 1\\n'"),
        ("[1]", "is not a notebook: "),
        ('{"a": 1}', "is not a notebook: "),
        (
            json.dumps(v4.new_notebook(metadata={"language_info": {"name": "R"}})),
            "is a notebook of R, not of Python",
        ),
    ],
)
def test_what_is_no_python_notebook_gets_one_line(tmp_path, text, message):
    path = tmp_path / "lab.ipynb"
    path.write_text(text)
    done = run(path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"graphmode run: {path} {message}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "lab.out.ipynb").exists()


IN_IPYTHON = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "graphmode")
shell.run_line_magic("load_ext", "graphmode")
for cell in {cells!r}:
    shell.run_cell(cell, store_history=True)
"""


def in_ipython(*cells):
    done = subprocess.run(
        [sys.executable, "-c", IN_IPYTHON.format(cells=cells)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_load_ext_makes_graphmode_the_tensorflow_of_any_notebook():
    done = in_ipython("import tensorflow as tf", "print(tf.VERSION)", "%tensorflow_version 2.x")
    assert "1.15.5\n" in done.stdout
    assert "there is no version 2.x here" in done.stderr


def test_errors_in_ipython_show_cells_and_the_users_lines():
    done = in_ipython("import tensorflow as tf", "tf.Session().run(tf.placeholder(tf.int32))")
    assert 'File "In[2]", line 1' in done.stdout
    assert "InvalidArgumentError: You must feed a value for placeholder tensor" in done.stdout
    assert "session.py" not in done.stdout


def test_tensorboard_draws_the_curves(tmp_path):
    done = in_ipython(
        "import tensorflow as tf",
        f"w = tf.summary.FileWriter({str(tmp_path)!r})\n"
        "for i in range(3):\n"
        "    w.add_summary(tf.Summary(value=[tf.Summary.Value(tag='loss', simple_value=i)]), i)\n"
        "w.close()",
        f"%tensorboard --logdir {tmp_path}\n",
        "figure = _",
        "print(figure.axes[0].get_title(), figure.axes[0].lines[0].get_ydata())",
    )
    assert "loss [0. 1. 2.]" in done.stdout


def test_the_kernel_is_installed_where_it_is_asked_for(tmp_path):
    command = [sys.executable, "-m", "graphmode", "kernel", "install", "--prefix", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    folder = tmp_path / "share" / "jupyter" / "kernels" / "graphmode"
    assert (done.returncode, done.stdout) == (0, f"installed in {folder}\n")
    spec = json.loads((folder / "kernel.json").read_text())
    assert spec["display_name"] == "TensorFlow 1 (graphmode)"
    assert spec["argv"] == [sys.executable, "-m", "graphmode.notebook", "-f", "{connection_file}"]
    assert spec["language"] == "python"


def test_a_kernel_that_cannot_start_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "ipykernel.py").write_text("raise SystemExit('no kernel today')\n")
    path = notebook_file(tmp_path, "1")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}:{os.environ.get('PYTHONPATH', '')}")
    done = run(path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"{path}: Python itself ended before the first cell"
    assert "Traceback" not in done.stderr
