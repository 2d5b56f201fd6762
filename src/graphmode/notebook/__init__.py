"""Notebooks: a Jupyter kernel, what ``%load_ext graphmode`` does, and notebooks run as programs."""
