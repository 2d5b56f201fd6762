"""`tf.contrib.layers`: layers as functions, with scopes of default arguments."""
