"""Tasks of clusters for tests: processes that end with the test, at free ports."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import graphmode as tf
from graphmode.platform.testing import machine

SERVE = Path(__file__).with_name("serve.py")


@pytest.fixture(scope="session")
def free_addresses():
    """Give a function that finds so many addresses of this machine whose ports nothing uses."""
    return machine.free_addresses


@pytest.fixture(scope="module")
def servers(free_addresses):
    a = free_addresses(4)
    cluster = tf.train.ClusterSpec({"ps": a[:2], "worker": a[2:]})
    return {
        (job, index): tf.train.Server(cluster, job, index)
        for job in ("ps", "worker")
        for index in (0, 1)
    }


@pytest.fixture
def worker(servers):
    """The target of a worker in a cluster that has forgotten what tests before have left."""
    target = servers["worker", 0].target
    tf.Session.reset(target)
    return target


@pytest.fixture
def other(servers, worker):
    return servers["worker", 1].target


class Processes:
    """The processes of a cluster's tasks."""

    def __init__(self):
        self._running = []

    def start(self, cluster, job, index, ready=True):
        command = [sys.executable, str(SERVE), json.dumps(cluster), job, str(index)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._running.append(process)
        if ready:
            assert process.stdout.readline() == "ready\n"
        return process

    def end(self):
        for process in self._running:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture(scope="module")
def processes():
    started = Processes()
    yield started
    started.end()
