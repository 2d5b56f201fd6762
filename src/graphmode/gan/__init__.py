"""`tf.contrib.gan`: two networks that train against each other, their losses and their steps."""
