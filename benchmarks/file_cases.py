"""What files cost: one function a case, the same text for graphmode and for TensorFlow.

A case takes the `tf` module and gives seconds, and the most memory that the process held beyond
what it held before there was data.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_LENGTH, _N_VARIABLES = 1 << 24, 8
MEGABYTES = _N_VARIABLES * 4 * _LENGTH >> 20
"""Of the data."""


def _held(peak: bool = False) -> float:
    """The megabytes that the process holds, or held at most since `_forget_peak`."""
    field = "VmHWM:" if peak else "VmRSS:"
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def _forget_peak() -> None:
    """Begin to look for the most memory again."""
    Path("/proc/self/clear_refs").write_text("5")


def _touch_memory() -> None:
    """Let the machine find the memory that the case will take: it costs more than the case."""
    np.ones(3 * MEGABYTES << 20, np.uint8)


def _variables(tf, value: float) -> None:
    for i in range(_N_VARIABLES):
        tf.get_variable(f"v{i}", [_LENGTH], initializer=tf.constant_initializer(value))


def write(folder: str) -> None:
    """Write the checkpoint that `restore` reads, in a process of its own."""
    import graphmode as tf

    with tf.Session() as session:
        _variables(tf, 0.5)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, f"{folder}/model", write_meta_graph=False)


def save(tf) -> dict[str, float]:
    _touch_memory()
    held = _held()
    with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
        _variables(tf, 0.5)
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        _forget_peak()
        start = time.perf_counter()
        saver.save(session, f"{folder}/model", write_meta_graph=False)
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "megabytes": _held(peak=True) - held}


def restore(tf) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
        code = f"from benchmarks.file_cases import write; write({folder!r})"
        subprocess.run([sys.executable, "-c", code], check=True)
        _touch_memory()
        _variables(tf, 0.0)
        saver = tf.train.Saver()
        held = _held()
        _forget_peak()
        start = time.perf_counter()
        saver.restore(session, f"{folder}/model")
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "megabytes": _held(peak=True) - held}


CASES = {f"save {MEGABYTES} MB": save, f"restore {MEGABYTES} MB": restore}
