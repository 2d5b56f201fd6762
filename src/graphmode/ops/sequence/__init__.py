"""Sequences: whole recurrent ones, alignment, decoding, edit distance."""
