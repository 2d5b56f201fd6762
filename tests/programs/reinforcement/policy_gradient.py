"""REINFORCE on a corridor: episodes of changing length, discounted returns, buffers of gradients."""

# interpreted only: XLA takes seconds for its programs

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
GAMMA, STATES = 0.9, 5


def discount_rewards(r):
    discounted = np.zeros_like(r)
    running_add = 0
    for t in reversed(range(r.size)):
        running_add = running_add * GAMMA + r[t]
        discounted[t] = running_add
    return discounted


class agent:
    def __init__(self, lr, s_size, a_size, h_size):
        self.state_in = tf.placeholder(shape=[None, s_size], dtype=tf.float32)
        w1 = tf.constant_initializer(0.3 * rng.randn(s_size, h_size))
        w2 = tf.constant_initializer(0.3 * rng.randn(h_size, a_size))
        hidden = tf.layers.dense(self.state_in, h_size, tf.nn.relu, kernel_initializer=w1)
        self.output = tf.layers.dense(hidden, a_size, tf.nn.softmax, kernel_initializer=w2)
        self.chosen_action = tf.argmax(self.output, 1)
        self.reward_holder = tf.placeholder(shape=[None], dtype=tf.float32)
        self.action_holder = tf.placeholder(shape=[None], dtype=tf.int32)
        self.indexes = tf.range(0, tf.shape(self.output)[0]) * tf.shape(self.output)[1]
        self.indexes += self.action_holder
        self.responsible_outputs = tf.gather(tf.reshape(self.output, [-1]), self.indexes)
        self.loss = -tf.reduce_mean(tf.log(self.responsible_outputs) * self.reward_holder)
        tvars = tf.trainable_variables()
        self.gradient_holders = []
        for idx, var in enumerate(tvars):
            self.gradient_holders.append(tf.placeholder(tf.float32, name=str(idx) + "_holder"))
        self.gradients = tf.gradients(self.loss, tvars)
        optimizer = tf.train.GradientDescentOptimizer(learning_rate=lr)
        self.update_batch = optimizer.apply_gradients(zip(self.gradient_holders, tvars))


tf.reset_default_graph()
myAgent = agent(lr=0.2, s_size=STATES, a_size=2, h_size=8)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    gradBuffer = sess.run(tf.trainable_variables())
    for ix, grad in enumerate(gradBuffer):
        gradBuffer[ix] = grad * 0
    lengths = []
    for episode in range(40):
        s, ep_history = 2, []
        for _ in range(20):
            a_dist = sess.run(myAgent.output, {myAgent.state_in: np.eye(STATES)[[s]]})
            a = int(rng.rand() < a_dist[0, 1])
            s1 = s + (1 if a else -1)
            done = s1 in (-1, STATES)
            ep_history.append([s, a, float(s1 == STATES) - float(s1 == -1)])
            s = s1
            if done:
                break
        ep_history = np.array(ep_history)
        returns = discount_rewards(ep_history[:, 2])
        feed_dict = {
            myAgent.reward_holder: returns,
            myAgent.action_holder: ep_history[:, 1].astype(int),
            myAgent.state_in: np.eye(STATES)[ep_history[:, 0].astype(int)],
        }
        for idx, grad in enumerate(sess.run(myAgent.gradients, feed_dict=feed_dict)):
            gradBuffer[idx] += grad
        lengths.append(len(ep_history))
        if episode % 4 == 3:
            sess.run(myAgent.update_batch, dict(zip(myAgent.gradient_holders, gradBuffer)))
            for ix, grad in enumerate(gradBuffer):
                gradBuffer[ix] = grad * 0
    print("lengths of episodes", lengths[:8], lengths[-8:])
    policy = sess.run(myAgent.output, {myAgent.state_in: np.eye(STATES)})
    print("right", ["%.4f" % p for p in policy[:, 1]])
