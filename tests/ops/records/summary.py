"""Summaries, compared as the serialized protobufs; images as their pixels."""

import io

import numpy as np
from tests.ops.record import Record, integers, normal


def parsed(serialized):
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary.FromString(serialized)


def pixels(serialized):
    """Tag, size and pixels of all images, in one array."""
    from PIL import Image

    parts = []
    for value in parsed(serialized).value:
        image = np.asarray(Image.open(io.BytesIO(value.image.encoded_image_string)))
        head = [*value.tag.encode(), value.image.height, value.image.width, value.image.colorspace]
        parts += [np.array(head), image.ravel()]
    return np.concatenate(parts).astype(np.int64)


def image_pixels(tf, images, **arguments):
    return tf.py_func(pixels, [tf.summary.image("pictures", images, **arguments)], tf.int64)


def some_not_finite(images):
    images[0, 1, 2, 0], images[1, 0, 1, 2], images[1, 1, 0, 1] = np.nan, np.inf, -np.inf
    return images


FLOATING = ("uint8", "float16", "float32", "float64", "int32", "bool", "bfloat16", "string")
REAL = ("float32", "float64", "int8", "uint16", "int64", "bfloat16", "bool", "complex64", "string")

RECORDS = [
    Record(
        "ScalarSummary",
        lambda tf, x: tf.summary.scalar("a loss", x),
        [np.float32(2.5)],
        dtypes=REAL,
    ),
    Record(
        "ScalarSummary",
        lambda tf, x: tf.summary.scalar("loss", x, family="test set", collections=["mine"]),
        [np.float64(1 / 3)],
        name="family",
    ),
    Record(
        "ScalarSummary",
        lambda tf, x: (
            tf.raw_ops.ScalarSummary(tags=["p", "q"], values=x)
            if hasattr(tf, "raw_ops")
            else tf.scalar_summary(["p", "q"], x)
        ),
        [normal(2)],
        name="several",
    ),
    Record(
        "ScalarSummary",
        lambda tf, x: tf.summary.scalar("loss", x),
        [normal(3)],
        name="not a scalar",
        raises=("InvalidArgumentError", r"tags and values are not the same shape: \[\] != \[3\]"),
    ),
    # Whole numbers, whose sums are exact in whatever order they are added.
    Record(
        "HistogramSummary",
        lambda tf, x: tf.summary.histogram("weights", x),
        [integers(-9, 30, 5, 7, dtype=np.float32)],
        dtypes=REAL,
    ),
    Record(
        "HistogramSummary",
        lambda tf, x: tf.summary.histogram("weights", x),
        [integers(-3, 3, 40).then(lambda n: (2.0**-70 * n).astype(np.float32))],
        name="around the smallest limits",
    ),
    Record(
        "HistogramSummary",
        lambda tf, x: tf.summary.histogram("weights", x),
        [np.array([-1.5e300, 1e20, 2.0**80])],
        name="around the largest limits",
    ),
    Record(
        "HistogramSummary",
        lambda tf, x: tf.summary.histogram("weights", x),
        [np.zeros((0, 3), np.float32)],
        name="empty",
    ),
    Record(
        "HistogramSummary",
        lambda tf, x: tf.summary.histogram("weights", x),
        [np.float32([1, np.nan, np.inf])],
        name="nan",
        raises=("InvalidArgumentError", "Nan in summary histogram for: weights"),
    ),
    Record(
        "HistogramSummary",
        lambda tf, x: tf.summary.histogram("weights", x),
        [np.float32([1, -np.inf])],
        name="infinity",
        raises=("InvalidArgumentError", "Infinity in Histogram for: weights"),
    ),
    Record("ImageSummary", image_pixels, [normal(4, 3, 5, 1)], dtypes=FLOATING),
    Record(
        "ImageSummary",
        lambda tf, x: image_pixels(tf, tf.abs(x), max_outputs=1),
        [normal(2, 3, 5, 3)],
        name="not negative",
    ),
    Record(
        "ImageSummary",
        lambda tf, x: image_pixels(tf, x, max_outputs=2),
        [normal(2, 3, 5, 4).then(some_not_finite)],
        name="not finite",
    ),
    Record(
        "ImageSummary",
        image_pixels,
        [integers(0, 256, 2, 3, 5, 3, dtype=np.uint8)],
        name="uint8",
    ),
    Record(
        "ImageSummary",
        image_pixels,
        [np.zeros((1, 2, 3, 1), np.float32)],
        name="black",
    ),
    Record(
        "ImageSummary",
        image_pixels,
        [normal(1, 3, 5, 2)],
        name="two channels",
        raises=("InvalidArgumentError", r"last dim 1, 3, or 4, not \[1,3,5,2\]"),
    ),
    Record(
        "ImageSummary",
        lambda tf, x: image_pixels(tf, x, max_outputs=0),
        [normal(1, 3, 5, 1)],
        name="none",
        raises=(ValueError, "Attr 'max_images' of 'ImageSummary' Op passed 0 less than minimum 1"),
    ),
    Record(
        "AudioSummaryV2",
        lambda tf, x: tf.summary.audio("noise", x, 8000.0),
        [normal(4, 7, 2)],
    ),
    Record(
        "AudioSummaryV2",
        lambda tf, x, rate: tf.summary.audio("noise", x, rate, max_outputs=1),
        [normal(2, 5), np.float32(44100)],
        name="one channel",
    ),
    Record(
        "AudioSummaryV2",
        lambda tf, x: tf.summary.audio("noise", x, 0.0),
        [normal(2, 5)],
        name="rate",
        raises=("InvalidArgumentError", "sample_rate must be > 0"),
    ),
    Record(
        "AudioSummaryV2",
        lambda tf, x: tf.summary.audio("noise", x, 1.0),
        [normal(5)],
        name="rank",
        raises=("InvalidArgumentError", r"Tensor must be 3-D or 2-D, got: \[5\]"),
    ),
    Record(
        "TensorSummaryV2",
        lambda tf, x: tf.summary.tensor_summary(
            "t", x, summary_description="all of it", display_name="T"
        ),
        [normal(2, 3)],
    ),
    Record(
        "TensorSummaryV2",
        lambda tf, x: tf.summary.text("words", tf.constant([["a", "b"]])),
        [normal(2)],
        name="text",
    ),
    Record(
        "TensorSummaryV2",
        lambda tf, x: tf.summary.text("words", x),
        [normal(2)],
        name="text of numbers",
        raises=(ValueError, "to have dtype string, got"),
    ),
    Record(
        "MergeSummary",
        lambda tf, x, y: tf.summary.merge(
            [tf.summary.scalar("x", x), tf.summary.histogram("y", y)], name="both"
        ),
        [np.float32(0.1), integers(0, 9, 7)],
    ),
    Record(
        "MergeSummary",
        lambda tf, x: (
            tf.summary.scalar("x", x),
            tf.summary.scalar("x", -x),
            tf.summary.merge_all(),
        ),
        [np.float32(0.1)],
        name="all",
    ),
    Record(
        "MergeSummary",
        lambda tf, x: tf.summary.merge([tf.summary.scalar("x", x)] * 2),
        [np.float32(0.1)],
        name="same tag",
        raises=("InvalidArgumentError", "Duplicate tag x found in summary inputs"),
    ),
    Record(
        "MergeSummary",
        lambda tf, x: tf.summary.merge([tf.constant("no summary")]),
        [np.float32(0.1)],
        name="no summary",
        raises=("InvalidArgumentError", "Could not parse one of the summary inputs"),
    ),
    Record(
        "MergeSummary",
        lambda tf, x: tf.summary.merge([]),
        [np.float32(0.1)],
        name="nothing",
        raises=(ValueError, "with length 0 shorter than minimum length 1"),
    ),
]
