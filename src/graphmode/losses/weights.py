"""Weights of examples or elements: which shapes go together, and the check of them."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, get_default_graph, name_scope
from graphmode.framework.operation import Dims, Operation, Tensor
from graphmode.ops import array, math
from graphmode.ops.control.checks import Assert
from graphmode.ops.control.cond import cond
from graphmode.ops.control.grouping import no_op

_PREFIX = "weights can not be broadcast to values."
_MAX_RANK = 8


def assert_broadcastable(weights: Any, values: Any) -> Operation:
    """An operation that fails unless `weights` are a scalar, or of the rank of `values`.

    Each length is then 1 or that of `values`.

    Raises
    ------
    ValueError
        If static shapes say that they are not.
    """
    with name_scope(None, "assert_broadcastable", [weights, values]) as scope:
        weights = convert_to_tensor(weights, name="weights")
        values = convert_to_tensor(values, name="values")
        fits = _fit_statically(weights, values)
        if fits:
            get_default_graph().pass_ids(4)  # shapes and ranks
            return no_op(name=f"static_{fits}_check_success")
        shapes = array.shape(weights), array.shape(values)
        data = [_PREFIX, "weights.shape=", weights.name, shapes[0]]
        data += ["values.shape=", values.name, shapes[1]]
        return Assert(_fit_in_the_run(weights, values, *shapes), data, name=scope)


def _fit_statically(weights: Tensor, values: Tensor) -> str | None:
    """What was found to fit, or None where it takes the run to know."""
    w: Dims = weights.dims
    v: Dims = values.dims
    if w is not None and not w:
        return "scalar"
    if w is None or v is None:
        return None
    if len(w) != len(v):
        raise ValueError(
            f"{_PREFIX} values.rank={len(v)}. weights.rank={len(w)}. values.shape={values.shape}. "
            f"weights.shape={weights.shape}. Received weights={weights}, values={values}"
        )
    if None in w or None in v:
        return None
    for i, (length, wanted) in enumerate(zip(w, v, strict=True)):
        if length not in (1, wanted):
            raise ValueError(
                f"{_PREFIX} Mismatch at dim {i}. values.shape={list(v)}, weights.shape={list(w)}. "
                f"Received weights={weights}, values={values}"
            )
    return "dims"


def _fit_in_the_run(weights: Tensor, values: Tensor, w: Tensor, v: Tensor) -> Tensor:
    if weights.dims is not None and values.dims is not None:
        return math.reduce_all(math.logical_or(math.equal(w, v), math.equal(w, 1)))
    # Shapes of unknown length are compared as if they had zeros behind them.
    padded = [array.pad(shape, [[0, _MAX_RANK - array.size(shape)]]) for shape in (w, v)]
    lengths = math.logical_or(math.equal(*padded), math.equal(padded[0], 1))
    same_rank = math.equal(array.size(w), array.size(v))
    same = math.logical_and(same_rank, math.reduce_all(lengths))
    return math.logical_or(math.equal(array.size(w), 0), same)


def broadcast_weights(weights: Any, values: Any) -> Tensor:
    """`weights` in the shape of `values`; see `assert_broadcastable` for what fits."""
    with name_scope(None, "broadcast_weights", [weights, values]) as scope:
        values = convert_to_tensor(values, name="values")
        weights = convert_to_tensor(weights, dtype=values.dtype.base_dtype, name="weights")
        if weights.dims is not None and weights.dims == values.dims and None not in weights.dims:
            return weights
        with control_dependencies([assert_broadcastable(weights, values)]):
            return math.multiply(weights, array.ones_like(values), name=scope)


def remove_squeezable_dimensions(
    labels: Any, predictions: Any, expected_rank_diff: int = 0, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Drop a last axis of length 1 where one too many is there.

    Parameters
    ----------
    labels, predictions : Tensor, of any dtype
        ``[...]`` or ``[..., 1]``
    expected_rank_diff : int
        The rank of `predictions` less that of `labels`: 1 if labels are class indices.

    Returns
    -------
    labels, predictions : Tensor
        Where a rank is unknown, the run decides.
    """
    with name_scope(name, "remove_squeezable_dimensions", [labels, predictions]):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        p, t = predictions.dims, labels.dims
        if p is not None and t is not None:
            difference = len(p) - len(t)
            if difference == expected_rank_diff + 1 and p[-1] in (1, None):
                predictions = array.squeeze(predictions, [-1])
            elif difference == expected_rank_diff - 1 and t[-1] in (1, None):
                labels = array.squeeze(labels, [-1])
            return labels, predictions
        difference = math.subtract(array.rank(predictions), array.rank(labels))
        if p is None or (p and p[-1] in (1, None)):
            too_many = math.equal(expected_rank_diff + 1, difference)
            predictions = squeezed_if(too_many, predictions)
        if t is None or (t and t[-1] in (1, None)):
            labels = squeezed_if(math.equal(expected_rank_diff - 1, difference), labels)
        return labels, predictions


def squeezed_if(condition: Any, tensor: Any) -> Tensor:
    """`tensor`, without its last axis of length 1 where `condition` is found in the run."""
    return cond(condition, lambda: array.squeeze(tensor, [-1]), lambda: tensor)


def ranked_as(weights: Tensor, values: Tensor) -> Tensor:
    """`weights` with the rank of `values`, if it is one more or less; scalars stay.

    A last axis of length 1 is dropped or added, in the run where a rank is not known before.
    """
    if weights.dims is not None and not weights.dims:
        return weights
    if weights.dims is not None and values.dims is not None:
        difference = len(weights.dims) - len(values.dims)
        if difference == 1:
            return array.squeeze(weights, [-1])
        return array.expand_dims(weights, [-1]) if difference == -1 else weights
    rank = array.rank(weights)
    difference = math.subtract(rank, array.rank(values))

    def expanded() -> Tensor:
        is_less = math.equal(difference, -1)
        return cond(is_less, lambda: array.expand_dims(weights, [-1]), lambda: weights)

    def adjusted() -> Tensor:
        if weights.dims and weights.dims[-1] not in (1, None):
            return expanded()
        is_more = math.equal(difference, 1)
        return cond(is_more, lambda: array.squeeze(weights, [-1]), expanded)

    return cond(math.equal(rank, 0), lambda: weights, adjusted)
