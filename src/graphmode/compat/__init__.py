"""Where graphmode meets programs written for TensorFlow: its name, its versioned addresses."""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
