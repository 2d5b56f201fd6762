"""Pipelines beside TensorFlow 2.21: dtypes, shapes, classes, each element and error, the end."""

import gzip
import sqlite3

import numpy as np
import pytest

import graphmode

MOST = 30


class Module:
    """What a pipeline is built with: the same names of either library."""

    def __init__(self, tf):
        self.tf = tf
        self.of = tf.data.Dataset
        self.more = tf.data.experimental


def plain(value):
    """A value as what both libraries give alike."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in sorted(value.items())}
    if type(value).__name__ == "SparseTensorValue":
        return ["sparse", *(plain(part) for part in value)]
    if isinstance(value, tuple):
        return tuple(plain(part) for part in value)
    array = np.asarray(value)
    kind = "string" if array.dtype.kind in "OSU" else array.dtype.name
    return kind, array.shape, array.tolist()


def said(structure):
    """Dtypes, shapes or classes of a structure, as texts."""
    if isinstance(structure, dict):
        return {key: said(part) for key, part in sorted(structure.items())}
    if type(structure) is tuple:
        return tuple(said(part) for part in structure)
    if hasattr(structure, "as_list"):
        return "?" if structure.dims is None else str(structure.as_list())
    return structure.__name__ if isinstance(structure, type) else structure.name


def seen(tf, make, *paths):
    """What a program sees of a data set: facts, then elements and errors until the end."""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(7)
        dataset = make(Module(tf), *paths)
        found = [
            said(tf.data.get_output_types(dataset)),
            said(tf.data.get_output_shapes(dataset)),
            said(tf.data.get_output_classes(dataset)),
        ]
        element = tf.data.make_one_shot_iterator(dataset).get_next()
        while len(found) < MOST:
            try:
                found.append(plain(session.run(element)))
            except tf.errors.OutOfRangeError:
                return [*found, "end"]
            except tf.errors.OpError as error:
                found.append(type(error).__name__)
        return found


def same(oracle, make, *paths):
    ours, theirs = seen(graphmode, make, *paths), seen(oracle, make, *paths)
    assert ours == theirs


PAIRS = (np.arange(5), {"b": np.arange(10.0).reshape(5, 2), "a": np.array(list("vwxyz"))})


def lengths(m, n):
    """Vectors of 0 to n - 1 numbers, whose length is not known."""
    return m.of.range(n).map(lambda i: m.tf.fill([i], i))


def sparse(m):
    return m.tf.SparseTensor([[0, 1], [2, 0], [2, 2]], [5, 6, 7], [4, 3])


def failing(m):
    return m.of.from_tensor_slices([4, 0, 2, 0, 1]).map(lambda x: 8 // x)


def odd(m):
    return lambda x: m.tf.equal(x % 2, 1)


def generator():
    for i in range(4):
        yield i, [i] * i


def unnumbered(m, *parts):
    """Elements of which only dtypes are known."""
    return m.of.from_generator(
        generator, (m.tf.int64, m.tf.float32), ((), (None,) if not parts else None)
    )


def reducer(m, start, end):
    return m.more.Reducer(start, lambda state, x: state + x, end)


PIPELINES = {
    # sources
    "tensors": lambda m: m.of.from_tensors(PAIRS),
    "slices": lambda m: m.of.from_tensor_slices(PAIRS),
    "sparse tensor": lambda m: m.of.from_tensors((sparse(m), 1.5)),
    "sparse slices": lambda m: m.of.from_tensor_slices((sparse(m), np.arange(4))),
    "range by steps": lambda m: m.of.range(9, 1, -3),
    "range of nothing": lambda m: m.of.range(3, 1),
    "generator": unnumbered,
    "generator, any shape": lambda m: unnumbered(m, "any"),
    "generator of strings": lambda m: m.of.from_generator(lambda: iter("ab"), m.tf.string),
    "generator, repeated": lambda m: unnumbered(m).repeat(2),
    "generator with arguments": lambda m: m.of.from_generator(
        lambda n: iter(range(n)), m.tf.int32, [], args=(3,)
    ),
    # one by one
    "map to a structure": lambda m: m.of.range(3).map(
        lambda x: {"x": (x, m.tf.as_string(x)), "y": m.tf.zeros([2, 3])}
    ),
    "map of a structure": lambda m: m.of.from_tensor_slices(PAIRS).map(
        lambda i, d: (d["a"], d["b"] * m.tf.to_double(i))
    ),
    "map to a list": lambda m: m.of.range(3).map(lambda x: [x, x + 1]),
    "map to sparse": lambda m: m.of.range(3).map(
        lambda x: m.tf.SparseTensor([[x, 0]], [x], [4, 2])
    ),
    "map of sparse": lambda m: m.of.from_tensor_slices(sparse(m)).map(
        lambda s: m.tf.reshape(m.tf.sparse_tensor_to_dense(s), [3])
    ),
    "map that fails": failing,
    "map in parallel": lambda m: m.of.range(5).map(lambda x: x * x, num_parallel_calls=2),
    "map to a data set": lambda m: m.of.range(4)
    .map(lambda x: (x, m.of.range(x)))
    .flat_map(lambda i, inner: inner.map(lambda x: i * 10 + x)),
    "filter": lambda m: m.of.range(9).filter(odd(m)),
    "filter of a structure": lambda m: m.of.from_tensor_slices(PAIRS).filter(
        lambda i, d: m.tf.not_equal(d["a"], "x")
    ),
    "flat": lambda m: m.of.range(4).flat_map(lambda i: m.of.from_tensors((i, "x")).repeat(i)),
    "turns": lambda m: m.of.range(1, 6).interleave(
        lambda i: m.of.from_tensors(i).repeat(i), cycle_length=2, block_length=3
    ),
    "turns of as many as there are processors": lambda m: m.of.range(9).interleave(
        lambda i: m.of.from_tensors(i).repeat(3)
    ),
    "turns that fail": lambda m: m.of.range(3).interleave(
        lambda i: failing(m), cycle_length=2, block_length=2
    ),
    "turns in parallel": lambda m: m.of.range(4).apply(
        m.more.parallel_interleave(lambda i: m.of.from_tensors(i).repeat(3), 2, 2)
    ),
    "zip of structures": lambda m: m.of.zip(
        {"p": m.of.range(4), "q": (m.of.from_tensors("s").repeat(), lengths(m, 3))}
    ),
    "joined, shapes differ": lambda m: m.of.from_tensors([1, 2]).concatenate(
        m.of.from_tensors([3, 4, 5])
    ),
    "joined, repeated": lambda m: m.of.range(2).concatenate(m.of.range(5, 7)).repeat(2),
    "take more than there is": lambda m: m.of.range(3).take(9),
    "take of a repeat": lambda m: m.of.range(3).repeat().take(7),
    "skip more than there is": lambda m: m.of.range(3).skip(9),
    "skip across repeats": lambda m: m.of.range(3).repeat(3).skip(4),
    "shard": lambda m: m.of.range(10).shard(3, 1),
    "repeat of nothing": lambda m: m.of.range(0).repeat(),
    "repeat no times": lambda m: m.of.range(3).repeat(0),
    "enumerate": lambda m: m.of.from_tensor_slices(["a", "b"]).enumerate(start=5),
    "enumerate of a structure": lambda m: m.of.from_tensor_slices(PAIRS).apply(
        m.more.enumerate_dataset(2)
    ),
    "scan": lambda m: m.of.range(6).apply(
        m.more.scan((np.int64(0), "."), lambda s, x: ((s[0] + x, s[1] + "."), (s[1], s[0])))
    ),
    "take while": lambda m: m.of.range(9).apply(m.more.take_while(lambda x: x * x < 10)),
    "unique": lambda m: m.of.from_tensor_slices(["b", "a", "b", "c", "a"]).apply(m.more.unique()),
    "errors left out": lambda m: failing(m).apply(m.more.ignore_errors()),
    "errors left out of batches": lambda m: failing(m).apply(m.more.ignore_errors()).batch(2),
    "ahead": lambda m: failing(m).prefetch(2),
    "kept": lambda m: m.of.from_tensor_slices(PAIRS).cache().repeat(2),
    "counter": lambda m: m.more.Counter(5, -2, m.tf.int32).take(4),
    "chosen": lambda m: m.more.choose_from_datasets(
        [m.of.range(3), m.of.range(10, 13)],
        m.of.from_tensor_slices(np.array([1, 0, 0, 1, 0, 0, 1], np.int64)),
    ),
    "options": lambda m: m.of.range(3).with_options(m.tf.data.Options()),
    "copied to a device": lambda m: m.of.range(3).apply(m.more.copy_to_device("/cpu:0")),
    "chosen by changing weights": lambda m: m.more.sample_from_datasets(
        [m.of.range(3), m.of.range(10, 13)],
        m.of.from_tensor_slices([[1.0, 0.0], [0.0, 1.0]]).repeat(),
        seed=3,
    ),
    # several as one
    "batch of structures": lambda m: m.of.from_tensor_slices(PAIRS).batch(2),
    "whole batches": lambda m: m.of.from_tensor_slices(PAIRS).batch(2, drop_remainder=True),
    "batch over repeats": lambda m: m.of.range(5).repeat(2).batch(4),
    "repeat of batches": lambda m: m.of.range(5).batch(4).repeat(2),
    "batch of batches": lambda m: m.of.range(12).batch(2).batch(3),
    "batch of sparse": lambda m: m.of.from_tensor_slices(sparse(m)).batch(3),
    "batch of other shapes": lambda m: lengths(m, 4).batch(2),
    "padded": lambda m: lengths(m, 5).padded_batch(2, [None]),
    "padded with": lambda m: lengths(m, 5).padded_batch(2, [5], np.int64(-1), True),
    "padded structure": lambda m: lengths(m, 4)
    .map(lambda v: {"v": v, "s": m.tf.as_string(v)})
    .padded_batch(3, {"v": [None], "s": [4]}, {"v": np.int64(9), "s": "-"}),
    "padded too short": lambda m: lengths(m, 5).padded_batch(5, [2]),
    "map and batch": lambda m: m.of.range(7).apply(
        m.more.map_and_batch(lambda x: (x, m.tf.fill([2], x)), 3)
    ),
    "map and batch, whole": lambda m: m.of.range(7).apply(
        m.more.map_and_batch(lambda x: x * x, 3, drop_remainder=True)
    ),
    "unbatch": lambda m: m.of.from_tensor_slices(PAIRS).batch(3).apply(m.more.unbatch()),
    "unbatch sparse": lambda m: m.of.from_tensor_slices(sparse(m)).batch(2).apply(m.more.unbatch()),
    "windows": lambda m: m.of.range(7).window(3).flat_map(lambda w: w.batch(3)),
    "windows that overlap": lambda m: m.of.range(7)
    .window(3, 1, 2, drop_remainder=True)
    .flat_map(lambda w: w.batch(3)),
    "windows of pairs": lambda m: m.of.zip((m.of.range(4), m.of.range(4, 8)))
    .window(2)
    .flat_map(lambda a, b: m.of.zip((a.batch(2), b.batch(2)))),
    "sparse batch": lambda m: lengths(m, 5).apply(m.more.dense_to_sparse_batch(3, [7])),
    "sparse batch, as long as it is": lambda m: lengths(m, 5).apply(
        m.more.dense_to_sparse_batch(2, [None])
    ),
    "sparse batch, too long": lambda m: lengths(m, 5).apply(
        m.more.dense_to_sparse_batch(2, [2])
    ),
    "groups": lambda m: m.of.range(10).apply(
        m.more.group_by_window(lambda x: x % 3, lambda key, w: w.batch(4), 3)
    ),
    "buckets": lambda m: lengths(m, 8).apply(
        m.more.bucket_by_sequence_length(lambda v: m.tf.size(v), [3, 5], [2, 2, 2])
    ),
    "reduced by key": lambda m: m.of.from_tensor_slices(np.array([5, 3, 8, 0, 2])).apply(
        m.more.group_by_reducer(
            lambda x: x % 3, reducer(m, lambda key: key * 100, lambda s: (s, {"half": s / 2}))
        )
    ),
    # seeds
    "shuffled": lambda m: m.of.range(20).shuffle(6, seed=3),
    "shuffled once": lambda m: m.of.range(8).shuffle(4, 1, False).repeat(2),
    "random words": lambda m: m.more.RandomDataset(seed=5).take(6),
    "sampled": lambda m: m.more.sample_from_datasets(
        [m.of.range(6), m.of.range(10, 16)], [0.2, 0.8], seed=3
    ),
    # optional values
    "optional": lambda m: m.of.range(3)
    .map(lambda x: m.more.Optional.from_value((x, m.tf.as_string(x))))
    .map(lambda o: (o.has_value(), o.get_value())),
}  # fmt: skip


@pytest.mark.parametrize("name", PIPELINES)
def test_pipeline(name, oracle):
    same(oracle, PIPELINES[name])


FILES = {
    "lines": lambda m, folder: m.tf.data.TextLineDataset([folder + "/a.txt", folder + "/b.txt"]),
    "lines, compressed": lambda m, folder: m.tf.data.TextLineDataset(folder + "/c.gz", "GZIP"),
    "lines of each file": lambda m, folder: (
        m.of.list_files(folder + "/*.txt", shuffle=False)
        .flat_map(lambda name: m.tf.data.TextLineDataset(name).skip(1))
        .map(lambda line: {"line": line, "length": m.tf.strings.length(line)})
        .batch(3)
    ),
    "lines of files in turns": lambda m, folder: m.of.list_files(
        folder + "/[ab].txt", shuffle=False
    ).interleave(m.tf.data.TextLineDataset, cycle_length=2),
    "pieces": lambda m, folder: m.tf.data.FixedLengthRecordDataset(folder + "/fixed", 2, 2, 1),
    "numbers in pieces": lambda m, folder: (
        m.tf.data.FixedLengthRecordDataset(folder + "/fixed", 3)
        .map(lambda piece: m.tf.decode_raw(piece, m.tf.uint8))
        .padded_batch(2, [None])
    ),
    "records": lambda m, folder: m.tf.data.TFRecordDataset(folder + "/records", "ZLIB"),
    "records, cut": lambda m, folder: m.tf.data.TFRecordDataset(folder + "/cut"),
    "messages": lambda m, folder: (
        m.tf.data.TFRecordDataset(folder + "/records", "ZLIB")
        .batch(2)
        .apply(m.more.parse_example_dataset({"n": m.tf.FixedLenFeature([], m.tf.int64, 7)}))
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of each kind."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "a.txt").write_bytes(b"one\ntwo\r\n\nthree")
    (folder / "b.txt").write_bytes(b"four\nfive\n")
    (folder / "c.gz").write_bytes(gzip.compress(b"x\ny\n"))
    (folder / "fixed").write_bytes(b"HHaabbccF")
    writer = graphmode.python_io.TFRecordWriter
    for name, kind in (("records", "ZLIB"), ("cut", "")):
        options = graphmode.python_io.TFRecordOptions(kind)
        with writer(str(folder / name), options) as file:
            for n in range(3):
                numbers = graphmode.train.Feature(int64_list=graphmode.train.Int64List(value=[n]))
                features = graphmode.train.Features(feature={"n": numbers} if n else {})
                file.write(graphmode.train.Example(features=features).SerializeToString())
    (folder / "cut").write_bytes((folder / "cut").read_bytes()[:-3])
    return str(folder)


@pytest.mark.parametrize("name", FILES)
def test_files(name, oracle, folder):
    same(oracle, FILES[name], folder)


TEXT = b'h,"g",i\n1,2.5,a\n3,,"b ""c"",\nd"\n\nx,1,e\n4,5,f,6\n7,8\n9,1e3,g'
CSV = {
    "all columns": lambda m, path: m.more.CsvDataset(
        path, [m.tf.int32, [7.0], m.tf.string], header=True
    ),
    "some columns": lambda m, path: m.more.CsvDataset(
        [path, path], [m.tf.float64, [b"-"]], header=True, select_cols=[1, 2]
    ),
    "quotes are letters": lambda m, path: m.more.CsvDataset(
        path, [[""], [""], [""]], use_quote_delim=False, na_value="x"
    ),
    "a table": lambda m, path: m.more.make_csv_dataset(
        path, 2, num_epochs=1, shuffle=False, label_name="g", ignore_errors=True,
        column_defaults=[m.tf.int32, [0.0], [""]],
    ),
    "a table, shuffled": lambda m, path: m.more.make_csv_dataset(
        path, 2, num_epochs=1, shuffle_buffer_size=3, shuffle_seed=4, ignore_errors=True,
        select_columns=["i", "h"], column_defaults=[[-1], [""]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CSV)
def test_csv(name, oracle, tmp_path):
    (tmp_path / "table.csv").write_bytes(TEXT)
    same(oracle, CSV[name], str(tmp_path / "table.csv"))


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")  # TensorFlow's
@pytest.mark.parametrize(
    ("text", "options"),
    [
        (b"a,b,c,d,e\n1,99999999999,2.5,1e300,x\n,1,2,3,\n", {}),
        (b"a;b\r\n1;'q'\r\nNA;2\r\n", {"field_delim": ";", "na_value": "NA"}),
        (b"1,2\n3.5,4\n", {"header": False, "column_names": ["p", "q"]}),
        (b"1,2\n3.5,4\n", {"header": False, "column_names": ["p", "q"], "select_columns": [1],
                           "num_rows_for_inference": 1}),
    ],
)  # fmt: skip
def test_dtypes_of_csv_columns(text, options, oracle, tmp_path):
    (tmp_path / "table.csv").write_bytes(text)
    same(
        oracle,
        lambda m, path: m.more.make_csv_dataset(path, 2, num_epochs=1, shuffle=False, **options),
        str(tmp_path / "*.csv"),
    )


@pytest.mark.parametrize(
    ("columns", "types"),
    [
        ("i, r, s", ("int64", "float64", "string")),
        ("n, b, r", ("int32", "string", "string")),
        ("s, r, i", ("int32", "int32", "uint8")),
        ("i, n", ("bool", "bool")),
        ("i, n", ("bool",)),
    ],
)
def test_sql(columns, types, oracle, tmp_path):
    path = str(tmp_path / "base")
    base = sqlite3.connect(path)
    base.execute("create table t (i integer, r real, s text, n integer, b blob)")
    rows = [(1, 2.5, "a", None, b"x\0y"), (-7, 1e10, "12ab", 3, b""), (300, -0.5, "ü", 0, None)]
    base.executemany("insert into t values (?, ?, ?, ?, ?)", rows)
    base.commit()
    base.close()

    def rows_of(m, path):
        kinds = tuple(getattr(m.tf, name) for name in types)
        return m.more.SqlDataset("sqlite", path, f"select {columns} from t", kinds)

    same(oracle, rows_of, path)
