from tests.ops.record import Record, integers, normal


def patches(ksizes, strides, rates, padding):
    return lambda tf, x: tf.extract_image_patches(x, ksizes, strides, rates, padding)


ONES = [1, 1, 1, 1]

RECORDS = [
    Record("SpaceToDepth", lambda tf, x: tf.space_to_depth(x, 2), [normal(2, 4, 6, 3)]),
    Record("SpaceToDepth", lambda tf, x: tf.space_to_depth(x, 3), [normal(2, 3, 6, 5)], name="3"),
    Record("DepthToSpace", lambda tf, x: tf.depth_to_space(x, 2), [normal(2, 4, 3, 12)]),
    Record(
        "SpaceToBatchND",
        lambda tf, x: tf.space_to_batch_nd(x, [2, 3], [[0, 1], [1, 1]]),
        [normal(2, 5, 4, 3)],
    ),
    Record(
        "SpaceToBatchND",
        lambda tf, x: tf.space_to_batch(x, [[0, 0], [2, 0]], 2),
        [normal(3, 4, 6, 5)],
        name="space_to_batch",
    ),
    Record(
        "SpaceToBatchND",
        lambda tf, x: tf.space_to_batch_nd(x, [3], [[1, 0]]),
        [normal(2, 5, 4)],
        name="one_axis",
    ),
    Record(
        "BatchToSpaceND",
        lambda tf, x: tf.batch_to_space_nd(x, [2, 3], [[0, 1], [1, 2]]),
        [normal(12, 4, 5, 3)],
    ),
    Record(
        "BatchToSpaceND",
        lambda tf, x: tf.batch_to_space(x, [[0, 0], [0, 1]], 2),
        [normal(8, 4, 6, 3)],
        name="batch_to_space",
    ),
    Record(
        "ExtractImagePatches",
        patches([1, 2, 3, 1], [1, 2, 1, 1], ONES, "SAME"),
        [normal(2, 7, 6, 3)],
    ),
    Record(
        "ExtractImagePatches",
        patches([1, 2, 2, 1], ONES, [1, 2, 1, 1], "VALID"),
        [normal(2, 7, 6, 3)],
        name="rates",
    ),
    Record(
        "ExtractImagePatchesGrad",
        lambda tf, x: tf.gradients(patches([1, 2, 3, 1], [1, 2, 1, 1], ONES, "SAME")(tf, x), x)[0],
        [normal(2, 7, 6, 3)],
        one_dtype="the record of ExtractImagePatches tries them",
        names_differ="TensorFlow's gradient is several ops",
    ),
    # ---- refusals
    Record(
        "SpaceToDepth",
        lambda tf, x: tf.space_to_depth(x, 2),
        [normal(2, 5, 6, 3)],
        name="odd",
        raises=(ValueError, "Dimension size must be evenly divisible by 2 but is 5"),
    ),
    Record(
        "DepthToSpace",
        lambda tf, x: tf.depth_to_space(x, 2),
        [normal(2, 5, 6, 3)],
        name="depth",
        raises=(ValueError, "Dimension size must be evenly divisible by 4 but is 3"),
    ),
    Record(
        "SpaceToBatchND",
        lambda tf, x: tf.space_to_batch_nd(x, [2], [[0, 0]]),
        [normal(2, 5, 4)],
        name="odd",
        raises=(ValueError, "Dimension size must be evenly divisible by 2 but is 5"),
    ),
    Record(
        "BatchToSpaceND",
        lambda tf, x: tf.batch_to_space_nd(x, [2], [[0, 0]]),
        [normal(3, 5, 4)],
        name="batch",
        raises=(ValueError, "Dimension size must be evenly divisible by 2 but is 3"),
    ),
    Record(
        "DataFormatDimMap",
        lambda tf, x: tf.raw_ops.DataFormatDimMap(x=x),
        [integers(-4, 4, 3, 5)],
    ),
    Record(
        "DataFormatDimMap",
        lambda tf, x: tf.raw_ops.DataFormatDimMap(x=x, src_format="NCDHW", dst_format="NDHWC"),
        [integers(-5, 5, 7)],
        name="five",
    ),
    Record(
        "DataFormatVecPermute",
        lambda tf, x: tf.raw_ops.DataFormatVecPermute(x=x),
        [integers(-4, 9, 4)],
    ),
    Record(
        "DataFormatVecPermute",
        lambda tf, x: tf.raw_ops.DataFormatVecPermute(x=x, src_format="HWNC", dst_format="WHNC"),
        [integers(-4, 9, 4, 2)],
        name="pairs",
    ),
    Record(
        "DataFormatVecPermute",
        lambda tf, x: tf.raw_ops.DataFormatVecPermute(x=x, src_format="NDHWC", dst_format="NCDHW"),
        [integers(-4, 9, 5)],
        name="five",
    ),
]
