import numpy as np
from tests.ops.record import Record, distinct, integers, normal

X = distinct(2, 7, 6, 3)
TIES = integers(0, 3, 2, 7, 6, 3).then(lambda x: x.astype(np.float32))

TIED = "largest elements are equal"
RATE = "no dilation rate of ones is made"
SUM_GRAD = "the gradient of a sum is a BroadcastTo, and products in gradients are called mul"
NO_ARGMAX = "MaxPoolGradWithArgmax has no gradient"
NO_DILATION = "the gradients of Dilation2D have none"
THIRD = "the third derivative of the op"


def pool(kind, ksize, strides, padding, **kw):
    return lambda tf, x: getattr(tf.nn, f"{kind}_pool")(x, ksize, strides, padding, **kw)


def argmax(ksize, strides, padding, **kw):
    return lambda tf, x: tf.nn.max_pool_with_argmax(x, ksize, strides, padding, **kw)


def pool3d(kind, ksize, strides, padding):
    return lambda tf, x: getattr(tf.nn, f"{kind}_pool3d")(x, ksize, strides, padding)


def gradients(tf, pooled, x, n=1):
    """The n-th derivative of a sum of squares, which makes the ops of gradients."""
    result = tf.reduce_sum(tf.square(pooled))
    for _ in range(n):
        (result,) = tf.gradients(result, x)
        value, result = result, tf.reduce_sum(tf.square(result))
    return value


def dilate(strides, rates, padding):
    return lambda tf, x, k: tf.nn.dilation2d(x, k, strides, rates, padding)


ONES = [1, 1, 1, 1]

RECORDS = [
    Record("MaxPool", pool("max", [1, 2, 2, 1], [1, 2, 2, 1], "SAME"), [X]),
    Record("MaxPool", pool("max", [1, 2, 3, 1], [1, 2, 3, 1], "VALID"), [X], name="tiles"),
    Record("MaxPool", pool("max", 3, 2, "SAME"), [X], name="overlapping"),
    Record("MaxPool", pool("max", [1, 3, 2, 1], [1, 1, 2, 1], "VALID"), [X], name="valid"),
    Record("MaxPool", pool("max", 2, 3, "SAME"), [X], name="gaps"),
    Record("MaxPool", pool("max", [1, 7, 6, 1], ONES, "VALID"), [X], name="whole_image"),
    Record("MaxPool", pool("max", [1, 7, 1, 1], ONES, "VALID"), [X], name="whole_axis"),
    Record("MaxPool", pool("max", 6, 6, "SAME"), [distinct(2, 7, 9, 3)], name="large_tiles"),
    Record(
        "MaxPool", pool("max", 2, 2, [[0, 0], [1, 0], [0, 1], [0, 0]]), [X], name="explicit",
        no_second="MaxPoolGradGrad takes no explicit padding",
    ),
    Record("MaxPool", pool("max", 2, 2, "SAME"), [TIES], name="ties", no_differences=TIED),
    Record("MaxPool", pool("max", 3, 1, "SAME"), [TIES], name="ties_overlapping",
           no_differences=TIED),
    Record("MaxPool", pool("max", 6, 6, "SAME"), [TIES], name="ties_large", no_differences=TIED),
    Record(
        "MaxPool", pool("max", 2, 2, "SAME"), [integers(-9, 9, 2, 5, 3, 4)], name="int32",
    ),
    Record("MaxPool", lambda tf, x: tf.nn.max_pool1d(x, 2, 2, "SAME"), [distinct(2, 7, 3)]),
    Record("MaxPool", lambda tf, x: tf.nn.max_pool2d(x, 2, 2, "SAME"), [X], name="max_pool2d"),
    Record("MaxPool", lambda tf, x: tf.nn.pool(x, [2, 3], "MAX", "SAME"), [X],
           names_differ=RATE),
    Record(
        "MaxPool", lambda tf, x: tf.nn.pool(x, [2, 2], "MAX", "VALID", dilation_rate=[2, 1]), [X],
        name="pool_dilated", names_differ="the shape is taken apart, as no constant",
    ),
    Record("MaxPoolGrad", lambda tf, x: gradients(tf, tf.nn.max_pool(x, 2, 2, "SAME"), x), [X],
           names_differ=SUM_GRAD),
    Record("MaxPoolGradGrad", lambda tf, x: gradients(tf, tf.nn.max_pool(x, 3, 2, "SAME"), x, 2),
           [X], names_differ=SUM_GRAD),
    Record("AvgPool", pool("avg", [1, 2, 2, 1], [1, 2, 2, 1], "SAME"), [X]),
    Record("AvgPool", pool("avg", 3, 2, "SAME"), [X], name="overlapping"),
    Record("AvgPool", pool("avg", [1, 3, 2, 1], [1, 1, 2, 1], "VALID"), [X], name="valid"),
    Record("AvgPool", pool("avg", 2, 3, "SAME"), [X], name="gaps"),
    Record("AvgPool", pool("avg", [1, 7, 6, 1], ONES, "VALID"), [X], name="whole_image"),
    Record("AvgPool", lambda tf, x: tf.nn.avg_pool1d(x, 3, 2, "SAME"), [distinct(2, 7, 3)]),
    Record("AvgPool", lambda tf, x: tf.nn.pool(x, [2, 3], "AVG", "VALID", strides=[2, 2]), [X],
           name="pool", names_differ=RATE),
    Record("AvgPoolGrad", lambda tf, x: gradients(tf, tf.nn.avg_pool(x, 3, 2, "SAME"), x), [X],
           names_differ=SUM_GRAD),
    Record("MaxPool3D", pool3d("max", 2, 2, "SAME"), [distinct(2, 5, 4, 3, 2)]),
    Record("MaxPool3D", pool3d("max", [1, 2, 3, 1, 1], [1, 1, 2, 1, 1], "VALID"),
           [distinct(2, 5, 4, 3, 2)], name="valid"),
    Record("MaxPool3DGrad",
           lambda tf, x: gradients(tf, tf.nn.max_pool3d(x, 2, 2, "SAME"), x),
           [distinct(2, 5, 4, 3, 2)], names_differ=SUM_GRAD),
    Record("MaxPool3DGradGrad",
           lambda tf, x: gradients(tf, tf.nn.max_pool3d(x, 2, 2, "SAME"), x, 2),
           [distinct(2, 5, 4, 3, 2)], names_differ=SUM_GRAD),
    Record("AvgPool3D", pool3d("avg", 2, 2, "SAME"), [distinct(2, 5, 4, 3, 2)]),
    Record("AvgPool3D", pool3d("avg", [1, 2, 3, 1, 1], [1, 1, 2, 1, 1], "VALID"),
           [distinct(2, 5, 4, 3, 2)], name="valid"),
    Record("AvgPool3DGrad",
           lambda tf, x: gradients(tf, tf.nn.avg_pool3d(x, 2, 2, "SAME"), x),
           [distinct(2, 5, 4, 3, 2)], names_differ=SUM_GRAD),
    Record("MaxPoolWithArgmax", argmax([1, 2, 2, 1], [1, 2, 2, 1], "SAME"), [X],
           tf_lacks_second=NO_ARGMAX),
    Record("MaxPoolWithArgmax", argmax([1, 3, 2, 1], [1, 1, 2, 1], "VALID"), [X], name="valid",
           tf_lacks_second=NO_ARGMAX),
    Record("MaxPoolWithArgmax", argmax([1, 2, 2, 1], [1, 2, 2, 1], "SAME"), [TIES], name="ties",
           no_differences=TIED, tf_lacks_second=NO_ARGMAX),
    Record(
        "MaxPoolWithArgmax",
        argmax([1, 2, 2, 1], [1, 2, 2, 1], "SAME", Targmax="int32", include_batch_in_index=True),
        [X], name="batch", no_gradient="TensorFlow's CPU takes int64 only",
    ),
    Record("MaxPoolGradWithArgmax",
           lambda tf, x: gradients(
               tf, tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")[0], x
           ),
           [X], names_differ=SUM_GRAD, tf_lacks_gradient=NO_ARGMAX),
    # ---- dilation
    Record("Dilation2D", dilate(ONES, ONES, "SAME"), [normal(2, 7, 6, 3), normal(2, 3, 3)],
           tf_lacks_second=NO_DILATION),
    Record("Dilation2D", dilate([1, 2, 1, 1], [1, 2, 1, 1], "VALID"),
           [normal(2, 7, 6, 3), normal(3, 2, 3)], name="strides_and_rates",
           tf_lacks_second=NO_DILATION),
    Record("Dilation2D", lambda tf, x, k: tf.nn.erosion2d(x, k, ONES, ONES, "SAME"),
           [normal(2, 7, 6, 3), normal(2, 3, 3)], name="erosion", tf_lacks_second=NO_DILATION),
    Record("Dilation2DBackpropInput",
           lambda tf, x, k: tf.gradients(dilate(ONES, ONES, "SAME")(tf, x, k), x)[0],
           [normal(2, 7, 6, 3), normal(2, 3, 3)], tf_lacks_gradient=NO_DILATION),
    Record("Dilation2DBackpropFilter",
           lambda tf, x, k: tf.gradients(dilate(ONES, ONES, "SAME")(tf, x, k), k)[0],
           [normal(2, 7, 6, 3), normal(2, 3, 3)], tf_lacks_gradient=NO_DILATION),
    # ---- refusals
    Record("MaxPool", pool("max", [1, 9, 2, 1], ONES, "VALID"), [X], name="large_window",
           raises=(ValueError, "Negative dimension size caused by subtracting 9 from 7")),
    Record("MaxPool",
           lambda tf, x: tf.nn.max_pool(tf.placeholder_with_default(x, None), 9, 1, "VALID"), [X],
           name="large_window_at_run",
           raises=("InvalidArgumentError", "Computed output size would be negative: -1")),
    Record("MaxPool", pool("max", [1, 2, 2], ONES, "VALID"), [X], name="three_lengths",
           raises=(ValueError, "ksize should be of length 1, 2 or 4")),
    Record("MaxPool", pool("max", 2, [1, 2, 2], "VALID"), [X], name="three_strides",
           raises=(ValueError, "strides should be of length 1, 2 or 4")),
    Record("MaxPool", pool("max", 2, 2, "FULL"), [X], name="unknown_padding",
           raises=(ValueError, "Attr 'padding' of 'MaxPool' Op passed string 'FULL' not in")),
    Record("AvgPool", pool("avg", 2, 2, "SAME", data_format="NWHC"), [X], name="unknown_format",
           raises=(ValueError, "Attr 'data_format' of 'AvgPool' Op passed string 'NWHC' not in")),
    Record("MaxPool", pool("max", [1, 0, 2, 1], ONES, "SAME"), [X], name="window_0",
           raises=(ValueError, "`ksize` cannot be zero")),
    Record("MaxPool", pool("max", [2, 2, 2, 1], ONES, "SAME"), [X], name="batch",
           raises=("UnimplementedError", "not yet supported on the batch dimension")),
    Record("AvgPool", pool("avg", 2, 2, "SAME"), [distinct(7, 6, 3)], name="rank",
           raises=(ValueError, "Shape must be rank 4 but is rank 3")),
    Record("MaxPool", lambda tf, x: tf.nn.pool(x, [2, 2], "MAX", "SAME", dilation_rate=[2, 2]),
           [X], name="same_and_dilation",
           raises=(ValueError, "pooling with 'SAME' padding is not implemented for")),
]  # fmt: skip
