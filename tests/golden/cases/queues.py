"""Queues: elements and their order, what is refused, in TensorFlow's words."""

import re

import numpy as np

from golden.case import case


def words(error):
    """The class of an error and its first line, without the names that a session gives."""
    text = getattr(error, "message", None) or str(error)
    line = re.sub(r"^\w+ '[^']*': ", "", text.strip().splitlines()[0])
    line = line.replace("PaddingFIFO", "FIFO")  # as which TensorFlow's speaks sometimes
    return [type(error).__name__, re.sub(r"_\d+_", "_#_", line)]


def outcome(call):
    try:
        return plain(call())
    except Exception as error:
        return words(error)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.ndarray) and value.dtype == object:
        return plain(value.tolist())
    return value if value is None else np.asarray(value).tolist()


def ops_of(graph, start=0):
    """A line for each operation that a builder has made."""
    ops = graph.get_operations()[start:]  # TensorFlow has a copy of what an Assert prints
    return [f"{op.type} {op.name}" for op in ops if "/Assert/Const" not in op.name]


def texts(result):
    """Everything as text, which goldens keep as it is."""
    return {key: repr(value) for key, value in result.items()}


def shuffled(tf, **options):
    queue = tf.RandomShuffleQueue(20, 3, [tf.int32], shapes=[[]], **options)
    put, close = queue.enqueue_many([np.arange(12)]), queue.close()
    one, some, rest = queue.dequeue(), queue.dequeue_many(4), queue.dequeue_up_to(9)
    with tf.Session() as session:
        session.run(put)
        seen = [plain(session.run(one)) for _ in range(3)] + [plain(session.run(some))]
        seen.append(plain(session.run(queue.size())))
        session.run(close)
        seen += [outcome(lambda f=f: session.run(f)) for f in (rest, rest, one, some)]
    return seen


@case
def shuffle(tf):
    """The order of one thread, by the queue's seed and by the graph's, by a shared name."""
    result = {"seed": shuffled(tf, seed=7), "zero": shuffled(tf, seed=0)}
    tf.set_random_seed(3)
    result["graph"] = shuffled(tf)
    result["both"] = shuffled(tf, seed=5)
    result["shared"] = shuffled(tf, shared_name="shared")
    return texts(result)


@case
def partly_taken(tf):
    """What a dequeue_many has not enough of goes back, in the order in which it is found then."""
    queue = tf.RandomShuffleQueue(20, 0, [tf.int32], shapes=[[]], seed=11)
    with tf.Session() as session:
        session.run(queue.enqueue_many([np.arange(6)]))
        session.run(queue.close())
        seen = [outcome(lambda: session.run(queue.dequeue_many(7)))]
        seen.append(plain(session.run(queue.dequeue_many(4))))
        seen.append(plain(session.run(queue.dequeue_up_to(4))))
    return texts({"seen": seen})


@case
def padding(tf):
    queue = tf.PaddingFIFOQueue(
        9, [tf.int32, tf.string, tf.float32], shapes=[[None], [None, 2], []]
    )
    wide, deep = tf.placeholder(tf.int32), tf.placeholder(tf.string)
    put = queue.enqueue([wide, deep, 1.5])
    many = queue.enqueue_many([[[1, 2], [3, 4]], [[["a", "b"]], [["c", "d"]]], [2.0, 3.0]])
    one, two, rest = queue.dequeue(), queue.dequeue_many(3), queue.dequeue_up_to(9)
    result = {"shapes": [t.shape.as_list() for t in one + two + rest]}
    with tf.Session() as session:
        values = [
            ([1], np.array([["x", "y"]])),
            ([1, 2, 3], np.zeros((0, 2), str)),
            ([], np.array([["p", "q"], ["r", "s"]])),
        ]
        for a, b in values:
            session.run(put, {wide: a, deep: b})
        result["two"] = plain(session.run(two))
        result["many"] = outcome(lambda: session.run(many))
        session.run(put, {wide: [9], deep: np.array([["x", "y"]])})
        result["rank"] = outcome(lambda: session.run(put, {wide: 3, deep: np.zeros((1, 2), str)}))
        result["length"] = outcome(
            lambda: session.run(put, {wide: [3], deep: np.zeros((1, 3), str)})
        )
        result["one"] = plain(session.run(one))
        result["none"] = plain(session.run(queue.dequeue_many(0)))
        session.run(queue.close())
        result["rest"] = plain(session.run(rest))
        result["end"] = outcome(lambda: session.run(rest))
    return texts(result)


@case
def priority(tf):
    queue = tf.PriorityQueue(40, [tf.int32, tf.string], shapes=[[], []])
    priorities = [5, 3, 3, 9, 3, 5, 1, 1, 5, 3, 9, 1, 2, 2, 1, 5]
    put = queue.enqueue_many([priorities, np.arange(len(priorities)), [str(p) for p in priorities]])
    result = {
        "described": [
            queue.name,
            [d.name for d in queue.dtypes],
            [s.as_list() for s in queue.shapes],
        ],
    }
    with tf.Session() as session:
        session.run(put)
        result["some"] = plain(session.run(queue.dequeue_many(5)))
        session.run(queue.enqueue((-4, 100, "first")))
        session.run(queue.enqueue((3, 101, "between")))
        result["one"] = plain(session.run(queue.dequeue()))
        session.run(queue.close())
        result["rest"] = plain(session.run(queue.dequeue_many(12)))
        result["end"] = outcome(lambda: session.run(queue.dequeue()))
        vector = tf.placeholder(tf.int64)
        bad = tf.PriorityQueue(40, [tf.int32], shapes=[[]])
        result["vector"] = outcome(lambda: session.run(bad.enqueue((vector, 1)), {vector: [1, 2]}))
        named = tf.PriorityQueue(4, [tf.int32], shapes=[[]], names=["p", "x"])
        session.run(named.enqueue({"x": 4, "p": 2}))
        result["named"] = plain(session.run(named.dequeue()))
    return texts(result)


@case
def closed(tf):
    """Closing once, twice, with cancelling; what comes after it."""
    result = {}
    makers = {
        "fifo": lambda: tf.FIFOQueue(5, tf.int32, shapes=[[]]),
        "shuffle": lambda: tf.RandomShuffleQueue(5, 2, tf.int32, shapes=[[]]),
        "padding": lambda: tf.PaddingFIFOQueue(5, tf.int32, shapes=[[]]),
        "priority": lambda: tf.PriorityQueue(5, [tf.int32], shapes=[[]]),
    }
    for name, make in makers.items():
        for cancel in (False, True):
            queue = make()
            parts = len(queue.dtypes)
            put, many = queue.enqueue([1] * parts), queue.enqueue_many([[1, 1]] * parts)
            close = queue.close(cancel_pending_enqueues=cancel)
            with tf.Session() as session:
                session.run(many)
                seen = [plain(session.run(queue.is_closed()))]
                seen += [outcome(lambda f=f: session.run(f)) for f in (close, close, put, many)]
                seen.append(plain(session.run(queue.is_closed())))
                seen.append(plain(session.run(queue.size())))
                last = [queue.dequeue(), queue.dequeue_many(4), queue.dequeue_up_to(4)]
                if name == "priority":  # TensorFlow's loses what a dequeue_up_to finds
                    last = last[:1]
                seen += [outcome(lambda f=f: session.run(f)) for f in last + last]
            result[f"{name} {cancel}"] = seen
    return texts(result)


@case
def refused(tf):
    """What is refused when it is built, and when it runs."""
    x = tf.placeholder(tf.float32)

    def runs(op, feed=None):
        with tf.Session() as session:
            return session.run(op, feed)

    def shared(first, second):
        with tf.Session() as session:
            session.run(first().size())
            return session.run(second().size())

    fifo = lambda: tf.FIFOQueue(5, tf.float32, shapes=[[2]])  # noqa: E731
    calls = {
        "shape": lambda: runs(fifo().enqueue(x), {x: np.zeros(3)}),
        "rows": lambda: runs(fifo().enqueue_many(x), {x: np.zeros((2, 3))}),
        "loose": lambda: runs(tf.FIFOQueue(5, tf.float32).dequeue_many(2)),
        "loose shuffle": lambda: runs(tf.RandomShuffleQueue(5, 1, tf.float32).dequeue_up_to(2)),
        "negative": lambda: runs(fifo().dequeue_many(-2)),
        "negative up to": lambda: runs(fifo().dequeue_up_to(-2)),
        "lengths": lambda: runs(
            tf.FIFOQueue(5, [tf.float32] * 2, shapes=[[], []]).enqueue_many([x, [1.0, 2.0]]),
            {x: np.zeros(3)},
        ),
        "never": lambda: runs(tf.RandomShuffleQueue(5, 5, tf.float32).size()),
        "below": lambda: runs(tf.RandomShuffleQueue(5, -1, tf.float32).size()),
        "capacity": lambda: shared(
            lambda: tf.FIFOQueue(5, tf.float32, shared_name="a"),
            lambda: tf.FIFOQueue(6, tf.float32, shared_name="a"),
        ),
        "dtypes": lambda: shared(
            lambda: tf.FIFOQueue(5, tf.float32, shared_name="b"),
            lambda: tf.FIFOQueue(5, [tf.int32, tf.string], shared_name="b"),
        ),
        "shapes": lambda: shared(
            lambda: tf.FIFOQueue(5, tf.float32, shapes=[[2]], shared_name="c"),
            lambda: tf.FIFOQueue(5, tf.float32, shapes=[[3, 1]], shared_name="c"),
        ),
        "kind": lambda: shared(
            lambda: tf.FIFOQueue(5, tf.float32, shared_name="d"),
            lambda: tf.RandomShuffleQueue(5, 1, tf.float32, shared_name="d"),
        ),
        "kept": lambda: shared(
            lambda: tf.RandomShuffleQueue(5, 1, tf.float32, shared_name="e"),
            lambda: tf.RandomShuffleQueue(5, 2, tf.float32, shared_name="e"),
        ),
        "seed": lambda: shared(
            lambda: tf.RandomShuffleQueue(5, 1, tf.float32, shared_name="f", seed=1),
            lambda: tf.RandomShuffleQueue(5, 1, tf.float32, shared_name="f", seed=2),
        ),
        "padding without": lambda: tf.PaddingFIFOQueue(5, [tf.float32, tf.int32], shapes=[[1]]),
        "names": lambda: tf.PriorityQueue(5, [tf.float32], shapes=[[]], names=["a"]),
        "no list": lambda: tf.QueueBase.from_list(0, ()),
        "other dtypes": lambda: tf.QueueBase.from_list(
            0, [tf.FIFOQueue(5, tf.float32), tf.FIFOQueue(5, tf.int32)]
        ),
        "other names": lambda: tf.QueueBase.from_list(
            0, [tf.FIFOQueue(5, tf.float32, names=["a"]), tf.FIFOQueue(5, tf.float32)]
        ),
    }
    result = {name: outcome(call) for name, call in calls.items()}
    for name in ("negative", "dtypes", "kind"):
        result[name] = result[name][:1]
    return texts(result)


@case
def from_list(tf):
    queues = [tf.FIFOQueue(5, [tf.int32, tf.int32], shapes=[[], [n]], name="q") for n in (2, 3)]
    which = tf.placeholder(tf.int32, [])
    chosen = tf.QueueBase.from_list(which, queues)
    one, size = chosen.dequeue(), chosen.size()
    put = [queue.enqueue([n, [n] * (n + 2)]) for n, queue in enumerate(queues)]
    result = {"shapes": [str(s) for s in chosen.shapes], "parts": [str(t.shape) for t in one]}
    with tf.Session() as session:
        session.run(put)
        session.run(put[1])
        seen = [plain(session.run(size, {which: n})) for n in (0, 1)]
        seen += [plain(session.run(one, {which: n})) for n in (1, 0, 1)]
    result["seen"] = seen
    return texts(result)


@case
def names_of_ops(tf):
    with tf.name_scope("input"):
        queues = [
            tf.FIFOQueue(5, tf.int32, shapes=[[]]),
            tf.RandomShuffleQueue(5, 1, [tf.int32], shapes=[[]], name="mixed"),
            tf.PaddingFIFOQueue(5, [tf.int32], shapes=[[None]]),
            tf.PriorityQueue(5, [tf.int32], shapes=[[]]),
        ]
    for queue in queues:
        queue.dequeue(), queue.dequeue_many(2), queue.dequeue_up_to(2), queue.size()
        queue.close(), queue.close(cancel_pending_enqueues=True), queue.is_closed()
    queues[0].enqueue([1]), queues[0].enqueue_many([[1]])
    return texts(
        {"ops": ops_of(tf.get_default_graph()), "queues": [queue.name for queue in queues]}
    )


def all_of(tf, build, steps=40, wait=True):
    """What a pipeline gives until its end, and how it was built.

    The queue of a batch is full of all that there will be before it is asked (`wait`), so that the
    order does not depend on threads.
    """
    before = len(tf.get_default_graph().get_operations())
    fetch = build()
    result = {
        "shapes": plain([str(t.shape) for t in tf.contrib.framework.nest.flatten(fetch)]),
        "ops": ops_of(tf.get_default_graph(), before),
        "summaries": [t.op.name for t in tf.get_collection(tf.GraphKeys.SUMMARIES)],
    }
    runners = tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS)
    result["runners"] = [
        [r.name, [op.name for op in r.enqueue_ops], r.close_op.name, r.cancel_op.name]
        for r in runners
    ]
    closed = runners[-1].queue.is_closed()
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        while wait and not session.run(closed):
            pass
        seen = []
        for _ in range(steps):
            seen.append(outcome(lambda: session.run(fetch)))
            if "OutOfRangeError" in repr(seen[-1]):
                break
        coord.request_stop()
        coord.join(threads)
    result["seen"] = seen
    return texts(result)


@case
def producer_of_strings(tf):
    return all_of(
        tf,
        lambda: tf.train.string_input_producer(["a", "b", "c"], num_epochs=2, seed=3).dequeue(),
    )


@case
def producer_of_numbers(tf):
    return all_of(
        tf,
        lambda: tf.train.range_input_producer(5, 3, seed=8, name="numbers").dequeue(),
    )


@case
def producer_of_slices(tf):
    def build():
        rows = [np.arange(8, dtype=np.float32).reshape(4, 2), ["a", "b", "c", "d"]]
        return tf.train.batch(
            tf.train.slice_input_producer(rows, num_epochs=2, shuffle=False),
            3,
            allow_smaller_final_batch=True,
        )

    return all_of(tf, build)


@case
def batch_of_dictionary(tf):
    def build():
        number = tf.train.range_input_producer(7, 1, shuffle=False).dequeue()
        parts = {"x": number, "row": tf.range(number), "word": tf.as_string(number)}
        return tf.train.batch(parts, 3, dynamic_pad=True, allow_smaller_final_batch=True)

    return all_of(tf, build)


@case
def batch_that_loses_its_end(tf):
    def build():
        number = tf.train.range_input_producer(7, 1, shuffle=False).dequeue()
        return tf.train.batch([number], 3, capacity=20, name="some")

    return all_of(tf, build)


@case
def batch_of_many(tf):
    def build():
        numbers = tf.train.range_input_producer(7, 1, shuffle=False).dequeue_up_to(3)
        return tf.train.batch(
            [numbers, numbers * 2], 2, enqueue_many=True, allow_smaller_final_batch=True
        )

    return all_of(tf, build)


@case
def batch_of_some(tf):
    def build():
        number = tf.train.range_input_producer(9, 1, shuffle=False).dequeue()
        return tf.train.maybe_batch(
            [number], tf.equal(number % 2, 0), 2, allow_smaller_final_batch=True
        )

    return {key: v for key, v in all_of(tf, build).items() if key in ("seen", "shapes")}


@case
def batch_of_some_rows(tf):
    def build():
        numbers = tf.train.range_input_producer(9, 1, shuffle=False).dequeue_many(3)
        return tf.train.maybe_batch(
            [numbers], numbers > 2, 4, enqueue_many=True, allow_smaller_final_batch=True
        )

    return all_of(tf, build)


@case
def shuffled_batches(tf):
    def build():
        number = tf.train.range_input_producer(13, 1, shuffle=False).dequeue()
        return tf.train.shuffle_batch(
            [number, tf.as_string(number)], 4, 30, 5, seed=9, allow_smaller_final_batch=True
        )

    return all_of(tf, build)


@case
def joined_batches(tf):
    def build():
        queue = tf.train.range_input_producer(6, 1, shuffle=False)
        readers = [[queue.dequeue(), tf.ones([n])] for n in (2, 2)]
        return tf.train.batch_join(readers, 6)

    return {key: v for key, v in all_of(tf, build).items() if key != "seen"}


@case
def joined_shuffled_batches(tf):
    def build():
        queue = tf.train.range_input_producer(6, 1, shuffle=False)
        readers = [{"x": queue.dequeue()} for _ in range(2)]
        return tf.train.shuffle_batch_join(readers, 6, 30, 5, seed=1)

    return {key: v for key, v in all_of(tf, build).items() if key != "seen"}


@case
def refused_batches(tf):
    number = tf.placeholder(tf.int32, [])
    calls = {
        "epochs": lambda: tf.train.limit_epochs(number, 0),
        "none": lambda: tf.train.string_input_producer([]),
        "row": lambda: tf.train.input_producer(tf.placeholder(tf.int32, [None, None])),
        "slices": lambda: tf.train.slice_input_producer([]),
        "empty": lambda: tf.train.batch([], 2),
        "join": lambda: tf.train.batch_join([], 2),
        "rank": lambda: tf.train.batch([tf.placeholder(tf.int32)], 2)[0][:5],
        "dtypes": lambda: tf.train.batch_join([[number], [tf.placeholder(tf.float32, [])]], 2),
        "keys": lambda: tf.train.batch_join([{"a": number}, {"b": number}], 2),
        "room": lambda: tf.train.shuffle_batch([number], 2, 5, 5),
        "keep": lambda: tf.train.maybe_batch([number], [True], 2),
        "keep more": lambda: tf.train.maybe_batch([[1]], [[True]], 2, enqueue_many=True),
        "runner": lambda: tf.train.QueueRunner(),
        "types": lambda: tf.train.QueueRunner(
            tf.FIFOQueue(3, tf.int32), [tf.no_op()], queue_closed_exception_types=(ValueError,)
        ),
    }
    result = {name: outcome(call) for name, call in calls.items()}
    for name in ("rank", "types"):
        result[name] = result[name][:1]
    return texts(result)


@case
def runner_as_message(tf):
    with tf.name_scope("input"):
        queue = tf.FIFOQueue(5, tf.int32, shapes=[[]])
        runner = tf.train.QueueRunner(
            queue,
            [queue.enqueue(1)] * 2,
            queue_closed_exception_types=(tf.errors.OutOfRangeError, tf.errors.CancelledError),
        )
    message = runner.to_proto()
    again = tf.train.QueueRunner.from_proto(message)
    inner = runner.to_proto(export_scope="input")
    return texts(
        {
            "message": str(message).replace("OUT_OF_RANGE", "11").replace("CANCELLED", "1"),
            "inner": [inner.queue_name, list(inner.enqueue_op_name), inner.close_op_name],
            "outside": runner.to_proto(export_scope="other"),
            "again": [again.name, [op.name for op in again.enqueue_ops], again.cancel_op.name],
            "types": [kind.__name__ for kind in again.queue_closed_exception_types],
        }
    )
