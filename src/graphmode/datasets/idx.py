"""IDX files: the format of MNIST and of its look-alikes (Fashion-MNIST, EMNIST, KMNIST).

A big-endian header (two zero bytes, a type code, the number of dimensions, one uint32 per
dimension) and the array in row-major order. Only unsigned bytes (type code 8) occur here.
"""

import gzip
import math
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

IMAGES_MAGIC = 2051  # 0x00000803: unsigned bytes, 3 dimensions
LABELS_MAGIC = 2049  # 0x00000801: unsigned bytes, 1 dimension
_GZIP_MAGIC = b"\x1f\x8b"


def read_images(source: str | Path | BinaryIO) -> np.ndarray:
    """Read an IDX file of images.

    Parameters
    ----------
    source : str, Path or binary file
        Plain or gzip-compressed; told apart by the first bytes, not by the name.

    Returns
    -------
    ndarray, uint8, shape (n, rows, columns, 1)

    Raises
    ------
    ValueError
        If the file is damaged, truncated, or not an IDX file of images.
    """
    return _read(source, IMAGES_MAGIC, "image")[..., np.newaxis]


def read_labels(source: str | Path | BinaryIO) -> np.ndarray:
    """Read an IDX file of labels.

    Parameters
    ----------
    source : str, Path or binary file
        As for `read_images`.

    Returns
    -------
    array, uint8, (n,)
    """
    return _read(source, LABELS_MAGIC, "label")


def _read(source: str | Path | BinaryIO, magic: int, kind: str) -> np.ndarray:
    if isinstance(source, str | Path):
        name, content = str(source), Path(source).read_bytes()
    else:
        name, content = str(getattr(source, "name", source)), source.read()
    if content[:2] == _GZIP_MAGIC:
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(
                f"MNIST {kind} file {name} is damaged or truncated ({error}); "
                "delete it and get it again"
            ) from error

    found = int.from_bytes(content[:4], "big")
    if len(content) < 4 or found != magic:
        raise ValueError(
            f"Invalid magic number {found} in MNIST {kind} file: {name} "
            f"(an IDX file of {kind}s begins with {magic}; this one has {len(content)} bytes "
            f"and begins with {content[:8]!r})"
        )
    header = 4 + 4 * (magic & 0xFF)  # the last byte is the number of dimensions
    shape = tuple(int.from_bytes(content[at : at + 4], "big") for at in range(4, header, 4))
    expected = header + math.prod(shape)
    if len(content) != expected:
        raise ValueError(
            f"MNIST {kind} file {name} is damaged or truncated: its header promises shape "
            f"{shape}, {expected} bytes in all, but it has {len(content)}; "
            "delete it and get it again"
        )
    # A copy, because an array over `bytes` is read-only.
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape).copy()
