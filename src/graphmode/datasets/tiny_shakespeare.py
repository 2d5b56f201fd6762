"""Tiny Shakespeare: the text of the character models."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphmode.datasets import catalog, places


class Characters(NamedTuple):
    """A text, and the same as numbers.

    Attributes
    ----------
    text : str
    codes : ndarray, int32, shape (1115394,)
        The place of each character in `characters`.
    characters : tuple of str
        The 65 different ones, in the order of their code points.
    """

    text: str
    codes: np.ndarray
    characters: tuple[str, ...]


def load() -> Characters:
    """Read the text.

    Returns
    -------
    Characters
    """
    (path,) = places.get(catalog.TINY_SHAKESPEARE).values()
    text = path.read_bytes().decode("utf-8")
    points, codes = np.unique(np.array(text).reshape(1).view(np.uint32), return_inverse=True)
    return Characters(text, codes.astype(np.int32), tuple(map(chr, points.tolist())))
