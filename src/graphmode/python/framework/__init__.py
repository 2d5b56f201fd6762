"""TF1's `tensorflow.python.framework`."""
