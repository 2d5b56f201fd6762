"""Files that are made when a program asks for them: archives, pictures, modules."""

from __future__ import annotations

import gzip
import importlib.util
import io
import pickle
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graphmode.datasets import catalog, digits, idx, images, iris, places

if TYPE_CHECKING:
    from collections.abc import Callable

# The course's reader and utils as modules of this library.
READER = "from graphmode.datasets.ptb_reader import ptb_iterator, ptb_producer, ptb_raw_data\n"
UTILS = "from graphmode.viz.raster import scale_to_unit_interval, tile_raster_images\n"

# Photographs that a package brings along: the package, the path inside it, what it is called.
_PHOTOGRAPHS = (
    ("sklearn", "datasets/images/flower.jpg", "scikit-learn's flower.jpg"),
    ("sklearn", "datasets/images/china.jpg", "scikit-learn's china.jpg"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", "matplotlib's grace_hopper.jpg"),
)

_N_TRAIN = 50000  # of the 60,000; the others are for validation

_DIGIT = 3
_DIGIT_SIDE, _ENLARGED = 28, 10
_DESTROYED_ROWS = slice(9, 15)


def make(name: str, path: Path) -> str:
    """Write the file `name` to `path`; what there is to say of it, or nothing."""
    part = path.with_name(path.name + ".part")
    try:
        said = MADE[name](part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return said


def repack(kept: Path, path: Path) -> None:
    """Write a file that is kept in another form: with or without gzip, as its name says."""
    part = path.with_name(path.name + ".part")
    try:
        if path.suffix == ".gz":
            with kept.open("rb") as content, gzip.open(part, "wb", compresslevel=1) as packed:
                shutil.copyfileobj(content, packed)
        else:
            with gzip.open(kept) as content, part.open("wb") as unpacked:
                shutil.copyfileobj(content, unpacked)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _ml_1m(path: Path) -> str:
    return _zip(path, "ml-1m/", places.get(catalog.MOVIELENS_1M))


def _ml_100k(path: Path) -> str:
    return _zip(path, "ml-100k/", places.get(catalog.MOVIELENS_100K))


def _ptb_zip(path: Path) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ptb/", b"")
        archive.writestr("ptb/reader.py", READER)
    return ""


def _zip(path: Path, folder: str, files: dict[str, Path]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(folder, b"")
        for name, file in sorted(files.items()):
            archive.write(file, folder + name)
    return ""


def _simple_examples(path: Path) -> str:
    return _tar(path, "./simple-examples/data/", places.get(catalog.PTB))


def _cifar(path: Path) -> str:
    return _tar(path, "cifar-10-batches-bin/", places.get(catalog.CIFAR10))


def _tar(path: Path, folder: str, files: dict[str, Path]) -> str:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, file in sorted(files.items()):
            entry = tarfile.TarInfo(folder + name)
            entry.size = file.stat().st_size
            with file.open("rb") as content:
                archive.addfile(entry, content)
    return ""


def _mnist_npz(path: Path) -> str:
    numbers = images.load_idx(catalog.MNIST, tuple("0123456789"))
    with path.open("wb") as file:
        np.savez(
            file,
            x_train=numbers.train_images,
            y_train=numbers.train_labels,
            x_test=numbers.test_images,
            y_test=numbers.test_labels,
        )
    return ""


def _mnist_pkl(path: Path) -> str:
    """MNIST as the deep-learning tutorials of Theano had it: pixels by 256, three pairs."""
    numbers = images.load_idx(catalog.MNIST, tuple("0123456789"))
    train, labels = numbers.train_images, numbers.train_labels
    parts = (
        (train[:_N_TRAIN], labels[:_N_TRAIN]),
        (train[_N_TRAIN:], labels[_N_TRAIN:]),
        (numbers.test_images, numbers.test_labels),
    )
    pairs = tuple(
        (pixels.reshape(len(pixels), -1).astype(np.float32) / 256, classes.astype(np.int64))
        for pixels, classes in parts
    )
    with gzip.open(path, "wb", compresslevel=1) as file:
        pickle.dump(pairs, file, protocol=2)
    return ""


def _iris_data(path: Path) -> str:
    flowers = iris.load_as_in_uci()
    species = [f"Iris-{flowers.target_names[i]}" for i in flowers.target]
    lines = [
        ",".join([*(f"{value:.1f}" for value in row), name])
        for row, name in zip(flowers.data.tolist(), species, strict=True)
    ]
    path.write_text("\n".join([*lines, "", ""]), encoding="ascii")
    return ""


def _iris_training(path: Path) -> str:
    return _tutorial_irises(path, "training")


def _iris_test(path: Path) -> str:
    return _tutorial_irises(path, "test")


def _tutorial_irises(path: Path, part: str) -> str:
    flowers = iris.tutorial_part(part)
    n, n_features = flowers.data.shape
    lines = [",".join([str(n), str(n_features), *flowers.target_names])]
    for row, species in zip(flowers.data.tolist(), flowers.target.tolist(), strict=True):
        lines.append(",".join([*(f"{value:.1f}" for value in row), str(species)]))
    path.write_text("\n".join([*lines, ""]), encoding="ascii")
    return ""


def _reader(path: Path) -> str:
    path.write_text(READER, encoding="ascii")
    return ""


def _utils(path: Path) -> str:
    path.write_text(UTILS, encoding="ascii")
    return ""


def _bird(path: Path) -> str:
    for package, inner, name in _PHOTOGRAPHS:
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            photograph = Path(folder, inner)
            if photograph.is_file():
                path.write_bytes(photograph.read_bytes())
                return f"the picture is gone, {name} stands in for it"
    path.write_bytes(_drawn_landscape())
    return "the picture is gone, a drawn hill stands in for it"


def _drawn_landscape() -> bytes:
    """A sky that gets brighter, a sun and a hill: something with edges and slopes."""
    from PIL import Image

    y, x = np.mgrid[0:240, 0:320].astype(np.float32)
    sky = np.stack([90 + y / 2, 140 + y / 3, 220 - y / 8], -1)
    sun = np.hypot(x - 240, y - 60) < 26
    hill = y > 170 - 45 * np.sin(x / 70)
    sky[sun] = (255, 235, 160)
    sky[hill] = np.stack([40 + y / 6, 110 - y / 6, 50 + x / 12], -1)[hill]
    file = io.BytesIO()
    Image.fromarray(sky.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=92)
    return file.getvalue()


def _three(path: Path) -> str:
    return _draw_digit(path, destroyed=False)


def _destroyed_three(path: Path) -> str:
    return _draw_digit(path, destroyed=True)


def _draw_digit(path: Path, destroyed: bool) -> str:
    """Write a 3 as a picture: of MNIST's test set if that is at hand, else of the small digits."""
    from PIL import Image

    image, origin = _digit()
    image = image.copy()
    if destroyed:
        image[_DESTROYED_ROWS] = 0
    side = _DIGIT_SIDE * _ENLARGED
    picture = Image.fromarray(image.astype(np.uint8)).resize((side, side), Image.Resampling.NEAREST)
    picture.convert("RGB").save(path, "JPEG", quality=95)
    without = " without some of its rows" if destroyed else ""
    return f"the picture is gone, a {_DIGIT} of {origin}{without} stands in for it"


def _digit() -> tuple[np.ndarray, str]:
    """A 3 of 28 x 28, uint8, and where it is from."""
    names = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
    found = places.find(catalog.MNIST, names)
    if len(found) == len(names):
        labels = idx.read_labels(found[names[1]])
        first = int(np.flatnonzero(labels == _DIGIT)[0])
        return idx.read_images(found[names[0]])[first, :, :, 0], "MNIST"
    if places.find(catalog.DIGITS):
        small = digits.load()
        first = int(np.flatnonzero(small.labels == _DIGIT)[0])
        ink = (small.images[first] * 15).repeat(3, 0).repeat(3, 1)
        return np.pad(ink, 2), "scikit-learn's digits"
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (_DIGIT_SIDE, _DIGIT_SIDE))
    ImageDraw.Draw(page).text((8, 0), str(_DIGIT), fill=255, font=ImageFont.load_default(24))
    return np.asarray(page), "Pillow's font"


MADE: dict[str, Callable[[Path], str]] = {
    "ml-1m.zip": _ml_1m,
    "ml-100k.zip": _ml_100k,
    "ptb.zip": _ptb_zip,
    "simple-examples.tgz": _simple_examples,
    "cifar-10-binary.tar.gz": _cifar,
    "mnist.npz": _mnist_npz,
    "mnist.pkl.gz": _mnist_pkl,
    "iris.data": _iris_data,
    "iris_training.csv": _iris_training,
    "iris_test.csv": _iris_test,
    "reader.py": _reader,
    "utils.py": _utils,
    "bird.jpg": _bird,
    "num3.jpg": _three,
    "destructed3.jpg": _destroyed_three,
}
"""What can be made, and what makes it."""
