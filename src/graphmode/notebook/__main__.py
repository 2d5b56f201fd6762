"""`python -m graphmode.notebook -f CONNECTION_FILE`: the kernel, as Jupyter starts it."""

from graphmode.notebook.kernel import launch

launch()
