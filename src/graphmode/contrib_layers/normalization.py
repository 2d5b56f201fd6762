"""Normalization layers of `tf.contrib.layers`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.contrib_layers.arg_scope import add_arg_scope
from graphmode.contrib_layers.outputs import collect_named_outputs
from graphmode.contrib_layers.variables import (
    collect_variable,
    collections_of,
    model_variable,
    renaming_getter,
)
from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, add_to_collections, control_dependencies
from graphmode.layers.condition import smart_cond, static_value
from graphmode.layers.normalization import BatchNormalization, moved
from graphmode.ops import array, math
from graphmode.ops.control.cond import cond
from graphmode.ops.nn.batch_normalization import batch_normalization as normalize
from graphmode.ops.nn.statistics import moments
from graphmode.training.moving_averages import assign_moving_average
from graphmode.variables.initializers import ones_initializer, zeros_initializer
from graphmode.variables.scope import get_variable_scope, variable_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor

_INITIALIZERS = {
    "beta": zeros_initializer,
    "gamma": ones_initializer,
    "moving_mean": zeros_initializer,
    "moving_variance": ones_initializer,
}


@add_arg_scope
def batch_norm(
    inputs: Any,
    decay: float = 0.999,
    center: bool = True,
    scale: bool = False,
    epsilon: float = 0.001,
    activation_fn: Callable[..., Any] | None = None,
    param_initializers: Any = None,
    param_regularizers: Any = None,
    updates_collections: Any = GraphKeys.UPDATE_OPS,
    is_training: Any = True,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    batch_weights: Any = None,
    fused: bool | None = None,
    data_format: str = "NHWC",
    zero_debias_moving_mean: bool = False,
    scope: Any = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_decay: Any = 0.99,
    adjustment: Any = None,
) -> Tensor:
    """Batch normalization: by the batch in training, else by moving averages.

    Parameters
    ----------
    inputs : Tensor, floating, of known rank and channels
    decay : float
        Of the moving averages. 0.999 is slow to start: 0.9 suits short training.
    center, scale : bool
        Whether there are ``beta`` and ``gamma``.
    epsilon : float
        Added to the variance.
    activation_fn : callable, optional
    param_initializers, param_regularizers : dict, optional
        Of "beta", "gamma", "moving_mean", "moving_variance".
    updates_collections : str or list, or None
        The collections of the operations that move the averages, to be run with each step of
        training. None moves them whenever the output is computed in training.
    is_training : bool or bool Tensor
    reuse : bool, optional
        Take the variables of `scope` that exist.
    variables_collections, outputs_collections : optional
        Collections for the variables (a list, or a dict of lists by name) and for the result.
    trainable : bool
    batch_weights : optional
        Refused by name where given.
    fused : bool, optional
        Of rank 2 and 4, unless False, the moving variance is of the unbiased variance.
    data_format : {"NHWC", "NCHW"}
    zero_debias_moving_mean : bool
        Free the moving mean of its start at 0.
    scope : str or VariableScope, optional
        "BatchNorm", made unique, if not given.
    renorm, renorm_clipping, renorm_decay, adjustment : optional
        As for `tf.layers.batch_normalization`.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.

    Raises
    ------
    ValueError
        If rank or channels are unknown, or `data_format` is another.
    NotImplementedError
        For what is refused.

    Notes
    -----
    Ioffe and Szegedy, ICML 2015.
    """
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    if batch_weights is not None:
        raise NotImplementedError(
            "batch_norm with batch_weights is not supported: normalize by tf.nn.weighted_moments"
        )
    inputs = convert_to_tensor(inputs)
    rank = None if inputs.dims is None else len(inputs.dims)
    is_plain = not renorm and adjustment is None
    is_fused = fused is not False and rank in (2, 4) and is_plain
    direct = zero_debias_moving_mean or updates_collections != GraphKeys.UPDATE_OPS
    with variable_scope(
        scope, "BatchNorm", [inputs], reuse=reuse, custom_getter=renaming_getter()
    ) as opened:
        if direct or (is_fused and rank == 2):
            outputs = _Direct(
                inputs,
                data_format,
                is_fused,
                param_initializers or {},
                param_regularizers or {},
                variables_collections,
                trainable,
            ).normalized(
                center, scale, epsilon, decay, is_training, updates_collections,
                zero_debias_moving_mean,
            )  # fmt: skip
        else:
            layer = BatchNormalization(
                axis=1 if data_format == "NCHW" else -1,
                momentum=decay,
                epsilon=epsilon,
                center=center,
                scale=scale,
                **_layer_parameters(param_initializers or {}, param_regularizers or {}),
                trainable=trainable,
                name=opened.name,
                fused=fused,
                renorm=renorm,
                renorm_clipping=renorm_clipping,
                renorm_momentum=renorm_decay,
                adjustment=adjustment,
                _scope=opened,
                _reuse=reuse,
            )
            outputs = layer(inputs, training=is_training)
            for name in _INITIALIZERS:
                made = getattr(layer, name)
                if made is not None:
                    collect_variable(made, variables_collections, name)
        outputs = outputs if activation_fn is None else activation_fn(outputs)
        return collect_named_outputs(outputs_collections, opened.name, outputs)


def _layer_parameters(initializers: dict[str, Any], regularizers: dict[str, Any]) -> dict[str, Any]:
    given = {
        f"{name}_initializer": initializers.get(name, default())
        for name, default in _INITIALIZERS.items()
    }
    given["beta_regularizer"] = regularizers.get("beta")
    given["gamma_regularizer"] = regularizers.get("gamma")
    return given


class _Direct:
    """Batch normalization with updates that are not the layer class's."""

    def __init__(
        self,
        inputs: Any,
        data_format: Any,
        is_fused: Any,
        initializers: Any,
        regularizers: Any,
        variables_collections: Any,
        trainable: Any,
    ) -> None:
        dims = inputs.dims
        if dims is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        self.is_fused, self.trainable = is_fused, trainable
        self.axis = 1 if data_format == "NCHW" else len(dims) - 1
        self.channels = dims[self.axis]
        if self.channels is None:
            raise ValueError(
                f"Inputs {inputs.name} has undefined channels dimension {inputs.shape}."
            )
        self.given = inputs
        if is_fused and len(dims) == 2:  # as TensorFlow: rows are images of one pixel
            self.axis = 1 if data_format == "NCHW" else 3
            shape = [-1, 1, 1, 1]
            shape[self.axis] = self.channels
            inputs = array.reshape(inputs, shape)
        self.inputs = inputs
        is_half = inputs.dtype.base_dtype in (dtypes.float16, dtypes.bfloat16)
        self.dtype = dtypes.float32 if is_half else inputs.dtype.base_dtype
        self.initializers, self.regularizers = initializers, regularizers
        self.variables_collections = variables_collections

    def _parameter(self, name: str, trainable: bool):
        return model_variable(
            name,
            shape=[self.channels],
            dtype=self.dtype,
            initializer=self.initializers.get(name, _INITIALIZERS[name]()),
            regularizer=self.regularizers.get(name) if trainable else None,
            collections=collections_of(self.variables_collections, name),
            trainable=trainable and self.trainable,
        )

    def normalized(
        self,
        center: Any,
        scale: Any,
        epsilon: Any,
        decay: Any,
        is_training: Any,
        updates_collections: Any,
        zero_debias: Any,
    ):
        beta = self._parameter("beta", True) if center else None
        gamma = self._parameter("gamma", True) if scale else None
        with variable_scope(get_variable_scope()) as whole:
            whole.set_partitioner(None)  # the averages are written as wholes
            averages = [self._parameter(n, False) for n in ("moving_mean", "moving_variance")]
        known = static_value(is_training)
        graph = self.inputs.graph
        n_ids = graph._last_id
        x = math.cast(self.inputs, self.dtype)
        axes = [i for i in range(len(x.dims)) if i != self.axis]
        statistics = averages
        if known is not False:
            of_batch = moments(x, axes)
            statistics = smart_cond(
                is_training, lambda: of_batch, lambda: [average.value() for average in averages]
            )
            mean, variance = statistics
            new_variance = self._unbiased(variance, axes) if self.is_fused else variance
            training = None if known else is_training
            updates = [
                self._moved_mean(averages[0], mean, decay, training, zero_debias),
                moved(averages[1], new_variance, decay, training),
            ]
            if updates_collections is not None:
                for update in updates:
                    add_to_collections(updates_collections, update)
            else:
                with control_dependencies(updates):
                    x = array.identity(x)
        mean, variance, beta, gamma = (self._broadcast(p) for p in (*statistics, beta, gamma))
        outputs = math.cast(
            normalize(x, mean, variance, beta, gamma, epsilon), self.inputs.dtype.base_dtype
        )
        if self.inputs is not self.given:
            outputs = array.reshape(outputs, array.shape(self.given))
        outputs.set_shape(self.given.dims)
        if self.is_fused and known is not None and not zero_debias:
            # TensorFlow has one op, constants for what is not there, and the shape given back.
            n_ids += 1 + (not center) + (not scale) + 2 * (self.inputs is not self.given)
            if known:
                n_ids += 10 + (updates_collections is None)
            graph.pass_ids(n_ids - graph._last_id)
        return outputs

    @staticmethod
    def _moved_mean(variable: Any, value: Any, decay: Any, training: Any, zero_debias: Any):
        if not zero_debias:
            return moved(variable, value, decay, training)
        if training is not None:
            return cond(
                training,
                lambda: assign_moving_average(variable, value, decay, zero_debias=True),
                lambda: variable.value(),
            )
        return assign_moving_average(variable, value, decay, zero_debias=True)

    def _unbiased(self, variance: Any, axes: list[int]):
        n = math.cast(math.reduce_prod(array.gather(array.shape(self.inputs), axes)), self.dtype)
        return variance * (n / math.maximum(n - 1, 1))

    def _broadcast(self, parameter: Any):
        rank = len(self.inputs.dims)
        if parameter is None or self.axis == rank - 1:
            return parameter
        return array.reshape(parameter, [1, self.channels, *[1] * (rank - 2)])


@add_arg_scope
def layer_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    activation_fn: Callable[..., Any] | None = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    begin_norm_axis: int = 1,
    begin_params_axis: int = -1,
    scope: Any = None,
) -> Tensor:
    """Normalize each example by its own mean and variance.

    Parameters
    ----------
    inputs : Tensor, floating, of known rank
    center, scale : bool
        Whether there are ``beta`` and ``gamma``.
    activation_fn : callable, optional
    reuse : bool, optional
        Take the variables of `scope` that exist.
    variables_collections, outputs_collections : optional
        Collections for the variables (a list, or a dict of lists by name) and for the result.
    trainable : bool
    begin_norm_axis : int
        Statistics are over this axis and all after it.
    begin_params_axis : int
        ``beta`` and ``gamma`` have the lengths of this axis and all after it.
    scope : str or VariableScope, optional
        "LayerNorm", made unique, if not given.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.

    Raises
    ------
    ValueError
        If the rank, or a length that variables have, is unknown.

    Notes
    -----
    Ba, Kiros and Hinton, "Layer normalization", 2016.
    """
    with variable_scope(scope, "LayerNorm", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        dims = inputs.dims
        if dims is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        rank, dtype = len(dims), inputs.dtype.base_dtype
        first = begin_norm_axis + rank if begin_norm_axis < 0 else begin_norm_axis
        if begin_params_axis >= rank or first >= rank:
            raise ValueError(
                f"begin_params_axis ({begin_params_axis}) and begin_norm_axis ({first}) must be < "
                f"rank(inputs) ({rank})"
            )
        shape = dims[begin_params_axis:]
        if None in shape:
            raise ValueError(
                f"Inputs {inputs.name}: shape(inputs)[{begin_params_axis}:] is not fully defined: "
                f"{inputs.shape}"
            )
        beta = gamma = None
        if center:
            beta = _variable(
                "beta", shape, dtype, zeros_initializer(), variables_collections, trainable
            )
        if scale:
            gamma = _variable(
                "gamma", shape, dtype, ones_initializer(), variables_collections, trainable
            )
        mean, variance = moments(inputs, list(range(first, rank)), keepdims=True)
        # Half precision cannot hold 1e-12.
        epsilon = 1e-12 if dtype is not dtypes.float16 else 1e-3
        outputs = normalize(inputs, mean, variance, beta, gamma, epsilon)
        outputs.set_shape(dims)
        outputs = outputs if activation_fn is None else activation_fn(outputs)
        return collect_named_outputs(outputs_collections, opened.name, outputs)


def _variable(
    name: Any, shape: Any, dtype: Any, initializer: Any, variables_collections: Any, trainable: Any
):
    return model_variable(
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        collections=collections_of(variables_collections, name),
        trainable=trainable,
    )


@add_arg_scope
def instance_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-06,
    activation_fn: Callable[..., Any] | None = None,
    param_initializers: Any = None,
    reuse: bool | None = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Tensor:
    """Normalize each channel of each example by its own mean and variance.

    Parameters
    ----------
    inputs : Tensor, floating, of known rank and channels
    center, scale : bool
        Whether there are ``beta`` and ``gamma``.
    epsilon : float
        Added to the variance.
    activation_fn : callable, optional
    param_initializers : dict, optional
        Of "beta" and "gamma".
    reuse : bool, optional
        Take the variables of `scope` that exist.
    variables_collections, outputs_collections : optional
        Collections for the variables (a list, or a dict of lists by name) and for the result.
    trainable : bool
    data_format : {"NHWC", "NCHW"}
    scope : str or VariableScope, optional
        "InstanceNorm", made unique, if not given.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.

    Raises
    ------
    ValueError
        If rank or channels are unknown, or `data_format` is no "NHWC" or "NCHW".

    Notes
    -----
    Ulyanov et al., "Instance normalization", 2016.
    """
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    with variable_scope(scope, "InstanceNorm", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        dims = inputs.dims
        if dims is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        axis = 1 if data_format == "NCHW" else len(dims) - 1
        if dims[axis] is None:
            raise ValueError(
                f"Inputs {inputs.name} has undefined channels dimension {inputs.shape}."
            )
        initializers: dict[str, Any] = param_initializers or {}
        shape = [dims[axis] if i == axis else 1 for i in range(len(dims))]
        parameters: list[Any] = []
        for name, wanted in (("beta", center), ("gamma", scale)):
            made = None
            if wanted:
                made = _variable(
                    name,
                    [dims[axis]],
                    inputs.dtype.base_dtype,
                    initializers.get(name, _INITIALIZERS[name]()),
                    variables_collections,
                    trainable,
                )
                made = array.reshape(made, shape)
            parameters.append(made)
        axes = [i for i in range(1, len(dims)) if i != axis]
        mean, variance = moments(inputs, axes, keepdims=True)
        beta, gamma = parameters
        outputs = normalize(inputs, mean, variance, beta, gamma, epsilon, name="instancenorm")
        outputs.set_shape(dims)
        outputs = outputs if activation_fn is None else activation_fn(outputs)
        return collect_named_outputs(outputs_collections, opened.name, outputs)
