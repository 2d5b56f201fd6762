"""A Wasserstein GAN: critic steps with clipped weights, then with a gradient penalty."""

# tolerance: 3e-3 (RMSProp divides by small gradients)
import numpy as np
import tensorflow as tf

for penalty in (False, True):
    tf.reset_default_graph()
    rng = np.random.RandomState(2)

    def weight(name, shape):
        return tf.get_variable(name, initializer=(0.3 * rng.randn(*shape)).astype(np.float32))

    def critic(x, reuse=None):
        with tf.variable_scope("critic", reuse=reuse):
            h = tf.nn.tanh(tf.matmul(x, weight("w1", [2, 10])) + weight("b1", [10]))
            return tf.matmul(h, weight("w2", [10, 1]))

    def generator(z):
        with tf.variable_scope("generator"):
            return tf.matmul(z, weight("w", [3, 2])) + weight("b", [2])

    X = tf.placeholder(tf.float32, [None, 2])
    z = tf.placeholder(tf.float32, [None, 3])
    mix = tf.placeholder(tf.float32, [None, 1])
    made = generator(z)
    D_real, D_fake = critic(X), critic(made, reuse=True)
    D_loss = tf.reduce_mean(D_fake) - tf.reduce_mean(D_real)
    G_loss = -tf.reduce_mean(D_fake)
    theta_D = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="critic")
    theta_G = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="generator")
    if penalty:
        X_hat = mix * X + (1 - mix) * made
        slopes = tf.gradients(critic(X_hat, reuse=True), [X_hat])[0]
        norms = tf.sqrt(tf.reduce_sum(tf.square(slopes), reduction_indices=[1]))
        D_loss += 10.0 * tf.reduce_mean((norms - 1.0) ** 2)
        D_solver = tf.train.AdamOptimizer(1e-2, 0.5, 0.9).minimize(D_loss, var_list=theta_D)
        clip_D = tf.no_op()
    else:
        D_solver = tf.train.RMSPropOptimizer(5e-3).minimize(D_loss, var_list=theta_D)
        clip_D = [p.assign(tf.clip_by_value(p, -0.2, 0.2)) for p in theta_D]
    G_solver = tf.train.RMSPropOptimizer(5e-3).minimize(G_loss, var_list=theta_G)

    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    for it in range(8):
        for _ in range(3):
            feed = {X: 1 + rng.randn(12, 2), z: rng.randn(12, 3), mix: rng.rand(12, 1)}
            _, D_loss_curr = sess.run([D_solver, D_loss], feed_dict=feed)
            sess.run(clip_D)
        _, G_loss_curr = sess.run([G_solver, G_loss], feed_dict={z: rng.randn(12, 3)})
    print("penalty" if penalty else "clipping", "D %.4f G %.4f" % (D_loss_curr, G_loss_curr))
    print("largest weight %.4f" % max(np.abs(v).max() for v in sess.run(theta_D)))
    sess.close()
