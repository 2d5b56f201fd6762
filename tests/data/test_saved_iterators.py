"""Iterators in checkpoints: a program that goes on takes the element that would have come next."""

import types

import numpy as np
import pytest

import graphmode

tf = graphmode


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def plain(value):
    return [np.asarray(part).tolist() for part in (value if isinstance(value, tuple) else [value])]


def rest(module, session, element, most=50):
    found = []
    try:
        while len(found) < most:
            found.append(plain(session.run(element)))
    except module.errors.OutOfRangeError:
        found.append("end")
    return found


def resumed(module, make, taken, folder):
    """The elements behind the first `taken` ones: in the same session, and after a restart."""

    def built():
        iterator = module.data.make_initializable_iterator(make(module, module.data.Dataset))
        saveable = module.data.experimental.make_saveable_from_iterator(iterator)
        return iterator, iterator.get_next(), module.train.Saver([saveable])

    with module.Graph().as_default(), module.Session() as session:
        iterator, element, saver = built()
        session.run(iterator.initializer)
        before = [plain(session.run(element)) for _ in range(taken)]
        path = saver.save(session, f"{folder}/{module.__name__}", write_meta_graph=False)
        following = rest(module, session, element)
        saver.restore(session, path)
        assert rest(module, session, element) == following
    with module.Graph().as_default(), module.Session() as session:
        iterator, element, saver = built()
        session.run(iterator.initializer)
        saver.restore(session, path)
        return before, following, rest(module, session, element)


PIPELINES = {
    "range": (lambda tf, of: of.range(7).map(lambda x: x * x), 3),
    "shuffled": (lambda tf, of: of.range(30).shuffle(8, seed=3).batch(4), 4),
    "turns": (
        lambda tf, of: of.range(4).interleave(
            lambda x: of.from_tensors(x).repeat(3), cycle_length=2, block_length=2
        ),
        5,
    ),
    "at the end": (lambda tf, of: of.range(3).prefetch(2), 3),
    "not begun": (lambda tf, of: of.range(3).cache().repeat(2), 0),
    "pairs": (lambda tf, of: of.zip((of.range(5).skip(1), of.range(9).shard(2, 1))), 2),
    "last batch": (lambda tf, of: of.range(7).map(lambda x: -x).batch(3).repeat(3), 6),
    "whole batches": (lambda tf, of: of.range(7).batch(3, True).prefetch(1).repeat(3), 5),
    "rows": (
        lambda tf, of: (
            of.from_tensor_slices(np.arange(10).reshape(5, 2))
            .repeat(2)
            .batch(3)
            .map(lambda x: x * 2, num_parallel_calls=2)
        ),
        3,
    ),
    "nothing": (lambda tf, of: of.range(0).map(lambda x: x).repeat(), 0),
    "filtered": (lambda tf, of: of.range(20).filter(lambda x: tf.equal(x % 3, 0)), 2),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_the_next_element_is_that_of_tensorflow(name, oracle, tmp_path):
    ours, theirs = (resumed(module, *PIPELINES[name], tmp_path) for module in (tf, oracle))
    assert ours == theirs
    assert ours[1] == ours[2]


def test_functions_are_not_called_again_for_what_is_passed_over(tmp_path):
    calls = []

    def counted(x):
        calls.append(x)
        return x

    dataset = tf.data.Dataset.range(100).shuffle(10).repeat(2)
    dataset = dataset.map(lambda x: tf.py_func(counted, [x], tf.int64)).batch(5).repeat(2)
    iterator = dataset.make_one_shot_iterator()
    element = iterator.get_next()
    saver = tf.train.Saver([tf.data.experimental.make_saveable_from_iterator(iterator)])
    with tf.Session() as session:
        for _ in range(61):
            session.run(element)
        path = saver.save(session, str(tmp_path / "c"), write_meta_graph=False)
        following = rest(tf, session, element)
    del calls[:]
    with tf.Session() as session:
        saver.restore(session, path)
        assert calls == []
        assert rest(tf, session, element) == following
    assert len(following) == 20 and len(calls) == 95


def test_what_has_no_seed_goes_on_as_it_was_drawn(tmp_path):
    def drawn(tf, of):
        made = of.range(12).shuffle(5).repeat(2)
        noise = made.map(lambda x: tf.random_uniform([], 0, 1000, tf.int64) * 20 + x)
        return noise.flat_map(lambda x: of.range(x, x + 4).shuffle(4)).batch(3)

    _, following, after_restart = resumed(tf, drawn, 9, tmp_path)
    assert following == after_restart
    _, other, _ = resumed(tf, drawn, 9, tmp_path)
    assert other != following


def test_errors_count_as_elements(tmp_path):
    dataset = tf.data.Dataset.from_tensor_slices([4, 0, 2, 1]).map(lambda x: 8 // x)
    iterator = dataset.make_one_shot_iterator()
    element = iterator.get_next()
    saver = tf.train.Saver([tf.data.experimental.make_saveable_from_iterator(iterator)])
    with tf.Session() as session:
        assert session.run(element) == 2
        with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero"):
            session.run(element)
        path = saver.save(session, str(tmp_path / "c"))
    with tf.Session() as session:
        saver.restore(session, path)
        assert rest(tf, session, element) == [[4], [8], "end"]


def test_an_iterator_that_has_not_begun_has_no_position(tmp_path):
    iterator = tf.data.Dataset.range(3).make_initializable_iterator()
    saver = tf.train.Saver([tf.data.experimental.make_saveable_from_iterator(iterator)])
    with tf.Session() as session:
        with pytest.raises(
            tf.errors.FailedPreconditionError, match=r"Save\(\) failed because the iterator has not"
        ):
            saver.save(session, str(tmp_path / "c"))
        session.run(iterator.initializer)
        path = saver.save(session, str(tmp_path / "c"))
    with (
        tf.Session() as session,
        pytest.raises(
            tf.errors.FailedPreconditionError,
            match=r"fix: run its initializer before Saver\.restore",
        ),
    ):
        saver.restore(session, path)


def test_a_monitored_session_goes_on_where_it_was(tmp_path):
    config = types.SimpleNamespace(save_checkpoints_secs=None, save_checkpoints_steps=2)
    estimator = types.SimpleNamespace(model_dir=str(tmp_path), config=config)
    seen = []
    for _ in range(3):
        with tf.Graph().as_default():
            step = tf.train.get_or_create_global_step()
            dataset = tf.data.Dataset.range(100).shuffle(30).repeat()
            element = dataset.make_one_shot_iterator().get_next()
            hook = tf.data.experimental.CheckpointInputPipelineHook(estimator)
            count = tf.assign_add(step, 1)
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=str(tmp_path), hooks=[hook], save_checkpoint_steps=2
            ) as session:
                for _ in range(10):
                    seen.append(int(session.run([element, count])[0]))
    assert (tmp_path / "checkpoint_input").exists() and (tmp_path / "checkpoint").exists()
    assert len(set(seen)) == 30
