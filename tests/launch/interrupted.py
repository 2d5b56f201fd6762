"""Training with checkpoints whose ranks come to harm: ``FOLDER STEP:RANK:SIGNAL...``.

Each harm comes once: a file in FOLDER says that it has been.
"""

import os
import signal
import sys
from pathlib import Path

import horovod.tensorflow as hvd
import numpy as np
import tensorflow as tf

N_STEPS, ROWS = 20, 12

hvd.init()
rank, size = hvd.rank(), hvd.size()
folder = Path(sys.argv[1])
harms = [word.split(":") for word in sys.argv[2:]]
data = np.random.default_rng(4).normal(size=(N_STEPS, ROWS, 5)).astype(np.float32)
part = slice(rank * ROWS // size, (rank + 1) * ROWS // size)

tf.set_random_seed(3)
x = tf.placeholder(tf.float32, [None, 5])
hidden = tf.layers.dense(x, 4, tf.nn.tanh, kernel_initializer=tf.ones_initializer())
loss = tf.reduce_mean(tf.square(tf.layers.dense(hidden, 1) - x[:, :1]))
step = tf.train.get_or_create_global_step()
train = hvd.DistributedOptimizer(tf.train.AdamOptimizer(0.05)).minimize(loss, step)

tf.logging.set_verbosity(tf.logging.ERROR)
with tf.train.MonitoredTrainingSession(
    checkpoint_dir=str(folder / "checkpoints") if rank == 0 else None,
    hooks=[hvd.BroadcastGlobalVariablesHook(0)],
    save_checkpoint_steps=3,
    save_summaries_steps=None,
    save_summaries_secs=None,
) as sess:
    done = sess.run(step)
    if rank == 0:
        print("begins at", done, flush=True)
    while done < N_STEPS:
        for at, victim, name in harms:
            mark = folder / f"{at}-{victim}-{name}"
            if done == int(at) and rank == int(victim) % size and not mark.exists():
                mark.touch()
                os.kill(os.getpid(), getattr(signal, f"SIG{name}"))
        _, done = sess.run([train, step], {x: data[done][part]})
    if rank == 0:
        values = np.concatenate([value.ravel() for value in sess.run(tf.trainable_variables())])
        print("ends with", values.tolist(), flush=True)
