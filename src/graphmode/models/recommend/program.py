"""The program of a recommender: what a batch of ratings fills, what it learns, what it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import graphmode as tf
from graphmode.models.network import Network
from graphmode.models.recommend.machine import Entries, SoftmaxMachine

LEAST_CHOICE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Program:
    """What the network of a recommender depends on.

    Parameters
    ----------
    n_columns : int
        Items of a user's row, or users of an item's.
    levels : ndarray, float32 [n_levels]
    functions : ndarray, float32 [n_levels, n_functions], or None
        Of the rating, by which its weights go; None where each step has its own.
    n_hidden : int
    conditional : bool
    k : int
        Steps of sampling.
    weight_decay : float
    relevant : float32
        The lowest rating of what is liked.
    """

    n_columns: int
    levels: np.ndarray
    functions: np.ndarray | None
    n_hidden: int
    conditional: bool
    k: int
    weight_decay: float
    relevant: np.float32

    def machine(self) -> SoftmaxMachine:
        """The variables, all zeros, in the default graph."""
        n_levels = len(self.levels)
        n_functions = n_levels if self.functions is None else self.functions.shape[1]
        with tf.variable_scope("rbm"):
            return SoftmaxMachine(
                weights=_zeros("weights", self.n_columns * n_functions, self.n_hidden),
                visible_bias=_zeros("visible_bias", self.n_columns * n_levels),
                hidden_bias=_zeros("hidden_bias", self.n_hidden),
                which=_zeros("which", self.n_columns, self.n_hidden) if self.conditional else None,
                n_columns=self.n_columns,
                n_levels=n_levels,
                functions=self.functions,
            )

    def network(self, rate: Any, step_of: Callable[[Any], Any]) -> Network:
        """The network in the default graph.

        Parameters
        ----------
        rate : Tensor, float scalar
            The learning rate.
        step_of : callable
            Makes the training step of what is to become small.
        """
        row, column, step = (tf.placeholder(tf.int32, [None], n) for n in ("row", "column", "step"))
        entries = Entries(row, column, step, tf.placeholder(tf.int32, [], "n_rows"))
        machine = self.machine()
        with tf.variable_scope("choice"):
            choice = _zeros("weights", self.n_columns, self.n_hidden, trainable=False)
            usual = _zeros("bias", self.n_columns, trainable=False)
        with tf.name_scope("hidden"):
            field = machine.field_of_given(entries) + machine.seen_beside(entries)
            hidden = tf.sigmoid(field)
        with tf.name_scope("contrastive_divergence"):
            fallen = machine.energy_fallen(entries, self.k) / tf.to_float(entries.n_rows)
            decayed = [machine.weights] if machine.which is None else [*machine[:1], machine.which]
            penalty = tf.add_n([tf.nn.l2_loss(weights) for weights in decayed])
            learning = step_of(fallen + self.weight_decay * penalty)
        with tf.name_scope("traits"):
            n_rated = entries.summed(entries.is_rating)
            traits = (field - machine.hidden_bias) * tf.rsqrt(1 + n_rated)
        # What is asked: single ratings, of those that were given where nothing else is said,
        asked_row, asked_column, asked_step = (
            tf.placeholder_with_default(given, [None], f"asked_{name}")
            for given, name in ((row, "row"), (column, "column"), (step, "step"))
        )
        levels = tf.constant(self.levels)
        with tf.name_scope("told_of_each"):
            chances = machine.chances(hidden, tf.maximum(asked_row, 0), asked_column)
            told_of_each = tf.reduce_sum(chances * levels, 1)
            is_asked = tf.to_float(asked_row >= 0)
            errors = is_asked * tf.squared_difference(tf.gather(levels, asked_step), told_of_each)
        # or all of some columns.
        columns = tf.placeholder_with_default(
            np.arange(self.n_columns, dtype=np.int32), [None], "columns"
        )
        relevant = tf.placeholder_with_default(self.relevant, [], "relevant")
        with tf.name_scope("told"):
            chances = machine.chances_in(hidden, columns)
            told = tf.reduce_sum(chances * levels, 2)
        with tf.name_scope("liked"):
            chosen = tf.matmul(traits, tf.gather(choice, columns), transpose_b=True)
            chosen = tf.maximum(chosen + tf.gather(usual, columns), LEAST_CHOICE)
            liked = chosen * tf.reduce_sum(chances * tf.to_float(levels >= relevant), 2)
        asked = {"asked_row": asked_row, "asked_column": asked_column, "asked_step": asked_step}
        return Network(
            inputs={
                **entries._asdict(),
                **asked,
                "columns": columns,
                "relevant": relevant,
                "hidden": hidden,
                "traits": traits,
            },
            outputs={
                "told": told,
                "hidden": hidden,
                "traits": traits,
                "liked": liked,
                "told_of_each": told_of_each,
            },
            measures={
                "loss": tf.reduce_sum(errors) / tf.maximum(tf.reduce_sum(is_asked), 1),
                "count": tf.reduce_sum(is_asked),
            },
            step=learning,
            learning_rate=rate,
        )


def _zeros(name: str, *shape: int, trainable: bool = True) -> Any:
    return tf.get_variable(
        name, list(shape), initializer=tf.zeros_initializer(), trainable=trainable
    )
