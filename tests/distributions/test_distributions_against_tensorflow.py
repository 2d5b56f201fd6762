"""Each distribution: values, gradients, draws, shapes and names beside TensorFlow's."""

import numpy as np
import pytest

import graphmode as gm


def f(*values):
    return np.array(values, np.float32)


PROBS = f([0.5, 0.2, 0.3], [0.1, 0.1, 0.8])
MAKE = {
    "normal": lambda d: d.Normal(f(0, 1, -2), f([1], [0.5])),
    "normal of doubles": lambda d: d.Normal(np.float64([0, 1]), np.float64(2)),
    "laplace": lambda d: d.Laplace(f(0, 1, -2), f([1], [0.5])),
    "uniform": lambda d: d.Uniform(f(0, 1, -2), f([3], [4])),
    "student": lambda d: d.StudentT(f(0.5, 1.5, 3), f(0, 1, 2), f(1, -0.5, 2)),
    "gamma": lambda d: d.Gamma(f(0.5, 1.5, 3), f(1, 2.5, 2)),
    "exponential": lambda d: d.Exponential(f(0.5, 1.5, 3)),
    "beta": lambda d: d.Beta(f(0.5, 1.5, 3), f(1, 2.5, 2)),
    "dirichlet": lambda d: d.Dirichlet(f(0.5, 1.5, 3)),
    "dirichlet with a mode": lambda d: d.Dirichlet(f(1.5, 1.5, 3)),
    "bernoulli": lambda d: d.Bernoulli(probs=f(0.5, 0.2, 0.9)),
    "bernoulli by logits": lambda d: d.Bernoulli(logits=f([0.5, 0.2, -1.9])),
    "categorical": lambda d: d.Categorical(probs=PROBS),
    "categorical by logits": lambda d: d.Categorical(logits=f(0.5, 0.2, 0.3)),
    "multinomial": lambda d: d.Multinomial(f(4, 5), probs=PROBS),
    "multinomial of one row": lambda d: d.Multinomial(4.0, logits=f(0.5, 0.2, -3)),
}
COUNTS = np.int32([[1, 0], [2, 2]])
VALUES = {
    "normal": [f(-30, -1, 0.3), f(0, 7, 40)],
    "normal of doubles": [np.float64([[-30, 7], [1, 2]])],
    "laplace": [f(-3, -1, 0.3)],
    "uniform": [f(-3, 1, 0.3), f(3, 4, np.nan)],
    "student": [f(-3, -1, 0.3)],
    "gamma": [f(0.5, 1, 0.3)],
    "exponential": [f(0.5, 1, 0.3)],
    "beta": [f(0.5, 0.9, 0.3)],
    "dirichlet": [f(0.5, 0.2, 0.3)],
    "dirichlet with a mode": [f([0.5, 0.2, 0.3], [0.1, 0.1, 0.8])],
    "bernoulli": [np.int32([1, 0, 1])],
    "bernoulli by logits": [np.int32([[1], [0]])],
    "categorical": [COUNTS],
    "categorical by logits": [np.int32([1, 0, 2])],
    "multinomial": [f([2, 1, 1], [0, 1, 4])],
    "multinomial of one row": [f([2, 1, 1], [0, 1, 3])],
}
OF_VALUES = ["log_prob", "prob", "cdf", "log_cdf", "survival_function", "log_survival_function"]
STATISTICS = ["mean", "mode", "variance", "stddev", "entropy", "covariance"]
# Nodes whose last op is another one: TensorFlow reshapes there and back.
DRAWS = ["sample", "one draw"]
OTHER_NAMES = ["Categorical/cdf/Reshape_2:0", "Categorical/cdf/Sum:0"]


def answers(tf, case):
    """What a library says of one case: texts, and tensors with their gradients."""
    d = MAKE[case](tf.distributions)
    texts, tensors = {"str": str(d), "repr": repr(d)}, {}
    calls = [(name, ()) for name in STATISTICS]
    calls += [(name, (value,)) for value in VALUES[case] for name in OF_VALUES]
    for name, arguments in calls:
        try:
            tensors[f"{name} {len(tensors)}"] = getattr(d, name)(*arguments)
        except NotImplementedError as error:
            texts[name] = str(error)
    if case != "multinomial":  # TensorFlow draws for the rows in any order
        tensors["sample"] = d.sample([2, 3], seed=7)
        tensors["one draw"] = d.sample(seed=3)
    for name, t in tensors.items():
        texts[f"{name} is"] = f"{t.name} {t.shape} {t.dtype.name}"
    parameters = [p for p in d._graph_parents if p.dtype.is_floating]
    for name, t in list(tensors.items()):
        # Of counts TensorFlow gives zeros, by way of its loop; here there is no gradient.
        if t.dtype.is_floating and not (case == "multinomial of one row" and name in DRAWS):
            for i, slope in enumerate(tf.gradients(t, parameters)):
                texts[f"d {name} {i}"] = str(slope is None)
                if slope is not None:
                    tensors[f"d {name} {i}"] = tf.convert_to_tensor(slope)
    return texts, tensors


@pytest.mark.parametrize("case", MAKE)
def test_a_distribution_is_tensorflows(case, oracle, mode):
    with oracle.Graph().as_default(), oracle.Session() as sess:
        their_texts, tensors = answers(oracle, case)
        theirs = sess.run(tensors)
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        our_texts, tensors = answers(gm, case)
        ours = sess.run(tensors)
    for name, text in our_texts.items():
        for other, here in [OTHER_NAMES]:
            text = text.replace(here, other)
        assert text == their_texts[name], name
    assert our_texts.keys() == their_texts.keys()
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        np.testing.assert_allclose(value, theirs[name], 2e-4, 1e-5, err_msg=name)


PAIRS = [
    ("normal", lambda d: d.Normal(f(0.5), f(2, 3, 4))),
    ("gamma", lambda d: d.Gamma(f(2, 1, 0.5), f(1, 1, 3))),
    ("exponential", lambda d: d.Exponential(f(2))),
    ("beta", lambda d: d.Beta(f(2, 1, 0.5), f(1, 1, 3))),
    ("dirichlet", lambda d: d.Dirichlet(f([1, 1, 1], [3, 1, 0.2]))),
    ("bernoulli", lambda d: d.Bernoulli(logits=f(0.3, -2, 0))),
    ("categorical", lambda d: d.Categorical(logits=f(0.3, -2, 0))),
]


@pytest.mark.parametrize(("case", "other"), PAIRS, ids=[case for case, _ in PAIRS])
def test_a_divergence_is_tensorflows(case, other, oracle, mode):
    def divergences(tf):
        a, b = MAKE[case](tf.distributions), other(tf.distributions)
        kl = tf.distributions.kl_divergence(a, b)
        checked = tf.distributions.kl_divergence(b, a, allow_nan_stats=False, name="back")
        of = [p for p in a._graph_parents if p.dtype.is_floating]
        return [kl, checked, a.kl_divergence(b), a.cross_entropy(b), *tf.gradients(kl, of)]

    with oracle.Graph().as_default(), oracle.Session() as sess:
        tensors = [t for t in divergences(oracle) if t is not None]
        names, theirs = [t.name for t in tensors], sess.run(tensors)
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        tensors = [t for t in divergences(gm) if t is not None]
        ours = sess.run(tensors)
    assert [t.name for t in tensors[1:2]] == names[1:2]
    for value, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(value, expected, 2e-4, 1e-5)


REFUSED = {
    "scale": (lambda d: d.Normal(0.0, -1.0, validate_args=True).mean(), "InvalidArgumentError"),
    "interval": (lambda d: d.Uniform(3.0, 1.0, validate_args=True).low, "not defined when low >="),
    "df": (lambda d: d.StudentT(0.0, 0.0, 1.0, validate_args=True).mean(), "Invalid"),
    "rate": (lambda d: d.Gamma(1.0, 0.0, validate_args=True).mean(), "InvalidArgumentError"),
    "concentration": (
        lambda d: d.Beta(1.0, 0.0, validate_args=True).mean(),
        "Concentration parameter must be positive.",
    ),
    "one class": (
        lambda d: d.Dirichlet(f(1), validate_args=True).mean(),
        "Concentration parameter must have event_size >= 2.",
    ),
    "probs": (
        lambda d: d.Bernoulli(probs=f(1.5), validate_args=True).mean(),
        "probs has components greater than 1.",
    ),
    "sum of probs": (
        lambda d: d.Categorical(probs=f(0.5, 0.6), validate_args=True).mode(),
        "probs does not sum to 1.",
    ),
    "value of gamma": (
        lambda d: d.Gamma(f(1), f(1), validate_args=True).prob(f(-1)),
        "InvalidArgumentError",
    ),
    "value of beta": (
        lambda d: d.Beta(f(2), f(2), validate_args=True).prob(f(1.5)),
        "sample must be less than `1`.",
    ),
    "value of dirichlet": (
        lambda d: d.Dirichlet(f(2, 2), validate_args=True).prob(f(0.5, 0.7)),
        "sample last-dimension must sum to `1`",
    ),
    "value of bernoulli": (
        lambda d: d.Bernoulli(probs=f(0.5), validate_args=True).prob([2]),
        "Elements cannot exceed 1.",
    ),
    "negative class": (
        lambda d: d.Categorical(probs=f(0.5, 0.5), validate_args=True).prob(-1),
        "Elements must be non-negative.",
    ),
    "counts": (
        lambda d: d.Multinomial(4.0, probs=f(0.5, 0.5), validate_args=True).prob(f(2, 1)),
        "counts must sum to `self.total_count`",
    ),
    "mode of gamma": (
        lambda d: d.Gamma(f(1), f(1), allow_nan_stats=False).mode(),
        "mode not defined when any concentration <= 1",
    ),
    "mode of beta": (
        lambda d: d.Beta(f(2), f(1), allow_nan_stats=False).mode(),
        "Mode undefined for concentration0 <= 1.",
    ),
    "mode of dirichlet": (
        lambda d: d.Dirichlet(f(2, 1), allow_nan_stats=False).mode(),
        "Mode undefined when any concentration <= 1",
    ),
    "mean of student": (
        lambda d: d.StudentT(f(1), 0.0, 1.0, allow_nan_stats=False).mean(),
        "mean not defined for components of df <= 1",
    ),
    "variance of student": (
        lambda d: d.StudentT(f(1), 0.0, 1.0, allow_nan_stats=False).variance(),
        "variance not defined for components of df <= 1",
    ),
    "divergence": (
        lambda d: d.kl_divergence(
            d.Normal(f(np.nan), f(1)), d.Normal(f(0), f(1)), allow_nan_stats=False
        ),
        "returned NaN values (and was called with allow_nan_stats=False)",
    ),
    "dtypes": (lambda d: d.Normal(f(1), np.float64(1)), "must be of the same type"),
    "integers": (lambda d: d.Normal(1, 2), "Expected floating point type"),
    "both": (lambda d: d.Bernoulli(f(1), f(1)), "Must pass probs or logits, but not both."),
    "neither": (lambda d: d.Categorical(), "Must pass probs or logits, but not both."),
    "integer logits": (lambda d: d.Bernoulli(logits=1), "logits must having floating type."),
    "matrix of draws": (
        lambda d: d.Normal(0.0, 1.0).sample([[1]]),
        "Input is neither scalar nor vector.",
    ),
    "no divergence": (
        lambda d: d.kl_divergence(d.Normal(0.0, 1.0), d.Gamma(1.0, 1.0)),
        "No KL(distribution_a || distribution_b) registered for distribution_a type Normal",
    ),
    "second divergence": (
        lambda d: d.RegisterKL(d.Normal, d.Normal)(lambda a, b, name=None: a.loc),
        "KL(Normal || Normal) has already been registered",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_as_in_tensorflow(case, oracle, mode):
    make, text = REFUSED[case]
    for tf, options in ((oracle, {}), (gm, {"mode": mode})):
        with tf.Graph().as_default(), tf.Session(**options) as sess:
            with pytest.raises(Exception) as raised:
                sess.run(make(tf.distributions))
            assert text in f"{type(raised.value).__name__} {raised.value}", tf


def test_shapes_that_are_known_only_when_it_runs(mode):
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        loc, count = gm.placeholder(gm.float32), gm.placeholder(gm.int32, [2])
        normal = gm.distributions.Normal(loc, [1.0, 2.0, 3.0])
        draws = normal.sample(count, seed=1)
        rows = gm.placeholder(gm.float32, [None, 3])
        classes = gm.distributions.Categorical(logits=rows)
        assert classes.sample(4).shape.as_list() == [4, None]
        feed = {loc: np.zeros((2, 1)), count: [4, 5], rows: np.zeros((2, 3))}
        shapes = [normal.batch_shape_tensor(), normal.event_shape_tensor(), gm.shape(draws)]
        shapes += [classes.batch_shape_tensor(), gm.shape(classes.sample(4)), classes.event_size]
        found = [value.tolist() for value in sess.run(shapes, feed)]
        assert found == [[2, 3], [], [4, 5, 2, 3], [2], [4, 2], 3]
        scalar = [normal.is_scalar_batch(), normal.is_scalar_event()]
        assert [bool(value) for value in sess.run(scalar, feed)] == [False, True]


def test_a_distribution_of_ones_own(mode):
    d = gm.distributions

    class Shifted(d.Distribution):
        def __init__(self, by, name="Shifted"):
            by = gm.convert_to_tensor(by)
            kind = d.FULLY_REPARAMETERIZED
            super().__init__(by.dtype, kind, False, True, {"by": by}, [by], name)

        def _batch_shape(self):
            return gm.TensorShape([])

        def _event_shape(self):
            return gm.TensorShape([])

        def _sample_n(self, n, seed=None):
            return gm.random_uniform([n], seed=seed) + self.parameters["by"]

        def _cdf(self, value):
            return gm.clip_by_value(value - self.parameters["by"], 0.0, 1.0)

        def _variance(self):
            return gm.constant(1 / 12)

    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        shifted = Shifted(2.0)
        with pytest.raises(NotImplementedError, match=r"^prob is not implemented: Shifted"):
            shifted.prob(1.0)
        assert np.isclose(sess.run(shifted.survival_function(2.25)), 0.75)
        assert np.isclose(sess.run(shifted.stddev()), 12**-0.5)
        assert shifted.sample([3, 2]).shape.as_list() == [3, 2]
        assert sess.run(shifted.copy(by=5.0).sample(100)).min() >= 5.0


def test_quantiles_undo_the_distribution_function(mode):
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        normal = gm.distributions.Normal(f(1, 2), f(3))
        p = f(0.01, 0.7)
        np.testing.assert_allclose(sess.run(normal.cdf(normal.quantile(p))), p, rtol=1e-5)


def test_parameters_learn_through_draws(mode):
    """The gradient goes through what is drawn: the mean moves to where the loss is least."""
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        gm.set_random_seed(3)
        loc, scale = gm.Variable(0.0), gm.Variable(1.0)
        drawn = gm.distributions.Normal(loc, gm.nn.softplus(scale)).sample(200)
        loss = gm.reduce_mean(gm.square(drawn - 4.0))
        step = gm.train.GradientDescentOptimizer(0.1).minimize(loss)
        sess.run(gm.global_variables_initializer())
        for _ in range(60):
            sess.run(step)
        assert abs(sess.run(loc) - 4.0) < 0.05
        assert sess.run(gm.nn.softplus(scale)) < 0.4


def test_counts_of_several_rows_follow_their_probabilities(mode):
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        counts = MAKE["multinomial"](gm.distributions).sample(500, seed=5)
        assert counts.shape.as_list() == [500, 2, 3]
        found = sess.run(counts)
        assert found.sum(-1).tolist() == [[4.0, 5.0]] * 500
        np.testing.assert_allclose(found.mean(0), PROBS * f([4], [5]), atol=0.15)
