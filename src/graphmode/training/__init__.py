"""Optimizers, learning-rate decays, moving averages, the global step."""
