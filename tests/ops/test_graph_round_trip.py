"""Graph -> GraphDef -> Graph -> GraphDef is the same graph, of every record of the harness."""

import pytest
from tests.ops.build import Built
from tests.ops.test_conformance import FAMILIES, each_of

import graphmode as gm


def shapes(graph):
    """The static shapes of what stands outside of branches and loops."""
    return {
        tensor.name: tensor.dims
        for op in graph.get_operations()
        if op.context is None and op.type != "LoopCount"
        for tensor in op.outputs
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_read_and_written_again(family):
    """Of all records of a file: one by one they cost more to report than to check."""
    each_of(family, read_and_written_again)


def read_and_written_again(record):
    graph = Built(gm, record, record.arrays()).graph
    written = graph.as_graph_def()
    with gm.Graph().as_default() as read:
        gm.import_graph_def(graph.as_graph_def(add_shapes=True), name="")
    again = read.as_graph_def()
    assert again == written
    assert again.SerializeToString(deterministic=True) == written.SerializeToString(
        deterministic=True
    )
    before, after = shapes(graph), shapes(read)
    assert {name: after[name] for name in before} == before
