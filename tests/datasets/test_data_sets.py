"""`graphmode.datasets`: the numbers of each set, where files are looked for, errors offline."""

import functools
import hashlib
import http.server
import os
import tarfile
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.datasets import small

from graphmode import datasets
from graphmode.datasets import catalog, cifar10, fetch, places

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = Path(os.environ.get("GRAPHMODE_DATA", SHARED))


def needs(name):
    """A test with the real files, where they are."""
    folder = REAL / catalog.DATA_SETS[name].folder
    return pytest.mark.skipif(not folder.is_dir(), reason=f"{name} is not in $GRAPHMODE_DATA")


@pytest.fixture
def real(monkeypatch):
    monkeypatch.setenv("GRAPHMODE_DATA", str(REAL))


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """An empty cache, no folder of one's own, and whatever asks the network is refused."""

    def refuse(url, directory, checksum, name=None):
        raise OSError("no route to host")

    monkeypatch.setattr(fetch, "fetch", refuse)
    monkeypatch.delenv("GRAPHMODE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def folder(offline, monkeypatch):
    """The small data sets, in the layout of GRAPHMODE_DATA."""
    monkeypatch.setenv("GRAPHMODE_DATA", str(offline / "data"))
    return small.write(offline / "data")


# ---- the real ones -------------------------------------------------------------------------------


@needs("mnist")
def test_mnist(real):
    digits = datasets.mnist.load()
    assert digits.train_images.shape == (60000, 28, 28) and digits.test_images.dtype == np.uint8
    assert round(digits.train_images.mean() / 255, 5) == 0.13066
    counts = np.bincount(digits.test_labels).tolist()
    assert counts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert digits.class_names[7] == "7"


def test_digits(real):
    pytest.importorskip("sklearn")
    found = datasets.digits.load()
    assert found.images.shape == (1797, 8, 8) and found.images.max() == 16
    assert found.labels[:10].tolist() == list(range(10))
    assert found.images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_iris_is_fishers_and_tensorflows_copy_has_two_errors(offline):
    flowers = datasets.iris.load()
    assert flowers.data.shape == (150, 4) and np.bincount(flowers.target).tolist() == [50] * 3
    assert flowers.data.sum(0).round(1).tolist() == [876.5, 458.6, 563.7, 179.9]
    assert flowers.data[[34, 37]].tolist() == [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]]
    as_in_uci = datasets.iris.load_as_in_uci()
    assert np.argwhere(as_in_uci.data != flowers.data).tolist() == [[34, 3], [37, 1], [37, 2]]
    sklearn = pytest.importorskip("sklearn.datasets")
    np.testing.assert_array_equal(flowers.data, sklearn.load_iris().data)


@needs("ptb")
def test_ptb(real):
    text = datasets.ptb.load()
    assert (text.train.size, text.valid.size, text.test.size) == (929589, 73760, 82430)
    assert len(text.words) == 10000 and text.words[:3] == ("the", "<unk>", "<eos>")
    assert (text.train == text.words.index("<eos>")).sum() == 42068


@needs("tiny_shakespeare")
def test_tiny_shakespeare(real):
    found = datasets.tiny_shakespeare.load()
    assert found.codes.shape == (1115394,) and len(found.characters) == 65
    assert "".join(found.characters[code] for code in found.codes[-30:]) == found.text[-30:]
    assert found.text.count("\n") == 40000


@needs("movielens_1m")
def test_movielens_1m(real):
    found = datasets.movielens_1m.load()
    counts = np.bincount(found.rating).tolist()
    assert counts == [0, 56174, 107557, 261197, 348971, 226310]
    assert np.unique(found.film).size == 3706 and np.unique(found.user).size == 6040
    assert found.films.title[0] == "Toy Story (1995)" and len(found.films.title) == 3883
    assert found.films.genres[0] == ("Animation", "Children's", "Comedy")
    assert found.users.age[:3].tolist() == [1, 56, 25] and found.users.zip_code[1] == "70072"


@needs("fuel_consumption")
def test_fuel_consumption(real):
    cars = datasets.fuel_consumption.load()
    assert cars.co2_emissions.shape == (1067,) and cars.make[0] == "ACURA"
    assert (cars.engine_size[1], cars.consumption_city[1], cars.consumption_mpg[1]) == (
        np.float32(2.4),
        np.float32(11.2),
        29,
    )
    slope, intercept = np.polyfit(cars.engine_size.astype(float), cars.co2_emissions, 1)
    assert (round(slope, 2), round(intercept, 2)) == (39.13, 125.3)


@pytest.mark.parametrize("name", catalog.DATA_SETS)
def test_the_checksums_are_those_of_the_files_at_hand(real, name):
    known = catalog.DATA_SETS[name]
    for file in known.files:
        path = REAL / known.folder / file.name
        if path.is_file() and file.checksum:
            kind, digest = file.checksum.split(":")
            assert hashlib.new(kind, path.read_bytes()).hexdigest() == digest, file.name
            assert path.stat().st_size == file.size


# ---- small ones: what the files hold -------------------------------------------------------------


def test_fashion_mnist(folder):
    found = datasets.fashion_mnist.load()
    assert found.train_images.shape == (small.N_TRAIN, 28, 28)
    assert found.class_names[found.test_labels[5]] == "Sandal"


def test_cifar10_pixels_are_by_row_with_the_channel_last(folder):
    found = datasets.cifar10.load()
    assert found.train_labels.tolist() == [0, 9, 1, 9, 2, 9, 3, 9, 4, 9]
    assert found.test_images.shape == (2, 32, 32, 3) and found.test_labels.tolist() == [5, 9]
    # Pixel k of the file is k % 251, plus the number of the file.
    values = [(channel * 1024 + 3 * 32 + 7) % 251 + 2 for channel in range(3)]
    assert found.train_images[4, 3, 7].tolist() == values
    assert found.class_names[9] == "truck"


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"\x01" * 3072, "a record has 3073"), (b"", "0 bytes"), (b"\x0a" * 3073, "a label 10")],
)
def test_a_damaged_file_of_cifar10(tmp_path, content, text):
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(ValueError, match=text):
        cifar10.read_batch(tmp_path / "x.bin")


def test_movielens_100k(folder):
    found = datasets.movielens_100k.load()
    assert found.user.tolist() == [196, 186] and found.film.tolist() == [242, 302]
    assert found.rating.tolist() == [3, 1] and found.timestamp[1] == 891717742
    assert found.films.title == ("Kolya (1996)", "Café (1997)")
    assert found.films.genres == (("Comedy",), ("Crime", "Fantasy", "Western"))
    assert found.users.gender == ("F", "M") and found.users.age.tolist() == [39, 49]
    assert found.users.occupation == ("executive", "writer")


def test_a_title_of_movielens_1m_may_hold_a_colon(folder):
    found = datasets.movielens_1m.load()
    assert found.films.title == ("Café (1995)", "One: Two (1975)")
    assert found.users.zip_code == ("48067", "70072-1", "55117")


def test_a_comma_within_quotes_stays_in_its_column(folder):
    assert datasets.fuel_consumption.load().model == ("ILX", "A4, LONG")


@pytest.mark.parametrize(
    ("name", "file", "content", "text"),
    [
        ("movielens_100k", "u.data", b"1\t2\t3\n", "not rows of four whole numbers"),
        ("movielens_100k", "u.data", b"1\t2\tx\t4\n", "not rows of four whole numbers"),
        ("movielens_100k", "u.data", b"1\t2\t6\t4\n", "a rating that is none of 1 to 5"),
        ("fuel_consumption", "FuelConsumption.csv", b"A,B\r1,2\r", "its columns are A, B"),
        ("digits", "optdigits.tes", b"1,2,3\n", "rows of 64 counts 0 to 16 and a digit"),
        (
            "fashion_mnist",
            "t10k-labels-idx1-ubyte",
            small.idx(np.full(7, 11, np.uint8)),
            "label 11",
        ),
    ],
)
def test_a_file_that_is_another_one(folder, name, file, content, text):
    path = folder / catalog.DATA_SETS[name].folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=text):
        getattr(datasets, name).load()


# ---- where files are looked for ------------------------------------------------------------------


def test_a_name_that_is_no_data_set():
    with pytest.raises(AttributeError, match="The data sets are mnist, fashion_mnist, digits"):
        datasets.imagenet  # noqa: B018
    with pytest.raises(ValueError, match="there is no data set 'imagenet'; there are mnist"):
        catalog.data_set("imagenet")
    assert catalog.data_set("movielens-1m") is catalog.MOVIELENS_1M
    assert tuple(catalog.DATA_SETS) == datasets.SETS


@pytest.mark.parametrize("name", sorted(set(datasets.SETS) - {"iris", "digits"}))
def test_offline_each_says_which_file_to_put_where(offline, monkeypatch, name):
    known = catalog.DATA_SETS[name]
    own = offline / "own"
    monkeypatch.setenv("GRAPHMODE_DATA", str(own))
    with pytest.raises(FileNotFoundError) as caught:
        getattr(datasets, name).load()
    text = str(caught.value)
    wanted = [file.name for file in known.files if file.name != "README"]
    assert all(file in text for file in wanted)
    assert f"into '{own / known.folder}'" in text
    assert str(offline / "cache" / "graphmode" / known.folder) in text
    assert "no route to host" in text
    assert f"graphmode datasets fetch {name}" in text


def test_offline_without_a_folder_of_ones_own(offline):
    with pytest.raises(FileNotFoundError) as caught:
        datasets.tiny_shakespeare.load()
    cache = offline / "cache" / "graphmode" / "tinyshakespeare"
    assert str(caught.value).splitlines() == [
        "Tiny Shakespeare, 40,000 lines of the plays: input.txt missing (GRAPHMODE_DATA is not "
        f"set, nor has '{cache}'), and the download failed (OSError: no route to host).",
        "Any one of these gets it:",
        "  - put input.txt (1115394 bytes, sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86"
        f"bf0ca57e2dc565ed) into '{cache}'",
        "  - set GRAPHMODE_DATA to a folder that has it in its subfolder 'tinyshakespeare', "
        "or give that folder to graphmode run --data",
        "  - connect to the network and run `graphmode datasets fetch tiny_shakespeare`: "
        "it asks raw.githubusercontent.com, storage.googleapis.com",
    ]


def test_the_next_mirror_is_asked_when_one_fails(offline, monkeypatch):
    asked = []

    def second_answers(url, directory, checksum, name):
        asked.append((url, checksum))
        if len(asked) == 1:
            raise ValueError("wrong hash")
        directory.mkdir(parents=True)
        (directory / name).write_bytes(b"text")
        return directory / name

    monkeypatch.setattr(fetch, "fetch", second_answers)
    files = places.get(catalog.TINY_SHAKESPEARE)
    assert files["input.txt"].read_bytes() == b"text"
    assert [url for url, _ in asked] == list(catalog.TINY_SHAKESPEARE.mirrors[:2])
    assert {checksum for _, checksum in asked} == {catalog.TINY_SHAKESPEARE.files[0].checksum}
    assert places.get(catalog.TINY_SHAKESPEARE) == files and len(asked) == 2


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A mirror on this machine: what lies in the folder `web`, and its address."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("GRAPHMODE_DATA", raising=False)
    (tmp_path / "web").mkdir()
    handler = functools.partial(QuietHandler, directory=str(tmp_path / "web"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield tmp_path / "web", f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_a_download_is_checked_and_a_wrong_one_leaves_no_half_file(server, kind):
    web, address = server
    (web / "first").mkdir()
    (web / "first" / "input.txt").write_bytes(b"tampered with")
    (web / "second.txt").write_bytes(b"the text")
    digest = hashlib.new(kind, b"the text").hexdigest()
    known = catalog.TINY_SHAKESPEARE._replace(
        files=(catalog.DataFile("input.txt", 8, f"{kind}:{digest}"),),
        mirrors=(f"{address}/first/{{}}", f"{address}/absent/{{}}"),
    )
    cache = places.cache_folder(known)
    with pytest.raises(FileNotFoundError, match="hash"):
        places.get(known)
    assert list(cache.iterdir()) == []
    known = known._replace(mirrors=(*known.mirrors, f"{address}/second.txt"))
    assert places.get(known) == {"input.txt": cache / "input.txt"}
    assert [path.name for path in cache.iterdir()] == ["input.txt"]
    assert (cache / "input.txt").read_bytes() == b"the text"


def test_a_download_that_breaks_off_leaves_no_half_file(server, monkeypatch):
    web, address = server
    (web / "input.txt").write_bytes(b"x" * 100)

    def promise_more(handler, name, value):
        sent(handler, name, "4000" if name == "Content-Length" else value)

    sent = QuietHandler.send_header
    monkeypatch.setattr(QuietHandler, "send_header", promise_more)
    known = catalog.TINY_SHAKESPEARE._replace(
        files=(catalog.DataFile("input.txt", None, None),), mirrors=(f"{address}/{{}}",)
    )
    with pytest.raises(FileNotFoundError, match="the download failed"):
        places.get(known)
    assert list(places.cache_folder(known).iterdir()) == []


def test_an_archive_of_a_mirror_is_unpacked_and_goes(server, tmp_path):
    web, address = server
    known = catalog.MOVIELENS_1M
    content = small.write(tmp_path / "content")
    archive_of(known, content, web / "ml-1m.zip")
    digest = hashlib.sha256((web / "ml-1m.zip").read_bytes()).hexdigest()
    archive = known.archive._replace(mirrors=(f"{address}/ml-1m.zip",), checksum=f"sha256:{digest}")
    files = places.get(known._replace(archive=archive))
    assert (
        files["ratings.dat"].read_bytes() == (content / "movielens-1m" / "ratings.dat").read_bytes()
    )
    names = [path.name for path in places.cache_folder(known).iterdir()]
    assert sorted(names) == ["README", "movies.dat", "ratings.dat", "users.dat"]


def archive_of(known, folder, path):
    inside = known.archive.folder
    files = [folder / known.folder / file.name for file in known.files]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            for file in files:
                packed.write(file, inside + file.name)
    else:
        with tarfile.open(path, "w:gz") as packed:
            for file in files:
                packed.add(file, inside + file.name)


@pytest.mark.parametrize("name", ["movielens_1m", "movielens_100k", "cifar10"])
@pytest.mark.parametrize("where", ["network", "own folder"])
def test_files_are_taken_out_of_an_archive(offline, monkeypatch, name, where):
    known = catalog.DATA_SETS[name]
    content = small.write(offline / "content")
    archive_name = places.archive_name(known.archive)

    def download(url, directory, checksum, name=None):
        assert (url, checksum) == (known.archive.mirrors[0], known.archive.checksum)
        directory.mkdir(parents=True)
        archive_of(known, content, directory / archive_name)
        return directory / archive_name

    if where == "network":
        monkeypatch.setattr(fetch, "fetch", download)
    else:
        (offline / "own" / known.folder).mkdir(parents=True)
        archive_of(known, content, offline / "own" / known.folder / archive_name)
        monkeypatch.setenv("GRAPHMODE_DATA", str(offline / "own"))
    files = places.get(known)
    for file in known.files:
        assert files[file.name].read_bytes() == (content / known.folder / file.name).read_bytes()
    left = sorted(path.name for path in places.cache_folder(known).iterdir())
    assert left == sorted(file.name for file in known.files)
    if where == "own folder":
        assert (offline / "own" / known.folder / archive_name).is_file()


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_damaged_archive_leaves_no_half_file(offline, monkeypatch, content):
    known = catalog.CIFAR10
    own = offline / "own" / known.folder
    own.mkdir(parents=True)
    path = own / "cifar-10-binary.tar.gz"
    if content is None:  # cut in the middle
        archive_of(known, small.write(offline / "content"), path)
        content = path.read_bytes()[:-60]
    path.write_bytes(content)
    monkeypatch.setenv("GRAPHMODE_DATA", str(offline / "own"))
    with pytest.raises(FileNotFoundError, match="is damaged"):
        places.get(known)
    cache = places.cache_folder(known)
    assert not any(name.name.startswith("tmp") for name in cache.iterdir())
    assert all(path.stat().st_size == 2 * 3073 for path in cache.iterdir())
