"""`tf.summary.scalar`, `histogram`, `image`, `audio`, `text`, `tensor_summary`.

Each adds one node to the graph and gives its output, a string scalar: a serialized `Summary`
for `FileWriter.add_summary`. Arguments that all of them have:

name : str
    The node's name; with the name scopes around it, the tag under which TensorBoard shows it.
collections : list of str, optional
    Where `merge_all` finds it; ``[GraphKeys.SUMMARIES]`` if not given.
family : str, optional
    Put in front of the tag, so that TensorBoard shows the summaries of one family together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.proto.messages import protobuf
from graphmode.ops.io import summary as ops
from graphmode.summary.tags import SUMMARIES, collect, summary_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor


def scalar(
    name: str, tensor: Any, collections: Sequence[str] | None = None, family: str | None = None
) -> Tensor:
    """A summary of one number.

    Parameters
    ----------
    name : str
        The node's name; with the name scopes around it, the tag under which TensorBoard shows it.
    tensor : Tensor, real scalar
    collections : list of str, optional
        Where `merge_all` finds it; ``[GraphKeys.SUMMARIES]`` if not given.
    family : str, optional
        Put in front of the tag, so that TensorBoard shows the summaries of one family together.

    Returns
    -------
    Tensor, string scalar
    """
    with summary_scope(name, family, [tensor]) as (tag, scope):
        return collect(ops.scalar_summary(tag, tensor, name=scope), collections, SUMMARIES)


def histogram(
    name: str, values: Any, collections: Sequence[str] | None = None, family: str | None = None
) -> Tensor:
    """A summary of how numbers are distributed.

    Parameters
    ----------
    name : str
        The node's name; with the name scopes around it, the tag under which TensorBoard shows it.
    values : Tensor, real, any shape
        Must be finite when it runs.
    collections : list of str, optional
        Where `merge_all` finds it; ``[GraphKeys.SUMMARIES]`` if not given.
    family : str, optional
        Put in front of the tag, so that TensorBoard shows the summaries of one family together.

    Returns
    -------
    Tensor, string scalar
    """
    with summary_scope(name, family, [values]) as (tag, scope):
        return collect(ops.histogram_summary(tag, values, name=scope), collections, SUMMARIES)


def image(
    name: str,
    tensor: Any,
    max_outputs: int = 3,
    collections: Sequence[str] | None = None,
    family: str | None = None,
    *,
    max_images: int | None = None,
) -> Tensor:
    """A summary of the first images of a batch.

    Parameters
    ----------
    name : str
        The node's name. The tags are ``name/image/0``, ``name/image/1``, ...; with `max_outputs` of
        1, ``name/image``.
    tensor : Tensor, shape [batch, height, width, 1, 3 or 4], uint8 or floating
        Floating images are scaled one by one: without negative values, the largest becomes 255;
        with them, 0 becomes 128 and the value of greatest size 1 or 255.
    max_outputs : int
    collections : list of str, optional
        Where `merge_all` finds it; ``[GraphKeys.SUMMARIES]`` if not given.
    family : str, optional
        Put in front of the tag, so that TensorBoard shows the summaries of one family together.
    max_images : int, optional
        What `max_outputs` was before TensorFlow 1.0.

    Returns
    -------
    Tensor, string scalar
    """
    max_outputs = max_outputs if max_images is None else max_images
    _check_at_least_one("max_images", "ImageSummary", max_outputs)
    with summary_scope(name, family, [tensor]) as (tag, scope):
        node = ops.image_summary(tag, tensor, max_images=max_outputs, name=scope)
        return collect(node, collections, SUMMARIES)


def audio(
    name: str,
    tensor: Any,
    sample_rate: Any,
    max_outputs: int = 3,
    collections: Sequence[str] | None = None,
    family: str | None = None,
) -> Tensor:
    """A summary of the first sounds of a batch.

    Parameters
    ----------
    name : str
        The node's name. The tags are ``name/audio/0``, ``name/audio/1``, ...; with `max_outputs` of
        1, ``name/audio``.
    tensor : Tensor, float32, shape [batch, frames, channels] or [batch, frames]
        Samples in [-1, 1].
    sample_rate : float or Tensor, float32 scalar
        In hertz.
    max_outputs : int
    collections : list of str, optional
        Where `merge_all` finds it; ``[GraphKeys.SUMMARIES]`` if not given.
    family : str, optional
        Put in front of the tag, so that TensorBoard shows the summaries of one family together.

    Returns
    -------
    Tensor, string scalar
    """
    _check_at_least_one("max_outputs", "AudioSummaryV2", max_outputs)
    with summary_scope(name, family, [tensor]) as (tag, scope):
        rate = convert_to_tensor(sample_rate, dtype=dtypes.float32, name="sample_rate")
        node = ops.audio_summary(tag, tensor, rate, max_outputs=max_outputs, name=scope)
        return collect(node, collections, SUMMARIES)


def text(name: str, tensor: Any, collections: Sequence[str] | None = None) -> Tensor:
    """A summary of text, shown as Markdown; a list of strings becomes a table.

    Parameters
    ----------
    name : str
        The node's name; with the name scopes around it, the tag under which TensorBoard shows it.
    tensor : Tensor, string, any shape
    collections : list of str, optional
        Where `merge_all` finds it; ``[GraphKeys.SUMMARIES]`` if not given.

    Returns
    -------
    Tensor, string scalar

    Raises
    ------
    ValueError
        If `tensor` holds no strings.
    """
    if getattr(tensor, "dtype", dtypes.string) != dtypes.string:
        raise ValueError(
            f"Expected tensor {tensor.name} to have dtype string, got {tensor.dtype!r}. "
            "Use tf.as_string(tensor) to summarize numbers as text."
        )
    metadata = protobuf("summary").SummaryMetadata()
    metadata.plugin_data.plugin_name = "text"
    return tensor_summary(name, tensor, summary_metadata=metadata, collections=collections)


def tensor_summary(
    name: str,
    tensor: Any,
    summary_description: str | None = None,
    collections: Sequence[str] | None = None,
    summary_metadata: Any = None,
    family: str | None = None,
    display_name: str | None = None,
) -> Tensor:
    """A summary that holds a tensor itself.

    Parameters
    ----------
    name : str
        The node's name; with the name scopes around it, the tag under which TensorBoard shows it.
    tensor : Tensor, any dtype and shape
    summary_description : str, optional
        What it shows, in Markdown.
    collections : list of str, optional
        Where `merge_all` finds it; ``[GraphKeys.SUMMARIES]`` if not given.
    summary_metadata : SummaryMetadata, optional
        Which part of TensorBoard shows it.
    family : str, optional
        Put in front of the tag, so that TensorBoard shows the summaries of one family together.
    display_name : str, optional
        Shown instead of the tag.

    Returns
    -------
    Tensor, string scalar
    """
    metadata = protobuf("summary").SummaryMetadata()
    if summary_metadata is not None:
        metadata.CopyFrom(summary_metadata)
    if summary_description is not None:
        metadata.summary_description = summary_description
    if display_name is not None:
        metadata.display_name = display_name
    with summary_scope(name, family, [tensor]) as (tag, scope):
        node = ops.tensor_summary(tag, tensor, metadata.SerializeToString(), name=scope)
        return collect(node, collections, SUMMARIES)


def _check_at_least_one(attr: str, op_type: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"Attr '{attr}' of '{op_type}' Op passed {value} less than minimum 1.")
