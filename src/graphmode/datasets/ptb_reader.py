"""The module `reader` that lay beside the course's word model: `ptb` with the words as well."""

from __future__ import annotations

from typing import Any

from graphmode.datasets import ptb
from graphmode.datasets.ptb import ptb_iterator, ptb_producer

__all__ = ["ptb_iterator", "ptb_producer", "ptb_raw_data"]


def ptb_raw_data(data_path: Any = None) -> Any:
    """As `ptb.ptb_raw_data`, with the dict of words besides.

    Parameters
    ----------
    data_path : str or Path, optional
        The folder of the three files.

    Returns
    -------
    train, valid, test : list of int
        The ids of the words.
    vocabulary : int
        The number of words.
    word_to_id : dict of str to int
    """
    return (*ptb.ptb_raw_data(data_path), ptb.word_ids(data_path))
