"""`ptb_producer`: batches of the Penn Treebank as tensors that go on at every run."""

from __future__ import annotations

import itertools
import threading

import numpy as np

from graphmode.framework import dtypes
from graphmode.framework.graph import name_scope
from graphmode.ops import array
from graphmode.ops.constants import constant
from graphmode.ops.py_func import py_func


def ptb_producer(raw_data, batch_size, num_steps, name=None):
    """Batches of consecutive words, the next one at every run, without end.

    The tutorial's own read its numbers from a queue that threads had to fill. Here the graph
    counts by itself: the batches are the same, in the same order, and no queue runner has to be
    started.

    Parameters
    ----------
    raw_data : sequence of int
        Word ids, one of the lists of `ptb_raw_data`.
    batch_size, num_steps : int
        At least 1.
    name : str, optional
        ``PTBProducer`` if not given.

    Returns
    -------
    x, y : Tensor, int32 [batch_size, num_steps]
        `y` is `x` one word later. One run reads both of the same batch.

    Raises
    ------
    ValueError
        If the data is too short for one batch.
    """
    words = np.array(raw_data, dtype=np.int32)
    row = len(words) // batch_size
    epoch_size = (row - 1) // num_steps
    if epoch_size < 1:
        raise ValueError(
            f"epoch_size == 0, decrease batch_size or num_steps: {len(words)} words give "
            f"{batch_size} rows of {row}, and a row needs {num_steps + 1}"
        )
    with name_scope(name, "PTBProducer", []):
        data = constant(words[: batch_size * row].reshape(batch_size, row), name="data")
        i = py_func(_counter(epoch_size), [], dtypes.int32, name="batch_number")
        i.set_shape([])
        start = i * num_steps
        x, y = (
            array.slice(data, array.stack([0, start + later]), [batch_size, num_steps])
            for later in (0, 1)
        )
        x.set_shape([batch_size, num_steps])
        y.set_shape([batch_size, num_steps])
        return x, y


def _counter(n: int):
    """A function that gives 0, 1, ... n - 1, 0, ..., to any number of threads."""
    numbers, lock = itertools.cycle(range(n)), threading.Lock()

    def following() -> np.ndarray:
        with lock:
            return np.array(next(numbers), np.int32)

    return following
