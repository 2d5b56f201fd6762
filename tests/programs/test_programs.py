"""Programs as people wrote them from 2016 to 2019 print what TensorFlow 1.15.5 prints."""

import pytest
from tests.programs.running import Worker, difference, expected, modes, programs, tolerance

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
