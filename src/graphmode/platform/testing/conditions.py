"""The decorators of `test_util`: which tests run here, and how.

There are graphs only: a test for graphs and eager execution runs once, as a graph; one for
TensorFlow 2 is skipped. What switches XLA, control flow's version or shape inference of a test has
nothing to switch.
"""

from __future__ import annotations

import functools
import unittest
from typing import TYPE_CHECKING, Any

from graphmode.platform.testing.machine import is_gpu_available

if TYPE_CHECKING:
    from collections.abc import Callable


def _optionally_called(decorate: Callable[[Any], Any], func: Any) -> Any:
    return decorate if func is None else decorate(func)


def as_it_is(func: Any = None) -> Any:
    """The test or class `func`, unchanged; called without one, what gives it unchanged."""
    return _optionally_called(lambda f: f, func)


def described_as_it_is(description: str) -> Callable[[Any], Any]:
    """A decorator that changes nothing, whatever its `description` says."""
    del description
    return lambda func: func


def run_v1_only(reason: str, func: Any = None) -> Any:
    """Run a test in TensorFlow 1 only, which this is.

    Parameters
    ----------
    reason : str
        Why not in TensorFlow 2.
    func : callable or type, optional
        The test; a decorator is given if it is not.

    Returns
    -------
    callable or type

    Raises
    ------
    ValueError
        If `reason` is no str: the parentheses were forgotten.
    """
    if not isinstance(reason, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"'reason' should be string, got {type(reason)}")
    return as_it_is(func)


def _skipped(why: str, without: Callable[[], bool], func: Any) -> Any:
    def decorate(f: Any) -> Any:
        if isinstance(f, type):
            raise ValueError("only methods of tests can be decorated, not classes")

        @functools.wraps(f)
        def decorated(self: unittest.TestCase, *args: Any, **kwargs: Any) -> Any:
            if without():
                self.skipTest(why)
            return f(self, *args, **kwargs)

        return decorated

    return _optionally_called(decorate, func)


def run_v2_only(func: Any = None) -> Any:
    """Skip the test `func`: this is no TensorFlow 2."""
    return _skipped("Test is only compatible with v2", lambda: True, func)


def run_gpu_only(func: Any = None) -> Any:
    """Skip the test `func` where there is no GPU."""
    return _skipped("Test requires GPU", lambda: not is_gpu_available(), func)


def run_cuda_only(func: Any = None) -> Any:
    """Skip the test `func` where there is no NVIDIA GPU."""
    return _skipped("Test requires CUDA GPU", lambda: not is_gpu_available(), func)


def run_in_graph_and_eager_modes(
    func: Any = None,
    config: Any = None,
    use_gpu: bool = True,
    reset_test: bool = True,
    assert_no_eager_garbage: bool = False,
) -> Any:
    """Run a test with a session as the default one.

    Parameters
    ----------
    func : callable, optional
        The test; a decorator is given if it is not.
    config : ConfigProto, optional
        Of the session.
    use_gpu : bool
        Leave ops where they are placed; else they are asked onto the CPU.
    reset_test, assert_no_eager_garbage : bool
        Of eager execution: accepted.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If a class is decorated.
    """
    del reset_test, assert_no_eager_garbage

    def decorate(f: Any) -> Any:
        if isinstance(f, type):
            raise ValueError(
                "`run_in_graph_and_eager_modes` only supports test methods. Did you mean to use "
                "`run_all_in_graph_and_eager_modes`?"
            )

        @functools.wraps(f)
        def decorated(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.test_session(use_gpu=use_gpu, config=config):
                return f(self, *args, **kwargs)

        return decorated

    return _optionally_called(decorate, func)


def for_all_test_methods(
    decorator: Callable[..., Any], *args: Any, **kwargs: Any
) -> Callable[[type], type]:
    """A decorator of classes that decorates each of their tests.

    Parameters
    ----------
    decorator : callable
        Of one test.
    *args, **kwargs
        What it takes after the test.

    Returns
    -------
    callable
    """

    def decorate(cls: type) -> type:
        for name, value in vars(cls).copy().items():
            if callable(value) and name.startswith("test") and name != "test_session":
                setattr(cls, name, decorator(value, *args, **kwargs))
        return cls

    return decorate


def run_all_in_graph_and_eager_modes(cls: type) -> type:
    """`run_in_graph_and_eager_modes` for all tests of `cls`."""
    return for_all_test_methods(run_in_graph_and_eager_modes)(cls)


def skip_if(
    condition: bool | Callable[[], bool],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that leaves a function uncalled where `condition` holds, or gives True."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            if not (condition() if callable(condition) else condition):
                return function(*args, **kwargs)
            return None

        return decorated

    return decorate
