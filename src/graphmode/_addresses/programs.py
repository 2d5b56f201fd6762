"""What surrounds a network: training, summaries, files and flags, data, pictures."""

# fmt: off
TABLE = {
    "graphmode.training.adadelta": {
        "train": "AdadeltaOptimizer",
    },
    "graphmode.training.adagrad": {
        "train": "AdagradOptimizer ProximalAdagradOptimizer",
    },
    "graphmode.training.adagrad_da": {
        "train": "AdagradDAOptimizer",
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
    "graphmode.training.hyperparameters": {
        "contrib.training contrib.training.python.training.hparam": "HParams parse_values",
    },
    "graphmode.training.lazy_adam": {
        "contrib.opt": "LazyAdamOptimizer",
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
    "graphmode.training.wrapped": {
        "contrib.opt": "MovingAverageOptimizer VariableClippingOptimizer",
    },
    "graphmode.replication.placement": {
        "train python.training.device_setter": "replica_device_setter",
        "python.training.device_setter": "STANDARD_PS_OPS",
    },
    "graphmode.replication.sync_replicas": {
        "train python.training.sync_replicas_optimizer": "SyncReplicasOptimizer",
    },
    "graphmode.replication.resolvers": {
        "distribute.cluster_resolver contrib.cluster_resolver":
            "ClusterResolver SimpleClusterResolver TFConfigClusterResolver",
        "distribute.cluster_resolver": "UnionResolver",
        "contrib.cluster_resolver": "UnionClusterResolver=UnionResolver",
    },
    "graphmode.replication.schedulers": {
        "distribute.cluster_resolver contrib.cluster_resolver":
            "KubernetesClusterResolver SlurmClusterResolver",
    },
    "graphmode.replication.replicas": {
        "distribute contrib.distribute": "ReplicaContext",
        "distribute": "ReduceOp",
    },
    "graphmode.replication.strategy": {
        "distribute": "Strategy StrategyExtended=Strategy",
        "contrib.distribute": "DistributionStrategy=Strategy",
    },
    "graphmode.replication.strategies": {
        "distribute contrib.distribute": "MirroredStrategy OneDeviceStrategy",
        "distribute.experimental": "CentralStorageStrategy ParameterServerStrategy",
        "contrib.distribute": "ParameterServerStrategy",
    },
    "graphmode.replication.input_of_replicas": {
        "distribute": "InputContext InputReplicationMode",
    },
    "graphmode.replication.current": {
        "distribute contrib.distribute":
            "get_loss_reduction get_replica_context get_strategy has_strategy "
            "in_cross_replica_context",
        "distribute": "experimental_set_strategy",
        "contrib.distribute":
            "get_cross_replica_context get_distribution_strategy=get_strategy "
            "has_distribution_strategy=has_strategy require_replica_context",
    },
    "graphmode.replication.cross_device": {
        "distribute contrib.distribute": "CrossDeviceOps",
        "distribute": "HierarchicalCopyAllReduce NcclAllReduce ReductionToOneDevice",
        "contrib.distribute": "AllReduceCrossDeviceOps",
    },
    "graphmode.replication.standard_server": {
        "contrib.distribute": "run_standard_tensorflow_server",
    },
    "graphmode.replication.load_balancing": {
        "contrib.training contrib.training.python.training.device_setter":
            "GreedyLoadBalancingStrategy RandomStrategy byte_size_load_fn",
    },
    "graphmode.cluster.cluster_spec": {
        "train python.training.server_lib": "ClusterSpec",
    },
    "graphmode.cluster.server": {
        "train distribute python.training.server_lib": "Server",
    },
    "graphmode.files.checkpoint": {
        "train python.pywrap_tensorflow":
            "NewCheckpointReader=CheckpointReader",
    },
    "graphmode.files.examples": {
        "train core.example.feature_pb2":
            "BytesList Feature FeatureList FeatureLists Features FloatList Int64List",
        "train core.example.example_pb2": "Example SequenceExample",
    },
    "graphmode.files.records": {
        "io python_io python.lib.io.tf_record":
            "TFRecordCompressionType TFRecordOptions TFRecordWriter tf_record_iterator",
    },
    "graphmode.ops.io.checkpoints": {
        "python.ops.io_ops python.ops.gen_io_ops": "merge_v2_checkpoints restore_v2 save_v2 "
            "sharded_filename sharded_filespec",
    },
    "graphmode.profiling.options": {
        "profiler python.profiler.option_builder": "ProfileOptionBuilder",
    },
    "graphmode.profiling.profiler": {
        "profiler python.profiler.model_analyzer": "Profiler profile",
        "contrib.tfprof.model_analyzer":
            "FLOAT_OPS_OPTIONS PRINT_ALL_TIMING_MEMORY TRAINABLE_VARS_PARAMS_STAT_OPTIONS "
            "print_model_analysis",
    },
    "graphmode.saved_models.builder": {
        "saved_model saved_model.builder python.saved_model.builder": "SavedModelBuilder",
        "saved_model": "Builder=SavedModelBuilder",
        "saved_model python.saved_model.simple_save": "simple_save",
    },
    "graphmode.saved_models.constants": {
        "saved_model saved_model.constants python.saved_model.constants":
            "ASSETS_DIRECTORY ASSETS_KEY LEGACY_INIT_OP_KEY MAIN_OP_KEY SAVED_MODEL_FILENAME_PB "
            "SAVED_MODEL_FILENAME_PBTXT SAVED_MODEL_SCHEMA_VERSION VARIABLES_DIRECTORY "
            "VARIABLES_FILENAME",
        "python.saved_model.constants": "INIT_OP_SIGNATURE_KEY TRAIN_OP_KEY",
        "saved_model saved_model.signature_constants python.saved_model.signature_constants":
            "CLASSIFY_INPUTS CLASSIFY_METHOD_NAME CLASSIFY_OUTPUT_CLASSES CLASSIFY_OUTPUT_SCORES "
            "DEFAULT_SERVING_SIGNATURE_DEF_KEY PREDICT_INPUTS PREDICT_METHOD_NAME PREDICT_OUTPUTS "
            "REGRESS_INPUTS REGRESS_METHOD_NAME REGRESS_OUTPUTS",
        "saved_model saved_model.tag_constants python.saved_model.tag_constants":
            "GPU SERVING TPU TRAINING",
        "python.saved_model.tag_constants": "EVAL",
    },
    "graphmode.saved_models.loader": {
        "saved_model saved_model.loader python.saved_model.loader python.saved_model.loader_impl":
            "load maybe_saved_model_directory",
        "saved_model": "contains_saved_model",
        "python.saved_model.loader_impl": "SavedModelLoader",
        "python.tools.saved_model_utils": "get_meta_graph_def",
    },
    "graphmode.graph_tools.folding": {
        "python.tools.optimize_for_inference_lib": "fold_batch_norms",
    },
    "graphmode.graph_tools.freeze_graph": {
        "python.tools.freeze_graph":
            "freeze_graph freeze_graph_with_def_protos main run_main=main",
    },
    "graphmode.graph_tools.inspect_checkpoint": {
        "python.tools.inspect_checkpoint":
            "main parse_numpy_printoption print_tensors_in_checkpoint_file",
    },
    "graphmode.graph_tools.optimize_for_inference": {
        "python.tools.optimize_for_inference_lib": "ensure_graph_is_valid optimize_for_inference",
        "python.tools.optimize_for_inference": "main",
    },
    "graphmode.graph_tools.strip_unused": {
        "python.tools.strip_unused_lib": "strip_unused strip_unused_from_files",
        "python.tools.strip_unused": "main",
    },
    "graphmode.graph_tools.transform_graph": {
        "tools.graph_transforms": "TransformGraph",
    },
    "graphmode.saved_models.main_op": {
        "saved_model saved_model.main_op python.saved_model.main_op": "main_op_with_restore",
        "saved_model.main_op python.saved_model.main_op": "main_op",
    },
    "graphmode.saved_models.messages": {
        "contrib.saved_model.python.saved_model.reader python.saved_model.loader_impl":
            "read_saved_model",
        "python.saved_model.loader_impl": "parse_saved_model=read_saved_model",
    },
    "graphmode.saved_models.predictor": {
        "contrib.predictor": "from_saved_model",
        "contrib.predictor.predictor": "Predictor",
    },
    "graphmode.saved_models.signatures": {
        "saved_model saved_model.signature_def_utils python.saved_model.signature_def_utils":
            "build_signature_def classification_signature_def is_valid_signature "
            "predict_signature_def regression_signature_def",
        "saved_model saved_model.utils python.saved_model.utils":
            "build_tensor_info get_tensor_from_tensor_info",
    },
    "graphmode.training.checkpoint_state": {
        "train python.training.checkpoint_management python.training.saver":
            "checkpoint_exists generate_checkpoint_state_proto get_checkpoint_mtimes "
            "get_checkpoint_state latest_checkpoint remove_checkpoint update_checkpoint_state",
        "python.training.checkpoint_management": "meta_graph_filename",
    },
    "graphmode.training.checkpoint_utils": {
        "train python.training.checkpoint_utils":
            "init_from_checkpoint list_variables load_checkpoint load_variable",
        "contrib.framework": "assign_from_checkpoint assign_from_checkpoint_fn "
            "init_from_checkpoint list_variables load_checkpoint load_variable",
    },
    "graphmode.training.meta_graph": {
        "train python.training.saver": "export_meta_graph",
        "python.framework.meta_graph": "export_scoped_meta_graph",
    },
    "graphmode.training.meta_graph_import": {
        "train python.training.saver": "import_meta_graph",
        "python.training.saver": "import_meta_graph_with_return_elements",
        "python.framework.meta_graph":
            "import_scoped_meta_graph import_scoped_meta_graph_with_return_elements "
            "read_meta_graph_file",
    },
    "graphmode.graph_io.writing": {
        "train io python.framework.graph_io": "write_graph",
    },
    "graphmode.training.saveables": {
        "python.training.saver": "SaveableObject SaveSpec",
    },
    "graphmode.training.saver": {
        "train python.training.saver": "Saver",
    },
    "graphmode.training.slots": {
        "python.training.slot_creator":
            "create_slot create_slot_with_initializer create_zeros_slot",
    },
    "graphmode.sessions.coordinator": {
        "train python.training.coordinator": "Coordinator",
    },
    "graphmode.sessions.looper_thread": {
        "train python.training.coordinator": "LooperThread",
    },
    "graphmode.sessions.hooks.session_run": {
        "train estimator python.training.session_run_hook":
            "SessionRunArgs SessionRunContext SessionRunHook SessionRunValues",
        "python.training.basic_session_run_hooks": "SessionRunArgs",
    },
    "graphmode.sessions.hooks.timers": {
        "train estimator python.training.basic_session_run_hooks": "SecondOrStepTimer",
        "python.training.basic_session_run_hooks": "NeverTriggerTimer",
    },
    "graphmode.sessions.hooks.step_reading": {
        "python.training.training_util":
            "GLOBAL_STEP_READ_KEY _get_or_create_global_step_read=get_or_create_global_step_read",
    },
    "graphmode.sessions.hooks.checkpoints": {
        "train estimator python.training.basic_session_run_hooks":
            "CheckpointSaverHook CheckpointSaverListener",
    },
    "graphmode.sessions.hooks.feeds_and_ends": {
        "train estimator python.training.basic_session_run_hooks": "FeedFnHook FinalOpsHook",
    },
    "graphmode.sessions.hooks.logged_tensors": {
        "train estimator python.training.basic_session_run_hooks": "LoggingTensorHook",
    },
    "graphmode.sessions.hooks.nan": {
        "train estimator python.training.basic_session_run_hooks":
            "NanLossDuringTrainingError NanTensorHook",
    },
    "graphmode.sessions.hooks.profiles": {
        "train estimator python.training.basic_session_run_hooks contrib.hooks": "ProfilerHook",
    },
    "graphmode.sessions.hooks.steps": {
        "train estimator python.training.basic_session_run_hooks":
            "GlobalStepWaiterHook StepCounterHook StopAtStepHook",
    },
    "graphmode.sessions.hooks.summaries": {
        "train estimator python.training.basic_session_run_hooks": "SummarySaverHook",
    },
    "graphmode.sessions.scaffold": {
        "train python.training.monitored_session": "Scaffold",
    },
    "graphmode.sessions.session_creators": {
        "train python.training.monitored_session":
            "ChiefSessionCreator SessionCreator WorkerSessionCreator",
    },
    "graphmode.sessions.session_manager": {
        "train python.training.session_manager": "SessionManager",
    },
    "graphmode.sessions.monitored_session": {
        "train python.training.monitored_session": "MonitoredSession SingularMonitoredSession",
    },
    "graphmode.sessions.monitored_training": {
        "train python.training.monitored_session": "MonitoredTrainingSession",
        "python.training.monitored_session": "USE_DEFAULT",
    },
    "graphmode.sessions.queue_threads": {
        "train train.queue_runner python.training.queue_runner python.training.queue_runner_impl":
            "start_queue_runners",
    },
    "graphmode.sessions.slim_evaluation": {
        "contrib.slim.evaluation": "evaluate_once evaluation_loop",
    },
    "graphmode.sessions.slim_training": {
        "contrib.slim.learning": "train train_step",
    },
    "graphmode.sessions.supervisor": {
        "train python.training.supervisor": "Supervisor",
    },
    "graphmode.sessions.supervisor_threads": {
        "python.training.supervisor":
            "SVStepCounterThread SVSummaryThread SVTimerCheckpointThread",
    },
    "graphmode.sessions.train_loop": {
        "train python.training.basic_loops": "basic_train_loop",
    },
    "graphmode.sessions.evaluation": {
        "contrib.training contrib.training.python.training.evaluation":
            "evaluate_once evaluate_repeatedly get_or_create_eval_step",
    },
    "graphmode.sessions.hooks.evaluations": {
        "contrib.training contrib.training.python.training.evaluation":
            "StopAfterNEvalsHook SummaryAtEndHook",
    },
    "graphmode.sessions.new_checkpoints": {
        "train python.training.checkpoint_utils contrib.training "
        "contrib.training.python.training.evaluation": "checkpoints_iterator",
        "python.training.checkpoint_utils contrib.training "
        "contrib.training.python.training.evaluation": "wait_for_new_checkpoint",
        "contrib.slim.evaluation": "checkpoints_iterator wait_for_new_checkpoint",
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
    "graphmode.summary.projector": {
        "contrib.tensorboard.plugins.projector": "visualize_embeddings",
    },
    "tensorboard.plugins.projector.projector_config_pb2": {
        "contrib.tensorboard.plugins.projector": "EmbeddingInfo ProjectorConfig SpriteMetadata",
    },
    "graphmode.summary.of_tensors": {
        "contrib.slim.summaries":
            "add_histogram_summaries add_histogram_summary add_image_summaries add_image_summary "
            "add_scalar_summaries add_scalar_summary add_zero_fraction_summaries "
            "add_zero_fraction_summary",
    },
    "graphmode.summary.values": {
        "summary": "scalar histogram image audio text tensor_summary",
    },
    "graphmode.deploy.exporting": {
        "tf": "export",
    },
    "graphmode.platform.app": {
        "app": "run",
    },
    "graphmode.platform.behavior": {
        "tf":
            "disable_v2_behavior disable_eager_execution disable_control_flow_v2 "
            "disable_tensor_equality disable_v2_tensorshape enable_control_flow_v2 "
            "enable_eager_execution enable_v2_behavior executing_eagerly",
    },
    "graphmode.platform.devices": {
        "python.client.device_lib": "DeviceAttributes list_local_devices",
    },
    "graphmode.platform.file_io": {
        "python.lib.io.file_io":
            "atomic_write_string_to_file copy create_dir delete_file delete_recursively "
            "file_crc32 file_exists filecmp get_matching_files is_directory list_directory "
            "read_file_to_string recursive_create_dir rename stat walk write_string_to_file",
        "gfile":
            "Copy=copy DeleteRecursively=delete_recursively Exists=file_exists "
            "Glob=get_matching_files IsDirectory=is_directory ListDirectory=list_directory "
            "MakeDirs=recursive_create_dir MkDir=create_dir Remove=delete_file Rename=rename "
            "Stat=stat Walk=walk",
    },
    "graphmode.platform.file_objects": {
        "gfile": "FastGFile GFile Open=GFile",
        "io.gfile": "GFile",
        "python.lib.io.file_io": "FileIO",
    },
    "graphmode.platform.io_gfile": {
        "io.gfile":
            "copy exists glob isdir listdir makedirs mkdir remove rename rmtree stat walk",
        "python.lib.io.file_io":
            "copy_v2=copy create_dir_v2=mkdir delete_file_v2=remove delete_recursively_v2=rmtree "
            "file_exists_v2=exists get_matching_files_v2=glob is_directory_v2=isdir "
            "list_directory_v2=listdir recursive_create_dir_v2=makedirs rename_v2=rename "
            "stat_v2=stat walk_v2=walk",
    },
    "graphmode.platform.flags": {
        "flags":
            "FLAGS DEFINE_string DEFINE_boolean DEFINE_bool DEFINE_integer DEFINE_float "
            "DEFINE_enum DEFINE_list DEFINE_multi_integer DEFINE_multi_string "
            "mark_flag_as_required mark_flags_as_required register_validator validator",
    },
    "graphmode.platform.logging": {
        "logging":
            "DEBUG ERROR FATAL INFO WARN debug error fatal flush get_verbosity info log "
            "log_every_n log_first_n log_if set_verbosity vlog warn warning",
    },
    "graphmode.platform.testing.case": {
        "test": "TestCase mock",
        "python.framework.test_util":
            "TensorFlowTestCase=TestCase CapturedWrites",
    },
    "graphmode.platform.testing.machine": {
        "test":
            "get_temp_dir gpu_device_name is_gpu_available is_built_with_cuda "
            "is_built_with_gpu_support is_built_with_rocm create_local_cluster test_src_dir_path",
        "python.platform.googletest": "GetTempDir=get_temp_dir",
        "python.framework.test_util":
            "gpu_device_name is_gpu_available device use_gpu force_gpu force_cpu is_xla_enabled "
            "IsMklEnabled=is_mkl_enabled IsBuiltWithROCm=is_built_with_rocm "
            "IsGoogleCudaEnabled=is_built_with_cuda "
            "GpuSupportsHalfMatMulAndConv=is_built_with_cuda create_local_cluster",
    },
    "graphmode.platform.testing.conditions": {
        "python.framework.test_util":
            "run_v1_only run_v2_only run_gpu_only run_cuda_only run_in_graph_and_eager_modes "
            "run_all_in_graph_and_eager_modes for_all_test_methods skip_if "
            "run_deprecated_v1=as_it_is deprecated_graph_mode_only=as_it_is "
            "run_all_in_deprecated_graph_mode_only=as_it_is enable_control_flow_v2=as_it_is "
            "with_control_flow_v2=as_it_is enable_c_shapes=as_it_is with_c_shapes=as_it_is "
            "also_run_as_tf_function=as_it_is build_as_function_and_v1_graph=as_it_is "
            "enable_output_all_intermediates=as_it_is use_deterministic_cudnn=as_it_is "
            "assert_no_new_tensors=as_it_is assert_no_garbage_created=as_it_is "
            "assert_no_new_pyobjects_executing_eagerly=as_it_is py_func_if_in_function=as_it_is "
            "disable_control_flow_v2=described_as_it_is disable_xla=described_as_it_is "
            "xla_allow_fallback=described_as_it_is no_xla_auto_jit=described_as_it_is "
            "enable_tf_xla_constant_folding=described_as_it_is",
    },
    "graphmode.platform.testing.graphs": {
        "test": "assert_equal_graph_def",
        "python.framework.test_util":
            "assert_ops_in_graph assert_equal_graph_def "
            "assert_equal_graph_def_v1=assert_equal_graph_def NHWCToNCHW NCHWToNHWC",
    },
    "graphmode.platform.testing.gradient_checker": {
        "test python.ops.gradient_checker": "compute_gradient compute_gradient_error",
    },
    "graphmode.platform.testing.benchmark": {
        "test": "Benchmark benchmark_config main",
    },
    "graphmode.platform.testing.stubs": {
        "test": "StubOutForTesting",
    },
    "graphmode.platform.resource_loader": {
        "resource_loader python.platform.resource_loader":
            "get_data_files_path get_path_to_datafile readahead_file_path",
    },
    "graphmode.platform.timeline": {
        "python.client.timeline": "Timeline",
    },
    "graphmode.platform.text": {
        "compat":
            "as_bytes as_text as_str as_str_any path_to_str integral_types real_types "
            "complex_types bytes_or_text_types",
    },
    "graphmode.input.vocabulary": {
        "contrib.learn.preprocessing":
            "ByteProcessor CategoricalVocabulary VocabularyProcessor tokenizer",
    },
    "graphmode.input.filenames": {
        "train io python.training.input": "match_filenames_once",
    },
    "graphmode.input.tables": {
        "contrib.lookup contrib.lookup.lookup_ops python.ops.lookup_ops":
            "LookupInterface InitializableLookupTableBase InitializableLookupTableBaseV1 "
            "TableInitializerBase TextFileIdTableInitializer TextFileStringTableInitializer",
        "lookup contrib.lookup contrib.lookup.lookup_ops python.ops.lookup_ops":
            "KeyValueTensorInitializer TextFileIndex TextFileInitializer",
        "contrib.lookup contrib.lookup.lookup_ops": "HashTable",
        "lookup python.ops.lookup_ops": "StaticHashTable",
        "python.ops.lookup_ops": "HashTable=StaticHashTable StaticHashTableV1=StaticHashTable",
    },
    "graphmode.input.mutable_tables": {
        "contrib.lookup contrib.lookup.lookup_ops":
            "MutableHashTable MutableDenseHashTable=DenseHashTable",
        "lookup.experimental python.ops.lookup_ops": "DenseHashTable",
        "python.ops.lookup_ops": "MutableHashTable",
    },
    "graphmode.input.bucketed_tables": {
        "contrib.lookup contrib.lookup.lookup_ops python.ops.lookup_ops":
            "HasherSpec FastHashSpec StrongHashSpec IdTableWithHashBuckets",
        "lookup python.ops.lookup_ops": "StaticVocabularyTable",
    },
    "graphmode.input.word_tables": {
        "contrib.lookup contrib.lookup.lookup_ops python.ops.lookup_ops":
            "index_table_from_file index_to_string_table_from_file",
        "python.ops.lookup_ops": "index_table_from_tensor index_to_string_table_from_tensor",
    },
    "graphmode.input.mapped_tables": {
        "contrib.lookup contrib.lookup.lookup_ops":
            "index_table_from_tensor=mapped_index_table "
            "index_to_string_table_from_tensor=mapped_string_table string_to_index index_to_string "
            "string_to_index_table_from_file string_to_index_table_from_tensor",
    },
    "graphmode.input.data_provider": {
        "contrib.slim.data_decoder": "DataDecoder",
        "contrib.slim.data_provider": "DataProvider",
        "contrib.slim.dataset": "Dataset",
        "contrib.slim.dataset_data_provider": "DatasetDataProvider",
    },
    "graphmode.input.item_handlers": {
        "contrib.slim.tfexample_decoder":
            "BackupHandler BoundingBox Image ItemHandler ItemHandlerCallback LookupTensor "
            "SparseTensor=SparseTensorHandler TFExampleDecoder Tensor=TensorHandler",
    },
    "graphmode.input.parallel_reading": {
        "contrib.slim.parallel_reader":
            "ParallelReader get_data_files parallel_read single_pass_read",
    },
    "graphmode.input.readers": {
        "tf python.ops.io_ops":
            "FixedLengthRecordReader IdentityReader LMDBReader ReaderBase TFRecordReader "
            "TextLineReader WholeFileReader",
    },
    "graphmode.input.queues": {
        "tf queue python.ops.data_flow_ops": "FIFOQueue QueueBase",
        "io": "QueueBase",
    },
    "graphmode.input.batches": {
        "train python.training.input":
            "batch batch_join maybe_batch maybe_batch_join maybe_shuffle_batch "
            "maybe_shuffle_batch_join shuffle_batch shuffle_batch_join",
    },
    "graphmode.input.accumulators": {
        "tf python.ops.data_flow_ops":
            "ConditionalAccumulator ConditionalAccumulatorBase SparseConditionalAccumulator",
        "sparse": "SparseConditionalAccumulator",
    },
    "graphmode.input.barriers": {
        "python.ops.data_flow_ops": "Barrier",
    },
    "graphmode.input.buckets": {
        "contrib.training contrib.training.python.training.bucket_ops":
            "bucket bucket_by_sequence_length",
    },
    "graphmode.input.sampling": {
        "contrib.training contrib.training.python.training.sampling_ops":
            "rejection_sample stratified_sample",
    },
    "graphmode.input.staging": {
        "contrib.staging python.ops.data_flow_ops": "StagingArea",
    },
    "graphmode.input.prefetching": {
        "contrib.slim.prefetch_queue": "prefetch_queue",
        "contrib.slim.queues": "NestedQueueRunnerError QueueRunners",
    },
    "graphmode.input.producers": {
        "train python.training.input":
            "input_producer limit_epochs range_input_producer slice_input_producer "
            "string_input_producer",
    },
    "graphmode.input.queue_runner": {
        "train train.queue_runner python.training.queue_runner python.training.queue_runner_impl":
            "QueueRunner add_queue_runner",
    },
    "graphmode.input.queue_kinds": {
        "tf io queue python.ops.data_flow_ops":
            "PaddingFIFOQueue PriorityQueue RandomShuffleQueue",
    },
    "graphmode.data.dataset": {
        "data contrib.data python.data.ops.dataset_ops": "Dataset",
    },
    "graphmode.data.accessors": {
        "data python.data.ops.dataset_ops":
            "get_output_classes get_output_shapes get_output_types "
            "make_initializable_iterator make_one_shot_iterator",
        "contrib.data": "get_output_classes get_output_shapes get_output_types",
        "data.experimental": "from_variant get_structure to_variant",
    },
    "graphmode.data.options": {
        "data python.data.ops.dataset_ops": "Options",
        "data.experimental":
            "DistributeOptions MapVectorizationOptions OptimizationOptions StatsOptions "
            "ThreadingOptions",
    },
    "graphmode.data.files.readers": {
        "data contrib.data python.data.ops.readers":
            "FixedLengthRecordDataset TFRecordDataset TextLineDataset",
    },
    "graphmode.data.files.csv": {
        "data.experimental contrib.data": "CsvDataset",
    },
    "graphmode.data.files.csv_tables": {
        "data.experimental contrib.data": "make_csv_dataset",
    },
    "graphmode.data.files.sql": {
        "data.experimental contrib.data": "SqlDataset",
    },
    "graphmode.data.files.writer": {
        "data.experimental contrib.data": "TFRecordWriter",
    },
    "graphmode.data.files.batched_features": {
        "data.experimental": "make_batched_features_dataset parse_example_dataset",
        "contrib.data":
            "make_batched_features_dataset parse_example_dataset read_batch_features",
    },
    "graphmode.data.elements": {
        "data.experimental":
            "bytes_produced_stats copy_to_device dense_to_sparse_batch latency_stats "
            "map_and_batch_with_legacy_function",
        "contrib.data":
            "assert_element_shape copy_to_device dense_to_sparse_batch sliding_window_batch "
            "sloppy_interleave",
    },
    "graphmode.data.reduction": {
        "data.experimental": "Reducer get_single_element group_by_reducer",
        "contrib.data": "Reducer get_single_element group_by_reducer reduce_dataset",
    },
    "graphmode.data.stats": {
        "data.experimental": "StatsAggregator",
    },
    "graphmode.data.cardinality": {
        "data.experimental": "INFINITE_CARDINALITY UNKNOWN_CARDINALITY cardinality",
    },
    "graphmode.data.combining.choosing": {
        "data.experimental contrib.data": "choose_from_datasets sample_from_datasets",
    },
    "graphmode.data.resampling": {
        "data.experimental contrib.data": "rejection_resample",
    },
    "graphmode.data.files.positions": {
        "data.experimental contrib.data":
            "CheckpointInputPipelineHook make_saveable_from_iterator",
    },
    "graphmode.data.optional": {
        "data.experimental contrib.data": "Optional get_next_as_optional",
    },
    "graphmode.data.structure": {
        "data.experimental": "SparseTensorStructure TensorStructure",
    },
    "graphmode.data.iterator": {
        "data contrib.data python.data.ops.iterator_ops": "Iterator",
    },
    "graphmode.data.applied": {
        "data.experimental":
            "AUTOTUNE Counter RandomDataset bucket_by_sequence_length "
            "enumerate_dataset prefetch_to_device take_while unique "
            "group_by_window ignore_errors map_and_batch parallel_interleave "
            "scan shuffle_and_repeat unbatch",
        "contrib.data":
            "AUTOTUNE Counter enumerate_dataset prefetch_to_device unique "
            "RandomDataset batch_and_drop_remainder bucket_by_sequence_length "
            "group_by_window ignore_errors map_and_batch "
            "padded_batch_and_drop_remainder parallel_interleave scan "
            "shuffle_and_repeat unbatch",
    },
    "graphmode.datasets.mnist": {
        "examples.tutorials.mnist.input_data contrib.learn.python.learn.datasets.mnist":
            "DataSet Datasets dense_to_one_hot extract_images extract_labels read_data_sets",
        "contrib.learn.python.learn.datasets.base": "Datasets",
        "contrib.learn.python.learn.datasets.mnist": "DEFAULT_SOURCE_URL",
    },
    "graphmode.datasets.mnist_network": {
        "examples.tutorials.mnist.mnist":
            "NUM_CLASSES IMAGE_SIZE IMAGE_PIXELS inference loss training evaluation",
    },
    "graphmode.datasets.mnist_feed": {
        "examples.tutorials.mnist.fully_connected_feed":
            "placeholder_inputs fill_feed_dict do_eval run_training FLAGS",
    },
    "graphmode.datasets.learn": {
        "contrib.learn.python.learn.datasets": "load_dataset load_iris",
        "contrib.learn.python.learn.datasets.base":
            "Dataset load_csv_with_header load_csv_without_header load_iris maybe_download "
            "shrink_csv",
        "contrib.learn.python.learn.datasets.mnist": "load_mnist maybe_download",
    },
    "graphmode.datasets.ptb": {
        "models.rnn.ptb.reader":
            "ptb_iterator ptb_producer ptb_raw_data _read_words _build_vocab _file_to_word_ids",
    },
    "graphmode.viz.activations": {
        "viz": "plot_activations",
    },
    "graphmode.viz.classes": {
        "viz": "plot_confusion_matrix plot_roc",
    },
    "graphmode.viz.curve": {
        "viz": "plot_curve",
    },
    "graphmode.viz.learning": {
        "viz": "plot_learning_curves",
    },
    "graphmode.viz.page": {
        "viz": "embedding_page",
    },
    "graphmode.viz.planes": {
        "viz": "plot_planes",
    },
    "graphmode.viz.raster": {
        "viz": "tile_raster_images",
    },
    "graphmode.notebook.extension": {
        "tf": "load_ipython_extension=load",
    },
    "graphmode.viz.graph": {
        "viz": "graph_mermaid graph_svg",
    },
    "graphmode.viz.logs": {
        "viz": "curves",
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
    "graphmode.viz.tree": {
        "viz": "plot_tree",
    },
    "graphmode.viz.words": {
        "viz": "plot_words",
    },
}
# fmt: on
