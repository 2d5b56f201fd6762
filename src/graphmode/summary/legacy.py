"""The summaries of TensorFlow before 1.0: the first argument is the tag itself, not a node name."""

from __future__ import annotations

from graphmode.framework.default_graph import name_scope
from graphmode.framework.graph_collections import GraphKeys
from graphmode.ops.io import summary as ops
from graphmode.summary.merging import merge_all
from graphmode.summary.tags import SUMMARIES, collect


def scalar_summary(tags, values, collections=None, name=None):
    """A summary of numbers: `tags` and `values` of the same shape. Now `tf.summary.scalar`."""
    with name_scope(name, "ScalarSummary", [tags, values]) as scope:
        return collect(ops.scalar_summary(tags, values, name=scope), collections, SUMMARIES)


def histogram_summary(tag, values, collections=None, name=None):
    """A summary of how `values` are distributed. Now `tf.summary.histogram`."""
    with name_scope(name, "HistogramSummary", [tag, values]) as scope:
        return collect(ops.histogram_summary(tag, values, name=scope), collections, SUMMARIES)


def image_summary(tag, tensor, max_images=3, collections=None, name=None):
    """A summary of the first `max_images` images of a batch. Now `tf.summary.image`."""
    with name_scope(name, "ImageSummary", [tag, tensor]) as scope:
        node = ops.image_summary(tag, tensor, max_images=max_images, name=scope)
        return collect(node, collections, SUMMARIES)


def audio_summary(tag, tensor, sample_rate, max_outputs=3, collections=None, name=None):
    """A summary of the first `max_outputs` sounds of a batch. Now `tf.summary.audio`."""
    with name_scope(name, "AudioSummary", [tag, tensor]) as scope:
        node = ops.audio_summary(tag, tensor, sample_rate, max_outputs=max_outputs, name=scope)
        return collect(node, collections, SUMMARIES)


def merge_summary(inputs, collections=None, name=None):
    """One summary with the values of all of `inputs`. Now `tf.summary.merge`."""
    with name_scope(name, "MergeSummary", inputs) as scope:
        return collect(ops.merge_summary(list(inputs), name=scope), collections)


def merge_all_summaries(key=GraphKeys.SUMMARIES):
    """All summaries of a collection as one, or None. Now `tf.summary.merge_all`."""
    return merge_all(key)
