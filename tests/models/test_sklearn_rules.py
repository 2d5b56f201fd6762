"""Every model keeps scikit-learn's rules: its own checks, one test each."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from graphmode.models import LinearRegression, LogisticRegression, MLPClassifier

MODELS = [
    LinearRegression(max_iter=20, learning_rate=0.05),
    LogisticRegression(max_iter=20, learning_rate=0.05, batch_size=32),
    MLPClassifier(hidden=(16,), max_iter=20, learning_rate=0.01, batch_size=32),
]

# Checks that a model fails, each with the reason why that is right.
EXPECTED = {
    "LinearRegression": {"check_regressor_multioutput": "a network computes in float32"},
}


@pytest.mark.filterwarnings("ignore:.*X reaches:UserWarning")
@parametrize_with_checks(
    MODELS, expected_failed_checks=lambda m: EXPECTED.get(type(m).__name__, {})
)
def test_rule(estimator, check):
    check(estimator)
