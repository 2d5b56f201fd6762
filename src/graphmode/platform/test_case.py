"""`tf.test.TestCase`: unittest with a fresh graph, sessions, and comparisons of arrays."""

# ruff: noqa: N802 - TF1's names
from __future__ import annotations

import contextlib
import random
import re
import tempfile
import unittest
from typing import TYPE_CHECKING, Any
from unittest import mock as mock  # TF1 gives it as tf.test.mock

import numpy as np

from graphmode.framework import errors
from graphmode.framework.default_graph import get_default_graph, reset_default_graph
from graphmode.framework.defaults import default_session
from graphmode.framework.graph import Graph
from graphmode.framework.operation import Tensor
from graphmode.ops.random.draws import set_random_seed
from graphmode.runtime.places.devices import list_devices
from graphmode.runtime.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEED = 87654321


class TestCase(unittest.TestCase):
    """Each test starts with an empty default graph and the same random seeds."""

    __test__ = False  # pytest: the class itself is no test; its subclasses are
    _session: Session | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__test__ = True

    def setUp(self) -> None:
        random.seed(_SEED)
        np.random.seed(_SEED)
        reset_default_graph()
        set_random_seed(_SEED)
        self._session = None

    def tearDown(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def get_temp_dir(self) -> str:
        """A folder for the files of this test; the same one for the whole test."""
        if not hasattr(self, "_folder"):
            self._folder = tempfile.TemporaryDirectory()
            self.addCleanup(self._folder.cleanup)
        return self._folder.name

    @contextlib.contextmanager
    def session(
        self,
        graph: Graph | None = None,
        config=None,
        use_gpu: bool = False,
        force_gpu: bool = False,
    ) -> Iterator[Session]:
        """A new session, the default one in its block, closed at the end.

        Parameters
        ----------
        graph : Graph, optional
            The default one if not given.
        config : ConfigProto, optional
        use_gpu, force_gpu : bool
            Accepted: ops are placed on what there is.

        Yields
        ------
        Session
        """
        del use_gpu, force_gpu  # ops are placed on what there is
        with Session(graph=graph, config=config) as session:
            yield session

    @contextlib.contextmanager
    def cached_session(
        self,
        graph: Graph | None = None,
        config=None,
        use_gpu: bool = False,
        force_gpu: bool = False,
    ) -> Iterator[Session]:
        """The session of this test: its variables stay from block to block.

        Parameters
        ----------
        graph : Graph, optional
            The default one if not given.
        config : ConfigProto, optional
        use_gpu, force_gpu : bool
            Accepted: ops are placed on what there is.

        Yields
        ------
        Session
        """
        del use_gpu, force_gpu
        graph = graph or get_default_graph()
        if self._session is None or self._session.graph is not graph:
            self._session = Session(graph=graph, config=config)
        with graph.as_default(), self._session.as_default():
            yield self._session

    test_session = cached_session
    test_session.__test__ = False  # pyright: ignore[reportFunctionMemberAccess]

    def evaluate(self, tensors: Any) -> Any:
        """The values of `tensors` in the default session, or in that of this test."""
        session = default_session()
        if session is None:
            with self.cached_session() as session:
                return session.run(tensors)
        return session.run(tensors)

    def _value(self, value: Any) -> np.ndarray:
        if isinstance(value, Tensor) or hasattr(value, "initializer"):
            value = self.evaluate(value)
        return np.asarray(value)

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fail unless two arrays have the same shape and elements; NaNs are equal.

        Parameters
        ----------
        a, b : array or Tensor, of any dtype
        msg : str, optional
            Said if it fails.
        """
        a, b = self._value(a), self._value(b)
        if a.dtype.kind in "OSU" or b.dtype.kind in "OSU":
            a, b = (np.vectorize(_text, otypes=[object])(v) if v.size else v for v in (a, b))
        self.assertEqual(a.shape, b.shape, msg)
        np.testing.assert_array_equal(a, b, err_msg=msg or "")

    def assertAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Fail unless ``|a - b| <= atol + rtol * |b|``.

        Parameters
        ----------
        a, b : array or Tensor, numeric, or dict or nested list of them
        rtol, atol : float
        msg : str, optional
            Said if it fails.
        """
        if isinstance(a, dict):
            self.assertEqual(set(a), set(b), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg)
            return
        if isinstance(a, list | tuple) and any(np.ndim(self._value(item)) for item in a):
            self.assertEqual(len(a), len(b), msg)
            for one, other in zip(a, b, strict=True):
                self.assertAllClose(one, other, rtol, atol, msg)
            return
        a, b = self._value(a), self._value(b)
        self.assertEqual(a.shape, b.shape, msg)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=msg or "")

    def assertAllCloseAccordingToType(
        self,
        a: Any,
        b: Any,
        rtol: float = 1e-6,
        atol: float = 1e-6,
        float_rtol: float = 1e-6,
        float_atol: float = 1e-6,
        half_rtol: float = 1e-3,
        half_atol: float = 1e-3,
        msg: str | None = None,
    ) -> None:
        """`assertAllClose` with the tolerances of the less precise of both.

        Parameters
        ----------
        a, b : array or Tensor, numeric
        rtol, atol : float
            For float64.
        float_rtol, float_atol : float
            For float32.
        half_rtol, half_atol : float
            For float16.
        msg : str, optional
            Said if it fails.
        """
        a, b = self._value(a), self._value(b)
        if np.float32 in (a.dtype, b.dtype):
            rtol, atol = max(rtol, float_rtol), max(atol, float_atol)
        if np.float16 in (a.dtype, b.dtype):
            rtol, atol = max(rtol, half_rtol), max(atol, half_atol)
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """Fail unless two numbers are close.

        Parameters
        ----------
        f1, f2 : float
        err : float
            The largest difference.
        msg : str, optional
            Said if it fails.
        """
        self.assertTrue(
            f1 == f2 or abs(f1 - f2) <= err, f"{f1!r} != {f2!r} +/- {err!r} {msg or ''}"
        )

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg=None) -> None:
        """`assertNear` for each element.

        Parameters
        ----------
        farray1, farray2 : array, float, (n,)
        err : float
            The largest difference.
        msg : str, optional
            Said if it fails.
        """
        self.assertEqual(len(farray1), len(farray2), msg)
        for one, other in zip(farray1, farray2, strict=True):
            self.assertNear(float(one), float(other), err, msg)

    def assertShapeEqual(self, np_array: np.ndarray, tf_tensor: Tensor, msg=None) -> None:
        """Fail unless an array has the static shape of a tensor.

        Parameters
        ----------
        np_array : array, of any dtype
        tf_tensor : Tensor, of any dtype
        msg : str, optional
            Said if it fails.
        """
        self.assertEqual(list(np_array.shape), tf_tensor.get_shape().as_list(), msg)

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected: Any) -> Iterator[None]:
        """Fail unless the block raises an error that is as expected.

        Parameters
        ----------
        exception_type : type
        expected : str or callable
            A pattern that the text holds, or a function of the error.

        Raises
        ------
        AssertionError
            If it raises nothing, or something else.
        """
        try:
            yield
        except exception_type as error:
            text = error.message if isinstance(error, errors.OpError) else str(error)
            held = expected(error) if callable(expected) else re.search(expected, text)
            if not held:
                raise AssertionError(f"{type(error).__name__} does not match: {text}") from error
        else:
            self.fail(f"{exception_type} not raised")

    def assertRaisesOpError(self, expected: Any) -> Any:
        """`assertRaisesWithPredicateMatch` for an `OpError`, whose text is to match `expected`."""
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected)


def _text(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def main(argv: list[str] | None = None) -> None:
    """Run the tests of the program, with the command line `argv`."""
    unittest.main(argv=argv)


def get_temp_dir() -> str:
    """A new folder for files; the operating system clears it away."""
    return tempfile.mkdtemp()


def gpu_device_name() -> str:
    """The name of the first GPU, empty if there is none."""
    names = [device.name for device in list_devices() if "GPU" in device.name.upper()]
    return "/device:GPU:0" if names else ""


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability=None) -> bool:
    """Whether ops can be placed on a GPU.

    Parameters
    ----------
    cuda_only, min_cuda_compute_capability : optional
        Accepted.

    Returns
    -------
    bool
    """
    return bool(gpu_device_name())


def is_built_with_cuda() -> bool:
    """Whether JAX can use an NVIDIA GPU here."""
    return is_gpu_available()
