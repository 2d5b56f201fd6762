"""`tf.contrib.losses`: values, gradients, names and collections, for each form of weights."""

import numpy as np

from golden.case import case, complaint, numbers, seen

PREDICTIONS, LABELS = numbers(4, 3), numbers(4, 3, seed=2)
WEIGHTS = {
    "scalar": np.float32(2.3),
    "zero": np.float32(0),
    "one": np.float32([1.5]),
    "rows": np.float32([1.2, 3.4, 0, 2]),
    "column": np.float32([[1.2], [3.4], [0], [2]]),
    "line": np.ones([1, 3], np.float32),
    "elements": (PREDICTIONS > 0) * np.float32(2.5),
    "zeros": np.zeros(4, np.float32),
    "too few": np.ones(3, np.float32),
    "none": None,
}


def losses(tf):
    lib = tf.contrib.losses

    def bits(labels):
        return tf.cast(labels > 0, tf.float32)

    return {
        "absolute": lib.absolute_difference,
        "squared": lib.mean_squared_error,
        "pairwise": lib.mean_pairwise_squared_error,
        "log": lambda p, t, w: lib.log_loss(tf.sigmoid(p), bits(t), w),
        "sigmoid": lambda p, t, w: lib.sigmoid_cross_entropy(p, bits(t), w, label_smoothing=0.1),
        "cosine": lambda p, t, w: lib.cosine_distance(p, t, 1, w),
        "softmax": lambda p, t, w: lib.softmax_cross_entropy(p, bits(t), w, label_smoothing=0.1),
        "sparse": lambda p, t, w: lib.sparse_softmax_cross_entropy(p, tf.argmax(t, 1), w),
    }


def answers(tf, names, weights, predictions=PREDICTIONS, labels=LABELS):
    found, refused = {}, {}
    x, t = tf.constant(predictions), tf.constant(labels)
    for name in names:
        for kind in weights:
            try:
                found[name + " " + kind] = losses(tf)[name](x, t, WEIGHTS[kind])
            except ValueError as error:
                refused[name + " " + kind] = str(error).split("\n")[0].split(" for ")[0]
    loss = tf.add_n(list(found.values()))
    result = seen(tf, of=[x], loss=loss, **found)
    result.update(refused)
    result["collected"] = [t.name for t in tf.contrib.losses.get_losses()]
    return result


@case
def differences(tf):
    return answers(tf, ["absolute", "squared", "log", "sigmoid"], WEIGHTS)


@case
def pairwise(tf):
    return answers(tf, ["pairwise"], WEIGHTS)


@case
def of_vectors(tf):
    return answers(tf, ["cosine", "softmax", "sparse"], WEIGHTS)


@case
def of_three_axes(tf):
    kinds = ["scalar", "rows", "column", "elements"]
    names = ["absolute", "squared", "pairwise"]
    return answers(tf, names, kinds, numbers(4, 3, 2), numbers(4, 3, 2, seed=2))


@case
def unknown_lengths(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    weights = tf.placeholder(tf.float32, [None])
    found = {
        name: losses(tf)[name](x, tf.constant(LABELS), weights)
        for name in ["absolute", "pairwise", "softmax", "cosine"]
    }
    return seen(tf, feed={x: PREDICTIONS, weights: WEIGHTS["rows"]}, of=[x], **found)


@case
def unknown_ranks(tf):
    x = tf.placeholder(tf.float32)
    lib = tf.contrib.losses
    return {
        "losses": complaint(lambda: lib.softmax_cross_entropy(x, tf.constant(LABELS)), "losses"),
        "differences": complaint(
            lambda: lib.mean_pairwise_squared_error(x, tf.constant(LABELS)), "get_shape().ndims"
        ),
        "weights": complaint(
            lambda: lib.mean_squared_error(tf.constant(LABELS), tf.constant(LABELS), x),
            "weights.get_shape().ndims cannot be None",
        ),
    }


@case
def hinge(tf):
    loss = tf.contrib.losses.hinge_loss(tf.constant(PREDICTIONS), tf.constant(LABELS > 0))
    result = seen(tf, loss=loss)
    result["collected"] = [t.name for t in tf.contrib.losses.get_losses()]
    return result


@case
def total(tf):
    lib = tf.contrib.losses
    x, t = tf.constant(PREDICTIONS), tf.constant(LABELS)
    with tf.name_scope("first"):
        lib.absolute_difference(x, t, scope="mine")
    lib.mean_squared_error(x, t)
    lib.compute_weighted_loss(tf.constant(PREDICTIONS, tf.float64), [2.0])
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(2.0))
    result = {"first": [t.name for t in lib.get_losses("first")]}
    return result


@case
def metric_learning(tf):
    """Losses of embeddings and their gradients; two of one place, a label without a partner."""
    lib = tf.contrib.losses.metric_learning
    x = tf.constant(np.concatenate([numbers(6, 3, seed=5), numbers(6, 3, seed=5)[2:3]]))
    y, labels = tf.constant(numbers(7, 3, seed=6)), tf.constant([0, 1, 0, 1, 2, 0, 0])
    unit = tf.nn.l2_normalize(x, 1)
    pairs = tf.constant([0, 1, 1, 0, 1, 0, 1])
    result = {}
    for name, loss in {
        "contrastive": lib.contrastive_loss(pairs, x, y, margin=1.7),
        "triplet": lib.triplet_semihard_loss(labels, unit, margin=0.4),
        "triplet of one": lib.triplet_semihard_loss(labels[:4], x[:4]),
        "npairs": lib.npairs_loss(labels, x, y, reg_lambda=0.3),
        "lifted": lib.lifted_struct_loss(labels, x + y, margin=0.8),
    }.items():
        slopes = [slope for slope in tf.gradients(loss, [x, y]) if slope is not None]
        with tf.Session() as session:
            result[name], gradients = session.run([loss, slopes])
        result.update((f"{name} by {i}", g) for i, g in enumerate(gradients))
        if name != "npairs":  # a sum without a name
            result[name + " op"] = loss.op.name
    return result
