"""Data sets that TF1 programs and the classic models read."""
