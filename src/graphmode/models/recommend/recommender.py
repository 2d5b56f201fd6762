"""The recommender: a machine of ratings that is fitted, asked, and held against others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal

import numpy as np
import scipy.sparse
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode.models import training
from graphmode.models.base import Model
from graphmode.models.network import Network
from graphmode.models.notices import warn
from graphmode.models.optimizers import OptimizerName, training_step
from graphmode.models.parameters import Count, NotNegative, Positive, Rate, estimator
from graphmode.models.recommend import metrics
from graphmode.models.recommend.baselines import BiasBaseline, pairs_of
from graphmode.models.recommend.batches import (
    RatedBatches,
    dealt,
    entries_of,
    filled_up,
    length_for,
)
from graphmode.models.recommend.choice import fitted_choice
from graphmode.models.recommend.first_values import functions_of, random_sums, usual_bias
from graphmode.models.recommend.program import LEAST_CHOICE, Program
from graphmode.models.recommend.rankings import best, measured_rankings
from graphmode.models.recommend.ratings import (
    Triples,
    levels_of,
    on_scale,
    places_in,
    read_triples,
    within_scale,
)
from graphmode.models.recommend.strangers import Column, fitted_column
from graphmode.models.recommend.units import (
    n_pairs,
    parted,
    places_of,
    rated,
    units_of,
    with_newer,
)

_ROWS_ASKED = 200
_NUMBERS_AT_ONCE = 20_000_000
# The output of the network for each way to rank.
_RANKED_BY = {"liked": "liked", "rating": "told"}


@estimator
class RBMRecommender(Model):
    r"""Tells how users rate items, by a restricted Boltzmann machine with softmax visible units.

    An item is a row: each user who rated it is a visible unit with as many states as the scale has
    steps, the others are absent. Hidden units say what kind of item it is:

    .. math:: p(h_j = 1 | V, r) = \sigma\left(c_j + \sum_{u\ \text{rated}} W_{u k_u j}
              + \sum_u r_u D_{uj}\right), \qquad
              p(v_{uk} = 1 | h) \propto \exp\left(b_{uk} + \sum_j W_{ukj} h_j\right)

    What is told is the mean of the scale under :math:`p(v_{uk} | h)`. ``orient="user"`` has users
    for rows, and items for units.

    Parameters
    ----------
    n_hidden : int
        Hidden units.
    orient : {"item", "user"}
        What is a row: an item with a visible unit a user, which tells ratings and ranks items
        better; or a user with a unit an item, as in the paper. Who is new is a row more then;
        among items a column more, fitted when asked.
    degree : int or None
        Weights are a polynomial of this degree of the rating: a line, which takes fewer of them and
        tells better. None: each step has its own, as in the paper.
    conditional : bool
        Hidden units also see who has rated, whatever the rating: :math:`D`.
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

    n_hidden: Count = 200
    orient: Literal["item", "user"] = "item"
    degree: Count | None = 1
    conditional: bool = True
    k: Count = 1
    momentum: Rate = 0.9
    weight_decay: NotNegative = 2e-3
    decay: Positive = 0.75
    max_iter: Count = 6
    learning_rate: Positive = 0.2
    optimizer: OptimizerName | Callable[..., Any] = "sgd"

    users_: np.ndarray = field(init=False)
    items_: np.ndarray = field(init=False)
    levels_: np.ndarray = field(init=False)

    _set_aside = None

    # ---- reading ---------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None, *, validation: Any = None) -> RBMRecommender:
        """Learn from ratings.

        Parameters
        ----------
        X : array [n, 2] with `y`; array [n, 3]; data frame of three columns; sparse matrix; or Ratings
            Users and items; with ratings as the third column; a matrix of users and items in which
            0 is no rating; or what `graphmode.datasets.movielens_1m.load` gives. Or an iterable of
            batches in such forms, of pairs ``(X, y)`` where there is a `y`, or a function that
            gives one: it is gone through once, and a rating is kept in twelve bytes.
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
        n_again = len(ratings) - n_pairs(units, len(self.levels_))
        if n_again:
            raise ValueError(
                f"{owner}: {n_again} ratings are of a user and an item that have one already: "
                "keep one of each"
            )
        if reset:
            self._known, self._set_aside = units, None
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

    def _fit_batches(self, source: Any, classes: Any, validation: Any, goes_on: bool) -> Any:
        owner = type(self).__name__
        parts = [
            read_triples(*batch, owner) if isinstance(batch, tuple) and len(batch) == 2
            else read_triples(batch, None, owner)
            for batch in training.once_through(source)
        ]  # fmt: skip
        if not parts:
            raise ValueError(f"{owner}: there is no batch of ratings: the iterable is empty")
        together = Triples(*map(np.concatenate, zip(*parts, strict=True)))
        del parts
        return self.fit(together, validation=validation)

    def _units(self, users: Any, items: Any, steps: Any) -> Any:
        """Visible units that are on: a sparse row of each user, or of each item."""
        n_users, n_items = len(self.users_), len(self.items_)
        if self.orient == "item":
            return units_of(items, users, steps, (n_items, n_users), len(self.levels_))
        return units_of(users, items, steps, (n_users, n_items), len(self.levels_))

    def _split(self, arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set `validation_fraction` of the ratings aside: all rows stay, with fewer units on."""
        parts = parted(arrays["x"], self.validation_fraction, self._seed)
        self._known, self._set_aside = parts
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
        rate = self._rate_placeholder()
        program = Program(
            n_columns=self._n_columns,
            levels=self.levels_,
            functions=self._functions,
            n_hidden=self.n_hidden,
            conditional=self.conditional,
            k=self.k,
            weight_decay=self.weight_decay,
            relevant=self._relevant(),
        )
        return program.network(
            rate,
            lambda loss: training_step(loss, self.optimizer, rate, momentum=self.momentum),
        )

    def _start(self) -> None:
        super()._start()
        self._put(
            {
                "rbm/weights": random_sums(
                    self._known, self.levels_, self._functions, self.n_hidden, self._seed
                ),
                "rbm/visible_bias": usual_bias(*self._counts()).ravel(),
            }
        )

    def _put(self, values: Mapping[str, np.ndarray]) -> None:
        """Give some variables values."""
        with self.graph_.as_default():
            for variable in tf.global_variables():
                if variable.op.name in values:
                    variable.load(values[variable.op.name], self.session_)

    def _counts(self) -> tuple[np.ndarray, np.ndarray]:
        """How often each step was given, by column and in all."""
        counts = np.asarray(self._known.sum(0), np.float64).reshape(-1, len(self.levels_))
        return counts, counts.sum(0)

    @property
    def _functions(self) -> np.ndarray | None:
        return None if self.degree is None else functions_of(self.levels_, self.degree)

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
        """Find of which columns a row has ratings, by its traits; keep what rows of items are."""
        if arrays["x"] is not self._known:  # further ratings, by partial_fit or warm_start
            self._known = with_newer(self._known, arrays["x"], len(self.levels_))
        if self._set_aside is not None:  # it was not learned from, but has been rated
            self._known, self._set_aside = self._known + self._set_aside, None
        hidden, traits = self._ask_rows(["hidden", "traits"], self._known)
        choice = fitted_choice(traits, rated(self._known, len(self.levels_)))
        self._put({"choice/weights": choice.weights, "choice/bias": choice.bias})
        if self.orient == "item":
            self._of_items = hidden, traits
            weights = self._variables()["rbm/weights"]
            self._usual_weights = weights.reshape(len(self.users_), -1, self.n_hidden).mean(0)

    # ---- asking ----------------------------------------------------------------------------------

    def _ask_rows(self, outputs: list[str], units: Any, **fed: Any) -> list[np.ndarray]:
        """Outputs for sparse rows, some at a time."""
        if not units.shape[0]:  # the answers of a row without ratings, less that row
            empty = scipy.sparse.csr_matrix((1, units.shape[1]), dtype=np.float32)
            return [one[:0] for one in self._ask_rows(outputs, empty, **fed)]
        width = units.shape[1]
        if self.degree is not None and not {*outputs} & {*_RANKED_BY.values()}:
            width = self._n_columns * self.degree  # what is told needs all steps of a column
        size = max(1, min(_ROWS_ASKED, _NUMBERS_AT_ONCE // width, units.shape[0]))
        hands, n_entries = dealt(np.diff(units.indptr), size)
        n_entries = length_for(n_entries)
        found: list[np.ndarray] = []
        for hand in hands.T:
            rows = hand[hand >= 0]
            batch = entries_of(units[rows], len(self.levels_), size, n_entries=n_entries) | fed
            told = self.network_.ask_all(self.session_, outputs, batch)
            if not found:
                found = [np.empty((units.shape[0], *one.shape[1:]), one.dtype) for one in told]
            for whole, one in zip(found, told, strict=True):
                whole[rows] = one[: len(rows)]
        return found

    def _hidden_of(self, rows: np.ndarray) -> np.ndarray:
        """The hidden units of known rows: float32 [n, n_hidden]."""
        if self.orient == "item":
            return self._of_items[0][rows]
        return self._ask_rows(["hidden"], self._known[rows])[0]

    def _tell(self, hidden: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The ratings of single columns by rows of hidden units: float32 [n]."""
        if not len(rows):
            return np.empty(0, np.float32)
        width = self._n_columns * len(self.levels_)
        size = max(1, min(_ROWS_ASKED, _NUMBERS_AT_ONCE // width, len(hidden)))
        order = np.argsort(rows, kind="stable")
        starts = np.arange(0, len(hidden), size)
        ends = np.searchsorted(rows[order], np.append(starts, len(hidden)))
        n_asked = length_for(int(np.diff(ends).max()))
        told = np.empty(len(rows), np.float32)
        for start, first, last in zip(starts, ends[:-1], ends[1:], strict=True):
            pairs = order[first:last]
            batch = {
                "hidden": hidden[np.minimum(np.arange(start, start + size), len(hidden) - 1)],
                "asked_row": filled_up(rows[pairs] - start, -1, n_asked),
                "asked_column": filled_up(columns[pairs], 0, n_asked),
            }
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
            Of someone whom the model does not know, in place of `X`.

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
            places = places_in(self.items_, items, "item", type(self).__name__)
            return self._of_a_stranger(ratings, "rating")[0][places]
        if unknown == "mean":
            users, items = pairs_of(X, items)
            is_known = np.isin(users, self.users_) & np.isin(items, self.items_)
            told = np.full(len(users), self._mean, np.float32)
            if is_known.any():
                told[is_known] = self.predict(users[is_known], items[is_known])
            return told
        rows, columns = self._pairs(X, items)
        asked, places = np.unique(rows, return_inverse=True)
        return self._tell(self._hidden_of(asked), places, columns)

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
        output, fed = _RANKED_BY[rank_by], {}
        if relevant is not None:
            fed["relevant"] = np.float32(relevant)
        if self.orient == "user":
            return self._ask_rows([output], self._known[users], **fed)[0]
        fed["columns"] = filled_up(users, 0)
        size = max(1, _NUMBERS_AT_ONCE // (len(fed["columns"]) * len(self.levels_)))
        parts: list[np.ndarray] = []
        for start in range(0, len(self.items_), size):
            hidden, traits = (part[start : start + size] for part in self._of_items)
            batch = fed | {"hidden": hidden, "traits": traits}
            parts.append(self.network_.ask(self.session_, output, batch))
        return np.concatenate(parts)[:, : len(users)].T

    def _is_seen(self, users: np.ndarray) -> np.ndarray:
        """Which items users have rated: bool [n_users, n_items]."""
        has = rated(self._known, len(self.levels_))
        rows = has[users] if self.orient == "user" else has[:, users].T
        return rows.toarray().astype(bool)

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
            Of someone whom it does not know.
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
        _check_ranking(rank_by)
        if (users is None) == (ratings is None):
            raise ValueError(
                "recommend to whom? users=[...], or ratings={item: rating}: one of both"
            )
        if ratings is not None:
            scores, seen = self._of_a_stranger(ratings, rank_by)
            scores, seen = scores[np.newaxis], seen[np.newaxis]
        else:
            places = places_in(self.users_, users, "user", type(self).__name__)
            scores, seen = self._scores(places, rank_by), self._is_seen(places)
        if filter_seen:
            scores = np.where(seen, -np.inf, scores)
        order = best(scores, n)
        items, scores = self.items_[order], np.take_along_axis(scores, order, 1)
        return (items, scores) if users is not None else (items[0], scores[0])

    def _of_a_stranger(
        self, ratings: Mapping[Any, float], rank_by: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """What items are ranked by for someone new, and which were rated: [n_items] each."""
        owner = type(self).__name__
        items = places_in(self.items_, list(ratings), "item", owner)
        steps = on_scale(np.array(list(ratings.values()), np.float32), self.levels_, owner)
        seen = np.zeros(len(self.items_), bool)
        seen[items] = True
        if self.orient == "user":
            shape = 1, len(self.items_)
            units = units_of(np.zeros(len(items), int), items, steps, shape, len(self.levels_))
            return self._ask_rows([_RANKED_BY[rank_by]], units)[0][0], seen
        hidden, traits = self._of_items
        counts = np.bincount(steps, minlength=len(self.levels_))
        functions = self._functions
        usual = Column(
            self._usual_weights,
            np.eye(len(self.levels_)) if functions is None else functions,
            usual_bias(counts[np.newaxis], self._counts()[1])[0],
        )
        penalty = self.weight_decay * len(self.items_)  # which a known one's weights have
        chances = fitted_column(hidden[items], steps, usual, penalty).chances(hidden)
        if rank_by == "rating":
            return (chances @ self.levels_).astype(np.float32), seen
        choice = fitted_choice(traits, scipy.sparse.csr_matrix(seen[:, np.newaxis], dtype=float))
        chosen = (traits @ choice.weights.T + choice.bias)[:, 0]
        high = chances[:, self.levels_ >= self._relevant()].sum(1)
        return (np.maximum(chosen, LEAST_CHOICE) * high).astype(np.float32), seen

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
        order = best(cosines, min(n, len(cosines) - 1))
        return self.items_[order], cosines[order]

    def _item_vectors(self) -> np.ndarray:
        if self.orient == "item":
            return self._of_items[0].copy()
        weights = self._variables()["rbm/weights"].reshape(len(self.items_), -1, self.n_hidden)
        # How much more a good rating than a bad one turns each hidden unit on.
        slope = self.levels_ - self.levels_.mean()
        if (functions := self._functions) is not None:
            slope = slope @ functions
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
            warn(
                f"{owner}: an error of {found['rmse']:.3f}; to tell everyone the mean is better, "
                f"{of_mean:.3f}: train longer, or lower learning_rate ({self.learning_rate:g})"
            )
        if relevant is None:
            relevant = float(self._relevant())
        is_known = np.isin(users, self.users_) & np.isin(items, self.items_)
        is_liked = is_known & (ratings >= relevant)
        liked = scipy.sparse.csr_matrix(
            (
                np.ones(int(is_liked.sum()), bool),
                (
                    np.searchsorted(self.users_, users[is_liked]),
                    np.searchsorted(self.items_, items[is_liked]),
                ),
            ),
            (len(self.users_), len(self.items_)),
        )
        if not liked.nnz:
            raise ValueError(f"{owner}: none of these ratings counts as relevant")
        counts = np.bincount(columns, minlength=len(self.items_)).astype(float)
        ranked = measured_rankings(
            liked,
            self._is_seen,
            {
                "model": lambda some: self._scores(some, rank_by, relevant),
                "popularity": lambda some: np.tile(counts, (len(some), 1)),
            },
            k,
        )
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
        rows, columns, steps = places_of(self._known, len(self.levels_))
        pair = (rows, columns) if self.orient == "user" else (columns, rows)
        return (*pair, self.levels_[steps])


def _check_ranking(rank_by: str) -> None:
    if rank_by not in _RANKED_BY:
        raise ValueError(f"rank_by={rank_by!r}: it must be 'liked' or 'rating'")
