"""`tf.gradients` and its arguments, against TensorFlow; the fallback; gradients users write."""

import numpy as np
import pytest

import graphmode as gm
from graphmode.autodiff import registry
from graphmode.framework import shape_rules
from graphmode.framework.dtypes import FLOATS
from graphmode.framework.op import op
from graphmode.framework.op_def import _registry, registered_ops
from graphmode.ops import load_all, xp

X = np.array([0.5, -1.25, 2.0], np.float32)
W = np.array([[0.3, -0.2], [1.1, 0.7], [-0.4, 0.9]], np.float32)


def same_in_both(oracle, program):
    """Run ``program(tf) -> fetches`` in both libraries and compare the values."""
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default(), tf.Session() as sess:
            fetches = program(tf)
            sess.run(tf.global_variables_initializer())
            results.append(sess.run(fetches))
    ours, theirs = results
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-6, atol=1e-7)
    return ours


def test_sum_of_ys_weighted_by_grad_ys(oracle):
    def program(tf):
        x, w = tf.constant(X), tf.constant(W)
        y1, y2 = tf.matmul(x[None, :], w), tf.reduce_sum(tf.tanh(x))
        return tf.gradients([y1, y2], [x, w], grad_ys=[tf.constant([[2.0, -3.0]]), None])

    same_in_both(oracle, program)


def test_course_example_2x2_plus_3xy():
    x, y = gm.constant(1.0), gm.constant(2.0)
    grads = gm.gradients(2.0 * x * x + 3.0 * x * y, [x, y])
    with gm.Session() as sess:
        assert sess.run(grads) == [10.0, 3.0]


def test_stop_gradients_are_constants(oracle):
    def program(tf):
        a = tf.constant(3.0)
        b = 2.0 * a
        return tf.gradients(a * b + b, [a, b], stop_gradients=[a, b])

    assert same_in_both(oracle, program) == [6.0, 4.0]


def test_unconnected_is_none_or_zero(oracle):
    def program(tf):
        x, other = tf.constant(X), tf.constant(W)
        assert tf.gradients(tf.square(x), other) == [None]
        assert tf.gradients(tf.stop_gradient(x) * 2.0, x) == [None]
        assert tf.gradients(tf.cast(tf.cast(x, tf.int32), tf.float32), x) == [None]
        return tf.gradients(x, [x, other], unconnected_gradients=tf.UnconnectedGradients.ZERO)

    ours = same_in_both(oracle, program)
    assert ours[1].shape == (3, 2)


def test_an_x_that_is_a_y_and_shared_paths_add_up(oracle):
    def program(tf):
        x = tf.constant(X)
        h = x * x
        return tf.gradients([x, h * x, tf.exp(h)], [x, h])

    same_in_both(oracle, program)


def test_hessians(oracle):
    def program(tf):
        x = tf.constant(X)
        return tf.hessians(tf.reduce_sum(x**3) + x[0] * x[1] * x[2], x)

    (hessian,) = same_in_both(oracle, program)
    assert hessian[0, 1] == X[2]


def test_gather_gradient_is_indexed_slices_and_repeated_rows_add(oracle):
    def program(tf):
        w = tf.constant(W)
        rows = tf.gather(w, [2, 0, 2])
        (grad,) = tf.gradients(rows * rows, w)
        assert isinstance(grad, tf.IndexedSlices)
        return [grad.indices, tf.convert_to_tensor(grad)]

    indices, _ = same_in_both(oracle, program)
    assert indices.tolist() == [2, 0, 2]


THROUGH = {
    "concat": lambda tf, v, w: tf.concat([v, w], 0),
    "concat-columns": lambda tf, v, w: tf.concat([w[:, :1], w], -1),
    "concat-of-unknown": lambda tf, v, w: tf.concat(
        [v, tf.placeholder_with_default(w, [None, None])], 0
    ),
    "concat-of-vectors": lambda tf, v, w: tf.concat([v[0], w[:, 0]], -1),
    "concat-of-half": lambda tf, v, w: tf.concat([tf.cast(v, tf.float16), -w.half], 0),
    "add_n": lambda tf, v, w: tf.add_n([w, v[:1] + tf.zeros_like(w)]),
    "placeholder": lambda tf, v, w: tf.placeholder_with_default(w, [None, 2]),
    "ensure_shape": lambda tf, v, w: tf.ensure_shape(w, [3, 2]),
}


@pytest.mark.parametrize("indices", [np.int32([2, 0, 2]), np.int64([1, 0, 1])])
@pytest.mark.parametrize("through", THROUGH)
def test_slices_go_back_through_what_keeps_rows(oracle, mode, through, indices):
    """The rows that Momentum, RMSProp and Ftrl move are those that were looked up."""

    def program(tf):
        v, w = tf.constant(W[:2]), tf.constant(W)
        w.half = tf.cast(w, tf.float16)
        looked_up = tf.gather(THROUGH[through](tf, v, w), indices)
        parts = []
        for grad in tf.gradients(looked_up * looked_up, [v, w]):
            if isinstance(grad, tf.IndexedSlices):
                parts += [grad.values, grad.indices, grad.dense_shape]
            elif grad is not None:
                parts.append(grad)
        return [*parts, tf.constant(len(parts))]

    same_in_both(oracle, program)


def test_rows_of_part_of_a_concat_stay_one_program():
    """A row of zeros before a table is a usual way to look up padding."""
    w = gm.placeholder_with_default(W, [3, 2])
    table = gm.concat([gm.zeros([1, 2]), w[1:]], 0)
    (grad,) = gm.gradients(gm.gather(table, [2, 0, 2]), w)
    before, waiting = set(), [grad.op]
    while waiting:
        op = waiting.pop()
        if op not in before:
            before.add(op)
            waiting += [tensor.op for tensor in op.inputs]
    assert "Where" not in {op.type for op in before}
    with gm.Session() as sess:
        assert sess.run(grad).tolist() == [[0, 0], [0, 0], [2, 2]]


@pytest.mark.parametrize("shape", [[None], [None, 2], None])
def test_hessians_of_an_x_whose_shape_only_the_run_knows(mode, shape):
    x = gm.placeholder(gm.float32, shape)
    value = np.float32([1.0, 2.0] if shape == [None] else [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    (hessian,) = gm.hessians(gm.reduce_sum(x**3) + gm.reduce_sum(x) ** 2, x)
    assert hessian.shape.as_list() == shape * 2 if shape else hessian.shape.ndims is None
    expected = np.diag(6.0 * value.ravel()) + 2.0
    with gm.Session() as sess:
        actual = sess.run(hessian, {x: value})
    np.testing.assert_allclose(actual, expected.reshape(value.shape * 2), rtol=1e-6)


def test_hessians_of_several_xs_and_of_a_matrix(mode):
    x, m = gm.constant([1.0, 2.0]), gm.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = gm.reduce_sum(x**3) * gm.reduce_sum(m**2)
    by_x, by_m = gm.hessians([y, gm.reduce_sum(x)], [x, m])
    assert by_m.shape.as_list() == [2, 3, 2, 3]
    with gm.Session() as sess:
        by_x, by_m = sess.run([by_x, by_m])
    np.testing.assert_allclose(by_x, np.diag([6.0 * 91, 12.0 * 91]))
    np.testing.assert_allclose(by_m.reshape(6, 6), 18.0 * np.eye(6))


def test_custom_gradient(oracle):
    def program(tf):
        @tf.custom_gradient
        def log1pexp(x):
            e = tf.exp(x)
            return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

        x = tf.constant(100.0)
        y = log1pexp(x)
        return tf.gradients(y, x)

    assert same_in_both(oracle, program) == [1.0]


def test_custom_gradient_with_two_inputs_and_a_variable():
    with gm.Graph().as_default(), gm.Session() as sess:
        w = gm.Variable(3.0)

        @gm.custom_gradient
        def scaled(a, b):
            def grad(dy, variables):
                assert variables == [w]
                return [dy * 10.0, dy * 20.0], [dy * 30.0]

            return a * b * w, grad

        a, b = gm.constant(2.0), gm.constant(5.0)
        y = scaled(a, b)
        grads = gm.gradients(y * 2.0, [a, b, w])
        sess.run(w.initializer)
        assert sess.run(y) == 30.0
        assert sess.run(grads) == [20.0, 40.0, 60.0]


def test_custom_gradient_refuses_variables_it_does_not_take():
    with gm.Graph().as_default():
        w = gm.Variable(3.0, name="w")

        @gm.custom_gradient
        def scaled(a):
            return a * w, lambda dy: dy

        with pytest.raises(TypeError, match=r"keyword argument 'variables'.*scaled reads w:0"):
            scaled(gm.constant(2.0))


def test_custom_gradient_of_a_variables_value_is_no_reading_of_the_variable():
    with gm.Graph().as_default(), gm.Session() as sess:
        w = gm.Variable(3.0)
        tripled = gm.custom_gradient(lambda x: (x * 3.0, lambda dy: dy * 7.0))
        (slope,) = gm.gradients(tripled(w) + tripled(gm.identity(w)), w)
        sess.run(w.initializer)
        assert sess.run(slope) == 14.0


def test_custom_gradient_gives_the_variables_to_a_function_that_takes_any_keyword():
    with gm.Graph().as_default(), gm.Session() as sess:
        w = gm.Variable(3.0)

        @gm.custom_gradient
        def scaled(x):
            def grad(dy, **kw):
                return dy * 10.0, [dy * 30.0 for _ in kw["variables"]]

            return x * w, grad

        x = gm.Variable(2.0)
        grads = gm.gradients(scaled(x), [x, w])
        sess.run(gm.global_variables_initializer())
        assert sess.run(grads) == [10.0, 30.0]


@pytest.mark.parametrize("use_resource", [False, True])
def test_grad_pass_through_has_the_gradient_of_the_identity(oracle, use_resource):
    def program(tf):
        w = tf.get_variable("w", initializer=[2.0, 3.0], use_resource=use_resource)
        x, u = tf.constant([1.4, 5.8]), tf.constant([0.1, 0.2])
        y = tf.grad_pass_through(lambda x: tf.round(x) * w)(x)
        parts = tf.grad_pass_through(lambda x, u: {"a": tf.floor(x), "b": (u * w,)})(x, u)
        total = y * 3.0 + parts["a"] * 5.0 + parts["b"][0] * 7.0
        assert tf.gradients(total, w) == [None]
        return [y, parts["b"][0], *tf.gradients(total, [x, u])]

    y, b, by_x, by_u = same_in_both(oracle, program)
    assert y.tolist() == [2.0, 18.0] and b.tolist() == pytest.approx([0.2, 0.6])
    assert by_x.tolist() == [8.0, 8.0] and by_u.tolist() == [7.0, 7.0]


def test_recompute_grad_computes_again_in_the_gradient():
    with gm.Graph().as_default() as graph, gm.Session() as sess:
        x, w = gm.constant([0.3, -0.4]), gm.Variable([2.0, 3.0], use_resource=True)
        plain = gm.gradients(gm.tanh(x * w), [x, w])
        y = gm.recompute_grad(lambda x: gm.tanh(x * w, name="again"))(x)
        slopes = gm.gradients(y, [x, w])
        assert sum(op.name.endswith("/again") for op in graph.get_operations()) == 1
        sess.run(w.initializer)
        np.testing.assert_array_equal(*sess.run([slopes, plain]))


def test_override_map_takes_the_registered_gradient():
    @gm.RegisterGradient("TestTimesSeven")
    def times_seven(op, dy):
        return dy * 7.0

    graph = gm.Graph()
    with graph.as_default(), gm.Session() as sess:
        x = gm.constant(X)
        with graph.gradient_override_map({"Tanh": "TestTimesSeven"}):
            y = gm.tanh(x)
        (grad,) = gm.gradients(y, x)
        assert sess.run(grad).tolist() == [7.0, 7.0, 7.0]
    with pytest.raises(KeyError, match="Registering two gradient with name 'TestTimesSeven'"):
        gm.RegisterGradient("TestTimesSeven")(times_seven)


def test_a_type_has_one_rule(oracle):
    """Wherever it comes from: ours are in the registry that a program adds to."""
    for library in (oracle, gm):
        for op_type in ("MatMul", "While", "Svd"):
            with pytest.raises(KeyError, match=f"Registering two gradient with name '{op_type}'!"):
                library.RegisterGradient(op_type)(lambda op, dy: dy)
        with pytest.raises(KeyError, match="Registering two gradient with name 'Shape'!"):
            library.NotDifferentiable("Shape")


def test_every_rule_is_that_of_an_op():
    load_all()
    ours = {rule for rule in registry.rules() if not rule.startswith("Test")}
    assert ours - set(registered_ops()) == set()


def test_a_rule_takes_what_it_says():
    """Slices and None as they are, or made dense and zeros."""
    taken = {}

    def watch(name, **facts):
        def rule(op, *gradients):
            taken[name] = [type(g).__name__ for g in gradients]
            return [None] * len(op.inputs)

        registry.register({name: registry.Rule(rule, **facts)})

    watch("TestTakesDense")
    watch("TestTakesSlices", takes_slices=True, takes_none=True)
    graph = gm.Graph()
    with graph.as_default():
        x = gm.constant(np.ones((5, 2), np.float32))
        for name in ("TestTakesDense", "TestTakesSlices"):
            with graph.gradient_override_map({"Identity": name}):
                y = gm.identity(x)
            gm.gradients(gm.gather(y, [0, 3]), x)
        assert taken == {"TestTakesDense": ["Tensor"], "TestTakesSlices": ["IndexedSlices"]}
        for name in ("TestTakesDense", "TestTakesSlices"):
            with graph.gradient_override_map({"Split": name}):
                first, _ = gm.split(gm.square(x), 2, 1)
            gm.gradients(first, x)
    assert taken == {
        "TestTakesDense": ["Tensor", "Tensor"],
        "TestTakesSlices": ["Tensor", "NoneType"],
    }


def test_an_unregistered_override_says_its_name():
    graph = gm.Graph()
    with graph.as_default():
        x = gm.constant(X)
        with graph.gradient_override_map({"Tanh": "NobodyRegisteredThis"}):
            y = gm.tanh(x)
        with pytest.raises(LookupError, match="no entry for: NobodyRegisteredThis"):
            gm.gradients(y, x)


@pytest.fixture
def outside():
    """An op that acts on the host and has no gradient."""

    @op("TestOutside", "T -> T", shape=shape_rules.unchanged, effect="host", T=FLOATS)
    def outside(x):
        return x * 2

    yield outside
    del _registry["TestOutside"]


def test_a_path_without_gradient_names_the_op_and_the_line(outside):
    with gm.Graph().as_default():
        x = gm.constant(X)
        y = outside(x, name="beyond")
        with pytest.raises(
            LookupError, match=r"No gradient defined for operation 'beyond'"
        ) as info:
            gm.gradients(y * x, x)
    assert "test_gradients.py" in str(info.value)
    assert 'outside(x, name="beyond")' in str(info.value)


@pytest.fixture
def cubed():
    """An op without a rule: x^3 y n and sin y, with a static input."""

    @op(
        "TestCubed",
        "T, T, int32 -> T, T",
        shape=lambda op: [op.inputs[0].dims] * 2,
        static=("n",),
        T=FLOATS,
    )
    def cubed(x, y, n):
        return x * x * x * y * int(n), xp.sin(y)

    yield cubed
    del _registry["TestCubed"]


def test_fallback_differentiates_three_times(cubed):
    x_value, y_value = np.float32([1, 2, 3]), np.float32([4, 5, 6])
    with gm.Graph().as_default(), gm.Session() as sess:
        x, y = gm.placeholder(gm.float32, [3]), gm.placeholder(gm.float32, [3])
        n = gm.placeholder(gm.int32, [])
        a, b = cubed(x, y, n)
        first = gm.gradients([a, b], [x, y])
        second = gm.gradients(first[0], [x, y])
        third = gm.gradients(second[0], [x, y])
        values = sess.run([a, first, second, third], {x: x_value, y: y_value, n: 2})
    expected = [
        2 * x_value**3 * y_value,
        [6 * x_value**2 * y_value, 2 * x_value**3 + np.cos(y_value)],
        [12 * x_value * y_value, 6 * x_value**2],
        [12 * y_value, 12 * x_value],
    ]
    np.testing.assert_allclose(values[0], expected[0], rtol=1e-6)
    for mine, other in zip(values[1:], expected[1:], strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5)


def test_fallback_shares_the_forward(cubed):
    """The forward op and its gradient op in one program: the kernel is traced once."""
    calls = []
    kernel = cubed.op_def.kernel

    def counted(*values, **attrs):
        calls.append(1)
        return kernel(*values, **attrs)

    cubed.op_def.kernel = counted
    with gm.Graph().as_default(), gm.Session() as sess:
        x, y = gm.placeholder(gm.float32, [3]), gm.placeholder(gm.float32, [3])
        a, b = cubed(x, y, 2)
        calls.clear()
        sess.run([a, b, *gm.gradients([a, b], [x, y])], {x: [1, 2, 3], y: [4, 5, 6]})
    assert len(calls) == 1


def test_broadcast_op_sums_back_whatever_is_known(oracle):
    """Known, partly known and unknown shapes give the same gradients as TensorFlow."""
    left = np.arange(12, dtype=np.float32).reshape(4, 3) / 7
    right = np.array([[0.5], [1.5], [-2.0], [0.1]], np.float32)
    for left_shape in ([4, 3], [None, 3], [None, None], None):
        for right_shape in ([4, 1], [None, 1], [None, None], None):
            for tf in (gm, oracle):
                with tf.Graph().as_default(), tf.Session() as sess:
                    a = tf.placeholder(tf.float32, left_shape)
                    b = tf.placeholder(tf.float32, right_shape)
                    grads = tf.gradients(a * b, [a, b])
                    values = sess.run(grads, {a: left, b: right})
                assert values[0].shape == (4, 3)
                np.testing.assert_allclose(values[1][:, 0], left.sum(axis=1), rtol=1e-6)


def test_a_gradient_of_one_element_fits_a_scalar(mode):
    with gm.Graph().as_default(), gm.Session() as sess:
        x = gm.constant([1.0, 2.0])
        (slope,) = gm.gradients(gm.reduce_sum(x * x), x, grad_ys=gm.constant([3.0]))
        assert sess.run(slope).tolist() == [6.0, 12.0]
        with pytest.raises(ValueError, match="equal rank"):
            gm.gradients(gm.reduce_sum(x), x, grad_ys=gm.constant([3.0, 4.0]))
