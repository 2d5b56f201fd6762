"""Meshes: one program over several devices gives what one device gives."""

import json
import os
import subprocess
import sys

import pytest

import graphmode as tf
from graphmode.runtime.places.collectives import collectives
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


@pytest.mark.parametrize(
    ("mesh", "error", "text"),
    [
        (0, ValueError, "mesh: there must be 1 or more devices along 'data', got 0"),
        ({"data": 4, "model": -1}, ValueError, "1 or more devices along 'model', got -1"),
        ({"batch": 8}, ValueError, "the axes of a mesh are 'data' .* got mesh={'batch': 8}"),
        ({}, ValueError, "the axes of a mesh are"),
        (True, TypeError, "a number of devices or a dict such as .* got True"),
        (2.5, TypeError, "got 2.5"),
        ("eight", ValueError, "mesh must read like 8, data=4,model=2 or all, got 'eight'"),
        (64, ValueError, "mesh=64 needs 64 devices, and there (is|are) "),
    ],
)
def test_what_is_no_mesh_is_refused(mesh, error, text):
    with pytest.raises(error, match=text):
        tf.Session(mesh=mesh)


def test_the_command_line_and_the_environment_make_meshes(monkeypatch):
    monkeypatch.setenv("GRAPHMODE_MESH", "none")
    with pytest.raises(ValueError, match=r"\$GRAPHMODE_MESH must read like"):
        tf.Session()
    monkeypatch.delenv("GRAPHMODE_MESH")
    program = "import graphmode as tf; print(tf.Session().list_devices()[-1].name)"
    told = dict(os.environ, JAX_NUM_CPU_DEVICES="2")
    command = [sys.executable, "-m", "graphmode", "run", "--mesh", "2", "-"]
    done = subprocess.run(command, input=program, capture_output=True, text=True, env=told)
    assert done.stdout == "/job:localhost/replica:0/task:0/device:CPU:1\n", done.stderr


def test_exchanges_are_read_from_a_program():
    text = """
  %all-reduce.1 = (f32[128,64]{1,0}, f32[]) all-reduce(%a, %b), channel_id=1
  ROOT %all-gather-start = bf16[8,2]{1,0} all-gather-start(%c), dimensions={0}
  %fusion = f32[4]{0} fusion(%all-gather.2), calls=%all-reduce.1
"""
    first, second = collectives(text)
    assert first == ("all-reduce", ((128, 64), ()), 128 * 64 * 4 + 4)
    assert second == ("all-gather", ((8, 2),), 32)
    assert first.moved(8) == 2 * 7 / 8 * first.n_bytes
    assert second.moved(8) == 28
