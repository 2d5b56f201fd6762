"""What a graph is: dtypes, shapes, errors, operations. Pure Python and NumPy; never imports JAX."""
