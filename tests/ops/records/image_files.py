"""Image files and boxes."""

import io

import numpy as np
from PIL import Image
from tests.ops.record import Record, integers, uniform

from graphmode.ops.image.png import encode_png

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
CLEAR_BMP = _file("BMP", np.random.default_rng(2).integers(0, 256, (5, 3, 4)).astype(np.uint8))
GRAY = _file("PNG", SMOOTH[..., 0])
DEEP_COLOR = np.array(encode_png((SMOOTH.astype(np.uint16) * 251)[::-1] + 7), object)
LIKE = {"one_dtype": "images", "names_differ": "fewer checks of shapes that are known",
        "no_second": "many operations, which have their own records",
        "rtol": 1e-4, "atol": 1e-4}  # fmt: skip
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


CROWD = uniform(0.0, 1.0, 30, 4)
BOX = [[[0.1, 0.2, 0.8, 0.9], [0.5, 0.5, 0.6, 0.7]]]
RECORDS = [
    _decode("DecodePng", "decode_png", PNG),
    _decode("DecodePng", "decode_png", PNG, "gray", atol=1.5, channels=1),
    _decode("DecodePng", "decode_png", PNG, "alpha", channels=4),
    _decode("DecodePng", "decode_png", GRAY, "of_gray"),
    _decode("DecodePng", "decode_png", GRAY, "rgb_of_gray", channels=3),
    _decode("DecodePng", "decode_png", DEEP, "deep", dtype="uint16"),
    _decode("DecodeJpeg", "decode_jpeg", JPEG, atol=0.0),
    _decode("DecodeJpeg", "decode_jpeg", JPEG, "gray", atol=0.0, channels=1),
    _decode("DecodeBmp", "decode_bmp", BMP),
    _decode("DecodeBmp", "decode_bmp", CLEAR_BMP, "alpha"),
    _decode("DecodeBmp", "decode_bmp", CLEAR_BMP, "four", channels=4),
    _decode("DecodeGif", "decode_gif", GIF),
    _decode("DecodeImage", "decode_image", PNG),
    _decode("DecodeImage", "decode_image", PNG, "float", dtype="float32"),
    _decode("DecodeImage", "decode_image", GIF, "gif"),
    _decode("DecodeImage", "decode_image", BMP, "bmp", channels=3),
    *(
        Record("DecodeImage", lambda tf, x: tf.image.decode_image(x, channels=1), [file],
               name=f"one of {kind}", raises=("InvalidArgumentError", f"channels.*be.*{kind}"))
        for kind, file in (("GIF", GIF), ("BMP", BMP))
    ),
    Record("EncodePng", lambda tf, x: tf.image.decode_png(tf.image.encode_png(x)), [PIXELS],
           **BYTES),
    Record("EncodeJpeg",
           lambda tf, x: tf.cast(tf.image.decode_jpeg(tf.image.encode_jpeg(x)), tf.float32),
           [SMOOTH], atol=0.0, **BYTES),
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
           one_dtype="boxes are floats"),
    Record("NonMaxSuppressionV4",
           lambda tf, b, s: list(tf.raw_ops.NonMaxSuppressionV4(
               boxes=b, scores=s, max_output_size=12, iou_threshold=0.2, score_threshold=0.4,
               pad_to_max_output_size=True)),
           [CROWD, uniform(0.0, 1.0, 30)], one_dtype="boxes are floats"),
    Record("NonMaxSuppressionV4",
           lambda tf, b, s: list(tf.image.non_max_suppression_padded(
               b, s, 40, 0.5, pad_to_max_output_size=True)),
           [CROWD.then(np.sort), uniform(0.0, 1.0, 30)], name="padded",
           one_dtype="boxes are floats",
           names_differ="2.21 computes it by a loop of a function, TensorFlow 1.15 as here"),
    *(Record("NonMaxSuppressionV5",
             lambda tf, b, s, sigma=sigma, least=least: list(
                 tf.image.non_max_suppression_with_scores(b, s, 25, 0.7, least, sigma)),
             [CROWD, uniform(0.0, 1.0, 30)], name=name, one_dtype="boxes are floats",
             tf_lacks_gradient="nobody wrote one")
      for name, sigma, least in (("hard", 0.0, 0.2), ("soft", 0.5, 0.05), ("softer", 0.1, 0.3))),
    Record("NonMaxSuppressionV5",
           lambda tf, b, s: list(tf.image.non_max_suppression_with_scores(b, s, 5, 0.7, 0.1, -1.0)),
           [CROWD, uniform(0.0, 1.0, 30)], name="sigma",
           raises=("InvalidArgumentError", "soft_nms_sigma_val must be >= 0")),
    Record("NonMaxSuppressionWithOverlaps",
           lambda tf, o, s: tf.image.non_max_suppression_overlaps(o, s, 8, 0.8, 0.1),
           [uniform(0.0, 1.0, 20, 20), uniform(0.0, 1.0, 20)], one_dtype="overlaps are floats"),
    Record("NonMaxSuppressionWithOverlaps",
           lambda tf, o, s: tf.image.non_max_suppression_overlaps(o, s, 8),
           [uniform(0.0, 1.0, 5, 4), uniform(0.0, 1.0, 5)], name="square",
           raises=(ValueError, "Dimensions must be equal, but are 5 and 4")),
    *(Record("CombinedNonMaxSuppression",
             lambda tf, b, s, options=options: list(
                 tf.image.combined_non_max_suppression(b, s, 4, 9, 0.3, 0.2, **options)),
             [uniform(-0.2, 1.2, 2, 30, n_boxes, 4), uniform(0.0, 1.0, 2, 30, 3)],
             name=name, host_only="chooses with NumPy", tf_lacks_gradient="nobody wrote one",
             names_differ="2.21 makes tensors of the sizes before, TensorFlow 1.15 as here")
      for name, n_boxes, options in (
          ("one for all", 1, {}), ("of each", 3, {"clip_boxes": False}),
          ("padded", 3, {"pad_per_class": True}))),
    Record("CombinedNonMaxSuppression",
           lambda tf, b, s: list(tf.image.combined_non_max_suppression(b, s, 4, 9)),
           [uniform(0.0, 1.0, 2, 30, 2, 4), uniform(0.0, 1.0, 2, 30, 3)], name="classes",
           raises=(ValueError, "third dimension of boxes must be either 1 or")),
    # ---- glimpses
    *(Record("ExtractGlimpse",
             lambda tf, x, o, options=options: tf.image.extract_glimpse(x, [3, 4], o, **options),
             [IMAGES, offsets], name=name, one_dtype="images are float32",
             tf_lacks_gradient="nobody wrote one")
      for name, offsets, options in (
          ("", uniform(-0.5, 0.5, 2, 2), {}),
          ("corner", uniform(0.3, 0.7, 2, 2), {"centered": False}),
          ("pixels", uniform(-4.0, 4.0, 2, 2), {"normalized": False}),
          ("pixels from the corner", uniform(3.0, 5.0, 2, 2),
           {"normalized": False, "centered": False}))),
    Record("ExtractGlimpse",
           lambda tf, x, o: tf.raw_ops.ExtractGlimpse(
               input=x, size=[13, 4], offsets=o, uniform_noise=False, noise="zero"),
           [IMAGES, uniform(-2.0, 2.0, 2, 2)], name="outside", one_dtype="images are float32",
           tf_lacks_gradient="nobody wrote one"),
    Record("ExtractGlimpse",
           lambda tf, x, o: tf.image.extract_glimpse(x, [3, 4], o),
           [IMAGES, uniform(-1.0, 1.0, 3, 2)], name="batch",
           raises=(ValueError, "Dimensions must be equal, but are 2 and 3")),
    _decode("DecodePng", "decode_png", DEEP_COLOR, "deep colour", dtype="uint16"),
    _decode("DecodePng", "decode_png", DEEP_COLOR, "deep colour in 8 bits"),
    _decode("DecodePng", "decode_png", DEEP_COLOR, "deep grey", channels=1, dtype="uint16"),
    _decode("DecodeImage", "decode_image", DEEP_COLOR, "deep", dtype="uint16", channels=4),
    # ---- JPEG files
    Record("Equal", lambda tf, c: [tf.image.is_jpeg(c), tf.io.is_jpeg("ab")], [JPEG],
           name="is_jpeg", **BYTES),
    Record("ExtractJpegShape", lambda tf, c: tf.image.extract_jpeg_shape(c), [JPEG], **BYTES),
    Record("ExtractJpegShape", lambda tf, c: tf.io.extract_jpeg_shape(c, tf.int64), [JPEG],
           name="int64", **BYTES),
    Record("ExtractJpegShape", lambda tf, c: tf.image.extract_jpeg_shape(c), [PNG], name="none",
           raises=("InvalidArgumentError", "Invalid JPEG data, size")),
    Record("DecodeAndCropJpeg", lambda tf, c, w: tf.cast(
               tf.image.decode_and_crop_jpeg(c, w, channels=3), tf.float32),
           [JPEG, np.array([3, 5, 7, 11], np.int32)], atol=5.5, **BYTES),  # colours at its edges
    Record("DecodeAndCropJpeg", lambda tf, c: tf.image.decode_and_crop_jpeg(c, [3, 5, 7, 99]),
           [JPEG], name="outside",
           raises=("InvalidArgumentError", "Invalid JPEG data|crop window")),
    # ---- colours, edges, likeness
    *(Record("MatMul", lambda tf, x, name=name: getattr(tf.image, name)(x), [IMAGES], name=name,
             one_dtype="images of floats", rtol=1e-4, atol=1e-5)
      for name in ("rgb_to_yiq", "yiq_to_rgb", "rgb_to_yuv", "yuv_to_rgb")),
    Record("DepthwiseConv2dNative", lambda tf, x: tf.image.sobel_edges(x), [IMAGES],
           name="sobel_edges", one_dtype="images of floats", rtol=1e-4, atol=1e-5,
           names_differ="the filters are one constant"),
    Record("ConcatV2", lambda tf, x: tf.image.image_gradients(x), [IMAGES], name="image_gradients",
           one_dtype="images of floats", names_differ="zeros like a row, not of a stacked shape"),
    Record("ConcatV2", lambda tf, x: tf.image.image_gradients(x), [IMAGES.then(lambda x: x[0])],
           name="image_gradients rank", raises=(ValueError, "image_gradients expects a 4D tensor")),
    Record("SquaredDifference", lambda tf, x, y: tf.image.psnr(x, y, 1.0),
           [IMAGES, uniform(0.0, 1.0, 2, 9, 11, 3)], name="psnr", **LIKE),
    Record("SquaredDifference", lambda tf, x, y: tf.image.psnr(x, y, 255),
           [PIXELS, integers(0, 256, 4, 5, 7, 3, dtype=np.uint8)], name="psnr of bytes", **LIKE),
    Record("DepthwiseConv2dNative", lambda tf, x, y: tf.image.ssim(x, y, 1.0, filter_size=5),
           [IMAGES, uniform(0.0, 1.0, 2, 9, 11, 3)], name="ssim", **LIKE),
    Record("DepthwiseConv2dNative",
           lambda tf, x, y: tf.image.ssim_multiscale(
               x, 0.8 * x + 0.2 * y, 1.0, (0.3, 0.3, 0.4), filter_size=4),
           [uniform(0.0, 1.0, 2, 18, 23, 1), uniform(0.0, 1.0, 2, 18, 23, 1)], name="multiscale",
           **LIKE),
    Record("Mean", lambda tf, x, y: tf.image.psnr(x, y, 1.0), [IMAGES, uniform(0, 1, 2, 9, 12, 3)],
           name="psnr shapes", raises=(ValueError, "compatible|Dimensions must be equal")),
    *(Record("ResizeBilinear", lambda tf, x, h=h, w=w: tf.image.resize_image_with_pad(x, h, w),
             [IMAGES.then(lambda x: x[0])], name=f"with_pad {h} {w}", one_dtype="images of floats",
             rtol=1e-4, atol=1e-5,
             names_differ="both lengths at once")
      for h, w in [(20, 7), (5, 30), (18, 22)]),
]  # fmt: skip
