"""`tf.ragged`: tensors whose rows have different lengths."""

import graphmode.ragged.overloads
import graphmode.ragged.session  # noqa: F401 - with it runs fetch and take ragged tensors
from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
