"""Readers: keys, records, counts, where files end, what is refused."""

import base64
import contextlib
import os
import pathlib
import shutil
import tempfile
import zlib

from golden.case import case
from golden.cases.queues import ops_of, outcome, plain, texts


@contextlib.contextmanager
def files(**contents):
    """Files in a folder that is the working directory meanwhile, so that keys are the same."""
    folder, before = tempfile.mkdtemp(), str(pathlib.Path.cwd())
    os.chdir(folder)
    try:
        for name, content in contents.items():
            pathlib.Path(name).write_bytes(content)
        yield sorted(contents)
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def read_all(tf, reader, names, up_to=None, resets=True):
    """All records of the files, and the counts beside each; then those behind a reset."""
    queue = tf.FIFOQueue(20, tf.string, shapes=[[]])
    record = reader.read(queue) if up_to is None else reader.read_up_to(queue, up_to)
    counts = [reader.num_records_produced(), reader.num_work_units_completed()]
    seen = []
    with tf.Session() as session:
        session.run(queue.enqueue_many([names]))
        session.run(queue.close())
        for _ in range(20):
            found = outcome(lambda: session.run(record))
            seen.append([found, plain(session.run(counts))])
            if "Error" in str(found[0]):
                break
        if resets:
            session.run(reader.reset())
            seen.append(plain(session.run(counts)))
    return seen


LINES = {
    "a": b"one\ntwo,2\r\n\nfour",
    "b": b"",
    "c": b"x\ry\nlast\n",
    "d": b"\n",
    "e": b"p\r\r\nq\r",
}


@case
def lines(tf):
    result = {}
    with files(**LINES) as names:
        result["all"] = read_all(tf, tf.TextLineReader(), names)
        result["header"] = read_all(tf, tf.TextLineReader(skip_header_lines=1), names)
        result["longer header"] = read_all(tf, tf.TextLineReader(skip_header_lines=9), names)
        result["two"] = read_all(tf, tf.TextLineReader(), names, 2)
        result["many"] = read_all(tf, tf.TextLineReader(), names, 10)
        result["missing"] = read_all(tf, tf.TextLineReader(), ["a", "nowhere"])
        result["none"] = read_all(tf, tf.TextLineReader(), [])
    return texts(result)


@case
def whole_files(tf):
    result = {}
    with files(a=b"a\0b", b=b"") as names:
        result["file"] = read_all(tf, tf.WholeFileReader(), names)
        result["up to"] = read_all(tf, tf.WholeFileReader(), names, 5)
        result["identity"] = read_all(tf, tf.IdentityReader(), names)
        result["missing"] = read_all(tf, tf.WholeFileReader(), ["nowhere"])
    return texts(result)


@case
def fixed_lengths(tf):
    result = {}
    content = bytes(bytearray(range(65, 65 + 23)))
    packed = {"z": zlib.compress(content), "y": zlib.compress(b"0123456789")}
    with files(a=content, b=b"xyz", **packed) as names:
        plainly = names[:2]
        options = [{}, {"header_bytes": 3}, {"footer_bytes": 4}, {"hop_bytes": 2}]
        options += [{"hop_bytes": 7}, {"header_bytes": 2, "footer_bytes": 1, "hop_bytes": 6}]
        for each in options:
            reader = tf.FixedLengthRecordReader(5, **each)
            result[repr(sorted(each.items()))] = read_all(tf, reader, plainly)
        result["two"] = read_all(tf, tf.FixedLengthRecordReader(5), plainly, 2)
        reader = tf.FixedLengthRecordReader(4, header_bytes=1, footer_bytes=2, encoding="ZLIB")
        result["packed"] = read_all(tf, reader, names[2:])
    return texts(result)


@case
def records(tf):
    result = {}
    with files():
        for name, kind in (("a", ""), ("z", "ZLIB"), ("g", "GZIP")):
            options = tf.python_io.TFRecordOptions(kind)
            with tf.python_io.TFRecordWriter(name, options) as writer:
                for record in (b"first", b"", b"a third one"):
                    writer.write(record)
            result[name] = read_all(tf, tf.TFRecordReader(options=options), [name, name])
        result["two"] = read_all(tf, tf.TFRecordReader(), ["a", "a"], 2)
        content = bytearray(pathlib.Path("a").read_bytes())
        content[-6] ^= 1
        pathlib.Path("a").write_bytes(bytes(content))
        result["damaged"] = read_all(tf, tf.TFRecordReader(), ["a"])
        result["damaged"] = [*result["damaged"][:2], result["damaged"][2][0][:1]]
    return texts(result)


# Of the package lmdb: the keys 0 to 4, the values "a", "bb", "ccc", ... Compressed, base 64.
LMDB = (
    "eNrt2T0KAkEMhuEvo4JdrD2FfwfwKu7oNUX2BJ5gD2BjZ6u7bhYWEbRwweJ9ikkCgYF0M5E60+dZna5H"
    "U19Us7pjq4/uQV/q+k0AAAAAAGAoNuj7397c05pETC+RfwAAAAAAAH4v9bK5Sr/5xSs/e+nMBgAAAACA"
    "/9Fu0k2bQ2Mc1Xpf0yiqVc45Rb4sitiymxa7B5lXK8A="
)


@case
def lmdb_files(tf):
    result, resets = {}, False  # TensorFlow's process ends where a reader of a closed file is reset
    content = zlib.decompress(base64.b64decode(LMDB))
    with files(a=content, b=content) as names:
        result["all"] = read_all(tf, tf.LMDBReader(), names, None, resets)
        result["two"] = read_all(tf, tf.LMDBReader(), names, 2, resets)
        result["many"] = read_all(tf, tf.LMDBReader(), names, 9, resets)
    return texts(result)


@case
def states(tf):
    reader, other = tf.IdentityReader(), tf.IdentityReader(name="other")
    queue = tf.FIFOQueue(20, tf.string, shapes=[[]])
    with tf.Session() as session:
        session.run(queue.enqueue_many([["a", "b", "c"]]))
        session.run(reader.read(queue))
        session.run(reader.read(queue))
        state = session.run(reader.serialize_state())
        session.run(other.restore_state(state))
        seen = plain(session.run(other.num_records_produced()))
        last = plain(session.run(other.read(queue)))
        result = {"seen": seen, "last": last}
        result["none"] = outcome(lambda: session.run(tf.TextLineReader().serialize_state()))[:1]
        result["bad"] = outcome(lambda: session.run(other.restore_state("no")))[:1]
    result["state"] = sorted(state)
    result["serializes"] = [r.supports_serialize for r in (reader, tf.TextLineReader())]
    return texts(result)


@case
def names_of_ops(tf):
    queue = tf.FIFOQueue(20, tf.string, shapes=[[]])
    with tf.name_scope("input"):
        made = [
            tf.TextLineReader(2),
            tf.WholeFileReader(),
            tf.FixedLengthRecordReader(3),
            tf.TFRecordReader(),
            tf.IdentityReader("mine"),
        ]
        shapes = [
            str(t.shape) for t in list(made[0].read(queue)) + list(made[1].read_up_to(queue, 3))
        ]
        made[2].num_records_produced(), made[2].num_work_units_completed(), made[2].reset()
    return texts({"ops": ops_of(tf.get_default_graph()), "shapes": shapes})


@case
def csv_program(tf):
    """The input of a classic program: names of files, lines, columns, batches."""
    with files(one=b"h\n1,2.5,a\n2,3.5,b\n3,4.5,c\n", two=b"h\n4,5.5,d\n5,6.5,e\n") as names:
        queue = tf.train.string_input_producer(names, num_epochs=2, shuffle=False)
        key, line = tf.TextLineReader(skip_header_lines=1).read(queue)
        columns = tf.decode_csv(line, record_defaults=[[0], [0.0], [""]])
        batch = tf.train.batch([key, *columns], 4)
        seen = []
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            coord = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(session, coord)
            try:
                while not coord.should_stop():
                    seen.append(plain(session.run(batch)))
            except tf.errors.OutOfRangeError:
                seen.append("end")
            finally:
                coord.request_stop()
            coord.join(threads)
    return texts({"seen": seen})
