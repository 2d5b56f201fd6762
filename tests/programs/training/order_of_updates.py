"""tf.control_dependencies, tf.group, tf.tuple, tf.identity: what happens before what."""

import tensorflow as tf

x = tf.Variable(1.0)
read_before = x + 0.0  # a copy: tf.identity(x) would be the variable itself
with tf.control_dependencies([read_before]):
    add = tf.assign_add(x, 10.0)
with tf.control_dependencies([add]):
    read_after = x.read_value()
    both = tf.tuple([read_before, read_after])

counter = tf.Variable(0)
checks = []
with tf.control_dependencies([tf.assign_add(counter, 1)]):
    with tf.control_dependencies([tf.assert_positive(x)]):
        guarded = tf.sqrt(x)
    with tf.control_dependencies(None):
        free = tf.constant(2.0) * 3.0

moving = tf.Variable(0.0)
updates = []


def update_average(value):
    op = tf.assign(moving, 0.5 * moving + 0.5 * value)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, op)
    return value


update_average(x)
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    barrier = tf.no_op(name="all_updates")
train = tf.group(barrier, tf.assign_sub(x, 1.0, name="sub"), name="train")

swap_a, swap_b = tf.Variable(1), tf.Variable(2)
old_a, old_b = swap_a + 0, swap_b + 0
with tf.control_dependencies([old_a, old_b]):
    swap = tf.group(swap_a.assign(old_b), swap_b.assign(old_a))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print([v.tolist() for v in sess.run(both)], sess.run(x))
    print("%.4f" % sess.run(guarded), sess.run(counter))
    print(sess.run(free), sess.run(counter))
    sess.run(train)
    print(sess.run(x), sess.run(moving) in (5.5, 5.0))
    for _ in range(3):
        sess.run(swap)
    print(
        [int(v) for v in sess.run([swap_a, swap_b])],
        train.name,
        [i.name for i in train.control_inputs],
    )
