"""Gradients: the walk back through a graph, and the rule of each operation."""
