"""Batch normalization."""

from __future__ import annotations

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.shapes import TensorShape
from graphmode.layers.base import Layer
from graphmode.layers.condition import smart_cond, static_value
from graphmode.layers.input_spec import InputSpec
from graphmode.ops import array, math
from graphmode.ops.nn.batch_normalization import batch_normalization as normalize
from graphmode.ops.nn.batch_normalization import fused_batch_norm
from graphmode.ops.nn.statistics import moments
from graphmode.ops.state import variable_ops
from graphmode.variables.initializers import ones_initializer, zeros_initializer

_HALVES = (dtypes.float16, dtypes.bfloat16)
_NOT_HERE = "use the plain layer, or normalize in groups by tf.nn.moments"


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
    renorm, renorm_clipping, renorm_momentum, virtual_batch_size, adjustment : optional
        Refused by name where given.
    fused : bool, optional
        Use one op (`tf.nn.fused_batch_norm`); where it can be by default. Its moving variance is
        of the unbiased variance, by :math:`n - 1`.
    trainable : bool
        If not, nothing is trained and there are no updates.
    name : str, optional
    **kwargs
        As for `Layer`.

    Raises
    ------
    TypeError, ValueError
        If `axis` is none of the input's axes, or its length is unknown.
    NotImplementedError
        For batch renormalization, virtual batches and adjustments.

    Notes
    -----
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", ICML 2015.
    """

    def __init__(
        self,
        axis=-1,
        momentum=0.99,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer=zeros_initializer(),  # noqa: B008 - TensorFlow's default; has no state
        gamma_initializer=ones_initializer(),  # noqa: B008
        moving_mean_initializer=zeros_initializer(),  # noqa: B008
        moving_variance_initializer=ones_initializer(),  # noqa: B008
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        renorm=False,
        renorm_clipping=None,
        renorm_momentum=0.99,
        fused=None,
        trainable=True,
        virtual_batch_size=None,
        adjustment=None,
        name=None,
        **kwargs,
    ) -> None:
        del renorm_clipping, renorm_momentum
        super().__init__(name=name, trainable=trainable, **kwargs)
        refused = {
            "renorm": renorm,
            "virtual_batch_size": virtual_batch_size,
            "adjustment": adjustment,
        }
        for argument, value in refused.items():
            if value:
                raise NotImplementedError(
                    f"batch normalization with {argument}={value!r} is not supported: {_NOT_HERE}"
                )
        if not isinstance(axis, int | list | tuple):
            raise TypeError(
                "Expected an int or a list/tuple of ints for the argument 'axis', but received: "
                f"{axis!r}"
            )
        self.axis = [axis] if isinstance(axis, int) else list(axis)
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

    def build(self, input_shape) -> None:
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
            raise ValueError(f"Input has undefined rank. Received: input_shape={input_shape}.")
        dims = tuple(input_shape.as_list())
        axes = self._axes(len(dims))
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
        if len(axes) == 1:
            shape = [lengths[axes[0]]]
        else:
            shape = [lengths.get(axis, 1) for axis in range(len(dims))]
        self.gamma = self._parameter("gamma", shape) if self.scale else None
        self.beta = self._parameter("beta", shape) if self.center else None
        self._moving_averages(shape)
        self.built = True

    def _axes(self, rank: int) -> list[int]:
        axes = [axis + rank if axis < 0 else axis for axis in self.axis]
        if any(not 0 <= axis < rank for axis in axes):
            raise ValueError(
                "Invalid value for `axis` argument. Expected 0 <= axis < inputs.rank (with "
                f"inputs.rank={rank}). Received: axis={tuple(axes)}"
            )
        if len(set(axes)) != len(axes):
            raise ValueError(f"Duplicate axis: {tuple(axes)}")
        return axes

    def _fused_format(self, rank: int, axes: list[int]) -> str | None:
        """The data format of the fused op; None where it cannot be used."""
        formats = {(4, 1): "NCHW", (4, 3): "NHWC", (5, 1): "NCDHW", (5, 4): "NDHWC"}
        if not self.fused or len(axes) > 1 or self._dtype is dtypes.float64:
            return None
        return formats.get((rank, axes[0]))

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
        finally:
            scope.set_partitioner(partitioner)

    def _average(self, name: str, shape: list[int]):
        return self.add_weight(
            name,
            shape,
            dtype=self._parameter_dtype,
            initializer=getattr(self, f"{name}_initializer"),
            trainable=False,
        )

    # ---- the call ---------------------------------------------------------------------------

    def call(self, inputs, training=False):
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

    def _fused(self, inputs, training: bool, data_format: str):
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

    def _composed(self, inputs, training, known: bool | None):
        dtype = inputs.dtype.base_dtype
        if dtype in _HALVES:
            inputs = math.cast(inputs, dtypes.float32)
        rank = len(inputs.dims)
        axes = [axis for axis in range(rank) if axis not in self.axis]
        mean, variance = self.moving_mean, self.moving_variance
        if known is not False:
            of_batch = moments(inputs, axes, keepdims=len(self.axis) > 1)
            mean, variance = smart_cond(
                training,
                lambda: of_batch,
                lambda: [self.moving_mean.value(), self.moving_variance.value()],
            )
            new_variance = self._unbiased(inputs, variance, axes) if self.fused else variance
            self._move(mean, new_variance, self.momentum, None if known else training)
            if known is None:  # TensorFlow has branches where here is a choice
                inputs.graph.pass_ids(26 if self._format is None else -7)
        outputs = normalize(
            inputs,
            self._broadcast(mean, rank),
            self._broadcast(variance, rank),
            self._broadcast(self.beta, rank),
            self._broadcast(self.gamma, rank),
            self.epsilon,
        )
        outputs = math.cast(outputs, dtype) if dtype in _HALVES else outputs
        outputs.set_shape(inputs.dims)
        return outputs

    @staticmethod
    def _unbiased(inputs, variance, axes: list[int]):
        """``n / (n - 1)`` times `variance`: what the fused op gives the moving average."""
        lengths = array.gather(array.shape(inputs), axes)
        n = math.cast(math.reduce_prod(lengths), variance.dtype.base_dtype)
        return variance * (n / math.maximum(n - 1, 1))

    def _broadcast(self, parameter, rank: int):
        """`parameter` of the channels, in a shape that broadcasts with the inputs."""
        if parameter is None or len(self.axis) > 1 or self.axis[0] == rank - 1:
            return parameter
        shape = [1] * rank
        shape[self.axis[0]] = parameter.get_shape().as_list()[0]
        return array.reshape(parameter, shape)

    def _move(self, mean, variance, momentum, training=None) -> None:
        for variable, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            self.add_update(moved(variable, value, momentum, training))

    def compute_output_shape(self, input_shape) -> TensorShape:
        return TensorShape(input_shape)


def moved(variable, value, momentum, training):
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
    inputs,
    axis=-1,
    momentum=0.99,
    epsilon=1e-3,
    center=True,
    scale=True,
    beta_initializer=zeros_initializer(),  # noqa: B008 - TensorFlow's default; has no state
    gamma_initializer=ones_initializer(),  # noqa: B008
    moving_mean_initializer=zeros_initializer(),  # noqa: B008
    moving_variance_initializer=ones_initializer(),  # noqa: B008
    beta_regularizer=None,
    gamma_regularizer=None,
    beta_constraint=None,
    gamma_constraint=None,
    training=False,
    trainable=True,
    name=None,
    reuse=None,
    renorm=False,
    renorm_clipping=None,
    renorm_momentum=0.99,
    fused=None,
    virtual_batch_size=None,
    adjustment=None,
):
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
    renorm, renorm_clipping, renorm_momentum, virtual_batch_size, adjustment : optional
        Refused by name where given.

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
