"""Where TensorFlow 1 itself keeps the public names: its internal modules, which programs import.

Address of the module -> public address -> the names of that one which are here, too. A name
below the package is written once, at its public address; `name=public` is one that differs.
"""

# fmt: off
SELECTED = {
    "contrib.crf.python.ops.crf": {
        "contrib.crf":
            "crf_binary_score crf_decode crf_log_likelihood crf_log_norm "
            "crf_multitag_sequence_score crf_sequence_score crf_unary_score viterbi_decode",
    },
    "contrib.cudnn_rnn.python.layers.cudnn_rnn": {
        "contrib.cudnn_rnn": "CudnnLSTM",
    },
    "contrib.cudnn_rnn.python.ops.cudnn_rnn_ops": {
        "contrib.cudnn_rnn": "CudnnCompatibleLSTMCell",
    },
    "contrib.framework.python.ops": {
        "contrib.framework": "arg_scope",
    },
    "contrib.framework.python.ops.arg_scope": {
        "contrib.framework":
            "add_arg_scope arg_scope arg_scope_func_key arg_scoped_arguments current_arg_scope "
            "has_arg_scope",
    },
    "contrib.framework.python.ops.variables": {
        "contrib.framework":
            "VariableDeviceChooser add_model_variable assert_global_step assign_from_values "
            "assign_from_values_fn create_global_step filter_variables get_global_step "
            "get_local_variables get_model_variables get_or_create_global_step "
            "get_trainable_variables get_unique_variable get_variables get_variables_by_name "
            "get_variables_by_suffix get_variables_to_restore global_variable local_variable "
            "model_variable variable",
    },
    "contrib.layers.python.layers.embedding_ops": {
        "contrib.layers": "safe_embedding_lookup_sparse",
    },
    "contrib.layers.python.layers.encoders": {
        "contrib.layers": "embed_sequence",
    },
    "contrib.layers.python.layers.initializers": {
        "contrib.layers":
            "variance_scaling_initializer xavier_initializer "
            "xavier_initializer_conv2d=xavier_initializer",
    },
    "contrib.layers.python.layers.layers": {
        "contrib.layers":
            "GDN avg_pool2d avg_pool3d batch_norm bias_add conv1d conv2d conv2d_in_plane "
            "conv2d_transpose conv3d conv3d_transpose convolution convolution1d=conv1d "
            "convolution2d=conv2d convolution2d_in_plane=conv2d_in_plane "
            "convolution2d_transpose=conv2d_transpose convolution3d=conv3d "
            "convolution3d_transpose=conv3d_transpose dense_to_sparse dropout elu flatten "
            "fully_connected gdn images_to_sequence layer_norm legacy_fully_connected "
            "legacy_linear legacy_relu linear max_pool2d max_pool3d one_hot_encoding relu relu6 "
            "repeat separable_conv2d separable_convolution2d=separable_conv2d sequence_to_images "
            "softmax spatial_softmax stack unit_norm",
    },
    "contrib.layers.python.layers.normalization": {
        "contrib.layers": "instance_norm",
    },
    "contrib.layers.python.layers.regularizers": {
        "contrib.layers":
            "apply_regularization l1_l2_regularizer l1_regularizer l2_regularizer sum_regularizer",
    },
    "contrib.layers.python.layers.summaries": {
        "contrib.layers":
            "summarize_activation summarize_activations summarize_biases summarize_collection "
            "summarize_tensor summarize_tensors summarize_variables summarize_weights",
    },
    "contrib.layers.python.layers.utils": {
        "contrib.slim.utils":
            "append_tensor_alias collect_named_outputs constant_value convert_collection_to_dict "
            "gather_tensors_aliases get_tensor_aliases last_dimension n_positive_integers "
            "smart_cond static_cond two_element_tuple",
    },
    "contrib.legacy_seq2seq.python.ops.seq2seq": {
        "contrib.legacy_seq2seq":
            "attention_decoder basic_rnn_seq2seq embedding_attention_decoder "
            "embedding_attention_seq2seq embedding_rnn_decoder embedding_rnn_seq2seq "
            "embedding_tied_rnn_seq2seq model_with_buckets one2many_rnn_seq2seq rnn_decoder "
            "sequence_loss sequence_loss_by_example tied_rnn_seq2seq",
    },
    "contrib.losses.python.losses.loss_ops": {
        "contrib.losses":
            "absolute_difference add_loss compute_weighted_loss cosine_distance get_losses "
            "get_regularization_losses get_total_loss hinge_loss log_loss "
            "mean_pairwise_squared_error mean_squared_error sigmoid_cross_entropy "
            "softmax_cross_entropy sparse_softmax_cross_entropy",
    },
    "contrib.metrics.python.metrics.classification": {
        "contrib.metrics": "accuracy f1_score",
    },
    "contrib.metrics.python.ops.confusion_matrix_ops": {
        "contrib.metrics": "confusion_matrix",
    },
    "contrib.metrics.python.ops.metric_ops": {
        "contrib.metrics":
            "aggregate_metric_map aggregate_metrics streaming_accuracy streaming_auc "
            "streaming_false_negatives streaming_false_positives streaming_mean "
            "streaming_mean_absolute_error streaming_mean_cosine_distance streaming_mean_iou "
            "streaming_mean_relative_error streaming_mean_squared_error streaming_mean_tensor "
            "streaming_percentage_less streaming_precision streaming_precision_at_thresholds "
            "streaming_recall streaming_recall_at_k streaming_recall_at_thresholds "
            "streaming_root_mean_squared_error streaming_sensitivity_at_specificity "
            "streaming_sparse_average_precision_at_k streaming_sparse_precision_at_k "
            "streaming_sparse_recall_at_k streaming_specificity_at_sensitivity "
            "streaming_true_negatives streaming_true_positives",
    },
    "contrib.rnn.python.ops.core_rnn_cell": {
        "contrib.rnn": "EmbeddingWrapper InputProjectionWrapper OutputProjectionWrapper",
    },
    "contrib.rnn.python.ops.gru_ops": {
        "contrib.rnn": "GRUBlockCell GRUBlockCellV2",
    },
    "contrib.rnn.python.ops.lstm_ops": {
        "contrib.rnn": "LSTMBlockCell LSTMBlockFusedCell",
    },
    "contrib.rnn.python.ops.rnn": {
        "contrib.rnn": "stack_bidirectional_dynamic_rnn stack_bidirectional_rnn",
    },
    "contrib.rnn.python.ops.rnn_cell": {
        "contrib.rnn": "LayerNormBasicLSTMCell NASCell",
    },
    "contrib.seq2seq.python.ops.attention_wrapper": {
        "contrib.seq2seq":
            "AttentionMechanism AttentionWrapper AttentionWrapperState BahdanauAttention "
            "LuongAttention hardmax",
    },
    "contrib.seq2seq.python.ops.basic_decoder": {
        "contrib.seq2seq": "BasicDecoder BasicDecoderOutput",
    },
    "contrib.seq2seq.python.ops.beam_search_decoder": {
        "contrib.seq2seq":
            "BeamSearchDecoder BeamSearchDecoderOutput BeamSearchDecoderState "
            "FinalBeamSearchDecoderOutput tile_batch",
    },
    "contrib.seq2seq.python.ops.decoder": {
        "contrib.seq2seq": "Decoder dynamic_decode",
    },
    "contrib.seq2seq.python.ops.helper": {
        "contrib.seq2seq":
            "CustomHelper GreedyEmbeddingHelper Helper InferenceHelper SampleEmbeddingHelper "
            "ScheduledEmbeddingTrainingHelper ScheduledOutputTrainingHelper TrainingHelper",
    },
    "contrib.seq2seq.python.ops.loss": {
        "contrib.seq2seq": "sequence_loss",
    },
    "contrib.training.python.training.training": {
        "contrib.training": "clip_gradient_norms multiply_gradients",
    },
    "python.client.session": {
        "tf": "InteractiveSession Session",
    },
    "python.framework.constant_op": {
        "tf": "constant_v1=constant",
    },
    "python.framework.device_spec": {
        "tf": "DeviceSpecV1=DeviceSpec",
    },
    "python.framework.indexed_slices": {
        "tf": "IndexedSlices convert_to_tensor_or_indexed_slices",
    },
    "python.framework.ops": {
        "tf":
            "disable_eager_execution disable_tensor_equality enable_eager_execution "
            "no_gradient=NoGradient",
    },
    "python.framework.sparse_tensor": {
        "tf": "SparseTensor SparseTensorValue",
    },
    "python.framework.tensor_conversion_registry": {
        "tf": "register_tensor_conversion_function",
    },
    "python.framework.tensor_shape": {
        "tf": "disable_v2_tensorshape",
    },
    "python.ops.bitwise_ops": {
        "bitwise": "bitwise_and bitwise_or bitwise_xor invert left_shift right_shift",
    },
    "python.ops.candidate_sampling_ops": {
        "nn":
            "all_candidate_sampler compute_accidental_hits fixed_unigram_candidate_sampler "
            "log_uniform_candidate_sampler uniform_candidate_sampler",
    },
    "python.ops.check_ops": {
        "tf": "ensure_shape",
    },
    "python.ops.confusion_matrix": {
        "tf": "confusion_matrix_v1=confusion_matrix",
    },
    "python.ops.control_flow_v2_toggles": {
        "tf": "disable_control_flow_v2 enable_control_flow_v2",
    },
    "python.ops.ctc_ops": {
        "nn":
            "ctc_beam_search_decoder ctc_beam_search_decoder_v2 ctc_greedy_decoder ctc_loss "
            "ctc_loss_v2",
    },
    "python.ops.custom_gradient": {
        "tf": "custom_gradient",
    },
    "python.ops.data_flow_ops": {
        "tf": "dynamic_partition dynamic_stitch",
    },
    "python.ops.embedding_ops": {
        "nn": "safe_embedding_lookup_sparse",
    },
    "python.ops.gen_bitwise_ops": {
        "bitwise": "bitwise_and bitwise_or bitwise_xor invert left_shift right_shift",
    },
    "python.ops.gen_control_flow_ops": {
        "tf": "no_op",
    },
    "python.ops.gen_data_flow_ops": {
        "tf": "dynamic_partition dynamic_stitch",
    },
    "python.ops.gen_image_ops": {
        "image":
            "decode_and_crop_jpeg decode_bmp decode_gif decode_jpeg decode_png encode_jpeg "
            "encode_png extract_jpeg_shape hsv_to_rgb resize_area rgb_to_hsv",
    },
    "python.ops.gen_io_ops": {
        "tf": "matching_files read_file write_file",
    },
    "python.ops.gen_linalg_ops": {
        "linalg": "log_matrix_determinant=slogdet",
        "tf": "cholesky matrix_determinant matrix_inverse matrix_solve matrix_triangular_solve qr",
    },
    "python.ops.gen_math_ops": {
        "math": "bessel_i0e bessel_i1e",
    },
    "python.ops.gen_string_ops": {
        "strings": "string_lower=lower string_upper=upper unsorted_segment_join",
        "tf":
            "as_string decode_base64 encode_base64 string_join string_strip "
            "string_to_hash_bucket_fast string_to_hash_bucket_strong",
    },
    "python.ops.gradients": {
        "tf": "custom_gradient",
    },
    "python.ops.gradients_util": {
        "tf": "AggregationMethod",
    },
    "python.ops.histogram_ops": {
        "tf": "histogram_fixed_width histogram_fixed_width_bins",
    },
    "python.ops.image_ops_impl": {
        "image":
            "ResizeMethodV1=ResizeMethod adjust_brightness adjust_contrast adjust_gamma "
            "adjust_hue adjust_jpeg_quality adjust_saturation central_crop convert_image_dtype "
            "crop_and_resize_v1=crop_and_resize crop_to_bounding_box decode_image "
            "draw_bounding_boxes flip_left_right flip_up_down grayscale_to_rgb image_gradients "
            "is_jpeg non_max_suppression pad_to_bounding_box per_image_standardization psnr "
            "random_brightness random_contrast random_flip_left_right random_flip_up_down "
            "random_hue random_saturation resize_bicubic resize_bilinear "
            "resize_image_with_crop_or_pad resize_image_with_pad_v1=resize_image_with_pad "
            "resize_images=resize resize_nearest_neighbor rgb_to_grayscale rgb_to_yiq rgb_to_yuv "
            "rot90 sample_distorted_bounding_box sobel_edges ssim ssim_multiscale total_variation "
            "transpose yiq_to_rgb yuv_to_rgb",
    },
    "python.ops.io_ops": {
        "tf": "matching_files read_file write_file",
    },
    "python.ops.linalg.linalg_impl": {
        "linalg": "adjoint logdet matrix_rank pinv slogdet",
        "tf":
            "band_part=matrix_band_part cholesky det=matrix_determinant inv=matrix_inverse qr "
            "solve=matrix_solve triangular_solve=matrix_triangular_solve",
    },
    "python.ops.linalg_ops": {
        "linalg": "log_matrix_determinant=slogdet",
        "tf":
            "cholesky cholesky_solve eye matrix_determinant matrix_inverse matrix_solve "
            "matrix_solve_ls matrix_triangular_solve norm qr self_adjoint_eig "
            "self_adjoint_eigvals svd",
    },
    "python.ops.lookup_ops": {
        "tf": "initialize_all_tables tables_initializer",
    },
    "python.ops.losses.losses_impl": {
        "losses":
            "Reduction absolute_difference compute_weighted_loss cosine_distance hinge_loss "
            "huber_loss log_loss mean_pairwise_squared_error mean_squared_error "
            "sigmoid_cross_entropy softmax_cross_entropy sparse_softmax_cross_entropy",
    },
    "python.ops.losses.util": {
        "losses":
            "add_loss get_losses get_regularization_loss get_regularization_losses get_total_loss",
    },
    "python.ops.manip_ops": {
        "tf": "roll",
    },
    "python.ops.map_fn": {
        "tf": "map_fn",
    },
    "python.ops.math_ops": {
        "math": "bessel_i0e bessel_i1e cumulative_logsumexp reciprocal_no_nan",
        "tf":
            "bincount_v1=bincount reduce_all_v1=reduce_all reduce_any_v1=reduce_any "
            "reduce_logsumexp_v1=reduce_logsumexp reduce_max_v1=reduce_max "
            "reduce_mean_v1=reduce_mean reduce_min_v1=reduce_min reduce_prod_v1=reduce_prod "
            "reduce_sum_v1=reduce_sum",
    },
    "python.ops.metrics_impl": {
        "metrics":
            "accuracy auc average_precision_at_k false_negatives false_negatives_at_thresholds "
            "false_positives false_positives_at_thresholds mean mean_absolute_error "
            "mean_cosine_distance mean_iou mean_per_class_accuracy mean_relative_error "
            "mean_squared_error mean_tensor percentage_below precision precision_at_k "
            "precision_at_thresholds precision_at_top_k recall recall_at_k recall_at_thresholds "
            "recall_at_top_k root_mean_squared_error sensitivity_at_specificity "
            "sparse_average_precision_at_k sparse_precision_at_k specificity_at_sensitivity "
            "true_negatives true_negatives_at_thresholds true_positives "
            "true_positives_at_thresholds",
    },
    "python.ops.nn": {
        "linalg": "normalize",
        "nn":
            "conv3d_v1=conv3d dilation2d_v1=dilation2d "
            "max_pool_with_argmax_v1=max_pool_with_argmax "
            "softmax_cross_entropy_with_logits_v2_helper=softmax_cross_entropy_with_logits_v2",
    },
    "python.ops.nn_impl": {
        "linalg": "normalize",
    },
    "python.ops.nn_ops": {
        "nn":
            "conv3d_v1=conv3d dilation2d_v1=dilation2d "
            "max_pool_with_argmax_v1=max_pool_with_argmax "
            "softmax_cross_entropy_with_logits_v2_helper=softmax_cross_entropy_with_logits_v2",
    },
    "python.ops.numerics": {
        "tf": "add_check_numerics_ops verify_tensor_all_finite",
    },
    "python.ops.parsing_ops": {
        "tf": "decode_csv decode_raw_v1=decode_raw",
    },
    "python.ops.partitioned_variables": {
        "tf": "fixed_size_partitioner min_max_variable_partitioner variable_axis_size_partitioner",
    },
    "python.ops.script_ops": {
        "tf": "eager_py_func=py_function numpy_function py_func",
    },
    "python.ops.sort_ops": {
        "tf": "argsort sort",
    },
    "python.ops.sparse_ops": {
        "math": "unary_op=bessel_i1e",
        "sparse": "from_dense sparse_expand_dims=expand_dims sparse_eye=eye",
        "tf":
            "sparse_add sparse_concat sparse_fill_empty_rows sparse_maximum sparse_merge "
            "sparse_minimum sparse_reduce_max sparse_reduce_max_sparse sparse_reduce_sum "
            "sparse_reduce_sum_sparse sparse_reorder sparse_reset_shape sparse_reshape "
            "sparse_retain sparse_slice sparse_softmax sparse_tensor_dense_matmul "
            "sparse_tensor_to_dense sparse_to_dense sparse_to_indicator sparse_transpose",
    },
    "python.ops.special_math_ops": {
        "math": "bessel_i0 bessel_i1",
        "tf": "einsum lbeta",
    },
    "python.ops.ragged.ragged_factory_ops": {
        "ragged": "constant constant_value placeholder",
    },
    "python.ops.ragged.ragged_tensor": {
        "tf": "RaggedTensor",
    },
    "python.ops.ragged.ragged_tensor_value": {
        "ragged": "RaggedTensorValue",
    },
    "python.ops.string_ops": {
        "strings":
            "regex_full_match string_format=format string_length=length string_lower=lower "
            "string_upper=upper substr unsorted_segment_join",
        "tf":
            "as_string decode_base64 encode_base64 reduce_join regex_replace string_join "
            "string_strip string_to_hash_bucket_fast string_to_hash_bucket_strong "
            "string_to_hash_bucket_v1=string_to_hash_bucket string_to_number_v1=string_to_number "
            "substr_deprecated=substr",
    },
    "python.ops.unconnected_gradients": {
        "tf": "UnconnectedGradients",
    },
    "python.ops.variable_scope": {
        "tf":
            "disable_resource_variables enable_resource_variables resource_variables_enabled",
    },
    "python.platform.benchmark": {
        "test": "TensorFlowBenchmark=Benchmark benchmark_config",
    },
    "python.training.adadelta": {
        "train": "AdadeltaOptimizer",
    },
    "python.training.adagrad": {
        "train": "AdagradOptimizer",
    },
    "python.training.adam": {
        "train": "AdamOptimizer",
    },
    "python.training.ftrl": {
        "train": "FtrlOptimizer",
    },
    "python.training.gradient_descent": {
        "train": "GradientDescentOptimizer",
    },
    "python.training.learning_rate_decay": {
        "train":
            "cosine_decay cosine_decay_restarts exponential_decay inverse_time_decay "
            "linear_cosine_decay natural_exp_decay noisy_linear_cosine_decay piecewise_constant "
            "polynomial_decay",
    },
    "python.training.momentum": {
        "train": "MomentumOptimizer",
    },
    "python.training.proximal_adagrad": {
        "train": "ProximalAdagradOptimizer",
    },
    "python.training.proximal_gradient_descent": {
        "train": "ProximalGradientDescentOptimizer",
    },
    "python.training.rmsprop": {
        "train": "RMSPropOptimizer",
    },
}
# fmt: on
