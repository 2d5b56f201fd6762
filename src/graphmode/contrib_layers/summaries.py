"""Summaries of activations, variables and collections, as `tf.contrib.layers` makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, get_collection
from graphmode.ops import math
from graphmode.ops.nn.statistics import zero_fraction
from graphmode.summary import values as summary

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor


def summarize_tensor(tensor: Any, tag: str | None = None) -> Tensor:
    """A scalar summary of a scalar, a histogram of anything else.

    Parameters
    ----------
    tensor : Tensor, real
    tag : str, optional
        The name of the tensor's op if not given.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    name: str = tag or tensor.op.name
    if tensor.get_shape().ndims == 0:
        return summary.scalar(name, tensor)
    return summary.histogram(name, tensor)


def summarize_activation(op: Any) -> Tensor:
    """A histogram of the tensor `op`, and the part of it that is 0 after ReLU and the like."""
    if op.op.type in ("Relu", "Softplus", "Relu6"):
        summary.scalar(f"{op.op.name}/zeros", zero_fraction(op))
    if op.op.type == "Relu6":
        sixes = math.reduce_mean(math.to_float(math.equal(op, 6.0)))
        summary.scalar(f"{op.op.name}/sixes", sixes)
    return summary.histogram(f"{op.op.name}/activation", op)


def summarize_tensors(tensors: Any, summarizer: Callable[..., Any] = summarize_tensor) -> list[Any]:
    """Summaries of several tensors.

    Parameters
    ----------
    tensors : iterable of Tensor, real
    summarizer : callable
        ``summarizer(tensor)``.

    Returns
    -------
    list
        What `summarizer` gave for each.
    """
    return [summarizer(tensor) for tensor in tensors]


def summarize_collection(
    collection: str,
    name_filter: str | None = None,
    summarizer: Callable[..., Any] = summarize_tensor,
) -> list[Any]:
    """Summaries of the tensors of a collection.

    Parameters
    ----------
    collection : str
    name_filter : str, optional
        What names begin with, a regular expression.
    summarizer : callable
        ``summarizer(tensor)``.

    Returns
    -------
    list
        What `summarizer` gave for each.
    """
    return summarize_tensors(get_collection(collection, name_filter), summarizer)


def summarize_variables(
    name_filter: str | None = None, summarizer: Callable[..., Any] = summarize_tensor
) -> list[Any]:
    """`summarize_collection` of `GraphKeys.GLOBAL_VARIABLES`.

    Parameters
    ----------
    name_filter : str, optional
        What names begin with, a regular expression.
    summarizer : callable

    Returns
    -------
    list
        What `summarizer` gave for each.
    """
    return summarize_collection(GraphKeys.GLOBAL_VARIABLES, name_filter, summarizer)


def summarize_weights(
    name_filter: str | None = None, summarizer: Callable[..., Any] = summarize_tensor
) -> list[Any]:
    """`summarize_collection` of `GraphKeys.WEIGHTS`.

    Parameters
    ----------
    name_filter : str, optional
        What names begin with, a regular expression.
    summarizer : callable

    Returns
    -------
    list
        What `summarizer` gave for each.
    """
    return summarize_collection(GraphKeys.WEIGHTS, name_filter, summarizer)


def summarize_biases(
    name_filter: str | None = None, summarizer: Callable[..., Any] = summarize_tensor
) -> list[Any]:
    """`summarize_collection` of `GraphKeys.BIASES`.

    Parameters
    ----------
    name_filter : str, optional
        What names begin with, a regular expression.
    summarizer : callable

    Returns
    -------
    list
        What `summarizer` gave for each.
    """
    return summarize_collection(GraphKeys.BIASES, name_filter, summarizer)


def summarize_activations(
    name_filter: str | None = None, summarizer: Callable[..., Any] = summarize_activation
) -> list[Any]:
    """`summarize_collection` of `GraphKeys.ACTIVATIONS`.

    Parameters
    ----------
    name_filter : str, optional
        What names begin with, a regular expression.
    summarizer : callable

    Returns
    -------
    list
        What `summarizer` gave for each.
    """
    return summarize_collection(GraphKeys.ACTIVATIONS, name_filter, summarizer)


# ---- slim ----------------------------------------------------------------------------------------


def analyze_vars(variables: Any, print_info: bool = False) -> tuple[int, int]:
    """Count the elements and the bytes of variables.

    Parameters
    ----------
    variables : iterable of Variable
    print_info : bool
        Write a line for each, and the sums, to standard output.

    Returns
    -------
    elements : int
    size : int
        In bytes.
    """
    import sys

    total = total_bytes = 0
    for variable in variables:
        elements = variable.get_shape().num_elements() or 0
        size = elements * variable.dtype.base_dtype.size
        total, total_bytes = total + elements, total_bytes + size
        if print_info:
            shape = variable.get_shape().as_list()
            sys.stdout.write(f"{variable.name} {shape} [{elements}, bytes: {size}]\n")
    if print_info:
        sys.stdout.write(f"Total size of variables: {total}\n")
        sys.stdout.write(f"Total bytes of variables: {total_bytes}\n")
    return total, total_bytes
