"""`tf.metrics`: measures that are accumulated over the batches of a data set."""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
