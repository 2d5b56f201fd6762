"""Arrays, state, control flow, random numbers, sparse tensors, images."""

# fmt: off
TABLE = {
    "graphmode.ops.array.constants": {
        "ops.array": "const",
        "tf ops.array python.framework.constant_op python.ops.array_ops": "constant",
    },
    "graphmode.ops.array.packing": {
        "ops.array": "pack",
    },
    "graphmode.ops.array.filling": {
        "tf ops.array python.ops.gen_array_ops": "fill zeros_like ones_like",
        "tf ops.array python.ops.array_ops": "zeros ones",
    },
    "graphmode.ops.array.identities": {
        "tf ops.array python.ops.gen_array_ops":
            "identity identity_n stop_gradient guarantee_const ensure_shape",
        "ops.array": "prevent_gradient",
    },
    "graphmode.ops.array.placeholders": {
        "tf ops.array python.ops.gen_array_ops": "placeholder placeholder_with_default",
    },
    "graphmode.ops.array.masking": {
        "tf ops.array python.ops.array_ops": "boolean_mask repeat",
    },
    "graphmode.ops.array.scattering": {
        "tf ops.array python.ops.gen_array_ops":
            "tensor_scatter_update tensor_scatter_add tensor_scatter_sub",
        "tf manip ops.array python.ops.gen_array_ops": "scatter_nd",
        "tf python.ops.array_ops": "tensor_scatter_nd_update=tensor_scatter_update",
        "tf":
            "tensor_scatter_nd_add=tensor_scatter_add tensor_scatter_nd_sub=tensor_scatter_sub",
    },
    "graphmode.ops.array.gathering": {
        "tf ops.array python.ops.gen_array_ops": "gather unravel_index",
        "tf ops.array python.ops.array_ops": "batch_gather",
        "tf manip ops.array python.ops.gen_array_ops": "gather_nd",
    },
    "graphmode.ops.array.joining": {
        "tf ops.array python.ops.gen_array_ops": "concat",
        "tf ops.array python.ops.array_ops": "stack parallel_stack",
        "tf python.ops.gen_array_ops": "pack=stack",
        "tf": "concat_v2=concat",
    },
    "graphmode.ops.array.splitting": {
        "tf ops.array python.ops.gen_array_ops": "split",
        "tf ops.array python.ops.array_ops": "unstack",
        "tf python.ops.gen_array_ops": "unpack=unstack",
    },
    "graphmode.ops.array.padding": {
        "tf manip ops.array python.ops.gen_array_ops": "tile",
        "tf ops.array python.ops.gen_array_ops": "pad",
        "ops.array": "mirror_pad mirror_pad_grad",
    },
    "graphmode.ops.array.reversing": {
        "tf manip ops.array python.ops.gen_array_ops": "reverse",
        "tf ops.array python.ops.gen_array_ops": "reverse_sequence",
        "tf manip ops.array": "roll",
        "tf python.ops.gen_array_ops": "reverse_v2=reverse",
    },
    "graphmode.ops.array.ranges": {
        "tf ops.array python.ops.math_ops": "range linspace",
        "tf python.ops.gen_math_ops": "lin_space=linspace",
    },
    "graphmode.ops.array.patterns": {
        "tf ops.array python.ops.array_ops": "meshgrid sequence_mask",
        "tf linalg ops.array": "eye",
        "tf ops.array python.ops.gen_array_ops": "one_hot",
    },
    "graphmode.ops.array.distinct": {
        "tf ops.array python.ops.array_ops": "setdiff1d",
        "tf python.ops.gen_array_ops": "listdiff=setdiff1d",
        "tf ops.array python.ops.gen_array_ops": "unique unique_with_counts",
    },
    "graphmode.ops.array.selection": {
        "tf ops.array python.ops.array_ops": "where_v2",
        "tf ops.array python.ops.gen_array_ops": "where",
        "tf ops.array python.ops.gen_math_ops": "select",
    },
    "graphmode.ops.array.partitions": {
        "tf ops.array": "dynamic_partition dynamic_stitch",
    },
    "graphmode.ops.array.sorting": {
        "tf ops.array": "sort argsort",
        "tf ops.array python.ops.array_ops": "searchsorted",
        "math nn ops.array python.ops.gen_nn_ops": "top_k",
        "tf math ops.array python.ops.gen_array_ops": "invert_permutation",
    },
    "graphmode.ops.array.shaping": {
        "tf manip ops.array python.ops.gen_array_ops": "reshape",
        "tf ops.array python.ops.gen_array_ops": "expand_dims squeeze transpose",
        "tf linalg ops.array python.ops.array_ops": "matrix_transpose",
        "linalg": "adjoint transpose=matrix_transpose",
    },
    "graphmode.ops.array.broadcasting": {
        "tf ops.array python.ops.gen_array_ops": "broadcast_to",
        "tf ops.array python.ops.array_ops": "broadcast_static_shape broadcast_dynamic_shape",
        "ops.array": "broadcast_gradient_args",
    },
    "graphmode.ops.array.shape_values": {
        "contrib.util python.framework.tensor_util": "constant_value",
        "python.framework.tensor_util": "constant_value_as_shape shape_tensor",
        "tf": "get_static_value=constant_value",
        "tf ops.array python.ops.gen_array_ops": "shape shape_n size rank",
    },
    "graphmode.ops.array.slicing": {
        "tf ops.array python.ops.array_ops": "slice=slice_",
    },
    "graphmode.ops.array.strided_slicing": {
        "ops.array": "strided_slice_grad",
        "tf ops.array python.ops.gen_array_ops": "strided_slice",
    },
    "graphmode.ops.array.subscript": {
        "ops.array": "getitem",
        "tf ops.array": "newaxis",
    },
    "graphmode.ops.state.batch_scatter": {
        "tf python.ops.state_ops": "batch_scatter_update",
    },
    "graphmode.ops.state.scatter": {
        "tf python.ops.state_ops":
            "scatter_update scatter_add scatter_sub scatter_mul scatter_div scatter_min "
            "scatter_max scatter_nd_update scatter_nd_add scatter_nd_sub",
    },
    "graphmode.ops.state.optimizer_laws": {
        "python.training.training_ops":
            "apply_adagrad_da sparse_apply_adagrad_da "
            "apply_adadelta apply_adagrad apply_adam apply_centered_rms_prop apply_ftrl "
            "apply_ftrl_v2 apply_ada_max apply_add_sign apply_power_sign apply_adagrad_v2 "
            "sparse_apply_adagrad_v2 resource_apply_keras_momentum "
            "resource_sparse_apply_keras_momentum apply_gradient_descent apply_momentum "
            "apply_proximal_adagrad apply_proximal_gradient_descent apply_rms_prop "
            "sparse_apply_adadelta "
            "sparse_apply_adagrad sparse_apply_centered_rms_prop sparse_apply_ftrl "
            "sparse_apply_ftrl_v2 sparse_apply_momentum sparse_apply_proximal_adagrad "
            "sparse_apply_proximal_gradient_descent sparse_apply_rms_prop",
    },
    "graphmode.ops.state.resource_ops": {
        "python.ops.resource_variable_ops": "variable_shape",
    },
    "graphmode.ops.state.variable_ops": {
        "tf python.ops.state_ops":
            "assign assign_add assign_sub count_up_to",
        "python.ops.state_ops": "init_variable",
        "tf python.ops.state_ops python.ops.variables": "is_variable_initialized",
    },
    "graphmode.ops.control.assertions": {
        "tf debugging python.ops.check_ops":
            "assert_equal assert_less assert_less_equal assert_greater assert_greater_equal "
            "assert_none_equal assert_near assert_positive assert_negative assert_non_negative "
            "assert_non_positive assert_rank assert_rank_at_least assert_rank_in assert_type "
            "assert_integer assert_scalar assert_proper_iterable",
    },
    "graphmode.ops.control.checks": {
        "tf": "verify_tensor_all_finite add_check_numerics_ops",
        "tf debugging python.ops.control_flow_ops python.ops.logging_ops": "Assert",
        "tf debugging python.ops.gen_array_ops": "check_numerics",
        "tf python.ops.logging_ops": "Print",
        "debugging": "assert_all_finite=verify_tensor_all_finite",
    },
    "graphmode.ops.control.type_assertions": {
        "tf debugging python.ops.check_ops": "assert_same_float_dtype",
    },
    "graphmode.ops.control.orders": {
        "tf debugging python.ops.check_ops":
            "is_numeric_tensor is_non_decreasing is_strictly_increasing",
        "math": "is_non_decreasing is_strictly_increasing",
    },
    "graphmode.ops.control.shape_assertions": {
        "debugging python.ops.check_ops": "assert_shapes",
    },
    "graphmode.ops.control.cond": {
        "tf python.ops.control_flow_ops": "cond case switch_case",
    },
    "graphmode.ops.control.functional": {
        "tf python.ops.functional_ops": "map_fn scan foldl foldr",
    },
    "graphmode.ops.control.grouping": {
        "tf python.ops.control_flow_ops": "group no_op tuple=tuple_",
        "python.ops.control_flow_ops": "with_dependencies",
    },
    "graphmode.ops.control.switching": {
        "python.ops.control_flow_ops": "switch merge",
    },
    "graphmode.ops.control.py_func": {
        "tf": "py_func numpy_function py_function",
    },
    "graphmode.ops.control.tensor_array": {
        "tf python.ops.tensor_array_ops": "TensorArray",
    },
    "graphmode.ops.control.while_loop": {
        "tf python.ops.control_flow_ops": "while_loop",
    },
    "graphmode.ops.random.candidate_sampling": {
        "nn random":
            "uniform_candidate_sampler log_uniform_candidate_sampler "
            "fixed_unigram_candidate_sampler all_candidate_sampler",
        "nn": "compute_accidental_hits",
    },
    "graphmode.ops.quantization.fake": {
        "tf quantization python.ops.array_ops python.ops.gen_array_ops":
            "fake_quant_with_min_max_args fake_quant_with_min_max_args_gradient "
            "fake_quant_with_min_max_vars fake_quant_with_min_max_vars_gradient "
            "fake_quant_with_min_max_vars_per_channel "
            "fake_quant_with_min_max_vars_per_channel_gradient",
    },
    "graphmode.ops.quantization.rounding": {
        "quantization python.ops.array_ops": "quantize_and_dequantize",
    },
    "graphmode.ops.random.draws": {
        "tf python.ops.random_ops":
            "random_uniform random_normal random_shuffle random_gamma random_poisson",
        "tf random python.framework.random_seed": "set_random_seed get_seed",
        "tf random python.ops.random_ops": "truncated_normal multinomial",
        "random python.ops.random_ops": "categorical",
        "tf image python.ops.random_ops": "random_crop",
        "random":
            "uniform=random_uniform normal=random_normal shuffle=random_shuffle "
            "gamma=random_gamma poisson=random_poisson",
    },
    "graphmode.ops.random.stateless": {
        "random":
            "stateless_uniform stateless_normal stateless_truncated_normal stateless_categorical "
            "stateless_multinomial",
    },
    "graphmode.ops.sparse.sets": {
        "sets":
            "set_difference set_intersection set_size set_union difference=set_difference "
            "intersection=set_intersection size=set_size union=set_union",
        "contrib.metrics": "set_difference set_intersection set_size set_union",
    },
    "graphmode.ops.sparse.arrangement": {
        "tf":
            "sparse_reorder sparse_concat sparse_retain sparse_reshape sparse_transpose "
            "sparse_fill_empty_rows",
        "sparse":
            "reorder=sparse_reorder concat=sparse_concat retain=sparse_retain "
            "reshape=sparse_reshape transpose=sparse_transpose "
            "fill_empty_rows=sparse_fill_empty_rows from_dense expand_dims=sparse_expand_dims "
            "eye=sparse_eye",
    },
    "graphmode.ops.sparse.crossing": {
        "sparse": "cross=sparse_cross cross_hashed=sparse_cross_hashed",
    },
    "graphmode.ops.sparse.cuts": {
        "tf": "sparse_split sparse_mask sparse_slice",
        "sparse": "split=sparse_split mask=sparse_mask slice=sparse_slice",
    },
    "graphmode.ops.sparse.elementwise": {
        "tf": "sparse_softmax",
        "sparse": "softmax=sparse_softmax",
        "python.ops.sparse_ops": "sparse_dense_cwise_add",
    },
    "graphmode.ops.sparse.merging": {
        "tf":
            "sparse_maximum sparse_minimum sparse_merge sparse_reset_shape sparse_to_indicator",
        "sparse":
            "maximum=sparse_maximum minimum=sparse_minimum merge=sparse_merge "
            "reset_shape=sparse_reset_shape to_indicator=sparse_to_indicator",
    },
    "graphmode.ops.sparse.serialization": {
        "tf io":
            "serialize_sparse serialize_many_sparse deserialize_many_sparse",
        "python.ops.sparse_ops":
            "serialize_sparse serialize_many_sparse deserialize_many_sparse deserialize_sparse",
    },
    "graphmode.ops.sparse.sums": {
        "tf":
            "sparse_reduce_sum sparse_reduce_sum_sparse sparse_reduce_max sparse_reduce_max_sparse "
            "sparse_add",
        "sparse":
            "reduce_sum=sparse_reduce_sum reduce_sum_sparse=sparse_reduce_sum_sparse "
            "reduce_max=sparse_reduce_max reduce_max_sparse=sparse_reduce_max_sparse "
            "add=sparse_add",
    },
    "graphmode.ops.sparse.products": {
        "tf": "sparse_tensor_dense_matmul",
        "sparse":
            "matmul=sparse_tensor_dense_matmul sparse_dense_matmul=sparse_tensor_dense_matmul",
    },
    "graphmode.ops.sparse.dense": {
        "tf python.ops.array_ops": "sparse_placeholder",
        "tf": "sparse_to_dense sparse_tensor_to_dense",
        "sparse": "placeholder=sparse_placeholder to_dense=sparse_tensor_to_dense",
        "tf contrib.framework python.framework.sparse_tensor":
            "convert_to_tensor_or_sparse_tensor",
    },
    "graphmode.ragged.tensor": {
        "tf": "RaggedTensor",
    },
    "graphmode.ragged.spec": {
        "tf": "RaggedTensorSpec",
    },
    "graphmode.ragged.value": {
        "ragged": "RaggedTensorValue",
    },
    "graphmode.ragged.constants": {
        "ragged": "constant constant_value placeholder",
    },
    "graphmode.ragged.splits": {
        "ragged": "row_splits_to_segment_ids segment_ids_to_row_splits",
    },
    "graphmode.ragged.elementwise": {
        "ragged": "map_flat_values",
    },
    "graphmode.ragged.reductions": {
        "ragged": "range",
    },
    "graphmode.ragged.joining": {
        "ragged": "stack",
    },
    "graphmode.ragged.arrays": {
        "ragged": "boolean_mask stack_dynamic_partitions",
    },
    "graphmode.ops.signal.fourier": {
        "tf signal spectral": "fft fft2d fft3d ifft ifft2d ifft3d",
        "signal spectral": "irfft irfft2d irfft3d rfft rfft2d rfft3d",
    },
    "graphmode.ops.strings.joining": {
        "tf": "string_join reduce_join",
        "strings": "join=string_join reduce_join unsorted_segment_join",
    },
    "graphmode.ops.strings.pieces": {
        "tf": "string_strip",
        "tf strings": "substr",
        "strings": "strip=string_strip lower upper length",
    },
    "graphmode.ops.strings.unicode": {
        "strings": "unicode_transcode",
    },
    "graphmode.ragged.splitting": {
        "tf": "string_split",
        "strings": "bytes_split=string_bytes_split ngrams split",
    },
    "graphmode.ragged.unicode": {
        "strings":
            "unicode_decode unicode_decode_with_offsets unicode_encode unicode_split "
            "unicode_split_with_offsets",
    },
    "graphmode.ops.strings.patterns": {
        "tf strings": "regex_replace",
        "strings": "regex_full_match",
    },
    "graphmode.ops.strings.numbers": {
        "tf dtypes strings": "as_string",
        "tf io": "decode_raw encode_base64 decode_base64",
        "tf": "string_to_number",
        "strings": "to_number=string_to_number",
    },
    "graphmode.ops.strings.hashing": {
        "tf":
            "string_to_hash_bucket string_to_hash_bucket_fast string_to_hash_bucket_strong "
            "fingerprint",
        "strings":
            "to_hash_bucket=string_to_hash_bucket "
            "to_hash_bucket_fast=string_to_hash_bucket_fast "
            "to_hash_bucket_strong=string_to_hash_bucket_strong",
    },
    "graphmode.ops.strings.scripts": {
        "strings": "unicode_script",
    },
    "graphmode.ops.strings.printing": {
        "tf python.ops.logging_ops": "print=print_v2",
        "python.ops.logging_ops": "print_v2",
    },
    "graphmode.ops.strings.templates": {
        "strings": "format=string_format",
    },
    "graphmode.ops.data.example_features": {
        "tf io python.ops.parsing_ops":
            "FixedLenFeature FixedLenSequenceFeature SparseFeature VarLenFeature parse_example "
            "parse_single_example parse_single_sequence_example",
        "io python.ops.parsing_ops": "parse_sequence_example",
    },
    "graphmode.ops.data.encoded": {
        "tf io python.ops.parsing_ops":
            "serialize_tensor parse_tensor decode_json_example decode_compressed",
    },
    "graphmode.ops.strings.csv_records": {
        "tf io": "decode_csv",
    },
    "graphmode.ops.io.files": {
        "tf io": "read_file write_file matching_files",
    },
    "graphmode.ops.image.boxes": {
        "image": "draw_bounding_boxes",
    },
    "graphmode.ops.image.suppression": {
        "image":
            "non_max_suppression non_max_suppression_padded non_max_suppression_with_scores "
            "non_max_suppression_overlaps=non_max_suppression_with_overlaps "
            "combined_non_max_suppression",
    },
    "graphmode.ops.image.glimpses": {
        "image": "extract_glimpse",
    },
    "graphmode.ops.image.random_boxes": {
        "image": "sample_distorted_bounding_box",
    },
    "graphmode.ops.image.box_crops": {
        "image": "crop_and_resize",
    },
    "graphmode.ops.image.color": {
        "image":
            "rgb_to_hsv hsv_to_rgb convert_image_dtype rgb_to_grayscale grayscale_to_rgb "
            "adjust_brightness adjust_contrast adjust_hue adjust_saturation adjust_gamma "
            "random_brightness random_contrast random_hue random_saturation rgb_to_yiq yiq_to_rgb "
            "rgb_to_yuv yuv_to_rgb",
    },
    "graphmode.ops.image.files": {
        "image io":
            "decode_jpeg decode_png decode_bmp decode_gif decode_image encode_jpeg",
        "image": "encode_png",
    },
    "graphmode.ops.image.jpeg": {
        "image io": "is_jpeg extract_jpeg_shape decode_and_crop_jpeg",
        "image": "adjust_jpeg_quality",
    },
    "graphmode.ops.image.quality": {
        "image": "psnr ssim ssim_multiscale",
    },
    "graphmode.ops.image.edges": {
        "image": "image_gradients sobel_edges",
    },
    "graphmode.ops.image.standardization": {
        "image":
            "per_image_standardization per_image_whitening=per_image_standardization "
            "total_variation",
    },
    "graphmode.ops.image.flips": {
        "image":
            "flip_left_right flip_up_down random_flip_left_right random_flip_up_down "
            "transpose_image transpose=transpose_image rot90",
    },
    "graphmode.ops.image.cropping": {
        "image":
            "resize_image_with_crop_or_pad resize_with_crop_or_pad=resize_image_with_crop_or_pad "
            "crop_to_bounding_box pad_to_bounding_box central_crop resize_image_with_pad",
    },
    "graphmode.ops.image.resize": {
        "image":
            "resize_bilinear resize_nearest_neighbor resize_bicubic resize_area ResizeMethod "
            "resize_images resize=resize_images",
    },
}
# fmt: on
