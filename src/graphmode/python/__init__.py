"""TF1's `tensorflow.python`: the internal addresses that real programs import."""
