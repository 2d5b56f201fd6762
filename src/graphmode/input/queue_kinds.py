"""Queues in other orders than `FIFOQueue`, and one that pads what it stacks."""

from __future__ import annotations

import hashlib
from typing import Any

from graphmode.framework.dtypes import int64
from graphmode.framework.shapes import TensorShape
from graphmode.input.queues import QueueBase, as_dtypes, as_names, as_shapes
from graphmode.ops.data import queues
from graphmode.ops.random.draws import get_seed


class RandomShuffleQueue(QueueBase):
    """A queue whose elements come out in random order.

    Parameters
    ----------
    capacity : int
        The largest number of elements; negative: no bound.
    min_after_dequeue : int
        How many elements stay in it, so that they are mixed; none of a closed queue.
    dtypes : DType or list of DType
        Of the parts of an element.
    shapes : shape or list of shapes, optional
        Of the parts, fully known; without them elements cannot be taken several at a time.
    names : str or list of str, optional
        Of the parts: elements are dictionaries then.
    seed : int, optional
        With it, or the graph's, the order depends only on how many elements are there when one is
        taken, and is TensorFlow's.
    shared_name : str, optional
        Queues of one name are the same queue.

    Raises
    ------
    ValueError
        If there are not as many shapes or names as dtypes.
    """

    def __init__(
        self,
        capacity: int,
        min_after_dequeue: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        seed: int | None = None,
        shared_name: str | None = None,
        name: str | None = "random_shuffle_queue",
    ) -> None:
        kinds = as_dtypes(dtypes)
        dims = as_shapes(shapes, len(kinds))
        words = as_names(names, len(kinds))
        first, second = get_seed(seed)
        if first is not None and seed is None and shared_name is not None:
            digest = hashlib.md5(f"{first}{shared_name}".encode(), usedforsecurity=False)
            second = int(digest.hexdigest()[:8], 16) & 0x7FFFFFFF
        ref = queues.random_shuffle_queue_op(
            component_types=kinds,
            shapes=dims,
            capacity=capacity,
            min_after_dequeue=min_after_dequeue,
            seed=first or 0,
            seed2=second or 0,
            shared_name=shared_name or "",
            name=name,
        )
        super().__init__(kinds, dims, words, ref)


class PaddingFIFOQueue(QueueBase):
    """A queue in the order in which elements came that pads them where it stacks them.

    Parameters
    ----------
    capacity : int
        The largest number of elements; negative: no bound.
    dtypes : DType or list of DType
        Of the parts of an element.
    shapes : shape or list of shapes
        Of the parts, None where a length may differ. `dequeue_many` pads to the longest of its
        elements, with zeros, False or empty texts.
    names : str or list of str, optional
        Of the parts: elements are dictionaries then.
    shared_name : str, optional
        Queues of one name are the same queue.

    Raises
    ------
    ValueError
        If there are not as many shapes or names as dtypes, or a rank is not known.
    """

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any,
        names: Any = None,
        shared_name: str | None = None,
        name: str | None = "padding_fifo_queue",
    ) -> None:
        kinds = as_dtypes(dtypes)
        if shapes is None or (len(kinds) > 1 and len(shapes) != len(kinds)):
            raise ValueError(
                f"Shapes must be provided for all components, but received {len(kinds)} dtypes "
                f"and {len(shapes or ())} shapes."
            )
        dims = as_shapes(shapes, len(kinds), may_differ=True)
        words = as_names(names, len(kinds))
        ref = queues.padding_fifo_queue_op(
            component_types=kinds,
            shapes=dims,
            capacity=capacity,
            shared_name=shared_name or "",
            name=name,
        )
        super().__init__(kinds, dims, words, ref)


class PriorityQueue(QueueBase):
    """A queue whose elements come out by their priority, the smallest number first.

    Parameters
    ----------
    capacity : int
        The largest number of elements; negative: no bound.
    types : DType or list of DType
        Of the parts of an element behind the first, its priority: an int64 scalar.
    shapes : shape or list of shapes, optional
        Of the parts behind the first, fully known; without them elements cannot be taken several at
        a time.
    names : list of str, optional
        Of the parts, the first one of the priority: elements are dictionaries then.
    shared_name : str, optional
        Queues of one name are the same queue.

    Raises
    ------
    ValueError
        If there are not as many shapes or names as parts.
    """

    def __init__(
        self,
        capacity: int,
        types: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str | None = "priority_queue",
    ) -> None:
        kinds = as_dtypes(types)
        dims = as_shapes(shapes, len(kinds))
        ref = queues.priority_queue_op(
            component_types=kinds,
            shapes=dims,
            capacity=capacity,
            shared_name=shared_name or "",
            name=name,
        )
        all_dims = [TensorShape([]), *dims] if dims else []
        super().__init__([int64, *kinds], all_dims, names, ref)
