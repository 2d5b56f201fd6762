"""Image files and boxes."""

import io

import numpy as np
from PIL import Image
from tests.ops.record import Record, integers, uniform

_SLOPE = np.add.outer(np.arange(24) * 5, np.arange(32) * 3)[..., None] + np.array([0, 30, 60])
SMOOTH = _SLOPE.clip(0, 255).astype(np.uint8)
PIXELS = integers(0, 256, 5, 7, 3, dtype=np.uint8)
IMAGES = uniform(0.0, 1.0, 2, 9, 11, 3)

BYTES = {"one_dtype": "files are bytes", "host_only": "reads or writes a file"}
CROPS = {
    "one_dtype": "the gradient takes float32 only",
    "no_differences": "it gives float32",
    "tf_lacks_second": "CropAndResizeGradImage has no gradient",
}


def _file(kind, pixels, **options):
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    image.save(file, kind, **options)
    return np.array(file.getvalue(), object)


JPEG, PNG, BMP, GIF = (_file(kind, SMOOTH) for kind in ("JPEG", "PNG", "BMP", "GIF"))
GRAY = _file("PNG", SMOOTH[..., 0])
DEEP = _file("PNG", SMOOTH[..., 0].astype(np.uint16) * 250)


def _decode(op_type, function, file, name="", atol=None, **options):
    def call(tf, contents):
        return tf.cast(getattr(tf.image, function)(contents, **options), tf.float32)

    return Record(op_type, call, [file], name=name, atol=atol, **BYTES)


def _boxes(*shape):
    return uniform(-0.2, 1.2, *shape, 4)


def _sampled(name, boxes, **options):
    def call(tf, size):
        return list(tf.image.sample_distorted_bounding_box(size, boxes, seed=3, seed2=5, **options))

    return Record(
        "SampleDistortedBoundingBoxV2",
        call,
        [np.array([40, 60, 3], np.int32)],
        name=name,
        one_dtype="the size of an image is int32",
    )


BOX = [[[0.1, 0.2, 0.8, 0.9], [0.5, 0.5, 0.6, 0.7]]]
RECORDS = [
    _decode("DecodePng", "decode_png", PNG),
    _decode("DecodePng", "decode_png", PNG, "gray", atol=1.5, channels=1),
    _decode("DecodePng", "decode_png", PNG, "alpha", channels=4),
    _decode("DecodePng", "decode_png", GRAY, "of_gray"),
    _decode("DecodePng", "decode_png", GRAY, "rgb_of_gray", channels=3),
    _decode("DecodePng", "decode_png", DEEP, "deep", dtype="uint16"),
    _decode("DecodeJpeg", "decode_jpeg", JPEG, atol=5.5),
    _decode("DecodeJpeg", "decode_jpeg", JPEG, "gray", atol=5.5, channels=1),
    _decode("DecodeBmp", "decode_bmp", BMP),
    _decode("DecodeGif", "decode_gif", GIF),
    _decode("DecodeImage", "decode_image", PNG),
    _decode("DecodeImage", "decode_image", PNG, "float", dtype="float32"),
    _decode("DecodeImage", "decode_image", GIF, "gif"),
    _decode("DecodeImage", "decode_image", BMP, "bmp", channels=3),
    Record("EncodePng", lambda tf, x: tf.image.decode_png(tf.image.encode_png(x)), [PIXELS],
           **BYTES),
    Record("EncodeJpeg",
           lambda tf, x: tf.cast(tf.image.decode_jpeg(tf.image.encode_jpeg(x)), tf.float32),
           [SMOOTH], atol=6.0, **BYTES),
    Record("DecodeJpeg", lambda tf, x: tf.image.decode_jpeg(x), [np.array(b"hello", object)],
           name="no_image", raises=("InvalidArgumentError", "Unknown image file format")),
    Record("DecodePng", lambda tf, x: tf.image.decode_png(x), [np.array(b"", object)],
           name="empty", raises=("InvalidArgumentError", "Input is empty")),
    Record("DecodePng", lambda tf, x: tf.image.decode_png(x), [np.array(PNG.item()[:90], object)],
           name="damaged", raises=("InvalidArgumentError", "Invalid PNG data, size 90")),
    Record("DecodeJpeg", lambda tf, x: tf.image.decode_jpeg(x),
           [np.array(JPEG.item()[:400], object)], name="damaged",
           raises=("InvalidArgumentError", "jpeg::Uncompress failed. Invalid JPEG data or crop")),
    Record("EncodePng", lambda tf, x: tf.image.encode_png(x), [np.zeros((2, 3), np.uint8)],
           name="rank", raises=(ValueError, "Shape must be at least rank 3 but is rank 2")),
    Record("EncodePng", lambda tf, x: tf.image.encode_png(x), [np.zeros((2, 3, 5), np.uint8)],
           name="channels", raises=("InvalidArgumentError", "image must have 1, 2, 3, or 4 ch")),
    # ---- boxes
    Record("CropAndResize", lambda tf, x, b, i: tf.image.crop_and_resize(x, b, i, [4, 5]),
           [IMAGES, _boxes(6), integers(0, 2, 6)], rtol=1e-4, atol=1e-4, **CROPS),
    Record("CropAndResize",
           lambda tf, x, b, i: tf.image.crop_and_resize(x, b, i, [1, 5], "nearest", 7.0),
           [IMAGES, _boxes(6), integers(0, 2, 6)], name="nearest",
           grad_inputs=(0,), **CROPS),
    Record("CropAndResize",
           lambda tf, x, b: tf.image.crop_and_resize(x, b, box_indices=[0, 2], crop_size=[4, 5]),
           [IMAGES, _boxes(2)], name="outside",
           raises=("OutOfRangeError", r"box_index has values outside \[0, batch_size\)")),
    _sampled("one", BOX),
    _sampled("wide", BOX, aspect_ratio_range=(1.5, 2.5), area_range=(0.2, 0.6),
             min_object_covered=0.5),
    _sampled("none", np.zeros((1, 0, 4), np.float32), use_image_if_no_bounding_boxes=True),
    Record("DrawBoundingBoxesV2", lambda tf, x, b: tf.image.draw_bounding_boxes(x, b),
           [IMAGES, _boxes(2, 5)], one_dtype="images of floats", host_only="draws with NumPy",
           names_differ="TensorFlow 1.15 has DrawBoundingBoxes, which has no colours",
           tf_lacks_gradient="nobody wrote one"),
    Record("NonMaxSuppressionV3",
           lambda tf, b, s: tf.image.non_max_suppression(b, s, 8, 0.2, 0.1),
           [uniform(0.0, 1.0, 30, 4), uniform(0.0, 1.0, 30)],
           one_dtype="boxes are floats", names_differ="the thresholds stand in the op's scope"),
]  # fmt: skip
