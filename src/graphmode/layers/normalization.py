"""Batch normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes, nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import control_dependencies, get_default_graph, name_scope
from graphmode.framework.shapes import TensorShape
from graphmode.layers.base import Layer
from graphmode.layers.condition import smart_cond, static_value
from graphmode.layers.identifiers import initializer_of
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array, math
from graphmode.ops.nn.activation import relu
from graphmode.ops.nn.batch_normalization import batch_normalization as normalize
from graphmode.ops.nn.batch_normalization import fused_batch_norm
from graphmode.ops.nn.statistics import moments
from graphmode.ops.state import variable_ops
from graphmode.variables.initializers import ones_initializer, zeros_initializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Tensor

_HALVES = (dtypes.float16, dtypes.bfloat16)
_CLIPPING = ("rmax", "rmin", "dmax")


class BatchNormalization(Layer):
    r"""Normalize by the batch's mean and variance in training, else by their moving averages.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{v + \epsilon}} + \beta, \qquad
              \bar\mu \leftarrow m\,\bar\mu + (1 - m)\,\mu

    The moving averages move by the operations in ``tf.GraphKeys.UPDATE_OPS``, which a program runs
    with each step of training::

        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            train_op = optimizer.minimize(loss)

    Parameters
    ----------
    axis : int or list of int
        The axis of channels, which are normalized one by one.
    momentum : float
        :math:`m`.
    epsilon : float
        :math:`\epsilon`.
    center, scale : bool
        Whether there are :math:`\beta` (``beta``) and :math:`\gamma` (``gamma``).
    beta_initializer, gamma_initializer : callable or str
        Zeros and ones by default.
    moving_mean_initializer, moving_variance_initializer : callable or str
        Zeros and ones by default.
    beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint : callable, optional
    renorm : bool
        Correct the batch's statistics towards averages of them (batch renormalization).
    renorm_clipping : dict, optional
        "rmin", "rmax", "dmax": bounds of the corrections.
    renorm_momentum : float
        Of those averages.
    fused : bool, optional
        Use one op (`tf.nn.fused_batch_norm`); where it can be by default. Its moving variance is
        of the unbiased variance, by :math:`n - 1`.
    trainable : bool
        If not, nothing is trained and there are no updates.
    virtual_batch_size : int, optional
        Normalize groups of so many examples each on its own; it divides the size of a batch.
    adjustment : callable, optional
        ``adjustment(shape)`` gives a scale and an offset, applied in training before the others.
    name : str, optional
    **kwargs
        As for `Layer`.

    Raises
    ------
    TypeError, ValueError
        If `axis` is none of the input's axes, or its length is unknown.

    Notes
    -----
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", ICML 2015.
    """

    def __init__(
        self,
        axis: Any = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = zeros_initializer(),  # noqa: B008 - TensorFlow's default; has no state
        gamma_initializer: Any = ones_initializer(),  # noqa: B008
        moving_mean_initializer: Any = zeros_initializer(),  # noqa: B008
        moving_variance_initializer: Any = ones_initializer(),  # noqa: B008
        beta_regularizer: Callable[..., Any] | None = None,
        gamma_regularizer: Callable[..., Any] | None = None,
        beta_constraint: Callable[..., Any] | None = None,
        gamma_constraint: Callable[..., Any] | None = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        fused: bool | None = None,
        trainable: bool = True,
        virtual_batch_size: int | None = None,
        adjustment: Callable[..., Any] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, trainable=trainable, **kwargs)
        self.renorm = renorm
        self.renorm_clipping: dict[str, Any] = renorm_clipping or {}
        self.renorm_momentum = renorm_momentum
        self.virtual_batch_size = virtual_batch_size
        self.adjustment = adjustment
        others = set(self.renorm_clipping) - {*_CLIPPING}
        if renorm and others:
            raise ValueError(
                f"renorm_clipping {renorm_clipping} contains keys not in {list(_CLIPPING)}"
            )
        if not isinstance(axis, (int, *nest.LISTS)):
            raise TypeError(f"axis must be int or list, type given: {type(axis)}")
        self.axis: list[int] = [axis] if isinstance(axis, int) else list(axis)
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.fused = True if fused is None else fused

    # ---- variables --------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make ``gamma``, ``beta`` and the moving averages, of the lengths of `axis`.

        Parameters
        ----------
        input_shape : TensorShape or sequence of int

        Raises
        ------
        ValueError
            If the rank, or the length of an axis of channels, is unknown.
        """
        input_shape = TensorShape(input_shape)
        if input_shape.ndims is None:
            raise ValueError(f"Input has undefined rank: {input_shape}")
        dims = tuple(input_shape.as_list())
        axes = self._axes(len(dims))
        if self.virtual_batch_size is not None:
            self._check_virtual_batch(self.virtual_batch_size, axes)
        self.axis = axes
        lengths = {axis: dims[axis] for axis in axes}
        if None in lengths.values():
            raise ValueError(
                f"Input has undefined `axis` dimension. Received input with shape {dims} and "
                f"axis={tuple(axes)}"
            )
        self.input_spec = InputSpec(ndim=len(dims), axes=lengths)
        self._format = self._fused_format(len(dims), axes)
        self.fused = self._format is not None
        if len(axes) == 1 and self.virtual_batch_size is None:
            shape = [lengths[axes[0]]]
        else:
            shape = [lengths.get(axis, 1) for axis in range(len(dims))]
        if self.virtual_batch_size is not None:
            shape.insert(1, 1)
            self.axis = [axis + 1 for axis in axes]  # of inputs in groups
        self.gamma = self._parameter("gamma", shape) if self.scale else None
        self.beta = self._parameter("beta", shape) if self.center else None
        self._moving_averages(shape)
        self.built = True

    def _check_virtual_batch(self, size: int, axes: list[int]) -> None:
        if size <= 0:
            raise ValueError(
                "virtual_batch_size must be a positive integer that divides the true batch size "
                "of the input Tensor"
            )
        if 0 in axes:
            raise ValueError(
                "When using virtual_batch_size, the batch dimension must be 0 and thus axis cannot "
                "include 0"
            )
        if self.adjustment is not None:
            raise ValueError("When using virtual_batch_size, adjustment cannot be specified")

    def _axes(self, rank: int) -> list[int]:
        axes = [axis + rank if axis < 0 else axis for axis in self.axis]
        beyond = [axis for axis in axes if not 0 <= axis < rank]
        if beyond:
            raise ValueError(
                f"Invalid axis: {beyond[0]}\nThe inputs have the axes 0 to {rank - 1}."
            )
        if len(set(axes)) != len(axes):
            raise ValueError(f"Duplicate axis: {tuple(axes)}")
        return axes

    def _fused_format(self, rank: int, axes: list[int]) -> str | None:
        """The data format of the fused op; None where it cannot be used."""
        if not self.fused or len(axes) > 1 or self._dtype is dtypes.float64:
            return None
        if self.virtual_batch_size is not None or self.adjustment is not None or self.renorm:
            return None
        return {(4, 1): "NCHW", (4, 3): "NHWC"}.get((rank, axes[0]))

    @property
    def _parameter_dtype(self):
        """Half precision has its statistics and parameters in float32."""
        dtype = self._dtype or dtypes.float32
        return dtypes.float32 if dtype in _HALVES else dtype

    def _parameter(self, name: str, shape: list[int]):
        return self.add_weight(
            name,
            shape,
            dtype=self._parameter_dtype,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            trainable=True,
        )

    def _moving_averages(self, shape: list[int]) -> None:
        scope = self._scope
        partitioner = scope.partitioner
        scope.set_partitioner(None)  # they are written as wholes
        try:
            self.moving_mean = self._average("moving_mean", shape)
            self.moving_variance = self._average("moving_variance", shape)
            if self.renorm:
                start = self.moving_variance_initializer

                def deviation(*args: Any, **kwargs: Any):
                    return math.sqrt(initializer_of(start)(*args, **kwargs))

                self.moving_stddev = self._average("moving_stddev", shape, deviation)
                start_of_mean = self.moving_mean_initializer
                self.renorm_mean = self._average("renorm_mean", shape, start_of_mean)
                self.renorm_stddev = self._average("renorm_stddev", shape, deviation)
        finally:
            scope.set_partitioner(partitioner)

    def _average(self, name: str, shape: list[int], initializer: Any = None):
        return self.add_weight(
            name,
            shape,
            dtype=self._parameter_dtype,
            initializer=initializer or getattr(self, f"{name}_initializer"),
            trainable=False,
        )

    # ---- the call ---------------------------------------------------------------------------

    def call(self, inputs: Any, training: Any = False) -> Tensor:
        """Normalize by the batch in training, else by the moving averages.

        Parameters
        ----------
        inputs : Tensor, floating, of the rank that the layer was built for
        training : bool or Tensor, bool scalar

        Returns
        -------
        Tensor
            Of the shape and dtype of `inputs`.
        """
        known = static_value(training)
        if self._format is not None and known is not None:
            return self._fused(inputs, known, self._format)
        return self._composed(inputs, training, known)

    def _fused(self, inputs: Any, training: bool, data_format: str):
        # Where there is no variable the op still wants a vector.
        gamma, beta = self.gamma, self.beta
        if gamma is None:
            gamma = array.constant(1.0, dtypes.float32, shape=self.moving_mean.shape)
        if beta is None:
            beta = array.constant(0.0, dtypes.float32, shape=self.moving_mean.shape)
        outputs, mean, variance = fused_batch_norm(
            inputs,
            gamma,
            beta,
            mean=self.moving_mean,
            variance=self.moving_variance,
            epsilon=self.epsilon,
            data_format=data_format,
            is_training=training,
        )
        # A tensor, and of no use in inference, as TensorFlow has it: later ops draw their default
        # seeds from the number of nodes.
        momentum = convert_to_tensor(self.momentum)
        if training:
            self._move(mean, variance, momentum)
        return outputs

    def _composed(self, inputs: Any, training: Any, known: bool | None):
        given, dtype = inputs, inputs.dtype.base_dtype
        if self.virtual_batch_size is not None:
            rest = inputs.shape.as_list()[1:]
            inputs = array.reshape(inputs, [self.virtual_batch_size, -1, *rest])
        if dtype in _HALVES:
            inputs = math.cast(inputs, dtypes.float32)
        rank = len(inputs.dims)
        axes = [axis for axis in range(rank) if axis not in self.axis]
        in_groups = self.virtual_batch_size is not None
        if in_groups:
            del axes[1]  # the groups
        mean, variance = self.moving_mean, self.moving_variance
        scale, offset = (self._broadcast(p, rank) for p in (self.gamma, self.beta))
        if known is not False:
            if self.adjustment is not None:
                scale, offset = self._adjusted(inputs, training, scale, offset)
            of_batch = moments(inputs, axes, keepdims=in_groups or len(self.axis) > 1)
            mean, variance = smart_cond(
                training,
                lambda: of_batch,
                lambda: [self.moving_mean.value(), self.moving_variance.value()],
            )
            new_mean, new_variance = mean, variance
            if in_groups:
                new_mean = math.reduce_mean(mean, axis=1, keepdims=True)
                new_variance = math.reduce_mean(variance, axis=1, keepdims=True)
            switch = None if known else training
            if self.renorm:
                r, d = self._renormalized(new_mean, new_variance, switch)
                r, d = (self._broadcast(array.stop_gradient(x), rank) for x in (r, d))
                scale, offset = _composition(r, d, scale, offset)
            else:
                if self.fused:
                    new_variance = self._unbiased(inputs, new_variance, axes)
                self._move(new_mean, new_variance, self.momentum, switch)
            if known is None:  # TensorFlow has branches where here is a choice
                inputs.graph.pass_ids(26 if self._format is None else -7)
        mean, variance = self._broadcast(mean, rank), self._broadcast(variance, rank)
        outputs = normalize(inputs, mean, variance, offset, scale, self.epsilon)
        outputs = math.cast(outputs, dtype) if dtype in _HALVES else outputs
        if in_groups:
            outputs = array.reshape(outputs, [-1, *given.shape.as_list()[1:]])
        outputs.set_shape(given.dims)
        return outputs

    def _adjusted(self, inputs: Any, training: Any, scale: Any, offset: Any):
        """`scale` and `offset` with those of the adjustment, which are of training, before them."""
        adjustment: Any = self.adjustment
        given = list(adjustment(array.shape(inputs)))
        first_scale, first_offset = smart_cond(
            training,
            lambda: given,
            lambda: [array.ones_like(given[0]), array.zeros_like(given[1])],
        )
        return _composition(first_scale, first_offset, scale, offset)

    def _renormalized(self, mean: Any, variance: Any, training: Any):
        """Correct by the averages of batches, and move these and the moving averages."""
        deviation = math.sqrt(variance + self.epsilon)
        usual = math.maximum(self.renorm_stddev, math.sqrt(self.epsilon))
        r, d = deviation / usual, (mean - self.renorm_mean) / usual
        with control_dependencies([r, d]):  # they are of the averages before
            mean, deviation = array.identity(mean), array.identity(deviation)
        rmax, rmin, dmax = (self.renorm_clipping.get(key) for key in _CLIPPING)
        if rmin is not None:
            r = math.maximum(r, rmin)
        if rmax is not None:
            r = math.minimum(r, rmax)
        if dmax is not None:
            d = math.minimum(math.maximum(d, -dmax), dmax)
        if training is not None:
            r, d = smart_cond(
                training, lambda: [r, d], lambda: [array.ones_like(r), array.zeros_like(d)]
            )
        moves = [
            moved(self.renorm_mean, mean, self.renorm_momentum, training),
            moved(self.renorm_stddev, deviation, self.renorm_momentum, training),
        ]
        with control_dependencies(moves):
            mean, variance = array.identity(mean), array.identity(variance)
        self.add_update(moved(self.moving_mean, mean, self.momentum, training))
        deviation = math.sqrt(variance + self.epsilon)
        deviation = moved(self.moving_stddev, deviation, self.momentum, training)
        new = relu(deviation * deviation - self.epsilon)
        if training is not None:
            new = array.where_v2(training, new, self.moving_variance.value())
        self.add_update(variable_ops.assign(self.moving_variance, new))
        return r, d

    @staticmethod
    def _unbiased(inputs: Any, variance: Any, axes: list[int]):
        """``n / (n - 1)`` times `variance`: what the fused op gives the moving average."""
        lengths = array.gather(array.shape(inputs), axes)
        n = math.cast(math.reduce_prod(lengths), variance.dtype.base_dtype)
        return variance * (n / math.maximum(n - 1, 1))

    def _broadcast(self, parameter: Any, rank: int):
        """`parameter` of the channels, in a shape that broadcasts with the inputs."""
        if parameter is None or len(parameter.shape) == rank or self.axis[0] == rank - 1:
            return parameter
        shape = [1] * rank
        shape[self.axis[0]] = parameter.get_shape().as_list()[0]
        return array.reshape(parameter, shape)

    def _move(self, mean: Any, variance: Any, momentum: Any, training: Any = None) -> None:
        for variable, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            self.add_update(moved(variable, value, momentum, training))

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return TensorShape(input_shape)


def _composition(scale: Any, offset: Any, then_scale: Any, then_offset: Any):
    """What ``scale * x + offset`` is with `then_scale` and `then_offset`, if any, after it."""
    if then_scale is not None:
        scale, offset = scale * then_scale, offset * then_scale
    return scale, offset if then_offset is None else offset + then_offset


def moved(variable: Any, value: Any, momentum: Any, training: Any):
    """The operation that moves the average `variable` towards `value`, if `training`."""
    colocated = get_default_graph().colocate_with(variable.op)
    with name_scope("AssignMovingAvg", values=[variable, value]) as scope, colocated:
        dtype = variable.dtype.base_dtype
        share = convert_to_tensor(1.0 - momentum, name="decay")
        if share.dtype.base_dtype is not dtype:
            share = math.cast(share, dtype)
        if training is not None:
            share = array.where_v2(training, share, array.zeros([], dtype))
        moved = (variable - math.cast(value, dtype)) * share
        return variable_ops.assign_sub(variable, moved, name=scope)


def batch_normalization(
    inputs: Any,
    axis: Any = -1,
    momentum: Any = 0.99,
    epsilon: Any = 1e-3,
    center: bool = True,
    scale: bool = True,
    beta_initializer: Any = zeros_initializer(),  # noqa: B008 - TensorFlow's default; has no state
    gamma_initializer: Any = ones_initializer(),  # noqa: B008
    moving_mean_initializer: Any = zeros_initializer(),  # noqa: B008
    moving_variance_initializer: Any = ones_initializer(),  # noqa: B008
    beta_regularizer: Callable[..., Any] | None = None,
    gamma_regularizer: Callable[..., Any] | None = None,
    beta_constraint: Callable[..., Any] | None = None,
    gamma_constraint: Callable[..., Any] | None = None,
    training: Any = False,
    trainable: bool = True,
    name: str | None = None,
    reuse: bool | None = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_momentum: float = 0.99,
    fused: bool | None = None,
    virtual_batch_size: int | None = None,
    adjustment: Callable[..., Any] | None = None,
) -> Tensor:
    """A `BatchNormalization` layer on `inputs`, whose arguments the others are.

    Parameters
    ----------
    inputs : Tensor, floating, of known rank
    axis, momentum, epsilon, center, scale : optional
        As for `BatchNormalization`.
    beta_initializer, gamma_initializer, moving_mean_initializer : callable or str, optional
        As for `BatchNormalization`.
    moving_variance_initializer : callable or str, optional
        As for `BatchNormalization`.
    beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint : callable, optional
        As for `BatchNormalization`.
    training : bool or scalar bool Tensor
        Normalize by the batch, and make the moving averages move.
    trainable, fused : bool, optional
        As for `BatchNormalization`.
    reuse : bool, optional
        Take the variables of the layer called `name`.
    renorm : bool
        Correct the batch's statistics towards averages of them (batch renormalization).
    renorm_clipping : dict, optional
        "rmin", "rmax", "dmax": bounds of the corrections.
    renorm_momentum : float
        Of those averages.
    virtual_batch_size : int, optional
        Normalize groups of so many examples each on its own; it divides the size of a batch.
    adjustment : callable, optional
        ``adjustment(shape)`` gives a scale and an offset, applied in training before the others.

    Returns
    -------
    Tensor
        Of the shape and dtype of `inputs`.
    """
    layer = BatchNormalization(
        axis=axis,
        momentum=momentum,
        epsilon=epsilon,
        center=center,
        scale=scale,
        beta_initializer=beta_initializer,
        gamma_initializer=gamma_initializer,
        moving_mean_initializer=moving_mean_initializer,
        moving_variance_initializer=moving_variance_initializer,
        beta_regularizer=beta_regularizer,
        gamma_regularizer=gamma_regularizer,
        beta_constraint=beta_constraint,
        gamma_constraint=gamma_constraint,
        renorm=renorm,
        renorm_clipping=renorm_clipping,
        renorm_momentum=renorm_momentum,
        fused=fused,
        trainable=trainable,
        virtual_batch_size=virtual_batch_size,
        adjustment=adjustment,
        name=name,
        _scope=name,
        _reuse=reuse,
    )
    return layer(inputs, training=training)
