"""Every model of rows keeps scikit-learn's rules: its own checks, one test each.

The checks give every estimator arrays of numbers: models of texts, trees and ratings (the language
models, `Word2Vec`, `RNTN`, the recommender) have nothing to learn from those.
"""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from graphmode.models import (
    DBN,
    Autoencoder,
    BernoulliRBM,
    ConvClassifier,
    DBNClassifier,
    DenoisingAutoencoder,
    GaussianRBM,
    LinearRegression,
    LogisticRegression,
    LSTMClassifier,
    MLPClassifier,
    VariationalAutoencoder,
)

MODELS = [
    Autoencoder(layers=(6, 3), max_iter=3),
    DenoisingAutoencoder(layers=(6, 3), tied=True, max_iter=3),
    VariationalAutoencoder(layers=(6,), max_iter=3),
    BernoulliRBM(n_components=4, max_iter=3),
    DBN(hidden_layer_sizes=(4, 3), max_iter=2),
    DBNClassifier(hidden_layer_sizes=(8,), pretraining_iter=2, learning_rate=0.05, batch_size=32),
    GaussianRBM(n_components=4, max_iter=3, learning_rate=0.001),
    LinearRegression(max_iter=20, learning_rate=0.05),
    LogisticRegression(max_iter=20, learning_rate=0.05, batch_size=32),
    ConvClassifier(filters=(4,), kernel_size=3, dense=16, learning_rate=0.02, batch_size=32),
    LSTMClassifier(n_hidden=8, learning_rate=0.05, batch_size=32),
    MLPClassifier(hidden=(16,), max_iter=20, learning_rate=0.01, batch_size=32),
]

# Checks that a model fails, each with the reason why that is right.
ROUNDED = "float32: the last bit of a row's numbers depends on its place in the batch"
TWICE = "a row twice is in two batches, or two steps of rounding from one that counts twice"
BY_CHANCE = "score_samples flips a unit of each row by chance, as scikit-learn's own does"
WEIGHTED = {
    "check_sample_weight_equivalence_on_dense_data": TWICE,
    "check_sample_weight_equivalence_on_sparse_data": TWICE,
}
EXPECTED = {
    **dict.fromkeys(["ConvClassifier", "DBNClassifier", "LogisticRegression"], WEIGHTED),
    "MLPClassifier": WEIGHTED,
    "BernoulliRBM": {
        "check_methods_sample_order_invariance": BY_CHANCE,
        "check_methods_subset_invariance": BY_CHANCE,
    },
    "VariationalAutoencoder": {
        "check_methods_sample_order_invariance": "score_samples draws a code for each row",
        "check_methods_subset_invariance": "score_samples draws a code for each row",
    },
    "LSTMClassifier": {
        "check_methods_sample_order_invariance": ROUNDED,
        "check_methods_subset_invariance": ROUNDED,
        "check_sample_weight_equivalence_on_dense_data": TWICE,
    },
    "LinearRegression": {
        "check_regressor_multioutput": "a network computes in float32",
        **WEIGHTED,
    },
}
# A check that asks for 1000 epochs: of the quickest one, since all have the same code.
LONG = "check_class_weight_classifiers"
QUICK = ("LogisticRegression",)


@pytest.mark.filterwarnings(
    "ignore:.*(X reaches|value of X|hidden units are|numbers of the code|units of):UserWarning"
)
@parametrize_with_checks(
    MODELS, expected_failed_checks=lambda m: EXPECTED.get(type(m).__name__, {})
)
def test_rule(estimator, check):
    if check.func.__name__ == LONG and type(estimator).__name__ not in QUICK:
        pytest.skip("takes 1000 epochs")
    check(estimator)
