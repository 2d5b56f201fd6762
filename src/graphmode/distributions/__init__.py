"""`tf.distributions`: probability distributions, batches of them, as tensors."""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
