"""`py_func` and `py_function`: a Python function as an op."""

from __future__ import annotations

import itertools
import traceback
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, errors, shape_rules
from graphmode.framework.apply import apply
from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.dtypes import DType
from graphmode.framework.op import op, outputs_of
from graphmode.framework.op_def import op_def_of
from graphmode.framework.operation import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

_ERRORS = {
    TypeError: errors.InvalidArgumentError,
    ValueError: errors.InvalidArgumentError,
    StopIteration: errors.OutOfRangeError,
    MemoryError: errors.ResourceExhaustedError,
    NotImplementedError: errors.UnimplementedError,
}


class _Function:
    """A registered function. Its graph keeps it alive; the op knows it by its token."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call


_functions: weakref.WeakValueDictionary[str, _Function] = weakref.WeakValueDictionary()
_numbers = itertools.count()


def _register(function: Callable[..., Any]) -> str:
    token = f"pyfunc_{next(_numbers)}"
    held = _functions[token] = _Function(function)
    get_default_graph().__dict__.setdefault("_py_functions", []).append(held)
    return token


def _call(input, *, token, Tout):  # noqa: N803 - TensorFlow's attribute
    """Call the function `token` with copies of the arrays, and check what it returns."""
    token = token.decode() if isinstance(token, bytes) else token
    held = _functions.get(token)
    if held is None:
        raise errors.invalid(
            f"callback {token} is not found: a py_func belongs to the process that made its graph",
        )
    try:
        returned = held.call(*[_argument(value) for value in input])
    except Exception as error:
        raise as_op_error(error) from error
    if returned is None:
        values = []
    else:
        values = returned if isinstance(returned, list | tuple) else [returned]
    if len(values) != len(Tout):
        raise errors.invalid(
            f"{token} returns {len(values)} values, but expects to see {len(Tout)} values.",
        )
    results = []
    for i, (value, dtype) in enumerate(zip(values, Tout, strict=True)):
        result = _result(value)
        if result.dtype != dtype.numpy_dtype:
            found = dtypes.word_of(dtypes.as_dtype(result.dtype))
            raise errors.invalid(
                f"{i}-th value returned by {token} is {found}, but expects "
                f"{dtypes.word_of(dtype)}\n"
                f"  fix: return np.asarray(value, np.{dtype.name}), or give Tout tf.{result.dtype}",
            )
        results.append(result)
    return results


def _argument(value):
    """The function may write to its arguments: give it copies, and scalars as NumPy scalars."""
    array = np.array(value)
    return array if array.ndim else array[()]


def _result(value) -> np.ndarray:
    result = np.array(value)
    if result.dtype.kind in "SU":
        # Of bytes as they are: NumPy's own arrays of text lose zero bytes at the end.
        result = np.array(value, object)
    elif result.dtype.kind == "V":
        raise errors.InternalError(None, None, f"Unsupported numpy data type {result.dtype}")
    elif not result.dtype.isnative:
        return result.astype(result.dtype.newbyteorder("="))
    if result.dtype != object:
        return result
    flat = [v.encode() if isinstance(v, str) else v for v in result.ravel().tolist()]
    wrong = next((v for v in flat if not isinstance(v, bytes)), None)
    if wrong is not None:
        raise errors.InternalError(None, None, f"Unsupported object type {type(wrong).__name__}")
    return np.array([*flat, None], object)[:-1].reshape(result.shape)


def as_op_error(error: Exception) -> errors.OpError:
    """`error` as TensorFlow's class for it, with its text and the lines of the user's function."""
    kind = next((_ERRORS[c] for c in type(error).__mro__ if c in _ERRORS), errors.UnknownError)
    frames = traceback.extract_tb(error.__traceback__)[1:]  # without `_call`
    lines = [f"{type(error).__name__}: {error}"]
    if frames:
        last = frames[-1]
        lines.append(f"  raised at {last.filename}:{last.lineno} in {last.name}   {last.line}")
    return kind(None, None, "\n".join(lines))


@op(
    "PyFunc",
    "[Tin] -> [Tout]",
    shape=shape_rules.unknown,
    effect="host",
    blocks=True,
    python="function",
)
def _py_func(input, *, token: str, Tout: Sequence[DType]):  # noqa: N803 - TensorFlow's attribute
    return _call(input, token=token, Tout=Tout)


@op(
    "PyFuncStateless",
    "[Tin] -> [Tout]",
    shape=shape_rules.unknown,
    effect="host",
    blocks=True,
    python="function",
)
def _py_func_stateless(input, *, token: str, Tout: Sequence[DType]):  # noqa: N803 - TensorFlow's attribute
    return _call(input, token=token, Tout=Tout)


def py_func(
    func: Callable[..., Any],
    inp: Sequence[Any],
    Tout: Any,  # noqa: N803 - TensorFlow's argument
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Call a Python function on the values of tensors whenever the graph runs.

    Parameters
    ----------
    func : callable
        Takes NumPy arrays (NumPy scalars for scalars), one for each of `inp`, and returns an array
        or a list of them. It may write to its arguments.
    inp : list of Tensor or value
        Of any dtype.
    Tout : DType or list of DType
        Of what `func` returns; the static shapes are unknown.
    stateful : bool
        Recorded only: the function is called in every run that needs it, either way.

    Returns
    -------
    Tensor, list of Tensor, or Operation
        One tensor if `Tout` is one dtype; the operation if it is an empty list. No gradient flows
        through.

    Raises
    ------
    ValueError
        If `func` cannot be called.
    InvalidArgumentError
        When it runs, if the function returns another number of values or other dtypes, or raises
        TypeError or ValueError; UnknownError for most other exceptions. The text holds the
        exception's and its line.

    Notes
    -----
    TF ops PyFunc, PyFuncStateless.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.py_func(lambda x: x[::-1], [[1, 2, 3]], tf.int32)))
    [3 2 1]
    """
    if not callable(func):
        raise ValueError(
            f"Expected func to be callable. Received func={func} of type {type(func)}."
        )
    is_single = not isinstance(Tout, list | tuple)
    record = op_def_of("PyFunc" if stateful else "PyFuncStateless")
    attrs = {"token": _register(func), "Tout": [Tout] if is_single else list(Tout)}
    operation = apply(record, [list(inp)], attrs, name)
    if is_single:
        return operation.outputs[0]
    return outputs_of(operation) if stateful or operation.outputs else []


def numpy_function(
    func: Any = None,
    inp: Any = None,
    Tout: Any = None,  # noqa: N803
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """`py_func` under its new name.

    Parameters
    ----------
    func : callable
        Takes NumPy arrays, and returns an array or a list of them.
    inp : list of Tensor or value
        Of any dtype.
    Tout : DType or list of DType
        Of what `func` returns.
    stateful : bool
        Recorded only.

    Returns
    -------
    Tensor, list of Tensor, or Operation
        As of `py_func`.
    """
    return py_func(func, inp, Tout, stateful, name)


# ---- py_function ---------------------------------------------------------------------------------


class HostArray(np.ndarray):
    """What a function of `py_function` is given: an array that answers `numpy()`, too."""

    def numpy(self) -> Any:
        """The plain array; a NumPy scalar if it is one."""
        array = np.asarray(self)
        return array if array.ndim else array[()]


@op(
    "EagerPyFunc",
    "[Tin] -> [Tout]",
    shape=shape_rules.unknown,
    effect="host",
    blocks=True,
    python="function",
)
def _eager_py_func(
    input,
    *,
    token: str,
    is_async: bool = False,
    Tout: Sequence[DType],  # noqa: N803 - TensorFlow's attribute
):
    return _call(input, token=token, Tout=Tout)


def py_function(
    func: Callable[..., Any],
    inp: Sequence[Any],
    Tout: Any,  # noqa: N803 - TensorFlow's argument
    name: str | None = None,
) -> Any:
    """Call a Python function on the values of tensors, which have a method `numpy`.

    Parameters
    ----------
    func : callable
        Takes NumPy arrays that answer ``numpy()``, one for each of `inp`, and returns an array or
        a list of them, or None if `Tout` is empty. It computes with NumPy: operations of the graph
        have no value there.
    inp : list of Tensor or value
        Of any dtype.
    Tout : DType or list of DType
        Of what `func` returns; the static shapes are unknown.

    Returns
    -------
    Tensor, list of Tensor, or Operation
        One tensor if `Tout` is one dtype; the operation if it is an empty list.

    Raises
    ------
    InvalidArgumentError
        When it runs, as `py_func`. Asking for a gradient is a LookupError.

    Notes
    -----
    TF op EagerPyFunc.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.py_function(lambda x: x.numpy()[::-1], [[1, 2, 3]], tf.int32)))
    [3 2 1]
    """

    def call(*arrays: Any) -> Any:
        returned = func(*[np.asarray(array).view(HostArray) for array in arrays])
        parts = returned if isinstance(returned, list | tuple) else [returned]
        if any(isinstance(part, Tensor) for part in parts):
            raise errors.UnimplementedError(
                None, None, "a function of py_function returned a tensor of the graph, which has "
                "no value there.\n  fix: compute with NumPy in it",
            )  # fmt: skip
        return returned

    is_single = not isinstance(Tout, list | tuple)
    attrs = {"token": _register(call), "Tout": [Tout] if is_single else list(Tout)}
    operation = apply(op_def_of("EagerPyFunc"), [list(inp)], attrs, name)
    return operation.outputs[0] if is_single else outputs_of(operation)
