"""graphmode's answers to every case beside TensorFlow 1.15.5's, which `make.py` wrote down."""

import fnmatch
import functools
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import graphmode as tf
from golden import cases, stored
from golden.case import CASES, answer
from golden.differences import DIFFERENCES

# Random numbers, which differ by the rounding of a logarithm or a sine at most.
DRAWN = ("initial_values",)

read = functools.cache(stored.read)


def golden(name):
    return read(name.split("/")[0])[name]


def found(name):
    return {key: stored.decoded(stored.encoded(v)) for key, v in answer(tf, name).items()}


found_once = functools.cache(found)


def differs(found, expected, drawn=False):
    """How a fact differs, or None: texts and whole numbers are equal, floats to 2e-5.

    Those that are `drawn` to 2e-7 of the largest.
    """
    if not isinstance(expected, np.ndarray):
        return None if found == expected else f"\n  found:      {found}\n  TensorFlow: {expected}"
    if (found.dtype, found.shape) != (expected.dtype, expected.shape):
        return f"{found.dtype} {found.shape}, TensorFlow: {expected.dtype} {expected.shape}"
    tolerance = {"rtol": 0}
    if expected.dtype.kind == "f":
        largest = np.abs(expected[np.isfinite(expected)]).max(initial=1)
        tolerance = {"rtol": 2e-5, "atol": 1e-6 * largest}
        if drawn:
            tolerance = {"rtol": 0, "atol": 2e-7 * largest}
    try:
        if expected.dtype.kind == "O":
            np.testing.assert_array_equal(found, expected)
        else:
            np.testing.assert_allclose(found, expected, **tolerance)
    except AssertionError as error:
        return str(error)
    return None


def excused(name):
    """The facts of a case that are known to differ, and why."""
    return {
        key: reason
        for cases_, keys, reason in DIFFERENCES
        if fnmatch.fnmatchcase(name, cases_)
        for key in fnmatch.filter(golden(name), keys)
    }


@pytest.mark.parametrize("name", CASES)
def test_graphmode_answers_as_tensorflow_1_15(name):
    expected, facts, known = golden(name), found(name), excused(name)
    assert list(facts) == list(expected)
    drawn = name.startswith(DRAWN)
    wrong = {k: differs(facts[k], expected[k], drawn) for k in expected if k not in known}
    assert not any(wrong.values()), "\n".join(f"{k}: {v}" for k, v in wrong.items() if v)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        pytest.param(name, key, marks=pytest.mark.xfail(strict=True, reason=reason))
        for name in CASES
        for key, reason in excused(name).items()
    ],
)
def test_known_difference(name, key):
    difference = differs(found_once(name)[key], golden(name)[key])
    assert difference is None, difference


def test_every_known_difference_is_of_a_case():
    names = list(CASES)
    idle = [row for row in DIFFERENCES if not fnmatch.filter(names, row[0])]
    assert not idle


def test_every_case_has_a_golden_and_every_golden_a_case():
    names = {name for family in cases.FAMILIES for name in read(family)}
    assert names == set(CASES)
    assert {file.stem for file in stored.FOLDER.iterdir()} == set(cases.FAMILIES)


@pytest.mark.parametrize(
    ("version", "variable"), [("1.15.5", "GRAPHMODE_TF115"), ("1.14.0", "GRAPHMODE_TF114")]
)
def test_tensorflow_1_gives_the_files_again(version, variable, tmp_path):
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no Python 3.7 with tensorflow=={version} (see make.py)")
    make = Path(__file__).with_name("make.py")
    subprocess.run([python, make, "--into", tmp_path], check=True, env={"PATH": os.environ["PATH"]})
    for family in cases.FAMILIES:
        if cases.version(family) == version:
            made = tmp_path / f"{family}.json"
            assert made.read_bytes() == stored.path(family).read_bytes()
