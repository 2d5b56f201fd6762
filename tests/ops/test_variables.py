"""`tf.Variable` and the ops that write: nodes, texts and values, as TensorFlow's."""

import numpy as np
import pytest

import graphmode as gm


@pytest.fixture
def sess():
    with gm.Graph().as_default(), gm.Session() as session:
        yield session


def attributes(op, names):
    """Attributes of a node, in either library."""
    found = (
        op.attrs if hasattr(op, "attrs") else {key: op.get_attr(key) for key in op.node_def.attr}
    )
    return {key: str(found[key]) for key in names if key in found}


def nodes(tf, build):
    """What `build` adds to a fresh graph: name, type, inputs, control inputs, attributes."""
    with tf.Graph().as_default() as graph:
        build(tf)
        return [
            (
                op.name,
                op.type,
                [tensor.name for tensor in op.inputs],
                sorted(control.name for control in op.control_inputs),
                attributes(op, ("T", "dtype", "_class", "validate_shape", "use_locking", "limit")),
                [str(tensor.dtype.name) for tensor in op.outputs],
            )
            for op in graph.get_operations()
        ]


def writes(tf):
    v = tf.Variable([1.0, 2.0, 3.0], name="v")
    v.assign([4.0, 5.0, 6.0])
    v.assign_add([1.0, 1.0, 1.0])
    tf.assign_sub(v, [1.0, 1.0, 1.0], use_locking=True)
    tf.assign(v, [1.0, 2.0], validate_shape=False, name="other")
    tf.scatter_update(v, [0], [2.0])
    tf.scatter_nd_add(v, [[0], [2]], [2.0, 3.0])
    v.scatter_sub(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0])))


def reads(tf):
    v = tf.Variable([1.0, 2.0, 3.0], name="v")
    with tf.control_dependencies([v.op]):
        v.value()
        v.read_value()
    tf.identity(v)
    np.array([1.0, 2.0, 3.0], np.float32) * v
    1 + v - v * 2.0
    v[1]


def kinds(tf):
    tf.Variable(tf.zeros([3, 4]), name="of_tensor")
    tf.Variable([1.0, 2.0], name="of_list")
    tf.Variable(lambda: tf.ones([2]), name="of_function")
    tf.Variable(3, trainable=False)
    tf.Variable("text")
    with tf.name_scope("scope"):
        tf.Variable(2.5, name="v")
    with tf.control_dependencies([tf.constant(1.0).op]):
        tf.Variable(2.5, name="v")
    shapeless = tf.placeholder(tf.float32, [None, 2])
    tf.Variable(shapeless, validate_shape=False, name="free")
    tf.Variable(1.0, caching_device="/cpu:0", name="cached")
    tf.Variable(0, name="n").count_up_to(3)


def initializers(tf):
    a = tf.Variable(1.0, name="a")
    tf.Variable(2.0, name="b", collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False)
    tf.global_variables_initializer()
    tf.local_variables_initializer()
    tf.variables_initializer([a], name="some")
    tf.variables_initializer([])
    tf.tables_initializer()
    tf.is_variable_initialized(a)


@pytest.mark.parametrize("build", [writes, reads, kinds, initializers])
def test_nodes_are_tensorflows(oracle, build):
    assert nodes(gm, build) == nodes(oracle, build)


@pytest.mark.parametrize(
    "expression",
    [
        "v",
        "str(v)",
        "v.name, v.op, v.dtype, v.shape, v.get_shape(), v.device, v.trainable",
        "v.initializer, v.initial_value, v.value(), v._ref(), v._as_graph_element()",
        "v.graph is tf.get_default_graph()",
        "v == v, v != v, v == 1.0",
        "tf.convert_to_tensor(v), tf.convert_to_tensor(v, name='z')",
        "tf.convert_to_tensor(v, dtype=tf.int32)",
        "tf.Variable(None)",
        "tf.Variable()",
        "tf.Variable(1.0, collections='x')",
        "tf.Variable(1.0, constraint=3)",
        "tf.Variable(tf.constant([1, 2]), dtype=tf.float32)",
        "tf.Variable([1, 2], dtype=tf.float32, name='w')",
        "tf.Variable(tf.placeholder(tf.float32, [None, 2]))",
        "tf.global_variables(), tf.trainable_variables(), tf.local_variables()",
        "tf.global_variables('v'), tf.global_variables('w')",
        "v.load([1.0, 2.0, 3.0])",
    ],
)
def test_reprs_and_refusals_are_tensorflows(oracle, outcome, expression):
    results = []
    for tf in (gm, oracle):
        with tf.Graph().as_default():
            v = tf.Variable([1.0, 2.0, 3.0], name="v")
            results.append(outcome(expression, tf=tf, v=v))
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (lambda v: v.assign([1.0]), "Dimension 0 in both shapes must be equal, but are 3 and 1"),
        (lambda v: v.assign([[1.0]]), "Shapes must be equal rank, but are 1 and 2"),
        (lambda v: v.assign_add([1.0]), r"Shapes are \[3\] and \[1\]"),
        (
            lambda v: gm.scatter_update(v, [0], [[2.0]]),
            "Shapes must be equal rank, but are 2 and 1",
        ),
        (lambda v: gm.assign(v.value(), [1.0, 2.0, 3.0]), "requires that input 'ref' be a mutable"),
        (lambda v: v.assign(gm.constant([1, 2, 3])), "has type int32 that does not match type flo"),
        (
            lambda v: v.count_up_to(3),
            "DataType float32 not in list of allowed values: int32, int64",
        ),
        (lambda v: list(v), "'Variable' object is not iterable"),
        (lambda v: v.scatter_add([1.0]), "sparse_delta is not IndexedSlices"),
    ],
)
def test_a_write_that_cannot_fit_is_refused(sess, write, text):
    with pytest.raises((TypeError, ValueError), match=text):
        write(gm.Variable([1.0, 2.0, 3.0], name="v"))


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (
            lambda v, p: v.assign(p),
            [1.0, 2.0],
            r"Assign requires shapes of both tensors to match. lhs shape= \[3\] rhs shape= \[2\]",
        ),
        (lambda v, p: v.assign_add(p), 1.0, "Parameters and update must be the same size"),
        (
            lambda v, p: gm.scatter_add(v, [1, 3], p),
            [1.0, 2.0],
            r"indices\[1\] = 3 is not in \[0, 3\)",
        ),
        (lambda v, p: gm.scatter_add(v, [[0, -1]], p), [[1.0, 2.0]], r"indices\[0,1\] = -1 is not"),
        (
            lambda v, p: gm.scatter_add(v, [0], p),
            [1.0, 2.0],
            r"updates.shape \[2\], indices.shape \[1\], params.shape \[3\]",
        ),
        (
            lambda v, p: gm.scatter_nd_update(v, [[0], [3]], p),
            [1.0, 2.0],
            r"indices\[1\] = \[3\] does not index into shape \[3\]",
        ),
        (
            lambda v, p: gm.scatter_nd_update(v, [[0]], p),
            [1.0, 2.0],
            r"The outermost dimension of updates and indices must match. Got indices.shape \[1,1\]",
        ),
    ],
)
def test_a_failed_write_names_what_met_and_changes_nothing(mode, sess, write, value, text):
    v = gm.Variable([1.0, 2.0, 3.0], name="v")
    fed = gm.placeholder(gm.float32)
    op = write(v, fed)
    sess.run(v.initializer)
    for _ in range(3):
        with pytest.raises(gm.errors.InvalidArgumentError, match=text):
            sess.run(op, {fed: value})
    np.testing.assert_array_equal(sess.run(v), [1.0, 2.0, 3.0])


def test_count_up_to_gives_the_value_before_and_stops(mode, sess):
    n = gm.Variable(0, name="n")
    count = n.count_up_to(3)
    sess.run(n.initializer)
    assert [sess.run(count) for _ in range(3)] == [0, 1, 2]
    for _ in range(2):
        with pytest.raises(gm.errors.OutOfRangeError, match="Reached limit of 3"):
            sess.run(count)
    assert sess.run([n, gm.identity(n)]) == [3, 3]


def test_an_initial_value_may_depend_on_variables(sess):
    a = gm.Variable([1.0, 2.0], name="a")
    b = gm.Variable(a * 3.0, name="b")
    c = gm.Variable(b.initialized_value() + a, name="c")
    sess.run(gm.global_variables_initializer())
    np.testing.assert_array_equal(sess.run(b), [3.0, 6.0])
    np.testing.assert_array_equal(sess.run(c), [4.0, 8.0])
    # Once they are initialised their values count.
    a.load([10.0, 20.0], sess)
    sess.run([b.initializer])
    np.testing.assert_array_equal(sess.run(b), [30.0, 60.0])


def test_initialising_one_variable_of_a_chain_needs_no_other(sess):
    a = gm.Variable(2.0)
    b = gm.Variable(a + 1.0)
    sess.run(b.initializer)
    assert sess.run(b) == 3.0
    with pytest.raises(gm.errors.FailedPreconditionError, match="uninitialized value Variable\n"):
        sess.run(a)


def test_a_random_initial_value_is_drawn_once_in_a_run(sess):
    a = gm.Variable(gm.random_uniform([4]), name="a")
    b = gm.Variable(a.initialized_value(), name="b")
    sess.run(gm.global_variables_initializer())
    np.testing.assert_array_equal(*sess.run([a, b]))


def test_uninitialized_variables_are_reported(sess):
    a, b = gm.Variable(1.0, name="a"), gm.Variable(2.0, name="b")
    missing = gm.report_uninitialized_variables()
    ready = gm.assert_variables_initialized([a, b])
    sess.run(a.initializer)
    assert sess.run(missing).tolist() == [b"b"]
    assert sess.run([gm.is_variable_initialized(v) for v in (a, b)]) == [True, False]
    with pytest.raises(gm.errors.FailedPreconditionError, match="uninitialized value b"):
        sess.run(ready)
    sess.run(b.initializer)
    assert sess.run(missing).tolist() == []
    sess.run(ready)


def test_validate_shape_false_lets_the_shape_change(sess):
    v = gm.Variable(gm.zeros([2]), validate_shape=False)
    sess.run(v.initializer)
    assert v.shape.ndims is None
    assert sess.run(gm.assign(v, [[1.0, 2.0, 3.0]], validate_shape=False)).shape == (1, 3)
    assert sess.run(v).shape == (1, 3)


def test_no_gradient_flows_through_a_write(oracle):
    for tf in (gm, oracle):
        with tf.Graph().as_default():
            v, x = tf.Variable([1.0, 2.0]), tf.placeholder(tf.float32, [2])
            assert tf.gradients(tf.assign(v, x) * 2.0, [x, v]) == [None, None]
            assert tf.gradients(tf.scatter_add(v, [0, 1], x), x) == [None]


# ---- the order of reads and writes ---------------------------------------------------------------


def ordered_program(tf, seed):
    """A random chain of reads and writes, each after the one before by control edges."""
    rng = np.random.default_rng(seed)
    one = tf.placeholder_with_default(tf.constant(1.0), [])
    variables = [tf.Variable(rng.normal(size=3).astype(np.float32)) for _ in range(2)]
    fetches, last = [], []

    def read(variable):
        # The product is a copy: TensorFlow's read alone would share the variable's memory.
        return variable.read_value() * one

    for _ in range(rng.integers(4, 12)):
        target, source = variables[rng.integers(2)], variables[rng.integers(2)]
        number = rng.normal(size=3).astype(np.float32)
        with tf.control_dependencies(last):
            kind = rng.integers(6)
            if kind == 0:
                step = read(source)
                fetches.append(step)
            elif kind == 1:
                step = target.assign(number)
            elif kind == 2:
                step = target.assign_add(number)
            elif kind == 3:
                step = target.assign_sub(read(source))
            elif kind == 4:
                step = tf.scatter_update(target, [int(rng.integers(3))], number[:1])
            else:
                step = target.assign(read(source) * number)
        last = [step]
    return variables, fetches, last


def run_ordered(tf, seed):
    with tf.Graph().as_default(), tf.Session() as session:
        variables, fetches, last = ordered_program(tf, seed)
        session.run(tf.global_variables_initializer())
        values = []
        for _ in range(2):
            values += session.run([*fetches, last])[: len(fetches)]
            values += session.run(variables)
        return values


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_ordered_reads_and_writes_give_tensorflows_values(oracle, first):
    for seed in range(first, first + 40):
        for ours, theirs in zip(run_ordered(gm, seed), run_ordered(oracle, seed), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6, err_msg=f"seed {seed}")


@pytest.mark.parametrize("seed", range(6))
def test_ordered_reads_and_writes_compile_to_the_same(monkeypatch, seed):
    interpreted = run_ordered(gm, seed)
    monkeypatch.setenv("GRAPHMODE_MODE", "compiled")
    for compiled, expected in zip(run_ordered(gm, seed), interpreted, strict=True):
        np.testing.assert_allclose(compiled, expected, rtol=1e-6, atol=1e-6)


def test_a_read_that_nothing_orders_sees_the_value_before_the_run(mode, sess):
    v = gm.Variable([1.0, 2.0], name="v")
    sess.run(v.initializer)
    doubled = v * 2.0
    written = v.assign_add([10.0, 10.0])
    with gm.control_dependencies([written]):
        after = v.read_value() + 0.5
    before, later, end = sess.run([doubled, after, v])
    np.testing.assert_array_equal(before, [2.0, 4.0])
    np.testing.assert_array_equal(later, [11.5, 12.5])
    np.testing.assert_array_equal(end, [11.0, 12.0])


SLICES = [
    (np.s_[:], np.ones((2, 3))),
    (np.s_[1:2, 1:2], [[66]]),
    (np.s_[1:2, 1], [66]),
    (np.s_[1, 1], 66),
    (np.s_[:, None, :], [[[10, 20, 30]], [[40, 50, 60]]]),
    (np.s_[None, None, 0, 0:1], [[[99]]]),
    (np.s_[::1, ::-2], [[3, 33], [4, 44]]),
    (np.s_[8:10, 0], []),
    (np.s_[8:10, 8:10], [[]]),
    (np.s_[..., -1], [7, 8]),
]


@pytest.mark.parametrize("dtype", ["int32", "float32", "complex64", "bool"])
@pytest.mark.parametrize(("index", "value"), SLICES)
def test_a_slice_is_assigned(index, value, dtype, sess):
    start = np.array([[1, 2, 3], [4, 5, 0]]).astype(dtype)
    value = np.array(value).astype(dtype)
    expected = start.copy()
    expected[index] = value
    v = gm.Variable(start)
    written = [v[index].assign(value), gm.assign(v[index], value)]
    for write in written:
        sess.run(v.initializer)
        assert np.array_equal(sess.run(write), expected)
        assert np.array_equal(sess.run(v), expected)


def test_a_slice_is_assigned_in_both_modes(mode):
    v = gm.Variable([1.0, 2.0, 3.0, 4.0], name="v")
    x, i = gm.placeholder(gm.float32), gm.placeholder(gm.int32, [])
    write, at_fed = v[1:3].assign(x), v[i].assign(9.0)
    assert write.shape == (4,) and write.op.type == "StridedSliceAssign"
    with gm.Session() as sess:
        with pytest.raises(gm.errors.FailedPreconditionError, match="uninitialized value v"):
            sess.run(write, {x: [7, 8]})
        sess.run(v.initializer)
        assert sess.run(write, {x: [7, 8]}).tolist() == [1, 7, 8, 4]
        assert sess.run(at_fed, {i: 3}).tolist() == [1, 7, 8, 9]
        with pytest.raises(gm.errors.InvalidArgumentError, match=r"slice has the shape \[2\]"):
            sess.run(write, {x: [7]})
        assert sess.run(v).tolist() == [1, 7, 8, 9]


def test_only_slices_of_variables_are_assigned():
    with pytest.raises(ValueError, match="Sliced assignment is only supported for variables"):
        gm.constant([1, 2, 3])[:2].assign([1, 2])
    v = gm.Variable([1, 2])
    with pytest.raises(TypeError):
        v[:].assign(gm.constant([3, 4], gm.int64))
    scalar = gm.Variable(222)
    written = [scalar[()].assign(6), scalar[...].assign(6), scalar[None].assign([6])]
    with gm.Session() as sess:
        for write in written:
            sess.run(scalar.initializer)
            assert sess.run(write) == 6


def test_parts_of_a_variable_are_read_and_written_as_in_tensorflow(oracle, mode):
    start = np.arange(24, dtype=np.float32).reshape(2, 3, 4)

    def answers(tf, options):
        with tf.Graph().as_default(), tf.Session(**options) as sess:
            v = tf.get_variable("v", initializer=start, use_resource=True)
            read = [v.sparse_read([1, 0, 1]), v.gather_nd([[1, 2], [0, 0]])]
            read += tf.gradients(v.gather_nd([[1, 2], [1, 2]]), v)
            indices = np.int64([[[3, 0]] * 3, [[1, 2]] * 3])
            written = tf.IndexedSlices(-np.ones((2, 3, 2), np.float32), indices)
            sess.run(v.initializer)
            seen = sess.run(read)
            seen[2] = tf.convert_to_tensor(read[2]).eval()
            seen.append(sess.run(v.batch_scatter_update(written)))
            rows = tf.IndexedSlices(np.zeros((1, 3, 4), np.float32), [1])
            return [*seen, sess.run(v.batch_scatter_update(rows))]

    ours, theirs = answers(gm, {"mode": mode}), answers(oracle, {})
    for value, expected in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(value, expected)


def test_a_batch_of_unknown_rank_is_refused():
    with gm.Graph().as_default():
        v = gm.Variable([[1.0, 2.0]])
        with pytest.raises(ValueError, match="does not allow indices with unknown shape"):
            gm.batch_scatter_update(v, gm.placeholder(gm.int32), [[3.0]])


@pytest.mark.parametrize("strategy", ["mod", "div"])
def test_parts_of_a_variable_are_looked_up_as_a_list_is(strategy, mode):
    """By default row i is in part i % n: what TensorFlow finds, whatever the partitioner meant."""
    table = np.arange(14, dtype=np.float32).reshape(7, 2)
    ids = [[0, 3], [6, 1]]
    with gm.Graph().as_default(), gm.Session() as session:
        whole = gm.get_variable(
            "v", initializer=gm.constant(table), partitioner=gm.fixed_size_partitioner(3)
        )
        parts = [table[:3], table[3:5], table[5:]]
        place = {"mod": lambda i: parts[i % 3][i // 3], "div": lambda i: table[i]}[strategy]
        ids_in = [i for row in ids for i in row if strategy == "div" or i // 3 < len(parts[i % 3])]
        rows = gm.nn.embedding_lookup(whole, ids_in, partition_strategy=strategy)
        sparse = gm.SparseTensor([[0, 0], [1, 0]], gm.constant([3, 1], gm.int64), [2, 1])
        means = gm.nn.embedding_lookup_sparse(whole, sparse, None, strategy, combiner="mean")
        gradients = gm.gradients(gm.reduce_sum(rows), list(whole))
        session.run(gm.global_variables_initializer())
        np.testing.assert_array_equal(session.run(rows), [place(i) for i in ids_in])
        np.testing.assert_array_equal(session.run(means), [place(3), place(1)])
        assert all(isinstance(gradient, gm.IndexedSlices) for gradient in gradients)


def test_weights_of_another_dtype_than_the_table():
    ids = gm.SparseTensor([[0, 0]], gm.constant([1], gm.int64), [1, 1])
    weights = gm.SparseTensor([[0, 0]], gm.constant([1.0]), [1, 1])
    table = gm.constant([[1.0], [2.0]], gm.float64)
    with pytest.raises(ValueError, match="requested dtype float32 for Tensor with dtype float64"):
        gm.nn.safe_embedding_lookup_sparse(table, ids, weights)
