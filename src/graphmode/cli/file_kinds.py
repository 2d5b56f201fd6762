"""Files that are no records: what they are by their first bytes, and what reads them."""

from __future__ import annotations

import codecs

from graphmode.files import systems

_BEGINNINGS = (
    (b"\x89PNG", "a PNG image", "tf.read_file and tf.image.decode_png"),
    (b"\xff\xd8\xff", "a JPEG image", "tf.read_file and tf.image.decode_jpeg"),
    (b"GIF8", "a GIF image", "tf.read_file and tf.image.decode_gif"),
    (b"BM", "a BMP image", "tf.read_file and tf.image.decode_bmp"),
    (b"\x93NUMPY", "an array of NumPy", "numpy.load"),
    (b"PK\x03\x04", "a zip file, as .npz and model files are", "numpy.load or zipfile"),
    (b"\x89HDF", "an HDF5 file", "the h5py package"),
    (b"PAR1", "a Parquet file", "the pandas package"),
    (b"SQLite", "an SQLite database", "the sqlite3 module"),
    (b"\x80\x04", "a pickle", "pickle.load, if you trust who made it"),
    (b"\x80\x02", "a pickle", "pickle.load, if you trust who made it"),
    (b"BZh", "compressed by bzip2", "the bz2 module"),
    (b"\xfd7zXZ", "compressed by xz", "the lzma module"),
)
_PARTS = (".index", ".meta")
_TABLE = bytes.fromhex("57fb808b247547db")  # how the files of checkpoints end


def checkpoint_of(path: str) -> str | None:
    """The checkpoint that `path` is, lies in as a part, or holds as a folder; None if none."""
    if systems.is_directory(path):
        return path if systems.matching(f"{path}/*.index") else None
    folder, _, name = path.rpartition("/")
    if name == "checkpoint":
        return checkpoint_of(folder or ".")
    prefix, _, shard = path.rpartition(".data-")
    if shard and systems.exists(prefix + ".index"):
        return prefix
    for ending in _PARTS:
        prefix = path.removesuffix(ending)
        if prefix != path and systems.exists(prefix + ".index"):
            return prefix
    if systems.exists(path):
        with systems.open_file(path, "rb") as file:
            return path if file.read()[-len(_TABLE) :] == _TABLE else None
    return path if systems.exists(path + ".index") else None


def kind_of(start: bytes) -> tuple[str, str]:
    """What a file is that begins with `start`, and what reads it; empty texts if it is not known.

    Examples
    --------
    >>> kind_of(b"hello")
    ('text', 'tf.data.TextLineDataset')
    """
    for beginning, what, reader in _BEGINNINGS:
        if start.startswith(beginning):
            return what, reader
    return ("text", "tf.data.TextLineDataset") if _is_text(start) else ("", "")


def _is_text(start: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)  # its last letter may be cut
    except UnicodeDecodeError:
        return False
    return bool(text) and all(letter.isprintable() or letter.isspace() for letter in text)
