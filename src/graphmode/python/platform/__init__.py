"""TF1's `tensorflow.python.platform`."""
