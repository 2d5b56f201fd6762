"""TF1's `tensorflow.python.util`."""
