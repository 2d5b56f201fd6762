"""Images: sizes, geometry, colours."""

import numpy as np
from tests.ops.record import EXCUSES, Record, distinct, integers, normal, uniform

IMAGES = normal(2, 5, 7, 3)
COLORS = uniform(0.0, 1.0, 2, 4, 5, 3)
PIXELS = integers(0, 256, 4, 5, 3, dtype=np.uint8)
RESIZED = ("int32", "uint8", "float16", "bfloat16", "float32", "float64", "bool", "string")

CHECKED = "TensorFlow passes the image on through an Identity, after its checks"
KNOWN = "lengths that are known need no check at run time"
CHOSEN = "a Select of both images in place of a cond"
CLIPPED = "bytes need no clipping to a wider type"
SINGLE = "it computes in float32"
LACKS_COLOUR = {"tf_lacks_gradient": "nobody wrote one", "no_differences": SINGLE}
LACKS = {
    "resize_area": {"tf_lacks_gradient": "nobody wrote one"},
    "resize_bicubic": {"tf_lacks_second": "ResizeBicubicGrad has no gradient"},
}


def _resize(op_type, function, size, name="", image=IMAGES, dtypes=None, **options):
    return Record(
        op_type,
        lambda tf, x: getattr(tf.image, function)(x, size, **options),
        [image],
        name=name,
        dtypes=dtypes,
        atol=1e-5,
        **LACKS.get(function, {}),
    )


def _both(op_type, function, **options):
    yield _resize(op_type, function, (9, 4), dtypes=RESIZED, **options)
    yield _resize(op_type, function, (3, 13), "align", align_corners=True)
    yield _resize(op_type, function, (1, 6), "align_one", align_corners=True)
    if function != "resize_area":
        yield _resize(op_type, function, (9, 4), "half_pixel", half_pixel_centers=True)


def _grad_of(op_type, function, **options):
    def call(tf, x, dy):
        return tf.gradients(getattr(tf.image, function)(x, (4, 9)), x, dy)[0]

    return Record(op_type, call, [IMAGES, normal(2, 4, 9, 3)],
                  names_differ="TensorFlow passes grad_ys through an Identity",
                  one_dtype="gradients of images are floats", **options)  # fmt: skip


def _image(op_type, function, *arguments, image=None, name="", **options):
    known = {"atol", "rtol", *EXCUSES}
    fields = {key: options.pop(key) for key in known & options.keys()}
    return Record(
        op_type,
        lambda tf, x: getattr(tf.image, function)(x, *arguments, **options),
        [COLORS if image is None else image],
        name=f"{function}{name}",
        one_dtype="images of floats and of bytes have records of their own",
        **fields,
    )


RECORDS = [
    *_both("ResizeBilinear", "resize_bilinear"),
    *_both("ResizeNearestNeighbor", "resize_nearest_neighbor"),
    *_both("ResizeBicubic", "resize_bicubic"),
    *_both("ResizeArea", "resize_area"),
    _grad_of("ResizeBilinearGrad", "resize_bilinear",
             tf_lacks_gradient="ResizeBilinearGrad has none"),
    _grad_of("ResizeNearestNeighborGrad", "resize_nearest_neighbor",
             tf_lacks_gradient="ResizeNearestNeighborGrad has none"),
    _grad_of("ResizeBicubicGrad", "resize_bicubic",
             tf_lacks_gradient="ResizeBicubicGrad has none"),
    *[
        Record(f"Resize{kind}", lambda tf, x, m=method: tf.image.resize_images(x, [8, 3], m),
               [normal(5, 7, 3)], name=f"images_{method}", atol=1e-5, **LACKS.get(function, {}))
        for method, (kind, function) in enumerate((
            ("Bilinear", ""), ("NearestNeighbor", ""), ("Bicubic", "resize_bicubic"),
            ("Area", "resize_area"),
        ))
    ],
    _image("Squeeze", "resize_images", [4, 5], image=normal(4, 5, 3), name="_same"),
    _image("ResizeBilinear", "resize_images", [20, 9], preserve_aspect_ratio=True, name="_aspect",
           names_differ="the ratio is computed of fewer casts"),
    Record("ResizeBilinear", lambda tf, x: tf.image.resize_images(x, [0, 3]), [IMAGES],
           name="size", raises=("InvalidArgumentError", "output dimensions must be positive")),
    Record("ResizeBilinear", lambda tf, x: tf.image.resize_images(x, [3]), [IMAGES], name="size_1",
           raises=(ValueError, "'size' must be a 1-D Tensor of 2 elements")),
    Record("ResizeBilinear", lambda tf, x: tf.image.resize_images(x, [3, 2]), [normal(3)],
           name="rank", raises=(ValueError, "must have either 3 or 4 dimensions")),
    # ---- geometry
    _image("ReverseV2", "flip_left_right"),
    _image("ReverseV2", "flip_up_down", image=PIXELS),
    _image("AddV2", "random_flip_left_right", seed=3),
    *[_image("Select", "random_flip_left_right", seed=n, image=PIXELS, name=f"_{n}",
             names_differ=CHOSEN)
      for n in range(4)],
    _image("Select", "random_flip_up_down", seed=1, image=PIXELS, names_differ=CHOSEN),
    _image("Transpose", "transpose_image", image=normal(4, 5, 3)),
    *[_image("ReverseV2", "rot90", k, image=normal(4, 5, 3), name=f"_{k}",
             names_differ="the number of turns is known: no cases to choose from",
             no_gradient="TensorFlow's has the wrong shape",
             shape_differs="the number of turns is known") for k in (1, 2, 3)],
    _image("Slice", "crop_to_bounding_box", 1, 2, 2, 3, image=normal(4, 5, 3), names_differ=KNOWN),
    _image("Slice", "crop_to_bounding_box", 1, 2, 2, 3, image=PIXELS, name="_one",
           names_differ=KNOWN),
    _image("Pad", "pad_to_bounding_box", 1, 2, 7, 9, image=normal(4, 5, 3)),
    _image("Pad", "pad_to_bounding_box", 1, 2, 7, 9, image=PIXELS, name="_one"),
    _image("Pad", "resize_image_with_crop_or_pad", 7, 2, image=normal(4, 5, 3),
           names_differ=KNOWN),
    _image("Pad", "resize_image_with_crop_or_pad", 3, 10, image=PIXELS, name="_one",
           names_differ=KNOWN),
    _image("Slice", "central_crop", 0.5),
    _image("Slice", "central_crop", 0.3, image=PIXELS, name="_one"),
    _image("RealDiv", "per_image_standardization", names_differ=CHECKED,
           no_differences="float64 is computed in float32, as TensorFlow does it"),
    _image("RealDiv", "per_image_standardization", image=np.ones((2, 4, 3), np.float32),
           name="_flat", names_differ=CHECKED, no_gradient="the root of 0 has none"),
    _image("AddV2", "total_variation", image=distinct(2, 4, 5, 3)),
    _image("AddV2", "total_variation", image=distinct(4, 5, 3), name="_one"),
    Record("Slice", lambda tf, x: tf.image.crop_to_bounding_box(x, 1, 3, 2, 4), [COLORS],
           name="outside", raises=(ValueError, "width must be >= target \\+ offset")),
    Record("Slice", lambda tf, x: tf.image.crop_to_bounding_box(
        tf.placeholder_with_default(x, [2, None, None, 3]), 1, 3, 2, 4), [COLORS],
           name="outside_at_run",
           raises=("InvalidArgumentError", "width must be >= target \\+ offset")),
    Record("Pad", lambda tf, x: tf.image.pad_to_bounding_box(x, 1, 3, 2, 9), [COLORS],
           name="too_small", raises=(ValueError, "height must be <= target - offset")),
    Record("Slice", lambda tf, x: tf.image.central_crop(x, 1.5), [COLORS], name="fraction",
           raises=(ValueError, "central_fraction must be within")),
    # ---- colours
    _image("RGBToHSV", "rgb_to_hsv"),
    _image("HSVToRGB", "hsv_to_rgb", tf_lacks_gradient="nobody wrote one"),
    _image("AdjustContrastv2", "adjust_contrast", 1.7, atol=1e-5, **LACKS_COLOUR),
    _image("AdjustContrastv2", "adjust_contrast", 0.6, image=PIXELS, name="_uint8"),
    _image("AdjustHue", "adjust_hue", 0.3, atol=1e-5, **LACKS_COLOUR),
    _image("AdjustSaturation", "adjust_saturation", 1.4, atol=1e-5, **LACKS_COLOUR),
    _image("AddV2", "adjust_brightness", 0.2, no_differences=SINGLE),
    _image("AddV2", "adjust_brightness", -0.3, image=PIXELS, name="_uint8"),
    _image("Pow", "adjust_gamma", 2.2, 1.1, no_differences=SINGLE),
    _image("AddV2", "random_brightness", 0.3, seed=4, no_differences=SINGLE),
    _image("AdjustContrastv2", "random_contrast", 0.3, 1.6, seed=4, atol=1e-5,
           **LACKS_COLOUR),
    _image("AdjustHue", "random_hue", 0.2, seed=4, atol=1e-5, **LACKS_COLOUR),
    _image("AdjustSaturation", "random_saturation", 0.3, 1.6, seed=4, atol=1e-5,
           **LACKS_COLOUR),
    _image("ExpandDims", "rgb_to_grayscale", no_differences=SINGLE),
    _image("ExpandDims", "rgb_to_grayscale", image=PIXELS, name="_uint8"),
    Record("Tile", lambda tf, x: tf.image.grayscale_to_rgb(x), [normal(4, 5, 1)],
           name="grayscale_to_rgb", names_differ=CHECKED),
    Record("Tile", lambda tf, x: tf.image.grayscale_to_rgb(x), [normal(4, 5, 3)],
           name="grayscale_of_rgb",
           raises=(ValueError, "Last dimension of a grayscale image should be size 1.")),
    *[
        Record("Cast", lambda tf, x, to=to: tf.image.convert_image_dtype(x, to, saturate=True),
               [image], name=f"convert_{to}_{i}", one_dtype="these are records of several",
               names_differ=CLIPPED if i == 0 and to.startswith("int") else "")
        for i, image in enumerate((PIXELS, COLORS, integers(0, 2**31 - 1, 3, 4)))
        for to in ("float32", "uint8", "int32", "int16")
        if (i, to) not in ((0, "uint8"), (1, "float32"), (2, "int32"))
    ],
    Record("RGBToHSV", lambda tf, x: tf.image.rgb_to_hsv(x), [normal(3, 4)], name="channels",
           raises=(ValueError, "Dimension must be 3 but is 4")),
    Record("AdjustContrastv2", lambda tf, x: tf.image.random_contrast(x, 2, 1), [COLORS],
           name="range", raises=(ValueError, "upper must be > lower")),
]  # fmt: skip
