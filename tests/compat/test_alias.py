"""`import tensorflow` is graphmode: one process each, because the alias is for a process."""

import subprocess
import sys

import pytest

INSTALL = "import sys\nfrom graphmode.compat import alias\nalias.install()\n"


def run(code):
    """What the code prints, run in a process of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def error_of(statement):
    """The class and text of what the statement raises under the alias."""
    return run(
        f"{INSTALL}try:\n    {statement}\n"
        "except Exception as error:\n    print(type(error).__name__, error, sep='|')"
    )


@pytest.mark.parametrize(
    ("statement", "module"),
    [
        ("import tensorflow as it", "graphmode"),
        ("import tensorflow.compat.v1 as it", "graphmode"),
        ("from tensorflow.compat import v1 as it", "graphmode"),
        ("import tensorflow.framework.dtypes as it", "graphmode.framework.dtypes"),
        ("import tensorflow.compat.v1.framework.dtypes as it", "graphmode.framework.dtypes"),
        ("from tensorflow.compat.v1.framework import dtypes as it", "graphmode.framework.dtypes"),
        (
            "from tensorflow.examples.tutorials.mnist import input_data as it",
            "graphmode.examples.tutorials.mnist.input_data",
        ),
        (
            "import tensorflow.examples.tutorials.mnist.input_data as it",
            "graphmode.examples.tutorials.mnist.input_data",
        ),
        ("from tensorflow.python.framework import ops as it", "graphmode.python.framework.ops"),
        (
            "from tensorflow.python.client import device_lib as it",
            "graphmode.python.client.device_lib",
        ),
    ],
)
def test_an_address_is_the_module_itself(statement, module):
    code = (
        f"{INSTALL}{statement}\nimport {module}\n"
        f"print(it is sys.modules['{module}'], it.__spec__.name)"
    )
    assert run(code) == f"True {module}"


@pytest.mark.parametrize("first", ["tensorflow", "graphmode"])
def test_nothing_is_executed_twice(first):
    second = {"tensorflow": "graphmode", "graphmode": "tensorflow"}[first]
    code = (
        f"{INSTALL}from {first}.framework.dtypes import DType as a\n"
        f"from {second}.framework.dtypes import DType as b\nprint(a is b)"
    )
    assert run(code) == "True"


def test_without_the_alias_compat_v1_has_graphmodes_names_and_no_copies():
    code = (
        "import graphmode.compat.v1 as tf, graphmode\n"
        "print(tf.compat is graphmode.compat, set(dir(graphmode)) == set(dir(tf)))\n"
        "try:\n    import graphmode.compat.v1.framework\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    assert run(code).splitlines() == [
        "True True",
        "No module named 'graphmode.compat.v1.framework'; 'graphmode.compat.v1' is not a package",
    ]


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("import tensorflow.python.foo.bar", "graphmode has no tensorflow.python.foo"),
        ("from tensorflow.python import nonesuch", "graphmode has no tensorflow.python.nonesuch"),
        ("from tensorflow import nonesuch", "graphmode has no tensorflow.nonesuch"),
        (
            "import tensorflow.compat.v1.nonesuch",
            "graphmode has no tensorflow.compat.v1.nonesuch",
        ),
        (
            "from tensorflow.python.keras.models import Model",
            "graphmode has no tensorflow.python.keras: "
            "use the keras package (KERAS_BACKEND=jax), or tf.layers",
        ),
        (
            "import tensorflow.compat.v2 as tf",
            "graphmode has no tensorflow.compat.v2: "
            "graphmode is TensorFlow 1: use `tensorflow` or tensorflow.compat.v1",
        ),
    ],
)
def test_an_address_that_does_not_exist_says_so(statement, text):
    assert error_of(statement) == f"ModuleNotFoundError|{text}"


def test_a_missing_third_party_module_keeps_its_own_error(tmp_path):
    (tmp_path / "needs_more.py").write_text("import not_installed_anywhere\n")
    code = (
        f"{INSTALL}import graphmode.examples\n"
        f"graphmode.examples.__path__.append({str(tmp_path)!r})\n"
        "try:\n    import tensorflow.examples.needs_more\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    assert run(code) == "No module named 'not_installed_anywhere'"


def test_an_installed_tensorflow_is_never_imported(tmp_path):
    real = tmp_path / "tensorflow"
    (real / "python").mkdir(parents=True)
    for package in (real, real / "python", real / "only_real.py"):
        target = package if package.suffix else package / "__init__.py"
        target.write_text("raise SystemExit('the real TensorFlow was imported')\n")
    code = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n{INSTALL}"
        "import tensorflow, tensorflow.python\n"
        "try:\n    import tensorflow.only_real\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    assert run(code) == "graphmode has no tensorflow.only_real"


def test_a_name_already_taken_is_refused(tmp_path):
    (tmp_path / "tensorflow.py").write_text("")
    code = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport tensorflow\n"
        "from graphmode.compat import alias\n"
        "try:\n    alias.install()\nexcept RuntimeError as error:\n    print(error)"
    )
    message = run(code)
    assert "the name 'tensorflow' is already taken by" in message
    assert str(tmp_path / "tensorflow.py") in message


def test_installing_twice_adds_nothing():
    code = f"{INSTALL}n = len(sys.meta_path)\nalias.install()\nprint(len(sys.meta_path) - n)"
    assert run(code) == "0"


def test_tensorboard_does_not_take_graphmode_for_its_tensorflow():
    code = (
        f"{INSTALL}from tensorboard.compat import tf\nprint(tf.io.gfile.exists('.'), tf.__name__)"
    )
    assert run(code).startswith("True tensorboard.compat.tensorflow_stub")


def test_the_module_for_child_processes_does_nothing_as_one_of_the_package():
    code = (
        "import sys\nbefore = [*sys.meta_path]\nimport graphmode.cli.child.sitecustomize\n"
        "print(sys.meta_path == before)"
    )
    assert run(code) == "True"
