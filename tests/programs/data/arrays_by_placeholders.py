"""Arrays too large for the graph: an iterator that is initialized with what is fed."""

import numpy as np
import tensorflow as tf

np.save("features.npy", np.random.RandomState(0).rand(50, 3).astype(np.float32))
features = np.load("features.npy")
labels = (features @ np.array([[2.0], [-1.0], [0.5]], np.float32) + 0.3).astype(np.float32)
assert features.shape[0] == labels.shape[0]

features_placeholder = tf.placeholder(features.dtype, [None, 3])
labels_placeholder = tf.placeholder(labels.dtype, [None, 1])
batch_size = tf.placeholder_with_default(tf.constant(16, tf.int64), [])

dataset = tf.data.Dataset.from_tensor_slices({"x": features_placeholder, "y": labels_placeholder})
dataset = dataset.shuffle(buffer_size=50, seed=9).repeat(2).batch(batch_size).prefetch(1)
iterator = dataset.make_initializable_iterator()
batch = iterator.get_next()
print(sorted((key, t.shape.as_list(), t.dtype.name) for key, t in batch.items()))

model = tf.layers.Dense(1, kernel_initializer=tf.zeros_initializer())
loss = tf.losses.mean_squared_error(batch["y"], model(batch["x"]))
train = tf.train.GradientDescentOptimizer(0.3).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    data = {features_placeholder: features, labels_placeholder: labels}
    for epoch in range(3):
        sess.run(iterator.initializer, feed_dict=data)
        values = []
        while True:
            try:
                values.append(sess.run([loss, train])[0])
            except tf.errors.OutOfRangeError:
                break
        print(
            "pair of epochs %d: %d steps, %.5f to %.5f"
            % (epoch, len(values), values[0], values[-1])
        )
    sess.run(iterator.initializer, {batch_size: 100, **data})
    x, y = sess.run([batch["x"], batch["y"]])
    print(x.shape, y.shape, np.allclose(np.sort(x[:50].sum(1)), np.sort(features.sum(1))))
    sess.run(
        iterator.initializer,
        {features_placeholder: features[:3], labels_placeholder: labels[:3], batch_size: 2},
    )
    print([sess.run(batch["y"]).shape[0] for _ in range(3)])
    print("kernel", ["%.4f" % v for v in sess.run(model.kernel)[:, 0]])
