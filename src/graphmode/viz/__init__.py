"""Pictures of what a network holds and does: one function each, on matplotlib.

Each makes a `matplotlib.figure.Figure` of its own and gives it back: no backend is chosen, no
window opened, nothing left in pyplot. `path=` writes it too, as PNG.
"""

from graphmode._addresses import namespace

__getattr__, __dir__ = namespace(__name__)
