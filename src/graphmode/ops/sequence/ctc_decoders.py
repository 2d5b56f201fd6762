"""Label sequences from the outputs of a network trained with `ctc_loss`."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode.framework import dtypes, shape_rules
from graphmode.framework.errors import FailedPreconditionError, invalid
from graphmode.framework.op import op
from graphmode.framework.sparse_tensor import SparseTensor

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor

_FLOATS = (dtypes.float32, dtypes.float64)
_NEVER = -np.inf


def _batch_of(op):
    inputs = shape_rules.with_rank(op.inputs[0].dims, 3)
    lengths = shape_rules.with_rank(op.inputs[1].dims, 1)
    if inputs[1] != lengths[0] and None not in (inputs[1], lengths[0]):
        raise ValueError(f"Dimensions must be equal, but are {inputs[1]} and {lengths[0]}")
    return lengths[0] if inputs[1] is None else inputs[1]


def _refuse(inputs, sequence_length) -> None:
    if inputs.ndim != 3:
        raise invalid("inputs is not a 3-Tensor")
    n_time, n_batch = inputs.shape[:2]
    if len(sequence_length) != n_batch:
        raise FailedPreconditionError(
            None,
            None,
            f"len(sequence_length) != batch_size.  len(sequence_length):  {len(sequence_length)} "
            f"batch_size: {n_batch}",
        )
    for b, length in enumerate(sequence_length.tolist()):
        if length > n_time:
            raise FailedPreconditionError(
                None, None, f"sequence_length({b}) <= {n_time}\n  it is {length}"
            )


def _as_sparse(sequences: list[list[int]]):
    """The (indices, values, shape) of a SparseTensor of one row a sequence."""
    indices = [(row, column) for row, found in enumerate(sequences) for column in range(len(found))]
    shape = [len(sequences), max(map(len, sequences), default=0)]
    return (
        np.array(indices, np.int64).reshape(-1, 2),
        np.array([label for found in sequences for label in found], np.int64),
        np.array(shape, np.int64),
    )


@op(
    "CTCGreedyDecoder",
    "T, int32 -> decoded_indices: int64, decoded_values: int64, decoded_shape: int64,"
    " log_probability: T",
    shape=lambda op: [(None, 2), (None,), (2,), (_batch_of(op), 1)],
    data_dependent=True,
    T=_FLOATS,
)
def _ctc_greedy_decoder(
    inputs, sequence_length, *, merge_repeated: bool = False, blank_index: int = -1
):
    _refuse(inputs, sequence_length)
    n_time, n_batch, n_classes = inputs.shape
    if not -n_classes <= blank_index < n_classes:
        raise invalid(
            f"blank_index expected to be between {-n_classes} and {n_classes - 1} but was "
            f"{blank_index}"
        )
    best = inputs.argmax(-1)
    emits = best != blank_index % n_classes
    if merge_repeated:
        emits[1:] &= best[1:] != best[:-1]
    inside = np.arange(n_time)[:, None] < sequence_length
    sequences = [best[emits[:, b] & inside[:, b], b].tolist() for b in range(n_batch)]
    score = -np.where(inside, inputs.max(-1), 0).sum(0, dtype=inputs.dtype)
    return (*_as_sparse(sequences), score[:, None])


def ctc_greedy_decoder(
    inputs: Any, sequence_length: Any, merge_repeated: bool = True, blank_index: int | None = None
) -> tuple[list[SparseTensor], Tensor]:
    """The label sequence of the likeliest path: the best class of each step by itself.

    Parameters
    ----------
    inputs : Tensor, float32 or float64 [time, batch, classes]
        Logits.
    sequence_length : int32 [batch]
    merge_repeated : bool
        Merge repeated classes that no blank parts.
    blank_index : int, optional
        The last class by default; negative ones count from the end.

    Returns
    -------
    decoded : list of one int64 SparseTensor [batch, longest]
    neg_sum_logits : Tensor [batch, 1]
        Minus the sum of the best logit of each step.

    Raises
    ------
    FailedPreconditionError
        When it runs, if a length exceeds the time axis.
    InvalidArgumentError
        When it runs, if `blank_index` is no class.
    """
    indices, values, shape, score = _ctc_greedy_decoder(
        inputs,
        sequence_length,
        merge_repeated=merge_repeated,
        blank_index=-1 if blank_index is None else blank_index,
    )
    return [SparseTensor(indices, values, shape)], score


# ---- beam search ---------------------------------------------------------------------------------


class _Prefix:
    """A label sequence so far, as the last label and the prefix before it.

    `blank` and `label` are the log probabilities of the paths that end in a blank and in the last
    label; `total` is that of all. Those with `old` are of the step before.
    """

    __slots__ = (
        "blank", "children", "label", "last", "old_blank", "old_total", "parent", "total",
    )  # fmt: skip

    def __init__(self, parent: _Prefix | None, last: int) -> None:
        self.parent, self.last = parent, last
        self.children: dict[int, _Prefix] = {}
        self.forget()
        self.old_blank = self.old_total = _NEVER

    def forget(self) -> None:
        self.total = self.blank = self.label = _NEVER

    def child(self, label: int) -> _Prefix:
        found = self.children.get(label)
        if found is None:
            found = self.children[label] = _Prefix(self, label)
        return found

    def labels(self, merge_repeated: bool) -> list[int]:
        found: list[int] = []
        prefix, following = self, -1
        while prefix.parent is not None:
            if not merge_repeated or prefix.last != following:
                found.append(prefix.last)
            following, prefix = prefix.last, prefix.parent
        return found[::-1]


def _beam_step(beam: list[_Prefix], log_y: list[float], beam_width: int) -> list[_Prefix]:
    """One time step: the best `beam_width` prefixes, best first, from those of the last step."""
    for prefix in beam:
        prefix.old_total, prefix.old_blank = prefix.total, prefix.blank
    for prefix in beam:
        parent = prefix.parent
        if parent is not None:
            if parent.total > _NEVER:
                before = parent.old_blank if prefix.last == parent.last else parent.old_total
                prefix.label = float(np.logaddexp(prefix.label, before))
            prefix.label += log_y[prefix.last]
        prefix.blank = prefix.old_total + log_y[-1]
        prefix.total = float(np.logaddexp(prefix.blank, prefix.label))

    order = itertools.count()
    kept = [(prefix.total, -next(order), prefix) for prefix in beam]
    heapq.heapify(kept)
    for prefix in beam:
        for label in range(len(log_y) - 1):
            full = len(kept) == beam_width
            if prefix.old_total == _NEVER or (full and prefix.old_total <= kept[0][0]):
                break
            before = prefix.old_blank if label == prefix.last else prefix.old_total
            total = log_y[label] + before
            if total == _NEVER or (full and total <= kept[0][0]):
                continue
            child = prefix.child(label)
            if child.total > _NEVER:
                continue  # it is in the beam, and has taken this path in already
            child.blank, child.label, child.total = _NEVER, total, total
            entry = (total, -next(order), child)
            if full:
                heapq.heapreplace(kept, entry)[2].forget()
            else:
                heapq.heappush(kept, entry)
    return [prefix for _, _, prefix in sorted(kept, reverse=True)]


def _beam_shape(op):
    batch, n_paths = _batch_of(op), op.attrs["top_paths"]
    for name in ("beam_width", "top_paths"):
        if op.attrs[name] < 1:
            raise ValueError(
                f"Attr '{name}' of 'CTCBeamSearchDecoder' Op passed {op.attrs[name]} less than "
                "minimum 1."
            )
    return [(None, 2)] * n_paths + [(None,)] * n_paths + [(2,)] * n_paths + [(batch, n_paths)]


@op(
    "CTCBeamSearchDecoder",
    "T, int32 -> decoded_indices: int64*top_paths, decoded_values: int64*top_paths,"
    " decoded_shape: int64*top_paths, log_probability: T",
    shape=_beam_shape,
    data_dependent=True,
    T=_FLOATS,
)
def _ctc_beam_search_decoder(
    inputs, sequence_length, *, beam_width: int, top_paths: int, merge_repeated: bool = True
):
    _refuse(inputs, sequence_length)
    logits = inputs.astype(np.float64)
    shifted = logits - logits.max(-1, keepdims=True, initial=_NEVER)
    log_y = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    if top_paths > beam_width:
        raise invalid("requested more paths than the beam width.")
    paths: list[list[list[int]]] = [[] for _ in range(top_paths)]
    score = np.empty((inputs.shape[1], top_paths), inputs.dtype)
    for b, length in enumerate(sequence_length.tolist()):
        root = _Prefix(None, -1)
        root.total = root.blank = 0.0
        beam = [root]
        for row in log_y[: max(length, 0), b].tolist():
            beam = _beam_step(beam, row, beam_width)
        if len(beam) < top_paths:
            raise invalid("Less leaves in the beam search than requested.")
        for i, prefix in enumerate(beam[:top_paths]):
            paths[i].append(prefix.labels(merge_repeated))
            score[b, i] = prefix.total
    sparse = [_as_sparse(sequences) for sequences in paths]
    return (*(part[0] for part in sparse), *(part[1] for part in sparse),
            *(part[2] for part in sparse), score)  # fmt: skip


def ctc_beam_search_decoder(
    inputs: Any,
    sequence_length: Any,
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
) -> tuple[list[SparseTensor], Tensor]:
    """The likeliest label sequences, by a beam search over their beginnings.

    Unlike `ctc_greedy_decoder` it adds up the paths that give one sequence. The blank is the
    last class.

    Parameters
    ----------
    inputs : Tensor, float32 or float64 [time, batch, classes]
        Logits.
    sequence_length : int32 [batch]
    beam_width : int
        Beginnings kept at each step.
    top_paths : int
        Sequences to give, at most `beam_width`.
    merge_repeated : bool
        Merge repeated labels of what was found (``A A`` becomes ``A`` even where a blank parted
        them), as TF1 did by default. `ctc_beam_search_decoder_v2` does not.

    Returns
    -------
    decoded : list of `top_paths` int64 SparseTensors [batch, longest]
        Best first.
    log_probability : Tensor [batch, top_paths]

    Raises
    ------
    InvalidArgumentError
        When it runs, if there are fewer sequences than `top_paths`.
    """
    found = _ctc_beam_search_decoder(
        inputs,
        sequence_length,
        beam_width=beam_width,
        top_paths=top_paths,
        merge_repeated=merge_repeated,
    )
    parts = (found[i * top_paths : (i + 1) * top_paths] for i in range(3))
    return [SparseTensor(*part) for part in zip(*parts, strict=True)], found[-1]


def ctc_beam_search_decoder_v2(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[SparseTensor], Tensor]:
    """`ctc_beam_search_decoder` that leaves repeated labels as they are.

    Parameters
    ----------
    inputs : Tensor, floating, [time, batch, classes]
        Logits; the blank is the last class.
    sequence_length : Tensor, int32, [batch]
    beam_width : int
        How many prefixes are kept at each step.
    top_paths : int
        How many sequences are given.

    Returns
    -------
    decoded, log_probability
        As of `ctc_beam_search_decoder`.
    """
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, False)
