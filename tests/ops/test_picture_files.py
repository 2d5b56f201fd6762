"""Files of pictures beside TensorFlow's own decoders and encoder, bit for bit."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

import graphmode as gm

rng = np.random.default_rng(7)


def waves(height, width):
    """A picture with edges and noise."""
    y, x = np.mgrid[:height, :width]
    red, green = 128 + 100 * np.sin(x / 7 + y / 11), 128 + 90 * np.cos(x / 5 - y / 9)
    noise = rng.integers(-30, 30, (height, width, 3))
    smooth = np.stack([red, green, (3 * x + 5 * y) % 256], -1)
    return np.clip(smooth + noise, 0, 255).astype(np.uint8)


def saved(image, kind, **options):
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(
        file, kind, **options
    )
    return file.getvalue()


RGB, RGBA = waves(7, 9), rng.integers(0, 256, (7, 9, 4)).astype(np.uint8)


def jpegs():
    kinds = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
    files = {
        f"{name} {height}x{width}": saved(
            waves(height, width), "JPEG", subsampling=kind, quality=90
        )
        for name, kind in kinds.items()
        for height, width in ((37, 53), (32, 16), (9, 10))
    }
    files["progressive"] = saved(waves(50, 41), "JPEG", progressive=True, quality=60)
    files["grey"] = saved(waves(37, 53)[..., 0], "JPEG")
    files["inks"] = saved(Image.fromarray(waves(30, 20)).convert("CMYK"), "JPEG")
    return files


def png(rows, color, depth, extra=b""):
    """A PNG file of packed rows."""

    def chunk(kind, content):
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    width = rows.shape[1] * 8 // depth if depth < 8 else rows.shape[1]
    header = struct.pack(">IIBBBBB", width, len(rows), depth, color, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    extra = chunk(b"tRNS", extra) if extra else b""
    chunks = chunk(b"IHDR", header), extra, chunk(b"IDAT", content), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def pngs():
    packed = rng.integers(0, 256, (5, 3)).astype(np.uint8)
    palette = Image.fromarray(RGB).quantize(16)
    return {
        "rgb": saved(RGB, "PNG"),
        "rgba": saved(RGBA, "PNG"),
        "grey with alpha": saved(np.ascontiguousarray(RGBA[..., :2]), "PNG"),
        "one bit": png(packed, 0, 1),
        "two bits, one transparent": png(packed, 0, 2, b"\0\2"),
        "four bits": png(packed, 0, 4),
        "palette": saved(palette, "PNG"),
        "palette with alpha": saved(palette, "PNG", transparency=bytes(range(10, 170, 10))),
        "a transparent colour": saved(RGB, "PNG", transparency=tuple(map(int, RGB[2, 3]))),
        "a transparent grey": saved(RGB[..., 0], "PNG", transparency=int(RGB[1, 1, 0])),
    }


def bmps():
    return {
        "24 bits": saved(RGB, "BMP"),
        "32 bits": saved(RGBA, "BMP"),
        "8 bits": saved(RGB[..., 0], "BMP"),
        "palette": saved(Image.fromarray(RGB).quantize(20), "BMP"),
    }


def gif(*frames, canvas=(8, 6)):
    """A GIF file of frames: place, size, disposal, transparent index, whether it has a palette."""
    file = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x82, 3, 0) + rng.bytes(24)
    for left, top, width, height, disposal, transparent, has_palette in frames:
        flags = disposal << 2 | (transparent is not None)
        file += struct.pack("<HBBHBB", 0xF921, 4, flags, 0, transparent or 0, 0)
        file += struct.pack("<BHHHHB", 0x2C, left, top, width, height, 0x82 * has_palette)
        file += rng.bytes(24) if has_palette else b""
        pixels = Image.fromarray(rng.integers(0, 8, (height, width)).astype(np.uint8), "P")
        pixels.putpalette(bytes(24))
        alone = saved(pixels, "GIF", optimize=False, interlace=0)
        start = alone.index(b"\x2c\0\0\0\0" + struct.pack("<HH", width, height))
        flags = alone[start + 9]
        file += alone[start + 10 + (3 << (flags & 7) + 1 if flags & 128 else 0) : -1]
    return file + b";"


def gifs():
    moving = []
    for i in range(4):
        frame = Image.new("P", (10, 8), 0)
        frame.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0])
        ImageDraw.Draw(frame).rectangle((i, i, i + 3, i + 2), fill=1 + i % 4)
        moving.append(frame)
    files = {
        f"disposal {n}": saved(
            moving[0], "GIF", save_all=True, append_images=moving[1:], disposal=n, transparency=0
        )
        for n in range(4)
    }
    for n in range(4):
        files[f"parts {n}"] = gif(
            (0, 0, 8, 6, n, None, False), (2, 1, 4, 3, n, None, True), (1, 2, 3, 3, n, 1, False),
            (0, 0, 2, 2, n, 2, True),
        )  # fmt: skip
    files["first smaller"] = gif((2, 1, 4, 3, 0, None, False), (0, 0, 8, 6, 0, 1, False))
    files["first transparent"] = gif((0, 0, 8, 6, 0, 2, False), (1, 1, 3, 3, 2, 2, False))
    files["interlaced"] = saved(Image.fromarray(waves(13, 9)).quantize(30), "GIF", interlace=1)
    return files


def both(oracle, make, files):
    """What TensorFlow and graphmode give for each file."""
    answers = []
    for tf in (oracle, gm):
        with tf.Graph().as_default(), tf.Session() as session:
            content = tf.placeholder(tf.string, [])
            result = make(tf, content)
            answers.append({name: session.run(result, {content: files[name]}) for name in files})
    return answers


def assert_equal(oracle, make, files):
    expected, found = both(oracle, make, files)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name, strict=True)


@pytest.mark.parametrize("ratio", [1, 2, 4, 8])
@pytest.mark.parametrize(
    "options",
    [{}, {"dct_method": "INTEGER_ACCURATE"}, {"fancy_upscaling": False}, {"channels": 3}],
    ids=str,
)
def test_jpeg(oracle, ratio, options):
    assert_equal(oracle, lambda tf, c: tf.image.decode_jpeg(c, ratio=ratio, **options), jpegs())


def test_jpeg_in_grey_or_other_scales(oracle):
    files = jpegs()
    assert_equal(oracle, lambda tf, c: tf.image.decode_image(c, dtype=tf.uint16), files)
    assert_equal(oracle, lambda tf, c: tf.image.decode_image(c, dtype=tf.float32), files)
    del files["inks"]
    assert_equal(oracle, lambda tf, c: tf.image.decode_jpeg(c, channels=1), files)


@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_png(oracle, channels):
    files = pngs()
    for dtype in ("uint8", "uint16"):
        assert_equal(oracle, lambda tf, c, d=dtype: tf.image.decode_png(c, channels, d), files)
    assert_equal(oracle, lambda tf, c: tf.image.decode_image(c, channels, tf.float32), files)


def test_bmp(oracle):
    assert_equal(oracle, lambda tf, c: tf.image.decode_bmp(c), bmps())
    for dtype in ("uint16", "float32"):
        assert_equal(oracle, lambda tf, c, d=dtype: tf.image.decode_image(c, dtype=d), bmps())


def test_a_bmp_that_is_not_upside_down():
    content = bytearray(saved(RGB, "BMP"))
    content[22:26] = struct.pack("<i", -len(RGB))
    with gm.Session() as session:
        assert np.array_equal(session.run(gm.image.decode_bmp(bytes(content))), RGB[::-1])


def test_gif(oracle):
    files = gifs()
    assert_equal(oracle, lambda tf, c: tf.image.decode_gif(c), files)
    assert_equal(oracle, lambda tf, c: tf.image.decode_image(c, dtype=tf.uint16), files)
    first = {name: files[name] for name in ("parts 2", "first smaller")}
    make = lambda tf, c: tf.image.decode_image(c, expand_animations=False)  # noqa: E731
    assert_equal(oracle, make, first)


def test_a_frame_beyond_the_canvas_is_cut():
    file = gif((0, 0, 8, 6, 0, None, False), (5, 4, 6, 5, 0, None, False))
    with gm.Session() as session:
        frames = session.run(gm.image.decode_gif(file))
    assert frames.shape == (2, 6, 8, 3)
    assert np.array_equal(frames[0, :4], frames[1, :4])


@pytest.mark.parametrize(
    "options",
    [
        {}, {"quality": 40, "progressive": True}, {"optimize_size": True, "format": "rgb"},
        {"chroma_downsampling": False, "quality": 100}, {"xmp_metadata": "<x/>"},
        {"density_unit": "cm", "x_density": 7, "y_density": 9},
    ],
    ids=str,
)  # fmt: skip
def test_encoded_jpeg(oracle, options):
    pictures = [waves(37, 53), *([] if "format" in options else [waves(8, 11)[..., :1]])]
    files = []
    for tf in (oracle, gm):
        with tf.Graph().as_default(), tf.Session() as session:
            made = [tf.image.encode_jpeg(picture, **options) for picture in pictures]
            files.append(session.run(made))
    assert files[0] == files[1]


def test_a_jpeg_that_ends_too_early(mode):
    whole = waves(64, 48)
    content = saved(whole, "JPEG", quality=90)
    with gm.Session(mode=mode) as session:
        expected = session.run(gm.image.decode_jpeg(content))
        cut = content[: len(content) // 2]
        with pytest.raises(gm.errors.InvalidArgumentError, match="truncated"):
            session.run(gm.image.decode_jpeg(cut))
        found = session.run(gm.image.decode_jpeg(cut, try_recover_truncated=True))
    assert found.shape == expected.shape
    assert np.array_equal(found[:8], expected[:8])
    assert not np.array_equal(found[-16:], expected[-16:])


def test_wrong_bytes_name_the_op_and_its_input(mode):
    image = gm.image
    content = {
        "text": b"hello world", "bmp": bmps()["24 bits"], "png": pngs()["rgb"],
        "gif": gifs()["parts 1"], "jpeg": jpegs()["grey"],
    }  # fmt: skip
    mistakes = (
        (image.decode_jpeg, "text", {}, r"BMP required. It starts with b'hello world'"),
        (image.decode_jpeg, "bmp", {}, "`decode_bmp` or `decode_image` instead. Op used: DecodeJ"),
        (image.decode_png, "gif", {}, "Got 4 frames, but animated gifs can only be decoded by"),
        (image.decode_bmp, "png", {}, "Trying to decode PNG format using DecodeBmp op. Use `dec"),
        (image.decode_jpeg, "jpeg", {"channels": 4}, "channels must be 0, 1, or 3 for JPEG, got 4"),
        (image.decode_png, "png", {"channels": 2}, "channels must be 0, 1, 3, or 4, got 2"),
        (image.decode_jpeg, "jpeg", {"dct_method": "SLOW"}, "dct_method must be one of"),
        (image.decode_jpeg, "jpeg", {"ratio": 3}, "ratio must be 1, 2, 4, or 8, got 3"),
    )  # fmt: skip
    for decode, name, options, text in mistakes:
        given = gm.placeholder(gm.string, [], name="given")
        made = decode(given, **options)
        with gm.Session(mode=mode) as session:
            with pytest.raises(gm.errors.InvalidArgumentError, match=text) as caught:
                session.run(made, {given: content[name]})
            assert f"'{made.op.name}'" in str(caught.value)
            assert f"contents  '{given.name}'" in str(caught.value)
    for name, cut in (("bmp", 40), ("bmp", 100), ("gif", 60), ("gif", 12), ("png", 60)):
        with gm.Session(mode=mode) as session:
            decode = getattr(image, f"decode_{name}")
            with pytest.raises(
                gm.errors.InvalidArgumentError, match=f"Invalid {name.upper()} data"
            ):
                session.run(decode(content[name][:cut]))
