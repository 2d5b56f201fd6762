"""What a process group costs: steps of one, two and four ranks, and the bytes that they exchange.

    python -m benchmarks.process_groups              # all of it, as the table of scale.md
    graphmode launch -n 2 benchmarks/process_groups.py horovod

Every rank does the same work whatever their number (a batch of its own), on cores of its own as
long as there are any: what a step takes beyond one rank's is what the group costs.
"""

import json
import re
import subprocess
import sys
import time

N_STEPS, UNITS, ROWS = 300, 128, 64


def network():
    """A network of three layers: 134,794 variables, 539,176 bytes of gradients."""
    import tensorflow as tf

    x = tf.placeholder(tf.float32, [None, 784])
    hidden = tf.layers.dense(tf.layers.dense(x, UNITS, tf.nn.relu), UNITS, tf.nn.relu)
    hidden = tf.layers.dense(hidden, UNITS, tf.nn.relu)
    loss = tf.reduce_mean(tf.square(tf.layers.dense(hidden, 10)))
    return x, loss


def measured(way):
    """Microseconds a step (fastest tenth), bytes out of this rank a step, bytes of gradients."""
    import numpy as np
    import tensorflow as tf

    from graphmode.launch import ranks

    x, loss = network()
    optimizer = tf.train.GradientDescentOptimizer(1e-4)
    session = {}
    if way == "horovod":
        import horovod.tensorflow as hvd

        hvd.init()
        optimizer = hvd.DistributedOptimizer(optimizer)
    elif way == "mesh":
        session = {"mesh": "all", "feeds": "part"}
    train = optimizer.minimize(loss)
    batch = np.random.default_rng(0).normal(size=(ROWS, 784)).astype(np.float32)
    ring = ranks.current().ring
    with tf.Session(mode="compiled", **session) as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(20):
            sess.run(train, {x: batch})
        before = 0 if ring is None else ring.n_bytes
        times = []
        for _ in range(N_STEPS):
            started = time.perf_counter()
            sess.run(train, {x: batch})
            times.append(time.perf_counter() - started)
    moved = 0 if ring is None else (ring.n_bytes - before) / N_STEPS
    n_bytes = sum(4 * v.shape.num_elements() for v in tf.trainable_variables())
    return sorted(times)[N_STEPS // 10] * 1e6, moved, n_bytes


def _run(n, way):
    command = [sys.executable, "-m", "graphmode"]
    command += ["run"] if n == 1 else ["launch", "-n", str(n)]
    done = subprocess.run([*command, __file__, way], capture_output=True, text=True, check=True)
    return max(
        json.loads(text)
        for text in re.findall(r"\[[\d.]+, [\d.]+, \d+\]$", done.stdout, re.MULTILINE)
    )


def main():
    """Print the table."""
    print("| ranks | alone, us a step | Horovod | bytes out of a rank | least possible | mesh |")
    print("|---|---|---|---|---|---|")
    for n in (1, 2, 4):
        alone, _, _ = _run(n, "alone")
        horovod, moved, n_bytes = _run(n, "horovod")
        mesh, _, _ = _run(n, "mesh")
        least = 2 * (n - 1) / n * n_bytes
        print(f"| {n} | {alone:.0f} | {horovod:.0f} | {moved:,.0f} | {least:,.0f} | {mesh:.0f} |")


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measured(sys.argv[1])))
    else:
        main()
