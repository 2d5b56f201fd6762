"""`tf.parse_example` and `tf.parse_single_example`: values, shapes, names, and what is refused.

Texts and names are those that TensorFlow 1.15.5 gives; values are compared with 2.21.
"""

import numpy as np
import pytest
from tests.ops.records.examples import BATCH, STEPS, message, sequence

import graphmode as tf

PAIRS = [message(i=[3, 1], j=[0, 2], v=[1.0, 2.0]), message(i=[0], j=[1], v=[5.0])]


def described(library):
    """Cases: messages, and the features that are looked for."""
    fixed, var, steps = (
        library.FixedLenFeature,
        library.VarLenFeature,
        library.FixedLenSequenceFeature,
    )
    sparse = library.SparseFeature
    batch = list(BATCH)
    return {
        "fixed": (batch, {"a": fixed([2], tf.int64.name), "c": fixed([2, 2], "float32")}),
        "var": (batch, {"b": var(library.string), "a": var(library.int64)}),
        "default": (batch, {"q": fixed([], "float32", 7.0), "r": fixed([2], "string", ["u", "v"])}),
        "one text": (batch, {"t": fixed([], "string", "w"), "a": fixed([2], "int64")}),
        "steps": (
            batch,
            {
                "b": steps([], "string", allow_missing=True, default_value="-"),
                "q": steps([2], "int64", allow_missing=True),
                "c": steps([2], "float32", allow_missing=True),
                "d": steps([], "int64", allow_missing=True),
            },
        ),
        "nothing in it": ([b""], {"a": fixed([2], "int64", [5, 6]), "b": var(library.string)}),
        "one axis": (PAIRS, {"s": sparse("i", "v", library.float32, 10)}),
        "two axes": (PAIRS, {"s": sparse(["i", "j"], "v", library.float32, [10, 4])}),
    }


def typed(library, features):
    """Dtypes that are written as texts become the library's."""
    return {
        key: feature._replace(dtype=library.as_dtype(feature.dtype))
        for key, feature in features.items()
    }


def flat(found):
    return {
        f"{key} {i}": part
        for key, value in found.items()
        for i, part in enumerate(value if isinstance(value, tuple) else [value])
    }


def kinds(value):
    """What the elements are: an array of objects may hold arrays, which compare as texts do."""
    return {type(part) for part in np.ravel(value)}


@pytest.mark.parametrize("case", list(described(tf)))
@pytest.mark.parametrize("single", [False, True])
def test_values_are_tensorflows(oracle, case, single, mode):
    found = []
    for library in (tf, oracle):
        with library.Graph().as_default(), library.Session() as session:
            serialized, features = described(library)[case]
            features = typed(library, features)
            if single:
                tensors = library.parse_single_example(serialized[0], features)
            else:
                tensors = library.parse_example(serialized, features)
            shapes = {key: str(tensor.get_shape()) for key, tensor in tensors.items()}
            found.append((shapes, flat(session.run(tensors))))
    assert found[0][0] == found[1][0]
    assert found[0][1].keys() == found[1][1].keys()
    for key, value in found[1][1].items():
        assert np.asarray(found[0][1][key]).dtype == np.asarray(value).dtype
        np.testing.assert_array_equal(found[0][1][key], value)
        assert kinds(found[0][1][key]) == kinds(value)


def test_nodes_are_those_of_1_15():
    features = {"a": tf.FixedLenFeature([2], tf.int64, [0, 0]), "b": tf.VarLenFeature(tf.string)}
    tf.parse_example(list(BATCH), features)
    tf.parse_single_example(BATCH[0], features)
    nodes = {node.name: node.op for node in tf.get_default_graph().as_graph_def().node}
    expected = {
        "ParseExample/Reshape": "Reshape",
        "ParseExample/ParseExample": "ParseExample",
        "ParseExample/ParseExample/serialized": "Const",
        "ParseExample/ParseExample/names": "Const",
        "ParseExample/ParseExample/sparse_keys_0": "Const",
        "ParseExample/ParseExample/dense_keys_0": "Const",
        "ParseSingleExample/serialized": "Const",
        "ParseSingleExample/Reshape": "Reshape",
        "ParseSingleExample/ParseSingleExample": "ParseSingleExample",
    }
    assert {name: nodes.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("feature", "text"),
    [
        (("q", tf.FixedLenFeature([], tf.float32)),
         "{}Feature: q (data type: float) is required but could not be found."),
        (("a", tf.FixedLenFeature([2], tf.float32)),
         "{}Key: a{}.  Data types don't match. Data type: int64 but expected type: float"),
        (("a", tf.FixedLenFeature([3], tf.int64)),
         "{}Key: a{}.  {}Number of int64 values != expected.  Values size: 2 but output shape: "
         "[3]"),
        (("c", tf.FixedLenSequenceFeature([3], tf.float32, allow_missing=True)),
         "{}Key: c{}.  Number of float values is not a multiple of stride length. Saw 4 values "
         "but output shape is: [?,3]"),
    ],
)  # fmt: skip
def test_messages_that_do_not_fit(feature, text, mode):
    features = dict([feature])
    parts = text.count("{}")
    with tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError) as batch:
            session.run(tf.parse_example(list(BATCH), features))
        with pytest.raises(tf.errors.InvalidArgumentError) as named:
            session.run(tf.parse_example(BATCH[:1], features, example_names=["first"]))
        with pytest.raises(tf.errors.InvalidArgumentError) as single:
            session.run(tf.parse_single_example(BATCH[0], features))
    assert text.format(*["Name: <unknown>, ", ", Index: 0", ""][:parts]) in str(batch.value)
    assert text.format(*["Name: first, ", ", Index: 0", ""][:parts]) in str(named.value)
    alone = ["", "", "Can't parse serialized Example.  "][:parts]
    assert text.format(*alone) in str(single.value)
    assert "test_examples.py" in str(single.value)


def test_what_is_no_message():
    features = {"a": tf.VarLenFeature(tf.float32)}
    with tf.Session() as session:
        text = r"Could not parse example input, value: b'\\xff\\xff'"
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            session.run(tf.parse_example([b"\xff\xff"], features)["a"])
        text = "Key: a, Index: 0.  Data types don't match. Expected type: float, Actual type: int64"
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            session.run(tf.parse_example(list(BATCH), features)["a"])
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        tf.parse_single_example([BATCH[0]], features)


@pytest.mark.parametrize(
    ("features", "text"),
    [
        ({}, "Missing: features was {}."),
        (None, "Missing: features was None."),
        ({"a": tf.VarLenFeature(None)}, "Missing type for feature a."),
        ({"a": tf.FixedLenFeature(None, tf.int64)}, "Missing shape for feature a."),
        ({"a": 3}, "Invalid feature a:3."),
        ({"a": tf.FixedLenFeature([2, None], tf.int64)},
         "All dimensions of shape for feature a need to be known but received [2, None]."),
        ({"a": tf.FixedLenSequenceFeature([], tf.int64)},
         "Unsupported: FixedLenSequenceFeature requires allow_missing to be True."),
        ({"a": tf.FixedLenFeature([2], tf.int64, [1, 2, 3])},
         "Cannot reshape a tensor with 3 elements to shape [2] (2 elements)"),
    ],
)  # fmt: skip
def test_descriptions_that_are_none(features, text):
    with pytest.raises(ValueError) as found:
        tf.parse_example(list(BATCH), features)
    assert text in str(found.value)


@pytest.mark.parametrize(
    ("build", "dtype"),
    [
        (lambda: tf.parse_example(["x"], {"a": tf.FixedLenFeature([], tf.int32)}), "int32"),
        (lambda: tf.parse_single_example("x", {"a": tf.VarLenFeature(tf.float64)}), "float64"),
        (lambda: tf.parse_single_sequence_example(
            "x", sequence_features={"a": tf.FixedLenSequenceFeature([], tf.bool)}), "bool"),
        (lambda: tf.decode_csv("1", [[True]]), "bool"),
        (lambda: tf.decode_raw("a", tf.string), "string"),
        (lambda: tf.string_to_number("1", tf.int16), "int16"),
        (lambda: tf.image.decode_png("x", dtype=tf.int32), "int32"),
    ],
)  # fmt: skip
def test_dtypes_that_the_format_has_not_are_refused_while_it_is_built(build, dtype):
    with pytest.raises(TypeError, match=f"has DataType {dtype} not in list of allowed values"):
        build()


@pytest.mark.parametrize(
    ("context", "sequence", "text"),
    [
        (None, {"q": tf.FixedLenSequenceFeature([2], tf.float32)},
         "Name: here, Feature list 'q' is required but could not be found.  Did you mean to "
         "include it in feature_list_dense_missing_assumed_empty or feature_list_dense_defaults?"),
        (None, {"x": tf.FixedLenSequenceFeature([3], tf.float32)},
         "Name: here, Key: x, Index: 0.  Number of float values != expected.  values size: 2 but "
         "output shape: [3]"),
        (None, {"x": tf.FixedLenSequenceFeature([2], tf.int64)},
         "Name: here, Feature list: x, Index: 0.  Data types don't match. Expected type: int64  "
         "Feature is: float_list"),
        (None, {"x": tf.VarLenFeature(tf.int64)},
         "Name: here, Feature List: x, Index: 0.  Data types don't match. Expected type: int64  "
         "Feature is: float_list"),
        ({"q": tf.FixedLenFeature([], tf.int64)}, None,
         "Name: here, Context feature 'q' is required but could not be found."),
        ({"n": tf.FixedLenFeature([], tf.float32)}, None,
         "Name: here, Context feature: n.  Data types don't match. Expected type: float  Feature "
         "is: int64_list"),
        ({"n": tf.FixedLenFeature([2], tf.int64)}, None,
         "Name: here, Key: n, Index: 0.  Number of int64 values != expected.  values size: 1 but "
         "output shape: [2]"),
    ],
)  # fmt: skip
def test_sequences_that_do_not_fit(context, sequence, text):
    found = tf.parse_single_sequence_example(STEPS.item(), context, sequence, "here")
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as error:
        session.run(found)
    assert text in str(error.value)


def test_descriptions_of_sequences_that_are_none():
    with pytest.raises(ValueError, match="Missing features"):
        tf.parse_single_sequence_example(STEPS.item())
    with pytest.raises(ValueError, match="Invalid feature x:3"):
        tf.parse_single_sequence_example(STEPS.item(), sequence_features={"x": 3})
    with pytest.raises(ValueError, match="Unsupported FixedLenFeature FixedLenFeature"):
        tf.parse_single_sequence_example(
            STEPS.item(), sequence_features={"x": tf.FixedLenFeature([2], tf.float32)}
        )
    with pytest.raises(ValueError, match=r"feature_list_dense_defaults\[x\] must be None"):
        tf.parse_single_sequence_example(
            STEPS.item(), sequence_features={"x": tf.FixedLenSequenceFeature([2], tf.int64, 0, 0)}
        )
    with tf.Session() as session:
        found = tf.parse_single_sequence_example(
            b"\xff", sequence_features={"x": tf.VarLenFeature(tf.float32)}
        )
        with pytest.raises(tf.errors.InvalidArgumentError, match="it is no SequenceExample"):
            session.run(found[1]["x"])


@pytest.mark.parametrize("kind", ["", "GZIP", "ZLIB"])
def test_the_record_that_does_not_fit_is_named(tmp_path, kind):
    path = str(tmp_path / "train.tfrecord")
    with tf.python_io.TFRecordWriter(path, kind) as writer:
        for i in range(6):
            writer.write(message(x=[i] * (3 if i != 4 else 2)))
    begin = 4 * (len(message(x=[1, 1, 1])) + 16)
    place = f"\n  record 4 of {path} (at byte {begin}{' of its content' if kind else ''})\n"
    features = {"x": tf.FixedLenFeature([3], tf.int64)}
    records = tf.data.TFRecordDataset(path, kind)
    one = records.map(lambda s: tf.parse_single_example(s, features)["x"])
    several = records.batch(5).map(lambda s: tf.parse_example(s, features)["x"])
    with tf.Session() as session:
        for data in (one, several):
            found = data.make_one_shot_iterator().get_next()
            with pytest.raises(tf.errors.InvalidArgumentError) as error:
                for _ in range(6):
                    session.run(found)
            assert place in str(error.value)
        with pytest.raises(tf.errors.InvalidArgumentError) as error:
            session.run(tf.parse_single_example(message(x=[7]), features))
        assert "  record" not in str(error.value)


TWO = [
    STEPS.item(),
    sequence({"n": [4], "f": [0.5, 1.5]}, {"x": [[7.0, 8.0]], "w": [], "e": [[], [3, 4]]}),
]


def test_batches_of_sequences_are_tensorflows(oracle, mode):
    found = []
    for library in (tf, oracle):
        steps = library.io.FixedLenSequenceFeature
        with library.Graph().as_default(), library.Session() as session:
            parts = library.io.parse_sequence_example(
                TWO,
                {
                    "n": library.io.FixedLenFeature([], library.int64),
                    "f": library.io.FixedLenFeature([2], library.float32, [0.25, 0.75]),
                    "t": library.io.FixedLenFeature([], library.string, "w"),
                    "name": library.io.VarLenFeature(library.string),
                },
                {
                    "x": steps([2], library.float32),
                    "s": steps([], library.string, allow_missing=True),
                    "missing": steps([3], library.string, allow_missing=True),
                    "w": library.io.VarLenFeature(library.string),
                    "e": library.io.VarLenFeature(library.int64),
                },
            )
            shapes = [
                {key: part.get_shape().as_list() for key, part in group.items()} for group in parts
            ]
            found.append((shapes, [flat(group) for group in session.run(parts)]))
    assert found[0][0] == found[1][0]
    for ours, theirs in zip(found[0][1], found[1][1], strict=True):
        assert ours.keys() == theirs.keys()
        for key, value in theirs.items():
            assert ours[key].dtype == value.dtype
            np.testing.assert_array_equal(ours[key], value)
            assert kinds(ours[key]) == kinds(value)


@pytest.mark.parametrize(
    ("context", "sequence", "text"),
    [
        ({"f": tf.FixedLenFeature([2], tf.float32)}, None,
         "Feature: f (data type: float) is required but could not be found."),
        ({"n": tf.VarLenFeature(tf.string)}, None,
         "Error in context feature n in example first: its 1 values are int64, expected string"),
        ({"n": tf.FixedLenFeature([2], tf.int64)}, None,
         "Unexpected number of elements in feature n, example first: 1 int64 values, expected the "
         "shape [2]"),
        (None, {"q": tf.FixedLenSequenceFeature([], tf.int64)},
         "Missing feature q in example first"),
        (None, {"x": tf.FixedLenSequenceFeature([3], tf.float32)},
         "Unexpected number of elements in feature x, example first, step 0: 2 float values"),
        (None, {"x": tf.VarLenFeature(tf.int64)},
         "Error in sequence feature x in example first, step 0: its 2 values are float, expected "
         "int64"),
    ],
)  # fmt: skip
def test_batches_of_sequences_that_do_not_fit(context, sequence, text):
    found = tf.io.parse_sequence_example(TWO, context, sequence, ["first", "second"])
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as error:
        session.run(found)
    assert text in str(error.value)


def test_what_is_no_batch_of_sequences():
    features = {"x": tf.VarLenFeature(tf.float32)}
    _, found, _ = tf.io.parse_sequence_example([TWO[0], b"\xff"], sequence_features=features)
    with tf.Session() as session:
        text = "Invalid protocol message input, example id: <unknown>"
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            session.run(found["x"])
        _, found, _ = tf.io.parse_sequence_example(TWO, None, features, ["one name"])
        text = "example_names must be empty or have the correct number of elements"
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            session.run(found["x"])


def test_training_on_records(tmp_path, mode):
    """Records on disk, read and parsed, feed a regression."""
    path = str(tmp_path / "train.tfrecord")
    with tf.python_io.TFRecordWriter(path) as writer:
        for i in range(64):
            x = [i / 64.0, 1.0]
            writer.write(message(x=x, y=[2 * x[0] + 0.5 * x[1]]))
    serialized = tf.placeholder(tf.string, [None])
    found = tf.parse_example(
        serialized, {"x": tf.FixedLenFeature([2], tf.float32)}
        | {"y": tf.FixedLenFeature([1], tf.float32)},
    )  # fmt: skip
    w = tf.Variable(tf.zeros([2, 1]))
    loss = tf.reduce_mean(tf.square(tf.matmul(found["x"], w) - found["y"]))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    records = list(tf.python_io.tf_record_iterator(path))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(200):
            session.run(train, {serialized: records})
        np.testing.assert_allclose(session.run(w), [[2.0], [0.5]], atol=0.05)


KINDS = {"t": "string", "f": "float32", "i": "int64"}


def many_messages(n=400):
    """Messages whose features have none to many values, long numbers and long texts among them."""
    random = np.random.RandomState(7)
    for _ in range(n):
        n_texts, n_floats, n_ints = random.randint(0, [3, 40, 20])
        features = {
            "t": [random.bytes(int(2 ** random.uniform(0, 12))) for _ in range(n_texts)],
            "f": random.normal(size=n_floats).tolist(),
            "i": [
                int(x) >> int(random.randint(63)) for x in random.randint(-(2**62), 2**62, n_ints)
            ],
        }
        yield message(**{key: values for key, values in features.items() if values})


ON_WIRE = {
    "values one by one": b"\x12\x0a" + 2 * b"\x0d\x00\x00\x80\x3f",
    "two lists of one kind": b"\x12\x06\x0a\x04\x00\x00\x80\x3f" * 2,
    "two packs": b"\x12\x0c" + 2 * b"\x0a\x04\x00\x00\x80\x3f",
    "a field of no meaning": b"\x12\x08\x0a\x04\x00\x00\x80\x3f\x20\x01",
    "an empty list": b"\x12\x00",
    "an empty pack": b"\x12\x02\x0a\x00",
    "nothing": b"",
}


def wrapped(feature):
    entry = b"\x0a\x01f\x12" + bytes([len(feature)]) + feature
    features = b"\x0a" + bytes([len(entry)]) + entry
    return b"\x0a" + bytes([len(features)]) + features


def test_features_of_any_length_are_tensorflows(oracle):
    found, messages = [], [*many_messages()]
    for library in (tf, oracle):
        features = {
            key: library.VarLenFeature(library.as_dtype(name)) for key, name in KINDS.items()
        }
        with library.Graph().as_default(), library.Session() as session:
            batch = library.parse_example(messages, features)
            single = [library.parse_single_example(text, features) for text in messages[:7]]
            found.append(session.run([batch, *single]))
    for ours, theirs in zip(*found, strict=True):
        for key in KINDS:
            for a, b in zip(ours[key], theirs[key], strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", list(ON_WIRE))
def test_features_that_few_writers_make(kind):
    text = wrapped(ON_WIRE[kind])
    with tf.Session() as session:
        found = tf.parse_single_example(text, {"f": tf.VarLenFeature(tf.float32)})
        values = session.run(found["f"].values)
    assert (
        values.tolist() == tf.train.Example.FromString(text).features.feature["f"].float_list.value
    )


@pytest.mark.parametrize("packed", [b"\x81\x82", b"\x81" * 11])
def test_numbers_that_have_no_end(packed):
    feature = b"\x1a" + bytes([len(packed) + 2]) + b"\x0a" + bytes([len(packed)]) + packed
    with tf.Session() as session:
        found = tf.parse_example([wrapped(feature)], {"f": tf.VarLenFeature(tf.int64)})
        with pytest.raises(tf.errors.InvalidArgumentError, match="Could not parse example input"):
            session.run(found["f"].values)
