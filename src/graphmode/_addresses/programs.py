"""What surrounds a network: training, summaries, files and flags, data, pictures."""

# fmt: off
TABLE = {
    "graphmode.training.adadelta": {
        "train": "AdadeltaOptimizer",
    },
    "graphmode.training.adagrad": {
        "train": "AdagradOptimizer ProximalAdagradOptimizer",
    },
    "graphmode.training.adam": {
        "train": "AdamOptimizer",
    },
    "graphmode.training.ftrl": {
        "train": "FtrlOptimizer",
    },
    "graphmode.training.global_step": {
        "contrib.framework train python.training.training_util":
            "assert_global_step create_global_step get_global_step get_or_create_global_step",
        "train python.training.training_util": "global_step",
    },
    "graphmode.training.gradient_descent": {
        "train": "GradientDescentOptimizer ProximalGradientDescentOptimizer",
    },
    "graphmode.training.learning_rate_decay": {
        "train":
            "exponential_decay natural_exp_decay inverse_time_decay polynomial_decay "
            "piecewise_constant piecewise_constant_decay=piecewise_constant cosine_decay "
            "cosine_decay_restarts linear_cosine_decay noisy_linear_cosine_decay",
    },
    "graphmode.training.momentum": {
        "train": "MomentumOptimizer",
    },
    "graphmode.training.moving_averages": {
        "python.training.moving_averages": "assign_moving_average weighted_moving_average",
        "train python.training.moving_averages": "ExponentialMovingAverage",
    },
    "graphmode.training.optimizer": {
        "train python.training.optimizer": "Optimizer",
    },
    "graphmode.training.rmsprop": {
        "train": "RMSPropOptimizer",
    },
    "graphmode.training.slots": {
        "python.training.slot_creator":
            "create_slot create_slot_with_initializer create_zeros_slot",
    },
    "graphmode.summary.event_files": {
        "summary train": "summary_iterator",
    },
    "graphmode.summary.file_writer": {
        "summary": "FileWriter FileWriterCache",
        "train": "SummaryWriter=FileWriter SummaryWriterCache=FileWriterCache",
    },
    "graphmode.summary.legacy": {
        "tf python.ops.logging_ops":
            "scalar_summary histogram_summary image_summary audio_summary merge_summary "
            "merge_all_summaries",
    },
    "graphmode.summary.merging": {
        "summary": "merge merge_all",
    },
    "graphmode.summary.values": {
        "summary": "scalar histogram image audio text tensor_summary",
    },
    "graphmode.platform.app": {
        "app": "run",
    },
    "graphmode.platform.behavior": {
        "tf":
            "disable_v2_behavior disable_eager_execution disable_resource_variables "
            "disable_control_flow_v2 disable_tensor_equality disable_v2_tensorshape "
            "enable_control_flow_v2 enable_resource_variables enable_eager_execution "
            "enable_v2_behavior executing_eagerly",
    },
    "graphmode.platform.devices": {
        "python.client.device_lib": "DeviceAttributes list_local_devices",
    },
    "graphmode.platform.flags": {
        "flags":
            "FLAGS DEFINE_string DEFINE_boolean DEFINE_bool DEFINE_integer DEFINE_float "
            "DEFINE_enum DEFINE_list DEFINE_multi_integer DEFINE_multi_string "
            "mark_flag_as_required mark_flags_as_required register_validator validator",
    },
    "graphmode.platform.gfile": {
        "gfile":
            "Copy DeleteRecursively Exists FastGFile GFile Glob IsDirectory ListDirectory "
            "MakeDirs MkDir Open Remove Rename Stat Walk",
    },
    "graphmode.platform.logging": {
        "logging":
            "DEBUG ERROR FATAL INFO WARN debug error fatal flush get_verbosity info log "
            "log_every_n log_first_n log_if set_verbosity vlog warn warning",
    },
    "graphmode.platform.test_case": {
        "test":
            "TestCase main get_temp_dir gpu_device_name is_gpu_available is_built_with_cuda mock",
    },
    "graphmode.platform.text": {
        "compat":
            "as_bytes as_text as_str as_str_any path_to_str integral_types real_types "
            "complex_types bytes_or_text_types",
    },
    "graphmode.input.queues": {
        "tf queue python.ops.data_flow_ops": "FIFOQueue QueueBase",
    },
    "graphmode.datasets.mnist": {
        "examples.tutorials.mnist.input_data":
            "DataSet Datasets dense_to_one_hot extract_images extract_labels read_data_sets",
    },
    "graphmode.viz.activations": {
        "viz": "plot_activations",
    },
    "graphmode.viz.curve": {
        "viz": "plot_curve",
    },
    "graphmode.viz.raster": {
        "viz": "tile_raster_images",
    },
    "graphmode.viz.reconstructions": {
        "viz": "plot_reconstructions",
    },
    "graphmode.viz.surface": {
        "viz": "plot_surface",
    },
    "graphmode.viz.tiles": {
        "viz": "tile_images",
    },
    "graphmode.viz.words": {
        "viz": "plot_words",
    },
}
# fmt: on
