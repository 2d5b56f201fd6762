"""One graph over the devices of two processes, beside one process: `meshed.py`, once each way."""

import re
from pathlib import Path

import numpy as np
import pytest
from benchmarks import as_one
from tests.launch.ranks_said import run, said

PROGRAM = Path(__file__).with_name("meshed.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("meshed")


@pytest.fixture(scope="module")
def done(folder):
    flags = f"--xla_dump_to={folder / 'hlo'} --xla_dump_hlo_as_text"
    return run("launch", "-n", 2, "--mesh", "all", PROGRAM, folder, XLA_FLAGS=flags)


@pytest.fixture(scope="module")
def two(done):
    return said(done)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return said(run("run", "--mesh", "1", PROGRAM, tmp_path_factory.mktemp("alone")))[0]


@pytest.mark.parametrize("network", ["softmax", "softmax, 11 rows", "words"])
def test_two_processes_train_as_one(two, alone, network):
    for found in two:
        for value, expected in zip(found[network], alone[network], strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5)
    assert two[0][network] == two[1][network]


def test_a_program_as_its_readers_have_it_trains_as_in_one_process(two, alone):
    assert len(alone["digits"]) == 20 + 784 * 10 + 10
    for found in two:
        np.testing.assert_allclose(found["digits"], alone["digits"], rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("program", as_one.PROGRAMS)
def test_programs_train_as_in_one_process(program):
    """Run on to 1e-5, or, where rounding grows with each step, each step from the same values."""
    rows = [(who, max(apart)) for who, *apart, _ in as_one.compared(program, [2, 4], 30)]
    for n in (2, 4):
        assert min(apart for who, apart in rows if who.startswith(f"{n} ranks")) <= 1e-5, rows


@pytest.mark.slow
def test_a_cell_trains_as_in_one_process(tmp_path):
    two = said(run("launch", "-n", 2, "--mesh", "all", PROGRAM, tmp_path, "lstm"))
    (tmp_path / "alone").mkdir()
    alone = said(run("run", "--mesh", "1", PROGRAM, tmp_path / "alone", "lstm"))[0]
    for value, expected in zip(two[1]["words"], alone["words"], strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5)


def test_each_process_may_feed_its_part(two):
    for found in two:
        for part, whole in zip(found["softmax, parts"], found["softmax"], strict=True):
            np.testing.assert_allclose(part, whole, rtol=1e-6, atol=1e-6)


def test_chance_is_the_same_for_all(two):
    assert two[0]["chance"] == two[1]["chance"]
    assert two[0]["order"] == two[1]["order"]
    for order in two[0]["order"][:2]:
        assert sorted(order) == list(range(30)) != order


def test_ranks_that_feed_different_values_are_named_on_both(two, alone):
    for found in two:
        assert found["fed"] == (
            "InvalidArgumentError: rank 0 and rank 1 do not have the same values of x:0, in a "
            "program of 1 operations on the mesh data=2:\n"
            "  rank 0: float32 [6, 4], begins 0., 0., 0., 0., ...\n"
            "  rank 1: float32 [6, 4], begins 1., 1., 1., 1., ...\n"
            "  fix: every rank feeds the same whole batch, so what the program shuffles or draws "
            "itself needs a seed that is the same on all; or each feeds its part of the rows: "
            "feeds='part' (graphmode launch --feeds part)"
        )
        assert found["fed alike"] == [[4, 4]] * 6
    assert "fed" not in alone


def test_the_first_alone_writes_and_all_restore(two, done, alone, folder):
    assert two[0]["files"] == two[1]["files"]
    assert {"checkpoint", "events", "graph", "model"} == set(two[0]["files"])
    assert len(list((folder / "run").glob("events*"))) == 1
    assert re.findall("rank . writes no .*", done.stderr) == [
        "rank 1 writes no summaries: rank 0 does, for all ranks"
    ]
    for found in two:
        assert found["restored"][0] == 8
        np.testing.assert_allclose(found["restored"], alone["restored"], rtol=1e-5, atol=1e-5)


def test_what_is_no_batch_is_fed_whole(two, alone):
    """And whoever says is_chief of the first rank alone makes the variables with the others."""
    for found in two:
        np.testing.assert_allclose(found["scaled"], alone["scaled"], rtol=1e-5)
        np.testing.assert_allclose(found["scaled, parts"], alone["scaled"], rtol=1e-5)


def test_a_supervisor_saves_between_the_steps(two, alone, folder):
    for found in (*two, alone):
        np.testing.assert_allclose(found["supervised"], alone["softmax"][0], rtol=1e-5)
    assert two[0]["supervised step"] == 8  # due after each
    assert len(list((folder / "supervised").glob("events*"))) == 1


def test_split_tables_are_saved_by_the_first_from_the_parts_of_both(two, alone):
    for found in (*two, alone):
        assert found["tables"] == [True] * 6
    for found in two:
        assert found["parts"] == [
            "[50,6] split over data=2 in parts of [25,6]",
            "[51,6] split over data=2 in parts of [51,3]",
        ]


def test_ranks_with_different_programs_are_named_on_both(two, alone):
    for found in two:
        assert found["differ"].startswith("InvalidArgumentError")
        assert (
            "rank 0: of_each (Exp)   (in a program of 1 operations on the mesh" in found["differ"]
        )
        assert "rank 1: of_other (Sin)" in found["differ"]
        assert found["refused"] == "feeds must be one of 'whole', 'part', got 'halves'"
    assert "differ" not in alone


def test_no_program_scatters_sums(two, folder):
    """Over gloo reduce-scatter gives wrong values (JAX's issue 40830)."""
    assert two
    texts = [path.read_text() for path in (folder / "hlo").glob("*after_optimizations.txt")]
    assert any("all-reduce" in text for text in texts)
    assert not any("reduce-scatter" in text for text in texts)
