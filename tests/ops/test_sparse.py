"""Sparse tensors fed and fetched."""

import numpy as np

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
