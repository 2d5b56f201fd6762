"""Strings: joining, cutting, patterns, numbers, hashes, files."""
