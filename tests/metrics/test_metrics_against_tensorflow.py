"""tf.metrics: values, local variables and names over several updates, as TensorFlow's."""

import numpy as np
import pytest

import graphmode as gm

N = 8


def classes(rng):
    return rng.integers(0, 3, N)


def answers(rng):
    return rng.integers(0, 2, N)


def scores(rng):
    return rng.uniform(0, 1, N).astype(np.float32)


def numbers(rng):
    return rng.normal(size=N).astype(np.float32)


def rows(rng):
    return rng.normal(size=(N, 3)).astype(np.float32)


def weights(rng):
    return rng.uniform(0, 2, N).astype(np.float32)


def column(rng):
    return rng.uniform(0, 2, (N, 1)).astype(np.float32)


CASES = {
    "accuracy": (lambda m, a, b: m.accuracy(a, b), [classes, classes]),
    "accuracy of weights": (
        lambda m, a, b, w: m.accuracy(a, b, w, name="right"), [classes, classes, weights]
    ),
    "accuracy of a column": (
        lambda m, a, b, w: m.accuracy(a, b, w),
        [lambda rng: rng.integers(0, 3, (N, 1)).astype(np.int32), classes, column],
    ),
    "mean": (lambda m, a: m.mean(a), [rows]),
    "mean of weights": (lambda m, a, w: m.mean(a, w), [rows, column]),
    "mean of a scalar weight": (lambda m, a: m.mean(a, 2.0), [rows]),
    "mean_tensor": (lambda m, a, w: m.mean_tensor(a, w), [rows, column]),
    "mean_absolute_error": (lambda m, a, b: m.mean_absolute_error(a, b), [numbers, numbers]),
    "mean_squared_error": (
        lambda m, a, b, w: m.mean_squared_error(a, b, w), [numbers, numbers, weights]
    ),
    "root_mean_squared_error": (
        lambda m, a, b: m.root_mean_squared_error(a, b), [numbers, numbers]
    ),
    "mean_relative_error": (
        lambda m, a, b, c: m.mean_relative_error(a, b, c), [numbers, numbers, weights]
    ),
    "mean_cosine_distance": (lambda m, a, b: m.mean_cosine_distance(a, b, 1), [rows, rows]),
    "percentage_below": (lambda m, a: m.percentage_below(a, 0.3), [numbers]),
    "auc of weights": (lambda m, a, b, w: m.auc(a, b, w), [answers, scores, weights]),
    "auc at thresholds": (lambda m, a, b: m.auc(a, b, thresholds=[0.5, 0.2]), [answers, scores]),
    "sensitivity_at_specificity": (
        lambda m, a, b: m.sensitivity_at_specificity(a, b, 0.6), [answers, scores]
    ),
    "specificity_at_sensitivity": (
        lambda m, a, b: m.specificity_at_sensitivity(a, b, 0.6), [answers, scores]
    ),
    "mean_iou": (lambda m, a, b: m.mean_iou(a, b, 4), [classes, classes]),
    "mean_iou of weights": (
        lambda m, a, b, w: m.mean_iou(a, b, 4, w), [classes, classes, weights]
    ),
    "mean_per_class_accuracy": (
        lambda m, a, b, w: m.mean_per_class_accuracy(a, b, 3, w), [classes, classes, weights]
    ),
}  # fmt: skip


def several(rng):
    return rng.integers(0, 6, (N, 3))


def best(rng):
    return rng.permuted(np.tile(np.arange(5), (N, 1)), axis=1)[:, :2]


def five(rng):
    return rng.normal(size=(N, 5)).astype(np.float32)


for _kind in ("precision", "recall"):
    CASES[f"{_kind}_at_k"] = (
        lambda m, a, b, kind=_kind: getattr(m, f"{kind}_at_k")(a, b, 2),
        [classes, five],
    )
    CASES[f"{_kind}_at_k of several labels"] = (
        lambda m, a, b, w, kind=_kind: getattr(m, f"{kind}_at_k")(a, b, 3, weights=w),
        [several, five, weights],
    )
    CASES[f"{_kind}_at_k of a class"] = (
        lambda m, a, b, kind=_kind: getattr(m, f"{kind}_at_k")(a, b, 3, class_id=1),
        [several, five],
    )
    CASES[f"{_kind}_at_top_k"] = (
        lambda m, a, b, kind=_kind: getattr(m, f"{kind}_at_top_k")(a, b, name="top"),
        [several, best],
    )
for _kind in ("true_positives", "false_positives", "true_negatives", "false_negatives"):
    CASES[_kind] = (
        lambda m, a, b, w, kind=_kind: getattr(m, kind)(a, b, w), [answers, answers, weights]
    )  # fmt: skip
    CASES[f"{_kind}_at_thresholds"] = (
        lambda m, a, b, kind=_kind: getattr(m, f"{kind}_at_thresholds")(a, b, [0.2, 0.5, 0.9]),
        [answers, scores],
    )
for _kind in ("precision", "recall"):
    CASES[_kind] = (lambda m, a, b, kind=_kind: getattr(m, kind)(a, b), [answers, answers])
    CASES[f"{_kind}_at_thresholds"] = (
        lambda m, a, b, w, kind=_kind: getattr(m, f"{kind}_at_thresholds")(a, b, [0.2, 0.9], w),
        [answers, scores, weights],
    )
for _curve in ("ROC", "PR"):
    for _method in ("trapezoidal", "careful_interpolation", "minoring", "majoring"):
        CASES[f"auc, {_curve}, {_method}"] = (
            lambda m, a, b, curve=_curve, method=_method: m.auc(
                a, b, curve=curve, summation_method=method, num_thresholds=11
            ),
            [answers, scores],
        )


def run(tf, build, makers, known):
    batches = [
        [make(np.random.default_rng(100 * i + j)) for j, make in enumerate(makers)]
        for i in range(3)
    ]
    with tf.Graph().as_default(), tf.Session() as session:
        inputs = [
            tf.placeholder(a.dtype, a.shape if known else [None] * a.ndim) for a in batches[0]
        ]
        value, update = build(tf.metrics, *inputs)
        variables = tf.local_variables()
        assert variables == tf.get_collection(tf.GraphKeys.METRIC_VARIABLES)
        session.run(tf.local_variables_initializer())
        found = [session.run(value)]
        for batch in batches:
            found.append(session.run(update, dict(zip(inputs, batch, strict=True))))
            found.append(session.run(value))
        found += session.run(variables)
        return value.name, update.name, [v.name for v in variables], found


@pytest.mark.parametrize("known", [True, False], ids=["known shapes", "unknown shapes"])
@pytest.mark.parametrize("name", CASES)
def test_metrics_are_tensorflows(oracle, name, known):
    oracle.disable_resource_variables()
    known = known or name == "mean_tensor"  # its variables have the shape of the values
    *names, values = run(gm, *CASES[name], known)
    *their_names, theirs = run(oracle, *CASES[name], known)
    assert names == their_names
    for value, expected in zip(values, theirs, strict=True):
        assert (np.shape(value), value.dtype) == (np.shape(expected), expected.dtype)
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6)


def test_results_are_added_to_the_named_collections():
    with gm.Graph().as_default():
        value, update = gm.metrics.mean(gm.ones([3]), None, ["values"], ["updates"])
        assert gm.get_collection("values") == [value]
        assert gm.get_collection("updates") == [update]


@pytest.mark.parametrize(
    "expression",
    [
        "metrics.accuracy(tf.zeros([2, 3]), tf.zeros([2, 4]))",
        "metrics.auc(tf.ones([2]), tf.ones([2]), curve='x')",
        "metrics.sensitivity_at_specificity(tf.ones([2]), tf.ones([2]), 1.5)",
    ],
)
def test_refusals_are_tensorflows(oracle, outcome, expression):
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default():
            results.append(outcome(expression, tf=tf, metrics=tf.metrics))
    assert results[0] == results[1]


def test_scores_outside_0_and_1_are_refused_in_the_run():
    with gm.Graph().as_default(), gm.Session() as session:
        fed = gm.placeholder(gm.float32, [2])
        _, update = gm.metrics.auc(gm.constant([True, False]), fed)
        session.run(gm.local_variables_initializer())
        with pytest.raises(gm.errors.InvalidArgumentError, match=r"must be in \[0, 1\]"):
            session.run(update, {fed: [0.5, 1.5]})


def test_the_confusion_matrix_is_tensorflows(oracle):
    labels, predictions = np.array([0, 1, 2, 1, 1]), np.array([0, 2, 2, 1, 0])
    found = []
    for tf in (gm, oracle):
        with tf.Graph().as_default(), tf.Session() as session:
            found.append(session.run([
                tf.confusion_matrix(labels, predictions),
                tf.confusion_matrix(labels, predictions, 4, weights=[1, 2, 3, 4, 5]),
            ]))  # fmt: skip
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    too_large = pytest.raises(gm.errors.InvalidArgumentError, match="`labels` out of bound")
    with gm.Graph().as_default(), gm.Session() as session, too_large:
        session.run(gm.confusion_matrix(labels, predictions, 2))


def test_contribs_metrics_take_the_predictions_first():
    contrib = gm.contrib.metrics
    with gm.Graph().as_default(), gm.Session() as session:
        said = gm.constant([True, True, False, True])
        true = gm.constant([True, False, True, True])
        values, updates = contrib.aggregate_metric_map({
            "precision": contrib.streaming_precision(said, true),
            "accuracy": contrib.streaming_accuracy(said, true),
            "f1": contrib.f1_score(true, gm.to_float(said)),
            "top 2": contrib.streaming_recall_at_k(
                gm.constant([[0.1, 0.5, 0.4], [0.6, 0.3, 0.1]]), gm.constant([2, 2]), 2
            ),
        })  # fmt: skip
        session.run(gm.local_variables_initializer())
        session.run(updates)
        found = session.run(values)
        expected = {"precision": 2 / 3, "accuracy": 0.5, "f1": 6 / 7, "top 2": 0.5}
        assert found == pytest.approx(expected, abs=1e-6)
        assert session.run(contrib.accuracy(said, true)) == 0.5


@pytest.mark.parametrize("weigh", [False, True], ids=["", "weights"])
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_metrics_of_ranks_take_sparse_labels(oracle, mode, sparse, weigh):
    rng = np.random.default_rng(5)
    labels, scored = several(rng), five(rng)
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default(), tf.Session() as session:
            if sparse:
                rows = np.array([[i, j] for i in range(N) for j in range(1 + i % 3)])
                given = tf.SparseTensor(rows, labels[tuple(rows.T)] % 5, [N, 3])
            else:
                given = tf.constant(labels % 5)
            weight = np.arange(N).astype(np.float32) if weigh else None
            pairs = [
                tf.metrics.average_precision_at_k(given, scored, 4, weight),
                tf.metrics.sparse_average_precision_at_k(given, scored, 1),
                tf.metrics.recall_at_k(given, scored, 2, None, weight),
                tf.metrics.sparse_precision_at_k(given, scored, 2, 3, weight),
            ]
            session.run(tf.local_variables_initializer())
            results.append([session.run([u for _, u in pairs]), session.run([v for v, _ in pairs])])
    np.testing.assert_allclose(*results, rtol=1e-12)
