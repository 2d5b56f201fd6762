"""Records and what is in them: sequences, events, strings that stand for something, patterns."""

import pathlib
import tempfile

import numpy as np

from golden.case import case, complaint, described, leaves


def _feature(tf, values):
    train = tf.train
    if values and isinstance(values[0], bytes):
        return train.Feature(bytes_list=train.BytesList(value=values))
    if values and isinstance(values[0], float):
        return train.Feature(float_list=train.FloatList(value=values))
    return train.Feature(int64_list=train.Int64List(value=values))


def _sequence(tf, context, steps):
    train = tf.train
    lists = {
        key: train.FeatureList(feature=[_feature(tf, values) for values in rows])
        for key, rows in steps.items()
    }
    return train.SequenceExample(
        context=train.Features(
            feature={key: _feature(tf, values) for key, values in context.items()}
        ),
        feature_lists=train.FeatureLists(feature_list=lists),
    ).SerializeToString()


def _two(tf):
    return [
        _sequence(tf, {"n": [3], "w": [b"q"]}, {"x": [[1.0, 2.0], [3.0, 4.0]], "t": [[b"a"], []]}),
        _sequence(tf, {"n": [4]}, {"x": [[7.0, 8.0]], "t": [[b"b", b"c"]]}),
    ]


def _run(tf, **fetches):
    """What `fetches` are, and their values as texts: arrays of bytes have no other form."""
    tensors = leaves(tf, fetches)
    result = {key + ".tensor": described(tensor) for key, tensor in tensors.items()}
    with tf.Session() as session:
        for key, value in session.run(tensors).items():
            result[key] = str(np.asarray(value).tolist())
    return result


@case
def sequences_in_batches(tf):
    features = (
        {
            "n": tf.io.FixedLenFeature([], tf.int64),
            "f": tf.io.FixedLenFeature([2], tf.float32, [0.5, 1.5]),
            "w": tf.io.VarLenFeature(tf.string),
        },
        {
            "x": tf.io.FixedLenSequenceFeature([2], tf.float32),
            "q": tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True),
        },
    )
    context, steps, lengths = tf.io.parse_sequence_example(_two(tf), *features)
    one, its_steps = tf.io.parse_single_sequence_example(_two(tf)[0], *features)
    sparse = context.pop("w")
    parts = {"context": context, "steps": steps, "lengths": lengths, "its steps": its_steps}
    flat = {group + " " + key: value for group in parts for key, value in parts[group].items()}
    return _run(tf, w=[sparse.indices, sparse.values, sparse.dense_shape], n=one["n"], **flat)


def _refused(tf, begin, *features):
    """The class of what a session says, and whether it begins as TensorFlow's does."""
    parsed = tf.io.parse_sequence_example(_two(tf), *features, example_names=["a", "b"])
    with tf.Session() as session:
        return complaint(lambda: session.run(parsed), begin)


@case
def sequences_that_do_not_fit(tf):
    return {
        "kind": _refused(
            tf, "Error in context feature n in example a", {"n": tf.io.VarLenFeature(tf.string)}
        ),
        "list": _refused(
            tf,
            "Missing feature z in example a",
            None,
            {"z": tf.io.FixedLenSequenceFeature([], tf.int64)},
        ),
        "step": _refused(
            tf,
            "Error in sequence feature x in example a",
            None,
            {"x": tf.io.VarLenFeature(tf.int64)},
        ),
    }


@case
def events_of_a_graph(tf):
    tf.add_to_collection("outputs", tf.constant(2.0, name="two"))
    with tempfile.TemporaryDirectory() as folder:
        with tf.summary.FileWriter(folder, tf.get_default_graph()) as writer:
            value = tf.Summary.Value(tag="loss", simple_value=0.5)
            writer.add_summary(tf.Summary(value=[value]), 7)
        (path,) = pathlib.Path(folder).iterdir()
        events = list(tf.train.summary_iterator(str(path)))
    meta = tf.MetaGraphDef.FromString(events[2].meta_graph_def)
    return {
        "events": [event.WhichOneof("what") + " " + str(event.step) for event in events],
        "nodes": [node.name + " " + node.op for node in meta.graph_def.node],
        "collections": sorted(meta.collection_def),
        "version": meta.meta_info_def.tensorflow_version,
    }


@case
def strings_that_stand_for_something(tf):
    arrays = [np.float32([[1.5, 2.0, 0.0]]), np.int16(3), np.bool_([True]), np.zeros([0, 3])]
    ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], ["a", "b", "c"], [2, 2])
    dense = tf.constant([[7, -2], [3, 4]])
    crossed = tf.sparse.cross([dense, ids])
    hashed = tf.sparse.cross_hashed([dense, ids], 1000, 12345)
    points = [
        0,
        65,
        0x3B1,
        0x42F,
        0x5D0,
        0x627,
        0x905,
        0x3042,
        0x4E00,
        0xAC00,
        0x1F600,
        0x10FFFF,
        -1,
    ]
    return _run(
        tf,
        serialized=[tf.io.serialize_tensor(array) for array in arrays],
        crossed=[crossed.indices, crossed.values, crossed.dense_shape],
        hashed=[hashed.values, tf.sparse.cross_hashed([ids]).values],
        fingerprints=[
            tf.fingerprint(["a", "", "b" * 70]),
            tf.fingerprint([["a", "b"], ["c", "d"]]),
        ],
        scripts=tf.strings.unicode_script(points),
        lengths=tf.strings.length([b"\x80a\xff\x80", b""], unit="UTF8_CHAR"),
        parts=tf.strings.substr([b"\x80\x80a\xff\x80b"] * 3, [1, -2, 0], [2, 1, -1], "UTF8_CHAR"),
    )


@case
def patterns(tf):
    strings = [b"aab a.b", "h\u00e9\u00c9 X\n".encode("utf-8"), b"", b"\xff a\x80", b"12_-]\n"]
    tried = [
        "a*?", ".", "[^a]+", r"[\D]+", r"\pL+|\p{Nd}", r"[^\PL]\p{^L}", "(?i)\u00e9", "A(?i)a|B|x",
        r"\Qa.\E+", "a{,2}|[]_]", "[[:^alpha:]]+$", r"(?m)^\W|(a)(?-i)", r"\B-|\bX\b",
    ]  # fmt: skip
    return _run(
        tf,
        replaced=[tf.strings.regex_replace(strings, pattern, r"<\0>") for pattern in tried],
        matched=[tf.strings.regex_full_match(strings, pattern) for pattern in tried],
    )
