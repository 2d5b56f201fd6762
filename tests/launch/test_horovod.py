"""`import horovod.tensorflow` by one rank and by two: `checks.py`, run once each way."""

import re
from pathlib import Path

import numpy as np
import pytest
from tests.launch.ranks_said import run, said

PROGRAM = Path(__file__).with_name("checks.py")


@pytest.fixture(scope="module")
def two():
    return said(run("launch", "-n", 2, PROGRAM))


@pytest.fixture(scope="module")
def alone():
    return said(run("run", PROGRAM))[0]


BASE = np.arange(6.0).reshape(2, 3)


def expected(rank, size):
    """What `checks.py` has to find."""
    of_all = [BASE * (i + 1) for i in range(size)]
    slices = np.zeros((5, 3))
    for i, each in enumerate(of_all):
        slices[i] += each[0] / size
        slices[3] += each[1] / size
    places = np.arange(2.0 * size)[2 * rank : 2 * rank + 2]
    return {
        "mean": np.mean(of_all, 0),
        "between": np.mean([np.mean(of_all, 0), *of_all[1:]], 0),
        "before": np.mean(of_all, 0),
        "after": np.mean(of_all, 0),
        "sum": np.sum(of_all, 0),
        "max": of_all[-1],
        "scaled": 2 * np.sum(of_all, 0),
        "half": np.mean(of_all, 0),
        "scaled integers": [int(size * 1.5), int(size * 3.0)],
        "any": [True, False],
        "integers": [7, sum(range(size)) // size],
        "rows": np.concatenate([np.full((i + 1, 2), i) for i in range(size)]),
        "no rows": np.ones((1, 3)),
        "last": of_all[-1],
        "flag": True,
        "slices": slices,
        "slope": 2 * size * of_all[rank],
        "slope of rows": size * np.broadcast_to(places[:, None], (2, 3)),
        "slope of root": np.full((2, 3), size if rank == 0 else 0.0),
    }


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
def test_values(two, alone, mode):
    for found, rank, size in ((two[0], 0, 2), (two[1], 1, 2), (alone, 0, 1)):
        assert found["ranks"] == [rank, size, rank, size]
        for name, value in expected(rank, size).items():
            np.testing.assert_allclose(found[mode][name], value, err_msg=name)
        assert found["on its own devices"] == [size, size]
        assert found["half is"] == "float32"
        assert found["objects"] == [{"rank": i} for i in range(size)]
        assert found["object"] == "of the first"


@pytest.mark.parametrize("network", ["softmax", "pictures", "words"])
def test_ranks_on_parts_of_a_batch_are_one_on_the_whole(two, alone, network):
    for i, whole in enumerate(two[0][f"{network}, whole"]):
        for found in (*two, alone):
            np.testing.assert_allclose(found[network][i], whole, rtol=1e-5, atol=1e-5)
        assert two[0][network][i] == two[1][network][i]


@pytest.mark.slow
def test_four_ranks_do_as_one(alone):
    four = said(run("launch", "-n", 4, PROGRAM))
    for rank, found in enumerate(four):
        for name, value in expected(rank, 4).items():
            np.testing.assert_allclose(found["compiled"][name], value, err_msg=name)
        for network in ("softmax", "pictures", "words"):
            for value, whole in zip(found[network], alone[network], strict=True):
                np.testing.assert_allclose(value, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_the_example_reads_digits():
    example = PROGRAM.parents[2] / "examples" / "cluster" / "horovod_mnist.py"
    done = run("launch", "-n", 2, example, "--steps", 1200)
    assert float(re.search(r"2 ranks: (0\.\d+) of the test digits", done.stdout)[1]) > 0.9


def test_rows_exchanged_as_tensors_give_the_same(two):
    for rows, dense in zip(two[0]["words"], two[0]["words, dense"], strict=True):
        np.testing.assert_allclose(rows, dense, rtol=1e-5, atol=1e-6)


def test_what_is_refused_says_why(two):
    found = {name.removeprefix("refused "): text for name, text in two[1].items()}
    assert "op=hvd.Adasum is not there" in found["adasum"]
    assert found["text"].startswith("TypeError: ranks exchange numbers, and Const")
    assert "is bool, which has no mean.\n  fix: op=hvd.Min" in found["mean of bool"]
    assert "hvd.init takes all 2 processes in their order" in found["group"]
    assert "is a scalar" in found["scalar"]
    assert "no attribute 'alltoall' here; instead: hvd.allgather" in found["absent"]
    assert "backward_passes_per_step other than 1" in found["passes"]
    assert "op parameter supersedes average" in found["both"]
    assert "doesn't inherit from tf.train.Optimizer" in found["no optimizer"]
    assert found["torch"] == "graphmode has no horovod.torch"


def test_ranks_with_different_graphs_are_named_on_both(two, alone):
    for found in two:
        assert found["differ"].startswith("InvalidArgumentError: HorovodAllreduce 'sizes': ")
        assert "rank 0: sizes: float32 [3]   (in allreduce (average)" in found["differ"]
        assert "rank 1: sizes: float32 [4]   (in allreduce (average)" in found["differ"]
    assert "differ" not in alone
