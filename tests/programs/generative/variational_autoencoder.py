"""A variational autoencoder: xavier weights in dictionaries, the reparametrization trick, KL."""

# tolerance: 2e-3 (twenty steps of Adam)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
tf.set_random_seed(0)
data = (np.tile(np.eye(4, 10), [10, 1]) * 0.8 + 0.1).astype(np.float32)
n_input, n_hidden, n_z, batch = 10, 12, 2, 20


def xavier_init(fan_in, fan_out, constant=1):
    low = -constant * np.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(low, -low, [fan_in, fan_out]).astype(np.float32)


weights = {
    "h1": tf.Variable(xavier_init(n_input, n_hidden)),
    "out_mean": tf.Variable(xavier_init(n_hidden, n_z)),
    "out_log_sigma": tf.Variable(xavier_init(n_hidden, n_z)),
    "g1": tf.Variable(xavier_init(n_z, n_hidden)),
    "g_out": tf.Variable(xavier_init(n_hidden, n_input)),
}
biases = dict(
    (k, tf.Variable(tf.zeros([w.get_shape().as_list()[1]]))) for k, w in sorted(weights.items())
)

x = tf.placeholder(tf.float32, [None, n_input])
noise = tf.placeholder_with_default(tf.random_normal([batch, n_z], seed=5), [None, n_z])


def layer(inputs, name):
    return tf.add(tf.matmul(inputs, weights[name]), biases[name])


h = tf.nn.softplus(layer(x, "h1"))
z_mean, z_log_sigma_sq = layer(h, "out_mean"), layer(h, "out_log_sigma")
z = tf.add(z_mean, tf.multiply(tf.sqrt(tf.exp(z_log_sigma_sq)), noise))
x_reconstr = tf.nn.sigmoid(layer(tf.nn.softplus(layer(z, "g1")), "g_out"))
reconstr_loss = -tf.reduce_sum(
    x * tf.log(1e-10 + x_reconstr) + (1 - x) * tf.log(1e-10 + 1 - x_reconstr), 1
)
latent_loss = -0.5 * tf.reduce_sum(
    1 + z_log_sigma_sq - tf.square(z_mean) - tf.exp(z_log_sigma_sq), 1
)
cost = tf.reduce_mean(reconstr_loss + latent_loss)
train = tf.train.AdamOptimizer(learning_rate=0.02).minimize(cost)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(10):
        for start in (0, 20):
            _, loss = sess.run([train, cost], {x: data[start : start + batch]})
        if epoch % 3 == 0:
            print("epoch %d cost %.4f" % (epoch, loss))
    still = {x: data, noise: np.zeros([40, n_z])}
    print("cost without noise %.4f" % sess.run(cost, still))
    made = sess.run(x_reconstr, {z: [[0.5, -0.5]]})
    print("from the middle", ["%.3f" % v for v in made[0, :4]])
