"""The summaries of TensorFlow before 1.0: the first argument is the tag itself, not a node name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework.default_graph import GraphKeys, name_scope
from graphmode.ops.io import summary as ops
from graphmode.summary.merging import merge_all
from graphmode.summary.tags import SUMMARIES, collect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def scalar_summary(
    tags: Any, values: Any, collections: Sequence[str] | None = None, name: str | None = None
) -> Tensor:
    """A summary of numbers. Now `tf.summary.scalar`.

    Parameters
    ----------
    tags : str, list of str or Tensor, string
        Of the shape of `values`.
    values : Tensor, real
    collections : list of str, optional
        Where `merge_all_summaries` finds it; ``[GraphKeys.SUMMARIES]`` if not given.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    with name_scope(name, "ScalarSummary", [tags, values]) as scope:
        return collect(ops.scalar_summary(tags, values, name=scope), collections, SUMMARIES)


def histogram_summary(
    tag: Any, values: Any, collections: Sequence[str] | None = None, name: str | None = None
) -> Tensor:
    """A summary of how numbers are distributed. Now `tf.summary.histogram`.

    Parameters
    ----------
    tag : str or Tensor, string scalar
    values : Tensor, real
    collections : list of str, optional
        Where `merge_all_summaries` finds it; ``[GraphKeys.SUMMARIES]`` if not given.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    with name_scope(name, "HistogramSummary", [tag, values]) as scope:
        return collect(ops.histogram_summary(tag, values, name=scope), collections, SUMMARIES)


def image_summary(
    tag: Any,
    tensor: Any,
    max_images: int = 3,
    collections: Sequence[str] | None = None,
    name: str | None = None,
) -> Tensor:
    """A summary of the first images of a batch. Now `tf.summary.image`.

    Parameters
    ----------
    tag : str or Tensor, string scalar
    tensor : Tensor, uint8 or floating, [batch, height, width, 1, 3 or 4]
    max_images : int
    collections : list of str, optional
        Where `merge_all_summaries` finds it; ``[GraphKeys.SUMMARIES]`` if not given.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    with name_scope(name, "ImageSummary", [tag, tensor]) as scope:
        node = ops.image_summary(tag, tensor, max_images=max_images, name=scope)
        return collect(node, collections, SUMMARIES)


def audio_summary(
    tag: Any,
    tensor: Any,
    sample_rate: float,
    max_outputs: int = 3,
    collections: Sequence[str] | None = None,
    name: str | None = None,
) -> Tensor:
    """A summary of the first sounds of a batch. Now `tf.summary.audio`.

    Parameters
    ----------
    tag : str or Tensor, string scalar
    tensor : Tensor, float32, [batch, frames, channels] or [batch, frames]
        Samples in [-1, 1].
    sample_rate : float
        In hertz.
    max_outputs : int
    collections : list of str, optional
        Where `merge_all_summaries` finds it; ``[GraphKeys.SUMMARIES]`` if not given.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    with name_scope(name, "AudioSummary", [tag, tensor]) as scope:
        node = ops.audio_summary(tag, tensor, sample_rate, max_outputs=max_outputs, name=scope)
        return collect(node, collections, SUMMARIES)


def merge_summary(
    inputs: Sequence[Any], collections: Sequence[str] | None = None, name: str | None = None
) -> Tensor:
    """One summary with the values of several. Now `tf.summary.merge`.

    Parameters
    ----------
    inputs : list of Tensor, string
        Serialized `Summary` protobufs.
    collections : list of str, optional
        Where `merge_all_summaries` finds it; ``[GraphKeys.SUMMARIES]`` if not given.

    Returns
    -------
    Tensor, string scalar
        A serialized `Summary`.
    """
    with name_scope(name, "MergeSummary", inputs) as scope:
        return collect(ops.merge_summary(list(inputs), name=scope), collections)


def merge_all_summaries(key: Any = GraphKeys.SUMMARIES) -> Tensor | None:
    """All summaries of the collection `key` as one, or None. Now `tf.summary.merge_all`."""
    return merge_all(key)
