"""`optimize_loss` and `create_train_op`: from a loss to a step of training, with what is usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from graphmode.contrib_layers import train_op
from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, get_collection, name_scope
from graphmode.framework.indexed_slices import IndexedSlices
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.grouping import with_dependencies
from graphmode.ops.math.clip import clip_by_global_norm, clip_by_norm
from graphmode.ops.math.norms import global_norm
from graphmode.ops.random.draws import truncated_normal
from graphmode.summary import values as summary
from graphmode.training import (
    adagrad,
    adam,
    ftrl,
    gradient_descent,
    momentum,
    rmsprop,
)
from graphmode.training import (
    global_step as steps,
)
from graphmode.training.moving_averages import assign_moving_average
from graphmode.training.optimizer import Optimizer
from graphmode.variables.collections import trainable_variables
from graphmode.variables.initializers import constant_initializer, zeros_initializer
from graphmode.variables.scope import get_variable, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _momentum(learning_rate: Any) -> Optimizer:
    return momentum.MomentumOptimizer(learning_rate, momentum=0.9)


OPTIMIZER_CLS_NAMES: dict[str, Callable[..., Optimizer]] = {
    "Adagrad": adagrad.AdagradOptimizer,
    "Adam": adam.AdamOptimizer,
    "Ftrl": ftrl.FtrlOptimizer,
    "Momentum": _momentum,
    "RMSProp": rmsprop.RMSPropOptimizer,
    "SGD": gradient_descent.GradientDescentOptimizer,
}

OPTIMIZER_SUMMARIES = [
    "learning_rate",
    "loss",
    "gradients",
    "gradient_norm",
    "global_gradient_norm",
]


def optimize_loss(
    loss: Any,
    global_step: Any,
    learning_rate: Any,
    optimizer: Any,
    gradient_noise_scale: float | None = None,
    gradient_multipliers: Any = None,
    clip_gradients: Any = None,
    learning_rate_decay_fn: Callable[..., Any] | None = None,
    update_ops: Any = None,
    variables: Sequence[Any] | None = None,
    name: str | None = None,
    summaries: Sequence[str] | None = None,
    colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> Tensor:
    """The loss, as a tensor whose computation takes one step of training.

    Parameters
    ----------
    loss : Tensor, floating scalar
    global_step : Variable or None
        Counts the steps; the graph's if None.
    learning_rate : float, Tensor or None
        A scalar. A float becomes the variable ``learning_rate``.
    optimizer : str, class, Optimizer or callable
        A key of `OPTIMIZER_CLS_NAMES`; a class or callable is given the learning rate.
    gradient_noise_scale : float, optional
        Add truncated normal noise of this size to gradients.
    gradient_multipliers : dict of Variable or str to float, optional
    clip_gradients : float or callable, optional
        The largest global norm, or a function of the list of (gradient, variable).
    learning_rate_decay_fn : callable, optional
        ``learning_rate_decay_fn(learning_rate, global_step)``.
    update_ops : list, optional
        What runs before; the collection `GraphKeys.UPDATE_OPS` if not given.
    variables : list of Variable, optional
        The trainable ones if not given.
    summaries : list of str, optional
        Of `OPTIMIZER_SUMMARIES`; "learning_rate", "loss" and "global_gradient_norm" by default.
    colocate_gradients_with_ops : bool
        Place the ops of a gradient where its op is.
    increment_global_step : bool
        Count the step.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `loss`.

    Raises
    ------
    ValueError
        If an argument is none of these.
    """
    loss = convert_to_tensor(loss)
    if loss.get_shape().ndims not in (None, 0):
        raise ValueError(f"Shape {loss.get_shape()} must have rank 0")
    with variable_scope(name, "OptimizeLoss", [loss, global_step]):
        if global_step is None:
            global_step = steps.get_global_step()
        else:
            steps.assert_global_step(global_step)
        if update_ops is None:
            update_ops = list(dict.fromkeys(get_collection(GraphKeys.UPDATE_OPS)))
        if update_ops:
            loss = with_dependencies(list(update_ops), loss)
        summaries = _checked_summaries(summaries)
        rate = _learning_rate(learning_rate)
        if rate is not None and learning_rate_decay_fn is not None:
            if global_step is None:
                raise ValueError("global_step is required for learning_rate_decay_fn.")
            rate = learning_rate_decay_fn(rate, global_step)
            if "learning_rate" in summaries:
                summary.scalar("learning_rate", rate)
        opt = _optimizer(optimizer, rate)
        if variables is None:
            variables = trainable_variables()
        gradients = opt.compute_gradients(
            loss, variables, colocate_gradients_with_ops=colocate_gradients_with_ops
        )
        if gradient_noise_scale is not None:
            gradients = add_scaled_noise_to_gradients(gradients, gradient_noise_scale)
        if gradient_multipliers is not None:
            gradients = _multiplied(gradients, gradient_multipliers)
        wants_norm = "global_gradient_norm" in summaries or "gradient_norm" in summaries
        if wants_norm:
            norm = global_norm([gradient for gradient, _ in gradients])
            summary.scalar("global_norm/gradient_norm", norm)
        gradients = _clipped(gradients, clip_gradients)
        if "loss" in summaries:
            summary.scalar("loss", loss)
        _summarize_gradients(gradients, summaries)
        if clip_gradients is not None and wants_norm:
            norm = global_norm([gradient for gradient, _ in gradients])
            summary.scalar("global_norm/clipped_gradient_norm", norm)
        update = opt.apply_gradients(
            gradients, global_step=global_step if increment_global_step else None, name="train"
        )
        return with_dependencies([update], loss)


def _checked_summaries(summaries: Sequence[str] | None) -> Sequence[str]:
    if summaries is None:
        return ["loss", "learning_rate", "global_gradient_norm"]
    for one in summaries:
        if one not in OPTIMIZER_SUMMARIES:
            raise ValueError(
                f"Summaries should be one of [{', '.join(OPTIMIZER_SUMMARIES)}], you provided "
                f"{one}."
            )
    return summaries


def _learning_rate(learning_rate: Any) -> Any:
    if learning_rate is None:
        return None
    if isinstance(learning_rate, Tensor) and learning_rate.get_shape().ndims == 0:
        return learning_rate
    if isinstance(learning_rate, float):
        if learning_rate < 0.0:
            raise ValueError(f"Invalid learning_rate {learning_rate}.")
        start = constant_initializer(cast("Any", learning_rate))
        return get_variable("learning_rate", [], trainable=False, initializer=start)
    raise ValueError(
        f"Learning rate should be 0d Tensor or float. Got {learning_rate} of type "
        f"{type(learning_rate)}"
    )


def _optimizer(optimizer: Any, rate: Any) -> Optimizer:
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZER_CLS_NAMES:
            raise ValueError(
                f"Optimizer name should be one of [{', '.join(OPTIMIZER_CLS_NAMES)}], you provided "
                f"{optimizer}."
            )
        if rate is None:
            raise ValueError(
                "Learning rate is None, but should be specified if optimizer is string."
            )
        return OPTIMIZER_CLS_NAMES[optimizer](learning_rate=rate)
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        if rate is None:
            raise ValueError(
                "Learning rate is None, but should be specified if optimizer is class."
            )
        return optimizer(learning_rate=rate)  # type: ignore[call-arg]
    if isinstance(optimizer, Optimizer):
        return optimizer
    if callable(optimizer):  # pyright: ignore[reportUnknownArgumentType]
        made = optimizer() if rate is None else optimizer(rate)
        if isinstance(made, Optimizer):
            return made
    raise ValueError(
        "Unrecognized optimizer: should be string, subclass of Optimizer, instance of subclass of "
        f"Optimizer or function with one argument. Got {optimizer}."
    )


# ---- gradients -----------------------------------------------------------------------------------


def _with_values(gradient: Any, change: Any) -> Any:
    """`gradient` with its values changed, sparse or not."""
    if isinstance(gradient, IndexedSlices):
        return IndexedSlices(change(gradient.values), gradient.indices, gradient.dense_shape)
    return change(gradient)


def _times(factor: Any) -> Callable[[Any], Any]:
    return lambda values: values * factor


def _clipped(gradients: list[Any], clip: Any) -> Any:
    if clip is None:
        return gradients
    if callable(clip):
        return clip(gradients)
    if isinstance(clip, float | int):
        found, variables = zip(*gradients, strict=True)
        return list(zip(clip_by_global_norm(found, clip)[0], variables, strict=True))
    raise ValueError(f"Unknown type {type(clip)} for clip_gradients")


def multiply_gradients(
    grads_and_vars: list[Any], gradient_multipliers: dict[str, Any]
) -> list[Any]:
    """Gradients times the numbers that `gradient_multipliers` has for a variable or its name.

    Parameters
    ----------
    grads_and_vars : list of (gradient, variable)
    gradient_multipliers : dict of Variable or str to float

    Returns
    -------
    list of (gradient, variable)

    Raises
    ------
    ValueError
        If there is a number for a variable without a gradient, or the arguments are no list and
        dict with something in it.
    """
    if type(grads_and_vars) is not list:
        raise ValueError("`grads_and_vars` must be a list.")
    if not gradient_multipliers:
        raise ValueError("`gradient_multipliers` is empty.")
    if not isinstance(gradient_multipliers, nest.DICT):
        raise ValueError("`gradient_multipliers` must be a dict.")
    result: list[Any] = []
    for gradient, variable in grads_and_vars:
        key = variable if variable in gradient_multipliers else variable.op.name
        if key in gradient_multipliers:
            if gradient is None:
                raise ValueError("Requested multiple of `None` gradient.")
            factor = math.cast(gradient_multipliers[key], gradient.dtype.base_dtype)
            gradient = _with_values(gradient, _times(factor))
        result.append((gradient, variable))
    return result


def _multiplied(gradients: list[Any], multipliers: Any) -> list[Any]:
    """`multiply_gradients` of those that there are: a variable without one is passed over."""
    found = [pair for pair in gradients if pair[0] is not None]
    changed = dict(zip(map(id, found), multiply_gradients(found, multipliers), strict=True))
    return [changed.get(id(pair), pair) for pair in gradients]


def adaptive_clipping_fn(
    std_factor: float = 2.0,
    decay: float = 0.95,
    static_max_norm: float | None = None,
    global_step: Any = None,
    report_summary: bool = False,
    epsilon: float = 1e-8,
    name: str | None = None,
) -> Any:
    r"""A function that clips gradients whose norm is far above those before.

    .. math:: \mu, \nu \leftarrow \text{moving averages of } \log\lVert g\rVert,\
              \log^2\lVert g\rVert, \qquad
              g \leftarrow g\, e^{\mu} / \lVert g\rVert \text{ where }
              \lVert g\rVert \ge e^{\mu + c\sqrt{\nu - \mu^2}}

    Parameters
    ----------
    std_factor : float
        :math:`c`.
    decay : float
        Of the averages.
    static_max_norm : float, optional
        No norm is above it.
    global_step : Variable or Tensor, integer scalar, optional
        Lets the averages move faster in the first steps.
    report_summary : bool
        Write a summary of the limit.
    epsilon : float
        The least variance; added to the norm, too.
    name : str, optional
        The scope of the averages, "AdaptiveMaxNorm" if not given.

    Returns
    -------
    callable
        Takes and gives a list of (gradient, variable): `clip_gradients` of `optimize_loss`.

    Notes
    -----
    Chorowski et al., "End-to-end continuous speech recognition using attention-based recurrent
    NN", 2014, section 3.2.1.
    """

    def average(key: str, value: Tensor, rate: Any) -> Tensor:
        variable = get_variable(key, value.shape, value.dtype, zeros_initializer(), trainable=False)
        return assign_moving_average(variable, value, rate, zero_debias=False)

    def limit(norm: Tensor) -> tuple[Tensor, Tensor]:
        with variable_scope(name, "AdaptiveMaxNorm", [norm]):
            log_norm = math.log(norm + epsilon)
            rate = decay
            if global_step is not None:
                n = math.cast(global_step, dtypes.float32)
                rate = math.minimum(decay, n / (n + 1.0))
            mean = average("mean", log_norm, rate)
            variance = average("sq_mean", math.square(log_norm), rate) - math.square(mean)
            deviation = math.sqrt(math.maximum(epsilon, variance))
            return math.exp(mean + std_factor * deviation), mean

    def clip(grads_and_vars: list[Any]) -> list[Any]:
        norm = global_norm([gradient for gradient, _ in grads_and_vars])
        largest, mean = limit(norm)
        if report_summary:
            summary.scalar("global_norm/adaptive_max_gradient_norm", largest)
        factor = array.where(math.less(norm, largest), array.ones_like(norm), math.exp(mean) / norm)
        if static_max_norm is not None:
            factor = math.minimum(static_max_norm / norm, factor)
        return [
            (
                None if gradient is None else _with_values(gradient, _times(factor)),
                variable,
            )
            for gradient, variable in grads_and_vars
        ]

    return clip


def add_scaled_noise_to_gradients(
    grads_and_vars: list[Any], gradient_noise_scale: float
) -> list[Any]:
    """Gradients plus truncated normal noise times `gradient_noise_scale`."""

    def noisy(values: Any):
        return values + truncated_normal(array.shape(values)) * gradient_noise_scale

    return [
        (None if gradient is None else _with_values(gradient, noisy), variable)
        for gradient, variable in grads_and_vars
    ]


def clip_gradient_norms(gradients_to_variables: list[Any], max_norm: float) -> list[Any]:
    """Each gradient by itself, scaled so that its norm is at most `max_norm`.

    Parameters
    ----------
    gradients_to_variables : list of (gradient, variable)
        Floating; a gradient may be None.
    max_norm : float

    Returns
    -------
    list of (gradient, variable)
    """

    def clip(values: Any) -> Tensor:
        return clip_by_norm(values, max_norm)

    return [
        (None if gradient is None else _with_values(gradient, clip), variable)
        for gradient, variable in gradients_to_variables
    ]


def _summarize_gradients(gradients: list[Any], summaries: Sequence[str]) -> None:
    for gradient, variable in gradients:
        values = gradient.values if isinstance(gradient, IndexedSlices) else gradient
        if values is None:
            continue
        name = variable.name.replace(":", "_")
        if "gradients" in summaries:
            summary.histogram(f"gradients/{name}", values)
        if "gradient_norm" in summaries:
            summary.scalar(f"gradient_norm/{name}", global_norm([values]))


# ---- slim ----------------------------------------------------------------------------------------


def create_train_op(
    total_loss: Any,
    optimizer: Any,
    global_step: Any = train_op.THE_GRAPHS,
    update_ops: Any = None,
    variables_to_train: Sequence[Any] | None = None,
    clip_gradient_norm: float = 0,
    summarize_gradients: bool = False,
    gate_gradients: Any = Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    gradient_multipliers: Any = None,
    check_numerics: bool = True,
) -> Tensor:
    """The loss, as a tensor whose computation takes one step of training.

    Parameters
    ----------
    total_loss : Tensor, floating scalar
    optimizer : Optimizer
    global_step : Variable or None
        The graph's (made if there is none) if not given; None counts nothing.
    update_ops : list, optional
        What runs before; the collection `GraphKeys.UPDATE_OPS` if not given.
    variables_to_train : list of Variable, optional
        The trainable ones if not given.
    clip_gradient_norm : float
        The largest norm of one gradient; 0 for any.
    summarize_gradients : bool
    gate_gradients, aggregation_method, colocate_gradients_with_ops : optional
        As for `Optimizer.compute_gradients`.
    gradient_multipliers : dict of Variable or str to float, optional
    check_numerics : bool
        Refuse a loss that is NaN or infinite.

    Returns
    -------
    Tensor, scalar
        Of the dtype of `total_loss`.
    """

    def transform(gradients: list[Any]) -> list[Any]:
        if gradient_multipliers:
            with name_scope("multiply_grads"):
                gradients = multiply_gradients(gradients, gradient_multipliers)
        if clip_gradient_norm > 0:
            with name_scope("clip_grads"):
                gradients = clip_gradient_norms(gradients, clip_gradient_norm)
        return gradients

    return train_op.create_train_op(
        total_loss,
        optimizer,
        global_step,
        update_ops,
        variables_to_train,
        transform,
        summarize_gradients,
        gate_gradients,
        aggregation_method,
        colocate_gradients_with_ops,
        check_numerics,
    )
