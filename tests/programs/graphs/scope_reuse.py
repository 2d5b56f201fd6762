"""Variable scopes: reuse, AUTO_REUSE, reentering, name scopes beside them, ValueErrors caught."""

import tensorflow as tf


def conv_relu(input, kernel_shape, bias_shape):
    weights = tf.get_variable("weights", kernel_shape, initializer=tf.constant_initializer(0.1))
    biases = tf.get_variable("biases", bias_shape, initializer=tf.constant_initializer(0.0))
    conv = tf.nn.conv2d(input, weights, strides=[1, 1, 1, 1], padding="SAME")
    return tf.nn.relu(conv + biases)


def my_image_filter(input_images):
    with tf.variable_scope("conv1"):
        relu1 = conv_relu(input_images, [5, 5, 4, 4], [4])
    with tf.variable_scope("conv2"):
        return conv_relu(relu1, [5, 5, 4, 4], [4])


image1, image2 = tf.ones([1, 6, 6, 4]), 2 * tf.ones([1, 6, 6, 4])
with tf.variable_scope("image_filters") as scope:
    result1 = my_image_filter(image1)
    scope.reuse_variables()
    result2 = my_image_filter(image2)
try:
    with tf.variable_scope("image_filters"):
        my_image_filter(image1)
except ValueError as error:
    print("ValueError:", str(error).split(",")[0])
with tf.variable_scope("foo", reuse=tf.AUTO_REUSE):
    a = tf.get_variable("v", [1])
    b = tf.get_variable("v", [1])
print(a is b, a.name)
try:
    with tf.variable_scope("foo", reuse=True):
        tf.get_variable("unknown", [1])
except ValueError as error:
    print("ValueError:", str(error).split(",")[0])
with tf.name_scope("outer"):
    with tf.variable_scope("inner") as inner:
        v = tf.get_variable("v", [2])
        w = tf.Variable(1.0, name="w")
        x = tf.add(v, w, name="sum")
with tf.variable_scope(inner, auxiliary_name_scope=False):
    with tf.name_scope(inner.original_name_scope):
        y = tf.multiply(v, 2.0, name="double")
print(v.name, w.name, x.name, y.name)
with tf.variable_scope("default", default_name="other"), tf.variable_scope(None, "block") as one:
    pass
with tf.variable_scope("default"), tf.variable_scope(None, "block") as two:
    print(one.name, two.name, tf.get_variable_scope().name, two.reuse)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print("%.4f %.4f" % (sess.run(result1).sum(), sess.run(result2).sum()))
    print(sorted(v.op.name for v in tf.global_variables()))
