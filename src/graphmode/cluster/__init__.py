"""TensorFlow 1's clusters: processes that hold variables and run parts of graphs for each other."""
