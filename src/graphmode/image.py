"""`tf.image`: sizes, geometry, colours, files and boxes of images."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.image.resize":
        "resize_bilinear resize_nearest_neighbor resize_bicubic resize_area",
    "graphmode.ops.image.geometry":
        "ResizeMethod resize_images resize=resize_images resize_image_with_crop_or_pad "
        "resize_with_crop_or_pad=resize_image_with_crop_or_pad crop_to_bounding_box "
        "pad_to_bounding_box central_crop flip_left_right flip_up_down random_flip_left_right "
        "random_flip_up_down transpose_image transpose=transpose_image rot90 "
        "per_image_standardization per_image_whitening=per_image_standardization total_variation",
    "graphmode.ops.image.color":
        "rgb_to_hsv hsv_to_rgb convert_image_dtype rgb_to_grayscale grayscale_to_rgb "
        "adjust_brightness adjust_contrast adjust_hue adjust_saturation adjust_gamma "
        "random_brightness random_contrast random_hue random_saturation",
    "graphmode.ops.image.files":
        "decode_jpeg decode_png decode_bmp decode_gif decode_image encode_png encode_jpeg",
    "graphmode.ops.image.boxes":
        "crop_and_resize sample_distorted_bounding_box draw_bounding_boxes non_max_suppression",
    "graphmode.ops.nn.spatial": "extract_image_patches",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
