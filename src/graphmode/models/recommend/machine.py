"""A restricted Boltzmann machine whose visible units are ratings."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal

import numpy as np
import scipy.sparse
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode.models.base import Model
from graphmode.models.network import Network
from graphmode.models.optimizers import OptimizerName, training_step
from graphmode.models.parameters import Count, NotNegative, Positive, Rate, estimator
from graphmode.models.rbm.energy import bernoulli
from graphmode.models.recommend import metrics
from graphmode.models.recommend.baselines import BiasBaseline, pairs_of
from graphmode.models.recommend.batches import RatedBatches, entries_of, filled_up
from graphmode.models.recommend.ratings import (
    levels_of,
    on_scale,
    places_in,
    read_triples,
    within_scale,
)

_ROWS_ASKED = 200
_NUMBERS_AT_ONCE = 20_000_000
_SCORES_AT_ONCE = 10_000_000
_INTEREST_PENALTY = 30.0
_LEAST_INTEREST = 1e-6


@estimator
class RBMRecommender(Model):
    r"""Tells how users rate items, by a restricted Boltzmann machine with softmax visible units.

    A user is a row: each item rated is a visible unit with as many states as the scale has steps,
    each item not rated is absent. Hidden units say what kind of user it is:

    .. math:: p(h_j = 1 | V, r) = \sigma\left(c_j + \sum_{i\ \text{rated}} W_{i k_i j}
              + \sum_i r_i D_{ij}\right), \qquad
              p(v_{ik} = 1 | h) \propto \exp\left(b_{ik} + \sum_j W_{ikj} h_j\right)

    What is told is the mean of the scale under :math:`p(v_{ik} | h)`.

    Parameters
    ----------
    n_hidden : int
        Hidden units.
    orient : {"user", "item"}
        What is a row: a user with a visible unit an item; or an item with one a user, which
        tells ratings better and cannot be asked of a new user.
    conditional : bool
        Hidden units also see which items were rated, :math:`D`.
    k : int
        Steps of Gibbs sampling between a row and what it is compared with.
    momentum : float
        The share of the last step that goes on in the next, of the optimizer ``"sgd"``.
    weight_decay : float
        Weight of half the squared weights.
    decay : float
        What the learning rate is multiplied by in each epoch.

    Attributes
    ----------
    users_, items_ : ndarray
        Those that have ratings, rising.
    levels_ : ndarray, float32 [n_levels]
        The steps of the scale.

    Notes
    -----
    Salakhutdinov, Mnih and Hinton, "Restricted Boltzmann machines for collaborative filtering",
    ICML 2007; item orientation: Sedhain et al., "AutoRec", WWW 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from graphmode.models import RBMRecommender
    >>> pairs = [(user, film) for user in range(40) for film in range(6) if (user + film) % 5]
    >>> stars = [5 if (user % 2) == (film % 2) else 1 for user, film in pairs]
    >>> model = RBMRecommender(n_hidden=4, batch_size=5, max_iter=60, random_state=0)
    >>> model.fit(pairs, stars).recommend(users=[0], n=1)[0]
    array([[0]])
    """

    n_hidden: Count = 100
    orient: Literal["user", "item"] = "user"
    conditional: bool = True
    k: Count = 1
    momentum: Rate = 0.9
    weight_decay: NotNegative = 1e-3
    decay: Positive = 1.0
    max_iter: Count = 30
    learning_rate: Positive = 0.05
    optimizer: OptimizerName | Callable[..., Any] = "sgd"

    users_: np.ndarray = field(init=False)
    items_: np.ndarray = field(init=False)
    levels_: np.ndarray = field(init=False)

    # ---- reading ---------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None, *, validation: Any = None) -> RBMRecommender:
        """Learn from ratings.

        Parameters
        ----------
        X : array [n, 2] with `y`; array [n, 3]; data frame of three columns; sparse matrix; or Ratings
            Users and items; with ratings as the third column; a matrix of users and items in which
            0 is no rating; or what `graphmode.datasets.movielens_1m.load` gives.
        y : array, number [n], optional
        validation : as `X`, or pair of it and its `y`, optional
            Ratings that are measured after each epoch and not learned from; those of users and
            items that only they have are left out.

        Returns
        -------
        RBMRecommender
            Itself.
        """  # noqa: E501
        return super().fit(X, y, validation=validation)

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        owner = type(self).__name__
        users, items, ratings = read_triples(X, y, owner)
        if reset:
            self.users_, self.items_ = np.unique(users), np.unique(items)
            self.levels_ = levels_of(ratings, owner)
        units = self._placed(users, items, ratings)
        if reset:
            n_again = len(ratings) - self._n_pairs(units)
            if n_again:
                raise ValueError(
                    f"{owner}: {n_again} ratings are of a user and an item that have one already: "
                    "keep one of each"
                )
            self._known = units
            self._mean = float(ratings.mean())
        return {"x": units}

    def _read_validation(self, X: Any, y: Any) -> dict[str, Any]:
        owner = type(self).__name__
        users, items, ratings = read_triples(X, y, owner)
        is_known = np.isin(users, self.users_) & np.isin(items, self.items_)
        if not is_known.any():
            raise ValueError(f"{owner}: validation has no user and item that are learned from")
        return {"x": self._placed(users[is_known], items[is_known], ratings[is_known])}

    def _placed(self, users: Any, items: Any, ratings: Any) -> Any:
        """The visible units of ratings by users and items that are known."""
        owner = type(self).__name__
        rows = places_in(self.users_, users, "user", owner)
        columns = places_in(self.items_, items, "item", owner)
        return self._units(rows, columns, on_scale(ratings, self.levels_, owner))

    def _n_pairs(self, units: Any) -> int:
        """How many users and items the units that are on belong to."""
        units.sort_indices()
        columns = units.indices // len(self.levels_)
        is_again = columns[1:] == columns[:-1]
        starts = units.indptr[1:-1]
        is_again[starts[(starts > 0) & (starts < units.nnz)] - 1] = False
        return units.nnz - int(is_again.sum())

    def _fit_batches(self, source: Any, classes: Any, validation: Any, goes_on: bool) -> Any:
        raise TypeError(
            f"{type(self).__name__} learns from all ratings of a user together: give them as an "
            "array, a data frame or a sparse matrix, no batches"
        )

    def _units(self, users: Any, items: Any, steps: Any) -> Any:
        """Visible units that are on: a sparse row of each user, or of each item."""
        n_levels = len(self.levels_)
        sides = (users, items), (len(self.users_), len(self.items_))
        if self.orient == "item":
            sides = sides[0][::-1], sides[1][::-1]
        (rows, columns), (n_rows, n_columns) = sides
        return scipy.sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, columns * n_levels + steps)),
            (n_rows, n_columns * n_levels),
        )

    def _split(self, arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set `validation_fraction` of the ratings aside: all rows stay, with fewer units on."""
        units: Any = scipy.sparse.coo_matrix(arrays["x"])
        is_held = np.random.default_rng(self._seed).random(units.nnz) < self.validation_fraction
        parts = [
            scipy.sparse.csr_matrix(
                (units.data[chosen], (units.row[chosen], units.col[chosen])), units.shape
            )
            for chosen in (~is_held, is_held)
        ]
        self._known = parts[0]
        return {"x": parts[0]}, {"x": parts[1]}

    def _batches(self, arrays: dict[str, Any]) -> RatedBatches:
        n_levels = len(self.levels_)
        return RatedBatches(arrays["x"], n_levels, self.batch_size, self._seed, self.shuffle)

    def _held_out(self, arrays: dict[str, Any]) -> Any:
        """Rows as they are known, and beside them the units that are asked of."""
        return RatedBatches(self._known, len(self.levels_), self.batch_size, asked=arrays["x"])

    # ---- the machine -----------------------------------------------------------------------------

    def _rate_of(self, epoch: int) -> float:
        return self.learning_rate * self.decay**epoch

    def _build(self) -> Network:
        n_levels, n_columns = len(self.levels_), self._n_columns
        # An entry is a rating: its row in the batch, -1 where it only fills up, column and step.
        row, column, step = (tf.placeholder(tf.int32, [None], n) for n in ("row", "column", "step"))
        n_rows = tf.placeholder(tf.int32, [], "n_rows")
        levels = tf.constant(self.levels_)
        with tf.variable_scope("rbm"):
            shape = [n_columns * n_levels, self.n_hidden]
            small, zeros = tf.random_normal_initializer(stddev=0.01), tf.zeros_initializer()
            weights = tf.get_variable("weights", shape, initializer=small)
            visible_bias = tf.get_variable("visible_bias", initializer=self._first_bias())
            hidden_bias = tf.get_variable("hidden_bias", [self.n_hidden], initializer=zeros)
            which = None
            if self.conditional:
                shape = [n_columns, self.n_hidden]
                which = tf.get_variable("which", shape, initializer=zeros)
        with tf.variable_scope("interest"):
            shape = [n_columns, self.n_hidden]
            interest = tf.get_variable("weights", shape, initializer=zeros, trainable=False)
            usual = tf.get_variable("bias", [n_columns], initializer=zeros, trainable=False)
        with tf.name_scope("ratings"):
            by_column = tf.reshape(weights, [n_columns, n_levels, self.n_hidden])
            bias_by_column = tf.reshape(visible_bias, [n_columns, n_levels])
            own_weights = tf.gather(by_column, column)
            own_bias = tf.gather(bias_by_column, column)
            own_row, is_rating = tf.maximum(row, 0), tf.to_float(row >= 0)[:, tf.newaxis]
            rated = tf.one_hot(step, n_levels) * is_rating
            also: Any = hidden_bias
            if which is not None:
                also += tf.unsorted_segment_sum(tf.gather(which, column), row, n_rows)

        def field_of(units: Any) -> Any:
            told_by_each = tf.einsum("ek,ekh->eh", units, own_weights)
            return tf.unsorted_segment_sum(told_by_each, row, n_rows) + also

        def visible_given(hidden: Any) -> Any:
            of_each = tf.gather(hidden, own_row)
            return is_rating * tf.nn.softmax(
                tf.einsum("ekh,eh->ek", own_weights, of_each) + own_bias
            )

        def free_energy(units: Any) -> Any:
            return -tf.reduce_sum(units * own_bias) - tf.reduce_sum(tf.nn.softplus(field_of(units)))

        with tf.name_scope("hidden"):
            hidden = tf.sigmoid(field_of(rated))
        rate = self._rate_placeholder()
        with tf.name_scope("contrastive_divergence"):
            fantasy = rated
            for _ in range(self.k):
                fantasy = visible_given(bernoulli(tf.sigmoid(field_of(fantasy))))
            difference = free_energy(rated) - free_energy(tf.stop_gradient(fantasy))
            penalty = tf.nn.l2_loss(weights) + (0.0 if which is None else tf.nn.l2_loss(which))
            loss = difference / tf.to_float(n_rows) + self.weight_decay * penalty

        # What is asked: single ratings, of those that were given where nothing else is said,
        asked_row, asked_column, asked_step = (
            tf.placeholder_with_default(given, [None], f"asked_{name}")
            for given, name in ((row, "row"), (column, "column"), (step, "step"))
        )
        with tf.name_scope("told_of_each"):
            asked_hidden = tf.gather(hidden, tf.maximum(asked_row, 0))[:, tf.newaxis]
            asked_field = tf.reduce_sum(tf.gather(by_column, asked_column) * asked_hidden, 2)
            asked_field += tf.gather(bias_by_column, asked_column)
            told_of_each = tf.reduce_sum(tf.nn.softmax(asked_field) * levels, 1)
            is_asked = tf.to_float(asked_row >= 0)
            errors = is_asked * tf.squared_difference(tf.gather(levels, asked_step), told_of_each)
        # or all of some columns.
        columns = tf.placeholder_with_default(
            np.arange(n_columns, dtype=np.int32), [None], "columns"
        )
        relevant = tf.placeholder_with_default(self._relevant(), [], "relevant")
        with tf.name_scope("told"):
            some = tf.reshape(tf.gather(by_column, columns), [-1, self.n_hidden])
            fields = tf.reshape(tf.matmul(hidden, some, False, True), [n_rows, -1, n_levels])
            chances = tf.nn.softmax(fields + tf.gather(bias_by_column, columns))
            told = tf.reduce_sum(chances * levels, 2)
        with tf.name_scope("liked"):
            is_seen = tf.matmul(hidden, tf.gather(interest, columns), False, True)
            is_seen = tf.maximum(is_seen + tf.gather(usual, columns), _LEAST_INTEREST)
            liked = is_seen * tf.reduce_sum(chances * tf.to_float(levels >= relevant), 2)
        return Network(
            inputs={
                "row": row,
                "column": column,
                "step": step,
                "n_rows": n_rows,
                "asked_row": asked_row,
                "asked_column": asked_column,
                "asked_step": asked_step,
                "columns": columns,
                "relevant": relevant,
            },
            outputs={
                "told": told,
                "hidden": hidden,
                "liked": liked,
                "told_of_each": told_of_each,
            },
            measures={
                "loss": tf.reduce_sum(errors) / tf.maximum(tf.reduce_sum(is_asked), 1),
                "count": tf.reduce_sum(is_asked),
            },
            step=training_step(loss, self.optimizer, rate, momentum=self.momentum),
            learning_rate=rate,
        )

    @property
    def _n_columns(self) -> int:
        return len(self.items_ if self.orient == "user" else self.users_)

    def _relevant(self) -> np.float32:
        """The lowest rating that says that someone likes something: 4 of 5."""
        return np.float32(self.levels_[math.ceil(0.75 * (len(self.levels_) - 1))])

    def _signature(self) -> tuple[dict[str, Any], dict[str, Any]]:
        network = self.network_
        inputs = {name: network.inputs[name] for name in ("row", "column", "step", "n_rows")}
        return inputs, {name: network.outputs[name] for name in ("told", "hidden", "liked")}

    def _finish(self, arrays: dict[str, Any]) -> None:
        """Find who would rate what: of which columns a row has ratings, by its hidden units."""
        hidden = self._ask_rows("hidden", self._known).astype(np.float64)
        known, n_levels = self._known, len(self.levels_)
        has = scipy.sparse.csr_matrix(
            (known.data, known.indices // n_levels, known.indptr), (len(hidden), self._n_columns)
        )
        mean, usual = hidden.mean(0), np.asarray(has.mean(0)).ravel()
        apart = hidden - mean
        covariance = apart.T @ apart + _INTEREST_PENALTY * np.eye(self.n_hidden)
        weights = np.linalg.solve(covariance, (has.T @ apart).T).T
        values = {"interest/weights": weights, "interest/bias": usual - weights @ mean}
        with self.graph_.as_default():
            for variable in tf.global_variables():
                if variable.op.name in values:
                    variable.load(values[variable.op.name].astype(np.float32), self.session_)

    def _first_bias(self) -> np.ndarray:
        """The logarithms of how often each step was given to each column, a few of all added."""
        n_levels = len(self.levels_)
        counts = np.asarray(self._known.sum(0), np.float64).reshape(-1, n_levels)
        shares = counts + 2 * n_levels * counts.sum(0) / counts.sum()
        shares /= shares.sum(1, keepdims=True)
        return np.log(np.maximum(shares, 1e-6)).astype(np.float32).ravel()

    # ---- asking ----------------------------------------------------------------------------------

    def _ask_rows(
        self, output: str, units: Any, width: int | None = None, **fed: Any
    ) -> np.ndarray:
        """An output for sparse rows, some at a time, each by way of `width` numbers."""
        width = width or int(units.shape[1])
        size = max(1, min(_ROWS_ASKED, _NUMBERS_AT_ONCE // width, units.shape[0]))
        parts: list[np.ndarray] = []
        for start in range(0, units.shape[0], size):
            some = units[start : start + size]
            batch = entries_of(some, len(self.levels_), size) | fed
            found = self.network_.ask(self.session_, output, batch)
            parts.append(found[: some.shape[0]])
        return np.concatenate(parts)

    def _tell(self, units: Any, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The ratings of single columns by rows of units: float32 [n]."""
        size = min(_ROWS_ASKED, units.shape[0])
        order = np.argsort(rows, kind="stable")
        ends = np.searchsorted(rows[order], np.arange(0, units.shape[0] + size, size))
        told = np.empty(len(rows), np.float32)
        for start, (first, last) in zip(
            range(0, units.shape[0], size), itertools.pairwise(ends), strict=True
        ):
            pairs = order[first:last]
            batch = entries_of(units[start : start + size], len(self.levels_), size)
            batch["asked_row"] = filled_up(rows[pairs] - start, -1)
            batch["asked_column"] = filled_up(columns[pairs], 0)
            told[pairs] = self.network_.ask(self.session_, "told_of_each", batch)[: len(pairs)]
        return told

    def _pairs(self, X: Any, items: Any) -> tuple[np.ndarray, np.ndarray]:
        owner = type(self).__name__
        users, items = pairs_of(X, items)
        places = places_in(self.users_, users, "user", owner)
        columns = places_in(self.items_, items, "item", owner)
        return (places, columns) if self.orient == "user" else (columns, places)

    def predict(
        self,
        X: Any = None,
        items: Any = None,
        unknown: Literal["error", "mean"] = "error",
        *,
        ratings: Mapping[Any, float] | None = None,
    ) -> np.ndarray:
        """How users would rate items.

        Parameters
        ----------
        X : array [n, 2] of users and items, or users [n] where `items` are given
        items : array [n], optional
        unknown : {"error", "mean"}
            Whether users and items that had no rating are refused, or are told the mean of all.
        ratings : dict of item to rating, optional
            Of someone whom the model does not know, in place of `X`; needs ``orient="user"``.

        Returns
        -------
        array, float32 [n]

        Raises
        ------
        ValueError
            If a user or an item is not known; says which are near.
        """
        check_is_fitted(self, "session_")
        if ratings is not None:
            if X is not None or items is None:
                raise ValueError("predict(items=[...], ratings={item: rating}) has no X")
            units, _ = self._of_a_stranger(ratings)
            columns = places_in(self.items_, items, "item", type(self).__name__)
            return self._tell(units, np.zeros(len(columns), np.int64), columns)
        if unknown == "mean":
            users, items = pairs_of(X, items)
            is_known = np.isin(users, self.users_) & np.isin(items, self.items_)
            told = np.full(len(users), self._mean, np.float32)
            if is_known.any():
                told[is_known] = self.predict(users[is_known], items[is_known])
            return told
        rows, columns = self._pairs(X, items)
        asked, places = np.unique(rows, return_inverse=True)
        return self._tell(self._known[asked], places, columns)

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the root of the mean squared error: more is better.

        Users and items that are not known are told the mean of all ratings.

        Parameters
        ----------
        X : array [n, 2], or any form of ratings that `fit` takes
        y : array, number [n], optional

        Returns
        -------
        float
        """
        check_is_fitted(self, "session_")
        users, items, ratings = read_triples(X, y, type(self).__name__)
        within_scale(ratings, self.levels_, type(self).__name__)
        return -metrics.rmse(ratings, self.predict(users, items, unknown="mean"))

    def _scores(self, users: np.ndarray, rank_by: str, relevant: float | None = None) -> np.ndarray:
        """What items are ranked by for users, by their places: float32 [n_users, n_items]."""
        output, fed = self._ranking(rank_by, relevant)
        if self.orient == "user":
            return self._ask_rows(output, self._known[users], **fed)
        fed["columns"] = filled_up(users, 0)
        width = len(fed["columns"]) * len(self.levels_)
        return self._ask_rows(output, self._known, width, **fed)[:, : len(users)].T

    def _ranking(self, rank_by: str, relevant: float | None = None) -> tuple[str, dict[str, Any]]:
        """The output that items are ranked by, and what it needs."""
        if rank_by not in ("liked", "rating"):
            raise ValueError(f"rank_by={rank_by!r}: it must be 'liked' or 'rating'")
        if rank_by == "rating":
            return "told", {}
        return "liked", {} if relevant is None else {"relevant": np.float32(relevant)}

    def _is_seen(self, users: np.ndarray) -> np.ndarray:
        """Which items users have rated: bool [n_users, n_items]."""
        n_levels = len(self.levels_)
        if self.orient == "user":
            units = self._known[users].toarray()
            return units.reshape(len(users), -1, n_levels).any(2)
        columns = (users[:, np.newaxis] * n_levels + np.arange(n_levels)).ravel()
        units = self._known_by_column()[:, columns].toarray()
        return units.reshape(len(self.items_), len(users), n_levels).any(2).T

    def _known_by_column(self) -> Any:
        return scipy.sparse.csc_matrix(self._known)

    def recommend(
        self,
        users: Any = None,
        *,
        ratings: Mapping[Any, float] | None = None,
        n: int = 10,
        filter_seen: bool = True,
        rank_by: Literal["liked", "rating"] = "liked",
    ) -> tuple[np.ndarray, np.ndarray]:
        r"""The items that users would like best.

        By ``"liked"`` they are ranked by how probable it is that a user rates an item at all, and
        high: the product

        .. math:: \max(a_i + \sum_j R_{ij} h_j, \epsilon) \cdot
                  \sum_{k\ \text{high}} p(v_{ik} = 1 | h)

        of which the first factor is a ridge regression of what each user has rated on the hidden
        units, made when the model was fitted. By ``"rating"``: what they would rate highest once
        they had chosen it, which puts what few have rated, and loved, above what most like.

        Parameters
        ----------
        users : array [n_users], optional
            Users that the model knows.
        ratings : dict of item to rating, optional
            Of someone whom it does not know; needs ``orient="user"``.
        n : int
        filter_seen : bool
            Leave out what they have rated.
        rank_by : {"liked", "rating"}

        Returns
        -------
        items : array [n_users, n], or [n] for `ratings`
            The best first.
        scores : array, float32, of the same shape
            What they are ranked by: probabilities, or ratings. -inf stands beside what is only
            there to fill the row.

        Raises
        ------
        ValueError
            If a user, an item or a rating is not known, not one of `users` and `ratings` is
            given, or items cannot be ranked so.
        """
        check_is_fitted(self, "session_")
        if (users is None) == (ratings is None):
            raise ValueError(
                "recommend to whom? users=[...], or ratings={item: rating}: one of both"
            )
        if ratings is not None:
            units, seen = self._of_a_stranger(ratings)
            output, fed = self._ranking(rank_by)
            scores = self._ask_rows(output, units, **fed)
        else:
            places = places_in(self.users_, users, "user", type(self).__name__)
            scores, seen = self._scores(places, rank_by), self._is_seen(places)
        if filter_seen:
            scores = np.where(seen, -np.inf, scores)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :n]
        best = self.items_[order], np.take_along_axis(scores, order, 1)
        return best if users is not None else (best[0][0], best[1][0])

    def _of_a_stranger(self, ratings: Mapping[Any, float]) -> tuple[Any, np.ndarray]:
        """The visible units of someone's ratings, and which items have one."""
        owner = type(self).__name__
        if self.orient != "user":
            raise ValueError(
                f'{owner}(orient="item") knows only the users it was fitted to: new ones need '
                'orient="user"'
            )
        items = places_in(self.items_, list(ratings), "item", owner)
        steps = on_scale(np.array(list(ratings.values()), np.float32), self.levels_, owner)
        width = len(self.items_) * len(self.levels_)
        on = np.sort(items * len(self.levels_) + steps)
        units = scipy.sparse.csr_matrix(
            (np.ones(len(on), np.float32), on, [0, len(on)]), (1, width)
        )
        seen = np.zeros([1, len(self.items_)], bool)
        seen[0, items] = True
        return units, seen

    def similar_items(self, item: Any, n: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Items that say the same of who likes them: whose hidden units are alike.

        Parameters
        ----------
        item : Any
        n : int

        Returns
        -------
        items : array [n]
        cosines : array, float [n]

        Raises
        ------
        ValueError
            If the item is not known.
        """
        check_is_fitted(self, "session_")
        place = places_in(self.items_, [item], "item", type(self).__name__)[0]
        vectors = self._item_vectors()
        vectors -= vectors.mean(0)
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        cosines = unit @ unit[place]
        cosines[place] = -np.inf
        order = np.argsort(-cosines, kind="stable")[: min(n, len(cosines) - 1)]
        return self.items_[order], cosines[order]

    def _item_vectors(self) -> np.ndarray:
        if self.orient == "item":
            return self._ask_rows("hidden", self._known)
        weights = self._variables()["rbm/weights"].reshape(len(self.items_), len(self.levels_), -1)
        # How much more a good rating than a bad one turns each hidden unit on.
        slope = self.levels_ - self.levels_.mean()
        return np.einsum("ikj,k->ij", weights, slope)

    # ---- measuring -------------------------------------------------------------------------------

    def evaluate(
        self,
        X: Any,
        y: Any = None,
        k: int = 10,
        relevant: float | None = None,
        rank_by: Literal["liked", "rating"] = "liked",
    ) -> dict[str, Any]:
        """Measure ratings and rankings on ratings that were not learned from, baselines beside.

        For each user of them all items are ranked that the user has not rated before; those count
        as hits that the user then rated `relevant` or higher. Users and items that the model does
        not know are told the mean of all ratings, and are not ranked.

        Parameters
        ----------
        X : array [n, 2], or any form of ratings that `fit` takes
        y : array, number [n], optional
        k : int
            Items looked at of each ranking.
        relevant : float, optional
            The lowest rating of an item that was rightly recommended: 4 of 5 if not given, or as
            high on another scale.
        rank_by : {"liked", "rating"}
            As `recommend` has it.

        Returns
        -------
        dict
            ``rmse`` and ``mae`` over ratings; ``precision@k``, ``recall@k``, ``ndcg@k``, ``map@k``
            over users with a relevant item; ``coverage@k``, the share of all items that someone is
            recommended; the same of ``popularity``, and of ``bias`` for ratings; ``n_ratings``,
            ``n_users`` and ``n_items``, over which that is.

        Raises
        ------
        ValueError
            If a rating is outside the scale, or none is relevant.
        """
        check_is_fitted(self, "session_")
        owner = type(self).__name__
        users, items, ratings = read_triples(X, y, owner)
        within_scale(ratings, self.levels_, owner)
        told = self.predict(users, items, unknown="mean")
        rows, columns, learned = self._known_triples()
        bias = BiasBaseline().fit(np.stack([self.users_[rows], self.items_[columns]], 1), learned)
        guessed = bias.predict(users, items)
        found: dict[str, Any] = {
            "rmse": metrics.rmse(ratings, told),
            "mae": metrics.mae(ratings, told),
        }
        of_mean = metrics.rmse(ratings, np.full(len(ratings), bias.mean_))
        if found["rmse"] > of_mean:
            warnings.warn(
                f"{owner}: an error of {found['rmse']:.3f}; to tell everyone the mean is better, "
                f"{of_mean:.3f}: train longer, or lower learning_rate ({self.learning_rate:g})",
                UserWarning,
                stacklevel=2,
            )
        if relevant is None:
            relevant = float(self._relevant())
        ranked = self._rankings(users, items, ratings >= relevant, k, rank_by, relevant)
        found |= ranked.pop("model")
        return found | {
            "popularity": ranked.pop("popularity"),
            "bias": {"rmse": metrics.rmse(ratings, guessed), "mae": metrics.mae(ratings, guessed)},
            "relevant": relevant,
            "n_ratings": len(ratings),
            **ranked,
        }

    def _known_triples(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What was learned from: places of users and of items, and ratings."""
        units: Any = scipy.sparse.coo_matrix(self._known)
        columns, steps = np.divmod(units.col, len(self.levels_))
        pair = (units.row, columns) if self.orient == "user" else (columns, units.row)
        return (*pair, self.levels_[steps])

    def _rankings(
        self, users: Any, items: Any, is_liked: np.ndarray, k: int, rank_by: str, relevant: float
    ) -> dict[str, Any]:
        """Measures of the model's rankings and of the popular items', in one pass over users."""
        is_known = np.isin(users, self.users_) & np.isin(items, self.items_)
        rows = np.searchsorted(self.users_, users[is_known])
        columns = np.searchsorted(self.items_, items[is_known])
        is_liked = is_liked[is_known]
        liked = scipy.sparse.csr_matrix(
            (np.ones(int(is_liked.sum()), bool), (rows[is_liked], columns[is_liked])),
            (len(self.users_), len(self.items_)),
        )
        asked = np.flatnonzero(np.diff(liked.indptr))
        if not len(asked):
            raise ValueError(f"{type(self).__name__}: none of these ratings counts as relevant")
        counts = np.bincount(self._known_triples()[1], minlength=len(self.items_)).astype(float)
        k = min(k, len(self.items_))
        hits: dict[str, list[np.ndarray]] = {"model": [], "popularity": []}
        tops: dict[str, set[int]] = {"model": set(), "popularity": set()}
        size = _ROWS_ASKED
        if self.orient == "item":  # each pass goes over all rows, whatever users it is for
            size = max(size, _SCORES_AT_ONCE // len(self.items_))
        for start in range(0, len(asked), size):
            some = asked[start : start + size]
            seen, good = self._is_seen(some), liked[some].toarray()
            for name, scores in (
                ("model", self._scores(some, rank_by, relevant)),
                ("popularity", np.tile(counts, (len(some), 1))),
            ):
                top = np.argsort(-np.where(seen, -np.inf, scores), axis=1, kind="stable")[:, :k]
                hits[name].append(np.take_along_axis(good, top, 1))
                tops[name].update(np.unique(top).tolist())
        n_liked = np.diff(liked.indptr)[asked]
        return {
            name: metrics.ranking_metrics(np.concatenate(hits[name]), n_liked, k)
            | {f"coverage@{k}": len(tops[name]) / len(self.items_)}
            for name in hits
        } | {"n_users": len(asked), "n_items": len(self.items_)}
