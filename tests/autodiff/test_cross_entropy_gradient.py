"""What the gradient of a cross entropy is made of."""

import pytest

import graphmode as tf


@pytest.mark.parametrize("rows", [3, 1200, None])
def test_the_second_order_part_is_left_out_where_nothing_asks_for_it(rows):
    with tf.Graph().as_default() as graph:
        logits = tf.placeholder(tf.float32, [rows, 1000])
        labels = tf.placeholder(tf.int32, [rows])
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        (first,) = tf.gradients(loss, logits)
        assert "Softmax" not in {op.type for op in graph.get_operations()}
        tf.gradients(first, logits)
        assert "Softmax" in {op.type for op in graph.get_operations()}
