"""What TensorFlow refuses of branches, shapes, windows and axes, and batches of gathers."""

import numpy as np
import pytest

import graphmode as tf

X = np.arange(12, dtype=np.float32).reshape(2, 2, 3)


def constant(value):
    return lambda: tf.constant(value)


BRANCHES = [
    ({0: constant(1), 2: constant(2)}, ValueError, r"contiguous range of \[0 to 2\) but found"),
    ([(0, constant(1)), (0, constant(2))], ValueError, "but found {0,0}"),
    ({-1: constant(1)}, ValueError, "but found {-1}"),
    ({"a": constant(1)}, TypeError, "key must be a Python `int`"),
    ({1.5: constant(1)}, TypeError, "key must be a Python `int`"),
    ({}, ValueError, "Must provide at least one item in branch_fns"),
    ([constant(1), 3], TypeError, "Each entry in branch_fns must be a 2-tuple"),
    ([(0, constant(1), 1)], TypeError, "Each entry in branch_fns must be a 2-tuple"),
    ({0: 3}, TypeError, "fn for key 0 must be callable"),
    (constant(1), TypeError, "branch_fns must be a list, tuple, or dict"),
]


@pytest.mark.parametrize(("branches", "error", "text"), BRANCHES)
def test_switch_case_with_bad_branches(branches, error, text):
    index = tf.placeholder(tf.int32, [])
    with pytest.raises(error, match=text):
        tf.switch_case(index, branches)


@pytest.mark.parametrize("index", [1, tf.int64, tf.float32])
def test_switch_case_with_a_bad_index(index):
    given = index if index == 1 else tf.placeholder(index, [])
    with pytest.raises(TypeError, match="branch_index"):
        tf.switch_case(given, [constant(1), constant(2)])


@pytest.mark.parametrize(("index", "expected"), [(0, 5), (1, 7), (9, 7), (-4, 7)])
def test_switch_case_takes_branches_by_number_and_the_last_one_else(index, expected, mode):
    fed = tf.placeholder(tf.int32, [])
    result = tf.switch_case(fed, {1: constant(7), 0: constant(5)})
    with tf.Session() as sess:
        assert sess.run(result, {fed: index}) == expected


POOLS = [
    (tf.nn.max_pool, [1, 2, 2, 2], [1, 2, 2, 2], "exactly one of pooling across depth"),
    (tf.nn.avg_pool, [1, 2, 2, 2], [1, 2, 2, 2], "exactly one of pooling across depth"),
    (tf.nn.avg_pool, [1, 1, 1, 2], [1, 1, 1, 2], "Non-spatial pooling is not yet supported"),
    (tf.nn.max_pool, [1, 1, 1, 3], [1, 1, 1, 3], "evenly divide the input depth"),
    (tf.nn.max_pool, [1, 1, 1, 2], [1, 1, 1, 1], "equal the depth stride"),
    (tf.nn.avg_pool3d, [1, 2, 2, 2, 2], [1, 2, 2, 2, 2], "not yet supported on the depth"),
]


@pytest.mark.parametrize(("pool", "ksize", "strides", "text"), POOLS)
def test_pooling_over_depth(pool, ksize, strides, text, mode):
    images = np.ones([1] + [4] * (len(ksize) - 1), np.float32)
    x = tf.placeholder(tf.float32)
    result = pool(x, ksize, strides, "SAME")
    with tf.Session() as sess, pytest.raises(tf.errors.UnimplementedError, match=text):
        sess.run(result, {x: images})


def test_the_largest_of_groups_of_channels(mode):
    x = tf.placeholder(tf.float32)
    pooled = tf.nn.max_pool(x, [1, 1, 1, 2], [1, 1, 1, 2], "SAME")
    with tf.Session() as sess:
        found = sess.run(pooled, {x: np.arange(12, dtype=np.float32).reshape(1, 1, 3, 4)})
    assert found.ravel().tolist() == [1, 3, 5, 7, 9, 11]


def test_shapes_and_axes_that_are_none():
    with pytest.raises(ValueError, match="Fill dimensions must be >= 0"):
        tf.fill([-1, 2], 1.0)
    with pytest.raises(ValueError, match="must be rank 1"):
        tf.fill([[1, 2]], 1.0)
    for axis in ([0, 1], []):
        with pytest.raises(ValueError, match="'dim' input must be a tensor with a single value"):
            tf.expand_dims(tf.placeholder(tf.float32), axis)


def test_a_fed_vector_for_one_axis(mode):
    axis = tf.placeholder(tf.int32)
    result = tf.expand_dims(tf.constant(X), axis)
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match="must be a tensor with a single"):
            sess.run(result, {axis: [0, 1]})
        assert sess.run(result, {axis: [1]}).shape == (2, 1, 2, 3)


GATHERED_ND = [
    ([[1], [0]], 1, np.stack([X[0, 1], X[1, 0]])),
    ([[[0]], [[1]]], 1, np.stack([X[0, :1], X[1, 1:]])),
    ([[[2], [0]], [[1], [1]]], 2, [[X[0, 0, 2], X[0, 1, 0]], [X[1, 0, 1], X[1, 1, 1]]]),
]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("indices", "batch", "expected"), GATHERED_ND)
def test_gather_nd_of_batches(indices, batch, expected, known, mode):
    params = tf.placeholder(tf.float32, X.shape if known else [None, None, None])
    places = tf.placeholder(tf.int32, np.shape(indices) if known else [None] * np.ndim(indices))
    picked = tf.gather_nd(params, places, batch_dims=batch)
    if known:
        assert picked.shape == np.shape(expected)
    (gradient,) = tf.gradients(picked, params)
    with tf.Session() as sess:
        found, slope = sess.run([picked, gradient], {params: X, places: indices})
    assert np.array_equal(found, expected)
    assert np.array_equal(slope, np.isin(X, expected))


@pytest.mark.parametrize(
    ("batch", "text"),
    [(-1, "does not allow negative batch_dims"), (2, r"less than rank\(indices\) = 2")],
)
def test_gather_nd_of_batches_refused(batch, text):
    with pytest.raises(ValueError, match=text):
        tf.gather_nd(X, [[1], [0]], batch_dims=batch)


@pytest.mark.parametrize("known", [True, False])
def test_gather_with_negative_batch_dims(known, mode):
    params = tf.placeholder(tf.float32, X.shape if known else None)
    indices = tf.placeholder(tf.int32, [2, 1] if known else None)
    picked = tf.gather(params, indices, batch_dims=-1)
    with tf.Session() as sess:
        found = sess.run(picked, {params: X, indices: [[1], [0]]})
    assert np.array_equal(found, [X[0, :, 1:2], X[1, :, :1]])
    if known:
        assert picked.shape == (2, 2, 1)
        slope = tf.gradients(picked, params)[0]
        with tf.Session() as sess:
            found = sess.run(slope, {params: X, indices: [[1], [0]]})
        assert np.array_equal(found, [[[0, 1, 0]] * 2, [[1, 0, 0]] * 2])


@pytest.mark.parametrize("function", [tf.nn.softmax, tf.nn.log_softmax])
@pytest.mark.parametrize("axis", [0, 1, 2, -2])
def test_softmax_along_an_axis_in_a_tensor(function, axis, mode):
    fed = tf.placeholder(tf.int32, [])
    results = [function(X, axis=a) for a in (axis, tf.constant(axis), fed)]
    with tf.Session() as sess:
        expected, constant_axis, fed_axis = sess.run(results, {fed: axis})
    assert np.allclose(constant_axis, expected, rtol=1e-6)
    assert np.allclose(fed_axis, expected, rtol=1e-6)
    assert results[2].shape == X.shape


# What is written to, indices and updates, by their shapes; what is said of known and of fed ones.
OUTER = r"The outer 2 dimensions of indices.shape=\[3,2,2\] must match the outer 2 dimensions"
NOTHING = "Indices and updates specified for empty output"
SCATTERED = [
    (
        (0, 3, 2),
        (2, 2, 2),
        (2, 2, 2),
        f"{NOTHING} shape",
        rf"{NOTHING}\.  indices shape: \[2,2,2\]",
    ),
    ((2, 2, 2), (3, 2, 2), (2, 2, 2), OUTER, "Outer dimensions of indices and update must match"),
    ((2, 3, 5), (2, 4, 1), (2, 4), "The inner 2 dimensions of output.shape", "Inner dimensions of"),
    (
        (4, 3),
        (2, 1),
        (2, 5),
        "The inner 1 dimensions of",
        r"The inner 1 dimensions of output.shape",
    ),
    ((4,), (), (), "must be at least rank 1", "Indices shape must have rank at least one"),
]


@pytest.mark.parametrize(("dims", "indices", "updates", "known", "fed"), SCATTERED)
def test_scatter_nd(dims, indices, updates, known, fed, mode):
    arrays = np.zeros(indices, np.int32), np.ones(updates, np.float32), np.array(dims, np.int32)
    with pytest.raises(ValueError, match=known):
        tf.scatter_nd(*arrays)
    inputs = tf.placeholder(tf.int32), tf.placeholder(tf.float32), tf.placeholder(tf.int32)
    result = tf.scatter_nd(*inputs)
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match=fed):
        sess.run(result, dict(zip(inputs, arrays, strict=True)))


@pytest.mark.parametrize(
    ("write", "dims", "indices", "updates", "text"),
    [
        (tf.scatter_nd_update, (), (1, 1), (1,), "Output must be at least 1-D, got shape: "),
        (tf.scatter_nd_add, (0,), (1, 1), (1,), rf"{NOTHING}\.  indices shape: \[1,1\]"),
        (tf.scatter_nd_sub, (4,), (1, 1), (2,), "The outermost dimension of updates and indices"),
        (
            tf.scatter_nd_update,
            (2, 2),
            (1, 3),
            (1,),
            r"updates.shape = indices.shape\[:batch_dim\]",
        ),
        (tf.scatter_update, (), (1,), (1,), "params must be at least 1-D, got shape "),
    ],
)
def test_writes_to_a_variable_of_unknown_shape(write, dims, indices, updates, text, mode):
    start = tf.placeholder(tf.float32)
    variable = tf.Variable(start, validate_shape=False)
    places, values = tf.placeholder(tf.int32), tf.placeholder(tf.float32)
    written = write(variable, places, values)
    with tf.Session() as sess:
        sess.run(variable.initializer, {start: np.zeros(dims)})
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            sess.run(written, {places: np.zeros(indices), values: np.zeros(updates)})


def test_strings_scattered_to_one_place_are_joined(mode):
    words = tf.scatter_nd([[4], [1], [1]], ["four", "one", "!"], [6])
    with tf.Session() as sess:
        assert sess.run(words).tolist() == [b"", b"one!", b"", b"", b"four", b""]


SEGMENT_NUMBERS = [
    ([-1, -1, 0, 0], r"Segment id -1 out of range \[0, 1\), possibly because 'segment_ids' input"),
    ([0, 1, 2, 0], r"Segment id 1 out of range \[0, 1\), possibly because 'segment_ids' input"),
    ([0, 1, 0, 1], "segment ids are not increasing"),
    ([0, 0, 0, -1], "segment ids must be >= 0"),
]
SEGMENTS = [tf.segment_sum, tf.segment_mean, tf.segment_prod, tf.segment_min, tf.segment_max]


@pytest.mark.parametrize(("ids", "text"), SEGMENT_NUMBERS)
def test_numbers_of_segments(ids, text, mode):
    rows = np.ones((4, 3), np.float32)
    sparse = [tf.sparse_segment_sum, tf.sparse_segment_mean, tf.sparse_segment_sqrt_n]
    with tf.Session() as sess:
        for function in SEGMENTS:
            with pytest.raises(tf.errors.InvalidArgumentError, match=text):
                sess.run(function(rows, ids))
        for function in sparse:
            with pytest.raises(tf.errors.InvalidArgumentError, match=text):
                sess.run(function(rows, [3, 0, 1, 1], ids))


@pytest.mark.parametrize("function", SEGMENTS)
def test_too_few_numbers_of_segments(function, mode):
    short = function(np.ones((4, 3), np.float32), [0, 1])
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match="the same size"):
        sess.run(short)


def test_a_known_number_of_segments(mode):
    rows = np.ones((4, 3), np.float32)
    for ids, text in [
        ([0, 1, 3], "segment ids must be < num_segments"),
        ([-1, 0, 1], r"Segment id -1 out of range \[0, 3\)"),
    ]:
        result = tf.sparse_segment_mean(rows, [3, 0, 1], ids, num_segments=3)
        with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match=text):
            sess.run(result)
    with pytest.raises(ValueError, match="Dimension 0 in both shapes must be equal"):
        tf.sparse_segment_sum(rows, [3, 0, 1], [0, 1])
    outside = tf.unsorted_segment_sum([[17]], [[2]], num_segments=2)
    text = r"segment_ids\[0,0\] = 2 is out of range \[0, 2\)"
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        sess.run(outside)


@pytest.mark.parametrize("axis", [1, -2])
def test_an_axis_that_a_fed_array_lacks(axis, mode):
    params = tf.placeholder(tf.int32)
    picked = tf.gather(params, 0, axis=axis)
    text = rf"Expected axis in the range \[-1, 1\), but got {axis}"
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        sess.run(picked, {params: [0, 1, 2]})


def test_ranks_of_axes():
    unknown = tf.placeholder(tf.float32)
    with pytest.raises(ValueError, match="must be at most rank 1 but is rank 2"):
        tf.reduce_sum(unknown, [[1], [2]])
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        tf.concat([[1.0], [2.0]], [0])
    with pytest.raises(ValueError, match="at least rank 2 but is rank 1"):
        tf.gather([1, 2], tf.placeholder(tf.int32), batch_dims=1)
    with tf.Session() as sess:
        assert sess.run(tf.concat(1, tf.constant(0))) == 1


def test_logits_and_labels_of_ranks_that_do_not_fit(mode):
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits
    for labels, logits, text in [
        ([[0, 2]], [[0.0, 1.0], [2.0, 3.0]], "Rank mismatch: Rank of labels .received 2. should"),
        (0, 1.0, "Logits cannot be scalars - received shape"),
        ([0, 2], [[0.0, 1.0]], "Shape mismatch: The shape of labels .received"),
    ]:
        with pytest.raises(ValueError, match=text):
            loss(labels=labels, logits=logits)
    labels = tf.placeholder(tf.int32)
    result = loss(labels=labels, logits=[[7.0]])
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match="must be 1-D"):
        sess.run(result, {labels: 0})


def test_an_axis_of_softmax_beyond_the_rank(mode):
    axis = tf.placeholder(tf.int32, [])
    result = tf.nn.softmax([1.0, 2.0, 3.0], axis=axis)
    with tf.Session() as sess:
        assert sess.run(result, {axis: -1}).shape == (3,)
        with pytest.raises(tf.errors.InvalidArgumentError):
            sess.run(result, {axis: 100})


@pytest.mark.parametrize("axis", [0, 1, 2, -3])
@pytest.mark.parametrize("known", [True, False])
def test_cross_entropy_along_an_axis(axis, known, mode):
    logits = tf.placeholder(tf.float32, X.shape if known else None)
    labels = np.moveaxis(np.zeros(X.shape), axis, -1)
    labels[..., 0] = 1
    labels = np.moveaxis(labels, -1, axis)
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits, dim=axis)
    expected = np.log(np.exp(X).sum(axis)) - X.take(0, axis)
    with tf.Session() as sess:
        assert np.allclose(sess.run(loss, {logits: X}), expected, rtol=1e-5)
    if known:
        assert loss.shape == expected.shape


def test_paddings_of_which_a_part_is_known():
    fed, x = tf.placeholder(tf.int32), tf.zeros([4, 5])
    for paddings, shape in [
        ([[1, 2], fed], [7, None]),
        ([[fed, 0], [1, 2]], [None, 8]),
        ([tf.constant(1, shape=[2]), [0, fed]], [6, None]),
        (fed, [None, None]),
    ]:
        assert tf.pad(x, paddings).shape.as_list() == shape
    with pytest.raises(ValueError, match="Unknown padding mode"):
        tf.pad(x, [[1, 0], [0, 1]], mode="weird")
    with pytest.raises(ValueError, match="must be non-negative"):
        tf.pad(tf.placeholder(tf.float32), [[-1, 0]])


@pytest.mark.parametrize(
    ("axis", "shapes", "text"),
    [
        (1, [[[2, 3, 5]], [2, 3, 5]], r"input 0 should be a vector, but got shape \[1,3\]"),
        (4, [[2, 3, 5], [2, 7, 5]], "Concat dim is out of range: 4 vs. 3"),
        (1, [[2, 3, 5], [2, 7, 5, 9]], "input 1 should contain 3 elements, but got 4"),
        (
            1,
            [[2, 3, 5], [2, 7, 9]],
            r"except 1 must match. Input 1 has shape \[2 7 9\] and doesn't",
        ),
    ],
)
def test_offsets_of_shapes_that_cannot_be_joined(axis, shapes, text, mode):
    offsets = tf.raw_ops.ConcatOffset(concat_dim=axis, shape=shapes)
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        sess.run(offsets)


def test_axes_and_margins_outside():
    for function in (tf.stack, tf.unstack):
        with pytest.raises(ValueError, match=r"axis = 2 not in \[-2, 2\)"):
            function(np.zeros((3, 4)) if function is tf.unstack else [[1, 2], [3, 4]], axis=2)
    with pytest.raises(ValueError, match="Dimension 0 in both shapes must be equal"):
        tf.space_to_batch_nd(np.ones((1, 2, 2, 1)), [2, 2], [[0, 0]])
    with pytest.raises(ValueError, match=r"The outer 1 dimensions of indices.shape"):
        tf.tensor_scatter_update(np.zeros(5), [[1], [2]], [1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="of off_value does not match dtype parameter"):
        tf.one_hot([0, 1], 3, off_value=np.float32(0), dtype=tf.int32)


def test_an_element_of_nothing(mode):
    picked = tf.gather_nd(np.empty((0, 3), np.float32), tf.placeholder_with_default([[0, 0]], None))
    text = "Requested more than 0 entries, but params is empty|does not index into"
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        sess.run(picked)


def test_weights_that_do_not_fit_values_of_unknown_rank(mode):
    values = tf.placeholder(tf.float32)
    for shape in [(3, 2), (2, 4, 1), (4, 2, 4, 1), (3, 2, 4, 2)]:
        _, update = tf.metrics.mean(values, np.ones(shape))
        with tf.Session() as sess:
            sess.run(tf.local_variables_initializer())
            with pytest.raises(tf.errors.InvalidArgumentError, match="can not be broadcast"):
                sess.run(update, {values: np.ones((3, 2, 4, 1))})


def test_tensors_of_another_dtype_in_a_list_are_cast_to_the_one_that_is_asked_for(mode):
    double = tf.constant([0.5, 1.5], tf.float64)
    assert tf.convert_to_tensor([[1.0, 2.0], double]).dtype == tf.float64
    narrow = tf.convert_to_tensor([[1, 2], double], tf.float32)
    with tf.Session() as sess:
        assert sess.run(narrow).tolist() == [[1, 2], [0.5, 1.5]] and narrow.dtype == tf.float32
    with pytest.raises(TypeError, match="containing a tensor of dtype"):
        tf.convert_to_tensor([tf.constant([1.0, 2.0]), double])


def test_boxes_images_and_norms_are_refused_when_they_are_built():
    with tf.Graph().as_default():
        with pytest.raises(ValueError, match="Dimension must be 4 but is 3"):
            tf.image.non_max_suppression(tf.zeros([2, 3]), tf.zeros([2]), 1)
        with pytest.raises(ValueError, match="must be equal, but are 2 and 5"):
            tf.image.non_max_suppression(tf.zeros([2, 4]), tf.zeros([5]), 1)
        with pytest.raises(ValueError, match=r"must have either 3 or 4 dimensions\."):
            tf.image.crop_to_bounding_box(tf.zeros([3, 5]), 0, 0, 1, 1)
        with pytest.raises(TypeError, match="t_list should be a sequence"):
            tf.clip_by_global_norm(tf.constant([1.0]), 1.0)


OF_IMAGES = {
    "flip": tf.image.flip_left_right,
    "upside down": tf.image.flip_up_down,
    "maybe flip": tf.image.random_flip_left_right,
    "turn": tf.image.rot90,
    "transpose": tf.image.transpose_image,
    "standardize": tf.image.per_image_standardization,
    "crop": lambda x: tf.image.crop_to_bounding_box(x, 0, 0, 1, 1),
    "pad": lambda x: tf.image.pad_to_bounding_box(x, 0, 0, 9, 9),
    "crop or pad": lambda x: tf.image.resize_image_with_crop_or_pad(x, 7, 8),
    "resize and pad": lambda x: tf.image.resize_image_with_pad(x, 7, 8),
}
EMPTY = [(3, 4, 0), (0, 3, 4, 2)]


@pytest.mark.parametrize("shape", EMPTY)
@pytest.mark.parametrize("name", [*OF_IMAGES, "middle"])
def test_an_image_known_to_have_nothing_in_it(name, shape):
    of_image = {**OF_IMAGES, "middle": lambda x: tf.image.central_crop(x, 0.5)}[name]
    with pytest.raises(ValueError, match=r"all dims of 'image\.shape' must be > 0: ") as caught:
        of_image(tf.placeholder(tf.float32, shape))
    assert str(shape[-3:])[1:] in str(caught.value)


@pytest.mark.parametrize("shape", EMPTY)
@pytest.mark.parametrize("name", OF_IMAGES)
def test_an_image_with_nothing_in_it(name, shape, mode):
    fed = tf.placeholder(tf.float32, [None] * len(shape))
    text = r"all dims of \\?'image.shape\\?' must be > 0\."
    found = OF_IMAGES[name](fed)
    with tf.Session() as sess:
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            sess.run(found, {fed: np.zeros(shape)})
        assert sess.run(found, {fed: np.zeros([n or 2 for n in shape])}).ndim == len(shape)


def test_the_middle_of_nothing(mode):
    fed = tf.placeholder(tf.float32, [None] * 4)
    with tf.Session() as sess:
        middle = sess.run(tf.image.central_crop(fed, 0.5), {fed: np.zeros((0, 5, 4, 3))})
    assert middle.shape == (0, 3, 2, 3)


COLOURLESS = [
    (
        tf.image.rgb_to_hsv,
        (2, 3, 0),
        tf.errors.FailedPreconditionError,
        "input only has 0 channels",
    ),
    (
        tf.image.hsv_to_rgb,
        (2, 3, 2),
        tf.errors.FailedPreconditionError,
        "input only has 2 channels",
    ),
    (
        lambda x: tf.image.resize_bilinear(x[None], [2, 2]),
        (5, 5, 0),
        tf.errors.InvalidArgumentError,
        "image must have at least one channel",
    ),
    (
        lambda x: tf.image.draw_bounding_boxes(x[None], np.zeros((1, 1, 4), np.float32)),
        (5, 5, 2),
        tf.errors.InvalidArgumentError,
        r"Channel depth should be either 1 \(GRY\), 3 \(RGB\), or 4 \(RGBA\)",
    ),
    (
        lambda x: tf.image.crop_and_resize(x[None], np.zeros((1, 4), np.float32), [0], [2, 2]),
        (5, 0, 3),
        tf.errors.InvalidArgumentError,
        "image dimensions must be positive",
    ),
]


@pytest.mark.parametrize(("of_image", "shape", "error", "text"), COLOURLESS)
def test_channels_and_lengths_of_images_that_are_fed(of_image, shape, error, text, mode):
    fed = tf.placeholder(tf.float32, [None] * 3)
    found = of_image(fed)
    with tf.Session() as sess, pytest.raises(error, match=text):
        sess.run(found, {fed: np.zeros(shape)})


@pytest.mark.parametrize("dtype", [tf.float16, tf.float32, tf.float64])
@pytest.mark.parametrize("other", [tf.float16, tf.float32, tf.float64])
@pytest.mark.parametrize("argument", ["keep_prob", "rate"])
def test_a_probability_of_another_dtype(argument, other, dtype):
    x, probability = tf.placeholder(dtype, [3, 4]), tf.placeholder(other, [])
    if other is dtype:
        assert tf.nn.dropout(x, **{argument: probability}).dtype is dtype
        return
    text = f"requested dtype {dtype.name} for Tensor with dtype {other.name}"
    with pytest.raises(ValueError, match=text):
        tf.nn.dropout(x, **{argument: probability})


def test_a_probability_that_is_whole_or_several():
    x = tf.placeholder(tf.float32, [3, 4])
    with pytest.raises(ValueError, match="keep_prob must be a floating point number or Tensor"):
        tf.nn.dropout(x, tf.constant(1))
    with pytest.raises(ValueError, match=r"Shape \(2,\) must have rank 0"):
        tf.nn.dropout(x, tf.constant([0.5, 0.5]))
    assert tf.nn.dropout(x, np.float64(0.5)).dtype is tf.float32


def test_a_vector_for_the_axis_of_a_running_sum(mode):
    for scan in (tf.cumsum, tf.cumprod):
        with (
            tf.Session() as sess,
            pytest.raises(
                tf.errors.InvalidArgumentError, match=r"axis must be a scalar, not \[1\]"
            ),
        ):
            sess.run(scan([[1.0, 2.0]], [0]))


@pytest.mark.parametrize("values", [[[1, 4], [4, 2], [0, 3]], [[1, 4]]])
def test_places_in_rows_of_another_number(mode, values):
    places = tf.searchsorted([[1, 2, 3], [3, 4, 5]], values)
    with (
        tf.Session() as sess,
        pytest.raises(tf.errors.InvalidArgumentError, match="Leading dim_size of both tensors"),
    ):
        sess.run(places)


def test_differences_of_what_is_no_vector(mode):
    with pytest.raises(ValueError, match="Shape must be rank 1 but is rank 2"):
        tf.setdiff1d([[1]], [1])
    fed = tf.placeholder(tf.int32)
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match="1D vector"):
        sess.run(tf.setdiff1d(fed, [1]), {fed: [[1, 2]]})


def test_words_of_loops_and_maps():
    with pytest.raises(TypeError, match=r"^cond must be callable\."):
        tf.while_loop(1, lambda i: i, [0])
    with pytest.raises(TypeError, match=r"^body must be callable\."):
        tf.while_loop(lambda i: True, 1, [0])
    with pytest.raises(ValueError, match=r"elems must be a 1\+ dimensional Tensor, not a scalar"):
        tf.map_fn(lambda x: x, 1)
    with pytest.raises(ValueError, match=r"must be 1\+ dimensional Tensors, not scalars"):
        tf.map_fn(lambda x: x, [1, 2])


@pytest.mark.parametrize("draw", [tf.random_normal, tf.truncated_normal])
@pytest.mark.parametrize("dtype", [tf.int32, tf.bool])
def test_normal_numbers_that_are_not_floats(draw, dtype):
    with pytest.raises(TypeError, match=f"DataType {dtype.name} not in list of allowed values"):
        draw([3], dtype=dtype)


def test_strides_over_examples_and_channels(mode):
    for strides in ([2, 1, 1, 1], [1, 1, 1, 3]):
        result = tf.nn.conv2d(tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 3, 2]), strides, "SAME")
        text = "does not yet support strides in the batch and depth dimensions"
        with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError, match=text):
            sess.run(result)


def test_numbers_of_channels_that_no_image_has(mode):
    with pytest.raises(ValueError, match=r"channels must be in \(None, 0, 1, 3, 4\)"):
        tf.image.decode_image("", channels=2)
    one_pixel = b"BM" + (58).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    for length in (40, 1, 1):
        one_pixel += length.to_bytes(4, "little")
    one_pixel += b"\1\0\x18\0" + bytes(24) + b"\1\2\3\0"
    with tf.Session() as sess:
        assert sess.run(tf.image.decode_bmp(one_pixel)).tolist() == [[[3, 2, 1]]]
        text = "channels attribute 1 does not match bits per pixel from file 3"
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            sess.run(tf.image.decode_bmp(one_pixel, channels=1))


def test_ranks_of_what_boxes_are_asked_for():
    boxes, scores = tf.ones([2, 4]), tf.ones([2])
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        tf.image.non_max_suppression(boxes, scores, [3])
    with pytest.raises(ValueError, match="Dimension must be 2 but is 1"):
        tf.image.crop_and_resize(tf.ones([1, 3, 3, 1]), boxes, [0, 0], tf.constant([2]))


def test_gray_pixels_of_a_coloured_png_are_cut_off_as_libpng_does(mode):
    pixels = np.uint8([[[0, 37, 74], [111, 148, 185], [222, 3, 40]]])
    gray = tf.image.decode_png(tf.image.encode_png(pixels), channels=1)
    with tf.Session() as sess:
        assert sess.run(gray).ravel().tolist() == [30, 141, 72]


def test_bytes_are_standardized_to_bytes(mode):
    image = np.uint8([[[10], [20]], [[30], [200]]])
    same = tf.image.resize_images(image, [2, 2], preserve_aspect_ratio=True)
    with tf.Session() as sess:
        found = sess.run(tf.image.per_image_standardization(image))
        assert found.dtype == np.uint8 and found.ravel().tolist() == [0, 0, 0, 255]
        assert sess.run(same).dtype == np.float32


def test_a_rest_that_begins_behind_the_end():
    with pytest.raises(ValueError, match="Negative dimension size caused by subtracting 2 from 1"):
        tf.slice(tf.ones([1, 3]), [2, 0], [-1, 2])
    with pytest.raises(ValueError, match="Identity matrix initializer can only be used for 2D"):
        tf.initializers.identity()([3])


def test_an_equation_with_a_letter_twice_in_its_result():
    with pytest.raises(ValueError, match="Invalid equation: ij,jk->iik"):
        tf.einsum("ij,jk->iik", tf.ones([2, 3]), tf.ones([3, 4]))


def test_raw_pooling_takes_its_attributes_by_place(mode):
    from graphmode.python.ops import gen_nn_ops

    pooled = gen_nn_ops.max_pool_v2(tf.reshape(tf.range(4.0), [1, 2, 2, 1]), [1, 2, 2, 1],
                                    [1, 1, 1, 1], "SAME")  # fmt: skip
    with tf.Session() as sess:
        assert sess.run(pooled).ravel().tolist() == [3, 3, 3, 3]
