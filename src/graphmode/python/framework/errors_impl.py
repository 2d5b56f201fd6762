"""TF1's `tensorflow.python.framework.errors_impl`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.framework.errors":
        "ABORTED ALREADY_EXISTS AbortedError AlreadyExistsError CANCELLED CancelledError "
        "DATA_LOSS DEADLINE_EXCEEDED DataLossError DeadlineExceededError FAILED_PRECONDITION "
        "FailedPreconditionError INTERNAL INVALID_ARGUMENT InternalError InvalidArgumentError "
        "NOT_FOUND NotFoundError OK OUT_OF_RANGE OpError OutOfRangeError PERMISSION_DENIED "
        "PermissionDeniedError RESOURCE_EXHAUSTED ResourceExhaustedError UNAUTHENTICATED "
        "UNAVAILABLE UNIMPLEMENTED UNKNOWN UnauthenticatedError UnavailableError "
        "UnimplementedError UnknownError",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
