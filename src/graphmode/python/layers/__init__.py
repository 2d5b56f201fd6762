"""TF1's `tensorflow.python.layers`: the modules of `tf.layers`, names only."""
