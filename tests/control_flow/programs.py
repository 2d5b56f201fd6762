"""Run one program text with graphmode and with TensorFlow, and compare what a user sees of it.

A program is a function of the module, called under a fresh graph. It gives its fetches (a dict), or
its fetches and its feeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import graphmode as gm

MODES = ("interpreted", "compiled")


@dataclass
class Seen:
    """What a user sees of a program."""

    runs: list[dict[str, Any]]
    """The values of each run."""
    shapes: dict[str, Any]
    dtypes: dict[str, str]
    names: dict[str, str]
    variables: dict[str, np.ndarray]
    """The variables after the runs."""


def see(tf, program, n_runs: int = 1) -> Seen:
    """Build and run `program` with the module `tf`."""
    with tf.Graph().as_default(), tf.Session() as sess:
        given = program(tf)
        fetches, feeds = given if isinstance(given, tuple) else (given, {})
        sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        runs = [sess.run(fetches, feeds) for _ in range(n_runs)]
        tensors = {key: value for key, value in fetches.items() if hasattr(value, "get_shape")}
        variables = tf.global_variables() + tf.local_variables()
        return Seen(
            runs=runs,
            shapes={k: _dims(t.get_shape()) for k, t in tensors.items()},
            dtypes={k: t.dtype.base_dtype.name for k, t in tensors.items()},
            names={k: t.name for k, t in tensors.items()},
            variables={v.op.name: sess.run(v) for v in variables},
        )


def _dims(shape):
    return None if shape.ndims is None else shape.as_list()


def set_mode(monkeypatch, mode: str) -> None:
    """Interpret every plan from here on, or compile every plan."""
    monkeypatch.setenv("GRAPHMODE_MODE", mode)


def as_in_tensorflow(
    oracle, monkeypatch, program, mode: str, n_runs: int = 1, rtol: float = 2e-5, **checks: bool
) -> Seen:
    """Assert that `program` shows the same in both.

    ``shapes=False`` and ``names=False`` leave these out: where a program tests it, it knows more.
    """
    set_mode(monkeypatch, mode)
    expected, actual = see(oracle, program, n_runs), see(gm, program, n_runs)
    for theirs, ours in zip(expected.runs, actual.runs, strict=True):
        assert ours.keys() == theirs.keys()
        for key, value in theirs.items():
            assert_same(ours[key], value, rtol, key)
    assert actual.variables.keys() == expected.variables.keys()
    for name, value in expected.variables.items():
        assert_same(actual.variables[name], value, rtol, name)
    assert actual.dtypes == expected.dtypes
    if checks.get("shapes", True):
        assert actual.shapes == expected.shapes
    if checks.get("names", True):
        assert actual.names == expected.names
    return actual


def assert_same(actual, expected, rtol: float, what: str) -> None:
    """Equal structure, shapes and dtypes; equal values, of floats to `rtol`."""
    if expected is None:
        assert actual is None, what
    elif isinstance(expected, dict):
        assert actual.keys() == expected.keys(), what
        for key in expected:
            assert_same(actual[key], expected[key], rtol, f"{what}[{key!r}]")
    elif isinstance(expected, list | tuple):
        assert len(actual) == len(expected), what
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            assert_same(a, e, rtol, f"{what}[{i}]")
    else:
        actual, expected = np.asarray(actual), np.asarray(expected)
        assert actual.dtype == expected.dtype, what
        assert actual.shape == expected.shape, what
        if expected.dtype.kind in "fc":
            np.testing.assert_allclose(actual, expected, rtol, rtol * 0.1, err_msg=what)
        else:
            np.testing.assert_array_equal(actual, expected, err_msg=what)
