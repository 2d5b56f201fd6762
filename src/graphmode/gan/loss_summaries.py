"""What losses of what a discriminator says have in common (`tf.contrib.gan.losses.wargs`).

Each adds itself to `loss_collection`, is reduced as `tf.losses.compute_weighted_loss` does, and
with `add_summaries` shows itself and its parts in TensorBoard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.losses.collected import add_loss
from graphmode.losses.weighted import Reduction
from graphmode.summary import values as summary

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

MEAN = Reduction.SUM_BY_NONZERO_WEIGHTS


def collect(
    kind: str, loss: Tensor, on_real: Tensor, on_generated: Tensor, collection: Any, shown: bool
) -> None:
    """Add a discriminator's loss to a collection, and show it and its two parts if wanted."""
    add_loss(loss, collection)
    parts = {"gen_": on_generated, "real_": on_real, "": loss}
    summarize(shown, **{f"discriminator_{part}{kind}_loss": parts[part] for part in parts})


def summarize(wanted: bool, **losses: Any) -> None:
    """Show losses by their names, if wanted."""
    for name, loss in losses.items() if wanted else ():
        summary.scalar(name, loss)
