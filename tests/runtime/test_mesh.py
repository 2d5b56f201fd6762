"""Meshes: one program over several devices gives what one device gives."""

import json
import subprocess
import sys

import pytest

from runtime import mesh_checks


@pytest.fixture(scope="module")
def outcomes():
    """What each check said in a process that JAX gives eight devices; "" where it held."""
    command = [sys.executable, mesh_checks.__file__]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", mesh_checks.CHECKS)
def test_on_eight_devices(outcomes, name):
    assert not outcomes[name], outcomes[name]
