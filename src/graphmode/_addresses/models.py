"""What `graphmode.models` is made of."""

TABLE = {
    "graphmode.models.base": {
        "models": "Model",
    },
    "graphmode.models.linear": {
        "models": "LinearRegression LogisticRegression",
    },
    "graphmode.models.perceptron": {
        "models": "MLPClassifier",
    },
    "graphmode.models.saving": {
        "models": "load",
    },
}
