"""An adversarial loss beside another one: by a factor, or so that gradients have a ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.autodiff.gradients import gradients
from graphmode.contrib_layers.variables import get_trainable_variables
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.inference import constant_value
from graphmode.ops import math
from graphmode.ops.array.identities import stop_gradient
from graphmode.ops.math.norms import global_norm
from graphmode.summary import values as summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def combine_adversarial_loss(
    main_loss: Any,
    adversarial_loss: Any,
    weight_factor: Any = None,
    gradient_ratio: Any = None,
    gradient_ratio_epsilon: float = 1e-6,
    variables: Sequence[Any] | None = None,
    scalar_summaries: bool = True,
    gradient_summaries: bool = True,
    scope: str | None = None,
) -> Tensor:
    r"""Add an adversarial loss to another one.

    .. math:: \ell + \lambda \ell_a, \qquad
              \lambda = \frac{\lVert\nabla \ell\rVert}{r (\lVert\nabla \ell_a\rVert + \epsilon)}

    Parameters
    ----------
    main_loss, adversarial_loss : Tensor, scalars
    weight_factor : float or Tensor, optional
        The factor itself, or
    gradient_ratio : float or Tensor, optional
        how much larger the gradient of the main loss is to be. No gradient flows through either.
    gradient_ratio_epsilon : float
    variables : list of Variable, optional
        By which to differentiate; all that are trainable if not given.
    scalar_summaries, gradient_summaries : bool
    scope : str, optional

    Returns
    -------
    Tensor, scalar

    Raises
    ------
    ValueError
        If both or none of `weight_factor` and `gradient_ratio` are given.
    """
    for loss in (main_loss, adversarial_loss):
        loss.shape.assert_is_compatible_with([])
    if weight_factor is None and gradient_ratio is None:
        raise ValueError("`weight_factor` and `gradient_ratio` cannot both be `None.`")
    if weight_factor is not None and gradient_ratio is not None:
        raise ValueError("`weight_factor` and `gradient_ratio` cannot both be specified.")
    if variables is None:
        variables = get_trainable_variables()
    with name_scope(scope, "adversarial_loss", [main_loss, adversarial_loss]):
        main_size: Any = 0.0
        adversarial_size: Any = 0.0
        if gradient_summaries or gradient_ratio is not None:
            main_size = _norm(gradients(main_loss, variables))
            adversarial_size = _norm(gradients(adversarial_loss, variables))
        if scalar_summaries:
            summary.scalar("main_loss", main_loss)
            summary.scalar("adversarial_loss", adversarial_loss)
        if gradient_summaries:
            summary.scalar("main_loss_gradients", main_size)
            summary.scalar("adversarial_loss_gradients", adversarial_size)
        given = weight_factor if weight_factor is not None else gradient_ratio
        if constant_value(convert_to_tensor(given)) == 0:
            return main_loss
        if weight_factor is not None:
            return main_loss + stop_gradient(weight_factor) * adversarial_loss
        ratio = main_size / (adversarial_size + gradient_ratio_epsilon)
        coefficient: Any = ratio / gradient_ratio
        summary.scalar("adversarial_coefficient", coefficient)
        return main_loss + stop_gradient(coefficient) * adversarial_loss


def _norm(tensors: Sequence[Any]) -> Any:
    """The norm of them all, without squares that overflow."""
    known = [tensor for tensor in tensors if tensor is not None]
    if not known:
        return 0.0
    largest = math.reduce_max([math.reduce_max(math.abs(tensor)) for tensor in known])
    return largest * global_norm([tensor / largest for tensor in known])
