"""`viz.graph_svg`, `viz.graph_mermaid`, `viz.curves`."""

import builtins
import re

import pytest

import graphmode as tf
from graphmode import viz


def build():
    x = tf.placeholder(tf.float32, [None, 784], name="x")
    with tf.name_scope("hidden"):
        h = tf.layers.dense(x, 256, tf.nn.relu)
    return tf.reduce_mean(tf.layers.dense(h, 10), name="loss")


def names(svg):
    return re.findall(r"<title>(.*?)</title>", svg)


def test_scopes_are_boxes_and_edges_carry_shapes():
    build()
    svg = viz.graph_svg()
    assert svg.startswith("<svg ")
    assert "cluster_hidden/dense" in names(svg)
    assert "x&#45;&gt;hidden/dense/MatMul" in names(svg)
    assert "? × 784" in svg and "256 × 10" in svg
    assert "dense/kernel/Assign" not in svg, "what belongs to a variable is not drawn"


def test_training_is_folded():
    tf.train.AdamOptimizer().minimize(build())
    n_gradients = sum(
        op.name.startswith("gradients/") for op in tf.get_default_graph().get_operations()
    )
    svg = viz.graph_svg()
    assert f">{n_gradients} ops<" in svg
    assert "gradients&#45;&gt;Adam" in names(svg)


def test_a_large_graph_is_folded_to_a_page():
    for i in range(30):
        with tf.name_scope(f"tower_{i}"):
            for j in range(i + 2):
                tf.zeros([j], name=f"z{j}")
    svg = viz.graph_svg(most=40)
    assert svg.count('class="node"') <= 40
    assert svg.count('class="cluster"') == 4, "the smallest are open: 2 + 3 + 4 + 5 in place of 4"
    assert viz.graph_svg(most=1000).count('class="cluster"') == 30


def test_a_graph_def_is_drawn_as_its_graph():
    build()
    graph = tf.get_default_graph()
    assert names(viz.graph_svg(graph.as_graph_def(add_shapes=True))) == names(viz.graph_svg(graph))


def test_mermaid_needs_nothing(monkeypatch):
    def refused(name, *args, **kwargs):
        if name == "pygraphviz":
            raise ImportError(name)
        return imported(name, *args, **kwargs)

    imported = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", refused)
    with tf.name_scope("a"):
        one = tf.ones([2, 3], name="one")
    with tf.control_dependencies([one]):
        tf.negative(one, name="minus")
    tf.no_op("alone")
    assert viz.graph_mermaid() == (
        "flowchart BT\n"
        '  subgraph n0["a"]\n'
        '    n1(["one"])\n'
        "  end\n"
        '  n2(["minus"])\n'
        '  n3(["alone"])\n'
        '  n1 -->|"2 × 3"| n2\n'
    )
    with pytest.raises(ImportError, match=r"pip install 'graphmode\[plots\]'"):
        viz.graph_svg()


def test_curves_of_a_log_folder(tmp_path):
    for run, factor in (("train", 1.0), ("test", 2.0)):
        writer = tf.summary.FileWriter(str(tmp_path / run))
        for step in (0, 5, 10):
            for tag in ("loss", "accuracy"):
                value = tf.Summary.Value(tag=tag, simple_value=factor * step)
                writer.add_summary(tf.Summary(value=[value]), step)
        writer.close()
    figure = viz.curves(tmp_path, path=tmp_path / "curves.png")
    assert [axes.get_title() for axes in figure.axes] == ["loss", "accuracy"]
    lines = {line.get_label(): line.get_xydata().tolist() for line in figure.axes[0].lines}
    assert lines == {
        "test": [[0, 0], [5, 10], [10, 20]],
        "train": [[0, 0], [5, 5], [10, 10]],
    }
    assert (tmp_path / "curves.png").stat().st_size > 10_000
    assert len(viz.curves(tmp_path, "acc").axes) == 1
    with pytest.raises(ValueError, match="no scalar of a tag with 'cost' in it; there are: loss"):
        viz.curves(tmp_path, "cost")
    with pytest.raises(FileNotFoundError, match="there is no event file below"):
        viz.curves(tmp_path / "train" / "none")
