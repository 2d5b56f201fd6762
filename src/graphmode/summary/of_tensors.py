"""`tf.contrib.slim.summaries`: summaries that are called as their tensors are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, add_to_collection
from graphmode.ops.control.checks import Print
from graphmode.ops.nn.statistics import zero_fraction
from graphmode.summary import values as summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmode.framework.operation import Tensor


def _named(tensor: Any, name: str | None, prefix: str | None, postfix: str = "") -> str:
    parts = prefix, name or tensor.op.name, postfix
    return "/".join(part for part in parts if part)


def _printed(made: Any, tensor: Any, name: str) -> Tensor:
    made = Print(made, [tensor], name)
    add_to_collection(GraphKeys.SUMMARIES, made)
    return made


def add_histogram_summary(
    tensor: Any, name: str | None = None, prefix: str | None = None
) -> Tensor:
    """A histogram of a tensor.

    Parameters
    ----------
    tensor : Tensor, of any shape, real
    name : str, optional
        The name of its op without.
    prefix : str, optional
        Comes before the name, with a slash.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    return summary.histogram(_named(tensor, name, prefix), tensor)


def add_image_summary(
    tensor: Any, name: str | None = None, prefix: str | None = None, print_summary: bool = False
) -> Tensor:
    """Three images of a batch.

    Parameters
    ----------
    tensor : Tensor, [batch, height, width, channels], uint8 or float
    name : str, optional
        The name of its op without.
    prefix : str, optional
        Comes before the name, with a slash.
    print_summary : bool
        Print the tensor, too, when the summary runs.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    tag = _named(tensor, name, prefix)
    made = summary.image(tag, tensor, collections=[] if print_summary else None)
    return _printed(made, tensor, tag) if print_summary else made


def add_scalar_summary(
    tensor: Any, name: str | None = None, prefix: str | None = None, print_summary: bool = False
) -> Tensor:
    """The value of a scalar.

    Parameters
    ----------
    tensor : Tensor, scalar, real
    name : str, optional
        The name of its op without.
    prefix : str, optional
        Comes before the name, with a slash.
    print_summary : bool
        Print it, too, when the summary runs.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    tag = _named(tensor, name, prefix)
    made = summary.scalar(tag, tensor, collections=[] if print_summary else None)
    return _printed(made, tensor, tag) if print_summary else made


def add_zero_fraction_summary(
    tensor: Any, name: str | None = None, prefix: str | None = None, print_summary: bool = False
) -> Tensor:
    """How much of a tensor is zero, as ``name/Fraction_of_Zero_Values``.

    Parameters
    ----------
    tensor : Tensor, of any shape, real
    name : str, optional
        The name of its op without.
    prefix : str, optional
        Comes before the name, with a slash.
    print_summary : bool
        Print it, too, when the summary runs.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    tag = _named(tensor, name, prefix, "Fraction_of_Zero_Values")
    return add_scalar_summary(zero_fraction(tensor), tag, print_summary=print_summary)


def add_histogram_summaries(tensors: Iterable[Any], prefix: str | None = None) -> list[Tensor]:
    """`add_histogram_summary` of several tensors.

    Parameters
    ----------
    tensors : iterable of Tensor, of any shapes, real
    prefix : str, optional
        Comes before each name, with a slash.

    Returns
    -------
    list of Tensor, string scalar
    """
    return [add_histogram_summary(tensor, prefix=prefix) for tensor in tensors]


def add_image_summaries(tensors: Iterable[Any], prefix: str | None = None) -> list[Tensor]:
    """`add_image_summary` of several batches.

    Parameters
    ----------
    tensors : iterable of Tensor, [batch, height, width, channels], uint8 or float
    prefix : str, optional
        Comes before each name, with a slash.

    Returns
    -------
    list of Tensor, string scalar
    """
    return [add_image_summary(tensor, prefix=prefix) for tensor in tensors]


def add_scalar_summaries(
    tensors: Iterable[Any], prefix: str | None = None, print_summary: bool = False
) -> list[Tensor]:
    """`add_scalar_summary` of each of several tensors.

    Parameters
    ----------
    tensors : iterable of Tensor, scalars, real
    prefix : str, optional
        Comes before each name, with a slash.
    print_summary : bool
        Print them, too.

    Returns
    -------
    list of Tensor, string scalar
    """
    return [
        add_scalar_summary(tensor, prefix=prefix, print_summary=print_summary) for tensor in tensors
    ]


def add_zero_fraction_summaries(tensors: Iterable[Any], prefix: str | None = None) -> list[Tensor]:
    """`add_zero_fraction_summary` of several tensors.

    Parameters
    ----------
    tensors : iterable of Tensor, of any shapes, real
    prefix : str, optional
        Comes before each name, with a slash.

    Returns
    -------
    list of Tensor, string scalar
    """
    return [add_zero_fraction_summary(tensor, prefix=prefix) for tensor in tensors]
