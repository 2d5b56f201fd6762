"""Whether the right class is among the best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import shape_rules
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops import xp

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def _in_top_k_shape(op):
    predictions = shape_rules.with_rank(op.inputs[0].dims, 2)
    targets = shape_rules.with_rank(op.inputs[1].dims, 1)
    return [shape_rules.merge(predictions[:1], targets)]


@op("InTopKV2", "float32, T, T -> precision: bool", shape=_in_top_k_shape, T=INDEX)
def _in_top_k(predictions, targets, k):
    if targets.shape != predictions.shape[:1]:
        raise invalid(
            f"First dimension of predictions {predictions.shape[0]} must match length of targets "
            f"{targets.shape[0]}"
        )
    n_classes = predictions.shape[1]
    if n_classes == 0:
        return xp.zeros(targets.shape, bool)
    valid = (targets >= 0) & (targets < n_classes)
    place = xp.clip(targets, 0, n_classes - 1)
    wanted = xp.take_along_axis(predictions, place[:, None], axis=1)
    finite = xp.all(xp.isfinite(predictions), axis=1)
    larger = xp.sum(predictions > wanted, axis=1)
    return valid & finite & (larger < k)


def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether the class `targets[i]` is among the `k` largest of ``predictions[i]``.

    Parameters
    ----------
    predictions : Tensor, float32 [batch, classes]
    targets : Tensor, int32 or int64 [batch]
    k : int or Tensor

    Returns
    -------
    Tensor, bool [batch]
        Classes that tie with the target do not count against it. False where a prediction is not
        finite or the target no class.
    """
    with name_scope(name, "in_top_k"):
        return _in_top_k(predictions, targets, k)
