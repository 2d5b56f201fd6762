"""What a request is refused with: TensorFlow's codes, their HTTP statuses, a text."""

from __future__ import annotations

from graphmode.framework import errors
from graphmode.framework.errors import OpError

_STATUSES = {
    "OK": 200, "CANCELLED": 499, "UNKNOWN": 500, "INVALID_ARGUMENT": 400, "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404, "ALREADY_EXISTS": 409, "PERMISSION_DENIED": 403, "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 412, "ABORTED": 409, "OUT_OF_RANGE": 400, "UNIMPLEMENTED": 501,
    "INTERNAL": 500, "UNAVAILABLE": 503, "DATA_LOSS": 500, "UNAUTHENTICATED": 401,
}  # fmt: skip
CODES: dict[str, tuple[int, int]] = {
    name: (getattr(errors, name), status) for name, status in _STATUSES.items()
}
"""Name -> the number that gRPC and `tf.errors` have for it, the status that HTTP has."""

_NAMES = {number: name for name, (number, _) in CODES.items()}


class Refused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A request that gets an error for an answer.

    Parameters
    ----------
    code : str
        One of `CODES`.
    text : str
    status : int, optional
        Of HTTP, where it says more than the code's own.
    """

    def __init__(self, code: str, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = CODES[code][1] if status is None else status


def invalid(text: str) -> Refused:
    """A request that is wrong in itself."""
    return Refused("INVALID_ARGUMENT", text)


def refusal_of(error: Exception) -> Refused:
    """What a request is answered that a model could not compute.

    Parameters
    ----------
    error : Exception
        Errors of sessions keep their code. A ValueError or TypeError is about the values that were
        fed; anything else is the server's own fault.

    Returns
    -------
    Refused
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, OpError):
        return Refused(_NAMES.get(error.error_code, "UNKNOWN"), error.message.split("\n")[0])
    if isinstance(error, ValueError | TypeError):
        return invalid(str(error).split("\n")[0])
    return Refused("INTERNAL", f"{type(error).__name__}: {error}")
