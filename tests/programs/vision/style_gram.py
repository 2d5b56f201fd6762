"""Style transfer in small: Gram matrices, content and total variation; the picture is trained."""

# tolerance: 2e-3 (twenty steps of Adam)
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(9)
content = rng.rand(1, 10, 12, 3).astype(np.float32)
style = np.sin(np.arange(360).reshape(1, 10, 12, 3)).astype(np.float32)
filters = [0.4 * rng.randn(3, 3, 3, 6), 0.4 * rng.randn(3, 3, 6, 8)]


def net(image):
    found, current = {}, image
    for i, kernel in enumerate(filters):
        kernel = tf.constant(kernel.astype(np.float32))
        current = tf.nn.relu(tf.nn.conv2d(current, kernel, [1, 1, 1, 1], "SAME"))
        found["relu%d" % i] = current
        current = tf.nn.avg_pool(current, (1, 2, 2, 1), (1, 2, 2, 1), "SAME")
    return found


def gram(layer):
    _, height, width, number = map(lambda i: i.value, layer.get_shape())
    features = tf.reshape(layer, (-1, number))
    return tf.matmul(tf.transpose(features), features) / (height * width * number)


def tensor_size(tensor):
    size = 1
    for d in tensor.get_shape():
        size *= d.value
    return size


targets = {}
g = tf.Graph()
with g.as_default(), g.device("/cpu:0"), tf.Session() as sess:
    image = tf.placeholder("float", shape=style.shape)
    features = net(image)
    for layer in features:
        targets[layer] = gram(features[layer]).eval(feed_dict={image: style})
    wanted = features["relu1"].eval(feed_dict={image: content})

with tf.Graph().as_default():
    image = tf.Variable(0.5 + 0.1 * rng.randn(*content.shape).astype(np.float32))
    features = net(image)
    content_loss = 2 * tf.nn.l2_loss(features["relu1"] - wanted) / wanted.size
    style_losses = [
        2 * tf.nn.l2_loss(gram(features[k]) - targets[k]) / targets[k].size for k in sorted(targets)
    ]
    tv_y = tf.nn.l2_loss(image[:, 1:, :, :] - image[:, :9, :, :])
    tv_x = tf.nn.l2_loss(image[:, :, 1:, :] - image[:, :, :11, :])
    tv = 0.1 * 2 * (tv_y / tensor_size(image[:, 1:]) + tv_x / tensor_size(image[:, :, 1:]))
    loss = content_loss + 5.0 * tf.add_n(style_losses) + tv
    train_step = tf.train.AdamOptimizer(0.05, 0.9, 0.999, 1e-08).minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(20):
            train_step.run()
        print("content %.5f" % content_loss.eval())
        print("style", ["%.5f" % s.eval() for s in style_losses])
        print("total variation %.5f, picture %.4f" % (tv.eval(), image.eval().mean()))
