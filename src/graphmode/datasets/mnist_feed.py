"""What the tutorial `fully_connected_feed.py` fed its network by."""

from __future__ import annotations

from typing import Any

from graphmode.datasets.mnist_network import IMAGE_PIXELS
from graphmode.framework import dtypes
from graphmode.ops.array.placeholders import placeholder

__all__ = ["do_eval", "fill_feed_dict", "placeholder_inputs"]


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
