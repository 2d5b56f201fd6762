"""`tf.losses`: losses that are reduced to a scalar and collected."""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
