"""TF1's `tensorflow.python.training`."""
