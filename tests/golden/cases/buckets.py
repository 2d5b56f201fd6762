"""Batches of sparse tensors, of buckets, of what chance leaves: in TensorFlow's order and words."""

import numpy as np

from golden.case import case
from golden.cases.queues import outcome, plain, texts


def run_to_end(tf, build, key=None):
    """What a pipeline gives until its end, ordered by `key`, and how it was built."""
    fetch = build()
    flat = []
    for part in tf.contrib.framework.nest.flatten(fetch):
        if isinstance(part, tf.SparseTensor):
            flat += [part.indices, part.values, part.dense_shape]
        else:
            flat.append(part)
    runners = tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS)
    result = {
        "tensors": [[t.name, str(t.shape)] for t in flat],
        "summaries": [t.op.name for t in tf.get_collection(tf.GraphKeys.SUMMARIES)],
        "runners": [
            [r.name, [op.name for op in r.enqueue_ops], r.close_op.name, r.cancel_op.name]
            for r in runners
        ],
        "queues": [
            f"{op.type} {op.name}"
            for op in tf.get_default_graph().get_operations()
            if "Queue" in op.type or "Sparse" in op.type
        ],
    }
    closed = runners[-1].queue.is_closed()
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        while not session.run(closed):
            pass
        seen = []
        for _ in range(40):
            seen.append(outcome(lambda: session.run(fetch)))
            if "OutOfRangeError" in repr(seen[-1]):
                break
        coord.request_stop()
        coord.join(threads)
    result["end"] = seen.pop()[0]
    result["seen"] = sorted(seen, key=key) if key else seen
    return texts(result)


def sparse_of(tf, number):
    """A row with `number` in its place, and a text at the end of another one."""
    at = tf.cast(tf.reshape(number, [1, 1]), tf.int64)
    here = tf.SparseTensor(at, tf.reshape(number * 10, [1]), [9])
    length = tf.cast(tf.reshape(number + 1, [1]), tf.int64)
    words = tf.SparseTensor(at, tf.reshape(tf.as_string(number), [1]), length)
    return here, words


def numbers(tf, n):
    return tf.train.range_input_producer(n, 1, shuffle=False).dequeue()


@case
def sparse_batch(tf):
    def build():
        number = numbers(tf, 5)
        return tf.train.batch([number, *sparse_of(tf, number)], 2, allow_smaller_final_batch=True)

    return run_to_end(tf, build)


@case
def sparse_batch_of_dictionary(tf):
    def build():
        number = numbers(tf, 4)
        return tf.train.batch({"here": sparse_of(tf, number)[0]}, 2)

    return run_to_end(tf, build)


@case
def sparse_batch_of_many(tf):
    def build():
        queue = tf.train.range_input_producer(6, 1, shuffle=False)
        some = queue.dequeue_many(3)
        rows = tf.stack([tf.constant([0, 0, 2], tf.int64), tf.cast(some, tf.int64)], axis=1)
        return tf.train.batch([some, tf.SparseTensor(rows, some, [3, 7])], 2, enqueue_many=True)

    return run_to_end(tf, build)


@case
def sparse_batch_of_some(tf):
    def build():
        number = numbers(tf, 7)
        parts = [number, *sparse_of(tf, number)]
        return tf.train.maybe_batch(parts, tf.equal(number % 3, 0), 2)

    result = run_to_end(tf, build)
    return {key: result[key] for key in ("tensors", "seen", "end")}


@case
def sparse_batch_of_some_rows(tf):
    def build():
        some = tf.train.range_input_producer(6, 1, shuffle=False).dequeue_many(3)
        rows = tf.stack([tf.constant([0, 1, 2], tf.int64), tf.cast(some, tf.int64)], axis=1)
        return tf.train.maybe_batch(
            [some, tf.SparseTensor(rows, some, [3, 7])], some > 1, 2, enqueue_many=True
        )

    result = run_to_end(tf, build)
    return {key: result[key] for key in ("tensors", "seen", "end")}


@case
def sparse_shuffle_batch(tf):
    def build():
        number = numbers(tf, 9)
        return tf.train.shuffle_batch(
            [number, *sparse_of(tf, number)], 3, 30, 4, seed=3, allow_smaller_final_batch=True
        )

    return run_to_end(tf, build)


@case
def sparse_batch_join(tf):
    """Both readers keep their sparse tensors in one place."""

    def build():
        number = numbers(tf, 6)
        return tf.train.batch_join([[number, sparse_of(tf, number)[0]] for _ in range(2)], 6)

    result = run_to_end(tf, build)
    return {key: result[key] for key in ("tensors", "queues", "end")}


@case
def serialized(tf):
    """The texts of sparse tensors, byte for byte, and what is made of them again."""
    values = {
        "float32": [1.5, -2.0, 0.0],
        "int64": [7, -1, 2**40],
        "string": ["", "a" * 130, "\u00e9"],
        "bool": [True, False, True],
    }
    result = {}
    text = tf.placeholder(tf.string)
    with tf.Session() as session:
        for name, given in values.items():
            dtype = getattr(tf, name)
            sparse = tf.SparseTensor([[0, 3], [2, 0], [2, 4]], tf.constant(given, dtype), [4, 5])
            one, many = tf.serialize_sparse(sparse), tf.serialize_many_sparse(sparse)
            result["shapes " + name] = [str(one.shape), str(many.shape)]
            result["one " + name] = [repr(t) for t in session.run(one).tolist()]
            result["many " + name] = [repr(t) for t in session.run(many).ravel().tolist()]
            back = tf.deserialize_many_sparse(many, dtype, rank=2)
            result["back " + name] = [str(back.shape), plain(session.run(back))]
            stacked = tf.reshape(tf.stack([one, one]), [1, 2, 3])
            for key, texts_of in (("single ", one), ("stacked ", stacked)):
                parts = tf.raw_ops.DeserializeSparse(serialized_sparse=texts_of, dtype=dtype)
                result[key + name] = plain(session.run(list(parts)))
        short = tf.SparseTensor([[0, 1]], tf.constant([9.0]), [1, 7])
        rank = tf.SparseTensor([[0, 1, 0]], tf.constant([9.0]), [1, 7, 2])
        vector = tf.SparseTensor([[0]], [1], [3])
        longer = tf.SparseTensor([[0, 3], [2, 0]], tf.constant([1.0, 2.0]), [3, 4])
        first, second, third = session.run(
            [tf.serialize_many_sparse(one) for one in (longer, short, rank)]
        )
        read = tf.deserialize_many_sparse(text, tf.float32)
        wrong = tf.deserialize_many_sparse(text, tf.int32)
        calls = {
            "both": lambda: session.run(read, {text: np.concatenate([first, second])}),
            "ranks": lambda: session.run(read, {text: np.concatenate([second, third])}),
            "no text": lambda: session.run(read, {text: [["a", "b", "c"]]}),
            "none": lambda: session.run(read, {text: np.zeros((0, 3), object)}),
            "vector": lambda: session.run(tf.serialize_many_sparse(vector)),
        }
        result.update((key, outcome(call)) for key, call in calls.items())
        result["wrong"] = outcome(lambda: session.run(wrong, {text: second}))[:1]
    return texts(result)


def bucket_of(item):
    return int(item[0])


@case
def bucket(tf):
    def build():
        number = numbers(tf, 11)
        return tf.contrib.training.bucket([number, number * 2], number % 3, 2, 3)

    return run_to_end(tf, build, bucket_of)


@case
def bucket_padded(tf):
    """Batches of each bucket padded by themselves, the last ones smaller."""

    def build():
        number = numbers(tf, 11)
        parts = {"row": tf.range(number), "word": tf.as_string(number)}
        return tf.contrib.training.bucket(
            parts,
            number // 4,
            [2, 3, 4],
            3,
            dynamic_pad=True,
            allow_smaller_final_batch=True,
            bucket_capacities=[8, 9, 10],
            name="some",
        )

    return run_to_end(tf, build, bucket_of)


@case
def bucket_of_some(tf):
    def build():
        number = numbers(tf, 12)
        row = tf.tile([number], [2])
        row.set_shape([None])
        return tf.contrib.training.bucket(
            [row], number % 2, 2, 2, shapes=[[2]], keep_input=number > 3, shared_name="kept"
        )

    result = run_to_end(tf, build, bucket_of)
    return {key: result[key] for key in ("tensors", "seen", "end", "summaries")}


@case
def bucket_sparse(tf):
    def build():
        number = numbers(tf, 6)
        return tf.contrib.training.bucket([number, sparse_of(tf, number)[0]], number % 2, 3, 2)

    return run_to_end(tf, build, bucket_of)


@case
def bucket_by_length(tf):
    def build():
        number = numbers(tf, 14)
        length = (number * 5) % 13
        return tf.contrib.training.bucket_by_sequence_length(
            length,
            [tf.fill([length], number)],
            2,
            [3, 6, 9],
            dynamic_pad=True,
            allow_smaller_final_batch=True,
        )

    return run_to_end(tf, build, lambda item: sorted(item[0]))


@case
def bucket_by_length_of_dictionary(tf):
    def build():
        number = numbers(tf, 8)
        parts = {"a": number, "b": tf.as_string(number)}
        return tf.contrib.training.bucket_by_sequence_length(
            number, parts, [1, 2], [4], shapes=[[], []]
        )

    return run_to_end(tf, build, lambda item: item[0])


@case
def refused_buckets(tf):
    training = tf.contrib.training
    number = tf.placeholder(tf.int32, [])
    calls = {
        "sizes": lambda: training.bucket([number], 0, [1, 2, 3], 2),
        "capacities": lambda: training.bucket([number], 0, 2, 2, bucket_capacities=[1]),
        "empty": lambda: training.bucket([], 0, 2, 2),
        "keep": lambda: training.bucket([number], 0, 2, 2, keep_input=[True]),
        "rank": lambda: training.bucket([tf.placeholder(tf.int32)], 0, 2, 2)[0][:5],
        "length": lambda: training.bucket([tf.zeros([number])], 0, 2, 2),
        "bounds": lambda: training.bucket_by_sequence_length(number, [number], 2, 5),
        "no bounds": lambda: training.bucket_by_sequence_length(number, [number], 2, []),
        "no numbers": lambda: training.bucket_by_sequence_length(number, [number], 2, [1.5, 2]),
        "descending": lambda: training.bucket_by_sequence_length(number, [number], 2, [3, 3]),
        "join": lambda: tf.train.batch_join(
            [[number], [tf.SparseTensor([[0]], tf.constant([1]), [3])]], 2
        ),
    }
    result = {name: outcome(call) for name, call in calls.items()}
    for name in ("rank", "length", "join"):
        result[name] = result[name][:1]
    return texts(result)


@case
def stratified(tf):
    """With probabilities that are 0 and 1 nothing depends on chance."""

    def build():
        number = numbers(tf, 12)
        return tf.contrib.training.stratified_sample(
            [number, tf.as_string(number)],
            number % 3,
            [0.5, 0.0, 0.5],
            2,
            init_probs=[0.25, 0.5, 0.25],
        )

    result = run_to_end(tf, build)
    return {key: result[key] for key in ("tensors", "seen", "end", "summaries")}


@case
def stratified_of_many(tf):
    def build():
        some = tf.train.range_input_producer(12, 1, shuffle=False).dequeue_many(4)
        return tf.contrib.training.stratified_sample(
            [some], some % 2, [1.0, 0.0], 3, init_probs=[0.5, 0.5], enqueue_many=True
        )

    result = run_to_end(tf, build)
    return {key: result[key] for key in ("tensors", "seen", "end")}


@case
def rejection(tf):
    def build():
        number = numbers(tf, 9)
        return tf.contrib.training.rejection_sample(
            [number],
            lambda parts: tf.cast(tf.equal(parts[0] % 2, 0), tf.float32),
            2,
            runtime_checks=True,
        )

    result = run_to_end(tf, build)
    return {key: result[key] for key in ("tensors", "seen", "end", "summaries")}


@case
def rejection_of_many(tf):
    def build():
        some = tf.train.range_input_producer(8, 1, shuffle=False).dequeue_many(4)
        return tf.contrib.training.rejection_sample(
            [some, some * 2],
            lambda parts: tf.cast(parts[1] > 5, tf.float32),
            2,
            enqueue_many=True,
            name="left",
        )

    result = run_to_end(tf, build)
    return {key: result[key] for key in ("tensors", "seen", "end")}


@case
def refused_samples(tf):
    training = tf.contrib.training
    some, label = tf.placeholder(tf.float32, [3, 2]), tf.placeholder(tf.int32, [4])
    calls = {
        "rows": lambda: training.stratified_sample(
            [some], label, [0.5, 0.5], 2, [0.5, 0.5], enqueue_many=True
        ),
        "scalar": lambda: training.stratified_sample([some], label, [0.5, 0.5], 2, [0.5, 0.5]),
        "lengths": lambda: training.stratified_sample(
            [some], label[0], [0.5, 0.5], 2, [0.5, 0.25, 0.25]
        ),
        "negative": lambda: training.stratified_sample(
            [some], label[0], [1.5, -0.5], 2, [0.5, 0.5]
        ),
        "unknown": lambda: training.stratified_sample(
            [some], label[0], tf.placeholder(tf.float32, [None]), 2
        ),
        "batch": lambda: training.rejection_sample(
            [some, label], lambda parts: 1.0, 2, enqueue_many=True
        ),
    }
    return texts({name: outcome(call)[:1] for name, call in calls.items()})
