"""Rows of arrays are chosen by their numbers and batched at once: the same as one by one."""

import numpy as np
import pytest

import graphmode as tf

Dataset = tf.data.Dataset


def arrays():
    random = np.random.RandomState(3)
    texts = np.array([f"{i}" * (i % 3) for i in range(23)])
    return {"image": random.normal(size=(23, 2, 3)), "text": texts, "number": np.arange(23)}


CHOICES = {
    "none": lambda rows: rows,
    "shuffle": lambda rows: rows.shuffle(7, seed=1),
    "shuffle, repeat": lambda rows: rows.shuffle(50, seed=1).repeat(3),
    "repeat, shuffle": lambda rows: rows.repeat(3).shuffle(9, seed=2),
    "shuffle_and_repeat": lambda rows: rows.apply(
        tf.data.experimental.shuffle_and_repeat(5, 2, seed=4)
    ),
    "take, skip, shard": lambda rows: rows.take(20).skip(2).shard(3, 1),
    "take, repeat": lambda rows: rows.take(4).repeat(2).take(-1),
    "nothing": lambda rows: rows.take(0).repeat().shuffle(3),
}


def batches(dataset):
    element = dataset.make_one_shot_iterator().get_next()
    with tf.Session() as session:
        try:
            while True:
                yield session.run(element)
        except tf.errors.OutOfRangeError:
            return


@pytest.mark.parametrize("choice", list(CHOICES))
@pytest.mark.parametrize("drops", [False, True])
def test_batches_are_those_of_elements(choice, drops):
    def found(between):
        with tf.Graph().as_default():
            tf.set_random_seed(11)
            rows = CHOICES[choice](between(Dataset.from_tensor_slices(arrays())))
            return list(batches(rows.batch(4, drops).repeat(2)))

    at_once = found(lambda rows: rows)
    one_by_one = found(lambda rows: rows.concatenate(Dataset.from_tensor_slices(arrays()).take(0)))
    assert len(at_once) == len(one_by_one)
    for a, b in zip(at_once, one_by_one, strict=True):
        assert a.keys() == b.keys()
        for key in a:
            assert a[key].dtype == b[key].dtype and a[key].flags.writeable
            np.testing.assert_array_equal(a[key], b[key])
