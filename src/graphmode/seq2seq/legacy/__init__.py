"""`tf.contrib.legacy_seq2seq`: networks over lists of inputs."""
