"""`Timeline`: the same events as TensorFlow's for the same step stats."""

import json

import graphmode as gm
from graphmode.python.client import timeline

STATS = [
    ("/device:CPU:0", [("a", "a = Const()", 1000, 5), ("b", "b = Square(a)", 1002, 8)]),
    ("/device:CPU:1", [("c", "c = MatMul(a, b)", 1011, 4), ("d", "no label", 1020, 1)]),
]


def events(text):
    """Every step and process of a trace; TensorFlow has a process of tensors, too."""
    found = json.loads(text)["traceEvents"]
    named = {e["pid"]: e["args"]["name"] for e in found if e["ph"] == "M"}
    steps = [
        (named[e["pid"]], e["cat"], e["args"]["name"], e["ts"], e["dur"], e["tid"])
        for e in found
        if e["ph"] == "X"
    ]
    return sorted(steps)


def test_the_steps_are_tensorflows(oracle):
    from tensorflow.core.framework import step_stats_pb2
    from tensorflow.python.client import timeline as theirs

    stats = step_stats_pb2.StepStats()
    for device, steps in STATS:
        device_stats = stats.dev_stats.add(device=device)
        for name, label, start, length in steps:
            device_stats.node_stats.add(
                node_name=name,
                timeline_label=label,
                all_start_micros=start,
                all_end_rel_micros=length,
            )
    text = timeline.Timeline(stats).generate_chrome_trace_format(show_memory=True)
    expected = theirs.Timeline(stats).generate_chrome_trace_format(show_dataflow=False)
    assert events(text) == events(expected)
    ops = [e["name"] for e in json.loads(text)["traceEvents"] if e["ph"] == "X"]
    assert ops == ["Const", "Square", "MatMul", "no label"]


def test_a_traced_run_is_shown(mode):
    metadata = gm.RunMetadata()
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        y = gm.reduce_sum(gm.random_normal([20, 30]))
        options = gm.RunOptions(trace_level=gm.RunOptions.FULL_TRACE)
        sess.run(y, options=options, run_metadata=metadata)
    found = events(timeline.Timeline(metadata.step_stats).generate_chrome_trace_format())
    assert found
    assert all(process.endswith("CPU:0 Compute") and length > 0 for process, *_, length, _ in found)
