"""Rows of different lengths, as splits and the values of all rows."""
