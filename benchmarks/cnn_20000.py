"""Lab 2.2b's network trained as long as its course says: 20,000 steps of 50 digits.

``python -m benchmarks.cnn_20000 [--steps 20000] [--seed 1]``, with MNIST's four files in
``$GRAPHMODE_DATA/mnist``. The course reports 99.2 % of the test digits.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np

import graphmode as tf
from benchmarks.network_cases import cnn_graph, session
from graphmode.examples.tutorials.mnist import input_data


def accuracy(sess, x, keep_prob, logits, digits) -> float:
    """The share of `digits` that the network names, 200 at a time."""
    is_correct = []
    for start in range(0, digits.num_examples, 200):
        part = slice(start, start + 200)
        named = sess.run(logits, feed_dict={x: digits.images[part], keep_prob: 1.0}).argmax(1)
        is_correct.append(named == digits.labels[part].argmax(1))
    return float(np.concatenate(is_correct).mean())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cnn_20000", description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()
    tf.set_random_seed(flags.seed)
    folder = Path(os.environ.get("GRAPHMODE_DATA", "data")) / "mnist"
    mnist = input_data.read_data_sets(str(folder), one_hot=True, seed=flags.seed)
    x, labels, keep_prob, logits, train = cnn_graph(tf)
    sess = session(tf)
    start = time.perf_counter()
    for step in range(1, flags.steps + 1):
        images, truth = mnist.train.next_batch(50)
        sess.run(train, feed_dict={x: images, labels: truth, keep_prob: 0.5})
        if step % 1000 == 0 or step == flags.steps:
            minutes = (time.perf_counter() - start) / 60
            share = accuracy(sess, x, keep_prob, logits, mnist.test)
            print(f"step {step}, {minutes:.1f} min: {share:.2%} of the test digits", flush=True)


if __name__ == "__main__":
    main()
