"""Which parameter server keeps a variable: `ps_strategy` of `replica_device_setter`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework.dtypes import string
from graphmode.framework.shapes import as_shape

if TYPE_CHECKING:
    from collections.abc import Callable


class RandomStrategy:
    """A task that follows from a hash of the op's name: the same one in each process.

    Parameters
    ----------
    num_ps_tasks : int
    seed : int
        Another one, another assignment.
    """

    def __init__(self, num_ps_tasks: int, seed: int = 0) -> None:
        self._n_tasks = num_ps_tasks
        self._seed = seed

    def __call__(self, op: Any) -> int:
        """The task of an op.

        Parameters
        ----------
        op : Operation

        Returns
        -------
        int
        """
        digest = hashlib.md5(f"{op.name}_{self._seed}".encode(), usedforsecurity=False)
        return int(digest.hexdigest(), 16) % self._n_tasks


class GreedyLoadBalancingStrategy:
    """The task that has the least so far.

    It depends on the order in which variables are made: large ones first balance best.

    Parameters
    ----------
    num_tasks : int
    load_fn : callable
        Takes an op and gives its load, a number, such as `byte_size_load_fn`.

    Examples
    --------
    >>> import graphmode as tf
    >>> greedy = tf.contrib.training.GreedyLoadBalancingStrategy(
    ...     2, tf.contrib.training.byte_size_load_fn)
    >>> with tf.device(tf.train.replica_device_setter(ps_tasks=2, ps_strategy=greedy)):
    ...     sizes = [tf.Variable(tf.zeros([n])) for n in (100, 10, 20, 5)]
    >>> [v.device for v in sizes]
    ['/job:ps/task:0', '/job:ps/task:1', '/job:ps/task:1', '/job:ps/task:1']
    """

    def __init__(self, num_tasks: int, load_fn: Callable[[Any], float]) -> None:
        self._load_fn = load_fn
        self._loads = np.zeros(num_tasks)

    def __call__(self, op: Any) -> int:
        """The task of an op, which has its load from then on.

        Parameters
        ----------
        op : Operation

        Returns
        -------
        int
        """
        task = int(np.argmin(self._loads))
        self._loads[task] += self._load_fn(op)
        return task


def byte_size_load_fn(op: Any) -> int:
    """The bytes of an op's only output, such as a variable's.

    Parameters
    ----------
    op : Operation

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If it has several outputs, or its shape is not known.
    """
    if len(op.outputs) != 1:
        raise ValueError(f"Op {op} must have a single output")
    (output,) = op.outputs
    shape = output.shape
    if not shape.is_fully_defined():
        shape = as_shape(op.get_attr("shape"))
    shape.assert_is_fully_defined()
    dtype = output.dtype.base_dtype
    n_elements: Any = shape.num_elements()
    return n_elements * (dtype.size or (8 if dtype == string else 1))  # as TensorFlow 1.15 counts
