"""What a case is, and how a library answers one: `tensorflow` 1.15.5 and `graphmode` alike.

Everything here and in `cases/` runs under Python 3.7, too.
"""

import zlib

import numpy as np

CASES = {}
"""The function of each case, by ``family/name``."""


def case(function):
    """Register ``function(tf)``, which builds in a new graph and gives a dict of what is seen."""
    family = function.__module__.rsplit(".", 1)[-1]
    name = f"{family}/{function.__name__}"
    if name in CASES:
        raise ValueError("two cases are called " + name)
    CASES[name] = function
    return function


def answer(tf, name):
    """What the library `tf` answers to the case: texts and arrays by name."""
    with tf.Graph().as_default():
        return CASES[name](tf)


def numbers(*shape, seed=1, scale=1.0):
    """Fixed float32 numbers, normally distributed."""
    return (np.random.RandomState(seed).randn(*shape) * scale).astype(np.float32)


def weights_of(name, shape):
    """Fixed weights for the variable `name`, all different from those of other names."""
    seed = zlib.crc32(name.encode()) % 2**31
    return np.random.RandomState(seed).uniform(-0.8, 0.8, shape)


def described(tensor):
    """A tensor's name, dtype and static shape as a line."""
    return f"{tensor.name} {tensor.dtype.base_dtype.name} {tensor.shape}"


def variables(tf):
    """A line for each variable, in the order in which they were made."""
    trainable = set(tf.trainable_variables())
    return [
        described(v) + (" trainable" if v in trainable else "")
        for v in tf.global_variables() + tf.local_variables()
    ]


def leaves(tf, fetches):
    """The tensors of a structure with a name for each: its key and its place among its leaves."""
    flatten = tf.contrib.framework.nest.flatten
    found = {}
    for key, structure in fetches.items():
        tensors = flatten(structure)
        for i, tensor in enumerate(tensors):
            found[key if len(tensors) == 1 else f"{key}/{i}"] = tensor
    return found


def seen(tf, initial=False, gradients=True, of=(), loss=None, feed=None, runs=1, **fetches):
    """What a user sees of `fetches`: names, dtypes, static shapes, values and gradients.

    Parameters
    ----------
    tf : module
    initial : bool
        Whether trainable variables keep the numbers that their initializers draw; else each has
        numbers that follow from its name (`weights_of`).
    gradients : bool
        Whether to differentiate `loss` by the trainable variables and by `of`.
    of : sequence of Tensor
        What else to differentiate by.
    loss : Tensor
        The sum of the squares of all floating fetches if None.
    feed : dict
    runs : int
        How often the fetches are run; what is seen is of the last time, and the variables after it.
    """
    tensors = leaves(tf, fetches)
    result = {"variables": variables(tf)}
    result.update((key + ".tensor", described(tensor)) for key, tensor in tensors.items())
    values = dict(tensors)
    if gradients:
        values.update(slopes(tf, list(tensors.values()) if loss is None else [loss], of, loss))
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        session.run(tf.tables_initializer())
        if not initial:
            give_weights(tf, session)
        for _ in range(runs):
            found = session.run(values, feed)
        if initial or runs > 1:
            after = {"after " + v.op.name: v for v in tf.global_variables()}
            found.update(session.run(after))
    result.update(found)
    return result


def slopes(tf, tensors, of, loss):
    if loss is None:
        tensors = [tf.square(t) for t in tensors if t.dtype.is_floating]
    by = {"d " + v.op.name: v for v in tf.trainable_variables()}
    by.update(("d " + x.op.name, x) for x in of)
    found = zip(by, tf.gradients(tensors, list(by.values())) if by else ())
    return {key: tf.convert_to_tensor(g) for key, g in found if g is not None}


def give_weights(tf, session):
    for variable in tf.trainable_variables():
        if variable.dtype.is_floating:
            shape = variable.shape.as_list()
            value = weights_of(variable.op.name, shape)
            session.run(
                variable.initializer,
                {variable.initial_value: value.astype(variable.dtype.as_numpy_dtype)},
            )


def complaint(function, *fragments):
    """The class of what `function` raises, and `fragments` of its text, each marked if missing."""
    try:
        value = function()
    except Exception as error:
        text = str(error)
        return [type(error).__name__] + [
            part if part in text else "missing: " + part for part in fragments
        ]
    return ["no error", str(value)]


def class_of(tf, error):
    """The name of the first class of `error` that Python or ``tf.errors`` has, too."""
    known = (ValueError, TypeError, KeyError, IndexError, RuntimeError, AttributeError)
    for kind in type(error).__mro__:
        if kind in known or hasattr(tf.errors, kind.__name__):
            return kind.__name__
    return type(error).__name__
