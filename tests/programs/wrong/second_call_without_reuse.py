"""A discriminator is called twice, and its variables are asked for twice."""

import tensorflow as tf


# says: ValueError
# says: Variable d/w already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?
# says: Originally defined at
def discriminator(x):
    with tf.variable_scope("d"):
        w = tf.get_variable("w", [4, 1])  # the line
        return tf.matmul(x, w)


real = discriminator(tf.ones([2, 4]))
fake = discriminator(tf.zeros([2, 4]))  # the line
