"""`tf.linalg.LinearOperator` and its kinds: matrices by what they do, not by their elements."""
