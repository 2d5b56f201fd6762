"""What a run on another task of a cluster costs, beside TensorFlow 1.15: two processes, loopback.

``python -m benchmarks.tasks [--tensorflow PYTHON]``: the same program runs under this interpreter
and under one that has TensorFlow 1.15, in turns, each with a ps in a process of its own. Times are
microseconds; the median of 500 runs, and their tenth percentile, which a busy machine moves least.
Then what gRPC itself takes there and back for a message of 30 bytes, and for 4 MB in the pieces
that runs have, which nobody cuts and nobody puts together.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = """
import socket, subprocess, sys, time, warnings
warnings.filterwarnings("ignore")
{header}

def ports(n):
    held = [socket.socket() for _ in range(n)]
    [each.bind(("127.0.0.1", 0)) for each in held]
    numbers = [each.getsockname()[1] for each in held]
    [each.close() for each in held]
    return numbers

if len(sys.argv) > 1:
    ps, worker = sys.argv[1:]
else:
    ps, worker = ports(2)
spec = tf.train.ClusterSpec({{"ps": ["localhost:%s" % ps], "worker": ["localhost:%s" % worker]}})
if len(sys.argv) > 1:
    server = tf.train.Server(spec, "ps", 0)
    print("ready", flush=True)
    server.join()
other = subprocess.Popen([sys.executable, __file__, str(ps), str(worker)], stdout=subprocess.PIPE)
other.stdout.readline()

def measure(name, run, runs=500):
    for _ in range(50):
        run()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    times.sort()
    print("%s\\t%.0f\\t%.0f" % (name, 1e6 * times[runs // 2], 1e6 * times[runs // 10]), flush=True)

try:
    server = tf.train.Server(spec, "worker", 0)
    with tf.device("/job:ps/task:0"):
        one = tf.constant(1.0)
        fed = tf.placeholder(tf.float32, [])
        more = fed + 1.0
        small = tf.Variable(tf.zeros([1000]))
        large = tf.Variable(tf.zeros([1024, 1024]))
        w = tf.Variable(tf.zeros([784, 10]))
        b = tf.Variable(tf.zeros([10]))
        reads = [v.read_value() for v in (small, large)]
    x = tf.placeholder(tf.float32, [None, 784])
    y = tf.placeholder(tf.float32, [None, 10])
    loss = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=tf.matmul(x, w) + b))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    import numpy as np
    rows, labels = np.ones([50, 784], np.float32), np.eye(10, dtype=np.float32)[[0] * 50]
    with tf.Session(server.target) as sess:
        sess.run(tf.global_variables_initializer())
        call = sess.make_callable
        measure("a constant of the ps", call(one))
        plus = call(more, [fed])
        measure("a sum on the ps, fed", lambda: plus(1.0))
        measure("a variable of 4 kB", call(reads[0]))
        measure("a variable of 4 MB", call(reads[1]), 100)
        step = call(train, [x, y])
        measure("a training step of a softmax, 50 x 784", lambda: step(rows, labels))
    with tf.Session("grpc://localhost:%s" % ps) as sess:
        measure("a constant, by a session of the ps", sess.make_callable(one))
finally:
    other.kill()
    other.wait()
"""
ECHO = """
from concurrent import futures
import grpc

class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/bench/once":
            return grpc.unary_unary_rpc_method_handler(lambda message, context: message)
        if details.method == "/bench/stream":
            return grpc.stream_stream_rpc_method_handler(lambda messages, context: messages)
        return grpc.stream_stream_rpc_method_handler(
            lambda messages, context: (piece for _ in messages for piece in PIECES))

PIECES = [bytes(1 << 19)] * 8

server = grpc.server(futures.ThreadPoolExecutor(4), [Echo()])
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
server.wait_for_termination()
"""
OURS = "import graphmode as tf"
THEIRS = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
"""


def measured(python: str, header: str, folder: Path) -> dict[str, tuple[str, str]]:
    """What the program prints under an interpreter: name -> median, tenth percentile."""
    program = folder / "tasks_program.py"
    program.write_text(PROGRAM.format(header=header))
    done = subprocess.run(
        [python, str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=True, cwd=folder,
    )  # fmt: skip
    rows = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 2]
    return {name: (median, low) for name, median, low in rows}


def bare() -> dict[str, tuple[int, int]]:
    """What gRPC's Python takes with nothing of ours: how -> median, tenth percentile."""
    from graphmode.cluster.channels import channel_to
    from graphmode.cluster.streams import Watched, open_stream

    message, found = b"x" * 30, {}
    command = [sys.executable, "-c", ECHO]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as echo:
        try:
            port = (echo.stdout or sys.stdin).readline().strip()
            channel = channel_to(f"127.0.0.1:{port}")
            once = channel.unary_unary("/bench/once")
            found["a call for each message"] = _measured(lambda: once(message))
            for how, stream in (
                ("a public stream", Watched(channel, "/bench/stream")),
                ("a stream as runs have it", open_stream(channel, "/bench/stream")),
            ):
                found[how] = _measured(lambda stream=stream: _told(stream, message))
                stream.cancel()
            bytearray(16 << 20)  # once freed, malloc keeps such memory, as where arrays are fetched
            pieces = open_stream(channel, "/bench/pieces")
            found["4 MB in 8 pieces"] = _measured(lambda: _told(pieces, message, 8), 100)
            pieces.cancel()
            channel.close()
        finally:
            echo.kill()
    return found


def _told(stream: Any, message: bytes, n: int = 1) -> None:
    stream.send(message)
    for i in range(n):
        stream.receive(i + 1 < n)


def _measured(run: Callable[[], Any], runs: int = 500) -> tuple[int, int]:
    times = []
    for _ in range(50 + runs):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    times = sorted(times[50:])
    return round(1e6 * times[runs // 2]), round(1e6 * times[runs // 10])


def main() -> None:
    """Measure both, three times in turns, and print the best of each as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tensorflow", help="a Python that has TensorFlow 1.15")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    peers = [("graphmode", sys.executable, OURS)]
    if options.tensorflow:
        peers.append(("TensorFlow 1.15", options.tensorflow, THEIRS))
    best: dict[str, dict[str, tuple[int, int]]] = {}
    alone: dict[str, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for peer, python, header in peers:
                for name, found in measured(python, header, Path(folder)).items():
                    median, low = map(int, found)
                    before = best.setdefault(name, {}).get(peer, (median, low))
                    best[name][peer] = (min(median, before[0]), min(low, before[1]))
            for how, (median, low) in bare().items():
                before = alone.get(how, (median, low))
                alone[how] = (min(median, before[0]), min(low, before[1]))
    print("| run | " + " | ".join(peer for peer, _, _ in peers) + " |")
    print("|---|" + "---|" * len(peers))
    for name, found in best.items():
        cells = [f"{found[peer][0]} ({found[peer][1]})" for peer, _, _ in peers]
        print(f"| {name} | {' | '.join(cells)} |")
    print("\n| gRPC alone | |\n|---|---|")
    for how, (median, low) in alone.items():
        print(f"| {how} | {median} ({low}) |")


if __name__ == "__main__":
    main()
