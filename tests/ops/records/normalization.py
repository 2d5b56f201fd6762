from tests.ops.record import Record, normal, positive

X, SCALE, OFFSET = normal(2, 7, 6, 3), positive(3), normal(3)
MEAN, VARIANCE = normal(3), positive(3)
SQUARE_GRAD = "products in the gradient of Square are called mul, not Mul"
LOOSE = {"rtol": 1e-4, "atol": 1e-5}


def fused(**kw):
    return lambda tf, *a: tf.nn.fused_batch_norm(*a, **kw)


def training(tf, x, scale, offset):
    """What a layer takes: y, and the statistics it averages."""
    y, mean, variance = tf.nn.fused_batch_norm(x, scale, offset, epsilon=0.01)
    return y, tf.stop_gradient(mean), tf.stop_gradient(variance)


RECORDS = [
    Record("FusedBatchNormV3", training, [X, SCALE, OFFSET], **LOOSE),
    Record(
        "FusedBatchNormV3", fused(is_training=False), [X, SCALE, OFFSET, MEAN, VARIANCE],
        name="inference", grad_inputs=[0, 1, 2], **LOOSE,
    ),
    Record(
        "FusedBatchNormV3", fused(exponential_avg_factor=0.3), [X, SCALE, OFFSET, MEAN, VARIANCE],
        name="average", **LOOSE,
    ),
    Record(
        "FusedBatchNormV3", fused(data_format="NCHW"), [normal(2, 3, 5, 4), SCALE, OFFSET],
        name="nchw", **LOOSE,
    ),
    Record(
        "FusedBatchNormGradV3",
        lambda tf, x, s, o: tf.gradients(tf.square(tf.nn.fused_batch_norm(x, s, o)[0]), [x, s, o]),
        [X, SCALE, OFFSET], names_differ=SQUARE_GRAD, **LOOSE,
        no_second="a third derivative; TensorFlow's is not what finite differences give",
    ),
    Record(
        "Rsqrt",
        lambda tf, x, m, v, b, g: tf.nn.batch_normalization(x, m, v, b, g, 0.01),
        [X, MEAN, VARIANCE, OFFSET, SCALE], name="batch_normalization", **LOOSE,
    ),
    Record(
        "Rsqrt", lambda tf, x, m, v: tf.nn.batch_normalization(x, m, v, None, None, 0.01),
        [X, MEAN, VARIANCE], name="batch_normalization_plain", **LOOSE,
    ),
    Record(
        "Rsqrt",
        lambda tf, x, m, v, b, g: tf.nn.batch_norm_with_global_normalization(
            x, m, v, b, g, 0.01, True
        ),
        [X, MEAN, VARIANCE, OFFSET, SCALE], name="global_normalization", **LOOSE,
    ),
    Record(
        "Sum", lambda tf, x: tf.nn.sufficient_statistics(x, [0, 1])[:3], [X],
        name="sufficient_statistics", **LOOSE,
    ),
    Record(
        "Sum",
        lambda tf, x, s: tf.nn.sufficient_statistics(x, [2], shift=s, keep_dims=True), [X, MEAN],
        name="sufficient_statistics_shift", **LOOSE,
    ),
    Record(
        "Reciprocal", lambda tf, m, v: tf.nn.normalize_moments(5.0, m, v, 0.5),
        [MEAN, VARIANCE], name="normalize_moments", **LOOSE,
    ),
    Record(
        "DivNoNan", lambda tf, x, w: tf.nn.weighted_moments(x, [0, 2], w),
        [normal(2, 4, 3), positive(2, 1, 3)], name="weighted_moments", **LOOSE,
    ),
    Record("LRN", lambda tf, x: tf.nn.lrn(x), [X], tf_lacks_second="LRNGrad has no gradient"),
    Record(
        "LRN",
        lambda tf, x: tf.nn.local_response_normalization(x, 2, bias=1.0, alpha=0.1, beta=0.75),
        [normal(2, 4, 3, 8)], name="radius", tf_lacks_second="LRNGrad has no gradient", **LOOSE,
    ),
    Record(
        "LRNGrad", lambda tf, x: tf.gradients(tf.square(tf.nn.lrn(x, 2, beta=0.7)), x)[0],
        [normal(2, 4, 3, 8)],
        tf_lacks_gradient="LRNGrad has none",
    ),
    # ---- refusals
    Record(
        "FusedBatchNormV3", fused(is_training=False), [X, SCALE, OFFSET], name="no_mean",
        raises=(ValueError, "Both `mean` and `variance` must be a 1D tensor"),
    ),
    Record(
        "FusedBatchNormV3", fused(), [X, positive(4), OFFSET], name="channels",
        raises=(ValueError, "Dimensions must be equal, but are 3 and 4"),
    ),
    Record(
        "FusedBatchNormV3", fused(), [normal(7, 3), SCALE, OFFSET], name="rank",
        raises=(ValueError, "must be rank 4 but is rank 2"),
    ),
]  # fmt: skip
