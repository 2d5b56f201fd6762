"""A contextual bandit by slim, and DDPG's soft update and gradients by actions."""

import numpy as np
import tensorflow as tf
import tensorflow.contrib.slim as slim

rng = np.random.RandomState(4)
bandits = np.array([[0.2, 0.0, -0.0, -5], [0.1, -5, 1, 0.25], [-5, 5, 5, 5]])

tf.reset_default_graph()
state_in = tf.placeholder(shape=[1], dtype=tf.int32)
state_in_OH = slim.one_hot_encoding(state_in, 3)
output = slim.fully_connected(
    state_in_OH,
    4,
    biases_initializer=None,
    activation_fn=tf.nn.sigmoid,
    weights_initializer=tf.ones_initializer(),
)
flat = tf.reshape(output, [-1])
chosen_action = tf.argmax(flat, 0)
reward_holder = tf.placeholder(shape=[1], dtype=tf.float32)
action_holder = tf.placeholder(shape=[1], dtype=tf.int32)
responsible_weight = tf.slice(flat, action_holder, [1])
loss = -(tf.log(responsible_weight) * reward_holder)
update = tf.train.GradientDescentOptimizer(learning_rate=0.05).minimize(loss)
weights = tf.trainable_variables()[0]
total_reward = np.zeros([3, 4])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(300):
        s = rng.randint(0, 3)
        action = rng.randint(4) if rng.rand(1) < 0.25 else sess.run(chosen_action, {state_in: [s]})
        reward = 1 if rng.randn(1) > bandits[s, action] else -1
        feed_dict = {reward_holder: [reward], action_holder: [action], state_in: [s]}
        sess.run(update, feed_dict=feed_dict)
        total_reward[s, action] += reward
    ww = sess.run(weights)
    print("best arms", ww.argmax(1).tolist(), "worst", bandits.argmin(1).tolist())
    print("weights", ["%.3f" % v for v in ww.max(1)])

tf.reset_default_graph()
s = tf.placeholder(tf.float32, [None, 2])


def actor(scope, start):
    with tf.variable_scope(scope):
        w = tf.get_variable("w", initializer=tf.constant(start))
        return tf.tanh(tf.matmul(s, w)), w


a, w_actor = actor("actor", [[0.1], [0.2]])
a_, w_target = actor("target", [[0.0], [0.0]])
critic_w = tf.constant([[1.0], [-1.0]])
q = tf.reduce_sum(tf.matmul(s, critic_w) * a - tf.square(a), 1, keepdims=True)
action_grads = tf.gradients(q, a)[0]
policy_grads = tf.gradients(ys=a, xs=[w_actor], grad_ys=action_grads)
train = tf.train.GradientDescentOptimizer(-0.1).apply_gradients(zip(policy_grads, [w_actor]))
soft_replace = tf.assign(w_target, (1 - 0.1) * w_target + 0.1 * w_actor)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    batch = np.random.RandomState(5).randn(10, 2)
    for _ in range(30):
        sess.run(train, {s: batch})
        sess.run(soft_replace)
    print("q %.4f" % sess.run(q, {s: batch}).mean())
    print(["%.4f" % v for v in np.concatenate(sess.run([w_actor, w_target])).ravel()])
