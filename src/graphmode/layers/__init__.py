"""`tf.layers`: layers with variables of their own, as functions and as classes.

The modules called ``contrib_*`` hold what `tf.contrib.layers` and `tf.contrib.framework` name.
"""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
