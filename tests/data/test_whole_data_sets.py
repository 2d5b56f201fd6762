"""What is made of a whole data set: a sum, its one element, a file; options."""

import numpy as np
import pytest

import graphmode as tf

Dataset, more = tf.data.Dataset, tf.data.experimental


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def value(tensors, feeds=None):
    with tf.Session() as session:
        return session.run(tensors, feeds)


def test_elements_are_reduced_to_one_value(mode):
    start = tf.placeholder(tf.int64, [])
    factor = tf.placeholder(tf.int64, [])
    dataset = Dataset.range(5).map(lambda x: x * factor)
    state = dataset.reduce(
        {"sum": start, "all": tf.zeros([0], tf.int64)},
        lambda s, x: {"sum": s["sum"] + x, "all": tf.concat([s["all"], [x]], 0)},
    )
    assert state["sum"].shape.as_list() == [] and state["all"].shape.as_list() == [None]
    assert state["sum"].op.name == "ReduceDataset"
    for a, b in ((3, 2), (0, -1)):
        found = value(state, {start: a, factor: b})
        assert found["sum"] == a + 10 * b and found["all"].tolist() == [0, b, 2 * b, 3 * b, 4 * b]
    assert value(Dataset.range(0).reduce(np.int64(7), tf.add)) == 7
    sums = tf.contrib.data.reduce_dataset(
        Dataset.range(4), more.Reducer(lambda key: key, tf.add, lambda s: s)
    )
    assert value(sums) == 6


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (lambda s, x: tf.to_int32(s), "The element types for the new state must match the initial"),
        (lambda s, x: (s, x), "must be nested as the initial state"),
        (lambda s, x: tf.SparseTensor([[0]], [x], [2]), "The element classes for the new state"),
    ],
)
def test_a_state_that_changes_its_kind_is_refused(step, said):
    with pytest.raises(TypeError, match=said):
        Dataset.range(3).reduce(np.int64(0), step)


def test_the_one_element(mode):
    rows = tf.placeholder(tf.float32, [None, 2])
    dataset = Dataset.from_tensor_slices(rows).map(lambda row: row * 2).batch(8)
    batch = more.get_single_element(dataset)
    assert batch.shape.as_list() == [None, 2]
    given = np.arange(6).reshape(3, 2)
    assert value(batch, {rows: given}).tolist() == (given * 2).tolist()
    for n, said in ((0, "Dataset was empty."), (2, "Dataset had more than one element.")):
        with pytest.raises(tf.errors.InvalidArgumentError, match=said):
            value(more.get_single_element(Dataset.range(n)))
    with pytest.raises(TypeError, match=r"must be a `tf\.data\.Dataset` object"):
        more.get_single_element(3)


def test_an_error_in_a_reduction_has_the_users_line():
    total = Dataset.from_tensor_slices([1, 0]).map(lambda x: 5 // x).reduce(0, tf.add)
    with pytest.raises(tf.errors.InvalidArgumentError) as raised:
        value(total)
    assert "Integer division by zero" in str(raised.value)
    assert "map(lambda x: 5 // x)" in str(raised.value)


@pytest.mark.parametrize("compression", ["", "GZIP"])
def test_a_data_set_is_written_as_records(tmp_path, compression):
    path = str(tmp_path / "records")
    texts = Dataset.range(3).map(tf.as_string)
    writing = more.TFRecordWriter(path, compression).write(texts)
    assert isinstance(writing, tf.Operation) and value(writing) is None
    read = tf.python_io.tf_record_iterator(path, tf.python_io.TFRecordOptions(compression))
    assert list(read) == [b"0", b"1", b"2"]
    with pytest.raises(TypeError, match="must produce scalar `DT_STRING` tensors whereas it prod"):
        more.TFRecordWriter(path).write(Dataset.range(3))
    with pytest.raises(tf.errors.NotFoundError, match="/nowhere/r; No such file"):
        value(more.TFRecordWriter("/nowhere/r").write(texts))


def test_the_next_element_or_none():
    iterator = Dataset.range(1).make_initializable_iterator()
    optional = more.get_next_as_optional(iterator)
    there, element = optional.has_value(), optional.get_value()
    assert optional.value_structure == more.TensorStructure(tf.int64, [])
    with tf.Session() as session:
        with pytest.raises(tf.errors.FailedPreconditionError, match="has not been initialized"):
            session.run(there)
        session.run(iterator.initializer)
        assert session.run([there, element]) == [True, 0]
        assert session.run(there) == np.False_
        with pytest.raises(tf.errors.InvalidArgumentError, match="optional does not have a value"):
            session.run(element)
    nothing = more.Optional.none_from_structure(more.TensorStructure(tf.float32, [2]))
    assert value(tf.cond(nothing.has_value(), nothing.get_value, lambda: tf.ones(2))).sum() == 2


def sizes():
    """Data sets, each with how many elements it has; -1 without an end, -2 not known."""
    ten, three = Dataset.range(10), Dataset.range(3)
    return [
        (Dataset.from_tensors(1), 1),
        (Dataset.from_tensor_slices(np.eye(4)), 4),
        (Dataset.range(9, 2, -3), 3),
        (Dataset.from_generator(lambda: iter([1]), tf.int64), -2),
        (more.RandomDataset(), -1),
        (more.Counter(), -1),
        (ten.batch(3), 4),
        (ten.batch(3, drop_remainder=True), 3),
        (ten.padded_batch(4, []), 3),
        (ten.concatenate(three).map(lambda x: x).prefetch(1), 13),
        (three.repeat().concatenate(ten), -1),
        (ten.filter(lambda x: x > 3), -2),
        (ten.filter(lambda x: x > 3).take(3), -2),
        (ten.flat_map(lambda x: three), -2),
        (three.repeat(), -1),
        (three.repeat(0), 0),
        (Dataset.range(0).repeat(), 0),
        (three.apply(more.shuffle_and_repeat(3, 2)), 6),
        (ten.skip(3).take(20), 7),
        (ten.skip(-1), 0),
        (ten.take(-1), 10),
        (three.repeat().take(4), 4),
        (ten.shard(4, 1), 3),
        (ten.shard(4, 3), 2),
        (ten.shuffle(2).cache(), 10),
        (ten.map(lambda x: x, num_parallel_calls=2), 10),
        (ten.window(3), 4),
        (ten.window(3, 1, drop_remainder=True), 8),
        (ten.window(3, 2, 2), 5),
        (Dataset.zip((ten.repeat(), three)), 3),
        (Dataset.zip((ten.filter(lambda x: x > 3), three)), -2),
        (ten.enumerate(), 10),
        (ten.batch(2).apply(more.unbatch()), -2),
        (ten.apply(more.scan(np.int64(0), lambda s, x: (s + x, s))), 10),
        (ten.apply(tf.contrib.data.sliding_window_batch(3)), 8),
    ]


def test_how_many_elements_there_are():
    made = sizes()
    assert more.cardinality(made[0][0]).op.name == "DatasetCardinality"
    found = value([more.cardinality(dataset) for dataset, _ in made])
    assert found == [n for _, n in made]
    assert (more.INFINITE_CARDINALITY, more.UNKNOWN_CARDINALITY) == (-1, -2)
    n = tf.placeholder(tf.int64, [])
    assert value(more.cardinality(Dataset.range(n).repeat(2)), {n: 6}) == 12


def test_options_are_kept_joined_and_checked():
    options, others = tf.data.Options(), tf.data.Options()
    options.experimental_deterministic = False
    options.experimental_optimization.map_fusion = True
    others.experimental_threading.private_threadpool_size = 3
    dataset = Dataset.range(3).with_options(options).map(lambda x: x).with_options(others)
    found = dataset.options()
    assert found.experimental_deterministic is False
    assert found.experimental_optimization.map_fusion is True
    assert found.experimental_threading.private_threadpool_size == 3
    assert found.experimental_slack is None and Dataset.range(3).options() == tf.data.Options()
    others.experimental_deterministic = True
    with pytest.raises(ValueError, match="Cannot merge incompatible values of option"):
        dataset.with_options(others)
    with pytest.raises(AttributeError, match="Cannot set the property fast on Options"):
        options.fast = True
    with pytest.raises(TypeError, match='"experimental_slack" must be of type'):
        options.experimental_slack = 3


def test_what_data_sets_measure():
    aggregator, options = more.StatsAggregator(), tf.data.Options()
    options.experimental_stats.aggregator = aggregator
    options.experimental_stats.prefix = "train"
    dataset = Dataset.range(3).map(lambda x: (x, tf.as_string(x)))
    dataset = dataset.apply(more.bytes_produced_stats("bytes")).apply(more.latency_stats("time"))
    element = dataset.with_options(options).make_one_shot_iterator().get_next()
    summary = aggregator.get_summary()
    with tf.Session() as session:
        for _ in range(2):
            session.run(element)
        found = {v.tag: v.histo for v in tf.Summary.FromString(session.run(summary)).value}
    assert set(found) == {"train::bytes", "train::time"}
    assert (found["train::bytes"].num, found["train::bytes"].sum) == (2, 18)
    assert found["train::time"].min > 0


def test_a_tensor_that_stands_for_a_data_set(mode):
    n = tf.placeholder(tf.int64, [])
    dataset = Dataset.range(n).map(lambda x: (x, tf.as_string(x)))
    variant = more.to_variant(dataset)
    assert variant.dtype is tf.variant
    again = more.from_variant(variant, more.get_structure(dataset))
    assert again.output_types == (tf.int64, tf.string)
    total = again.reduce(np.int64(0), lambda s, pair: s + pair[0])
    assert value(total, {n: 4}) == 6


def test_shapes_that_are_asserted():
    batches = Dataset.range(5).batch(2)
    shaped = batches.apply(tf.contrib.data.assert_element_shape(tf.TensorShape([2])))
    assert shaped.output_shapes.as_list() == [2]
    element = shaped.make_one_shot_iterator().get_next()
    with tf.Session() as session:
        assert [session.run(element).tolist() for _ in range(2)] == [[0, 1], [2, 3]]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"part 0 .* \(2,\) \(1,\)"):
            session.run(element)
    with pytest.raises(ValueError, match="not compatible"):
        batches.apply(tf.contrib.data.assert_element_shape(tf.TensorShape([2, 2])))


def test_windows_that_overlap_as_batches():
    sliding = tf.contrib.data.sliding_window_batch
    for arguments, found in (
        ({"window_size": 3}, [[0, 1, 2], [1, 2, 3], [2, 3, 4]]),
        ({"window_size": 2, "stride": 3}, [[0, 1], [3, 4]]),
        ({"window_size": 2, "window_shift": 1, "window_stride": 2}, [[0, 2], [1, 3], [2, 4]]),
    ):
        dataset = Dataset.range(5).apply(sliding(**arguments))
        assert dataset.output_shapes.as_list() == [None]
        rows = dataset.reduce(
            tf.zeros([0, arguments["window_size"]], tf.int64), lambda s, x: tf.concat([s, [x]], 0)
        )
        assert value(rows).tolist() == found
    with pytest.raises(ValueError, match="Cannot specify both `stride` and `window_shift`"):
        sliding(3, 1, 1)
