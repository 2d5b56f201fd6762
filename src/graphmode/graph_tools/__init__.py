"""TensorFlow's tools for graphs and checkpoints, as functions and as programs."""
