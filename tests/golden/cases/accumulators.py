"""What waits besides queues: accumulators, barriers, staging areas, runs with a limit."""

import numpy as np

from golden.case import case
from golden.cases.queues import ops_of, outcome, plain, texts


def runs(session, fetch, feed=None, **options):
    return outcome(lambda: session.run(fetch, feed, **options))


@case
def mean_of_gradients(tf):
    """What is too old does not count; all that is there is taken; then comes the next step."""
    x, step = tf.placeholder(tf.float32), tf.placeholder(tf.int64, [])
    result = {}
    for reduction in ("MEAN", "SUM"):
        sums = tf.ConditionalAccumulator(
            tf.float32, shape=[2], name="sums", reduction_type=reduction
        )
        add, count = sums.apply_grad(x, local_step=step), sums.num_accumulated()
        one, two = sums.take_grad(1), sums.take_grad(2)
        result["shapes " + reduction] = [str(one.shape), sums.name, sums.dtype.name]
        with tf.Session() as session:
            seen = []
            for values, at in (([1, 2], 0), ([3, 5], 4), ([9, 9], -1)):
                seen.append(runs(session, add, {x: values, step: at}))
            seen += [runs(session, count), runs(session, two), runs(session, count)]
            seen.append(runs(session, add, {x: [1, 1], step: 0}))
            seen.append(runs(session, count))
            seen.append(runs(session, add, {x: [1, 1], step: 1}))
            seen += [runs(session, one), runs(session, sums.set_global_step(7))]
            for at in (6, 7, 8):
                runs(session, add, {x: [at, at + 1], step: at})
            seen += [runs(session, count), runs(session, sums.set_global_step(2))]
            seen.append(runs(session, add, {x: [3, 3], step: 2}))
            seen += [runs(session, count), runs(session, one)]
        result["seen " + reduction] = seen
    return texts(result)


@case
def gradients_of_half_the_bits(tf):
    result = {}
    for dtype in (tf.float16, tf.float64):
        sums = tf.ConditionalAccumulator(dtype, shape=[None, 2])
        with tf.Session() as session:
            for values in ([[1, 2]], [[2, 5]], [[4, 0]]):
                session.run(sums.apply_grad(tf.constant(values, dtype)))
            taken = session.run(sums.take_grad(1))
        result[dtype.name] = [taken.dtype.name, taken.tolist()]
    return texts(result)


@case
def rows_of_gradients(tf):
    """The mean of a row is that of the gradients that have it."""
    indices, values = tf.placeholder(tf.int64), tf.placeholder(tf.float32)
    shape, step = tf.placeholder(tf.int64), tf.placeholder(tf.int64, [])
    result = {}
    for name, known, reduction in (
        ("mean", [5, 2], "MEAN"),
        ("sum", [5, 2], "SUM"),
        ("open", [None, 2], "MEAN"),
        ("unknown", None, "MEAN"),
    ):
        sums = tf.SparseConditionalAccumulator(
            tf.float32, shape=known, name="rows", reduction_type=reduction
        )
        add = sums.apply_grad(indices, values, shape, local_step=step)
        one, slices = sums.take_grad(2), sums.take_indexed_slices_grad(1)
        with tf.Session() as session:
            seen = []
            for at, rows, n in (
                ([0, 2], [[1, 2], [3, 4]], 0),
                ([2, 4], [[10, 20], [7, 8]], 3),
                ([1], [[9, 9]], -2),
            ):
                feed = {indices: at, values: rows, shape: [5, 2], step: n}
                seen.append(runs(session, add, feed))
            seen += [runs(session, sums.num_accumulated()), plain(session.run(list(one)))]
            seen.append(runs(session, sums.set_global_step(5)))
            session.run(add, {indices: [3], values: [[1, 1]], shape: [5, 2], step: 5})
            taken = session.run(slices)
            seen.append([plain(part) for part in (taken.indices, taken.values, taken.dense_shape)])
        result[name] = seen
    grads = tf.IndexedSlices(tf.constant([[1.0, 2.0]]), tf.constant([3]), tf.constant([5, 2]))
    sums = tf.SparseConditionalAccumulator(tf.float32, shape=[5, 2])
    with tf.Session() as session:
        session.run(sums.apply_indexed_slices_grad(grads))
        result["slices"] = plain(session.run(list(sums.take_grad(1))))
    return texts(result)


@case
def refused_gradients(tf):
    x, rows = tf.placeholder(tf.float32), tf.placeholder(tf.int64)
    dense = tf.ConditionalAccumulator(tf.float32, shape=[None, 2])
    free = tf.ConditionalAccumulator(tf.float32)
    sparse = tf.SparseConditionalAccumulator(tf.float32, shape=[3, 2])
    add = sparse.apply_grad(rows, x, [3, 2])
    bare = sparse.apply_grad(rows, x)
    with tf.Session() as session:
        session.run(free.apply_grad(x), {x: np.zeros(3)})
        calls = {
            "shape": lambda: session.run(dense.apply_grad(x), {x: np.zeros(3)}),
            "other": lambda: session.run(free.apply_grad(x), {x: np.zeros(2)}),
            "none": lambda: session.run(dense.take_grad(0)),
            "negative": lambda: session.run(sparse.take_grad(-2)),
            "static": lambda: dense.apply_grad(tf.zeros([3])),
            "dtype": lambda: dense.apply_grad(tf.zeros([3, 2], tf.int32)),
            "reduction": lambda: tf.ConditionalAccumulator(tf.float32, reduction_type="MAX"),
            "texts": lambda: tf.ConditionalAccumulator(tf.string),
            "width": lambda: session.run(bare, {rows: [0], x: [[1, 2, 3]]}),
            "counts": lambda: session.run(add, {rows: [0, 2], x: [[1, 2]]}),
            "rank": lambda: session.run(add, {rows: [[0, 2]], x: [[1, 2]]}),
            "values": lambda: session.run(add, {rows: [0], x: [1]}),
            "outside": lambda: session.run(add, {rows: [5], x: [[1, 2]]}),
            "length": lambda: session.run(
                sparse.apply_grad(rows, x, [4, 2]), {rows: [1], x: [[1, 2]]}
            ),
        }
        result = {name: outcome(call) for name, call in calls.items()}
    for name in ("dtype", "reduction", "texts"):
        result[name] = result[name][:1]
    return texts(result)


@case
def names_of_what_waits(tf):
    from_queues = [
        tf.ConditionalAccumulator(tf.float32),
        tf.SparseConditionalAccumulator(tf.float32, name="rows"),
    ]
    with tf.name_scope("in"):
        from_queues.append(tf.ConditionalAccumulator(tf.float32, shape=[]))
        area = tf.contrib.staging.StagingArea([tf.float32, tf.int32], names=["x", "y"])
    for one in from_queues:
        one.num_accumulated(), one.set_global_step(3), one.take_grad(1)
    from_queues[0].apply_grad(tf.constant(1.0), name="send")
    area.put({"x": tf.constant(1.0), "y": tf.constant(2)}), area.get(), area.size(), area.clear()
    area.peek(0, name="look")
    other = tf.contrib.staging.StagingArea([tf.float32], shared_name="shared")
    other.put(tf.constant(1.0)), other.get()
    lines = [line for line in ops_of(tf.get_default_graph()) if "Identity" not in line]
    return texts({"ops": lines, "names": [one.name for one in from_queues] + [area.name]})


@case
def barrier(tf):
    """Whole elements in the order in which they were begun; what closing lets happen."""
    pairs = _barrier(tf)
    keys, numbers = tf.placeholder(tf.string, [None]), tf.placeholder(tf.int32)
    words = tf.placeholder(tf.string)
    put_words = pairs.insert_many(0, keys, words)
    put_numbers = pairs.insert_many(1, keys, numbers)
    ready, begun = pairs.ready_size(), pairs.incomplete_size()
    take = pairs.take_many(2)
    some = pairs.take_many(9, allow_small_batch=True)
    seen = []
    with tf.Session() as session:

        def put(op, names, what):
            tensor = words if op is put_words else numbers
            seen.append(runs(session, op, {keys: np.array(names, object), tensor: what}))

        put(put_words, ["k1", "k2"], ["a", "b"])
        put(put_numbers, ["k1"], [1])
        put(put_words, ["k3"], ["c"])
        put(put_numbers, ["k3"], [3])
        put(put_numbers, ["k2"], [2])
        seen += [
            runs(session, ready),
            runs(session, begun),
            runs(session, list(take[:2]) + take[2]),
        ]
        put(put_words, ["k4", "k5"], ["d", "e"])
        put(put_words, ["k5"], ["e"])
        seen += [runs(session, pairs.take_many(0)[0]), runs(session, pairs.close())]
        seen.append(runs(session, pairs.close()))
        put(put_numbers, ["k4"], [4])
        seen += [runs(session, ready), runs(session, pairs.take_many(9).keys)[0]]
        seen.append(runs(session, list(some[:2]) + some[2]))
        seen.append(runs(session, some[1]))
        put(put_words, ["new"], ["n"])
        seen.append(runs(session, pairs.close(cancel_pending_enqueues=True)))
        put(put_numbers, ["k5"], [5])
        seen += [runs(session, ready), runs(session, begun)]
    shapes = [[str(t.shape) for t in (one.indices, one.keys, *one.values)] for one in (take, some)]
    return texts({"seen": seen, "shapes": shapes, "name": pairs.name})


def _barrier(tf):
    import importlib

    name = tf.__name__.replace("_core", "")
    ops = importlib.import_module(name + ".python.ops.data_flow_ops")
    return ops.Barrier((tf.string, tf.int32), shapes=((), ()), name="pairs")


@case
def staging(tf):
    area_of = tf.contrib.staging.StagingArea
    x, y = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.int32, [])
    value = tf.placeholder(tf.float32)
    pairs = area_of([tf.float32, tf.int32], shapes=[[2], []], names=["x", "y"], capacity=3)
    put, get, peek = pairs.put({"x": x, "y": y}), pairs.get(), pairs.peek(1)
    one = area_of([tf.float32], memory_limit=12)
    first, second = area_of([tf.int32], shared_name="s"), area_of([tf.int32], shared_name="s")
    with tf.Session() as session:
        seen = []
        for n in (1, 2, 3):
            seen.append(runs(session, put, {x: [n, n + 1], y: n}))
        seen += [runs(session, fetch) for fetch in (pairs.size(), peek, get, pairs.size())]
        seen += [runs(session, fetch) for fetch in (pairs.clear(), pairs.size())]
        seen.append(runs(session, one.put(value), {value: np.zeros(5)}))
        for n in (2, 1):
            seen.append(runs(session, one.put([value]), {value: np.zeros(n)}))
        seen += [runs(session, fetch) for fetch in (one.size(), one.get(), one.get())]
        seen.append(runs(session, first.put([tf.constant(4)])))
        seen += [runs(session, second.size()), runs(session, second.get())]
    told = [pairs.name, pairs.names, pairs.capacity, pairs.memory_limit, one.name, first.name]
    told += [[str(shape) for shape in pairs.shapes], [d.name for d in pairs.dtypes]]
    told += [str(get["x"].shape), str(get["y"].shape), str(one.get()[0].shape)]
    calls = {
        "dtype": lambda: one.put(tf.constant(1)),
        "many": lambda: one.put([tf.constant(1.0), tf.constant(1.0)]),
        "dictionary": lambda: one.put({"a": tf.constant(1.0)}),
        "list": lambda: pairs.put([x, y]),
        "keys": lambda: pairs.put({"x": x, "z": y}),
        "shape": lambda: pairs.put({"x": tf.zeros([3]), "y": y}),
        "shapes": lambda: area_of([tf.float32], shapes=[[1], [2]]),
        "names": lambda: area_of([tf.float32], names=["a", "b"]),
        "shared": lambda: area_of([tf.float32], shared_name=3),
    }
    result = {name: outcome(call) for name, call in calls.items()}
    result["dtype"] = result["dtype"][:1]
    result.update(seen=seen, told=told)
    return texts(result)


@case
def runs_with_a_limit(tf):
    """What waits when the time of its run is over; what is there is given all the same."""
    limit = tf.RunOptions(timeout_in_ms=50)
    queue = tf.FIFOQueue(3, tf.int32, shapes=[[]])
    sums = tf.ConditionalAccumulator(tf.float32)
    result = {}

    def late(session, fetch, **options):
        found = runs(session, fetch, **options)
        return [found[0], found[1][:34]]

    with tf.Session() as session:
        result["dequeue"] = late(session, queue.dequeue(), options=limit)
        result["many"] = late(session, queue.dequeue_many(3), options=limit)
        session.run(queue.enqueue_many([[1, 2]]))
        result["enqueue"] = late(session, queue.enqueue_many([[3, 4, 5]]), options=limit)
        result["full"] = runs(session, queue.size())
        result["taken"] = runs(session, queue.dequeue_many(3), options=limit)
        result["gradient"] = late(session, sums.take_grad(1), options=limit)
    with tf.Session(config=tf.ConfigProto(operation_timeout_in_ms=50)) as session:
        result["session"] = late(session, queue.dequeue())
        session.run(queue.enqueue(7))
        longer = tf.RunOptions(timeout_in_ms=10000)
        result["there"] = runs(session, queue.dequeue(), options=longer)
    return texts(result)
