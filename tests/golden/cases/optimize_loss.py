"""`tf.contrib.layers.optimize_loss`: the weights after some steps."""

import importlib

import numpy as np

from golden.case import case, complaint, numbers, seen


def step(tf, optimizer, **options):
    """Two steps on the squares of a layer; the loss, the weights and the steps after them."""
    w = tf.get_variable("w", initializer=tf.constant(numbers(3, 2)))
    b = tf.get_variable("b", [2], initializer=tf.ones_initializer())
    loss = tf.reduce_mean(tf.square(tf.matmul(tf.constant(numbers(4, 3, seed=2)), w) + b))
    steps = tf.train.get_or_create_global_step()
    options.setdefault("learning_rate", 0.1)
    train = tf.contrib.layers.optimize_loss(loss, steps, optimizer=optimizer, **options)
    summaries = [s.name for s in tf.get_collection(tf.GraphKeys.SUMMARIES)]
    result = seen(tf, initial=True, gradients=False, runs=2, loss=train)
    return dict(result, summaries=summaries)


@case
def sgd(tf):
    return step(tf, "SGD")


@case
def adam(tf):
    return step(tf, "Adam")


@case
def adagrad(tf):
    return step(tf, "Adagrad")


@case
def momentum(tf):
    return step(tf, "Momentum")


@case
def rmsprop(tf):
    return step(tf, "RMSProp")


@case
def ftrl(tf):
    return step(tf, "Ftrl")


@case
def clipped(tf):
    return step(tf, "SGD", clip_gradients=0.5, summaries=["gradient_norm", "learning_rate"])


@case
def decayed(tf):
    def decay(rate, steps):
        return tf.train.exponential_decay(rate, steps, 1, 0.5)

    return step(tf, "SGD", learning_rate_decay_fn=decay)


@case
def multiplied(tf):
    return step(tf, tf.train.MomentumOptimizer(0.1, 0.9), gradient_multipliers={"w": 0.5})


@case
def by_a_function(tf):
    return step(tf, lambda rate: tf.train.GradientDescentOptimizer(2 * rate), name="training")


@case
def by_a_class(tf):
    return step(tf, tf.train.GradientDescentOptimizer, learning_rate=tf.constant(0.3), name="mine")


@case
def every_summary(tf):
    return step(tf, "SGD", summaries=tf.contrib.layers.OPTIMIZER_SUMMARIES, clip_gradients=1.0)


@case
def complaints(tf):
    w = tf.get_variable("w", initializer=tf.constant(numbers(2)))
    loss, steps = tf.reduce_sum(w), tf.train.get_or_create_global_step()
    optimize = tf.contrib.layers.optimize_loss
    return {
        "name": complaint(
            lambda: optimize(loss, steps, 0.1, "Magic"),
            "Optimizer name should be one of [Adagrad, Adam, Ftrl, Momentum, RMSProp, SGD], "
            "you provided Magic.",
        ),
        "kind": complaint(
            lambda: optimize(loss, steps, 0.1, 7), "Unrecognized optimizer: should be string"
        ),
        "rate": complaint(
            lambda: optimize(loss, steps, "fast", "SGD"),
            "Learning rate should be 0d Tensor or float. Got fast",
        ),
        "clip": complaint(
            lambda: optimize(loss, steps, 0.1, "SGD", clip_gradients="1"),
            "Unknown type <class 'str'> for clip_gradients",
        ),
        "nothing to train": complaint(
            lambda: optimize(loss, steps, 0.1, "SGD", variables=[], name="none"),
            "No variables to optimize.",
        ),
        "class": complaint(
            lambda: optimize(loss, steps, None, tf.train.AdamOptimizer),
            "Learning rate is None, but should be specified if optimizer is class",
        ),
        "summary": complaint(
            lambda: optimize(loss, steps, 0.1, "SGD", summaries=["weights"], name="s"),
            "Summaries should be one of",
        ),
    }


def adaptively_clipped(tf, **options):
    library = "graphmode" if tf.__name__ == "graphmode" else "tensorflow"
    optimizers = importlib.import_module(library + ".contrib.layers.python.layers.optimizers")
    step = tf.train.get_or_create_global_step()
    variable = tf.get_variable("v", [2])
    gradient = tf.placeholder(tf.float32, [2])
    rows = tf.IndexedSlices(gradient[:1], tf.constant([1]), tf.constant([2]))
    given = [(gradient, variable), (rows, variable), (None, variable)]
    if options.get("global_step"):
        options["global_step"] = step
    found = optimizers.adaptive_clipping_fn(**options)(given)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = []
        for i in range(6):
            feed = {gradient: [3.0 + i**2, 4.0]}
            values.append(session.run([found[0][0], found[1][0].values], feed))
            session.run(tf.assign_add(step, 1))
        averages = session.run(tf.global_variables()[2:])
    return {
        "values": np.concatenate([np.concatenate(one) for one in values]),
        "averages": np.array(averages),
        "names": [v.name for v in tf.global_variables()],
        "summaries": [s.name for s in tf.get_collection(tf.GraphKeys.SUMMARIES)],
        "without": str(found[2][0]),
    }


@case
def adaptive_clipping(tf):
    return adaptively_clipped(tf, decay=0.5)


@case
def adaptive_clipping_with_all(tf):
    return adaptively_clipped(
        tf,
        std_factor=1.0,
        decay=0.5,
        static_max_norm=20.0,
        global_step=True,
        report_summary=True,
        epsilon=1e-3,
        name="mine",
    )


@case
def multiplied_gradients(tf):
    multiply = tf.contrib.training.multiply_gradients
    a, b = tf.get_variable("a", []), tf.get_variable("b", [])
    given = [(tf.constant(2.0), a), (tf.constant(1.0), b), (None, b)]
    with tf.Session() as session:
        values = session.run([g for g, _ in multiply(given[:2], {a: 3.0, "b": 2.0})])
    return {
        "values": np.array(values),
        "skipped": str(multiply(given, {a: 3.0})[2][0]),
        "none": complaint(lambda: multiply(given, {b: 3.0}), "multiple of `None` gradient."),
        "empty": complaint(lambda: multiply(given, {}), "`gradient_multipliers` is empty."),
        "no list": complaint(lambda: multiply(tuple(given), {a: 1.0}), "must be a list."),
    }
