"""A recurrent network that reads a sequence and names its class."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal

import numpy as np
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

import graphmode as tf
from graphmode.models.heads import class_head
from graphmode.models.network import Network
from graphmode.models.parameters import Count, Positive, Rate, estimator
from graphmode.models.sequences import is_of_rows, read_sequences
from graphmode.models.supervised import Classifier, require_labels, warn_of_scale

CellName = Literal["lstm", "gru", "rnn"]


def make_cell(cell: CellName, n_hidden: int) -> Any:
    """A recurrent cell by its name.

    Parameters
    ----------
    cell : {"lstm", "gru", "rnn"}
    n_hidden : int

    Returns
    -------
    RNNCell
    """
    kinds = {
        "lstm": tf.nn.rnn_cell.LSTMCell,
        "gru": tf.nn.rnn_cell.GRUCell,
        "rnn": tf.nn.rnn_cell.BasicRNNCell,
    }
    return kinds[cell](n_hidden)


@estimator
class LSTMClassifier(Classifier):
    """Classes of sequences, by the state that recurrent cells end in.

    Sequences are an array [n, steps, features], an array [n, steps] of one feature, a masked array
    whose mask covers what is beyond a sequence's end, or a list of arrays [steps, features] of
    different lengths. Where a pixel row is a step, MNIST is an array [n, 28, 28].

    Parameters
    ----------
    n_hidden : int
        Units of a layer.
    cell : {"lstm", "gru", "rnn"}
        Long short-term memory, gated recurrent units, or plain tanh units.
    n_layers : int
        Cells on top of each other.
    bidirectional : bool
        Read the sequence from its end, too.
    dropout : float
        The share of the last state that a training step leaves out.

    Attributes
    ----------
    classes_ : ndarray [n_classes]
    step_features_ : int

    Notes
    -----
    Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9, 1997.

    Examples
    --------
    >>> import numpy as np
    >>> from graphmode.models import LSTMClassifier
    >>> rising = np.linspace(0, 1, 12).reshape(1, 12) * np.linspace(0.5, 2, 40).reshape(40, 1)
    >>> model = LSTMClassifier(n_hidden=8, max_iter=40, learning_rate=0.02, random_state=0)
    >>> X, y = np.concatenate([rising, rising[:, ::-1]]), ["up"] * 40 + ["down"] * 40
    >>> model.fit(X, y).predict(X[[0, 41]])
    array(['up', 'down'], dtype='<U4')
    """

    n_hidden: Count = 128
    cell: CellName = "lstm"
    n_layers: Count = 1
    bidirectional: bool = False
    dropout: Rate = 0.0
    max_iter: Count = 10
    learning_rate: Positive = 0.002

    step_features_: int = field(init=False)

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        require_labels(self, y)
        if is_of_rows(X):
            X, y = validate_data(self, X, y, dtype=np.float32, reset=reset)
        else:
            y = column_or_1d(y, warn=True)
        sequences = read_sequences(X, type(self).__name__)
        check_consistent_length(sequences.steps, y)
        n_features = sequences.steps.shape[2]
        if reset:
            self.step_features_ = n_features
            self.n_features_in_ = X.shape[1] if is_of_rows(X) else n_features
            warn_of_scale(self, sequences.steps)
        self._require_features(n_features)
        return sequences, y

    def _require_features(self, n_features: int) -> None:
        if n_features != self.step_features_:
            raise ValueError(
                f"{type(self).__name__}: steps of {n_features} features; it was fitted to steps of "
                f"{self.step_features_}"
            )

    def _asked(self, X: Any) -> dict[str, Any]:
        check_is_fitted(self, "session_")
        if is_of_rows(X):
            X = validate_data(self, X, dtype=np.float32, reset=False)
        sequences = read_sequences(X, type(self).__name__)
        self._require_features(sequences.steps.shape[2])
        return self._filled(sequences)

    def _filled(self, rows: Any) -> dict[str, Any]:
        return {"x": rows.steps, "length": rows.lengths}

    def _build(self) -> Network:
        x = tf.placeholder(tf.float32, [None, None, self.step_features_], "x")
        length = tf.placeholder(tf.int32, [None], "length")
        training = tf.placeholder_with_default(False, [], "training")
        layer = x
        for i in range(1, self.n_layers + 1):
            with tf.variable_scope(f"layer{i}"):
                layer, last = self._layer(layer, length)
        if self.dropout:
            last = tf.layers.dropout(last, self.dropout, training=training)
        logits = tf.layers.dense(last, len(self.classes_), name="logits")
        inputs = {"x": x, "length": length}
        return class_head(inputs, logits, training=training, weight=self._weight_input())

    def _layer(self, steps: Any, length: Any) -> tuple[Any, Any]:
        """Outputs of all steps, and the state after a sequence's last one."""
        if not self.bidirectional:
            cell = make_cell(self.cell, self.n_hidden)
            outputs, state = tf.nn.dynamic_rnn(cell, steps, length, dtype=tf.float32)
            return outputs, _output_of(state)
        forward, backward = (make_cell(self.cell, self.n_hidden) for _ in range(2))
        outputs, states = tf.nn.bidirectional_dynamic_rnn(
            forward, backward, steps, length, dtype=tf.float32
        )
        return tf.concat(outputs, 2), tf.concat([_output_of(state) for state in states], 1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags


def _output_of(state: Any) -> Any:
    """What a cell gave last: an LSTM's state is a pair."""
    return getattr(state, "h", state)
