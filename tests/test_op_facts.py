"""What is known of an op lives on its record: the runtime names no op type."""

import ast
from pathlib import Path

import pytest

from graphmode.framework.op import op
from graphmode.framework.op_def import ROLES, registered_ops
from graphmode.ops import load_all

SOURCE = Path(__file__).resolve().parents[1] / "src" / "graphmode"
OF_GRAPHS = ("kept", "master", "partition", "shared_variables", "task")
"""The modules of a cluster that look at graphs; another one, `parts`, makes nodes."""
FILES = [*SOURCE.glob("runtime/**/*.py"), *(SOURCE / "cluster" / f"{it}.py" for it in OF_GRAPHS)]


def texts(tree):
    """The string constants of a module that are no docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value}


@pytest.mark.parametrize("path", sorted(FILES), ids=lambda path: path.name)
def test_the_runtime_names_no_op_type(path):
    load_all()
    named = texts(ast.parse(path.read_text())) & registered_ops().keys()
    assert not named, f"{path.name} asks for ops by name: make it a fact of their records"


def test_a_named_op_is_found():
    assert texts(ast.parse("def f(op):\n    \"MatMul\"\n    return op.type == 'Cast'")) == {"Cast"}


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"role": "loop"}, "role must be one of"),
        ({"effect": "x"}, "effect must"),
        ({"python": "lambda"}, "python must be one of"),
    ],
)
def test_a_fact_that_is_none_is_refused(facts, text):
    with pytest.raises(ValueError, match=text):
        op("Unheard", "float32 -> float32", **facts)
    assert "variable" in ROLES


def test_facts_go_together():
    load_all()
    for record in registered_ops().values():
        if record.overwrites:
            assert record.effect == "write", record.type
        if record.blocks or record.ordered or record.in_parts or record.python:
            assert record.effect == "host", record.type
        assert bool(record.python) == bool({"token", "_token"} & record.attrs.keys()), record.type
        if record.extremes is not None:
            assert record.effect == "random", record.type
        if record.cheap or record.reshapes or record.reads_shape or record.joins or record.cuts:
            assert record.effect == "pure", record.type
