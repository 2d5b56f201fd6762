"""Layers, losses, metrics, those of `tf.contrib` beside them."""

# fmt: off
TABLE = {
    "graphmode.layers.base": {
        "layers python.layers.base": "Layer",
    },
    "graphmode.layers.condition": {
        "contrib.slim.utils python.layers.utils":
            "smart_cond static_cond constant_value=static_value",
    },
    "graphmode.layers.convolutional": {
        "layers python.layers.convolutional": "Conv1D Conv2D Conv3D conv1d conv2d conv3d",
        "python.layers.convolutional":
            "Convolution1D=Conv1D Convolution2D=Conv2D Convolution3D=Conv3D convolution1d=conv1d "
            "convolution2d=conv2d convolution3d=conv3d",
    },
    "graphmode.layers.dense_layer": {
        "layers python.layers.core": "Dense dense",
        "python.layers.core": "FullyConnected=Dense fully_connected=dense",
    },
    "graphmode.layers.input_spec": {
        "layers python.layers.base": "InputSpec",
    },
    "graphmode.layers.normalization": {
        "layers python.layers.normalization": "BatchNormalization batch_normalization",
        "python.layers.normalization":
            "BatchNorm=BatchNormalization batch_norm=batch_normalization",
    },
    "graphmode.layers.pooling": {
        "layers python.layers.pooling":
            "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D "
            "AveragePooling3D max_pooling1d max_pooling2d max_pooling3d average_pooling1d "
            "average_pooling2d average_pooling3d",
        "python.layers.pooling":
            "MaxPool2D=MaxPooling2D AvgPool2D=AveragePooling2D max_pool2d=max_pooling2d "
            "avg_pool2d=average_pooling2d",
    },
    "graphmode.layers.separable": {
        "layers python.layers.convolutional":
            "SeparableConv1D SeparableConv2D separable_conv1d separable_conv2d",
        "python.layers.convolutional":
            "SeparableConvolution2D=SeparableConv2D separable_convolution2d=separable_conv2d",
    },
    "graphmode.layers.simple": {
        "layers python.layers.core": "Dropout Flatten dropout flatten",
    },
    "graphmode.layers.transposed": {
        "layers python.layers.convolutional":
            "Conv2DTranspose Conv3DTranspose conv2d_transpose conv3d_transpose",
        "python.layers.convolutional":
            "Convolution2DTranspose=Conv2DTranspose Deconvolution2D=Conv2DTranspose "
            "Deconv2D=Conv2DTranspose Convolution3DTranspose=Conv3DTranspose "
            "Deconvolution3D=Conv3DTranspose Deconv3D=Conv3DTranspose "
            "convolution2d_transpose=conv2d_transpose deconvolution2d=conv2d_transpose "
            "deconv2d=conv2d_transpose convolution3d_transpose=conv3d_transpose "
            "deconvolution3d=conv3d_transpose deconv3d=conv3d_transpose",
    },
    "graphmode.contrib_layers.arg_scope": {
        "contrib.framework":
            "arg_scope add_arg_scope has_arg_scope arg_scoped_arguments current_arg_scope "
            "arg_scope_func_key",
    },
    "graphmode.contrib_layers.convolution": {
        "contrib.layers":
            "convolution convolution1d conv1d=convolution1d convolution2d conv2d=convolution2d "
            "convolution3d conv3d=convolution3d convolution2d_transpose "
            "conv2d_transpose=convolution2d_transpose convolution3d_transpose "
            "conv3d_transpose=convolution3d_transpose separable_convolution2d "
            "separable_conv2d=separable_convolution2d convolution2d_in_plane "
            "conv2d_in_plane=convolution2d_in_plane",
    },
    "graphmode.contrib_layers.dense": {
        "contrib.layers":
            "fully_connected linear relu relu6 elu bias_add embed_sequence one_hot_encoding "
            "softmax",
    },
    "graphmode.contrib_layers.initializers": {
        "contrib.layers.initializers":
            "xavier_initializer xavier_initializer_conv2d variance_scaling_initializer",
    },
    "graphmode.contrib_layers.layer_norm_lstm": {
        "contrib.rnn": "LayerNormBasicLSTMCell",
    },
    "graphmode.contrib_layers.normalization": {
        "contrib.layers": "batch_norm layer_norm instance_norm",
    },
    "graphmode.contrib_layers.outputs": {
        "contrib.slim.utils":
            "collect_named_outputs append_tensor_alias get_tensor_aliases gather_tensors_aliases "
            "convert_collection_to_dict last_dimension n_positive_integers two_element_tuple",
    },
    "graphmode.contrib_layers.regularizers": {
        "contrib.layers.regularizers":
            "l1_regularizer l2_regularizer l1_l2_regularizer sum_regularizer apply_regularization",
    },
    "graphmode.contrib_layers.reshaping": {
        "contrib.layers":
            "max_pool2d max_pool3d avg_pool2d avg_pool3d flatten dropout unit_norm repeat stack",
        "contrib.layers.python.layers.layers": "pool",
    },
    "graphmode.contrib_layers.legacy": {
        "contrib.layers": "legacy_fully_connected legacy_linear legacy_relu",
    },
    "graphmode.contrib_layers.keypoints": {
        "contrib.layers": "spatial_softmax",
    },
    "graphmode.contrib_layers.scaling": {
        "contrib.layers": "GDN gdn scale_gradient",
        "contrib.layers.python.layers.layers": "poincare_normalize",
    },
    "graphmode.contrib_layers.sequences": {
        "contrib.layers":
            "dense_to_sparse images_to_sequence sequence_to_images",
    },
    "graphmode.contrib_layers.summaries": {
        "contrib.layers":
            "summarize_tensor summarize_tensors summarize_activation summarize_activations "
            "summarize_collection summarize_variables summarize_weights summarize_biases",
        "contrib.slim.model_analyzer": "analyze_vars",
    },
    "graphmode.contrib_layers.train_op": {
        "contrib.training": "create_train_op add_gradients_summaries",
    },
    "graphmode.contrib_layers.train_loop": {
        "contrib.training": "train",
    },
    "graphmode.contrib_layers.training": {
        "contrib.layers": "optimize_loss OPTIMIZER_CLS_NAMES OPTIMIZER_SUMMARIES",
        "contrib.layers.python.layers.optimizers":
            "optimize_loss adaptive_clipping_fn OPTIMIZER_CLS_NAMES OPTIMIZER_SUMMARIES",
        "contrib.training": "multiply_gradients clip_gradient_norms",
        "contrib.slim.learning": "create_train_op clip_gradient_norms multiply_gradients",
    },
    "graphmode.contrib_layers.variables": {
        "contrib.framework":
            "variable model_variable local_variable global_variable add_model_variable "
            "get_variables get_model_variables get_local_variables get_trainable_variables "
            "get_variables_by_suffix get_variables_by_name get_unique_variable "
            "get_variables_to_restore filter_variables assign_from_values assign_from_values_fn "
            "VariableDeviceChooser",
        "tf contrib.framework python.framework.tensor_util": "is_tensor",
    },
    "graphmode.distributions.bernoulli": {
        "distributions": "Bernoulli",
    },
    "graphmode.distributions.beta": {
        "distributions": "Beta Dirichlet",
    },
    "graphmode.distributions.categorical": {
        "distributions": "Categorical Multinomial",
    },
    "graphmode.distributions.distribution": {
        "distributions":
            "Distribution FULLY_REPARAMETERIZED NOT_REPARAMETERIZED ReparameterizationType",
    },
    "graphmode.distributions.divergence": {
        "distributions": "RegisterKL kl_divergence",
        "contrib.distributions": "cross_entropy",
    },
    "graphmode.distributions.gamma": {
        "distributions": "Exponential Gamma",
    },
    "graphmode.distributions.laplace": {
        "distributions": "Laplace",
    },
    "graphmode.distributions.multivariate_normal": {
        "contrib.distributions": "MultivariateNormalDiag MultivariateNormalDiagWithSoftplusScale",
    },
    "graphmode.distributions.normal": {
        "distributions": "Normal",
        "contrib.distributions": "NormalWithSoftplusScale",
    },
    "graphmode.distributions.student_t": {
        "distributions": "StudentT",
    },
    "graphmode.distributions.uniform": {
        "distributions": "Uniform",
    },
    "graphmode.gan.building": {
        "contrib.gan": "gan_model infogan_model acgan_model cyclegan_model stargan_model",
    },
    "graphmode.gan.clipping": {
        "contrib.gan.features": "clip_variables clip_discriminator_weights",
    },
    "graphmode.gan.combined": {
        "contrib.gan.losses.wargs": "combine_adversarial_loss",
    },
    "graphmode.gan.conditioning": {
        "contrib.gan.features": "condition_tensor condition_tensor_from_onehot",
    },
    "graphmode.gan.hooks": {
        "contrib.gan":
            "RunTrainOpsHook gan_train get_joint_train_hooks get_sequential_train_hooks",
    },
    "graphmode.gan.images": {
        "contrib.gan.eval contrib.gan.eval.eval_utils": "image_grid image_reshaper",
    },
    "graphmode.gan.wasserstein_losses": {
        "contrib.gan.losses.wargs":
            "wasserstein_discriminator_loss wasserstein_generator_loss "
            "wasserstein_gradient_penalty",
    },
    "graphmode.gan.minimax_losses": {
        "contrib.gan.losses.wargs":
            "minimax_discriminator_loss minimax_generator_loss modified_discriminator_loss "
            "modified_generator_loss",
    },
    "graphmode.gan.least_squares_losses": {
        "contrib.gan.losses.wargs":
            "least_squares_discriminator_loss least_squares_generator_loss",
    },
    "graphmode.gan.content_losses": {
        "contrib.gan.losses.wargs":
            "acgan_discriminator_loss acgan_generator_loss cycle_consistency_loss "
            "mutual_information_penalty",
    },
    "graphmode.gan.model_losses": {
        "contrib.gan.losses":
            "acgan_discriminator_loss acgan_generator_loss combine_adversarial_loss "
            "cycle_consistency_loss least_squares_discriminator_loss least_squares_generator_loss "
            "minimax_discriminator_loss minimax_generator_loss modified_discriminator_loss "
            "modified_generator_loss mutual_information_penalty stargan_discriminator_loss_wrapper "
            "stargan_generator_loss_wrapper stargan_gradient_penalty_wrapper "
            "wasserstein_discriminator_loss wasserstein_generator_loss "
            "wasserstein_gradient_penalty",
    },
    "graphmode.gan.models": {
        "contrib.gan":
            "ACGANModel CycleGANLoss CycleGANModel GANLoss GANModel GANTrainOps GANTrainSteps "
            "InfoGANModel StarGANModel",
    },
    "graphmode.gan.objectives": {
        "contrib.gan": "cyclegan_loss gan_loss stargan_loss",
    },
    "graphmode.gan.summaries": {
        "contrib.gan.eval contrib.gan.eval.summaries":
            "add_cyclegan_image_summaries add_gan_model_image_summaries add_gan_model_summaries "
            "add_image_comparison_summaries add_regularization_loss_summaries "
            "add_stargan_image_summaries",
    },
    "graphmode.gan.training": {
        "contrib.gan": "gan_train_ops get_sequential_train_steps",
    },
    "graphmode.losses.classification": {
        "losses":
            "softmax_cross_entropy sparse_softmax_cross_entropy sigmoid_cross_entropy log_loss "
            "hinge_loss",
    },
    "graphmode.losses.weights": {
        "python.ops.confusion_matrix": "remove_squeezable_dimensions",
    },
    "graphmode.losses.collected": {
        "losses contrib.losses": "get_losses get_regularization_losses get_total_loss",
        "losses": "add_loss get_regularization_loss",
    },
    "graphmode.losses.contrib": {
        "contrib.losses":
            "absolute_difference add_loss compute_weighted_loss cosine_distance hinge_loss "
            "log_loss mean_pairwise_squared_error mean_squared_error sigmoid_cross_entropy "
            "softmax_cross_entropy sparse_softmax_cross_entropy",
    },
    "graphmode.losses.crf": {
        "contrib.crf": "crf_log_likelihood",
    },
    "graphmode.losses.flipped": {
        "contrib.nn":
            "deprecated_flipped_sigmoid_cross_entropy_with_logits "
            "deprecated_flipped_softmax_cross_entropy_with_logits "
            "deprecated_flipped_sparse_softmax_cross_entropy_with_logits",
    },
    "graphmode.losses.legacy_sequence": {
        "contrib.legacy_seq2seq": "sequence_loss sequence_loss_by_example",
    },
    "graphmode.losses.metric_learning": {
        "contrib.losses.metric_learning":
            "contrastive_loss triplet_semihard_loss npairs_loss lifted_struct_loss",
    },
    "graphmode.losses.regression": {
        "losses":
            "absolute_difference mean_squared_error huber_loss cosine_distance "
            "mean_pairwise_squared_error",
    },
    "graphmode.losses.sequence": {
        "contrib.seq2seq": "sequence_loss",
    },
    "graphmode.losses.weighted": {
        "losses": "Reduction compute_weighted_loss",
    },
    "graphmode.metrics.averages": {
        "metrics":
            "mean mean_tensor accuracy mean_absolute_error mean_squared_error "
            "root_mean_squared_error mean_relative_error mean_cosine_distance percentage_below",
        "contrib.metrics":
            "streaming_mean=mean streaming_mean_tensor=mean_tensor "
            "streaming_percentage_less=percentage_below",
    },
    "graphmode.metrics.confusion": {
        "metrics": "mean_iou mean_per_class_accuracy",
        "tf math contrib.metrics": "confusion_matrix",
    },
    "graphmode.metrics.contrib": {
        "contrib.metrics":
            "accuracy aggregate_metric_map aggregate_metrics f1_score streaming_accuracy "
            "streaming_auc streaming_false_negatives streaming_false_positives "
            "streaming_mean_absolute_error streaming_mean_cosine_distance streaming_mean_iou "
            "streaming_mean_relative_error streaming_mean_squared_error streaming_precision "
            "streaming_precision_at_thresholds streaming_recall streaming_recall_at_k "
            "streaming_recall_at_thresholds streaming_root_mean_squared_error "
            "streaming_true_negatives streaming_true_positives "
            "streaming_sensitivity_at_specificity streaming_specificity_at_sensitivity "
            "streaming_sparse_precision_at_k "
            "streaming_sparse_recall_at_k streaming_sparse_average_precision_at_k",
    },
    "graphmode.metrics.counts": {
        "metrics": "true_positives false_positives true_negatives false_negatives precision recall",
    },
    "graphmode.metrics.ranking": {
        "metrics":
            "precision_at_k recall_at_k precision_at_top_k recall_at_top_k average_precision_at_k "
            "sparse_precision_at_k=precision_at_k "
            "sparse_average_precision_at_k=average_precision_at_k",
    },
    "graphmode.metrics.thresholds": {
        "metrics":
            "auc precision_at_thresholds recall_at_thresholds true_positives_at_thresholds "
            "false_positives_at_thresholds true_negatives_at_thresholds "
            "false_negatives_at_thresholds sensitivity_at_specificity specificity_at_sensitivity",
    },
}
# fmt: on
