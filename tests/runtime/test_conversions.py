"""What may be fetched and fed beside tensors: registered types, attrs classes, parts of sparse."""

import importlib
import math
from types import SimpleNamespace

import numpy as np
import pytest

import graphmode as tf

session_module = importlib.import_module("graphmode.python.client.session")


class Root:
    """Fetched as the square root of a tensor, fed as that tensor's root."""

    def __init__(self, square):
        self.square = square


class OnlyFetched(Root):
    pass


class Pair:
    """As the package attrs makes classes."""

    __attrs_attrs__ = (SimpleNamespace(name="left"), SimpleNamespace(name="right"))

    def __init__(self, left, right):
        self.left, self.right = left, right


@pytest.fixture(scope="module", autouse=True)
def registered():
    def fetch(root):
        return [root.square], lambda values: math.sqrt(values[0])

    conversions = importlib.import_module("graphmode.runtime.fetches")
    before = list(conversions._registered)
    session_module.register_session_run_conversion_functions(OnlyFetched, fetch)
    session_module.register_session_run_conversion_functions(
        Root, fetch, lambda root, value: [(root.square, value**2)], lambda root: [root.square]
    )
    # The more special type comes first.
    conversions._registered.sort(key=lambda entry: entry[0] is Root)
    yield
    conversions._registered[:] = before


def test_a_registered_type_is_fetched_and_fed(mode):
    fed = tf.placeholder(tf.float32, [])
    with tf.Session() as session:
        assert session.run({"a": [Root(tf.constant(49.0))]}) == {"a": [7.0]}
        assert session.run([Root(fed), fed + 1.0], {Root(fed): 3.0}) == [3.0, 10.0]
        with pytest.raises(TypeError, match="Cannot interpret feed_dict key"):
            session.run(fed, {OnlyFetched(fed): 3.0})
    with pytest.raises(ValueError, match="already been registered"):
        session_module.register_session_run_conversion_functions(Root, None)


def test_a_class_of_attrs_is_fetched_as_one_of_its_kind(mode):
    x = tf.placeholder(tf.float32, [])
    with tf.Session() as session:
        found = session.run([Pair(x, Pair(x + 1.0, [x * 2.0]))], {x: 3.0})[0]
    assert type(found.right) is Pair
    assert (found.left, found.right.left, found.right.right) == (3.0, 4.0, [6.0])


def test_a_sparse_placeholder_of_known_shape_is_fed_without_it(mode):
    sparse = tf.sparse_placeholder(tf.float32, shape=[3, 4])
    dense = tf.sparse_tensor_to_dense(sparse)
    with tf.Session() as session:
        found = session.run(dense, {sparse: ([[0, 1], [2, 3]], [5.0, 6.0])})
    np.testing.assert_array_equal(found, [[0, 5, 0, 0], [0, 0, 0, 0], [0, 0, 0, 6]])


def test_thread_pools_are_accepted():
    config = tf.ConfigProto()
    pool = config.session_inter_op_thread_pool.add()
    pool.num_threads = 1
    with tf.Session(config=config) as session:
        run = tf.RunOptions(inter_op_thread_pool=0, trace_level=tf.RunOptions.FULL_TRACE)
        metadata = tf.RunMetadata()
        assert not metadata.HasField("step_stats")
        assert session.run(tf.constant(2.0), options=run, run_metadata=metadata) == 2.0
    assert metadata.HasField("step_stats")
    with pytest.raises(ValueError, match=r"has no .steps. field"):
        metadata.HasField("steps")
