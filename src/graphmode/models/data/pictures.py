"""Pictures: one, or a folder of them, by class."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.models.data.parts import DataError, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")


def is_picture(path: Path) -> bool:
    """Whether a name is that of a picture."""
    return path.suffix.lower() in SUFFIXES


def read_folder(folder: Path, image_shape: Sequence[int] | None = None) -> Rows:
    """Read a folder of pictures; where they lie in folders, those are their classes.

    Folders ``train`` and ``test`` are the parts of the data.

    Parameters
    ----------
    folder : Path
    image_shape : sequence of int, optional
        Rows, columns, channels to be brought to; the most frequent size if not given.

    Returns
    -------
    Rows

    Raises
    ------
    DataError
        If there is none, or one is damaged.
    """
    parts = {name: folder / name for name in ("train", "test")}
    if all(part.is_dir() for part in parts.values()):
        rows = read_folder(parts["train"], image_shape)
        rows.test = read_folder(parts["test"], rows.image_shape)
        rows.said += rows.test.said[-1:]
        return rows
    files = sorted(p for p in folder.rglob("*") if p.is_file() and is_picture(p))
    if not files:
        raise DataError(f"{folder} has no pictures ({', '.join(SUFFIXES[:4])}, ...)")
    classes = [p.relative_to(folder).parts[0] for p in files if p.parent != folder]
    rows = read_pictures(files, image_shape)
    rows.source = str(folder)
    if len(classes) == len(files):
        rows.labels = np.array(classes)
    rows.names = [str(p.relative_to(folder)) for p in files]
    return rows


def read_pictures(files: Sequence[Path], image_shape: Sequence[int] | None = None) -> Rows:
    """Read pictures, all brought to one size.

    Parameters
    ----------
    files : sequence of Path
    image_shape : sequence of int, optional
        Rows, columns, channels; the most frequent size if not given.

    Returns
    -------
    Rows

    Raises
    ------
    DataError
        If one is damaged.
    """
    pictures = [_opened(path) for path in files]
    sizes = Counter(picture.size for picture in pictures)
    if image_shape is None:
        (width, height), _ = sizes.most_common(1)[0]
        is_grey = all(picture.mode in ("1", "L", "I;16") for picture in pictures)
        image_shape = (height, width, 1 if is_grey else 3)
    height, width, channels = image_shape
    mode = "L" if channels == 1 else "RGB"
    n_others = sum(n for size, n in sizes.items() if size != (width, height))
    values = np.stack(
        [np.asarray(_brought(p, (width, height), mode), np.uint8) for p in pictures]
    ).reshape(len(pictures), height, width, channels)
    names = [path.name for path in files]
    shape = (height, width, channels)
    rows = Rows(names[0], values=values, image_shape=shape, names=names, top=255.0)
    if n_others:
        of = next(iter(sizes)) if len(sizes) == 1 else None
        what = f"the picture of {of[0]} x {of[1]}" if of and len(files) == 1 else f"{n_others:,}"
        pictures_of = "" if of and len(files) == 1 else f" of {len(files):,} pictures"
        rows.said.append(f"{what}{pictures_of} resized to {width} x {height}")
    return rows


def resized(values: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Pictures in another size.

    Parameters
    ----------
    values : ndarray, float32 [n, rows, columns, channels]
    shape : sequence of int
        Rows, columns, channels; as many channels as they have.

    Returns
    -------
    array, float32 [n, *shape]
    """
    from PIL import Image

    height, width, channels = shape
    resized = np.empty((len(values), height, width, channels), np.float32)
    for picture, target in zip(values, resized, strict=True):
        for c in range(channels):
            layer = Image.fromarray(picture[..., c])
            layer = layer.resize((width, height), Image.Resampling.BICUBIC)
            target[..., c] = np.asarray(layer)
    return resized


def _opened(path: Path) -> Any:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture.load()
            return picture.copy()
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(f"{path} is no picture that can be read: {error}") from None


def _brought(picture: Any, size: tuple[int, int], mode: str) -> Any:
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "P", "PA"):
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    picture = picture.convert(mode)
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def shortened(names: Sequence[str]) -> list[str]:
    """The first names of many."""
    return [*names[:8], *(["..."] if len(names) > 8 else [])]
