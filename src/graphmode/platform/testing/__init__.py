"""`tf.test` and `tensorflow.python.framework.test_util`: what unit tests of graphs use."""
