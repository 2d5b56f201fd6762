"""What TensorFlow 1 had and graphmode has not: what it was, and what to use.

An entry is for its address and all below it; the longest that matches counts. `test_absent.py`
holds each to being absent, and what it names to being there.
"""

from __future__ import annotations

_KERAS = "use the keras package (KERAS_BACKEND=jax), or tf.layers"
_FOREST = "use sklearn.ensemble.RandomForestClassifier"
_TPU = "no TPU address is needed: a session runs on the devices JAX finds"
_DENSE = "give its elements to tf.linalg.LinearOperatorFullMatrix"
_GCE = "give the addresses to tf.train.ClusterSpec, or set TF_CONFIG"
_MIRRORS = "use tf.distribute.MirroredStrategy over the devices JAX finds, or tf.Session(mesh=8)"
_RANKS = "run the program by `graphmode launch` with horovod.tensorflow's DistributedOptimizer"
_SYNC = (
    "TensorFlow 1.0 removed it: use tf.train.SyncReplicasOptimizer(opt, replicas_to_aggregate), "
    "with its make_session_run_hook"
)
_STEP = "call strategy.experimental_run_v2 with a function of one step"
_AVERAGE = (
    "use tf.train.SyncReplicasOptimizer for the mean of gradients, or "
    "tf.train.ExponentialMovingAverage for that of variables"
)
_NETS = (
    "the networks are files of tensorflow/models, research/slim/nets: put one beside the program"
)

INSTEAD = {
    "LegacySyncReplicasOptimizer": _SYNC,
    "ReplicaDeviceSetter": "it is tf.train.replica_device_setter since TensorFlow 0.8",
    "SyncReplicasOptimizer": "it is tf.train.SyncReplicasOptimizer",
    "compat.v2": "graphmode is TensorFlow 1: use `tensorflow` or tensorflow.compat.v1",
    "config": "this is of TensorFlow 2: say devices with tf.ConfigProto and tf.device",
    "contrib.bayesflow": "it became tensorflow_probability; draw with tf.distributions",
    "contrib.boosted_trees": "use sklearn.ensemble.HistGradientBoostingClassifier",
    "contrib.distribute.CollectiveAllReduceStrategy": _RANKS,
    "contrib.distribute.DistributeConfig": "write the loop with tf.Session",
    "contrib.distribute.Monitor": _STEP,
    "contrib.distribute.MultiWorkerAllReduce": _RANKS,
    "contrib.distribute.StandardInputStep": _STEP,
    "contrib.distribute.StandardSingleLossStep": _STEP,
    "contrib.distribute.Step": _STEP,
    "contrib.distribute.TPUStrategy": _MIRRORS,
    "contrib.distribute.UpdateContext": "give updates to the optimizer's apply_gradients",
    "contrib.cluster_resolver.GCEClusterResolver": _GCE,
    "contrib.cluster_resolver.TPUClusterResolver": _TPU,
    "contrib.data.LMDBDataset": "read the pairs with the lmdb package, in a generator for "
    "tf.data.Dataset.from_generator",
    "contrib.eager": "graphmode runs graphs only: fetch with Session.run",
    "contrib.factorization": "use sklearn.cluster.KMeans or sklearn.mixture",
    "contrib.gan.estimator": "build the model with tf.contrib.gan.gan_model and run its train ops",
    "contrib.gan.eval": "compute it with NumPy of what Session.run gives",
    "contrib.gan.features": "write it with tf.layers in the discriminator_fn",
    "contrib.keras": _KERAS,
    "contrib.kernel_methods": "use sklearn.kernel_approximation.RBFSampler",
    "contrib.learn": "use scikit-learn",
    "contrib.nn": "use tf.nn",
    "contrib.slim.nets": _NETS,
    "contrib.slim.python.slim.nets": _NETS,
    "contrib.opt.AGNOptimizer": _AVERAGE,
    "contrib.opt.DropStaleGradientOptimizer": "use tf.train.SyncReplicasOptimizer, which drops "
    "gradients of earlier steps",
    "contrib.opt.ElasticAverageOptimizer": _AVERAGE,
    "contrib.opt.ModelAverageOptimizer": _AVERAGE,
    "contrib.session_bundle": "this is the format before SavedModel: TensorFlow 1.15 converts it, "
    "and tf.saved_model.load reads what it writes",
    "contrib.tensor_forest": _FOREST,
    "contrib.tpu": _TPU,
    "contrib.training.batch_sequences_with_states": "tf.nn.dynamic_rnn with a variable for the "
    "state that goes on from batch to batch",
    "contrib.training.resample_at_rate": "draw the rows with NumPy, or with rejection_sample",
    "contrib.training.weighted_resample": "draw the rows with NumPy, or with rejection_sample",
    "distribute.cluster_resolver.GCEClusterResolver": _GCE,
    "distribute.cluster_resolver.TPUClusterResolver": _TPU,
    "distribute.experimental.MultiWorkerMirroredStrategy": _RANKS,
    "distribute.experimental.TPUStrategy": _MIRRORS,
    "estimator": "write the loop with tf.Session and tf.layers, or use scikit-learn",
    "google": "this was internal to Google; the public name is `tensorflow`",
    "keras": _KERAS,
    "linalg.LinearOperatorCirculant": _DENSE,
    "linalg.LinearOperatorToeplitz": _DENSE,
    "load_op_library": "compiled kernels cannot be loaded: write the op with tf.py_func",
    "models": "these programs were never part of the package: copy the file you need",
    "python.framework.function": "call the Python function itself, with tf.custom_gradient for "
    "a gradient of its own",
    "python.grappler": "nothing is needed: XLA optimises every compiled program",
    "python.keras": _KERAS,
    "tpu": _TPU,
}

EMPTY = (
    "all_reduce autograph batching bayesflow bigtable boosted_trees checkpoint cloud "
    "compiler constrained_optimization copy_graph deprecated "
    "eager estimator factorization feature_column ffmpeg graph_editor grid_rnn image "
    "input_pipeline integrate keras kernel_methods labeled_tensor linear_optimizer "
    "memory_stats mixed_precision model_pruning periodic_resample proto "
    "quantization quantize receptive_field recurrent reduce_slice_ops resampler rpc "
    "session_bundle signal solvers sparsemax specs stat_summarizer stateless summary "
    "tensor_forest tensorrt testing text timeseries tpu"
)
"""The packages of `tf.contrib` of which nothing is here: a program that uses nothing of one that it
imports need not change."""


EMPTY_BELOW = (
    "contrib.boosted_trees.estimator_batch.estimator contrib.boosted_trees.proto.learner_pb2 "
    "contrib.image.python.ops.image_ops contrib.learn.python.learn.estimators.estimator "
    "contrib.learn.python.learn.run_config contrib.learn.python.learn.utils.input_fn_utils "
    "contrib.tensor_forest.client.random_forest contrib.tensor_forest.python.tensor_forest "
    "contrib.tpu.python.tpu.tpu_config contrib.tpu.python.tpu.tpu_estimator "
    "contrib.tpu.python.tpu.tpu_optimizer python.grappler.tf_optimizer"
)
"""Modules below such packages, and below others, that programs import and of which nothing is here:
they can be imported, their names say what to use."""


def instead(address: str) -> str:
    """What to use instead of an address, with ``: `` before it; an empty text if nothing is known.

    Parameters
    ----------
    address : str
        Below the package: ``contrib.eager.Iterator``.
    """
    known = [prefix for prefix in INSTEAD if f"{address}.".startswith(prefix + ".")]
    return f": {INSTEAD[max(known, key=len)]}" if known else ""
