"""Frames as bytes, and errors as frames."""

from __future__ import annotations

import functools
from typing import Any

from graphmode.cluster.messages import message
from graphmode.framework import errors
from graphmode.framework.errors import DataLossError, OpError


@functools.cache
def _frame() -> Any:
    return message("Frame")


def new_frame() -> Any:
    """An empty `Frame`."""
    return _frame()()


def read_frame(content: bytes) -> Any:
    """The `Frame` of some bytes.

    Raises
    ------
    DataLossError
        If they are those of something else.
    """
    from google.protobuf.message import DecodeError

    try:
        return _frame().FromString(content)
    except DecodeError as error:
        raise DataLossError(
            None, None, f"a damaged message of {len(content)} bytes came: {error}"
        ) from error


def refusal_of(error: Exception) -> bytes:
    """The frame that says what went wrong."""
    frame = new_frame()
    refusal = frame.refusal
    if isinstance(error, OpError):
        refusal.code, refusal.message = error.error_code, str(error.message)
        refusal.op = "" if error.op is None else error.op.name
    else:
        refusal.code = errors.INTERNAL
        refusal.message = f"{type(error).__name__}: {error}"
    return frame.SerializeToString()


def error_of(refusal: Any, graph: Any, task: object) -> OpError:
    """What a `Refusal` of `task` says, with the op of `graph` that it names.

    Parameters
    ----------
    refusal : Refusal
    graph : Graph or None
    task : TaskName
    """
    op = None
    if graph is not None and refusal.op:
        try:
            op = graph.get_operation_by_name(refusal.op)
        except (KeyError, ValueError):
            op = None
    kind: Any = errors.exception_type_from_error_code(refusal.code)
    return kind(None, op, f"{refusal.message}\n  at {task}")
