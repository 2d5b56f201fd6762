"""MNIST as TF1's `tensorflow.examples.tutorials.mnist.input_data` gave it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from graphmode.datasets import catalog, fetch, idx, places
from graphmode.datasets.addresses.table import look_up
from graphmode.datasets.images import LabelledImages, load_idx
from graphmode.framework.default_graph import get_default_graph

if TYPE_CHECKING:
    from graphmode.datasets.catalog import CatalogEntry

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"

SHA256 = {file.name: (file.checksum or "").removeprefix("sha256:") for file in catalog.MNIST.files}

DEFAULT_SOURCE_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"


def load() -> LabelledImages:
    """Read MNIST as it is in its files.

    Returns
    -------
    LabelledImages
        60,000 and 10,000 images, uint8 (n, 28, 28), 0 is paper; labels uint8 (n,), 0 to 9.
    """
    return load_idx(catalog.MNIST, tuple("0123456789"))


class Datasets(NamedTuple):
    """The three parts of a data set.

    Attributes
    ----------
    train, validation, test : DataSet
    """

    train: DataSet
    validation: DataSet
    test: DataSet


class DataSet:
    """Images and labels, handed out in batches: TF1's `mnist.train`.

    Parameters
    ----------
    images : ndarray, uint8, shape (n, rows, columns, 1) if `reshape`, else any with n first
    labels : ndarray, shape (n,) or (n, classes)
    fake_data : bool
        Hold no data; `next_batch` gives constant images, `num_examples` is 10,000.
    one_hot : bool
        The form of the fake labels. Real labels are taken as they are.
    dtype : float32 or uint8, as DType, NumPy dtype or name
        float32 scales the pixels from 0..255 to 0..1.
    reshape : bool
        Flatten each image to one row of rows * columns.
    seed : int, None, or a generator shared by several sets
        An int gives the order of batches that TF1 gave for it, from a private generator:
        unlike TF1, NumPy's global generator is not reseeded. None takes the graph's seed
        (`tf.set_random_seed`) if there is one, else draws from NumPy's global generator,
        so that a program that called `numpy.random.seed` repeats itself.

    Raises
    ------
    TypeError
        If `dtype` is neither uint8 nor float32.
    ValueError
        If the numbers of images and labels differ, or `reshape` meets images of another shape.
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = np.float32,
        reshape: bool = True,
        seed: Any = None,
    ) -> None:
        pixel_type: Any = np.dtype(getattr(dtype, "as_numpy_dtype", dtype))
        if pixel_type not in (np.uint8, np.float32):
            raise TypeError(f"Invalid image dtype {dtype!r}, expected uint8 or float32")
        self._random = _generator(seed)
        self._epochs_completed = 0
        self._index_in_epoch = 0
        self.one_hot = one_hot
        if fake_data:
            self._images, self._labels, self._num_examples = images, labels, 10000
            return

        images, labels = np.asarray(images), np.asarray(labels)
        if images.shape[0] != labels.shape[0]:
            raise ValueError(f"images.shape: {images.shape} labels.shape: {labels.shape}")
        if reshape:
            if images.ndim != 4 or images.shape[3] != 1:
                raise ValueError(
                    "reshape=True needs images of shape (n, rows, columns, 1), "
                    f"these are {images.shape}"
                )
            images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
        if pixel_type == np.float32:
            images = images.astype(np.float32)
            images *= np.float32(1.0 / 255.0)
        self._images, self._labels, self._num_examples = images, labels, images.shape[0]

    @property
    def images(self) -> np.ndarray:
        """All images in their present order: (n, rows * columns) or (n, rows, columns, 1)."""
        return self._images

    @property
    def labels(self) -> np.ndarray:
        """All labels in their present order: uint8 (n,), or float64 (n, classes) if one-hot."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """The number of images."""
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        """How often `next_batch` has passed the last image."""
        return self._epochs_completed

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> Any:
        """Give the next `batch_size` examples.

        The set is shuffled before the first batch and again whenever it is used up; a batch
        that reaches over the end takes the rest and goes on in the new order.

        Parameters
        ----------
        batch_size : int
        fake_data : bool
            Give ones and the label 0, as TF1's tests did.
        shuffle : bool
            Whether the order changes.

        Returns
        -------
        images, labels : ndarray, `batch_size` first; lists if `fake_data`
        """
        if fake_data:
            label = [1] + [0] * 9 if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        pieces: list[Any] = []
        while self._num_examples and start + batch_size > self._num_examples:
            self._epochs_completed += 1
            pieces.append((self._images[start:], self._labels[start:]))
            batch_size -= self._num_examples - start
            if shuffle:
                self._shuffle()
            start = 0
        self._index_in_epoch = end = start + batch_size
        last = self._images[start:end], self._labels[start:end]
        if not pieces:
            return last
        images, labels = zip(*pieces, last, strict=True)
        return np.concatenate(images), np.concatenate(labels)

    def _shuffle(self) -> None:
        order = np.arange(self._num_examples)
        self._random.shuffle(order)
        self._images = self._images[order]
        self._labels = self._labels[order]


def _generator(seed: Any) -> Any:
    """The source of the order of batches: `RandomState`, or NumPy's global generator."""
    if seed is np.random or isinstance(seed, np.random.RandomState):
        return seed
    if seed is None:
        seed = get_default_graph().seed
    return np.random if seed is None else np.random.RandomState(seed)


def dense_to_one_hot(labels_dense: Any, num_classes: int) -> Any:
    """Class numbers as rows of zeros and a one.

    Parameters
    ----------
    labels_dense : array, integer, (n,)
    num_classes : int

    Returns
    -------
    array, float64, (n, num_classes)

    Raises
    ------
    ValueError
        If a label is `num_classes` or more.
    """
    labels = np.asarray(labels_dense).ravel()
    if labels.size and labels.max() >= num_classes:
        raise ValueError(f"label {labels.max()} does not fit into {num_classes} classes")
    one_hot = np.zeros((labels.size, num_classes))
    one_hot[np.arange(labels.size), labels] = 1
    return one_hot


def extract_images(f: str | Path | BinaryIO) -> np.ndarray:
    """Read an IDX file of images, as `idx.read_images`.

    Parameters
    ----------
    f : str, Path or binary file

    Returns
    -------
    array, uint8, (n, rows, columns, 1)
    """
    return idx.read_images(f)


def extract_labels(
    f: str | Path | BinaryIO, one_hot: bool = False, num_classes: int = 10
) -> np.ndarray:
    """Read an IDX file of labels, as `idx.read_labels`.

    Parameters
    ----------
    f : str, Path or binary file
    one_hot : bool
    num_classes : int
        The length of a row if `one_hot`.

    Returns
    -------
    array, uint8, (n,), or float64, (n, num_classes) if `one_hot`
    """
    labels = idx.read_labels(f)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


def read_data_sets(
    train_dir: Any,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = np.float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: Any = None,
    source_url: str = DEFAULT_SOURCE_URL,
) -> Any:
    """Read MNIST: 55,000 images to train, 5,000 to validate, 10,000 to test.

    The files are taken from `train_dir` if all four lie there, else from
    `$GRAPHMODE_DATA/mnist`, else what is missing is downloaded into `train_dir` from the first
    mirror that has it and checked against the published hash. A `source_url` of Fashion-MNIST
    means that data set, in `$GRAPHMODE_DATA/fashion-mnist`; with any other only `train_dir` and
    the download count.

    Parameters
    ----------
    train_dir : str or Path
        The folder of the four IDX files, gzip-compressed or plain.
    fake_data, dtype, reshape : optional
        As for `DataSet`.
    one_hot : bool
        Whether labels are rows of zeros and a one, float64 (n, 10).
    validation_size : int
        How many images, from the start of the training file, are held out.
    seed : int or None
        Fixes the order of batches. All three sets draw from one generator, as in TF1.
    source_url : str
        Where the files are downloaded from.

    Returns
    -------
    Datasets
        A namedtuple (train, validation, test) of `DataSet`.

    Raises
    ------
    FileNotFoundError
        If the files are nowhere to be had; says which, and how to get them.
    ValueError
        If a file is damaged, or `validation_size` is not within the training set.
    """
    if fake_data:
        train, validation, test = (
            DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed)
            for _ in range(3)
        )
        return Datasets(train, validation, test)

    files = _find_files(Path(train_dir), source_url or DEFAULT_SOURCE_URL)
    train_images = extract_images(files[TRAIN_IMAGES])
    train_labels = extract_labels(files[TRAIN_LABELS], one_hot=one_hot)
    if not 0 <= validation_size <= len(train_images):
        raise ValueError(
            f"Validation size should be between 0 and {len(train_images)}. "
            f"Received: {validation_size}."
        )
    test_images = extract_images(files[TEST_IMAGES])
    test_labels = extract_labels(files[TEST_LABELS], one_hot=one_hot)

    generator = _generator(seed)
    train, validation, test = (
        DataSet(images, labels, one_hot=one_hot, dtype=dtype, reshape=reshape, seed=generator)
        for images, labels in (
            (train_images[validation_size:], train_labels[validation_size:]),
            (train_images[:validation_size], train_labels[:validation_size]),
            (test_images, test_labels),
        )
    )
    return Datasets(train, validation, test)


def _find_files(train_dir: Path, source_url: str) -> dict[str, Path]:
    """Where each of the four files lies, after a download if need be."""
    base = source_url.rstrip("/")
    present = _files_in(train_dir)
    if len(present) == len(SHA256):
        return present
    row = look_up(f"{base}/{TRAIN_IMAGES}")
    known = catalog.DATA_SETS[row.data_set] if row is not None else None
    if known is not None:
        elsewhere = places.find(known)
        if len(elsewhere) == len(SHA256):
            return elsewhere

    missing = [name for name in SHA256 if name not in present]
    for name in missing:
        mirrors = [f"{base}/{{}}"] if known is None else known.mirrors
        checksums = {file.name: file.checksum for file in (known.files if known else ())}
        errors: list[Exception] = []
        for mirror in mirrors:
            try:
                present[name] = fetch.fetch(mirror.format(name), train_dir, checksums.get(name))
                break
            except (OSError, ValueError) as error:
                errors.append(error)
        else:
            shown = mirrors[0].rpartition("/")[0]
            raise FileNotFoundError(
                _how_to_get(missing, train_dir, known, shown, errors[0])
            ) from errors[0]
    return present


def _files_in(directory: Path) -> dict[str, Path]:
    """The MNIST files in a directory, plain ones (without `.gz`) too."""
    found: dict[Any, Any] = {}
    for name in SHA256:
        for path in (directory / name, directory / name.removesuffix(".gz")):
            if path.is_file():
                found[name] = path
                break
    return found


def _how_to_get(
    missing: list[str], train_dir: Path, known: CatalogEntry | None, base: str, error: Exception
) -> str:
    own = places.own_folder(known) if known else None
    tried = f"{own} has not all of them either" if own else "it is not set"
    reason = textwrap.shorten(str(error), 100, placeholder=" ...")
    name = "MNIST" if known is None else known.title.partition(",")[0]
    environment = known and (
        "  - set GRAPHMODE_DATA to a folder that has them in its subfolder "
        f"'{known.folder}' ({tried})\n"
    )
    return (
        f"{name} is not in '{train_dir}': {', '.join(missing)} missing, "
        f"and the download failed ({type(error).__name__}: {reason}).\n"
        "Any one of these gets it:\n"
        f"  - put the files (.gz or unpacked) into '{train_dir}', "
        "the directory given to read_data_sets\n"
        f"{environment or ''}"
        f"  - connect to the network and run again: they are downloaded from {base}/"
    )
