"""`tile_batch`: every example once for each beam."""

from __future__ import annotations

from typing import Any

from graphmode.framework import nest
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.framework.operation import Tensor
from graphmode.ops import array
from graphmode.seq2seq.helper import known_int


def tile_batch(t: Any, multiplier: Any, name: str | None = None) -> Tensor:
    """Repeat each entry of the batch, the copies side by side.

    Parameters
    ----------
    t : Tensor [batch, ...], or nested
    multiplier : int or int scalar Tensor
        How often; the beam width.

    Returns
    -------
    Tensor [batch * multiplier, ...], nested as `t`

    Raises
    ------
    ValueError
        If a rank is unknown or 0.

    Examples
    --------
    >>> import graphmode as tf
    >>> with tf.Graph().as_default(), tf.Session() as sess:
    ...     print(sess.run(tf.contrib.seq2seq.tile_batch(tf.constant([5, 7]), 3)))
    [5 5 5 7 7 7]
    """
    with name_scope(name, "tile_batch"):
        return nest.map_structure(lambda part: _tiled(part, multiplier), t)


def _tiled(t: Any, multiplier: Any) -> Tensor:
    t = convert_to_tensor(t, name="t")
    rank = t.get_shape().ndims
    if not rank:
        raise ValueError("t must have statically known rank, and be no scalar")
    copies = array.tile(array.expand_dims(t, 1), [1, multiplier, *[1] * (rank - 1)])
    result = array.reshape(copies, array.concat([[-1], array.shape(t)[1:]], 0))
    batch, count = t.get_shape()[0].value, known_int(multiplier)
    known = None if batch is None or count is None else batch * count
    result.set_shape([known, *t.get_shape().as_list()[1:]])
    return result
