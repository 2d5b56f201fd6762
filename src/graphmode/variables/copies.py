"""How the copies of a variable on several devices are kept together; there is one copy here."""

from __future__ import annotations

import enum
from typing import Any


class VariableSynchronization(enum.Enum):
    """When the copies of a variable are brought together; accepted, there is one copy here."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class VariableAggregation(enum.Enum):
    """How the copies of a variable are brought together; accepted, there is one copy here."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


def is_trainable(trainable: bool | None, synchronization: Any) -> bool:
    """Whether a variable is trained, where the program may not have said so.

    Parameters
    ----------
    trainable : bool, optional
    synchronization : VariableSynchronization, optional
        Of what is brought together on reading, such as a count, no copy is trained.

    Returns
    -------
    bool
    """
    if trainable is None:
        return synchronization is not VariableSynchronization.ON_READ
    return bool(trainable)
