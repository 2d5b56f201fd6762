"""Sparse tensors fed and fetched."""

import numpy as np
import pytest

import graphmode as tf

INDICES = np.array([[0, 1], [2, 0]])


def test_a_sparse_placeholder_is_fed_and_fetched_whole():
    x = tf.sparse_placeholder(tf.float32)
    fed = tf.SparseTensorValue(INDICES, np.array([3.0, 4.0], np.float32), (3, 2))
    with tf.Session() as session:
        fetched = session.run(x, {x: fed})
    np.testing.assert_array_equal(fetched.indices, INDICES)
    np.testing.assert_array_equal(fetched.values, [3.0, 4.0])
    np.testing.assert_array_equal(fetched.dense_shape, [3, 2])


def test_products_follow_the_fed_shape():
    x = tf.sparse_placeholder(tf.float32)
    product = tf.sparse_tensor_dense_matmul(x, tf.eye(2) * 5.0)
    with tf.Session() as session:
        for rows in (3, 4, 3):
            value = session.run(product, {x: (INDICES, [3.0, 4.0], (rows, 2))})
            expected = np.zeros((rows, 2))
            expected[0, 1], expected[2, 0] = 15, 20
            np.testing.assert_array_equal(value, expected)


def test_sparse_plus_dense_is_dense():
    sparse = tf.SparseTensor(INDICES, [3.0, 4.0], [3, 2])
    with tf.Session() as session:
        total = session.run(tf.sparse_add(sparse, tf.ones([3, 2])))
    np.testing.assert_array_equal(total, [[1, 4], [1, 1], [5, 1]])


@pytest.mark.parametrize(
    ("shape", "known"),
    [
        ([3, 2], [3, 2]),
        (np.array([3, 2]), [3, 2]),
        (tf.TensorShape([3, 2]), [3, 2]),
        (lambda: tf.constant([3, 2], tf.int64), [3, 2]),
        (lambda: tf.constant([3, 2]), [3, 2]),
        (lambda: tf.placeholder(tf.int64, [2]), [None, None]),
        ([None, 2], [None, None]),
        (None, None),
    ],
)
def test_a_sparse_placeholder_of_a_shape_of_every_form(shape, known, mode):
    x = tf.sparse_placeholder(tf.float32, shape=shape() if callable(shape) else shape)
    assert (x.shape.as_list() if x.shape.ndims is not None else None) == known
    assert x.indices.shape.as_list() == [None, None if known is None else 2]
    dense = tf.sparse_tensor_to_dense(x)
    with tf.Session() as session:
        value = session.run(dense, {x: (INDICES, [3.0, 4.0], (3, 2))})
    np.testing.assert_array_equal(value, [[0, 3], [0, 0], [4, 0]])


def test_the_product_of_fed_indices_with_a_constant(mode):
    x = tf.sparse_placeholder(tf.float32)
    dense = tf.constant(np.arange(6.0).reshape(2, 3), tf.float32)
    products = [
        tf.sparse_tensor_dense_matmul(x, dense),
        tf.sparse_tensor_to_dense(x * tf.constant([2.0, 4.0])),
        tf.sparse_tensor_to_dense(tf.sparse_softmax(x)),
    ]
    with tf.Session() as session:
        values = session.run(products, {x: (INDICES, [3.0, 4.0], (3, 2))})
    np.testing.assert_array_equal(values[0], [[9, 12, 15], [0, 0, 0], [0, 4, 8]])
    np.testing.assert_array_equal(values[1], [[0, 12], [0, 0], [8, 0]])
    np.testing.assert_array_equal(values[2], [[0, 1], [0, 0], [1, 0]])


def test_sparse_tensors_without_elements(mode):
    x = tf.sparse_placeholder(tf.float32, [3, 2])
    results = [
        tf.sparse_tensor_dense_matmul(x, tf.ones([2, 4])),
        tf.sparse_reduce_max(x, 1),
        (x * 2.0).values,
        tf.sparse_softmax(x).values,
        tf.sparse_reshape(x, [6, -1]).indices,
        tf.sparse_transpose(x).indices,
        tf.sparse_reduce_sum_sparse(x, 0).indices,
        tf.sparse_fill_empty_rows(x, 7.0)[0].values,
    ]
    empty = tf.SparseTensorValue(np.zeros((0, 2), np.int64), np.zeros(0, np.float32), (3, 2))
    with tf.Session() as session:
        values = session.run(results, {x: empty})
    shapes = [(3, 4), (3,), (0,), (0,), (0, 2), (0, 2), (0, 1), (3,)]
    assert [value.shape for value in values] == shapes


@pytest.mark.parametrize("function", ["abs", "negative", "square", "sqrt", "sign", "tanh", "erf"])
def test_functions_of_the_values(function, mode):
    fed = tf.placeholder(tf.float32, [2])
    result = getattr(tf, function)(tf.SparseTensor(INDICES, fed, [3, 2]))
    with tf.Session() as session:
        sparse, dense = session.run([result, getattr(tf, function)(fed)], {fed: [0.5, 2.0]})
    np.testing.assert_array_equal(sparse.values, dense)
    np.testing.assert_array_equal(sparse.indices, INDICES)


def test_times_a_dense_tensor_that_would_stretch_it_is_refused(mode):
    sparse = tf.SparseTensor(INDICES, [3.0, 4.0], [3, 2])
    for dense in (tf.ones([2, 3, 2]), tf.ones([4, 2])):
        with (
            tf.Session() as session,
            pytest.raises(tf.errors.InvalidArgumentError, match="broadcasts dense to sparse only"),
        ):
            session.run((sparse * dense).values)


@pytest.mark.parametrize("combiner", ["sum", "mean", "sqrtn"])
@pytest.mark.parametrize("weighted", [False, True])
def test_embedding_lookup_sparse_of_rows_of_higher_rank(combiner, weighted, mode):
    table = np.random.default_rng(2).standard_normal((6, 3, 2)).astype(np.float32)
    rows, ids = np.array([[0, 0], [0, 1], [1, 0]], np.int64), np.array([2, 0, 5])
    weights = np.array([2.0, 1.0, 3.0], np.float32) if weighted else np.ones(3, np.float32)
    params = tf.placeholder(tf.float32, [6, 3, 2])
    looked_up = tf.nn.embedding_lookup_sparse(
        params,
        tf.SparseTensor(rows, ids, [2, 2]),
        tf.SparseTensor(rows, weights, [2, 2]) if weighted else None,
        combiner=combiner,
    )
    with tf.Session() as session:
        value = session.run(looked_up, {params: table})
    expected = np.zeros((2, 3, 2))
    for (row, _), i, weight in zip(rows, ids, weights, strict=True):
        expected[row] += weight * table[i]
    by_row = [weights[:2], weights[2:]]
    divisor = {
        "sum": [1, 1],
        "mean": [w.sum() for w in by_row],
        "sqrtn": [np.sqrt(np.square(w).sum()) for w in by_row],
    }[combiner]
    np.testing.assert_allclose(value, expected / np.reshape(divisor, (2, 1, 1)), rtol=1e-5)


CASES = {
    "from_dense": lambda tf, x: tf.sparse.from_dense(tf.nn.relu(x)),
    "expand first": lambda tf, x: tf.sparse.expand_dims(tf.sparse.from_dense(x), 0),
    "expand last": lambda tf, x: tf.sparse.expand_dims(tf.sparse.from_dense(x)),
    "expand inner": lambda tf, x: tf.sparse.expand_dims(tf.sparse.from_dense(x), -2),
    "eye": lambda tf, x: tf.sparse.eye(3),
    "eye wide": lambda tf, x: tf.sparse.eye(2, 4, dtype=tf.int32),
    "slice": lambda tf, x: tf.sparse_slice(tf.sparse.from_dense(x), [0, 1], [2, 2]),
    "slice beyond": lambda tf, x: tf.sparse_slice(tf.sparse.from_dense(x), [2, 1], [5, 9]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("dims", [(3, 4), (None, 4), (None, None)])
def test_parts_are_tensorflows(oracle, case, dims, mode):
    x = np.random.default_rng(4).standard_normal((3, 4)).astype(np.float32)
    x[1, 2] = x[2, 0] = 0
    values = []
    for library in (oracle, tf):
        with library.Graph().as_default(), library.Session() as session:
            fed = library.placeholder(library.float32, dims)
            values.append(session.run(CASES[case](library, fed), {fed: x}))
    for theirs, ours in zip(*values, strict=True):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        np.testing.assert_array_equal(ours, theirs)


def test_shapes_that_do_not_fit_are_refused():
    x = tf.SparseTensor(INDICES, [3.0, 4.0], [3, 2])
    with pytest.raises(ValueError, match=r"6 elements to shape \[4, None\] \(4 elements\)"):
        tf.sparse_reshape(x, [4, -1])
    with pytest.raises(ValueError, match="At most one dimension can be inferred"):
        tf.sparse_reshape(x, [-1, -1])
    with pytest.raises(ValueError, match="Dimensions 1 and 2 are not compatible"):
        tf.sparse_transpose(x, [0])
    fed = tf.sparse_placeholder(tf.float32)
    with (
        tf.Session() as session,
        pytest.raises(tf.errors.InvalidArgumentError, match="Input to reshape"),
    ):
        session.run(tf.sparse_reshape(fed, [4, -1]).indices, {fed: (INDICES, [1.0, 2.0], (3, 2))})


# ---- made of other sparse tensors ----------------------------------------------------------------


def _ids(values, dtype="int64"):
    at = np.array([[0, 0], [1, 0], [1, 2], [2, 0], [2, 1], [1, 1]])
    return tf.SparseTensorValue(at, np.array(values, dtype), np.array([3, 3]))


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize("is_value", [True, False])
def test_merge_puts_values_in_the_columns_of_ids(dtype, is_value, mode):
    parts = _ids([0, 13, 10, 33, 32, 14], dtype), _ids([-3, 4, 1, 9, 5, 1], "float32")
    ids, values = parts if is_value else map(tf.SparseTensor.from_value, parts)
    with tf.Session() as sess:
        merged, same = sess.run(
            [
                tf.sparse_merge(ids, values, 50),
                tf.sparse_merge(ids, values, 50, already_sorted=True),
            ]
        )
    assert merged.indices.tolist() == [[0, 0], [1, 10], [1, 13], [1, 14], [2, 32], [2, 33]]
    assert merged.values.tolist() == [-3, 1, 4, 1, 5, 9]
    assert merged.dense_shape.tolist() == [3, 50]
    assert same.values.tolist() == [-3, 4, 1, 9, 5, 1]


def test_merge_of_several_ids(mode):
    ids = [_ids([0, 13, 10, 33, 32, 14]), _ids([12, 4, 0, 0, 1, 30])]
    values = _ids([-3, 4, 1, 9, 5, 1])
    with tf.Session() as sess:
        merged = sess.run(tf.sparse_merge(ids, values, [50, 31]))
    assert merged.indices[:3].tolist() == [[0, 0, 12], [1, 10, 0], [1, 13, 4]]
    assert merged.dense_shape.tolist() == [3, 50, 31]
    with pytest.raises(ValueError, match="have to have equal lengths"):
        tf.sparse_merge(ids, values, [50])
    with pytest.raises(TypeError, match="has to be a Tensor or Python int"):
        tf.sparse_merge(ids[0], values, [50])
    with pytest.raises(TypeError, match="has to be a list of Tensors or Python ints"):
        tf.sparse_merge(ids, values, 50)


def test_indicator_of_ids(mode):
    words = tf.sparse_to_indicator(_ids([0, 2, 4, 1, 1, 2]), 5)
    with tf.Session() as sess:
        found = sess.run(words)
        with pytest.raises(tf.errors.InvalidArgumentError, match="out of bounds"):
            sess.run(tf.sparse_to_indicator(_ids([0, 2, 5, 1, 1, 2]), 5))
    assert found.astype(int).tolist() == [[1, 0, 0, 0, 0], [0, 0, 1, 0, 1], [0, 1, 0, 0, 0]]


BOX = np.array([[0, 0, 0], [0, 1, 3], [1, 3, 2]])


def test_reset_shape_to_what_holds_the_elements(mode):
    box = tf.SparseTensor(BOX, [7, 8, 9], [2, 5, 6])
    empty = tf.SparseTensor(np.zeros((0, 3)), np.zeros(0), [2, 5, 6])
    with tf.Session() as sess:
        tight, nothing, large = sess.run(
            [
                tf.sparse_reset_shape(box),
                tf.sparse_reset_shape(empty),
                tf.sparse_reset_shape(box, [3, 6, 7]),
            ]
        )
    assert tight.dense_shape.tolist() == [2, 4, 4] and tight.values.tolist() == [7, 8, 9]
    assert nothing.dense_shape.tolist() == [0, 0, 0]
    assert large.dense_shape.tolist() == [3, 6, 7] and large.indices.tolist() == BOX.tolist()
    assert tf.sparse_reset_shape(box, [3, 6, 7]).shape == (3, 6, 7)


def test_reset_shape_refuses_what_is_too_small(mode):
    box = tf.SparseTensor(BOX, [7, 8, 9], [2, 5, 6])
    for small in ([3, 7, 5], [3, 7]):
        with pytest.raises(ValueError, match=r"should have dimension sizes|are incompatible"):
            tf.sparse_reset_shape(box, small)
    shape = tf.placeholder(tf.int32)
    fed = tf.sparse_reset_shape(box, shape)
    with tf.Session() as sess:
        for small in ([3, 7, 5], [3, 7]):
            with pytest.raises(tf.errors.InvalidArgumentError, match="did not hold element-wise"):
                sess.run(fed, {shape: small})


@pytest.mark.parametrize("dtype", ["int32", "int64", "float16", "float32", "float64"])
def test_the_larger_and_the_smaller_of_two(dtype, mode):
    a, b = np.zeros((2, 4, 5), dtype)
    a[[0, 1, 3], [2, 0, 4]], b[[1, 2, 3], [0, 3, 4]] = [3, -2, 5], [-4, 6, 7]
    sparse = [tf.SparseTensor(np.argwhere(x), x[np.nonzero(x)], x.shape) for x in (a, b)]
    with tf.Session() as sess:
        larger = sess.run(tf.sparse_tensor_to_dense(tf.sparse_maximum(*sparse)))
        smaller = sess.run(tf.sparse_tensor_to_dense(tf.sparse.minimum(*sparse)))
        vector = tf.SparseTensor([[0]], np.ones(1, dtype), [5])
        with pytest.raises(tf.errors.InvalidArgumentError, match="do not have the same ranks"):
            sess.run(tf.sparse_maximum(sparse[0], vector))
        with pytest.raises(tf.errors.InvalidArgumentError, match="got 4 and 9 for dimension 0"):
            sess.run(tf.sparse_maximum(sparse[0], tf.sparse_reset_shape(sparse[1], [9, 5])))
    assert np.array_equal(larger, np.maximum(a, b)) and np.array_equal(smaller, np.minimum(a, b))


def test_shapes_of_values(mode):
    value = tf.SparseTensorValue([[0, 1]], [2.0], [4, 5])
    with tf.Session() as sess:
        assert sess.run(tf.shape(value)).tolist() == [4, 5]
        assert sess.run([tf.size(value), tf.rank(value)]) == [20, 2]
    with pytest.raises(TypeError, match="Neither a SparseTensor nor SparseTensorValue"):
        tf.SparseTensor.from_value([1])
    with pytest.raises(ValueError, match="incompatible"):
        tf.sparse_retain(value, [True, False])


def test_everything_summed_to_a_sparse_scalar(mode):
    x = tf.SparseTensor(BOX, [7.0, 8.0, 9.0], [2, 5, 6])
    with tf.Session() as sess:
        assert sess.run(tf.sparse_tensor_to_dense(tf.sparse.reduce_sum_sparse(x))) == 24
        assert sess.run(tf.sparse_tensor_to_dense(tf.sparse.reduce_max_sparse(x))) == 9


def test_a_constant_reordered_by_indices_that_are_computed(compiled):
    shift = tf.placeholder(tf.int64, [])
    x = tf.SparseTensor(np.array([[3], [1], [2]]) + shift, [1, 2, 3], [9])
    with tf.Session() as sess:
        assert sess.run(tf.sparse_reorder(x).values, {shift: 1}).tolist() == [2, 3, 1]


def test_crosses_of_features_are_those_of_1_15(mode):
    def rows(*values):
        places = [[i, j] for i, row in enumerate(values) for j in range(len(row))]
        flat = [value for row in values for value in row]
        return tf.SparseTensor(places, flat, [len(values), max(map(len, values))])

    letters, more = rows(["a", "b"], ["c"], []), rows(["d"], ["e", "f", "g"], ["h"])
    numbers, dense = rows([1, -2], [3], [4]), tf.constant([["x", "y"], ["z", "w"], ["u", "v"]])
    ids = tf.constant([[1, 2], [3, 4], [5, 6]])
    with tf.Session() as sess:
        crossed = sess.run(tf.sparse.cross([dense, numbers, ids]))
        assert crossed.values[:8].tolist() == [
            b"1_X_x_X_1", b"1_X_x_X_2", b"1_X_y_X_1", b"1_X_y_X_2",
            b"-2_X_x_X_1", b"-2_X_x_X_2", b"-2_X_y_X_1", b"-2_X_y_X_2",
        ]  # fmt: skip
        assert crossed.dense_shape.tolist() == [3, 8]
        crossed = sess.run(tf.sparse.cross_hashed([letters, more]))
        assert crossed.indices.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [1, 2]]
        assert crossed.values.tolist() == [
            1584069791037555375, 2292520902626215647, 1746051686049959641, 4546572711251652368,
            857586637149637889,
        ]  # fmt: skip
        crossed = sess.run(tf.sparse.cross_hashed([letters, numbers, dense, ids], 1000, 12345))
        assert crossed.values.tolist() == [
            337, 354, 573, 6, 30, 699, 205, 627, 364, 594, 557, 251, 909, 430, 568, 631,
            955, 853, 518, 59,
        ]  # fmt: skip
        for given, text in (
            ([tf.constant([["a"]]), letters], "Expected batch size 3 got 1 at position 1"),
            ([tf.constant(["a"])], "Dense inputs should be a matrix but got rank 1 at 0"),
            ([tf.SparseTensor([[0, 0, 0]], ["p"], [1, 1, 1])],
             "Expected D2 of index to be 2 got 3 at position 0"),
        ):  # fmt: skip
            with pytest.raises(tf.errors.InvalidArgumentError, match=text):
                sess.run(tf.sparse.cross(given))
    with pytest.raises(TypeError, match="Inputs must be a list"):
        tf.sparse.cross(letters)
    with pytest.raises(ValueError, match="num_buckets"):
        tf.sparse.cross_hashed([letters], -1)


def test_what_is_sparse_or_not():
    sparse = tf.SparseTensor(INDICES, [1.0, 2.0], [3, 2])
    assert tf.convert_to_tensor_or_sparse_tensor(sparse, tf.float32) is sparse
    value = tf.SparseTensorValue(INDICES, [1.0, 2.0], [3, 2])
    assert tf.convert_to_tensor_or_sparse_tensor(value).shape.as_list() == [3, 2]
    assert tf.convert_to_tensor_or_sparse_tensor([1, 2], tf.int64).dtype == tf.int64
    with pytest.raises(RuntimeError, match="Sparse dtype: requested = int32, actual = float32"):
        tf.convert_to_tensor_or_sparse_tensor(sparse, tf.int32)
