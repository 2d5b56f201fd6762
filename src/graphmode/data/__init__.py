"""`tf.data`: data sets as pipelines of Python steps, and the iterators that read them."""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
