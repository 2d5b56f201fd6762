"""Sequence to sequence: decoders, helpers, attention, beam search."""
