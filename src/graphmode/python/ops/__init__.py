"""TF1's `tensorflow.python.ops`."""
