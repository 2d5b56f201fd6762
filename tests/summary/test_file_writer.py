"""Event files: what is in them, and when."""

import subprocess
import sys

import numpy as np
import pytest

import graphmode as tf


@pytest.fixture
def read(tmp_path):
    """Give a function that reads the events of all files in the log directory, oldest first."""

    def events():
        files = sorted(
            tmp_path.glob("events.out.tfevents.*"), key=lambda path: path.stat().st_mtime_ns
        )
        return [event for file in files for event in tf.train.summary_iterator(str(file))]

    return events


def scalars(events):
    return [
        (event.step, value.tag, value.simple_value)
        for event in events
        for value in event.summary.value
    ]


def summary(tag, value):
    return tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=value)])


def test_summaries_as_bytes_and_as_protobufs(tmp_path, read):
    with tf.Graph().as_default():
        node = tf.summary.scalar("loss", tf.constant(0.5))
        with tf.Session() as session, tf.summary.FileWriter(str(tmp_path)) as writer:
            writer.add_summary(session.run(node), np.int64(3))
            writer.add_summary(summary("accuracy", 0.25))
    first, *rest = read()
    assert first.file_version == "brain.Event:2"
    assert scalars(rest) == [(3, "loss", 0.5), (0, "accuracy", 0.25)]
    assert rest[0].wall_time >= first.wall_time > 1.6e9


def test_all_is_in_the_file_after_flush(tmp_path, read):
    writer = tf.summary.FileWriter(str(tmp_path), max_queue=2, flush_secs=1000)
    for step in range(50):
        writer.add_summary(summary("loss", step), step)
        if step == 20:
            writer.flush()
            assert scalars(read()) == [(i, "loss", i) for i in range(21)]
    writer.close()
    assert len(scalars(read())) == 50


def test_a_program_may_change_its_folder(tmp_path, read, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with tf.summary.FileWriter(".") as writer:
        monkeypatch.chdir("/")
        writer.add_summary(summary("loss", 0.5), 3)
    assert scalars(read()) == [(3, "loss", 0.5)]


def test_metadata_is_kept_once(tmp_path, read):
    with tf.Graph().as_default():
        node = tf.summary.text("words", tf.constant(["a"]))
        with tf.Session() as session, tf.summary.FileWriter(str(tmp_path)) as writer:
            for step in range(2):
                writer.add_summary(session.run(node), step)
    values = [event.summary.value[0] for event in read()[1:]]
    assert [value.metadata.plugin_data.plugin_name for value in values] == ["text", ""]


def test_a_graph_is_written_with_its_shapes(tmp_path, read):
    graph = tf.Graph()
    with graph.as_default():
        tf.placeholder(tf.float32, [None, 3], name="x")
    tf.summary.FileWriter(str(tmp_path), graph).close()
    written = tf.GraphDef.FromString(read()[1].graph_def)
    assert written == graph.as_graph_def(add_shapes=True)
    assert [d.size for d in written.node[0].attr["_output_shapes"].list.shape[0].dim] == [-1, 3]


def test_a_graph_comes_with_its_collections(oracle, tmp_path, read):
    graph = tf.Graph()
    with graph.as_default():
        w = tf.Variable([1.0, 2.0, 3.0], name="w")
        tf.add_to_collection("outputs", tf.multiply(w, 2.0, name="y"))
    tf.summary.FileWriter(str(tmp_path), graph).close()
    written = read()[2].meta_graph_def
    with oracle.Graph().as_default() as loaded, oracle.Session() as session:
        oracle.train.import_meta_graph(oracle.MetaGraphDef.FromString(written))
        session.run(oracle.global_variables_initializer())
        (y,) = loaded.get_collection("outputs")
        assert (y.name, session.run(y).tolist()) == ("y:0", [2.0, 4.0, 6.0])


def test_a_graph_def_passes_as_before_1_0(tmp_path, read):
    graph = tf.Graph()
    with graph.as_default():
        tf.constant(2.0, name="two")
    with tf.train.SummaryWriter(str(tmp_path), graph_def=graph.as_graph_def()) as writer:
        writer.add_graph(graph.as_graph_def(), 7)
    events = read()
    assert [event.step for event in events] == [0, 0, 0, 7]
    kinds = [event.WhichOneof("what") for event in events]
    assert kinds == ["file_version", "graph_def", "meta_graph_def", "graph_def"]
    assert [tf.GraphDef.FromString(events[i].graph_def).node[0].name for i in (1, 3)] == [
        "two", "two"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((tf.GraphDef(), None, tf.GraphDef()), ValueError, "only graph, or graph_def"),
        (([1],), TypeError, "must be an instance of `Graph` .* not list"),
    ],
)
def test_what_is_no_graph_is_refused(tmp_path, arguments, error, text):
    with tf.summary.FileWriter(str(tmp_path)) as writer, pytest.raises(error, match=text):
        writer.add_graph(*arguments)


def test_other_events(tmp_path, read):
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 2)
        metadata = tf.RunMetadata()
        metadata.step_stats.dev_stats.add(device="/cpu:0")
        writer.add_run_metadata(metadata, "step 5", 5)
        writer.add_meta_graph(tf.MetaGraphDef(), 6)
        writer.add_event(tf.Event(step=8, wall_time=1.5))
        with pytest.raises(ValueError, match="tag was already used"):
            writer.add_run_metadata(tf.RunMetadata(), "step 5")
        with pytest.raises(TypeError, match="must be type MetaGraphDef"):
            writer.add_meta_graph(tf.GraphDef())
    events = read()[1:]
    assert [event.step for event in events] == [2, 5, 6, 8]
    assert events[0].session_log.status == tf.SessionLog.START
    tagged = events[1].tagged_run_metadata
    assert tagged.tag == "step 5"
    assert tf.RunMetadata.FromString(tagged.run_metadata) == metadata
    assert events[2].WhichOneof("what") == "meta_graph_def"
    assert events[3].wall_time == 1.5


def test_closed_then_reopened(tmp_path, read):
    writer = tf.summary.FileWriter(str(tmp_path), filename_suffix=".mine")
    assert writer.get_logdir() == str(tmp_path)
    writer.add_summary(summary("a", 1), 1)
    writer.close()
    writer.close()
    with pytest.warns(UserWarning, match="closed FileWriter") as warned:
        writer.add_summary(summary("b", 2), 2)
    assert warned[0].filename == __file__
    with pytest.warns(UserWarning, match="closed FileWriter") as warned:
        writer.flush()
    assert warned[0].filename == __file__
    writer.reopen()
    writer.add_summary(summary("c", 3), 3)
    writer.close()
    assert scalars(read()) == [(1, "a", 1.0), (3, "c", 3.0)]
    files = [path.name for path in tmp_path.iterdir()]
    assert len(files) == 2
    assert all(name.endswith(".mine") for name in files)


def test_writers_of_a_session_share_a_file(tmp_path, read):
    with tf.Graph().as_default(), tf.Session() as session:
        one = tf.summary.FileWriter(str(tmp_path), session=session)
        two = tf.summary.FileWriter(str(tmp_path), session=session)
        one.add_summary(summary("a", 1))
        two.add_summary(summary("b", 2))
        two.close()
    assert len(list(tmp_path.iterdir())) == 1
    assert [tag for _, tag, _ in scalars(read())] == ["a", "b"]


def test_the_cache_has_one_writer_for_a_directory(tmp_path, read):
    with tf.Graph().as_default():
        tf.constant(1.0, name="one")
        writer = tf.summary.FileWriterCache.get(str(tmp_path))
        assert tf.summary.FileWriterCache.get(str(tmp_path)) is writer
        assert tf.summary.FileWriterCache.get(str(tmp_path / "other")) is not writer
    tf.summary.FileWriterCache.clear()
    assert tf.GraphDef.FromString(read()[1].graph_def).node[0].name == "one"
    with pytest.warns(UserWarning, match="closed FileWriter"):
        writer.flush()


def test_a_log_directory_that_is_a_file(tmp_path):
    path = tmp_path / "log"
    path.write_text("")
    with pytest.raises(tf.errors.FailedPreconditionError, match="log is not a directory"):
        tf.summary.FileWriter(str(path))
    assert path.read_text() == ""


PROGRAM = """
import sys
import graphmode as tf
writer = tf.summary.FileWriter(sys.argv[1])
for step in range(30):
    value = tf.Summary.Value(tag="loss", simple_value=step)
    writer.add_summary(tf.Summary(value=[value]), step)
print("tensorflow" in sys.modules)
"""


def test_a_program_that_never_closes_loses_nothing_nor_imports_tensorflow(tmp_path, read):
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('the real TensorFlow')\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,  # where `import tensorflow` finds the file above
    )
    assert (done.stdout, done.stderr) == ("False\n", "")
    assert [step for step, _, _ in scalars(read())] == list(range(30))


def test_a_file_that_is_cut_or_damaged(tmp_path):
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        writer.add_summary(summary("a", 1))
        writer.add_summary(summary("b", 2))
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    file.write_bytes(content[:-3])
    assert [tag for _, tag, _ in scalars(tf.train.summary_iterator(file))] == ["a"]
    file.write_bytes(content[:-6] + b"x" + content[-5:])
    with pytest.raises(tf.errors.DataLossError, match="corrupted record at"):
        list(tf.train.summary_iterator(file))
    with pytest.raises(tf.errors.NotFoundError, match=r"nowhere; No such file"):
        tf.train.summary_iterator(str(tmp_path / "nowhere"))


def test_tensorflow_reads_what_is_written(oracle, tmp_path):
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        writer.add_summary(summary("loss", 0.125), 11)
    (file,) = tmp_path.iterdir()
    events = list(oracle.train.summary_iterator(str(file)))
    assert scalars(events) == [(11, "loss", 0.125)]


def test_what_tensorflow_writes_is_read(oracle, tmp_path, read):
    with oracle.Graph().as_default() as graph:
        oracle.constant(2.0, name="two")
        oracle.summary.FileWriterCache.clear()
        with oracle.summary.FileWriter(str(tmp_path), graph) as writer:
            value = oracle.Summary.Value(tag="loss", simple_value=0.125)
            writer.add_summary(oracle.Summary(value=[value]), 11)
            log = oracle.SessionLog(status=oracle.SessionLog.STOP, checkpoint_path="there")
            writer.add_session_log(log, 12)
    events = read()
    assert [event.WhichOneof("what") for event in events] == [
        "file_version", "graph_def", "meta_graph_def", "summary", "session_log",
    ]  # fmt: skip
    assert tf.GraphDef.FromString(events[1].graph_def).node[0].name == "two"
    assert scalars(events) == [(11, "loss", 0.125)]
    assert (events[4].step, events[4].session_log.checkpoint_path) == (12, "there")
