"""The assertions of `tf.test.TestCase`: arrays, structures of them, protobufs, devices, errors."""

# ruff: noqa: N802, N815 - TF1's names
from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

import ml_dtypes
import numpy as np
from absl.testing import absltest

from graphmode.framework import errors
from graphmode.framework.device import DeviceSpec
from graphmode.framework.operation import Operation, Tensor
from graphmode.framework.proto.graph_def import PRODUCER_VERSION

if TYPE_CHECKING:
    from collections.abc import Generator

_MAPPING: type[Any] = Mapping
_SEQUENCES: tuple[type[Any], ...] = (list, tuple)
_ARRAY: type[Any] = np.ndarray
_FRACTION = re.compile(r"(?<=: )-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$", re.MULTILINE)
_FEW_AXES, _FEW_ELEMENTS, _FEW_LINES = 3, 500, 10


class Comparisons(absltest.TestCase):
    """Compares what `evaluate` and `numpy.array` make arrays of."""

    __test__ = False  # pytest: the class itself is no test; its subclasses are

    # Python 3.12 has dropped these; programs of TensorFlow 1's time call them.
    assertEquals = absltest.TestCase.assertEqual
    assertNotEquals = absltest.TestCase.assertNotEqual
    assertAlmostEquals = absltest.TestCase.assertAlmostEqual
    assertNotAlmostEquals = absltest.TestCase.assertNotAlmostEqual
    assertRaisesRegexp = absltest.TestCase.assertRaisesRegex
    assertRegexpMatches = absltest.TestCase.assertRegex
    assertNotRegexpMatches = absltest.TestCase.assertNotRegex
    assert_ = absltest.TestCase.assertTrue

    if TYPE_CHECKING:  # absl leaves its own unannotated

        def __init__(self, methodName: str = "runTest") -> None: ...  # noqa: N803

        def evaluate(self, tensors: Any) -> Any: ...

        def fail(self, msg: Any = None, user_msg: Any = None) -> NoReturn: ...

        def assertMultiLineEqual(
            self, first: Any, second: Any, msg: Any = None, **kwargs: Any
        ) -> None: ...

    def _array(self, value: Any) -> np.ndarray:
        if isinstance(value, Tensor) or hasattr(value, "initializer"):
            value = self.evaluate(value)
        elif isinstance(value, _SEQUENCES) and any(isinstance(v, Tensor) for v in value):
            value = [self._array(item) for item in value]
        return value if isinstance(value, _ARRAY) else np.array(value)

    # ---- arrays -----------------------------------------------------------------------------

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fail unless two arrays have the same shape and elements; NaNs are equal.

        Parameters
        ----------
        a, b : array or Tensor, of any dtype
            What is expected, and what was found.
        msg : str, optional
            Said if it fails.
        """
        a, b = self._array(a), self._array(b)
        if a.dtype.kind in "OSU" or b.dtype.kind in "OSU":
            a, b = (np.vectorize(_text, otypes=[object])(v) if v.size else v for v in (a, b))
        self._assert_same_shape(a, b, msg)
        same = np.asarray(a == b)
        if _is_floating(a) and _is_floating(b):
            same = same | (np.isnan(a) & np.isnan(b))
        if not same.all():
            self.fail(_difference("not equal", a, b, ~same, msg))

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fail if `assertAllEqual` would not.

        Parameters
        ----------
        a, b : array or Tensor, of any dtype
        msg : str, optional
            Said if it fails.

        Raises
        ------
        AssertionError
            If all elements are equal.
        """
        try:
            self.assertAllEqual(a, b, msg)
        except AssertionError:
            return
        raise AssertionError("The two values are equal at all elements. " + (msg or ""))

    def assertAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Fail unless ``|a - b| <= atol + rtol * |b|``; NaNs are equal.

        Parameters
        ----------
        a, b : array or Tensor, numeric, or dict, namedtuple or nested list of them
            What is expected, and what was found.
        rtol, atol : float
        msg : str, optional
            Said if it fails.

        Raises
        ------
        ValueError
            If one is a dict and the other not.
        """
        self._assert_close(a, b, {"rtol": rtol, "atol": atol}, "", msg or "")

    def _assert_close(self, a: Any, b: Any, tolerance: dict[str, Any], path: str, msg: str) -> None:
        a, b = (dict(v._asdict()) if hasattr(v, "_asdict") else v for v in (a, b))
        if isinstance(a, _MAPPING) != isinstance(b, _MAPPING):
            raise ValueError(f"Can't compare dict to non-dict, a{path} vs b{path}. {msg}")
        if isinstance(a, _MAPPING):
            self.assertCountEqual(
                a.keys(),
                b.keys(),
                f"mismatched keys: a{path} has keys {a.keys()}, but b{path} has keys {b.keys()}. "
                f"{msg}",
            )
            for key in a:
                self._assert_close(a[key], b[key], tolerance, f"{path}[{key}]", msg)
            return
        text = f"Mismatched value: a{path} is different from b{path}. {msg}"
        if not isinstance(a, _SEQUENCES):
            self._assert_arrays_close(a, b, tolerance, text)
            return
        try:
            self._assert_arrays_close(a, b, tolerance, text)
        except (ValueError, TypeError):  # no one array
            if len(a) != len(b):
                self.fail(f"Mismatched length: a{path} has {len(a)}, b{path} {len(b)}. {msg}")
            for i, (one, other) in enumerate(zip(a, b, strict=True)):
                self._assert_close(one, other, tolerance, f"{path}[{i}]", msg)

    def _assert_arrays_close(self, a: Any, b: Any, tolerance: dict[str, Any], msg: str) -> None:
        a, b = (_widened(self._array(value)) for value in (a, b))
        self._assert_same_shape(a, b, msg)
        close = np.isclose(a, b, equal_nan=True, **tolerance)
        if not close.all():
            self.fail(_difference("not close", a, b, ~close, f"{tolerance}: {msg}"))

    def assertNotAllClose(self, a: Any, b: Any, **kwargs: Any) -> None:
        """Fail if `assertAllClose` would not.

        Parameters
        ----------
        a, b : array or Tensor, numeric, or a structure of them
        **kwargs
            As for `assertAllClose`.

        Raises
        ------
        AssertionError
            If all elements are close.
        """
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError("The two values are close at all elements")

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
        bfloat16_rtol: float = 1e-2,
        bfloat16_atol: float = 1e-2,
        msg: str | None = None,
    ) -> None:
        """`assertAllClose` with the tolerances of the less precise of both.

        Parameters
        ----------
        a, b : array or Tensor, numeric
        rtol, atol : float
            For float64.
        float_rtol, float_atol : float
            For float32 and complex64.
        half_rtol, half_atol : float
            For float16.
        bfloat16_rtol, bfloat16_atol : float
            For bfloat16.
        msg : str, optional
            Said if it fails.
        """
        a, b = self._array(a), self._array(b)
        found = {a.dtype, b.dtype}
        for of, relative, absolute in (
            ({np.dtype(np.float32), np.dtype(np.complex64)}, float_rtol, float_atol),
            ({np.dtype(np.float16)}, half_rtol, half_atol),
            ({np.dtype(ml_dtypes.bfloat16)}, bfloat16_rtol, bfloat16_atol),
        ):
            if found & of:
                rtol, atol = max(rtol, relative), max(atol, absolute)
        self.assertAllClose(a, b, rtol, atol, msg)

    def _assert_same_shape(self, a: np.ndarray, b: np.ndarray, msg: str | None) -> None:
        if a.shape != b.shape:
            small = b.ndim <= _FEW_AXES or b.size < _FEW_ELEMENTS
            contents = f" with contents {b}" if small else ""
            self.fail(f"Shape mismatch: expected {a.shape}, got {b.shape}{contents}. {msg or ''}")

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are greater.

        Parameters
        ----------
        a : array or Tensor, real
        comparison_target : float
        """
        self.assertGreater(np.min(self._array(a)), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are less.

        Parameters
        ----------
        a : array or Tensor, real
        comparison_target : float
        """
        self.assertLess(np.max(self._array(a)), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """Fail unless no element is less.

        Parameters
        ----------
        a : array or Tensor, real
        comparison_target : float
        """
        self.assertGreaterEqual(np.min(self._array(a)), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """Fail unless no element is greater.

        Parameters
        ----------
        a : array or Tensor, real
        comparison_target : float
        """
        self.assertLessEqual(np.max(self._array(a)), comparison_target)

    def assertAllInRange(
        self,
        target: Any,
        lower_bound: float,
        upper_bound: float,
        open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:
        """Fail unless all elements are between two numbers; a NaN is not.

        Parameters
        ----------
        target : array or Tensor, real
        lower_bound, upper_bound : float
        open_lower_bound, open_upper_bound : bool
            Whether the number itself is outside.

        Raises
        ------
        AssertionError
            With the places of what is outside; if the elements are no numbers, too.
        """
        target = self._array(target)
        if target.dtype.kind not in "fiu" and not _is_floating(target):
            raise AssertionError(
                f"The value of {target} does not have an ordered numeric type, instead it has "
                f"type: {target.dtype}"
            )
        low = target > lower_bound if open_lower_bound else target >= lower_bound
        high = target < upper_bound if open_upper_bound else target <= upper_bound
        outside = ~(low & high)
        if outside.any():
            raise AssertionError(
                f"{outside.sum()} of the {target.size} element(s) are outside the range "
                f"{'(' if open_lower_bound else '['}{lower_bound}, {upper_bound}"
                f"{')' if open_upper_bound else ']'}. Subscript(s) and value(s) of the offending "
                "elements:\n" + _places(outside, target)
            )

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Fail unless each element is one of a few.

        Parameters
        ----------
        target : array or Tensor, of any dtype
        expected_set : list, tuple or set

        Raises
        ------
        AssertionError
            With those that are none.
        """
        others = np.setdiff1d(self._array(target).ravel(), list(expected_set))
        if others.size:
            raise AssertionError(
                f"{others.size} unique element(s) are not in the set {expected_set}: {others}"
            )

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Fail unless the elements are of a dtype.

        Parameters
        ----------
        target : array or Tensor, of any dtype
        expected_dtype : dtype of NumPy
        """
        self.assertEqual(self._array(target).dtype, expected_dtype)

    # ---- numbers ----------------------------------------------------------------------------

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
        close = f1 == f2 or abs(f1 - f2) <= err
        said = f" ({msg})" if msg is not None else ""
        self.assertTrue(close, f"{f1:f} != {f2:f} +/- {err:f}{said}")

    def assertArrayNear(
        self, farray1: Any, farray2: Any, err: float, msg: str | None = None
    ) -> None:
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

    def assertNDArrayNear(
        self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None
    ) -> None:
        """Fail unless the norm of the difference of two arrays is less than a number.

        Parameters
        ----------
        ndarray1, ndarray2 : array, numeric
        err : float
        msg : str, optional
            Said if it fails.
        """
        self.assertTrue(np.linalg.norm(ndarray1 - ndarray2) < err, msg)

    # ---- parts of graphs --------------------------------------------------------------------

    def assertShapeEqual(self, np_array: Any, tf_tensor: Tensor, msg: str | None = None) -> None:
        """Fail unless an array has the static shape of a tensor.

        Parameters
        ----------
        np_array : array, of any dtype
        tf_tensor : Tensor, of any dtype
        msg : str, optional
            Said if it fails.

        Raises
        ------
        TypeError
            If they are no array and no tensor.
        """
        if not isinstance(np_array, _ARRAY | np.generic):
            raise TypeError("np_array must be a Numpy ndarray or Numpy scalar")
        if not isinstance(tf_tensor, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("tf_tensor must be a Tensor")
        self.assertAllEqual(np_array.shape, tf_tensor.get_shape().as_list(), msg)

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: str | None = None) -> None:
        """Fail unless two names are of one device.

        Parameters
        ----------
        device1, device2 : str or DeviceSpec
        msg : str, optional
            Said if it fails.
        """
        one, other = _canonical(device1), _canonical(device2)
        self.assertEqual(one, other, f"Devices {one} and {other} are not equal. {msg or ''}")

    def assertProtoEquals(
        self, expected_message_maybe_ascii: Any, message: Any, msg: str | None = None
    ) -> None:
        """Fail unless two protobufs say the same, numbers to seven digits.

        Parameters
        ----------
        expected_message_maybe_ascii : protobuf or str
            A message, or its text format.
        message : protobuf
        msg : str, optional
            Said if it fails.

        Raises
        ------
        AssertionError
            If they are of different types, too.
        """
        from google.protobuf import text_format

        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            expected = text_format.Parse(expected, type(message)())
        elif not isinstance(expected, type(message)):
            raise AssertionError(
                f"Can't compare protos of type {type(expected)} and {type(message)}. {msg or ''}"
            )
        if expected != message:
            one, other = (
                _FRACTION.sub(_seven_digits, text_format.MessageToString(m))
                for m in (expected, message)
            )
            self.assertMultiLineEqual(one, other, msg)

    def assertProtoEqualsVersion(
        self,
        expected: str,
        actual: Any,
        producer: int = PRODUCER_VERSION,
        min_consumer: int = 0,
        msg: str | None = None,
    ) -> None:
        """`assertProtoEquals` for a `GraphDef` whose versions the text leaves out.

        Parameters
        ----------
        expected : str
            In the text format.
        actual : GraphDef
        producer, min_consumer : int
            The versions.
        msg : str, optional
            Said if it fails.
        """
        versions = f"versions {{ producer: {producer} min_consumer: {min_consumer} }};\n"
        self.assertProtoEquals(versions + expected, actual, msg)

    # ---- errors -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, exception_type: Any, expected_err_re_or_predicate: Any
    ) -> Generator[None]:
        """Fail unless the block raises an error that is as expected.

        Parameters
        ----------
        exception_type : type
        expected_err_re_or_predicate : str or callable
            A pattern that the text holds, or a function of the error.

        Raises
        ------
        AssertionError
            If it raises nothing, or something else.
        """
        expected = expected_err_re_or_predicate
        try:
            yield
        except Exception as error:
            if isinstance(error, exception_type):
                if callable(expected) and expected(error):
                    return
                if not callable(expected) and re.search(expected, _words(error)):
                    return
            raise AssertionError(f"Exception of type {type(error)}: {error}") from error
        self.fail(f"{exception_type.__name__} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """`assertRaisesWithPredicateMatch` for an `OpError`.

        Its text, or it itself, is to match `expected_err_re_or_predicate`.
        """
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected_err_re_or_predicate)


def _words(error: Exception) -> str:
    """The text of an error, the op that raised it included."""
    if not isinstance(error, errors.OpError):
        return str(error)
    op = error.op
    return error.message + (f"\nCaused by: {op.name}" if isinstance(op, Operation) else "")


def _is_floating(array: np.ndarray) -> bool:
    return array.dtype.kind in "fc" or array.dtype == ml_dtypes.bfloat16


def _widened(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if array.dtype == ml_dtypes.bfloat16 else array


def _text(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def _seven_digits(number: re.Match[str]) -> str:
    text = number[0]
    return text if text.lstrip("-").isdigit() else f"{float(text):.7g}"


def _canonical(device: Any) -> str:
    if device is None:
        return ""
    if not isinstance(device, str):
        device = device.to_string()
    return DeviceSpec.from_string(device).to_string()


def _difference(how: str, a: np.ndarray, b: np.ndarray, where: np.ndarray, msg: Any) -> str:
    lines = [
        f"Arrays are {how} in {where.sum()} of {where.size} elements. {msg or ''}",
        f"{how} where = {np.where(where) if where.ndim else ()}",
        f"{how} lhs = {a[where] if where.ndim else a}",
        f"{how} rhs = {b[where] if where.ndim else b}",
        f"dtypes = {a.dtype}, {b.dtype}, shape = {a.shape}",
    ]
    return "\n".join(lines)


def _places(where: np.ndarray, array: np.ndarray) -> str:
    found = np.argwhere(where)
    lines = [f"  {place} : {array[tuple(place)]}" for place in found[:_FEW_LINES]]
    return "\n".join(lines + ["  ..."] * (len(found) > _FEW_LINES))
