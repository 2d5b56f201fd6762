"""Candidate samplers, whose draws are TensorFlow's, and the losses over sampled classes."""

import numpy as np
from tests.ops.record import KNOWN_SHAPE, Record, integers, normal

TRUE = integers(0, 50, 4, 2, dtype=np.int64)
LABELS = integers(0, 20, 4, 1, dtype=np.int64)
NETWORK = [normal(20, 3), normal(20), LABELS, normal(4, 3)]
LOSS = {"one_dtype": "losses are float32", "names_differ": KNOWN_SHAPE}
HITS = {**LOSS, "names_differ": "hits are found by comparing, not by ComputeAccidentalHits"}
SOFTMAX = {**LOSS, "names_differ": "the cross entropy needs no reshaping of matrices"}
UNIGRAMS = [1.0, 2.0, 7.5, 0.5, 3.0] * 10


def _sampler(kind, op_type, name, **options):
    def call(tf, x):
        sampler = getattr(tf.nn, f"{kind}_candidate_sampler")
        return list(sampler(x, num_true=2, seed=5, **options))

    return Record(op_type, call, [TRUE], name=name, one_dtype="classes are int64")


def _loss(name, labels=1, **options):
    def call(tf, w, b, y, x):
        values = tf.nn.log_uniform_candidate_sampler(y, labels, 6, True, 20, seed=3)
        loss = getattr(tf.nn, name)
        return loss(w, b, y, x, 6, 20, num_true=labels, sampled_values=values, **options)

    return call


RECORDS = [
    _sampler("log_uniform", "LogUniformCandidateSampler", "unique", num_sampled=9, unique=True,
             range_max=50),
    _sampler("log_uniform", "LogUniformCandidateSampler", "repeated", num_sampled=7, unique=False,
             range_max=50),
    _sampler("log_uniform", "LogUniformCandidateSampler", "all", num_sampled=50, unique=True,
             range_max=50),
    _sampler("log_uniform", "LogUniformCandidateSampler", "large", num_sampled=300, unique=True,
             range_max=50000),
    _sampler("uniform", "UniformCandidateSampler", "unique", num_sampled=40, unique=True,
             range_max=50),
    _sampler("uniform", "UniformCandidateSampler", "repeated", num_sampled=7, unique=False,
             range_max=64),
    _sampler("fixed_unigram", "FixedUnigramCandidateSampler", "unique", num_sampled=30,
             unique=True, range_max=50, unigrams=UNIGRAMS, distortion=0.75),
    _sampler("fixed_unigram", "FixedUnigramCandidateSampler", "reserved", num_sampled=7,
             unique=False, range_max=53, unigrams=UNIGRAMS, num_reserved_ids=3),
    Record("AllCandidateSampler",
           lambda tf, x: list(tf.nn.all_candidate_sampler(x, 2, 50, True)), [TRUE],
           one_dtype="classes are int64"),
    Record("LogUniformCandidateSampler",
           lambda tf, x: list(tf.nn.log_uniform_candidate_sampler(x, 2, 3, True, 9)),
           [np.array([[1, 12]], np.int64)], name="outside",
           raises=("InvalidArgumentError",
                   r"`true_candidate` out of range \[0, 9\), received 12")),
    Record("UniformCandidateSampler",
           lambda tf, x: list(tf.nn.uniform_candidate_sampler(x, 2, 12, True, 9)),
           [np.array([[1, 2]], np.int64)], name="too_many",
           raises=("InvalidArgumentError", "Sampler's range is too small.")),
    Record("ComputeAccidentalHits",
           lambda tf, x, s: list(tf.nn.compute_accidental_hits(x, s, num_true=2)),
           [np.array([[3, 7], [1, 9], [9, 3]], np.int64), np.array([9, 2, 3, 9], np.int64)],
           one_dtype="classes are int64"),
    Record("LogUniformCandidateSampler", _loss("nce_loss"), NETWORK, name="nce_loss", **LOSS),
    Record("LogUniformCandidateSampler", _loss("nce_loss", 2, partition_strategy="div"),
           [normal(20, 3), normal(20), integers(0, 20, 4, 2, dtype=np.int64), normal(4, 3)],
           name="nce_loss_two", **LOSS),
    Record("LogUniformCandidateSampler",
           _loss("nce_loss", remove_accidental_hits=True), NETWORK, name="nce_loss_hits",
           no_differences="float32 throughout: a hit's logit loses the largest number",
           rtol=1e-4, **HITS),
    Record("LogUniformCandidateSampler",
           lambda tf, w, b, y, x: tf.nn.sampled_softmax_loss(w, b, y, x, 6, 20, seed=3), NETWORK,
           name="sampled_softmax_seed", **HITS),
    Record("LogUniformCandidateSampler", _loss("sampled_softmax_loss"), NETWORK,
           name="sampled_softmax", **HITS),
    Record("LogUniformCandidateSampler",
           _loss("sampled_softmax_loss", remove_accidental_hits=False), NETWORK,
           name="sampled_softmax_no_removal", **SOFTMAX),
]  # fmt: skip
