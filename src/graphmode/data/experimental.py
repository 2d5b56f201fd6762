"""`tf.data.experimental`: transformations for `Dataset.apply`."""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
