"""tf.layers with batch normalization, UPDATE_OPS as dependencies, and a training switch."""

# tolerance: 2e-3 (twelve steps through batch norms)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)
labels = rng.randint(0, 2, 40)
images = rng.rand(40, 8, 8, 1).astype(np.float32)
images[labels == 1, :4] += 0.7


def init(*shape):
    return tf.constant_initializer(0.3 * rng.randn(*shape))


x = tf.placeholder(tf.float32, [None, 8, 8, 1], name="images")
y = tf.placeholder(tf.int64, [None], name="labels")
is_training = tf.placeholder(tf.bool, name="is_training")
net = tf.layers.conv2d(
    x, 4, [3, 3], padding="same", use_bias=False, kernel_initializer=init(3, 3, 1, 4), name="conv1"
)
net = tf.layers.batch_normalization(net, training=is_training, momentum=0.8, name="bn1")
net = tf.nn.relu(net)
net = tf.layers.max_pooling2d(net, 2, 2)
net = tf.layers.conv2d(net, 6, 3, activation=None, kernel_initializer=init(3, 3, 4, 6))
net = tf.nn.relu(tf.layers.batch_normalization(net, training=is_training, momentum=0.8))
net = tf.layers.flatten(tf.layers.average_pooling2d(net, 2, 2))
logits = tf.layers.dense(net, 2, kernel_initializer=init(6, 2), name="logits")
loss = tf.losses.sparse_softmax_cross_entropy(labels=y, logits=logits)
update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
with tf.control_dependencies(update_ops):
    train_op = tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss)
accuracy = tf.reduce_mean(tf.to_float(tf.equal(tf.argmax(logits, 1), y)))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step in range(12):
        part = slice(20 * (step % 2), 20 * (step % 2) + 20)
        sess.run(train_op, {x: images[part], y: labels[part], is_training: True})
    print(
        len(update_ops),
        "updates;",
        len(tf.trainable_variables()),
        "trainable of",
        len(tf.global_variables()),
    )
    for training in (True, False):
        feed = {x: images, y: labels, is_training: training}
        print(training, "loss %.4f accuracy %.4f" % tuple(sess.run([loss, accuracy], feed)))
    graph = tf.get_default_graph()
    print("mean", ["%.4f" % v for v in sess.run("bn1/moving_mean:0")])
    print("variance", ["%.4f" % v for v in sess.run("bn1/moving_variance:0")])
