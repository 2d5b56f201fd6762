"""Sessions one inside the other, ended out of order, and targets that nobody knows."""

import warnings

import pytest

import graphmode as tf


def test_a_session_is_entered_once_at_a_time():
    one = tf.constant(1)
    sess = tf.Session()
    with sess:
        with pytest.raises(RuntimeError, match="Session context managers are not re-entrant"), sess:
            pass
        assert tf.get_default_session() is sess
        assert sess.run(one) == 1
    assert tf.get_default_session() is None


def test_as_default_is_entered_as_often_as_one_likes():
    one = tf.constant(1)
    sess = tf.Session()
    with sess.as_default(), sess.as_default():
        assert sess.run(one) == 1
    assert tf.get_default_session() is None
    assert sess.run(one) == 1


def test_blocks_that_end_out_of_order():
    outer, inner = tf.Session(), tf.Session()
    outer.__enter__()
    inner.__enter__()
    with pytest.raises(AssertionError, match=r"Nesting violated for default stack of .*Session"):
        outer.__exit__(None, None, None)
    inner.__exit__(None, None, None)
    assert tf.get_default_session() is outer
    outer.__exit__(None, None, None)
    assert tf.get_default_session() is None


def test_interactive_sessions():
    first = tf.InteractiveSession()
    with pytest.warns(UserWarning, match="An interactive session is already active") as caught:
        second = tf.InteractiveSession()
    assert caught[0].filename == __file__
    with pytest.raises(AssertionError, match=r"Nesting violated .*InteractiveSession"):
        first.close()
    assert tf.get_default_session() is second
    second.close()
    assert tf.get_default_session() is first
    first.close()
    assert tf.get_default_session() is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tf.InteractiveSession().close()


@pytest.mark.parametrize("kind", [tf.Session, tf.InteractiveSession])
@pytest.mark.parametrize("target", ["INVALID", b"local"])
def test_an_unknown_target(kind, target):
    with pytest.raises(tf.errors.NotFoundError, match="No session factory registered"):
        kind(target)
    assert tf.get_default_session() is None


@pytest.mark.parametrize("target", ["", b""])
def test_targets_that_are_known(target):
    one = tf.constant(1)
    with tf.Session(target) as sess:
        assert sess.run(one) == 1
