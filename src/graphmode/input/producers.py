"""What begins an input pipeline: queues of file names, of numbers, of the rows of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import GraphKeys, control_dependencies, name_scope
from graphmode.framework.dtypes import float32, int64, string
from graphmode.framework.operation import Tensor
from graphmode.input.queue_runner import QueueRunner, add_queue_runner
from graphmode.input.queues import FIFOQueue
from graphmode.ops.array.constants import constant
from graphmode.ops.array.gathering import gather
from graphmode.ops.array.identities import identity
from graphmode.ops.array.ranges import range as number_range
from graphmode.ops.array.shape_values import shape as shape_of
from graphmode.ops.array.shape_values import size
from graphmode.ops.control.checks import Assert
from graphmode.ops.math.casts import cast
from graphmode.ops.random.draws import random_shuffle
from graphmode.summary.values import scalar
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence


def limit_epochs(tensor: Any, num_epochs: int | None = None, name: str | None = None) -> Any:
    """A tensor that can be evaluated `num_epochs` times.

    It counts in a local variable: run `tf.local_variables_initializer`.

    Parameters
    ----------
    tensor : Tensor
        Of any dtype and shape.
    num_epochs : int, optional
        Without it there is no limit.

    Returns
    -------
    Tensor
        Of the dtype and shape of `tensor`.

    Raises
    ------
    ValueError
        If `num_epochs` is not positive.
    OutOfRangeError
        When it runs for the time after the last.
    """
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise ValueError(f"num_epochs must be > 0 not {num_epochs}.")
    with name_scope(name, "limit_epochs", [tensor]) as scope:
        epochs = Variable(
            constant(0, dtype=int64),
            name="epochs",
            trainable=False,
            collections=[GraphKeys.LOCAL_VARIABLES],
        )
        with control_dependencies([epochs.count_up_to(num_epochs)]):
            return identity(tensor, name=scope)


def input_producer(
    input_tensor: Any,
    element_shape: Any = None,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    summary_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> FIFOQueue:
    """A queue of the rows of a tensor, again and again, and the queue runner that fills it.

    Parameters
    ----------
    input_tensor : Tensor
        Of shape [n, ...] and any dtype.
    element_shape : shape, optional
        Of a row, where the tensor's own is not known.
    num_epochs : int, optional
        How often each row is given; run `tf.local_variables_initializer` then. Without it there is
        no end.
    shuffle : bool
        Whether the rows of each epoch are in random order.
    seed : int, optional
        With it the orders are the same each time, those of TensorFlow.
    capacity : int
        Of the queue.
    shared_name : str, optional
        Queues of one name are the same queue.
    summary_name : str, optional
        What a summary of how full the queue is is called; without it there is none.
    name : str, optional
        Of the queue.
    cancel_op : Operation, optional
        What closes the queue after a stop.

    Returns
    -------
    FIFOQueue

    Raises
    ------
    ValueError
        If the shape of a row is not known.
    """
    with name_scope(name, "input_producer", [input_tensor]):
        rows = convert_to_tensor(input_tensor, name="input_tensor")
        row_shape = rows.shape[1:].merge_with(element_shape)
        if not row_shape.is_fully_defined():
            raise ValueError(
                "Either `input_tensor` must have a fully defined shape or `element_shape` must be "
                "specified"
            )
        if shuffle:
            rows = random_shuffle(rows, seed=seed)
        rows = limit_epochs(rows, num_epochs)
        queue = FIFOQueue(
            capacity,
            [rows.dtype.base_dtype],
            [row_shape],
            shared_name=shared_name,
            name=name,
        )
        put = queue.enqueue_many([rows])
        add_queue_runner(QueueRunner(queue, [put], cancel_op=cancel_op))
        if summary_name is not None:
            scalar(summary_name, cast(queue.size(), float32) * (1.0 / capacity))
        return queue


def string_input_producer(
    string_tensor: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> FIFOQueue:
    """A queue of texts, such as the names of files, and the queue runner that fills it.

    Parameters
    ----------
    string_tensor : Tensor or list of str, string vector
    num_epochs, shuffle, seed, capacity, shared_name, name, cancel_op : as there
        As for `input_producer`.

    Returns
    -------
    FIFOQueue

    Raises
    ------
    ValueError
        If `string_tensor` is an empty list.
    InvalidArgumentError
        When it runs, if it is an empty tensor.

    Examples
    --------
    ::

        files = tf.train.string_input_producer(["a.csv", "b.csv"], num_epochs=2)
        key, line = tf.TextLineReader().read(files)
    """
    refusal = "string_input_producer requires a non-null input tensor"
    if not isinstance(string_tensor, Tensor | Variable) and not len(string_tensor):
        raise ValueError(refusal)
    with name_scope(name, "input_producer", [string_tensor]) as scope:
        texts = convert_to_tensor(string_tensor, dtype=string)
        with control_dependencies([Assert(size(texts) > 0, [refusal])]):
            texts = identity(texts)
        return input_producer(
            texts, [], num_epochs, shuffle, seed, capacity, shared_name,
            f"fraction_of_{capacity}_full", scope, cancel_op,
        )  # fmt: skip


def range_input_producer(
    limit: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> FIFOQueue:
    """A queue of the numbers from 0 to `limit` - 1, and the queue runner that fills it.

    Parameters
    ----------
    limit : Tensor or int, int32 scalar
    num_epochs, shuffle, seed, capacity, shared_name, name : as there
        As for `input_producer`.

    Returns
    -------
    FIFOQueue
    """
    with name_scope(name, "input_producer", [limit]) as scope:
        return input_producer(
            number_range(limit), [], num_epochs, shuffle, seed, capacity, shared_name,
            f"fraction_of_{capacity}_full", scope,
        )  # fmt: skip


def slice_input_producer(
    tensor_list: Sequence[Any],
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> list[Tensor]:
    """One row of each tensor of a list, the next one each time; a queue runner fills the queue.

    Parameters
    ----------
    tensor_list : list of Tensor
        Each of shape [n, ...], with one n.
    num_epochs, shuffle, seed, capacity, shared_name, name : as there
        As for `input_producer`.

    Returns
    -------
    list of Tensor
        Each of shape [...].

    Raises
    ------
    ValueError
        If the list is empty.

    Examples
    --------
    ::

        image, label = tf.train.slice_input_producer([images, labels], num_epochs=1)
        image_batch, label_batch = tf.train.batch([image, label], 32)
    """
    with name_scope(name, "input_producer", list(tensor_list)):
        tensors = [convert_to_tensor(value) for value in tensor_list]
        if not tensors:
            raise ValueError("Expected at least one tensor in slice_input_producer().")
        queue = range_input_producer(
            shape_of(tensors[0])[0], num_epochs, shuffle, seed, capacity, shared_name
        )
        index = queue.dequeue()
        return [gather(tensor, index) for tensor in tensors]
