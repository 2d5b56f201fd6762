"""The module `reader` that lay beside the course's word model: `ptb` with the words as well."""

from graphmode.datasets import ptb
from graphmode.datasets.ptb import ptb_iterator, ptb_producer

__all__ = ["ptb_iterator", "ptb_producer", "ptb_raw_data"]


def ptb_raw_data(data_path=None):
    """As `ptb.ptb_raw_data`, with a fifth value: the dict of word -> id."""
    return (*ptb.ptb_raw_data(data_path), ptb.word_ids(data_path))
