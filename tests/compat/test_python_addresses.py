"""TF1's internal addresses: what published optimizers import from them, and every other name."""

import importlib
import pkgutil
from operator import attrgetter

import numpy as np
import pytest

import graphmode.python

# The name in the subclasses below: the address that it is imported from.
ADDRESSES = {
    "control_flow_ops": "ops.control_flow_ops",
    "math_ops": "ops.math_ops",
    "ops": "framework.ops",
    "optimizer": "training.optimizer",
    "state_ops": "ops.state_ops",
}


def modules_of(package):
    """The internal modules by the names that the subclasses below use."""
    return {
        name: importlib.import_module(f"{package}.python.{address}")
        for name, address in ADDRESSES.items()
    }


def ada_max(modules):
    """AdaMax as repositories write it: two slots, updated by assign, joined by group."""
    control_flow_ops, math_ops = modules["control_flow_ops"], modules["math_ops"]
    ops, state_ops = modules["ops"], modules["state_ops"]

    class AdaMaxOptimizer(modules["optimizer"].Optimizer):
        def __init__(self, learning_rate=0.3, beta1=0.8, beta2=0.9, name="AdaMax"):
            super().__init__(False, name)
            self._lr, self._beta1, self._beta2 = learning_rate, beta1, beta2

        def _prepare(self):
            self._lr_t = ops.convert_to_tensor(self._lr, name="learning_rate")
            self._beta1_t = ops.convert_to_tensor(self._beta1, name="beta1")
            self._beta2_t = ops.convert_to_tensor(self._beta2, name="beta2")

        def _create_slots(self, var_list):
            for v in var_list:
                self._zeros_slot(v, "m", self._name)
                self._zeros_slot(v, "u", self._name)

        def _apply_dense(self, grad, var):
            lr = math_ops.cast(self._lr_t, var.dtype.base_dtype)
            beta1 = math_ops.cast(self._beta1_t, var.dtype.base_dtype)
            beta2 = math_ops.cast(self._beta2_t, var.dtype.base_dtype)
            m, u = self.get_slot(var, "m"), self.get_slot(var, "u")
            m_t = state_ops.assign(m, beta1 * m + (1.0 - beta1) * grad)
            u_t = state_ops.assign(u, math_ops.maximum(beta2 * u, math_ops.abs(grad)))
            update = state_ops.assign_sub(var, lr * m_t / (u_t + 1e-7), use_locking=False)
            return control_flow_ops.group(*[update, m_t, u_t])

    return AdaMaxOptimizer()


def sign_momentum(modules):
    """PowerSign: the step grows where the sign of the gradient agrees with its moving average."""
    control_flow_ops, math_ops = modules["control_flow_ops"], modules["math_ops"]
    ops, state_ops = modules["ops"], modules["state_ops"]

    class PowerSign(modules["optimizer"].Optimizer):
        def __init__(self, learning_rate=0.2, decay=0.7, use_locking=False, name="PowerSign"):
            super().__init__(use_locking, name)
            self._lr, self._decay = learning_rate, decay

        def _prepare(self):
            self._lr_t = ops.convert_to_tensor(self._lr, name="learning_rate")
            self._decay_t = ops.convert_to_tensor(self._decay, name="decay")

        def _create_slots(self, var_list):
            for v in var_list:
                self._zeros_slot(v, "m", self._name)

        def _apply_dense(self, grad, var):
            lr = math_ops.cast(self._lr_t, var.dtype.base_dtype)
            decay = math_ops.cast(self._decay_t, var.dtype.base_dtype)
            m = self.get_slot(var, "m")
            m_t = m.assign(decay * m + (1 - decay) * grad)
            growth = math_ops.pow(2.0, math_ops.sign(grad) * math_ops.sign(m_t))
            update = state_ops.assign_sub(var, lr * grad * growth)
            return control_flow_ops.group(update, m_t)

    return PowerSign()


def trained(make, package, tf):
    """The weights and biases after each of four steps of a linear regression."""
    random = np.random.RandomState(7)
    x, y = random.randn(5, 3).astype("float32"), random.randn(5, 2).astype("float32")
    start = random.randn(3, 2).astype("float32")
    steps = []
    with tf.Graph().as_default(), tf.Session() as sess:
        w = tf.Variable(start)
        b = tf.Variable(tf.zeros([2]))
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
        train = make(modules_of(package)).minimize(loss)
        sess.run(tf.global_variables_initializer())
        for _ in range(4):
            sess.run(train)
            steps += sess.run([w, b])
    return steps


@pytest.mark.parametrize("make", [ada_max, sign_momentum])
def test_a_subclass_written_with_internal_names_trains_as_in_tensorflow(make, oracle):
    import graphmode as tf

    ours = trained(make, "graphmode", tf)
    theirs = trained(make, "tensorflow", oracle)
    assert np.abs(ours[-2] - ours[0]).max() > 0.1
    for own, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(own, their, rtol=1e-5, atol=1e-6)


def test_every_name_at_an_internal_address_is_there():
    found = pkgutil.walk_packages(graphmode.python.__path__, "graphmode.python.")
    modules = [importlib.import_module(entry.name) for entry in found]
    missing = [
        f"{module.__name__}.{name}"
        for module in modules
        for name in getattr(module, "__all__", [])
        if not hasattr(module, name)
    ]
    assert len(modules) > 30
    assert missing == []


@pytest.mark.parametrize(
    ("address", "name", "public"),
    [
        ("ops.math_ops", "reduce_sum", "reduce_sum"),
        ("ops.array_ops", "concat", "concat"),
        ("ops.nn", "sparse_softmax_cross_entropy_with_logits", None),
        ("ops.control_flow_ops", "tuple", "tuple"),
        ("framework.dtypes", "float32", "float32"),
        ("framework.tensor_shape", "TensorShape", "TensorShape"),
        ("framework.ops", "get_default_session", "get_default_session"),
        ("ops.gradients_impl", "gradients", "gradients"),
    ],
)
def test_a_name_is_the_public_object(address, name, public):
    import graphmode as tf

    module = importlib.import_module(f"graphmode.python.{address}")
    assert getattr(module, name) is getattr(tf if public else tf.nn, name)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("python.client.session.Session", "Session"),
        ("python.training.adam.AdamOptimizer", "train.AdamOptimizer"),
        ("python.training.training.MomentumOptimizer", "train.MomentumOptimizer"),
        ("python.ops.losses.losses.log_loss", "losses.log_loss"),
        ("python.ops.losses.losses_impl.Reduction", "losses.Reduction"),
        ("python.ops.metrics.mean_iou", "metrics.mean_iou"),
        ("python.ops.image_ops.resize_images", "image.resize_images"),
        ("python.ops.linalg_ops.svd", "svd"),
        ("python.ops.linalg.linalg.det", "linalg.det"),
        ("python.ops.sparse_ops.sparse_eye", "sparse.eye"),
        ("python.ops.standard_ops.while_loop", "while_loop"),
        ("contrib.layers.python.layers.layers.convolution2d_transpose",
         "contrib.layers.conv2d_transpose"),
        ("contrib.layers.python.layers.l2_regularizer", "contrib.layers.l2_regularizer"),
        ("contrib.layers.python.layers.initializers.xavier_initializer_conv2d",
         "contrib.layers.xavier_initializer"),
        ("contrib.framework.python.ops.variables.local_variable",
         "contrib.framework.local_variable"),
        ("contrib.framework.python.ops.arg_scope", "contrib.framework.arg_scope"),
        ("contrib.framework.python.ops.get_variables", "contrib.framework.get_variables"),
        ("contrib.rnn.python.ops.core_rnn_cell.EmbeddingWrapper", "contrib.rnn.EmbeddingWrapper"),
        ("contrib.seq2seq.python.ops.helper.TrainingHelper", "contrib.seq2seq.TrainingHelper"),
    ],
)  # fmt: skip
def test_an_internal_module_holds_the_public_object(address, public):
    import graphmode as tf

    module, _, name = address.rpartition(".")
    assert getattr(importlib.import_module(f"graphmode.{module}"), name) is attrgetter(public)(tf)


def test_messages_are_at_the_addresses_of_their_protocols():
    from graphmode.core.framework import graph_pb2, summary_pb2, tensor_pb2, types_pb2
    from graphmode.core.protobuf import config_pb2, rewriter_config_pb2
    from graphmode.core.util import event_pb2

    assert graph_pb2.GraphDef is graphmode.GraphDef
    assert summary_pb2.Summary is graphmode.Summary
    assert summary_pb2.HistogramProto is graphmode.HistogramProto
    assert event_pb2.Event is graphmode.Event
    config = config_pb2.ConfigProto()
    config.graph_options.rewrite_options.constant_folding = rewriter_config_pb2.RewriterConfig.OFF
    proto = graphmode.contrib.util.make_tensor_proto([[1.5, 2.5]])
    assert isinstance(proto, tensor_pb2.TensorProto)
    assert proto.dtype == types_pb2.DT_FLOAT
    assert graphmode.contrib.util.make_ndarray(proto).tolist() == [[1.5, 2.5]]


def test_what_was_in_models_before_1_0():
    from graphmode.models.rnn import rnn, rnn_cell, seq2seq
    from graphmode.models.rnn.ptb import reader

    assert rnn_cell.BasicLSTMCell is graphmode.nn.rnn_cell.BasicLSTMCell
    assert rnn_cell.MultiRNNCell is graphmode.nn.rnn_cell.MultiRNNCell
    assert rnn.dynamic_rnn is graphmode.nn.dynamic_rnn
    assert seq2seq.rnn_decoder is graphmode.contrib.legacy_seq2seq.rnn_decoder
    assert callable(reader.ptb_producer) and callable(reader.ptb_raw_data)


def test_concat_v2_is_the_concat_of_now():
    with graphmode.Graph().as_default(), graphmode.Session() as sess:
        joined = graphmode.concat_v2([[[1, 2]], [[3]]], axis=1)
        assert sess.run(joined).tolist() == [[1, 2, 3]]


def test_a_function_stays_where_a_module_of_its_name_is_imported():
    importlib.import_module("graphmode.contrib.framework.python.ops.arg_scope")
    from graphmode.contrib.framework.python import ops

    assert ops.arg_scope is graphmode.contrib.framework.arg_scope
