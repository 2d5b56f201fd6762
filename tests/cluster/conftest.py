"""Tasks of clusters for tests: processes that end with the test, at free ports."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from graphmode.platform.testing import machine

SERVE = Path(__file__).with_name("serve.py")


@pytest.fixture(scope="session")
def free_addresses():
    """Give a function that finds so many addresses of this machine whose ports nothing uses."""
    return machine.free_addresses


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
