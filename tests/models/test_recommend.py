"""Recommenders: probabilities by hand, splits and measures, who is recommended what."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from scipy.special import expit, softmax
from sklearn.linear_model import Ridge

from graphmode.datasets.movielens import Films, Ratings, Users
from graphmode.models import RBMRecommender, load
from graphmode.models.recommend import (
    BiasBaseline,
    Popularity,
    leave_k_out,
    mae,
    ranking_metrics,
    rmse,
    split_by_time,
    split_per_user,
    split_random,
)
from graphmode.models.recommend.batches import RatedBatches, filled_up
from graphmode.models.recommend.first_values import functions_of, random_sums
from graphmode.models.recommend.strangers import Column, fitted_column


def taste(n_users=60, n_items=12, seed=0):
    """Users of two tastes, who rated two of three items: pairs and stars."""
    random = np.random.default_rng(seed)
    pairs = np.argwhere(random.random((n_users, n_items)) < 0.67)
    likes = (pairs[:, 0] % 2) == (pairs[:, 1] % 2)
    stars = np.where(likes, random.integers(4, 6, len(pairs)), random.integers(1, 4, len(pairs)))
    pairs += [100, 500]
    return pairs, stars


PAIRS, STARS = taste()
RANX = {
    10: {
        "precision@10": 0.10344827586206898,
        "recall@10": 0.20626710454296662,
        "ndcg@10": 0.1549898100434766,
        "map@10": 0.07096722660967324,
    },
    3: {
        "precision@3": 0.10344827586206896,
        "recall@3": 0.05826491516146688,
        "ndcg@3": 0.10171338899489941,
        "map@3": 0.034469074986316364,
    },
}
SPLIT = split_random(len(STARS), 0.2, seed=1)


def recommender(**parameters):
    return RBMRecommender(
        **{"n_hidden": 6, "batch_size": 10, "max_iter": 30, "decay": 0.95, "random_state": 0}
        | parameters
    )


@pytest.fixture(scope="module", params=["user", "item"])
def model(request):
    degree = None if request.param == "user" else 2
    model = recommender(orient=request.param, degree=degree)
    return model.fit(PAIRS[SPLIT.train], STARS[SPLIT.train])


def weights_of(model):
    """Of each column, step and hidden unit; polynomials by their values at the five steps."""
    values = model._variables()["rbm/weights"].reshape(model._n_columns, -1, 6)
    if model.orient == "user":
        return values
    # a line and a parabola that is orthogonal to it and to a constant
    functions = [np.array([-2, -1, 0, 1, 2]) / 10**0.5, np.array([2, -1, -2, -1, 2]) / 14**0.5]
    return np.einsum("qk,cqh->ckh", functions, values)


def test_what_is_told_is_the_mean_of_the_scale(model):
    """Softmax units, the hidden ones by what was rated and by which were, in NumPy."""
    values = {name.removeprefix("rbm/"): value for name, value in model._variables().items()}
    levels = np.array([1.0, 2, 3, 4, 5])
    np.testing.assert_array_equal(model.levels_, levels)
    rows, columns = (0, 1) if model.orient == "user" else (1, 0)
    one = PAIRS[SPLIT.train][5, rows]
    mine = PAIRS[SPLIT.train][:, rows] == one
    names = np.unique(PAIRS[SPLIT.train][:, columns])
    places = np.searchsorted(names, PAIRS[SPLIT.train][mine, columns])
    weights = weights_of(model)
    field = values["hidden_bias"] + values["which"][places].sum(0)
    field += weights[places, STARS[SPLIT.train][mine] - 1].sum(0)
    logits = weights @ expit(field) + values["visible_bias"].reshape(len(names), 5)
    expected = softmax(logits, axis=1) @ levels
    both = np.full(len(names), one), names
    asked = both if model.orient == "user" else both[::-1]
    np.testing.assert_allclose(model.predict(*asked), expected, rtol=1e-5)
    np.testing.assert_array_equal(model.predict(np.stack(asked, 1)), model.predict(*asked))


def test_it_tells_ratings_better_than_means(model):
    held = PAIRS[SPLIT.test], STARS[SPLIT.test]
    bias = BiasBaseline().fit(PAIRS[SPLIT.train], STARS[SPLIT.train])
    told = rmse(STARS[SPLIT.test], bias.predict(PAIRS[SPLIT.test]))
    # 0.72 to 0.76 and, of twelve rows alone, 0.96 to 1.05 over four seeds
    assert -model.score(*held) < (0.85 if model.orient == "user" else 1.1) < 0.8 * told


def test_recommendations_are_of_the_user_s_taste_and_not_seen(model):
    items, scores = model.recommend(users=[100, 101], n=2)
    assert items.shape == scores.shape == (2, 2)
    assert (np.diff(scores, axis=1) <= 0).all()
    for user, row in zip((100, 101), items, strict=True):
        seen = PAIRS[SPLIT.train][PAIRS[SPLIT.train][:, 0] == user, 1]
        assert not set(row) & set(seen)
    again, _ = model.recommend(users=[101], n=6, filter_seen=False)
    assert set(again[0] % 2) == {1}
    items, told = model.recommend(users=[100], n=2, rank_by="rating")
    np.testing.assert_allclose(told[0], model.predict(np.full(2, 100), items[0]), rtol=1e-6)
    with pytest.raises(ValueError, match="rank_by='stars': it must be 'liked' or 'rating'"):
        model.recommend(users=[100], rank_by="stars")


def test_items_are_ranked_by_the_chance_of_a_high_rating(model):
    """A ridge regression of who rated what on the traits, times the steps of 4 and 5."""
    rows, columns = (0, 1) if model.orient == "user" else (1, 0)
    train = PAIRS[SPLIT.train]
    names = [np.unique(train[:, side]) for side in (rows, columns)]
    has = np.zeros([len(name) for name in names])
    has[tuple(np.searchsorted(n, train[:, s]) for n, s in zip(names, (rows, columns)))] = 1  # noqa: B905
    stars = np.zeros(has.shape)
    stars[tuple(np.searchsorted(n, train[:, s]) for n, s in zip(names, (rows, columns)))] = (  # noqa: B905
        STARS[SPLIT.train]
    )
    values = model._variables()
    asked = np.einsum("rck,ckh->rh", stars[:, :, None] == np.arange(1, 6), weights_of(model))
    asked += has @ values["rbm/which"]
    hidden = expit(asked + values["rbm/hidden_bias"])
    traits = asked / np.sqrt(1 + has.sum(1, keepdims=True))
    ridge = Ridge(alpha=30).fit(traits, has)
    np.testing.assert_allclose(values["choice/weights"], ridge.coef_, atol=1e-4)
    np.testing.assert_allclose(values["choice/bias"], ridge.intercept_, atol=1e-4)
    logits = np.einsum("rh,ckh->rck", hidden, weights_of(model))
    logits += values["rbm/visible_bias"].reshape(-1, 5)
    liked = softmax(logits, axis=2)[:, :, 3:].sum(2)
    expected = liked * ridge.predict(traits)
    expected = expected if model.orient == "user" else expected.T
    users = [3, 0, 41]
    items, scores = model.recommend(users=model.users_[users], n=12, filter_seen=False)
    np.testing.assert_allclose(scores, -np.sort(-expected[users]), rtol=1e-3)
    np.testing.assert_array_equal(items, model.items_[np.argsort(-expected[users])])


def test_similar_items_are_of_the_same_taste(model):
    items, cosines = model.similar_items(503, n=5)
    assert set(items % 2) == {1}
    assert 503 not in items
    assert (np.diff(cosines) <= 0).all()


def test_a_stranger_is_recommended_by_ratings(model):
    rated = {500: 5, 501: 1, 502: 5, 503: 2}
    items, scores = model.recommend(ratings=rated, n=3)
    assert set(items % 2) == {0}
    assert items.shape == scores.shape == (3,)
    assert not set(items) & {500, 502}
    told = model.predict(items=model.items_, ratings=rated)
    assert told[model.items_ % 2 == 0].min() > told[model.items_ % 2 == 1].max()
    by_rating, stars = model.recommend(ratings=rated, n=3, rank_by="rating")
    np.testing.assert_allclose(stars, told[by_rating - 500], rtol=1e-5)
    with pytest.raises(ValueError, match="has no X"):
        model.predict([103], [500], ratings=rated)
    one = PAIRS[SPLIT.train][:, 0] == 103
    known = dict(zip(PAIRS[SPLIT.train][one, 1], STARS[SPLIT.train][one], strict=True))
    told = model.predict(items=model.items_, ratings=known)
    same = model.predict(np.full(12, 103), model.items_)
    if model.orient == "user":  # who then is a row as all others are
        np.testing.assert_allclose(told, same, rtol=1e-5)
    else:
        assert np.corrcoef(told, same)[0, 1] > 0.9


def test_a_stranger_s_weights_are_those_of_greatest_probability():
    """Beside Newton's method on the whole penalized likelihood, by differences."""
    random = np.random.default_rng(3)
    hidden, steps = random.random((7, 3)), np.array([0, 4, 4, 2, 1, 3, 4])
    functions = np.linalg.qr(np.vander(np.arange(5.0), 3, increasing=True))[0][:, 1:]
    usual = Column(random.normal(size=(2, 3)), functions, random.normal(size=5))
    found = fitted_column(hidden, steps, usual, penalty=0.7)

    def loss(weights):
        logits = hidden @ (functions @ weights).T + usual.bias
        told = np.log(softmax(logits, axis=1))[np.arange(7), steps].sum()
        return 0.35 * ((weights - usual.weights) ** 2).sum() - told

    least = loss(found.weights)
    for _ in range(20):
        assert loss(found.weights + 0.05 * random.normal(size=(2, 3))) > least
    few = fitted_column(hidden[:0], steps[:0], usual, penalty=0.7)
    np.testing.assert_array_equal(few.weights, usual.weights)


# ---- measuring -----------------------------------------------------------------------------------


def test_measures_are_ranx_s():
    """Precision, recall, NDCG and average precision, as ranx 0.3.21 gave them."""
    random = np.random.default_rng(7)
    scores, relevant = random.random((30, 40)), random.random((30, 40)) < 0.15
    relevant[3] = False
    top = np.argsort(-scores, axis=1)
    hits = np.take_along_axis(relevant, top, 1)
    for k, expected in RANX.items():
        assert ranking_metrics(hits, relevant.sum(1), k) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ValueError, match="40 items were ranked; the first 41 are asked of"):
        ranking_metrics(hits, relevant.sum(1), 41)
    with pytest.raises(ValueError, match="no user has a relevant item"):
        ranking_metrics(hits[:2], [0, 0], 3)


def test_all_unseen_items_are_ranked_and_what_is_tested_was_not_fed(model):
    held = PAIRS[SPLIT.test], STARS[SPLIT.test]
    assert model.evaluate(*held, k=3)["precision@3"] > 0.25  # by chance 0.14
    found = model.evaluate(*held, k=3, rank_by="rating")
    assert found["rmse"] == pytest.approx(-model.score(*held))
    assert found["mae"] == pytest.approx(mae(held[1], model.predict(held[0])))
    train = {tuple(pair) for pair in PAIRS[SPLIT.train].tolist()}
    precisions, recalls = [], []
    for user in np.unique(held[0][:, 0]):
        good = held[0][(held[0][:, 0] == user) & (held[1] >= 4), 1]
        if not len(good):
            continue
        unseen = np.array([i for i in model.items_ if (user, i) not in train])
        told = model.predict(np.full(len(unseen), user), unseen)
        best = unseen[np.argsort(-told, kind="stable")[:3]]
        precisions.append(np.isin(best, good).sum() / 3)
        recalls.append(np.isin(best, good).sum() / len(good))
    assert found["precision@3"] == pytest.approx(np.mean(precisions))
    assert found["recall@3"] == pytest.approx(np.mean(recalls))
    assert (found["n_users"], found["n_ratings"], found["n_items"]) == (
        len(precisions),
        len(SPLIT.test),
        12,
    )
    assert found["relevant"] == 4.0
    assert found["recall@3"] > found["popularity"]["recall@3"]
    assert found["rmse"] < found["bias"]["rmse"]


def test_a_model_that_is_worse_than_the_mean_is_warned_of():
    model = recommender(max_iter=20).fit(PAIRS[SPLIT.train], STARS[SPLIT.train])
    with pytest.warns(UserWarning, match=r"to tell everyone the mean is better, \d\.\d+: train"):
        model.evaluate(PAIRS[SPLIT.test], 6 - STARS[SPLIT.test])


def test_early_stopping_holds_ratings_out_of_all_rows_and_recommends_none_of_them():
    learned = []
    model = recommender(
        early_stopping=True, validation_fraction=0.2, n_iter_no_change=30,
        callbacks=(lambda model, epoch, measures: learned.append(model._known.nnz),),
    )  # fmt: skip
    model.fit(PAIRS, STARS)
    assert learned[-1] == pytest.approx(0.8 * len(STARS), rel=0.1)
    assert model.history_["val_loss"][-1] < 1.2
    items, scores = model.recommend(users=model.users_, n=3)
    given = [
        (user, item)
        for user, row, values in zip(model.users_, items, scores, strict=True)
        for item, value in zip(row, values, strict=True)
        if np.isfinite(value)
    ]
    assert given and not {*given} & {*map(tuple, PAIRS.tolist())}
    held = PAIRS[SPLIT.test], STARS[SPLIT.test]
    told = recommender(max_iter=3).fit(PAIRS[SPLIT.train], STARS[SPLIT.train], validation=held)
    assert told.history_["val_loss"][-1] ** 0.5 == pytest.approx(-told.score(*held), rel=1e-5)


def test_validation_leaves_out_whom_the_model_does_not_know():
    held = PAIRS[SPLIT.test], STARS[SPLIT.test]
    more = np.concatenate([held[0], [[10**6, PAIRS[0, 1]], [PAIRS[0, 0], 10**6]]])
    stars = np.concatenate([held[1], [1, 5]])
    alone, beside = (
        recommender(max_iter=2).fit(PAIRS[SPLIT.train], STARS[SPLIT.train], validation=validation)
        for validation in (held, (more, stars))
    )
    assert beside.history_["val_loss"] == alone.history_["val_loss"]
    with pytest.raises(ValueError, match="validation has no user and item that are learned from"):
        recommender(max_iter=2).fit(PAIRS, STARS, validation=(more[-2:], stars[-2:]))


# ---- splits, baselines ---------------------------------------------------------------------------


def test_splits():
    users = np.repeat([7, 8, 9], [10, 4, 1])
    random = split_random(15, 0.2, seed=3)
    assert (len(random.train), len(random.test)) == (12, 3)
    assert sorted([*random.train, *random.test]) == list(range(15))
    each = split_per_user(users, 0.25, seed=0)
    assert np.unique(users[each.test], return_counts=True)[1].tolist() == [2, 1]
    out = leave_k_out(users, 3, seed=0)
    assert np.unique(users[out.test], return_counts=True)[1].tolist() == [3, 3]
    assert (np.sort(np.concatenate(out)) == np.arange(15)).all()
    by_time = split_by_time([5, 1, 2, 9, 9, 3, 4, 0, 8, 7], 0.2)
    assert by_time.test.tolist() == [3, 4]
    assert split_by_time([1, 1, 1, 2, 2], 0.2).test.tolist() == [3, 4]


def test_baselines():
    pairs = [("a", "x"), ("a", "y"), ("b", "x")]
    bias = BiasBaseline(item_damping=1, user_damping=1).fit(pairs, [5, 2, 2])
    x, y = (2 - 1) / 3, -1 / 2
    a, b = (2 - x - 1 - y) / 3, (-1 - x) / 2
    asked = [("a", "x"), ("b", "y"), ("c", "y"), ("c", "z")]
    np.testing.assert_allclose(bias.predict(asked), [3 + x + a, 3 + y + b, 3 + y, 3])
    assert Popularity().fit(pairs, [5, 2, 2]).score_items(["y", "x"]).tolist() == [1, 2]


# ---- forms, folders, bad input -------------------------------------------------------------------


def test_ratings_come_in_any_form():
    triples = [*zip(PAIRS[:, 0].tolist(), PAIRS[:, 1].tolist(), STARS.tolist(), strict=True)]
    of_films = Ratings(
        PAIRS[:, 0], PAIRS[:, 1], STARS, np.zeros(len(STARS)), Films(*[()] * 3), Users(*[()] * 5)
    )
    model = recommender(max_iter=2)
    expected = model.fit(PAIRS, STARS).predict(PAIRS)
    for form in (triples, pd.DataFrame(triples), of_films):
        np.testing.assert_array_equal(model.fit(form).predict(PAIRS), expected)
    matrix = scipy.sparse.coo_matrix((STARS, (PAIRS[:, 0] - 100, PAIRS[:, 1] - 500)))
    np.testing.assert_array_equal(model.fit(matrix).predict(PAIRS - [100, 500]), expected)
    named = [(f"u{user:03}", f"film {item}") for user, item in PAIRS]
    assert model.fit(named, STARS).recommend(users=["u101"], n=1)[0][0, 0].startswith("film ")


def test_a_saved_recommender_is_the_same(tmp_path, model):
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    np.testing.assert_array_equal(loaded.predict(PAIRS), model.predict(PAIRS))
    np.testing.assert_array_equal(loaded.recommend(users=[100])[0], model.recommend(users=[100])[0])


@pytest.mark.parametrize("orient", ["user", "item"])
def test_further_ratings_are_known_and_take_the_place_of_older_ones(orient):
    model = recommender(orient=orient, max_iter=1).fit(PAIRS, STARS)
    user = PAIRS[0, 0]
    best, _ = model.recommend(users=[user], n=2)
    again = [tuple(PAIRS[0]), *((user, item) for item in best[0])]
    with pytest.raises(ValueError, match="1 ratings are of a user and an item that have one"):
        model.partial_fit([*again, again[0]], [1, 2, 3, 4])
    model.partial_fit(again, [6 - STARS[0], 1, 2])
    assert not {*best[0]} & {*model.recommend(users=[user], n=2)[0][0]}
    users, items, stars = model._known_triples()
    assert len(stars) == len(STARS) + 2
    known = dict(
        zip(zip(model.users_[users], model.items_[items], strict=True), stars, strict=True)
    )
    assert [known[pair] for pair in again] == [6 - STARS[0], 1, 2]


def test_of_nothing_nothing_is_told(model):
    assert model.predict(np.zeros((0, 2), int)).shape == (0,)
    assert [part.shape for part in model.recommend(users=[], n=3)] == [(0, 3), (0, 3)]


def test_a_folder_of_a_version_with_fewer_variables_is_said_to_be_one(tmp_path, monkeypatch):
    model = recommender(max_iter=1, conditional=False).fit(PAIRS, STARS)
    model.save(tmp_path / "m")
    card = (tmp_path / "m" / "model.json").read_text()
    (tmp_path / "m" / "model.json").write_text(
        card.replace('"conditional": false', '"conditional": true')
    )
    with pytest.raises(ValueError, match=r"RBMRecommender has no rbm/which, .*train it again"):
        load(tmp_path / "m")


def test_a_batch_is_as_long_as_few_programs_are():
    """Two lengths for each doubling; what fills up belongs to no row."""
    lengths = {len(filled_up(np.arange(n), -1)) for n in range(5000)}
    assert lengths == {64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144}
    units = scipy.sparse.csr_matrix(np.eye(9, 12, 3, dtype=np.float32))
    first, last = RatedBatches(units, 3, 5).epoch(0)
    assert (first["n_rows"], last["n_rows"]) == (5, 5)
    assert last["row"][:5].tolist() == [0, 1, 2, 3, -1]
    assert last["column"][:4].tolist() == [2, 3, 3, 3]
    assert last["step"][:4].tolist() == [2, 0, 1, 2]


def test_rows_are_dealt_so_that_batches_are_of_one_length():
    """Each row once an epoch, in another hand each time; no batch is longer than was said."""
    lengths = np.random.default_rng(5).geometric(0.02, 103)
    units = scipy.sparse.csr_matrix(
        (np.ones(lengths.sum(), np.float32), np.concatenate([*map(np.arange, lengths)]),
         np.append(0, np.cumsum(lengths)))
    )  # fmt: skip
    batches = RatedBatches(units, 1, 10, seed=2, shuffle=True)
    epochs = [list(batches.epoch(number)) for number in (0, 1, 1)]
    assert len({len(batch["row"]) for epoch in epochs for batch in epoch}) == 1
    for epoch in epochs:
        assert len(epoch) == batches.n_batches == 11
        n = [(batch["row"] >= 0).sum() for batch in epoch]
        assert sum(n) == units.nnz
        assert max(n) - min(n) <= lengths.max()
    first, second, again = ([batch["column"].tolist() for batch in epoch] for epoch in epochs)
    assert first != second == again


def test_weights_begin_as_random_sums_of_tastes():
    """Each unit is asked for by about 1, along what most users differ by."""
    model = recommender(orient="user", max_iter=1).fit(PAIRS, STARS)
    levels = model.levels_
    assert functions_of(levels, 9).shape == (5, 4)
    lines = functions_of(levels[[0, 4]], 2)
    np.testing.assert_allclose(lines, [[-(0.5**0.5)], [0.5**0.5]], rtol=1e-6)
    functions = functions_of(levels, 2)
    np.testing.assert_allclose(functions.T @ functions, np.eye(2), atol=1e-6)
    found = random_sums(model._known, levels, functions, 40, seed=1)
    by_step = random_sums(model._known, levels, None, 40, seed=1).reshape(12, 5, 40)
    np.testing.assert_allclose(
        np.einsum("kq,cqh->ckh", functions, found.reshape(12, 2, 40)), by_step, atol=1e-5
    )
    lines = by_step[:, 4] - by_step[:, 0]
    main = np.linalg.svd(lines)[0][:, 0]
    assert abs(main @ np.where(np.arange(12) % 2, 1, -1)) / 12**0.5 > 0.9
    asked = model._known @ by_step.reshape(60, 40)
    assert 0.5 < asked.std(0).mean() < 2


@pytest.mark.parametrize(
    "call, text",
    [
        (lambda m: m.fit([], []), "shape (0,); ratings are [n, 2] of user, item"),
        (lambda m: m.fit(np.empty([0, 2]), []), "there is no rating"),
        (lambda m: m.fit(PAIRS), "ratings are [n, 3] of user, item, rating"),
        (lambda m: m.fit(PAIRS, STARS[1:]), f"{len(STARS)} users, {len(STARS)} items, "),
        (lambda m: m.fit(PAIRS[:2], [3, np.nan]), "rating 1 (user 100) is nan"),
        (lambda m: m.fit(PAIRS[[0, 1, 0]], [1, 2, 1]), "1 ratings are of a user and an item that"),
        (
            lambda m: m.fit(PAIRS[:60], np.arange(60) / 7),
            "60 different ratings; they must be steps",
        ),
        (
            lambda m: m.partial_fit(PAIRS[:9], [6] * 9),
            "a rating of 6 is not on the scale 1, 2, 3, 4",
        ),
        (lambda m: m.score([[100, 500]], [6]), "a rating of 6 is outside the scale, 1 to 5"),
        (lambda m: m.evaluate([[100, 500]], [0.5]), "a rating of 0.5 is outside the scale, 1 to 5"),
        (lambda m: m.recommend(users=[9]), "there is no user 9 among 60"),
        (lambda m: m.predict([100], [5000]), "there is no item 5000 among 12. Near: 500"),
        (lambda m: m.similar_items("Alien"), "there is no item Alien among 12"),
        (lambda m: m.recommend(), "recommend to whom?"),
        (
            lambda m: m.recommend(ratings={500: 9}),
            "a rating of 9 is not on the scale 1, 2, 3, 4, 5",
        ),
    ],
)
def test_what_is_no_rating(call, text):
    model = recommender(max_iter=1).fit(PAIRS, STARS)
    with pytest.raises(ValueError) as raised:
        call(model)
    assert text in str(raised.value)


def test_two_ratings_of_a_user_and_an_item_are_refused_and_unknown_ones_not_measured():
    with pytest.raises(ValueError, match="1 ratings are of a user and an item that have one"):
        recommender(max_iter=1).fit(PAIRS[[0, 1, 2, 1]], [1, 2, 5, 3])
    known = PAIRS[:, 0] < 150
    model = recommender(max_iter=1).fit(PAIRS[known], STARS[known], validation=(PAIRS, STARS))
    same = recommender(max_iter=1).fit(
        PAIRS[known], STARS[known], validation=(PAIRS[known], STARS[known])
    )
    assert model.history_["val_loss"] == same.history_["val_loss"]


def test_what_a_table_of_ratings_lacks_is_said():
    frame = pd.DataFrame({"user": [1, 1], "item": [1, 2], "rating": [3, 4], "time": [0, 0]})
    with pytest.raises(
        ValueError, match="it needs the columns of user, item, rating, in this order"
    ):
        recommender().fit(frame)


def test_batches_of_ratings_are_learned_from_as_all_together():
    """A function, and a generator that gives its batches once; a user is in several of them."""
    expected = recommender(max_iter=2).fit(PAIRS, STARS).predict(PAIRS)
    triples = np.column_stack([PAIRS, STARS])
    parts = np.array_split(np.random.default_rng(0).permutation(len(STARS)), 7)
    for batches in (
        lambda: ((PAIRS[part], STARS[part]) for part in parts),
        (triples[part] for part in parts),
        (pd.DataFrame(triples[part]) for part in parts),
    ):
        found = recommender(max_iter=2).fit(batches, validation=(PAIRS, STARS))
        np.testing.assert_allclose(found.predict(PAIRS), expected, rtol=1e-5)
    with pytest.raises(ValueError, match="there is no batch of ratings"):
        recommender().fit(iter([]))
    with pytest.raises(ValueError, match="1 ratings are of a user and an item that have one"):
        recommender().fit(lambda: [(PAIRS, STARS), (PAIRS[:1], STARS[:1])])
