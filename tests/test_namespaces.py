"""The public namespaces: every row of their tables is true, and they behave as modules do."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf
from graphmode import _addresses
from graphmode._addresses import modules, stubs

ROOT = Path(tf.__file__).parent
ADDRESSES = _addresses.addresses()


def path_of(module):
    """The path of a module of ours without its suffix, whether or not a file is there."""
    return ROOT.joinpath(*module.split(".")[1:])


def is_file(module):
    path = path_of(module)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def run(code):
    """What the code prints, run in a process of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_name_at_an_address_is_what_its_row_says():
    wrong = []
    for address in ADDRESSES:
        module = importlib.import_module(_addresses.module_at(address))
        for name, (source, inner) in _addresses.names_at(address).items():
            defined = importlib.import_module(source)
            if getattr(module, name) is not (getattr(defined, inner) if inner else defined):
                wrong.append(f"{address}.{name}")
    assert wrong == []


def test_every_address_of_a_row_is_a_module():
    """A misspelt address would give its names to nobody."""
    unknown = [a for a in ADDRESSES if a not in modules.DOCS and not is_file(f"graphmode.{a}")]
    assert unknown == ["tf"]


def test_no_table_has_to_be_searched_twice():
    """Each row stands once, under the module that defines its names, and gives each name once."""
    rows = _addresses.rows()
    for address, found in rows.items():
        names = [entry.partition("=")[0] for _, entries in found for entry in entries.split()]
        assert sorted(set(names)) == sorted(names), address
    sources = {source for found in rows.values() for source, _ in found}
    assert {s for s in sources if s.startswith("graphmode.") and not is_file(s)} == set()
    assert sources & {_addresses.module_at(address) for address in rows} == set()


def test_rows_stand_under_the_module_that_defines_them():
    elsewhere = {
        (source, inner, home)
        for address in ADDRESSES
        for source, inner in _addresses.names_at(address).values()
        if inner
        for value in [getattr(importlib.import_module(source), inner)]
        if inspect.isfunction(value) or inspect.isclass(value)
        for home in [value.__module__]
        if home != source
    }
    # platform/flags.py passes on what absl defines.
    assert {row for row in elsewhere if not row[2].startswith("absl.")} == set()


def test_an_address_is_either_made_or_a_file():
    for address, text in modules.DOCS.items():
        assert not path_of(f"graphmode.{address}").with_suffix(".py").exists(), address
        assert not list(path_of(f"graphmode.{address}").rglob("*.py")), address
        assert importlib.import_module(f"graphmode.{address}").__doc__ == text, address


@pytest.mark.parametrize("family", sorted(_addresses._FAMILIES.split()))
def test_a_table_is_nothing_but_a_table(family):
    tree = ast.parse((ROOT / "_addresses" / f"{family}.py").read_text())
    docstring, table = tree.body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(table, ast.Assign)
    assert ast.literal_eval(table.value)


def test_a_module_of_an_address_is_named_by_the_import_system():
    found = {entry.name: entry.ispkg for entry in pkgutil.walk_packages(tf.__path__, "graphmode.")}
    made = {f"graphmode.{address}" for address in modules.DOCS}
    assert made <= set(found)
    assert found["graphmode.python.ops"]
    assert not found["graphmode.python.ops.math_ops"]
    assert len(found) == len(list(pkgutil.walk_packages(tf.__path__, "graphmode.")))


@pytest.mark.parametrize(
    ("statement", "it"),
    [
        ("import graphmode.python.ops.math_ops as m; it = m.reduce_sum", "graphmode.reduce_sum"),
        ("from graphmode.python.ops import math_ops as m; it = m.add", "graphmode.add"),
        ("from graphmode.nn import *; it = relu", "graphmode.nn.relu"),
        ("from graphmode import *; it = contrib.layers", "graphmode.contrib.layers"),
        ("import graphmode as tf; it = tf.nn.rnn_cell.RNNCell", "graphmode.contrib.rnn.RNNCell"),
        ("import graphmode as tf; it = tf.app.flags.FLAGS", "graphmode.flags.FLAGS"),
        (
            "import graphmode as tf; it = tf.examples.tutorials.mnist.input_data.DataSet",
            "graphmode.datasets.mnist.DataSet",
        ),
        (
            "import pickle, graphmode.math as m; it = pickle.loads(pickle.dumps(m.add))",
            "graphmode.add",
        ),
        (
            "import importlib, graphmode.nn as m; it = importlib.reload(m).relu",
            "graphmode.nn.relu",
        ),
    ],
)
def test_a_name_is_reached_as_in_any_module(statement, it):
    package, _, name = it.rpartition(".")
    code = f"{statement}\nimport {package}\nprint(it is {package}.{name})"
    assert run(code) == "True"


def test_help_and_dir_show_an_address():
    code = (
        "import pydoc, graphmode.bitwise as b\n"
        "print(pydoc.plain(pydoc.render_doc(b)))\nprint(dir(b) == b.__all__, dir(b))"
    )
    *page, last = run(code).splitlines()
    assert "    graphmode.bitwise - `tf.bitwise`: the bits of integers." in page
    assert "    bitwise_and(x, y, name=None)" in page
    names = "bitwise_and bitwise_or bitwise_xor invert left_shift right_shift"
    assert last == f"True {names.split()}"


@pytest.mark.parametrize(
    ("address", "name", "similar"),
    [
        ("tf", "plcaeholder", "placeholder"),
        ("nn", "rleu6", "relu6, relu"),
        ("python.ops", "mathops", "math_ops"),
        ("layers", "Desne", "Dense"),
    ],
)
def test_a_misspelt_name_is_answered_with_its_neighbours(address, name, similar):
    module = _addresses.module_at(address)
    with pytest.raises(AttributeError) as raised:
        getattr(importlib.import_module(module), name)
    expected = f"module '{module}' has no attribute '{name}'. Similar: {similar}"
    assert str(raised.value).startswith(expected)


def test_an_address_that_does_not_exist_is_not_found():
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'graphmode\.contrib\.nope'$"):
        importlib.import_module("graphmode.contrib.nope")


@pytest.mark.parametrize(
    "call",
    [
        "convert_to_tensor(2.5)",
        "convert_to_tensor_or_indexed_slices(2.5)",
        "python.framework.ops.convert_n_to_tensor([2.5])[0]",
        "sparse.SparseTensor([[0]], [2.5], [3]).values",
    ],
)
def test_a_constant_can_be_made_before_any_operation_was_touched(call):
    assert run(f"import graphmode as tf\nprint(tf.{call}.dtype.name)") == "float32"


def test_stubs_tell_editors_the_same_names(tmp_path):
    stubs.write(tmp_path)
    written = {path.parent.relative_to(tmp_path) for path in tmp_path.rglob("*.pyi")}
    assert {Path(*address.split(".")) for address in modules.DOCS} <= written
    for folder in written:
        address = ".".join(folder.parts) or "tf"
        found = {}
        for node in ast.parse((tmp_path / folder / "__init__.pyi").read_text()).body:
            if isinstance(node, ast.ImportFrom):
                found |= {
                    alias.asname or alias.name: (node.module, alias.name) for alias in node.names
                }
            elif isinstance(node, ast.Assign):
                public = ast.literal_eval(node.value)
        expected = _addresses.names_at(address)
        assert sorted(public) == sorted(found) == sorted(expected)
        for name, (source, inner) in expected.items():
            typed = (source, inner) if inner else tuple(source.rsplit(".", 1))
            assert found[name] == (typed if source.startswith("graphmode.") else ("typing", "Any"))


def test_names_are_imported_when_touched_and_tables_read_when_asked():
    code = (
        "import sys, graphmode as tf\n"
        "def loaded():\n"
        "    return sorted(m for m in sys.modules if m.startswith('graphmode.'))\n"
        "print(loaded())\n"
        "tf.nn\n"
        "print('graphmode.ops' in sys.modules, 'numpy' in sys.modules)\n"
        "tf.train\n"
        "tf.train.AdamOptimizer\n"
        "print('graphmode.training.adam' in sys.modules, 'graphmode.training.ftrl' in sys.modules)"
    )
    assert run(code).splitlines() == ["['graphmode._addresses']", "False False", "True False"]


def test_import_and_hello_world_leave_jax_alone():
    code = (
        "import sys, graphmode as tf\n"
        "loaded = {'jax', 'google.protobuf', 'tensorboard', 'pooch', 'typer', 'matplotlib'}\n"
        "print(tf.Session().run(tf.constant(2) + tf.constant(3)), loaded & set(sys.modules))"
    )
    assert run(code) == "5 set()"


def test_generated_modules_have_the_ops_as_they_are():
    """Who asks `gen_nn_ops` for a cross entropy wants both outputs."""
    from graphmode.python.ops import array_ops, gen_array_ops, gen_nn_ops, gen_state_ops

    assert gen_array_ops.concat_v2 is tf.raw_ops.ConcatV2
    assert array_ops.concat_offset is tf.raw_ops.ConcatOffset  # array_ops takes all of them
    assert gen_nn_ops.max_pool3d_grad is tf.raw_ops.MaxPool3DGrad
    assert gen_nn_ops.lrn_grad is tf.raw_ops.LRNGrad
    assert gen_state_ops.scatter_nd_update is tf.raw_ops.ScatterNdUpdate
    logits, labels = np.log([[1.0, 3.0], [1.0, 1.0]]).astype(np.float32), [0, 1]
    loss, slope = gen_nn_ops.sparse_softmax_cross_entropy_with_logits(logits, labels)
    with tf.Session() as sess:
        loss, slope = sess.run([loss, slope])
    assert np.allclose(loss, np.log([4, 2])) and np.allclose(slope, [[-0.75, 0.75], [0.5, -0.5]])
    assert gen_nn_ops.lrn_grad.op_def.name == "LRNGrad"
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        gen_nn_ops.nothing  # noqa: B018
