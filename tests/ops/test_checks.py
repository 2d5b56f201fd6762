"""Assert, CheckNumerics, Print and py_func while a graph runs."""

import numpy as np
import pytest

import graphmode as gm
from graphmode.ops.control.summarize import summarize_value


@pytest.fixture
def sess():
    with gm.Graph().as_default(), gm.Session() as session:
        yield session


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [
        (np.arange(12.0).reshape(4, 3), 5, "[0 1 2][3 4...]..."),
        (np.arange(12.0).reshape(4, 3), 3, "[0 1 2]..."),
        (np.arange(4), -1, "0 1 2 3"),
        (np.array([1e-5, 1.5e10, 0.1], np.float32), 3, "1e-05 1.5e+10 0.1"),
        (np.array([0.1, 1 / 3]), 3, "0.1 0.33333333333333331"),
        (np.float16(1 / 3), 3, "0.333251953"),
        (np.array([True, False]), 3, "1 0"),
        (np.array([b"a", b"b\n'"], object), 3, "a b\\n\\'"),
        (np.zeros((0, 2)), 3, ""),
        (np.uint8(200), 3, "200"),
    ],
)
def test_values_read_as_in_tensorflow(value, limit, text):
    assert summarize_value(value, limit) == text


def test_print_writes_to_the_standard_error_first_n_times(sess, capfd):
    x = gm.placeholder(gm.float32, [2])
    shown = gm.Print(x, [x, "s"], message="x: ", first_n=2)
    for i in range(3):
        sess.run(shown, {x: [i, 0.5]})
    assert capfd.readouterr().err.splitlines() == ["x: [0 0.5][s]", "x: [1 0.5][s]"]


def test_print_hands_its_gradient_on(sess, capfd):
    x = gm.placeholder(gm.float32, [2])
    grad = gm.gradients(gm.Print(x * 3.0, [x]), x)[0]
    np.testing.assert_array_equal(sess.run(grad, {x: [1, 2]}), [3, 3])
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("compiled")
def test_a_failed_assert_in_a_program_changes_no_variable(sess):
    x = gm.placeholder(gm.float32, [2])
    total = gm.Variable([0.0, 0.0])
    check = gm.Assert(gm.reduce_all(x > 0), ["x has", x])
    with gm.control_dependencies([check]):
        step = total.assign_add(x)
    sess.run(total.initializer)
    sess.run(step, {x: [1, 2]})
    with pytest.raises(
        gm.errors.InvalidArgumentError, match=r"assertion failed: \[x has\] \[3 -1\]"
    ):
        sess.run(step, {x: [3, -1]})
    np.testing.assert_array_equal(sess.run(total), [1, 2])
    assert sess.stats().compiled >= 2


@pytest.mark.usefixtures("compiled")
def test_check_numerics_in_a_program(sess):
    x = gm.placeholder(gm.float32, [2])
    y = gm.check_numerics(1.0 / x, "reciprocal")
    np.testing.assert_array_equal(sess.run(y, {x: [1, 2]}), [1, 0.5])
    with pytest.raises(gm.errors.InvalidArgumentError, match="reciprocal : Tensor had Inf values"):
        sess.run(y, {x: [1, 0]})


def test_add_check_numerics_ops_names_the_first_bad_tensor(sess):
    x = gm.placeholder(gm.float32, [2], name="x")
    gm.log(x, name="logarithm") + 1.0
    gm.cast(x, gm.int32)
    check = gm.add_check_numerics_ops()
    sess.run(check, {x: [1, 2]})
    with pytest.raises(gm.errors.InvalidArgumentError, match="logarithm:0 : Tensor had Inf values"):
        sess.run(check, {x: [1, 0]})


def test_py_func_may_write_to_its_arguments(sess):
    def double(a):
        a *= 2
        return a

    x = gm.constant([1.0, 2.0])
    y = gm.py_func(double, [x], gm.float32)
    np.testing.assert_array_equal(sess.run([x, y])[0], [1, 2])
    np.testing.assert_array_equal(sess.run([x, y])[1], [2, 4])


def test_py_func_sees_scalars_as_numpy_scalars_and_text_as_bytes(sess):
    seen = []
    op = gm.py_func(lambda *values: seen.extend(values), [2.5, ["a"]], [])
    sess.run(op)
    assert (type(seen[0]), seen[1].tolist()) == (np.float32, [b"a"])


def test_py_func_shows_the_users_error_and_line(sess):
    def fails(a):
        raise ValueError("no such thing")

    y = gm.py_func(fails, [1.0], gm.float32)
    with pytest.raises(gm.errors.InvalidArgumentError) as caught:
        sess.run(y)
    assert "ValueError: no such thing" in str(caught.value)
    assert "in fails   raise ValueError" in str(caught.value)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (TypeError, gm.errors.InvalidArgumentError),
        (StopIteration, gm.errors.OutOfRangeError),
        (NotImplementedError, gm.errors.UnimplementedError),
        (MemoryError, gm.errors.ResourceExhaustedError),
        (KeyError, gm.errors.UnknownError),
    ],
)
def test_py_func_exceptions_have_tensorflows_class(sess, raised, code):
    def fails():
        raise raised("x")

    with pytest.raises(code):
        sess.run(gm.py_func(fails, [], gm.float32))


def test_positional_losses_are_refused():
    with gm.Graph().as_default(), pytest.raises(ValueError, match="named arguments"):
        gm.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], [[2.0, 1.0]])


def test_tensors_of_one_floating_dtype(oracle):
    def answers(tf):
        half, single = tf.constant(1.0, tf.float16, name="h"), tf.constant(1.0, name="s")
        calls = [
            ((), {}),
            (([half, None, half],), {}),
            (([half, single],), {}),
            (([single],), {"dtype": tf.float16}),
            (([tf.constant(1)],), {}),
            ((), {"dtype": tf.int32}),
        ]
        for arguments, options in calls:
            try:
                yield tf.debugging.assert_same_float_dtype(*arguments, **options).name
            except ValueError as error:
                yield str(error)

    with gm.Graph().as_default(), oracle.Graph().as_default():
        assert list(answers(gm)) == list(answers(oracle))
