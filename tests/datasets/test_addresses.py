"""Dead addresses: which file answers each, by each way of downloading, without a network."""

import gzip
import json
import pickle
import subprocess
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image
from tests.datasets import small

from graphmode import datasets
from graphmode.datasets import fetch
from graphmode.datasets.addresses import answers, making, shell
from graphmode.datasets.addresses.table import look_up, plain_address

BOX = "https://ibm.box.com/shared/static"
FUEL = (
    "https://s3-api.us-geo.objectstorage.softlayer.net/cf-courses-data/CognitiveClass/ML0101ENv3/"
    "labs/FuelConsumptionCo2.csv"
)
UTILS = "http://deeplearning.net/tutorial/code/utils.py"
INPUT = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
ML_1M = "http://files.grouplens.org/datasets/movielens/ml-1m.zip"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The small data sets as GRAPHMODE_DATA; what is made is made anew."""
    monkeypatch.setenv("GRAPHMODE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "made").mkdir()
    monkeypatch.setattr(answers, "_made_in", [tmp_path / "made"])
    monkeypatch.setattr(answers, "_said", set())
    return small.write(tmp_path / "data")


@pytest.mark.parametrize(
    ("address", "file"),
    [
        (FUEL, "fuel_consumption FuelConsumption.csv"),
        (
            "https://cf-courses-data.s3.us.cloud-object-storage.appdomain.cloud/"
            "IBMDeveloperSkillsNetwork-ML0101EN-SkillsNetwork/labs/Module%202/data/"
            "FuelConsumptionCo2.csv",
            "fuel_consumption FuelConsumption.csv",
        ),
        (f"{BOX}/cn7yt7z10j8rx6um1v9seagpgmzzxnlz.jpg", " bird.jpg"),
        (f"{BOX}/cn7y7z10j8mx6um1v9seagpmzzxn1z.jpg", " bird.jpg"),
        (f"{BOX}/vvm1b63uvuuxq88vbw9znpwu5ol380mco.jpg", " num3.jpg"),
        (f"{BOX}/vm1b63uvuuxq88vbv9znpwu5o1380mco.jpg", " destructed3.jpg"),
        (f"{BOX}/z2yvmbhskc45xd2a9a4kkn6hg4g4kj5r.zip", "ptb ptb.zip"),
        (f"{BOX}/a3f9e9mbpup09toq3ut7ke3l3lf03hg.txt", "tiny_shakespeare input.txt"),
        (UTILS, " utils.py"),
        ("http://www.deeplearning.net:80/tutorial/code/utils.py", " utils.py"),
        ("http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz", "ptb simple-examples.tgz"),
        ("HTTP://FILES.GroupLens.org/datasets/movielens/ml-1m.zip", "movielens_1m ml-1m.zip"),
        (
            "https://files.grouplens.org/datasets/movielens/ml-100k.zip",
            "movielens_100k ml-100k.zip",
        ),
        ("http://files.grouplens.org/datasets/movielens/ml-100k/u.item", "movielens_100k u.item"),
        (
            "http://yann.lecun.com/exdb/mnist/t10k-labels-idx1-ubyte.gz",
            "mnist t10k-labels-idx1-ubyte.gz",
        ),
        (
            "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz",
            "mnist train-images-idx3-ubyte.gz",
        ),
        (
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/train-images-idx3-ubyte.gz",
            "fashion_mnist train-images-idx3-ubyte.gz",
        ),
        ("https://s3.amazonaws.com/img-datasets/mnist.npz", "mnist mnist.npz"),
        (INPUT, "tiny_shakespeare input.txt"),
        (
            "https://github.com/karpathy/char-rnn/blob/master/data/tinyshakespeare/input.txt?raw=true",
            "tiny_shakespeare input.txt",
        ),
        (
            "https://github.com/tomsercu/lstm/raw/master/data/ptb.valid.txt",
            "ptb ptb.valid.txt",
        ),
        (
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "cifar10 cifar-10-binary.tar.gz",
        ),
    ],
)
def test_an_address_is_a_file(address, file):
    assert " ".join(look_up(address)) == file


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/ml-1m.zip",
        "https://files.grouplens.org/datasets/movielens/ml-20m.zip",
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        "http://yann.lecun.com/exdb/mnist/",
        "https://example.com/FuelConsumptionCo2.csv",
        "file:///home/ada/input.txt",
        "input.txt",
        "",
    ],
)
def test_other_addresses_are_the_networks(data, address):
    assert answers.answer(address) is None


def test_githubs_forms_are_one():
    raw = "raw.githubusercontent.com/o/r/v1.0/a%20b/c.txt"
    assert plain_address(f"https://{raw}") == "raw.githubusercontent.com/o/r/v1.0/a b/c.txt"
    for kind in ("raw", "blob"):
        address = f"https://github.com/o/r/{kind}/v1.0/a%20b/c.txt?raw=1#L3"
        assert plain_address(address) == plain_address(f"https://{raw}")


# ---- what is made --------------------------------------------------------------------------------


def test_ml_1m_is_zipped_from_its_files(data):
    found = answers.answer(ML_1M)
    assert found.note == "made from MovieLens 1M, ratings of films"
    with zipfile.ZipFile(found.path) as archive:
        assert archive.namelist() == [
            "ml-1m/",
            "ml-1m/README",
            "ml-1m/movies.dat",
            "ml-1m/ratings.dat",
            "ml-1m/users.dat",
        ]
        kept = (data / "movielens-1m" / "ratings.dat").read_bytes()
        assert archive.read("ml-1m/ratings.dat") == kept
    assert answers.answer(ML_1M) == found


def test_an_archive_that_is_at_hand_is_taken_as_it_is(data):
    path = data / "movielens-1m" / "ml-1m.zip"
    path.write_bytes(b"the original")
    assert answers.answer(ML_1M).path == path


def test_the_pickled_cifar_is_given_if_it_lies_there_and_never_made(data):
    address = "http://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    assert answers.answer(address) is None
    path = data / "cifar10" / "cifar-10-python.tar.gz"
    path.write_bytes(b"the original")
    assert answers.answer(address).path == path


def test_simple_examples_unpacks_to_the_folder_that_programs_read(data, tmp_path):
    found = answers.answer("http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz")
    with tarfile.open(found.path) as archive:
        archive.extractall(tmp_path, filter="data")
    kept = (data / "ptb" / "ptb.valid.txt").read_bytes()
    assert (tmp_path / "simple-examples" / "data" / "ptb.valid.txt").read_bytes() == kept


def test_the_binary_cifar_unpacks_to_its_folder(data):
    found = answers.answer("http://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")
    with tarfile.open(found.path) as archive:
        names = archive.getnames()
        content = archive.extractfile("cifar-10-batches-bin/test_batch.bin").read()
    assert len(names) == 6 and content == (data / "cifar10" / "test_batch.bin").read_bytes()


def test_the_npz_of_keras_holds_mnist(data):
    found = answers.answer("https://s3.amazonaws.com/img-datasets/mnist.npz")
    with np.load(found.path, allow_pickle=False) as arrays:
        assert {name: arrays[name].shape for name in arrays} == {
            "x_train": (small.N_TRAIN, 28, 28),
            "y_train": (small.N_TRAIN,),
            "x_test": (small.N_TEST, 28, 28),
            "y_test": (small.N_TEST,),
        }


def test_the_pickle_of_theanos_tutorials(data, monkeypatch):
    monkeypatch.setattr(making, "_N_TRAIN", 9)
    found = answers.answer("http://deeplearning.net/data/mnist/mnist.pkl.gz")
    with gzip.open(found.path) as file:
        train, valid, test = pickle.load(file, encoding="latin1")
    digits = datasets.mnist.load()
    assert [part[0].shape for part in (train, valid, test)] == [(9, 784), (3, 784), (7, 784)]
    assert train[0].dtype == np.float32 and train[1].dtype == np.int64
    np.testing.assert_array_equal(valid[0] * 256, digits.train_images[9:].reshape(3, 784))
    assert valid[1].tolist() == digits.train_labels[9:].tolist()


def test_a_file_that_lies_unpacked_is_packed_as_its_address_says(data):
    name = "t10k-labels-idx1-ubyte"
    found = answers.answer(f"http://yann.lecun.com/exdb/mnist/{name}.gz")
    assert gzip.decompress(found.path.read_bytes()) == (data / "mnist" / name).read_bytes()
    fashion = answers.answer(
        f"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{name}.gz"
    )
    assert fashion.path != found.path


def test_the_digits_of_uci_come_from_scikit_learn(data):
    pytest.importorskip("sklearn")
    uci = "https://archive.ics.uci.edu/ml/machine-learning-databases"
    found = answers.answer(f"{uci}/optdigits/optdigits.tes")
    assert found.path.read_text().startswith("0,0,5,13,9,1,0,0,0,0,13,15,")


def test_the_irises_are_as_uci_has_them(data):
    uci = "https://archive.ics.uci.edu/ml/machine-learning-databases"
    lines = answers.answer(f"{uci}/iris/iris.data").path.read_text().split("\n")
    assert lines[0] == "5.1,3.5,1.4,0.2,Iris-setosa"
    assert lines[34] == lines[37] == "4.9,3.1,1.5,0.1,Iris-setosa"
    assert len(lines) == 152 and lines[150:] == ["", ""]


def test_the_irises_of_tensorflows_tutorials(data):
    """Byte by byte: the lengths are those that the tutorials print of the download."""
    base = "http://download.tensorflow.org/data"
    train = answers.answer(f"{base}/iris_training.csv").path.read_bytes()
    mirror = f"https://storage.googleapis.com/{base.removeprefix('http://')}"
    test = answers.answer(f"{mirror}/iris_test.csv").path.read_bytes()
    assert (len(train), len(test)) == (2194, 573)
    assert train.split()[:3] == [
        b"120,4,setosa,versicolor,virginica",
        b"6.4,2.8,5.6,2.2,2",
        b"5.0,2.3,3.3,1.0,1",
    ]
    assert test.split()[:2] == [b"30,4,setosa,versicolor,virginica", b"5.9,3.0,4.2,1.5,1"]
    rows = sorted(line for part in (train, test) for line in part.split()[1:])
    flowers = datasets.iris.load_as_in_uci()
    assert rows == sorted(
        ",".join([*(f"{value:.1f}" for value in row), str(species)]).encode()
        for row, species in zip(flowers.data, flowers.target, strict=True)
    )


def test_the_pictures_of_the_course(data, monkeypatch):
    bird = answers.answer(f"{BOX}/cn7yt7z10j8rx6um1v9seagpgmzzxnlz.jpg")
    assert "the picture is gone" in bird.note and "stands in for it" in bird.note
    with Image.open(bird.path) as picture:
        assert min(picture.size) > 100 and picture.mode == "RGB"


def test_without_any_photograph_a_landscape_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "_PHOTOGRAPHS", (("not_installed_anywhere", "x", "x"),))
    said = making.make("bird.jpg", tmp_path / "bird.jpg")
    assert said == "the picture is gone, a drawn hill stands in for it"
    with Image.open(tmp_path / "bird.jpg") as picture:
        grey = np.asarray(picture.convert("L"), float)
    assert grey.shape == (240, 320)
    assert grey[10].mean() > grey[230].mean() + 50  # the sky above the hill
    assert [path.name for path in tmp_path.iterdir()] == ["bird.jpg"]


def test_a_three_is_one_of_mnist_and_the_destroyed_one_lacks_rows(data):
    labels = np.arange(small.N_TEST) % 10
    images = np.zeros((small.N_TEST, 28, 28), np.uint8)
    images[3, :, 5:9] = 255
    (data / "mnist" / "t10k-images-idx3-ubyte").write_bytes(small.idx(images))
    (data / "mnist" / "t10k-labels-idx1-ubyte").write_bytes(small.idx(labels.astype(np.uint8)))
    lit = {}
    for name, address in (("num3", "vvm1b63"), ("destructed3", "vm1b63")):
        found = answers.answer(f"{BOX}/{address}uvuuxq88vbw9znpwu5ol380mco.jpg")
        assert "a 3 of MNIST" in found.note
        with Image.open(found.path) as picture:
            small_again = np.asarray(picture.convert("L").resize((28, 28)), float)
        lit[name] = (small_again[:, 7] > 128).nonzero()[0].tolist()
    assert lit["num3"] == list(range(28))
    assert lit["destructed3"] == [*range(9), *range(15, 28)]


@pytest.mark.parametrize("installed", [True, False])
def test_a_three_without_mnist(tmp_path, monkeypatch, installed):
    pytest.importorskip("sklearn")
    monkeypatch.delenv("GRAPHMODE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if not installed:
        monkeypatch.setattr(making.places, "_shipped", lambda known: [])
    said = making.make("num3.jpg", tmp_path / "num3.jpg")
    origin = "scikit-learn's digits" if installed else "Pillow's font"
    assert said == f"the picture is gone, a 3 of {origin} stands in for it"
    with Image.open(tmp_path / "num3.jpg") as picture:
        grey = np.asarray(picture.convert("L").resize((28, 28)), float)
    assert 50 < (grey > 100).sum() < 400


def test_what_fails_to_be_made_leaves_no_half_file(data, tmp_path, monkeypatch):
    (data / "movielens-1m" / "movies.dat").unlink()
    (data / "movielens-1m" / "movies.dat").mkdir()

    def refuse(*arguments):
        raise OSError("no route to host")

    monkeypatch.setattr(fetch, "fetch", refuse)
    with pytest.raises(FileNotFoundError, match=r"movies\.dat missing"):
        answers.answer(ML_1M)
    assert list((tmp_path / "made").iterdir()) == []


# ---- by each way of downloading ------------------------------------------------------------------


def test_urllib(data, tmp_path):
    printed, said = small.run(
        f"""
        import urllib.request
        from urllib.request import Request, urlopen, urlretrieve
        with urlopen({UTILS!r}) as url:
            print(url.read().decode("utf-8").split()[:2], url.status, url.getcode(), url.geturl())
        calls = []
        name, headers = urlretrieve({FUEL!r}, "x.csv", lambda *numbers: calls.append(numbers))
        print(name, headers["Content-Length"], headers.get_content_type(), calls[-1][2])
        opener = urllib.request.build_opener()
        opener.addheaders = [("User-agent", "Mozilla/5.0")]
        urllib.request.install_opener(opener)
        answer = urlopen(Request({INPUT!r}, headers={{"User-agent": "x"}}), timeout=3)
        print(answer.read(5), answer.getheader("content-length"), answer.reason)
        """,
        data,
        tmp_path,
    )
    size = (data / "fuel-consumption" / "FuelConsumption.csv").stat().st_size
    assert printed.splitlines() == [
        f"['from', 'graphmode.viz.raster'] 200 200 {UTILS}",
        f"x.csv {size} text/csv {size}",
        "b'First' 29 OK",
    ]
    assert (tmp_path / "x.csv").stat().st_size == size
    assert said.splitlines() == [
        f"graphmode: {UTILS}: made by graphmode",
        f"graphmode: {FUEL}: answered by {data / 'fuel-consumption' / 'FuelConsumption.csv'}",
        f"graphmode: {INPUT}: answered by {data / 'tinyshakespeare' / 'input.txt'}",
    ]


def test_an_address_is_said_once(data, tmp_path):
    _, said = small.run(
        f"from urllib.request import urlopen\nurlopen({INPUT!r})\nurlopen({INPUT!r})",
        data,
        tmp_path,
    )
    assert said.count(INPUT) == 1


def test_requests_and_pandas(data, tmp_path):
    pytest.importorskip("pandas")
    printed, _ = small.run(
        f"""
        import requests
        found = requests.get({INPUT!r}, stream=True)
        print(found.ok, found.headers["content-length"], found.url, found.text[:5])
        print(sum(map(len, requests.Session().get({INPUT!r}, stream=True).iter_content(4))))
        print(requests.head({INPUT!r}).content)
        import pandas
        print(pandas.read_csv({FUEL!r}).CO2EMISSIONS.tolist())
        """,
        data,
        tmp_path,
    )
    assert printed.splitlines() == [f"True 29 {INPUT} First", "29", "b''", "[196, 221]"]


def test_six_and_what_was_imported_before(data, tmp_path):
    printed, _ = small.run(
        f"""
        from urllib.request import urlretrieve
        import requests
        from graphmode.datasets.addresses import hooks
        hooks.install()
        import sys
        n = len(sys.meta_path)
        hooks.install()
        print(len(sys.meta_path) - n, urlretrieve({INPUT!r}, "a.txt")[0])
        print(requests.get({INPUT!r}).status_code)
        from six.moves import urllib
        print(urllib.request.urlretrieve({INPUT!r}, "b.txt")[0])
        """,
        data,
        tmp_path,
        hooks=False,
    )
    assert printed.splitlines() == ["0 a.txt", "200", "b.txt"]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("urllib.request.urlopen('{}')", "URLError"),
        ("requests.get('{}')", "ConnectionError"),
        ("urllib.request.urlretrieve('{}', 'half.zip')", "URLError"),
    ],
)
def test_what_is_not_at_hand_says_which_file_to_put_where(tmp_path, statement, kind):
    empty = tmp_path / "empty"
    empty.mkdir()
    printed, _ = small.run(
        f"""
        import urllib.request
        import requests
        try:
            {statement.format(ML_1M)}
        except OSError as error:
            print(type(error).__name__, error)
        """,
        empty,
        tmp_path,
    )
    assert printed.startswith(kind)
    assert f"ratings.dat movies.dat users.dat README, or ml-1m.zip, into '{empty}" in printed
    assert not (tmp_path / "half.zip").exists()


def test_other_addresses_go_to_the_network(data, tmp_path):
    printed, _ = small.run(
        """
        import urllib.request
        import requests
        for get in (urllib.request.urlopen, requests.get):
            try:
                get("http://example.com/x")
            except OSError as error:
                print("the test has no network" in str(error))
        """,
        data,
        tmp_path,
    )
    assert printed.split() == ["True", "True"]


def test_a_post_is_never_answered(data, tmp_path):
    printed, _ = small.run(
        f"""
        import urllib.request
        try:
            urllib.request.urlopen({INPUT!r}, data=b"x")
        except OSError as error:
            print(error)
        """,
        data,
        tmp_path,
    )
    assert "the test has no network" in printed


def test_without_install_nothing_is_answered(data, tmp_path):
    printed, _ = small.run(
        f"""
        import graphmode, graphmode.datasets, urllib.request
        try:
            urllib.request.urlopen({INPUT!r})
        except OSError as error:
            print(error)
        """,
        data,
        tmp_path,
        hooks=False,
    )
    assert "the test has no network" in printed


def test_installing_imports_nothing_heavy(data, tmp_path):
    printed, _ = small.run(
        """
        import sys
        import graphmode.compat.alias
        before = set(sys.modules)
        from graphmode.datasets.addresses import hooks
        hooks.install()
        print(sorted(name for name in set(sys.modules) - before))
        """,
        data,
        tmp_path,
        hooks=False,
    )
    assert json.loads(printed.replace("'", '"')) == [
        "graphmode.datasets",
        "graphmode.datasets.addresses",
        "graphmode.datasets.addresses.hooks",
    ]


# ---- lines of a notebook -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "ls -l data",
        "mkdir data",
        "tar xzf simple-examples.tgz -C data/",
        "wget https://example.com/x.zip",
        "wget",
        "curl -s https://example.com/x | tar xz",
        f'echo "wget {ML_1M}"',
        "pip install numpy tensorflow-datasets",
        "pip list | grep tensorflow",
        "echo 'unbalanced",
        "",
    ],
)
def test_other_lines_stay_as_they_are(data, line):
    assert shell.translate(line) is line


def done(line, folder):
    return subprocess.run(
        shell.translate(line), shell=True, cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("line", "file"),
    [
        (f"wget -O FuelConsumption.csv {FUEL}", "FuelConsumption.csv"),
        (f"wget --quiet {INPUT} --output-document x.txt", "x.txt"),
        (f"wget --output-document=x.txt {INPUT}", "x.txt"),
        (f"wget -nv -qO x.txt '{INPUT}'", "x.txt"),
        (f"wget {FUEL} 2>&1 >/dev/null", "FuelConsumptionCo2.csv"),
        (f"wget -P new/deep {INPUT} -t 3 --no-check-certificate", "new/deep/input.txt"),
        (f"mkdir -p d && cd d && wget -q {INPUT} && ls", "d/input.txt"),
        (f"curl -sLO {INPUT}", "input.txt"),
        (f"curl -L -o x.txt --retry 3 {INPUT}", "x.txt"),
        (f"curl {INPUT} > x.txt", "x.txt"),
        (f"sudo wget -qO- {INPUT} | cat > x.txt", "x.txt"),
        (f"TARGET=x.txt; wget -q -O $TARGET {INPUT}", "x.txt"),
        (f"wget -q -O x.txt {INPUT}  # get 'it", "x.txt"),
        (f"wget -q -O x.txt {INPUT.removeprefix('https://')}", "x.txt"),
    ],
)
def test_a_download_is_a_copy(data, tmp_path, line, file):
    finished = done(line, tmp_path)
    assert finished.returncode == 0, finished.stderr
    kept = {"F": "fuel-consumption/FuelConsumption.csv"}.get(file[0], "tinyshakespeare/input.txt")
    assert (tmp_path / file).read_bytes() == (data / kept).read_bytes()


def test_a_copy_says_what_it_is_unless_it_is_to_be_quiet(data, tmp_path):
    said = f"graphmode: x.txt (29 bytes): answered by {data / 'tinyshakespeare' / 'input.txt'}\n"
    assert done(f"wget -O x.txt {INPUT}", tmp_path).stdout == said
    assert done(f"wget -q -O x.txt {INPUT}", tmp_path).stdout == ""
    picture = done(f"wget -q -O bird.jpg {BOX}/cn7yt7z10j8rx6um1v9seagpgmzzxnlz.jpg", tmp_path)
    assert "bird.jpg" in picture.stdout and "stands in for it" in picture.stdout


def test_no_clobber_keeps_what_is_there(data, tmp_path):
    (tmp_path / "input.txt").write_text("mine")
    assert done(f"wget -nc {INPUT}", tmp_path).returncode == 0
    assert (tmp_path / "input.txt").read_text() == "mine"


def test_two_addresses_in_a_line(data, tmp_path):
    done(f"wget -q {INPUT} {UTILS}", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "input.txt",
        "utils.py",
    ]


def test_the_line_fails_where_nothing_answers(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError("no route to host")

    monkeypatch.setattr(fetch, "fetch", refuse)
    monkeypatch.setenv("GRAPHMODE_DATA", str(tmp_path / "empty"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    finished = done(f"wget {ML_1M} && touch after", tmp_path)
    assert finished.returncode == 1
    assert "or ml-1m.zip, into" in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_unzip_on_a_machine_that_has_none(data, tmp_path, monkeypatch):
    done(f"wget -q {ML_1M}", tmp_path)
    monkeypatch.setattr(shell.shutil, "which", lambda name: None)
    line = shell.translate("unzip -o -q ml-1m.zip -d there")
    assert "-m zipfile -e ml-1m.zip there" in line
    assert done("unzip -o ml-1m.zip -d there", tmp_path).returncode == 0
    kept = (data / "movielens-1m" / "ratings.dat").read_bytes()
    assert (tmp_path / "there" / "ml-1m" / "ratings.dat").read_bytes() == kept


@pytest.mark.parametrize(
    ("line", "translated"),
    [
        ("pip install tensorflow", "tensorflow is not installed"),
        ("pip3 install --upgrade -q tensorflow-gpu==1.4", "tensorflow-gpu==1.4 is not installed"),
        ("python -m pip uninstall -y tensorflow", "tensorflow is not removed"),
        (
            "sudo pip install https://storage.googleapis.com/tensorflow/linux/cpu/"
            "tensorflow-0.8.0-cp27-none-linux_x86_64.whl",
            "tensorflow-0.8.0-cp27-none-linux_x86_64.whl is not installed",
        ),
    ],
)
def test_tensorflow_is_not_installed(line, translated, tmp_path):
    finished = done(line, tmp_path)
    assert finished.returncode == 0
    assert finished.stdout.startswith("graphmode: tensorflow is graphmode here: ")
    assert finished.stdout.endswith(f"{translated}\n")


def test_what_else_is_to_be_installed_still_is():
    assert shell.translate("pip install -q tensorflow==1.15 'numpy<2' -r more.txt") == (
        "{ echo 'graphmode: tensorflow is graphmode here: tensorflow==1.15 is not installed' && "
        "pip install -q 'numpy<2' -r more.txt; }"
    )


def test_a_cell_of_bash():
    lines = ["%%bash -e\n", "# don't\n", "pip install tensorflow\n", "ls"]
    first, comment, install, listing = shell._answered_script(lines)
    assert (first, comment, listing) == ("%%bash -e\n", "# don't\n", "ls\n")
    assert install.endswith("tensorflow is not installed'; }\n")
    assert shell._answered_script(["!pip install tensorflow\n"]) == ["!pip install tensorflow\n"]


def test_subprocess(data, tmp_path):
    printed, _ = small.run(
        f"""
        import os, subprocess
        print(subprocess.call(["wget", "-q", "-O", "a.txt", "{INPUT}"]))
        subprocess.check_call("curl -s -o b.txt {INPUT} && exit 0", shell=True)
        made = subprocess.Popen(["curl", "-O", "{INPUT}"], stdout=subprocess.PIPE, text=True)
        print(made.communicate()[0].split(" (")[0], made.returncode)
        print(len({{open(name).read() for name in ("a.txt", "b.txt", "input.txt")}}))
        print(len(subprocess.check_output(["curl", "-s", "{INPUT}"])) == os.path.getsize("a.txt"))
        print(subprocess.run(["echo", "wget {INPUT}"], capture_output=True, text=True).stdout)
        """,
        data,
        tmp_path,
    )
    assert printed == f"0\ngraphmode: input.txt 0\n1\nTrue\nwget {INPUT}\n\n"


def test_os_system(data, tmp_path):
    printed, _ = small.run(
        f"""
        import os
        print(os.system("wget -q -O x.txt {INPUT} && exit 3") >> 8, os.system("exit 2") >> 8)
        """,
        data,
        tmp_path,
    )
    assert printed == "3 2\n"
    assert (tmp_path / "x.txt").read_bytes().startswith(b"First")


def test_ipython(data, tmp_path):
    pytest.importorskip("IPython")
    code = f"""
    from IPython.core.interactiveshell import InteractiveShell
    from graphmode.datasets.addresses import shell
    running = InteractiveShell()
    shell.install(running)
    shell.install(running)
    running.run_cell(
        "where = 'x.txt'\\n!wget -q -O $where {INPUT}\\nlines = !cat {{where}}\\n"
        "def get(name):\\n    !curl -s {INPUT} > $name\\nget('y.txt')\\nprint(lines)"
    )
    """
    printed, _ = small.run(code, data, tmp_path)
    assert printed == "['First Citizen:', 'Speak, speak.']\n"
    kept = (data / "tinyshakespeare" / "input.txt").read_bytes()
    assert (tmp_path / "x.txt").read_bytes() == (tmp_path / "y.txt").read_bytes() == kept
