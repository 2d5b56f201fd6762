"""Activation functions, and the ops that TensorFlow makes of their gradients."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.dtypes import FLOATS, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.inference import constant_value
from graphmode.framework.op import op, overloaded
from graphmode.framework.operation import Tensor
from graphmode.ops import array, lowering, math, xp
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

# Klambauer et al., "Self-Normalizing Neural Networks", NIPS 2017.
_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_SCALE_ALPHA = 1.7580993408473768599402175208123

_FEW_CLASSES = 48
_PIECES, _SHORT_PIECE = 16, 64


# ---- along one axis ------------------------------------------------------------------------------


def _at_least_a_vector(op):
    dims = op.inputs[0].dims
    if dims == ():
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    return [dims]


def exp_shifted(logits):
    """``(logits - max, exp(logits - max), its sum)`` along the last axis, kept as length 1."""
    if logits.shape[-1] == 0:
        return logits, logits, xp.zeros((*logits.shape[:-1], 1), logits.dtype)
    if xp.is_traced(logits):
        import jax.numpy as jnp

        shifted = logits - _along_rows(jnp.maximum, jnp.max, logits)
        powers = jnp.exp(shifted)
        return shifted, powers, _along_rows(jnp.add, jnp.sum, powers)
    if logits.ndim == 2 and logits.shape[1] < _FEW_CLASSES < 2 * len(logits):
        # Column by column: NumPy's loops over a few classes cost four times as much.
        logits = np.asfortranarray(logits)
    shifted = logits - np.maximum.reduce(logits, -1, keepdims=True)
    powers = np.exp(shifted)
    return shifted, powers, np.add.reduce(powers, -1, keepdims=True)


def _along_rows(combine: Callable[..., Any], reduce: Callable[..., Any], values: Any) -> Any:
    """`reduce` along the last axis, kept as length 1, in a program.

    XLA for CPU goes through a row an entry at a time; pieces of a long one, each combined with the
    next, take vectors: the largest of each of 1,200 rows of 10,000 in 4 ms instead of 13.
    """
    width = values.shape[-1] // _PIECES
    if width < _SHORT_PIECE or not lowering.current().rows_in_pieces:
        return reduce(values, -1, keepdims=True)
    import jax.numpy as jnp

    pieces = (values[..., i * width : (i + 1) * width] for i in range(_PIECES))
    rest = values[..., _PIECES * width :]
    combined = jnp.concatenate([functools.reduce(combine, pieces), rest], -1)
    return reduce(combined, -1, keepdims=True)


@op("Softmax", "T -> softmax: T", shape=_at_least_a_vector, T=FLOATS)
def _softmax(logits):
    _, powers, total = exp_shifted(xp.wide(logits))
    return xp.astype(powers / total, logits.dtype)


@op("LogSoftmax", "T -> logsoftmax: T", shape=_at_least_a_vector, T=FLOATS)
def _log_softmax(logits):
    shifted, _, total = exp_shifted(xp.wide(logits))
    return xp.astype(shifted - xp.log(total), logits.dtype)


def softmax(
    logits: Any, axis: int | None = None, name: str | None = None, dim: int | None = None
) -> Tensor:
    r"""Softmax along one axis.

    .. math:: y_i = \frac{e^{x_i - \max x}}{\sum_j e^{x_j - \max x}}

    Parameters
    ----------
    logits : Tensor, floating, rank >= 1
    axis, dim : int
        The last by default. `dim` is the old name.

    Returns
    -------
    Tensor
        Of the shape and dtype of `logits`.

    Raises
    ------
    ValueError
        If `logits` is a scalar.
    InvalidArgumentError
        If `axis` lies outside the rank of `logits`.

    Notes
    -----
    TF op Softmax.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.nn.softmax([0.0, 1.0, 2.0])).round(4))
    [0.09   0.2447 0.6652]
    """
    return _along_axis(_softmax, logits, either("axis", axis, "dim", dim, -1), name)


def log_softmax(
    logits: Any, axis: int | None = None, name: str | None = None, dim: int | None = None
) -> Tensor:
    r"""The logarithm of softmax along one axis, computed without taking it of small numbers.

    .. math:: y_i = x_i - \max x - \log \sum_j e^{x_j - \max x}

    Parameters
    ----------
    logits : Tensor, floating, rank >= 1
    axis, dim : int
        The last by default. `dim` is the old name.

    Returns
    -------
    Tensor
        Of the shape and dtype of `logits`.

    Raises
    ------
    ValueError
        If `logits` is a scalar.
    InvalidArgumentError
        If `axis` lies outside the rank of `logits`.

    Notes
    -----
    TF op LogSoftmax.
    """
    return _along_axis(_log_softmax, logits, either("axis", axis, "dim", dim, -1), name)


def _along_axis(function, logits, axis: int, name):
    """`function`, which works along the last axis, along another one."""
    logits = convert_to_tensor(logits)
    dims = logits.dims
    if isinstance(axis, Tensor):
        known = constant_value(axis)
        if known is None:
            return _along_computed_axis(function, logits, axis, name)
        axis = int(known)
    if axis == -1 or (dims is not None and axis == len(dims) - 1):
        return function(logits, name=name)
    with name_scope(name, function.op_def.type, [logits]) as scope:
        if dims is not None and not -len(dims) <= axis < len(dims):
            raise invalid(
                f"Dimension ({axis}) must be in the range [{-len(dims)}, {len(dims)}) where "
                f"{len(dims)} is the number of dimensions in the input."
            )
        swapped = swap_with_last(logits, axis)
        result = swap_with_last(function(swapped), axis, scope)
        result.set_shape(logits.shape)
        return result


def _along_computed_axis(function, logits, axis, name):
    with name_scope(name, function.op_def.type, [logits]) as scope:
        order = _order_with_last(array.rank(logits), axis)
        result = array.transpose(function(array.transpose(logits, order)), order, name=scope)
        result.set_shape(logits.shape)
        return result


def swap_with_last(tensor: Any, axis: int, name: str | None = None) -> Tensor:
    """`tensor` with `axis` and the last axis exchanged; its rank may be unknown."""
    if tensor.dims is not None:
        order = list(range(len(tensor.dims)))
        order[axis], order[-1] = order[-1], order[axis]
        return array.transpose(tensor, order, name=name)
    return array.transpose(tensor, _order_with_last(array.rank(tensor), axis), name=name)


def _order_with_last(rank, axis):
    """The axes 0, 1, ... with `axis` and the last one exchanged, computed when it runs."""
    last = rank - 1
    place = axis
    if isinstance(axis, Tensor):
        place = array.where(axis < 0, rank + axis, axis)
    elif axis < 0:
        place = rank + axis
    axes = array.range(rank)
    return array.where(
        math.equal(axes, place),
        array.fill(array.expand_dims(rank, 0), last),
        array.where(math.equal(axes, last), array.fill(array.expand_dims(rank, 0), place), axes),
    )


# ---- element by element --------------------------------------------------------------------------


@op("Relu", "T -> activations: T", shape=shape_rules.unchanged, T=REALS)
def relu(features):
    """``max(features, 0)``. `features` is real; NaN stays NaN."""
    return xp.maximum(features, 0)


@op("ReluGrad", "T, T -> backprops: T", shape=shape_rules.same, T=REALS)
def relu_grad(gradients, features):
    """The gradient of `relu`: `gradients` where `features` are positive."""
    return xp.astype(gradients * (features > 0), gradients.dtype)


@op("Relu6", "T -> activations: T", shape=shape_rules.unchanged, T=REALS)
def relu6(features):
    r"""`features`, of any real dtype, kept between 0 and 6.

    .. math:: \min(\max(x, 0), 6)

    Notes
    -----
    Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010. TF op Relu6.
    """
    return xp.minimum(xp.maximum(features, 0), 6)


@op("Relu6Grad", "T, T -> backprops: T", shape=shape_rules.same, T=REALS)
def relu6_grad(gradients, features):
    """The gradient of `relu6`: `gradients` where `features` are between 0 and 6."""
    return xp.astype(gradients * ((features > 0) & (features < 6)), gradients.dtype)


def _slope(alpha: float, like):
    """The attribute is a float32, whatever the tensor is."""
    return like.dtype.type(np.float32(alpha))


@op("LeakyRelu", "T -> activations: T", shape=shape_rules.unchanged, T=FLOATS)
def _leaky_relu(features, *, alpha: float = 0.2):
    scaled = features * _slope(alpha, features)
    return xp.maximum(features, scaled) if alpha <= 1 else xp.minimum(features, scaled)


@op("LeakyReluGrad", "T, T -> backprops: T", shape=shape_rules.same, T=FLOATS)
def leaky_relu_grad(gradients, features, *, alpha: float = 0.2):
    """The gradient of `leaky_relu`: `alpha` times `gradients` where `features` are not positive."""
    return xp.where(features > 0, gradients, gradients * _slope(alpha, gradients))


def leaky_relu(features: Any, alpha: Any = 0.2, name: str | None = None) -> Tensor:
    r"""`features` where they are positive, `alpha` times `features` elsewhere.

    .. math:: x \text{ where } x > 0, \quad \alpha x \text{ elsewhere}

    Parameters
    ----------
    features : Tensor, real
        Integers are taken as float32.
    alpha : float or Tensor, floating
        A tensor, or NumPy array, that varies by element gives ``max(alpha * x, x)``.

    Returns
    -------
    Tensor, floating
        Of the shape of `features`.

    Notes
    -----
    Maas et al., "Rectifier nonlinearities improve neural network acoustic models", ICML 2013. TF op
    LeakyRelu.
    """
    with name_scope(name, "LeakyRelu", [features, alpha]) as scope:
        features = convert_to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = math.cast(features, dtypes.float32)
        if not isinstance(alpha, float | int) and np.ndim(alpha) == 0 and hasattr(alpha, "item"):
            alpha = alpha.item()
        if isinstance(alpha, float | int):
            return _leaky_relu(features, alpha=float(alpha), name=scope)
        alpha = convert_to_tensor(alpha, dtype=features.dtype.base_dtype, name="alpha")
        return math.maximum(alpha * features, features, name=scope)


@op("Elu", "T -> activations: T", shape=shape_rules.unchanged, T=FLOATS)
def elu(features):
    r"""The exponential linear unit of `features`, floating.

    .. math:: e^x - 1 \text{ where } x < 0, \quad x \text{ elsewhere}

    Notes
    -----
    Clevert et al., "Fast and accurate deep network learning by exponential linear units", ICLR
    2016. TF op Elu.
    """
    return xp.where(features < 0, xp.expm1(features), features)


@op("EluGrad", "T, T -> backprops: T", shape=shape_rules.same, T=FLOATS)
def elu_grad(gradients, outputs):
    """The gradient of `elu`, from its `outputs`: their distance from -1 where they are negative."""
    return xp.where(outputs < 0, (outputs + outputs.dtype.type(1)) * gradients, gradients)


@op("Selu", "T -> activations: T", shape=shape_rules.unchanged, T=FLOATS)
def selu(features):
    r"""`elu` of `features`, floating, scaled so that activations keep mean 0 and variance 1.

    .. math:: \lambda\, x \text{ where } x > 0, \quad \lambda \alpha (e^x - 1) \text{ elsewhere},
              \qquad \lambda \approx 1.0507,\ \alpha \approx 1.6733

    Notes
    -----
    Klambauer et al., "Self-normalizing neural networks", NIPS 2017. TF op Selu.
    """
    kind = features.dtype.type
    negative = kind(_SELU_SCALE_ALPHA) * xp.expm1(features)
    return xp.where(features < 0, negative, kind(_SELU_SCALE) * features)


@op("SeluGrad", "T, T -> backprops: T", shape=shape_rules.same, T=FLOATS)
def selu_grad(gradients, outputs):
    """The gradient of `selu`, from its `outputs`."""
    kind = gradients.dtype.type
    slope = xp.where(outputs < 0, outputs + kind(_SELU_SCALE_ALPHA), kind(_SELU_SCALE))
    return gradients * slope


@op("Softplus", "T -> activations: T", shape=shape_rules.unchanged, T=FLOATS)
def softplus(features):
    r"""A smooth form of ReLU of `features`, floating, computed without overflow.

    .. math:: \ln(1 + e^x)

    Notes
    -----
    TF op Softplus.
    """
    return xp.log1p(xp.exp(-xp.abs(features))) + xp.maximum(features, 0)


@overloaded
def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the logistic function of `x`, floating, computed without overflow."""
    with name_scope(name, "LogSigmoid", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return math.negative(softplus(math.negative(x)), name=scope)


def scaled_softplus(x: Any, alpha: Any, clip: Any = None, name: str | None = None) -> Tensor:
    r"""The softplus of a scaled input, at most `clip`.

    .. math:: \min(\alpha \ln(1 + e^{x / \alpha}),\ c)

    Parameters
    ----------
    x : Tensor, floating
    alpha, clip : Tensor or float
        Broadcast to `x`; without `clip` the result has no upper bound.

    Returns
    -------
    Tensor
        Of the dtype of `x`.
    """
    with name_scope(name, "scaled_softplus", [x, alpha]):
        x = convert_to_tensor(x, name="x")
        alpha = convert_to_tensor(alpha, dtype=x.dtype, name="alpha")
        y = math.multiply(alpha, softplus(math.divide(x, alpha)))
        if clip is None:
            return y
        return math.minimum(y, convert_to_tensor(clip, dtype=x.dtype, name="clip"))


@op("SoftplusGrad", "T, T -> backprops: T", shape=shape_rules.same, T=FLOATS)
def softplus_grad(gradients, features):
    """The gradient of `softplus`: `gradients` times the logistic function of `features`."""
    return gradients / (xp.exp(-features) + gradients.dtype.type(1))


@op("Softsign", "T -> activations: T", shape=shape_rules.unchanged, T=FLOATS)
def softsign(features):
    r"""`features`, floating, pressed into (-1, 1).

    .. math:: \frac{x}{1 + |x|}

    Notes
    -----
    TF op Softsign.
    """
    return features / (xp.abs(features) + features.dtype.type(1))


@op("SoftsignGrad", "T, T -> backprops: T", shape=shape_rules.same, T=FLOATS)
def softsign_grad(gradients, features):
    """The gradient of `softsign`: `gradients` over the square of 1 + the size of `features`."""
    return gradients / xp.square(xp.abs(features) + features.dtype.type(1))


# ---- made of others ------------------------------------------------------------------------------


def crelu(features: Any, name: str | None = None, axis: int = -1) -> Tensor:
    r"""`features` and their negative, both rectified, side by side.

    .. math:: [\max(x, 0),\ \max(-x, 0)]

    Parameters
    ----------
    features : Tensor, of a signed real dtype
    axis : int
        Where the two are joined.

    Returns
    -------
    Tensor
        Twice as long along `axis`.

    Notes
    -----
    Shang et al., "Understanding and improving convolutional neural networks via concatenated
    rectified linear units", ICML 2016.
    """
    with name_scope(name, "CRelu", [features]) as scope:
        features = convert_to_tensor(features, name="features")
        return relu(array.concat([features, -features], axis, name=scope))


def swish(features: Any, beta: Any = 1.0) -> Tensor:
    r"""`features` times the logistic function of `beta` times `features`.

    .. math:: x\, \sigma(\beta x)

    Parameters
    ----------
    features : Tensor, floating
    beta : float or Tensor, floating
        A shape that broadcasts.

    Returns
    -------
    Tensor
        Of the shape and dtype of `features`.

    Notes
    -----
    Ramachandran et al., "Searching for activation functions", 2017.
    """
    with name_scope(None, "swish", [features]):
        features = convert_to_tensor(features, name="features")
        plain = isinstance(beta, float | int) and beta == 1
        scaled = features if plain else features * math.cast(beta, features.dtype)
        return features * math.sigmoid(scaled)
