"""The classic networks as estimators: scikit-learn's rules outside, a TF1 graph inside.

Needs the extra ``models``: ``pip install 'graphmode[models]'``.
"""

from graphmode._addresses import AddressFinder, namespace

# TensorFlow 0.x had a package of this name: what its tutorials import is found below ours.
__path__.append(AddressFinder.entry(__name__))
__getattr__, __dir__ = namespace(__name__)
