"""Sessions that run by several tasks: two parameter servers and two workers, all of this process.

Between two tasks of one process everything goes over gRPC as it does between two machines.
"""

import threading

import numpy as np
import pytest
from tests.cluster.places import on, remote_target

import graphmode as tf
from graphmode.cluster.arrays import Held
from graphmode.cluster.cluster_spec import TaskName
from graphmode.cluster.passing import Passing


@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (300, 1000)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "complex64", "bfloat16", "string"])
def test_values_cross_as_they_are(worker, shape, dtype):
    if dtype == "string":
        value = np.empty(shape, object)
        value[...] = b"\x00word"
    else:
        kind = tf.as_dtype(dtype).as_numpy_dtype
        value = (np.arange(np.prod(shape, dtype=int)).reshape(shape) % 7).astype(kind)
    x = tf.placeholder(dtype, shape)
    with on("ps"):
        y = tf.identity(x)
    with on("worker"):
        z = tf.identity(y)
    with tf.Session(worker) as sess:
        first, second = sess.run([y, z], {x: value})
    for found in (first, second):
        assert np.shape(found) == shape and np.array_equal(np.asarray(found, value.dtype), value)
    if shape:
        first[...] = second  # both are the caller's


def test_ops_wait_for_each_other_across_tasks(worker):
    with on("ps", 0):
        a = tf.get_variable("a", [], initializer=tf.zeros_initializer())
    with on("ps", 1):
        b = tf.get_variable("b", [], initializer=tf.zeros_initializer())
    set_a = a.assign(3.0)
    with tf.control_dependencies([set_a]), on("worker"):
        after = a * 2.0
    with tf.control_dependencies([b.assign(after)]), on("ps", 0):
        last = a.assign_add(b)
    with tf.control_dependencies([tf.group(last)]):
        done = tf.identity(b) + 1.0
    with tf.Session(worker) as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run([after, last, done]) == [6.0, 9.0, 7.0]
        assert sess.run([a, b]) == [9.0, 6.0]
        assert sess.run(done, {after: 10.0}) == 11.0


@pytest.mark.parametrize("is_far", [False, True])
def test_a_variable_is_read_before_and_after_it_is_written(worker, is_far):
    with on("ps"):
        v = tf.get_variable("v", [], initializer=tf.ones_initializer())
        add = v.assign_add(2.0)
    before = v * 10.0
    with tf.control_dependencies([tf.identity(add)]):
        after = v * 100.0
    with tf.Session(remote_target(worker) if is_far else worker) as sess:
        sess.run(v.initializer)
        assert sess.run(after) == 300
        found = sess.run([before, after, tf.identity(after) + before * 0])
        assert found[0] in (30, 50) and found[1:] == [500, 500]


def test_branches_and_loops(worker):
    with on("ps"):
        v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
        r = tf.get_variable("r", [3], initializer=tf.ones_initializer(), use_resource=True)
    p = tf.placeholder(tf.bool, [])
    changed = tf.cond(p, lambda: v.assign_add(2.0), lambda: tf.identity(v))
    doubled = tf.cond(p, lambda: r * 2.0, lambda: r * 1.0)
    total = tf.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + v), [0, 0.0])[1]
    with on("ps", 1):
        squares = tf.map_fn(tf.square, r + 1.0)
    slope = tf.gradients(tf.reduce_sum(squares), r.handle)[0]
    with tf.Session(worker) as sess:
        sess.run(tf.global_variables_initializer())
        assert sess.run([changed, doubled], {p: True})[1].tolist() == [2.0] * 3
        assert sess.run(v) == 2 and sess.run(changed, {p: False}) == 2 and sess.run(total) == 8
        assert sess.run(squares).tolist() == [4.0] * 3 and sess.run(slope).tolist() == [4.0] * 3


def test_rows_of_an_embedding_are_looked_up_and_updated_where_it_is(worker):
    with on("ps", 1):
        table = tf.get_variable("table", [1000, 4], initializer=tf.ones_initializer())
    ids = tf.placeholder(tf.int32, [None])
    rows = tf.nn.embedding_lookup(table, ids)
    loss = tf.reduce_sum(rows)
    train = tf.train.AdagradOptimizer(0.1).minimize(loss)
    with tf.Session(worker) as sess:
        sess.run(tf.global_variables_initializer())
        before = sess.run(rows, {ids: [1, 2]})
        sess.run(train, {ids: [1, 1]})
        after = sess.run(rows, {ids: [1, 2]})
        assert (after[0] < before[0]).all() and (after[1] == before[1]).all()


@pytest.mark.parametrize("is_far", [False, True])
def test_large_values_go_from_task_to_task(servers, worker, is_far, monkeypatch):
    """What two other tasks need of each other does not pass through the session."""
    asked = []
    messages = Passing.messages

    def counted(self, key):
        asked.append(self._name)
        return messages(self, key)

    monkeypatch.setattr(Passing, "messages", counted)
    with on("ps", 0):
        v = tf.get_variable("v", [300, 700], initializer=tf.ones_initializer())
        text = tf.fill([70000], "word")
    with on("ps", 1):
        w = tf.get_variable("w", [100000], initializer=tf.ones_initializer())
        small = w[:10]
    with on("worker", 1):
        total = tf.reduce_sum(v) + tf.reduce_sum(w) + tf.reduce_sum(small)
        doubled = v * 2.0
        length = tf.reduce_sum(tf.strings.length(text))
    with on("ps", 0):
        set_v = v.assign(doubled)
    with tf.Session(remote_target(worker) if is_far else worker) as sess:
        sess.run([v.initializer, w.initializer])
        del asked[:]
        for _ in range(2):
            assert sess.run([total, length]) == [310010, 280000]
        ps0, ps1, worker1 = (servers[it]._task.name for it in (("ps", 0), ("ps", 1), ("worker", 1)))
        assert sorted(asked) == [ps0, ps0, ps1, ps1]
        assert not any(server._task.passing._held for server in servers.values())
        del asked[:]
        sess.run(set_v.op)
        assert asked == [ps0, worker1]
        del asked[:]
        _, given = sess.run([doubled, "v/read:0"])  # the session is given it in any case
        assert asked == [] and given.max() == 2


def test_a_value_that_nobody_holds(servers):
    passing = servers["worker", 1]._task.passing
    with pytest.raises(tf.errors.AbortedError, match=r"does not hold the value.*\n  at /job:ps/.*"):
        passing.fetched([Held(servers["ps", 0]._task.name, "none")], 5.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="is no task that /job:worker"):
        passing.fetched([Held(TaskName("moon", 0), "none")], 5.0)


def test_a_value_is_not_held_on_where_its_run_ends_while_it_is_fetched(servers):
    passing = Passing(servers["worker", 1]._task.cluster, TaskName("worker", 1))
    held = passing.held(np.zeros(1 << 18, np.uint8), 2)
    ends = threading.Thread(target=passing.release, args=[[held]])

    class Taken(dict):
        def pop(self, *arguments):
            found = super().pop(*arguments)
            if not ends.ident:
                ends.start()
                ends.join(0.05)  # it waits for the one who fetches
            return found

    passing._held = Taken(passing._held)
    assert passing._taken(held.key) is not None
    ends.join()
    assert not passing._held


def test_one_session_drives_all_workers_from_outside(worker):
    with on("ps"):
        w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
    x = tf.placeholder(tf.float32, [None])
    optimizer = tf.train.GradientDescentOptimizer(0.5)
    slopes = []
    for i, part in enumerate(tf.split(x, 2)):
        with on("worker", i):
            slopes.append(optimizer.compute_gradients(tf.reduce_mean(tf.square(part - w)))[0][0])
    train = optimizer.apply_gradients([(tf.add_n(slopes) / 2.0, w)])
    with tf.Session(remote_target(worker)) as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            sess.run(train, {x: np.arange(4)})
        assert sess.run(w) == 1.5
        names = [d.name for d in sess.list_devices()]
        assert names[0] == "/job:worker/replica:0/task:0/device:CPU:0" and len(names) == 4


def test_many_threads_of_one_session(worker):
    with on("ps"):
        v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    add = v.assign_add(1.0)
    with on("worker"):
        read = tf.identity(v) + 1.0
    with tf.Session(worker) as sess:
        sess.run(v.initializer)

        def work():
            for _ in range(20):
                sess.run(add)
                sess.run(read)

        threads = [threading.Thread(target=work) for _ in range(8)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert sess.run(v) == 160


def test_a_checkpoint_of_variables_elsewhere(worker, tmp_path):
    with on("ps", 0):
        a = tf.get_variable("a", [3], initializer=tf.ones_initializer())
    with on("ps", 1):
        b = tf.get_variable("b", [], initializer=tf.ones_initializer())
    for sharded in (False, True):
        saver = tf.train.Saver(sharded=sharded)
        with tf.Session(worker) as sess:
            sess.run(tf.global_variables_initializer())
            sess.run([a.assign([1.0, 2.0, 3.0]), b.assign(4.0)])
            path = saver.save(sess, str(tmp_path / f"model{sharded}"))
            sess.run(tf.global_variables_initializer())
            saver.restore(sess, path)
            assert sess.run(a).tolist() == [1.0, 2.0, 3.0] and sess.run(b) == 4.0


def test_errors_name_the_op_the_task_and_the_line(worker):
    x = tf.placeholder(tf.float32, [None], name="x")
    with on("ps"):
        y = tf.check_numerics(x, "it is", name="checked")
        z = tf.placeholder(tf.float32, [], name="z") + 1.0
    with on("moon"):
        far = tf.constant(1.0, name="far")
    with on("ps", 7):
        farther = tf.constant(1.0)
    with tf.Session(worker) as sess:
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            sess.run(y, {x: [np.inf]})
        text = str(caught.value)
        assert caught.value.op is y.op and "it is : Tensor had Inf" in text
        assert "at /job:ps/replica:0/task:0" in text and "y = tf.check_numerics(x" in text
        assert sess.run(y, {x: [1.0]}) == [1.0]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"must feed a value .* 'z'"):
            sess.run(z)
        for op in (far, farther):
            with pytest.raises(tf.errors.InvalidArgumentError, match="Cannot assign a device"):
                sess.run(op)
    only = tf.ConfigProto(device_filters=["/job:ps/task:1"])
    with tf.Session(worker, config=only) as sess:
        assert sess.run(tf.constant(1)) == 1
        with pytest.raises(tf.errors.InvalidArgumentError, match="device_filters"):
            sess.run(y, {x: [1.0]})


def test_py_func_and_datasets_stay_with_the_worker(worker):
    with on("ps"):
        v = tf.get_variable("v", [], initializer=tf.ones_initializer())
    data = tf.data.Dataset.range(3).make_one_shot_iterator().get_next()
    y = tf.py_func(lambda a, b: np.float32(a + b), [tf.cast(data, tf.float32), v], tf.float32)
    with tf.Session(worker) as sess:
        sess.run(v.initializer)
        assert [float(sess.run(y)) for _ in range(3)] == [1.0, 2.0, 3.0]
        with pytest.raises(tf.errors.OutOfRangeError):
            sess.run(y)
    refused = pytest.raises(tf.errors.UnimplementedError, match="a data set is made by Python")
    with tf.Session(remote_target(worker)) as sess, refused:
        sess.run(data)
    called = tf.py_func(lambda: np.float32(1), [], tf.float32)
    refused = pytest.raises(tf.errors.UnimplementedError, match="does not have the Python function")
    with tf.Session(remote_target(worker)) as sess, refused:
        sess.run(called)
    with on("ps"):
        called = tf.py_func(lambda: np.float32(2), [], tf.float32)
    with tf.Session(worker) as sess:  # that ps is of this process, too
        assert sess.run(called) == 2


def test_what_ran_where(worker):
    with on("ps", 1):
        v = tf.get_variable("v", [], initializer=tf.ones_initializer())
    y = v + 1.0
    asked = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE, output_partition_graphs=True)
    told = tf.RunMetadata()
    with tf.Session(worker) as sess:
        sess.run(v.initializer)
        assert sess.run(y, options=asked, run_metadata=told) == 2
    names = {stats.device for stats in told.step_stats.dev_stats}
    assert names == {
        "/job:ps/replica:0/task:1/device:CPU:0", "/job:worker/replica:0/task:0/device:CPU:0",
    }  # fmt: skip
    assert len(told.partition_graphs) == 2


def test_where_ops_run_is_said(worker, capsys):
    with on("ps", 1):
        y = tf.add(tf.placeholder_with_default(1.0, []), 1.0, name="sum")
    with tf.Session(worker, config=tf.ConfigProto(log_device_placement=True)) as sess:
        assert sess.run(y) == 2
    said = capsys.readouterr().err
    assert "sum: (Add): /job:ps/replica:0/task:1/device:CPU:0\n" in said.replace("AddV2", "Add")


def test_a_server_that_is_started_later(free_addresses):
    (address,) = free_addresses(1)
    server = tf.train.Server({"local": [address]}, start=False)
    x = tf.placeholder(tf.float32, [])
    y = x + 1.0
    with tf.Session(server.target) as sess:
        assert sess.run(y, {x: 1.0}) == 2 and sess.run([]) == []
    server.start()
    server.start()
    with tf.Session(remote_target(server.target)) as sess:
        assert sess.run([y, x], {x: 1.0}) == [2.0, 1.0] and sess.run([]) == []


def test_a_server_tells_sessions_from_outside_its_device_filters(free_addresses):
    """The other worker never comes. TensorFlow leaves sessions of the own process to themselves."""
    only = tf.ConfigProto(device_filters=["/job:worker/task:0"])
    server = tf.train.Server({"worker": free_addresses(2)}, "worker", 0, config=only)
    with tf.Session(remote_target(server.target)) as sess:
        assert sess.run(tf.constant(3), options=tf.RunOptions(timeout_in_ms=20_000)) == 3


def test_a_local_cluster():
    workers, ps = tf.test.create_local_cluster(1, 1)
    assert ps[0].server_def.job_name == "ps" and workers[0].target.startswith("grpc://localhost:")
    with on("ps"):
        y = tf.constant(2.0) * 3.0
    with tf.Session(workers[0].target) as sess:
        assert sess.run(y) == 6


@pytest.mark.parametrize("is_far", [False, True])
def test_partial_runs_and_callables(worker, is_far):
    a, b = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [2])
    with on("ps"):
        v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
        first = a + v
        numbers = tf.FIFOQueue(5, [tf.float32], [[]], name="numbers")
        put = numbers.enqueue(a[0])
    with on("worker", 1):
        second = first * b
        drawn = tf.random_uniform([])
    early, late = drawn + 0 * a[0], drawn + 0 * b[0]
    with tf.control_dependencies([second, put]):
        taken = numbers.dequeue()
    with tf.Session(remote_target(worker) if is_far else worker) as sess:
        sess.run(v.initializer)
        for _ in range(2):
            asked = [first, second, early, late, taken]
            handle = sess.partial_run_setup(asked, [a, b])
            with pytest.raises(tf.errors.InvalidArgumentError, match="can't be computed from"):
                sess.partial_run(sess.partial_run_setup([second], [a, b]), second, {b: [1, 2]})
            found, number = sess.partial_run(handle, [first, early], {a: [1, 2]})
            assert found.tolist() == [2, 3]
            found, again, one = sess.partial_run(handle, [second, late, taken], {b: [3, 4]})
            assert found.tolist() == [6, 12] and again == number and one == 1
        times = sess.make_callable(second, [a, b], accept_options=True)
        told = tf.RunMetadata()
        asked = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE, output_partition_graphs=True)
        assert times([1, 2], [3, 4], options=asked, run_metadata=told).tolist() == [6, 12]
        places = {
            "/job:ps/replica:0/task:0/device:CPU:0",
            "/job:worker/replica:0/task:1/device:CPU:0",
        }
        assert {stats.device for stats in told.step_stats.dev_stats} == places
        assert {node.device for part in told.partition_graphs for node in part.node} == places
        with pytest.raises(tf.errors.DeadlineExceededError):
            sess.make_callable(numbers.dequeue(), accept_options=True)(
                options=tf.RunOptions(timeout_in_ms=50)
            )
