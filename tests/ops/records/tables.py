"""Tables of keys and values: filled, asked, added to, emptied."""

import tempfile
from pathlib import Path

import numpy as np
from tests.ops.record import Record

FOLDER = Path(tempfile.gettempdir()) / "graphmode_records"
FOLDER.mkdir(exist_ok=True)
LINES = FOLDER / "table.tsv"
LINES.write_bytes(b"emerson\t10\r\nlake\t-20\npalmer\t30")

WORDS = np.array([[b"lake", b"moon", b"emerson"], [b"", b"palmer", b"lake"]], object)
NUMBERS = np.array([7, -3, 11, 3, 20], np.int64)


def _record(op_type, call, inputs, name="", **options):
    return Record(
        op_type,
        call,
        inputs,
        name=name,
        one_dtype="tables take few dtypes",
        host_only="a table is kept by a session",
        **options,
    )


def _static(tf, *pairs):
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(*pairs), -1)


def _filled(tf, words):
    table = _static(tf, ["emerson", "lake"], tf.constant([5, 8], tf.int64))
    with tf.control_dependencies([table.initializer]):
        return table.lookup(words), table.size(), tf.size(table.export()[0])


def _by_raw_op(tf, words):
    table = _static(tf, ["emerson", "lake"], tf.constant([5, 8], tf.int64))
    fill = tf.raw_ops.InitializeTableV2(
        table_handle=table.resource_handle, keys=["moon"], values=tf.constant([4], tf.int64)
    )
    with tf.control_dependencies([fill]):
        return table.lookup(words)


def _from_file(tf, words):
    columns = tf.lookup.TextFileInitializer(str(LINES), tf.string, 0, tf.int64, 1)
    table = tf.lookup.StaticHashTable(columns, -1)
    with tf.control_dependencies([table.initializer]):
        return table.lookup(words)


def _not_filled(tf, words):
    return _static(tf, ["emerson"], tf.constant([5], tf.int64)).lookup(words)


def _twice(tf, words):
    table = _static(tf, ["lake", "lake"], tf.constant([5, 6], tf.int64))
    with tf.control_dependencies([table.initializer]):
        return table.lookup(words)


def _mutable(tf, key_dtype, value_dtype, default_value):
    if hasattr(tf, "contrib"):
        return tf.contrib.lookup.MutableHashTable(key_dtype, value_dtype, default_value)
    return tf.lookup.experimental.MutableHashTable(key_dtype, value_dtype, default_value)


def _added(tf, words):
    table = _mutable(tf, tf.string, tf.float32, -1.0)
    with tf.control_dependencies([table.insert(["lake", "moon"], [1.5, 2.5])]):
        first = table.lookup(words)
    with tf.control_dependencies([first]):
        removed = table.remove(tf.constant(["lake", "sun"]))
    with tf.control_dependencies([removed]):
        return first, table.lookup(words), table.size(), *table.export()


def _rows(tf, numbers):
    table = _mutable(tf, tf.int64, tf.float32, [-1.0, -2.0])
    put = table.insert(tf.constant([7, 3], tf.int64), [[1.0, 2.0], [3.0, 4.0]])
    with tf.control_dependencies([put]):
        return table.lookup(numbers), table.size()


def _dense(tf, numbers):
    table = tf.lookup.experimental.DenseHashTable(
        tf.int64, tf.int64, -1, empty_key=0, deleted_key=-5, initial_num_buckets=4
    )
    numbers = tf.identity(numbers)
    with tf.control_dependencies([table.insert(numbers, numbers * 2)]):
        more = table.lookup(numbers + 4)
    with tf.control_dependencies([more]):
        removed = table.remove(numbers[:1])
    with tf.control_dependencies([removed]):
        return more, table.lookup(numbers), table.size()


NO_ROWS = "2.21 knows nothing of exported keys, TensorFlow 1.15 as here"

RECORDS = [
    _record("HashTableV2", _filled, [WORDS]),
    _record("LookupTableFindV2", _filled, [WORDS]),
    _record("LookupTableSizeV2", _filled, [WORDS]),
    _record("LookupTableExportV2", _added, [WORDS], shape_differs=NO_ROWS),
    _record("LookupTableImportV2", _filled, [WORDS]),
    _record("InitializeTableV2", _by_raw_op, [WORDS]),
    _record("InitializeTableFromTextFileV2", _from_file, [WORDS]),
    _record("MutableHashTableV2", _added, [WORDS], shape_differs=NO_ROWS),
    _record("LookupTableInsertV2", _added, [WORDS], shape_differs=NO_ROWS),
    _record("LookupTableRemoveV2", _added, [WORDS], shape_differs=NO_ROWS),
    _record("MutableHashTableOfTensorsV2", _rows, [NUMBERS]),
    _record("MutableDenseHashTableV2", _dense, [NUMBERS]),
    _record("LookupTableFindV2", _not_filled, [WORDS], "not filled",
            raises=("FailedPreconditionError", "Table not initialized")),
    _record("LookupTableImportV2", _twice, [WORDS], "two values",
            raises=("FailedPreconditionError",
                    "HashTable has different value for same key. Key lake has 5 and trying to add "
                    "value 6")),
]  # fmt: skip
