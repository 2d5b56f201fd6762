"""The addresses: what each one is for, and which of them holds all names of another."""

from __future__ import annotations

from graphmode._addresses.absent import EMPTY, EMPTY_BELOW
from graphmode._addresses.internal import SELECTED

# fmt: off
_PYTHON = (
    "client client.device_lib client.session client.timeline "
    "framework framework.constant_op framework.device framework.dtypes framework.errors "
    "framework.errors_impl framework.graph_io framework.graph_util framework.graph_util_impl "
    "framework.importer framework.meta_graph "
    "framework.ops framework.random_seed framework.tensor_shape framework.tensor_util "
    "framework.test_util "
    "lib lib.io lib.io.file_io lib.io.tf_record "
    "data data.ops data.ops.dataset_ops data.ops.iterator_ops data.ops.readers "
    "layers layers.base layers.convolutional layers.core layers.normalization layers.pooling "
    "layers.utils "
    "ops ops.array_ops ops.check_ops ops.clip_ops ops.control_flow_ops ops.data_flow_ops "
    "ops.embedding_ops ops.functional_ops ops.gen_array_ops "
    "ops.gen_candidate_sampling_ops ops.gen_ctc_ops ops.gen_io_ops ops.gen_list_ops "
    "ops.gen_resource_variable_ops training.gen_training_ops "
    "ops.gen_logging_ops ops.gen_lookup_ops ops.gen_math_ops ops.gen_nn_ops "
    "ops.gen_parsing_ops ops.gen_random_ops "
    "ops.gen_sparse_ops ops.gen_state_ops ops.gen_string_ops ops.io_ops "
    "ops.gradient_checker ops.gradients ops.gradients_impl ops.init_ops ops.logging_ops "
    "ops.math_ops ops.nn ops.nn_impl ops.nn_ops "
    "ops.random_ops ops.resource_variable_ops ops.resources ops.rnn ops.rnn_cell ops.rnn_cell_impl "
    "ops.state_ops ops.template ops.tensor_array_ops "
    "ops.variable_scope ops.variables "
    "platform platform.app platform.flags platform.gfile platform.googletest "
    "platform.resource_loader platform.test platform.tf_logging "
    "profiler profiler.model_analyzer profiler.option_builder "
    "pywrap_tensorflow "
    "saved_model saved_model.builder saved_model.constants saved_model.loader "
    "saved_model.loader_impl saved_model.main_op saved_model.signature_constants "
    "saved_model.signature_def_utils saved_model.simple_save saved_model.tag_constants "
    "saved_model.utils "
    "tools tools.freeze_graph tools.inspect_checkpoint tools.optimize_for_inference "
    "tools.optimize_for_inference_lib tools.saved_model_utils tools.strip_unused "
    "tools.strip_unused_lib "
    "training training.basic_loops training.basic_session_run_hooks "
    "training.checkpoint_management training.checkpoint_utils training.coordinator "
    "training.device_setter training.input training.monitored_session training.moving_averages "
    "training.optimizer "
    "training.queue_runner training.queue_runner_impl training.saver training.session_manager "
    "training.session_run_hook training.server_lib training.slot_creator training.supervisor "
    "training.sync_replicas_optimizer "
    "training.training_ops training.training_util "
    "util util.compat util.nest"
)
# fmt: on

_CORE = (
    "example.example example.feature "
    "framework.allocation_description framework.attr_value framework.cost_graph "
    "framework.function framework.graph framework.node_def framework.op_def "
    "framework.resource_handle framework.step_stats framework.summary framework.tensor "
    "framework.tensor_description framework.tensor_shape framework.types framework.variable "
    "framework.versions protobuf.cluster protobuf.config protobuf.debug protobuf.meta_graph "
    "protobuf.rewriter_config protobuf.saver protobuf.struct protobuf.tensorflow_server "
    "protobuf.verifier_config util.event"
)

# fmt: off
_WHOLE = {
    "contrib.framework.python.ops": "contrib.framework",
    "contrib.layers.python.layers": "contrib.layers",
    "contrib.learn.python.learn.preprocessing.text": "contrib.learn.preprocessing",
    "contrib.slim.python.slim.data.data_decoder": "contrib.slim.data_decoder",
    "contrib.slim.python.slim.data.data_provider": "contrib.slim.data_provider",
    "contrib.slim.python.slim.data.dataset": "contrib.slim.dataset",
    "contrib.slim.python.slim.data.dataset_data_provider": "contrib.slim.dataset_data_provider",
    "contrib.slim.python.slim.data.parallel_reader": "contrib.slim.parallel_reader",
    "contrib.slim.python.slim.data.prefetch_queue": "contrib.slim.prefetch_queue",
    "contrib.slim.python.slim.data.tfexample_decoder": "contrib.slim.tfexample_decoder",
    "contrib.slim.python.slim.evaluation": "contrib.slim.evaluation",
    "contrib.slim.python.slim.learning": "contrib.slim.learning",
    "contrib.slim.python.slim.model_analyzer": "contrib.slim.model_analyzer",
    "contrib.slim.python.slim.summaries": "contrib.slim.summaries",
    "models.rnn.rnn": "python.ops.rnn",
    "models.rnn.rnn_cell": "nn.rnn_cell",
    "models.rnn.seq2seq": "contrib.legacy_seq2seq",
    "python.ops.image_ops": "image",
    "python.ops.linalg.linalg": "linalg python.ops.linalg.linalg_impl",
    "python.ops.losses.losses": "losses",
    "python.ops.metrics": "metrics",
    "python.ops.standard_ops": "tf",
    "python.training.training": "train",
}
# fmt: on

DOCS = {
    "app": "`tf.app`: run a program's main with its flags.",
    "app.flags": "`tf.app.flags`: the command line of a program, also at `tf.flags`.",
    "bitwise": "`tf.bitwise`: the bits of integers.",
    "contrib": "`tf.contrib`: where much was before it had the address that it has now.",
    "contrib.cluster_resolver": "`tf.contrib.cluster_resolver`: what finds out about a cluster.",
    "contrib.crf": "`tf.contrib.crf`: linear-chain conditional random fields.",
    "contrib.cudnn_rnn": "`tf.contrib.cudnn_rnn`: recurrent networks of several layers as one.",
    "contrib.distribute": "`tf.contrib.distribute`: `tf.distribute` by its first address.",
    "contrib.distributions": "`tf.contrib.distributions`: `tf.distributions`, and vectors.",
    "contrib.hooks": "`tf.contrib.hooks`: `tf.train.ProfilerHook` by its first address.",
    "contrib.framework": "`tf.contrib.framework`: argument scopes, variables, the global step.",
    "contrib.framework.nest": "`tf.contrib.framework.nest`: nested lists, tuples and dicts.",
    "contrib.gan": "`tf.contrib.gan`: two networks that train against each other.",
    "contrib.gan.eval": "`tf.contrib.gan.eval`: what TensorBoard shows of a GAN.",
    "contrib.gan.eval.eval_utils": "`tf.contrib.gan.eval.eval_utils`: many images as one.",
    "contrib.gan.eval.summaries": "`tf.contrib.gan.eval.summaries`: summaries of a GAN.",
    "contrib.gan.features": "`tf.contrib.gan.features`: conditions, and clipped weights.",
    "contrib.gan.losses": "`tf.contrib.gan.losses`: losses of a GAN's two networks.",
    "contrib.gan.losses.wargs": "The losses of `tf.contrib.gan`, of what a discriminator says.",
    "contrib.layers": "`tf.contrib.layers`: layers, initializers, regularizers, `optimize_loss`.",
    "contrib.layers.initializers": "The initializers of `tf.contrib.layers`, by their module.",
    "contrib.layers.python": "TensorFlow 1's `tensorflow.contrib.layers.python`.",
    "contrib.layers.python.layers": "TensorFlow 1's `tensorflow.contrib.layers.python.layers`.",
    "contrib.layers.python.layers.optimizers": "`optimize_loss` and what it clips gradients by.",
    "contrib.layers.regularizers": "The regularizers of `tf.contrib.layers`, by their module.",
    "contrib.data": "`tf.contrib.data`: what became `tf.data` and `tf.data.experimental`.",
    "contrib.learn": "`tf.contrib.learn`: its data sets, and what it had for texts.",
    "contrib.learn.datasets": "`tf.contrib.learn.datasets`: irises, MNIST, tables, downloads.",
    "contrib.learn.datasets.base": "`tf.contrib.learn.datasets.base`: tables and downloads.",
    "contrib.learn.datasets.mnist": "`tf.contrib.learn.datasets.mnist`: `read_data_sets`.",
    "contrib.learn.python": "TensorFlow 1's `tensorflow.contrib.learn.python`.",
    "contrib.learn.python.learn": "TensorFlow 1's `tensorflow.contrib.learn.python.learn`.",
    "contrib.learn.python.learn.datasets": "`tf.contrib.learn.datasets` by its module.",
    "contrib.learn.python.learn.datasets.base": "Tables of numbers with a target, and downloads.",
    "contrib.learn.python.learn.datasets.mnist": "`read_data_sets` by its first address.",
    "contrib.learn.python.learn.basic_session_run_hooks": "The hooks of `tf.train`.",
    "contrib.learn.preprocessing": "`tf.contrib.learn.preprocessing`: texts as rows of ids.",
    "contrib.legacy_seq2seq": "`tf.contrib.legacy_seq2seq`: models that are lists of time steps.",
    "contrib.lookup": "`tf.contrib.lookup`: tables of words and of other keys.",
    "contrib.lookup.lookup_ops": "`tf.contrib.lookup` by the name of its module.",
    "contrib.losses": "`tf.contrib.losses`: the losses that take the predictions first.",
    "contrib.losses.metric_learning": "`tf.contrib.losses.metric_learning`: losses of embeddings.",
    "contrib.metrics": "`tf.contrib.metrics`: the metrics that take the predictions first.",
    "contrib.predictor": "`tf.contrib.predictor`: saved models as functions of arrays.",
    "contrib.predictor.predictor": "The class of these functions.",
    "contrib.saved_model": "TensorFlow 1's `tensorflow.contrib.saved_model`.",
    "contrib.saved_model.python": "TensorFlow 1's `tensorflow.contrib.saved_model.python`.",
    "contrib.saved_model.python.saved_model": "TensorFlow 1's module of that name, names only.",
    "contrib.saved_model.python.saved_model.reader": "What reads a SavedModel's message.",
    "contrib.rnn": "`tf.contrib.rnn`: cells of recurrent networks, and what runs them over time.",
    "contrib.nn": "`tf.contrib.nn`: what `tf.nn` has not.",
    "contrib.opt": "`tf.contrib.opt`: optimizers around others.",
    "contrib.seq2seq": "`tf.contrib.seq2seq`: losses and decoders of sequence-to-sequence models.",
    "contrib.slim": "`tf.contrib.slim`: `tf.contrib.layers` and what goes with it, in one place.",
    "contrib.slim.data_decoder": "`tf.contrib.slim.data_decoder`: what makes tensors of records.",
    "contrib.slim.data_provider": "`tf.contrib.slim.data_provider`: tensors by name.",
    "contrib.slim.dataset": "`tf.contrib.slim.dataset`: what is known of a data set.",
    "contrib.slim.dataset_data_provider": "The tensors of the next element of a slim data set.",
    "contrib.slim.parallel_reader": "`tf.contrib.slim.parallel_reader`: several files at once.",
    "contrib.slim.tfexample_decoder": "`tf.contrib.slim.tfexample_decoder`: items of Examples.",
    "contrib.slim.evaluation": "`tf.contrib.slim.evaluation`: batches of checkpoints.",
    "contrib.slim.initializers": "`tf.contrib.layers.initializers` by another name.",
    "contrib.slim.layers": "`tf.contrib.layers` by another name.",
    "contrib.slim.learning": "`tf.contrib.slim.learning`: training in one call.",
    "contrib.slim.learning.supervisor": "`tf.train.Supervisor`, where slim imports it.",
    "contrib.slim.losses": "`tf.contrib.losses` by another name.",
    "contrib.slim.metrics": "`tf.contrib.metrics` by another name.",
    "contrib.slim.model_analyzer": "`tf.contrib.slim.model_analyzer`: the sizes of variables.",
    "contrib.slim.prefetch_queue": "`tf.contrib.slim.prefetch_queue`: batches ahead of a step.",
    "contrib.slim.queues": "`tf.contrib.slim.queues`: queue runners of a `with` block.",
    "contrib.slim.regularizers": "`tf.contrib.layers.regularizers` by another name.",
    "contrib.slim.summaries": "`tf.contrib.slim.summaries`: summaries called as their tensors.",
    "contrib.slim.utils": "`tf.contrib.slim.utils`: outputs of layers, found again by name.",
    "contrib.staging": "`tf.contrib.staging`: what one run leaves ready for a later one.",
    "contrib.tensorboard": "TensorFlow 1's `tensorflow.contrib.tensorboard`.",
    "contrib.tensorboard.plugins": "TensorFlow 1's `tensorflow.contrib.tensorboard.plugins`.",
    "contrib.tensorboard.plugins.projector": "What TensorBoard's projector shows of embeddings.",
    "contrib.tfprof": "`tf.contrib.tfprof`: what became `tf.profiler`.",
    "contrib.tfprof.model_analyzer": "`tf.profiler.profile` by its first name.",
    "contrib.training": "`tf.contrib.training`: hyperparameters, training, evaluation.",
    "contrib.training.python": "TensorFlow 1's `tensorflow.contrib.training.python`.",
    "contrib.training.python.training": "TensorFlow 1's `contrib.training.python.training`.",
    "contrib.training.python.training.bucket_ops": "Batches of buckets, by their module.",
    "contrib.training.python.training.device_setter": "Which parameter server keeps a variable.",
    "contrib.training.python.training.sampling_ops": "Batches with examples left out, likewise.",
    "contrib.training.python.training.evaluation": "Evaluations of checkpoints, by their module.",
    "contrib.training.python.training.hparam": "`HParams`, and what reads them from a text.",
    "contrib.util": "`tf.contrib.util`: what is known of a tensor while the graph is built.",
    "core": "TensorFlow 1's `tensorflow.core`: the messages of its protocols.",
    "debugging": "`tf.debugging`: checks under their new names.",
    "distribute": "`tf.distribute`: training by replicas of a model.",
    "distribute.experimental": "`tf.distribute.experimental`: strategies of later names.",
    "distribute.cluster_resolver": "`tf.distribute.cluster_resolver`: which tasks there are.",
    "dtypes": "`tf.dtypes`: types of elements, and casts.",
    "errors": "`tf.errors`: the classes of run-time errors and their codes.",
    "estimator": "`tf.estimator`: the hooks of `tf.train`; there are no estimators here.",
    "examples": "TensorFlow 1's `tensorflow.examples`: what tutorials import.",
    "examples.tutorials": "TensorFlow 1's `tensorflow.examples.tutorials`.",
    "examples.tutorials.mnist": "TensorFlow 1's `tensorflow.examples.tutorials.mnist`.",
    "examples.tutorials.mnist.input_data": "`read_data_sets` and the data sets that it makes.",
    "examples.tutorials.mnist.fully_connected_feed": "That tutorial: feeds and training.",
    "examples.tutorials.mnist.mnist": "The network of the tutorial: two hidden layers.",
    "flags": "`tf.flags`: the command line of a program.",
    "gfile": "`tf.gfile`: files and folders.",
    "graph_util": "`tf.graph_util`: parts of graphs, and variables as constants.",
    "image": "`tf.image`: sizes, geometry, colours, files and boxes of images.",
    "initializers": "`tf.initializers`: what makes the initial value of a variable.",
    "io": "`tf.io`: files, and what their bytes say.",
    "io.gfile": "`tf.io.gfile`: files and folders, by later names.",
    "linalg": "`tf.linalg`: products of matrices, diagonals and norms.",
    "logging": "`tf.logging`: messages of a program.",
    "lookup": "`tf.lookup`: tables of keys and values.",
    "lookup.experimental": "`tf.lookup.experimental`: tables of keys and values.",
    "manip": "`tf.manip`: what moves the elements of arrays.",
    "math": "`tf.math`: arithmetic, reductions, segments and special functions.",
    "models.rnn": "TensorFlow 0.x's `tensorflow.models.rnn`.",
    "models.rnn.ptb": "TensorFlow 0.x's `tensorflow.models.rnn.ptb`.",
    "models.rnn.ptb.reader": "The reader of the word model: `graphmode.datasets.ptb`.",
    "models.rnn.rnn": "What became `tf.nn.static_rnn` and `tf.nn.dynamic_rnn`.",
    "models.rnn.rnn_cell": "What became `tf.nn.rnn_cell`.",
    "models.rnn.seq2seq": "What became `tf.contrib.legacy_seq2seq`.",
    "nest": "`tf.nest`: functions on nested lists, tuples and dicts.",
    "nn": "`tf.nn`: activations, losses, embeddings, convolutions.",
    "nn.rnn_cell": "`tf.nn.rnn_cell`: cells of recurrent networks, and wrappers of cells.",
    "nn.seq2seq": "`tf.nn.seq2seq`: what became `tf.contrib.legacy_seq2seq`.",
    "profiler": "`tf.profiler`: parameters, floating-point operations, times.",
    "python": "TensorFlow 1's `tensorflow.python`: its internal modules, names only.",
    "python_io": "`tf.python_io`: files of records.",
    "queue": "`tf.queue`: queues under their new address.",
    "random": "`tf.random`: random numbers under their new names.",
    "saved_model": "`tf.saved_model`: models in folders, for serving.",
    "saved_model.builder": "`tf.saved_model.builder`: what writes SavedModels.",
    "saved_model.constants": "`tf.saved_model.constants`: names of files and collections.",
    "saved_model.loader": "`tf.saved_model.loader`: what reads SavedModels.",
    "saved_model.main_op": "`tf.saved_model.main_op`: what is run after loading.",
    "saved_model.signature_constants": "`tf.saved_model.signature_constants`: names in signatures.",
    "saved_model.signature_def_utils": "`tf.saved_model.signature_def_utils`: signatures.",
    "saved_model.tag_constants": "`tf.saved_model.tag_constants`: what graphs are for.",
    "saved_model.utils": "`tf.saved_model.utils`: descriptions of tensors.",
    "resource_loader": "`tf.resource_loader`: files that lie beside a program.",
    "sparse": "`tf.sparse`: sparse tensors.",
    "quantization": "`tf.quantization`: numbers in few bits.",
    "sets": "`tf.sets`: rows as sets.",
    "signal": "`tf.signal`: Fourier transforms.",
    "spectral": "`tf.spectral`: Fourier transforms by their first address.",
    "strings": "`tf.strings`: strings of bytes, element by element.",
    "test": "`tf.test`: unit tests of graphs.",
    "tools": "TensorFlow 1's `tensorflow.tools`.",
    "tools.graph_transforms": "`TransformGraph`: passes over frozen graphs, by name.",
    "train": "`tf.train`: optimizers, learning-rate decays, moving averages.",
    "train.queue_runner": "`tf.train.queue_runner`: threads that fill queues.",
} | {
    f"python.{module}": f"TensorFlow 1's `tensorflow.python.{module}`, names only."
    for module in _PYTHON.split()
}
"""The addresses that are nothing else, and their docstrings."""

for _package in EMPTY.split():
    DOCS[f"contrib.{_package}"] = f"TensorFlow 1's `contrib.{_package}`: nothing of it is here."

for _address in EMPTY_BELOW.split():
    while _address not in DOCS:
        DOCS[_address] = f"TensorFlow 1's `{_address}`: nothing of it is here."
        _address = _address.rpartition(".")[0]

for _address in [*SELECTED, *_WHOLE, *(f"core.{_module}_pb2" for _module in _CORE.split())]:
    while _address not in DOCS:
        DOCS[_address] = f"TensorFlow 1's `tensorflow.{_address}`, names only."
        _address = _address.rpartition(".")[0]

FILES = (
    "compat compat.v1 data data.experimental distributions layers losses metrics models ragged "
    "raw_ops summary"
)
"""The addresses that are files of their own."""

# fmt: off
INCLUDES = _WHOLE | {
    "app.flags": "flags",
    "contrib.distributions": "distributions",
    "contrib.framework.nest": "nest",
    "contrib.layers": "contrib.layers.initializers contrib.layers.regularizers",
    "contrib.learn.python.learn.basic_session_run_hooks": "python.training.basic_session_run_hooks",
    "contrib.learn.datasets": "contrib.learn.python.learn.datasets",
    "contrib.learn.datasets.base": "contrib.learn.python.learn.datasets.base",
    "contrib.learn.datasets.mnist": "contrib.learn.python.learn.datasets.mnist",
    "contrib.rnn": "nn.rnn_cell",
    "contrib.slim": "contrib.layers contrib.framework",
    "contrib.slim.initializers": "contrib.layers.initializers",
    "contrib.slim.layers": "contrib.layers",
    "contrib.slim.learning.supervisor": "python.training.supervisor",
    "contrib.slim.losses": "contrib.losses",
    "contrib.slim.metrics": "contrib.metrics",
    "contrib.slim.regularizers": "contrib.layers.regularizers",
    "models.rnn.rnn": "python.ops.rnn",
    "models.rnn.rnn_cell": "nn.rnn_cell",
    "models.rnn.seq2seq": "contrib.legacy_seq2seq",
    "nn.seq2seq": "contrib.legacy_seq2seq",
    "python.framework.errors": "errors",
    "python.framework.errors_impl": "errors",
    "python.ops.array_ops": "python.ops.gen_array_ops",
    "python.ops.gradients": "python.ops.gradients_impl",
    "python.ops.lookup_ops": "python.ops.gen_lookup_ops",
    "python.ops.math_ops": "python.ops.gen_math_ops",
    "python.ops.nn": "nn",
    "python.ops.nn_ops": "python.ops.gen_nn_ops",
    "python.ops.rnn_cell": "python.ops.rnn_cell_impl",
    "python.ops.rnn_cell_impl": "nn.rnn_cell",
    "python.platform.app": "app",
    "python.platform.flags": "flags",
    "python.platform.gfile": "gfile",
    "python.platform.googletest": "test",
    "python.platform.test": "test",
    "python.platform.tf_logging": "logging",
    "python.util.compat": "compat",
    "python.util.nest": "contrib.framework.nest",
}
# fmt: on
"""Address -> the addresses whose names are all there, too."""

_children: dict[str, list[str]] = {}


def children(address: str) -> list[str]:
    """The modules below an address, by their own names."""
    if not _children:
        found: dict[str, list[str]] = {}
        for module in sorted([*DOCS, *FILES.split()]):
            parent, _, name = module.rpartition(".")
            found.setdefault(parent or "tf", []).append(name)
        _children.update(found)
    return _children.get(address, [])


def is_package(address: str) -> bool:
    """Whether there are modules below an address, or were in TensorFlow."""
    below = address.removeprefix("contrib.")
    return bool(children(address)) or (below != address and below in EMPTY.split())
