"""Resource variables: nodes, order of reads and writes, training, as TensorFlow's."""

import numpy as np
import pytest

import graphmode as gm


def weights(tf, *shape, name="w"):
    start = np.linspace(-1.0, 1.0, int(np.prod(shape))).reshape(shape).astype(np.float32)
    return tf.Variable(start, name=name, use_resource=True)


# ---- what a run does -----------------------------------------------------------------------------


def reads_at_their_place(tf):
    a = tf.Variable(1.0, use_resource=True)
    before = a.read_value()
    with tf.control_dependencies([before]):
        added = a.assign_add(2.0)
    with tf.control_dependencies([added]):
        between = a.read_value()
    with tf.control_dependencies([between]):
        other = a.assign(9.0)
    with tf.control_dependencies([other]):
        kept = tf.identity(between)
        last = a.read_value()
    return [before, between, kept, last], a


def a_value_is_not_a_reference(tf):
    a = tf.Variable([1.0, 2.0], use_resource=True)
    read = a.value()
    with tf.control_dependencies([read]):
        written = a.assign([5.0, 6.0], read_value=False)
    with tf.control_dependencies([written]):
        return [read * 2.0, a * 2.0], a


def what_a_write_gives_reads_after_it(tf):
    a = tf.Variable([1.0, 2.0], use_resource=True)
    return [a.assign_sub([0.5, 0.5]) * 10.0], a


def writes_in_turn(tf):
    a = tf.Variable([1.0, 2.0, 3.0], use_resource=True)
    first = a.assign_add([1.0, 1.0, 1.0])
    with tf.control_dependencies([first]):
        second = a.scatter_sub(tf.IndexedSlices(tf.constant([5.0]), tf.constant([2])))
    with tf.control_dependencies([second]):
        third = a[:2].assign([7.0, 8.0])
    return [third], a


def slices_and_counts(tf):
    a = weights(tf, 4, 3)
    n = tf.Variable(0, use_resource=True)
    counted = n.count_up_to(10)
    read = [a[1:, ::2], tf.gather_nd(a, [[2, 1]]), a.sparse_read([3, 1])]
    with tf.control_dependencies(read):
        updated = a.scatter_nd_update([[0, 1], [3, 2]], [5.0, 6.0])
    return [counted, updated, *read], a


def writes_in_a_branch(tf):
    a = weights(tf, 2, 3)
    x = tf.constant(True)

    def then():
        return a.assign_add(tf.ones([2, 3])).value() * 2.0

    taken = tf.cond(x, then, lambda: a.read_value())
    left = tf.cond(tf.logical_not(x), then, lambda: tf.matmul(a, tf.ones([3, 3])))
    with tf.control_dependencies([taken, left]):
        return [taken, a.read_value()], a


def writes_in_a_loop(tf):
    a = tf.Variable(0.0, use_resource=True)

    def body(i, total):
        with tf.control_dependencies([total]):
            written = a.assign_add(tf.cast(i, tf.float32))
        with tf.control_dependencies([written]):
            return i + 1, total + a.read_value()

    _, total = tf.while_loop(lambda i, _: i < 5, body, [0, 0.0])
    return [total], a


def gradients_of_a_branch(tf):
    a, b = weights(tf, 3, 3, name="a"), weights(tf, 3, 2, name="b")
    x = tf.constant(np.eye(3, dtype=np.float32) + 0.5)
    y = tf.cond(
        tf.reduce_sum(x) > 0, lambda: tf.matmul(tf.matmul(x, a), b), lambda: tf.matmul(x, b)
    )
    return [y, *tf.gradients(tf.reduce_sum(y * y), [a, b])], a


def gradients_of_a_loop(tf):
    a = weights(tf, 3, 3)
    x = tf.constant(np.eye(3, dtype=np.float32) + 0.5)
    _, y = tf.while_loop(lambda i, _: i < 4, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, a))), [0, x])
    return [y, *tf.gradients(tf.reduce_sum(y * y), [a])], a


def gradients_of_rows_read_in_a_loop(tf):
    table = weights(tf, 5, 3)

    def body(i, total):
        return i + 1, total + tf.reduce_sum(tf.nn.embedding_lookup(table, [i, 4]) ** 2)

    _, total = tf.while_loop(lambda i, _: i < 3, body, [0, 0.0])
    return [total, tf.convert_to_tensor(tf.gradients(total, table)[0])], table


def gradients_of_rows_and_of_all(tf):
    table = weights(tf, 5, 3)
    rows = tf.nn.embedding_lookup(table, [[1, 4], [1, 0]])
    slices = tf.gradients(tf.reduce_sum(rows * rows), table)[0]
    both = tf.gradients(tf.reduce_sum(rows * rows) + tf.reduce_sum(table**3), table)[0]
    places = tf.gradients(tf.reduce_sum(tf.gather_nd(table, [[1, 2], [1, 2]]) ** 2), table)[0]
    return [slices.values, slices.indices, slices.dense_shape, both, places], table


def second_gradients(tf):
    a = weights(tf, 3)
    (first,) = tf.gradients(tf.reduce_sum(tf.exp(a) * a), a)
    return [first, *tf.gradients(first, a), *tf.hessians(tf.reduce_sum(a**3), a)], a


def unconnected(tf):
    a, b = weights(tf, 2, 3, name="a"), weights(tf, 4, name="b")
    return tf.gradients(tf.reduce_sum(a), [a, b], unconnected_gradients="zero"), a


def mapped(tf):
    a = weights(tf, 3, 2)
    return [
        tf.map_fn(lambda row: tf.reduce_sum(row * a[0]), tf.ones([4, 2])),
        tf.scan(lambda state, row: state + row * a[1], tf.ones([4, 2]), tf.zeros([2])),
    ], a


def averaged(tf):
    a = weights(tf, 3)
    ema = tf.train.ExponentialMovingAverage(0.9, num_updates=3)
    with tf.control_dependencies([a.assign_add([1.0, 2.0, 3.0])]):
        moved = ema.apply([a])
    with tf.control_dependencies([moved]):
        return [ema.average(a).read_value()], a


def parts(tf):
    a = tf.get_variable(
        "parts",
        [7, 2],
        initializer=lambda shape, **_: tf.reshape(tf.range(0.0, shape[0] * 2.0), shape),
        partitioner=tf.fixed_size_partitioner(3),
        use_resource=True,
    )
    rows = tf.nn.embedding_lookup(a, [0, 4, 6], partition_strategy="div")
    grads = tf.gradients(tf.reduce_sum(rows * rows), list(a))
    return [tf.convert_to_tensor(a), rows, *map(tf.convert_to_tensor, grads)], next(iter(a))


def shapes(tf):
    a = tf.Variable(np.ones([2, 3], np.float32), shape=[None, 3], use_resource=True)
    with tf.control_dependencies([a.assign(np.ones([4, 3], np.float32))]):
        return [tf.shape(a), tf.raw_ops.VariableShape(input=a.handle), a.read_value()], a


PROGRAMS = [
    reads_at_their_place, a_value_is_not_a_reference, what_a_write_gives_reads_after_it,
    writes_in_turn, slices_and_counts, writes_in_a_branch, writes_in_a_loop, gradients_of_a_branch,
    gradients_of_a_loop, gradients_of_rows_read_in_a_loop, gradients_of_rows_and_of_all,
    second_gradients, unconnected, mapped, averaged, parts, shapes,
]  # fmt: skip


def values(tf, program, n_runs=2):
    """What each of some runs gives, and the variable after it."""
    with tf.Graph().as_default(), tf.Session() as sess:
        fetches, variable = program(tf)
        sess.run(tf.global_variables_initializer())
        found = []
        for _ in range(n_runs):
            found += [*sess.run(fetches), sess.run(variable)]
        return found


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_runs_are_tensorflows(mode, oracle, program):
    for ours, theirs in zip(values(gm, program), values(oracle, program), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6)


def trained(tf, make, sparse):
    """All variables after some steps, by name."""
    with tf.Graph().as_default(), tf.Session() as sess:
        table = tf.get_variable(
            "table", initializer=np.linspace(-1, 1, 18, dtype="f").reshape(6, 3), use_resource=True
        )
        bias = tf.get_variable("bias", initializer=np.ones(3, "f"), use_resource=True)
        rows = tf.nn.embedding_lookup(table, [0, 4, 4, 1]) if sparse else table
        loss = tf.reduce_sum((rows + bias) ** 2)
        step = tf.train.get_or_create_global_step()
        train = make(tf).minimize(loss, global_step=step)
        sess.run(tf.global_variables_initializer())
        for _ in range(4):
            sess.run(train)
        variables = tf.global_variables()
        return {variable.op.name: sess.run(variable) for variable in variables}


OPTIMIZERS = {
    "GradientDescent": lambda tf: tf.train.GradientDescentOptimizer(0.1),
    "Momentum": lambda tf: tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "Adam": lambda tf: tf.train.AdamOptimizer(0.1),
    "Adagrad": lambda tf: tf.train.AdagradOptimizer(0.1),
    "Adadelta": lambda tf: tf.train.AdadeltaOptimizer(0.5, epsilon=1e-3),
    "RMSProp": lambda tf: tf.train.RMSPropOptimizer(0.1, momentum=0.5),
    "centered": lambda tf: tf.train.RMSPropOptimizer(0.1, centered=True),
    "Ftrl": lambda tf: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01),
    "ProximalAdagrad": lambda tf: tf.train.ProximalAdagradOptimizer(0.1),
    "ProximalGradientDescent": lambda tf: tf.train.ProximalGradientDescentOptimizer(0.1),
}


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_is_tensorflows(mode, oracle, name, sparse):
    ours, theirs = (trained(tf, OPTIMIZERS[name], sparse) for tf in (gm, oracle))
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        np.testing.assert_allclose(value, theirs[key], rtol=1e-5, atol=1e-6, err_msg=key)


class Signs(gm.train.Optimizer):
    """A user's own optimizer, that knows resource variables alone."""

    def __init__(self):
        super().__init__(False, "Signs")

    def _resource_apply_dense(self, grad, handle):
        return handle.assign_sub(0.1 * gm.sign(grad))

    def _resource_apply_sparse(self, grad, handle, indices):
        return handle.scatter_sub(gm.IndexedSlices(gm.sign(grad), indices))


def test_an_optimizer_of_ones_own(mode):
    dense = gm.Variable([1.0, -1.0], use_resource=True)
    table = gm.Variable(np.ones((3, 2), "f"), use_resource=True)
    rows = gm.nn.embedding_lookup(table, [1, 1])
    train = Signs().minimize(gm.reduce_sum(dense**2) + gm.reduce_sum(rows))
    with gm.Session() as sess:
        sess.run(gm.global_variables_initializer())
        sess.run(train)
        np.testing.assert_allclose(sess.run(dense), [0.9, -0.9])
        np.testing.assert_allclose(sess.run(table), [[1, 1], [0, 0], [1, 1]])


# ---- the graph -----------------------------------------------------------------------------------


def one_variable(tf):
    tf.Variable([[1.0], [2.0]], name="v", use_resource=True)
    tf.Variable(lambda: tf.zeros([2]), use_resource=True)


def its_writes(tf):
    v = weights(tf, 3, 2)
    with tf.name_scope("s"):
        v.assign_add(np.ones((3, 2), np.float32))
        v.assign(np.ones((3, 2), np.float32))
        tf.assign_sub(v, tf.ones([3, 2]))
        v.scatter_add(tf.IndexedSlices(tf.ones([1, 2]), tf.constant([1])))
        v[1:].assign([[1.0, 1.0], [1.0, 1.0]])
    after = v.assign_add(tf.ones([3, 2]))
    after + 1.0
    tf.identity(after)


def its_reads(tf):
    v = weights(tf, 3, 2)
    v * 2.0
    v.read_value()
    1.0 - v
    tf.matmul(v, v, transpose_b=True)
    tf.gather_nd(v, [[0, 1]])
    tf.is_variable_initialized(v)
    with tf.control_dependencies([v]):
        tf.no_op()


def of_a_scope(tf):
    with tf.variable_scope("a", use_resource=True):
        tf.get_variable("b", [2, 3], initializer=tf.zeros_initializer())
        tf.get_variable("c", [2], use_resource=False, initializer=tf.zeros_initializer())
        with tf.variable_scope("d"):
            tf.Variable([1.0], name="e")
    tf.get_variable(
        "p",
        [4, 2],
        use_resource=True,
        partitioner=tf.fixed_size_partitioner(2),
        initializer=tf.ones_initializer(),
    )


def saved(tf):
    weights(tf, 3, 2)
    tf.Variable([1.0], name="r", use_resource=False)
    tf.train.Saver()


def steps_of(name):
    def build(tf):
        step = tf.Variable(0, name="step", use_resource=True, trainable=False)
        v = weights(tf, 3, 2)
        OPTIMIZERS[name](tf).apply_gradients([(tf.ones([3, 2]), v)], global_step=step)

    build.__name__ = name
    return build


GRAPHS = [
    one_variable, its_writes, its_reads, of_a_scope, saved,
    *[steps_of(name) for name in OPTIMIZERS if name != "Ftrl"],
]  # fmt: skip


def nodes(tf, build):
    with tf.Graph().as_default() as graph:
        build(tf)
        return [
            (
                op.name,
                op.type,
                [tensor.name for tensor in op.inputs],
                sorted(control.name for control in op.control_inputs),
                [tensor.dtype.name for tensor in op.outputs],
            )
            for op in graph.get_operations()
        ]


@pytest.mark.parametrize("build", GRAPHS, ids=lambda build: build.__name__)
def test_nodes_are_tensorflows(oracle, build):
    ours, theirs = nodes(gm, build), nodes(oracle, build)
    assert ours == theirs


# ---- what Python sees ----------------------------------------------------------------------------

SEEN = [
    "v",
    "v.name",
    "v.dtype",
    "v.op.type",
    "v.handle.dtype",
    "v.handle.shape",
    "v.shape",
    "v.get_shape().as_list()",
    "v.initializer.name",
    "v.initializer.type",
    "v.value().name",
    "v.assign_add(v).name",
    "v.assign(v * 2.0).op.type",
    "v.assign(v * 2.0, read_value=False).type",
    "v.trainable",
    "tf.convert_to_tensor(v).op.type",
    "v.to_proto().is_resource",
    "v.to_proto().snapshot_name",
    "v.to_proto().variable_name",
    "v.to_proto().initializer_name",
    "v.to_proto().trainable",
    "tf.cast(v, tf.float32) is v",
]


def test_what_it_says_is_tensorflows(oracle, outcome):
    def said(tf):
        with tf.Graph().as_default():
            v = weights(tf, 2, 3)
            return [outcome(expression, v=v, tf=tf) for expression in SEEN]

    for expression, ours, theirs in zip(SEEN, said(gm), said(oracle), strict=True):
        if "tf." in str(ours):  # a repr, with `tf.` or without
            ours, theirs = ours[1:], theirs[1:]
        assert ours == theirs, expression


def test_classes_and_kinds():
    from graphmode.python.ops import resource_variable_ops, variables

    plain, by_handle = gm.Variable(1.0), gm.Variable(1.0, use_resource=True)
    positional = gm.Variable(1.0, True, None, True, None, None, None, None, None, None, None, True)
    after = by_handle.assign(2.0)
    assert type(by_handle) is type(positional) is resource_variable_ops.ResourceVariable
    assert type(plain) is variables.RefVariable
    assert isinstance(by_handle, gm.Variable)
    assert isinstance(after, resource_variable_ops.BaseResourceVariable)
    assert not isinstance(after, resource_variable_ops.ResourceVariable)
    found = [resource_variable_ops.is_resource_variable(v) for v in (plain, by_handle, after)]
    assert found == [False, True, True]


def test_resource_variables_by_default():
    assert not gm.resource_variables_enabled()
    gm.enable_resource_variables()
    try:
        assert gm.resource_variables_enabled()
        made = gm.Variable(1.0), gm.get_variable("a", []), gm.Variable(1.0, use_resource=False)
        with gm.variable_scope("scope", use_resource=False):
            scoped = gm.get_variable("b", [])
    finally:
        gm.disable_resource_variables()
    later = gm.Variable(1.0)
    types = [variable.op.type for variable in (*made, scoped, later)]
    assert types == ["VarHandleOp", "VarHandleOp", "VariableV2", "VariableV2", "VariableV2"]


def test_creators_are_told_and_decide():
    asked = []

    def creator(make, **arguments):
        asked.append(arguments["use_resource"])
        return make(**{**arguments, "use_resource": True})

    with gm.variable_creator_scope(creator):
        made = gm.Variable(1.0), gm.Variable(1.0, use_resource=False)
    assert asked == [None, False]
    assert [variable.op.type for variable in made] == ["VarHandleOp"] * 2


def test_a_variable_of_a_protobuf(mode):
    v = gm.Variable([1.0, 2.0], use_resource=True, name="v", trainable=False)
    again = gm.Variable.from_proto(v.to_proto())
    assert again.handle is v.handle
    assert not again.trainable
    with gm.Session() as sess:
        sess.run(again.initializer)
        np.testing.assert_allclose(sess.run(again.assign_add([1.0, 1.0])), [2, 3])
        np.testing.assert_allclose(sess.run([again, v.read_value()]), [[2, 3]] * 2)
    plain = gm.Variable(1.0).to_proto()
    with pytest.raises(ValueError, match="Trying to restore Variable as ResourceVariable"):
        type(v).from_proto(plain)


def test_what_does_not_fit_is_refused(mode):
    v = gm.Variable(np.ones((2, 3), "f"), use_resource=True, name="v")
    with pytest.raises(NotImplementedError, match="does not implement set_shape"):
        v.set_shape([2, 3])
    with pytest.raises(ValueError, match=r"Shapes \(2, 3\) and \(3,\) are incompatible"):
        v.assign(np.ones(3))
    with pytest.raises(TypeError, match="needs the handle of a resource variable"):
        gm.raw_ops.ReadVariableOp(resource=gm.constant(1.0))
    with pytest.raises(TypeError, match="variable of type float32 that does not match type int32"):
        gm.raw_ops.ReadVariableOp(resource=v.handle, dtype=gm.int32)
    with pytest.raises(ValueError, match="initial value's shape"):
        gm.Variable([1.0, 2.0], shape=[3], use_resource=True)
    fed = gm.placeholder(gm.float32, None)
    written = gm.raw_ops.AssignVariableOp(resource=v.handle, value=fed)
    read = gm.gather(v, gm.placeholder_with_default([5], None))
    with gm.Session() as sess:
        with pytest.raises(gm.errors.FailedPreconditionError, match="resource variable v from"):
            sess.run(v)
        sess.run(v.initializer)
        with pytest.raises(gm.errors.InvalidArgumentError, match=r"Expected \[2,3\] got \[4\]"):
            sess.run(written, {fed: [1.0] * 4})
        with pytest.raises(gm.errors.InvalidArgumentError, match=r"= 5 is not in \[0, 2\)"):
            sess.run(read)


def test_initial_values_of_other_variables(mode):
    a = gm.Variable([1.0, 2.0], use_resource=True)
    b = gm.Variable(a.initialized_value() * 3.0, use_resource=True)
    c = gm.get_variable("c", initializer=lambda: b.initialized_value() + 1.0, use_resource=True)
    with gm.Session() as sess:
        sess.run(gm.global_variables_initializer())
        np.testing.assert_allclose(sess.run([b, c]), [[3, 6], [4, 7]])
        assert sess.run(gm.report_uninitialized_variables()).tolist() == []


def test_a_value_is_taken_away_and_given_again(mode):
    v = gm.Variable([1.0, 2.0], use_resource=True)
    destroy = gm.raw_ops.DestroyResourceOp(resource=v.handle)
    there = gm.is_variable_initialized(v)
    with gm.Session() as sess:
        assert not sess.run(there)
        v.load([3.0, 4.0], sess)
        assert sess.run([there, v])[0]
        sess.run(destroy)
        assert not sess.run(there)
        sess.run(destroy)
        sess.run(v.initializer)
        np.testing.assert_allclose(sess.run(v), [1, 2])


def test_a_read_may_be_fed(mode):
    v = gm.Variable([1.0, 2.0], use_resource=True)
    read = v.read_value()
    with gm.Session() as sess:
        np.testing.assert_allclose(sess.run(read * 2.0, {read: [3.0, 4.0]}), [6, 8])


# ---- checkpoints ---------------------------------------------------------------------------------


def model(tf, use_resource):
    tf.get_variable(
        "a", initializer=np.arange(6, dtype="f").reshape(2, 3), use_resource=use_resource
    )
    tf.get_variable("n", initializer=np.int64(7), use_resource=use_resource)
    tf.get_variable(
        "p",
        [5, 2],
        initializer=tf.ones_initializer(),
        partitioner=tf.fixed_size_partitioner(2),
        use_resource=use_resource,
    )
    return tf.train.Saver()


def checkpoint(tf, use_resource, folder):
    with tf.Graph().as_default(), tf.Session() as sess:
        saver = model(tf, use_resource)
        sess.run(tf.global_variables_initializer())
        return saver.save(sess, str(folder / "model"), write_meta_graph=False)


def test_checkpoints_are_tensorflows(mode, tmp_path, oracle):
    paths = {}
    for name, tf, use_resource in (("ours", gm, True), ("ref", gm, False), ("tf", oracle, True)):
        folder = tmp_path / name
        folder.mkdir()
        paths[name] = checkpoint(tf, use_resource, folder)
    files = {name: (tmp_path / name / "model.data-00000-of-00001").read_bytes() for name in paths}
    assert files["ours"] == files["ref"] == files["tf"]
    listed = [oracle.train.list_variables(path) for path in paths.values()]
    assert listed[0] == listed[1] == listed[2] == [("a", [2, 3]), ("n", []), ("p", [5, 2])]
    for tf, use_resource, path in (
        (gm, True, paths["tf"]), (gm, True, paths["ref"]), (gm, False, paths["ours"]),
        (oracle, True, paths["ours"]),
    ):  # fmt: skip
        with tf.Graph().as_default(), tf.Session() as sess:
            model(tf, use_resource).restore(sess, path)
            a, n = sess.run([v for v in tf.global_variables() if v.op.name in "an"])
            np.testing.assert_allclose(a, np.arange(6).reshape(2, 3))
            assert n == 7


def test_a_variable_starts_from_a_checkpoint(mode, tmp_path):
    path = checkpoint(gm, False, tmp_path)
    with gm.Graph().as_default(), gm.Session() as sess:
        v = gm.get_variable("b", [2, 3], use_resource=True)
        gm.train.init_from_checkpoint(path, {"a": v})
        sess.run(gm.global_variables_initializer())
        np.testing.assert_allclose(sess.run(v), np.arange(6).reshape(2, 3))


@pytest.mark.parametrize("use_resource", [False, True])
def test_slots_of_parts_have_names_of_their_own(tmp_path, oracle, use_resource):
    listed = []
    for name, tf in (("ours", gm), ("theirs", oracle)):
        with tf.Graph().as_default(), tf.Session() as sess:
            whole = tf.get_variable(
                "p", [5, 2], partitioner=tf.fixed_size_partitioner(2), use_resource=use_resource
            )
            loss = tf.reduce_sum(tf.convert_to_tensor(whole) ** 2)
            tf.train.AdamOptimizer().minimize(loss)
            sess.run(tf.global_variables_initializer())
            path = tf.train.Saver().save(sess, str(tmp_path / name), write_meta_graph=False)
            listed.append(oracle.train.list_variables(path))
    assert listed[0] == listed[1]
    assert dict(listed[0])["p/Adam_1"] == [5, 2]


def test_their_elements_are_counted():
    gm.get_variable("v", [3, 4], use_resource=True)
    options = gm.profiler.ProfileOptionBuilder(
        gm.profiler.ProfileOptionBuilder.trainable_variables_parameter()
    )
    counted = gm.profiler.profile(options=options.with_empty_output().build())
    assert counted.total_parameters == 12
