"""Weights, labels and predictions of metrics whose ranks differ by one, or only the run knows."""

import numpy as np

from golden.case import case, complaint, numbers

LABELS, VALUES = np.float32([1, 2, 0, 4]), np.float32([1, 2, 3, 4])
PAIRS = {
    "rows": (LABELS, VALUES),
    "column labels": (LABELS[:, None], VALUES),
    "column predictions": (LABELS, VALUES[:, None]),
    "columns": (LABELS[:, None], VALUES[:, None]),
    "matrices": (numbers(4, 3), numbers(4, 3, seed=2)),
}
WEIGHTS = {
    "none": None,
    "scalar": np.float32(2),
    "row": np.float32([1, 2, 0, 3]),
    "column": np.float32([[1], [2], [0], [3]]),
    "matrix": np.float32(numbers(4, 3) > 0),
}


def updated(tf, metric, arrays, known):
    """The metric after one batch."""
    with tf.Graph().as_default(), tf.Session() as session:
        feed = {}
        tensors = []
        for array in arrays:
            if known or array is None:
                tensors.append(array)
            else:
                tensors.append(tf.placeholder(tf.float32))
                feed[tensors[-1]] = array
        update = metric(*tensors)[1]
        session.run(tf.local_variables_initializer())
        return session.run(update, feed)


def answers(tf, metric):
    """The metric for each pair and weights, their shapes known before the run and not."""
    result = {}
    for pair, given in PAIRS.items():
        for kind, weights in WEIGHTS.items():
            for known in (True, False):
                name = " ".join([pair, kind, "known" if known else "unknown"])
                try:
                    result[name] = updated(tf, metric, [*given, weights], known)
                except (ValueError, tf.errors.InvalidArgumentError):
                    result[name] = "refused"
    return result


@case
def mean(tf):
    return answers(tf, lambda labels, values, weights: tf.metrics.mean(values, weights))


@case
def accuracy(tf):
    return answers(tf, tf.metrics.accuracy)


@case
def mean_squared_error(tf):
    return answers(tf, tf.metrics.mean_squared_error)


@case
def precision(tf):
    return answers(tf, tf.metrics.precision)


@case
def confusion(tf):
    def matrix(labels, predictions, **options):
        with tf.Session() as session:
            return session.run(tf.confusion_matrix(labels, predictions, **options))

    labels = tf.placeholder(tf.int64)
    with tf.Session() as session:
        column = session.run(tf.confusion_matrix(labels, [0, 1, 1]), {labels: [[0], [1], [2]]})
    return {
        "plain": matrix([0, 1, 2], [0, 1, 1]),
        "weighted": matrix([0, 1, 2], [0, 1, 1], num_classes=4, weights=[1, 2, 5]),
        "column": column,
        "negative": complaint(lambda: matrix([-1, 1], [0, 1]), "negative values"),
        "beyond": complaint(lambda: matrix([0, 3], [0, 1], num_classes=3), "out of bound"),
        "matrices": complaint(lambda: matrix([[0, 1]], [[0, 1]]), "must have rank 2"),
        "lengths": complaint(lambda: matrix([0, 1, 2], [0, 1])),
    }
