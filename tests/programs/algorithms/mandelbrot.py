"""The Mandelbrot set: complex variables, assignments grouped in a step."""

import numpy as np
import tensorflow as tf

sess = tf.InteractiveSession()
Y, X = np.mgrid[-1.3:1.3:0.1, -2:1:0.1]
Z = X + 1j * Y
xs = tf.constant(Z.astype(np.complex64))
zs = tf.Variable(xs)
ns = tf.Variable(tf.zeros_like(xs, tf.float32))
tf.global_variables_initializer().run()
zs_ = tf.where(tf.abs(zs) < 4, zs * zs + xs, zs)
not_diverged = tf.abs(zs_) < 4
step = tf.group(zs.assign(zs_), ns.assign_add(tf.cast(not_diverged, tf.float32)))
for i in range(40):
    step.run()
counts = ns.eval()
print(counts.shape, "inside:", int((counts == 40).sum()))
print("sum of counts", int(counts.sum()))
print("".join("#" if c == 40 else "." for c in counts[13]))
