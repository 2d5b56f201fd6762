"""Iterators of `tf.data`: one-shot, initialised, given another data set, chosen by what is fed."""

import gc
import threading

import numpy as np
import pytest

import graphmode as tf

Dataset = tf.data.Dataset


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def rest(session, element):
    """What runs of `element` give until the end."""
    found = []
    with pytest.raises(tf.errors.OutOfRangeError, match="End of sequence"):
        while True:
            found.append(session.run(element))
    return found


def test_a_program_trains_until_the_end_of_its_data(mode):
    xs = np.linspace(-1, 1, 96).astype(np.float32).reshape(48, 2)
    ys = xs @ np.array([[2.0], [-3.0]], np.float32)
    dataset = Dataset.from_tensor_slices((xs, ys)).shuffle(1000, seed=1).repeat(40).batch(32)
    x, y = dataset.make_one_shot_iterator().get_next()
    assert x.shape.as_list() == [None, 2] and y.dtype is tf.float32
    w = tf.Variable(tf.zeros([2, 1]))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - y))
    train = tf.train.GradientDescentOptimizer(0.3).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        losses = []
        with pytest.raises(tf.errors.OutOfRangeError, match="End of sequence"):
            while True:
                losses.append(session.run([loss, train])[0])
    assert len(losses) == 60 and losses[-1] < 0.01 * losses[0]


def test_one_element_for_all_that_a_run_needs_of_it(mode):
    first, second = Dataset.range(6).map(lambda i: (i, i * 10)).make_one_shot_iterator().get_next()
    with tf.Session() as session:
        assert session.run([first, second]) == [0, 0]
        assert session.run(second) == 10
        assert session.run(first + second) == 22


def test_each_session_begins_by_itself():
    element = Dataset.range(2).make_one_shot_iterator().get_next()
    for _ in range(2):
        with tf.Session() as session:
            assert rest(session, element) == [0, 1]
            assert rest(session, element) == []


def test_a_one_shot_iterator_reads_nothing_that_is_fed_or_kept():
    fed = tf.placeholder(tf.int64, [], name="fed")
    with pytest.raises(ValueError, match=r"Cannot capture a placeholder \(name:fed, type:Pl"):
        Dataset.range(fed).make_one_shot_iterator()
    kept = tf.Variable(3, dtype=tf.int64, name="kept")
    with pytest.raises(ValueError, match=r"Cannot capture a stateful node \(name:kept"):
        Dataset.range(kept).make_one_shot_iterator()


def test_an_initializer_takes_what_is_fed(mode):
    data = tf.placeholder(tf.float32, [None, 3])
    factor = tf.placeholder(tf.float32, [])
    dataset = Dataset.from_tensor_slices(data).map(lambda row: row * factor).batch(2)
    iterator = dataset.make_initializable_iterator()
    element = iterator.get_next()
    assert element.shape.as_list() == [None, 3]
    with tf.Session() as session:
        with pytest.raises(tf.errors.FailedPreconditionError, match="has not been initialized"):
            session.run(element)
        for n, by in ((3, 2.0), (1, -1.0)):
            rows = np.arange(3 * n).reshape(n, 3)
            session.run(iterator.initializer, {data: rows, factor: by})
            assert np.array_equal(np.concatenate(rest(session, element)), rows * by)


def test_a_function_has_the_value_of_a_variable_from_when_the_iterator_began(mode):
    v = tf.Variable(5, dtype=tf.int64)
    iterator = tf.data.make_initializable_iterator(Dataset.range(3).map(lambda i: i + v))
    element = iterator.get_next()
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(iterator.initializer)
        session.run(v.assign(7))
        assert rest(session, element) == [5, 6, 7]


def test_one_structure_for_two_data_sets():
    train, test = Dataset.range(3), Dataset.range(10, 12)
    iterator = tf.data.Iterator.from_structure(train.output_types, train.output_shapes)
    to_train, to_test = iterator.make_initializer(train), iterator.make_initializer(test)
    element = iterator.get_next()
    with pytest.raises(ValueError, match="does not have an initializer"):
        iterator.initializer  # noqa: B018 - the property raises
    with tf.Session() as session:
        session.run(to_train)
        assert session.run(element) == 0
        session.run(to_test)
        assert rest(session, element) == [10, 11]
        session.run(to_train)
        assert rest(session, element) == [0, 1, 2]
    with pytest.raises(TypeError, match=r"Expected output types tf\.int64 but got"):
        iterator.make_initializer(Dataset.from_tensors(1.0))
    with pytest.raises(TypeError, match="Expected output shapes compatible with"):
        iterator.make_initializer(Dataset.range(3).batch(2))
    with pytest.raises(ValueError, match="don't have the same nested structure"):
        iterator.make_initializer(Dataset.from_tensors({"a": np.int64(1)}))


def test_a_data_set_prints_as_tensorflows():
    dataset = Dataset.from_tensors({"a": 1, "b": ([1.0, 2.0], "x")})
    shapes, types = "{a: (), b: ((2,), ())}", "{a: tf.int32, b: (tf.float32, tf.string)}"
    assert str(dataset) == f"<TensorDataset shapes: {shapes}, types: {types}>"
    assert str(Dataset.range(3)) == "<RangeDataset shapes: (), types: tf.int64>"


def test_an_iterator_that_is_chosen_by_what_is_fed():
    train, test = Dataset.range(4).repeat(), Dataset.range(10, 12)
    handle = tf.placeholder(tf.string, [])
    iterator = tf.data.Iterator.from_string_handle(handle, train.output_types, train.output_shapes)
    element = iterator.get_next()
    of_train, of_test = train.make_one_shot_iterator(), test.make_initializable_iterator()
    with tf.Session() as session:
        trains, tests = session.run([of_train.string_handle(), of_test.string_handle()])
        assert [session.run(element, {handle: trains}) for _ in range(3)] == [0, 1, 2]
        for _ in range(2):
            session.run(of_test.initializer)
            found = []
            with pytest.raises(tf.errors.OutOfRangeError):
                while True:
                    found.append(session.run(element, {handle: tests}))
            assert found == [10, 11]
        assert session.run(element, {handle: trains}) == 3
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(element, {handle: b"another"})


def test_nested_elements_keep_their_structure_and_facts():
    data = {"b": (np.zeros([5, 2], np.float32), np.arange(5)), "a": np.array(list("vwxyz"))}
    dataset = Dataset.from_tensor_slices(data).batch(2, drop_remainder=True)
    assert dataset.output_types == {"b": (tf.float32, tf.int64), "a": tf.string}
    assert dataset.output_shapes["b"][0].as_list() == [2, 2]
    assert dataset.output_classes["a"] is tf.Tensor
    element = dataset.make_one_shot_iterator().get_next()
    assert element["b"][0].shape.as_list() == [2, 2]
    with tf.Session() as session:
        found = session.run(element)
    assert found["a"].tolist() == [b"v", b"w"] and found["b"][1].tolist() == [0, 1]


def ahead(source):
    return source.map(lambda x: x * 2).prefetch(2).batch(2).prefetch(3)


def left_at_the_first(session, iterator, element):
    assert session.run(element).tolist() == [0, 2]


def initialized_again(session, iterator, element):
    for _ in range(2):
        session.run(iterator.initializer)
        assert session.run(element).tolist() == [0, 2]


def taken_to_the_end(session, iterator, element):
    assert len(rest(session, element)) == 4


def ended_by_an_error(session, iterator, element):
    session.run(element)
    with pytest.raises(tf.errors.InvalidArgumentError, match="six"):
        while True:
            session.run(element)


def by_its_handle(session, iterator, element):
    text = session.run(iterator.string_handle())
    found = tf.data.Iterator.from_string_handle(text, tf.int64, [None])
    assert session.run(found.get_next()).tolist() == [0, 2]


USES = [left_at_the_first, initialized_again, taken_to_the_end, ended_by_an_error, by_its_handle]


@pytest.mark.parametrize("times", [25, pytest.param(1000, marks=pytest.mark.slow)])
def test_sessions_leave_no_thread_however_they_are_used(times):
    def fails(n):
        if n == 6:
            raise ValueError("six")
        return n

    def fail_at_six(x):
        return tf.py_func(fails, [x], tf.int64)

    before = set(threading.enumerate())
    for i in range(times):
        use = USES[i % len(USES)]
        with tf.Graph().as_default():
            source = Dataset.range(8)
            data = ahead(source.map(fail_at_six) if use is ended_by_an_error else source)
            iterator = data.make_initializable_iterator()
            element = iterator.get_next()
            session = tf.Session()
            session.run(iterator.initializer)
            use(session, iterator, element)
        if i % 2:
            session.close()
        del data, iterator, element, session
    gc.collect()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) <= before


def test_get_next_in_a_loop_is_warned_of_once():
    iterator = Dataset.range(100).make_one_shot_iterator()
    with tf.Session() as session:
        for i in range(32):
            assert session.run(iterator.get_next()) == i
        with pytest.warns(UserWarning, match=r"called 33 times.*\n  fix: element =") as told:
            iterator.get_next()
        assert told[0].filename == __file__
        iterator.get_next()


def test_names_of_nodes_are_those_of_tensorflow(graph):
    Dataset.range(3).make_one_shot_iterator().get_next()
    Dataset.range(3).make_initializable_iterator().get_next(name="mine")
    names = {op.name for op in graph.get_operations()}
    assert {"OneShotIterator", "IteratorGetNext", "IteratorV2", "MakeIterator", "mine"} <= names
