"""Modules that lay beside a tutorial: answered when the program came without them, never before."""

import argparse
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from tests.datasets import small

import graphmode as tf
from graphmode.datasets import learn, mnist, mnist_feed, mnist_network

INSTALL = "from graphmode.compat import alias\nalias.install()\n"


def run(code, data, cwd):
    out, _ = small.run(f"{INSTALL}{textwrap.dedent(code)}", data, cwd)
    return out.splitlines()


@pytest.fixture
def data(tmp_path):
    return small.write(tmp_path / "data")


def test_the_modules_of_the_course(data, tmp_path):
    printed = run(
        """
        import utils, utils1, reader, wget
        print(utils.tile_raster_images is utils1.tile_raster_images, utils1.__name__)
        print(len(reader.ptb_raw_data("simple-examples/data")))
        print(wget.download("https://storage.googleapis.com/download.tensorflow.org/data/"
                            "shakespeare.txt"))
        print(wget.download("https://storage.googleapis.com/download.tensorflow.org/data/"
                            "shakespeare.txt", out="."))
        """,
        data,
        tmp_path,
    )
    assert printed == [
        "True graphmode.viz.raster",
        "5",
        "shakespeare.txt",
        "shakespeare (1).txt",
    ]
    assert (tmp_path / "shakespeare (1).txt").read_bytes().startswith(b"First Citizen")


@pytest.mark.parametrize("name", ["utils", "utils1", "reader", "wget"])
def test_a_module_of_the_programs_own_comes_first(data, tmp_path, name):
    (tmp_path / f"{name}.py").write_text("MINE = True\n")
    code = f"import sys\nsys.path.insert(0, '')\nimport {name}\nprint({name}.MINE)"
    assert run(code, data, tmp_path) == ["True"]


def test_a_module_that_is_downloaded_is_that_of_the_library(data, tmp_path):
    code = """
    import sys
    sys.path.insert(0, "")
    import urllib.request
    with urllib.request.urlopen("http://deeplearning.net/tutorial/code/utils.py") as url:
        with open("utils.py", "w") as target:
            target.write(url.read().decode("utf-8"))
    import utils, graphmode.viz.raster
    print(utils.__file__, utils.tile_raster_images is graphmode.viz.raster.tile_raster_images)
    """
    assert run(code, data, tmp_path) == [f"{tmp_path / 'utils.py'} True"]


def test_the_reader_of_tensorflow_models(data, tmp_path):
    printed = run(
        """
        from tensorflow.models.rnn.ptb import reader
        import tensorflow.models.rnn.ptb.reader as again
        train, valid, test, vocabulary = reader.ptb_raw_data("simple-examples/data")
        print(again is reader, train, valid, test, vocabulary)
        x, y = next(reader.ptb_iterator(train, 2, 2))
        print(x.tolist(), y.tolist())
        from tensorflow.models.rnn import rnn, rnn_cell, seq2seq
        import tensorflow as tf
        print(rnn_cell.BasicLSTMCell is tf.nn.rnn_cell.BasicLSTMCell, rnn.dynamic_rnn is
              tf.nn.dynamic_rnn, seq2seq.sequence_loss is tf.contrib.legacy_seq2seq.sequence_loss)
        try:
            import tensorflow.models.rnn.translate.data_utils
        except ImportError as error:
            print(error)
        """,
        data,
        tmp_path,
    )
    # By frequency, then alphabet: <eos> 2, cat 2, the 2, <unk> 1, a 1, end 1.
    train, test = [2, 1, 3, 2, 5, 0, 4, 1, 0], [4, 5, 2, 0]
    assert printed == [
        f"True {train} [2, 1, 0] {test} 6",
        "[[2, 1], [5, 0]] [[1, 3], [0, 4]]",
        "True True True",
        "graphmode has no tensorflow.models.rnn.translate: these programs were never part of the "
        "package: copy the file you need",
    ]


def test_the_addresses_of_contrib_learn():
    base = tf.contrib.learn.datasets.base
    assert base.maybe_download is learn.maybe_download
    assert tf.contrib.learn.datasets.mnist.read_data_sets is mnist.read_data_sets
    assert tf.contrib.learn.python.learn.datasets.base.Datasets is mnist.Datasets
    flowers = tf.contrib.learn.datasets.load_dataset("iris")
    assert flowers.data[34].tolist() == [4.9, 3.1, 1.5, 0.1] and flowers.target.dtype == np.int64
    np.testing.assert_array_equal(flowers.data, tf.contrib.learn.datasets.load_iris().data)
    with pytest.raises(ValueError, match=r"not found: dbpedia \(there are iris, mnist\)"):
        learn.load_dataset("dbpedia")


def test_tables_with_and_without_a_header(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("3,2,low,high\n1.5,2,0\n3,4.5,1\n5,6,2\n")
    table = learn.load_csv_with_header(path, np.int32, np.float32)
    assert table.data.tolist() == [[1.5, 2], [3, 4.5], [5, 6]] and table.data.dtype == np.float32
    assert table.target.tolist() == [0, 1, 2] and table.target.dtype == np.int32
    first = learn.load_csv_with_header(path, np.float64, np.float64, target_column=0)
    assert first.target.tolist() == [1.5, 3, 5] and first.data[1].tolist() == [4.5, 1]
    learn.shrink_csv(str(path), 2)
    small_path = tmp_path / "x_small.csv"
    assert small_path.read_text().split() == ["3,2,low,high", "3,4.5,1"]
    with pytest.raises(ValueError, match="promises 3 rows of 2 features and a target, there are 1"):
        learn.load_csv_with_header(small_path, int, float)
    path.write_text("1,2,a\n3,4,b\n")
    assert learn.load_csv_without_header(path, str, int).target.tolist() == ["a", "b"]


def test_maybe_download(tmp_path, capsys):
    source = tmp_path / "there.txt"
    source.write_text("text")
    folder = tmp_path / "new" / "deep"
    path = learn.maybe_download("here.txt", folder, source.as_uri())
    assert path == str(folder / "here.txt") and (folder / "here.txt").read_text() == "text"
    assert capsys.readouterr().out == "Successfully downloaded here.txt 4 bytes.\n"
    source.write_text("changed")
    assert learn.maybe_download("here.txt", folder, source.as_uri()) == path
    assert (folder / "here.txt").read_text() == "text" and capsys.readouterr().out == ""
    with pytest.raises(OSError, match="absent"):
        learn.maybe_download("other.txt", folder, (tmp_path / "absent").as_uri())
    assert [entry.name for entry in folder.iterdir()] == ["here.txt"]


def test_the_network_of_the_mnist_tutorial(mode, capsys):
    assert tf.examples.tutorials.mnist.mnist.inference is mnist_network.inference
    feed = tf.examples.tutorials.mnist.fully_connected_feed
    assert feed.do_eval is mnist_feed.do_eval
    rng = np.random.RandomState(3)
    labels = np.arange(40, dtype=np.uint8) % 10
    images = rng.randint(0, 30, (40, 28, 28, 1)).astype(np.uint8)
    images[np.arange(40), labels, :14] += 200  # the row that is lit is the label
    data = mnist.DataSet(images, labels, seed=1)
    tf.set_random_seed(7)
    images_pl, labels_pl = feed.placeholder_inputs(16)
    assert images_pl.shape.as_list() == [16, 784] and labels_pl.dtype == tf.int32
    logits = mnist_network.inference(images_pl, 12, 11)
    loss = mnist_network.loss(logits, labels_pl)
    train = mnist_network.training(loss, 0.5)
    correct = mnist_network.evaluation(logits, labels_pl)
    assert [(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()] == [
        ("hidden1/weights", [784, 12]),
        ("hidden1/biases", [12]),
        ("hidden2/weights", [12, 11]),
        ("hidden2/biases", [11]),
        ("softmax_linear/weights", [11, 10]),
        ("softmax_linear/biases", [10]),
    ]
    assert len(tf.get_collection(tf.GraphKeys.SUMMARIES)) == 1
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(150):
            sess.run(train, mnist_feed.fill_feed_dict(data, images_pl, labels_pl))
        assert sess.run(tf.global_variables()[-1]) == 150  # global_step
        mnist_feed.do_eval(sess, correct, images_pl, labels_pl, data)
    assert capsys.readouterr().out == "  Num examples: 32  Num correct: 32  Precision @ 1: 1.0000\n"


def test_the_training_of_the_mnist_tutorial(tmp_path, monkeypatch, capsys):
    feed = tf.examples.tutorials.mnist.fully_connected_feed
    rng = np.random.RandomState(3)

    def digits(n):
        labels = np.arange(n, dtype=np.uint8) % 10
        images = rng.randint(0, 30, (n, 28, 28, 1)).astype(np.uint8)
        images[np.arange(n), labels, :14] += 200
        return mnist.DataSet(images, labels, seed=1)

    sets = argparse.Namespace(train=digits(70), validation=digits(30), test=digits(20))
    monkeypatch.setattr(mnist, "read_data_sets", lambda *arguments: sets)
    given = {"max_steps": 210, "batch_size": 10, "hidden1": 12, "hidden2": 11, "learning_rate": 0.3}
    for name, value in {**given, "log_dir": str(tmp_path / "logs")}.items():
        monkeypatch.setattr(feed.FLAGS, name, value)
    feed.run_training()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:4]] == [
        *("Step 0", "Step 100", "Step 200", "Training Data Eval")
    ]
    assert lines[4:] == [
        "  Num examples: 70  Num correct: 70  Precision @ 1: 1.0000",
        "Validation Data Eval:",
        "  Num examples: 30  Num correct: 30  Precision @ 1: 1.0000",
        "Test Data Eval:",
        "  Num examples: 20  Num correct: 20  Precision @ 1: 1.0000",
    ]
    assert tf.train.latest_checkpoint(str(tmp_path / "logs")).endswith("model.ckpt-209")
    (events,) = (tmp_path / "logs").glob("events.out.tfevents.*")
    written = [e.step for e in tf.train.summary_iterator(str(events)) if e.summary.value]
    assert written == [0, 100, 200]


def test_under_run_the_first_cells_of_the_course(data, tmp_path):
    """As printed: an address that is gone, `utils` from the web, MNIST from the folder."""
    program = tmp_path / "rbm.py"
    program.write_text(
        "import urllib.request\n"
        "with urllib.request.urlopen('http://deeplearning.net/tutorial/code/utils.py') as url:\n"
        "    response = url.read()\n"
        "    target = open('utils.py', 'w')\n"
        "    target.write(response.decode('utf-8'))\n"
        "    target.close()\n"
        "import tensorflow as tf\n"
        "from tensorflow.examples.tutorials.mnist import input_data\n"
        "from utils import tile_raster_images\n"
        "mnist = input_data.read_data_sets('MNIST_data/', one_hot=True, validation_size=2)\n"
        "print(mnist.train.images.shape, tile_raster_images.__module__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "graphmode", "run", "--data", str(data), str(program)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env=os.environ | {"GRAPHMODE_DATA": "", "https_proxy": "http://127.0.0.1:9"},
    )
    assert done.stdout == f"({small.N_TRAIN - 2}, 784) graphmode.viz.raster\n", done.stderr
    assert not (tmp_path / "MNIST_data").exists()
