"""The array family under one name, for the code above: ``array.concat``, ``array.reshape``.

Each function is defined in the module of its family.
"""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
