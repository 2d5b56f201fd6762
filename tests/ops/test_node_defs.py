"""The exported node of each registered op is TensorFlow's: attributes, their kinds, their values.

The graphs are those of the records of `test_conformance.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from tests.ops.test_conformance import FAMILIES, each_of, said

import graphmode as gm

# What TensorFlow began to write after 1.15.
LATER = ("_has_manual_control_dependencies", "debug_name", "sparse_gradient")
LATER_OF = {"AssignVariableOp": "validate_shape"}
# Counters of the process; and TensorFlow 1.15 counts ops for a seed, later releases random ops.
COUNTED = ("token", "seed2")
UNIQUE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What the shared name of a table ends with."""


def attributes(op, registry):
    """The attributes of the node of `op` as text, defaults filled in."""
    from tensorflow.core.framework.node_def_pb2 import NodeDef
    from tensorflow.python.framework.tensor_util import MakeNdarray

    node = NodeDef.FromString(op.node_def.SerializeToString())
    found = dict(node.attr)
    for attribute in registry.get(node.op).attr:
        if attribute.HasField("default_value"):
            found.setdefault(attribute.name, attribute.default_value)
    texts = {}
    for key, value in found.items():
        if value.HasField("tensor"):
            array = MakeNdarray(value.tensor)
            texts[key] = f"tensor {array.dtype} {array.shape} {array.tolist()}"
        else:
            texts[key] = UNIQUE.sub("", str(value))
    # What an op was that TensorFlow does not know: `framework/proto/own_types.py`.
    return node, {
        key: text
        for key, text in texts.items()
        if key not in LATER and key != LATER_OF.get(node.op) and key[:5] != "_own_"
    }


def fields(texts):
    """Which field of the attribute holds its value: its kind."""
    return {key: text.partition(" ")[0] for key, text in texts.items()}


@pytest.mark.parametrize("family", FAMILIES)
def test_nodes_are_tensorflows(oracle, family):
    """Of all records of a file: one by one they cost more to report than to check."""
    each_of(family, lambda record: nodes_are_tensorflows(oracle, record))


def nodes_are_tensorflows(oracle, record):
    from tensorflow.python.framework import op_def_registry as registry

    ours, theirs = said(gm, record).operations, said(oracle, record).operations
    if not record.names_differ:
        for op, expected in zip(ours, theirs, strict=True):
            node, texts = attributes(op, registry)
            expected_node, expected_texts = attributes(expected, registry)
            for key in COUNTED:
                if key in texts:
                    texts[key] = expected_texts[key]
            assert texts == expected_texts, op.name
            assert node.device == expected_node.device
        return
    of_type = defaultdict(list)
    for op in theirs:
        of_type[op.type].append(op)
    for op in ours:
        if of_type[op.type]:
            node, texts = attributes(op, registry)
            if node.op != op.type:  # written as a function of types that TensorFlow knows
                continue
            _, expected_texts = attributes(of_type[op.type][0], registry)
            found, expected = fields(texts), fields(expected_texts)
            found.pop("_class", None), expected.pop("_class", None)
            assert found == expected, op.name
