"""A masked convolution that sees only what is above and to the left, sampled pixel by pixel."""

# tolerance: 3e-3 (forty steps of Adam)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
SIZE = 5
images = (np.indices([SIZE, SIZE]).sum(0)[None] + rng.randint(0, 2, [20, 1, 1])) % 2
images = images[..., None].astype(np.float32)


def masked_conv(inputs, filters, kernel, mask_type, scope):
    with tf.variable_scope(scope):
        shape = [kernel, kernel, inputs.shape[-1].value, filters]
        mask = np.ones(shape, np.float32)
        middle = kernel // 2
        mask[middle, middle + 1 :] = 0
        mask[middle + 1 :] = 0
        if mask_type == "a":
            mask[middle, middle] = 0
        weights = tf.get_variable(
            "weights", shape, initializer=tf.constant_initializer(0.3 * rng.randn(*shape))
        )
        weights *= tf.constant(mask, dtype=tf.float32)
        biases = tf.get_variable("biases", [filters], initializer=tf.zeros_initializer())
        return tf.nn.bias_add(tf.nn.conv2d(inputs, weights, [1, 1, 1, 1], "SAME"), biases)


x = tf.placeholder(tf.float32, [None, SIZE, SIZE, 1])
h = tf.nn.relu(masked_conv(x, 6, 3, "a", "first"))
h = tf.nn.relu(h + masked_conv(h, 6, 3, "b", "second"))
logits = masked_conv(h, 1, 1, "b", "out")
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=x))
optimizer = tf.train.AdamOptimizer(0.03)
grads_and_vars = optimizer.compute_gradients(loss)
clipped = [(tf.clip_by_value(g, -1, 1), v) for g, v in grads_and_vars]
train = optimizer.apply_gradients(clipped)
probabilities = tf.sigmoid(logits)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(40):
        sess.run(train, {x: images})
    print("loss %.4f" % sess.run(loss, {x: images}))
    made = np.zeros([2, SIZE, SIZE, 1], np.float32)
    made[1, 0, 0] = 1
    for i in range(SIZE):
        for j in range(SIZE):
            if i or j:
                p = sess.run(probabilities, {x: made})
                made[:, i, j] = p[:, i, j] > 0.5
    for picture in made:
        print(" ".join("".join(str(int(v)) for v in row) for row in picture[..., 0]))
