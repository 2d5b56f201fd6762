"""The tutorial `fully_connected_feed.py`: what fed its network, and its training."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from graphmode.datasets import mnist, mnist_network
from graphmode.datasets.mnist_network import IMAGE_PIXELS
from graphmode.framework import dtypes
from graphmode.framework.graph import Graph
from graphmode.ops.array.placeholders import placeholder
from graphmode.runtime.session import Session
from graphmode.summary.file_writer import FileWriter
from graphmode.summary.merging import merge_all
from graphmode.training.saver import Saver
from graphmode.variables.collections import global_variables_initializer

__all__ = ["FLAGS", "do_eval", "fill_feed_dict", "placeholder_inputs", "run_training"]

FLAGS = argparse.Namespace(
    learning_rate=0.01,
    max_steps=2000,
    hidden1=128,
    hidden2=32,
    batch_size=100,
    input_data_dir="/tmp/tensorflow/mnist/input_data",
    log_dir="/tmp/tensorflow/mnist/logs/fully_connected_feed",
    fake_data=False,
)
"""What the tutorial's command line said; set its attributes before `run_training`."""


def placeholder_inputs(batch_size: int) -> Any:
    """What a batch is fed to.

    Parameters
    ----------
    batch_size : int

    Returns
    -------
    images_placeholder : Tensor, float32, [batch_size, IMAGE_PIXELS]
    labels_placeholder : Tensor, int32, [batch_size]
    """
    return (
        placeholder(dtypes.float32, shape=(batch_size, IMAGE_PIXELS)),
        placeholder(dtypes.int32, shape=(batch_size,)),
    )


def fill_feed_dict(
    data_set: Any, images_pl: Any, labels_pl: Any, fake_data: bool = False
) -> dict[Any, Any]:
    """The next batch, as large as the placeholders are.

    Parameters
    ----------
    data_set : DataSet
        Of `read_data_sets`.
    images_pl, labels_pl : Tensor
        Of `placeholder_inputs`, float32 and int32.
    fake_data : bool

    Returns
    -------
    dict
        For `feed_dict`.
    """
    images, labels = data_set.next_batch(_batch_size(images_pl), fake_data)
    return {images_pl: images, labels_pl: labels}


def do_eval(
    sess: Any, eval_correct: Any, images_placeholder: Any, labels_placeholder: Any, data_set: Any
) -> None:
    """Print how many of a data set are right, in whole batches.

    Parameters
    ----------
    sess : Session
    eval_correct : Tensor, int32, scalar
        Of `evaluation`.
    images_placeholder, labels_placeholder : Tensor
        Of `placeholder_inputs`, float32 and int32.
    data_set : DataSet
    """
    batch_size = _batch_size(images_placeholder)
    n_batches = data_set.num_examples // batch_size
    n_examples = n_batches * batch_size
    n_correct = 0
    for _ in range(n_batches):
        feed_dict = fill_feed_dict(data_set, images_placeholder, labels_placeholder)
        n_correct += sess.run(eval_correct, feed_dict=feed_dict)
    precision = n_correct / n_examples
    print(  # noqa: T201
        f"  Num examples: {n_examples}  Num correct: {n_correct}  Precision @ 1: {precision:0.04f}"
    )


def _batch_size(placeholder: Any) -> int:
    return placeholder.shape.as_list()[0]


def run_training() -> None:
    """Train the tutorial's network on MNIST as `FLAGS` say.

    The loss is printed every 100 steps and written for TensorBoard, with the graph, to
    ``FLAGS.log_dir``; every 1,000 steps and at the end a checkpoint is saved there and the three
    parts of the data are evaluated.
    """
    data_sets = mnist.read_data_sets(FLAGS.input_data_dir, FLAGS.fake_data)
    Path(FLAGS.log_dir).mkdir(parents=True, exist_ok=True)
    with Graph().as_default() as graph, Session() as sess:
        images, labels = placeholder_inputs(FLAGS.batch_size)
        logits = mnist_network.inference(images, FLAGS.hidden1, FLAGS.hidden2)
        loss = mnist_network.loss(logits, labels)
        train_op = mnist_network.training(loss, FLAGS.learning_rate)
        eval_correct = mnist_network.evaluation(logits, labels)
        summary = merge_all()
        saver = Saver()
        writer = FileWriter(FLAGS.log_dir, graph)
        sess.run(global_variables_initializer())
        for step in range(FLAGS.max_steps):
            started = time.time()
            feed_dict = fill_feed_dict(data_sets.train, images, labels, FLAGS.fake_data)
            _, loss_value = sess.run([train_op, loss], feed_dict=feed_dict)
            if step % 100 == 0:
                seconds = time.time() - started
                print(f"Step {step}: loss = {loss_value:.2f} ({seconds:.3f} sec)")  # noqa: T201
                writer.add_summary(sess.run(summary, feed_dict=feed_dict), step)
                writer.flush()
            if (step + 1) % 1000 == 0 or step + 1 == FLAGS.max_steps:
                saver.save(sess, str(Path(FLAGS.log_dir, "model.ckpt")), global_step=step)
                for name in ("train", "validation", "test"):
                    said = "Training" if name == "train" else name.title()
                    print(f"{said} Data Eval:")  # noqa: T201
                    do_eval(sess, eval_correct, images, labels, getattr(data_sets, name))
        writer.close()
