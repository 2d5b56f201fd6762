"""The optimizers side by side: slots, var_list, get_slot, a minimised dictionary of losses."""

import numpy as np
import tensorflow as tf

optimizers = [
    ("sgd", tf.train.GradientDescentOptimizer(0.05)),
    ("momentum", tf.train.MomentumOptimizer(0.05, 0.8)),
    ("nesterov", tf.train.MomentumOptimizer(0.05, 0.8, use_nesterov=True)),
    ("adam", tf.train.AdamOptimizer(0.05)),
    ("adagrad", tf.train.AdagradOptimizer(0.3)),
    ("adadelta", tf.train.AdadeltaOptimizer(5.0)),
    ("rmsprop", tf.train.RMSPropOptimizer(0.05, momentum=0.5)),
    ("centered", tf.train.RMSPropOptimizer(0.05, centered=True)),
    ("ftrl", tf.train.FtrlOptimizer(0.5, l2_regularization_strength=0.01)),
    ("proximal", tf.train.ProximalAdagradOptimizer(0.3, l1_regularization_strength=0.01)),
    ("proximal_sgd", tf.train.ProximalGradientDescentOptimizer(0.05)),
    ("dual", tf.train.AdagradDAOptimizer(0.5, tf.train.get_or_create_global_step())),
]
trains, points, slots = [], [], []
for name, optimizer in optimizers:
    with tf.variable_scope(name):
        p = tf.get_variable("p", initializer=[1.5, -1.0])
        table = tf.get_variable("table", initializer=np.ones([3, 2], np.float32))
    row = tf.gather(table, [0, 2, 0])
    loss = tf.square(p[0] - 1.0) + 5.0 * tf.square(p[1] - tf.square(p[0])) * 0.1
    loss += 0.1 * tf.reduce_sum(tf.square(row - 0.5))
    trains.append(optimizer.minimize(loss, var_list=[p, table]))
    points.append((p, table))
    slots.append(optimizer.get_slot_names())
advance = tf.assign_add(tf.train.get_global_step(), 1)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(12):
        sess.run(trains)
        sess.run(advance)
    for (name, optimizer), (p, table), names in zip(optimizers, sess.run(points), slots):
        rows = " ".join("%.4f" % v for v in table[:, 0])
        print("%-12s %.4f %.4f rows %s %s" % (name, p[0], p[1], rows, names))
