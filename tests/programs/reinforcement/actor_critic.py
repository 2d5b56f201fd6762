"""An actor and a critic in two scopes: TD errors, entropy, a normal policy, PPO's clipped ratio."""

# tolerance: 0.01 (64 steps of Adam)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(2)


def dense(x, n, act, name, trainable=True):
    shape = [int(x.shape[1]), n]
    w = np.random.RandomState(len(name) * shape[0] + n).uniform(-0.5, 0.5, shape)
    return tf.layers.dense(
        x, n, act, kernel_initializer=tf.constant_initializer(w), name=name, trainable=trainable
    )


class PPO(object):
    def __init__(self):
        self.sess = tf.Session()
        self.tfs = tf.placeholder(tf.float32, [None, 3], "state")
        with tf.variable_scope("critic"):
            self.v = dense(dense(self.tfs, 12, tf.nn.relu, "l1"), 1, None, "v")
            self.tfdc_r = tf.placeholder(tf.float32, [None, 1], "discounted_r")
            self.advantage = self.tfdc_r - self.v
            self.closs = tf.reduce_mean(tf.square(self.advantage))
            self.ctrain_op = tf.train.AdamOptimizer(0.02).minimize(self.closs)
        pi, pi_params = self._build_anet("pi", trainable=True)
        oldpi, oldpi_params = self._build_anet("oldpi", trainable=False)
        self.mean = pi.loc
        with tf.variable_scope("update_oldpi"):
            self.update_oldpi_op = [o.assign(p) for p, o in zip(pi_params, oldpi_params)]
        self.tfa = tf.placeholder(tf.float32, [None, 1], "action")
        self.tfadv = tf.placeholder(tf.float32, [None, 1], "advantage")
        with tf.variable_scope("loss"):
            ratio = tf.exp(pi.log_prob(self.tfa) - oldpi.log_prob(self.tfa))
            surr = ratio * self.tfadv
            clipped = tf.clip_by_value(ratio, 0.8, 1.2) * self.tfadv
            self.entropy = tf.reduce_mean(pi.entropy())
            self.aloss = -tf.reduce_mean(tf.minimum(surr, clipped)) - 0.01 * self.entropy
        with tf.variable_scope("atrain"):
            self.atrain_op = tf.train.AdamOptimizer(0.01).minimize(self.aloss)
        self.sess.run(tf.global_variables_initializer())

    def _build_anet(self, name, trainable):
        with tf.variable_scope(name):
            l1 = dense(self.tfs, 10, tf.nn.relu, "l1", trainable)
            mu = 2 * dense(l1, 1, tf.nn.tanh, "mu", trainable)
            sigma = dense(l1, 1, tf.nn.softplus, "sigma", trainable)
            norm_dist = tf.distributions.Normal(loc=mu, scale=sigma)
        params = tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope=name + "/")
        return norm_dist, params

    def update(self, s, a, r):
        self.sess.run(self.update_oldpi_op)
        adv = self.sess.run(self.advantage, {self.tfs: s, self.tfdc_r: r})
        for _ in range(4):
            self.sess.run(self.atrain_op, {self.tfs: s, self.tfa: a, self.tfadv: adv})
        for _ in range(4):
            self.sess.run(self.ctrain_op, {self.tfs: s, self.tfdc_r: r})
        return self.sess.run(self.closs, {self.tfs: s, self.tfdc_r: r})


ppo = PPO()
for batch in range(8):
    s = rng.uniform(-1, 1, [16, 3])
    a = ppo.sess.run(ppo.mean, {ppo.tfs: s}) + 0.3 * rng.randn(16, 1)
    r = -np.square(a - s[:, :1])
    closs = ppo.update(s, a, r)
test = np.array([[0.5, 0, 0], [-0.5, 0, 0]])
print("critic loss %.4f, entropy %.4f" % (closs, ppo.sess.run(ppo.entropy, {ppo.tfs: test})))
print("actions", ["%.3f" % m for m in ppo.sess.run(ppo.mean, {ppo.tfs: test}).ravel()])
print(len(tf.trainable_variables()), "of", len(tf.global_variables()))
