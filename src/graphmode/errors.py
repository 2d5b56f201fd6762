"""`tf.errors`: the classes of run-time errors and their codes."""

from graphmode.framework.errors import *  # noqa: F403
