"""Batch normalization with the options that few programs use, after two steps of training."""

import numpy as np

from golden.case import case, complaint, numbers

ROWS, IMAGES = numbers(4, 3), numbers(2, 3, 4, 5)
CLIPPING = {"rmax": 1.5, "rmin": 0.5, "dmax": 0.1}


def adjustment(tf):
    return lambda shape: (tf.fill([1, 3], 2.0), tf.fill([1, 3], 0.5))


def trained(tf, layer, x, given, training, gradients=True):
    """What the layer gives after two steps, its gradient, and the variables."""
    feed = {x: given}
    if training is None:
        training = tf.placeholder(tf.bool, [])
        feed[training] = True
    y = layer(x, training)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    loss = tf.reduce_sum(y * y * np.arange(given.size, dtype=np.float32).reshape(given.shape))
    slope = tf.gradients(loss, x)[0]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(2):
            session.run([updates, y], feed)
        result = {"y": session.run(y, feed)}
        if gradients:
            result["dx"] = session.run(slope, feed)
        for variable in tf.global_variables():
            result[variable.name] = session.run(variable)
    result["shape"] = str(y.shape.as_list())
    return result


def rows_of(tf, training, shape=(None, 3), gradients=True, **options):
    def layer(x, training):
        return tf.layers.batch_normalization(x, training=training, momentum=0.9, **options)

    return trained(tf, layer, tf.placeholder(tf.float32, shape), ROWS, training, gradients)


def images_of(tf, training, **options):
    def layer(x, training):
        return tf.layers.batch_normalization(x, training=training, momentum=0.9, **options)

    return trained(tf, layer, tf.placeholder(tf.float32, [None, 3, 4, 5]), IMAGES, training)


def contrib(tf, training, **options):
    def layer(x, training):
        return tf.contrib.layers.batch_norm(x, is_training=training, decay=0.9, **options)

    return trained(tf, layer, tf.placeholder(tf.float32, [None, 3]), ROWS, training)


@case
def renorm(tf):
    return rows_of(tf, True, renorm=True)


@case
def renorm_by_a_tensor(tf):
    return rows_of(tf, None, renorm=True)


@case
def renorm_in_inference(tf):
    return rows_of(tf, False, renorm=True)


@case
def renorm_clipped(tf):
    return rows_of(tf, True, renorm=True, renorm_clipping=CLIPPING, renorm_momentum=0.8)


@case
def renorm_of_images(tf):
    return images_of(tf, None, renorm=True, fused=False)


@case
def virtual_batches(tf):  # of two rows: their gradients are of rounding
    return rows_of(tf, True, virtual_batch_size=2, gradients=False)


@case
def virtual_batches_by_a_tensor(tf):
    return rows_of(tf, None, virtual_batch_size=2, gradients=False)


@case
def virtual_batches_of_images(tf):
    return images_of(tf, True, virtual_batch_size=2)


@case
def virtual_batches_renormalized(tf):
    return rows_of(tf, True, virtual_batch_size=2, renorm=True, gradients=False)


@case
def adjusted(tf):
    return rows_of(tf, True, adjustment=adjustment(tf))


@case
def adjusted_by_a_tensor(tf):
    return rows_of(tf, None, adjustment=adjustment(tf))


@case
def middle_axis(tf):
    return images_of(tf, None, axis=2)


@case
def first_axis_unfused(tf):
    return images_of(tf, None, axis=1, fused=False)


@case
def contrib_renorm(tf):
    return contrib(tf, None, renorm=True, renorm_clipping=CLIPPING, renorm_decay=0.8)


@case
def contrib_adjusted(tf):
    return contrib(tf, True, adjustment=adjustment(tf))


@case
def contrib_zero_debias(tf):
    return contrib(tf, None, zero_debias_moving_mean=True)


@case
def contrib_zero_debias_in_place(tf):
    return contrib(tf, None, zero_debias_moving_mean=True, updates_collections=None)


@case
def refused(tf):
    def norm(**options):
        return complaint(
            lambda: tf.layers.batch_normalization(tf.constant(ROWS), **options),
            "virtual_batch_size",
            "renorm_clipping",
        )

    return {
        "size": norm(virtual_batch_size=0),
        "both": norm(virtual_batch_size=2, adjustment=adjustment(tf)),
        "clipping": norm(renorm=True, renorm_clipping={"bad": 1}),
        "axis": norm(virtual_batch_size=2, axis=0),
    }
