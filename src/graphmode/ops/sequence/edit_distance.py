"""`tf.edit_distance`: how many changes make one sequence of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.dtypes import ANY
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor, SparseTensorValue

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _shape(op):
    shapes = [constant_value(op.inputs[i]) for i in (2, 5)]
    if any(shape is None for shape in shapes):
        return [None]
    hypothesis, truth = (shape.tolist() for shape in shapes)
    _refuse_shapes(hypothesis, truth, ValueError)
    return [tuple(map(max, hypothesis[:-1], truth[:-1]))]


def _refuse_shapes(hypothesis: list[int], truth: list[int], error) -> None:
    for what, shape in (("Hypothesis ", hypothesis), ("", truth)):
        if len(shape) < 2:
            name = "hypothesis_shape" if what else "truth_shape"
            raise error(
                f"Input {what}SparseTensors must have rank at least 2, but {name} rank is: "
                f"{len(shape)}"
            )
    if len(hypothesis) != len(truth):
        raise error(
            "Num elements of hypothesis_shape does not match truth_shape: "
            f"{len(hypothesis)} vs. {len(truth)}"
        )


def _sequences(which: str, indices, values, shape) -> dict[tuple[Any, ...], list[Any]]:
    """The sequences along the last axis, by their place in the axes before it."""
    if len(indices) != len(values):
        raise invalid(
            f"Expected {which}_values.NumElements == #rows({which}_indices), their shapes are: "
            f"[{len(values)}] and [{','.join(map(str, indices.shape))}]"
        )
    found: dict[tuple[Any, ...], list[Any]] = {}
    for index, value in zip(indices.tolist(), values.tolist(), strict=True):
        if not all(0 <= i < n for i, n in zip(index[:-1], shape[:-1], strict=True)):
            raise invalid(
                f"{which}_indices has [{','.join(map(str, index))}], which is outside its shape "
                f"[{','.join(map(str, shape))}]"
            )
        found.setdefault(tuple(index[:-1]), []).append(value)
    return found


def _distance(a: list[Any], b: list[Any]) -> int:
    """Levenshtein's distance: insertions, deletions and substitutions count 1 each."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            changed = diagonal + (left != right)
            diagonal = row[j]
            row[j] = min(changed, row[j - 1] + 1, row[j] + 1)
    return row[-1]


@op(
    "EditDistance",
    "int64, T, int64, int64, T, int64 -> float32",
    name="edit_distance",
    shape=_shape,
    data_dependent=True,
    T=ANY,
)
def _edit_distance(
    hypothesis_indices,
    hypothesis_values,
    hypothesis_shape,
    truth_indices,
    truth_values,
    truth_shape,
    *,
    normalize: bool = True,
):
    shapes = hypothesis_shape.tolist(), truth_shape.tolist()
    _refuse_shapes(*shapes, invalid)
    given = _sequences("hypothesis", hypothesis_indices, hypothesis_values, shapes[0])
    truth = _sequences("truth", truth_indices, truth_values, shapes[1])
    result = np.zeros(tuple(map(max, shapes[0][:-1], shapes[1][:-1])), np.float32)
    for place in given.keys() | truth.keys():
        a, b = given.get(place, []), truth.get(place, [])
        distance = _distance(a, b)
        if normalize:
            result[place] = distance / len(b) if b else np.inf
        else:
            result[place] = distance
    return result


def edit_distance(
    hypothesis: Any, truth: Any, normalize: bool = True, name: str | None = "edit_distance"
) -> Tensor:
    """Levenshtein's distance between the sequences of two sparse tensors.

    Parameters
    ----------
    hypothesis, truth : SparseTensor [..., longest]
        Of one dtype, rank >= 2 and the same rank. Sequences lie along the last axis.
    normalize : bool
        Divide by the length of the true sequence: inf where only that one is empty, 0 where both
        are.

    Returns
    -------
    Tensor, float32, of the shape without the last axis

    Raises
    ------
    TypeError
        If an argument is no SparseTensor.
    ValueError, InvalidArgumentError
        If the ranks differ or are less than 2.
    """
    kinds = (SparseTensor, SparseTensorValue)
    if not isinstance(hypothesis, kinds):
        raise TypeError("Hypothesis must be a SparseTensor.")
    if not isinstance(truth, kinds):
        raise TypeError("Truth must be a SparseTensor.")
    return _edit_distance(
        hypothesis.indices,
        hypothesis.values,
        hypothesis.dense_shape,
        truth.indices,
        truth.values,
        truth.dense_shape,
        normalize=normalize,
        name=name,
    )
