"""arg_scope: which default an argument gets."""

import pytest

import graphmode as tf

framework = tf.contrib.framework


@framework.add_arg_scope
def first(a, b=2, *, c=3):
    return a, b, c


@framework.add_arg_scope
def second(a=1, b=20):
    return a, b


def test_inner_scopes_come_before_outer_ones_and_calls_before_both():
    with framework.arg_scope([first, second], b=5), framework.arg_scope([first], c=6):
        assert first(1) == (1, 5, 6)
        assert first(1, c=7) == (1, 5, 7)
        assert second() == (1, 5)
        with framework.arg_scope([first], b=8):
            assert first(1) == (1, 8, 6)
            assert second() == (1, 5)
    assert first(1) == (1, 2, 3)


def test_a_scope_is_opened_again():
    with framework.arg_scope([first], b=5) as scope:
        pass
    with framework.arg_scope([second], b=9), framework.arg_scope(scope):
        assert first(1) == (1, 5, 3)
        assert second() == (1, 20)


def test_a_scope_ends_with_an_error():
    with pytest.raises(KeyError), framework.arg_scope([first], b=5):
        raise KeyError
    assert first(1) == (1, 2, 3)


def test_what_is_decorated():
    assert framework.has_arg_scope(first)
    assert not framework.has_arg_scope(len)
    assert framework.arg_scoped_arguments(first) == ("b", "c")
    assert first.__name__ == "first"


def test_refusals():
    with pytest.raises(ValueError, match="is not decorated with @add_arg_scope"):
        framework.arg_scope([print], end="").__enter__()
    with pytest.raises(TypeError, match="must either be a list/tuple or reused scope"):
        framework.arg_scope(first, b=1).__enter__()
    with pytest.raises(ValueError, match="kwargs must be empty"):
        framework.arg_scope({}, b=1).__enter__()
