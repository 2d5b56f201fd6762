"""Wide and deep by hand: crossed one-hot features beside embeddings, two optimizers."""

# tolerance: 1e-3 (sixty steps)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
job = rng.randint(0, 4, 200)
town = rng.randint(0, 3, 200)
age = rng.uniform(18, 70, 200).astype(np.float32)
label = ((job * 3 + town) % 5 < 2).astype(np.float32)


def fixed(*shape):
    return tf.constant_initializer(rng.uniform(-0.3, 0.3, shape))


job_in = tf.placeholder(tf.int32, [None])
town_in = tf.placeholder(tf.int32, [None])
age_in = tf.placeholder(tf.float32, [None])
y = tf.placeholder(tf.float32, [None])
with tf.variable_scope("wide"):
    crossed = job_in * 3 + town_in
    w = tf.get_variable("cross", [12, 1], initializer=tf.zeros_initializer())
    wide_logits = tf.matmul(tf.one_hot(crossed, 12), w)
with tf.variable_scope("deep"):
    table = tf.get_variable("job_embedding", [4, 3], initializer=fixed(4, 3))
    buckets = tf.cast(tf.minimum(tf.floor((age_in - 18.0) / 10.0), 4.0), tf.int32)
    features = tf.concat(
        [
            tf.nn.embedding_lookup(table, job_in),
            tf.one_hot(town_in, 3),
            tf.one_hot(buckets, 5),
            tf.expand_dims(age_in / 70.0, -1),
        ],
        axis=1,
    )
    net = tf.layers.dense(features, 8, tf.nn.relu, kernel_initializer=fixed(12, 8))
    net = tf.layers.dense(net, 4, tf.nn.relu, kernel_initializer=fixed(8, 4))
    deep_logits = tf.layers.dense(net, 1, kernel_initializer=fixed(4, 1))
logits = tf.squeeze(wide_logits + deep_logits, 1)
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
wide_vars = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="wide")
deep_vars = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="deep")
train_op = tf.group(
    tf.train.FtrlOptimizer(0.2, l1_regularization_strength=0.01).minimize(loss, var_list=wide_vars),
    tf.train.AdagradOptimizer(0.1).minimize(loss, var_list=deep_vars),
)
accuracy = tf.reduce_mean(tf.cast(tf.equal(logits > 0, y > 0.5), tf.float32))

with tf.Session() as sess:
    tf.global_variables_initializer().run()
    feed = {job_in: job, town_in: town, age_in: age, y: label}
    for _ in range(60):
        sess.run(train_op, feed)
    print("loss %.4f accuracy %.4f" % tuple(sess.run([loss, accuracy], feed)))
    print("cross", ["%.3f" % v for v in w.eval().ravel()])
    print(len(wide_vars), len(deep_vars), [v.op.name for v in deep_vars][:3])
