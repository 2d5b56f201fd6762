"""Graphs in files and from files: what they say, and what they said for other versions."""
