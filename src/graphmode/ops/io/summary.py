"""Ops that write a `Summary` protobuf: scalars, histograms, images, sounds, tensors, merges.

Each gives a string scalar, the serialized `Summary`. They run on the host. What users call,
`tf.summary.scalar` and the rest, is in `graphmode.summary`.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.dtypes import ANY, REALS
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.framework.proto.attr_values import tensor_proto
from graphmode.framework.proto.messages import protobuf
from graphmode.ops.image.png import encode_png
from graphmode.ops.io.histogram import histogram_counts

_PIXELS = frozenset((dtypes.uint8, dtypes.float16, dtypes.float32, dtypes.float64))
_RED = np.array([255, 0, 0, 255], np.uint8)


def new_summary() -> Any:
    """An empty Summary message."""
    return protobuf("summary").Summary()


def _serialized(summary) -> np.ndarray:
    return np.array(summary.SerializeToString(), object)


def _shape_text(array: np.ndarray) -> str:
    return "[" + ",".join(map(str, np.shape(array))) + "]"


def _tag_text(tag: np.ndarray) -> str:
    if np.shape(tag) != ():
        raise invalid("tag must be a scalar")
    return np.asarray(tag).item().decode()


@op(
    "ScalarSummary",
    "string, T -> summary: string",
    T=REALS,
    shape=shape_rules.scalar,
    effect="host",
)
def scalar_summary(tags, values):
    """A summary of numbers: `values`, real, of any shape; `tags`, strings, one for each."""
    tags, values = np.asarray(tags), np.asarray(values)
    if tags.shape != values.shape:
        single = f" (tag '{tags.item().decode()}')" if tags.shape == () else ""
        raise invalid(
            f"tags and values are not the same shape: {_shape_text(tags)} != "
            f"{_shape_text(values)}{single}"
        )
    summary = new_summary()
    for tag, value in zip(tags.ravel().tolist(), values.ravel().tolist(), strict=True):
        summary.value.add(tag=tag.decode(), simple_value=value)
    return _serialized(summary)


@op(
    "HistogramSummary",
    "string, T -> summary: string",
    T=REALS,
    shape=shape_rules.scalar,
    effect="host",
)
def histogram_summary(tag, values):
    """A summary of the distribution of `values`, real and finite, of any shape."""
    name = _tag_text(tag)
    values = np.asarray(values)
    if values.dtype.kind not in "iu" and not np.isfinite(values).all():
        if np.isnan(values).any():
            raise invalid(f"Nan in summary histogram for: {name}")
        raise invalid(f"Infinity in Histogram for: {name}")
    summary = new_summary()
    add_histogram(summary, name, values)
    return _serialized(summary)


def add_histogram(summary: Any, tag: str, values: np.ndarray) -> None:
    """Add how finite `values` are distributed to a Summary message."""
    limits, counts = histogram_counts(values)
    values = values.astype(np.float64).ravel()
    largest = np.finfo(np.float64).max
    histo = summary.value.add(tag=tag).histo
    histo.min = values.min(initial=largest)
    histo.max = values.max(initial=-largest)
    histo.num = values.size
    histo.sum = values.sum()
    histo.sum_squares = values @ values
    histo.bucket_limit.extend(limits)
    histo.bucket.extend(counts)


@op(
    "ImageSummary",
    "string, T -> summary: string",
    T=_PIXELS,
    shape=shape_rules.scalar,
    effect="host",
)
def image_summary(tag, tensor, *, max_images: int = 3, bad_color: np.ndarray = _RED):
    """A summary of the first `max_images` images of `tensor`, as PNG.

    Parameters
    ----------
    tensor : Tensor, shape [batch, height, width, channels], uint8 or floating
        1, 3 or 4 channels. Each floating image is scaled by itself: if no value is negative,
        the largest becomes 255; else 0 becomes 128 and the value of greatest size 1 or 255.
    max_images : int
    bad_color : uint8 array
        The color of pixels that are not finite.
    """
    name = _tag_text(tag)
    images = np.asarray(tensor)
    if images.ndim != 4 or images.shape[3] not in (1, 3, 4):
        raise invalid(f"Tensor must be 4-D with last dim 1, 3, or 4, not {_shape_text(images)}")
    if not images[:1].size and len(images):
        raise invalid(f"An image must have at least one pixel, not {_shape_text(images)}")
    summary = new_summary()
    for i, image in enumerate(images[:max_images]):
        value = summary.value.add(tag=_numbered(f"{name}/image", i, max_images))
        value.image.height, value.image.width, value.image.colorspace = image.shape
        pixels = image if image.dtype == np.uint8 else _scaled_pixels(image, bad_color)
        value.image.encoded_image_string = encode_png(pixels)
    return _serialized(summary)


def _numbered(tag: str, i: int, limit: int) -> str:
    return tag if limit == 1 else f"{tag}/{i}"


def _scaled_pixels(image: np.ndarray, bad_color: np.ndarray) -> np.ndarray:
    """A floating image as uint8, in TensorFlow's arithmetic: float32 limits, the image's dtype."""
    finite = np.logical_and.reduce(np.isfinite(image), axis=2)
    known = image[finite].astype(np.float32)
    low, high = known.min(initial=np.inf), known.max(initial=-np.inf)
    size, target, offset = (max(-low, high), 127, 128) if low < 0 else (high, 255, 0)
    scale = np.float32(0) if size < np.float32(1e-6) else np.float32(target) / np.float32(size)
    kind = image.dtype.type
    scaled = np.where(finite[..., None], image, kind(0)) * kind(scale) + kind(offset)
    pixels = scaled.astype(np.int32).astype(np.uint8)
    pixels[~finite] = bad_color[: image.shape[2]]
    return pixels


@op(
    "AudioSummaryV2",
    "string, float32, float32 -> summary: string",
    shape=shape_rules.scalar,
    effect="host",
)
def audio_summary(tag, tensor, sample_rate, *, max_outputs: int = 3):
    """A summary of the first `max_outputs` sounds of `tensor`, as 16-bit WAV.

    Parameters
    ----------
    tensor : Tensor, float32, shape [batch, frames, channels] or [batch, frames]
        Samples in [-1, 1]; what is outside is clipped.
    sample_rate : Tensor, float32 scalar
        In hertz.
    max_outputs : int
    """
    name = _tag_text(tag)
    sounds = np.asarray(tensor)
    if sounds.ndim not in (2, 3):
        raise invalid(f"Tensor must be 3-D or 2-D, got: {_shape_text(sounds)}")
    rate = float(sample_rate)
    if not rate > 0:
        raise invalid("sample_rate must be > 0")
    if len(sounds) and not sounds[0].size:
        raise invalid(f"audio is null: the tensor has shape {_shape_text(sounds)}")
    summary = new_summary()
    for i, sound in enumerate(sounds[:max_outputs]):
        samples = sound.reshape(len(sound), -1)
        value = summary.value.add(tag=_numbered(f"{name}/audio", i, max_outputs))
        value.audio.sample_rate = rate
        value.audio.length_frames, value.audio.num_channels = samples.shape
        value.audio.encoded_audio_string = _wav(samples, int(rate))
        value.audio.content_type = "audio/wav"
    return _serialized(summary)


def _wav(samples: np.ndarray, rate: int) -> bytes:
    """The WAV file of float samples [frames, channels]."""
    scaled = samples.astype(np.float64) * 2**15
    rounded = np.copysign(np.floor(np.abs(scaled) + 0.5), scaled)  # halves away from zero
    content = np.clip(np.nan_to_num(rounded), -(2**15), 2**15 - 1).astype("<i2").tobytes()
    channels = samples.shape[1]
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, 2 * rate * channels, 2 * channels, 16)
    body = b"WAVEfmt " + form + b"data" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


@op(
    "TensorSummaryV2",
    "string, T, string -> summary: string",
    T=ANY,
    shape=shape_rules.scalar,
    effect="host",
)
def tensor_summary(tag, tensor, serialized_summary_metadata):
    """A summary that holds `tensor`, of any dtype and shape, itself."""
    summary = new_summary()
    value = summary.value.add(tag=_tag_text(tag))
    value.tensor.CopyFrom(tensor_proto(np.asarray(tensor)))
    value.metadata.ParseFromString(np.asarray(serialized_summary_metadata).item())
    return _serialized(summary)


@op("MergeSummary", "string*N -> summary: string", shape=shape_rules.scalar, effect="host")
def merge_summary(inputs):
    """One summary with the values of all of `inputs`, whose tags must differ."""
    from google.protobuf.message import DecodeError

    merged = new_summary()
    tags: set[str] = set()
    for serialized in inputs:
        for content in np.asarray(serialized).ravel().tolist():
            try:
                part = type(merged).FromString(content)
            except DecodeError:
                raise invalid("Could not parse one of the summary inputs") from None
            for value in part.value:
                if value.tag and value.tag in tags:
                    raise invalid(f"Duplicate tag {value.tag} found in summary inputs")
                tags.add(value.tag)
            merged.MergeFrom(part)
    return _serialized(merged)
