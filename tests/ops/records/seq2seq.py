"""Records of the op of beam search. TensorFlow no longer has it: there it is a loop in Python."""

import numpy as np
from tests.ops.record import Record, integers

OWN = "TensorFlow has no such op"


def _walk(ids, parents, lengths, end):
    """Each beam from its last step to its first; the end after its first end."""
    result = np.full_like(ids, end)
    n_steps, n_batches, n_beams = ids.shape
    for batch in range(n_batches):
        for beam in range(n_beams):
            at = beam
            for time in reversed(range(min(n_steps, lengths[batch]))):
                result[time, batch, beam] = ids[time, batch, at]
                at = parents[time, batch, at]
            found = np.flatnonzero(result[:, batch, beam] == end)
            if found.size:
                result[found[0] :, batch, beam] = end
    return result


def _tree(lengths, end):
    def call(tf, ids, parents):
        if tf.__name__ == "graphmode":
            return tf.contrib.seq2seq.gather_tree(ids, parents, lengths, end)
        walked = tf.py_func(_walk, [ids, parents, np.array(lengths, np.int32), end], tf.int32)
        walked.set_shape(ids.get_shape())
        return walked

    return call


def _on_host(tf, x):
    if tf.__name__ != "graphmode":
        return tf.identity(x)
    from graphmode.ops.control.host_value import host_value

    return host_value(x)


RECORDS = [
    Record("HostValue", _on_host, [integers(0, 9, 3, 2)], names_differ=OWN,
           one_dtype="moves any"),
    Record("GatherTree", _tree([4, 2, 0], 9),
           [integers(1, 6, 4, 3, 5), integers(0, 5, 4, 3, 5)], one_dtype="int32 only",
           names_differ=OWN),
    Record("GatherTree", _tree([7, 6, 3], 1),
           [integers(0, 4, 6, 3, 2), integers(0, 2, 6, 3, 2)], one_dtype="int32 only",
           names_differ=OWN),
]  # fmt: skip
