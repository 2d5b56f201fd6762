"""How a command ends that cannot do what it was asked for: one line that names it, status 1."""

from graphmode.framework.errors import OpError


def refused(command: str, error: Exception) -> SystemExit:
    """What `graphmode COMMAND` raises after an error: its text without what is of graphs."""
    text = error.message if isinstance(error, OpError) else str(error)
    return SystemExit(f"graphmode {command}: {text}")
