from tests.ops.record import Record, integers, normal

X, K = normal(2, 7, 6, 3), normal(3, 2, 3, 4)


def conv(strides=1, padding="SAME", **kw):
    return lambda tf, x, k: tf.nn.conv2d(x, k, strides, padding, **kw)


def by_input(sizes, strides, padding, **kw):
    return lambda tf, k, dy: tf.nn.conv2d_backprop_input(sizes, k, dy, strides, padding, **kw)


def by_filter(sizes, strides, padding, **kw):
    return lambda tf, x, dy: tf.nn.conv2d_backprop_filter(x, sizes, dy, strides, padding, **kw)


def summed_in_float32(call):
    """`call`, where 16 bits are added up in 32: TensorFlow does so with oneDNN only."""

    def summed(tf, *tensors):
        dtype = tensors[0].dtype
        if dtype.size > 2:
            return call(tf, *tensors)
        return tf.cast(call(tf, *(tf.cast(t, tf.float32) for t in tensors)), dtype)

    return summed


DILATED = "one op, of which TensorFlow makes SpaceToBatchND, another and BatchToSpaceND"
RATE = "no dilation rate of ones is made"

RECORDS = [
    # ---- Conv2D
    Record("Conv2D", conv(), [X, K]),
    Record("Conv2D", conv([1, 1, 1, 1], "VALID"), [X, K], rtol=1e-4, atol=1e-5, name="valid"),
    Record("Conv2D", conv([1, 2, 2, 1]), [X, K], rtol=1e-4, atol=1e-5, name="strides"),
    Record("Conv2D", conv([1, 2, 3, 1], "VALID"), [X, K], rtol=1e-4, atol=1e-5, name="strides_23"),
    Record(
        "Conv2D", conv(2), [normal(1, 9, 7, 2), normal(4, 4, 2, 3)], rtol=1e-4, atol=1e-5,
        name="same_even_kernel",
    ),
    Record(
        "Conv2D", conv(3), [normal(2, 8, 7, 2), normal(2, 1, 2, 5)], rtol=1e-4, atol=1e-5,
        name="stride_beyond_kernel",
    ),
    Record(
        "Conv2D", conv(dilations=[1, 2, 1, 1]), [X, K], rtol=1e-4, atol=1e-5, name="dilations",
        reference=lambda tf, x, k: tf.nn.convolution(x, k, "SAME", dilation_rate=[2, 1]),
    ),
    Record(
        "Conv2D", conv([1, 1, 2, 1], [[0, 0], [1, 2], [0, 3], [0, 0]]), [X, K], rtol=1e-4,
        atol=1e-5, name="explicit",
    ),
    Record("Conv2D", conv(), [X, normal(1, 1, 3, 5)], rtol=1e-4, atol=1e-5, name="1x1"),
    Record("Conv2D", conv(2), [X, normal(1, 1, 3, 5)], rtol=1e-4, atol=1e-5, name="1x1_strides"),
    Record(
        "Conv2D", conv(), [normal(2, 5, 7, 6), normal(3, 2, 3, 4)], rtol=1e-4, atol=1e-5,
        name="groups",
        reference=lambda tf, x, k: tf.concat(
            [conv()(tf, *group) for group in zip(tf.split(x, 2, 3), tf.split(k, 2, 3))],  # noqa: B905
            axis=3,
        ),
    ),
    Record(
        "Conv2D", conv([1, 1, 2, 1], data_format="NCHW"), [normal(2, 3, 7, 6), K], rtol=1e-4,
        atol=1e-5, name="nchw",
        reference=lambda tf, x, k: tf.transpose(
            conv([1, 2, 1, 1])(tf, tf.transpose(x, [0, 2, 3, 1]), k), [0, 3, 1, 2]
        ),
    ),
    Record(
        "Conv2D", lambda tf, x, k: tf.nn.conv2d(input=x, filters=k, strides=[2, 1], padding="SAME"),
        [X, K], rtol=1e-4, atol=1e-5, name="new_names",
    ),
    Record(
        "Conv2D", conv(), [integers(-5, 5, 2, 5, 6, 3), integers(-5, 5, 3, 2, 3, 4)], name="int32",
    ),
    Record(
        "Conv2D", lambda tf, x, k: tf.nn.convolution(x, k, "SAME", dilation_rate=[2, 1]), [X, K],
        rtol=1e-4, atol=1e-5, name="convolution_dilated", names_differ=DILATED,
    ),
    Record(
        "Conv2D", lambda tf, x, k: tf.nn.convolution(x, k, "VALID", strides=[2, 1]), [X, K],
        rtol=1e-4, atol=1e-5, name="convolution",
    ),
    Record(
        "Conv2D", lambda tf, x, k: tf.nn.atrous_conv2d(x, k, 2, "SAME"), [X, K],
        rtol=1e-4, atol=1e-5, name="atrous", names_differ=DILATED,
    ),
    Record(
        "Conv2D", lambda tf, x, k: tf.nn.atrous_conv2d(x, k, 3, "VALID"),
        [normal(2, 9, 8, 3), normal(2, 3, 3, 4)], rtol=1e-4, atol=1e-5, name="atrous_valid",
        names_differ=DILATED,
    ),
    Record(
        "Conv2D", lambda tf, x, k: tf.nn.conv1d(x, k, 2, "SAME"),
        [normal(2, 7, 3), normal(4, 3, 5)], rtol=1e-4, atol=1e-5, name="conv1d",
    ),
    Record(
        "Conv2D", lambda tf, x, k: tf.nn.conv1d(x, k, 1, "VALID", data_format="NCW"),
        [normal(2, 3, 7), normal(4, 3, 5)], rtol=1e-4, atol=1e-5, name="conv1d_ncw",
        reference=lambda tf, x, k: tf.transpose(
            tf.nn.conv1d(tf.transpose(x, [0, 2, 1]), k, 1, "VALID"), [0, 2, 1]
        ),
    ),
    Record(
        "Conv2D",
        lambda tf, x, d, p: tf.nn.separable_conv2d(x, d, p, [1, 2, 2, 1], "SAME"),
        [normal(2, 7, 6, 3), normal(3, 2, 3, 2), normal(1, 1, 6, 5)], rtol=1e-4, atol=1e-5,
        name="separable", names_differ=RATE,
    ),
    # ---- its gradients, and transposed convolution
    Record(
        "Conv2DBackpropInput", by_input([2, 7, 6, 3], [1, 2, 2, 1], "SAME"),
        [K, normal(2, 4, 3, 4)],
    ),
    Record(
        "Conv2DBackpropInput", by_input([2, 7, 6, 3], [1, 2, 1, 1], "VALID"),
        [K, normal(2, 3, 5, 4)], rtol=1e-4, atol=1e-5, name="valid",
    ),
    Record(
        "Conv2DBackpropInput",
        lambda tf, x, k: tf.nn.conv2d_transpose(x, k, [2, 13, 10, 5], [1, 2, 2, 1]),
        [normal(2, 7, 5, 3), normal(3, 2, 5, 3)], rtol=1e-4, atol=1e-5, name="transpose",
    ),
    Record(
        "Conv2DBackpropInput",
        lambda tf, x, k: tf.nn.conv2d_transpose(
            x, k, tf.stack([tf.shape(x)[0], 16, 11, 5]), 2, "VALID"
        ),
        [normal(2, 7, 5, 3), normal(3, 2, 5, 3)], rtol=1e-4, atol=1e-5,
        name="transpose_to_a_tensor",
    ),
    Record(
        "Conv2DBackpropInput",
        lambda tf, x, k: tf.nn.conv1d_transpose(x, k, [2, 14, 5], 2),
        [normal(2, 7, 3), normal(4, 5, 3)], rtol=1e-4, atol=1e-5, name="conv1d_transpose",
    ),
    Record(
        "Conv2DBackpropInput",
        lambda tf, x, k: tf.nn.atrous_conv2d_transpose(x, k, [2, 7, 5, 4], 2, "SAME"),
        [normal(2, 7, 5, 3), normal(3, 2, 4, 3)], rtol=1e-4, atol=1e-5, name="atrous_transpose",
        names_differ=DILATED,
    ),
    Record(
        "Conv2DBackpropFilter", by_filter([3, 2, 3, 4], [1, 2, 2, 1], "SAME"),
        [X, normal(2, 4, 3, 4)],
        reference=summed_in_float32(by_filter([3, 2, 3, 4], [1, 2, 2, 1], "SAME")),
    ),
    Record(
        "Conv2DBackpropFilter", by_filter([5, 5, 7, 2], [1, 1, 1, 1], "SAME"),
        [normal(2, 6, 4, 7), normal(2, 6, 4, 2)], rtol=1e-4, atol=1e-5, name="many_columns",
    ),
    # ---- Conv3D
    Record(
        "Conv3D", lambda tf, x, k: tf.nn.conv3d(x, k, [1, 1, 2, 1, 1], "SAME"),
        [normal(2, 4, 5, 3, 2), normal(1, 2, 3, 2, 3)],
    ),
    Record(
        "Conv3D", lambda tf, x, k: tf.nn.conv3d(x, k, [1, 2, 2, 2, 1], "VALID"),
        [normal(2, 4, 5, 3, 2), normal(2, 3, 1, 2, 3)], rtol=1e-4, atol=1e-5, name="valid",
    ),
    Record(
        "Conv3DBackpropInputV2",
        lambda tf, x, k: tf.nn.conv3d_transpose(x, k, [2, 4, 6, 3, 5], [1, 1, 2, 1, 1]),
        [normal(2, 4, 3, 3, 2), normal(1, 2, 3, 5, 2)],
    ),
    Record(
        "Conv3DBackpropFilterV2",
        lambda tf, x, dy: tf.nn.conv3d_backprop_filter(
            x, [1, 2, 3, 2, 3], dy, [1, 1, 2, 1, 1], "SAME"
        ),
        [normal(2, 4, 5, 3, 2), normal(2, 4, 3, 3, 3)],
        dtypes=("bool", "int32", "float32", "float64"),  # TensorFlow adds 16 bits up in 16 bits
    ),
    # ---- DepthwiseConv2dNative
    Record(
        "DepthwiseConv2dNative",
        lambda tf, x, k: tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], "SAME"),
        [X, normal(3, 2, 3, 2)], names_differ=RATE,
    ),
    Record(
        "DepthwiseConv2dNative",
        lambda tf, x, k: tf.nn.depthwise_conv2d_native(x, k, [1, 2, 2, 1], "VALID"),
        [X, normal(3, 2, 3, 1)], rtol=1e-4, atol=1e-5, name="strides",
    ),
    Record(
        "DepthwiseConv2dNative",
        lambda tf, x, k: tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], "SAME", rate=[2, 1]),
        [X, normal(3, 2, 3, 2)], rtol=1e-4, atol=1e-5, name="rate", names_differ=DILATED,
    ),
    Record(
        "DepthwiseConv2dNativeBackpropInput",
        lambda tf, k, dy: tf.nn.depthwise_conv2d_native_backprop_input(
            [2, 7, 6, 3], k, dy, [1, 2, 2, 1], "SAME"
        ),
        [normal(3, 2, 3, 2), normal(2, 4, 3, 6)],
    ),
    Record(
        "DepthwiseConv2dNativeBackpropFilter",
        lambda tf, x, dy: tf.nn.depthwise_conv2d_native_backprop_filter(
            x, [3, 2, 3, 2], dy, [1, 2, 2, 1], "SAME"
        ),
        [X, normal(2, 4, 3, 6)],
    ),
    # ---- refusals
    Record(
        "Conv2D", conv(), [X, normal(3, 2, 5, 4)], name="depth",
        raises=(ValueError, r"Depth of input \(3\) is not a multiple of input depth of filter \(5"),
    ),
    Record(
        "Conv2D", conv([1, 1, 1, 1], "VALID"), [X, normal(8, 2, 3, 4)], name="large_window",
        raises=(ValueError, "Negative dimension size caused by subtracting 8 from 7"),
    ),
    Record(
        "Conv2D", conv([1, 1, 1]), [X, K], name="three_strides",
        raises=(ValueError, "strides should be of length 1, 2 or 4"),
    ),
    Record(
        "Conv2D", conv(1, "FULL"), [X, K], name="unknown_padding",
        raises=(ValueError, "Attr 'padding' of 'Conv2D' Op passed string 'FULL' not in"),
    ),
    Record(
        "Conv2D", conv(data_format="NWHC"), [X, K], name="unknown_format",
        raises=(ValueError, "Attr 'data_format' of 'Conv2D' Op passed string 'NWHC' not in"),
    ),
    Record(
        "Conv2D", conv([1, 0, 1, 1]), [X, K], name="stride_0",
        raises=(ValueError, "Stride must be > 0, but got 0"),
    ),
    Record(
        "Conv2D", conv(), [normal(7, 6, 3), K], name="rank",
        raises=(ValueError, "Shape must be rank 4 but is rank 3"),
    ),
    Record(
        "Conv2D", conv(1, [[1, 2], [0, 3]]), [X, K], name="two_paddings",
        raises=(ValueError, "When padding is a list, it must be of size 4"),
    ),
    Record(
        "Conv2D", conv(1, [[0, 0], [1, 2], [0, 3], [1, 0]]), [X, K], name="depth_padding",
        raises=(ValueError, "Nonzero explicit padding in the batch or depth"),
    ),
    Record(
        "Conv2D",
        lambda tf, x, k: tf.nn.conv2d(tf.placeholder_with_default(x, None), k, 1, "SAME"),
        [X, normal(3, 2, 5, 4)], name="depth_at_run",
        raises=("InvalidArgumentError", "input depth must be evenly divisible by filter depth"),
    ),
    Record(
        "Conv2D",
        lambda tf, x, k: tf.nn.conv2d(tf.placeholder_with_default(x, None), k, 1, "VALID"),
        [X, normal(9, 2, 3, 4)], name="large_window_at_run",
        raises=("InvalidArgumentError", "Computed output size would be negative: -1"),
    ),
    Record(
        "Conv2D", lambda tf, x, k: tf.nn.convolution(x, k, "SAME", [2, 2], [2, 2]), [X, K],
        name="stride_and_dilation",
        raises=(ValueError, "strides > 1`? not supported in conjunction with `?dilation_rate > 1"),
    ),
    Record(
        "Conv2DBackpropInput",
        lambda tf, x, k: tf.nn.conv2d_transpose(x, k, [2, 13, 10, 5], 2),
        [normal(2, 7, 5, 3), normal(3, 2, 5, 4)], name="channels",
        raises=(ValueError, "Dimensions must be equal, but are 3 and 4"),
    ),
    Record(
        "DepthwiseConv2dNative",
        lambda tf, x, k: tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], "SAME"),
        [X, normal(3, 2, 4, 2)], name="channels",
        raises=(ValueError, "Dimensions must be equal, but are 3 and 4"),
    ),
]  # fmt: skip
