"""`Optimizer`: what minimize and apply_gradients accept, refuse, and let a subclass override."""

import re

import numpy as np
import pytest

import graphmode as gm


@pytest.fixture(autouse=True)
def graph():
    with gm.Graph().as_default() as graph:
        yield graph


def run_once(*ops, then=()):
    with gm.Session() as session:
        session.run(gm.global_variables_initializer())
        for op in ops:
            session.run(op)
        return session.run(list(then))


def test_loss_may_be_an_array_and_is_summed():
    x = gm.Variable([1.0, 2.0])
    step = gm.train.GradientDescentOptimizer(0.5).minimize(x * x)
    np.testing.assert_allclose(run_once(step, then=[x])[0], [0.0, 0.0])


def test_global_step_grows_and_names_the_operation():
    x = gm.Variable(3.0)
    step = gm.train.get_or_create_global_step()
    train = gm.train.GradientDescentOptimizer(0.1).minimize(x * x, global_step=step, name="train")
    assert (train.name, train.type) == ("train", "AssignAdd")
    value, count = run_once(train, train, then=[x, step])
    assert count == 2
    assert count.dtype == np.int64
    assert value == pytest.approx(3 * 0.8**2)
    assert gm.get_collection("train_op") == [train]


def test_grad_loss_weighs_the_gradient():
    x = gm.Variable([1.0, 1.0])
    opt = gm.train.GradientDescentOptimizer(1.0)
    step = opt.minimize(x * 2.0, grad_loss=gm.constant([1.0, 10.0]))
    np.testing.assert_allclose(run_once(step, then=[x])[0], [-1.0, -19.0])


@pytest.mark.parametrize("gate", ["GATE_NONE", "GATE_OP", "GATE_GRAPH"])
def test_every_gate_gives_the_same_step(gate):
    x, y = gm.Variable(2.0), gm.Variable(5.0)
    opt = gm.train.GradientDescentOptimizer(0.1)
    step = opt.minimize(x * y, gate_gradients=getattr(opt, gate))
    np.testing.assert_allclose(run_once(step, then=[x, y]), [1.5, 4.8])


def test_clipped_gradients_are_applied():
    x = gm.Variable([10.0, 0.1])
    opt = gm.train.GradientDescentOptimizer(1.0)
    pairs = opt.compute_gradients(gm.reduce_sum(x * x))
    step = opt.apply_gradients([(gm.clip_by_value(g, -1.0, 1.0), v) for g, v in pairs])
    np.testing.assert_allclose(run_once(step, then=[x])[0], [9.0, -0.1], rtol=1e-6)


def test_gradients_may_be_arrays():
    x = gm.Variable([1.0, 2.0])
    opt = gm.train.GradientDescentOptimizer(0.5)
    step = opt.apply_gradients([(np.array([2.0, 4.0], np.float32), x)])
    np.testing.assert_allclose(run_once(step, then=[x])[0], [0.0, 0.0])


def test_variables_without_gradient_stay():
    x, y = gm.Variable(1.0), gm.Variable(7.0)
    step = gm.train.AdamOptimizer(0.1).minimize(x * x, var_list=[x, [y]])
    assert "Variable_1/Adam" not in [v.op.name for v in gm.global_variables()]
    assert run_once(step, then=[y]) == [7.0]


def test_a_constraint_projects_after_the_step():
    x = gm.Variable([0.3, 2.0], constraint=lambda v: gm.maximum(v, 0.0))
    step = gm.train.GradientDescentOptimizer(1.0).minimize(gm.reduce_sum(x))
    np.testing.assert_allclose(run_once(step, then=[x])[0], [0.0, 1.0])


def test_gradients_come_by_a_tensor_too_but_it_does_not_change():
    x = gm.constant(3.0)
    opt = gm.train.GradientDescentOptimizer(1.0)
    ((grad, tensor),) = opt.compute_gradients(x * x, var_list=[x])
    assert tensor is x
    assert run_once(then=[grad]) == [6.0]
    with pytest.raises(NotImplementedError, match="Trying to update a Tensor"):
        opt.apply_gradients([(grad, x)])


def test_two_optimizers_of_one_variable_have_their_own_slots():
    x = gm.Variable(1.0, name="W")
    for _ in range(2):
        gm.train.MomentumOptimizer(0.1, 0.9).minimize(x * x)
    assert [v.op.name for v in gm.global_variables()] == ["W", "W/Momentum", "W/Momentum_1"]


def test_minimize_twice_shares_the_slots():
    x = gm.Variable(1.0, name="W")
    opt = gm.train.AdamOptimizer(0.1)
    opt.minimize(x * x)
    opt.minimize(x * x * x)
    names = [v.op.name for v in gm.global_variables()]
    assert names == ["W", "beta1_power", "beta2_power", "W/Adam", "W/Adam_1"]


def test_slots_in_a_variable_scope(oracle):
    def names(tf):
        with tf.Graph().as_default():
            with tf.variable_scope("layer"):
                w = tf.get_variable("w", [2], initializer=tf.zeros_initializer())
            with tf.variable_scope("train"):
                tf.train.AdamOptimizer().minimize(tf.reduce_sum(w * w))
            return [v.name for v in tf.global_variables()]

    # TensorFlow's slot scope is opened inside the current one, the powers are under it too.
    assert names(gm) == names(oracle)


def test_float16_variables_train():
    x = gm.Variable(np.array([1.0, -2.0], np.float16))
    opt = gm.train.AdamOptimizer(0.01, epsilon=1e-3)
    step = opt.minimize(gm.reduce_sum(x * x))
    (value,) = run_once(step, step, then=[x])
    assert value.dtype == np.float16
    np.testing.assert_allclose(value, [0.98, -1.98], atol=2e-3)


def test_repeated_rows_reach_a_subclass_once():
    seen = []

    class RowsOptimizer(gm.train.Optimizer):
        def __init__(self):
            super().__init__(False, "Rows")

        def _apply_sparse(self, grad, var):
            seen.append(grad)
            return gm.scatter_sub(var, grad.indices, grad.values)

    table = gm.Variable(np.zeros((4, 2), np.float32))
    rows = gm.gather(table, [3, 1, 3])
    step = RowsOptimizer().minimize(gm.reduce_sum(rows))
    with gm.Session() as session:
        session.run(gm.global_variables_initializer())
        indices, values = session.run([seen[0].indices, seen[0].values])
        session.run(step)
        after = session.run(table)
    assert indices.tolist() == [3, 1]
    assert values.tolist() == [[2, 2], [1, 1]]
    assert after.tolist() == [[0, 0], [-1, -1], [0, 0], [-2, -2]]


def test_a_subclass_that_overrides_apply_sparse_gets_unique_rows():
    seen = []

    class LazyAdam(gm.train.AdamOptimizer):
        def _apply_sparse(self, grad, var):
            seen.append(grad.indices.op.type)
            return super()._apply_sparse(grad, var)

    table = gm.Variable(np.ones((4, 2), np.float32))
    LazyAdam().minimize(gm.reduce_sum(gm.gather(table, [3, 1, 3])))
    assert seen == ["Unique"]


def test_hooks_run_in_order():
    calls = []

    class Traced(gm.train.GradientDescentOptimizer):
        def _create_slots(self, var_list):
            calls.append(("slots", [v.op.name for v in var_list]))

        def _prepare(self):
            super()._prepare()
            calls.append("prepare")

        def _apply_dense(self, grad, var):
            calls.append(("dense", var.op.name))
            return super()._apply_dense(grad, var)

        def _finish(self, update_ops, name_scope):
            calls.append(("finish", len(update_ops), name_scope))
            return super()._finish(update_ops, name_scope)

    x, y = gm.Variable(1.0, name="x"), gm.Variable(1.0, name="y")
    Traced(0.1).minimize(x * y)
    assert calls == [
        ("slots", ["x", "y"]),
        "prepare",
        ("dense", "x"),
        ("dense", "y"),
        ("finish", 2, "GradientDescent/"),
    ]


def test_an_index_outside_is_refused_and_nothing_changes():
    table = gm.Variable(np.ones((4, 2), np.float32))
    rows = gm.placeholder(gm.int32, [2])
    grad = gm.IndexedSlices(gm.ones([2, 2]), rows)
    step = gm.train.MomentumOptimizer(0.1, 0.9).apply_gradients([(grad, table)])
    with gm.Session() as session:
        session.run(gm.global_variables_initializer())
        with pytest.raises(
            gm.errors.InvalidArgumentError, match=r"Index 4 at offset 1 in indices is out of range"
        ):
            session.run(step, {rows: [0, 4]})
        assert (session.run(table) == 1).all()


# ---- refusals, in TensorFlow's words ------------------------------------------------------------


def _no_gradient(tf):
    x = tf.Variable(1.0, name="x", use_resource=False)
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0) * tf.stop_gradient(x))


def _no_variables(tf):
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))


def _integer_loss(tf):
    x = tf.Variable(1, name="x", use_resource=False)
    tf.train.GradientDescentOptimizer(0.1).minimize(x)


def _wrong_gate(tf):
    x = tf.Variable(1.0, name="x", use_resource=False)
    tf.train.GradientDescentOptimizer(0.1).minimize(x * x, gate_gradients=7)


def _nothing_to_apply(tf):
    tf.train.GradientDescentOptimizer(0.1).apply_gradients([])


def _only_none_to_apply(tf):
    x = tf.Variable(1.0, name="x", use_resource=False)
    tf.train.GradientDescentOptimizer(0.1).apply_gradients([(None, x)])


def _not_a_variable(tf):
    tf.train.GradientDescentOptimizer(0.1).compute_gradients(tf.constant(1.0), [object])


def _no_name(tf):
    tf.train.GradientDescentOptimizer(0.1, name="")


def _adagrad_start(tf):
    tf.train.AdagradOptimizer(0.1, initial_accumulator_value=0.0)


def _ftrl_power(tf):
    tf.train.FtrlOptimizer(0.1, learning_rate_power=0.5)


def _ftrl_l1(tf):
    tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0)


REFUSALS = {
    _no_gradient: "No gradients provided for any variable, check your graph for ops that do not "
    "support gradients, between variables [",
    _no_variables: "No variables to optimize.",
    _integer_loss: "Invalid type tf.int32",
    _wrong_gate: "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, "
    "Optimizer.GATE_GRAPH.  Not 7",
    _nothing_to_apply: "No variables provided.",
    _only_none_to_apply: "No gradients provided for any variable: [",
    _not_a_variable: "Trying to optimize unsupported type",
    _no_name: "Must specify the optimizer name",
    _adagrad_start: "initial_accumulator_value must be positive: 0.0",
    _ftrl_power: "learning_rate_power 0.500000 needs to be negative or zero",
    _ftrl_l1: "l1_regularization_strength -1.000000 needs to be positive or zero",
}


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.__name__.strip("_"))
def test_refusals_have_tensorflows_class_and_words(oracle, case):
    with oracle.Graph().as_default(), pytest.raises(Exception) as theirs:
        case(oracle)
    kind = next(
        k
        for k in (ValueError, TypeError, NotImplementedError, AttributeError)
        if isinstance(theirs.value, k)
    )
    if kind is AttributeError:  # TensorFlow's own slip; graphmode says what is wrong
        kind = NotImplementedError
    else:
        assert REFUSALS[case] in str(theirs.value)
    with gm.Graph().as_default(), pytest.raises(kind, match=re.escape(REFUSALS[case])):
        case(gm)


def test_the_slot_of_a_part_is_a_part_of_the_slot_of_the_whole():
    from graphmode.python.training import slot_creator

    with gm.Graph().as_default():
        parts = list(gm.get_variable("w", [5, 3], partitioner=gm.fixed_size_partitioner(2)))
        slot = slot_creator.create_zeros_slot(parts[1], name="slot")
        place = slot._get_save_slice_info()
        assert slot.op.name == "w/part_1/slot"
        assert (place.full_name, place.spec) == ("w/slot", "5 3 3,2:0,3")
