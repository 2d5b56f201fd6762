"""Linear algebra: factorizations, systems, diagonals."""
