"""`tf.ragged`: tensors whose rows have different lengths."""

import graphmode.ragged.overloads
import graphmode.ragged.session
import graphmode.ragged.spec  # noqa: F401 - with them runs and data sets take ragged tensors
from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
