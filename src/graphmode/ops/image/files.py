"""Image files: decoding and encoding of PNG, JPEG, GIF and BMP on the host."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.default_graph import name_scope
from graphmode.framework.errors import invalid
from graphmode.framework.op import op
from graphmode.ops.image import png
from graphmode.ops.image.bmp import decode_bmp_file
from graphmode.ops.image.gif import decode_gif_file
from graphmode.ops.image.jpeg_pixels import ACCURATE, decode_jpeg_file

if TYPE_CHECKING:
    from graphmode.framework.dtypes import DType
    from graphmode.framework.operation import Tensor

_RARE_JPEG = (
    "of a JPEG whose colours have half the resolution, without `fancy_upscaling` and with "
    "INTEGER_ACCURATE: by the fast transform; with sides shorter than `ratio`: averaged"
)
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
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


def _frames(contents, op_type: str = "DecodeImage") -> tuple[str, list[Any]]:
    """The format of a file and its images; of a JPEG file its bytes.

    Raises
    ------
    InvalidArgumentError
        If it is no image file, one that an op of this type does not take, or a damaged one, with
        TensorFlow's words.
    """
    from PIL import Image

    data = bytes(np.asarray(contents).item())
    if not data:
        raise invalid("Input is empty.")
    kind = next((name for magic, name in _MAGIC.items() if data.startswith(magic)), None)
    if kind is None:
        raise invalid(
            "Unknown image file format. One of JPEG, PNG, GIF, BMP required. It starts with "
            f"{data[:16]!r}."
        )
    if op_type == "DecodeBmp" and kind != "BMP":
        raise invalid(
            f"Trying to decode {kind} format using DecodeBmp op. Use `decode_{kind.lower()}` or "
            "`decode_image` instead."
        )
    if op_type != "DecodeImage" and op_type != "DecodeBmp" and kind == "BMP":
        raise invalid(
            "Trying to decode BMP format using a wrong op. Use `decode_bmp` or `decode_image` "
            f"instead. Op used: {op_type}"
        )
    if kind == "PNG" and b"IEND" not in data:  # Pillow forgives a missing end
        raise invalid(f"Invalid PNG data, size {len(data)}")
    try:
        if kind == "JPEG":
            return kind, [data]
        if kind == "BMP":
            return kind, [_as_image(decode_bmp_file(data))]
        if kind == "GIF":
            return kind, [_as_image(frame) for frame in decode_gif_file(data)]
        if png.is_deep(data):
            return kind, [png.decode_deep(data)]
        image = Image.open(io.BytesIO(data))
        image.load()
        if image.mode != "P" and isinstance(image.info.get("transparency"), int):
            image.info["transparency"] *= 255 // ((1 << data[24]) - 1)
        image.info["opaque"] = (1 << data[24]) - 1
        return kind, [image]
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error) as error:
        raise invalid(f"Invalid {kind} data, size {len(data)}: {error}") from error


def _as_image(pixels: np.ndarray) -> Any:
    from PIL import Image

    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def _pixels(image, channels: int, dtype, kind: str) -> np.ndarray:
    """``[height, width, channels]``; 0 channels: as many as the file has."""
    if kind == "JPEG":
        values = _of_jpeg(image, channels)
        return values.astype(np.uint16) * 256 if dtype == np.uint16 else values
    if isinstance(image, tuple):
        pixels, transparent = image
        values = _deep_pixels(pixels, transparent, channels)
        return values if dtype == np.uint16 else (values >> 8).astype(np.uint8)
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    has_alpha = image.mode[-1] == "A"
    if channels == 0:
        gray = image.mode in ("1", "L", "LA")
        channels = (2 if has_alpha else 1) if gray else (4 if has_alpha else 3)
    if kind == "PNG" and channels == 1 and image.mode in ("RGB", "RGBA", "P"):
        values = _gray(np.asarray(image.convert("RGB")), 0).astype(np.uint8)
    else:
        values = np.asarray(image.convert(_MODES[channels]))
    values = values[..., None] if values.ndim == 2 else values
    if kind == "PNG" and channels == 4 and not has_alpha and "transparency" not in image.info:
        values = values.copy()
        values[..., 3] = image.info["opaque"]  # of as few bits as the file has, as TensorFlow's
    is_deep = dtype == np.uint16
    return values.astype(np.uint16) * (257 if kind == "PNG" else 256) if is_deep else values


def _gray(colors: np.ndarray, half: int) -> np.ndarray:
    """As libpng: rounded (a `half` of 16384) of 16 bits, cut off of 8."""
    red, green, blue = (colors[..., i : i + 1].astype(np.uint32) for i in range(3))
    return (_RED * red + _GREEN * green + _BLUE * blue + half) >> 15


def _deep_pixels(pixels, transparent, channels: int) -> np.ndarray:
    """16 bits a channel, in so many channels."""
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


def _of_jpeg(data: bytes, channels: int, **options: Any) -> np.ndarray:
    if channels not in (0, 1, 3):
        raise invalid(f"channels must be 0, 1, or 3 for JPEG, got {channels}")
    try:
        return decode_jpeg_file(data, channels, **options)
    except (OSError, ValueError, SyntaxError) as error:
        raise invalid(
            f"jpeg::Uncompress failed. Invalid JPEG data or crop window, data size {len(data)}: "
            f"{error}"
        ) from error


def _one_image(
    contents, channels: int, dtype: Any = np.uint8, op_type: str = "DecodePng"
) -> np.ndarray:
    kind, frames = _frames(contents, op_type)
    if len(frames) > 1:
        raise invalid(f"Got {len(frames)} frames, but animated gifs can only be decoded by "
                       "tf.io.decode_gif or tf.io.decode_image")  # fmt: skip
    if channels not in (0, 1, 3, 4):
        raise invalid(f"channels must be 0, 1, 3, or 4, got {channels}")
    if kind == "GIF":
        if channels not in (0, 3):
            raise invalid(f"channels must be 0 or 3 for GIF, got {channels}")
        channels = 3
    return _pixels(frames[0], channels, dtype, kind)


@op(
    "DecodeJpeg",
    "string -> image: uint8",
    shape=_decoded_shape,
    effect="host",
    differs=_RARE_JPEG,
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
    return jpeg_pixels(
        contents, channels, ratio, fancy_upscaling, dct_method, try_recover_truncated
    )


def jpeg_pixels(
    contents: Any, channels: int, ratio: int, is_fancy: bool, dct_method: str, recovers: bool
) -> np.ndarray:
    """The pixels of a file; the options are of JPEG files.

    Raises
    ------
    InvalidArgumentError
        If the ratio is no small power of 2, there is no such method, or the file is damaged.
    """
    if ratio not in (1, 2, 4, 8):
        raise invalid(f"ratio must be 1, 2, 4, or 8, got {ratio}")
    if dct_method not in ("", "INTEGER_FAST", ACCURATE):
        raise invalid(f"dct_method must be one of '', INTEGER_FAST, {ACCURATE}, got {dct_method}")
    kind, frames = _frames(contents, "DecodeJpeg")
    if kind != "JPEG":
        return _one_image(contents, channels)
    return _of_jpeg(
        frames[0],
        channels,
        ratio=ratio,
        is_fancy=is_fancy,
        is_fast=dct_method != ACCURATE,
        recovers=recovers,
    )


@op(
    "DecodePng",
    "string -> image: dtype",
    shape=_decoded_shape,
    effect="host",
    dtype={dtypes.uint8, dtypes.uint16},
)
def _decode_png(contents, *, channels: int = 0, dtype: DType = dtypes.uint8):
    return _one_image(contents, channels, dtype.numpy_dtype)


@op("DecodeBmp", "string -> image: uint8", shape=_decoded_shape, effect="host")
def _decode_bmp(contents, *, channels: int = 0):
    bits = int.from_bytes(np.asarray(contents).item()[28:30], "little")
    if channels and channels != bits // 8:
        raise invalid(
            f"channels attribute {channels} does not match bits per pixel from file {bits // 8}"
        )
    return _one_image(contents, channels, op_type="DecodeBmp")


def _gif_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 0)
    return [(None, None, None, 3)]


@op("DecodeGif", "string -> image: uint8", shape=_gif_shape, effect="host")
def _decode_gif(contents):
    kind, frames = _frames(contents, "DecodeGif")
    return np.stack([_pixels(frame, 3, np.uint8, kind) for frame in frames])


def _any_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 0)
    if op.attrs["expand_animations"]:
        return [None]
    return [(None, None, _channels(op))]


@op("DecodeImage", "string -> image: dtype", shape=_any_shape, effect="host")
def _decode_image(
    contents, *, channels: int = 0, dtype: DType = dtypes.uint8, expand_animations: bool = True
):
    kind, frames = _frames(contents)
    if (kind == "GIF" and channels in (1, 4)) or (kind == "BMP" and channels == 1):
        takes = "0 or 3" if kind == "GIF" else "0, 3 or 4"
        raise invalid(f"channels must be {takes} for {kind}, got {channels}")
    is_deep = dtype == dtypes.uint16 or (kind == "PNG" and dtype == dtypes.float32)
    depth = np.dtype(np.uint16 if is_deep else np.uint8)
    if kind == "GIF":
        frames = [_pixels(frame, 3, depth, kind) for frame in frames]
        image = np.stack(frames) if expand_animations else frames[0]
    else:
        image = _pixels(frames[0], channels, depth, kind)
    if dtype == dtypes.float32:
        return (image * np.float32(1 / np.iinfo(depth).max)).astype(np.float32)
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


def _application_block(content: bytes) -> bytes:
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content


def _encoded_jpeg_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 3)
    return [()]


@op(
    "EncodeJpeg",
    "uint8 -> contents: string",
    shape=_encoded_jpeg_shape,
    effect="host",
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

    image = np.asarray(image)
    wanted = {"grayscale": 1, "rgb": 3}.get(format)
    if image.shape[2] not in (1, 3):
        raise invalid(f"image must have 1 or 3 channels, got shape {image.shape}")
    if wanted and image.shape[2] != wanted:
        raise invalid(f"format '{format}' expects {wanted} channels, got {image.shape[2]}")
    if not 0 <= quality <= 100:
        raise invalid(f"quality must be in [0,100], got {quality}")
    if density_unit not in ("in", "cm"):
        raise invalid(f"density_unit must be 'in' or 'cm', got {density_unit}")
    file = io.BytesIO()
    _as_image(image).save(
        file,
        "JPEG",
        quality=quality,
        progressive=progressive,
        optimize=optimize_size,
        subsampling=2 if chroma_downsampling and image.shape[2] == 3 else 0,
        dpi=(x_density, y_density),
        extra=_application_block(_XMP + xmp_metadata.encode()) if xmp_metadata else b"",
    )
    content = bytearray(file.getvalue())
    content[13] = 1 if density_unit == "in" else 2
    return np.array(bytes(content), object)


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
        1 grey, 3 RGB, 4 with opacity (no JPEG); 0 as in the file.
    ratio : {1, 2, 4, 8}
        Make the image this many times smaller.
    fancy_upscaling : bool
        Interpolate colours that have half the resolution.
    try_recover_truncated : bool
        Take a file that ends too early; what is missing is grey.
    acceptable_fraction : float
        Of no effect, as in TensorFlow.
    dct_method : {"", "INTEGER_FAST", "INTEGER_ACCURATE"}
        The transform; the fast one without.

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
    density_unit : {"in", "cm"}
    x_density, y_density : int
        Pixels for each unit.
    xmp_metadata : str
        Written to the file if not empty.

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
