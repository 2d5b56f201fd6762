"""`tf.summary`: what is written for TensorBoard, and the writer of event files."""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
