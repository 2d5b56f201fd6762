"""Graphs in files and from files: what they say that was written for other versions of ops."""
