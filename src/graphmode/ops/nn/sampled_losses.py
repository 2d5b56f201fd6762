"""Losses over a few sampled classes in place of a whole vocabulary: NCE and sampled softmax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmode.framework import dtypes
from graphmode.framework.convert import convert_to_tensor
from graphmode.framework.default_graph import get_default_graph, name_scope
from graphmode.ops import array, math
from graphmode.ops.nn import cross_entropy
from graphmode.ops.nn.embedding import embedding_lookup
from graphmode.ops.random.candidate_sampling import LOWEST, log_uniform_candidate_sampler

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor


def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    partition_strategy: str = "mod",
    name: str | None = "nce_loss",
) -> Tensor:
    """Noise-contrastive estimation: tell each true class from sampled ones.

    The sum of the logistic losses of ``num_true + num_sampled`` classes, whose logits are
    ``inputs . weights[k] + biases[k] - log(expected count of k)``.

    Parameters
    ----------
    weights : Tensor, Variable or list of them
        ``[num_classes, dim]``, or its parts.
    biases : Tensor [num_classes]
    labels : int Tensor [batch, num_true]
    inputs : Tensor [batch, dim]
    num_sampled, num_classes, num_true : int
    sampled_values : tuple, optional
        What a candidate sampler gave; by default `log_uniform_candidate_sampler` draws without
        repetition.
    remove_accidental_hits : bool
        Do not count a sampled class that is a true one.
    partition_strategy : {"mod", "div"}
        See `embedding_lookup`.

    Returns
    -------
    Tensor [batch]

    Raises
    ------
    TypeError
        If `labels` and `inputs` are in the order that they had before TensorFlow 1.0.

    Notes
    -----
    Gutmann and Hyvarinen, "Noise-contrastive estimation", AISTATS 2010.
    """
    logits, truth = _sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
        remove_accidental_hits, partition_strategy, name,
    )  # fmt: skip
    losses = cross_entropy.sigmoid_cross_entropy_with_logits(
        labels=truth, logits=logits, name="sampled_losses"
    )
    return _sum_rows(losses)


def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    partition_strategy: str = "mod",
    name: str | None = "sampled_softmax_loss",
    seed: int | None = None,
) -> Tensor:
    """The cross entropy of a softmax over the true classes and sampled ones; for training only.

    Parameters
    ----------
    weights : Tensor or Variable, floating, [num_classes, dim], or list of parts
    biases : Tensor or Variable, floating, [num_classes]
    labels : Tensor, int64, [batch, num_true]
    inputs : Tensor, floating, [batch, dim]
    num_sampled : int
        How many classes are drawn for a batch.
    num_classes, num_true : int
    sampled_values : tuple, optional
        What a candidate sampler gives; `log_uniform_candidate_sampler` is asked if not given.
    remove_accidental_hits : bool
        Leave out drawn classes that are true ones of an example.
    partition_strategy : {"mod", "div"}
        How rows are spread over the parts of `weights`.
    seed : int, optional
        Of the sampler.

    Returns
    -------
    Tensor, [batch]
        Of the dtype of `inputs`.

    Notes
    -----
    Jean et al., "On using very large target vocabulary for neural machine translation", 2014.
    """
    logits, truth = _sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
        remove_accidental_hits, partition_strategy, name, seed,
    )  # fmt: skip
    truth = array.stop_gradient(truth, name="labels_stop_gradient")
    return cross_entropy.softmax_cross_entropy_with_logits_v2(labels=truth, logits=logits)


def _sum_rows(x):
    """The sum of each row, as a product with ones: ``[rows, columns] -> [rows]``."""
    columns = array.shape(x)[1]
    ones = array.ones(array.stack([columns, 1]), x.dtype)
    return array.reshape(math.matmul(x, ones), [-1])


def _sampled_logits(
    weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
    remove_accidental_hits, partition_strategy, name, seed=None,
):  # fmt: skip
    """Logits ``[batch, num_true + num_sampled]`` and the share of the truth of each."""
    weights = list(weights) if isinstance(weights, list | tuple) else [weights]
    with name_scope(name, "compute_sampled_logits", [*weights, biases, inputs, labels]):
        labels = convert_to_tensor(labels, name="labels")
        inputs = convert_to_tensor(inputs, name="inputs")
        if labels.dtype.is_floating and inputs.dtype.is_integer:
            raise TypeError(
                f"labels must be integers, got {labels.dtype.name}, and inputs are "
                f"{inputs.dtype.name}: before TensorFlow 1.0 the order was (weights, biases, "
                "inputs, labels, ...)\n  fix: name them, labels=..., inputs=..."
            )
        if labels.dtype != dtypes.int64:
            labels = math.cast(labels, dtypes.int64)
        labels_flat = array.reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(
                labels, num_true, num_sampled, True, num_classes, seed=seed
            )
        sampled, true_count, sampled_count = (array.stop_gradient(s) for s in sampled_values)
        sampled = math.cast(sampled, dtypes.int64)
        ids = array.concat([labels_flat, sampled], 0)

        rows = _looked_up(weights, ids, partition_strategy, inputs.dtype)
        true_rows = array.slice(rows, [0, 0], array.stack([array.shape(labels_flat)[0], -1]))
        begin = array.stack([array.shape(labels_flat)[0], 0])
        sampled_rows = array.slice(rows, begin, [-1, -1])
        sampled_logits = math.matmul(inputs, sampled_rows, transpose_b=True)

        all_biases = _looked_up(biases, ids, partition_strategy, inputs.dtype)
        true_biases = array.slice(all_biases, [0], array.shape(labels_flat))
        sampled_biases = array.slice(all_biases, array.shape(labels_flat), [-1])

        dim = array.shape(true_rows)[1:2]
        shape = array.concat([[-1, num_true], dim], 0)
        products = math.multiply(array.expand_dims(inputs, 1), array.reshape(true_rows, shape))
        by_label = array.reshape(products, array.concat([[-1], dim], 0))
        true_logits = array.reshape(_sum_rows(by_label), [-1, num_true])
        true_logits += array.reshape(true_biases, [-1, num_true])
        sampled_logits += sampled_biases

        if remove_accidental_hits:
            sampled_logits += _lowest_at_hits(labels, sampled, sampled_logits.dtype)
            get_default_graph().pass_ids(12)  # TensorFlow's way to find the hits
        true_logits -= math.log(true_count)
        sampled_logits -= math.log(sampled_count)
        logits = array.concat([true_logits, sampled_logits], 1)
        truth = array.concat(
            [array.ones_like(true_logits) / num_true, array.zeros_like(sampled_logits)], 1
        )
        return logits, truth


def _looked_up(params, ids, partition_strategy, dtype):
    rows = embedding_lookup(params, ids, partition_strategy=partition_strategy)
    return rows if rows.dtype == dtype else math.cast(rows, dtype)


def _lowest_at_hits(labels, sampled, dtype):
    """The lowest float32 where a sampled class is a true one of the row, 0 elsewhere.

    A comparison of all with all: the list of hits has no static length, so that TensorFlow's
    way, `compute_accidental_hits`, would cut the compiled program in two.
    """
    is_hit = math.reduce_any(math.equal(array.expand_dims(labels, 2), sampled), 1)
    return math.cast(is_hit, dtype) * LOWEST
