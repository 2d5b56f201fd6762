"""Signals: Fourier transforms over the last one, two or three axes."""
