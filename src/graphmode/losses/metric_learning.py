"""`tf.contrib.losses.metric_learning`: embeddings in which what has one label lies together."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.operation import Tensor
from graphmode.ops import array, math
from graphmode.ops.control.checks import Print
from graphmode.ops.math.comparison import equal, greater, logical_and, logical_not
from graphmode.ops.math.products import matmul
from graphmode.ops.nn.cross_entropy import softmax_cross_entropy_with_logits


def _column(labels: Any) -> Tensor:
    labels = convert_to_tensor(labels)
    return array.reshape(labels, [array.shape(labels)[0], 1])


def _have_one_label(labels: Any) -> Tensor:
    """bool [n, n]."""
    column = _column(labels)
    return equal(column, array.transpose(column))


def _is_other(matrix: Tensor) -> Tensor:
    """1 off the diagonal, in the shape and dtype of `matrix`."""
    return 1 - array.eye(array.shape(matrix)[0], dtype=matrix.dtype.base_dtype)


def _distances(embeddings: Any, squared: bool) -> Tensor:
    """Euclidean distances of each two rows, [n, n]; their gradient at 0 is 0."""
    x = convert_to_tensor(embeddings)
    norms = math.reduce_sum(math.square(x), 1, keepdims=True)
    by_product = norms + array.transpose(norms) - 2 * matmul(x, x, transpose_b=True)
    found = math.maximum(by_product, 0)
    if not squared:
        apart = greater(found, 0)
        root = math.sqrt(array.where(apart, found, array.ones_like(found)))
        found = array.where(apart, root, array.zeros_like(found))
    return found * _is_other(found)


def contrastive_loss(
    labels: Any, embeddings_anchor: Any, embeddings_positive: Any, margin: float = 1.0
) -> Tensor:
    r"""Pull pairs of one kind together, push others apart up to a margin.

    .. math:: \frac{1}{n} \sum_i y_i d_i^2 + (1 - y_i) \max(m - d_i, 0)^2

    Parameters
    ----------
    labels : Tensor, integer [n]
        1 where the two of a pair belong together, else 0.
    embeddings_anchor, embeddings_positive : Tensor, float [n, k]
        The two of each pair, of length 1.
    margin : float
        How far apart others are to be.

    Returns
    -------
    Tensor, float scalar

    Notes
    -----
    Hadsell et al., "Dimensionality reduction by learning an invariant mapping", CVPR 2006.
    """
    apart = math.squared_difference(embeddings_anchor, embeddings_positive)
    distances = math.sqrt(math.reduce_sum(apart, 1))
    together = math.cast(labels, distances.dtype)
    pushed = math.square(math.maximum(margin - distances, 0))
    each = together * math.square(distances) + (1 - together) * pushed
    return math.reduce_mean(each, name="contrastive_loss")


def triplet_semihard_loss(labels: Any, embeddings: Any, margin: float = 1.0) -> Tensor:
    r"""Each two of one label are to be closer than an anchor and the hardest fair negative.

    .. math:: \frac{1}{P} \sum_{a, p} \max(m + d_{ap}^2 - d_{an}^2, 0)

    where the negative `n` of an anchor and a positive is the closest one that is further away than
    the positive, or the furthest of all if there is none.

    Parameters
    ----------
    labels : Tensor, integer [n]
    embeddings : Tensor, float32 [n, k]
        Of length 1.
    margin : float

    Returns
    -------
    Tensor, float32 scalar

    Notes
    -----
    Schroff et al., "FaceNet: a unified embedding for face recognition and clustering", CVPR 2015.
    """
    distances = _distances(embeddings, squared=True)
    same = _have_one_label(labels)
    negative = logical_not(same)
    # [anchor, positive, negative]
    to_positive, to_negative = distances[:, :, None], distances[:, None, :]
    fair = logical_and(negative[:, None, :], greater(to_negative, to_positive))
    largest = math.reduce_max(distances, 1)[:, None, None]
    smallest = math.reduce_min(distances, 1)[:, None]
    hardest = math.reduce_min(
        (to_negative - largest) * math.cast(fair, distances.dtype), 2
    ) + array.squeeze(largest, [2])
    furthest = (
        math.reduce_max(
            (distances - smallest) * math.cast(negative, distances.dtype), 1, keepdims=True
        )
        + smallest
    )
    furthest = furthest + array.zeros_like(distances)
    chosen = array.where(math.reduce_any(fair, 2), hardest, furthest)
    positive = math.cast(same, distances.dtype) * _is_other(distances)
    each = math.maximum((margin + distances - chosen) * positive, 0)
    return math.truediv(
        math.reduce_sum(each), math.reduce_sum(positive), name="triplet_semihard_loss"
    )


def npairs_loss(
    labels: Any,
    embeddings_anchor: Any,
    embeddings_positive: Any,
    reg_lambda: float = 0.002,
    print_losses: bool = False,
) -> Tensor:
    r"""The cross entropy of telling for each anchor which positive is its own.

    .. math:: -\frac{1}{n} \sum_i \sum_j \hat y_{ij} \log \mathrm{softmax}(a_i \cdot p)_j
              + \frac{\lambda}{4 n} \sum_i \lVert a_i \rVert^2 + \lVert p_i \rVert^2

    Parameters
    ----------
    labels : Tensor, integer [n]
        Several that are equal share the probability.
    embeddings_anchor, embeddings_positive : Tensor, float32 [n, k]
        Of any length.
    reg_lambda : float
        The weight of the squares of their lengths.
    print_losses : bool
        Print both parts when they are computed.

    Returns
    -------
    Tensor, float32 scalar

    Notes
    -----
    Sohn, "Improved deep metric learning with multi-class N-pair loss objective", NIPS 2016.
    """
    squares = [
        math.reduce_mean(math.reduce_sum(math.square(each), 1))
        for each in (embeddings_anchor, embeddings_positive)
    ]
    l2loss = math.multiply(0.25 * reg_lambda, squares[0] + squares[1], name="l2loss")
    likeness = matmul(embeddings_anchor, embeddings_positive, transpose_b=True)
    targets = math.cast(_have_one_label(labels), likeness.dtype)
    targets = targets / math.reduce_sum(targets, 1, keepdims=True)
    entropies = softmax_cross_entropy_with_logits(labels=targets, logits=likeness)
    entropy = math.reduce_mean(entropies, name="xentropy")
    if print_losses:
        entropy = Print(entropy, ["cross entropy:", entropy, "l2loss:", l2loss])
    return l2loss + entropy


def lifted_struct_loss(labels: Any, embeddings: Any, margin: float = 1.0) -> Tensor:
    r"""Each two of one label are to be closer than either is to any other label, smoothly.

    .. math:: \frac{1}{2 P} \sum_{i, j} \max\Bigl(0, d_{ij} + \log \sum_{k}
              e^{m - d_{ik}} + e^{m - d_{jk}}\Bigr)^2

    over pairs of one label, and `k` of another one.

    Parameters
    ----------
    labels : Tensor, integer [n]
    embeddings : Tensor, float32 [n, k]
        Of any length.
    margin : float

    Returns
    -------
    Tensor, float32 scalar

    Notes
    -----
    Song et al., "Deep metric learning via lifted structured feature embedding", CVPR 2016.
    """
    distances = _distances(embeddings, squared=False)
    same = _have_one_label(labels)
    negative = math.cast(logical_not(same), distances.dtype)
    pushes = margin - distances
    smallest = math.reduce_min(pushes, 1, keepdims=True)
    strongest = math.reduce_max((pushes - smallest) * negative, 1, keepdims=True) + smallest
    both = math.maximum(strongest, array.transpose(strongest))
    terms = math.exp(pushes[:, None, :] - both[:, :, None]) * negative[:, None, :]
    of_one = math.reduce_sum(terms, 2)
    of_both = both + math.log(of_one + array.transpose(of_one))
    positive = math.cast(same, distances.dtype) * _is_other(distances)
    each = math.square(math.maximum((of_both + distances) * positive, 0))
    n_pairs = math.reduce_sum(positive) / 2
    return math.truediv(0.25 * math.reduce_sum(each), n_pairs, name="liftedstruct_loss")
