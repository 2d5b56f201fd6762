"""Cross entropies between labels and logits, and the other losses of `tf.nn`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.framework.dtypes import FLOATS, INDEX
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.shapes import broadcast_dims
from graphmode.ops import array, math, xp
from graphmode.ops.nn.activation import exp_shifted, relu
from graphmode.ops.old_names import either

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_LISTED_LABELS = 32


def _dense_shape(op):
    logits = shape_rules.with_rank(op.inputs[0].dims, 2)
    labels = shape_rules.with_rank(op.inputs[1].dims, 2)
    try:
        dims = broadcast_dims(logits, labels)
    except ValueError:
        pair = next((a, b) for a, b in zip(logits, labels, strict=True) if a != b)
        raise ValueError(f"Dimensions must be equal, but are {pair[0]} and {pair[1]}") from None
    return [None if dims is None else dims[:1], dims]


@op("SoftmaxCrossEntropyWithLogits", "T, T -> loss: T, backprop: T", shape=_dense_shape, T=FLOATS)
def softmax_cross_entropy_op(features, labels):
    r"""The loss of each row, and its derivative by `features`.

    .. math:: \ell_i = \sum_j p_{ij} (\log \sum_k e^{x_{ik}} - x_{ij}), \qquad
              \frac{\partial \ell_i}{\partial x_{ij}} = \mathrm{softmax}(x_i)_j - p_{ij}

    Parameters
    ----------
    features, labels : floating [batch, classes]

    Returns
    -------
    loss : [batch]
    backprop : [batch, classes]
        The derivative where each row of `labels` sums to 1, as in TensorFlow.
    """
    dtype = features.dtype
    if features.shape != labels.shape:
        features, labels = _to_one_shape(features, labels)
    features, labels = xp.wide(features), xp.wide(labels)
    shifted, powers, total = exp_shifted(features)
    loss = (labels * (xp.log(total) - shifted)).sum(-1)
    backprop = powers / total - labels
    return xp.astype(loss, dtype), xp.astype(backprop, dtype)


def _to_one_shape(features, labels):
    try:
        dims = np.broadcast_shapes(features.shape, labels.shape)
    except ValueError:
        raise invalid(
            "logits and labels must be broadcastable: logits_size="
            f"{shape_rules.dims_text(features.shape)} labels_size="
            f"{shape_rules.dims_text(labels.shape)}"
        ) from None
    return xp.broadcast_to(features, dims), xp.broadcast_to(labels, dims)


def _sparse_shape(op):
    logits = shape_rules.with_rank(op.inputs[0].dims, 2)
    labels = shape_rules.with_rank(op.inputs[1].dims, 1)
    rows = shape_rules.merge(logits[:1], labels)
    return [rows, None if rows is None else (rows[0], logits[1])]


def _labels_in_range(features, labels):
    return xp.all((labels >= 0) & (labels < features.shape[-1]))


@op(
    "SparseSoftmaxCrossEntropyWithLogits",
    "T, Tlabels -> loss: T, backprop: T",
    shape=_sparse_shape,
    check=_labels_in_range,
    T=FLOATS,
    Tlabels=INDEX,
)
def sparse_softmax_cross_entropy_op(features, labels):
    """As `softmax_cross_entropy_op`, with one class number for each row.

    Parameters
    ----------
    features : floating [batch, classes]
    labels : int32 or int64 [batch]

    Raises
    ------
    InvalidArgumentError
        If a label is not in [0, classes).
    """
    for what, given, rank in (("logits", features, 2), ("labels", labels, 1)):
        if given.ndim != rank:
            text = shape_rules.dims_text(given.shape)
            raise invalid(f"{what} must be {rank}-D, but got shape {text}")
    if labels.shape != features.shape[:1]:
        raise invalid(
            "logits and labels must have the same first dimension, got logits shape "
            f"{shape_rules.dims_text(features.shape)} and labels shape "
            f"{shape_rules.dims_text(labels.shape)}"
        )
    dtype = features.dtype
    traced = xp.is_traced(features, labels)
    if not traced:
        _refuse_labels(features, labels)
    shifted, powers, total = exp_shifted(xp.wide(features))
    if traced:
        import jax.numpy as jnp

        picked = jnp.take_along_axis(shifted, labels[:, None], 1, mode="clip")
        loss = jnp.log(total[:, 0]) - picked[:, 0]
        # Comparing class numbers fuses with the rest; subtracting 1 from elements would not.
        chosen = jnp.arange(features.shape[1], dtype=labels.dtype) == labels[:, None]
        backprop = powers / total - chosen
    else:
        rows = np.arange(len(labels))
        loss = np.log(total[:, 0]) - shifted[rows, labels]
        backprop = powers / total
        backprop[rows, labels] -= 1
    return xp.astype(loss, dtype), xp.astype(backprop, dtype)


def _refuse_labels(features, labels) -> None:
    n_classes = features.shape[1]
    # As unsigned numbers, negative labels are too large as well.
    wrong = labels.view(f"u{labels.dtype.itemsize}") >= n_classes
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    listed = " ".join(map(str, labels[:_LISTED_LABELS].tolist()))
    more = "..." if len(labels) > _LISTED_LABELS else ""
    raise invalid(
        f"Received a label value of {labels[row]} which is outside the valid range of "
        f"[0, {n_classes}).  Label values: {listed}{more}\n  the first such label is in row {row} "
        f"of {len(labels)}; logits have {n_classes} classes"
    )


# ---- the public functions ------------------------------------------------------------------------


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: str | None = None,
    axis: int | None = None,
) -> Tensor:
    r"""Cross entropy between the distributions `labels` and softmax of `logits`.

    .. math:: \ell = -\sum_j p_j \log \mathrm{softmax}(x)_j

    No gradient flows into `labels`; with `softmax_cross_entropy_with_logits_v2` it does.

    Parameters
    ----------
    labels, logits : Tensor, floating [..., classes]
        To be given by name. Each row of `labels` is a distribution. `labels` are cast to the dtype
        of `logits`; float16 and bfloat16 are computed in float32.
    dim, axis : int
        The axis of the classes. `axis` is the new name.

    Returns
    -------
    Tensor
        The loss of each row: the shape of `logits` without the axis of the classes.

    Raises
    ------
    ValueError
        If an argument is given by place, or `labels` or `logits` is missing.

    Notes
    -----
    TF op SoftmaxCrossEntropyWithLogits.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     labels, logits = [[0.0, 1.0], [0.5, 0.5]], [[0.0, 0.0], [1.0, 1.0]]
    ...     loss = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    ...     print(sess.run(loss).round(4))
    [0.6931 0.6931]
    """
    _ensure_named("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    axis = dim if axis is None else axis
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [logits, labels]) as scope:
        labels = array.stop_gradient(labels, name="labels_stop_gradient")
        return _softmax_cross_entropy(labels, logits, axis, scope)


def softmax_cross_entropy_with_logits_v2(
    labels: Any = None,
    logits: Any = None,
    axis: int | None = None,
    name: str | None = None,
    dim: int | None = None,
) -> Tensor:
    r"""Cross entropy between the distributions `labels` and softmax of `logits`.

    .. math:: \ell = -\sum_j p_j \log \mathrm{softmax}(x)_j

    As `softmax_cross_entropy_with_logits`, with a gradient for `labels` as well.

    Parameters
    ----------
    labels, logits : Tensor, floating [..., classes]
        Each row of `labels` is a distribution. `labels` are cast to the dtype of `logits`; float16
        and bfloat16 are computed in float32.
    axis, dim : int
        The axis of the classes, the last by default. `dim` is the old name.

    Returns
    -------
    Tensor
        The loss of each row: the shape of `logits` without the axis of the classes.

    Raises
    ------
    ValueError
        If `labels` or `logits` is missing.

    Notes
    -----
    TF op SoftmaxCrossEntropyWithLogits.
    """
    _ensure_named("softmax_cross_entropy_with_logits", None, labels, logits)
    along: int = either("axis", axis, "dim", dim, -1)
    with name_scope(name, "softmax_cross_entropy_with_logits", [logits, labels]) as scope:
        return _softmax_cross_entropy(labels, logits, along, scope)


def _ensure_named(function: str, sentinel, labels, logits) -> None:
    if sentinel is not None:
        raise ValueError(
            f"Only call `{function}` with named arguments (labels=..., logits=..., ...)"
        )
    if labels is None or logits is None:
        raise ValueError(
            f"Both labels and logits must be provided. Received by {function}: labels={labels} and "
            f"logits={logits}"
        )


def _softmax_cross_entropy(labels, logits, axis: int, scope: str):
    logits = convert_to_tensor(logits, name="logits")
    labels = convert_to_tensor(labels, name="labels")
    given_dtype = logits.dtype.base_dtype
    if given_dtype.size == 2:
        logits = math.cast(logits, dtypes.float32)
    if labels.dtype.base_dtype is not logits.dtype.base_dtype:
        labels = math.cast(labels, logits.dtype.base_dtype)
    shape = logits.shape
    if axis not in (-1, (shape.ndims or 0) - 1):
        logits, labels = _classes_last(logits, axis), _classes_last(labels, axis)
    if shape.ndims == 2 and labels.shape.ndims == 2:
        graph = get_default_graph()
        graph.pass_ids(24)  # logits and labels are flattened, and the losses given their shape
        loss = softmax_cross_entropy_op(logits, labels, name=scope)[0]
        graph.pass_ids(6)
    else:
        rows = softmax_cross_entropy_op(_as_rows(logits), _as_rows(labels), name=scope)[0]
        loss = array.reshape(rows, _outer_shape(logits))
    if shape.ndims is not None:
        outer = shape.as_list()
        del outer[axis]
        loss.set_shape(outer)
    return math.cast(loss, given_dtype) if loss.dtype is not given_dtype else loss


def _classes_last(tensor, axis: int):
    """`tensor` with `axis` behind all others, which stay in order."""
    if tensor.dims is not None:
        order = list(range(len(tensor.dims)))
        order.append(order.pop(axis))
        return array.transpose(tensor, order)
    rank = array.rank(tensor)
    place = rank + axis if axis < 0 else array.constant(axis)
    order = [array.range(place), array.range(place + 1, rank), array.expand_dims(place, 0)]
    return array.transpose(tensor, array.concat(order, 0))


def _as_rows(tensor):
    """`tensor` with all axes but the last one flattened into one."""
    dims = tensor.dims
    classes = dims[-1] if dims else None
    if classes is not None:
        return array.reshape(tensor, [-1, classes])
    if dims is not None and len(dims) == 1:
        return array.expand_dims(tensor, 0)
    return array.reshape(tensor, array.concat([[-1], array.shape(tensor)[-1:]], 0))


def _outer_shape(tensor):
    """The shape of `tensor` without its last axis, as known now or as a tensor."""
    dims = tensor.dims
    if dims is not None and None not in dims[:-1]:
        return list(dims[:-1]) if len(dims) > 1 else array.constant([], dtypes.int32)
    return array.shape(tensor)[:-1]


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    r"""Cross entropy between class numbers and softmax of `logits`.

    .. math:: \ell = -\log \mathrm{softmax}(x)_{label}

    Parameters
    ----------
    labels : Tensor, int32 or int64 [...]
        To be given by name, in [0, classes).
    logits : Tensor, floating [..., classes]

    Returns
    -------
    Tensor
        The loss of each row, of the shape of `labels` and the dtype of `logits`.

    Raises
    ------
    ValueError
        If an argument is given by place or missing, or the ranks do not fit.
    InvalidArgumentError
        When it runs, if a label is outside its range.
    """
    function = "sparse_softmax_cross_entropy_with_logits"
    _ensure_named(function, _sentinel, labels, logits)
    default = "SparseSoftmaxCrossEntropyWithLogits"
    with name_scope(name, default, [labels, logits]):
        labels, logits = convert_to_tensor(labels), convert_to_tensor(logits)
        given_dtype = logits.dtype.base_dtype
        if given_dtype.size == 2:
            logits = math.cast(logits, dtypes.float32)
        _check_ranks(labels.shape, logits.shape)
        get_default_graph().pass_ids(1)  # Shape
        if logits.shape.ndims == 2:
            loss = sparse_softmax_cross_entropy_op(logits, labels, name=name)[0]
        else:
            flat = array.reshape(labels, [-1])
            loss = sparse_softmax_cross_entropy_op(_as_rows(logits), flat, name=name)[0]
            loss = array.reshape(loss, array.shape(labels))
            loss.set_shape(labels.shape)
        return math.cast(loss, given_dtype) if loss.dtype is not given_dtype else loss


def _check_ranks(labels, logits) -> None:
    if logits.ndims == 0:
        raise ValueError(f"Logits cannot be scalars - received shape {logits}.")
    if logits.ndims is None or labels.ndims is None:
        return
    if labels.ndims != logits.ndims - 1:
        hint = ""
        if labels.ndims == logits.ndims:
            hint = (
                "\n  fix: labels are class numbers here. For one-hot labels use "
                "tf.nn.softmax_cross_entropy_with_logits"
            )
        raise ValueError(
            f"Rank mismatch: Rank of labels (received {labels.ndims}) should equal rank of logits "
            f"minus 1 (received {logits.ndims}).{hint}"
        )
    if not labels.is_compatible_with(logits[:-1]):
        raise ValueError(
            f"Shape mismatch: The shape of labels (received {labels}) should equal the shape of "
            f"logits except for the last dimension (received {logits})."
        )


def sigmoid_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    name: str | None = None,
    *,
    targets: Any = None,
) -> Tensor:
    r"""Cross entropy of independent yes-or-no labels, element by element.

    .. math:: \ell = \max(x, 0) - x z + \log(1 + e^{-|x|})

    Parameters
    ----------
    labels, logits : Tensor of one floating dtype and shape
        To be given by name.
    targets : Tensor, as `labels`, optional, floating
        What `labels` was before TensorFlow 1.0; with it `logits` may be given by place.

    Returns
    -------
    Tensor
        Of the shape and dtype of `logits`.

    Raises
    ------
    ValueError
        If an argument is given by place or missing, or the shapes differ.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0], logits=[0.0, 2.0])
    ...     print(sess.run(loss).round(4))
    [0.6931 2.1269]
    """
    if targets is not None and labels is None:
        labels = targets
        logits, _sentinel = (_sentinel, None) if logits is None else (logits, _sentinel)
    _ensure_named("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, dtype=logits.dtype.base_dtype, name="labels")
        _check_same_shape(logits, labels, "labels")
        zeros = array.zeros_like(logits)
        positive = math.greater_equal(logits, zeros)
        # Written so that TF's derivative at 0 comes out: x - z + sigmoid(-x) there.
        relu_logits = array.where(positive, logits, zeros)
        negative_size = array.where(positive, -logits, logits)
        return math.add(
            relu_logits - logits * labels, math.log1p(math.exp(negative_size)), name=scope
        )


def weighted_cross_entropy_with_logits(
    labels: Any = None,
    logits: Any = None,
    pos_weight: Any = None,
    name: str | None = None,
    targets: Any = None,
) -> Tensor:
    r"""`sigmoid_cross_entropy_with_logits` with positive labels weighted by `pos_weight`.

    .. math:: \ell = (1 - z) x + (1 + (q - 1) z) \log(1 + e^{-x})

    Parameters
    ----------
    labels, logits, targets : Tensor of one floating dtype and shape
        `targets` is the old name of `labels`.
    pos_weight : float or Tensor, of the dtype of `logits`
        q: above 1 fewer positives are missed, below 1 fewer are invented.

    Returns
    -------
    Tensor
        Of the shape and dtype of `logits`.

    Raises
    ------
    ValueError
        If one of the three is missing, or the shapes differ.
    """
    labels = either("labels", labels, "targets", targets)
    if labels is None or logits is None or pos_weight is None:
        raise ValueError("labels, logits and pos_weight must all be given")
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, dtype=logits.dtype.base_dtype, name="labels")
        _check_same_shape(logits, labels, "labels")
        weight = 1 + (pos_weight - 1) * labels
        first = (1 - labels) * logits
        second = math.log1p(math.exp(-math.abs(logits))) + relu(-logits)
        return math.add(first, weight * second, name=scope)


def _check_same_shape(logits, labels, what: str) -> None:
    try:
        logits.shape.assert_is_compatible_with(labels.shape)
    except ValueError:
        raise ValueError(
            f"`logits` and `{what}` must have the same shape, received "
            f"({logits.shape} vs {labels.shape})."
        ) from None


def log_poisson_loss(
    targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    r"""The negative log-likelihood of Poisson counts, given the log of their rate.

    .. math:: \ell = e^c - z c \; [+ \; z \log z - z + \tfrac12 \log 2 \pi z]

    Parameters
    ----------
    targets, log_input : Tensor of one floating dtype and shape
    compute_full_loss : bool
        Add Stirling's approximation of :math:`\log z!` (0 for z in [0, 1]).

    Returns
    -------
    Tensor
        Of the shape and dtype of `targets`.
    """
    with name_scope(name, "log_poisson_loss", [log_input, targets]):
        log_input = convert_to_tensor(log_input, name="log_input")
        targets = convert_to_tensor(targets, name="targets")
        _check_same_shape(log_input, targets, "targets")
        loss = math.exp(log_input) - log_input * targets
        if not compute_full_loss:
            return loss
        dtype = targets.dtype.base_dtype
        half = array.constant(0.5, dtype)
        turn = array.constant(2 * np.pi, dtype)
        stirling = targets * math.log(targets) - targets + half * math.log(turn * targets)
        zeros, ones = array.zeros_like(targets), array.ones_like(targets)
        small = math.logical_and(targets >= zeros, targets <= ones)
        return loss + array.where(small, zeros, stirling)
