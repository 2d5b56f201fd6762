"""Signatures of ops: what is read from their text, and that outputs have TensorFlow's names."""

import pytest

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
