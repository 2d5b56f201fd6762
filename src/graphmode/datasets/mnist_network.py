"""The network of the tutorial `mnist.py`: two hidden layers, and what trains it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.losses.classification import sparse_softmax_cross_entropy
from graphmode.ops.array.filling import zeros
from graphmode.ops.math.casts import cast, to_int64
from graphmode.ops.math.products import matmul
from graphmode.ops.math.reduction import reduce_sum
from graphmode.ops.nn.activation import relu
from graphmode.ops.nn.ranking import in_top_k
from graphmode.ops.random.draws import truncated_normal
from graphmode.summary.values import scalar
from graphmode.training.gradient_descent import GradientDescentOptimizer
from graphmode.variables.variable import Variable

if TYPE_CHECKING:
    from graphmode.framework.operation import Operation, Tensor

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images: Any, hidden1_units: int, hidden2_units: int) -> Tensor:
    """The network up to its scores.

    Parameters
    ----------
    images : Tensor, float32, [batch_size, IMAGE_PIXELS]
    hidden1_units, hidden2_units : int

    Returns
    -------
    Tensor, float32, [batch_size, NUM_CLASSES]
        The logits.
    """
    with name_scope("hidden1"):
        hidden1 = relu(_linear(images, IMAGE_PIXELS, hidden1_units))
    with name_scope("hidden2"):
        hidden2 = relu(_linear(hidden1, hidden1_units, hidden2_units))
    with name_scope("softmax_linear"):
        return _linear(hidden2, hidden2_units, NUM_CLASSES)


def _linear(inputs: Any, fan_in: int, units: int) -> Any:
    stddev = 1.0 / math.sqrt(fan_in)
    weights = Variable(truncated_normal([fan_in, units], stddev=stddev), name="weights")
    biases = Variable(zeros([units]), name="biases")
    return matmul(inputs, weights) + biases


def loss(logits: Any, labels: Any) -> Tensor:
    """The mean cross entropy.

    Parameters
    ----------
    logits : Tensor, float32, [batch_size, NUM_CLASSES]
    labels : Tensor, integer, [batch_size]

    Returns
    -------
    Tensor, float32, scalar
    """
    return sparse_softmax_cross_entropy(labels=to_int64(labels), logits=logits)


def training(loss: Any, learning_rate: float) -> Operation:
    """A step of gradient descent, which counts itself, and a summary of the loss.

    Parameters
    ----------
    loss : Tensor, float32, scalar
    learning_rate : float

    Returns
    -------
    Operation
    """
    scalar("loss", loss)
    global_step = Variable(0, name="global_step", trainable=False)
    return GradientDescentOptimizer(learning_rate).minimize(loss, global_step=global_step)


def evaluation(logits: Any, labels: Any) -> Tensor:
    """How many of a batch are right.

    Parameters
    ----------
    logits : Tensor, float32, [batch_size, NUM_CLASSES]
    labels : Tensor, int32 or int64, [batch_size]

    Returns
    -------
    Tensor, int32, scalar
    """
    return reduce_sum(cast(in_top_k(logits, labels, 1), dtypes.int32))
