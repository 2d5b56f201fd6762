"""The errors of running a graph: ``tf.errors``, with the user's own lines in the text."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Operation
    from graphmode.framework.site import Site

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16

_SHOWN_INPUTS = 6


def describe_op(op: Operation) -> str:
    """Say which lines of the user's program made `op` and its inputs.

    Parameters
    ----------
    op : Operation
        Read: ``site``, ``inputs`` (each with ``name`` and ``op.site``) and ``input_names``.

    Returns
    -------
    str
        One aligned line for the op, one for each of its first six inputs whose line is known;
        empty when the op's own line is not known.
    """
    site: Site | None = getattr(op, "site", None)
    if site is None:
        return ""
    names = op.input_names
    inputs: list[tuple[str, str, Site]] = []
    for index, tensor in enumerate(op.inputs):
        input_site: Site | None = getattr(tensor.op, "site", None)
        if input_site is not None:
            inputs.append((names[index] if index < len(names) else "", tensor.name, input_site))
    inputs = inputs[:_SHOWN_INPUTS]

    name_width = max((len(name) for name, _, _ in inputs), default=0)
    place_width = max((len(place.short()) for _, _, place in inputs), default=0)
    rows = [(f"created at {site.short()}", site.source)]
    for name, tensor_name, place in inputs:
        left = f"{name:{name_width}}  '{tensor_name}'"
        rows.append((left, f"{place.short():{place_width}}   {place.source}"))
    left_width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {left:{left_width}}   {right}".rstrip() for left, right in rows)


class OpError(Exception):
    """An op failed while the graph ran.

    Parameters
    ----------
    node_def : NodeDef or None
    op : Operation or None
        The op that failed, if known.
    message : str
        What met and what was expected.
    error_code : int
        One of the constants of this module.
    """

    def __init__(self, node_def: Any, op: Operation | None, message: Any, error_code: int) -> None:
        super().__init__(message)
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = error_code
        self._where: str | None = None

    @property
    def node_def(self) -> Any:
        """The NodeDef of the op that failed, or None."""
        return self._node_def

    @property
    def op(self) -> Operation | None:
        """The op that failed, or None; None also in an unpickled error."""
        return self._op

    @property
    def message(self) -> Any:
        """What went wrong, without the lines of the user's program."""
        return self._message

    @property
    def error_code(self) -> int:
        """The number of the error's kind."""
        return self._error_code

    def _location(self) -> str:
        if self._where is None:
            self._where = "" if self._op is None else describe_op(self._op)
        return self._where

    def __str__(self) -> str:
        where = self._location()
        return f"{self._message}\n{where}" if where else str(self._message)

    def __reduce__(self) -> tuple[Any, ...]:
        # The op stays behind: it holds its whole graph. Its lines go along as text.
        state = (self._node_def, self._message, self._error_code, self._location())
        return _unpickle, (type(self), *state)


def _unpickle(
    cls: type[OpError], node_def: Any, message: Any, error_code: int, where: str
) -> OpError:
    error = cls.__new__(cls, message)
    OpError.__init__(error, node_def, None, message, error_code)
    error._where = where
    return error


class _CodedError(OpError):
    """An `OpError` whose code is its class's."""

    _code = UNKNOWN

    def __init__(self, node_def: Any, op: Operation | None, message: Any) -> None:
        super().__init__(node_def, op, message, self._code)


class CancelledError(_CodedError):
    """The operation was cancelled, as a queue op is when its queue closes."""

    _code = CANCELLED


class UnknownError(_CodedError):
    """Something failed that no other class describes; an exception inside a `py_func`."""

    _code = UNKNOWN


class InvalidArgumentError(_CodedError):
    """An op received a value, shape or attribute that it does not accept."""

    _code = INVALID_ARGUMENT


def invalid(text: str) -> InvalidArgumentError:
    """What a kernel raises of inputs that it refuses; the run adds the op and where it was made."""
    return InvalidArgumentError(None, None, text)


class DeadlineExceededError(_CodedError):
    """The run took longer than its `timeout_in_ms`."""

    _code = DEADLINE_EXCEEDED


class NotFoundError(_CodedError):
    """A file, a checkpoint entry or another named thing does not exist."""

    _code = NOT_FOUND


class AlreadyExistsError(_CodedError):
    """The thing to be made is already there."""

    _code = ALREADY_EXISTS


class PermissionDeniedError(_CodedError):
    """The caller may not do this, for example write a file."""

    _code = PERMISSION_DENIED


class ResourceExhaustedError(_CodedError):
    """Memory or disk space ran out."""

    _code = RESOURCE_EXHAUSTED


class FailedPreconditionError(_CodedError):
    """The state does not allow the op: most often a variable that was never initialised."""

    _code = FAILED_PRECONDITION


class AbortedError(_CodedError):
    """The operation was given up because of a concurrent one."""

    _code = ABORTED


class OutOfRangeError(_CodedError):
    """The input has ended: a data set iterator or a closed, empty queue."""

    _code = OUT_OF_RANGE


class UnimplementedError(_CodedError):
    """The op exists, but not for these types, shapes or devices."""

    _code = UNIMPLEMENTED


class InternalError(_CodedError):
    """Something inside the runtime is broken."""

    _code = INTERNAL


class UnavailableError(_CodedError):
    """The runtime cannot be reached at present."""

    _code = UNAVAILABLE


class DataLossError(_CodedError):
    """A file is truncated or its checksum is wrong."""

    _code = DATA_LOSS


class UnauthenticatedError(_CodedError):
    """The request has no valid credentials."""

    _code = UNAUTHENTICATED


_class_of_code = {cls._code: cls for cls in _CodedError.__subclasses__()}


_of_system: dict[int, Callable[[None, None, str], OpError]] = {
    **dict.fromkeys((errno.ENOENT, errno.ENODEV, errno.ENXIO), NotFoundError),
    **dict.fromkeys((errno.EPERM, errno.EACCES, errno.EROFS), PermissionDeniedError),
    **dict.fromkeys(
        (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENOMEM), ResourceExhaustedError
    ),
    **dict.fromkeys(
        (errno.EISDIR, errno.ENOTDIR, errno.ENOTEMPTY, errno.EBUSY), FailedPreconditionError
    ),
    **dict.fromkeys((errno.EINVAL, errno.ENAMETOOLONG), InvalidArgumentError),
    errno.EEXIST: AlreadyExistsError,
}  # fmt: skip


def of_system(error: OSError, path: Any = None) -> OpError:
    """TensorFlow's error for what the system said of a file.

    Parameters
    ----------
    error : OSError
    path : str or path, optional
        The file, if `error` does not name it.

    Returns
    -------
    OpError
        Of the class that TensorFlow has for such an `errno`.
    """
    kind = _of_system.get(error.errno or 0, UnknownError)
    name = error.filename if path is None else path
    return kind(None, None, f"{os.fsdecode(name or '')}; {error.strerror}")


def exception_type_from_error_code(error_code: int) -> type[OpError]:
    """Return the error class of a code.

    Parameters
    ----------
    error_code : int
        One of the constants of this module.

    Returns
    -------
    type
        A subclass of `OpError`.

    Raises
    ------
    KeyError
        If no class has the code; `OK` has none.
    """
    return _class_of_code[error_code]


def error_code_from_exception_type(cls: Any) -> int:
    """Return the code of an error class.

    Parameters
    ----------
    cls : type
        A class of this module.

    Returns
    -------
    int

    Raises
    ------
    KeyError
        If `cls` is not one of this module's.
    """
    if cls not in _class_of_code.values():
        raise KeyError(cls)
    return cls._code
