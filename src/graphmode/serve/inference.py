"""What REST and gRPC share: examples, and what is made of the results for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.saved_models.constants import (
    CLASSIFY_OUTPUT_CLASSES,
    CLASSIFY_OUTPUT_SCORES,
    REGRESS_OUTPUTS,
)
from graphmode.serve.errors import Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping


def classified(found: Mapping[str, np.ndarray], n: int) -> list[list[tuple[str, float]]]:
    """Labels and scores of `n` examples.

    Parameters
    ----------
    found : dict of str to array [n, k]
        ``classes`` and ``scores``, or one of them.
    n : int

    Returns
    -------
    list of list of (str, float)

    Raises
    ------
    Refused
        If the arrays are of another shape.
    """
    classes, scores = (
        found.get(name) for name in (CLASSIFY_OUTPUT_CLASSES, CLASSIFY_OUTPUT_SCORES)
    )
    known = [array for array in (classes, scores) if array is not None]
    if not known or any(array.ndim != 2 or len(array) != n for array in known):
        shapes = ", ".join(str(array.shape) for array in known)
        raise Refused("INTERNAL", f"the model gave arrays of the shapes {shapes} for {n} examples")
    labels = [[""] * known[0].shape[1]] * n if classes is None else [
        [label.decode("utf-8", "replace") for label in row] for row in classes.tolist()
    ]  # fmt: skip
    numbers = np.zeros_like(known[0], np.float32) if scores is None else scores
    return [list(zip(*pair, strict=True)) for pair in zip(labels, numbers, strict=True)]


def regressed(found: Mapping[str, np.ndarray], n: int) -> np.ndarray:
    """The numbers of `n` examples.

    Parameters
    ----------
    found : dict of str to array [n] or [n, 1]
        ``outputs``.
    n : int

    Returns
    -------
    array, float32 [n]

    Raises
    ------
    Refused
        If the array is of another shape.
    """
    values = found[REGRESS_OUTPUTS]
    if values.size != n or values.ndim not in (1, 2):
        raise Refused("INTERNAL", f"the model gave an array of {values.shape} for {n} examples")
    return values.reshape(n)


def examples_of(given: Any) -> np.ndarray:
    """The examples of an `Input` message, each with what its context says.

    Parameters
    ----------
    given : Input

    Returns
    -------
    array of bytes [n]

    Raises
    ------
    Refused
        If there are none.
    """
    kind = given.WhichOneof("kind")
    if kind is None or not getattr(given, kind).examples:
        raise invalid("Input is empty.")
    if kind == "example_list":
        texts = [example.SerializeToString() for example in given.example_list.examples]
    else:
        both = given.example_list_with_context
        context = both.context.SerializeToString()  # messages joined are merged
        texts = [context + example.SerializeToString() for example in both.examples]
    made = np.empty(len(texts), object)
    made[:] = texts
    return made
