"""Tables of words and of other keys: names of nodes, values, files, refusals, checkpoints."""

import pathlib
import re
import shutil
import tempfile

import numpy as np

from golden.case import case, class_of

FILES = {
    "words": b"emerson\nlake\npalmer\n",
    "numbers": b"5\n7\n-1",
    "columns": b"a 1\r\nb 22\r\nc -3\r\n",
    "two values": b"a 1\nb 2\na 3\n",
    "short": b"a 1\nb 2\nb\n",
    "letters": b"a 1\nb x\n",
    "blank": b"a\n\nb\n",
    "nothing": b"",
}


def told(tf, call):
    """What a call gives when it is run, or the class and the first line of what it raises."""
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        for name, contents in FILES.items():
            (folder / name).write_bytes(contents)
        with tf.Graph().as_default(), tf.Session() as session:
            fetches = call(tf, str(folder) + "/")
            session.run(tf.tables_initializer())
            found = session.run(fetches)
        return ["values"] + [str(np.asarray(part).tolist()) for part in found]
    except Exception as error:
        line = str(error).split("\n")[0]
        line = re.sub(r"^\w+ '[^']*': ", "", line)  # graphmode names the op that ran first
        line = re.sub(r" (for|used by node) .*", "", line.replace(str(folder) + "/", ""))
        return [class_of(tf, error), re.sub(r"<dtype: '(\w+)'>", r"tf.\1", line)]
    finally:
        shutil.rmtree(str(folder))


def nodes(tf):
    """A line for each node: name, type, inputs, static shapes."""
    lines = []
    for op in tf.get_default_graph().get_operations():
        inputs, shapes = [t.name for t in op.inputs], [str(t.shape) for t in op.outputs]
        lines.append(" ".join([op.name, op.type, str(inputs), str(shapes)]))
    return lines


@case
def a_vocabulary_is_trained_on(tf):
    lookup = tf.contrib.lookup
    table = lookup.index_table_from_tensor(["a", "b", "c"], num_oov_buckets=3)
    ids = table.lookup(tf.constant([["a", "x", "yy"], ["c", "", "a"]]))
    names = nodes(tf)
    rows = tf.Variable(np.arange(12, dtype=np.float32).reshape(6, 2))
    loss = tf.reduce_sum(tf.square(tf.nn.embedding_lookup(rows, ids) - 1.0))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.tables_initializer()])
        losses = [session.run([loss, step])[0] for _ in range(3)]
        size, found, after = session.run([table.size(), ids, rows])
    collections = [op.name for op in tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS)]
    return {
        "nodes": [line.replace(" Add ", " AddV2 ") for line in names],
        "losses": np.array(losses),
        "ids": found,
        "size": size,
        "rows": after,
        "collections": collections,
    }


@case
def all_tables_in_one_graph(tf):
    lookup = tf.contrib.lookup
    words = tf.constant(["a", "b"])
    pairs = lookup.KeyValueTensorInitializer(["a"], [1])
    table = lookup.HashTable(pairs, 7)
    table.lookup(words), table.export(), table.size()
    changing = lookup.MutableHashTable(tf.string, tf.int64, -1)
    changing.insert(["a"], [1]), changing.lookup(words), changing.size()
    changing.export(), changing.remove(words)
    rows = lookup.MutableHashTable(tf.string, tf.float32, [1.0, 2.0])
    rows.lookup(words)
    dense = lookup.MutableDenseHashTable(tf.int64, tf.int64, -1, 0, -5, initial_num_buckets=8)
    dense.insert([3], [4]), dense.lookup([3]), dense.size()
    lookup.index_table_from_file("words.txt"), lookup.index_to_string_table_from_file("words.txt")
    lookup.index_to_string_table_from_tensor(["a"]).lookup(tf.constant([0], tf.int64))
    lookup.string_to_index(words, ["a"])
    tf.tables_initializer()
    return {
        "nodes": [line for line in nodes(tf) if "LookupTableExportV2" not in line],
        "names": [t.name for t in (table, changing, rows, dense)],
        "collections": sorted(tf.get_default_graph().collections),
    }


def words(tf, size=None, buckets=0, **more):
    lookup = tf.contrib.lookup
    table = lookup.index_table_from_tensor(["a", "b", "c"], num_oov_buckets=buckets, **more)
    return table.lookup(tf.constant(["c", "x", "a", "yy", ""])), table.size()


def file_table(name, key_dtype, key, value_dtype, value, default, keys, **more):
    def call(tf, folder):
        types = [getattr(tf, key_dtype), key, getattr(tf, value_dtype), value]
        lines = tf.contrib.lookup.TextFileInitializer(folder + name, *types, **more)
        table = tf.contrib.lookup.HashTable(lines, default)
        return table.size(), table.lookup(tf.constant(keys, types[0]))

    return call


SPACE = {"delimiter": " "}
ANSWERS = {
    "buckets": lambda tf, _: words(tf, buckets=4),
    "default": lambda tf, _: words(tf, default_value=9),
    "strong": lambda tf, _: words(
        tf, buckets=40, hasher_spec=tf.contrib.lookup.StrongHashSpec([3, 9])
    ),
    "legacy": lambda tf, _: words(
        tf, buckets=40, hasher_spec=tf.contrib.lookup.HasherSpec("legacy", None)
    ),
    "unknown hasher": lambda tf, _: words(
        tf, buckets=40, hasher_spec=tf.contrib.lookup.HasherSpec("slow", None)
    ),
    "no hasher": lambda tf, _: words(tf, buckets=40, hasher_spec="fasthash"),
    "int64": lambda tf, _: [
        tf.contrib.lookup.index_table_from_tensor([10, 20], 5, dtype=tf.int64).lookup(
            tf.constant([10, 11, -3, 20], tf.int64)
        )
    ],
    "int32": lambda tf, _: [
        tf.contrib.lookup.index_table_from_tensor([10, 20], 5, dtype=tf.int32).lookup(
            tf.constant([10, 11, -3, 20])
        )
    ],
    "only buckets": lambda tf, _: [
        tf.contrib.lookup.IdTableWithHashBuckets(None, 5).lookup(tf.constant(["a", "b", "c"]))
    ],
    "sparse": lambda tf, _: tf.contrib.lookup.index_table_from_tensor(["a", "b"], 1).lookup(
        tf.SparseTensor([[0, 0], [1, 2]], ["b", "q"], [2, 3])
    ),
    "words of ids": lambda tf, _: [
        tf.contrib.lookup.index_to_string_table_from_tensor(["a", "b"]).lookup(
            tf.constant([[1, 0], [2, -1]], tf.int64)
        )
    ],
    "words of ids of a file": lambda tf, folder: [
        tf.contrib.lookup.index_to_string_table_from_file(
            folder + "words", default_value="?"
        ).lookup(tf.constant([1, 0, 5], tf.int64))
    ],
    "string_to_index": lambda tf, _: [
        tf.contrib.lookup.string_to_index(tf.constant(["b", "z"]), ["a", "b"], default_value=9)
    ],
    "index_to_string": lambda tf, _: [
        tf.contrib.lookup.index_to_string(tf.constant([1, 2], tf.int64), ["a", "b"])
    ],
    "two ids": lambda tf, _: [
        tf.contrib.lookup.index_table_from_tensor(["a", "b", "a"]).lookup(tf.constant(["a"]))
    ],
    "floats": lambda tf, _: tf.contrib.lookup.index_table_from_tensor([1.0]),
    "float keys": lambda tf, _: tf.contrib.lookup.index_table_from_tensor([1.0], dtype=tf.float32),
    "texts for ints": lambda tf, _: tf.contrib.lookup.index_table_from_tensor(
        ["a"], dtype=tf.int64
    ),
    "nothing": lambda tf, _: tf.contrib.lookup.index_table_from_tensor(None),
    "no file": lambda tf, _: tf.contrib.lookup.index_table_from_file(),
    "no words of ids": lambda tf, _: tf.contrib.lookup.index_to_string_table_from_tensor(None),
    "fewer than none": lambda tf, _: words(tf, buckets=-1),
    "no words in it": lambda tf, folder: tf.contrib.lookup.index_table_from_file("f", vocab_size=0),
    "other keys": lambda tf, _: [
        tf.contrib.lookup.index_table_from_tensor(["a"]).lookup(tf.constant([1]))
    ],
    "other default": lambda tf, _: tf.contrib.lookup.HashTable(
        tf.contrib.lookup.KeyValueTensorInitializer(["a"], [1]), "x"
    ),
    "default of another shape": lambda tf, _: tf.contrib.lookup.HashTable(
        tf.contrib.lookup.KeyValueTensorInitializer(["a"], [1]), [1, 2]
    ),
    "fewer values": lambda tf, _: tf.contrib.lookup.HashTable(
        tf.contrib.lookup.KeyValueTensorInitializer(["a", "b", "c"], [1, 2]), 1
    ),
    "keys in rows": lambda tf, _: tf.contrib.lookup.HashTable(
        tf.contrib.lookup.KeyValueTensorInitializer([["a", "b"]], [[1, 2]]), 1
    ),
    "short hash key": lambda tf, _: tf.contrib.lookup.StrongHashSpec([1]),
    "broken hash key": lambda tf, _: tf.contrib.lookup.StrongHashSpec([1.5, 2]),
    "no buckets": lambda tf, _: tf.contrib.lookup.IdTableWithHashBuckets(None, 0),
    "file": file_table("words", "string", -2, "int64", -1, -1, ["lake", "x"]),
    "file of ints": file_table("numbers", "int64", -2, "int64", -1, -9, [7, -1, 3]),
    "columns": file_table("columns", "string", 0, "int64", 1, -1, ["b", "c"], **SPACE),
    "float columns": file_table("columns", "string", 0, "float32", 1, -1, ["b", "c"], **SPACE),
    "text columns": file_table("columns", "string", 0, "string", 1, "-", ["b", "c"], **SPACE),
    "lines by numbers": file_table("words", "int64", -1, "string", -2, "?", [0, 2, 5]),
    "first lines": file_table("words", "string", -2, "int64", -1, -1, ["a", "lake"], vocab_size=1),
    "too few lines": file_table("words", "string", -2, "int64", -1, -1, ["a"], vocab_size=5),
    "texts in ints": file_table("words", "int64", -2, "int64", -1, -9, [7]),
    "two values": file_table("two values", "string", 0, "int64", 1, -1, ["a"], **SPACE),
    "short line": file_table("short", "string", 0, "int64", 1, -1, ["a"], **SPACE),
    "letters": file_table("letters", "string", 0, "int64", 1, -1, ["a"], **SPACE),
    "letters in floats": file_table("letters", "string", 0, "float32", 1, -1, ["a"], **SPACE),
    "blank line": file_table("blank", "string", -2, "int64", -1, -1, ["a"]),
    "missing": file_table("missing", "string", -2, "int64", -1, -1, ["a"]),
    "long delimiter": file_table("columns", "string", 0, "int64", 1, -1, ["a"], delimiter="  "),
    "int32 numbers of lines": file_table("words", "int32", -1, "string", -2, "?", [0]),
    "whole lines as ints": file_table("words", "string", -2, "int64", -2, 1, ["a"]),
    "whole lines as floats": file_table("words", "float32", -2, "int64", -1, 1, [1.0]),
    "index": file_table("words", "string", -3, "int64", -1, 1, ["a"]),
    "no lines": file_table("words", "string", -2, "int64", -1, 1, ["a"], vocab_size=0),
}  # fmt: skip


@case
def words_and_files(tf):
    return {name: told(tf, call) for name, call in ANSWERS.items()}


def steps(tf, table, *calls):
    """What each call gives, run one after the other in one session."""
    seen = []
    with tf.Session() as session:
        for call in calls:
            try:
                found = session.run(call(table))
                parts = found if isinstance(found, tuple) else (found,)
                seen.append(str([np.asarray(part).tolist() for part in parts]))
            except Exception as error:
                line = re.sub(r"^\w+ '[^']*': ", "", str(error).split("\n")[0])
                line = re.sub(r" for '.*", "", line)
                seen.append(class_of(tf, error) + ": " + line)
    return seen


@case
def tables_that_change(tf):
    lookup = tf.contrib.lookup
    one = tf.placeholder_with_default(["a"], None)
    two = tf.placeholder_with_default(np.array([1, 2]), None)
    counts = steps(
        tf,
        lookup.MutableHashTable(tf.string, tf.int64, -1),
        lambda t: t.size(),
        lambda t: t.insert(["a", "b"], [1, 2]),
        lambda t: t.lookup(["a", "z"]),
        lambda t: t.insert(["a"], [9]),
        lambda t: t.lookup([["a", "z", "b"]]),
        lambda t: t.remove(tf.constant(["a", "q"])),
        lambda t: t.export(),
        lambda t: t.insert("s", 4),
        lambda t: t.insert([["u", "v"]], [[5, 6]]),
        lambda t: t.size(),
        lambda t: t.insert(["a", "a"], [1, 2]),
        lambda t: t.lookup("a"),
        lambda t: t.insert(["a", "b"], [1]),
        lambda t: t.insert(one, two),
    )
    rows = steps(
        tf,
        lookup.MutableHashTable(tf.string, tf.float32, [-1.0, -2.0]),
        lambda t: t.insert(["a", "b"], [[1, 2], [3, 4]]),
        lambda t: t.lookup([["a", "z"]]),
        lambda t: t.insert(["a", "b"], [1, 2]),
    )
    dense = steps(
        tf,
        lookup.MutableDenseHashTable(tf.int64, tf.int64, -1, 0, -5, initial_num_buckets=4),
        lambda t: t.insert([3, 7], [1, 2]),
        lambda t: t.lookup([3, 9]),
        lambda t: t.export(),
        lambda t: t.remove(tf.constant([3, 8], tf.int64)),
        lambda t: t.export(),
        lambda t: t.insert([0], [1]),
        lambda t: t.lookup([-5]),
        lambda t: t.insert([1, 2, 3, 4, 5, 6, -8], [1] * 7),
        lambda t: t.size(),
        lambda t: t.export(),
    )
    pairs = steps(
        tf,
        lookup.MutableDenseHashTable(
            tf.int64, tf.float32, [9.0] * 3, [0, 0], [-1, -1], initial_num_buckets=8
        ),
        lambda t: t.insert([[1, 2], [3, -4]], [[1, 2, 3], [4, 5, 6]]),
        lambda t: t.lookup([[3, -4], [5, 5]]),
        lambda t: t.export(),
        lambda t: t.lookup([3, 4]),
    )
    texts = steps(
        tf,
        lookup.MutableDenseHashTable(tf.string, tf.int64, -1, "", "-", initial_num_buckets=16),
        lambda t: t.insert(["a", "longer than eight", "b"], [1, 2, 3]),
        lambda t: t.lookup(["b", "c"]),
        lambda t: t.export(),
    )
    refused = [
        steps(tf, lookup.MutableDenseHashTable(tf.int64, tf.int64, *given), lambda t: t.size())
        for given in ((-1, 1, 1), (-1, 0, -5, 3), (-1, [1, 2], 1))
    ]
    return {
        "counts": counts,
        "rows": rows,
        "dense": dense,
        "pairs": pairs,
        "texts": texts,
        "refused": refused,
    }


@case
def filled_once(tf):
    lookup = tf.contrib.lookup
    keys, values = tf.placeholder(tf.string, [None]), tf.placeholder(tf.int32, [None])
    table = lookup.HashTable(lookup.KeyValueTensorInitializer(keys, values), -1, shared_name="s")
    other = lookup.HashTable(lookup.KeyValueTensorInitializer(["b"], [1]), 8, shared_name="s")
    clash = lookup.HashTable(lookup.KeyValueTensorInitializer([2], ["x"]), "d", shared_name="s")
    words = tf.constant(["a", "b"])
    seen = []
    with tf.Session() as session, tf.Session() as second:

        def tried(run, *arguments):
            try:
                seen.append(str(np.asarray(run(*arguments)).tolist()))
            except Exception as error:
                line = re.sub(r"^\w+ '[^']*': ", "", str(error).split("\n")[0])
                seen.append(class_of(tf, error) + ": " + line)

        tried(session.run, table.size())
        tried(session.run, table.lookup(words))
        tried(session.run, table.export())
        tried(session.run, table.init, {keys: ["a"], values: [1]})
        tried(session.run, table.init, {keys: ["b"], values: [5]})
        tried(session.run, table.init, {keys: ["a", "b"], values: [1, 2]})
        tried(session.run, table.lookup(words))
        tried(session.run, other.lookup(words))
        tried(session.run, clash.init)
        tried(second.run, table.lookup(words))
    return {"seen": seen}


@case
def saved_and_restored(tf):
    folder = pathlib.Path(tempfile.mkdtemp())
    words = tf.contrib.lookup.MutableHashTable(tf.string, tf.int64, -1, name="words")
    dense = tf.contrib.lookup.MutableDenseHashTable(
        tf.int64, tf.float32, [0.0, 0.0], 0, -5, 8, name="dense"
    )
    bias = tf.Variable(1.0)
    saver = tf.train.Saver()
    put = [words.insert(["a", "b"], [1, 2]), dense.insert([3], [[4.0, 5.0]])]
    with tf.Session() as session:
        session.run([bias.initializer, put])
        path = saver.save(session, str(folder / "model"))
    with tf.Session() as session:
        session.run(words.insert(["z"], [1]))
        saver.restore(session, path)
        found = session.run([words.lookup(["a", "b", "z"]), dense.lookup([3]), bias])
    kept = [str(pair) for pair in tf.train.list_variables(path)]
    shutil.rmtree(str(folder))
    return {
        "kept": kept,
        "words": found[0],
        "dense": found[1],
        "nodes": [line for line in nodes(tf) if line.startswith("save/")],
    }


@case
def a_text_classifier(tf):
    lookup = tf.contrib.lookup
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "vocabulary").write_bytes(b"the\ncat\nsat\non\nmat\n")
    lines = tf.placeholder(tf.string, [None])
    table = lookup.index_table_from_file(str(folder / "vocabulary"), num_oov_buckets=3)
    ids = table.lookup(tf.string_split(lines))
    weights = np.linspace(-1, 1, 8 * 2).astype(np.float32).reshape(8, 2)
    rows = tf.Variable(weights, name="rows")
    logits = tf.nn.embedding_lookup_sparse(rows, ids, None, combiner="mean")
    labels = lookup.index_table_from_tensor(["bad", "good"])
    said = tf.placeholder(tf.string, [None])
    wanted = labels.lookup(said)
    loss = tf.losses.sparse_softmax_cross_entropy(wanted, logits)
    step = tf.train.MomentumOptimizer(0.5, 0.9).minimize(loss)
    words = lookup.index_to_string_table_from_tensor(["bad", "good"])
    guess = words.lookup(tf.argmax(logits, axis=1))
    feed = {lines: ["the cat sat", "on a mat on", "dog the the"], said: ["good", "bad", "good"]}
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.tables_initializer()])
        losses = [session.run([loss, step], feed)[0] for _ in range(6)]
        found = session.run([rows, guess, ids.values], feed)
    shutil.rmtree(str(folder))
    return {
        "losses": np.array(losses),
        "rows": found[0],
        "guesses": [str(text) for text in found[1].tolist()],
        "ids": found[2],
        "assets": len(tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS)),
    }
