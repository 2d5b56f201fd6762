"""Whole cluster programs as people wrote them, by processes of this machine, and what befalls them.

They run at the same time, each in its own cluster: a test looks at what one of them has said.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

PROGRAMS = Path(__file__).with_name("programs")
PATIENCE = 300
"""Seconds that a busy machine may take; a quiet one takes some of them."""
SYNCHRONOUS = [
    227.724359, -0.082604,
    -0.082018, 0.128059, -0.026429, -0.035909, 0.051099, 0.116394, -0.026034, 0.082847, -0.173494,
    -0.034516,
]  # fmt: skip
"""The weights after 40 steps, as a cluster of TensorFlow 1.15.5 printed them. Its processes were
spawned: forked ones have the same random numbers of steps there, and refuse each other's."""
TOWERS = [0.64012, 0.49475, 0.42437, 0.41816, 0.33244, 0.41245, 0.853, 270.60437]
"""Two losses after 20, 40 and 60 steps, the accuracy, the sum of the weights' sizes; likewise."""
DATA = os.environ.get("GRAPHMODE_DATA", "")

pytestmark = pytest.mark.skipif(
    not (Path(DATA) / "mnist").is_dir() or not (Path(DATA) / "tinyshakespeare").is_dir(),
    reason="these programs read MNIST and Shakespeare from $GRAPHMODE_DATA",
)


class Program:
    """A program that runs as `graphmode run` runs it; what it says goes to files."""

    def __init__(self, folder, name, *arguments, label):
        self.out, self.err = folder / f"{label}.out", folder / f"{label}.err"
        command = [sys.executable, "-m", "graphmode", "run", PROGRAMS / f"{name}.py", *arguments]
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(
                list(map(str, command)), stdout=out, stderr=err, cwd=folder, start_new_session=True
            )

    def said(self):
        return self.out.read_text()

    def errors(self):
        return self.err.read_text()

    def wait(self):
        """What it has said by its end, which is a good one."""
        assert self.process.wait(PATIENCE) == 0, self.errors()
        return self.said().splitlines()

    def wait_for(self, text, where=said, since=0, seconds=PATIENCE):
        """Wait until it says `text`, after the first `since` characters; where it stands then."""
        end = time.monotonic() + seconds
        while text not in where(self)[since:]:
            assert time.monotonic() < end, f"no {text!r}: {self.said()} {self.errors()}"
            assert self.process.poll() is None or text in where(self)[since:], self.errors()
            time.sleep(0.05)
        return len(where(self))

    def kill(self):
        """End it at once, and the processes that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Cluster:
    """The tasks of one program, at free ports."""

    def __init__(self, folder, addresses, name, n_ps, n_workers, *flags):
        self._folder, self._name, self._flags = folder, name, list(flags)
        hosts = addresses(n_ps + n_workers)
        if n_ps:
            self._flags.append("--ps_hosts=" + ",".join(hosts[:n_ps]))
        self._flags.append("--worker_hosts=" + ",".join(hosts[n_ps:]))
        self.programs = []

    def start(self, job, index):
        label = f"{id(self)}-{job}{index}-{len(self.programs)}"
        task = [f"--job_name={job}", f"--task_index={index}"]
        program = Program(self._folder, self._name, *self._flags, *task, label=label)
        self.programs.append(program)
        return program


@pytest.fixture(scope="module")
def everything(free_addresses, tmp_path_factory):
    """All programs, begun; killed at the end."""
    folder = tmp_path_factory.mktemp("clusters")
    begun = {}

    def cluster(name, *arguments):
        return Cluster(folder, free_addresses, name, *arguments)

    asynchronous = cluster("async_mnist", 1, 2, f"--train_dir={folder}/async", "--steps=1200")
    embedding = cluster(
        "supervised_embedding", 2, 2, f"--train_dir={folder}/supervised", "--steps=400",
        f"--text={DATA}/tinyshakespeare/input.txt",
    )  # fmt: skip
    alone = cluster(
        "supervised_embedding", 1, 2, f"--train_dir={folder}/alone",
        f"--text={DATA}/tinyshakespeare/input.txt",
    )  # fmt: skip
    towers = cluster("in_graph", 0, 2)
    begun["alone"] = alone.start("worker", 0)
    begun["asynchronous"] = asynchronous
    begun["ps"] = asynchronous.start("ps", 0)
    begun["chief"] = asynchronous.start("worker", 0)
    begun["other"] = asynchronous.start("worker", 1)
    begun["synchronous"] = Program(folder, "sync_processes", "MNIST_data", label="synchronous")
    begun["tower"] = towers.start("worker", 1)
    begun["client"] = towers.start("worker", 0)
    begun["embedding ps"] = [embedding.start("ps", i) for i in range(2)]
    begun["embedding"] = [embedding.start("worker", i) for i in range(2)]
    yield begun
    for each in (asynchronous, embedding, towers, alone):
        for program in each.programs:
            program.kill()
    begun["synchronous"].kill()


def number(lines, name):
    """The number after a name in what a program has said."""
    (line,) = [line for line in lines if line.startswith(name)]
    return float(line.removeprefix(name).split()[0].rstrip(","))


def test_a_killed_worker_and_a_killed_ps(everything):
    """The others go on; a worker says which ps is gone, and goes on when it is back."""
    chief, other = everything["chief"], everything["other"]
    other.wait_for("step ")
    other.kill()
    since = chief.wait_for("step ")
    chief.wait_for("step ", since=since)
    everything["ps"].kill()
    chief.wait_for("/job:ps/replica:0/task:0", where=Program.errors)
    everything["asynchronous"].start("ps", 0)
    lines = chief.wait()
    steps = [int(line.split()[1]) for line in lines if line.startswith("step ")]
    assert steps[-1] <= 1200 and len(steps) > 2
    assert number(lines, "accuracy") > 0.88


def test_synchronous_workers_of_one_script(everything):
    """Each step is of both workers' rows: the values are those of TensorFlow 1.15.5's cluster."""
    lines = everything["synchronous"].wait()
    workers = [line for line in lines if line.startswith("worker")]
    assert [float(line.split()[-1]) > 0.86 for line in workers] == [True, True]
    if all("in turn True" in line for line in workers):  # who is quick may take another's token
        found = [float(word) for line in lines[1:3] for word in line.split()[1:]]
        np.testing.assert_allclose(found, SYNCHRONOUS, rtol=1e-5, atol=2e-6)


def test_towers_of_two_tasks(everything):
    """The losses, the accuracy and the weights are those of TensorFlow 1.15.5's cluster."""
    lines = everything["client"].wait()[-7:]
    found = [float(word) for line in lines[:5] for word in line.split()[1:] if "." in word]
    np.testing.assert_allclose(found, TOWERS, rtol=1e-5, atol=2e-5)
    assert lines[-2:] == ["/job:worker/replica:0/task:0", "/job:worker/replica:0/task:1"]


def test_supervised_workers_and_an_embedding_on_two_servers(everything):
    for worker in everything["embedding"]:
        lines = worker.wait()
        assert "places /job:ps/task:0 /job:ps/task:1 /job:ps/task:0 /job:ps/task:1" in lines
        assert number(lines, "loss ") < 2.6


def test_a_worker_that_never_comes_is_named(everything):
    alone = everything["alone"]
    alone.wait_for("/job:worker/replica:0/task:1", where=Program.errors)
    assert alone.process.poll() is None
    assert "localhost:" in alone.errors()
