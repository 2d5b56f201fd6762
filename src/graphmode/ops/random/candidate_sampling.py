"""Samplers of candidate classes: the few negatives that stand for a large vocabulary."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.errors import invalid
from graphmode.framework.inference import num_elements
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.random import candidate_kernels
from graphmode.ops.random.draws import get_seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmode.framework.operation import Tensor

SampledCandidates = namedtuple(
    "SampledCandidates",
    ["sampled_candidates", "true_expected_count", "sampled_expected_count"],
)


def _sampled_shape(op):
    batch, _ = shape_rules.with_rank(op.inputs[0].dims, 2)
    count, n_true = op.attrs["num_sampled"], op.attrs["num_true"]
    if count < 1 or n_true < 1:
        name, value = ("num_sampled", count) if count < 1 else ("num_true", n_true)
        raise ValueError(f"Value for attr '{name}' of {value} must be at least minimum 1")
    return [(count,), (batch, n_true), (count,)]


def _range_of(attrs) -> int:
    return attrs["range_max"] if "range_max" in attrs else attrs["num_sampled"]


def _classes_in_range(true_classes, **attrs):
    return xp.all((true_classes >= 0) & (true_classes < _range_of(attrs)))


def _check(true_classes, num_true: int, num_sampled: int, unique: bool, range_max: int) -> None:
    if true_classes.shape[1] != num_true:
        raise invalid(
            f"true_classes must have num_true columns, expected: {true_classes.shape[1]} "
            f"was: {num_true}"
        )
    if range_max < 1:
        raise invalid("range_max must be positive")
    if unique and num_sampled > range_max:
        raise invalid("Sampler's range is too small.")
    if isinstance(true_classes, np.ndarray):
        outside = true_classes[(true_classes < 0) | (true_classes >= range_max)]
        if outside.size:
            raise invalid(f"`true_candidate` out of range [0, {range_max}), received {outside[0]}")


def _sampled(stream, distribution, true_classes, num_sampled: int, unique: bool):
    """The three outputs of a sampler."""
    sampled, tries = candidate_kernels.sample(stream, distribution, num_sampled, unique)
    counts = [
        candidate_kernels.expected_count(distribution.probability(classes), num_sampled, tries)
        for classes in (true_classes, sampled)
    ]
    return sampled, counts[0], counts[1]


def _extreme_ids(op):
    """The smallest and the largest id that may be sampled."""
    size = num_elements(op.outputs[0].dims)
    if size is None:
        return None
    ids = np.zeros(size, np.int64)
    ids[-1:] = op.attrs["range_max"] - 1
    return ids


def _sampler(op_type: str, extremes=_extreme_ids):
    return op(
        op_type,
        "int64 -> sampled_candidates: int64, true_expected_count: float32,"
        " sampled_expected_count: float32",
        shape=_sampled_shape,
        effect="random",
        check=_classes_in_range,
        extremes=extremes,
    )


@_sampler("UniformCandidateSampler")
def _uniform_candidate_sampler(
    true_classes,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int = 0,
    seed2: int = 0,
    stream,
):
    _check(true_classes, num_true, num_sampled, unique, range_max)
    distribution = candidate_kernels.uniform(range_max)
    return _sampled(stream, distribution, true_classes, num_sampled, unique)


@_sampler("LogUniformCandidateSampler")
def _log_uniform_candidate_sampler(
    true_classes,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int = 0,
    seed2: int = 0,
    stream,
):
    _check(true_classes, num_true, num_sampled, unique, range_max)
    distribution = candidate_kernels.log_uniform(range_max)
    return _sampled(stream, distribution, true_classes, num_sampled, unique)


@_sampler("FixedUnigramCandidateSampler")
def _fixed_unigram_candidate_sampler(
    true_classes,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    vocab_file: str = "",
    distortion: float = 1.0,
    num_reserved_ids: int = 0,
    num_shards: int = 1,
    shard: int = 0,
    unigrams: Sequence[float] = (),
    seed: int = 0,
    seed2: int = 0,
    stream,
):
    _check(true_classes, num_true, num_sampled, unique, range_max)
    if not vocab_file and not len(unigrams):
        raise invalid("Must provide either vocab_file or unigrams.")
    if vocab_file and len(unigrams):
        raise invalid("Must only provide one of vocab_file and unigrams.")
    given = _weights_of_file(vocab_file) if vocab_file else np.asarray(unigrams, np.float32)
    ids = np.arange(num_reserved_ids + len(given))
    weights = np.concatenate(
        [np.zeros(num_reserved_ids, np.float32), given ** np.float32(distortion)]
    )
    weights = weights[ids % num_shards == shard]
    if len(weights) != range_max:
        raise invalid(f"range is {range_max} must be equal to weights size  {len(weights)}")
    distribution = candidate_kernels.fixed_unigram(weights)
    return _sampled(stream, distribution, true_classes, num_sampled, unique)


def _weights_of_file(path: str) -> np.ndarray:
    """The last field of each comma-separated line."""
    weights: list[Any] = []
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            try:
                weights.append(float(line.rstrip("\n").rpartition(",")[2]))
            except ValueError:
                raise invalid(f"Wrong vocabulary format at line: {line.rstrip()}") from None
    return np.array(weights, np.float32)


@_sampler("AllCandidateSampler", extremes=None)
def _all_candidate_sampler(
    true_classes,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    seed: int = 0,
    seed2: int = 0,
    stream,
):
    _check(true_classes, num_true, num_sampled, False, num_sampled)
    stream.reserve(0)
    ones = np.ones((num_sampled,), np.float32)
    return np.arange(num_sampled), np.ones(true_classes.shape, np.float32), ones


def _accidental_shape(op):
    shape_rules.with_rank(op.inputs[0].dims, 2)
    shape_rules.with_rank(op.inputs[1].dims, 1)
    return [(None,)] * 3


@op(
    "ComputeAccidentalHits",
    "int64, int64 -> indices: int32, ids: int64, weights: float32",
    shape=_accidental_shape,
    data_dependent=True,
)
def _compute_accidental_hits(
    true_classes, sampled_candidates, *, num_true: int, seed: int = 0, seed2: int = 0
):
    if true_classes.shape[1] != num_true:
        raise invalid("true_candidates must be a batch_size * num_true matrix")
    n = len(sampled_candidates)
    order = np.argsort(sampled_candidates, kind="stable")
    # The last place of a class that was sampled twice.
    found = np.searchsorted(sampled_candidates, true_classes, side="right", sorter=order) - 1
    places = order[found.clip(0)] if n else np.zeros_like(true_classes)
    is_hit = (found >= 0) & (sampled_candidates[places] == true_classes) if n else found >= 0
    rows = np.nonzero(is_hit)[0].astype(np.int32)
    weights = np.full(rows.shape, -np.finfo(np.float32).max, np.float32)
    return rows, places[is_hit].astype(np.int64), weights


# ---- the public functions ------------------------------------------------------------------------


def _seeds(seed) -> dict[str, int]:
    first, second = get_seed(seed)
    return {"seed": first or 0, "seed2": second or 0}


def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Classes drawn uniformly from [0, range_max).

    Parameters
    ----------
    true_classes : int64 Tensor [batch, num_true]
        The classes to give expected counts for, too.
    num_true, num_sampled : int
    unique : bool
        No class twice: draw until `num_sampled` different ones are found.
    range_max : int
    seed : int, optional

    Returns
    -------
    sampled_candidates : Tensor, int64 [num_sampled]
    true_expected_count : Tensor, float32 [batch, num_true]
    sampled_expected_count : Tensor, float32 [num_sampled]

    Raises
    ------
    InvalidArgumentError
        When it runs, if a true class is outside, or fewer than `num_sampled` classes exist.
    """
    outputs = _uniform_candidate_sampler(
        true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
        **_seeds(seed),
        name=name,
    )
    return SampledCandidates(*outputs)


def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    r"""Classes drawn by Zipf's law, small numbers more often.

    .. math:: P(k) = \frac{\log(k + 2) - \log(k + 1)}{\log(n + 1)}

    For a vocabulary sorted by falling frequency.

    Parameters
    ----------
    true_classes : Tensor, int64, [batch, num_true]
    num_true, num_sampled : int
    unique : bool
        Draw no class twice.
    range_max : int
        :math:`n`, the number of classes.
    seed : int, optional

    Returns
    -------
    SampledCandidates
        As of `uniform_candidate_sampler`.

    Notes
    -----
    TF op LogUniformCandidateSampler.
    """
    outputs = _log_uniform_candidate_sampler(
        true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
        **_seeds(seed),
        name=name,
    )
    return SampledCandidates(*outputs)


def fixed_unigram_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    vocab_file: str = "",
    distortion: float = 1.0,
    num_reserved_ids: int = 0,
    num_shards: int = 1,
    shard: int = 0,
    unigrams: Any = (),
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Classes drawn with the probabilities that their weights say.

    Parameters
    ----------
    true_classes : Tensor, int64, [batch, num_true]
    num_true, num_sampled : int
    unique : bool
        Draw no class twice.
    range_max : int
        The number of classes.
    vocab_file : str
        A file with the weight of one class at the end of each line, after the last comma.
    distortion : float
        The power to which each weight is raised.
    num_reserved_ids : int
        Classes of weight 0 before the first.
    num_shards, shard : int
        Use only every `num_shards`-th class, from number `shard` on.
    unigrams : sequence of float
        The weights, in place of the file.
    seed : int, optional

    Returns
    -------
    SampledCandidates
        As of `uniform_candidate_sampler`.

    Notes
    -----
    TF op FixedUnigramCandidateSampler.
    """
    outputs = _fixed_unigram_candidate_sampler(
        true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
        vocab_file=vocab_file,
        distortion=distortion,
        num_reserved_ids=num_reserved_ids,
        num_shards=num_shards,
        shard=shard,
        unigrams=list(unigrams),
        **_seeds(seed),
        name=name,
    )
    return SampledCandidates(*outputs)


def all_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Every class from 0 to ``num_sampled - 1``, each with an expected count of 1.

    Parameters
    ----------
    true_classes : Tensor, int64, [batch, num_true]
    num_true, num_sampled : int
    unique : bool
        Draw no class twice.
    seed : int, optional

    Returns
    -------
    SampledCandidates
        As of `uniform_candidate_sampler`.

    Notes
    -----
    TF op AllCandidateSampler.
    """
    outputs = _all_candidate_sampler(
        true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        **_seeds(seed),
        name=name,
    )
    return SampledCandidates(*outputs)


def compute_accidental_hits(
    true_classes: Any,
    sampled_candidates: Any,
    num_true: int,
    seed: int | None = None,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Where a sampled class is a true one.

    Parameters
    ----------
    true_classes : Tensor, int64, [batch, num_true]
    sampled_candidates : Tensor, int64, [num_sampled]
    num_true : int
    seed : int, optional
        Accepted: nothing is drawn.

    Returns
    -------
    indices : Tensor, int32 [hits]
        Rows of the batch.
    ids : Tensor, int64 [hits]
        Places in `sampled_candidates`.
    weights : Tensor, float32 [hits]
        The lowest float32, each.

    Notes
    -----
    TF op ComputeAccidentalHits.
    """
    return tuple(
        _compute_accidental_hits(
            true_classes, sampled_candidates, num_true=num_true, **_seeds(seed), name=name
        )
    )


LOWEST = -dtypes.float32.max
"""What is added to a logit that must not count."""
