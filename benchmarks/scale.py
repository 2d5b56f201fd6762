"""What a mesh costs and moves: ``python -m benchmarks.scale [CASE ...] [--devices 1 2 4 8]``.

Each number of devices has a process of its own, with so many virtual CPU devices. They share the
cores of the machine, so the times show what a mesh adds, not what it saves. 0 devices is a session
without a mesh. What is moved is read from the collectives of the compiled step.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

N_STEPS = 30


def softmax(tf: Any, n_rows: int = 64) -> tuple[Any, dict[Any, np.ndarray]]:
    """MNIST's softmax regression, SGD."""
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    w, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
    logits = tf.matmul(x, w) + b
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=logits))
    g = np.random.default_rng(0)
    feed = {x: g.random((n_rows, 784), np.float32), y: np.eye(10)[g.integers(0, 10, n_rows)]}
    return tf.train.GradientDescentOptimizer(0.5).minimize(loss), feed


def mlp(tf: Any, n_rows: int = 256) -> tuple[Any, dict[Any, np.ndarray]]:
    """784-512-512-10 units, Momentum."""
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.int32, [None])
    hidden = tf.layers.dense(tf.layers.dense(x, 512, tf.nn.relu), 512, tf.nn.relu)
    loss = tf.losses.sparse_softmax_cross_entropy(y, tf.layers.dense(hidden, 10))
    g = np.random.default_rng(0)
    feed = {x: g.random((n_rows, 784), np.float32), y: g.integers(0, 10, n_rows)}
    return tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss), feed


def ptb(tf: Any, n_rows: int = 32) -> tuple[Any, dict[Any, np.ndarray]]:
    """Zaremba's small language model: 10,000 words, two layers of 200 units, 20 steps, SGD."""
    x, y = tf.placeholder(tf.int32, [n_rows, 20]), tf.placeholder(tf.int32, [n_rows, 20])
    table = tf.get_variable("embedding", [10000, 200])
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(200) for _ in range(2)])
    outputs, _ = tf.nn.dynamic_rnn(cell, tf.nn.embedding_lookup(table, x), dtype=tf.float32)
    logits = tf.layers.dense(tf.reshape(outputs, [-1, 200]), 10000)
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(y, [-1]), logits=logits)
    variables = tf.trainable_variables()
    gradients, _ = tf.clip_by_global_norm(
        tf.gradients(tf.reduce_sum(nats) / n_rows, variables), 5.0
    )
    g = np.random.default_rng(0)
    feed = {t: g.integers(0, 10000, (n_rows, 20)) for t in (x, y)}
    pairs = zip(gradients, variables, strict=True)
    return tf.train.GradientDescentOptimizer(1.0).apply_gradients(pairs), feed


def table(tf: Any, n_rows: int = 256) -> tuple[Any, dict[Any, np.ndarray]]:
    """An embedding of 1 GB, looked up and learned by SGD."""
    x, y = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
    rows = tf.get_variable("table", [1 << 22, 64], initializer=tf.random_uniform_initializer())
    logits = tf.layers.dense(tf.nn.embedding_lookup(rows, x), 10)
    loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
    g = np.random.default_rng(0)
    feed = {x: g.integers(0, 1 << 22, n_rows), y: g.integers(0, 10, n_rows)}
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss), feed


def towers(tf: Any, n_devices: int, n_rows: int = 256) -> tuple[Any, dict[Any, np.ndarray]]:
    """The network of `mlp`, once on each device, the gradients averaged on the first one."""
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.int32, [None])
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    n = max(n_devices, 1)
    each = []
    for i, (part, labels) in enumerate(zip(tf.split(x, n), tf.split(y, n), strict=True)):
        with tf.device(f"/cpu:{i}"), tf.variable_scope("net", reuse=i > 0):
            hidden = tf.layers.dense(part, 512, tf.nn.relu, name="a")
            hidden = tf.layers.dense(hidden, 512, tf.nn.relu, name="b")
            logits = tf.layers.dense(hidden, 10, name="c")
            loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
            each.append(optimizer.compute_gradients(loss))
    with tf.device("/cpu:0"):
        averages = [
            (tf.add_n([gradient for gradient, _ in pairs]) / n, pairs[0][1])
            for pairs in zip(*each, strict=True)
        ]
        step = optimizer.apply_gradients(averages)
    g = np.random.default_rng(0)
    return step, {x: g.random((n_rows, 784), np.float32), y: g.integers(0, 10, n_rows)}


CASES = {"softmax": softmax, "mlp": mlp, "ptb": ptb, "table": table}


def measure(case: str, n_devices: int) -> dict[str, Any]:
    """One case with so many devices, in this process."""
    import graphmode as tf
    from graphmode.runtime.places.collectives import collectives
    from graphmode.runtime.programs.cache import cache

    config = tf.ConfigProto(device_count={"CPU": max(n_devices, 1)})
    if case == "towers":
        step, feed = towers(tf, n_devices)
        session = tf.Session(config=config, mode="compiled")
    else:
        step, feed = CASES[case](tf)
        session = tf.Session(config=config, mode="compiled", mesh=n_devices or None)
    session.run(tf.global_variables_initializer())
    cache.clear()
    begun = time.perf_counter()
    session.run(step, feed)
    first = time.perf_counter() - begun
    for _ in range(3):
        session.run(step, feed)
    times: list[float] = []
    processor = time.process_time()
    for _ in range(N_STEPS):
        begun = time.perf_counter()
        session.run(step, feed)
        times.append(time.perf_counter() - begun)
    processor = (time.process_time() - processor) / N_STEPS
    found = {"step": statistics.median(times), "least": min(times), "processor": processor}
    found |= {
        "first": first,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    found["variables"] = sum(
        int(np.prod(v.shape.as_list())) * v.dtype.base_dtype.size for v in tf.trainable_variables()
    )
    if n_devices and case != "towers":
        moved: list[Any] = []
        for program in cache.programs:
            moved += collectives(program.text)
        found["exchanges"] = len(moved)
        found["moved"] = sum(one.moved(n_devices) for one in moved)
        found["per_device"] = sum(v.bytes_per_device for v in session.stats().variables)
        found["kinds"] = sorted({one.kind for one in moved})
    return found


def in_a_process(case: str, n_devices: int) -> dict[str, Any]:
    """What `measure` finds in a process that has so many devices."""
    command = [sys.executable, "-m", "benchmarks.scale", "--measure", case, str(n_devices)]
    told = os.environ | {"JAX_NUM_CPU_DEVICES": str(max(n_devices, 1))}
    done = subprocess.run(command, capture_output=True, text=True, env=told, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def row(case: str, n_devices: int, found: dict[str, Any]) -> str:
    """A line of the table."""
    devices = str(n_devices) if n_devices else "no mesh"
    cells = [case, devices, f"{found['step'] * 1e3:.2f}", f"{found['least'] * 1e3:.2f}"]
    cells += [f"{found['processor'] * 1e3:.1f}", f"{found['first']:.1f}"]
    if "moved" in found:
        least = 2 * (n_devices - 1) / n_devices * found["variables"]
        cells += [str(found["exchanges"]), f"{found['moved'] / 1e3:,.1f}", f"{least / 1e3:,.1f}"]
        cells += [f"{found['per_device'] / 1e6:,.2f}"]
    else:
        cells += ["", "", "", f"{found['variables'] / 1e6:,.2f}"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("cases", nargs="*", help=", ".join([*CASES, "towers"]))
    parser.add_argument("--devices", type=int, nargs="+", default=[0, 1, 2, 4, 8])
    parser.add_argument("--measure", nargs=2, metavar=("CASE", "N"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        json.dump(measure(given.measure[0], int(given.measure[1])), sys.stdout)
        return
    print(
        "| case | devices | step, ms | least | processor | first, s | exchanges | moved, kB "
        "| 2(n-1)/n of the gradients | MB on each |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for case in given.cases or ["softmax", "mlp", "ptb", "towers"]:
        for n in given.devices:
            print(row(case, n, in_a_process(case, n)), flush=True)


if __name__ == "__main__":
    main()
