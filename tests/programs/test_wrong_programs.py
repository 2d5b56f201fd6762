"""Programs with a typical mistake: what is said names the program's lines, and what to do."""

import re

import pytest
from tests.programs.running import HERE, WRONG, Worker

PROGRAMS = sorted(path.stem for path in (HERE / WRONG).glob("*.py"))
SAYS = re.compile(r"^# says: (.*)$", re.MULTILINE)
MOST_LINES = 25
"""A screen."""


@pytest.fixture(scope="module")
def worker():
    worker = Worker()
    yield worker
    worker.close()


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_mistake_is_explained_with_the_lines_of_the_program(name, mode, worker):
    text = (HERE / WRONG / f"{name}.py").read_text()
    status, out, err = worker.run(f"{WRONG}/{name}", mode)
    assert (status, out) == (1, "")
    for words in SAYS.findall(text):
        assert words in err, err
    for number, line in enumerate(text.splitlines(), 1):
        if line.endswith("  # the line"):
            assert re.search(rf"\b{name}\.py(:|\", line ){number}\b", err), (number, err)
    assert "site-packages" not in err
    assert "src/graphmode" not in err
    assert len(err.splitlines()) <= MOST_LINES, err
