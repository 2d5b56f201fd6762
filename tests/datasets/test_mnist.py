"""MNIST: the real files' numbers, TF1's order of batches, what damaged files say."""

import functools
import gzip
import http.server
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from graphmode.datasets import fetch, idx, mnist
from graphmode.framework.graph import Graph

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = Path(os.environ.get("GRAPHMODE_DATA", SHARED)) / "mnist"
N_TRAIN, N_TEST, ROWS, COLUMNS = 30, 7, 3, 5

needs_real_files = pytest.mark.skipif(
    not (REAL / mnist.TRAIN_IMAGES).is_file(), reason="MNIST is not in $GRAPHMODE_DATA/mnist"
)


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    content = header + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder of four small IDX files; pixel [0, 0] of image i is i (+ 100 in the test set)."""
    monkeypatch.delenv("GRAPHMODE_DATA", raising=False)
    folder = tmp_path / "small"
    folder.mkdir()
    for n, first, images, labels in (
        (N_TRAIN, 0, mnist.TRAIN_IMAGES, mnist.TRAIN_LABELS),
        (N_TEST, 100, mnist.TEST_IMAGES, mnist.TEST_LABELS),
    ):
        pixels = np.zeros((n, ROWS, COLUMNS), np.uint8)
        pixels[:, 0, 0] = np.arange(n) + first
        write_idx(folder / images, pixels)
        write_idx(folder / labels, (np.arange(n) % 10).astype(np.uint8))
    return folder


@pytest.fixture
def server(small, monkeypatch):
    """An HTTP server on this machine that gives the small files."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    handler = functools.partial(QuietHandler, directory=str(small))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@needs_real_files
def test_real_files_give_the_published_counts_and_pixels():
    data = mnist.read_data_sets(REAL, one_hot=True)
    assert [part.num_examples for part in data] == [55000, 5000, 10000]
    assert data.train.images.shape == (55000, 784)
    assert data.train.images.dtype == np.float32
    pixels = np.concatenate([data.train.images, data.validation.images])
    assert pixels.mean(dtype=np.float64) == pytest.approx(0.13066, abs=5e-6)
    assert pixels.std(dtype=np.float64) == pytest.approx(0.30811, abs=5e-6)
    per_class = data.train.labels.sum(axis=0) + data.validation.labels.sum(axis=0)
    assert per_class.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.test.labels.sum(axis=0).tolist() == [
        *(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
    ]
    # The first labels of the original training and test files.
    assert data.validation.labels[:8].argmax(axis=1).tolist() == [5, 0, 4, 1, 9, 2, 1, 3]
    assert data.test.labels[:8].argmax(axis=1).tolist() == [7, 2, 1, 0, 4, 1, 4, 9]


@needs_real_files
def test_the_environment_serves_a_directory_that_does_not_exist(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHMODE_DATA", str(REAL.parent))
    data = mnist.read_data_sets(tmp_path / "absent", dtype=np.uint8, reshape=False)
    assert data.validation.images.shape == (5000, 28, 28, 1)
    assert data.validation.images[0].sum() == 27525
    assert not (tmp_path / "absent").exists()


def test_validation_is_the_start_of_the_training_file(small):
    data = mnist.read_data_sets(small, validation_size=4, dtype="uint8", reshape=False)
    assert data.validation.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3]
    assert data.train.images[:, 0, 0, 0].tolist() == list(range(4, N_TRAIN))
    assert data.test.images[:, 0, 0, 0].tolist() == list(range(100, 107))
    assert data.test.images.shape == (N_TEST, ROWS, COLUMNS, 1)
    assert data.test.labels.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert data.test.labels.dtype == np.uint8


def test_float32_pixels_are_scaled_and_images_flattened(small):
    data = mnist.read_data_sets(small, validation_size=0)
    assert data.train.images.shape == (N_TRAIN, ROWS * COLUMNS)
    np.testing.assert_array_equal(
        data.train.images[:, 0], np.arange(N_TRAIN, dtype=np.float32) * np.float32(1 / 255)
    )


def test_plain_files_are_read_too(small):
    for name in mnist.SHA256:
        packed = small / name
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    assert mnist.read_data_sets(small, validation_size=9).train.num_examples == N_TRAIN - 9


def tf1_order(n, batch_size, n_batches, random):
    """The order in which TF1 hands out examples 0..n-1: a shuffle of each epoch's last order."""
    order = np.arange(n)
    given = []
    while len(given) < batch_size * n_batches:
        shuffled = np.arange(n)
        random.shuffle(shuffled)
        order = order[shuffled]
        given.extend(order.tolist())
    return given[: batch_size * n_batches]


def numbered(n, seed=None):
    pixels = np.arange(n, dtype=np.uint8).reshape(n, 1, 1, 1)
    return mnist.DataSet(pixels, np.arange(n), dtype=np.uint8, seed=seed)


def test_batches_are_tf1s_for_a_seed_and_carry_over_the_epoch():
    data = numbered(11, seed=42)
    given = [data.next_batch(4) for _ in range(9)]
    images = np.concatenate([images for images, _ in given]).ravel()
    labels = np.concatenate([labels for _, labels in given])
    expected = tf1_order(11, 4, 9, np.random.RandomState(42))
    assert images.tolist() == expected
    assert labels.tolist() == expected
    assert all(len(labels) == 4 for _, labels in given)


def test_epochs_completed_counts_when_the_set_is_passed_not_when_it_is_reached():
    data = numbered(6)
    counts = []
    for _ in range(5):
        data.next_batch(3)
        counts.append(data.epochs_completed)
    assert counts == [0, 0, 1, 1, 2]


def test_without_shuffling_the_order_is_the_files():
    data = numbered(5)
    given = [data.next_batch(2, shuffle=False)[1].tolist() for _ in range(4)]
    assert given == [[0, 1], [2, 3], [4, 0], [1, 2]]


def test_a_batch_larger_than_the_set_wraps_around():
    data = numbered(4)
    assert data.next_batch(11, shuffle=False)[1].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2]
    assert data.epochs_completed == 2
    assert data.next_batch(1, shuffle=False)[1].tolist() == [3]


def test_a_seed_leaves_numpys_global_generator_alone():
    np.random.seed(5)
    expected = np.random.RandomState(5).rand(3)
    numbered(8, seed=1).next_batch(2)
    np.testing.assert_array_equal(np.random.rand(3), expected)


def test_without_a_seed_the_order_follows_numpy_random_seed():
    np.random.seed(19)
    batch = numbered(10).next_batch(10)[1]
    assert batch.tolist() == tf1_order(10, 10, 1, np.random.RandomState(19))


def test_without_a_seed_the_graphs_seed_counts():
    with Graph().as_default() as graph:
        graph.seed = 23
        batch = numbered(10).next_batch(10)[1]
    assert batch.tolist() == tf1_order(10, 10, 1, np.random.RandomState(23))


def test_the_three_sets_share_the_generator(small):
    data = mnist.read_data_sets(small, validation_size=10, seed=3, dtype=np.uint8)
    random = np.random.RandomState(3)
    train = tf1_order(20, 20, 1, random)
    test = tf1_order(7, 7, 1, random)
    assert (data.train.next_batch(20)[0][:, 0] - 10).tolist() == train
    assert (data.test.next_batch(7)[0][:, 0] - 100).tolist() == test


def test_fake_data_needs_no_files(tmp_path):
    data = mnist.read_data_sets(tmp_path, fake_data=True, one_hot=True)
    assert data.train.num_examples == 10000
    images, labels = data.train.next_batch(3, fake_data=True)
    assert images == [[1] * 784] * 3
    assert labels == [[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]] * 3


def test_one_hot_is_float64_and_refuses_labels_beyond_the_classes():
    one_hot = mnist.dense_to_one_hot(np.array([2, 0]), 3)
    assert one_hot.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot.dtype == np.float64
    with pytest.raises(ValueError, match="label 25 does not fit into 10 classes"):
        mnist.dense_to_one_hot(np.array([1, 25]), 10)


@pytest.mark.parametrize("dtype", ["float64", "int32", bool])
def test_other_dtypes_are_refused(small, dtype):
    with pytest.raises(TypeError, match=r"Invalid image dtype .*, expected uint8 or float32"):
        mnist.read_data_sets(small, validation_size=1, dtype=dtype)


@pytest.mark.parametrize("size", [-1, N_TRAIN + 1])
def test_validation_size_beyond_the_training_set(small, size):
    message = rf"Validation size should be between 0 and {N_TRAIN}\. Received: {size}\."
    with pytest.raises(ValueError, match=message):
        mnist.read_data_sets(small, validation_size=size)


def test_different_numbers_of_images_and_labels(small):
    write_idx(small / mnist.TRAIN_LABELS, np.zeros(29, np.uint8))
    with pytest.raises(ValueError, match=r"images.shape: \(25, 3, 5, 1\) labels.shape: \(24,\)"):
        mnist.read_data_sets(small, validation_size=5)


def test_a_truncated_gzip_file_is_named(small):
    path = small / mnist.TRAIN_IMAGES
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=f"{path} is damaged or truncated.*get it again"):
        mnist.read_data_sets(small, validation_size=5)


def test_a_flipped_bit_is_found_by_gzips_checksum(small):
    path = small / mnist.TEST_IMAGES
    content = bytearray(path.read_bytes())
    content[-8] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{path} is damaged or truncated.*CRC"):
        idx.read_images(path)


def test_a_truncated_plain_file_says_what_was_promised(tmp_path):
    path = tmp_path / "images"
    write_idx(path, np.zeros((4, 3, 2), np.uint8))
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match=r"promises shape \(4, 3, 2\), 40 bytes.*it has 35"):
        idx.read_images(path)


@pytest.mark.parametrize("n_bytes", [0, 3, 4, 9])
def test_a_file_that_ends_in_its_header(tmp_path, n_bytes):
    path = tmp_path / "images"
    path.write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 4, 0])[:n_bytes])
    with pytest.raises(ValueError, match="MNIST image file"):
        idx.read_images(path)


def test_labels_where_images_should_be(small):
    with pytest.raises(ValueError, match="Invalid magic number 2049 in MNIST image file"):
        mnist.extract_images(small / mnist.TRAIN_LABELS)


def test_open_files_are_read_as_in_tf1(small):
    with (small / mnist.TEST_LABELS).open("rb") as f:
        assert mnist.extract_labels(f, one_hot=True).argmax(axis=1).tolist() == [
            0,
            1,
            2,
            3,
            4,
            5,
            6,
        ]


def test_nowhere_to_be_had(tmp_path, monkeypatch):
    def no_network(url, directory, sha256):
        raise OSError("no route to host")

    monkeypatch.setattr(fetch, "fetch", no_network)
    monkeypatch.setenv("GRAPHMODE_DATA", str(tmp_path / "elsewhere"))
    with pytest.raises(FileNotFoundError) as caught:
        mnist.read_data_sets(tmp_path / "MNIST_data")
    text = str(caught.value)
    assert all(name in text for name in mnist.SHA256)
    assert "no route to host" in text
    assert f"put the files (.gz or unpacked) into '{tmp_path / 'MNIST_data'}'" in text
    assert "set GRAPHMODE_DATA" in text
    assert f"downloaded from {mnist.DEFAULT_SOURCE_URL}" in text


def test_another_source_url_is_downloaded_without_our_checksums(server, tmp_path, monkeypatch):
    # Another data set: MNIST in the environment must not stand in for it.
    monkeypatch.setenv("GRAPHMODE_DATA", str(REAL.parent))
    folder = tmp_path / "fashion"
    data = mnist.read_data_sets(folder, validation_size=2, source_url=server + "/")
    assert data.train.num_examples == N_TRAIN - 2
    assert sorted(path.name for path in folder.iterdir()) == sorted(mnist.SHA256)


def test_only_what_is_missing_is_downloaded(server, small, tmp_path, monkeypatch):
    fetched = []

    def recording(url, directory, sha256, fetch_file=fetch.fetch):
        fetched.append(url)
        return fetch_file(url, directory, sha256)

    monkeypatch.setattr(fetch, "fetch", recording)
    folder = tmp_path / "half"
    folder.mkdir()
    (folder / mnist.TEST_LABELS).write_bytes((small / mnist.TEST_LABELS).read_bytes())
    mnist.read_data_sets(folder, validation_size=2, source_url=server)
    assert fetched == [f"{server}/{name}" for name in mnist.SHA256 if name != mnist.TEST_LABELS]


@pytest.mark.parametrize("url", [mnist.DEFAULT_SOURCE_URL, "http://yann.lecun.com/exdb/mnist/"])
def test_the_mirrors_and_checksums_serve_both_of_tf1s_urls(tmp_path, monkeypatch, url):
    asked = []

    def record(address, directory, sha256):
        asked.append((address, sha256))
        raise OSError("recorded")

    monkeypatch.setattr(fetch, "fetch", record)
    monkeypatch.delenv("GRAPHMODE_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match="recorded"):
        mnist.read_data_sets(tmp_path, source_url=url)
    name = mnist.TRAIN_IMAGES
    mirrors = (mnist.DEFAULT_SOURCE_URL, "https://ossci-datasets.s3.amazonaws.com/mnist/")
    assert asked == [(mirror + name, f"sha256:{mnist.SHA256[name]}") for mirror in mirrors]


def test_a_download_with_the_wrong_checksum_leaves_nothing(server, tmp_path):
    url = f"{server}/{mnist.TEST_LABELS}"
    with pytest.raises(ValueError, match="hash"):
        fetch.fetch(url, tmp_path / "new", mnist.SHA256[mnist.TEST_LABELS])
    assert list((tmp_path / "new").iterdir()) == []


def test_a_file_that_the_server_does_not_have(server, tmp_path):
    with pytest.raises(OSError, match="404"):
        fetch.fetch(f"{server}/absent.gz", tmp_path, None)


def test_a_terminal_gets_a_progress_bar(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    fetch.fetch(f"{server}/{mnist.TEST_IMAGES}", tmp_path, None)
    assert mnist.TEST_IMAGES in capsys.readouterr().err
