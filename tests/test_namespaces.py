"""The public namespaces: every name in their tables exists, and a wrong one is explained."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import graphmode as tf

ROOT = Path(tf.__file__).parent
TABLES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if " = lazy(" in path.read_text()
)


@pytest.mark.parametrize("name", TABLES)
def test_every_name_of_a_table_is_there(name):
    module = importlib.import_module(name)
    missing = [entry for entry in module.__all__ if not hasattr(module, entry)]
    assert not missing


def test_the_tables_were_found():
    assert {"graphmode", "graphmode.nn", "graphmode.train", "graphmode.math"} <= set(TABLES)


def test_a_misspelt_name_is_answered_with_its_neighbours():
    with pytest.raises(AttributeError, match=r"no attribute 'plcaeholder'\. Similar: placeholder"):
        _ = tf.plcaeholder


def test_import_and_hello_world_leave_jax_alone():
    code = (
        "import sys, graphmode as tf\n"
        "loaded = {'jax', 'google.protobuf', 'tensorboard', 'pooch', 'typer', 'matplotlib'}\n"
        "print(tf.Session().run(tf.constant(2) + tf.constant(3)), loaded & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "5 set()\n"
