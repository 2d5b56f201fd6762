"""`tf.contrib.distributions`: what it has beyond `tf.distributions`, and that both are one."""

import numpy as np

from golden.case import case, complaint, numbers, seen

LOC, SCALE = numbers(2, 3), np.float32([0.5, -1.5, 2.0])


def answers(tf, d, value, others=()):
    """Statistics, functions of a value, divergences and draws, with their gradients."""
    found = {name: getattr(d, name)() for name in ("mean", "mode", "stddev", "variance", "entropy")}
    found["log_prob"], found["prob"] = d.log_prob(value), d.prob(value)
    for i, other in enumerate(others):
        found["to {}".format(i)] = tf.contrib.distributions.kl_divergence(d, other)  # noqa: UP032
    draws = d.sample([2, 2], seed=5)
    return found, draws


@case
def vectors_of_normal_numbers(tf):
    lib = tf.contrib.distributions
    loc, scale = tf.constant(LOC, name="loc"), tf.constant(SCALE, name="scale")
    d = lib.MultivariateNormalDiag(loc, scale)
    other = lib.MultivariateNormalDiag(scale_diag=tf.constant([1.0, 2.0, 0.5]))
    found, draws = answers(tf, d, numbers(4, 2, 3, seed=3), [other])
    found["covariance"] = d.covariance()
    facts = seen(tf, of=[loc, scale], **found)
    with tf.Session() as sess:
        facts["draws"] = sess.run(draws)
        facts["slopes"] = sess.run(tf.gradients(draws, [loc]))[0]
    facts["shapes"] = str([d.batch_shape, d.event_shape, draws.shape, d.name, d.dtype.name])
    return {key: fact for key, fact in facts.items() if not key.endswith(".tensor")}


@case
def scales_of_vectors(tf):
    lib = tf.contrib.distributions
    made = {
        "only loc": lib.MultivariateNormalDiag(LOC),
        "multiplier": lib.MultivariateNormalDiag(LOC, scale_identity_multiplier=2.0),
        "both": lib.MultivariateNormalDiag(LOC, SCALE, 0.25),
        "only scale": lib.MultivariateNormalDiag(scale_diag=SCALE),
        "softplus": lib.MultivariateNormalDiagWithSoftplusScale(LOC, SCALE),
        "normal softplus": lib.NormalWithSoftplusScale(LOC, SCALE),
    }
    found = {}
    for key, d in made.items():
        found[key + " stddev"], found[key + " entropy"] = d.stddev(), d.entropy()
        found[key + " log_prob"] = d.log_prob(LOC * 0.5)
    facts = seen(tf, gradients=False, **found)
    return {key: fact for key, fact in facts.items() if not key.endswith(".tensor")}


@case
def refused(tf):
    lib = tf.contrib.distributions

    def run(make):
        with tf.Session() as sess:
            return sess.run(make())

    return {
        "nothing": complaint(lambda: lib.MultivariateNormalDiag()),
        "singular": complaint(
            lambda: run(
                lambda: lib.MultivariateNormalDiag(LOC, [0.0, 1, 1], validate_args=True).log_prob(
                    LOC
                )
            )
        ),
    }


@case
def both_are_one(tf):
    names = (
        "Bernoulli Beta Categorical Dirichlet Exponential Gamma Laplace Multinomial Normal "
        "StudentT Uniform RegisterKL kl_divergence Distribution"
    )
    old, new = tf.contrib.distributions, tf.distributions
    return {"same": str([n for n in names.split() if getattr(old, n) is getattr(new, n)])}
