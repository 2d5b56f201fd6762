"""Every record of the harness exported, loaded by TensorFlow, run there: equal results.

Many records are imported into one graph, which is exported once and run in one session.
"""

import numpy as np
import pytest
from tests.ops.build import Built
from tests.ops.test_conformance import RECORDS, assert_close

import graphmode as gm

AT_ONCE = 160
# Functions of this process, which no file holds.
OF_THE_PROCESS = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}

NAMES = [name for name, record in RECORDS.items() if record.raises is None]


class Exported:
    """One record in the graph of all, under a prefix of its own."""

    def __init__(self, name, prefix):
        self.name, self.record = name, RECORDS[name]
        self.built = Built(gm, self.record, self.record.arrays())
        self.prefix = prefix
        graph = self.built.graph
        variables = graph.get_collection("variables")
        with graph.as_default():
            self.variables = [v.value().name for v in variables]
        self.graph_def = graph.as_graph_def()
        for node in self.graph_def.node:  # a resource of a name is one for the whole session
            if node.op == "VarHandleOp":
                node.attr["shared_name"].s = f"{prefix}/{node.name}".encode()
        self.initializers = [
            v.initializer.name for v in variables + graph.get_collection("local_variables")
        ]

    def named(self, names):
        return [f"{self.prefix}/{name}" for name in names]

    def fetches(self):
        elements = (*self.built.outputs, *self.built.operations)
        return self.named(element.name for element in elements)

    def feeds(self):
        return {f"{self.prefix}/{t.name}": array for t, array in self.built.feed().items()}


def types_of(graph_def):
    nodes = [*graph_def.node, *(n for f in graph_def.library.function for n in f.node_def)]
    return {node.op for node in nodes}


@pytest.mark.parametrize("start", range(0, len(NAMES), AT_ONCE))
def test_values_are_equal(oracle, start):
    chosen = []
    with gm.Graph().as_default() as together:
        for i, name in enumerate(NAMES[start : start + AT_ONCE]):
            exported = Exported(name, f"r{i}")
            if not types_of(exported.graph_def) & OF_THE_PROCESS:
                gm.import_graph_def(exported.graph_def, name=exported.prefix)
                chosen.append(exported)
    proto = oracle.GraphDef.FromString(together.as_graph_def().SerializeToString())
    with oracle.Graph().as_default(), oracle.Session() as sess:
        oracle.import_graph_def(proto, name="")
        sess.run([e.named(e.initializers) for e in chosen])
        feeds = {name: array for e in chosen for name, array in e.feeds().items()}
        fetched = sess.run([e.fetches() for e in chosen], feeds)
        variables = sess.run([e.named(e.variables) for e in chosen])
    for exported, values, after in zip(chosen, fetched, variables, strict=True):
        found = [np.asarray(v) for v in values if v is not None]
        found += [np.asarray(v) for v in after]
        for value, expected in zip(found, exported.built.values(), strict=True):
            assert_close(value, expected, exported.record, what=exported.name)
