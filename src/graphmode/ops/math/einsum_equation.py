"""Equations of `einsum`: their explicit form, the shape of the result, their derivative."""

from __future__ import annotations

import re

from graphmode.framework.operation import Dims
from graphmode.framework.shapes import broadcast_dims

_EQUATION = re.compile(r"^(?:[a-zA-Z]|\.\.\.|,)*(?:->(?:[a-zA-Z]|\.\.\.)*)?$")


def explicit(equation: str, shapes: list[Dims]) -> str:
    """`equation` with a right side.

    Raises
    ------
    ValueError
        If it is malformed, or has another number of terms than there are inputs.
    """
    equation = equation.replace(" ", "")
    if not _EQUATION.match(equation):
        raise ValueError(f"Indices have incorrect format. Received: {equation}.")
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ValueError(
            f'Got {len(shapes)} arguments for equation "{equation}", expecting {len(terms)}'
        )
    unknown = sorted(set(right.replace("...", "")) - set(left))
    if unknown:
        raise ValueError(
            f"Invalid equation: {equation}\n{', '.join(unknown)} stands for no axis of an input."
        )
    repeated = sorted(label for label in set(right) - {"."} if right.count(label) > 1)
    if repeated:
        raise ValueError(
            f"Invalid equation: {equation}\n{', '.join(repeated)} is more than once in the result."
        )
    if not arrow:
        labels = left.replace(",", "").replace("...", "")
        once = sorted(label for label in set(labels) if labels.count(label) == 1)
        right = ("..." if "..." in left else "") + "".join(once)
    return f"{left}->{right}"


def output_dims(equation: str, shapes: list[Dims]) -> Dims:
    """The static shape of the result of an explicit equation.

    Raises
    ------
    ValueError
        If a label stands for two different lengths, or a rank does not fit its term.
    """
    left, _, right = equation.partition("->")
    lengths: dict[str, int | None] = {}
    ellipsis: Dims = ()
    for term, dims in zip(left.split(","), shapes, strict=True):
        if dims is None:
            ellipsis = None if "..." in term else ellipsis
            continue
        before, dots, after = term.partition("...")
        n_labels = len(before) + len(after)
        if len(dims) < n_labels or (not dots and len(dims) != n_labels):
            raise ValueError(
                f"Expected input of rank {n_labels} for term {term!r} of {equation!r}, "
                f"got rank {len(dims)}"
            )
        named = [*zip(before, dims, strict=False)]
        if dots:
            end = len(dims) - len(after)
            named += zip(after, dims[end:], strict=True)
            ellipsis = broadcast_dims(ellipsis, dims[len(before) : end])
        for label, length in named:
            known = lengths.setdefault(label, length)
            if None in (known, length):
                lengths[label] = length if known is None else known
            elif known != length:
                raise ValueError(
                    f"Dimensions must be equal, but are {known} and {length} for label "
                    f"{label!r} of {equation!r}"
                )
    before, dots, after = right.partition("...")
    if dots and ellipsis is None:
        return None
    middle = tuple(ellipsis or ()) if dots else ()
    return (
        *(lengths.get(label) for label in before),
        *middle,
        *(lengths.get(label) for label in after),
    )


def derivative(equation: str, index: int) -> tuple[str, list[int]] | None:
    """How the gradient of term `index` comes from the other terms and the result's gradient.

    Returns
    -------
    equation : str
        Of the other terms, in order, then the result's gradient.
    lone_axes : list of int
        The axes of the term that are summed over in it alone: the equation's result lacks them, and
        the gradient does not vary along them.
    None
        If it is no such equation: with ``...``, or with a label repeated within a term.
    """
    left, _, right = equation.partition("->")
    terms = left.split(",")
    if "..." in equation or any(len(set(term)) != len(term) for term in (*terms, right)):
        return None
    others = terms[:index] + terms[index + 1 :]
    present = set("".join(others) + right)
    kept = "".join(label for label in terms[index] if label in present)
    lone_axes = [axis for axis, label in enumerate(terms[index]) if label not in present]
    return ",".join([*others, right]) + "->" + kept, lone_axes
