"""Deep Q-learning: a replay memory, a target network copied every few steps, one-hot actions."""

# tolerance: 0.03 (hundreds of RMSProp steps)
import random
from collections import deque

import numpy as np
import tensorflow as tf

random.seed(1)
rng = np.random.RandomState(1)
N = 6


def network(x, scope, trainable=True):
    with tf.variable_scope(scope):
        init = tf.constant_initializer(np.linspace(-0.5, 0.5, N * 10).reshape(N, 10))
        h = tf.layers.dense(x, 10, tf.nn.relu, kernel_initializer=init, trainable=trainable)
        init = tf.constant_initializer(np.linspace(-0.3, 0.4, 20).reshape(10, 2))
        return tf.layers.dense(h, 2, kernel_initializer=init, trainable=trainable)


s = tf.placeholder(tf.float32, [None, N], name="s")
s_ = tf.placeholder(tf.float32, [None, N], name="s_")
r = tf.placeholder(tf.float32, [None], name="r")
a = tf.placeholder(tf.int32, [None], name="a")
done = tf.placeholder(tf.float32, [None])
q_eval = network(s, "eval_net")
q_next = network(s_, "target_net", trainable=False)
q_target = tf.stop_gradient(r + 0.9 * (1.0 - done) * tf.reduce_max(q_next, axis=1))
a_indices = tf.stack([tf.range(tf.shape(a)[0], dtype=tf.int32), a], axis=1)
q_wrt_a = tf.gather_nd(params=q_eval, indices=a_indices)
by_one_hot = tf.reduce_sum(q_eval * tf.one_hot(a, 2), axis=1)
loss = tf.reduce_mean(tf.squared_difference(q_target, q_wrt_a, name="TD_error"))
train = tf.train.RMSPropOptimizer(0.01).minimize(loss)
t_params = tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope="target_net")
e_params = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="eval_net")
replace = [tf.assign(t, e) for t, e in zip(t_params, e_params)]

memory, one_hot = deque(maxlen=200), np.eye(N)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    learn_step = 0
    for episode in range(25):
        state = int(rng.randint(0, 3))
        for _ in range(12):
            if rng.rand() < 0.3:
                action = int(rng.randint(2))
            else:
                action = int(sess.run(q_eval, {s: one_hot[[state]]}).argmax())
            new = max(0, state + (1 if action else -1))
            end = new == N - 1
            memory.append((state, action, 1.0 if end else -0.05, new, float(end)))
            state = new
            if len(memory) >= 16:
                if learn_step % 20 == 0:
                    sess.run(replace)
                rows = [list(column) for column in zip(*random.sample(list(memory), 16))]
                sess.run(
                    train,
                    {
                        s: one_hot[rows[0]],
                        a: rows[1],
                        r: rows[2],
                        s_: one_hot[rows[3]],
                        done: rows[4],
                    },
                )
                learn_step += 1
            if end:
                break
    values = sess.run(q_eval, {s: one_hot})
    print("steps of learning", learn_step)
    print("greedy", values[:-1].argmax(1).tolist())
    print("values", ["%.2f" % v for v in values[:-1].max(1)])
    one, other = sess.run([q_wrt_a, by_one_hot], {s: one_hot, a: [0, 1, 0, 1, 0, 1]})
    print("same:", bool(np.allclose(one, other)), len(t_params), len(e_params))
