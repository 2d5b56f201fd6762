"""graphmode: the TensorFlow 1 programming model on today's compiler.

``import graphmode as tf``, build a graph, run it in a session. Each name is imported when it is
first touched; what each one means stands with its definition, which `_addresses` tells.
"""

from graphmode._addresses import AddressFinder, namespace

__version__ = VERSION = "1.15.5"
"""The TensorFlow release whose interface this is; programs compare it. Ours is `release`."""
release = "0.1.0"

__path__.append(AddressFinder.entry(__name__))
__getattr__, __dir__ = namespace(__name__)
