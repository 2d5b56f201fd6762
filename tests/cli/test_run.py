"""`graphmode run`: a program sees what `python PROGRAM` would show it, and tensorflow."""

import signal
import subprocess
import sys
import time
from importlib.metadata import version

import pytest


def graphmode(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "graphmode", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
    )


@pytest.fixture
def program(tmp_path):
    """Give a function that writes a program and gives its path."""

    def write(text, name="program.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_a_program_is_main_with_its_own_arguments_unparsed(program):
    path = program(
        "import sys, pathlib\n"
        "print(__name__, sys.argv[1:], pathlib.Path(__file__).name)\n"
        "print(sys.modules['__main__'].__dict__ is globals())\n"
    )
    done = graphmode("run", path, "--steps", "10", "--help", "-v", "--", "x y")
    assert done.stdout.splitlines() == [
        "__main__ ['--steps', '10', '--help', '-v', '--', 'x y'] program.py",
        "True",
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_tensorflow_is_graphmode_and_the_program_finds_its_neighbours(program, tmp_path):
    program("NUMBER = 17\n", "neighbour.py")
    path = program(
        "import tensorflow as tf\nimport neighbour\nprint(tf.__name__, neighbour.NUMBER)"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "neighbour.py").write_text("NUMBER = 18\n")
    assert graphmode("run", path, cwd=elsewhere).stdout == "graphmode 17\n"


def test_classes_of_the_program_can_be_pickled(program):
    path = program(
        "import pickle\nclass Point:\n    x = 3\nprint(pickle.loads(pickle.dumps(Point())).x)\n"
    )
    assert graphmode("run", path).stdout == "3\n"


@pytest.mark.parametrize(
    ("statement", "code", "stderr"),
    [("sys.exit(7)", 7, ""), ("sys.exit()", 0, ""), ("sys.exit('full disk')", 1, "full disk\n")],
)
def test_the_exit_code_is_the_programs(program, statement, code, stderr):
    done = graphmode("run", program(f"import sys\n{statement}\n"))
    assert (done.returncode, done.stderr) == (code, stderr)


def test_a_traceback_has_the_users_frames_only(program):
    path = program(
        "import tensorflow as tf\n"
        "from tensorflow.python.framework import ops\n"
        "def find(key):\n"
        "    return ops.get_default_graph().as_graph_element(key)\n"
        "print('before')\n"
        "find(3)\n"
    )
    done = graphmode("run", path)
    assert (done.returncode, done.stdout) == (1, "before\n")
    places = [line for line in done.stderr.splitlines() if line.startswith("  File")]
    assert places == [
        f'  File "{path}", line 6, in <module>',
        f'  File "{path}", line 4, in find',
    ]
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert done.stderr.splitlines()[-1].startswith("TypeError: ")


def test_contextlib_between_the_user_and_graphmode_is_not_shown(program):
    path = program("import tensorflow as tf\nwith tf.name_scope('a b'):\n    tf.constant(1)\n")
    done = graphmode("run", path)
    places = [line for line in done.stderr.splitlines() if line.startswith("  File")]
    assert places == [f'  File "{path}", line 2, in <module>']
    assert done.stderr.splitlines()[-1] == (
        "ValueError: 'a b' is not a valid scope name. Allowed are letters, digits and . _ - / \\ >"
        ", the first of which is a letter, a digit or '.'"
    )


@pytest.mark.parametrize(
    ("statement", "last_line"),
    [
        ("tf.matmul(tf.ones([2, 3]), tf.ones([5, 7]))", "ValueError: Dimensions must be equal"),
        ("tf.Session().run(x)", "InvalidArgumentError: "),
        ("raise tf.errors.OutOfRangeError(None, None, 'no more')", "OutOfRangeError: no more"),
    ],
)
def test_an_error_has_the_name_that_programs_catch_it_by(program, statement, last_line):
    path = program(
        "import tensorflow as tf\n"
        "x = tf.gather([4, 9], tf.placeholder_with_default(2, []))\n"
        f"{statement}\n"
    )
    lines = graphmode("run", path).stderr.splitlines()
    assert [line for line in lines if line.startswith(last_line)] != []
    assert not any(line.startswith("graphmode.") for line in lines)


def test_an_error_that_replaced_graphmodes_shows_both_by_their_names(program):
    path = program(
        "import tensorflow as tf\n"
        "class Full(tf.errors.ResourceExhaustedError):\n    pass\n"
        "try:\n    raise tf.errors.NotFoundError(None, None, 'no shard')\n"
        "except tf.errors.OpError:\n    raise Full(None, None, 'disk')\n"
    )
    lines = graphmode("run", path).stderr.splitlines()
    assert "NotFoundError: no shard" in lines
    assert lines[-1] == "Full: disk"


def test_the_users_own_cause_is_shown(program):
    path = program(
        "import json\n"
        "try:\n    json.loads('{')\n"
        "except ValueError as error:\n    raise RuntimeError('bad settings') from error\n"
    )
    stderr = graphmode("run", path).stderr
    assert "json.decoder.JSONDecodeError: Expecting property name" in stderr
    assert "The above exception was the direct cause of the following exception" in stderr
    assert stderr.endswith("RuntimeError: bad settings\n")


def test_a_cause_within_graphmode_is_not_shown(program):
    # The reader wraps the gzip module's error.
    path = program(
        "import io\n"
        "from tensorflow.examples.tutorials.mnist import input_data\n"
        "input_data.extract_images(io.BytesIO(b'\\x1f\\x8b nothing'))\n"
    )
    lines = graphmode("run", path).stderr.splitlines()
    assert lines[1] == f'  File "{path}", line 3, in <module>'
    assert lines[-1].startswith("ValueError: MNIST image file")
    assert sum(line.startswith("Traceback") for line in lines) == 1


def test_frames_of_a_library_that_the_user_called_stay(program):
    path = program("import json\njson.loads('{')\n")
    places = [line for line in graphmode("run", path).stderr.splitlines() if "  File" in line]
    assert len(places) > 1
    assert "json" in places[-1]


def test_a_syntax_error_looks_as_in_python(program):
    path = program("x = (1,\n")
    done = graphmode("run", path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == f'  File "{path}", line 1'
    assert done.stderr.splitlines()[-1] == "SyntaxError: '(' was never closed"


def test_python_2_is_translated(program):
    program("print 'beside', 7 / 2\n", "beside.py")
    path = program(
        "import beside, string\nprint 'half', 1 / 2, string.letters[:3]\n"
        "try:\n    raise ValueError, 'loss'\nexcept ValueError, e:\n    print e\n"
        "import tensorflow as tf\ntf.zeros([2]) + tf.zeros([3])\n"
    )
    done = graphmode("run", path)
    assert done.stdout == "beside 3\nhalf 0 abc\nloss\n"
    assert done.returncode == 1
    assert "Python 2" in done.stderr.splitlines()[0]
    assert "created at program.py:8   tf.zeros([2]) + tf.zeros([3])" in done.stderr


def test_python_2_that_cannot_be_translated_names_its_line(program):
    path = program("import os\nprint 'a'\nprint 'b\n")
    done = graphmode("run", path)
    assert done.returncode == 1
    assert f'File "{path}", line 3' in done.stderr
    assert done.stderr.splitlines()[-1].startswith("SyntaxError: ")


def test_a_missing_program_gets_one_line(tmp_path):
    done = graphmode("run", "absent.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "graphmode run: there is no file absent.py\n")


def test_a_folder_runs_its_main_file(program, tmp_path):
    done = graphmode("run", tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"graphmode run: the folder {tmp_path} has no main.py or train.py\n"
    program("import sys, beside\nprint(beside.x, sys.argv[1:])\n", "train.py")
    program("x = 7\n", "beside.py")
    assert graphmode("run", tmp_path, "--lr", "0.1").stdout == "7 ['--lr', '0.1']\n"
    program("print('main')\n", "main.py")
    assert graphmode("run", tmp_path).stdout == "main\n"


def test_a_module_is_run_by_its_name(program, tmp_path):
    (tmp_path / "nets").mkdir()
    program("", "nets/__init__.py")
    program("def depth():\n    return 3\n", "nets/shapes.py")
    program(
        "import sys\nimport tensorflow as tf\nfrom . import shapes\n"
        "print(__name__, sys.argv[1:], shapes.depth(), tf.VERSION)\n"
        "tf.zeros([2]) + tf.zeros([3])\n",
        "nets/train.py",
    )
    done = graphmode("run", "-m", "nets.train", "-v", cwd=tmp_path)
    assert done.stdout == "__main__ ['-v'] 3 1.15.5\n"
    assert done.returncode == 1
    assert "Dimensions must be equal, but are 2 and 3" in done.stderr
    assert "created at train.py:5   tf.zeros([2]) + tf.zeros([3])" in done.stderr
    assert "runpy" not in done.stderr


def test_a_program_comes_from_standard_input():
    text = "import sys\nimport tensorflow as tf\nprint(tf.VERSION, sys.argv)\n"
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", "-", "a"], input=text, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("1.15.5 ['-', 'a']\n", "")


def test_options_stand_before_the_target(program, tmp_path):
    path = program(
        "import os, random, sys\nimport numpy as np\nimport tensorflow as tf\n"
        "print(sys.argv[1:], os.environ['GRAPHMODE_DATA'], tf.Session().mode)\n"
        "print(random.random(), np.random.rand(), tf.Session().run(tf.random_uniform([])))\n"
        "with tf.Graph().as_default(), tf.Session() as sess:\n"
        "    print(sess.run(tf.random_uniform([])))\n"
    )
    options = ["--data", tmp_path, "--mode", "compiled", "--seed", 3]
    first, second = (graphmode("run", *options, path, "--seed", "9") for _ in range(2))
    assert first.stdout.startswith(f"['--seed', '9'] {tmp_path} compiled\n0.23796462709189137 "), (
        first.stderr
    )
    assert first.stdout == second.stdout
    other = graphmode("run", *options[:-1], 4, path, "--seed", "9").stdout
    numbers, others = (set(text.split()[4:]) for text in (first.stdout, other))
    assert len(numbers) == 3  # two graphs of one seed draw the same
    assert not numbers & others
    refused = graphmode("run", "--mode", "fast", path)
    assert refused.returncode == 2
    assert "'fast' is not one of" in refused.stderr


def test_figures_are_collected(program, tmp_path):
    path = program(
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1, 2]); plt.show()\n"
        "plt.plot([2, 1]); plt.figure(); plt.plot([3]); plt.show()\n"
        "plt.plot([4, 4])\n"
    )
    done = graphmode("run", "--plots", tmp_path / "plots", path)
    assert (done.returncode, done.stderr) == (0, "")
    names = sorted(picture.name for picture in (tmp_path / "plots").iterdir())
    assert names == [f"figure-{i}.png" for i in (1, 2, 3, 4)]


def test_a_program_is_stopped_when_its_time_is_over(program):
    path = program(
        "import time\ntry:\n    time.sleep(60)\nexcept Exception:\n    print('caught')\n"
    )
    done = graphmode("run", "--timeout", "0.3", path)
    assert (done.returncode, done.stdout) == (124, "")
    where = f"{path.name}:3   time.sleep(60)"
    assert done.stderr == f"graphmode run: stopped after 0.3 s at {where}\n"


def test_the_error_of_a_thread_is_said_with_the_lines_of_the_program(program):
    path = program(
        "import threading\n"
        "import tensorflow as tf\n"
        "queue = tf.FIFOQueue(2, tf.float32)\n"
        "put = queue.enqueue(1.0)\n"
        "sess = tf.Session()\n"
        "sess.run(queue.close())\n"
        "threading.Thread(target=lambda: sess.run(put), name='fill').start()\n"
    )
    done = graphmode("run", path)
    assert done.returncode == 0
    first, _, place, *rest = done.stderr.splitlines()
    assert first == "Exception in thread fill:"
    assert place == f'  File "{path}", line 7, in <lambda>'
    assert "src/graphmode" not in done.stderr and "threading.py" not in done.stderr
    assert any(
        line.startswith("CancelledError: QueueEnqueueV2 'fifo_queue_enqueue'") for line in rest
    )


def test_where_the_time_of_runs_went(program):
    path = program(
        "import tensorflow as tf\n"
        "x = tf.placeholder(tf.float32, [20, 20])\n"
        "y = tf.matmul(x, x, name='y')\n"
        "with tf.Session() as session:\n"
        "    for _ in range(3):\n"
        "        session.run(y, {x: [[0.0] * 20] * 20})\n"
        "raise SystemExit(3)\n"
    )
    done = graphmode("run", "--mode", "compiled", "--profile", path)
    assert done.returncode == 3
    first, *rows = done.stderr.splitlines()
    assert first.startswith("graphmode run: 3 runs took ")
    assert [row.split()[0] for row in rows[:4]] == ["programs", "compiles", "host", "rest"]
    assert rows[1].endswith(" making 1 programs")
    assert rows[2].split()[1] == "0.000"
    assert rows[5].endswith(" program: y")
    assert " 3 x " in rows[5]
    notebook = program("{}", "n.ipynb")
    assert "not for notebooks" in graphmode("run", "--profile", notebook).stderr


def test_processes_that_a_program_starts_find_tensorflow(program):
    path = program(
        "import multiprocessing, subprocess, sys\nimport tensorflow as tf\n"
        "def total(n):\n"
        "    return int(tf.Session().run(tf.reduce_sum(tf.range(n))))\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(total, [4, 5]))\n"
        "    code = 'import tensorflow as tf; print(tf.VERSION)'\n"
        "    print(subprocess.check_output([sys.executable, '-c', code], text=True))\n"
    )
    done = graphmode("run", path)
    assert (done.stdout, done.returncode) == ("[6, 10]\n1.15.5\n\n", 0), done.stderr


def test_a_script_of_python_2_that_a_program_starts_is_translated_too(program):
    program("import sys\nprint 'child', sys.argv[1:], 7 / 2\nsys.exit(3)\n", "child.py")
    path = program(
        "import os, subprocess, sys\n"
        "child = os.path.join(os.path.dirname(__file__), 'child.py')\n"
        "print(subprocess.call([sys.executable, '-u', '-W', 'ignore', child, 'x', '-y']))\n"
        "sys.stdout.flush()\n"
        "print(os.system(sys.executable + ' ' + child) >> 8)\n"
    )
    done = graphmode("run", path)
    assert done.stdout == "child ['x', '-y'] 3\n3\nchild [] 3\n3\n"
    assert done.stderr.count("child.py is Python 2: ") == 2


def test_children_of_multiprocessing_run_the_python_2_of_the_program(program):
    path = program(
        "import multiprocessing\nimport tensorflow as tf\n"
        "print __name__, 7 / 2\n"
        "def half(n):\n"
        "    return tf.Session().run(tf.constant(n)) / 2, n / 2\n"
        "if __name__ == '__main__':\n"
        "    pool = multiprocessing.get_context('spawn').Pool(1)\n"
        "    print pool.map(half, [7])\n"
        "    pool.close()\n"
        "    pool.join()\n"
    )
    done = graphmode("run", path)
    assert done.stdout == "__main__ 3\n__mp_main__ 3\n[(3, 3)]\n", done.stderr


def test_a_notebook_that_was_saved_as_a_script(program, tmp_path):
    path = program(
        "# coding: utf-8\n# In[1]:\n"
        "get_ipython().magic('matplotlib inline')\n"
        "get_ipython().run_line_magic('load_ext', 'autoreload')\n"
        "get_ipython().run_cell_magic('time', '', 'x = 3')\n"
        "get_ipython().system('echo shell')\n"
        "print(x, get_ipython().getoutput('echo a; echo b'), flush=True)\n"
        "import pandas as pd\ndisplay(pd.DataFrame({'a': [1, 2]}), x)\n"
        "get_ipython().run_line_magic('cd', '..')\n"
        "get_ipython().run_line_magic('who', '')\n"
    )
    done = graphmode("run", path, cwd=tmp_path)
    assert done.stdout == "shell\n3 ['a', 'b']\n   a\n0  1\n1  2\n3\n"
    assert (done.returncode, done.stderr) == (
        0,
        "graphmode: a line of a notebook is left out: %who \n",
    )


def test_a_gpu_that_is_not_here_is_said_once(program):
    path = program(
        "import tensorflow as tf\n"
        "with tf.device('/device:GPU:7'):\n    a = tf.constant(3) + 4\n"
        "with tf.device('/gpu:8'):\n    b = a * 2\n"
        "sess = tf.Session()\nprint(sess.run(a), sess.run(b), tf.Session().run(b))\n"
        "with tf.device('/cpu:7'):\n    c = a * 2\n"
        "sess.run(c)\n"
    )
    done = graphmode("run", path)
    assert done.stdout == "7 14 14\n"
    first, *others = done.stderr.splitlines()
    assert first.startswith("graphmode: the program asks for a GPU that is not here: the CPU runs")
    assert "GPU" not in "\n".join(others)
    assert "InvalidArgumentError: Cannot assign a device for operation" in done.stderr


def test_a_child_keeps_its_own_sitecustomize(program, tmp_path):
    (tmp_path / "site").mkdir()
    program("print('own')\n", "site/sitecustomize.py")
    path = program(
        "import os, subprocess, sys\n"
        f"os.environ['PYTHONPATH'] += os.pathsep + {str(tmp_path / 'site')!r}\n"
        "print(subprocess.check_output([sys.executable, '-c', 'print(2)'], text=True))\n"
    )
    assert graphmode("run", path).stdout == "own\n2\n\n"


def test_an_interrupted_program_exits_with_130(program, tmp_path):
    ready = tmp_path / "ready"
    path = program(f"import time\nopen({str(ready)!r}, 'w').close()\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "graphmode", "run", path]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        while not ready.exists() and running.poll() is None:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=30)[1]
        assert running.returncode == 130
        assert said == f"graphmode run: interrupted at {path.name}:3   time.sleep(60)\n"


def test_running_a_program_imports_neither_typer_nor_rich_nor_jax(program):
    path = program("import sys\nprint({'typer', 'rich', 'jax', 'pooch'} & set(sys.modules))\n")
    assert graphmode("run", path).stdout == "set()\n"


def test_version():
    done = graphmode("--version")
    assert (done.returncode, done.stdout) == (0, f"graphmode {version('graphmode')}\n")


def test_help_lists_run():
    done = graphmode("--help")
    assert done.returncode == 0
    assert "Run TARGET with graphmode under the name `tensorflow`." in done.stdout


def test_run_without_a_program_is_a_usage_error():
    done = graphmode("run")
    assert done.returncode == 2
    assert "Missing argument" in done.stderr
