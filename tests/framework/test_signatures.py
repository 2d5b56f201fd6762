"""Signatures of ops: what is read from their text, and that outputs have TensorFlow's names."""

import subprocess
import sys

import pytest

import graphmode as tf
from graphmode.framework.op_def import parse_side, registered_ops
from graphmode.ops import load_all


def test_outputs_have_tensorflows_names():
    load_all()
    registry = pytest.importorskip("tensorflow.python.framework.op_def_registry")
    differing = {}
    for op_type, op_def in registered_ops().items():
        theirs = registry.get(op_type)
        if theirs is not None:
            names = [argument.name for argument in theirs.output_arg]
            ours = [spec.name for spec in op_def.outputs]
            if ours != names:
                differing[op_type] = (ours, names)
    assert differing == {}


def test_a_name_stands_before_its_dtype():
    product, lists = parse_side("product: T, parts: int32*N", ())
    assert (product.name, product.family) == ("product", "T")
    assert (lists.name, lists.length, lists.is_list) == ("parts", "N", True)
    assert [spec.name for spec in parse_side("T", ())] == ["output"]
    assert [spec.name for spec in parse_side("T, [Tin]", ("x", "rest"))] == ["x", "rest"]
    with pytest.raises(ValueError, match="malformed"):
        parse_side("T?", ())


@pytest.mark.parametrize(
    "program",
    [
        "print(tf.Graph().create_op('Placeholder', [], attrs={'dtype': tf.int32, 'shape': [2]}))",
        "x = tf.constant([1.]); print(x.graph.create_op('Cumsum', [x, tf.constant(0)]).outputs[0])",
        "print(tf.raw_ops.Cumsum(x=tf.constant([1.]), axis=tf.constant(0)))",
    ],
)
def test_a_type_is_found_whose_module_nothing_has_imported(program):
    code = f"import graphmode as tf\n{program}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Placeholder" in done.stdout or "shape=(1,)" in done.stdout


def test_a_type_that_is_nowhere_is_named():
    with pytest.raises(tf.errors.NotFoundError, match="Op type not registered 'Cumsun'"):
        tf.Graph().create_op("Cumsun", [])
