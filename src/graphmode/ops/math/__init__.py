"""All of arithmetic under one name, for the code above: ``math.add_n``, ``math.reduce_sum``.

Each function is defined in the module of its family.
"""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
