"""Tables in runs: both modes, several sessions and threads, graphs of TensorFlow's.

What TensorFlow 1.15.5 answers is in the goldens (`tests/golden/cases/lookup_tables.py`).
"""

import threading

import numpy as np
import pytest

import graphmode as tf

WORDS = np.array([b"the", b"cat", b"owl", b"sat"], object)


def vocabulary(**more):
    return tf.contrib.lookup.index_table_from_tensor(["the", "cat", "sat"], **more)


def test_words_are_fed_and_their_rows_trained(mode):
    table = vocabulary(num_oov_buckets=1)
    words = tf.placeholder(tf.string, [None])
    rows = tf.Variable(np.arange(8.0, dtype=np.float32).reshape(4, 2))
    loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(rows, table.lookup(words))))
    step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    with tf.Session(mode=mode) as sess:
        sess.run([tf.global_variables_initializer(), tf.tables_initializer()])
        assert sess.run(loss, {words: WORDS[:2]}) == 0 + 1 + 4 + 9
        for _ in range(3):
            sess.run(step, {words: WORDS[1:3]})
        assert sess.run(rows).tolist() == [[0, 1], [0, 0], [4, 5], [0, 0]]


def test_words_of_what_a_network_chooses(mode):
    scores = tf.placeholder(tf.float32, [None, 3])
    table = tf.contrib.lookup.index_to_string_table_from_tensor(["no", "maybe", "yes"])
    chosen = table.lookup(tf.argmax(scores, axis=1))
    with tf.Session(mode=mode) as sess:
        sess.run(tf.tables_initializer())
        found = sess.run(chosen, {scores: [[1, 2, 0], [0, 1, 5]]})
    assert found.tolist() == [b"maybe", b"yes"]


def test_what_was_not_filled_says_what_to_run(mode):
    found = vocabulary().lookup(tf.constant(WORDS))
    with tf.Session(mode=mode) as sess:
        with pytest.raises(
            tf.errors.FailedPreconditionError, match="Table not initialized"
        ) as told:
            sess.run(found)
        assert "fix: run tf.tables_initializer() in this session first" in str(told.value)
        assert "test_tables.py" in str(told.value)
        sess.run(tf.tables_initializer())
        with tf.Session(mode=mode) as other:
            assert sess.run(found).tolist() == [0, 1, -1, 2]
            with pytest.raises(tf.errors.FailedPreconditionError):
                other.run(found)


def test_two_tables_of_one_name_are_one(mode):
    pairs = tf.lookup.KeyValueTensorInitializer(["cat"], [4])
    first, second = (tf.contrib.lookup.HashTable(pairs, -1, shared_name="legs") for _ in range(2))
    with tf.Session(mode=mode) as sess:
        sess.run(first.init)
        assert sess.run(second.lookup(tf.constant(WORDS))).tolist() == [-1, 4, -1, -1]


def test_a_table_in_a_loop(mode):
    table = tf.contrib.lookup.MutableHashTable(tf.int64, tf.int64, 0)
    follow = tf.while_loop(lambda n: n > 0, lambda n: table.lookup(n), [tf.constant(5, tf.int64)])
    put = table.insert([5, 3, 9], [3, 9, -7])
    with tf.Session(mode=mode) as sess:
        sess.run(put)
        assert sess.run(follow) == -7


def test_a_table_made_in_a_branch(mode):
    words = tf.constant(WORDS)

    def found():
        pairs = tf.lookup.KeyValueTensorInitializer(["owl", "cat"], [2, 4])
        return tf.lookup.StaticHashTable(pairs, -1).lookup(words)

    legs = tf.cond(tf.placeholder_with_default(True, []), found, lambda: tf.zeros([4], tf.int32))
    with tf.Session(mode=mode) as sess:
        sess.run(tf.tables_initializer())
        assert sess.run(legs).tolist() == [-1, 4, 2, -1]


def test_threads_count_words():
    table = tf.contrib.lookup.MutableHashTable(tf.int64, tf.int64, -1)
    key = tf.placeholder(tf.int64, [None])
    put, size = table.insert(key, key), table.size()
    with tf.Session() as sess:

        def add(first):
            for n in range(first, 400, 4):
                sess.run(put, {key: [n, n + 1000]})

        threads = [threading.Thread(target=add, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sess.run(size) == 800


def test_a_graph_goes_to_tensorflow_and_back(oracle):
    with tf.Graph().as_default() as graph:
        vocabulary(num_oov_buckets=4).lookup(tf.placeholder(tf.string, [None], name="words"))
        fill, ids = tf.tables_initializer("fill").name, "hash_table_Lookup/SelectV2:0"
    found = {}
    for library in (tf, oracle):
        with library.Graph().as_default() as again, library.Session(graph=again) as sess:
            definition = library.GraphDef.FromString(graph.as_graph_def().SerializeToString())
            library.import_graph_def(definition, name="")
            sess.run(fill)
            found[library] = sess.run(ids, {"words:0": WORDS}).tolist()
    assert found[tf] == found[oracle]


@pytest.mark.parametrize("kind", ["HashTable", "MutableHashTable"])
def test_kinds_of_keys_that_tensorflow_has_not(kind):
    made = getattr(tf.raw_ops, f"{kind}V2")(key_dtype=tf.float32, value_dtype=tf.string)
    size = tf.raw_ops.LookupTableSizeV2(table_handle=made)
    with tf.Session() as sess, pytest.raises(
        tf.errors.InvalidArgumentError,
        match=f"No OpKernel was registered to support Op '{kind}V2'.*key_dtype=float32",
    ):  # fmt: skip
        sess.run(size)
