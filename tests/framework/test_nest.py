"""Nested structures: order of leaves, types kept, and TensorFlow's texts."""

import collections
import importlib

import numpy as np
import pytest

import graphmode as tf
from graphmode.framework import nest

P = collections.namedtuple("P", "a b")
Q = collections.namedtuple("Q", "a b")
OrderedDict, defaultdict, deque = (
    collections.OrderedDict,
    collections.defaultdict,
    collections.deque,
)


def namedtuple_again():
    return collections.namedtuple("P", "a b")  # another class of that name


NAMES = {
    "P": P,
    "Q": Q,
    "OrderedDict": OrderedDict,
    "defaultdict": defaultdict,
    "deque": deque,
    "P2": namedtuple_again(),
}

AS_TENSORFLOW = """
nest.flatten({'b': [1, 2], 'a': (3, {'c': 4})})
nest.flatten('abc')
nest.flatten(b'abc')
nest.flatten([[], {}, (), [None]])
nest.flatten({1, 2})
nest.flatten(range(3))
nest.flatten(deque([1, [2]]))
nest.flatten(P(1, Q(2, [3])))
nest.is_nested('a'), nest.is_nested({}), nest.is_nested({}.values()), nest.is_nested(set())
nest.pack_sequence_as({'b': 1, 'a': (2,)}, [5, 6])
nest.pack_sequence_as(OrderedDict([('b', 1), ('a', 2)]), [3, 4])
nest.pack_sequence_as(defaultdict(list, {'b': 1}), [3])
nest.pack_sequence_as([P(1, 2), (3, [4])], list('wxyz'))
nest.pack_sequence_as(1, [2])
nest.pack_sequence_as([1, [2]], [1])
nest.pack_sequence_as([1, [2]], [1, 2, 3])
nest.pack_sequence_as(1, [1, 2])
nest.pack_sequence_as([1], 2)
nest.map_structure(3, [1])
nest.map_structure(abs)
nest.map_structure(abs, [1], check_types=False, x=3)
nest.map_structure(lambda a, b: a + b, [1, P(2, 3)], [10, P(20, 30)])
nest.map_structure(lambda a, b: a + b, [1], (2,))
nest.map_structure(lambda a, b: a + b, [1], (2,), check_types=False)
nest.map_structure(lambda a, b: a + b, [1], [2, 3])
nest.assert_same_structure([1, 2], [1])
nest.assert_same_structure([1, 2], (1, 2))
nest.assert_same_structure([1, [2]], [1, 2])
nest.assert_same_structure(1, [2])
nest.assert_same_structure([1], 2)
nest.assert_same_structure([1, (2, 3)], [1, [2, 3]])
nest.assert_same_structure([1, (2, 3)], [1, [2, 3]], check_types=False)
nest.assert_same_structure({'a': 1}, {'b': 1})
nest.assert_same_structure({'a': 1}, OrderedDict(a=2))
nest.assert_same_structure(P(1, 2), Q(1, 2))
nest.assert_same_structure(P(1, 2), P2(1, 2))
nest.assert_same_structure([P(1, 2)], [(1, 2)])
nest.assert_same_structure('ab', ['a', 'b'])
nest.flatten_up_to([1, 2], [[1], [2]])
nest.flatten_up_to([1, 2], [1])
nest.flatten_up_to([1, 2], (1, 2))
nest.flatten_up_to([1, 2], (1, 2), check_types=False)
nest.flatten_up_to([1, 2], 3)
nest.flatten_up_to([1, [2]], [1, 2])
nest.flatten_up_to({'a': 1}, {'b': 1})
nest.flatten_up_to({'b': 1, 'a': 2}, {'a': [1, 2], 'b': 3})
nest.map_structure_up_to([1, 2], lambda x, y: (x, y), [[1], 2], [3, [4]])
nest.map_structure_up_to([1, 2], abs)
nest.assert_shallow_structure(P(1, 2), Q(3, 4))
nest.assert_shallow_structure(1, (3, 4))
""".strip().splitlines()


@pytest.mark.parametrize("expression", AS_TENSORFLOW)
def test_values_and_errors_are_tensorflows(expression, oracle, outcome):
    import tensorflow.python.util.nest as theirs

    assert outcome(expression, nest=nest, **NAMES) == outcome(expression, nest=theirs, **NAMES)


def test_tensors_and_what_is_made_of_them_are_leaves():
    dense = tf.constant([1, 2])
    slices = tf.IndexedSlices(dense, tf.constant([0, 3]))
    sparse = tf.SparseTensor([[0]], [1], [2])
    array, shape = np.zeros((2, 3)), tf.TensorShape([4, 5])
    leaves = [dense, slices, sparse, array, shape]
    found = nest.flatten([dense, (slices, {"s": sparse}), [array], shape])
    assert [id(leaf) for leaf in found] == [id(leaf) for leaf in leaves]


def test_keys_that_do_not_sort_are_named():
    with pytest.raises(TypeError, match=r"sortable keys, but the keys are \[1, 'a'\]"):
        nest.flatten({1: 1, "a": 2})


def test_a_structure_deeper_than_the_interpreters_stack_flattens():
    deep = 7
    for _ in range(5000):
        deep = [deep]
    assert nest.flatten(deep) == [7]


def test_its_addresses_are_one_module():
    assert tf.nest.map_structure is nest.map_structure
    assert tf.contrib.framework.nest.is_sequence is nest.is_nested
    assert importlib.import_module("graphmode.python.util.nest").flatten is nest.flatten
    assert set(dir(tf.nest)) >= {"flatten", "pack_sequence_as", "assert_same_structure"}
