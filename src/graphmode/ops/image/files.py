"""Image files: decoding and encoding of PNG, JPEG, GIF and BMP on the host, by Pillow."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.default_graph import name_scope
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.image import png

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

_BY_PILLOW = "pixels of a JPEG within 5 of TensorFlow's, whose transform is the fast one"
_RED, _GREEN, _BLUE = 9797, 19234, 3737  # of 32768
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_MAGIC = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
}


def _decoded_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 0)
    return [(None, None, _channels(op))]


def _channels(op) -> int | None:
    channels = op.attrs["channels"]
    if channels < 0:
        raise ValueError(f"channels must be non-negative, got {channels}")
    return channels or None


def _frames(contents) -> tuple[str, list[Any]]:
    """The format of a file and its images.

    Raises
    ------
    InvalidArgumentError
        If it is no image file, or a damaged one, with TensorFlow's words.
    """
    from PIL import Image, ImageSequence

    data = bytes(np.asarray(contents).item())
    if not data:
        raise invalid("Input is empty.")
    kind = next((name for magic, name in _MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        raise invalid("Unknown image file format. One of JPEG, PNG, GIF, BMP required.")
    if kind == "PNG" and b"IEND" not in data:  # Pillow forgives a missing end
        raise invalid(f"Invalid PNG data, size {len(data)}")
    try:
        if kind == "PNG" and png.is_deep(data):
            return kind, [png.decode_deep(data)]
        if kind == "BMP" and int.from_bytes(data[28:30], "little") == 32:
            return kind, [Image.fromarray(_colors_and_alpha(data))]
        image = Image.open(io.BytesIO(data))
        # Pillow gives back one image object, turned to each frame in turn.
        return kind, [frame.copy() for frame in ImageSequence.Iterator(image)]
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if kind == "JPEG":
            raise invalid("jpeg::Uncompress failed. Invalid JPEG data or crop window.") from error
        raise invalid(f"Invalid {kind} data, size {len(data)}") from error


def _colors_and_alpha(data: bytes) -> np.ndarray:
    """The pixels of a BMP file of 32 bits a pixel, whose last 8 Pillow may leave out."""
    start, width, height = (
        int.from_bytes(data[at : at + 4], "little", signed=True) for at in (10, 18, 22)
    )
    pixels = np.frombuffer(data, np.uint8, abs(height) * width * 4, start)
    pixels = pixels.reshape(abs(height), width, 4)[..., [2, 1, 0, 3]]
    return np.ascontiguousarray(pixels[::-1] if height > 0 else pixels)


def _pixels(image, channels: int, dtype, kind: str) -> np.ndarray:
    """``[height, width, channels]``; 0 channels: as many as the file has."""
    if isinstance(image, tuple):
        pixels, transparent = image
        values = _deep_pixels(pixels, transparent, channels)
        return values if dtype == np.uint16 else (values >> 8).astype(np.uint8)
    if channels == 0:
        has_alpha = "transparency" in image.info or image.mode.endswith("A")
        gray = image.mode in ("1", "L", "LA")
        channels = (2 if has_alpha else 1) if gray else (4 if has_alpha else 3)
    if channels not in _MODES:
        raise invalid(f"channels must be 0, 1, 3 or 4, got {channels}")
    if kind == "PNG" and channels == 1 and image.mode in ("RGB", "RGBA", "P"):
        values = _gray(np.asarray(image.convert("RGB")), 0).astype(np.uint8)
    else:
        values = np.asarray(image.convert(_MODES[channels]))
    values = values[..., None] if values.ndim == 2 else values
    return values.astype(np.uint16) * 257 if dtype == np.uint16 else values


def _gray(colors: np.ndarray, half: int) -> np.ndarray:
    """As libpng: rounded (a `half` of 16384) of 16 bits, cut off of 8."""
    red, green, blue = (colors[..., i : i + 1].astype(np.uint32) for i in range(3))
    return (_RED * red + _GREEN * green + _BLUE * blue + half) >> 15


def _deep_pixels(pixels, transparent, channels: int) -> np.ndarray:
    """16 bits a channel, in so many channels."""
    if channels not in (0, 1, 3, 4):
        raise invalid(f"channels must be 0, 1, 3 or 4, got {channels}")
    count = pixels.shape[-1]
    if channels in (0, count):
        return pixels
    colors = pixels[..., : count - 1] if count in (2, 4) else pixels
    if channels == 1 and count > 2:
        colors = _gray(colors, 16384).astype(np.uint16)
    elif channels > 1 and count < 3:
        colors = np.repeat(colors, 3, axis=-1)
    if channels < 4:
        return colors
    if count in (2, 4):
        opacity = pixels[..., -1:]
    elif transparent is None:
        opacity = np.full_like(pixels[..., :1], 0xFFFF)
    else:
        is_clear = (pixels == transparent).all(axis=-1, keepdims=True)
        opacity = np.where(is_clear, 0, 0xFFFF).astype(np.uint16)
    return np.concatenate([colors, opacity], axis=-1)


def _one_image(contents, channels: int, dtype: Any = np.uint8) -> np.ndarray:
    kind, frames = _frames(contents)
    if len(frames) > 1:
        raise invalid(f"Got {len(frames)} frames, but animated gifs can only be decoded by "
                       "tf.io.decode_gif or tf.io.decode_image")  # fmt: skip
    return _pixels(frames[0], 3 if kind == "GIF" and not channels else channels, dtype, kind)


@op(
    "DecodeJpeg",
    "string -> image: uint8",
    shape=_decoded_shape,
    effect="host",
    differs=_BY_PILLOW,
)
def _decode_jpeg(
    contents,
    *,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1.0,
    dct_method: str = "",
):
    return jpeg_pixels(contents, channels, ratio)


def jpeg_pixels(contents: Any, channels: int, ratio: int) -> np.ndarray:
    """The pixels of a file, `ratio` times smaller in both directions.

    Raises
    ------
    InvalidArgumentError
        If the ratio is no small power of 2.
    """
    if ratio not in (1, 2, 4, 8):
        raise invalid(f"ratio must be 1, 2, 4, or 8, got {ratio}")
    image = _one_image(contents, channels)
    if ratio == 1:
        return image
    from PIL import Image

    height, width = (-(-n // ratio) for n in image.shape[:2])
    planes = [
        np.asarray(Image.fromarray(image[..., i]).resize((width, height), Image.Resampling.BOX))
        for i in range(image.shape[2])
    ]
    return np.stack(planes, axis=-1)


@op("DecodePng", "string -> image: dtype", shape=_decoded_shape, effect="host", differs=_BY_PILLOW)
def _decode_png(contents, *, channels: int = 0, dtype: DType = dtypes.uint8):
    return _one_image(contents, channels, dtype.numpy_dtype)


@op("DecodeBmp", "string -> image: uint8", shape=_decoded_shape, effect="host")
def _decode_bmp(contents, *, channels: int = 0):
    bits = int.from_bytes(np.asarray(contents).item()[28:30], "little")
    if channels and channels != bits // 8:
        raise invalid(
            f"channels attribute {channels} does not match bits per pixel from file {bits // 8}"
        )
    return _one_image(contents, channels)


def _gif_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 0)
    return [(None, None, None, 3)]


@op("DecodeGif", "string -> image: uint8", shape=_gif_shape, effect="host")
def _decode_gif(contents):
    return np.stack([_pixels(frame, 3, np.uint8, "GIF") for frame in _frames(contents)[1]])


def _any_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 0)
    if op.attrs["expand_animations"]:
        return [None]
    return [(None, None, _channels(op))]


@op("DecodeImage", "string -> image: dtype", shape=_any_shape, effect="host", differs=_BY_PILLOW)
def _decode_image(
    contents, *, channels: int = 0, dtype: DType = dtypes.uint8, expand_animations: bool = True
):
    kind, frames = _frames(contents)
    if (kind == "GIF" and channels in (1, 4)) or (kind == "BMP" and channels == 1):
        takes = "0 or 3" if kind == "GIF" else "0, 3 or 4"
        raise invalid(f"channels must be {takes} for {kind}, got {channels}")
    depth = np.dtype(np.uint16 if dtype == dtypes.uint16 else np.uint8)
    if kind == "GIF":
        frames = [_pixels(frame, 3, depth, kind) for frame in frames]
        image = np.stack(frames) if expand_animations else frames[0]
    else:
        image = _pixels(frames[0], channels, depth, kind)
    if dtype == dtypes.float32:
        return (image * np.float32(1 / 255)).astype(np.float32)
    return image


def _encoded_shape(op):
    dims = op.inputs[0].dims
    if dims is not None and len(dims) < 3:
        raise ValueError(f"Shape must be at least rank 3 but is rank {len(dims)}")
    return [None if dims is None else dims[:-3]]


@op(
    "EncodePng",
    "T -> contents: string",
    shape=_encoded_shape,
    effect="host",
    T=(dtypes.uint8, dtypes.uint16),
    differs="other bytes for the same pixels",
)
def _encode_png(image, *, compression: int = -1):
    image = np.asarray(image)
    if image.shape[-1] not in (1, 2, 3, 4):
        raise invalid(
            f"image must have 1, 2, 3, or 4 channels, got shape "
            f"{shape_rules.dims_text(image.shape)}"
        )
    if 0 in image.shape:
        raise invalid("image is empty")
    flat = image.reshape(-1, *image.shape[-3:])
    files = np.empty(len(flat), object)
    files[:] = [png.encode_png(one, compression) for one in flat]
    return files.reshape(image.shape[:-3])


def _encoded_jpeg_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 3)
    return [()]


@op(
    "EncodeJpeg",
    "uint8 -> contents: string",
    shape=_encoded_jpeg_shape,
    effect="host",
    differs="other bytes for the same pixels",
)
def _encode_jpeg(
    image,
    *,
    format: str = "",
    quality: int = 95,
    progressive: bool = False,
    optimize_size: bool = False,
    chroma_downsampling: bool = True,
    density_unit: str = "in",
    x_density: int = 300,
    y_density: int = 300,
    xmp_metadata: str = "",
):
    from PIL import Image

    image = np.asarray(image)
    wanted = {"grayscale": 1, "rgb": 3}.get(format)
    if image.shape[2] not in (1, 3):
        raise invalid(f"image must have 1 or 3 channels, got shape {image.shape}")
    if wanted and image.shape[2] != wanted:
        raise invalid(f"format '{format}' expects {wanted} channels, got {image.shape[2]}")
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(
        file,
        "JPEG",
        quality=quality,
        progressive=progressive,
        optimize=optimize_size,
        subsampling=2 if chroma_downsampling else 0,
        dpi=(x_density, y_density),
    )
    return np.array(file.getvalue(), object)


# ---- the public functions ------------------------------------------------------------------------


def decode_jpeg(
    contents: Any,
    channels: int = 0,
    ratio: Any = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: Any = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Tensor:
    """The pixels of a JPEG file (or of a PNG, BMP or GIF one).

    Parameters
    ----------
    contents : Tensor, string scalar
        The bytes of the file.
    channels : int
        1 grey, 3 RGB, 4 with opacity; 0 as in the file.
    ratio : {1, 2, 4, 8}
        Make the image this many times smaller.
    fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method : optional
        Accepted: Pillow decodes the file.

    Returns
    -------
    Tensor, uint8 ``[height, width, channels]``

    Raises
    ------
    InvalidArgumentError
        When it runs, if the file is damaged or none of an image.

    Notes
    -----
    TF op DecodeJpeg.
    """
    return _decode_jpeg(
        contents,
        channels=channels,
        ratio=ratio,
        fancy_upscaling=fancy_upscaling,
        try_recover_truncated=try_recover_truncated,
        acceptable_fraction=acceptable_fraction,
        dct_method=dct_method,
        name=name,
    )


def decode_png(
    contents: Any, channels: int = 0, dtype: Any = dtypes.uint8, name: str | None = None
) -> Tensor:
    """The pixels of a PNG file.

    Parameters
    ----------
    contents : Tensor, string scalar
        The bytes of the file.
    channels : int
        1 grey, 3 RGB, 4 with opacity; 0 as in the file.
    dtype : DType
        uint8 or uint16.

    Returns
    -------
    Tensor, `dtype`, [height, width, channels]

    Raises
    ------
    InvalidArgumentError
        When it runs, if the file is damaged or of another kind.

    Notes
    -----
    TF op DecodePng.
    """
    return _decode_png(contents, channels=channels, dtype=dtypes.as_dtype(dtype), name=name)


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Tensor:
    """The pixels of a BMP file.

    Parameters
    ----------
    contents : Tensor, string scalar
        The bytes of the file.
    channels : int
        1 grey, 3 RGB, 4 with opacity; 0 as in the file.

    Returns
    -------
    Tensor, uint8, [height, width, channels]

    Raises
    ------
    InvalidArgumentError
        When it runs, if the file is damaged or of another kind.

    Notes
    -----
    TF op DecodeBmp.
    """
    return _decode_bmp(contents, channels=channels, name=name)


def decode_gif(contents: Any, name: str | None = None) -> Tensor:
    """The frames of the GIF file `contents`, a string scalar: uint8 ``[frames, height, width, 3]``.

    Notes
    -----
    TF op DecodeGif.
    """
    return _decode_gif(contents, name=name)


def decode_image(
    contents: Any,
    channels: int | None = None,
    dtype: Any = dtypes.uint8,
    name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:
    """The pixels of an image file of any of the four kinds.

    Parameters
    ----------
    contents : Tensor, string scalar
        The bytes of the file.
    channels : int, optional
        1 grey, 3 RGB, 4 with opacity; 0 as in the file.
    dtype : DType
        uint8, uint16 or float32.
    expand_animations : bool
        Give all frames of a GIF file.

    Returns
    -------
    Tensor of `dtype` (uint8, uint16, or float32 in [0, 1])
        ``[height, width, channels]``; of a GIF file ``[frames, height, width, 3]``, or its first
        frame without `expand_animations`. Its static shape is not known.

    Raises
    ------
    ValueError
        For another number of channels.

    Notes
    -----
    TF op DecodeImage.
    """
    if channels not in (None, 0, 1, 3, 4):
        raise ValueError("channels must be in (None, 0, 1, 3, 4)")
    with name_scope(name, "decode_image"):
        return _decode_image(
            contents,
            channels=channels or 0,
            dtype=dtypes.as_dtype(dtype),
            expand_animations=expand_animations,
        )


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Tensor:
    """The PNG file of an image.

    Parameters
    ----------
    image : Tensor, uint8 or uint16, [..., height, width, 1 to 4]
    compression : int
        0 to 9; -1 for the usual.

    Returns
    -------
    Tensor, string; a scalar, or of the leading axes of a batch

    Notes
    -----
    TF op EncodePng.
    """
    return _encode_png(image, compression=compression, name=name)


def encode_jpeg(
    image: Any,
    format: str = "",
    quality: int = 95,
    progressive: bool = False,
    optimize_size: bool = False,
    chroma_downsampling: bool = True,
    density_unit: str = "in",
    x_density: int = 300,
    y_density: int = 300,
    xmp_metadata: str = "",
    name: str | None = None,
) -> Tensor:
    """The JPEG file of an image.

    Parameters
    ----------
    image : Tensor, uint8, [height, width, 1 or 3]
    format : {"", "grayscale", "rgb"}
        Refuse images of the other kind.
    quality : int
        0 to 100.
    progressive, optimize_size : bool
        How the file is written.
    chroma_downsampling : bool
        Keep the colours at half the resolution.
    density_unit : str
        Accepted: densities are for an inch.
    x_density, y_density : int
        Pixels for each inch.
    xmp_metadata : str
        Accepted.

    Returns
    -------
    Tensor, string scalar

    Notes
    -----
    TF op EncodeJpeg.
    """
    return _encode_jpeg(
        image,
        format=format,
        quality=quality,
        progressive=progressive,
        optimize_size=optimize_size,
        chroma_downsampling=chroma_downsampling,
        density_unit=density_unit,
        x_density=x_density,
        y_density=y_density,
        xmp_metadata=xmp_metadata,
        name=name,
    )
