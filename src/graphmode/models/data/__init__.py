"""Data as models take it: a reader for each kind of file, one door (`reading`)."""
