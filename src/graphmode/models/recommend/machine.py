r"""A restricted Boltzmann machine with softmax visible units, of which most are not there.

.. math:: p(h_j = 1 | V, r) = \sigma\left(c_j + \sum_{i\ \text{rated}} W_{i k_i j}
          + \sum_i r_i D_{ij}\right), \qquad
          p(v_{ik} = 1 | h) \propto \exp\left(b_{ik} + \sum_j W_{ikj} h_j\right)

The weights are :math:`W_{ikj} = \sum_q s_{kq} Z_{iqj}`, with few functions `s` of the rating, lines
and curves; or each step has its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import graphmode as tf
from graphmode.models.rbm.energy import bernoulli


class Entries(NamedTuple):
    """The ratings of a batch.

    Attributes
    ----------
    row, column, step : Tensor, int32 [n_entries]
        Of each rating; row -1 is none, and only fills up.
    n_rows : Tensor, int32 scalar
    """

    row: Any
    column: Any
    step: Any
    n_rows: Any

    @property
    def own_row(self) -> Any:
        """The row, 0 where there is none: int32 [n_entries]."""
        return tf.maximum(self.row, 0)

    @property
    def is_rating(self) -> Any:
        """1.0, 0.0 of what fills up: float32 [n_entries, 1]."""
        return tf.to_float(self.row >= 0)[:, tf.newaxis]

    def summed(self, values: Any) -> Any:
        """Sums of what each rating has, [n_entries, n], over those of a row: [n_rows, n]."""
        return tf.unsorted_segment_sum(values, self.row, self.n_rows)


class SoftmaxMachine(NamedTuple):
    """The machine's variables and what follows from them.

    Columns that a row has not rated take part in products as zeros: a processor multiplies matrices
    so much faster than it collects the weights of each entry that this is the shorter way, with one
    of twenty ratings known.

    Attributes
    ----------
    weights : Tensor, float32 [n_columns * n_functions, n_hidden]
        `Z`; or `W` itself, with as many functions as steps.
    visible_bias : Tensor, float32 [n_columns * n_levels]
    hidden_bias : Tensor, float32 [n_hidden]
    which : Tensor, float32 [n_columns, n_hidden], or None
        By what hidden units see which columns were rated.
    n_columns, n_levels : int
    functions : ndarray, float32 [n_levels, n_functions], or None
        `s`; None where each step has its own weights.
    """

    weights: Any
    visible_bias: Any
    hidden_bias: Any
    which: Any
    n_columns: int
    n_levels: int
    functions: np.ndarray | None

    @property
    def _n_functions(self) -> int:
        return self.n_levels if self.functions is None else self.functions.shape[1]

    def _of_steps(self, fields: Any) -> Any:
        """What the functions of a rating add up to for each step: [..., n_levels]."""
        if self.functions is None:
            return fields
        return tf.tensordot(fields, tf.constant(self.functions.T), 1)

    def seen_beside(self, entries: Entries) -> Any:
        """What hidden units know without the steps: float32 [n_rows, n_hidden], or [n_hidden]."""
        if self.which is None:
            return self.hidden_bias
        return self.hidden_bias + entries.summed(tf.gather(self.which, entries.column))

    def field_of_given(self, entries: Entries) -> Any:
        """What the ratings that were given ask hidden units to be: float32 [n_rows, n_hidden]."""
        if self.functions is not None:
            return self.field_of(tf.one_hot(entries.step, self.n_levels), entries)
        unit = entries.column * self.n_levels + entries.step
        return entries.summed(tf.gather(self.weights, unit))

    def field_of(self, chances: Any, entries: Entries) -> Any:
        """The same of units that are on by `chances`, [n_entries, n_levels]."""
        n, n_functions = entries.n_rows, self._n_functions
        values = chances * entries.is_rating
        if self.functions is not None:
            values = tf.matmul(values, tf.constant(self.functions))
        place = (entries.own_row * self.n_columns + entries.column)[:, tf.newaxis]
        units = tf.scatter_nd(place, values, [n * self.n_columns, n_functions])
        return tf.matmul(tf.reshape(units, [n, self.n_columns * n_functions]), self.weights)

    def chances(self, hidden: Any, row: Any, column: Any) -> Any:
        """The probability of each step, for single rows and columns: float32 [n, n_levels].

        Parameters
        ----------
        hidden : Tensor, float32 [n_rows, n_hidden]
        row, column : Tensor, int32 [n]
        """
        fields = tf.matmul(hidden, self.weights, transpose_b=True)
        fields = tf.reshape(fields, [-1, self._n_functions])
        own = self._of_steps(tf.gather(fields, row * self.n_columns + column))
        return tf.nn.softmax(own + tf.gather(self._bias_by_column(), column))

    def chances_in(self, hidden: Any, columns: Any) -> Any:
        """The same for all rows and some columns: float32 [n_rows, n, n_levels]."""
        n_functions = self._n_functions
        weights = tf.gather(tf.reshape(self.weights, [self.n_columns, n_functions, -1]), columns)
        weights = tf.reshape(weights, [-1, self.hidden_bias.shape.as_list()[0]])
        fields = tf.matmul(hidden, weights, transpose_b=True)
        fields = tf.reshape(fields, [tf.shape(hidden)[0], -1, n_functions])
        return tf.nn.softmax(self._of_steps(fields) + tf.gather(self._bias_by_column(), columns))

    def _bias_by_column(self) -> Any:
        return tf.reshape(self.visible_bias, [self.n_columns, self.n_levels])

    def energy_fallen(self, entries: Entries, k: int) -> Any:
        """Free energy of what was given less that of what `k` steps of sampling make of it.

        Contrastive divergence goes down this; a sum over rows, float32 scalar.
        """
        beside = self.seen_beside(entries)
        field = self.field_of_given(entries) + beside
        given = tf.one_hot(entries.step, self.n_levels)
        fantasy, fantasy_field = given, field
        for _ in range(k):
            hidden = bernoulli(tf.sigmoid(fantasy_field))
            fantasy = tf.stop_gradient(self.chances(hidden, entries.own_row, entries.column))
            fantasy_field = self.field_of(fantasy, entries) + beside
        bias = tf.gather(self._bias_by_column(), entries.column)
        biases = (fantasy - given) * entries.is_rating * bias
        fields = tf.nn.softplus(fantasy_field) - tf.nn.softplus(field)
        return tf.reduce_sum(biases) + tf.reduce_sum(fields)
