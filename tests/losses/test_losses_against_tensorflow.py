"""tf.losses: values, gradients, names, collections and refusals, as TensorFlow's."""

import numpy as np
import pytest

import graphmode as gm

_RNG = np.random.default_rng(0)
PREDICTIONS = _RNG.normal(size=(4, 3)).astype(np.float32)
PROBABILITIES = _RNG.uniform(0.05, 0.95, (4, 3)).astype(np.float32)
TARGETS = _RNG.integers(0, 2, (4, 3)).astype(np.float32)
CLASSES = _RNG.integers(0, 3, 4)
WEIGHTS = np.array([[1], [0], [2.5], [0.5]], np.float32)

CASES = {
    "log_loss": (lambda tf, p, t: tf.losses.log_loss(t, p), [PROBABILITIES, TARGETS]),
    "hinge_loss": (lambda tf, p, t: tf.losses.hinge_loss(t, p), [PREDICTIONS, TARGETS]),
    "huber_loss": (lambda tf, p, t: tf.losses.huber_loss(t, p, delta=0.5), [PREDICTIONS, TARGETS]),
    "cosine_distance": (
        lambda tf, p, t: tf.losses.cosine_distance(t, p, axis=1), [PREDICTIONS, TARGETS]
    ),
    "mean_pairwise_squared_error": (
        lambda tf, p, t, w: tf.losses.mean_pairwise_squared_error(t, p, w),
        [PREDICTIONS, TARGETS, WEIGHTS],
    ),
    "softmax_cross_entropy": (
        lambda tf, p, t: tf.losses.softmax_cross_entropy(t, p, label_smoothing=0.1),
        [PREDICTIONS, TARGETS],
    ),
    "softmax_cross_entropy of weights": (
        lambda tf, p, t, w: tf.losses.softmax_cross_entropy(t, p, weights=w),
        [PREDICTIONS, TARGETS.astype(np.int32), WEIGHTS[:, 0]],
    ),
    "sparse_softmax_cross_entropy": (
        lambda tf, p, t: tf.losses.sparse_softmax_cross_entropy(t, p), [PREDICTIONS, CLASSES]
    ),
    "sparse_softmax_cross_entropy of columns": (
        lambda tf, p, t, w: tf.losses.sparse_softmax_cross_entropy(t, p, w),
        [PREDICTIONS, CLASSES[:, None], WEIGHTS],
    ),
    "sigmoid_cross_entropy": (
        lambda tf, p, t: tf.losses.sigmoid_cross_entropy(t, p, label_smoothing=0.2, weights=3.0),
        [PREDICTIONS, TARGETS],
    ),
    "compute_weighted_loss in float64": (
        lambda tf, p, t: tf.losses.compute_weighted_loss(p * t, scope="mine"),
        [PREDICTIONS.astype(np.float64), TARGETS.astype(np.float64)],
    ),
}  # fmt: skip
for _name in ("mean_squared_error", "absolute_difference"):
    for _reduction in gm.losses.Reduction.all()[:-1]:
        CASES[f"{_name}, {_reduction}, weights"] = (
            lambda tf, p, t, w, name=_name, reduction=_reduction: getattr(tf.losses, name)(
                t, p, weights=w, reduction=reduction
            ),
            [PREDICTIONS, TARGETS, WEIGHTS],
        )
        for _weight in (0.0, 2.0):
            CASES[f"{_name}, {_reduction}, {_weight}"] = (
                lambda tf, p, t, name=_name, reduction=_reduction, weight=_weight: getattr(
                    tf.losses, name
                )(t, p, weights=weight, reduction=reduction),
                [PREDICTIONS, TARGETS],
            )


def run(tf, build, arrays, known):
    with tf.Graph().as_default(), tf.Session() as session:
        shapes = [array.shape if known else [None] * array.ndim for array in arrays]
        inputs = [tf.placeholder(a.dtype, s) for a, s in zip(arrays, shapes, strict=True)]
        loss = build(tf, *inputs)
        floating = [x for x in inputs if x.dtype.is_floating]
        gradients = [g for g in tf.gradients(loss, floating) if g is not None]
        total = tf.losses.get_total_loss()
        values = session.run([loss, total, *gradients], dict(zip(inputs, arrays, strict=True)))
        return loss.name, loss.dtype.name, total.name, values


@pytest.mark.parametrize("known", [True, False], ids=["known shapes", "unknown shapes"])
@pytest.mark.parametrize("name", CASES)
def test_losses_are_tensorflows(oracle, name, known):
    *names, values = run(gm, *CASES[name], known)
    *their_names, theirs = run(oracle, *CASES[name], known)
    assert names == their_names
    assert len(values) == len(theirs)
    for value, expected in zip(values, theirs, strict=True):
        assert np.shape(value) == np.shape(expected)
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6)


REFUSED = [
    "losses.mean_squared_error(tf.zeros([2, 3]), tf.zeros([2, 4]))",
    "losses.mean_squared_error(tf.zeros([2, 3]), tf.zeros([2, 3]), tf.zeros([2]))",
    "losses.mean_squared_error(tf.zeros([2, 3]), tf.zeros([2, 3]), reduction='x')",
    "losses.softmax_cross_entropy(tf.zeros([2, 3]), tf.zeros([2, 4]))",
    "losses.Reduction.all()",
    "losses.get_losses()",
]


@pytest.mark.parametrize("expression", REFUSED)
def test_refusals_are_tensorflows(oracle, outcome, expression):
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default():
            results.append(outcome(expression, tf=tf, losses=tf.losses)[:3])
    ours, theirs = results
    assert ours[:-1] == theirs[:-1]
    assert ours[-1].partition("\n")[0] == theirs[-1].partition("\n")[0]


def test_weights_that_do_not_fit_are_refused_with_both_shapes():
    with gm.Graph().as_default(), gm.Session() as session:
        with pytest.raises(ValueError, match=r"weights can not be broadcast to values. Mismatch"):
            gm.losses.mean_squared_error(gm.zeros([2, 3]), gm.zeros([2, 3]), gm.zeros([2, 2]))
        weights = gm.placeholder(gm.float32, [None, None])
        loss = gm.losses.mean_squared_error(gm.zeros([2, 3]), gm.ones([2, 3]), weights)
        assert session.run(loss, {weights: [[1.0], [3.0]]}) == 2.0
        with pytest.raises(gm.errors.InvalidArgumentError, match=r"can not be broadcast.*2 2"):
            session.run(loss, {weights: np.ones((2, 2))})


@pytest.mark.parametrize(
    ("weights", "fits"), [(2.0, True), ([[1.0, 2.0, 3.0]], True), ([1.0, 2.0, 3.0], False)]
)
def test_weights_of_unknown_rank_are_checked_in_the_run(weights, fits):
    with gm.Graph().as_default(), gm.Session() as session:
        fed = gm.placeholder(gm.float32, None)
        loss = gm.losses.mean_squared_error(gm.zeros([2, 3]), gm.ones([2, 3]), fed)
        if fits:
            assert session.run(loss, {fed: weights}) == 2.0
        else:
            with pytest.raises(gm.errors.InvalidArgumentError, match="can not be broadcast"):
                session.run(loss, {fed: weights})


def test_losses_are_collected_by_scope_and_summed_with_regularizers():
    with gm.Graph().as_default(), gm.Session() as session:
        with gm.name_scope("a"):
            gm.losses.mean_squared_error(gm.zeros([2]), gm.ones([2]))
        gm.losses.mean_squared_error(gm.zeros([2]), 2 * gm.ones([2]), loss_collection="mine")
        gm.losses.add_loss(gm.constant(3.0))
        assert session.run(gm.losses.get_regularization_loss()) == 0.0
        gm.add_to_collection(gm.GraphKeys.REGULARIZATION_LOSSES, gm.constant(0.5))
        assert [loss.name for loss in gm.losses.get_losses("a/")] == [
            "a/mean_squared_error/value:0"
        ]
        found = session.run([
            gm.losses.get_total_loss(),
            gm.losses.get_total_loss(add_regularization_losses=False),
            gm.losses.get_regularization_loss(),
            *gm.losses.get_losses(loss_collection="mine"),
        ])  # fmt: skip
        assert found == [4.5, 4.0, 0.5, 4.0]


def test_contribs_losses_take_the_predictions_first():
    contrib = gm.contrib.losses
    with gm.Graph().as_default(), gm.Session() as session:
        p, t = gm.constant(PREDICTIONS), gm.constant(TARGETS)
        pairs = [
            (contrib.softmax_cross_entropy(p, t), gm.losses.softmax_cross_entropy(t, p)),
            (contrib.log_loss(gm.sigmoid(p), t), gm.losses.log_loss(t, gm.sigmoid(p))),
            (contrib.mean_squared_error(p, t, 2.0), gm.losses.mean_squared_error(t, p, 2.0)),
        ]
        for ours, expected in session.run(pairs):
            assert ours == expected
        assert len(contrib.get_losses()) == 6
        assert session.run(contrib.hinge_loss(p, t)).shape == (4, 3)
