"""Programs as people wrote them from 2016 to 2019 print what TensorFlow 1.15.5 prints."""

import subprocess
import sys

import pytest
from tests.programs.running import (
    Worker,
    difference,
    expected,
    modes,
    path_of,
    programs,
    tolerance,
)

RUNS = [(program, mode) for program in programs() for mode in modes(program)]


@pytest.fixture(scope="module")
def worker():
    worker = Worker()
    yield worker
    worker.close()


@pytest.mark.parametrize(("program", "mode"), RUNS)
def test_a_program_prints_what_tensorflow_prints(program, mode, worker):
    status, out, err = worker.run(program, mode)
    assert status == 0, err
    wrong = difference(out.splitlines(), expected(program), tolerance(program))
    assert wrong is None, err


@pytest.mark.parametrize(
    "program", ["graphs/flags_and_main", "pre_1_0/old_summaries", "python2/print_and_xrange"]
)
def test_a_program_runs_from_the_command_line(program, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", path_of(program)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert difference(done.stdout.splitlines(), expected(program), tolerance(program)) is None


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("loss 0.5003", "loss 0.5000"),
        ("step 7", "step 8"),
        ("7.5 rows", "7.5 lines"),
        ("nan", "1.0"),
        ("1\n2", "1"),
    ],
)
def test_what_differs_is_told(found, wanted):
    assert difference(wanted.splitlines(), wanted.splitlines(), 2e-4) is None
    assert difference(found.splitlines(), wanted.splitlines(), 2e-4) is not None
