"""Activations, losses, biases and what else networks are made of."""

import numpy as np
from tests.ops.record import (
    KNOWN_SHAPE,
    Record,
    away_from_zero,
    integers,
    normal,
    positive,
    uniform,
)

DROPOUT = "the nodes are TensorFlow 1.15's (tests/golden), of which 2.21 has others"
AXES = "one Transpose there and back, where TensorFlow computes the order of axes"
MATRICES = "matrices are not reshaped to matrices, and the other lengths are known"
STOPPED = "the mean inside the variance is a constant for TensorFlow"
STITCH = "DynamicStitch needs no parallel form"


def _distribution(array):
    return (np.abs(array) / np.abs(array).sum(-1, keepdims=True)).astype(array.dtype)


def distributions(*shape):
    return positive(*shape).then(_distribution)


def _first_gradient(function):
    """The op that a gradient is made of, from outside."""
    return lambda tf, x: tf.gradients(function(tf, x), x)[0]


def _both_losses(tf, labels, logits):
    loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)
    return [loss, tf.gradients(loss, logits)[0]]


RECORDS = [
    # ---- along an axis
    Record("Softmax", lambda tf, x: tf.nn.softmax(x), [normal(2, 5)]),
    Record("Softmax", lambda tf, x: tf.nn.softmax(x), [normal(2, 3, 5)], name="rank3"),
    Record(
        "Softmax", lambda tf, x: tf.nn.softmax(x, axis=1), [normal(2, 3, 5)],
        name="axis", names_differ=AXES,
    ),
    Record(
        "Softmax", lambda tf, x: tf.nn.softmax(x, dim=0), [normal(2, 3)], name="dim",
        names_differ=AXES,
    ),
    Record("Softmax", lambda tf, x: tf.nn.softmax(x), [normal(3, 4).then(lambda a: a * 200)],
           name="large"),
    # A program takes rows this long piece by piece; the last entries fit into no piece.
    Record("Softmax", lambda tf, x: tf.nn.softmax(x), [normal(2, 1043)], name="long rows"),
    Record("Softmax", lambda tf, x: tf.nn.softmax(x), [normal()], name="scalar",
           raises=(ValueError, "Shape must be at least rank 1 but is rank 0")),
    Record("Softmax", lambda tf, x: tf.nn.softmax(x, axis=2), [normal(3)], name="bad axis",
           raises=("InvalidArgumentError", r"must be in the range \[-1, 1\)")),
    Record("LogSoftmax", lambda tf, x: tf.nn.log_softmax(x), [normal(2, 5)]),
    Record("LogSoftmax", lambda tf, x: tf.nn.log_softmax(x, axis=0), [normal(2, 5)], name="axis",
           names_differ=AXES),
    # ---- element by element
    Record("Relu", lambda tf, x: tf.nn.relu(x), [away_from_zero(2, 3)]),
    Record("Relu", lambda tf, x: tf.nn.relu(x), [np.array([0.0, np.nan, -1, 2], "f")],
           name="special", no_differences="NaN has none"),
    Record("ReluGrad", _first_gradient(lambda tf, x: tf.nn.relu(x)), [away_from_zero(2, 3)]),
    Record("Relu6", lambda tf, x: tf.nn.relu6(x), [uniform(0.3, 9, 4, 5)]),
    Record("Relu6", lambda tf, x: tf.nn.relu6(x), [away_from_zero(4, 5)], name="signs"),
    Record("Relu6Grad", _first_gradient(lambda tf, x: tf.nn.relu6(x)), [uniform(1, 9, 4, 5)]),
    Record("LeakyRelu", lambda tf, x: tf.nn.leaky_relu(x), [away_from_zero(2, 3)]),
    Record("LeakyRelu", lambda tf, x: tf.nn.leaky_relu(x, alpha=0.01), [away_from_zero(2, 3)],
           name="alpha"),
    Record("LeakyReluGrad", _first_gradient(lambda tf, x: tf.nn.leaky_relu(x)),
           [away_from_zero(2, 3)]),
    Record("Elu", lambda tf, x: tf.nn.elu(x), [away_from_zero(2, 3)]),
    Record("EluGrad", _first_gradient(lambda tf, x: tf.nn.elu(x)), [away_from_zero(2, 3)]),
    Record("Selu", lambda tf, x: tf.nn.selu(x), [away_from_zero(2, 3)]),
    Record("SeluGrad", _first_gradient(lambda tf, x: tf.nn.selu(x)), [away_from_zero(2, 3)]),
    Record("Softplus", lambda tf, x: tf.nn.softplus(x), [normal(2, 3)]),
    Record("Softplus", lambda tf, x: tf.nn.softplus(x),
           [np.array([-200, -20, 20, 200, 0], "f")], name="large"),
    Record("SoftplusGrad", _first_gradient(lambda tf, x: tf.nn.softplus(x)), [normal(2, 3)],
           names_differ="TensorFlow multiplies by a Sigmoid"),
    Record("Softsign", lambda tf, x: tf.nn.softsign(x), [away_from_zero(2, 3)],
           tf_lacks_second="SoftsignGrad has no gradient"),
    Record("SoftsignGrad", _first_gradient(lambda tf, x: tf.nn.softsign(x)),
           [away_from_zero(2, 3)], tf_lacks_gradient="SoftsignGrad has none"),
    Record("Relu", lambda tf, x: tf.nn.crelu(x), [away_from_zero(2, 3)], name="crelu"),
    Record("Sigmoid", lambda tf, x: tf.nn.swish(x), [normal(2, 3)], name="swish",
           names_differ="TensorFlow keeps x and its own gradient in an IdentityN"),
    # ---- losses
    Record("L2Loss", lambda tf, x: tf.nn.l2_loss(x), [normal(2, 3)]),
    Record("L2Loss", lambda tf, x: tf.nn.l2_loss(x), [normal()], name="scalar"),
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p, x: tf.nn.softmax_cross_entropy_with_logits_v2(labels=p, logits=x),
        [distributions(3, 5), normal(3, 5)],
        names_differ=MATRICES,
        dtypes=("float16", "bfloat16", "float32", "float64"),
        grad_inputs=(1,),
    ),
    # Second derivatives by both are TensorFlow's, who takes each row of labels to sum to 1.
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p, x: tf.nn.softmax_cross_entropy_with_logits_v2(labels=p, logits=x),
        [distributions(3, 5), normal(3, 5)],
        name="labels",
        names_differ=MATRICES,
        grad_inputs=(0,),
    ),
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p, x: tf.nn.softmax_cross_entropy_with_logits(labels=p, logits=x),
        [distributions(3, 5), normal(3, 5)],
        name="v1",
        names_differ=MATRICES,
    ),
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p, x: tf.nn.softmax_cross_entropy_with_logits(labels=p, logits=x),
        [distributions(2, 3, 5), normal(2, 3, 5)],
        name="rank3",
        names_differ=MATRICES,
    ),
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p, x: tf.nn.softmax_cross_entropy_with_logits_v2(labels=p, logits=x, axis=1),
        [distributions(2, 3, 5).then(lambda p: p.swapaxes(1, 2)), normal(2, 5, 3)],
        name="axis",
        grad_inputs=(1,),
        names_differ=MATRICES,
    ),
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p, x: tf.nn.softmax_cross_entropy_with_logits(labels=p, logits=x),
        [distributions(5), normal(5)],
        name="vector",
        names_differ=MATRICES,
    ),
    Record(
        "SoftmaxCrossEntropyWithLogits", _both_losses, [distributions(3, 5), normal(3, 5)],
        name="and gradient", names_differ=MATRICES, grad_inputs=(1,),
    ),
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p, x: tf.nn.softmax_cross_entropy_with_logits(labels=p, logits=x),
        [np.eye(5, dtype=np.int32)[[1, 4, 0]], normal(3, 5)],
        name="integer labels",
        names_differ=MATRICES,
    ),
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p, x: tf.nn.softmax_cross_entropy_with_logits(labels=p, logits=x),
        [normal(3, 5), normal(2, 5)],
        name="rows",
        raises=(ValueError, "Dimensions must be equal, but are 2 and 3"),
    ),
    Record(
        "SoftmaxCrossEntropyWithLogits",
        lambda tf, p: tf.nn.softmax_cross_entropy_with_logits(labels=p),
        [normal(3, 5)],
        name="no logits",
        raises=(ValueError, "Both .?labels.? and .?logits.? must be provided"),
    ),
    Record(
        "SparseSoftmaxCrossEntropyWithLogits",
        lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
        [integers(0, 5, 3), normal(3, 5)],
        names_differ="the shape of matrices of labels is not asked for",
        dtypes=("int32", "int64", "uint8", "float32", "string"),
    ),
    Record(
        "SparseSoftmaxCrossEntropyWithLogits",
        lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
        [integers(0, 5, 2, 3, dtype=np.int64), normal(2, 3, 5)],
        name="rank3",
        names_differ=MATRICES,
    ),
    Record(
        "SparseSoftmaxCrossEntropyWithLogits",
        lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
        [np.array([1, 7, 2], np.int32), normal(3, 5)],
        name="label",
        raises=(
            "InvalidArgumentError",
            r"Received a label value of 7 which is outside the valid range of \[0, 5\).  "
            "Label values: 1 7 2",
        ),
    ),
    Record(
        "SparseSoftmaxCrossEntropyWithLogits",
        lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
        [integers(0, 2, 3, 5), normal(3, 5)],
        name="one-hot",
        raises=(ValueError, "Rank mismatch|labels.shape.rank` must equal `logits.shape.rank - 1`"),
    ),
    Record(
        "Log1p",
        lambda tf, z, x: tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x),
        [uniform(0, 1, 3, 5), away_from_zero(3, 5)],
        name="sigmoid cross entropy",
    ),
    Record(
        "Log1p",
        lambda tf, z, x: tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x),
        [normal(3, 4), normal(3, 5)],
        name="sigmoid shapes",
        raises=(ValueError, "`logits` and `labels` must have the same shape"),
    ),
    Record(
        "Log1p",
        lambda tf, z, x: tf.nn.weighted_cross_entropy_with_logits(
            labels=z, logits=x, pos_weight=3.0
        ),
        [uniform(0, 1, 3, 5), away_from_zero(3, 5)],
        name="weighted cross entropy",
    ),
    Record(
        "Exp",
        lambda tf, z, c: tf.nn.log_poisson_loss(z, c),
        [positive(3, 5), normal(3, 5)],
        name="poisson",
    ),
    Record(
        "Exp",
        lambda tf, z, c: tf.nn.log_poisson_loss(z, c, compute_full_loss=True),
        [uniform(1.2, 4, 3, 5), normal(3, 5)],
        name="poisson full",
        names_differ=KNOWN_SHAPE,
    ),
    # ---- biases
    Record("BiasAdd", lambda tf, x, b: tf.nn.bias_add(x, b), [normal(2, 3), normal(3)]),
    Record("BiasAdd", lambda tf, x, b: tf.nn.bias_add(x, b), [normal(2, 4, 5, 3), normal(3)],
           name="rank4"),
    Record("BiasAdd", lambda tf, x, b: tf.nn.bias_add(x, b, data_format="NCHW"),
           [normal(2, 3, 4, 5), normal(3)], name="NCHW"),
    Record("BiasAdd", lambda tf, x, b: tf.nn.bias_add(x, b), [normal(2, 3), normal(4)],
           name="lengths", raises=(ValueError, "Dimensions must be equal, but are 3 and 4")),
    Record("BiasAdd", lambda tf, x, b: tf.nn.bias_add(x, b), [normal(2), normal(2)],
           name="rank", raises=(ValueError, "Shape must be at least rank 2 but is rank 1")),
    Record("BiasAdd", lambda tf, x, b: tf.nn.bias_add(x, b, data_format="XY"),
           [normal(2, 3), normal(3)], name="format",
           raises=(ValueError, "`data_format` must be of the form")),
    Record("BiasAddGrad",
           lambda tf, x, b, w: tf.gradients(tf.nn.bias_add(x, b) * w, b)[0],
           [normal(2, 3), normal(3), normal(2, 3)]),
    Record("BiasAddGrad",
           lambda tf, x, b, w: tf.gradients(tf.nn.bias_add(x, b, data_format="NCHW") * w, b)[0],
           [normal(2, 3, 4, 5), normal(3), normal(2, 3, 4, 5)], name="NCHW"),
    Record("MatMul", lambda tf, x, w, b: tf.nn.xw_plus_b(x, w, b),
           [normal(2, 3), normal(3, 5), normal(5)], name="xw_plus_b"),
    Record("MatMul", lambda tf, x, w, b: tf.nn.relu_layer(x, w, b),
           [normal(2, 3), normal(3, 5), normal(5)], name="relu_layer"),
    # ---- ranking, counting, statistics
    Record("InTopKV2", lambda tf, x, y: tf.nn.in_top_k(x, y, 2), [normal(7, 5), integers(0, 5, 7)],
           dtypes=("float32", "float64", "int32")),
    Record(
        "InTopKV2", lambda tf, x, y: tf.nn.in_top_k(x, y, 1),
        [
            np.array([[1, 2, 3], [np.nan, 1, 2], [1, 1, 1], [1, 2, np.inf], [0, 0, 1]], "f"),
            np.array([2, 1, 0, 0, 5]),
        ],
        name="special",
    ),
    Record("Mean", lambda tf, x: tf.nn.zero_fraction(x), [integers(0, 2, 3, 5)],
           name="zero_fraction",
           names_differ="a mean, where TensorFlow chooses a width to count in"),
    Record("Mean", lambda tf, x: list(tf.nn.moments(x, [0, 1])), [normal(3, 5, 2)],
           name="moments", no_differences=STOPPED),
    Record("Mean", lambda tf, x: list(tf.nn.moments(x, [1], keep_dims=True)), [normal(3, 5, 2)],
           name="moments kept", no_differences=STOPPED),
    Record("Rsqrt", lambda tf, x: tf.nn.l2_normalize(x, 1), [normal(3, 5)], name="l2_normalize"),
    # ---- dropout
    Record("Mul", lambda tf, x: tf.nn.dropout(x, 0.7, seed=3), [normal(4, 5)],
           name="dropout", names_differ=DROPOUT),
    Record("Mul", lambda tf, x: tf.nn.dropout(x, rate=0.4, seed=3, noise_shape=[4, 1]),
           [normal(4, 5)], name="dropout noise_shape", names_differ=DROPOUT),
    Record("Mul", lambda tf, x, p: tf.nn.dropout(x, keep_prob=p, seed=5),
           [normal(4, 5), np.float32(0.3)], name="dropout fed", grad_inputs=(0,),
           names_differ=DROPOUT),
    Record("Mul", lambda tf, x: tf.nn.dropout(x, 1.5), [normal(4, 5)], name="dropout bad",
           raises=(ValueError, r"`rate` must be a scalar tensor or a float in the range \[0, 1\)")),
    Record("Mul", lambda tf, x: tf.nn.dropout(x, 0.5), [integers(0, 3, 4)],
           name="dropout int", raises=(ValueError, "(must|has to) be a floating point tensor")),
    # ---- embeddings
    Record("GatherV2", lambda tf, e, i: tf.nn.embedding_lookup(e, i),
           [normal(5, 3), integers(0, 5, 2, 4)], name="embedding"),
    Record("GatherV2", lambda tf, e: tf.nn.embedding_lookup(e, 2), [normal(5, 3)],
           name="embedding scalar"),
    Record("GatherV2", lambda tf, e, i: tf.nn.embedding_lookup(e, i, max_norm=1.0),
           [normal(5, 3), integers(0, 5, 4)], name="embedding max_norm",
           names_differ=KNOWN_SHAPE),
    Record("GatherV2", lambda tf, e, f, i: tf.nn.embedding_lookup([e, f], i),
           [normal(5, 3), normal(4, 3), integers(0, 9, 2, 4)], name="embedding mod",
           names_differ=STITCH),
    Record("GatherV2",
           lambda tf, e, f, i: tf.nn.embedding_lookup([e, f], i, partition_strategy="div"),
           [normal(5, 3), normal(4, 3), integers(0, 9, 2, 4)], name="embedding div",
           names_differ=STITCH),
    Record("GatherV2", lambda tf, i: tf.nn.embedding_lookup([], i), [integers(0, 9, 2, 4)],
           name="embedding none", raises=(ValueError, "Need at least one param")),
    Record("Softplus", lambda tf, x: tf.log_sigmoid(x), [normal(3, 4)], name="log_sigmoid"),
]  # fmt: skip
