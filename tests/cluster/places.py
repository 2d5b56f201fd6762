"""How tests name the tasks of a cluster."""

import graphmode as tf


def on(job, index=0):
    return tf.device(f"/job:{job}/task:{index}")


def remote_target(target):
    """The same address, as a process that has no server of its own names it."""
    return target.replace("localhost", "127.0.0.1")
