"""Layouts of TensorBoard's custom scalars: its own module writes them, with ours as tensorflow."""

import subprocess
import sys

PROGRAM = """
import sys, glob
import tensorflow as tf
from tensorboard.plugins.custom_scalar import layout_pb2, summary

lines = layout_pb2.MultilineChartContent(tag=["loss.*"])
chart = layout_pb2.Chart(title="losses", multiline=lines)
layout = layout_pb2.Layout(category=[layout_pb2.Category(title="all", chart=[chart])])
with tf.summary.FileWriter(sys.argv[1]) as writer, tf.Session() as session:
    writer.add_summary(summary.pb(layout))
    writer.add_summary(session.run(summary.op(layout)))
for event in tf.train.summary_iterator(glob.glob(sys.argv[1] + "/*")[0]):
    for value in event.summary.value:
        found = layout_pb2.Layout.FromString(value.tensor.string_val[0])
        print(value.tag, value.metadata.plugin_data.plugin_name, found == layout)
"""


def test_a_layout_is_written(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", path, tmp_path / "log"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    # A writer says of a tag once which plugin it is for.
    first, second = done.stdout.splitlines()
    assert first == "custom_scalars__config__ custom_scalars True"
    assert second == "custom_scalars__config__  True"
