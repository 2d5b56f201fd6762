"""Ragged tensors: in a session, their gradients, mistakes.

Their values beside TensorFlow 1.15.5's are in `tests/golden/cases/ragged.py`.
"""

import re

import numpy as np
import pytest

import graphmode as tf
from golden.cases.ragged import names


def evaluated(lib, texts, **options):
    """What each expression gives, all of one graph."""
    with lib.Graph().as_default(), lib.Session(**options) as sess:
        found = {text: eval(text, names(lib)) for text in texts}
        values = {text: sess.run(value) for text, value in found.items()}
    return {t: v.to_list() if hasattr(v, "to_list") else v.tolist() for t, v in values.items()}


def test_compiled():
    texts = [
        "x[:, 1:]", "x + [[10], [20], [30], [40]]", "tf.reduce_sum(z, 1)", "z.to_tensor(7)",
        "tf.concat([x, y], 1)", "tf.gather(m, [2, 0])", "m.to_sparse().indices", "x * y",
    ]  # fmt: skip
    assert evaluated(tf, texts, mode="compiled") == evaluated(tf, texts, mode="interpreted")


# TensorFlow 1.15.5 fails at the first two, and drops what pads an empty row.
OF_221 = [
    "m.bounding_shape(axis=[1, 2], out_type=tf.int32)",
    "tf.add(value, 1)",
    'tf.strings.ngrams(s, [1, 2], separator="|", pad_values=("<", ">"))',
    "tf.ragged.stack([[1, 2], [3]])",
    "x[:, :0]",
]


def test_as_in_tensorflow_2(oracle):
    assert evaluated(tf, OF_221) == evaluated(oracle, OF_221)


def test_what_is_ours_alone():
    texts = ["tf.string_to_number(tf.as_string(x))", "np.array([[1], [2], [3], [4]], np.int32) * x"]
    numbers, products = evaluated(tf, texts).values()
    assert numbers == [[3.0, 1.0, 4.0], [], [1.0, 5.0], [9.0]]
    assert products == [[3, 1, 4], [], [3, 15], [36]]


# ---- gradients -----------------------------------------------------------------------------------

LOSSES = """
tf.reduce_sum(tf.square(tf.gather(r, [1, 0, 1])).flat_values)
tf.reduce_sum(tf.reduce_mean(r * r, 1) * [1.0, 2.0, 3.0])
tf.reduce_sum(tf.reduce_max(r, 0) * [1.0, 2.0, 3.0])
tf.reduce_sum((r * [[2.0], [3.0], [4.0]])[0:2].flat_values)
tf.reduce_sum(tf.cumsum(tf.concat([r, r], 1).flat_values))
tf.reduce_sum(tf.square(r.to_tensor(2.0)) * [[1.0, 2.0, 3.0]])
tf.reduce_sum(tf.sparse_tensor_to_dense(r.to_sparse()) * [[1.0, 2.0, 3.0]])
tf.reduce_sum(tf.cumsum(tf.tile(r, [1, 2]).flat_values))
tf.reduce_sum(tf.cumsum(r[:, 1:].flat_values) * tf.math.unsorted_segment_sum(r, [0, 0, 0], 1)[0, 0])
"""


def slopes(lib):
    with lib.Graph().as_default(), lib.Session() as sess:
        flat = lib.placeholder(lib.float32, [6])
        given = {"tf": lib, "r": lib.RaggedTensor.from_row_splits(flat, [0, 3, 3, 6])}
        losses = [eval(text, given) for text in LOSSES.strip().splitlines()]
        dense = [lib.convert_to_tensor(lib.gradients(loss, flat)[0]) for loss in losses]
        return sess.run(dense, {flat: np.float32([1.5, -2.0, 0.25, 3.0, -1.0, 0.5])})


def test_gradients_through_rows(oracle):
    for text, ours, theirs in zip(
        LOSSES.strip().splitlines(), slopes(tf), slopes(oracle), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, err_msg=text)


# ---- in a session --------------------------------------------------------------------------------


def test_fed_and_fetched_in_structures(mode):
    x = tf.ragged.placeholder(tf.float32, 2, [1])
    doubled = x * 2.0
    value = tf.ragged.constant_value([[[[1]], []], [], [[[2], [3]]]], np.float32, ragged_rank=2)
    assert x.shape.as_list() == [None, None, None, 1]
    with tf.Session() as sess:
        found = sess.run({"a": [doubled, x.nrows()], "b": (x.row_lengths(2),)}, {x: value})
        call = sess.make_callable(doubled.flat_values, [x.flat_values, *x.nested_row_splits])
        assert call(value.flat_values, *value.nested_row_splits).tolist() == [[2], [4], [6]]
    assert found["a"][0].to_list() == [[[[2.0]], []], [], [[[4.0], [6.0]]]]
    assert isinstance(found["a"][0], tf.ragged.RaggedTensorValue)
    assert found["a"][0].shape == (3, None, None, 1)
    assert found["a"][1] == 3
    assert found["b"][0].to_list() == [[1, 0], [], [2]]


def test_values_that_do_not_fit_a_placeholder():
    x = tf.ragged.placeholder(tf.float32, 1)
    with tf.Session() as sess:
        with pytest.raises(TypeError, match=r"feed tf\.ragged\.constant_value\(rows\)"):
            sess.run(x, {x: [[1.0], [2.0, 3.0]]})
        with pytest.raises(ValueError, match="ragged rank 2 for a RaggedTensor of ragged rank 1"):
            sess.run(x, {x: tf.ragged.constant_value([[[1.0]], []])})


def test_the_graph_orders_and_finds_it(mode):
    x = tf.ragged.constant([[1, 2], [3]])
    with tf.control_dependencies([x]):
        after = tf.no_op()
    assert after.control_inputs == [x.flat_values.op]
    assert [op.type for op in (x + 1).consumers()] == []
    with pytest.raises(TypeError, match="not iterable"):
        list(x)
    with pytest.raises(TypeError, match="may not be used as a boolean"):
        bool(x)
    with pytest.raises(ValueError, match=r"fix: sess\.run\(ragged\)\.to_list\(\)"):
        x.to_list()


def test_in_partial_runs():
    x = tf.ragged.placeholder(tf.float32, 1, [])
    value = tf.ragged.constant_value([[1.0, 2.0], [3.0]], np.float32)
    doubled = x * 2
    sums = tf.reduce_sum(doubled, 1)
    with tf.Session() as sess:
        handle = sess.partial_run_setup([doubled, sums], [x])
        assert sess.partial_run(handle, doubled, {x: value}).to_list() == [[2.0, 4.0], [6.0]]
        assert sess.partial_run(handle, sums).tolist() == [6.0, 6.0]


def test_printed_and_grouped(capfd):
    x = tf.ragged.constant([[[1, 2]], [], [[3], []]])
    assert tf.group(x).control_inputs == [part.op for part in (*x.nested_row_splits, x.flat_values)]
    with tf.Session() as sess:
        sess.run(tf.print("x", x))
    assert capfd.readouterr().err == (
        "x 'RaggedTensor(row_splits=[0 1 1 3], values=RaggedTensor(row_splits=[0 2 3 3], "
        "values=[1 2 3]))'\n"
    )


@pytest.mark.parametrize("taken", [True, False])
def test_through_branches(taken, mode):
    x = tf.ragged.placeholder(tf.int32, 1)
    chosen = tf.cond(tf.constant(taken), lambda: x + 1, lambda: x[:1])
    with tf.Session() as sess:
        found = sess.run(chosen, {x: tf.ragged.constant_value([[1, 2], [3]], np.int32)})
    assert found.to_list() == ([[2, 3], [4]] if taken else [[1, 2]])


def test_through_a_loop(mode):
    x = tf.ragged.constant([[1, 2], [], [3]])
    _, summed = tf.while_loop(lambda i, r: i < 3, lambda i, r: (i + 1, r * 2), [0, x])
    with tf.Session() as sess:
        assert sess.run(summed).to_list() == [[8, 16], [], [24]]


# ---- in data sets --------------------------------------------------------------------------------


def elements(made, sess):
    element = made.make_one_shot_iterator().get_next()
    found = []
    with pytest.raises(tf.errors.OutOfRangeError):
        while True:
            found.append(sess.run(element))
    return found


def test_rows_of_a_data_set_are_tensors():
    rows = tf.data.Dataset.from_tensor_slices(tf.ragged.constant([[1, 2], [], [3]]))
    assert rows.output_classes == tf.RaggedTensorSpec([None], tf.int32, 0)
    with tf.Session() as sess:
        assert [row.tolist() for row in elements(rows, sess)] == [[1, 2], [], [3]]
        padded = elements(rows.padded_batch(3, [None]), sess)
        assert padded[0].tolist() == [[1, 2], [0, 0], [3, 0]]
        (whole,) = elements(rows.batch(3).batch(1), sess)
        assert whole.to_list() == [[[1, 2], [], [3]]]
    with pytest.raises(TypeError, match="padded ragged tensors is not currently supported"):
        rows.batch(2).padded_batch(2, [None, None])


def test_an_iterator_of_ragged_elements_made_by_its_structure():
    rows = tf.data.Dataset.from_tensors({"x": tf.ragged.constant([[1, 2], []]), "y": 5})
    iterator = tf.data.Iterator.from_structure(
        rows.output_types, rows.output_shapes, output_classes=rows.output_classes
    )
    element = iterator.get_next()
    with tf.Session() as sess:
        sess.run(iterator.make_initializer(rows))
        found = sess.run(element)
    assert found["x"].to_list() == [[1, 2], []]
    assert found["y"] == 5


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        ((), ValueError, "Must specify ragged_rank or a shape with a known rank"),
        (([None], tf.int32, 1), ValueError, "ragged_rank must be less than rank"),
        (([None, None], tf.int32, 1.0), TypeError, "ragged_rank must be an int"),
    ],
)
def test_specs_that_fit_nothing(args, error, words):
    with pytest.raises(error, match=words):
        tf.RaggedTensorSpec(*args)


# ---- mistakes ------------------------------------------------------------------------------------

WRONG = [
    ("R([1], [0, 1])", ValueError, "constructor is private"),
    ("R.from_row_splits(v, [])", ValueError, "row_splits tensor may not be empty"),
    ("R.from_row_splits(v, [0.0, 7.0])", ValueError, "row_splits must have dtype int32 or int64"),
    ("R.from_row_splits(v, [1, 7])", "InvalidArgumentError", "do not form a valid RaggedTensor"),
    ("R.from_row_splits(v, tf.identity([0, 5, 3, 7]))", "InvalidArgumentError",
     r"Arguments to from_row_splits do not form a valid RaggedTensor"),
    ("R.from_row_splits(v, tf.identity([0, 3, 5]))", "InvalidArgumentError",
     "do not form a valid RaggedTensor"),
    ("R.from_row_lengths(v, [4, 4])", "InvalidArgumentError", "do not form a valid RaggedTensor"),
    ("R.from_value_rowids(v, [0, 0, 0, 0, 2, 1, 4])", "InvalidArgumentError",
     "do not form a valid RaggedTensor"),
    ("R.from_value_rowids(v, [0, 0, 0, 0, 2, 2, 4], nrows=3)", ValueError,
     r"Expected nrows >= value_rowids\[-1\] \+ 1; got nrows=3, value_rowids\[-1\]=4"),
    ("R.from_value_rowids(v, [0] * 6)", ValueError, r"Shapes \(7,\) and \(6,\) are incompatible"),
    ("R.from_row_splits(x, [0, 1], validate=1)", TypeError, "validate must have type bool"),
    ("R.from_row_splits(narrow, tf.constant([0, 2], tf.int64))", ValueError, "dtype mismatch"),
    ("R.from_nested_row_splits(v, tf.constant([0, 7]))", TypeError, "must be a list of Tensors"),
    ("R.from_tensor(pairs, lengths=[1], padding=0.0)", ValueError, "lengths or padding, but not"),
    ("R.from_tensor(v)", ValueError, "must have rank at least 2"),
    ("R.from_sparse(tf.SparseTensor([[0, 1]], [5], [1, 2]))", "InvalidArgumentError",
     "SparseTensor is not right-ragged"),
    ("R.from_sparse(v)", TypeError, "Expected SparseTensor, got Tensor"),
    ("tf.ragged.constant([1, [2]])", ValueError, "all scalar values must have the same nesting"),
    ("tf.ragged.constant([[1], [[]]])", ValueError, "empty list nesting is greater than scalar"),
    ("tf.ragged.constant([[[1, 2]], [[3]]], ragged_rank=1)", ValueError,
     "inner values have inconsistent shape"),
    ("tf.ragged.constant([[1, 2]], ragged_rank=2)", ValueError, "requires scalar value depth"),
    ("tf.ragged.constant(x)", TypeError, "pylist may not be a RaggedTensor"),
    ("x.with_values(v)", ValueError, r"Shapes \(6,\) and \(7,\) are incompatible"),
    ("x.row_lengths(2)", ValueError, "axis=2 out of bounds: expected -2<=axis<2"),
    ("x.to_tensor([1, 2])", ValueError, "rank at most 0"),
    ("x[:, 0]", ValueError, "Cannot index into an inner ragged dimension"),
    ("x[0, 1, 2]", ValueError, "Index out of range using input dim 1"),
    ("x + z", "InvalidArgumentError", "Unable to broadcast"),
    ("x + tf.ragged.constant([[1], [2], [3, 4], [5]])", "InvalidArgumentError",
     "Unable to broadcast: dimension size mismatch in dimension"),
    ("x + [[1], [2]]", "InvalidArgumentError", "Unable to broadcast"),
    ("x + narrow", ValueError, "mismatched row_splits dtypes; use RaggedTensor.with_row_splits"),
    ("tf.add_n([x, y[:2]])", ValueError, "identical ragged splits: they have 4 and 2 rows"),
    ("tf.add_n([x, x[:, 1:]])", "InvalidArgumentError", "must have identical ragged splits"),
    ("tf.ragged.map_flat_values(tf.add, x, z)", ValueError, "must have identical ragged splits"),
    ("tf.matmul(x, x)", TypeError, r"fix: ragged\.to_tensor\(\) fills the rows up"),
    ("tf.concat([x, z], 0)", ValueError, "rank"),
    ("tf.concat([x, y[:2]], 1)", "InvalidArgumentError", "have incompatible shapes"),
    ("tf.gather(x, [4])", "InvalidArgumentError", r"indices\[0\] = 4 is not in \[0, 4\)"),
    ("tf.gather(x, [0], axis=1)", ValueError, "axis != 0 is not supported for ragged gather"),
    ("tf.gather_nd(x, tf.ragged.constant([[0, 1], [1]]))", ValueError,
     "innermost dimension of indices may not be ragged"),
    ("tf.reduce_sum(x, 1, keepdims=True)", ValueError, "keepdims=True is not supported"),
    ("tf.reduce_sum(x, 2)", ValueError, "out of bounds"),
    ("tf.squeeze(x)", ValueError, "must have an axis argument"),
    ("tf.squeeze(x, [1])", "InvalidArgumentError", r"axis \(axis = 1\) is not squeezable"),
    ("tf.where(b, x, 1)", ValueError, "Input shapes do not match"),
    ("tf.one_hot(x, 3, axis=1)", ValueError, "axis may not be less than indices.ragged_rank"),
    ("tf.ragged.boolean_mask(x, True)", ValueError, "mask cannot be scalar"),
    ("tf.ragged.boolean_mask(x, b[:2])", ValueError, "they have 2 and 4 rows"),
    ("tf.ragged.stack([])", ValueError, "may not be empty"),
    ("tf.ragged.range(3, 5, [1, 0])", "InvalidArgumentError", "Requires delta != 0"),
    ("tf.ragged.range([1, 2], [1, 2, 3])", ValueError, "must be equal"),
    ("tf.dynamic_partition(x, [1, 0, 1, 2], 2)", "InvalidArgumentError",
     "partitions must be less than num_partitions"),
    ("tf.strings.split(['a'], result_type='list')", ValueError, "result_type must be"),
    ("tf.strings.bytes_split(tf.placeholder(tf.string))", ValueError, "statically-known rank"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "error", "words"), WRONG, ids=[row[0] for row in WRONG])
def test_mistakes(text, error, words):
    kind = getattr(tf.errors, error) if isinstance(error, str) else error
    with tf.Session(mode="interpreted") as sess, pytest.raises(kind, match=words):
        sess.run(eval(text, names(tf)))


def test_a_refused_split_names_the_line():
    splits = tf.placeholder(tf.int64, [None])
    rows = tf.RaggedTensor.from_row_splits([3, 1, 4], splits)  # here
    with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError) as caught:
        sess.run(rows, {splits: [0, 2, 1, 3]})
    assert re.search(r"created at test_ragged\.py:\d+ .*# here", str(caught.value))
