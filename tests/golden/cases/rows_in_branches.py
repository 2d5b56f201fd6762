"""Training of rows that are looked up inside of branches and loops, by laws that know rows."""

import numpy as np

from golden.case import case, numbers

IDS = [[0, 1], [1, 3], [1, 2], [3, 3]]
TAKEN = [True, True, False, True]


KINDS = {"reference": False, "resource": True}


def trained(tf, loss, kinds=("reference", "resource")):
    """The table and its slots after four steps, of variables of each kind."""
    result = {}
    for kind in kinds:
        for law in (tf.train.MomentumOptimizer(0.1, 0.9), tf.train.RMSPropOptimizer(0.1, 0.8)):
            with tf.Graph().as_default(), tf.Session() as session:
                start = numbers(6, 3)
                table = tf.get_variable("t", initializer=start, use_resource=KINDS[kind])
                ids = tf.placeholder(tf.int32, [None])
                pred = tf.placeholder(tf.bool, [])
                step = law.minimize(loss(tf, table, ids, pred))
                session.run(tf.global_variables_initializer())
                for now, taken in zip(IDS, TAKEN):
                    session.run(step, {ids: now, pred: taken})
                name = f"{kind} {law.get_name()}"
                result[name] = session.run(table)
                slots = [law.get_slot(table, slot) for slot in law.get_slot_names()]
                result[name + " slots"] = np.stack(session.run(slots))
    return result


def squares(tf, table, ids):
    return tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids)))


def summed_in_loop(tf, body):
    def step(i, total):
        return i + 1, total + body(i)

    return tf.while_loop(lambda i, total: i < 2, step, [0, 0.0])[1]


@case
def one_branch(tf):
    def loss(tf, table, ids, pred):
        return tf.cond(pred, lambda: squares(tf, table, ids), lambda: 0.0)

    return trained(tf, loss)


@case
def both_branches(tf):
    def loss(tf, table, ids, pred):
        return tf.cond(pred, lambda: squares(tf, table, ids), lambda: squares(tf, table, [5]))

    return trained(tf, loss)


@case
def branches_and_outside(tf):
    def loss(tf, table, ids, pred):
        found = [
            tf.cond(pred, lambda: squares(tf, table, ids), lambda: 0.0),
            tf.cond(pred, lambda: squares(tf, table, [2]), lambda: 0.0),
            squares(tf, table, [4, 4]),
        ]
        return tf.add_n(found)

    return trained(tf, loss)


@case
def loop(tf):
    def loss(tf, table, ids, pred):
        return summed_in_loop(tf, lambda i: squares(tf, table, ids + i))

    return trained(tf, loss)


@case
def loop_in_branch(tf):
    def loss(tf, table, ids, pred):
        def chosen():
            return summed_in_loop(tf, lambda i: squares(tf, table, ids + i))

        return tf.cond(pred, chosen, lambda: 0.0)

    return trained(tf, loss)


@case
def branch_of_a_branch(tf):
    def loss(tf, table, ids, pred):
        def inner():
            return tf.cond(ids[0] > 0, lambda: squares(tf, table, ids), lambda: 0.0)

        return tf.cond(pred, inner, lambda: 0.0)

    return trained(tf, loss)


@case
def branch_in_loop(tf):
    def loss(tf, table, ids, pred):
        def step(i):
            return tf.cond(pred, lambda: squares(tf, table, ids + i), lambda: 0.0)

        return summed_in_loop(tf, step)

    return trained(tf, loss, ["reference"])  # of a resource variable 1.15 refuses it
