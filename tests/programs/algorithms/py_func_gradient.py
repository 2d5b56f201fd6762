"""A NumPy function with a gradient: RegisterGradient, gradient_override_map, PyFunc."""

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import ops


def py_func(func, inp, Tout, stateful=True, name=None, grad=None):
    rnd_name = "PyFuncGrad" + str(np.random.RandomState(abs(hash(name)) % 1000).randint(0, 10**8))
    tf.RegisterGradient(rnd_name)(grad)
    g = tf.get_default_graph()
    with g.gradient_override_map({"PyFunc": rnd_name}):
        return tf.py_func(func, inp, Tout, stateful=stateful, name=name)


def spiky(x):
    r = x % 1
    return np.float32(r) if r <= 0.5 else np.float32(0)


def d_spiky(x):
    return np.float32(1) if x % 1 <= 0.5 else np.float32(0)


np_spiky = np.vectorize(spiky, otypes=[np.float32])
np_d_spiky = np.vectorize(d_spiky, otypes=[np.float32])


def tf_d_spiky(x, name=None):
    with ops.name_scope(name, "d_spiky", [x]) as name:
        y = tf.py_func(np_d_spiky, [x], [tf.float32], name=name, stateful=False)
        return y[0]


def spikygrad(op, grad):
    return grad * tf_d_spiky(op.inputs[0])


def tf_spiky(x, name=None):
    with ops.name_scope(name, "spiky", [x]) as name:
        y = py_func(np_spiky, [x], [tf.float32], name=name, grad=spikygrad)
        y[0].set_shape(x.get_shape())
        return y[0]


@tf.RegisterGradient("GuidedRelu")
def _guided_relu_grad(op, grad):
    return tf.where(0.0 < grad, tf.nn.relu(grad) * tf.sign(op.outputs[0]), tf.zeros_like(grad))


with tf.Session() as sess:
    x = tf.constant([0.2, 0.7, 1.2, 1.7])
    y = tf_spiky(x)
    tf.global_variables_initializer().run()
    print([("%.1f" % v) for v in y.eval()], tf.gradients(y, [x])[0].eval().tolist())

    z = tf.constant([[1.0, -2.0, 3.0]])
    with tf.get_default_graph().gradient_override_map({"Relu": "GuidedRelu"}):
        guided = tf.nn.relu(z)
    plain = tf.nn.relu(z)
    weights = tf.constant([[-1.0, 1.0, 2.0]])
    print(tf.gradients(guided * weights, z)[0].eval().tolist())
    print(tf.gradients(plain * weights, z)[0].eval().tolist())
