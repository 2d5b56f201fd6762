"""`tf.batch_scatter_update`: rows of each member of a batch."""

from __future__ import annotations

from typing import Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import name_scope
from graphmode.ops import array, math
from graphmode.ops.state.scatter import scatter_nd_update


def batch_scatter_update(
    ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None
) -> Any:
    """Set rows of each member of a batch: ``ref[b, indices[b, j]] = updates[b, j]``.

    Parameters
    ----------
    ref : Variable
        Its first axes are those of the batch.
    indices : Tensor, int32 or int64, [batch..., n]
        The rows, by their numbers. With one axis there is no batch.
    updates : Tensor, of the variable's dtype, [batch..., n, ...]
    use_locking : bool, optional
        Accepted: writes to one variable happen in construction order.

    Returns
    -------
    Tensor, of the dtype and shape of `ref`
        The variable after it.

    Raises
    ------
    ValueError
        If the rank of `indices` is not known.

    Examples
    --------
    >>> import graphmode as tf
    >>> v = tf.Variable([[1, 2, 3], [4, 5, 6]])
    >>> update = tf.batch_scatter_update(v, [[0], [2]], [[10], [60]])
    >>> with tf.Session() as sess:
    ...     sess.run(v.initializer)
    ...     print(sess.run(update).tolist())
    [[10, 2, 3], [4, 5, 60]]
    """
    with name_scope(name):
        indices = convert_to_tensor(indices, name="indices")
        rank = indices.shape.ndims
        if rank is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        shape = array.shape(indices)
        members = []
        for axis in range(rank - 1):
            numbers = math.cast(array.range(shape[axis]), indices.dtype)
            along = [-1 if other == axis else 1 for other in range(rank)]
            members.append(array.reshape(numbers, along) * array.ones_like(indices))
        places = array.stack([*members, indices], -1)
        return scatter_nd_update(ref, places, updates, use_locking, name="batch_scatter_update")
