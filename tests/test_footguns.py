"""What surprises people in TensorFlow 1, as executable tests: graphmode surprises them no more.

Each runs with graphmode and with TensorFlow itself, so that it states TensorFlow's behaviour and
not our memory of it. Where graphmode decides what TensorFlow left to a race, the test is in
`test_session_laws.py`.
"""

import numpy as np
import pytest

import graphmode


@pytest.fixture(params=["graphmode", "tensorflow"])
def tf(request):
    """graphmode, then TensorFlow, with an empty default graph."""
    module = graphmode if request.param == "graphmode" else request.getfixturevalue("oracle")
    with module.Graph().as_default():
        yield module


@pytest.fixture
def sess(tf):
    with tf.Session() as session:
        yield session


# ---- Python's operators --------------------------------------------------------------------------


def test_equals_is_identity(tf):
    a, b = tf.constant(1), tf.constant(1)
    assert (a == b) is False
    assert (a == a) is True
    assert (a != b) is True
    assert a in [b, a]
    assert a not in [b]
    assert {a: "hashable"}[a] == "hashable"


def test_a_tensor_has_no_truth_value(tf):
    x = tf.constant(True)
    for use in (bool, lambda t: t and 1, lambda t: not t, lambda t: 1 if t else 2):
        with pytest.raises(TypeError, match=r"[Uu]sing a .*tf\.Tensor.* as a Python .?bool.?"):
            use(x)


def test_chained_comparison_asks_for_a_truth_value(tf):
    x = tf.constant(1.0)
    with pytest.raises(TypeError, match="bool"):
        0.0 < x < 2.0  # noqa: B015


def test_a_tensor_of_unknown_length_cannot_be_iterated(tf):
    x = tf.placeholder(tf.float32, [None, 3])
    with pytest.raises(TypeError, match=r"(?i)iterat|iterable"):
        next(iter(x))
    with pytest.raises(TypeError):
        len(x)


def test_division_of_integers_is_true_division(tf, sess):
    quotient = tf.constant(7) / tf.constant(2)
    assert quotient.dtype == tf.float64
    assert sess.run(quotient) == 3.5
    assert (tf.constant(7, tf.uint8) / tf.constant(2, tf.uint8)).dtype == tf.float32


def test_division_of_integers_rounds_down_unless_it_says_truncate(tf, sess):
    a, b = tf.constant(-7), tf.constant(2)
    assert sess.run([a // b, tf.div(a, b), tf.truncatediv(a, b)]) == [-4, -4, -3]
    assert sess.run([a % b, tf.truncatemod(a, b)]) == [1, -1]


def test_integers_cannot_be_divided_by_zero_but_floats_can(tf, sess):
    zero = tf.placeholder(tf.int32, [])
    with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero"):
        sess.run(tf.constant(1) // zero, {zero: 0})
    assert sess.run(tf.constant(1.0) / 0.0) == np.inf


def test_the_mean_of_integers_is_an_integer(tf, sess):
    mean = tf.reduce_mean(tf.constant([1, 2]))
    assert mean.dtype == tf.int32
    assert sess.run(mean) == 1


def test_casting_to_integers_cuts_and_round_goes_to_the_even_one(tf, sess):
    x = tf.constant([-1.7, 1.7, 0.5, 1.5, 2.5])
    np.testing.assert_array_equal(sess.run(tf.cast(x, tf.int32)), [-1, 1, 0, 1, 2])
    np.testing.assert_array_equal(sess.run(tf.round(x)), [-2, 2, 0, 2, 2])


def test_plus_equals_makes_a_new_tensor_and_leaves_the_variable(tf, sess):
    v = tf.Variable(1.0)
    w = v
    w += 1.0
    sess.run(tf.global_variables_initializer())
    assert sess.run(w) == 2.0
    assert sess.run(v) == 1.0


# ---- dtypes --------------------------------------------------------------------------------------


def test_dtypes_are_never_promoted(tf):
    with pytest.raises((TypeError, ValueError), match="float32"):
        tf.constant(1) + tf.constant(1.0)
    with pytest.raises((TypeError, ValueError), match="float64"):
        tf.constant(1.0) + tf.constant(1.0, tf.float64)
    with pytest.raises((TypeError, ValueError)):
        tf.constant(1) * 1.5


def test_a_python_number_takes_the_tensors_dtype(tf):
    assert (tf.constant(1.0) * 2).dtype == tf.float32
    assert (2 * tf.constant(1.0, tf.float64)).dtype == tf.float64
    assert (1 + tf.constant(1, tf.uint8)).dtype == tf.uint8


def test_a_float64_array_takes_the_tensors_dtype(tf, sess):
    x = tf.constant([1.0, 2.0])
    for product in (x * np.array([2.0, 3.0]), np.array([2.0, 3.0]) * x):
        assert product.dtype == tf.float32
        np.testing.assert_array_equal(sess.run(product), [2.0, 6.0])


def test_python_floats_are_float32_and_numpys_are_float64(tf):
    assert tf.constant(1.5).dtype == tf.float32
    assert tf.constant(np.array(1.5)).dtype == tf.float64
    assert tf.constant(1).dtype == tf.int32
    assert tf.constant(np.array(1)).dtype == tf.int64
    assert tf.constant([1, 2.5]).dtype == tf.float32


def test_argmax_is_int64(tf):
    index = tf.argmax(tf.constant([[1.0, 2.0]]), 1)
    assert index.dtype == tf.int64
    with pytest.raises((TypeError, ValueError)):
        tf.equal(index, tf.constant([1], tf.int32))


def test_strings_are_bytes(tf, sess):
    assert sess.run(tf.constant("añb")) == "añb".encode()


def test_a_scalar_is_fetched_as_a_numpy_scalar(tf, sess):
    value = sess.run(tf.constant(1.5))
    assert type(value) is np.float32


# ---- feeds ---------------------------------------------------------------------------------------


def test_a_big_integer_survives_as_int64(tf, sess):
    x = tf.placeholder(tf.int64, [])
    assert sess.run(x + 1, {x: 2**40}) == 2**40 + 1


def test_a_big_python_integer_is_refused_for_int32(tf, sess):
    x = tf.placeholder(tf.int32, [])
    # Under NumPy 2 TensorFlow fails in NumPy's conversion before its own check.
    with pytest.raises((TypeError, OverflowError)):
        sess.run(x, {x: 2**40})


def test_a_float_fed_for_an_integer_is_cut(tf, sess):
    x = tf.placeholder(tf.int32, [])
    assert sess.run(x, {x: 1.7}) == 1


def test_float64_arrays_may_be_fed_for_float32(tf, sess):
    x = tf.placeholder(tf.float32, [3])
    fed = sess.run(x, {x: np.array([1 / 3] * 3)})
    assert fed.dtype == np.float32
    np.testing.assert_array_equal(fed, np.float32(1 / 3))


def test_any_tensor_can_be_fed_even_a_constant_or_a_variable(tf, sess):
    c, v = tf.constant(2.0), tf.Variable(3.0)
    y = c * v
    assert sess.run(y, {c: 5.0, v: 7.0}) == 35.0  # v is not even initialised
    assert sess.run(y, {y: 1.0}) == 1.0


def test_a_default_is_used_unless_fed(tf, sess):
    x = tf.placeholder_with_default(1.0, [])
    assert (sess.run(x * 2), sess.run(x * 2, {x: 4.0})) == (2.0, 8.0)


# ---- shapes --------------------------------------------------------------------------------------


def test_a_column_minus_a_row_is_a_matrix(tf):
    labels, predictions = tf.zeros([5, 1]), tf.zeros([5])
    assert (labels - predictions).shape.as_list() == [5, 5]


def test_the_static_shape_and_the_shape_of_the_run(tf, sess):
    x = tf.placeholder(tf.float32, [None, 3])
    assert x.shape.as_list() == [None, 3]
    assert list(sess.run(tf.shape(x), {x: np.zeros((2, 3))})) == [2, 3]
    x.set_shape([4, None])
    assert x.shape.as_list() == [4, 3]
    with pytest.raises(ValueError, match=r"compatible|must be equal"):
        x.set_shape([4, 5])


def test_a_short_constant_is_filled_with_its_last_element(tf, sess):
    np.testing.assert_array_equal(
        sess.run(tf.constant([1, 2], shape=[2, 3])), [[1, 2, 2], [2, 2, 2]]
    )


def test_a_slice_past_the_end_is_short_and_an_index_past_it_is_refused(tf, sess):
    x = tf.constant([1, 2, 3])
    np.testing.assert_array_equal(sess.run(x[1:10]), [2, 3])
    with pytest.raises(ValueError, match="out of bounds"):
        x[5]


def test_where_without_branches_gives_indices(tf, sess):
    indices = tf.where(tf.constant([[True, False, True]]))
    assert indices.dtype == tf.int64
    np.testing.assert_array_equal(sess.run(indices), [[0, 0], [0, 2]])


# ---- names and graphs ----------------------------------------------------------------------------


def test_names_are_made_unique_without_regard_to_case(tf):
    assert tf.constant(1, name="a").name == "a:0"
    assert tf.constant(1, name="A").name == "A_1:0"
    assert tf.constant(1, name="a").name == "a_2:0"


def test_ops_made_in_a_loop_stay_in_the_graph(tf, sess):
    v = tf.Variable(0.0)
    sess.run(v.initializer)
    before = len(sess.graph.get_operations())
    for _ in range(5):
        sess.run(tf.assign(v, v + 1.0))
    assert len(sess.graph.get_operations()) == before + 5 * 3
    sess.graph.finalize()
    with pytest.raises(RuntimeError, match="finalized"):
        tf.assign(v, v + 1.0)


def test_a_session_runs_the_graph_that_was_the_default_one(tf, sess):
    tf.constant(0)
    with tf.Graph().as_default():
        elsewhere = tf.constant(1)
        with pytest.raises(ValueError, match="is not an element of this graph"):
            sess.run(elsewhere)


def test_eval_needs_a_default_session(tf):
    x = tf.constant(1)
    with pytest.raises(ValueError, match="No default session"):
        x.eval()
    with tf.Session():
        assert x.eval() == 1


def test_variable_takes_another_name_and_get_variable_refuses(tf):
    assert [tf.Variable(0.0, name="w").name for _ in range(2)] == ["w:0", "w_1:0"]
    tf.get_variable("u", [2, 3])
    with pytest.raises(ValueError, match="already exists"):
        tf.get_variable("u", [2, 3])


def test_a_name_scope_does_not_name_what_get_variable_makes(tf):
    with tf.name_scope("scope"):
        assert tf.get_variable("u", [2, 3]).name == "u:0"
        assert tf.Variable(1.0, name="w").name == "scope/w:0"
    with tf.variable_scope("variables"):
        assert tf.get_variable("u", [2, 3]).name == "variables/u:0"


# ---- variables -----------------------------------------------------------------------------------


def test_a_variable_must_be_initialised_in_each_session(tf, sess):
    v = tf.Variable(1.0)
    sess.run(v.initializer)
    assert sess.run(v) == 1.0
    with tf.Session() as other, pytest.raises(tf.errors.FailedPreconditionError, match="uninit"):
        other.run(v)


def test_running_the_initializer_again_undoes_training(tf, sess):
    v = tf.Variable(1.0)
    initialize = tf.global_variables_initializer()
    sess.run(initialize)
    sess.run(tf.assign(v, 5.0))
    sess.run(initialize)
    assert sess.run(v) == 1.0


def test_an_initializer_made_early_misses_later_variables(tf, sess):
    tf.Variable(1.0)
    initialize = tf.global_variables_initializer()
    late = tf.Variable(2.0)
    sess.run(initialize)
    with pytest.raises(tf.errors.FailedPreconditionError):
        sess.run(late)


def test_one_variable_can_begin_as_a_function_of_another(tf, sess):
    v = tf.Variable(tf.random_normal([3], seed=1))
    twice = tf.Variable(v.initialized_value() * 2.0)
    thrice = tf.Variable(v * 3.0)
    sess.run(tf.global_variables_initializer())
    a, b, c = sess.run([v, twice, thrice])
    np.testing.assert_allclose([b, c], [2 * a, 3 * a], rtol=1e-6)


def test_assign_does_nothing_until_it_is_run(tf, sess):
    v = tf.Variable(1.0)
    sess.run(v.initializer)
    assign = tf.assign(v, 5.0)
    assert sess.run(v) == 1.0
    assert sess.run(assign) == 5.0
    assert sess.run(v) == 5.0


def test_a_train_op_gives_none(tf, sess):
    v = tf.Variable(3.0)
    train = tf.train.GradientDescentOptimizer(0.5).minimize(tf.square(v))
    sess.run(tf.global_variables_initializer())
    assert sess.run(train) is None
    assert sess.run(v) == 0.0


def test_control_dependencies_hold_for_ops_made_inside(tf, sess):
    v = tf.Variable(1.0)
    sess.run(v.initializer)
    outside = tf.constant(3.0)
    with tf.control_dependencies([tf.assign_add(v, 1.0)]):
        same = outside  # not an op: nothing is made here
        copied = tf.identity(outside)
    sess.run(same)
    assert sess.run(v) == 1.0
    sess.run(copied)
    assert sess.run(v) == 2.0


# ---- random numbers ------------------------------------------------------------------------------


def test_a_seeded_op_goes_on_in_a_session_and_begins_again_in_another(tf, sess):
    u = tf.random_uniform([4], seed=3)
    first, second = sess.run(u), sess.run(u)
    assert not np.array_equal(first, second)
    with tf.Session() as other:
        np.testing.assert_array_equal(other.run(u), first)


def test_the_graphs_seed_counts_for_ops_made_after_it(tf, sess):
    draws = []
    for _ in range(2):
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(5)
            draws.append(session.run([tf.random_uniform([3]), tf.random_uniform([3])]))
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0][0], draws[0][1])


def test_dropouts_second_argument_is_what_is_kept(tf, sess):
    kept = sess.run(tf.nn.dropout(tf.ones([10_000]), 0.9, seed=1))
    assert 0.88 < np.mean(kept > 0) < 0.92
    np.testing.assert_allclose(kept.max(), 1 / 0.9, rtol=1e-6)


# ---- gradients -----------------------------------------------------------------------------------


def test_gradients_are_summed_over_ys(tf, sess):
    x = tf.constant(2.0)
    (total,) = tf.gradients([x * 3.0, x * 4.0], [x])
    (of_vector,) = tf.gradients(tf.stack([x, x, x]), [x])
    assert sess.run([total, of_vector]) == [7.0, 3.0]


def test_an_unconnected_gradient_is_none_and_cannot_be_fetched(tf, sess):
    x, y = tf.constant(1.0), tf.constant(2.0)
    assert tf.gradients(y * 2.0, [x]) == [None]
    with pytest.raises(TypeError, match="None"):
        sess.run(tf.gradients(y * 2.0, [x]))


def test_a_gradient_through_integers_is_none(tf):
    x = tf.constant(1.5)
    y = tf.cast(tf.cast(x, tf.int32), tf.float32)
    assert tf.gradients(y, [x]) == [None]


def test_where_does_not_stop_a_nan_of_the_other_branch(tf, sess):
    x = tf.constant([0.0, 4.0])
    y = tf.where(x > 0.0, tf.log(x), tf.zeros_like(x))
    np.testing.assert_allclose(sess.run(y), [0.0, np.log(4.0)], rtol=1e-6)
    np.testing.assert_array_equal(sess.run(tf.gradients(y, x)[0]), [np.nan, 0.25])


def test_logarithms_of_nothing_are_values_not_errors(tf, sess):
    np.testing.assert_array_equal(sess.run(tf.log([0.0, -1.0])), [-np.inf, np.nan])


def test_the_gradient_of_gather_is_sparse(tf, sess):
    table = tf.constant(np.zeros((5, 3), np.float32))
    (grad,) = tf.gradients(tf.gather(table, [1, 1]), [table])
    assert isinstance(grad, tf.IndexedSlices)
    np.testing.assert_array_equal(sess.run(tf.convert_to_tensor(grad))[:, 0], [0, 2, 0, 0, 0])
