"""`graphmode serve` beside TensorFlow 2.21's session behind the same server code, in one run.

``python -m benchmarks.serve`` prints a table; ``--json FILE`` writes it, too. Each server is a
process of its own; the load comes from this one, to one server after the other, in turns.
"""

import argparse
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ENGINES = ("graphmode", "tensorflow")
CLIENTS = (1, 8, 64)


# ---- the models ----------------------------------------------------------------------------------


def softmax(tf, x):
    """MNIST for ML Beginners: 784 numbers, 10 classes."""
    return tf.nn.softmax(tf.layers.dense(x, 10))


def cnn(tf, x):
    """Deep MNIST for Experts: two convolutions, 1024 units."""
    hidden = tf.reshape(x, [-1, 28, 28, 1])
    for filters in (32, 64):
        hidden = tf.layers.conv2d(hidden, filters, 5, padding="same", activation=tf.nn.relu)
        hidden = tf.layers.max_pooling2d(hidden, 2, 2)
    hidden = tf.layers.dense(tf.layers.flatten(hidden), 1024, activation=tf.nn.relu)
    return tf.nn.softmax(tf.layers.dense(hidden, 10))


MODELS = {"softmax": softmax, "cnn": cnn}


def write(name, folder):
    """Write a SavedModel with random weights."""
    import graphmode as tf

    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(0)
        x = tf.placeholder(tf.float32, [None, 784], "x")
        y = MODELS[name](tf, x)
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(folder), {"x": x}, {"y": y})


# ---- the servers ---------------------------------------------------------------------------------


class TensorFlowModel:
    """A SavedModel in TensorFlow's session, as the server asks for one."""

    def __init__(self, folder):
        import tensorflow.compat.v1 as tf

        from graphmode.serve.batching import power_of_two
        from graphmode.serve.signatures import Signature, Spec

        tf.disable_v2_behavior()
        self.session = tf.Session(graph=tf.Graph())
        with self.session.graph.as_default():
            meta_graph = tf.saved_model.loader.load(self.session, ["serve"], str(folder))
        definition = meta_graph.signature_def["serving_default"]
        (x,), (y,) = definition.inputs.values(), definition.outputs.values()
        run = self.session.make_callable(y.name, [x.name])
        self.signatures = {
            "serving_default": Signature(
                "serving_default",
                definition.method_name,
                {key: Spec.of_info(info) for key, info in definition.inputs.items()},
                {key: Spec.of_info(info) for key, info in definition.outputs.items()},
                lambda feeds, outputs: {"y": run(feeds["x"])},
                definition,
                takes_batches=True,
            )
        }
        for size in (power_of_two(n) for n in (1, 2, 4, 8, 16, 32)):
            for _ in range(20):
                run(np.zeros([size, 784], np.float32))

    def close(self):
        """Let go of the variables."""
        self.session.close()


def serve(engine, folder):
    """Serve a folder until a signal comes."""
    import uvicorn

    from graphmode.serve.folders import loaded
    from graphmode.serve.library import Library, ModelConfig
    from graphmode.serve.metrics import Metrics
    from graphmode.serve.processes import configured, share_cores
    from graphmode.serve.settings import Settings

    is_ours = engine == "graphmode"
    share_cores()
    settings = Settings(warm_up=is_ours, poll_seconds=3600)
    load = loaded if is_ours else TensorFlowModel
    library = Library([ModelConfig("model", Path(folder))], settings, Metrics(), load=load)
    library.start()
    server = uvicorn.Server(configured(library))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/v1/models/model", flush=True)
        server.run(sockets=[listener])


@contextlib.contextmanager
def served(engine, folder):
    """Give the address of a server in a process of its own, and the number of that process."""
    command = [sys.executable, "-m", "benchmarks.serve", "--serve", engine, str(folder)]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=quiet
    ) as process:
        try:
            for line in process.stdout:
                if re.match("http://", line):
                    yield line.strip(), process.pid
                    break
            else:
                raise RuntimeError(f"{engine} does not serve")
        finally:
            process.terminate()


# ---- the measurement -----------------------------------------------------------------------------


def processor_seconds(pid):
    """Give the processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(seconds, rounds, models, counts):
    """Give a row for each model, number of clients and engine."""
    from graphmode.serve.load_test import body_for, measured

    rows = []
    for name in models:
        with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
            folder = Path(scratch) / name
            write(name, folder / "1")
            servers = {engine: stack.enter_context(served(engine, folder)) for engine in ENGINES}
            body = body_for(servers["graphmode"][0], 1)
            for clients in counts:
                loads = {engine: [] for engine in ENGINES}
                spent = dict.fromkeys(ENGINES, 0.0)
                for _ in range(rounds):
                    for engine, (url, pid) in servers.items():
                        before = processor_seconds(pid)
                        loads[engine].append(measured(f"{url}:predict", body, clients, seconds))
                        spent[engine] += processor_seconds(pid) - before
                for engine, found in loads.items():
                    answered = sum(load.answered for load in found)
                    rows.append(
                        {
                            "model": name,
                            "clients": clients,
                            "engine": engine,
                            "errors": sum(load.errors for load in found),
                            "processor_ms": 1000 * spent[engine] / max(answered, 1),
                            **{
                                key: statistics.median(getattr(load, key) for load in found)
                                for key in ("per_second", "p50", "p95", "p99")
                            },
                        }
                    )
    return rows


def table(rows):
    """Write the rows as Markdown."""
    lines = [
        "| model | clients | engine | requests/s | p50 ms | p95 ms | p99 ms | processor ms | "
        "times | by processor |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    peers = {(r["model"], r["clients"]): r for r in rows if r["engine"] == "tensorflow"}
    for row in rows:
        peer = peers[row["model"], row["clients"]]
        times = row["per_second"] / peer["per_second"]
        by_processor = peer["processor_ms"] / row["processor_ms"]
        lines.append(
            f"| {row['model']} | {row['clients']} | {row['engine']} | {row['per_second']:,.0f} | "
            f"{row['p50']:.2f} | {row['p95']:.2f} | {row['p99']:.2f} | {row['processor_ms']:.3f} | "
            f"{times:.2f} | {by_processor:.2f} |"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--clients", nargs="+", type=int, default=CLIENTS)
    parser.add_argument("--serve", nargs=2, metavar=("ENGINE", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(*arguments.serve)
        return
    rows = measure(arguments.seconds, arguments.rounds, arguments.models, arguments.clients)
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps({"load": os.getloadavg(), "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
