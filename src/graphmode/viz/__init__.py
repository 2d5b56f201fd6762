"""Pictures of what a network holds and does: one function each, on matplotlib.

Each makes a `matplotlib.figure.Figure` of its own and gives it back: no backend is chosen, no
window opened, nothing left in pyplot. `path=` writes it too, as PNG.
"""

from graphmode._namespace import lazy

EXPORTS = {
    "graphmode.viz.tiles": "tile_images",
    "graphmode.viz.activations": "plot_activations",
    "graphmode.viz.surface": "plot_surface",
    "graphmode.viz.reconstructions": "plot_reconstructions",
    "graphmode.viz.curve": "plot_curve",
    "graphmode.viz.raster": "tile_raster_images",
    "graphmode.viz.words": "plot_words",
}

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
