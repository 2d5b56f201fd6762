"""The label sequences of connectionist temporal classification, and what is refused of them."""

from __future__ import annotations

import numpy as np

from graphmode.framework.errors import invalid
from graphmode.ops import xp


class Labels:
    """The sparse labels of a batch, sorted out by sequence.

    A label beyond the last class, or the blank itself, is a null label: it ends its sequence.

    Attributes
    ----------
    rows, values : int [n]
        Sequence and class of each label.
    kept : bool [n]
        False for null labels and collapsed repetitions.
    places : int [n]
        Where a kept label stands in its sequence.
    given : int [batch]
        Number of labels of each sequence as they were fed.
    lengths : int [batch]
        Number of kept ones.
    """

    def __init__(self, indices, values, n_batch: int, n_classes: int, collapse: bool) -> None:
        self.rows = rows = indices[:, 0]
        self.values = values
        first = xp.searchsorted(rows, xp.astype(xp.arange(n_batch + 1), rows.dtype))
        self.given = first[1:] - first[:-1]
        self._before = first[:-1]
        self.null = values >= n_classes - 1
        self.kept = ~self.null
        if collapse and len(values) > 1:
            same = (values[1:] == values[:-1]) & (rows[1:] == rows[:-1])
            self.kept = self.kept & ~xp.concatenate([np.zeros(1, bool), same])
        self.places = self._count_before(self.kept)
        total = xp.cumsum(xp.astype(xp.concatenate([np.zeros(1, bool), self.kept]), np.int32))
        self.lengths = xp.take(total, first[1:]) - xp.take(total, first[:-1])

    def _count_before(self, marked):
        """How many labels before each one, in its own sequence, are `marked`."""
        ones = xp.astype(marked, np.int32)
        before = xp.cumsum(ones) - ones
        if len(ones) == 0:
            return before
        start = xp.take(self._before, xp.clip(self.rows, 0, len(self._before) - 1))
        return before - xp.take(before, xp.clip(start, 0, len(ones) - 1))

    def follows_null(self):
        """Which kept labels come after a null label of their sequence: not allowed."""
        return self.kept & (self._count_before(self.null) > 0)

    def dense(self, length: int):
        """``[batch, length]``, filled with 0. Labels beyond `length` are left out."""
        n_batch = len(self.given)
        if xp.is_traced(self.rows, self.values):
            import jax.numpy as jnp

            places = jnp.where(self.kept, self.places, length)
            empty = jnp.zeros((n_batch, length), jnp.int32)
            return empty.at[self.rows, places].set(self.values, mode="drop")
        dense = np.zeros((n_batch, length), np.int32)
        kept = self.kept & (self.places < length)
        dense[self.rows[kept], self.places[kept]] = self.values[kept]
        return dense


def inputs_hold(inputs, labels_indices, labels_values, sequence_length, **attrs):
    """Whether `_refuse` would find nothing: its compiled form."""
    n_time, n_batch, n_classes = inputs.shape
    rows, columns = labels_indices[:, 0], labels_indices[:, 1]
    collapse = attrs["preprocess_collapse_repeated"]
    labels = Labels(labels_indices, labels_values, n_batch, n_classes, collapse)
    held = xp.all((sequence_length >= 0) & (sequence_length <= n_time)) & xp.all(labels.given > 0)
    held = held & xp.all((rows >= 0) & (rows < n_batch))
    later = (rows[1:] > rows[:-1]) | ((rows[1:] == rows[:-1]) & (columns[1:] > columns[:-1]))
    held = held & xp.all(later) & xp.all(columns >= 0)
    held = held & ~xp.any(labels.follows_null()) & xp.all(~labels.kept | (labels_values >= 0))
    if not attrs["ignore_longer_outputs_than_inputs"]:
        held = held & xp.all(labels.given <= sequence_length)
    return held


def _refuse_order(indices, n_batch: int) -> None:
    """Raise what TensorFlow says of sparse labels that are outside, repeated or out of order."""
    shape = [n_batch, int(indices[:, 1].max(initial=-1)) + 1]
    for i, (row, column) in enumerate(indices.tolist()):
        where = f"label SparseTensor is not valid: indices[{i}] = [{row},{column}]"
        if not (0 <= row < n_batch and column >= 0):
            limits = ",".join(map(str, shape))
            raise invalid(f"{where} is out of bounds: need 0 <= index < [{limits}]")
        if i and (row, column) <= tuple(indices[i - 1].tolist()):
            if (row, column) == tuple(indices[i - 1].tolist()):
                raise invalid(f"{where} is repeated")
            raise invalid(
                f"{where} is out of order. Many sparse ops require sorted indices.\n"
                "    Use `tf.sparse.reorder` to create a correctly ordered copy."
            )


def refuse_inputs(
    inputs, indices, values, sequence_length, collapse: bool, ignore_longer: bool
) -> None:
    """InvalidArgumentError if labels or lengths do not fit the inputs, or each other."""
    n_time, n_batch, n_classes = inputs.shape
    if n_time == 0:
        raise invalid("Max time or first dimension of input cannot be 0.")
    if len(sequence_length) != n_batch:
        raise invalid(
            f"len(sequence_length) != batch_size.  len(sequence_length):  {len(sequence_length)} "
            f"batch_size: {n_batch}"
        )
    if len(indices) != len(values):
        raise invalid(
            "labels_indices and labels_values must contain the same number of rows, but saw "
            f"shapes: {list(indices.shape)} vs. {list(values.shape)}"
        )
    for b, length in enumerate(sequence_length.tolist()):
        if length > n_time:
            raise invalid(f"sequence_length({b}) <= {n_time}\n  it is {length}")
    _refuse_order(indices, n_batch)
    for b, length in enumerate(sequence_length.tolist()):
        if length < 0:
            raise invalid(f"seq_len({b}) < 0")
        found = values[indices[:, 0] == b].tolist()
        _refuse_labels(b, found, n_classes, collapse)
        if len(found) > length and not ignore_longer:
            raise invalid(
                f"Not enough time for target transition sequence (required: {len(found)}, "
                f"available: {length}){b}You can turn this error into a warning by using the flag "
                "ignore_longer_outputs_than_inputs"
            )


def _refuse_labels(b: int, labels: list[int], n_classes: int, collapse: bool) -> None:
    if not labels:
        raise invalid(f"Labels length is zero in batch {b}")
    seen: list[int] = []
    ended = False
    for i, label in enumerate(labels):
        if collapse and i and label == labels[i - 1]:
            continue
        if label >= n_classes - 1:
            ended = True
        elif ended:
            raise invalid(
                "Saw a non-null label (index >= num_classes - 1) following a null label, batch: "
                f"{b} num_classes: {n_classes} labels: {','.join(map(str, labels))} labels seen so "
                f"far: {','.join(map(str, seen))}"
            )
        else:
            seen.append(label)
    if any(label < 0 for label in seen):
        raise invalid(
            f"All labels must be nonnegative integers, batch: {b} labels: "
            f"{','.join(map(str, seen))}"
        )
