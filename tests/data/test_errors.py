"""What goes wrong in a pipeline: said once, with the line of the function, and the data goes on."""

import numpy as np
import pytest

import graphmode as tf

Dataset = tf.data.Dataset


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def outcomes(dataset):
    """Each element of `dataset`, and in the place of one that fails the error."""
    element = dataset.make_one_shot_iterator().get_next()
    found = []
    with tf.Session() as session:
        while True:
            try:
                found.append(np.asarray(session.run(element)).tolist())
            except tf.errors.OutOfRangeError:
                return found
            except tf.errors.OpError as error:
                found.append(error)


def test_an_element_that_fails_is_followed_by_the_next_one(mode):
    dataset = Dataset.from_tensor_slices([10, 0, 2]).map(lambda x: 20 // x)
    first, error, last = outcomes(dataset)
    assert (first, last) == (2, 10)
    assert isinstance(error, tf.errors.InvalidArgumentError)
    assert "Integer division by zero" in str(error)
    assert "test_errors.py" in str(error) and "map(lambda x: 20 // x)" in str(error)


def test_a_batch_goes_on_behind_an_element_that_fails():
    dataset = Dataset.from_tensor_slices([1, 0, 2, 4, 5]).map(lambda x: 20 // x).batch(2)
    error, *batches = outcomes(dataset)
    assert isinstance(error, tf.errors.InvalidArgumentError) and batches == [[10, 5], [4]]


def test_errors_of_a_thread_that_runs_ahead_come_in_order():
    dataset = Dataset.from_tensor_slices([1, 0, 2]).map(lambda x: 20 // x).prefetch(2)
    first, error, last = outcomes(dataset)
    assert (first, last) == (20, 10) and "division by zero" in str(error)


def test_errors_are_left_out():
    dataset = Dataset.from_tensor_slices([1, 0, 2]).map(lambda x: 20 // x)
    assert outcomes(dataset.apply(tf.data.experimental.ignore_errors())) == [20, 10]


def shapes():
    yield [1]
    yield [1, 2]
    yield [3]


def test_a_generator_that_gives_another_shape():
    first, error, last = outcomes(Dataset.from_generator(shapes, tf.int64, [1]))
    assert (first, last) == ([1], [3])
    assert (
        "ValueError: `generator` yielded an element of shape (2,) where an element of shape (1,) "
        "was expected (element 1)." in str(error)
    )


def raises():
    yield 1
    raise ValueError("mine")


@pytest.mark.parametrize(
    ("generator", "types", "said"),
    [
        (raises, tf.int64, "ValueError: mine"),
        (lambda: iter(["a"]), tf.int64, "expected type was int64, but the yielded element was a"),
        (
            lambda: iter([3]),
            (tf.int64, tf.int64),
            "The expected structure was (tf.int64, tf.int64), but the yielded element was 3",
        ),
    ],
)
def test_a_generator_that_fails(generator, types, said):
    error = outcomes(Dataset.from_generator(generator, types))[-1]
    assert isinstance(error, tf.errors.InvalidArgumentError) and said in str(error)


def test_batches_of_what_does_not_fit():
    rows = Dataset.range(3).map(lambda i: tf.fill([i], i))
    error, batch = outcomes(rows.batch(2))
    assert batch == [[2, 2]]
    assert "Shapes are: [tensor]: [1], [batch]: [0]" in str(error)
    *_, error = outcomes(rows.padded_batch(3, [1]))
    assert isinstance(error, tf.errors.DataLossError)
    assert "Attempted to pad to a smaller size than the input element." in str(error)
    for dataset, said in (
        (Dataset.range(3).batch(0), "Batch size must be greater than zero."),
        (Dataset.range(3).shuffle(0), "buffer_size must be greater than zero."),
    ):
        iterator = dataset.make_initializable_iterator()
        with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=said):
            session.run(iterator.initializer)


@pytest.mark.parametrize(
    ("make", "kind", "said"),
    [
        (lambda: Dataset.from_tensor_slices(3), ValueError, "insufficient rank for batching"),
        (
            lambda: Dataset.from_tensor_slices((np.arange(3), np.arange(4))),
            ValueError,
            "Dimensions 3 and 4 are not compatible",
        ),
        (lambda: Dataset.range(3).filter(lambda x: x), ValueError, "scalar boolean tensor"),
        (lambda: Dataset.range(3).flat_map(lambda x: x), TypeError, "must return a `Dataset`"),
        (lambda: Dataset.range(3).map(lambda x: None), TypeError, "Unsupported return value"),
        (lambda: Dataset.range(3).apply(lambda d: 1), TypeError, "must return a Dataset. Got 1"),
        (lambda: Dataset.zip((Dataset.range(2), 3)), TypeError, "structure of `Dataset` objects"),
        (lambda: Dataset.from_generator(5, tf.int64), TypeError, "must be callable"),
        (
            lambda: Dataset.range(3).concatenate(Dataset.from_tensors(1.0)),
            TypeError,
            "Two datasets to concatenate have different types",
        ),
        (lambda: Dataset.range(), ValueError, "Invalid arguments to RangeDataset"),
    ],
)
def test_what_is_refused_when_it_is_built(make, kind, said):
    with pytest.raises(kind, match=said.replace("(", r"\(")):
        make()


def test_a_one_shot_iterator_of_another_process_is_refused(graph):
    Dataset.range(3).make_initializable_iterator()
    del graph.__dict__["_pipelines"][:]
    initializer = graph.get_operation_by_name("MakeIterator")
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="belongs to"):
        session.run(initializer)


def pairs_then_singles():
    yield from ([1, 2], [3, 4], [5], [6, 7])


def in_batches_of_batches():
    rows = Dataset.from_generator(pairs_then_singles, tf.int64, [None])
    inner = rows.batch(1).batch(3)  # outer
    return inner.prefetch(1)


def in_a_batch_of_a_batch():
    rows = Dataset.from_generator(pairs_then_singles, tf.int64, [None])
    inner = rows.batch(3)  # inner
    return inner.shuffle(2).batch(1).repeat(2)


def in_a_source():
    rows = Dataset.from_generator(pairs_then_singles, tf.int64, [2])  # the source
    return rows.padded_batch(2, [None]).map(tf.reduce_sum)


def in_the_beginning():
    size = tf.placeholder_with_default(tf.constant(0, tf.int64), [])
    return Dataset.range(3).batch(size)  # size


@pytest.mark.parametrize(
    ("build", "kind", "mark"),
    [
        (in_batches_of_batches, "Batch", "# outer"),
        (in_a_batch_of_a_batch, "Batch", "# inner"),
        (in_a_source, "Generator", "# the source"),
        (in_the_beginning, "Batch", "# size"),
    ],
)
def test_the_line_of_the_transformation_that_refuses_is_named(build, kind, mark):
    iterator = build().make_initializable_iterator()
    element = iterator.get_next()
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as raised:
        session.run(iterator.initializer)
        while True:
            session.run(element)
    (line,) = [line for line in str(raised.value).splitlines() if line.startswith("  in ")]
    assert line.startswith(f"  in {kind}, made at test_errors.py:")
    assert line.endswith(mark)


def fetched(wrong):
    """What a session says that is given `wrong` in place of tensors of it."""
    with tf.Session() as session:
        session.run(wrong)


def mapped_by_a_session():
    dataset = Dataset.range(3)
    with tf.Session() as session:
        dataset.map(session.run)


@pytest.mark.parametrize(
    ("make", "kind", "said"),
    [
        (
            mapped_by_a_session,
            ValueError,
            ["test_errors.py", "fix: a function of a data set is called once", "tf.py_func"],
        ),
        (
            lambda: Dataset.range(3).map(lambda x: x + tf.Variable(3, dtype=tf.int64)),
            ValueError,
            ["Cannot capture a stateful node", "x + tf.Variable(3", "outside of functions of data"],
        ),
        (
            lambda: Dataset.from_tensor_slices(([1], [2.0])).map(lambda pair: pair[0]),
            TypeError,
            ["positional argument", "as 2 arguments: (tf.int32, tf.float32)"],
        ),
        (lambda: Dataset.range(3).shuffle(3, seed="a"), TypeError, ["a whole number, not 'a'"]),
        (
            lambda: fetched(Dataset.range(3)),
            TypeError,
            ["has invalid type", "fix: dataset.make_one_shot_iterator().get_next()"],
        ),
        (
            lambda: tf.add(Dataset.range(3), 1),
            TypeError,
            ["Failed to convert object", "fix: dataset.make_one_shot_iterator().get_next()"],
        ),
    ],
)
def test_what_a_beginner_writes_is_told_what_to_write(make, kind, said):
    with pytest.raises(kind) as raised:
        make()
    assert [text for text in said if text not in str(raised.value)] == []


def test_an_error_of_the_function_itself_is_its_own():
    with pytest.raises(TypeError) as raised:
        Dataset.range(3).map(lambda x: len(5))
    assert "arguments" not in str(raised.value)


def test_a_table_that_has_no_words_yet():
    table = tf.contrib.lookup.index_table_from_tensor(["a", "b"])
    words = Dataset.from_tensor_slices(["b"]).map(table.lookup)
    iterator = words.make_initializable_iterator()
    element = iterator.get_next()
    with tf.Session() as session:
        session.run(iterator.initializer)
        with pytest.raises(tf.errors.FailedPreconditionError) as raised:
            session.run(element)
    assert "Table not initialized." in str(raised.value)
    assert "fix: run tf.tables_initializer()" in str(raised.value)
    assert "map(table.lookup)" in str(raised.value)
