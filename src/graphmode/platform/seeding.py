"""One seed for all that a program draws from."""

from __future__ import annotations

import random

import numpy as np

from graphmode.framework.default_graph import get_default_graph
from graphmode.framework.graph import Graph


def seed_everything(seed: int) -> None:
    """Seed Python's and NumPy's generators, the default graph and every graph made afterwards.

    Parameters
    ----------
    seed : int
        Not negative, below 2^32. A program's own `tf.set_random_seed` comes later and counts.
    """
    random.seed(seed)
    np.random.seed(seed)
    Graph.first_seed = seed
    get_default_graph().seed = seed
