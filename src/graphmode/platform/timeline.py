"""`tensorflow.python.client.timeline`: a run's steps as a trace that a browser shows."""

from __future__ import annotations

import json
from typing import Any


class Timeline:
    """The step stats of a run, to be shown by ``chrome://tracing`` or Perfetto.

    Parameters
    ----------
    step_stats : StepStats
        Of `RunMetadata`, after a run with `RunOptions.FULL_TRACE`.
    graph : Graph, optional
        Not looked at.

    Examples
    --------
    >>> import json
    >>> import graphmode as tf
    >>> from graphmode.python.client import timeline
    >>> y = tf.random_normal([3, 3]) + 1.0
    >>> metadata = tf.RunMetadata()
    >>> with tf.Session() as sess:
    ...     options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    ...     _ = sess.run(y, options=options, run_metadata=metadata)
    >>> trace = timeline.Timeline(metadata.step_stats).generate_chrome_trace_format()
    >>> sorted({event["ph"] for event in json.loads(trace)["traceEvents"]})
    ['M', 'X']
    """

    def __init__(self, step_stats: Any, graph: Any = None) -> None:
        self._step_stats = step_stats

    def generate_chrome_trace_format(
        self, show_dataflow: bool = True, show_memory: bool = False
    ) -> str:
        """Write the trace.

        Parameters
        ----------
        show_dataflow, show_memory : bool
            Accepted: a step is a whole program here, whose values are not traced.

        Returns
        -------
        str
            JSON, in the Trace Event Format: a process for each device, an event for each step, in
            microseconds.
        """
        events: list[dict[str, Any]] = []
        for process, device in enumerate(self._step_stats.dev_stats):
            named = {"name": f"{device.device} Compute"}
            events.append({"name": "process_name", "ph": "M", "pid": process, "args": named})
            lanes: list[int] = []  # when each is free again: steps at once are shown side by side
            for step in sorted(device.node_stats, key=lambda step: step.all_start_micros):
                begin, length = step.all_start_micros, step.all_end_rel_micros
                free = (lane for lane, end in enumerate(lanes) if begin >= end)
                lane = next(free, len(lanes))
                lanes[lane : lane + 1] = [begin + length]
                name, op = _name_and_op(step)
                events.append(
                    {
                        "ph": "X",
                        "cat": "Op",
                        "name": op,
                        "pid": process,
                        "tid": lane,
                        "ts": begin,
                        "dur": length,
                        "args": {"name": name, "op": op},
                    }
                )
        return json.dumps({"traceEvents": events}, indent=4, separators=(",", ": "))


def _name_and_op(step: Any) -> tuple[str, str]:
    """The step's name and what it does: TensorFlow labels one ``name = Op(inputs)``."""
    _, equals, call = step.timeline_label.partition(" = ")
    what = call.partition("(")[0] if equals and "(" in call else step.timeline_label
    return step.node_name, what or "unknown"
